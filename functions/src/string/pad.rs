//! `lpad` and `rpad`.

use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::arguments::{Arguments, Budget, count_characters, given, part};
use crate::{
    Call, Fault, Function, Type,
    columns::{binary_rows, text_rows},
};

pub(super) fn functions() -> Vec<Function> {
    let signatures = &[
        "(varchar(x), bigint, varchar(y)) -> varchar",
        "(char(x), bigint, varchar(y)) -> varchar",
        "(varbinary, bigint, varbinary) -> varbinary",
    ];
    vec![
        Function::scalar("lpad", signatures, lpad, "Pads a string on the left"),
        Function::scalar("rpad", signatures, rpad, "Pads a string on the right"),
    ]
}

#[derive(Clone, Copy)]
enum Side {
    Left,
    Right,
}

fn lpad(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    pad(Arguments::new(call, arguments, rows), Side::Left)
}

fn rpad(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    pad(Arguments::new(call, arguments, rows), Side::Right)
}

fn pad(arguments: Arguments<'_>, side: Side) -> EngineResult<ColumnarValue> {
    match arguments.type_of(0) {
        Some(Type::Varbinary) => pad_bytes(arguments, side),
        _ => pad_text(arguments, side),
    }
}

fn target(length: i64, is_padding_empty: bool, empty: &str) -> Result<usize, Fault> {
    let length = i32::try_from(length).ok().and_then(|length| usize::try_from(length).ok());
    let length = length.ok_or_else(|| {
        Fault::invalid_argument(format!("Target length must be in the range [0..{}]", i32::MAX))
    })?;
    match is_padding_empty {
        true => Err(Fault::invalid_argument(empty)),
        false => Ok(length),
    }
}

fn pad_text(arguments: Arguments<'_>, side: Side) -> EngineResult<ColumnarValue> {
    let (texts, lengths) = (arguments.padded_texts(0)?, arguments.bigints(1)?);
    let paddings = arguments.texts(2)?;
    let mut budget = Budget::of_batch();
    let result = text_rows(arguments.rows, |row, result| {
        let (text, length) = (given!(texts.get(row)), given!(lengths.get(row)));
        let padding = given!(paddings.get(row));
        let length = target(length, padding.is_empty(), "Padding string must not be empty")?;
        let characters = count_characters(text);
        if characters >= length {
            let end = text.char_indices().nth(length).map_or(text.len(), |(at, _)| at);
            result.push_str(part(text, 0, end));
            return Ok(Some(()));
        }
        let missing = length - characters;
        let padding_characters = count_characters(padding);
        let (whole, rest) = (missing / padding_characters, missing % padding_characters);
        let end = padding.char_indices().nth(rest).map_or(padding.len(), |(at, _)| at);
        let bytes = whole.checked_mul(padding.len()).and_then(|bytes| bytes.checked_add(end + text.len()));
        budget.take(bytes)?;
        if let Side::Right = side {
            result.push_str(text);
        }
        result.reserve(bytes.unwrap_or_default());
        result.extend(std::iter::repeat_n(padding, whole));
        result.push_str(part(padding, 0, end));
        if let Side::Left = side {
            result.push_str(text);
        }
        Ok(Some(()))
    })?;
    arguments.finish(result)
}

fn pad_bytes(arguments: Arguments<'_>, side: Side) -> EngineResult<ColumnarValue> {
    let (values, lengths) = (arguments.bytes(0)?, arguments.bigints(1)?);
    let paddings = arguments.bytes(2)?;
    let mut budget = Budget::of_batch();
    let result = binary_rows(arguments.rows, |row, result| {
        let (value, length) = (given!(values.get(row)), given!(lengths.get(row)));
        let padding = given!(paddings.get(row));
        let length = target(length, padding.is_empty(), "Padding bytes must not be empty")?;
        if value.len() >= length {
            result.extend_from_slice(value.get(..length).unwrap_or_default());
            return Ok(Some(()));
        }
        budget.take(Some(length))?;
        let missing = padding.iter().cycle().take(length - value.len());
        match side {
            Side::Left => {
                result.extend(missing);
                result.extend_from_slice(value);
            }
            Side::Right => {
                result.extend_from_slice(value);
                result.extend(missing);
            }
        }
        Ok(Some(()))
    })?;
    arguments.finish(result)
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn text() {
        check(
            "lpad",
            &[
                (&["varchar(4) 'text'", "bigint 5", "varchar(1) 'x'"], "varchar 'xtext'"),
                (&["varchar 'text'", "bigint 4", "varchar 'x'"], "varchar 'text'"),
                (&["varchar 'text'", "bigint 6", "varchar 'xy'"], "varchar 'xytext'"),
                (&["varchar 'text'", "bigint 7", "varchar 'xy'"], "varchar 'xyxtext'"),
                (&["varchar 'text'", "bigint 9", "varchar 'xyz'"], "varchar 'xyzxytext'"),
                (&["varchar '信念 爱 希望  '", "bigint 10", "varchar '望'"], "varchar '望信念 爱 希望  '"),
                (
                    &["varchar '信念 爱 希望  '", "bigint 12", "varchar '希望'"],
                    "varchar '希望希信念 爱 希望  '",
                ),
                (&["varchar 'text'", "bigint 0", "varchar 'xy'"], "varchar ''"),
                (&["varchar 'téxt'", "bigint 2", "varchar 'xy'"], "varchar 'té'"),
                (&["varchar ''", "bigint 3", "varchar 'a'"], "varchar 'aaa'"),
                (&["varchar NULL", "bigint 3", "varchar 'a'"], "varchar NULL"),
                (&["char(4) 'ab'", "bigint 6", "varchar 'x'"], "varchar 'xxab  '"),
                (
                    &["varchar 'text'", "bigint -1", "varchar 'foo'"],
                    "error Target length must be in the range [0..2147483647]",
                ),
                (
                    &["varchar 'text'", "bigint 2147483648", "varchar 'foo'"],
                    "error Target length must be in the range [0..2147483647]",
                ),
                (&["varchar 'text'", "bigint 5", "varchar ''"], "error Padding string must not be empty"),
                (&["varchar 'text'", "bigint 2147483647", "varchar 'xy'"], "error too large"),
            ],
        );
        check(
            "rpad",
            &[
                (&["varchar 'text'", "bigint 7", "varchar 'xy'"], "varchar 'textxyx'"),
                (&["varchar 'té'", "bigint 1", "varchar 'xy'"], "varchar 't'"),
                (&["varchar 'text'", "bigint NULL", "varchar 'xy'"], "varchar NULL"),
            ],
        );
    }

    #[test]
    fn bytes() {
        check(
            "lpad",
            &[
                (&["varbinary '1234'", "bigint 5", "varbinary '4524'"], "varbinary '4524451234'"),
                (&["varbinary '1234'", "bigint 2", "varbinary '45'"], "varbinary '1234'"),
                (&["varbinary '1234'", "bigint 1", "varbinary '45'"], "varbinary '12'"),
                (&["varbinary '1234'", "bigint 1", "varbinary ''"], "error Padding bytes must not be empty"),
                (&["varbinary '1234'", "bigint -1", "varbinary '45'"], "error Target length must be"),
            ],
        );
        check("rpad", &[(&["varbinary '1234'", "bigint 5", "varbinary '4524'"], "varbinary '1234452445'")]);
    }
}
