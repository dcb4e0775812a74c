//! Text → tokens, for everything that is not a query body: routing, DDL, splitting scripts.
//!
//! Never fails: an unterminated string or comment becomes a token of its own, so that a refusal by the
//! first words comes before a complaint about the rest. Offsets are bytes; [`position`] makes lines
//! and columns of them when an error needs one.

use protocol::Position;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    Number,
    /// In quotes of this character.
    Quoted(char),
    Symbol(char),
    /// Runs to the end of the text; the name of what was not closed.
    Unterminated(&'static str),
    End,
}

/// A token with its text, quotes included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    pub(super) start: usize,
}

impl Token<'_> {
    /// Offset behind the token.
    pub(super) fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

/// What a backslash means inside quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Backslash {
    /// Hive: it takes the next character's meaning away.
    Escapes,
    /// Trino: it is a character like any other.
    IsPlain,
}

/// The rule for a statement that starts with these two words; an absent one is empty.
///
/// Hive's statements have Hive's strings. Those around a query, and those that Athena gives to Trino
/// anyway, have Trino's.
pub(super) fn backslash_of(first: &str, second: &str) -> Backslash {
    const HIVE: &[&str] = &["CREATE", "DROP", "ALTER", "MSCK", "SHOW", "DESCRIBE", "DESC"];
    const TRINO: &[(&str, &str)] = &[
        ("CREATE", "OR"),
        ("CREATE", "VIEW"),
        ("CREATE", "TABLE"),
        ("CREATE", "FUNCTION"),
        ("SHOW", "STATS"),
        ("SHOW", "FUNCTIONS"),
    ];
    let is = |word: &str, written: &str| word.eq_ignore_ascii_case(written);
    let hive = HIVE.iter().any(|word| is(word, first))
        && !TRINO.iter().any(|(one, two)| is(one, first) && is(two, second));
    if hive { Backslash::Escapes } else { Backslash::IsPlain }
}

/// All tokens of `text`; the last one is of kind `End`. The statement's first words set the backslash
/// rule, anew after each `;`.
pub(super) fn lex(text: &str) -> Vec<Token<'_>> {
    let mut tokens: Vec<Token<'_>> = Vec::new();
    let mut offset = 0;
    // Where the present statement starts in `tokens`.
    let mut first = 0;
    loop {
        let word = |ahead: usize| tokens.get(first + ahead).map_or("", |token| token.text);
        let token = next_token(text, offset, backslash_of(word(0), word(1)));
        offset = token.end();
        tokens.push(token);
        match token.kind {
            Kind::Symbol(';') => first = tokens.len(),
            Kind::End => return tokens,
            _ => {}
        }
    }
}

/// Line and column of a byte offset, counted in characters as sqlparser does.
pub(super) fn position(text: &str, offset: usize) -> Position {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let column = before.get(line_start..).unwrap_or_default().chars().count();
    let line = before.bytes().filter(|byte| *byte == b'\n').count();
    Position { line: line as u64 + 1, column: column as u64 + 1 }
}

fn next_token(text: &str, offset: usize, backslash: Backslash) -> Token<'_> {
    let start = match skip_blank(text, offset) {
        Ok(start) => start,
        Err(start) => return token(text, start, text.len(), Kind::Unterminated("comment")),
    };
    let rest = text.get(start..).unwrap_or_default();
    let Some(first) = rest.chars().next() else {
        return token(text, start, start, Kind::End);
    };
    match first {
        '\'' | '"' | '`' => quoted(text, start, first, backslash),
        c if is_word_start(c) => token(text, start, start + word_length(rest), Kind::Word),
        c if c.is_ascii_digit() => number(text, start),
        c => token(text, start, start + c.len_utf8(), Kind::Symbol(c)),
    }
}

fn token(text: &str, start: usize, end: usize, kind: Kind) -> Token<'_> {
    Token { kind, text: text.get(start..end).unwrap_or_default(), start }
}

/// Offset of the next character that is neither space nor comment; Err with the offset of a block
/// comment that does not end.
fn skip_blank(text: &str, offset: usize) -> Result<usize, usize> {
    let mut at = offset;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let trimmed = rest.trim_start();
        at += rest.len() - trimmed.len();
        if trimmed.starts_with("--") {
            at += trimmed.find(['\n', '\r']).unwrap_or(trimmed.len());
        } else if let Some(comment) = trimmed.strip_prefix("/*") {
            let length = comment.find("*/").ok_or(at)?;
            at += length + "/**/".len();
        } else {
            return Ok(at);
        }
    }
}

fn is_word_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn word_length(rest: &str) -> usize {
    rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(rest.len())
}

/// A number, or a name that begins with a digit, as Hive allows (`2024_sales`).
fn number(text: &str, start: usize) -> Token<'_> {
    let rest = text.get(start..).unwrap_or_default();
    let mut length = word_length(rest);
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if digits(rest.get(..length).unwrap_or_default())
        && let Some(fraction) = rest.get(length..).and_then(|rest| rest.strip_prefix('.'))
        && fraction.starts_with(|c: char| c.is_ascii_digit())
    {
        length += 1 + word_length(fraction);
    }
    let written = rest.get(..length).unwrap_or_default();
    let kind = if written.parse::<f64>().is_ok() { Kind::Number } else { Kind::Word };
    token(text, start, start + length, kind)
}

/// A string or quoted name; the quote doubled inside stands for itself.
fn quoted(text: &str, start: usize, quote: char, backslash: Backslash) -> Token<'_> {
    let escapes = backslash == Backslash::Escapes && quote != '`';
    let body = start + quote.len_utf8();
    let mut characters = text.get(body..).unwrap_or_default().char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        if c == '\\' && escapes {
            characters.next();
        } else if c == quote && characters.next_if(|(_, next)| *next == quote).is_none() {
            let end = body + at + quote.len_utf8();
            return token(text, start, end, Kind::Quoted(quote));
        }
    }
    let what = if quote == '\'' { "string" } else { "quoted name" };
    token(text, start, text.len(), Kind::Unterminated(what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_cut_where_both_languages_cut_them() {
        fn check(text: &str, expect: &[(Kind, &str)]) {
            let tokens = lex(text);
            let found: Vec<_> = tokens.iter().map(|token| (token.kind, token.text)).collect();
            let mut expect = expect.to_vec();
            expect.push((Kind::End, ""));
            assert_eq!(found, expect, "{text}");
        }
        use Kind::*;
        check("", &[]);
        check(" -- only a comment", &[]);
        check("a/* x */b", &[(Word, "a"), (Word, "b")]);
        check("a--x\nb", &[(Word, "a"), (Word, "b")]);
        check("a--x\rb", &[(Word, "a"), (Word, "b")]);
        check("1.5 12L 1e3", &[(Number, "1.5"), (Word, "12L"), (Number, "1e3")]);
        check("2024_t.1a", &[(Word, "2024_t"), (Symbol('.'), "."), (Word, "1a")]);
        check("x '\\' y", &[(Word, "x"), (Quoted('\''), "'\\'"), (Word, "y")]);
        check("show '\\'' y", &[(Word, "show"), (Quoted('\''), "'\\''"), (Word, "y")]);
        check(
            "create view v '\\' y",
            &[(Word, "create"), (Word, "view"), (Word, "v"), (Quoted('\''), "'\\'"), (Word, "y")],
        );
        check("show stats '\\' y", &[(Word, "show"), (Word, "stats"), (Quoted('\''), "'\\'"), (Word, "y")]);
        check("x 'a''b'", &[(Word, "x"), (Quoted('\''), "'a''b'")]);
        check("`a``b` \"c\"", &[(Quoted('`'), "`a``b`"), (Quoted('"'), "\"c\"")]);
        check("x 'open", &[(Word, "x"), (Unterminated("string"), "'open")]);
        check("x /* open", &[(Word, "x"), (Unterminated("comment"), "/* open")]);
        check("größe", &[(Word, "größe")]);
        check("→", &[(Symbol('→'), "→")]);
    }

    #[test]
    fn positions_count_characters() {
        fn check(text: &str, offset: usize, line: u64, column: u64) {
            let at = position(text, offset);
            assert_eq!(at, Position { line, column }, "{text:?} {offset}");
        }
        check("", 0, 1, 1);
        check("ab\ncd", 3, 2, 1);
        check("ab\ncd", 4, 2, 2);
        check("é b", 3, 1, 3);
        check("ab", 99, 1, 3);
    }
}
