//! `JSON_OBJECT` and `JSON_ARRAY`.

use arrow::array::{Array, ArrayRef};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::{invalid_value, passing::constant_boolean};
use crate::{
    Call, Fault, Type,
    columns::{argument, on_arrays, text, text_rows},
    json::{
        to_json::Writer,
        tokens::Tokens,
        write::{Members, canonical, write_string},
    },
};

/// A column of values for JSON.
struct Values<'a> {
    writer: Writer<'a>,
    /// Text `FORMAT JSON`.
    json: Option<&'a arrow::array::StringViewArray>,
    array: &'a ArrayRef,
}

impl<'a> Values<'a> {
    fn new(call: &Call, arrays: &'a [ArrayRef], index: usize, function: &str) -> EngineResult<Self> {
        let array = argument(arrays, index)?;
        let of = call.arguments.get(index).unwrap_or(&Type::Unknown);
        match of {
            Type::Unknown | Type::Boolean | Type::Varchar(_) | Type::Json => {}
            number if number.is_numeric() => {}
            other => {
                let message = format!("values of type {other} in {function}");
                return Err(Fault::not_supported(message).into());
            }
        }
        let json = if *of == Type::Json { Some(text(array)?) } else { None };
        Ok(Self { writer: Writer::new(array, of)?, json, array })
    }

    fn is_null(&self, row: usize) -> bool {
        matches!(self.writer, Writer::Null) || self.array.is_null(row)
    }

    fn write(&self, row: usize, out: &mut String) -> Result<(), Fault> {
        match self.json.filter(|_| !self.is_null(row)) {
            None => {
                self.writer.write(row, out);
                Ok(())
            }
            Some(json) => canonical(&mut Tokens::new(json.value(row)), Members::InOrder, out)
                .map_err(|_| invalid_value("conversion to JSON failed: malformed JSON")),
        }
    }
}

/// See the module above.
pub(super) fn json_array(
    call: &Call,
    arguments: &[ColumnarValue],
    rows: usize,
) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let length = argument(arrays, 0)?.len();
        let absent_on_null = length > 0 && constant_boolean(arrays, 0)?;
        let values = (1..arrays.len()).map(|index| Values::new(call, arrays, index, "JSON_ARRAY"));
        let values: Vec<Values<'_>> = values.collect::<EngineResult<_>>()?;
        text_rows(length, |row, out| {
            out.push('[');
            for value in &values {
                if absent_on_null && value.is_null(row) {
                    continue;
                }
                if out.len() > 1 {
                    out.push(',');
                }
                value.write(row, out)?;
            }
            out.push(']');
            Ok(Some(()))
        })
    })
}

/// See the module above. Members come in the order of Java's hash table, which Trino writes.
pub(super) fn json_object(
    call: &Call,
    arguments: &[ColumnarValue],
    rows: usize,
) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let length = argument(arrays, 0)?.len();
        let null_on_null = length > 0 && constant_boolean(arrays, 0)?;
        let unique_keys = length > 0 && constant_boolean(arrays, 1)?;
        let mut members = Vec::new();
        for index in (2..arrays.len().saturating_sub(1)).step_by(2) {
            let key = text(argument(arrays, index)?)?;
            members.push((key, Values::new(call, arrays, index + 1, "JSON_OBJECT")?));
        }
        text_rows(length, |row, out| {
            let mut present: Vec<(&str, &Values<'_>)> = Vec::with_capacity(members.len());
            for (key, value) in &members {
                if key.is_null(row) {
                    let message = "null value passed for JSON object key to JSON_OBJECT function";
                    return Err(Fault::invalid_argument(message));
                }
                let key = key.value(row);
                if !null_on_null && value.is_null(row) {
                    continue;
                }
                if present.iter().any(|(known, _)| *known == key) {
                    return Err(duplicate(unique_keys));
                }
                present.push((key, value));
            }
            sort_as_hash_table(&mut present);
            out.push('{');
            for (index, (key, value)) in present.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_string(key, out);
                out.push(':');
                value.write(row, out)?;
            }
            out.push('}');
            Ok(Some(()))
        })
    })
}

fn duplicate(unique_keys: bool) -> Fault {
    match unique_keys {
        true => Fault::invalid_argument("duplicate key passed to JSON_OBJECT function"),
        false => Fault::not_supported("cannot construct a JSON object with duplicate key"),
    }
}

/// Sorts by the bucket each key has in a `java.util.HashMap` that grew to this size; keys of one bucket stay in
/// the order they came.
fn sort_as_hash_table<T>(members: &mut [(&str, T)]) {
    let mut buckets = 16_usize;
    while members.len() > buckets / 4 * 3 {
        buckets *= 2;
    }
    let bucket = |key: &str| {
        let hash =
            key.encode_utf16().fold(0_u32, |hash, unit| hash.wrapping_mul(31).wrapping_add(unit.into()));
        (hash ^ (hash >> 16)) as usize & (buckets - 1)
    };
    members.sort_by_key(|(key, _)| bucket(key));
}
