//! Text of arrays, maps and rows, made of the texts of what they hold.

use arrow::{
    array::{Array, ArrayRef, StringViewArray},
    compute::cast,
    datatypes::DataType,
};
use datafusion::common::Result as EngineResult;

use crate::{
    Fault, RowField, Type,
    columns::{lists, maps, structs, text, text_rows},
    output::to_text,
    types::row_fields,
};

/// `[1, 2, null]`
pub(super) fn array(array: &ArrayRef, item: &Type) -> EngineResult<ArrayRef> {
    let given = lists(array)?;
    let (items, start) = texts(given.values(), given.offsets(), item)?;
    let items = text(&items)?;
    text_rows(given.len(), |row, written| {
        if given.is_null(row) {
            return Ok(None);
        }
        written.push('[');
        for (count, index) in range(given.offsets(), row, start).enumerate() {
            separate(count, written);
            written.push_str(shown(items, index));
        }
        written.push(']');
        Ok(Some(()))
    })
}

/// `{k=v, k2=null}`
pub(super) fn map(array: &ArrayRef, key: &Type, value: &Type) -> EngineResult<ArrayRef> {
    let given = maps(array)?;
    let (keys, start) = texts(given.keys(), given.offsets(), key)?;
    let (values, _) = texts(given.values(), given.offsets(), value)?;
    let (keys, values) = (text(&keys)?, text(&values)?);
    text_rows(given.len(), |row, written| {
        if given.is_null(row) {
            return Ok(None);
        }
        written.push('{');
        for (count, index) in range(given.offsets(), row, start).enumerate() {
            separate(count, written);
            written.push_str(shown(keys, index));
            written.push('=');
            written.push_str(shown(values, index));
        }
        written.push('}');
        Ok(Some(()))
    })
}

/// `{a=1, field1=2}`
pub(super) fn row(array: &ArrayRef, fields: &[RowField]) -> EngineResult<ArrayRef> {
    let given = structs(array)?;
    let names = row_fields(fields);
    let columns = given
        .columns()
        .iter()
        .zip(fields)
        .map(|(values, field)| to_text(values, &field.field_type))
        .collect::<EngineResult<Vec<_>>>()?;
    let columns = columns.iter().map(text).collect::<EngineResult<Vec<_>>>()?;
    text_rows(given.len(), |row, written| {
        if given.is_null(row) {
            return Ok(None);
        }
        written.push('{');
        for (count, (values, name)) in columns.iter().zip(&names).enumerate() {
            separate(count, written);
            written.push_str(name.name());
            written.push('=');
            written.push_str(shown(values, row));
        }
        written.push('}');
        Ok(Some(()))
    })
}

/// The texts of the items that rows refer to, and the place of the first of them.
fn texts(values: &ArrayRef, offsets: &[i32], data_type: &Type) -> EngineResult<(ArrayRef, usize)> {
    let place = |offset: Option<&i32>| usize::try_from(offset.copied().unwrap_or(0)).unwrap_or(0);
    let (start, end) = (place(offsets.first()), place(offsets.last()));
    if end < start || values.len() < end {
        return Err(Fault::internal("offsets outside of their values").into());
    }
    let texts = to_text(&values.slice(start, end - start), data_type)?;
    Ok((cast(&texts, &DataType::Utf8View)?, start))
}

/// The places of a row's items among the texts.
fn range(offsets: &[i32], row: usize, start: usize) -> std::ops::Range<usize> {
    let place = |at: usize| {
        let offset = offsets.get(at).copied().unwrap_or(0);
        usize::try_from(offset).unwrap_or(0).saturating_sub(start)
    };
    place(row)..place(row + 1)
}

fn separate(count: usize, written: &mut String) {
    if count > 0 {
        written.push_str(", ");
    }
}

fn shown(texts: &StringViewArray, index: usize) -> &str {
    match texts.is_valid(index) {
        true => texts.value(index),
        false => "null",
    }
}
