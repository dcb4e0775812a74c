//! The words of a path.

use crate::Fault;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Lexeme<'a> {
    /// An identifier or a keyword; all keywords are identifiers, too.
    Word(&'a str),
    /// `$name`
    Variable(&'a str),
    Text(String),
    /// Digits only.
    Whole(&'a str),
    /// With a point and no exponent.
    Decimal(&'a str),
    /// With an exponent.
    Double(&'a str),
    Symbol(&'static str),
}

/// Longest first.
const SYMBOLS: &[&str] = &[
    "&&", "||", "==", "<>", "!=", "<=", ">=", "<", ">", "!", "$", "@", ".", "*", "[", "]", ",", "?", "(",
    ")", "+", "-", "/", "%",
];

pub(super) fn lex(path: &str) -> Result<Vec<Lexeme<'_>>, Fault> {
    let mut lexemes = Vec::new();
    let mut rest = path.trim_start_matches(is_space);
    while !rest.is_empty() {
        let (lexeme, after) = next(rest).ok_or_else(|| super::invalid_path(path))?;
        lexemes.push(lexeme);
        rest = after.trim_start_matches(is_space);
    }
    Ok(lexemes)
}

fn is_space(letter: char) -> bool {
    matches!(letter, ' ' | '\r' | '\n' | '\t')
}

fn next(text: &str) -> Option<(Lexeme<'_>, &str)> {
    let (first, second) = (text.bytes().next()?, text.bytes().nth(1));
    if first.is_ascii_digit() || (first == b'.' && second.is_some_and(|byte| byte.is_ascii_digit())) {
        return number(text);
    }
    if first == b'"' {
        return quoted(text.get(1..)?);
    }
    if let Some((word, after)) = word(text) {
        return Some((Lexeme::Word(word), after));
    }
    if let Some((name, after)) = text.strip_prefix('$').and_then(word) {
        return Some((Lexeme::Variable(name), after));
    }
    let symbol = SYMBOLS.iter().find(|symbol| text.starts_with(**symbol))?;
    Some((Lexeme::Symbol(symbol), text.get(symbol.len()..)?))
}

fn word(text: &str) -> Option<(&str, &str)> {
    let starts = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    if !text.bytes().next().is_some_and(starts) {
        return None;
    }
    let end = text.bytes().position(|byte| !starts(byte) && !byte.is_ascii_digit()).unwrap_or(text.len());
    text.split_at_checked(end)
}

/// Two quotes are one quote inside.
fn quoted(text: &str) -> Option<(Lexeme<'_>, &str)> {
    let mut value = String::new();
    let mut rest = text;
    loop {
        let (part, after) = rest.split_once('"')?;
        value.push_str(part);
        match after.strip_prefix('"') {
            Some(more) => {
                value.push('"');
                rest = more;
            }
            None => return Some((Lexeme::Text(value), after)),
        }
    }
}

fn number(text: &str) -> Option<(Lexeme<'_>, &str)> {
    let digits = |from: usize| {
        let rest = text.as_bytes().get(from..).unwrap_or_default();
        from + rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    let byte = |at: usize| text.as_bytes().get(at).copied();
    let mut end = digits(0);
    let mut has_point = false;
    if byte(end) == Some(b'.') {
        has_point = true;
        end = digits(end + 1);
    }
    if let Some(b'e' | b'E') = byte(end) {
        let sign = usize::from(matches!(byte(end + 1), Some(b'+' | b'-')));
        let exponent_end = digits(end + 1 + sign);
        if exponent_end > end + 1 + sign {
            let (number, after) = text.split_at_checked(exponent_end)?;
            return Some((Lexeme::Double(number), after));
        }
    }
    let (number, after) = text.split_at_checked(end)?;
    Some((if has_point { Lexeme::Decimal(number) } else { Lexeme::Whole(number) }, after))
}
