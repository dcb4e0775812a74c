//! Functions on text (<https://trino.io/docs/current/functions/string.html>), and the forms for binary data of
//! those that have both.
//!
//! A character is a code point throughout. Text is always valid UTF-8 here, so Trino's rules for broken
//! text matter in `from_utf8` only.

pub(crate) mod arguments;

mod case;
mod concat;
mod distance;
mod like;
mod pad;
mod replace;
mod search;
mod split;
mod stem;
mod substring;
mod trim;
mod unicode;

use crate::{Function, Type};

pub(crate) fn functions() -> Vec<Function> {
    let parts = [
        case::functions(),
        concat::functions(),
        distance::functions(),
        like::functions(),
        pad::functions(),
        replace::functions(),
        search::functions(),
        split::functions(),
        stem::functions(),
        substring::functions(),
        trim::functions(),
        unicode::functions(),
    ];
    parts.into_iter().flatten().collect()
}

/// The length that Trino gives `varchar` without a limit, in characters.
const VARCHAR_LENGTH_MAX: u64 = 2_147_483_647;

/// The limit of a text type, in characters.
pub(crate) fn length_limit(text: &Type) -> u64 {
    match text {
        Type::Varchar(Some(length)) | Type::Char(length) => u64::from(*length),
        _ => VARCHAR_LENGTH_MAX,
    }
}

/// `varchar` of at most so many characters; without a limit if they are more than a limit can say.
pub(crate) fn varchar_of(length: u64) -> Type {
    match u32::try_from(length) {
        Ok(limit) if length < VARCHAR_LENGTH_MAX => Type::Varchar(Some(limit)),
        _ => Type::VARCHAR,
    }
}
