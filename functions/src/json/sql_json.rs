//! `JSON_EXISTS`, `JSON_VALUE`, `JSON_QUERY`, `JSON_OBJECT` and `JSON_ARRAY`
//! (<https://trino.io/docs/current/functions/json.html>), as functions that only the planner can name.
//!
//! ```text
//! $json_exists(input, path, passing, on_error)                                      -> boolean
//! $json_value (input, path, passing, on_empty, empty_default, on_error, error_default) -> R
//! $json_query (input, path, passing, wrapper, omit_quotes, on_empty, on_error)      -> varchar
//! $json_object(null_on_null, unique_keys, key1, value1, key2, value2, …)            -> varchar
//! $json_array (absent_on_null, value1, value2, …)                                   -> varchar
//! $json_text  (varbinary, encoding)                                                 -> varchar
//! ```
//!
//! * `input`: varchar, json, or varbinary in UTF-8. NULL gives NULL.
//! * `path`: a constant varchar, as written, with its `lax` or `strict`.
//! * `passing`: a row whose field names are the variables' names, in exact case; NULL of type unknown without a
//!   `PASSING` clause. A field of type json is a value `FORMAT JSON`: its text is parsed, and NULL is no item. Other
//!   fields may be boolean, any number or varchar; NULL is a JSON null. Values of other types Trino casts to
//!   varchar, which the planner does (or refuses).
//! * `on_error` of `$json_exists`: constant `'FALSE'` (Trino's default), `'TRUE'`, `'UNKNOWN'` or `'ERROR'`.
//! * `on_empty`, `on_error` of `$json_value`: constant `'NULL'` (the default), `'ERROR'` or `'DEFAULT'`; the
//!   defaults are of type R, NULL of R if there is none. R is varchar without `RETURNING`.
//! * `wrapper`: `'WITHOUT'` (the default), `'CONDITIONAL'` or `'UNCONDITIONAL'`; `omit_quotes` a constant boolean;
//!   `on_empty`, `on_error` of `$json_query`: `'NULL'` (the default), `'ERROR'`, `'EMPTY ARRAY'` or `'EMPTY OBJECT'`.
//!   For `RETURNING` another type the planner casts or encodes the varchar.
//! * `null_on_null`, `unique_keys`, `absent_on_null`: constant booleans. Trino's defaults: `JSON_OBJECT` has
//!   `NULL ON NULL WITHOUT UNIQUE KEYS`, `JSON_ARRAY` has `ABSENT ON NULL`. Keys are varchar. Values are boolean, any
//!   number, varchar, or json for `FORMAT JSON` (and for nested `JSON_…` calls, which imply it); others Trino casts
//!   to varchar.
//! * `encoding`: `'UTF8'`, `'UTF16'` or `'UTF32'` (little endian). For `x FORMAT JSON ENCODING …`: the planner puts
//!   the text where a varchar may stand.

mod arithmetic;
mod check;
mod construct;
mod encoding;
mod evaluate;
mod lex;
mod node;
mod parse;
mod passing;
mod predicate;
mod query;
mod syntax;
mod value;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

use protocol::ErrorCode;

use super::scan::Malformed;
use crate::{Fault, Function};

/// Why a path has no result.
#[derive(Debug)]
enum Failure {
    /// Handled by `ON ERROR`: the document does not fit the path.
    Path(String),
    /// Handled by `ON ERROR`: a document is not JSON.
    Malformed,
    /// Not handled.
    Fault(Fault),
}

impl From<Malformed> for Failure {
    fn from(_: Malformed) -> Self {
        Failure::Malformed
    }
}

/// Found in the statement, not in a value.
fn invalid(message: impl Into<String>) -> Fault {
    Fault { code: ErrorCode::InvalidQuery, message: message.into() }
}

fn invalid_path(path: &str) -> Fault {
    invalid(format!("invalid JSON path: '{path}'"))
}

/// Found in a value, and yet not one of the failures that `TRY` turns into NULL.
fn invalid_value(message: impl Into<String>) -> Fault {
    Fault { code: ErrorCode::InvalidValue, message: message.into() }
}

pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::scalar(
            "$json_exists",
            &["(A, varchar, P, varchar) -> boolean"],
            query::json_exists,
            "JSON_EXISTS",
        )
        .with_nulls(),
        Function::scalar(
            "$json_value",
            &["(A, varchar, P, varchar, R, varchar, R) -> R"],
            value::json_value,
            "JSON_VALUE",
        )
        .with_nulls(),
        Function::scalar(
            "$json_query",
            &["(A, varchar, P, varchar, boolean, varchar, varchar) -> varchar"],
            query::json_query,
            "JSON_QUERY",
        )
        .with_nulls(),
        Function::scalar(
            "$json_object",
            &["(boolean, boolean, T...) -> varchar"],
            construct::json_object,
            "JSON_OBJECT",
        )
        .with_nulls(),
        Function::scalar("$json_array", &["(boolean, T...) -> varchar"], construct::json_array, "JSON_ARRAY")
            .with_nulls(),
        Function::scalar(
            "$json_text",
            &["(varbinary, varchar) -> varchar"],
            encoding::json_text,
            "Text in an encoding of Unicode",
        ),
    ]
}
