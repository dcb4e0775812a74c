//! sqlparser's complaints in Athena's words, with the position taken out of the text.

use datafusion::sql::sqlparser::{keywords::ALL_KEYWORDS, parser::ParserError};
use protocol::{Error, ErrorCode, Position};

use crate::{
    nearest,
    parse::lex::{self, Kind},
};

/// Clause words whose misspelling sqlparser takes for an alias, and so reports one word too late.
const CLAUSES: &[&str] = &[
    "FROM",
    "WHERE",
    "GROUP",
    "ORDER",
    "HAVING",
    "LIMIT",
    "OFFSET",
    "UNION",
    "EXCEPT",
    "INTERSECT",
    "JOIN",
    "INNER",
    "LEFT",
    "RIGHT",
    "FULL",
    "CROSS",
    "USING",
    "SELECT",
    "BETWEEN",
];

/// `error` about `text` as a typed error; without a position of its own it is about the end.
pub(crate) fn parser_error(error: &ParserError, text: &str) -> Error {
    let message = match error {
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => message,
        ParserError::RecursionLimitExceeded => {
            return Error::new(ErrorCode::NotSupported, "the query is nested too deeply")
                .with_hint("write inner queries as WITH queries, one after the other");
        }
    };
    let (message, position) = split_position(message);
    let position = position.unwrap_or_else(|| lex::position(text, text.trim_end().len()));
    if let Some(misspelt) = misspelt_clause(text, position) {
        return misspelt;
    }
    let place = place_of_found(text, position, message).unwrap_or(position);
    Error::new(ErrorCode::SyntaxError, athena_words(message)).at(place.line, place.column)
}

/// sqlparser names some words only after it has passed them; their place is that of the word before.
fn place_of_found(text: &str, position: Position, message: &str) -> Option<Position> {
    let (_, found) = message.rsplit_once(", found: ")?;
    let (before, after) = text.split_at_checked(lex::offset(text, position))?;
    let before = before.trim_end();
    let passed = !after.starts_with(found) && before.ends_with(found);
    passed.then(|| lex::position(text, before.len() - found.len()))
}

/// `"… at Line: 3, Column: 7"` → the part before, and 3:7.
fn split_position(message: &str) -> (&str, Option<Position>) {
    let parse = || {
        let (before, location) = message.rsplit_once(" at Line: ")?;
        let (line, column) = location.split_once(", Column: ")?;
        let position = Position { line: line.parse().ok()?, column: column.trim().parse().ok()? };
        Some((before, position))
    };
    match parse() {
        Some((before, position)) => (before, Some(position)),
        None => (message, None),
    }
}

/// `"Expected: X, found: Y"` → `"mismatched input 'Y'; expecting X"`.
fn athena_words(message: &str) -> String {
    let rest = message.strip_prefix("Expected: ").or_else(|| message.strip_prefix("Expected "));
    let expected = rest.and_then(|rest| rest.rsplit_once(", found: "));
    if let Some((expected, found)) = expected {
        let found = if found == "EOF" { "<EOF>" } else { found };
        return format!("mismatched input '{found}'; expecting {}", expectation(expected));
    }
    let mut characters = message.chars();
    match characters.next() {
        Some(first) => first.to_lowercase().chain(characters).collect(),
        None => "the query cannot be read".to_owned(),
    }
}

/// Keywords and symbols in quotes, as Athena writes them; phrases as they are.
fn expectation(expected: &str) -> String {
    match expected {
        "end of statement" => "<EOF>".to_owned(),
        "an expression" | "an expression:" => "an expression".to_owned(),
        expected if !expected.contains(|c: char| c.is_lowercase() || c == '\'' || c == '`') => {
            format!("'{expected}'")
        }
        expected => expected.to_owned(),
    }
}

/// The word at the error, or the one before it, if it looks like a clause word misspelt.
fn misspelt_clause(text: &str, position: Position) -> Option<Error> {
    let tokens = lex::lex(text);
    let offset = lex::offset(text, position);
    let at = tokens.iter().position(|token| token.start >= offset)?;
    let candidates = [at.checked_sub(1), Some(at)];
    for token in candidates.into_iter().flatten().filter_map(|index| tokens.get(index)) {
        let word = token.text.to_ascii_uppercase();
        let plain = token.kind == Kind::Word
            && word.len() >= 4
            && ALL_KEYWORDS.binary_search(&word.as_str()).is_err();
        if plain && let Some(clause) = nearest(&word, CLAUSES.iter().copied()) {
            let place = lex::position(text, token.start);
            let message = format!("mismatched input '{}'; expecting '{clause}'", token.text);
            return Some(Error::new(ErrorCode::SyntaxError, message).at(place.line, place.column));
        }
    }
    None
}
