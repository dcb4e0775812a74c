//! A place in the tokens of a query, and the small readings that clauses are made of.

use protocol::{Error, ErrorCode};

use super::{
    Problem,
    lex::{self, Kind, Token},
};
use crate::{
    ast::{At, Body, Expr, ExprKind, Ident, Relation},
    nearest,
};

pub(super) type Parsed<T> = Result<T, Problem>;

/// Parentheses, subqueries, CASEs and calls inside one another, at most.
pub(super) const NESTING_MAX: usize = 200;
/// Levels of one expression, a chain of `n` operators counting `n`; AND and OR chains count one.
const EXPRESSION_DEPTH_MAX: usize = 250;

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
    tokens: Vec<Token<'a>>,
    next: usize,
    nesting: usize,
    pub(super) parameters: usize,
    /// Read already, and the operand that comes next: parentheses turned out to begin an expression. So no
    /// text is read twice, however many parentheses are in front of it.
    pub(super) pending: Option<Expr>,
    /// The same for the first input of a set operation.
    pub(super) pending_body: Option<Body>,
    /// The same for the first relation of joins.
    pub(super) pending_relation: Option<Relation>,
    /// The token that was last taken for a name behind an item without AS.
    bare_alias: Option<usize>,
}

/// Words that begin a clause, for "did you mean".
const CLAUSES: &[&str] = &[
    "FROM",
    "WHERE",
    "GROUP",
    "HAVING",
    "ORDER",
    "LIMIT",
    "OFFSET",
    "FETCH",
    "UNION",
    "EXCEPT",
    "INTERSECT",
    "JOIN",
    "CROSS",
    "INNER",
    "LEFT",
    "RIGHT",
    "FULL",
    "WINDOW",
];

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            tokens: lex::lex(text),
            next: 0,
            nesting: 0,
            parameters: 0,
            pending: None,
            pending_body: None,
            pending_relation: None,
            bare_alias: None,
        }
    }

    pub(super) fn peek(&self) -> &Token<'a> {
        self.peek_at(0)
    }

    /// The token `ahead` of the next; behind the end, the end again.
    pub(super) fn peek_at(&self, ahead: usize) -> &Token<'a> {
        const END: &Token<'static> = &Token { kind: Kind::End, text: "", at: 0 };
        self.tokens.get(self.next + ahead).or(self.tokens.last()).unwrap_or(END)
    }

    /// Where what comes next begins.
    pub(super) fn at(&self) -> At {
        self.pending.as_ref().map_or(self.peek().at, |pending| pending.at)
    }

    pub(super) fn advance(&mut self) {
        if self.next + 1 < self.tokens.len() {
            self.next += 1;
        }
    }

    /// How many tokens were read.
    pub(super) fn progress(&self) -> usize {
        self.next
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

    /// A name behind an item without AS.
    pub(super) fn bare_alias(&mut self) -> Parsed<Ident> {
        self.bare_alias = Some(self.next);
        self.name()
    }

    /// True at a word that is not reserved and yet begins a clause here.
    pub(super) fn starts_clause(&self) -> bool {
        match () {
            () if self.is_word(0, "WINDOW") => self.sees_name(1) && self.is_word(2, "AS"),
            () if self.is_word(0, "FETCH") => self.is_word(1, "FIRST") || self.is_word(1, "NEXT"),
            () if self.is_word(0, "TABLESAMPLE") => self.is_word(1, "BERNOULLI") || self.is_word(1, "SYSTEM"),
            () if ["LIMIT", "OFFSET", "QUALIFY"].iter().any(|word| self.is_word(0, word)) => {
                let next = self.peek_at(1);
                match next.kind {
                    Kind::End => false,
                    Kind::Word => !is_reserved(next.text),
                    _ => !matches!(next.text, "," | ")"),
                }
            }
            () => false,
        }
    }

    /// True where a query goes on behind its first input.
    pub(super) fn continues_query(&self) -> bool {
        ["UNION", "EXCEPT", "INTERSECT", "ORDER"].iter().any(|word| self.is_word(0, word))
            || self.starts_clause()
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
        if let Some(problem) = self.misspelt(expecting) {
            return problem;
        }
        let message = match &token.kind {
            Kind::Bad(what) => (*what).to_owned(),
            Kind::End => format!("mismatched input '<EOF>'; expecting {expecting}"),
            _ => format!("mismatched input '{}'; expecting {expecting}", token.text),
        };
        self.syntax(message)
    }

    /// A clause whose first word is misspelt: it was taken for an alias, or it is where the text should end.
    fn misspelt(&self, expecting: &str) -> Option<Problem> {
        if !["<EOF>", "')'"].contains(&expecting) {
            return None;
        }
        let before = self.next.checked_sub(1).filter(|before| self.bare_alias == Some(*before));
        let before = before.and_then(|before| self.tokens.get(before));
        before
            .into_iter()
            .chain([self.peek()])
            .filter(|token| token.kind == Kind::Word && !is_reserved(token.text))
            .find_map(|token| {
                let meant = nearest(token.text, CLAUSES.iter().copied())?;
                let is_slip = !meant.eq_ignore_ascii_case(token.text);
                let message = format!("mismatched input '{}'; expecting '{meant}'", token.text);
                is_slip.then(|| Problem::new(Error::new(ErrorCode::SyntaxError, message), token.at))
            })
    }

    pub(super) fn syntax(&self, message: impl Into<String>) -> Problem {
        Problem::new(Error::new(ErrorCode::SyntaxError, message), self.peek().at)
    }

    /// A construct that is understood and not offered.
    pub(super) fn not_supported(&self, construct: &str) -> Problem {
        Problem::new(
            Error::new(ErrorCode::NotSupported, format!("{construct} is not supported")),
            self.peek().at,
        )
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
