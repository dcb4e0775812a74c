//! What stands in parentheses: a query, an expression, a row, a lambda's parameters, joins.
//!
//! `((SELECT 1) + 1)` and `((SELECT 1) UNION SELECT 2)` begin alike. Parentheses are read from the inside: what
//! was read becomes the first operand of what follows, and no text is read twice.

use super::parser::{NESTING_MAX, Parsed, Parser};
use crate::ast::{Body, Expr, ExprKind, Ident, Query, Relation, RelationKind};

/// What is between parentheses of an expression.
pub(super) enum Inside {
    Query(Query),
    /// A query in parentheses of its own.
    Bracketed(Query),
    /// At least one.
    Items(Vec<Expr>),
}

/// What is between parentheses in FROM.
enum InFrom {
    Query(Query),
    Relation(Relation),
}

impl Parser<'_> {
    /// True if a query comes next, also in parentheses of its own.
    pub(super) fn sees_query(&self, ahead: usize) -> bool {
        let open = (0..=NESTING_MAX).take_while(|more| self.is_symbol(ahead + more, "(")).count();
        let first = ahead + open;
        ["SELECT", "WITH", "VALUES"].iter().any(|word| self.is_word(first, word))
            || (self.is_word(first, "TABLE") && !self.is_symbol(first + 1, "("))
    }

    /// `(query)`, `(expr)`, `(a, b)`, `(x, y) -> body`, `() -> body`.
    pub(super) fn in_parentheses(&mut self) -> Parsed<Expr> {
        let at = self.at();
        if let Some(parameters) = self.lambda_parameters() {
            return self.lambda(parameters, at);
        }
        self.advance();
        let inside = self.query_or_items()?;
        self.expect_symbol(")")?;
        match inside {
            Inside::Query(query) | Inside::Bracketed(query) => {
                self.node(ExprKind::Subquery(Box::new(query)), at)
            }
            Inside::Items(items) => self.grouped(items, at),
        }
    }

    /// `(a)` is its expression, `(a, b)` a row.
    fn grouped(&mut self, mut items: Vec<Expr>, at: usize) -> Parsed<Expr> {
        match items.len() {
            1 => items.pop().ok_or_else(|| self.mismatch("an expression")),
            _ => self.node(ExprKind::Row(items), at),
        }
    }

    /// Behind an opening parenthesis.
    pub(super) fn query_or_items(&mut self) -> Parsed<Inside> {
        if !self.sees_query(0) {
            return self.comma_separated(Self::expr).map(Inside::Items);
        }
        if !self.is_symbol(0, "(") {
            return self.query().map(Inside::Query);
        }
        let at = self.at();
        self.advance();
        let inside = self.nested(Self::query_or_items)?;
        self.expect_symbol(")")?;
        self.pending = Some(match inside {
            Inside::Query(query) | Inside::Bracketed(query) if self.continues_query() => {
                return self.query_from(query, at).map(Inside::Query);
            }
            Inside::Query(query) | Inside::Bracketed(query) if self.is_symbol(0, ")") => {
                return Ok(Inside::Bracketed(query));
            }
            Inside::Query(query) | Inside::Bracketed(query) => {
                self.node(ExprKind::Subquery(Box::new(query)), at)?
            }
            Inside::Items(items) => self.grouped(items, at)?,
        });
        self.comma_separated(Self::expr).map(Inside::Items)
    }

    /// The query that begins with `first` in parentheses.
    fn query_from(&mut self, first: Query, at: usize) -> Parsed<Query> {
        self.pending_body = Some(Body::Query(Box::new(first)));
        let query = self.query()?;
        Ok(Query { at, ..query })
    }

    /// The parameters, if `(a, b) ->` comes next; then the cursor is behind the arrow.
    fn lambda_parameters(&mut self) -> Option<Vec<Ident>> {
        let mut ahead = 1;
        while self.sees_name(ahead) && self.is_symbol(ahead + 1, ",") {
            ahead += 2;
        }
        ahead += usize::from(self.sees_name(ahead));
        if !(self.is_symbol(ahead, ")") && self.is_symbol(ahead + 1, "->")) {
            return None;
        }
        self.advance();
        let mut parameters = Vec::new();
        while !self.accept_symbol(")") {
            parameters.push(self.name().ok()?);
            self.accept_symbol(",");
        }
        self.advance();
        Some(parameters)
    }

    /// `(query)`, or joins in parentheses; both may begin with several parentheses.
    pub(super) fn parenthesised_relation(&mut self, at: usize) -> Parsed<Relation> {
        self.expect_symbol("(")?;
        let inside = self.nested(Self::query_or_relation)?;
        self.expect_symbol(")")?;
        Ok(in_from(inside, at))
    }

    fn query_or_relation(&mut self) -> Parsed<InFrom> {
        if !self.sees_query(0) {
            return self.relation().map(InFrom::Relation);
        }
        if !self.is_symbol(0, "(") {
            return self.query().map(InFrom::Query);
        }
        let at = self.at();
        self.advance();
        let inside = self.nested(Self::query_or_relation)?;
        self.expect_symbol(")")?;
        match inside {
            InFrom::Query(query) if self.is_symbol(0, ")") || self.continues_query() => {
                self.query_from(query, at).map(InFrom::Query)
            }
            inside => {
                self.pending_relation = Some(in_from(inside, at));
                self.relation().map(InFrom::Relation)
            }
        }
    }
}

fn in_from(inside: InFrom, at: usize) -> Relation {
    match inside {
        InFrom::Relation(relation) => relation,
        InFrom::Query(query) => {
            let kind = RelationKind::Subquery { query: Box::new(query), lateral: false };
            Relation { kind, at }
        }
    }
}
