//! `json_extract`, `json_extract_scalar` and `json_size`: one value out of a document, found without
//! building a tree. A document that is malformed before the end of that value gives NULL.

use arrow::{array::Array, datatypes::Int64Type};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::{
    path::{Found, Path, Paths},
    scan::Malformed,
    tokens::{Token, Tokens},
    write::{Unwritable, copy},
};
use crate::{
    Call, Fault,
    columns::{argument, on_arrays, primitive_rows, text, text_rows},
};

/// `(json, path) -> json`
pub(super) fn json_extract(
    _: &Call,
    arguments: &[ColumnarValue],
    rows: usize,
) -> EngineResult<ColumnarValue> {
    text_at_path(arguments, rows, |path, json, out| match extract(path, json, out) {
        Ok(found) => Ok(found),
        Err(Unwritable::Malformed) => Ok(None),
        Err(Unwritable::BrokenPair) => Err(broken_pair()),
    })
}

/// `(json, path) -> varchar`
pub(super) fn json_extract_scalar(
    _: &Call,
    arguments: &[ColumnarValue],
    rows: usize,
) -> EngineResult<ColumnarValue> {
    text_at_path(arguments, rows, |path, json, out| Ok(extract_scalar(path, json, out).unwrap_or(None)))
}

/// `(json, path) -> bigint`
pub(super) fn json_size(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let (json, path) = (text(argument(arrays, 0)?)?, text(argument(arrays, 1)?)?);
        let mut paths = Paths::default();
        primitive_rows::<Int64Type>(json.len(), |row| {
            if json.is_null(row) || path.is_null(row) {
                return Ok(None);
            }
            Ok(size(paths.get(path.value(row))?, json.value(row)).unwrap_or(None))
        })
    })
}

/// Half of a surrogate pair cannot be written again.
pub(super) fn broken_pair() -> Fault {
    Fault::invalid_argument("JSON text has half of a surrogate pair")
}

fn text_at_path(
    arguments: &[ColumnarValue],
    rows: usize,
    mut value: impl FnMut(&Path, &str, &mut String) -> Result<Option<()>, Fault>,
) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let (json, path) = (text(argument(arrays, 0)?)?, text(argument(arrays, 1)?)?);
        let mut paths = Paths::default();
        text_rows(json.len(), |row, out| {
            if json.is_null(row) || path.is_null(row) {
                return Ok(None);
            }
            value(paths.get(path.value(row))?, json.value(row), out)
        })
    })
}

fn extract(path: &Path, json: &str, out: &mut String) -> Result<Option<()>, Unwritable> {
    let Some(found) = path.find(json)? else { return Ok(None) };
    let mut tokens = match found.is_root {
        true => Tokens::new(json),
        false => Tokens::inside(found.scanner),
    };
    copy(&mut tokens, out).map(Some)
}

fn extract_scalar(path: &Path, json: &str, out: &mut String) -> Result<Option<()>, Malformed> {
    let Some(Found { mut scanner, first, is_root }) = path.find(json)? else { return Ok(None) };
    match first {
        Some(b'"') => {
            let text = scanner.string()?;
            match text.plain() {
                Some(plain) => out.push_str(plain),
                None => {
                    text.decode_into(out);
                }
            }
        }
        Some(b'-' | b'0'..=b'9') => out.push_str(scanner.number(is_root)?.text),
        Some(b't') => scanner.word("true").map(|()| out.push_str("true"))?,
        Some(b'f') => scanner.word("false").map(|()| out.push_str("false"))?,
        _ => return Ok(None),
    }
    Ok(Some(()))
}

fn size(path: &Path, json: &str) -> Result<Option<i64>, Malformed> {
    let Some(found) = path.find(json)? else { return Ok(None) };
    let mut tokens = match found.is_root {
        true => Tokens::new(json),
        false => Tokens::inside(found.scanner),
    };
    let Some(first) = tokens.next()? else { return Ok(None) };
    if !matches!(first, Token::ArrayStart | Token::ObjectStart) {
        return Ok(Some(0));
    }
    let mut size = 0;
    loop {
        match tokens.need()? {
            Token::ArrayEnd | Token::ObjectEnd => return Ok(Some(size)),
            Token::Key(_) => {
                let value = tokens.need()?;
                tokens.skip_rest(value)?;
            }
            item => tokens.skip_rest(item)?,
        }
        size += 1;
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn json_extract_scalar() {
        check(
            "json_extract_scalar",
            &[
                (&[r#"varchar '{"a":{"b":[1,"x",{"c":true}]}}'"#, "varchar '$.a.b[1]'"], "varchar 'x'"),
                (&[r#"json '{"a":{"b":[1,"x",{"c":true}]}}'"#, "varchar '$.a.b[2].c'"], "varchar 'true'"),
                (&[r#"varchar '{"a":{"b":[1,"x",{"c":true}]}}'"#, "varchar '$[\"a\"][b].0'"], "varchar '1'"),
                (&[r#"varchar '{"a":{"b":[1]}}'"#, "varchar '$.a.b'"], "varchar NULL"),
                (&[r#"varchar '{"a":{"b":[1]}}'"#, "varchar '$.a.b[1]'"], "varchar NULL"),
                (&[r#"varchar '{"a":{"b":[1]}}'"#, "varchar '$.x'"], "varchar NULL"),
                (&[r#"varchar '{"a":null}'"#, "varchar '$.a'"], "varchar NULL"),
                (&[r#"varchar '{"a":1}'"#, "varchar '$.a.b'"], "varchar NULL"),
                (&["varchar '[1.0, 1e5, -0, 12345678901234567890]'", "varchar '$[0]'"], "varchar '1.0'"),
                (&["varchar '[1.0, 1e5, -0, 12345678901234567890]'", "varchar '$[1]'"], "varchar '1e5'"),
                (&["varchar '[1.0, 1e5, -0, 12345678901234567890]'", "varchar '$[2]'"], "varchar '-0'"),
                (
                    &["varchar '[1.0, 1e5, -0, 12345678901234567890]'", "varchar '$.3'"],
                    "varchar '12345678901234567890'",
                ),
                (&["varchar '\"x\\u00e9\\\"\\ud83d\\ude00\"'", "varchar '$'"], "varchar 'xé\"😀'"),
                (&["varchar '\"\"'", "varchar '$'"], "varchar ''"),
                (&["varchar ' 12 '", "varchar '$'"], "varchar '12'"),
                (&["varchar '12x'", "varchar '$'"], "varchar NULL"),
                (&["varchar 'null'", "varchar '$'"], "varchar NULL"),
                (&["varchar ''", "varchar '$'"], "varchar NULL"),
                (&["varchar 'not json'", "varchar '$.a'"], "varchar NULL"),
                // Of equal names the first is found.
                (&[r#"varchar '{"a":1,"a":2}'"#, "varchar '$.a'"], "varchar '1'"),
                (&[r#"varchar '{"\u0061":1}'"#, "varchar '$.a'"], "varchar '1'"),
                (&[r#"varchar '{"A":1}'"#, "varchar '$.a'"], "varchar NULL"),
                (&[r#"varchar '{"0":"zero"}'"#, "varchar '$[0]'"], "varchar 'zero'"),
                (&["varchar '[5,6]'", "varchar '$[\"01\"]'"], "varchar '6'"),
                // Malformed text behind the value is never read, before it is.
                (&[r#"varchar '{"a":1,,'"#, "varchar '$.a'"], "varchar '1'"),
                (&[r#"varchar '{"a":1x'"#, "varchar '$.a'"], "varchar '1'"),
                (&[r#"varchar '{"b":01,"a":1}'"#, "varchar '$.a'"], "varchar NULL"),
                (&[r#"varchar '{"b":{"c":[1,2}},"a":1}'"#, "varchar '$.a'"], "varchar NULL"),
                (&[r#"varchar '{"b":"\x","a":1}'"#, "varchar '$.a'"], "varchar NULL"),
                (&["varchar NULL", "varchar '$'"], "varchar NULL"),
                (&["varchar '1'", "varchar NULL"], "varchar NULL"),
                (&["varchar '{}'", "varchar '$..a'"], "error Invalid JSON path: '$..a'"),
                (&["varchar '{}'", "varchar ''"], "error Invalid JSON path: ''"),
            ],
        );
    }

    #[test]
    fn json_extract() {
        check(
            "json_extract",
            &[
                (
                    &[r#"varchar '{"a": {"c": 1, "b": [1.0, 2]}}'"#, "varchar '$.a'"],
                    r#"json '{"c":1,"b":[1.0,2]}'"#,
                ),
                (&[r#"json '{"a":{"b":[1,2]}}'"#, "varchar '$.a.b'"], "json '[1,2]'"),
                (&[r#"varchar '{"a": "x"}'"#, "varchar '$.a'"], "json '\"x\"'"),
                (&[r#"varchar '{"a": null}'"#, "varchar '$.a'"], "json 'null'"),
                (&[r#"varchar '{"a": 1}'"#, "varchar '$.b'"], "json NULL"),
                (
                    &["varchar '[1.10, 1e5, -0, 1E400]'", "varchar '$'"],
                    "json '[1.1,100000.0,0,\"Infinity\"]'",
                ),
                (&["varchar '[1, 2'", "varchar '$'"], "json NULL"),
                (&["varchar '[1, 2'", "varchar '$[0]'"], "json '1'"),
                (&["varchar '[1, 2] x'", "varchar '$'"], "json '[1,2]'"),
                (&["varchar '12x'", "varchar '$'"], "json NULL"),
                (&["varchar '[12x]'", "varchar '$[0]'"], "json '12'"),
                (&["varchar '\"\\ud800\"'", "varchar '$'"], "error surrogate"),
                (&["varchar '\"a\\u0001\\/\\n\"'", "varchar '$'"], "json '\"a\\u0001/\\n\"'"),
                (&["varchar ''", "varchar '$'"], "json NULL"),
                (&["varchar NULL", "varchar '$'"], "json NULL"),
                (&["varchar '{}'", "varchar '$.*'"], "error Invalid JSON path: '$.*'"),
            ],
        );
    }

    #[test]
    fn json_size() {
        check(
            "json_size",
            &[
                (&[r#"varchar '{"x": {"a": 1, "b": [2]}}'"#, "varchar '$.x'"], "bigint 2"),
                (&[r#"json '{"x":[1,[2,3],{}]}'"#, "varchar '$.x'"], "bigint 3"),
                (&["varchar '{}'", "varchar '$'"], "bigint 0"),
                (&["varchar '[]'", "varchar '$'"], "bigint 0"),
                (&["varchar '\"abc\"'", "varchar '$'"], "bigint 0"),
                (&["varchar 'null'", "varchar '$'"], "bigint 0"),
                (&[r#"varchar '{"x": 1}'"#, "varchar '$.y'"], "bigint NULL"),
                (&["varchar '[1,2'", "varchar '$'"], "bigint NULL"),
                (&["varchar ''", "varchar '$'"], "bigint NULL"),
                (&["varchar NULL", "varchar '$'"], "bigint NULL"),
                (&["varchar '[]'", "varchar '$[-1]'"], "error Invalid JSON path: '$[-1]'"),
            ],
        );
    }
}
