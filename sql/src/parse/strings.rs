//! What a string or quoted name of the DDL stands for.

use std::{iter::Peekable, str::Chars};

/// The value of a Hive string token, quotes included in `token`: `'\t'`, `'\001'`, `'\u0001'`, `'it''s'`.
///
/// As in Hive, `\%` and `\_` keep their backslash (they are patterns), and a backslash in front of any
/// other character is dropped.
pub(super) fn unescape(token: &str) -> String {
    let (quote, body) = split_quotes(token);
    let mut value = String::with_capacity(body.len());
    let mut rest = body.chars().peekable();
    while let Some(c) = rest.next() {
        if c == '\\' {
            escape(&mut rest, &mut value);
        } else {
            if c == quote {
                // The lexer lets a quote inside only as the first of two.
                rest.next();
            }
            value.push(c);
        }
    }
    value
}

/// The name in a quoted token: a doubled quote stands for itself, nothing else is special.
pub(super) fn unquote_name(token: &str) -> String {
    let (quote, body) = split_quotes(token);
    let mut doubled = String::from(quote);
    doubled.push(quote);
    body.replace(&doubled, quote.encode_utf8(&mut [0; 4]))
}

fn split_quotes(token: &str) -> (char, &str) {
    let quote = token.chars().next().unwrap_or('\'');
    let body = token.strip_prefix(quote).and_then(|body| body.strip_suffix(quote)).unwrap_or_default();
    (quote, body)
}

/// Reads what follows a backslash.
fn escape(rest: &mut Peekable<Chars<'_>>, value: &mut String) {
    if let Some(c) = code(rest, 3, 8) {
        return value.push(c);
    }
    let Some(c) = rest.next() else {
        return value.push('\\');
    };
    match c {
        'n' => value.push('\n'),
        't' => value.push('\t'),
        'r' => value.push('\r'),
        'b' => value.push('\u{8}'),
        '0' => value.push('\0'),
        'Z' => value.push('\u{1a}'),
        '%' | '_' => value.extend(['\\', c]),
        'u' => match code(rest, 4, 16) {
            Some(c) => value.push(c),
            None => value.push('u'),
        },
        c => value.push(c),
    }
}

/// Exactly `count` digits of the radix as a character; takes nothing unless they are all there.
fn code(rest: &mut Peekable<Chars<'_>>, count: usize, radix: u32) -> Option<char> {
    let digits: String = rest.clone().take(count).collect();
    if digits.chars().count() != count || !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    let c = char::from_u32(u32::from_str_radix(&digits, radix).ok()?)?;
    for _ in 0..count {
        rest.next();
    }
    Some(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_mean_what_hive_means() {
        fn check(token: &str, expect: &str) {
            assert_eq!(unescape(token), expect, "{token}");
        }
        check("''", "");
        check("'plain'", "plain");
        check("\"plain\"", "plain");
        check(r"'\t'", "\t");
        check(r"'\n\r\b'", "\n\r\u{8}");
        check(r"'\001'", "\u{1}");
        check(r"'\002x'", "\u{2}x");
        check(r"'\0'", "\0");
        check(r"'\0018'", "\u{1}8");
        check(r"'\u0001'", "\u{1}");
        check(r"'\u00E9'", "é");
        check(r"'\u00'", "u00");
        check(r"'\uD800'", "uD800");
        check(r"'\\'", "\\");
        check(r"'\''", "'");
        check("'it''s'", "it's");
        check("\"a\"\"b'c\"", "a\"b'c");
        check(r"'a\%b'", r"a\%b");
        check(r"'\|'", "|");
        check(r"'\;'", ";");
    }

    #[test]
    fn quoted_names_keep_backslashes() {
        assert_eq!(unquote_name(r"`a\b``c`"), r"a\b`c");
        assert_eq!(unquote_name("\"a\"\"b\""), "a\"b");
    }
}
