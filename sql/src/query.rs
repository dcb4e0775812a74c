//! Text of a query → [`Query`].
//!
//! Recursive descent over Trino's grammar (SqlBase.g4), with a table of precedences for expressions. What
//! the grammar has and no statement of ours can mean is refused where it is read.

mod call;
mod data_type;
mod expr;
mod json;
mod lex;
mod limits;
mod parenthesis;
mod parser;
mod relation;
mod select;
mod special;

use std::thread;

use protocol::{Error, Position, Result};

use crate::{
    ast::{Expr, Query},
    position,
};
use parser::Parser;

/// Stack of the thread that parses and analyses. Address space, not memory: pages are used as far as the
/// text is deep.
const STACK_BYTES: usize = 128 * 1024 * 1024;

/// Parses `text`, which is a query and nothing else. The positions of errors are counted from `start`, the
/// place of its first character in the whole statement.
///
/// Recurses as deep as the text is nested; see [`on_deep_stack`].
pub fn parse(text: &str, start: Position) -> Result<Query> {
    parse_prepared(text, start).map(|(query, _)| query)
}

/// Parses like [`parse`]; also tells how many `?` there are.
pub fn parse_prepared(text: &str, start: Position) -> Result<(Query, usize)> {
    let mut parser = Parser::new(text);
    let parsed = parser.query().and_then(|query| {
        parser.expect_end()?;
        limits::check(&query)?;
        Ok((query, parser.parameters))
    });
    parsed.map_err(|problem| problem.located(text, start))
}

/// Parses `text`, which is one expression: a value of `EXECUTE … USING`.
pub fn parse_expr(text: &str, start: Position) -> Result<Expr> {
    let mut parser = Parser::new(text);
    let parsed = parser.expr().and_then(|expr| parser.expect_end().map(|()| expr));
    parsed.map_err(|problem| problem.located(text, start))
}

/// A parse or analysis that failed, with its place as an offset.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    pub(crate) error: Error,
    pub(crate) at: usize,
}

impl Problem {
    pub(crate) fn new(error: Error, at: usize) -> Self {
        Self { error, at }
    }

    /// The error with line and column.
    pub(crate) fn located(self, text: &str, start: Position) -> Error {
        if self.error.position.is_some() {
            return self.error;
        }
        let at = position::of_offset(text, self.at, start);
        self.error.at(at.line, at.column)
    }
}

/// Runs `work` where deep recursion is no danger: parsing and analysing recurse as deep as the text is nested.
pub fn on_deep_stack<T: Send>(work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    thread::scope(|scope| {
        let thread =
            thread::Builder::new().name("sql".to_owned()).stack_size(STACK_BYTES).spawn_scoped(scope, work);
        match thread {
            Ok(thread) => {
                thread.join().unwrap_or_else(|_| Err(Error::internal("the analysis of a query panicked")))
            }
            Err(error) => Err(Error::internal(format!("no thread for the analysis: {error}")).retryable()),
        }
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;
