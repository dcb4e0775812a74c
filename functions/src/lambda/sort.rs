//! `array_sort` with a comparator.
//!
//! All arrays of a batch are sorted in step: each says which two elements it must compare next, and the
//! comparator is evaluated on all these pairs at once.

mod insertion;
mod merge;

use std::cmp::Ordering;

use arrow::{
    array::{Array, ArrayRef, AsArray, UInt32Array},
    compute::take,
    datatypes::{DataType, Int8Type, Int16Type, Int32Type, Int64Type},
};
use datafusion::common::Result as EngineResult;

use super::call::{Invocation, Lambda, Rules, function, item_of, type_at};
use crate::{
    Fault, Function,
    array::lists::{Gather, Lists, to_u32},
};

/// Arrays shorter than this are sorted by insertion, as in Java, whose order of elements that a comparator
/// contradicts itself about is then the same.
const INSERTION_LENGTH_MAX: usize = 32;

pub(super) fn functions() -> Vec<Function> {
    vec![function(
        "$array_sort_by",
        &["(array(T), function(T, T, integer)) -> array(T)"],
        Rules {
            parameters: |values| {
                let item = item_of(type_at(values, 0)?)?;
                Ok(vec![vec![item.clone(), item.clone()]])
            },
            returns: |values, _| type_at(values, 0).cloned(),
            invoke: sort,
        },
        "The elements in the order of a comparator that returns -1, 0 or 1",
    )]
}

fn sort(call: &Invocation) -> EngineResult<ArrayRef> {
    let lists = Lists::of(&call.array(0)?)?;
    let comparator = Comparator { lambda: call.lambda(0)?, items: &lists.items };
    let mut sorted: Vec<u32> = (0..to_u32(lists.items.len())).collect();
    let (mut short, mut long) = (Vec::new(), Vec::new());
    for (row, range) in lists.ranges().enumerate() {
        match range.len() {
            0 | 1 => {}
            length if length < INSERTION_LENGTH_MAX => short.push((row, range)),
            _ => long.push((row, range)),
        }
    }
    insertion::sort(&comparator, &mut sorted, short)?;
    merge::sort(&comparator, &mut sorted, &long)?;
    let sorted = Gather { indices: sorted, offsets: lists.offsets.to_vec() };
    sorted.finish(&lists.items, lists.nulls)
}

/// Two items to compare, and the row they are of.
#[derive(Debug, Clone, Copy)]
struct Pair {
    left: u32,
    right: u32,
    row: u32,
}

struct Comparator<'a> {
    lambda: &'a Lambda,
    items: &'a ArrayRef,
}

impl Comparator<'_> {
    fn compare(&self, pairs: &[Pair]) -> EngineResult<Vec<Ordering>> {
        let column = |of: fn(&Pair) -> u32| pairs.iter().map(|pair| Some(of(pair))).collect::<UInt32Array>();
        let left = take(self.items, &column(|pair| pair.left), None)?;
        let right = take(self.items, &column(|pair| pair.right), None)?;
        let answers = self.lambda.evaluate_for(&[left, right], &column(|pair| pair.row))?;
        orderings(&answers)
    }
}

fn orderings(answers: &ArrayRef) -> EngineResult<Vec<Ordering>> {
    let numbers: Vec<Option<i64>> = match answers.data_type() {
        DataType::Int8 => answers.as_primitive::<Int8Type>().iter().map(|n| n.map(i64::from)).collect(),
        DataType::Int16 => answers.as_primitive::<Int16Type>().iter().map(|n| n.map(i64::from)).collect(),
        DataType::Int32 => answers.as_primitive::<Int32Type>().iter().map(|n| n.map(i64::from)).collect(),
        DataType::Int64 => answers.as_primitive::<Int64Type>().iter().collect(),
        _ => vec![None; answers.len()],
    };
    let ordering = |number: Option<i64>| match number {
        Some(-1) => Ok(Ordering::Less),
        Some(0) => Ok(Ordering::Equal),
        Some(1) => Ok(Ordering::Greater),
        _ => Err(Fault::invalid_argument("Lambda comparator must return either -1, 0, or 1")),
    };
    Ok(numbers.into_iter().map(ordering).collect::<Result<_, _>>()?)
}

/// The comparator contradicts itself.
fn violation() -> Fault {
    Fault::invalid_argument("Lambda comparator violates the comparator contract")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use datafusion::logical_expr::{Expr, lambda, lambda_var, lit, when};

    use crate::lambda::testing::{Table, call, col};

    fn sorted_by(comparator: Expr) -> Expr {
        call("$array_sort_by", vec![col("a"), lambda(["x", "y"], comparator)])
    }

    /// `IF(x < y, 1, IF(x = y, 0, -1))`
    fn descending() -> Expr {
        let (x, y) = (lambda_var("x"), lambda_var("y"));
        when(x.clone().lt(y.clone()), lit(1_i32)).when(x.eq(y), lit(0_i32)).otherwise(lit(-1_i32)).unwrap()
    }

    #[test]
    fn comparators() {
        let table = Table::new(&[
            (
                "a",
                &[
                    "array(bigint) [3,2,5,1,2]",
                    "array(bigint) NULL",
                    "array(bigint) []",
                    "array(bigint) [7]",
                    "array(bigint) [1,2,3,4]",
                    "array(bigint) [4,3,2,1]",
                ],
            ),
            ("b", &["bigint 1", "bigint 1", "bigint 1", "bigint 1", "bigint -1", "bigint -1"]),
        ]);
        let (x, y) = (lambda_var("x"), lambda_var("y"));
        table.check(
            sorted_by(descending()),
            &[
                "array(bigint) [5,3,2,2,1]",
                "array(bigint) NULL",
                "array(bigint) []",
                "array(bigint) [7]",
                "array(bigint) [4,3,2,1]",
                "array(bigint) [4,3,2,1]",
            ],
        );
        // Ascending or descending by a captured column; never 0.
        let by_column =
            when((x.clone() * col("b")).lt(y.clone() * col("b")), lit(-1_i32)).otherwise(lit(1_i32));
        table.check(
            sorted_by(by_column.unwrap()),
            &[
                "array(bigint) [1,2,2,3,5]",
                "array(bigint) NULL",
                "array(bigint) []",
                "array(bigint) [7]",
                "array(bigint) [4,3,2,1]",
                "array(bigint) [4,3,2,1]",
            ],
        );
        table.check_error(sorted_by(lit(2_i32)), "Lambda comparator must return either -1, 0, or 1");
        let null = lit(datafusion::common::ScalarValue::Int32(None));
        table.check_error(sorted_by(null), "Lambda comparator must return either -1, 0, or 1");
    }

    #[test]
    fn nulls_reach_the_comparator() {
        let table = Table::new(&[("a", &["array(bigint) [3,null,5,null]"])]);
        let (x, y) = (lambda_var("x"), lambda_var("y"));
        let nulls_first = when(x.clone().is_null().and(y.clone().is_null()), lit(0_i32))
            .when(x.clone().is_null(), lit(-1_i32))
            .when(y.clone().is_null(), lit(1_i32))
            .when(x.clone().lt(y.clone()), lit(1_i32))
            .when(x.eq(y), lit(0_i32))
            .otherwise(lit(-1_i32));
        table.check(sorted_by(nulls_first.unwrap()), &["array(bigint) [null,null,5,3]"]);
    }

    #[test]
    fn long_arrays() {
        let scattered = |count: i64| (0..count).map(move |n| n * 7919 % 101).collect::<Vec<_>>();
        let (mut texts, mut expected) = (Vec::new(), Vec::new());
        for count in [31, 32, 33, 100, 257] {
            let mut numbers = scattered(count);
            texts.push(format!("array(bigint) {numbers:?}"));
            numbers.sort_unstable_by(|a, b| b.cmp(a));
            expected.push(format!("array(bigint) {numbers:?}"));
        }
        let table = Table::new(&[("a", &texts.iter().map(String::as_str).collect::<Vec<_>>())]);
        table.check(sorted_by(descending()), &expected.iter().map(String::as_str).collect::<Vec<_>>());
        // Equal numbers are the same, so a comparator may contradict itself about them.
        let (x, y) = (lambda_var("x"), lambda_var("y"));
        let never_zero = when(x.lt(y), lit(1_i32)).otherwise(lit(-1_i32)).unwrap();
        table.check(sorted_by(never_zero), &expected.iter().map(String::as_str).collect::<Vec<_>>());
        table.check_error(sorted_by(lit(-1_i32)), "violates the comparator contract");
    }
}
