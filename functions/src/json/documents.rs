//! Whole documents: `json_parse`, `json_format`, `is_json_scalar` and `JSON '…'`.

use arrow::array::Array;
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};
use protocol::ErrorCode;

use super::{
    scan::{Malformed, Scanner},
    tokens::Tokens,
    write::{Members, Unwritable, canonical},
};
use crate::{
    Call, Fault,
    columns::{argument, boolean_rows, on_arrays, text, text_rows},
};

/// Longest text shown in a message, in bytes.
const SHOWN_BYTES_MAX: usize = 10_000;

/// `(varchar) -> json`
pub(super) fn json_parse(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let given = text(argument(arrays, 0)?)?;
        text_rows(given.len(), |row, out| {
            if given.is_null(row) {
                return Ok(None);
            }
            let json = given.value(row);
            let fault = |_| Fault::invalid_argument(format!("Cannot convert value to JSON: '{json}'"));
            document(json, out).map(Some).map_err(fault)
        })
    })
}

/// `(json) -> varchar`: the type already is its text.
pub(super) fn json_format(_: &Call, arguments: &[ColumnarValue], _: usize) -> EngineResult<ColumnarValue> {
    let json = arguments.first().ok_or_else(|| Fault::internal("argument 0 is missing"))?;
    Ok(json.clone())
}

/// The text of `JSON '…'` as the type `json` carries it.
pub fn json_literal(written: &str) -> Result<String, Fault> {
    let mut json = String::with_capacity(written.len());
    let fault = |_| Fault {
        code: ErrorCode::InvalidQuery,
        message: format!("'{written}' is not a valid JSON literal"),
    };
    document(written, &mut json).map_err(fault)?;
    Ok(json)
}

/// Appends the only value of the text in canonical form.
fn document(text: &str, out: &mut String) -> Result<(), Unwritable> {
    let mut tokens = Tokens::new(text);
    canonical(&mut tokens, Members::Sorted, out)?;
    match tokens.next()? {
        None => Ok(()),
        Some(_) => Err(Unwritable::Malformed),
    }
}

/// `(json) -> boolean`
pub(super) fn is_json_scalar(
    _: &Call,
    arguments: &[ColumnarValue],
    rows: usize,
) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let given = text(argument(arrays, 0)?)?;
        boolean_rows(given.len(), |row| {
            if given.is_null(row) {
                return Ok(None);
            }
            let json = given.value(row);
            let fault = |_| Fault::invalid_argument(format!("Invalid JSON value: {}", shown(json)));
            is_scalar(json).map(Some).map_err(fault)
        })
    })
}

fn is_scalar(json: &str) -> Result<bool, Malformed> {
    let mut scanner = Scanner::new(json);
    let scalar = !matches!(scanner.peek(), Some(b'[' | b'{'));
    scanner.skip_value(true)?;
    match scanner.peek() {
        None => Ok(scalar),
        Some(_) => Err(Malformed),
    }
}

/// A document in a message, cut where it is long.
pub(super) fn shown(json: &str) -> String {
    if json.len() <= SHOWN_BYTES_MAX {
        return json.to_owned();
    }
    let beginning = json.get(..json.floor_char_boundary(SHOWN_BYTES_MAX)).unwrap_or_default();
    format!("{beginning}...(truncated)")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn json_parse() {
        check(
            "json_parse",
            &[
                (&["varchar 'null'"], "json 'null'"),
                (&["varchar ' true '"], "json 'true'"),
                (&["varchar '\"a\\u00e9\\/\"'"], "json '\"aé/\"'"),
                (&["varchar '[1, 2, 9007199254740993]'"], "json '[1,2,9007199254740993]'"),
                (&["varchar '123456789012345678901234567890'"], "json '123456789012345678901234567890'"),
                (&["varchar '1.10'"], "json '1.1'"),
                (&["varchar '1.0'"], "json '1.0'"),
                (&["varchar '1e400'"], "json '\"Infinity\"'"),
                (&["varchar '1E10'"], "json '1.0E10'"),
                (
                    &["varchar '{ \"b\" : [ {\"d\":1,\"c\":2} ] , \"a\" : null, \"b\": 3 }'"],
                    "json '{\"a\":null,\"b\":3}'",
                ),
                (&["varchar '{\"a\":1} x'"], "error Cannot convert value to JSON: '{\"a\":1} x'"),
                (&["varchar '{}{}'"], "error Cannot convert value to JSON: '{}{}'"),
                (&["varchar 'abc'"], "error Cannot convert value to JSON: 'abc'"),
                (&["varchar ''"], "error Cannot convert value to JSON: ''"),
                (&["varchar '\"\\ud800\"'"], "error Cannot convert value to JSON"),
                (&["varchar NULL"], "json NULL"),
            ],
        );
    }

    #[test]
    fn json_format() {
        check(
            "json_format",
            &[
                (&["json '{\"a\":[1,null]}'"], "varchar '{\"a\":[1,null]}'"),
                (&["json 'null'"], "varchar 'null'"),
                (&["json NULL"], "varchar NULL"),
            ],
        );
    }

    #[test]
    fn is_json_scalar() {
        check(
            "is_json_scalar",
            &[
                (&["varchar '1'"], "boolean true"),
                (&["varchar 'null'"], "boolean true"),
                (&["json '\"a\"'"], "boolean true"),
                (&["varchar '[1]'"], "boolean false"),
                (&["json '{}'"], "boolean false"),
                (&["varchar '1 2'"], "error Invalid JSON value: 1 2"),
                (&["varchar '[1}'"], "error Invalid JSON value: [1}"),
                (&["varchar ''"], "error Invalid JSON value: "),
                (&["varchar NULL"], "boolean NULL"),
            ],
        );
    }

    #[test]
    fn literals_are_checked() {
        assert_eq!(json_literal("{ \"b\": 2, \"a\": 1.50 }").unwrap(), "{\"a\":1.5,\"b\":2}");
        for text in ["", "abc", "{} []", "[1,]"] {
            assert_eq!(
                json_literal(text).unwrap_err().message,
                format!("'{text}' is not a valid JSON literal")
            );
        }
    }
}
