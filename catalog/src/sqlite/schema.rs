//! The SQL tables, and how an older file becomes a current one.
//!
//! `PRAGMA user_version` is the number of migrations a file has been through.

use protocol::{Error, ErrorCode};
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::{StoreResult, now_ms};
use crate::{DEFAULT_DATABASE, Database};

/// One entry per schema version, never edited once released.
///
/// `catalog_sequence` is the source of table versions: one counter for the whole catalog, so that a
/// version is never used again by a later table of the same name.
const MIGRATIONS: [&str; 2] = [
    "
    CREATE TABLE catalog_sequence (value INTEGER NOT NULL) STRICT;
    INSERT INTO catalog_sequence VALUES (0);

    CREATE TABLE databases (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE,
        definition TEXT NOT NULL,
        created_at_ms INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE tables (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        database_id INTEGER NOT NULL REFERENCES databases (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        definition TEXT NOT NULL,
        version INTEGER NOT NULL,
        created_at_ms INTEGER NOT NULL,
        updated_at_ms INTEGER NOT NULL,
        UNIQUE (database_id, name)
    ) STRICT;

    CREATE TABLE partitions (
        table_id INTEGER NOT NULL REFERENCES tables (id) ON DELETE CASCADE,
        partition_values TEXT NOT NULL,
        location TEXT,
        parameters TEXT,
        created_at_ms INTEGER NOT NULL,
        PRIMARY KEY (table_id, partition_values)
    ) WITHOUT ROWID, STRICT;
",
    "
    CREATE TABLE prepared_statements (
        workgroup TEXT NOT NULL,
        name TEXT NOT NULL,
        statement TEXT NOT NULL,
        description TEXT,
        updated_at_ms INTEGER NOT NULL,
        PRIMARY KEY (workgroup, name)
    ) WITHOUT ROWID, STRICT;
",
];

/// Brings the file to the current schema in one transaction; refuses what it does not know.
pub(super) fn migrate(connection: &mut Connection) -> StoreResult<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let current = i64::try_from(MIGRATIONS.len())?;
    if version > current {
        let message =
            format!("the catalog file has schema version {version}, this scops knows up to {current}");
        let hint = "use the scops that last wrote the file, or a newer one";
        return Err(Error::new(ErrorCode::CatalogFailed, message).with_hint(hint).into());
    }
    let is_new = version == 0;
    if is_new {
        refuse_foreign_file(&transaction)?;
    }
    for migration in MIGRATIONS.iter().skip(usize::try_from(version)?) {
        transaction.execute_batch(migration)?;
    }
    if is_new {
        create_default_database(&transaction)?;
    }
    transaction.pragma_update(None, "user_version", current)?;
    transaction.commit()?;
    Ok(())
}

fn refuse_foreign_file(transaction: &Transaction<'_>) -> StoreResult<()> {
    let tables: i64 = transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables > 0 {
        let message = "the file is a SQLite database, but not a catalog";
        return Err(Error::new(ErrorCode::CatalogFailed, message).into());
    }
    Ok(())
}

fn create_default_database(transaction: &Transaction<'_>) -> StoreResult<()> {
    let database = Database { name: DEFAULT_DATABASE.to_owned(), ..Database::default() };
    super::databases::insert(transaction, &database, now_ms())
}
