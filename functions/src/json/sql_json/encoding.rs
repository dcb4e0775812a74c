//! Binary data as text. What is no text becomes U+FFFD, as in Java's readers.

use arrow::array::Array;
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use crate::{
    Call, Fault,
    columns::{argument, bytes, on_arrays, text, text_rows},
};

/// `(varbinary, encoding) -> varchar`
pub(super) fn json_text(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let (given, encoding) = (bytes(argument(arrays, 0)?)?, text(argument(arrays, 1)?)?);
        text_rows(given.len(), |row, out| {
            if given.is_null(row) || encoding.is_null(row) {
                return Ok(None);
            }
            decode(given.value(row), encoding.value(row), out).map(Some)
        })
    })
}

fn decode(bytes: &[u8], encoding: &str, out: &mut String) -> Result<(), Fault> {
    match encoding {
        "UTF8" => out.push_str(&String::from_utf8_lossy(bytes)),
        "UTF16" => {
            let (units, rest) = bytes.as_chunks::<2>();
            let units = units.iter().map(|unit| u16::from_le_bytes(*unit));
            out.extend(char::decode_utf16(units).map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)));
            out.extend((!rest.is_empty()).then_some(char::REPLACEMENT_CHARACTER));
        }
        "UTF32" => {
            let (units, rest) = bytes.as_chunks::<4>();
            let letter = |unit: &[u8; 4]| char::from_u32(u32::from_le_bytes(*unit));
            out.extend(units.iter().map(|unit| letter(unit).unwrap_or(char::REPLACEMENT_CHARACTER)));
            out.extend((!rest.is_empty()).then_some(char::REPLACEMENT_CHARACTER));
        }
        other => return Err(Fault::internal(format!("{other} is not an encoding of JSON"))),
    }
    Ok(())
}
