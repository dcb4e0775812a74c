//! Arrays made of elements and of other arrays.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, StructArray, UInt32Array, new_empty_array},
    buffer::{NullBuffer, OffsetBuffer},
    compute::{interleave, take},
    datatypes::DataType,
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::lists::{Lists, list_array, offsets, to_offset, to_u32, to_usize, union_of_nulls};
use crate::{
    Call, Fault, Function, Type,
    columns::{argument, on_arrays},
};

pub(crate) fn functions() -> Vec<Function> {
    vec![
        Function::scalar(
            "$array",
            &["(T...) -> array(T)", "() -> array(unknown)"],
            construct,
            "An array of values",
        )
        .with_nulls(),
        Function::scalar(
            "flatten",
            &["(array(array(T))) -> array(T)"],
            flatten,
            "The elements of the arrays in an array",
        ),
        Function::scalar(
            "zip",
            &[
                "(array(T1), array(T2)) -> array(row(T1, T2))",
                "(array(T1), array(T2), array(T3)) -> array(row(T1, T2, T3))",
                "(array(T1), array(T2), array(T3), array(T4)) -> array(row(T1, T2, T3, T4))",
                "(array(T1), array(T2), array(T3), array(T4), array(T5)) -> array(row(T1, T2, T3, T4, T5))",
            ],
            zip,
            "Rows of the elements at the same position; the shorter arrays are filled with NULL",
        ),
    ]
}

fn construct(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let Some(first) = arrays.first() else {
            let DataType::List(item) = call.returns.arrow() else {
                return Err(Fault::internal("an array that is not one").into());
            };
            return list_array(new_empty_array(item.data_type()), OffsetBuffer::new_zeroed(rows), None);
        };
        let rows = first.len();
        let offsets = offsets(std::iter::repeat_n(arrays.len(), rows))?;
        if let [only] = arrays {
            return list_array(Arc::clone(only), offsets, None);
        }
        let cells: Vec<_> =
            (0..rows).flat_map(|row| (0..arrays.len()).map(move |column| (column, row))).collect();
        let columns: Vec<&dyn Array> = arrays.iter().map(AsRef::as_ref).collect();
        list_array(interleave(&columns, &cells)?, offsets, None)
    })
}

/// `concat` of arrays, and of an array and an element. Registered with the functions on text.
pub(crate) fn concat(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let nulls = union_of_nulls(arrays);
        let parts = call.arguments.iter().zip(arrays).map(|(of, array)| match *of == call.returns {
            true => Lists::of(array)?.with_nulls(nulls.as_ref()),
            false => one_each(array, nulls.as_ref()),
        });
        let parts = parts.collect::<EngineResult<Vec<_>>>()?;
        if let [only] = parts.as_slice() {
            return list_array(Arc::clone(&only.items), only.offsets.clone(), only.nulls.clone());
        }
        let rows = parts.first().map_or(0, Lists::len);
        let mut items = Vec::with_capacity(parts.iter().map(|part| part.items.len()).sum());
        let mut offsets = Vec::with_capacity(rows + 1);
        offsets.push(0);
        for row in 0..rows {
            for (index, part) in parts.iter().enumerate() {
                items.extend(part.range(row).map(|item| (index, item)));
            }
            offsets.push(to_offset(items.len())?);
        }
        let columns: Vec<&dyn Array> = parts.iter().map(|part| part.items.as_ref()).collect();
        list_array(interleave(&columns, &items)?, OffsetBuffer::new(offsets.into()), nulls)
    })
}

/// Arrays of one element, and none where `nulls` says so.
fn one_each(array: &ArrayRef, nulls: Option<&NullBuffer>) -> EngineResult<Lists> {
    let offsets = offsets(std::iter::repeat_n(1, array.len()))?;
    Lists::of(&list_array(Arc::clone(array), offsets, None)?)?.with_nulls(nulls)
}

/// NULL arrays in the array count as empty.
fn flatten(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let outer = Lists::of(argument(arrays, 0)?)?;
        let inner = Lists::of(&outer.items)?;
        let offsets: Vec<i32> = outer.offsets.iter().map(|offset| inner.offsets[to_usize(*offset)]).collect();
        list_array(inner.items, OffsetBuffer::new(offsets.into()), outer.nulls)
    })
}

fn zip(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let nulls = union_of_nulls(arrays);
        let lists = arrays.iter().map(|array| Lists::of(array)?.with_nulls(nulls.as_ref()));
        let lists = lists.collect::<EngineResult<Vec<_>>>()?;
        let (columns, offsets) = aligned(&lists)?;
        let Type::Array(row) = &call.returns else {
            return Err(Fault::internal("an array that is not one").into());
        };
        let DataType::Struct(fields) = row.arrow() else {
            return Err(Fault::internal("a row that is not one").into());
        };
        let rows = StructArray::try_new(fields, columns, None)?;
        list_array(Arc::new(rows), offsets, nulls)
    })
}

/// The items of all lists side by side: in each row, the shorter lists are filled with NULL.
pub(crate) fn aligned(lists: &[Lists]) -> EngineResult<(Vec<ArrayRef>, OffsetBuffer<i32>)> {
    let Some((first, others)) = lists.split_first() else {
        return Err(Fault::internal("no arrays to align").into());
    };
    if others.iter().all(|other| other.offsets == first.offsets) {
        let columns = lists.iter().map(|list| Arc::clone(&list.items)).collect();
        return Ok((columns, first.offsets.clone()));
    }
    let longest = |row| lists.iter().map(|list| list.range(row).len()).max().unwrap_or_default();
    let offsets = offsets((0..first.len()).map(longest))?;
    let columns = lists.iter().map(|list| {
        let mut indices: Vec<Option<u32>> = Vec::with_capacity(to_usize(offsets[first.len()]));
        for (row, range) in list.ranges().enumerate() {
            indices.extend(range.map(|item| Some(to_u32(item))));
            indices.resize(to_usize(offsets[row + 1]), None);
        }
        take(&list.items, &UInt32Array::from(indices), None)
    });
    Ok((columns.collect::<Result<_, _>>()?, offsets))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::{
        Call, Type,
        testing::{check, value},
    };
    use arrow::array::Array;
    use datafusion::logical_expr::ColumnarValue;

    #[test]
    fn array_constructor() {
        check(
            "$array",
            &[
                (&["bigint 1", "bigint NULL", "bigint 3"], "array(bigint) [1,null,3]"),
                (&["varchar 'a'"], "array(varchar) [\"a\"]"),
                (&["unknown NULL", "unknown NULL"], "array(unknown) [null,null]"),
                (
                    &["row(bigint, varchar) [1,\"a\"]", "row(bigint, varchar) NULL"],
                    "array(row(bigint, varchar)) [[1,\"a\"],null]",
                ),
                (&["array(bigint) [1]", "array(bigint) NULL"], "array(array(bigint)) [[1],null]"),
            ],
        );
        let call = Call::new(Vec::new(), Type::array(Type::Unknown));
        let empty = super::construct(&call, &[], 2).unwrap().into_array(2).unwrap();
        assert_eq!(empty.slice(0, 1).as_ref(), value("array(unknown) []").1.as_ref());
        assert_eq!(empty.len(), 2);
    }

    fn concatenated(arguments: &[&str], expected: &str) {
        let (types, arrays): (Vec<_>, Vec<_>) = arguments.iter().map(|text| value(text)).unzip();
        let (returns, expected) = value(expected);
        let arguments: Vec<_> = arrays.into_iter().map(ColumnarValue::Array).collect();
        let result = super::concat(&Call::new(types, returns), &arguments, 1).unwrap();
        assert_eq!(result.into_array(1).unwrap().as_ref(), expected.as_ref());
    }

    #[test]
    fn concat() {
        concatenated(&["array(bigint) [1,null]", "array(bigint) [2]"], "array(bigint) [1,null,2]");
        concatenated(&["array(bigint) [1]", "array(bigint) []", "array(bigint) [2]"], "array(bigint) [1,2]");
        concatenated(&["array(bigint) [1]", "array(bigint) NULL"], "array(bigint) NULL");
        concatenated(&["bigint 1", "array(bigint) [2,3]"], "array(bigint) [1,2,3]");
        concatenated(&["array(bigint) [2,3]", "bigint 1"], "array(bigint) [2,3,1]");
        concatenated(&["array(bigint) [2,3]", "bigint NULL"], "array(bigint) NULL");
        concatenated(&["array(array(bigint)) [[1]]", "array(bigint) [2]"], "array(array(bigint)) [[1],[2]]");
        concatenated(&["array(bigint) [1]"], "array(bigint) [1]");
    }

    #[test]
    fn flatten() {
        check(
            "flatten",
            &[
                (&["array(array(bigint)) [[1,2],null,[],[null,3]]"], "array(bigint) [1,2,null,3]"),
                (&["array(array(bigint)) []"], "array(bigint) []"),
                (&["array(array(bigint)) NULL"], "array(bigint) NULL"),
                (&["array(array(array(bigint))) [[[1],[2]],[[3]]]"], "array(array(bigint)) [[1],[2],[3]]"),
            ],
        );
    }

    #[test]
    fn zip() {
        check(
            "zip",
            &[
                (
                    &["array(bigint) [1,2]", "array(varchar) [\"a\",\"b\"]"],
                    "array(row(bigint, varchar)) [[1,\"a\"],[2,\"b\"]]",
                ),
                (
                    &["array(bigint) [1,2]", "array(varchar) []", "array(bigint) [null,4,5]"],
                    "array(row(bigint, varchar, bigint)) [[1,null,null],[2,null,4],[null,null,5]]",
                ),
                (&["array(bigint) []", "array(bigint) []"], "array(row(bigint, bigint)) []"),
                (&["array(bigint) [1]", "array(bigint) NULL"], "array(row(bigint, bigint)) NULL"),
            ],
        );
    }
}
