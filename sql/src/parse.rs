//! Text of one statement → [`Statement`].
//!
//! The first words decide. Hive DDL and utility statements are read by our own parser (`ddl`,
//! `create_table`, `alter`, `show`, `prepared`); queries go to the query parser (`query`). A statement
//! around a query (`wrapper`) keeps the query as text with its place. A construct that is understood but
//! not offered is refused by name; nothing written is ever dropped. Every syntax error has a position.
//!
//! The caller is the coordinator, before anything is resolved; [`split_statements`] serves scripts.

mod alter;
mod constants;
mod create_table;
mod cursor;
mod ddl;
mod lex;
mod partition;
mod prepared;
mod query;
mod show;
mod split;
mod strings;
mod types;
mod wrapper;

use protocol::{Error, ErrorCode, Result};

use crate::{Statement, nearest};
use cursor::Cursor;

pub use split::split_statements;

/// Longest statement, in bytes: Athena's limit.
pub const STATEMENT_BYTES_MAX: usize = 256 * 1024;

/// First words of statements that exist in Athena or its neighbours and are refused by name.
const REFUSED: &[&str] = &[
    "ABORT", "ANALYZE", "BEGIN", "CACHE", "CALL", "COMMENT", "COMMIT", "COPY", "DELETE", "DENY", "DFS",
    "EXPORT", "GRANT", "IMPORT", "KILL", "LOAD", "LOCK", "MERGE", "OPTIMIZE", "REFRESH", "RELOAD", "REPLACE",
    "RESET", "REVOKE", "ROLLBACK", "SET", "START", "TRUNCATE", "UNLOCK", "UPDATE", "USE", "VACUUM",
];

/// First words of the statements that are offered, for "did you mean".
const OFFERED: &[&str] = &[
    "SELECT",
    "WITH",
    "VALUES",
    "TABLE",
    "EXPLAIN",
    "CREATE",
    "DROP",
    "ALTER",
    "MSCK",
    "SHOW",
    "DESCRIBE",
    "INSERT",
    "UNLOAD",
    "PREPARE",
    "EXECUTE",
    "DEALLOCATE",
];

/// Parses the one statement in `text`; a final `;` may follow it.
///
/// Fails with `SyntaxError` at a position, or with `NotSupported` naming the construct. The statement
/// returned is shallow enough to be cloned, planned and dropped on a thread of ordinary stack size.
pub fn statement(text: &str) -> Result<Statement> {
    if text.len() > STATEMENT_BYTES_MAX {
        return Err(Error::new(
            ErrorCode::NotSupported,
            format!("statement of {} bytes is longer than {STATEMENT_BYTES_MAX} bytes", text.len()),
        )
        .with_hint("put long lists of values into a table and join it"));
    }
    let mut cursor = Cursor::of_one_statement(text)?;
    let statement = route(&mut cursor)?;
    cursor.expect_end()?;
    Ok(statement)
}

/// Reads the statement at the cursor and leaves the cursor behind it.
fn route(cursor: &mut Cursor<'_>) -> Result<Statement> {
    if query::starts_here(cursor) {
        return query::query(cursor);
    }
    let Some(head) = cursor.peek_word() else {
        return Err(cursor.mismatch("a statement"));
    };
    match head.as_str() {
        "EXPLAIN" => wrapper::explain(cursor),
        "INSERT" => wrapper::insert(cursor),
        "UNLOAD" => wrapper::unload(cursor),
        "PREPARE" => prepared::prepare(cursor),
        "EXECUTE" => prepared::execute(cursor),
        "DEALLOCATE" => prepared::deallocate(cursor),
        "CREATE" => ddl::create(cursor),
        "DROP" => ddl::drop(cursor),
        "ALTER" => alter::alter(cursor),
        "MSCK" => ddl::repair(cursor),
        "SHOW" => show::show(cursor),
        "DESCRIBE" | "DESC" => show::describe(cursor),
        head if REFUSED.contains(&head) => Err(refused(cursor, head)),
        head => {
            let meant = nearest(head, OFFERED.iter().chain(REFUSED).copied());
            let expecting = meant.map_or_else(|| "a statement".to_owned(), |word| format!("'{word}'"));
            Err(cursor.mismatch(&expecting))
        }
    }
}

/// True for a word that a statement starts with, offered or not.
fn is_statement_head(word: &str) -> bool {
    OFFERED.iter().chain(REFUSED).any(|head| *head == word) || word == "DESC"
}

/// Refuses by the name that users know: more words where they belong to it.
fn refused(cursor: &Cursor<'_>, head: &str) -> Error {
    const LONGER: &[&str] = &[
        "COMMENT ON",
        "DELETE FROM",
        "EXPORT TABLE",
        "IMPORT TABLE",
        "LOAD DATA",
        "LOCK DATABASE",
        "LOCK TABLE",
        "MERGE INTO",
        "RESET SESSION",
        "SET PATH",
        "SET ROLE",
        "SET SESSION",
        "SET TIME ZONE",
        "START TRANSACTION",
        "TRUNCATE TABLE",
        "UNLOCK DATABASE",
        "UNLOCK TABLE",
    ];
    let name = LONGER.iter().find(|name| cursor.at(name)).copied().unwrap_or(head);
    let error = cursor.not_supported(name);
    match head {
        "DELETE" | "MERGE" | "OPTIMIZE" | "TRUNCATE" | "UPDATE" | "VACUUM" => {
            error.with_hint("rows can be changed in Iceberg tables only, and those are not offered")
        }
        "USE" => error.with_hint("name the database with the connection, or write database.table"),
        _ => error,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;
