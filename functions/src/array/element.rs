//! One element of an array or map by its position or key, and how many there are.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, Int64Array, UInt32Array},
    compute::take,
    datatypes::Int64Type,
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::lists::{Lists, to_u32, union_of_nulls};
use crate::{
    Call, Fault, Function, Type,
    columns::{argument, lists, maps, on_arrays, primitive},
    map,
};

pub(crate) fn functions() -> Vec<Function> {
    vec![
        Function::scalar(
            "cardinality",
            &[
                "(array(T)) -> bigint",
                "(map(K, V)) -> bigint",
                "(HyperLogLog) -> bigint",
                "(SetDigest) -> bigint",
            ],
            cardinality,
            "The number of elements",
        ),
        Function::scalar(
            "element_at",
            &["(array(T), bigint) -> T", "(map(K, V), K) -> V"],
            element_at,
            "The element of an array at a position, from its end if negative, or the value of a map's key",
        ),
        Function::scalar(
            "$subscript",
            &["(array(T), bigint) -> T", "(map(K, V), K) -> V"],
            subscript,
            "The element of an array at a position, or the value of a map's key, which must exist",
        ),
        Function::scalar(
            "array_first",
            &["(array(T)) -> T", "(array(T), function(T, boolean)) -> T"],
            first,
            "The first element, or the first for which a lambda is true",
        ),
        Function::scalar("array_last", &["(array(T)) -> T"], last, "The last element"),
    ]
}

fn cardinality(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    if matches!(call.arguments.first(), Some(Type::HyperLogLog | Type::SetDigest)) {
        return crate::sketch::cardinality(call, arguments, rows);
    }
    on_arrays(arguments, rows, |arrays| {
        let array = argument(arrays, 0)?;
        let offsets = match call.arguments.first() {
            Some(Type::Map(..)) => maps(array)?.offsets(),
            _ => lists(array)?.offsets(),
        };
        let lengths = offsets.windows(2).map(|bounds| i64::from(bounds[1]) - i64::from(bounds[0]));
        Ok(Arc::new(Int64Array::new(lengths.collect(), array.nulls().cloned())))
    })
}

fn element_at(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| match call.arguments.first() {
        Some(Type::Map(key, _)) => map::lookup(arrays, is_constant(arguments), key, map::Missing::Null),
        _ => by_index(arrays, |length, index| match index {
            0 => Err(starts_at_one()),
            1.. => Ok(usize::try_from(index - 1).ok().filter(|position| *position < length)),
            _ => Ok(from_end(length, index)),
        }),
    })
}

fn subscript(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| match call.arguments.first() {
        Some(Type::Map(key, _)) => map::lookup(arrays, is_constant(arguments), key, map::Missing::Fault),
        _ => by_index(arrays, |length, index| match index {
            0 => Err(starts_at_one()),
            ..0 => Err(Fault::invalid_argument(format!("Array subscript is negative: {index}"))),
            _ => match usize::try_from(index - 1).ok().filter(|position| *position < length) {
                Some(position) => Ok(Some(position)),
                None => Err(Fault::invalid_argument(format!(
                    "Array subscript must be less than or equal to array length: {index} > {length}"
                ))),
            },
        }),
    })
}

/// True if the index or key is the same for all rows.
fn is_constant(arguments: &[ColumnarValue]) -> bool {
    matches!(arguments, [_, ColumnarValue::Scalar(_)])
}

pub(super) fn starts_at_one() -> Fault {
    Fault::invalid_argument("SQL array indices start at 1")
}

/// Position of a negative index.
fn from_end(length: usize, index: i64) -> Option<usize> {
    length.checked_sub(usize::try_from(index.unsigned_abs()).ok()?)
}

/// The elements that `position` tells from the length of the array and the index asked for.
fn by_index(
    arrays: &[ArrayRef],
    position: impl Fn(usize, i64) -> Result<Option<usize>, Fault>,
) -> EngineResult<ArrayRef> {
    let index = argument(arrays, 1)?;
    let indices = primitive::<Int64Type>(index)?;
    let nulls = union_of_nulls(arrays);
    let lists = lists(argument(arrays, 0)?)?;
    let element = |row: usize| -> Result<Option<u32>, Fault> {
        if nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
            return Ok(None);
        }
        let length = usize::try_from(lists.value_length(row)).unwrap_or_default();
        let start = usize::try_from(lists.value_offsets()[row]).unwrap_or_default();
        Ok(position(length, indices.value(row))?.map(|position| to_u32(start + position)))
    };
    let elements: UInt32Array = (0..index.len()).map(element).collect::<Result<_, _>>()?;
    Ok(take(lists.values(), &elements, None)?)
}

fn first(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let lists = Lists::of(argument(arrays, 0)?)?;
        let elements: UInt32Array =
            lists.ranges().map(|range| (!range.is_empty()).then(|| to_u32(range.start))).collect();
        Ok(take(&lists.items, &elements, None)?)
    })
}

fn last(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let lists = Lists::of(argument(arrays, 0)?)?;
        let elements: UInt32Array =
            lists.ranges().map(|range| (!range.is_empty()).then(|| to_u32(range.end - 1))).collect();
        Ok(take(&lists.items, &elements, None)?)
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn cardinality() {
        check(
            "cardinality",
            &[
                (&["array(bigint) [1,2]"], "bigint 2"),
                (&["array(bigint) []"], "bigint 0"),
                (&["array(array(bigint)) [[1,2],[3]]"], "bigint 2"),
                (&["array(bigint) NULL"], "bigint NULL"),
                (&["map(bigint, varchar) [[1,\"a\"],[2,null]]"], "bigint 2"),
                (&["map(bigint, varchar) NULL"], "bigint NULL"),
            ],
        );
    }

    #[test]
    fn element_at() {
        check(
            "element_at",
            &[
                (&["array(bigint) [1,2,3]", "bigint 1"], "bigint 1"),
                (&["array(bigint) [1,2,3]", "bigint -1"], "bigint 3"),
                (&["array(bigint) [1,2,3]", "bigint -3"], "bigint 1"),
                (&["array(bigint) [1,2,3]", "bigint 4"], "bigint NULL"),
                (&["array(bigint) [1,2,3]", "bigint -4"], "bigint NULL"),
                (&["array(bigint) [1,2,3]", "bigint 9223372036854775807"], "bigint NULL"),
                (&["array(bigint) [1,2,3]", "bigint -9223372036854775808"], "bigint NULL"),
                (&["array(varchar) [\"a\",null]", "bigint 2"], "varchar NULL"),
                (&["array(varchar) []", "bigint 1"], "varchar NULL"),
                (&["array(bigint) [1,2,3]", "bigint 0"], "error SQL array indices start at 1"),
                (&["array(bigint) []", "bigint 0"], "error SQL array indices start at 1"),
                (&["array(bigint) NULL", "bigint 0"], "bigint NULL"),
                (&["array(bigint) [1]", "bigint NULL"], "bigint NULL"),
                (&["array(array(bigint)) [[1],[2,3]]", "bigint 2"], "array(bigint) [2,3]"),
                (&["map(varchar, bigint) [[\"a\",1],[\"b\",null]]", "varchar 'a'"], "bigint 1"),
                (&["map(varchar, bigint) [[\"a\",1],[\"b\",null]]", "varchar 'b'"], "bigint NULL"),
                (&["map(varchar, bigint) [[\"a\",1]]", "varchar 'c'"], "bigint NULL"),
                (&["map(varchar, bigint) NULL", "varchar 'c'"], "bigint NULL"),
                (&["map(varchar, bigint) []", "varchar NULL"], "bigint NULL"),
                (&["map(double, bigint) [[0.0,1]]", "double -0.0"], "bigint 1"),
                (&["map(row(bigint, bigint), bigint) [[[1,2],1]]", "row(bigint, bigint) [1,2]"], "bigint 1"),
            ],
        );
    }

    #[test]
    fn subscript() {
        check(
            "$subscript",
            &[
                (&["array(bigint) [1,2,3]", "bigint 3"], "bigint 3"),
                (&["array(bigint) [1,null]", "bigint 2"], "bigint NULL"),
                (
                    &["array(bigint) [1,2,3]", "bigint 5"],
                    "error Array subscript must be less than or equal to array length: 5 > 3",
                ),
                (&["array(bigint) [1,2,3]", "bigint -1"], "error Array subscript is negative: -1"),
                (&["array(bigint) [1,2,3]", "bigint 0"], "error SQL array indices start at 1"),
                (&["array(bigint) NULL", "bigint 1"], "bigint NULL"),
                (&["map(varchar, bigint) [[\"a\",1]]", "varchar 'a'"], "bigint 1"),
                (&["map(varchar, bigint) [[\"a\",1]]", "varchar 'b'"], "error Key not present in map: b"),
                (&["map(varchar, bigint) []", "varchar 'b'"], "error Key not present in map: b"),
            ],
        );
    }

    #[test]
    fn first_and_last() {
        check(
            "array_first",
            &[
                (&["array(bigint) [1,2]"], "bigint 1"),
                (&["array(bigint) []"], "bigint NULL"),
                (&["array(bigint) NULL"], "bigint NULL"),
            ],
        );
        check(
            "array_last",
            &[
                (&["array(bigint) [1,2]"], "bigint 2"),
                (&["array(bigint) [1,null]"], "bigint NULL"),
                (&["array(bigint) []"], "bigint NULL"),
            ],
        );
    }
}
