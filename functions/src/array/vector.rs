//! Arrays and sparse maps of numbers as vectors.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, Float64Array},
    datatypes::Float64Type,
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::{
    compare::keys::Ids,
    lists::{Lists, to_u32, union_of_nulls},
};
use crate::{
    Call, Fault, Function, Type,
    columns::{argument, on_arrays, primitive},
};

pub(crate) fn functions() -> Vec<Function> {
    const ARRAYS: &str = "(array(double), array(double)) -> double";
    const MAPS: &str = "(map(varchar, double), map(varchar, double)) -> double";
    vec![
        Function::scalar("dot_product", &[ARRAYS], dot_product, "The dot product of two vectors"),
        Function::scalar(
            "euclidean_distance",
            &[ARRAYS],
            euclidean_distance,
            "The distance between two points",
        ),
        Function::scalar(
            "cosine_similarity",
            &[MAPS, ARRAYS],
            |call, arguments, rows| cosine(call, arguments, rows, |similarity| similarity),
            "The cosine of the angle between two vectors, which may be sparse",
        ),
        Function::scalar(
            "cosine_distance",
            &[ARRAYS, MAPS],
            |call, arguments, rows| cosine(call, arguments, rows, |similarity| 1.0 - similarity),
            "1 less the cosine of the angle between two vectors, which may be sparse",
        ),
    ]
}

fn dot_product(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        by_pairs(arrays, |pairs| Ok(pairs.fold(0.0, |sum, (left, right)| sum + left * right)))
    })
}

fn euclidean_distance(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        by_pairs(arrays, |pairs| {
            let squares = pairs.fold(0.0, |sum, (left, right)| sum + (left - right) * (left - right));
            Ok(squares.sqrt())
        })
    })
}

fn cosine(
    call: &Call,
    arguments: &[ColumnarValue],
    rows: usize,
    result: impl Fn(f64) -> f64,
) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| match call.arguments.first() {
        Some(Type::Map(..)) => sparse_cosine(arrays, result),
        _ => by_pairs(arrays, |pairs| {
            let (mut dot, mut first, mut second) = (0.0, 0.0, 0.0);
            for (left, right) in pairs {
                first += left * left;
                second += right * right;
                dot += left * right;
            }
            if first == 0.0 || second == 0.0 {
                return Err(Fault::invalid_argument("Vector magnitude cannot be zero"));
            }
            Ok(result(dot / (first * second).sqrt()))
        }),
    })
}

/// A number of the pairs of elements of two arrays of the same length. As in Trino, a NULL counts as 0.
fn by_pairs(
    arrays: &[ArrayRef],
    number: impl Fn(&mut dyn Iterator<Item = (f64, f64)>) -> Result<f64, Fault>,
) -> EngineResult<ArrayRef> {
    let nulls = union_of_nulls(arrays);
    let left = Lists::of(argument(arrays, 0)?)?.with_nulls(nulls.as_ref())?;
    let right = Lists::of(argument(arrays, 1)?)?.with_nulls(nulls.as_ref())?;
    let (first, second) = (numbers(&left.items)?, numbers(&right.items)?);
    let of_row = |(row, (a, b)): (usize, (std::ops::Range<usize>, std::ops::Range<usize>))| {
        if left.is_null(row) {
            return Ok(None);
        }
        if a.len() != b.len() {
            return Err(Fault::invalid_argument("The arguments must have the same length"));
        }
        number(&mut first[a].iter().copied().zip(second[b].iter().copied())).map(Some)
    };
    let values = left.ranges().zip(right.ranges()).enumerate().map(of_row);
    Ok(Arc::new(values.collect::<Result<Float64Array, Fault>>()?))
}

fn numbers(items: &ArrayRef) -> EngineResult<Vec<f64>> {
    Ok(primitive::<Float64Type>(items)?.iter().map(Option::unwrap_or_default).collect())
}

fn sparse_cosine(arrays: &[ArrayRef], result: impl Fn(f64) -> f64) -> EngineResult<ArrayRef> {
    let nulls = union_of_nulls(arrays);
    let left = Lists::of_map(argument(arrays, 0)?)?.with_nulls(nulls.as_ref())?;
    let right = Lists::of_map(argument(arrays, 1)?)?.with_nulls(nulls.as_ref())?;
    let ((left_keys, left_values), (right_keys, right_values)) = (left.entries()?, right.entries()?);
    let ids = Ids::new(&[&left_keys, &right_keys], &Type::VARCHAR)?;
    let [left_ids, right_ids] = ids.of.as_slice() else {
        return Err(Fault::internal("ids of two arrays").into());
    };
    let (first, second) = (primitive::<Float64Type>(&left_values)?, primitive::<Float64Type>(&right_values)?);
    let norm = |values: &Float64Array, mut range: std::ops::Range<usize>| {
        let squares = range.try_fold(0.0, |sum, entry| {
            values.is_valid(entry).then(|| sum + values.value(entry) * values.value(entry))
        });
        squares.map(f64::sqrt)
    };
    let mut place = vec![0_u32; ids.bound];
    let values = left.ranges().zip(right.ranges()).enumerate().map(|(row, (a, b))| {
        if left.is_null(row) {
            return None;
        }
        let norms = (norm(first, a.clone())?, norm(second, b.clone())?);
        b.clone().for_each(|entry| place[right_ids[entry] as usize] = to_u32(entry));
        let mut dot = 0.0;
        for entry in a {
            let other = place[left_ids[entry] as usize] as usize;
            if b.contains(&other) && right_ids[other] == left_ids[entry] {
                dot += first.value(entry) * second.value(other);
            }
        }
        let similarity = dot / (norms.0 * norms.1);
        Some(if similarity.is_nan() { f64::NAN } else { result(similarity) })
    });
    Ok(Arc::new(values.collect::<Float64Array>()))
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn dot_product() {
        check(
            "dot_product",
            &[
                (&["array(double) [1.0,2.0]", "array(double) [3.0,4.0]"], "double 11.0"),
                (&["array(double) []", "array(double) []"], "double 0.0"),
                (&["array(double) [1.0,null]", "array(double) [3.0,4.0]"], "double 3.0"),
                (
                    &["array(double) [1.0]", "array(double) []"],
                    "error The arguments must have the same length",
                ),
                (&["array(double) NULL", "array(double) [1.0]"], "double NULL"),
            ],
        );
    }

    #[test]
    fn euclidean_distance() {
        check(
            "euclidean_distance",
            &[
                (&["array(double) [1.0,2.0]", "array(double) [4.0,6.0]"], "double 5.0"),
                (&["array(double) []", "array(double) []"], "double 0.0"),
            ],
        );
    }

    #[test]
    fn cosine() {
        check(
            "cosine_similarity",
            &[
                (&["array(double) [3.0,4.0]", "array(double) [6.0,8.0]"], "double 1.0"),
                (&["array(double) [1.0,0.0]", "array(double) [0.0,1.0]"], "double 0.0"),
                (&["array(double) [0.0]", "array(double) [1.0]"], "error Vector magnitude cannot be zero"),
                (
                    &[
                        "map(varchar, double) [[\"a\",1.0],[\"b\",2.0]]",
                        "map(varchar, double) [[\"b\",3.0],[\"c\",4.0]]",
                    ],
                    "double 0.5366563145999494",
                ),
                (
                    &["map(varchar, double) [[\"a\",null]]", "map(varchar, double) [[\"a\",3.0]]"],
                    "double NULL",
                ),
                (&["map(varchar, double) []", "map(varchar, double) [[\"a\",3.0]]"], "double NaN"),
                (&["map(varchar, double) NULL", "map(varchar, double) [[\"a\",3.0]]"], "double NULL"),
            ],
        );
        check("cosine_distance", &[(&["array(double) [1.0,0.0]", "array(double) [0.0,1.0]"], "double 1.0")]);
    }
}
