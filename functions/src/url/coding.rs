//! `url_encode` and `url_decode`: the encoding of forms, in which a space is a plus; and percent-decoding of
//! parts of URLs.

use std::borrow::Cow;

use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use crate::{
    Call, Fault, Function, Type,
    columns::text_rows,
    string::{
        arguments::{Arguments, given, part},
        length_limit, varchar_of,
    },
};

/// A character has at most four bytes, and each becomes three characters.
const ENCODED_LENGTH_MAX: u64 = 12;

pub(super) fn functions() -> Vec<Function> {
    let signatures = &["(varchar(x)) -> varchar(x)"];
    vec![
        Function::scalar(
            "url_encode",
            signatures,
            url_encode,
            "Escape a string for use in URL query parameter names and values",
        )
        .returning(encoded_type),
        Function::scalar("url_decode", signatures, url_decode, "Unescape a URL-encoded string"),
    ]
}

fn encoded_type(arguments: &[Type]) -> Result<Type, Fault> {
    let text = arguments.first().ok_or_else(|| Fault::internal("url_encode without arguments"))?;
    Ok(varchar_of(length_limit(text).saturating_mul(ENCODED_LENGTH_MAX)))
}

fn url_encode(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, arguments, rows);
    let texts = arguments.texts(0)?;
    let result = text_rows(arguments.rows, |row, result| {
        for byte in given!(texts.get(row)).bytes() {
            match byte {
                b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'_' | b'.' | b'*' => {
                    result.push(char::from(byte));
                }
                b' ' => result.push('+'),
                _ => {
                    let digit = |value: u8| char::from(value + if value < 10 { b'0' } else { b'A' - 10 });
                    result.extend(['%', digit(byte >> 4), digit(byte & 0xF)]);
                }
            }
        }
        Ok(Some(()))
    })?;
    arguments.finish(result)
}

fn url_decode(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, arguments, rows);
    let texts = arguments.texts(0)?;
    let result = text_rows(arguments.rows, |row, result| {
        form_decode(given!(texts.get(row)), result)?;
        Ok(Some(()))
    })?;
    arguments.finish(result)
}

/// As Java's `URLDecoder`. Bytes that are no UTF-8 become replacement characters.
pub(super) fn form_decode(text: &str, result: &mut String) -> Result<(), Fault> {
    let mut rest = text;
    while let Some(at) = rest.find(['%', '+']) {
        result.push_str(part(rest, 0, at));
        rest = part(rest, at, rest.len());
        if let Some(behind) = rest.strip_prefix('+') {
            result.push(' ');
            rest = behind;
            continue;
        }
        let mut bytes = Vec::new();
        while let Some(escape) = rest.strip_prefix('%') {
            let digits = escape.get(..2).ok_or_else(|| match escape.chars().count() {
                0 | 1 => Fault::invalid_argument("URLDecoder: Incomplete trailing escape (%) pattern"),
                _ => illegal_escape(escape),
            })?;
            // Java reads a number, so it takes a plus sign for one of the digits.
            bytes.push(u8::from_str_radix(digits, 16).map_err(|_| illegal_escape(digits))?);
            rest = part(escape, 2, escape.len());
        }
        result.push_str(&decoded(&bytes));
    }
    result.push_str(rest);
    Ok(())
}

fn illegal_escape(digits: &str) -> Fault {
    let digits: String = digits.chars().take(2).collect();
    Fault::invalid_argument(format!(
        "URLDecoder: Illegal hex characters in escape (%) pattern - Error at index 0 in: \"{digits}\""
    ))
}

/// Decodes a part of a URL that has been parsed, so all its escapes are complete.
pub(super) fn percent_decoded(part: &str) -> Cow<'_, str> {
    if !part.contains('%') {
        return Cow::Borrowed(part);
    }
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let escaped = behind
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { behind.get(2..).unwrap_or_default() } else { behind };
    }
    Cow::Owned(decoded(&bytes))
}

/// As Java decodes UTF-8: the bytes of a surrogate are one replacement character, not three.
fn decoded(bytes: &[u8]) -> String {
    let mut text = String::new();
    let mut rest = bytes;
    while let Some(at) = rest.windows(2).position(|pair| matches!(pair, [0xED, 0xA0..=0xBF])) {
        let (before, behind) = rest.split_at(at);
        text.push_str(&String::from_utf8_lossy(before));
        text.push(char::REPLACEMENT_CHARACTER);
        let length = if matches!(behind, [_, _, 0x80..=0xBF, ..]) { 3 } else { 2 };
        rest = behind.get(length..).unwrap_or_default();
    }
    text.push_str(&String::from_utf8_lossy(rest));
    text
}

#[cfg(test)]
mod tests {
    use super::encoded_type;
    use crate::{Type, testing::check};

    #[test]
    fn both_ways() {
        for (encoded, decoded) in [
            ("http%3A%2F%2Ftest", "http://test"),
            ("http%3A%2F%2Ftest%3Fa%3Db%26c%3Dd", "http://test?a=b&c=d"),
            ("http%3A%2F%2F%E3%83%86%E3%82%B9%E3%83%88", "http://テスト"),
            ("%7E%40%3A.-*_%2B+%E2%98%83", "~@:.-*_+ ☃"),
            ("%F0%A9%B8%BD", "\u{29E3D}"),
            ("test", "test"),
            ("", ""),
        ] {
            let (encoded, decoded) = (format!("varchar '{encoded}'"), format!("varchar '{decoded}'"));
            check("url_encode", &[(&[&decoded], &encoded)]);
            check("url_decode", &[(&[&encoded], &decoded)]);
        }
        assert_eq!(encoded_type(&[Type::Varchar(Some(4))]), Ok(Type::Varchar(Some(48))));
        assert_eq!(encoded_type(&[Type::VARCHAR]), Ok(Type::VARCHAR));
    }

    #[test]
    fn decode() {
        let illegal = "error URLDecoder: Illegal hex characters in escape (%) pattern";
        let incomplete = "error URLDecoder: Incomplete trailing escape (%) pattern";
        check(
            "url_decode",
            &[
                (&["varchar 'a+b%2b%2Bé'"], "varchar 'a b++é'"),
                (&["varchar '%ff%41'"], "varchar '\u{FFFD}A'"),
                (&["varchar '%E2%98x'"], "varchar '\u{FFFD}x'"),
                (&["varchar '%ED%A0%80%ED%BFx'"], "varchar '\u{FFFD}\u{FFFD}x'"),
                (&["varchar NULL"], "varchar NULL"),
                (&["varchar '%zz'"], illegal),
                (&["varchar '%-1'"], illegal),
                (&["varchar '%aé'"], illegal),
                (&["varchar '%é'"], illegal),
                (&["varchar 'a%4'"], incomplete),
                (&["varchar 'a%'"], incomplete),
            ],
        );
    }
}
