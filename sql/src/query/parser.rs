//! A place in the tokens of a query, and the small readings that clauses are made of.

use protocol::{Error, ErrorCode};

use super::{
    Problem,
    lex::{self, Kind, Token},
};
use crate::ast::{At, Expr, ExprKind, Ident};

pub(super) type Parsed<T> = Result<T, Problem>;

/// Parentheses, subqueries, CASEs and calls inside one another, at most.
const NESTING_MAX: usize = 200;
/// Second readings of one text: each doubles the work below it.
const RETRIES_MAX: usize = 64;
/// Levels of one expression, a chain of `n` operators counting `n`; AND and OR chains count one.
const EXPRESSION_DEPTH_MAX: usize = 500;

/// Words that no unquoted name may be (Trino's reserved words).
const RESERVED: &[&str] = &[
    "ALTER",
    "AND",
    "AS",
    "BETWEEN",
    "BY",
    "CASE",
    "CAST",
    "CONSTRAINT",
    "CREATE",
    "CROSS",
    "CUBE",
    "CURRENT_CATALOG",
    "CURRENT_DATE",
    "CURRENT_PATH",
    "CURRENT_ROLE",
    "CURRENT_SCHEMA",
    "CURRENT_TIME",
    "CURRENT_TIMESTAMP",
    "CURRENT_USER",
    "DEALLOCATE",
    "DELETE",
    "DESCRIBE",
    "DISTINCT",
    "DROP",
    "ELSE",
    "END",
    "ESCAPE",
    "EXCEPT",
    "EXECUTE",
    "EXISTS",
    "EXTRACT",
    "FALSE",
    "FOR",
    "FROM",
    "FULL",
    "GROUP",
    "GROUPING",
    "HAVING",
    "IN",
    "INNER",
    "INSERT",
    "INTERSECT",
    "INTO",
    "IS",
    "JOIN",
    "JSON_ARRAY",
    "JSON_EXISTS",
    "JSON_OBJECT",
    "JSON_QUERY",
    "JSON_TABLE",
    "JSON_VALUE",
    "LEFT",
    "LIKE",
    "LISTAGG",
    "LOCALTIME",
    "LOCALTIMESTAMP",
    "NATURAL",
    "NORMALIZE",
    "NOT",
    "NULL",
    "ON",
    "OR",
    "ORDER",
    "OUTER",
    "PREPARE",
    "RECURSIVE",
    "RIGHT",
    "ROLLUP",
    "SELECT",
    "SKIP",
    "TABLE",
    "THEN",
    "TRIM",
    "TRUE",
    "UESCAPE",
    "UNION",
    "UNNEST",
    "USING",
    "VALUES",
    "WHEN",
    "WHERE",
    "WITH",
];

#[derive(Debug)]
pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    tokens: Vec<Token<'a>>,
    next: usize,
    nesting: usize,
    pub(super) parameters: usize,
    /// How often a text in parentheses may still be read a second way.
    pub(super) retries: usize,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, tokens: lex::lex(text), next: 0, nesting: 0, parameters: 0, retries: RETRIES_MAX }
    }

    pub(super) fn peek(&self) -> &Token<'a> {
        self.peek_at(0)
    }

    /// The token `ahead` of the next; behind the end, the end again.
    pub(super) fn peek_at(&self, ahead: usize) -> &Token<'a> {
        const END: &Token<'static> = &Token { kind: Kind::End, text: "", at: 0 };
        self.tokens.get(self.next + ahead).or(self.tokens.last()).unwrap_or(END)
    }

    pub(super) fn at(&self) -> At {
        self.peek().at
    }

    /// The end of the token before this one.
    pub(super) fn end_of_last(&self) -> At {
        self.next
            .checked_sub(1)
            .and_then(|last| self.tokens.get(last))
            .map_or(0, |token| token.at + token.text.len())
    }

    pub(super) fn advance(&mut self) {
        if self.next + 1 < self.tokens.len() {
            self.next += 1;
        }
    }

    pub(super) fn mark(&self) -> usize {
        self.next
    }

    pub(super) fn rewind(&mut self, mark: usize) {
        self.next = mark;
    }

    pub(super) fn is_word(&self, ahead: usize, word: &str) -> bool {
        let token = self.peek_at(ahead);
        token.kind == Kind::Word && token.text.eq_ignore_ascii_case(word)
    }

    /// True if these words come next.
    pub(super) fn sees(&self, words: &str) -> bool {
        words.split(' ').enumerate().all(|(ahead, word)| self.is_word(ahead, word))
    }

    pub(super) fn accept(&mut self, words: &str) -> bool {
        let found = self.sees(words);
        if found {
            self.next += words.split(' ').count();
        }
        found
    }

    pub(super) fn expect(&mut self, words: &str) -> Parsed<()> {
        for word in words.split(' ') {
            if !self.accept(word) {
                return Err(self.mismatch(&format!("'{word}'")));
            }
        }
        Ok(())
    }

    pub(super) fn is_symbol(&self, ahead: usize, symbol: &str) -> bool {
        let token = self.peek_at(ahead);
        token.kind == Kind::Symbol && token.text == symbol
    }

    pub(super) fn accept_symbol(&mut self, symbol: &str) -> bool {
        let found = self.is_symbol(0, symbol);
        if found {
            self.advance();
        }
        found
    }

    pub(super) fn expect_symbol(&mut self, symbol: &str) -> Parsed<()> {
        if self.accept_symbol(symbol) { Ok(()) } else { Err(self.mismatch(&format!("'{symbol}'"))) }
    }

    pub(super) fn expect_end(&self) -> Parsed<()> {
        if self.peek().kind == Kind::End { Ok(()) } else { Err(self.mismatch("<EOF>")) }
    }

    /// `item, item`, at least one.
    pub(super) fn comma_separated<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Parsed<T>,
    ) -> Parsed<Vec<T>> {
        let mut items = vec![item(self)?];
        while self.accept_symbol(",") {
            items.push(item(self)?);
        }
        Ok(items)
    }

    /// `(item, item)`, at least one.
    pub(super) fn parenthesised<T>(&mut self, item: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        self.expect_symbol("(")?;
        let items = self.comma_separated(item)?;
        self.expect_symbol(")")?;
        Ok(items)
    }

    /// Reads something nested one level deeper.
    pub(super) fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.nesting >= NESTING_MAX {
            return Err(self.not_supported(&format!("more than {NESTING_MAX} levels of nesting")));
        }
        self.nesting += 1;
        let result = read(self);
        self.nesting -= 1;
        result
    }

    /// A node, unless it is too deep for those who will walk over it.
    pub(super) fn node(&self, kind: ExprKind, at: At) -> Parsed<Expr> {
        let expr = Expr::new(kind, at);
        match expr.depth <= EXPRESSION_DEPTH_MAX {
            true => Ok(expr),
            false => Err(self.not_supported(&format!(
                "more than {EXPRESSION_DEPTH_MAX} operators in a chain or levels of an expression"
            ))),
        }
    }

    /// True if a name comes next: quoted, or a word that is not reserved.
    pub(super) fn sees_name(&self, ahead: usize) -> bool {
        let token = self.peek_at(ahead);
        match &token.kind {
            Kind::Quoted(_) => true,
            Kind::Word => !is_reserved(token.text),
            _ => false,
        }
    }

    pub(super) fn name(&mut self) -> Parsed<Ident> {
        if !self.sees_name(0) {
            return Err(self.mismatch("an identifier"));
        }
        let token = self.peek();
        let ident = match &token.kind {
            Kind::Quoted(name) => Ident { text: name.clone(), quoted: true, at: token.at },
            _ => Ident { text: token.text.to_owned(), quoted: false, at: token.at },
        };
        self.advance();
        Ok(ident)
    }

    /// `a.b.c`
    pub(super) fn dotted_name(&mut self) -> Parsed<Vec<Ident>> {
        let mut parts = vec![self.name()?];
        while self.accept_symbol(".") {
            parts.push(self.name()?);
        }
        Ok(parts)
    }

    pub(super) fn string(&mut self) -> Parsed<String> {
        match &self.peek().kind {
            Kind::Text(text) => {
                let text = text.clone();
                self.advance();
                Ok(text)
            }
            _ => Err(self.mismatch("a string")),
        }
    }

    /// A whole number without sign.
    pub(super) fn integer<T: std::str::FromStr>(&mut self) -> Parsed<T> {
        let token = self.peek();
        let number = (token.kind == Kind::Integer).then(|| token.text.parse().ok()).flatten();
        let number = number.ok_or_else(|| self.mismatch("an integer"))?;
        self.advance();
        Ok(number)
    }

    /// The next token is not what the grammar wants here.
    pub(super) fn mismatch(&self, expecting: &str) -> Problem {
        let token = self.peek();
        let message = match &token.kind {
            Kind::Bad(what) => (*what).to_owned(),
            Kind::End => format!("mismatched input '<EOF>'; expecting {expecting}"),
            _ => format!("mismatched input '{}'; expecting {expecting}", token.text),
        };
        self.syntax(message)
    }

    pub(super) fn syntax(&self, message: impl Into<String>) -> Problem {
        Problem::new(Error::new(ErrorCode::SyntaxError, message), self.at())
    }

    /// A construct that is understood and not offered.
    pub(super) fn not_supported(&self, construct: &str) -> Problem {
        Problem::new(Error::new(ErrorCode::NotSupported, format!("{construct} is not supported")), self.at())
    }
}

fn is_reserved(word: &str) -> bool {
    let mut upper = [0_u8; 20];
    let Some(upper) = upper.get_mut(..word.len()) else { return false };
    upper.copy_from_slice(word.as_bytes());
    upper.make_ascii_uppercase();
    std::str::from_utf8(upper).is_ok_and(|word| RESERVED.binary_search(&word).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_words_are_sorted() {
        assert!(RESERVED.is_sorted());
        assert!(is_reserved("select") && !is_reserved("date") && !is_reserved("größe"));
    }
}
