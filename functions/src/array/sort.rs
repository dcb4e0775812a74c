//! Arrays in the order of their elements.

use std::{cmp::Ordering, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, UInt32Array},
    compute::take,
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::{
    compare::{
        equal, is_nested,
        keys::{Keys, Purpose, check_orderable, with_keys},
        order, order_by,
    },
    lists::{Gather, Lists, item_type, to_u32},
};
use crate::{
    Call, Fault, Function, Type,
    columns::{argument, on_arrays},
};

pub(crate) fn functions() -> Vec<Function> {
    vec![
        Function::scalar(
            "array_sort",
            &["(array(T)) -> array(T)", "(array(T), function(T, T, integer)) -> array(T)"],
            sort,
            "The elements in ascending order, NULL last, or in the order of a comparator",
        ),
        Function::scalar(
            "array_max",
            &["(array(T)) -> T"],
            |call, arguments, rows| extreme(call, arguments, rows, Ordering::Greater),
            "The largest element; NULL if there is a NULL",
        ),
        Function::scalar(
            "array_min",
            &["(array(T)) -> T"],
            |call, arguments, rows| extreme(call, arguments, rows, Ordering::Less),
            "The smallest element; NULL if there is a NULL",
        ),
    ]
}

fn sort(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let lists = Lists::of(argument(arrays, 0)?)?;
        let item = item_type(call, 0)?;
        check_orderable(item)?;
        let keys = Keys::new(&[&lists.items], item, Purpose::Order)?;
        let sorted = with_keys!(&keys, |at| sorted(&lists, |index| at(0, index)))?;
        if is_nested(item) {
            refuse_deciding_nulls(&lists, &sorted.indices, item)?;
        }
        sorted.finish(&lists.items, lists.nulls.clone())
    })
}

/// Equal elements keep their order.
fn sorted<K: Ord>(lists: &Lists, key: impl Fn(usize) -> K) -> Result<Gather, Fault> {
    let nulls = lists.items.logical_nulls();
    let is_null = |index: &usize| nulls.as_ref().is_some_and(|nulls| nulls.is_null(*index));
    let mut sorted = Gather::with_capacity(lists.len(), lists.items.len());
    let mut keyed: Vec<(K, u32)> = Vec::new();
    for range in lists.ranges() {
        keyed.clear();
        let values = range.clone().filter(|index| !is_null(index));
        keyed.extend(values.map(|index| (key(index), to_u32(index))));
        keyed.sort_unstable();
        sorted.indices.extend(keyed.iter().map(|(_, index)| index));
        range.filter(is_null).for_each(|index| sorted.push(index));
        sorted.end_row()?;
    }
    Ok(sorted)
}

/// Any sort compares neighbours of its result, so a NULL that decides an order decides it between neighbours.
fn refuse_deciding_nulls(lists: &Lists, sorted: &[u32], item: &Type) -> EngineResult<()> {
    if equal(&lists.items, &lists.items, item)?.null_count() == lists.items.logical_null_count() {
        return Ok(());
    }
    let neighbours = lists.ranges().flat_map(|range| (range.start..range.end.max(1) - 1).take(range.len()));
    let (first, second): (Vec<u32>, Vec<u32>) =
        neighbours.map(|place| (sorted[place], sorted[place + 1])).unzip();
    let first = take(&lists.items, &UInt32Array::from(first), None)?;
    let second = take(&lists.items, &UInt32Array::from(second), None)?;
    order(&first, &second, item).map(drop)
}

fn extreme(
    call: &Call,
    arguments: &[ColumnarValue],
    rows: usize,
    wanted: Ordering,
) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let lists = Lists::of(argument(arrays, 0)?)?;
        let item = item_type(call, 0)?;
        check_orderable(item)?;
        if is_nested(item) {
            return nested_extreme(&lists, item, wanted);
        }
        let keys = Keys::new(&[&lists.items], item, Purpose::Order)?;
        // NaN is above all numbers, but is the largest only if there is nothing else.
        let numbers = match item {
            Type::Real | Type::Double => Some(equal(&lists.items, &lists.items, item)?),
            _ => None,
        };
        let is_number = |index: usize| numbers.as_ref().is_none_or(|numbers| numbers.value(index));
        let found = with_keys!(&keys, |at| {
            found(&lists, |left, right| {
                let is_better = at(0, left).cmp(&at(0, right)) == wanted;
                Ok(if is_number(left) { is_better || !is_number(right) } else { false })
            })
        })?;
        Ok(take(&lists.items, &found, None)?)
    })
}

/// The item of each list that is better than all before it and not worse than any after it.
fn found(lists: &Lists, is_better: impl Fn(usize, usize) -> EngineResult<bool>) -> EngineResult<UInt32Array> {
    let nulls = lists.items.logical_nulls();
    let has_null = |range: &std::ops::Range<usize>| {
        nulls.as_ref().is_some_and(|nulls| nulls.slice(range.start, range.len()).null_count() > 0)
    };
    let best = |range: std::ops::Range<usize>| -> EngineResult<Option<u32>> {
        if range.is_empty() || has_null(&range) {
            return Ok(None);
        }
        let mut best = range.start;
        for index in range.skip(1) {
            if is_better(index, best)? {
                best = index;
            }
        }
        Ok(Some(to_u32(best)))
    };
    lists.ranges().map(best).collect()
}

/// Compares one pair at a time, so that a NULL is refused only where it decides.
fn nested_extreme(lists: &Lists, item: &Type, wanted: Ordering) -> EngineResult<ArrayRef> {
    let items = &lists.items;
    let purpose = match wanted {
        Ordering::Greater => Purpose::OrderNanFirst,
        _ => Purpose::Order,
    };
    if equal(items, items, item)?.null_count() == items.logical_null_count() {
        let keys = Keys::new(&[items], item, purpose)?;
        let found = with_keys!(&keys, |at| {
            found(lists, |left, right| Ok(at(0, left).cmp(&at(0, right)) == wanted))
        })?;
        return Ok(take(items, &found, None)?);
    }
    let found = found(lists, |left, right| {
        let answer = order_by(&items.slice(left, 1), &items.slice(right, 1), item, purpose)?;
        Ok(answer.first() == Some(&Some(wanted)))
    })?;
    Ok(Arc::clone(&take(items, &found, None)?))
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn array_sort() {
        check(
            "array_sort",
            &[
                (&["array(bigint) [3,null,-1,2,null]"], "array(bigint) [-1,2,3,null,null]"),
                (&["array(bigint) []"], "array(bigint) []"),
                (&["array(bigint) NULL"], "array(bigint) NULL"),
                (&["array(unknown) [null,null]"], "array(unknown) [null,null]"),
                (
                    &["array(varchar) [\"b\",\"\",\"é\",\"a\",\"B\"]"],
                    "array(varchar) [\"\",\"B\",\"a\",\"b\",\"é\"]",
                ),
                (
                    &["array(double) [\"NaN\",1.5,null,\"Infinity\",-2.0,\"-Infinity\"]"],
                    "array(double) [\"-Infinity\",-2.0,1.5,\"Infinity\",\"NaN\",null]",
                ),
                (&["array(decimal(5,2)) [1.50,-0.25,1.25]"], "array(decimal(5,2)) [-0.25,1.25,1.50]"),
                (&["array(boolean) [true,false,true]"], "array(boolean) [false,true,true]"),
                (
                    &["array(timestamp(3) with time zone) [8193,4098,4097]"],
                    "array(timestamp(3) with time zone) [4098,4097,8193]",
                ),
                (&["array(array(bigint)) [[2],[1,5],[1],[]]"], "array(array(bigint)) [[],[1],[1,5],[2]]"),
                (&["array(array(bigint)) [[2,null],[1],null]"], "array(array(bigint)) [[1],[2,null],null]"),
                (&["array(array(bigint)) [[1,null],[3],[1,2]]"], "error ARRAY comparison not supported"),
                (
                    &["array(row(bigint, bigint)) [[2,1],[1,null]]"],
                    "array(row(bigint, bigint)) [[1,null],[2,1]]",
                ),
                (&["array(row(bigint, bigint)) [[1,1],[1,null]]"], "error ROW comparison not supported"),
                (&["array(map(bigint, bigint)) []"], "error not orderable"),
            ],
        );
    }

    #[test]
    fn array_max() {
        check(
            "array_max",
            &[
                (&["array(bigint) [3,-1,7]"], "bigint 7"),
                (&["array(bigint) [3,null]"], "bigint NULL"),
                (&["array(bigint) []"], "bigint NULL"),
                (&["array(bigint) NULL"], "bigint NULL"),
                (&["array(unknown) [null]"], "unknown NULL"),
                (&["array(double) [\"NaN\",2.0,\"NaN\",3.0]"], "double 3.0"),
                (&["array(double) [\"NaN\",\"NaN\"]"], "double NaN"),
                (&["array(varchar) [\"a\",\"b\"]"], "varchar 'b'"),
                (&["array(array(bigint)) [[1],[1,2]]"], "array(bigint) [1,2]"),
                (&["array(array(bigint)) [[1,null],[1,2]]"], "error ARRAY comparison not supported"),
                (&["array(array(bigint)) [[1,null],[2,2]]"], "array(bigint) [2,2]"),
                (&["array(row(double)) [[\"NaN\"],[2.0],[3.0]]"], "row(double) [3.0]"),
                (&["array(array(real)) [[2.0],[\"NaN\"]]"], "array(real) [2.0]"),
                (&["array(row(double)) [[\"NaN\"],[\"NaN\"]]"], "row(double) [\"NaN\"]"),
            ],
        );
    }

    #[test]
    fn array_min() {
        check(
            "array_min",
            &[
                (&["array(bigint) [3,-1,7]"], "bigint -1"),
                (&["array(bigint) [null,3]"], "bigint NULL"),
                (&["array(double) [\"NaN\",2.0,3.0]"], "double 2.0"),
                (&["array(real) [2.0,\"NaN\"]"], "real 2.0"),
                (&["array(date) [\"2020-01-02\",\"2020-01-01\"]"], "date '2020-01-01'"),
            ],
        );
    }
}
