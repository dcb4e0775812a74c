//! Queries: cut out here, read by [`crate::query`].

use protocol::Result;

use super::{cursor::Cursor, lex};
use crate::{Statement, statement::QueryText};

/// True if a query comes next.
pub(super) fn starts_here(cursor: &Cursor<'_>) -> bool {
    cursor.at_symbol('(') || ["SELECT", "WITH", "VALUES", "TABLE"].iter().any(|head| cursor.at(head))
}

/// Takes the query that makes up the rest of the statement.
pub(super) fn query(cursor: &mut Cursor<'_>) -> Result<Statement> {
    Ok(Statement::Query(body(cursor)))
}

/// The rest of the statement.
fn body(cursor: &mut Cursor<'_>) -> QueryText {
    let start = cursor.peek().start;
    cursor.skip_to_end();
    let text = cursor.text().get(start..cursor.peek().start).unwrap_or_default().to_owned();
    QueryText { text, position: lex::position(cursor.text(), start) }
}
