//! Parts of arrays, and arrays in another order.

use std::hash::{BuildHasher, RandomState};

use arrow::datatypes::Int64Type;
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::{
    element::starts_at_one,
    lists::{Gather, Lists, union_of_nulls},
};
use crate::{
    Call, Fault, Function,
    columns::{argument, on_arrays, primitive},
};

pub(crate) fn functions() -> Vec<Function> {
    vec![
        Function::scalar(
            "slice",
            &["(array(T), bigint, bigint) -> array(T)"],
            slice,
            "So many elements from a position on, which counts from the end if negative",
        ),
        Function::scalar(
            "trim_array",
            &["(array(T), bigint) -> array(T)"],
            trim,
            "The array without so many elements at its end",
        ),
        Function::scalar("shuffle", &["(array(T)) -> array(T)"], shuffle, "The elements in a random order")
            .volatile(),
    ]
}

fn slice(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let lists = Lists::of(argument(arrays, 0)?)?.with_nulls(union_of_nulls(arrays).as_ref())?;
        let starts = primitive::<Int64Type>(argument(arrays, 1)?)?;
        let lengths = primitive::<Int64Type>(argument(arrays, 2)?)?;
        let mut kept = Gather::with_capacity(lists.len(), lists.items.len());
        for (row, range) in lists.ranges().enumerate() {
            if !lists.is_null(row) {
                let (start, length) = (starts.value(row), lengths.value(row));
                let part = part(range.len(), start, length)?;
                kept.extend(range.start + part.start..range.start + part.end);
            }
            kept.end_row()?;
        }
        kept.finish(&lists.items, lists.nulls.clone())
    })
}

/// Positions from `start`, which counts from 1 or from the end.
fn part(size: usize, start: i64, length: i64) -> Result<std::ops::Range<usize>, Fault> {
    if length < 0 {
        return Err(Fault::invalid_argument("length must be greater than or equal to 0"));
    }
    let distance = usize::try_from(start.unsigned_abs()).unwrap_or(usize::MAX);
    let first = match start {
        0 => return Err(starts_at_one()),
        1.. => distance - 1,
        _ => size.checked_sub(distance).unwrap_or(usize::MAX),
    };
    if first >= size {
        return Ok(0..0);
    }
    Ok(first..first.saturating_add(usize::try_from(length).unwrap_or(usize::MAX)).min(size))
}

fn trim(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let lists = Lists::of(argument(arrays, 0)?)?.with_nulls(union_of_nulls(arrays).as_ref())?;
        let sizes = primitive::<Int64Type>(argument(arrays, 1)?)?;
        let mut kept = Gather::with_capacity(lists.len(), lists.items.len());
        for (row, range) in lists.ranges().enumerate() {
            if !lists.is_null(row) {
                let size = sizes.value(row);
                if size < 0 {
                    let message = format!("size must not be negative: {size}");
                    return Err(Fault::invalid_argument(message).into());
                }
                let length = range.len();
                let left = usize::try_from(size).ok().and_then(|size| length.checked_sub(size));
                let left = left.ok_or_else(|| {
                    Fault::invalid_argument(format!(
                        "size must not exceed array cardinality {length}: {size}"
                    ))
                })?;
                kept.extend(range.start..range.start + left);
            }
            kept.end_row()?;
        }
        kept.finish(&lists.items, lists.nulls.clone())
    })
}

/// `reverse` of arrays. Registered with the functions on text.
pub(crate) fn reverse(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let lists = Lists::of(argument(arrays, 0)?)?;
        let mut reversed = Gather::with_capacity(lists.len(), lists.items.len());
        for range in lists.ranges() {
            range.rev().for_each(|item| reversed.push(item));
            reversed.end_row()?;
        }
        reversed.finish(&lists.items, lists.nulls.clone())
    })
}

fn shuffle(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let lists = Lists::of(argument(arrays, 0)?)?;
        let random = RandomState::new();
        let mut shuffled = Gather::with_capacity(lists.len(), lists.items.len());
        for range in lists.ranges() {
            shuffled.extend(range.clone());
            let items = &mut shuffled.indices[range.clone()];
            for place in (1..items.len()).rev() {
                // The hash of each position under a random key is as good as a random number.
                let number = random.hash_one(range.start + place);
                let other = (u128::from(number) * (place as u128 + 1)) >> u64::BITS;
                items.swap(place, usize::try_from(other).unwrap_or_default());
            }
            shuffled.end_row()?;
        }
        shuffled.finish(&lists.items, lists.nulls.clone())
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, AsArray, Int64Array};
    use datafusion::logical_expr::ColumnarValue;

    use crate::{
        Call,
        array::lists::{list_array, offsets},
        testing::{check, value},
    };

    #[test]
    fn slice() {
        check(
            "slice",
            &[
                (&["array(bigint) [1,2,3,4]", "bigint 2", "bigint 2"], "array(bigint) [2,3]"),
                (&["array(bigint) [1,2,3,4]", "bigint -2", "bigint 5"], "array(bigint) [3,4]"),
                (&["array(bigint) [1,2,3,4]", "bigint -4", "bigint 1"], "array(bigint) [1]"),
                (&["array(bigint) [1,2,3,4]", "bigint -5", "bigint 3"], "array(bigint) []"),
                (&["array(bigint) [1,2,3,4]", "bigint 5", "bigint 1"], "array(bigint) []"),
                (&["array(bigint) [1,2]", "bigint 1", "bigint 9223372036854775807"], "array(bigint) [1,2]"),
                (&["array(bigint) [1,2]", "bigint -9223372036854775808", "bigint 1"], "array(bigint) []"),
                (&["array(bigint) [1,2]", "bigint 1", "bigint 0"], "array(bigint) []"),
                (&["array(bigint) []", "bigint 1", "bigint 1"], "array(bigint) []"),
                (&["array(bigint) [1]", "bigint 0", "bigint 1"], "error SQL array indices start at 1"),
                (
                    &["array(bigint) [1]", "bigint 1", "bigint -1"],
                    "error length must be greater than or equal to 0",
                ),
                (&["array(bigint) NULL", "bigint 0", "bigint 1"], "array(bigint) NULL"),
                (&["array(bigint) [1]", "bigint NULL", "bigint 1"], "array(bigint) NULL"),
            ],
        );
    }

    #[test]
    fn trim_array() {
        check(
            "trim_array",
            &[
                (&["array(bigint) [1,2,3]", "bigint 1"], "array(bigint) [1,2]"),
                (&["array(bigint) [1,2,3]", "bigint 3"], "array(bigint) []"),
                (&["array(bigint) [1,null]", "bigint 0"], "array(bigint) [1,null]"),
                (&["array(bigint) [1,2,3]", "bigint 4"], "error size must not exceed array cardinality 3: 4"),
                (&["array(bigint) [1]", "bigint -1"], "error size must not be negative: -1"),
                (&["array(bigint) NULL", "bigint 1"], "array(bigint) NULL"),
            ],
        );
    }

    #[test]
    fn reverse() {
        for (given, expected) in [
            ("array(bigint) [1,null,3]", "array(bigint) [3,null,1]"),
            ("array(bigint) []", "array(bigint) []"),
            ("array(bigint) NULL", "array(bigint) NULL"),
        ] {
            let (of, array) = value(given);
            let call = Call::new(vec![of.clone()], of);
            let result = super::reverse(&call, &[ColumnarValue::Array(array)], 1).unwrap();
            assert_eq!(result.into_array(1).unwrap().as_ref(), value(expected).1.as_ref());
        }
    }

    #[test]
    fn shuffled_arrays_keep_their_elements() {
        let items: ArrayRef = Arc::new(Int64Array::from((0..200).collect::<Vec<_>>()));
        let array = list_array(items, offsets([150, 50].into_iter()).unwrap(), None).unwrap();
        let call = Call::new(Vec::new(), crate::Type::Unknown);
        let result = super::shuffle(&call, &[ColumnarValue::Array(Arc::clone(&array))], 2).unwrap();
        let result = result.into_array(2).unwrap();
        assert_ne!(result.as_ref(), array.as_ref());
        let mut first: Vec<i64> =
            result.as_list::<i32>().value(0).as_primitive::<super::Int64Type>().values().to_vec();
        first.sort_unstable();
        assert_eq!(first, (0..150).collect::<Vec<_>>());
    }
}
