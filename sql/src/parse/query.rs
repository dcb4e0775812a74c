//! Queries, and `EXPLAIN` in front of one: cut out here, read by [`crate::query`].

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

/// At `EXPLAIN`.
pub(super) fn explain(cursor: &mut Cursor<'_>) -> Result<Statement> {
    cursor.expect("EXPLAIN")?;
    let analyze = cursor.accept("ANALYZE");
    let verbose = cursor.accept("VERBOSE");
    let has_options =
        cursor.at_symbol('(') && ["TYPE", "FORMAT"].contains(&cursor.word_at(1).unwrap_or_default().as_str());
    if has_options {
        cursor.list(explain_option)?;
    }
    if !starts_here(cursor) {
        let head = cursor.peek_word().unwrap_or_default();
        return Err(match head.as_str() {
            "CREATE" | "INSERT" | "UPDATE" | "DELETE" | "MERGE" | "DROP" | "ALTER" | "SHOW" | "DESCRIBE"
            | "UNLOAD" => cursor.not_supported(&format!("EXPLAIN of {head}")),
            _ => cursor.mismatch("a query"),
        });
    }
    Ok(Statement::Explain { analyze, verbose, query: body(cursor) })
}

/// The options that name what is shown anyway; any other is refused.
fn explain_option(cursor: &mut Cursor<'_>) -> Result<()> {
    if cursor.accept("TYPE DISTRIBUTED") || cursor.accept("FORMAT TEXT") {
        return Ok(());
    }
    let option = cursor.peek_word().unwrap_or_default();
    let value = cursor.word_at(1).unwrap_or_default();
    match option.as_str() {
        "TYPE" | "FORMAT" => Err(cursor.not_supported(&format!("EXPLAIN ({option} {value})"))),
        _ => Err(cursor.mismatch("'TYPE' or 'FORMAT'")),
    }
}

/// The rest of the statement.
fn body(cursor: &mut Cursor<'_>) -> QueryText {
    let start = cursor.peek().start;
    cursor.skip_to_end();
    let text = cursor.text().get(start..cursor.peek().start).unwrap_or_default().to_owned();
    QueryText { text, position: lex::position(cursor.text(), start) }
}
