//! JSON functions, casts and SQL/JSON (<https://trino.io/docs/current/functions/json.html>).
//!
//! The type `json` is carried by its text. What makes it canonical, and where Trino leaves it otherwise, is
//! told in [`write`]; the path language of `json_extract` in [`path`]; the forms `JSON_EXISTS`, `JSON_VALUE`,
//! `JSON_QUERY`, `JSON_OBJECT` and `JSON_ARRAY`, and what the planner passes for them, in [`sql_json`].

mod array_functions;
mod casts;
mod column;
mod documents;
mod extract;
mod from_json;
mod number;
mod path;
mod scalar;
mod scan;
mod sql_json;
mod to_json;
mod tokens;
mod write;

pub(crate) use casts::cast;
pub use documents::json_literal;

use crate::Function;

pub(crate) fn functions() -> Vec<Function> {
    let mut functions = named();
    functions.extend(sql_json::functions());
    functions
}

fn named() -> Vec<Function> {
    vec![
        Function::scalar(
            "is_json_scalar",
            &["(json) -> boolean", "(varchar(x)) -> boolean"],
            documents::is_json_scalar,
            "Tells whether a document is a number, a string, a boolean or null",
        ),
        Function::scalar(
            "json_array_contains",
            &[
                "(json, boolean) -> boolean",
                "(json, bigint) -> boolean",
                "(json, double) -> boolean",
                "(json, varchar(x)) -> boolean",
                "(varchar(x), boolean) -> boolean",
                "(varchar(x), bigint) -> boolean",
                "(varchar(x), double) -> boolean",
                "(varchar(x), varchar(y)) -> boolean",
            ],
            array_functions::json_array_contains,
            "Tells whether the value is an item of the array",
        ),
        Function::scalar(
            "json_array_get",
            &["(json, bigint) -> json", "(varchar(x), bigint) -> json"],
            array_functions::json_array_get,
            "The item of the array at the index, from the end if it is negative",
        ),
        Function::scalar(
            "json_array_length",
            &["(json) -> bigint", "(varchar(x)) -> bigint"],
            array_functions::json_array_length,
            "The number of items of the array",
        ),
        Function::scalar(
            "json_extract",
            &["(json, varchar(y)) -> json", "(varchar(x), varchar(y)) -> json"],
            extract::json_extract,
            "The value at the path",
        ),
        Function::scalar(
            "json_extract_scalar",
            &["(json, varchar(y)) -> varchar", "(varchar(x), varchar(y)) -> varchar(x)"],
            extract::json_extract_scalar,
            "The value at the path as text, if it is a number, a string or a boolean",
        ),
        Function::scalar(
            "json_format",
            &["(json) -> varchar"],
            documents::json_format,
            "The text of the document",
        ),
        Function::scalar(
            "json_parse",
            &["(varchar(x)) -> json"],
            documents::json_parse,
            "The document that the text is",
        ),
        Function::scalar(
            "json_size",
            &["(json, varchar(y)) -> bigint", "(varchar(x), varchar(y)) -> bigint"],
            extract::json_size,
            "The number of items or members of the value at the path",
        ),
    ]
}
