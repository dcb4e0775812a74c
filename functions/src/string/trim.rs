//! `trim`, `ltrim` and `rtrim`: of white space, or of given characters.

use std::borrow::Cow;

use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::arguments::{Arguments, given, text_parts};
use crate::{Call, Function, Type};

pub(super) fn functions() -> Vec<Function> {
    let signatures = &[
        "(varchar(x)) -> varchar(x)",
        "(char(x)) -> varchar(x)",
        "(varchar(x), varchar(y)) -> varchar(x)",
        "(char(x), varchar(y)) -> varchar(x)",
    ];
    vec![
        Function::scalar(
            "trim",
            signatures,
            trim,
            "Removes whitespace from the beginning and end of a string",
        ),
        Function::scalar("ltrim", signatures, ltrim, "Removes whitespace from the beginning of a string"),
        Function::scalar("rtrim", signatures, rtrim, "Removes whitespace from the end of a string"),
    ]
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Both,
    Start,
    End,
}

fn trim(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    trimmed(Arguments::new(call, arguments, rows), Side::Both)
}

fn ltrim(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    trimmed(Arguments::new(call, arguments, rows), Side::Start)
}

fn rtrim(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    trimmed(Arguments::new(call, arguments, rows), Side::End)
}

fn trimmed(arguments: Arguments<'_>, side: Side) -> EngineResult<ColumnarValue> {
    let texts = arguments.texts(0)?;
    if arguments.len() == 1 {
        let result =
            text_parts(arguments.rows, |row| Ok(texts.get(row).map(|text| cut(text, side, is_space))))?;
        return arguments.finish(result);
    }
    let sets = arguments.texts(1)?;
    let constant = sets.constant().map(Letters::new);
    // A char value has no spaces at its end, whatever stood behind them.
    let ends_in_spaces = matches!(arguments.type_of(0), Some(Type::Char(_))) && side != Side::Start;
    let result = text_parts(arguments.rows, |row| {
        let (text, set) = (given!(texts.get(row)), given!(sets.get(row)));
        let letters = constant.as_ref().map_or_else(|| Cow::Owned(Letters::new(set)), Cow::Borrowed);
        let rest = cut(text, side, |letter| letters.contain(letter));
        Ok(Some(if ends_in_spaces { rest.trim_end_matches(' ') } else { rest }))
    })?;
    arguments.finish(result)
}

fn cut(text: &str, side: Side, unwanted: impl Fn(char) -> bool) -> &str {
    let text = if side == Side::End { text } else { text.trim_start_matches(&unwanted) };
    if side == Side::Start { text } else { text.trim_end_matches(&unwanted) }
}

/// Java's `Character.isWhitespace`: not the spaces that forbid a line break.
fn is_space(letter: char) -> bool {
    match letter {
        '\t'..='\r' | '\u{1C}'..='\u{1F}' | ' ' => true,
        _ if letter.is_ascii() => false,
        '\u{1680}' | '\u{2000}'..='\u{2006}' | '\u{2008}'..='\u{200A}' => true,
        '\u{2028}' | '\u{2029}' | '\u{205F}' | '\u{3000}' => true,
        _ => false,
    }
}

/// A set of characters.
#[derive(Clone)]
struct Letters {
    /// One bit for each ASCII character.
    ascii: u128,
    others: Vec<char>,
}

impl Letters {
    fn new(letters: &str) -> Self {
        let bits = letters.bytes().filter(u8::is_ascii).fold(0, |bits, letter| bits | 1 << letter);
        Self { ascii: bits, others: letters.chars().filter(|letter| !letter.is_ascii()).collect() }
    }

    fn contain(&self, letter: char) -> bool {
        match letter.is_ascii() {
            true => self.ascii >> u32::from(letter) & 1 == 1,
            false => self.others.contains(&letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn white_space() {
        check(
            "trim",
            &[
                (&["varchar ''"], "varchar ''"),
                (&["varchar '   '"], "varchar ''"),
                (&["varchar '  hello  '"], "varchar 'hello'"),
                (&["varchar ' \t\n\u{2028} a b \u{3000}\u{1F}\u{B}'"], "varchar 'a b'"),
                (&["varchar '\u{A0}a\u{2007}'"], "varchar '\u{A0}a\u{2007}'"),
                (&["varchar NULL"], "varchar NULL"),
                (&["char(9) '  he'"], "varchar(9) 'he'"),
            ],
        );
        check("ltrim", &[(&["varchar ' a '"], "varchar 'a '"), (&["char(5) '\t a'"], "varchar(5) 'a'")]);
        check("rtrim", &[(&["varchar ' a '"], "varchar ' a'"), (&["char(5) ' a\t'"], "varchar(5) ' a'")]);
    }

    #[test]
    fn given_characters() {
        check(
            "trim",
            &[
                (&["varchar '!foo!'", "varchar '!'"], "varchar 'foo'"),
                (&["varchar 'xyzFooyx'", "varchar 'yxz'"], "varchar 'Foo'"),
                (&["varchar 'é€aé'", "varchar '€é'"], "varchar 'a'"),
                (&["varchar ' a '", "varchar ''"], "varchar ' a '"),
                (&["varchar '\u{0}a\u{7F}'", "varchar '\u{7F}\u{0}'"], "varchar 'a'"),
                (&["varchar 'a'", "varchar NULL"], "varchar NULL"),
                (&["char(8) 'x a x'", "varchar 'x'"], "varchar(8) ' a'"),
            ],
        );
        check("ltrim", &[(&["varchar 'aabaa'", "varchar 'a'"], "varchar 'baa'")]);
        check("rtrim", &[(&["varchar 'aabaa'", "varchar 'a'"], "varchar 'aab'")]);
    }
}
