//! `json_array_length`, `json_array_contains` and `json_array_get`. What is no array, or malformed before the
//! answer is known, gives NULL.

use arrow::{
    array::{Array, ArrayRef, StringViewArray},
    datatypes::{Float64Type, Int64Type},
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::{
    extract::broken_pair,
    scan::Malformed,
    tokens::{Token, Tokens},
    write::{Members, Unwritable, canonical_rest},
};
use crate::{
    Call, Type,
    columns::{argument, boolean_rows, booleans, on_arrays, primitive, primitive_rows, text, text_rows},
};

/// `(json) -> bigint`
pub(super) fn json_array_length(
    _: &Call,
    arguments: &[ColumnarValue],
    rows: usize,
) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let json = text(argument(arrays, 0)?)?;
        primitive_rows::<Int64Type>(json.len(), |row| {
            Ok(valid(json, row).and_then(|json| length(json).unwrap_or(None)))
        })
    })
}

fn length(json: &str) -> Result<Option<i64>, Malformed> {
    let mut length = 0;
    let array = items(json, |tokens, item| {
        length += 1;
        tokens.skip_rest(item)?;
        Ok(true)
    })?;
    Ok(array.then_some(length))
}

/// Gives each item's first token to `item`, which reads the rest of it and tells whether to go on. False if
/// the document is no array.
fn items<'a>(
    json: &'a str,
    mut item: impl FnMut(&mut Tokens<'a>, Token<'a>) -> Result<bool, Malformed>,
) -> Result<bool, Malformed> {
    let mut tokens = Tokens::new(json);
    if !matches!(tokens.next()?, Some(Token::ArrayStart)) {
        return Ok(false);
    }
    loop {
        match tokens.need()? {
            Token::ArrayEnd => return Ok(true),
            first => {
                if !item(&mut tokens, first)? {
                    return Ok(true);
                }
            }
        }
    }
}

fn valid(array: &StringViewArray, row: usize) -> Option<&str> {
    array.is_valid(row).then(|| array.value(row))
}

/// `(json, boolean | bigint | double | varchar) -> boolean`
pub(super) fn json_array_contains(
    call: &Call,
    arguments: &[ColumnarValue],
    rows: usize,
) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let (json, wanted) = (text(argument(arrays, 0)?)?, argument(arrays, 1)?);
        match call.arguments.get(1) {
            Some(Type::Boolean) => {
                let wanted = booleans(wanted)?;
                contains(json, wanted, |row, item| match item {
                    Token::Boolean(value) => *value == wanted.value(row),
                    _ => false,
                })
            }
            Some(Type::BigInt) => {
                let wanted = primitive::<Int64Type>(wanted)?;
                contains(json, wanted, |row, item| match item {
                    Token::Number(number) if !number.float => number.text.parse() == Ok(wanted.value(row)),
                    _ => false,
                })
            }
            Some(Type::Double) => {
                let wanted = primitive::<Float64Type>(wanted)?;
                contains_double(json, wanted)
            }
            _ => {
                let wanted = text(wanted)?;
                contains(json, wanted, |row, item| match item {
                    Token::Text(text) => text.is(wanted.value(row)),
                    _ => false,
                })
            }
        }
    })
}

/// Numbers that are no numbers are in no array, and in nothing else either.
fn contains_double(json: &StringViewArray, wanted: &arrow::array::Float64Array) -> EngineResult<ArrayRef> {
    boolean_rows(json.len(), |row| {
        let (Some(json), true) = (valid(json, row), wanted.is_valid(row)) else { return Ok(None) };
        let wanted = wanted.value(row);
        if !wanted.is_finite() {
            return Ok(Some(false));
        }
        Ok(any_item(json, |item| match item {
            Token::Number(number) if number.float => number.text.parse() == Ok(wanted),
            _ => false,
        }))
    })
}

fn contains(
    json: &StringViewArray,
    wanted: &dyn Array,
    is_wanted: impl Fn(usize, &Token<'_>) -> bool,
) -> EngineResult<ArrayRef> {
    boolean_rows(json.len(), |row| match (valid(json, row), wanted.is_valid(row)) {
        (Some(json), true) => Ok(any_item(json, |item| is_wanted(row, item))),
        _ => Ok(None),
    })
}

fn any_item(json: &str, is_wanted: impl Fn(&Token<'_>) -> bool) -> Option<bool> {
    let mut found = false;
    let array = items(json, |tokens, item| {
        tokens.skip_rest(item)?;
        found = is_wanted(&item);
        Ok(!found)
    });
    array.unwrap_or(false).then_some(found)
}

/// `(json, bigint) -> json`. As in Trino, a string comes without its quotes, which then is not JSON, and
/// numbers come as written; a JSON null is NULL.
pub(super) fn json_array_get(
    _: &Call,
    arguments: &[ColumnarValue],
    rows: usize,
) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let json = text(argument(arrays, 0)?)?;
        let index = primitive::<Int64Type>(argument(arrays, 1)?)?;
        text_rows(json.len(), |row, out| match (valid(json, row), index.is_valid(row)) {
            (Some(json), true) => match get(json, index.value(row), out) {
                Err(Unwritable::Malformed) => Ok(None),
                Err(Unwritable::BrokenPair) => Err(broken_pair()),
                Ok(item) => Ok(item),
            },
            _ => Ok(None),
        })
    })
}

fn get(json: &str, index: i64, out: &mut String) -> Result<Option<()>, Unwritable> {
    match usize::try_from(index) {
        Ok(index) => get_from_start(json, index, out),
        Err(_) => get_from_end(json, index.unsigned_abs(), out),
    }
}

fn get_from_start(json: &str, index: usize, out: &mut String) -> Result<Option<()>, Unwritable> {
    let mut tokens = Tokens::new(json);
    if !matches!(tokens.next()?, Some(Token::ArrayStart)) {
        return Ok(None);
    }
    for _ in 0..index {
        match tokens.need()? {
            Token::ArrayEnd => return Ok(None),
            item => tokens.skip_rest(item)?,
        }
    }
    match tokens.need()? {
        Token::ArrayEnd => Ok(None),
        item => write_item(&mut tokens, item, out),
    }
}

fn get_from_end(json: &str, from_end: u64, out: &mut String) -> Result<Option<()>, Unwritable> {
    let Some(length) = length(json)? else { return Ok(None) };
    match length.unsigned_abs().checked_sub(from_end).map(usize::try_from) {
        Some(Ok(index)) => get_from_start(json, index, out),
        _ => Ok(None),
    }
}

fn write_item<'a>(
    tokens: &mut Tokens<'a>,
    item: Token<'a>,
    out: &mut String,
) -> Result<Option<()>, Unwritable> {
    match item {
        Token::Null => return Ok(None),
        Token::Text(text) => {
            text.decode_into(out);
        }
        Token::ArrayStart | Token::ObjectStart => {
            canonical_rest(tokens, item, Members::InOrder, out)?;
        }
        scalar => out.push_str(&scalar.shown()),
    }
    Ok(Some(()))
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn json_array_length() {
        check(
            "json_array_length",
            &[
                (&["varchar '[]'"], "bigint 0"),
                (&["varchar '[1,[2,3],{\"a\":4}]'"], "bigint 3"),
                (&["json '[1,2]'"], "bigint 2"),
                (&["varchar '[1,2] and more'"], "bigint 2"),
                (&["varchar '{}'"], "bigint NULL"),
                (&["varchar '1'"], "bigint NULL"),
                (&["varchar '[1,'"], "bigint NULL"),
                (&["varchar ''"], "bigint NULL"),
                (&["varchar NULL"], "bigint NULL"),
            ],
        );
    }

    #[test]
    fn json_array_contains() {
        check(
            "json_array_contains",
            &[
                (&["varchar '[1, true]'", "boolean true"], "boolean true"),
                (&["varchar '[1, \"true\", [true]]'", "boolean true"], "boolean false"),
                (&["varchar '[1,2]'", "bigint 2"], "boolean true"),
                (&["varchar '[1,2.0,\"2\",[2]]'", "bigint 2"], "boolean false"),
                (&["varchar '[-0]'", "bigint 0"], "boolean true"),
                (&["json '[9223372036854775807]'", "bigint 9223372036854775807"], "boolean true"),
                (&["json '[9223372036854775808]'", "bigint -9223372036854775808"], "boolean false"),
                (&["varchar '[1.5, 2]'", "double 1.5"], "boolean true"),
                (&["varchar '[1.5, 2]'", "double 2"], "boolean false"),
                (&["varchar '[15e-1]'", "double 1.5"], "boolean true"),
                (&["varchar '[1e400]'", "double Infinity"], "boolean false"),
                (&["varchar 'x'", "double NaN"], "boolean false"),
                (&["varchar '[\"a\", \"x\\u00e9\"]'", "varchar 'xé'"], "boolean true"),
                (&["varchar '[\"a\", 1, null]'", "varchar '1'"], "boolean false"),
                (&["varchar '[]'", "varchar 'a'"], "boolean false"),
                // Found before the fault; not found because of the fault.
                (&["varchar '[1,2'", "bigint 2"], "boolean true"),
                (&["varchar '[1,2'", "bigint 3"], "boolean NULL"),
                (&["varchar '{}'", "bigint 3"], "boolean NULL"),
                (&["varchar NULL", "bigint 3"], "boolean NULL"),
                (&["varchar '[]'", "bigint NULL"], "boolean NULL"),
            ],
        );
    }

    #[test]
    fn json_array_get() {
        check(
            "json_array_get",
            &[
                (&["varchar '[\"a\", [3, 9], \"c\"]'", "bigint 0"], "json 'a'"),
                (&["varchar '[\"a\", [3, 9], \"c\"]'", "bigint 1"], "json '[3,9]'"),
                (&["json '[\"a\",[3,9],\"c\"]'", "bigint 10"], "json NULL"),
                (&["varchar '[\"c\", [3, 9], \"a\"]'", "bigint -2"], "json '[3,9]'"),
                (&["varchar '[1, 2]'", "bigint -2"], "json '1'"),
                (&["varchar '[1, 2]'", "bigint -3"], "json NULL"),
                (&["varchar '[1, 2]'", "bigint -9223372036854775808"], "json NULL"),
                (&["varchar '[1, 2]'", "bigint 9223372036854775807"], "json NULL"),
                (&["varchar '[1.50, true, null]'", "bigint 0"], "json '1.50'"),
                (&["varchar '[1.50, true, null]'", "bigint 1"], "json 'true'"),
                (&["varchar '[1.50, true, null]'", "bigint 2"], "json NULL"),
                (
                    &["varchar '[{\"b\": 1.50, \"a\": [], \"b\": 2}]'", "bigint 0"],
                    "json '{\"b\":2,\"a\":[]}'",
                ),
                (&["varchar '[1, 2'", "bigint 1"], "json '2'"),
                (&["varchar '[1, 2'", "bigint -1"], "json NULL"),
                (&["varchar '[]'", "bigint 0"], "json NULL"),
                (&["varchar '{}'", "bigint 0"], "json NULL"),
                (&["varchar ''", "bigint 0"], "json NULL"),
                (&["varchar NULL", "bigint 0"], "json NULL"),
                (&["varchar '[]'", "bigint NULL"], "json NULL"),
            ],
        );
    }
}
