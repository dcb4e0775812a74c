//! `$like`: text, pattern and, if one is written, the escape character.
//!
//! Without an escape character none is special: a backslash is a backslash. `_` is one character, also a
//! line break.

use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};
use memchr::memmem;

use super::arguments::{Arguments, given, part};
use crate::{Call, Fault, Function, columns::boolean_rows};

pub(super) fn functions() -> Vec<Function> {
    vec![Function::scalar(
        "$like",
        &[
            "(varchar(x), varchar(y)) -> boolean",
            "(char(x), varchar(y)) -> boolean",
            "(varchar(x), varchar(y), varchar(z)) -> boolean",
            "(char(x), varchar(y), varchar(z)) -> boolean",
        ],
        like,
        "Whether a string matches a pattern",
    )]
}

fn like(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, arguments, rows);
    let (texts, patterns) = (arguments.padded_texts(0)?, arguments.texts(1)?);
    let escapes = if arguments.len() > 2 { Some(arguments.texts(2)?) } else { None };
    // Rows in order often have the same pattern, and a constant pattern is the same in all.
    let mut prepared: Option<(&str, Option<&str>, Pattern)> = None;
    let result = boolean_rows(arguments.rows, |row| {
        let (text, written) = (given!(texts.get(row)), given!(patterns.get(row)));
        let escape = match &escapes {
            Some(escapes) => Some(given!(escapes.get(row))),
            None => None,
        };
        let is_same = |(last, last_escape, _): &(&str, Option<&str>, Pattern)| {
            *last == written && *last_escape == escape
        };
        let pattern = match prepared.take().filter(is_same) {
            Some((_, _, pattern)) => pattern,
            None => Pattern::new(written, escape)?,
        };
        let matches = pattern.matches(text);
        prepared = Some((written, escape, pattern));
        Ok(Some(matches))
    })?;
    arguments.finish(result)
}

/// A pattern, cut at its `%`.
#[derive(Debug, PartialEq)]
struct Pattern {
    /// What the text begins with.
    start: Segment,
    /// None: there is no `%`, and the text is `start`.
    rest: Option<Rest>,
}

#[derive(Debug, PartialEq)]
struct Rest {
    /// What follows, in this order, with anything between.
    middle: Vec<Segment>,
    /// What the text ends with.
    end: Segment,
}

/// Text and single characters, without `%`.
#[derive(Debug, Default, PartialEq)]
struct Segment {
    pieces: Vec<Piece>,
    characters: usize,
}

#[derive(Debug, PartialEq)]
enum Piece {
    Text(String),
    /// So many characters, whichever they are.
    Any(usize),
}

impl Pattern {
    fn new(written: &str, escape: Option<&str>) -> Result<Self, Fault> {
        let escape = escape.map(escape_character).transpose()?;
        let mut segments = Vec::new();
        let mut segment = Segment::default();
        let mut letters = written.chars();
        while let Some(letter) = letters.next() {
            match letter {
                _ if Some(letter) == escape => {
                    let escaped =
                        letters.next().filter(|next| matches!(next, '%' | '_') || Some(*next) == escape);
                    segment.push(escaped.ok_or_else(bad_escape)?);
                }
                '%' => segments.push(std::mem::take(&mut segment)),
                '_' => segment.push_any(),
                _ => segment.push(letter),
            }
        }
        if segments.is_empty() {
            return Ok(Self { start: segment, rest: None });
        }
        let start = segments.remove(0);
        let middle = segments.into_iter().filter(|segment| segment.characters > 0).collect();
        Ok(Self { start, rest: Some(Rest { middle, end: segment }) })
    }

    fn matches(&self, text: &str) -> bool {
        let Some(after) = self.start.match_start(text) else { return false };
        let Some(Rest { middle, end }) = &self.rest else { return after == text.len() };
        let Some(before) = end.match_end(text, after) else { return false };
        let (mut from, text) = (after, part(text, 0, before));
        // The first place where a segment fits leaves the most room for the others.
        middle.iter().all(|segment| match segment.find(text, from) {
            Some(end) => {
                from = end;
                true
            }
            None => false,
        })
    }
}

impl Segment {
    fn push(&mut self, letter: char) {
        self.characters += 1;
        match self.pieces.last_mut() {
            Some(Piece::Text(text)) => text.push(letter),
            _ => self.pieces.push(Piece::Text(letter.into())),
        }
    }

    fn push_any(&mut self) {
        self.characters += 1;
        match self.pieces.last_mut() {
            Some(Piece::Any(count)) => *count += 1,
            _ => self.pieces.push(Piece::Any(1)),
        }
    }

    /// The segment, if it is nothing but text.
    fn text(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// How many bytes at the start of the text it matches.
    fn match_start(&self, text: &str) -> Option<usize> {
        let mut rest = text;
        for piece in &self.pieces {
            rest = match piece {
                Piece::Text(piece) => rest.strip_prefix(piece.as_str())?,
                Piece::Any(count) => {
                    let (last, letter) = rest.char_indices().nth(count - 1)?;
                    rest.get(last + letter.len_utf8()..)?
                }
            };
        }
        Some(text.len() - rest.len())
    }

    /// Where the match begins that ends with the text, at `from` or later.
    fn match_end(&self, text: &str, from: usize) -> Option<usize> {
        if self.characters == 0 {
            return Some(text.len());
        }
        let start = match self.text() {
            Some(piece) => text.strip_suffix(piece)?.len(),
            None => {
                let (start, _) = text.char_indices().nth_back(self.characters - 1)?;
                self.match_start(text.get(start..)?)?;
                start
            }
        };
        (start >= from).then_some(start)
    }

    /// Where the first match at `from` or later ends.
    fn find(&self, text: &str, from: usize) -> Option<usize> {
        let rest = text.get(from..)?;
        if let Some(piece) = self.text() {
            return memmem::find(rest.as_bytes(), piece.as_bytes()).map(|at| from + at + piece.len());
        }
        rest.char_indices().find_map(|(at, _)| Some(from + at + self.match_start(rest.get(at..)?)?))
    }
}

fn escape_character(escape: &str) -> Result<char, Fault> {
    let mut letters = escape.chars();
    match (letters.next(), letters.next()) {
        // Characters that UTF-16 writes as two are two in Trino.
        (Some(letter), None) if letter.len_utf16() == 1 => Ok(letter),
        _ => Err(Fault::invalid_argument("Escape string must be a single character")),
    }
}

fn bad_escape() -> Fault {
    Fault::invalid_argument("Escape character must be followed by '%', '_' or the escape character itself")
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn like() {
        for (text, pattern, expected) in [
            ("monkey", "monkey", true),
            ("monkey", "mon", false),
            ("monkey", "", false),
            ("", "", true),
            ("", "%", true),
            ("", "_", false),
            ("monkey", "%", true),
            ("monkey", "%%", true),
            ("monkey", "mon%", true),
            ("monkey", "%key", true),
            ("monkey", "%nke%", true),
            ("monkey", "m%y", true),
            ("monkey", "m_nkey", true),
            ("monkey", "______", true),
            ("monkey", "_____", false),
            ("monkey", "_____%_", true),
            ("monkey", "%_______%", false),
            ("monkey", "%o_k%", true),
            ("monkey", "m%n%k%y", true),
            ("monkey", "m%k%n%y", false),
            ("aba", "ab%ba", false),
            ("abba", "ab%ba", true),
            ("aaab", "%aab", true),
            ("aXbaYb", "%a_b%a_b", true),
            ("abcabd", "%ab_%d", true),
            ("a\nb", "a_b", true),
            ("a\nb", "a%b", true),
            ("x\\y", "x\\y", true),
            ("x%y", "x\\%y", false),
            ("x\\zzy", "x\\%y", true),
            ("中文ö", "%_ö", true),
            ("中文ö", "___", true),
            ("😀x", "_x", true),
            ("a.b", "a.b", true),
            ("axb", "a.b", false),
        ] {
            let arguments = [format!("varchar '{text}'"), format!("varchar '{pattern}'")];
            check("$like", &[(&[&arguments[0], &arguments[1]], &format!("boolean {expected}"))]);
        }
        check(
            "$like",
            &[
                (&["varchar NULL", "varchar 'a'"], "boolean NULL"),
                (&["varchar 'a'", "varchar NULL"], "boolean NULL"),
                (&["char(4) 'ab'", "varchar 'ab'"], "boolean false"),
                (&["char(4) 'ab'", "varchar 'ab  '"], "boolean true"),
                (&["char(4) 'ab'", "varchar 'ab%'"], "boolean true"),
                (&["char(4) 'ab'", "varchar '____'"], "boolean true"),
            ],
        );
    }

    #[test]
    fn escape() {
        let bad = "error Escape character must be followed by '%', '_' or the escape character itself";
        let length = "error Escape string must be a single character";
        check(
            "$like",
            &[
                (&["varchar '%oobar'", "varchar '#%oo%'", "varchar '#'"], "boolean true"),
                (&["varchar 'foobar'", "varchar '#%oo%'", "varchar '#'"], "boolean false"),
                (&["varchar 'a_b'", "varchar 'a\\_b'", "varchar '\\'"], "boolean true"),
                (&["varchar 'axb'", "varchar 'a\\_b'", "varchar '\\'"], "boolean false"),
                (&["varchar '#'", "varchar '##'", "varchar '#'"], "boolean true"),
                (&["varchar 'a'", "varchar 'a'", "varchar NULL"], "boolean NULL"),
                (&["varchar '%'", "varchar '%%'", "varchar '%'"], "boolean true"),
                (&["varchar 'a'", "varchar '%%'", "varchar '%'"], "boolean false"),
                (&["varchar 'a'", "varchar '#a'", "varchar '#'"], bad),
                (&["varchar 'a'", "varchar 'a#'", "varchar '#'"], bad),
                (&["varchar 'a'", "varchar 'a'", "varchar ''"], length),
                (&["varchar 'a'", "varchar 'a'", "varchar 'ab'"], length),
                (&["varchar 'a'", "varchar 'a'", "varchar '😀'"], length),
            ],
        );
    }
}
