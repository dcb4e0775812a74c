//! Maps built of keys and values.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, MapArray, StructArray, UInt32Array, new_empty_array},
    buffer::{NullBuffer, OffsetBuffer},
    compute::take,
    datatypes::DataType,
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::shown;
use crate::{
    Call, Fault, Function, Type,
    array::{
        compare::{
            equal, is_nested,
            keys::{Ids, Seen},
        },
        lists::{Gather, Lists, item_type, list_array, to_offset, to_u32, union_of_nulls},
    },
    columns::{argument, on_arrays},
};

pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::scalar(
            "map",
            &["(array(K), array(V)) -> map(K, V)", "() -> map(unknown, unknown)"],
            map,
            "A map of an array of keys and an array of values",
        ),
        Function::scalar(
            "map_from_entries",
            &["(array(row(K, V))) -> map(K, V)"],
            from_entries,
            "A map of rows of key and value",
        ),
        Function::scalar(
            "multimap_from_entries",
            &["(array(row(K, V))) -> map(K, array(V))"],
            multimap_from_entries,
            "A map of rows of key and value, with all values of a key",
        ),
    ]
}

/// A map column of keys and values, whose offsets they share.
pub(crate) fn map_array(
    map_type: &DataType,
    keys: ArrayRef,
    values: ArrayRef,
    offsets: OffsetBuffer<i32>,
    nulls: Option<NullBuffer>,
) -> EngineResult<ArrayRef> {
    let DataType::Map(field, _) = map_type else {
        return Err(Fault::internal(format!("{map_type} where a map was promised")).into());
    };
    let DataType::Struct(fields) = field.data_type().clone() else {
        return Err(Fault::internal("entries that are not rows").into());
    };
    let entries = StructArray::try_new(fields, vec![keys, values], None)?;
    Ok(Arc::new(MapArray::try_new(Arc::clone(field), offsets, entries, nulls, false)?))
}

fn map(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let map_type = call.returns.arrow();
        if arrays.is_empty() {
            let nothing = new_empty_array(&Type::Unknown.arrow());
            let offsets = OffsetBuffer::new_zeroed(rows);
            return map_array(&map_type, Arc::clone(&nothing), nothing, offsets, None);
        }
        let nulls = union_of_nulls(arrays);
        let keys = Lists::of(argument(arrays, 0)?)?.with_nulls(nulls.as_ref())?;
        let values = Lists::of(argument(arrays, 1)?)?.with_nulls(nulls.as_ref())?;
        if keys.offsets != values.offsets {
            return Err(Fault::invalid_argument("Key and value arrays must be the same length").into());
        }
        check_keys(&keys.items, &keys.offsets, item_type(call, 0)?, "Duplicate map keys")?;
        map_array(&map_type, keys.items, values.items, keys.offsets, keys.nulls)
    })
}

/// The type of the keys in an array of entries.
fn key_of_entries(call: &Call) -> Result<&Type, Fault> {
    match item_type(call, 0)? {
        Type::Row(fields) if fields.len() == 2 => Ok(&fields[0].field_type),
        other => Err(Fault::internal(format!("{other} where an entry was promised"))),
    }
}

/// Fails if a key is NULL or holds one, or if a map has it twice; `duplicates` begins the message.
pub(crate) fn check_keys(
    keys: &ArrayRef,
    offsets: &OffsetBuffer<i32>,
    of: &Type,
    duplicates: &str,
) -> EngineResult<()> {
    check_determinate(keys, of)?;
    let ids = Ids::new(&[keys], of)?;
    let mut seen = Seen::new(&ids);
    let mut ids = ids.of.first().map(Vec::as_slice).unwrap_or_default().iter().enumerate();
    for bounds in offsets.windows(2) {
        seen.next_list();
        let length = usize::try_from(bounds[1] - bounds[0]).unwrap_or_default();
        for (entry, id) in ids.by_ref().take(length) {
            if !seen.insert(*id) {
                let key = shown(&keys.slice(entry, 1), of).map(|key| format!(" ({key})")).unwrap_or_default();
                return Err(Fault::invalid_argument(format!("{duplicates}{key} are not allowed")).into());
            }
        }
    }
    Ok(())
}

fn check_determinate(keys: &ArrayRef, of: &Type) -> EngineResult<()> {
    if keys.logical_null_count() > 0 {
        return Err(Fault::invalid_argument("map key cannot be null").into());
    }
    if is_nested(of) && equal(keys, keys, of)?.null_count() > 0 {
        return Err(Fault::invalid_argument("map key cannot be indeterminate").into());
    }
    Ok(())
}

/// The keys and values of entries, none of which may be NULL.
fn keys_and_values(entries: &Lists) -> EngineResult<(ArrayRef, ArrayRef)> {
    if entries.items.logical_null_count() > 0 {
        return Err(Fault::invalid_argument("map entry cannot be null").into());
    }
    let (keys, values) = entries.entries()?;
    if keys.logical_null_count() > 0 {
        return Err(Fault::invalid_argument("map key cannot be null").into());
    }
    Ok((keys, values))
}

fn from_entries(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let entries = Lists::of(argument(arrays, 0)?)?;
        let (keys, values) = keys_and_values(&entries)?;
        check_keys(&keys, &entries.offsets, key_of_entries(call)?, "Duplicate keys")?;
        map_array(&call.returns.arrow(), keys, values, entries.offsets.clone(), entries.nulls.clone())
    })
}

/// Keys and values stand in the order in which they occur first.
fn multimap_from_entries(
    call: &Call,
    arguments: &[ColumnarValue],
    rows: usize,
) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let entries = Lists::of(argument(arrays, 0)?)?;
        let (keys, values) = keys_and_values(&entries)?;
        let key = key_of_entries(call)?;
        check_determinate(&keys, key)?;
        let ids = Ids::new(&[&keys], key)?;
        let of = ids.of.first().map(Vec::as_slice).unwrap_or_default();
        let mut seen = Seen::new(&ids);
        let mut groups = vec![0_usize; ids.bound];
        let mut first_entries: Vec<u32> = Vec::new();
        let mut map_offsets = vec![0];
        let mut grouped = Gather::with_capacity(keys.len(), keys.len());
        for range in entries.ranges() {
            seen.next_list();
            let start = first_entries.len();
            let mut members: Vec<Vec<usize>> = Vec::new();
            for entry in range {
                let group = &mut groups[of[entry] as usize];
                if seen.insert(of[entry]) {
                    *group = members.len();
                    members.push(Vec::new());
                    first_entries.push(to_u32(entry));
                }
                members[*group].push(entry);
            }
            debug_assert_eq!(first_entries.len() - start, members.len());
            for group in members {
                group.into_iter().for_each(|entry| grouped.push(entry));
                grouped.end_row()?;
            }
            map_offsets.push(to_offset(first_entries.len())?);
        }
        let keys = take(&keys, &UInt32Array::from(first_entries), None)?;
        let values = take(&values, &UInt32Array::from(grouped.indices), None)?;
        let values = list_array(values, OffsetBuffer::new(grouped.offsets.into()), None)?;
        map_array(
            &call.returns.arrow(),
            keys,
            values,
            OffsetBuffer::new(map_offsets.into()),
            entries.nulls.clone(),
        )
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use arrow::array::Array;

    use crate::{
        Call,
        testing::{check, value},
    };

    #[test]
    fn map() {
        check(
            "map",
            &[
                (
                    &["array(varchar) [\"a\",\"b\"]", "array(bigint) [1,null]"],
                    "map(varchar, bigint) [[\"a\",1],[\"b\",null]]",
                ),
                (&["array(varchar) []", "array(bigint) []"], "map(varchar, bigint) []"),
                (&["array(unknown) []", "array(unknown) []"], "map(unknown, unknown) []"),
                (&["array(varchar) NULL", "array(bigint) [1]"], "map(varchar, bigint) NULL"),
                (&["array(varchar) [\"a\"]", "array(bigint) NULL"], "map(varchar, bigint) NULL"),
                (&["array(varchar) [null]", "array(bigint) [1]"], "error map key cannot be null"),
                (
                    &["array(varchar) [\"a\",\"a\"]", "array(bigint) [1,2]"],
                    "error Duplicate map keys (a) are not allowed",
                ),
                (
                    &["array(varchar) [\"a\"]", "array(bigint) [1,2]"],
                    "error Key and value arrays must be the same length",
                ),
                (
                    &["array(row(bigint)) [[null]]", "array(bigint) [1]"],
                    "error map key cannot be indeterminate",
                ),
                (
                    &["array(array(bigint)) [[1],[2]]", "array(bigint) [1,2]"],
                    "map(array(bigint), bigint) [[[1],1],[[2],2]]",
                ),
            ],
        );
    }

    #[test]
    fn empty_map() {
        let (returns, expected) = value("map(unknown, unknown) []");
        let result = super::map(&Call::new(Vec::new(), returns), &[], 2).unwrap().into_array(2).unwrap();
        assert_eq!(result.len(), 2);
        assert_eq!(result.slice(1, 1).as_ref(), expected.as_ref());
    }

    #[test]
    fn map_from_entries() {
        check(
            "map_from_entries",
            &[
                (
                    &["array(row(varchar, bigint)) [[\"a\",1],[\"b\",null]]"],
                    "map(varchar, bigint) [[\"a\",1],[\"b\",null]]",
                ),
                (&["array(row(varchar, bigint)) []"], "map(varchar, bigint) []"),
                (&["array(row(varchar, bigint)) NULL"], "map(varchar, bigint) NULL"),
                (&["array(row(varchar, bigint)) [null]"], "error map entry cannot be null"),
                (&["array(row(varchar, bigint)) [[null,1]]"], "error map key cannot be null"),
                (
                    &["array(row(varchar, bigint)) [[\"a\",1],[\"a\",2]]"],
                    "error Duplicate keys (a) are not allowed",
                ),
            ],
        );
    }

    #[test]
    fn multimap_from_entries() {
        check(
            "multimap_from_entries",
            &[
                (
                    &["array(row(varchar, bigint)) [[\"a\",1],[\"b\",null],[\"a\",2]]"],
                    "map(varchar, array(bigint)) [[\"a\",[1,2]],[\"b\",[null]]]",
                ),
                (&["array(row(varchar, bigint)) []"], "map(varchar, array(bigint)) []"),
                (&["array(row(varchar, bigint)) NULL"], "map(varchar, array(bigint)) NULL"),
                (&["array(row(varchar, bigint)) [null]"], "error map entry cannot be null"),
                (&["array(row(varchar, bigint)) [[null,1]]"], "error map key cannot be null"),
            ],
        );
    }
}
