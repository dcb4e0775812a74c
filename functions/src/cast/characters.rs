//! Casts between varchar and char, and lengths in characters.

use arrow::array::{Array, ArrayRef};
use datafusion::common::Result as EngineResult;

use crate::{
    Type,
    cast::missing,
    columns::{text, text_rows},
};

/// Between varchar and char of any length. Text that is too long is cut.
pub(super) fn to_text(array: &ArrayRef, from: &Type, to: &Type) -> EngineResult<ArrayRef> {
    match (from, to) {
        (Type::Varchar(from), Type::Varchar(to)) => match (from, to) {
            (_, None) => Ok(ArrayRef::clone(array)),
            (Some(from), Some(to)) if from <= to => Ok(ArrayRef::clone(array)),
            (_, Some(length)) => cut(array, *length, |text| text),
        },
        (Type::Char(from), Type::Char(to)) if from <= to => Ok(ArrayRef::clone(array)),
        (_, Type::Char(length)) => cut(array, *length, |text| text.trim_end_matches(' ')),
        (Type::Char(length), Type::Varchar(limit)) => {
            padded(array, limit.map_or(*length, |limit| limit.min(*length)))
        }
        _ => Err(missing(from, to)),
    }
}

/// At most so many characters of each text, and what `keep` leaves of them.
fn cut(array: &ArrayRef, length: u32, keep: impl Fn(&str) -> &str) -> EngineResult<ArrayRef> {
    let given = text(array)?;
    if given.iter().flatten().all(|text| kept(text, length, &keep).len() == text.len()) {
        return Ok(ArrayRef::clone(array));
    }
    text_rows(given.len(), |row, written| {
        if given.is_null(row) {
            return Ok(None);
        }
        written.push_str(kept(given.value(row), length, &keep));
        Ok(Some(()))
    })
}

fn kept<'a>(text: &'a str, length: u32, keep: &impl Fn(&str) -> &str) -> &'a str {
    let first = first_characters(text, length);
    // `keep` only shortens; its own lifetime cannot say so.
    let left = keep(first).len();
    first.get(..left).unwrap_or(first)
}

/// The first `length` characters.
pub(crate) fn first_characters(text: &str, length: u32) -> &str {
    let length = length as usize;
    if text.len() <= length {
        return text;
    }
    match text.char_indices().nth(length) {
        Some((end, _)) => text.get(..end).unwrap_or(text),
        None => text,
    }
}

/// Exactly `length` characters: cut, or with spaces at the end.
pub(crate) fn padded(array: &ArrayRef, length: u32) -> EngineResult<ArrayRef> {
    let given = text(array)?;
    text_rows(given.len(), |row, written| {
        if given.is_null(row) {
            return Ok(None);
        }
        let kept = first_characters(given.value(row), length);
        written.push_str(kept);
        let spaces = (length as usize).saturating_sub(kept.chars().count());
        written.extend(std::iter::repeat_n(' ', spaces));
        Ok(Some(()))
    })
}
