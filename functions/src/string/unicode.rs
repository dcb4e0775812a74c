//! Characters as numbers and bytes: `chr`, `codepoint`, `normalize`, `to_utf8`, `from_utf8`, `char2hexint`.

use std::{fmt::Write, sync::Arc};

use arrow::{
    array::{ArrayRef, BinaryViewArray},
    datatypes::Int32Type,
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};
use unicode_normalization::UnicodeNormalization;

use super::arguments::{Arguments, given};
use crate::{
    Call, Fault, Function, Type,
    columns::{primitive_rows, text_rows},
};

pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::scalar("chr", &["(bigint) -> varchar(1)"], chr, "Convert Unicode code point to a string"),
        Function::scalar(
            "codepoint",
            &["(varchar(1)) -> integer"],
            codepoint,
            "Returns Unicode code point of a single character string",
        ),
        Function::scalar(
            "normalize",
            &["(varchar(x), varchar(y)) -> varchar"],
            normalize,
            "Transforms the string to normalized form",
        ),
        Function::scalar(
            "to_utf8",
            &["(varchar(x)) -> varbinary", "(char(x)) -> varbinary"],
            to_utf8,
            "Encodes the string to UTF-8",
        ),
        Function::scalar(
            "from_utf8",
            &[
                "(varbinary) -> varchar",
                "(varbinary, bigint) -> varchar",
                "(varbinary, varchar(x)) -> varchar",
            ],
            from_utf8,
            "Decodes the UTF-8 encoded string",
        ),
        Function::scalar(
            "char2hexint",
            &["(varchar) -> varchar"],
            char2hexint,
            "Returns the hexadecimal representation of the UTF-16BE encoding of the argument",
        ),
    ]
}

fn chr(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, arguments, rows);
    let numbers = arguments.bigints(0)?;
    let result =
        text_rows(arguments.rows, |row, text| {
            let number = given!(numbers.get(row));
            let letter = u32::try_from(number).ok().and_then(char::from_u32);
            text.push(letter.ok_or_else(|| {
                Fault::invalid_argument(format!("Not a valid Unicode code point: {number}"))
            })?);
            Ok(Some(()))
        })?;
    arguments.finish(result)
}

fn codepoint(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, arguments, rows);
    let texts = arguments.texts(0)?;
    let result = primitive_rows::<Int32Type>(arguments.rows, |row| {
        let mut letters = given!(texts.get(row)).chars();
        match (letters.next(), letters.next()) {
            (Some(letter), None) => Ok(Some(u32::from(letter).cast_signed())),
            _ => Err(Fault::invalid_argument("Input string must be a single character string")),
        }
    })?;
    arguments.finish(result)
}

fn normalize(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, arguments, rows);
    let (texts, forms) = (arguments.texts(0)?, arguments.texts(1)?);
    let result = text_rows(arguments.rows, |row, result| {
        let (text, form) = (given!(texts.get(row)), given!(forms.get(row)));
        match form {
            "NFC" | "NFD" | "NFKC" | "NFKD" if text.is_ascii() => result.push_str(text),
            "NFC" => result.extend(text.nfc()),
            "NFD" => result.extend(text.nfd()),
            "NFKC" => result.extend(text.nfkc()),
            "NFKD" => result.extend(text.nfkd()),
            _ => {
                let message = "Normalization form must be one of [NFD, NFC, NFKD, NFKC]";
                return Err(Fault::invalid_argument(message));
            }
        }
        Ok(Some(()))
    })?;
    arguments.finish(result)
}

fn to_utf8(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, arguments, rows);
    let texts = arguments.padded_texts(0)?;
    let (array, _) = texts.at(0);
    let result: ArrayRef = Arc::new(array.clone().to_binary_view());
    arguments.finish(result)
}

fn from_utf8(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, arguments, rows);
    let bytes = arguments.bytes(0)?;
    if arguments.len() == 1 {
        let (array, _) = bytes.at(0);
        if let Some(valid) = as_text(array) {
            return arguments.finish(valid);
        }
    }
    let replacement = replacements(arguments)?;
    let result = text_rows(arguments.rows, |row, text| {
        let (bytes, replacement) = (given!(bytes.get(row)), given!(replacement(row)?));
        match std::str::from_utf8(bytes) {
            Ok(valid) => text.push_str(valid),
            Err(_) => decode(bytes, replacement.character()?, text),
        }
        Ok(Some(()))
    })?;
    arguments.finish(result)
}

/// The same bytes as text, without a copy, if all of them are valid.
fn as_text(array: &BinaryViewArray) -> Option<ArrayRef> {
    array.clone().to_string_view().ok().map(|text| Arc::new(text) as ArrayRef)
}

/// What stands for invalid bytes.
#[derive(Clone, Copy)]
enum Replacement {
    Nothing,
    Character(char),
    /// A negative number, at which Trino fails only when it needs it.
    Invalid,
}

impl Replacement {
    fn character(self) -> Result<Option<char>, Fault> {
        match self {
            Replacement::Nothing => Ok(None),
            Replacement::Character(letter) => Ok(Some(letter)),
            Replacement::Invalid => Err(invalid_replacement()),
        }
    }
}

fn invalid_replacement() -> Fault {
    Fault::invalid_argument("Invalid replacement character")
}

type ReplacementOfRow = Box<dyn Fn(usize) -> Result<Option<Replacement>, Fault>>;

fn replacements(arguments: Arguments<'_>) -> EngineResult<ReplacementOfRow> {
    match arguments.type_of(1) {
        None => Ok(Box::new(|_| Ok(Some(Replacement::Character(char::REPLACEMENT_CHARACTER))))),
        Some(Type::BigInt) => {
            let numbers = arguments.bigints(1)?;
            Ok(Box::new(move |row| {
                let number = given!(numbers.get(row));
                match u32::try_from(number) {
                    Ok(number) => {
                        let letter = char::from_u32(number).ok_or_else(invalid_replacement)?;
                        Ok(Some(Replacement::Character(letter)))
                    }
                    Err(_) if number < 0 => Ok(Some(Replacement::Invalid)),
                    Err(_) => Err(invalid_replacement()),
                }
            }))
        }
        Some(_) => {
            let texts = arguments.texts(1)?;
            Ok(Box::new(move |row| {
                let mut letters = given!(texts.get(row)).chars();
                match (letters.next(), letters.next()) {
                    (None, _) => Ok(Some(Replacement::Nothing)),
                    (Some(letter), None) => Ok(Some(Replacement::Character(letter))),
                    _ => Err(Fault::invalid_argument(
                        "Replacement character string must empty or a single character",
                    )),
                }
            }))
        }
    }
}

fn decode(mut bytes: &[u8], replacement: Option<char>, text: &mut String) {
    while !bytes.is_empty() {
        let (valid, rest) = valid_start(bytes);
        text.push_str(valid);
        text.extend(replacement.filter(|_| !rest.is_empty()));
        bytes = rest.get(invalid_length(rest)..).unwrap_or_default();
    }
}

fn valid_start(bytes: &[u8]) -> (&str, &[u8]) {
    let end = std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
    let (valid, rest) = bytes.split_at(end);
    (std::str::from_utf8(valid).unwrap_or_default(), rest)
}

/// How many bytes one replacement stands for: the whole sequence that the first byte announces, also if its
/// code point is none, up to the first byte that cannot be in it. (Unicode's recommendation, which Rust
/// follows, makes more and shorter pieces.)
fn invalid_length(bytes: &[u8]) -> usize {
    let announced = match bytes.first() {
        None => return 0,
        Some(0xC0..=0xDF) => 2,
        Some(0xE0..=0xEF) => 3,
        Some(0xF0..=0xF7) => 4,
        Some(0xF8..=0xFB) => 5,
        Some(0xFC..=0xFD) => 6,
        Some(_) => 1,
    };
    let continued = bytes.iter().skip(1).take(announced - 1).take_while(|byte| **byte & 0xC0 == 0x80);
    1 + continued.count()
}

fn char2hexint(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, arguments, rows);
    let texts = arguments.texts(0)?;
    let result = text_rows(arguments.rows, |row, result| {
        for unit in given!(texts.get(row)).encode_utf16() {
            write!(result, "{unit:04X}").map_err(|_| Fault::internal("text cannot be written"))?;
        }
        Ok(Some(()))
    })?;
    arguments.finish(result)
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn code_points() {
        check(
            "chr",
            &[
                (&["bigint 65"], "varchar(1) 'A'"),
                (&["bigint 9731"], "varchar(1) '☃'"),
                (&["bigint 128512"], "varchar(1) '😀'"),
                (&["bigint 0"], "varchar(1) '\u{0}'"),
                (&["bigint NULL"], "varchar(1) NULL"),
                (&["bigint -1"], "error Not a valid Unicode code point: -1"),
                (&["bigint 1234567"], "error Not a valid Unicode code point: 1234567"),
                (&["bigint 55296"], "error Not a valid Unicode code point: 55296"),
                (&["bigint 8589934592"], "error Not a valid Unicode code point: 8589934592"),
            ],
        );
        let message = "error Input string must be a single character string";
        check(
            "codepoint",
            &[
                (&["varchar(1) 'x'"], "integer 120"),
                (&["varchar(1) '😀'"], "integer 128512"),
                (&["varchar(1) ''"], message),
                (&["varchar(1) 'ab'"], message),
                (&["varchar(1) NULL"], "integer NULL"),
            ],
        );
    }

    #[test]
    fn normalize() {
        let message = "error Normalization form must be one of [NFD, NFC, NFKD, NFKC]";
        check(
            "normalize",
            &[
                (&["varchar 'sch\u{F6}n'", "varchar 'NFD'"], "varchar 'scho\u{308}n'"),
                (&["varchar 'scho\u{308}n'", "varchar 'NFC'"], "varchar 'sch\u{F6}n'"),
                (&["varchar '①ﬁ'", "varchar 'NFKC'"], "varchar '1fi'"),
                (
                    &["varchar '\u{3231}\u{3327}\u{3326}\u{2162}'", "varchar 'NFKD'"],
                    "varchar '(株)トント\u{3099}ルIII'",
                ),
                (&["varchar 'a'", "varchar 'nfc'"], message),
                (&["varchar NULL", "varchar 'NFC'"], "varchar NULL"),
            ],
        );
    }

    #[test]
    fn utf8() {
        check(
            "to_utf8",
            &[
                (&["varchar ''"], "varbinary ''"),
                (&["varchar 'hé'"], "varbinary '68c3a9'"),
                (&["varchar NULL"], "varbinary NULL"),
                (&["char(3) 'a'"], "varbinary '612020'"),
            ],
        );
        check(
            "from_utf8",
            &[
                (&["varbinary '68656c6c6f'"], "varchar 'hello'"),
                (&["varbinary ''"], "varchar ''"),
                (&["varbinary '58bf'"], "varchar 'X\u{FFFD}'"),
                (&["varbinary '58bf59'", "varchar '#'"], "varchar 'X#Y'"),
                (&["varbinary '58bf59'", "varchar ''"], "varchar 'XY'"),
                (&["varbinary '58bf'", "bigint 35"], "varchar 'X#'"),
                (&["varbinary 'bfbf'", "varchar '#'"], "varchar '##'"),
                (&["varbinary 'c3'", "varchar '#'"], "varchar '#'"),
                (&["varbinary 'eda08041'", "varchar '#'"], "varchar '#A'"),
                (&["varbinary 'e08041'", "varchar '#'"], "varchar '#A'"),
                (&["varbinary 'f8808080804141'", "varchar '#'"], "varchar '#AA'"),
                (&["varbinary 'c0af41'", "varchar '#'"], "varchar '#A'"),
                (&["varbinary 'fe41'", "varchar '#'"], "varchar '#A'"),
                (&["varbinary 'e282acf09f9880ff'"], "varchar '€😀\u{FFFD}'"),
                (&["varbinary '41'", "bigint -1"], "varchar 'A'"),
                (&["varbinary 'ff'", "bigint -1"], "error Invalid replacement character"),
                (&["varbinary '41'", "bigint 1114112"], "error Invalid replacement character"),
                (&["varbinary '41'", "bigint 55296"], "error Invalid replacement character"),
                (
                    &["varbinary '41'", "varchar 'ab'"],
                    "error Replacement character string must empty or a single",
                ),
                (&["varbinary NULL", "varchar '#'"], "varchar NULL"),
            ],
        );
    }

    #[test]
    fn char2hexint() {
        check(
            "char2hexint",
            &[
                (&["varchar '123'"], "varchar '003100320033'"),
                (&["varchar 'One Ring'"], "varchar '004F006E0065002000520069006E0067'"),
                (&["varchar '😀'"], "varchar 'D83DDE00'"),
                (&["varchar ''"], "varchar ''"),
            ],
        );
    }
}
