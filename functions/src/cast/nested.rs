//! Arrays, maps and rows with other values inside.

use std::{collections::HashSet, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, BooleanArray, ListArray, MapArray, StructArray, UInt32Array},
    buffer::OffsetBuffer,
    compute::{is_null, nullif, take},
    datatypes::DataType,
    row::{RowConverter, SortField},
};
use datafusion::common::Result as EngineResult;

use crate::{
    Fault, RowField, Type, can_coerce,
    cast::cast,
    columns::{lists, maps, structs},
    types::{entries_field, item_field, row_fields},
};

/// An array's rows with other items, which `change` makes of all items at once.
pub(crate) fn with_items(
    array: &ArrayRef,
    item: &Type,
    change: impl FnOnce(&ArrayRef) -> EngineResult<ArrayRef>,
) -> EngineResult<ArrayRef> {
    let given = without_hidden(array, |array| Ok(lists(array)?.offsets()))?;
    let given = lists(&given)?;
    let (offsets, start, length) = from_zero(given.offsets());
    let items = change(&given.values().slice(start, length))?;
    let nulls = given.nulls().cloned();
    Ok(Arc::new(ListArray::try_new(item_field(item.arrow()), offsets, items, nulls)?))
}

/// A map's rows with other keys and values. `change` makes them of all at once; keys must not become NULL.
pub(crate) fn with_entries(
    array: &ArrayRef,
    (key, value): (&Type, &Type),
    change: impl FnOnce(&ArrayRef, &ArrayRef) -> EngineResult<(ArrayRef, ArrayRef)>,
) -> EngineResult<ArrayRef> {
    let given = without_hidden(array, |array| Ok(maps(array)?.offsets()))?;
    let given = maps(&given)?;
    let (offsets, start, length) = from_zero(given.offsets());
    let (keys, values) = change(&given.keys().slice(start, length), &given.values().slice(start, length))?;
    let field = entries_field(key, value);
    let DataType::Struct(fields) = field.data_type() else {
        return Err(Fault::internal("entries that are no rows").into());
    };
    let entries = StructArray::try_new(fields.clone(), vec![keys, values], None)?;
    Ok(Arc::new(MapArray::try_new(field, offsets, entries, given.nulls().cloned(), false)?))
}

/// Rows with other fields, which `change` makes of each field by its place.
pub(crate) fn with_fields(
    array: &ArrayRef,
    fields: &[RowField],
    change: impl Fn(usize, &ArrayRef) -> EngineResult<ArrayRef>,
) -> EngineResult<ArrayRef> {
    let given = structs(array)?;
    // Under a row that is NULL may stand any values, also such that fail.
    let hidden = if given.null_count() > 0 { Some(is_null(given)?) } else { None };
    let shown = |values: &ArrayRef| match &hidden {
        Some(hidden) => nullif(values, hidden),
        None => Ok(ArrayRef::clone(values)),
    };
    let columns = given
        .columns()
        .iter()
        .enumerate()
        .map(|(index, values)| change(index, &shown(values)?))
        .collect::<EngineResult<Vec<_>>>()?;
    let nulls = given.nulls().cloned();
    Ok(Arc::new(StructArray::try_new_with_length(row_fields(fields), columns, nulls, given.len())?))
}

/// The array without items under rows that are NULL.
fn without_hidden<'a>(
    array: &'a ArrayRef,
    offsets: impl Fn(&'a ArrayRef) -> EngineResult<&'a OffsetBuffer<i32>>,
) -> EngineResult<ArrayRef> {
    let lengths = offsets(array)?.lengths();
    let hides =
        array.null_count() > 0 && lengths.enumerate().any(|(row, length)| length > 0 && array.is_null(row));
    if !hides {
        return Ok(ArrayRef::clone(array));
    }
    let rows = u32::try_from(array.len()).map_err(|_| Fault::internal("a batch of too many rows"))?;
    let valid: BooleanArray = (0..array.len()).map(|row| Some(array.is_valid(row))).collect();
    let picks: UInt32Array = (0..rows).zip(valid.values()).map(|(row, valid)| valid.then_some(row)).collect();
    Ok(take(array, &picks, None)?)
}

/// The same lengths from 0 on, with the first item and the number of items.
fn from_zero(offsets: &OffsetBuffer<i32>) -> (OffsetBuffer<i32>, usize, usize) {
    let start = offsets.first().copied().unwrap_or(0);
    let end = offsets.last().copied().unwrap_or(start);
    let shifted = match start {
        0 => offsets.clone(),
        _ => OffsetBuffer::from_lengths(offsets.lengths()),
    };
    (shifted, usize::try_from(start).unwrap_or(0), usize::try_from(end - start).unwrap_or(0))
}

/// Casts keys and values. Two keys that become equal are refused.
pub(super) fn cast_map(
    array: &ArrayRef,
    (from_key, from_value): (&Type, &Type),
    (key, value): (&Type, &Type),
) -> EngineResult<ArrayRef> {
    let result = with_entries(array, (key, value), |keys, values| {
        let keys = cast(keys, from_key, key)?;
        if keys.null_count() > 0 {
            return Err(Fault::invalid_cast("map key cannot be null").into());
        }
        Ok((keys, cast(values, from_value, value)?))
    })?;
    if !keeps_apart(from_key, key) {
        refuse_equal_keys(maps(&result)?)?;
    }
    Ok(result)
}

/// True if a cast of unequal values is known to give unequal values.
fn keeps_apart(from: &Type, to: &Type) -> bool {
    from == to
        || (from.is_integer() && to.is_integer())
        || (can_coerce(from, to) && matches!((from, to), (Type::Varchar(_), Type::Varchar(_))))
}

fn refuse_equal_keys(map: &MapArray) -> EngineResult<()> {
    let converter = RowConverter::new(vec![SortField::new(map.keys().data_type().clone())])?;
    let rows = converter.convert_columns(std::slice::from_ref(map.keys()))?;
    let mut seen = HashSet::new();
    for (row, ends) in map.offsets().windows(2).enumerate() {
        let [start, end] = ends else { continue };
        if map.is_null(row) {
            continue;
        }
        seen.clear();
        let range = usize::try_from(*start).unwrap_or(0)..usize::try_from(*end).unwrap_or(0);
        for entry in range.filter(|entry| *entry < rows.num_rows()) {
            if !seen.insert(rows.row(entry)) {
                return Err(Fault::invalid_cast("duplicate keys").into());
            }
        }
    }
    Ok(())
}
