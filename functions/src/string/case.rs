//! `lower` and `upper`.
//!
//! Trino maps each code point to one code point: 'ß' stays, and a final sigma is like any other.

use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::arguments::{Arguments, given};
use crate::{Call, Function, columns::text_rows};

pub(super) fn functions() -> Vec<Function> {
    let signatures = &["(varchar(x)) -> varchar(x)", "(char(x)) -> char(x)"];
    vec![
        Function::scalar("lower", signatures, lower, "Converts the string to lower case"),
        Function::scalar("upper", signatures, upper, "Converts the string to upper case"),
    ]
}

fn lower(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    mapped(Arguments::new(call, arguments, rows), str::make_ascii_lowercase, lower_of)
}

fn upper(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    mapped(Arguments::new(call, arguments, rows), str::make_ascii_uppercase, upper_of)
}

fn mapped(
    arguments: Arguments<'_>,
    ascii: fn(&mut str),
    letter: fn(char) -> char,
) -> EngineResult<ColumnarValue> {
    let texts = arguments.texts(0)?;
    let result = text_rows(arguments.rows, |row, buffer| {
        let text = given!(texts.get(row));
        if text.is_ascii() {
            buffer.push_str(text);
            ascii(buffer);
        } else {
            buffer.extend(text.chars().map(letter));
        }
        Ok(Some(()))
    })?;
    arguments.finish(result)
}

fn lower_of(letter: char) -> char {
    // Only 'İ' becomes two characters, of which Java's simple mapping is the first.
    letter.to_lowercase().next().unwrap_or(letter)
}

fn upper_of(letter: char) -> char {
    let mut mapped = letter.to_uppercase();
    match (mapped.next(), mapped.next()) {
        (Some(only), None) => only,
        _ => titled_greek(letter).unwrap_or(letter),
    }
}

/// Greek letters with iota subscript: their simple upper case is the letter with a iota beside it, their full
/// upper case two letters.
fn titled_greek(letter: char) -> Option<char> {
    let distance = match letter {
        '\u{1F80}'..='\u{1F87}' | '\u{1F90}'..='\u{1F97}' | '\u{1FA0}'..='\u{1FA7}' => 8,
        '\u{1FB3}' | '\u{1FC3}' | '\u{1FF3}' => 9,
        _ => return None,
    };
    char::from_u32(u32::from(letter) + distance)
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn lower() {
        check(
            "lower",
            &[
                (&["varchar ''"], "varchar ''"),
                (&["varchar(11) 'Hello World'"], "varchar(11) 'hello world'"),
                (&["varchar 'WHAT!!'"], "varchar 'what!!'"),
                (&["varchar 'ÖSTERREICH'"], "varchar 'österreich'"),
            ],
        );
        check(
            "lower",
            &[
                (&["varchar 'ΑΣ'"], "varchar 'ασ'"),
                (&["varchar 'İ'"], "varchar 'i'"),
                (&["varchar NULL"], "varchar NULL"),
                (&["char(5) 'AB'"], "char(5) 'ab'"),
            ],
        );
    }

    #[test]
    fn upper() {
        check(
            "upper",
            &[
                (&["varchar 'Hello World'"], "varchar 'HELLO WORLD'"),
                (&["varchar 'straße'"], "varchar 'STRAßE'"),
                (&["varchar 'ŉ'"], "varchar 'ŉ'"),
                (&["varchar 'ᾳ'"], "varchar 'ᾼ'"),
                (&["varchar 'ᾀ'"], "varchar 'ᾈ'"),
                (&["varchar 'ǆ'"], "varchar 'Ǆ'"),
                (&["varchar 'ö💰'"], "varchar 'Ö💰'"),
                (&["char(3) 'ab'"], "char(3) 'AB'"),
            ],
        );
    }
}
