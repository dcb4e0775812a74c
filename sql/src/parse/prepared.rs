//! `PREPARE`, `EXECUTE`, `EXECUTE IMMEDIATE` and `DEALLOCATE PREPARE`.

use protocol::{Position, Result};

use super::{cursor::Cursor, lex::Kind, query, wrapper};
use crate::{QueryText, Statement};

/// At `PREPARE`: of a statement that reads or writes rows, as in Athena.
pub(super) fn prepare(cursor: &mut Cursor<'_>) -> Result<Statement> {
    cursor.expect("PREPARE")?;
    let name = cursor.name("a statement name")?;
    cursor.expect("FROM")?;
    let inner = cursor.clone();
    let is_query = query::starts_here(cursor);
    let statement = cursor.rest_text("a statement")?;
    check_inner(inner)?;
    if is_query {
        use crate::query::{on_deep_stack, parse};
        on_deep_stack(|| parse(&statement.text, statement.position).map(drop))?;
    }
    Ok(Statement::Prepare { name, statement })
}

/// Reads what is around the query of the inner statement, so that a slip is told now and not at every
/// `EXECUTE`.
fn check_inner(mut cursor: Cursor<'_>) -> Result<()> {
    if query::starts_here(&cursor) {
        return Ok(());
    }
    match cursor.peek_word().unwrap_or_default().as_str() {
        "INSERT" => wrapper::insert(&mut cursor)?,
        "UNLOAD" => wrapper::unload(&mut cursor)?,
        "CREATE" if cursor.at("CREATE TABLE") => super::create_table::create_table(&mut cursor)?,
        head if super::is_statement_head(head) => {
            return Err(cursor.not_supported(&format!("PREPARE of {head}")));
        }
        _ => return Err(cursor.mismatch("a query, 'INSERT', 'CREATE TABLE' or 'UNLOAD'")),
    };
    cursor.expect_end()
}

/// At `EXECUTE`.
pub(super) fn execute(cursor: &mut Cursor<'_>) -> Result<Statement> {
    cursor.expect("EXECUTE")?;
    if cursor.at("IMMEDIATE") && matches!(cursor.peek_at(1).kind, Kind::Quoted('\'') | Kind::Unterminated(_))
    {
        cursor.advance();
        let Position { line, column } = cursor.position();
        // The text starts behind the quote.
        let position = Position { line, column: column + 1 };
        let text = cursor.plain_string("a statement in quotes")?;
        let parameters = parameters(cursor)?;
        return Ok(Statement::ExecuteImmediate { statement: QueryText { text, position }, parameters });
    }
    let name = cursor.name("a statement name")?;
    Ok(Statement::Execute { name, parameters: parameters(cursor)? })
}

/// `[USING expression, …]`
fn parameters(cursor: &mut Cursor<'_>) -> Result<Vec<QueryText>> {
    if cursor.accept("USING") { cursor.comma_separated("an expression") } else { Ok(Vec::new()) }
}

/// At `DEALLOCATE`.
pub(super) fn deallocate(cursor: &mut Cursor<'_>) -> Result<Statement> {
    cursor.expect("DEALLOCATE PREPARE")?;
    Ok(Statement::Deallocate { name: cursor.name("a statement name")? })
}
