//! Cutting a script at its semicolons. The callers run the pieces one after the other; nothing is parsed.

use super::lex::{self, Kind};

/// The statements of a script, each with the byte offset at which it starts, without its `;`, comments
/// in front of it, and empty pieces. Semicolons in strings, quoted names and comments do not cut.
///
/// An unterminated string or comment stays in the last piece, for the parser to complain about.
pub fn split_statements(text: &str) -> Vec<(&str, usize)> {
    let mut statements = Vec::new();
    let mut open: Option<(usize, usize)> = None;
    for token in lex::lex(text) {
        match token.kind {
            Kind::Symbol(';') | Kind::End => {
                if let Some((start, end)) = open.take() {
                    statements.push((text.get(start..end).unwrap_or_default(), start));
                }
            }
            _ => {
                let start = open.map_or(token.start, |(start, _)| start);
                open = Some((start, token.end()));
            }
        }
    }
    statements
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_semicolons_between_statements_cut() {
        fn check(text: &str, expect: &[(&str, usize)]) {
            assert_eq!(split_statements(text), expect, "{text}");
        }
        check("", &[]);
        check(" ; ;; -- nothing\n", &[]);
        check("select 1", &[("select 1", 0)]);
        check("a; b ;", &[("a", 0), ("b", 3)]);
        check("a ';' b; c", &[("a ';' b", 0), ("c", 9)]);
        check("a \";\" `;`", &[("a \";\" `;`", 0)]);
        check("a -- ; x\n b", &[("a -- ; x\n b", 0)]);
        check("/* ; */ a; /* b", &[("a", 8), ("/* b", 11)]);
        check("select '\\'; b", &[("select '\\'", 0), ("b", 12)]);
        check("create x '\\';'; b", &[("create x '\\';'", 0), ("b", 16)]);
        check("create x '\\t'; select '\\'; b", &[("create x '\\t'", 0), ("select '\\'", 15), ("b", 27)]);
        check("é; ü", &[("é", 0), ("ü", 4)]);
    }
}
