//! Prepared statements in SQL. Functions of one transaction; the caller commits.

use protocol::{Error, ErrorCode};
use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::{StoreResult, now_ms};
use crate::{NAME_CHARS_MAX, PreparedStatement};

/// Statements of one workgroup. Athena's limit.
const STATEMENTS_MAX: i64 = 1_000;

/// Longest statement, in bytes: that of any statement.
const STATEMENT_BYTES_MAX: usize = 256 * 1024;

pub(super) fn put(tx: &Transaction<'_>, prepared: &PreparedStatement) -> StoreResult<()> {
    let length = prepared.name.chars().count();
    if length == 0 || length > NAME_CHARS_MAX {
        let message = format!("a prepared statement's name must have 1 to {NAME_CHARS_MAX} characters");
        return Err(Error::new(ErrorCode::InvalidQuery, message).into());
    }
    if prepared.statement.len() > STATEMENT_BYTES_MAX {
        let message = format!("a prepared statement must not have over {STATEMENT_BYTES_MAX} bytes");
        return Err(Error::new(ErrorCode::InvalidQuery, message).into());
    }
    tx.execute(
        "INSERT INTO prepared_statements (workgroup, name, statement, description, updated_at_ms)
         VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT DO UPDATE SET statement = ?3, description = ?4, updated_at_ms = ?5",
        params![prepared.workgroup, prepared.name, prepared.statement, prepared.description, now_ms()],
    )?;
    let count: i64 = tx.query_row(
        "SELECT count(*) FROM prepared_statements WHERE workgroup = ?1",
        [&prepared.workgroup],
        |row| row.get(0),
    )?;
    if count > STATEMENTS_MAX {
        let message =
            format!("workgroup \"{}\" has {STATEMENTS_MAX} prepared statements", prepared.workgroup);
        return Err(Error::new(ErrorCode::InvalidQuery, message)
            .with_hint("remove one with DEALLOCATE PREPARE name")
            .into());
    }
    Ok(())
}

const COLUMNS: &str = "workgroup, name, statement, description, updated_at_ms";

pub(super) fn get(
    tx: &Transaction<'_>,
    workgroup: &str,
    name: &str,
) -> StoreResult<Option<PreparedStatement>> {
    let sql = format!("SELECT {COLUMNS} FROM prepared_statements WHERE workgroup = ?1 AND name = ?2");
    Ok(tx.prepare_cached(&sql)?.query_row([workgroup, name], found).optional()?)
}

pub(super) fn all(tx: &Transaction<'_>, workgroup: &str) -> StoreResult<Vec<PreparedStatement>> {
    let sql = format!("SELECT {COLUMNS} FROM prepared_statements WHERE workgroup = ?1 ORDER BY name");
    let mut statement = tx.prepare_cached(&sql)?;
    let all = statement.query_map([workgroup], found)?.collect::<Result<_, _>>()?;
    Ok(all)
}

pub(super) fn delete(tx: &Transaction<'_>, workgroup: &str, name: &str) -> StoreResult<bool> {
    let deleted =
        tx.execute("DELETE FROM prepared_statements WHERE workgroup = ?1 AND name = ?2", [workgroup, name])?;
    Ok(deleted > 0)
}

fn found(row: &Row<'_>) -> rusqlite::Result<PreparedStatement> {
    Ok(PreparedStatement {
        workgroup: row.get(0)?,
        name: row.get(1)?,
        statement: row.get(2)?,
        description: row.get(3)?,
        updated_at_ms: row.get(4)?,
    })
}
