//! `substr`, under both its names, and `length`.
//!
//! Positions count from 1, negative ones from the end; position 0 is nowhere.

use arrow::datatypes::Int64Type;
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::arguments::{Arguments, byte_parts, count_characters, given, part, text_parts};
use crate::{Call, Function, Type, columns::primitive_rows};

pub(super) fn functions() -> Vec<Function> {
    let signatures = &[
        "(varchar(x), bigint) -> varchar(x)",
        "(char(x), bigint) -> varchar(x)",
        "(varchar(x), bigint, bigint) -> varchar(x)",
        "(char(x), bigint, bigint) -> varchar(x)",
        "(varbinary, bigint) -> varbinary",
        "(varbinary, bigint, bigint) -> varbinary",
    ];
    let lengths = &["(varchar(x)) -> bigint", "(char(x)) -> bigint", "(varbinary) -> bigint"];
    vec![
        Function::scalar("substr", signatures, substr, "Substring of given length starting at an index"),
        Function::scalar("substring", signatures, substr, "Substring of given length starting at an index"),
        Function::scalar("length", lengths, length, "Count of code points of the given string"),
    ]
}

fn substr(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, arguments, rows);
    let starts = arguments.bigints(1)?;
    let lengths = if arguments.len() > 2 { Some(arguments.bigints(2)?) } else { None };
    // None: NULL.
    let range = |row: usize| {
        let length = lengths.as_ref().map_or(Some(i64::MAX), |lengths| lengths.get(row))?;
        Some((starts.get(row)?, length))
    };
    let result = if arguments.type_of(0) == Some(&Type::Varbinary) {
        let bytes = arguments.bytes(0)?;
        byte_parts(arguments.rows, |row| {
            let (bytes, (start, length)) = (given!(bytes.get(row)), given!(range(row)));
            let (from, to) = byte_range(bytes.len(), start, length);
            Ok(Some(bytes.get(from..to).unwrap_or_default()))
        })?
    } else {
        let texts = arguments.padded_texts(0)?;
        text_parts(arguments.rows, |row| {
            let (text, (start, length)) = (given!(texts.get(row)), given!(range(row)));
            Ok(Some(substring(text, start, length)))
        })?
    };
    arguments.finish(result)
}

/// The characters from `start`, at most `length` of them.
fn substring(text: &str, start: i64, length: i64) -> &str {
    if text.is_ascii() {
        let (from, to) = byte_range(text.len(), start, length);
        return part(text, from, to);
    }
    if start == 0 || length <= 0 {
        return "";
    }
    let from = match start {
        1.. => offset(text, start - 1),
        _ => offset_from_end(text, start.unsigned_abs()),
    };
    let Some(rest) = from.and_then(|from| text.get(from..)) else { return "" };
    part(rest, 0, offset(rest, length).unwrap_or(rest.len()))
}

fn byte_range(bytes: usize, start: i64, length: i64) -> (usize, usize) {
    let size = i64::try_from(bytes).unwrap_or(i64::MAX);
    let from = match start {
        1.. => start - 1,
        _ => size.saturating_add(start),
    };
    if start == 0 || length <= 0 || from < 0 || from >= size {
        return (0, 0);
    }
    let to = from.saturating_add(length).min(size);
    (usize::try_from(from).unwrap_or(0), usize::try_from(to).unwrap_or(0))
}

/// Where character `index`, from 0, begins.
fn offset(text: &str, index: i64) -> Option<usize> {
    let index = usize::try_from(index).ok()?;
    text.char_indices().nth(index).map(|(at, _)| at)
}

/// Where the last `count` characters begin.
fn offset_from_end(text: &str, count: u64) -> Option<usize> {
    let before = usize::try_from(count).ok()?.checked_sub(1)?;
    text.char_indices().nth_back(before).map(|(at, _)| at)
}

fn length(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, arguments, rows);
    let counted = |count: usize| Ok(i64::try_from(count).ok());
    let result = match arguments.type_of(0) {
        Some(Type::Varbinary) => {
            let bytes = arguments.bytes(0)?;
            primitive_rows::<Int64Type>(arguments.rows, |row| counted(given!(bytes.get(row)).len()))?
        }
        Some(Type::Char(length)) => {
            let texts = arguments.texts(0)?;
            let length = i64::from(*length);
            primitive_rows::<Int64Type>(arguments.rows, |row| Ok(texts.get(row).map(|_| length)))?
        }
        _ => {
            let texts = arguments.texts(0)?;
            primitive_rows::<Int64Type>(arguments.rows, |row| {
                counted(count_characters(given!(texts.get(row))))
            })?
        }
    };
    arguments.finish(result)
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn of_text() {
        check(
            "substr",
            &[
                (&["varchar(15) 'Quadratically'", "bigint 5"], "varchar(15) 'ratically'"),
                (&["varchar 'Quadratically'", "bigint 50"], "varchar ''"),
                (&["varchar 'Quadratically'", "bigint -5"], "varchar 'cally'"),
                (&["varchar 'Quadratically'", "bigint -13"], "varchar 'Quadratically'"),
                (&["varchar 'Quadratically'", "bigint -14"], "varchar ''"),
                (&["varchar 'Quadratically'", "bigint 0"], "varchar ''"),
                (&["varchar 'Quadratically'", "bigint 5", "bigint 6"], "varchar 'ratica'"),
                (&["varchar 'Quadratically'", "bigint 5", "bigint 0"], "varchar ''"),
                (&["varchar 'Quadratically'", "bigint 5", "bigint -1"], "varchar ''"),
                (&["varchar 'Quadratically'", "bigint -3", "bigint 2"], "varchar 'll'"),
                (&["varchar 'abc'", "bigint 2", "bigint 9223372036854775807"], "varchar 'bc'"),
                (&["varchar 'abc'", "bigint -9223372036854775808"], "varchar ''"),
                (&["varchar 'a€é😀'", "bigint 2", "bigint 2"], "varchar '€é'"),
                (&["varchar 'a€é😀'", "bigint -2"], "varchar 'é😀'"),
                (&["varchar 'a€é😀'", "bigint -4", "bigint 9"], "varchar 'a€é😀'"),
                (&["varchar 'a€é😀'", "bigint -5", "bigint 9"], "varchar ''"),
                (&["varchar 'é'", "bigint 2"], "varchar ''"),
                (&["varchar 'é'", "bigint 0", "bigint 5"], "varchar ''"),
                (&["varchar ''", "bigint 1"], "varchar ''"),
                (&["varchar 'a'", "bigint NULL"], "varchar NULL"),
                (&["varchar 'a'", "bigint 1", "bigint NULL"], "varchar NULL"),
                (&["char(4) 'ab'", "bigint 2"], "varchar(4) 'b  '"),
                (&["char(4) 'ab'", "bigint -2", "bigint 1"], "varchar(4) ' '"),
            ],
        );
        check("substring", &[(&["varchar 'abc'", "bigint 2"], "varchar 'bc'")]);
    }

    #[test]
    fn of_bytes() {
        check(
            "substr",
            &[
                (&["varbinary '01020304'", "bigint 2"], "varbinary '020304'"),
                (&["varbinary '01020304'", "bigint -2"], "varbinary '0304'"),
                (&["varbinary '01020304'", "bigint 2", "bigint 2"], "varbinary '0203'"),
                (&["varbinary '01020304'", "bigint 5"], "varbinary ''"),
                (&["varbinary '01020304'", "bigint 0"], "varbinary ''"),
                (&["varbinary '01020304'", "bigint -5", "bigint 3"], "varbinary ''"),
                (&["varbinary '01020304'", "bigint 4", "bigint 9223372036854775807"], "varbinary '04'"),
                (&["varbinary NULL", "bigint 4"], "varbinary NULL"),
            ],
        );
    }

    #[test]
    fn length() {
        check(
            "length",
            &[
                (&["varchar ''"], "bigint 0"),
                (&["varchar 'héllo😀'"], "bigint 6"),
                (&["char(7) 'ab'"], "bigint 7"),
                (&["varbinary '00ff00'"], "bigint 3"),
                (&["varchar NULL"], "bigint NULL"),
            ],
        );
    }
}
