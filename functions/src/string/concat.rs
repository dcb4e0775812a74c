//! `concat`, which is also `||`, `concat_ws` and `reverse`.
//!
//! The forms of `concat` and `reverse` for arrays are in [`crate::array`].

use arrow::array::{Array, AsArray};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::arguments::{Arguments, Bytes, Texts, given};
use crate::{
    Call, Fault, Function, Type, array,
    columns::{binary_rows, lists, text_rows},
};

/// Longest `char`, in characters.
const CHAR_LENGTH_MAX: u32 = 65_536;

pub(super) fn functions() -> Vec<Function> {
    let concats = &[
        "(char(x), char(y)) -> char(x)",
        "(varchar...) -> varchar",
        "(varbinary...) -> varbinary",
        "(array(T)...) -> array(T)",
        "(array(T), T) -> array(T)",
        "(T, array(T)) -> array(T)",
    ];
    let joins = &["(varchar, array(varchar)) -> varchar", "(varchar, varchar...) -> varchar"];
    let reverses = &[
        "(varchar(x)) -> varchar(x)",
        "(char(x)) -> char(x)",
        "(varbinary) -> varbinary",
        "(array(T)) -> array(T)",
    ];
    vec![
        Function::scalar("concat", concats, concat, "Concatenates given strings, binary data or arrays")
            .returning(concat_type)
            .with_nulls(),
        Function::scalar("concat_ws", joins, concat_ws, "Concatenates elements using separator").with_nulls(),
        Function::scalar("reverse", reverses, reverse, "Reverses a string, binary data or an array"),
    ]
}

fn concat_type(arguments: &[Type]) -> Result<Type, Fault> {
    match arguments {
        [_] | [] => {
            Err(Fault::invalid_argument("There must be two or more concatenation arguments to concat"))
        }
        [Type::Char(left), Type::Char(right)] => match left.checked_add(*right) {
            Some(length) if length <= CHAR_LENGTH_MAX => Ok(Type::Char(length)),
            _ => Err(Fault::type_mismatch(format!(
                "CHAR length must be in range [0, {CHAR_LENGTH_MAX}], got {left} + {right}"
            ))),
        },
        [Type::Array(item), element] if **item == *element => Ok(Type::Array(item.clone())),
        [element, Type::Array(item)] if **item == *element => Ok(Type::Array(item.clone())),
        [first @ Type::Array(_), ..] => Ok(first.clone()),
        [Type::Varbinary, ..] => Ok(Type::Varbinary),
        _ => Ok(Type::VARCHAR),
    }
}

fn concat(call: &Call, values: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    if matches!(call.returns, Type::Array(_)) {
        return array::concat(call, values, rows);
    }
    let arguments = Arguments::new(call, values, rows);
    let result = match arguments.type_of(0) {
        Some(Type::Varbinary) => {
            let parts: Vec<Bytes> =
                (0..arguments.len()).map(|index| arguments.bytes(index)).collect::<EngineResult<_>>()?;
            binary_rows(arguments.rows, |row, whole| {
                for part in &parts {
                    whole.extend_from_slice(given!(part.get(row)));
                }
                Ok(Some(()))
            })?
        }
        _ => {
            let last = arguments.len().saturating_sub(1);
            // Spaces within the result count, those at the end are not carried.
            let column = |index| match index < last {
                true => arguments.padded_texts(index),
                false => arguments.texts(index),
            };
            let parts: Vec<Texts> = (0..arguments.len()).map(column).collect::<EngineResult<_>>()?;
            let is_char = matches!(arguments.type_of(0), Some(Type::Char(_)));
            text_rows(arguments.rows, |row, whole| {
                for part in &parts {
                    whole.push_str(given!(part.get(row)));
                }
                if is_char {
                    whole.truncate(whole.trim_end_matches(' ').len());
                }
                Ok(Some(()))
            })?
        }
    };
    arguments.finish(result)
}

fn concat_ws(call: &Call, values: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, values, rows);
    if matches!(arguments.type_of(1), Some(Type::Array(_))) {
        return join_array(arguments);
    }
    let separators = arguments.texts(0)?;
    let parts: Vec<Texts> =
        (1..arguments.len()).map(|index| arguments.texts(index)).collect::<EngineResult<_>>()?;
    let result = text_rows(arguments.rows, |row, whole| {
        let separator = given!(separators.get(row));
        join(whole, separator, parts.iter().filter_map(|part| part.get(row)));
        Ok(Some(()))
    })?;
    arguments.finish(result)
}

fn join_array(arguments: Arguments<'_>) -> EngineResult<ColumnarValue> {
    let separators = arguments.texts(0)?;
    let column = arguments.array(1)?;
    let result = text_rows(arguments.rows, |row, whole| {
        let separator = given!(separators.get(row));
        let (array, index) = column.at(row);
        let list = lists(array).map_err(|_| Fault::internal("concat_ws of no array"))?;
        if list.is_null(index) {
            return Ok(None);
        }
        let items = list.value(index);
        let items = items.as_string_view_opt().ok_or_else(|| Fault::internal("concat_ws of no text"))?;
        join(whole, separator, items.iter().flatten());
        Ok(Some(()))
    })?;
    arguments.finish(result)
}

fn join<'a>(whole: &mut String, separator: &str, parts: impl Iterator<Item = &'a str>) {
    for (index, part) in parts.enumerate() {
        if index > 0 {
            whole.push_str(separator);
        }
        whole.push_str(part);
    }
}

fn reverse(call: &Call, values: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, values, rows);
    let result = match arguments.type_of(0) {
        Some(Type::Array(_)) => return array::reverse(call, values, rows),
        Some(Type::Varbinary) => {
            let bytes = arguments.bytes(0)?;
            binary_rows(arguments.rows, |row, reversed| {
                reversed.extend(given!(bytes.get(row)).iter().rev());
                Ok(Some(()))
            })?
        }
        first => {
            let is_char = matches!(first, Some(Type::Char(_)));
            let texts = arguments.padded_texts(0)?;
            let mut bytes = Vec::new();
            text_rows(arguments.rows, |row, reversed| {
                push_reversed(given!(texts.get(row)), &mut bytes, reversed);
                if is_char {
                    reversed.truncate(reversed.trim_end_matches(' ').len());
                }
                Ok(Some(()))
            })?
        }
    };
    arguments.finish(result)
}

/// Appends the characters from last to first. `bytes` is memory to work in.
fn push_reversed(text: &str, bytes: &mut Vec<u8>, reversed: &mut String) {
    if text.is_ascii() {
        bytes.clear();
        bytes.extend(text.bytes().rev());
        if let Ok(text) = std::str::from_utf8(bytes) {
            return reversed.push_str(text);
        }
    }
    reversed.extend(text.chars().rev());
}

#[cfg(test)]
mod tests {
    use super::concat_type;
    use crate::{Type, testing::check};

    #[test]
    fn concat() {
        check(
            "concat",
            &[
                (&["varchar 'hello'", "varchar ' world'"], "varchar 'hello world'"),
                (&["varchar ''", "varchar ''"], "varchar ''"),
                (&["varchar 'a'", "varchar 'é'", "varchar '😀'"], "varchar 'aé😀'"),
                (&["varchar 'a'", "varchar NULL"], "varchar NULL"),
                (&["varbinary '01'", "varbinary '02ff'"], "varbinary '0102ff'"),
                (&["varbinary '01'", "varbinary NULL"], "varbinary NULL"),
                (&["char(3) 'ab'", "char(2) 'c'"], "char(5) 'ab c'"),
                (&["char(3) 'ab'", "char(2) ''"], "char(5) 'ab'"),
            ],
        );
    }

    #[test]
    fn types_of_concat() {
        let array = Type::array(Type::BigInt);
        let nested = Type::array(array.clone());
        for (arguments, expected) in [
            (vec![Type::Char(3), Type::Char(2)], Ok(Type::Char(5))),
            (vec![Type::Char(65_536), Type::Char(2)], Err(())),
            (vec![Type::VARCHAR, Type::VARCHAR], Ok(Type::VARCHAR)),
            (vec![Type::VARCHAR], Err(())),
            (vec![array.clone()], Err(())),
            (vec![Type::Varbinary, Type::Varbinary], Ok(Type::Varbinary)),
            (vec![array.clone(), array.clone(), array.clone()], Ok(array.clone())),
            (vec![array.clone(), Type::BigInt], Ok(array.clone())),
            (vec![Type::BigInt, array.clone()], Ok(array.clone())),
            (vec![array, nested.clone()], Ok(nested)),
        ] {
            assert_eq!(concat_type(&arguments).map_err(drop), expected, "{arguments:?}");
        }
    }

    #[test]
    fn concat_ws() {
        check(
            "concat_ws",
            &[
                (&["varchar 'abc'", "varchar 'def'"], "varchar 'def'"),
                (
                    &["varchar ','", "varchar 'def'", "varchar 'pqr'", "varchar 'mno'"],
                    "varchar 'def,pqr,mno'",
                ),
                (&["varchar ','", "varchar NULL", "varchar 'pqr'", "varchar NULL"], "varchar 'pqr'"),
                (&["varchar ','", "varchar ''", "varchar ''", "varchar 'x'"], "varchar ',,x'"),
                (&["varchar ''", "varchar 'a'", "varchar 'b'"], "varchar 'ab'"),
                (&["varchar ','", "varchar NULL"], "varchar ''"),
                (&["varchar ','", "array(varchar) [\"a\",null,\"b\",\"\"]"], "varchar 'a,b,'"),
                (&["varchar ','", "array(varchar) []"], "varchar ''"),
                (&["varchar ','", "array(varchar) [null]"], "varchar ''"),
            ],
        );
    }

    #[test]
    fn null_separator_and_null_array() {
        check(
            "concat_ws",
            &[
                (&["varchar NULL", "varchar 'a'"], "varchar NULL"),
                (&["varchar NULL", "array(varchar) [\"a\"]"], "varchar NULL"),
                (&["varchar ','", "array(varchar) NULL"], "varchar NULL"),
            ],
        );
    }

    #[test]
    fn reverse() {
        check(
            "reverse",
            &[
                (&["varchar 'héllo'"], "varchar 'olléh'"),
                (&["varchar ''"], "varchar ''"),
                (&["varchar NULL"], "varchar NULL"),
                (&["char(4) 'ab'"], "char(4) '  ba'"),
                (&["varbinary '0102ff'"], "varbinary 'ff0201'"),
                (&["varbinary ''"], "varbinary ''"),
            ],
        );
    }
}
