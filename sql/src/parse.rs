//! Text of one statement → [`Statement`].
//!
//! The first words decide. Hive DDL and utility statements are read by our own parser (`ddl`,
//! `create_table`, `show`), because sqlparser reads only a part of real Hive DDL; queries go to
//! sqlparser (`query`). A construct that is understood but not offered is refused by name; nothing
//! written is ever dropped. Every syntax error has a position.
//!
//! The caller is the coordinator, before anything is resolved; [`split_statements`] serves scripts.

mod create_table;
mod cursor;
mod ddl;
mod lex;
mod query;
mod show;
mod split;
mod strings;
mod types;

use protocol::{Error, ErrorCode, Result};

use crate::{Statement, nearest};
use cursor::Cursor;

pub use split::split_statements;

/// Longest statement, in bytes: Athena's limit.
pub const STATEMENT_BYTES_MAX: usize = 256 * 1024;

/// First words of statements that exist in Athena or its neighbours and are refused by name.
const REFUSED: &[&str] = &[
    "ANALYZE",
    "BEGIN",
    "CACHE",
    "CALL",
    "COMMENT",
    "COMMIT",
    "COPY",
    "DEALLOCATE",
    "DELETE",
    "DENY",
    "EXECUTE",
    "EXPORT",
    "GRANT",
    "IMPORT",
    "INSERT",
    "KILL",
    "LOAD",
    "LOCK",
    "MERGE",
    "OPTIMIZE",
    "PREPARE",
    "REFRESH",
    "REPLACE",
    "RESET",
    "REVOKE",
    "ROLLBACK",
    "SET",
    "START",
    "TRUNCATE",
    "UNLOAD",
    "UNLOCK",
    "UPDATE",
    "USE",
    "VACUUM",
];

/// First words of the statements that are offered, for "did you mean".
const OFFERED: &[&str] =
    &["SELECT", "WITH", "VALUES", "TABLE", "EXPLAIN", "CREATE", "DROP", "ALTER", "MSCK", "SHOW", "DESCRIBE"];

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
        "EXPLAIN" => query::explain(cursor),
        "CREATE" => ddl::create(cursor),
        "DROP" => ddl::drop(cursor),
        "ALTER" => ddl::alter(cursor),
        "MSCK" => ddl::repair(cursor),
        "SHOW" => show::show(cursor),
        "DESCRIBE" | "DESC" => show::describe(cursor),
        head if REFUSED.contains(&head) => Err(cursor.not_supported(&refused_name(cursor, head))),
        head => {
            let meant = nearest(head, OFFERED.iter().chain(REFUSED).copied());
            let expecting = meant.map_or_else(|| "a statement".to_owned(), |word| format!("'{word}'"));
            Err(cursor.mismatch(&expecting))
        }
    }
}

/// What users call the statement: two words where the second one belongs to the name.
fn refused_name(cursor: &Cursor<'_>, head: &str) -> String {
    const TWO_WORDS: &[&str] = &[
        "INSERT INTO",
        "INSERT OVERWRITE",
        "DELETE FROM",
        "MERGE INTO",
        "COMMENT ON",
        "LOAD DATA",
        "START TRANSACTION",
        "TRUNCATE TABLE",
        "EXECUTE IMMEDIATE",
    ];
    let second = cursor.word_at(1).unwrap_or_default();
    let name = format!("{head} {second}");
    if TWO_WORDS.contains(&name.as_str()) { name } else { head.to_owned() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;
