//! Text of a query → tokens, by Trino's rules: no backslash escapes, `''` and `""` for quotes inside.

use std::borrow::Cow;

use crate::ast::At;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// A bare word, as written.
    Word,
    /// A name in double quotes or backquotes, without them.
    Quoted(String),
    /// A string, without its quotes.
    Text(String),
    /// `X'…'`
    Binary(Vec<u8>),
    Integer,
    Decimal,
    Double,
    /// An operator or a punctuation mark.
    Symbol,
    /// What is wrong with it.
    Bad(&'static str),
    End,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    pub(super) at: At,
}

/// Operators of more than one character, longest first.
const LONG_SYMBOLS: &[&str] = &["<>", "!=", "<=", ">=", "||", "->", "=>"];

/// All tokens up to the end; the last is of kind `End`.
pub(super) fn lex(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::with_capacity(text.len() / 4 + 1);
    let mut at = 0;
    loop {
        let token = next(text, at);
        at = token.at + token.text.len();
        let is_end = token.kind == Kind::End;
        tokens.push(token);
        if is_end {
            return tokens;
        }
    }
}

fn next(text: &str, from: At) -> Token<'_> {
    let at = match skip_blank(text, from) {
        Ok(at) => at,
        Err(at) => return token(text, at, text.len() - at, Kind::Bad("unterminated comment")),
    };
    let rest = text.get(at..).unwrap_or_default();
    let Some(first) = rest.chars().next() else {
        return Token { kind: Kind::End, text: "", at };
    };
    match first {
        '\'' => string(text, at, at),
        '"' | '`' => quoted(text, at, first),
        'x' | 'X' if rest.as_bytes().get(1) == Some(&b'\'') => binary(text, at),
        'u' | 'U' if rest.get(1..3) == Some("&'") => unicode(text, at),
        c if c.is_ascii_digit() || (c == '.' && starts_with_digit(rest.get(1..))) => number(text, at),
        c if c.is_alphabetic() || c == '_' || c == '$' || c == '@' => {
            let length = rest.find(|c: char| !is_word_part(c)).unwrap_or(rest.len());
            token(text, at, length, Kind::Word)
        }
        c => {
            let long = LONG_SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol));
            token(text, at, long.map_or(c.len_utf8(), |symbol| symbol.len()), Kind::Symbol)
        }
    }
}

fn is_word_part(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '@')
}

fn starts_with_digit(text: Option<&str>) -> bool {
    text.is_some_and(|text| text.starts_with(|c: char| c.is_ascii_digit()))
}

fn token(text: &str, at: At, length: usize, kind: Kind) -> Token<'_> {
    Token { kind, text: text.get(at..at + length).unwrap_or_default(), at }
}

/// Behind spaces and comments; Err with the place of a comment that does not end.
fn skip_blank(text: &str, from: At) -> Result<At, At> {
    let mut at = from;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let trimmed = rest.trim_start();
        at += rest.len() - trimmed.len();
        if trimmed.starts_with("--") {
            at += trimmed.find(['\n', '\r']).unwrap_or(trimmed.len());
        } else if let Some(comment) = trimmed.strip_prefix("/*") {
            at += comment.find("*/").ok_or(at)? + "/**/".len();
        } else {
            return Ok(at);
        }
    }
}

/// The text between quotes that begin at `open`, and the offset behind them.
fn between_quotes(text: &str, open: At, quote: char) -> Option<(Cow<'_, str>, At)> {
    let body = open + quote.len_utf8();
    let mut at = body;
    let mut doubled = false;
    loop {
        at += text.get(at..)?.find(quote)?;
        let behind = at + quote.len_utf8();
        if text.get(behind..)?.starts_with(quote) {
            doubled = true;
            at = behind + quote.len_utf8();
            continue;
        }
        let inside = text.get(body..at)?;
        let inside = match doubled {
            true => Cow::Owned(inside.replace(&format!("{quote}{quote}"), &quote.to_string())),
            false => Cow::Borrowed(inside),
        };
        return Some((inside, behind));
    }
}

fn string(text: &str, at: At, open: At) -> Token<'_> {
    match between_quotes(text, open, '\'') {
        Some((inside, end)) => token(text, at, end - at, Kind::Text(inside.into_owned())),
        None => token(text, at, text.len() - at, Kind::Bad("unterminated string")),
    }
}

fn quoted(text: &str, at: At, quote: char) -> Token<'_> {
    match between_quotes(text, at, quote) {
        Some((inside, end)) if inside.is_empty() => {
            token(text, at, end - at, Kind::Bad("Zero-length delimited identifier not allowed"))
        }
        Some((inside, end)) => token(text, at, end - at, Kind::Quoted(inside.into_owned())),
        None => token(text, at, text.len() - at, Kind::Bad("unterminated quoted name")),
    }
}

/// `X'65 66'`: pairs of hexadecimal digits; spaces are allowed.
fn binary(text: &str, at: At) -> Token<'_> {
    let Some((inside, end)) = between_quotes(text, at + 1, '\'') else {
        return token(text, at, text.len() - at, Kind::Bad("unterminated string"));
    };
    let digits: Option<Vec<u8>> = inside
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    let kind = match digits {
        Some(digits) if digits.len() % 2 == 0 => Kind::Binary(
            digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect(),
        ),
        Some(_) => Kind::Bad("Binary literal must contain an even number of digits"),
        None => Kind::Bad("Binary literal can only contain hexadecimal digits"),
    };
    token(text, at, end - at, kind)
}

/// `U&'\00e9\+01F600'`, with `UESCAPE '!'` behind it for another escape than the backslash.
fn unicode(text: &str, at: At) -> Token<'_> {
    let Some((inside, end)) = between_quotes(text, at + 2, '\'') else {
        return token(text, at, text.len() - at, Kind::Bad("unterminated string"));
    };
    let (escape, end) = match uescape(text, end) {
        None => (Some('\\'), end),
        Some((escape, end)) => (escape, end),
    };
    let kind = match escape {
        None => Kind::Bad("Invalid Unicode escape character"),
        Some(escape) => {
            decode_unicode(&inside, escape).map_or(Kind::Bad("Invalid Unicode escape sequence"), Kind::Text)
        }
    };
    token(text, at, end - at, kind)
}

/// The escape of `UESCAPE 'c'` behind a string, if that comes next and the character may be one; and its end.
fn uescape(text: &str, from: At) -> Option<(Option<char>, At)> {
    let at = skip_blank(text, from).ok()?;
    let word = text.get(at..)?.get(.."UESCAPE".len())?;
    if !word.eq_ignore_ascii_case("UESCAPE") {
        return None;
    }
    let open = skip_blank(text, at + word.len()).ok()?;
    if !text.get(open..)?.starts_with('\'') {
        return None;
    }
    let (escape, end) = between_quotes(text, open, '\'')?;
    let mut characters = escape.chars();
    let escape = match (characters.next(), characters.next()) {
        (Some(c), None) if c.is_ascii_graphic() && !c.is_ascii_hexdigit() && !"+'\"".contains(c) => Some(c),
        _ => None,
    };
    Some((escape, end))
}

fn decode_unicode(text: &str, escape: char) -> Option<String> {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(escape) {
        decoded.push_str(rest.get(..at)?);
        let sequence = rest.get(at + escape.len_utf8()..)?;
        if let Some(behind) = sequence.strip_prefix(escape) {
            decoded.push(escape);
            rest = behind;
            continue;
        }
        let (digits, length) = match sequence.strip_prefix('+') {
            Some(long) => (long.get(..6)?, 7),
            None => (sequence.get(..4)?, 4),
        };
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        decoded.push(char::from_u32(u32::from_str_radix(digits, 16).ok()?)?);
        rest = sequence.get(length..)?;
    }
    decoded.push_str(rest);
    Some(decoded)
}

/// `1`, `1_000`, `0xFF`, `1.5`, `.5`, `1.`, `1e-5`; a word that begins with digits is an error, as in Trino.
fn number(text: &str, at: At) -> Token<'_> {
    let rest = text.get(at..).unwrap_or_default();
    let bytes = rest.as_bytes();
    let based = matches!(bytes, [b'0', b'x' | b'X' | b'o' | b'O' | b'b' | b'B', ..]);
    if based {
        let length = rest.find(|c: char| !is_word_part(c)).unwrap_or(rest.len());
        return token(text, at, length, Kind::Integer);
    }
    // An underscore stands between two digits.
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let digits = |from: usize| {
        let mut end = from;
        while is_digit(end) || (end > from && bytes.get(end) == Some(&b'_') && is_digit(end + 1)) {
            end += 1;
        }
        end
    };
    let mut length = digits(0);
    let mut kind = Kind::Integer;
    if bytes.get(length) == Some(&b'.') {
        kind = Kind::Decimal;
        length = digits(length + 1);
    }
    if matches!(bytes.get(length), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
        let end = digits(length + 1 + sign);
        if end > length + 1 + sign {
            kind = Kind::Double;
            length = end;
        }
    }
    let tail = rest.get(length..).unwrap_or_default();
    let word = tail.find(|c: char| !is_word_part(c)).unwrap_or(tail.len());
    if word > 0 {
        return token(
            text,
            at,
            length + word,
            Kind::Bad("identifiers must not start with a digit; surround the identifier with double quotes"),
        );
    }
    token(text, at, length, kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens() {
        fn check(text: &str, expected: &[(Kind, &str)]) {
            let found: Vec<_> =
                lex(text).into_iter().map(|token| (token.kind, token.text.to_owned())).collect();
            let mut expected: Vec<_> =
                expected.iter().map(|(kind, text)| (kind.clone(), (*text).to_owned())).collect();
            expected.push((Kind::End, String::new()));
            assert_eq!(found, expected, "{text}");
        }
        use Kind::{Bad, Binary, Decimal, Double, Integer, Quoted, Symbol, Text, Word};
        check("a <= b--x\n<>c", &[(Word, "a"), (Symbol, "<="), (Word, "b"), (Symbol, "<>"), (Word, "c")]);
        check(
            "1 1.5 .5 1. 1e-5 1_000 0xFF",
            &[
                (Integer, "1"),
                (Decimal, "1.5"),
                (Decimal, ".5"),
                (Decimal, "1."),
                (Double, "1e-5"),
                (Integer, "1_000"),
                (Integer, "0xFF"),
            ],
        );
        check("'it''s\\'", &[(Text("it's\\".into()), "'it''s\\'")]);
        check("\"a\"\"b\" `c`", &[(Quoted("a\"b".into()), "\"a\"\"b\""), (Quoted("c".into()), "`c`")]);
        check("X'65 6'", &[(Bad("Binary literal must contain an even number of digits"), "X'65 6'")]);
        check("x'6566'", &[(Binary(vec![0x65, 0x66]), "x'6566'")]);
        check("U&'\\00e9\\+01F600'", &[(Text("é😀".into()), "U&'\\00e9\\+01F600'")]);
        check(
            "U&'d!0061t!+000061!!' UESCAPE '!'",
            &[(Text("data!".into()), "U&'d!0061t!+000061!!' UESCAPE '!'")],
        );
        check("U&'\\+12'", &[(Bad("Invalid Unicode escape sequence"), "U&'\\+12'")]);
        check("U&'a' UESCAPE '+'", &[(Bad("Invalid Unicode escape character"), "U&'a' UESCAPE '+'")]);
        let digits = "identifiers must not start with a digit; surround the identifier with double quotes";
        check("1_", &[(Bad(digits), "1_")]);
        check("1a", &[(Bad(digits), "1a")]);
        check("1 -- a\r2 /* b\n*/ 3", &[(Integer, "1"), (Integer, "2"), (Integer, "3")]);
        check("'open", &[(Bad("unterminated string"), "'open")]);
        check("x->y", &[(Word, "x"), (Symbol, "->"), (Word, "y")]);
    }
}
