//! Tables in SQL. Functions of one transaction; the caller commits.

use protocol::{Error, ErrorCode};
use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::{StoreError, StoreResult, databases, now_ms, partitions};
use crate::{Table, name::lower_name, nearest::nearest_name, table_check::checked_table};

/// Largest definition, as JSON. Glue refuses tables of about this size when compressed; ten thousand
/// columns take a tenth of it.
const DEFINITION_BYTES_MAX: usize = 8 * 1024 * 1024;

/// A table and its row.
pub(super) struct Found {
    pub(super) id: i64,
    pub(super) table: Table,
}

const COLUMNS: &str = "t.id, t.definition, t.version, t.created_at_ms, t.updated_at_ms";

pub(super) fn names(tx: &Transaction<'_>, database_id: i64) -> StoreResult<Vec<String>> {
    let names = tx
        .prepare_cached("SELECT name FROM tables WHERE database_id = ?1 ORDER BY name")?
        .query_map([database_id], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(names)
}

pub(super) fn all(tx: &Transaction<'_>, database: &str) -> StoreResult<Vec<Table>> {
    let database = databases::find(tx, database)?;
    let mut statement = tx.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM tables t WHERE t.database_id = ?1 ORDER BY t.name"
    ))?;
    let mut rows = statement.query([database.id])?;
    let mut tables = Vec::new();
    while let Some(row) = rows.next()? {
        tables.push(found(row)?.table);
    }
    Ok(tables)
}

pub(super) fn find(tx: &Transaction<'_>, database: &str, name: &str) -> StoreResult<Found> {
    let sql = format!(
        "SELECT {COLUMNS} FROM tables t JOIN databases d ON d.id = t.database_id WHERE d.name = ?1 AND t.name = ?2"
    );
    let mut statement = tx.prepare_cached(&sql)?;
    let mut rows = statement.query([lower_name(database), lower_name(name)])?;
    match rows.next()? {
        Some(row) => found(row),
        None => Err(not_found(tx, database, name)?.into()),
    }
}

fn found(row: &Row<'_>) -> StoreResult<Found> {
    let definition: String = row.get(1)?;
    let mut table: Table = serde_json::from_str(&definition)?;
    table.version = u64::try_from(row.get::<_, i64>(2)?)?;
    table.created_at_ms = row.get(3)?;
    table.updated_at_ms = row.get(4)?;
    Ok(Found { id: row.get(0)?, table })
}

pub(super) fn create(tx: &Transaction<'_>, table: Table) -> StoreResult<Table> {
    let mut table = checked_table(table)?;
    let database = databases::find(tx, &table.database)?;
    let taken = tx
        .prepare_cached("SELECT 1 FROM tables WHERE database_id = ?1 AND name = ?2")?
        .exists(params![database.id, table.name])?;
    if taken {
        let message = format!("table \"{}\" already exists", table.full_name());
        return Err(Error::new(ErrorCode::AlreadyExists, message).into());
    }
    let version = next_version(tx)?;
    table.version = u64::try_from(version)?;
    table.created_at_ms = now_ms();
    table.updated_at_ms = table.created_at_ms;
    tx.execute(
        "INSERT INTO tables (database_id, name, definition, version, created_at_ms, updated_at_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            database.id,
            table.name,
            definition(&table)?,
            version,
            table.created_at_ms,
            table.updated_at_ms
        ],
    )?;
    Ok(table)
}

pub(super) fn update(tx: &Transaction<'_>, table: Table) -> StoreResult<Table> {
    let mut table = checked_table(table)?;
    let present = find_version(tx, &table)?;
    if present.table.partition_keys.len() != table.partition_keys.len() && has_partitions(tx, present.id)? {
        let message = format!(
            "the partition keys of table \"{}\" cannot change while it has partitions",
            table.full_name()
        );
        return Err(Error::new(ErrorCode::InvalidTable, message).into());
    }
    if present.table.storage.location != table.storage.location {
        partitions::pin(tx, &present)?;
    }
    let version = next_version(tx)?;
    table.version = u64::try_from(version)?;
    table.created_at_ms = present.table.created_at_ms;
    table.updated_at_ms = now_ms();
    tx.execute(
        "UPDATE tables SET definition = ?2, version = ?3, updated_at_ms = ?4 WHERE id = ?1",
        params![present.id, definition(&table)?, version, table.updated_at_ms],
    )?;
    Ok(table)
}

/// The table, which must still be at this version.
pub(super) fn find_version(tx: &Transaction<'_>, table: &Table) -> StoreResult<Found> {
    let present = find(tx, &table.database, &table.name)?;
    if present.table.version == table.version {
        return Ok(present);
    }
    let message = format!("table \"{}\" has been changed meanwhile", table.full_name());
    Err(Error::new(ErrorCode::CatalogFailed, message).with_hint("run the statement again").retryable().into())
}

fn has_partitions(tx: &Transaction<'_>, table_id: i64) -> StoreResult<bool> {
    let found: Option<i64> = tx
        .query_row("SELECT 1 FROM partitions WHERE table_id = ?1 LIMIT 1", [table_id], |row| row.get(0))
        .optional()?;
    Ok(found.is_some())
}

pub(super) fn drop_table(tx: &Transaction<'_>, database: &str, name: &str) -> StoreResult<()> {
    let found = find(tx, database, name)?;
    if found.table.is_view() {
        return Err(wrong_kind(&found.table, "is a view, not a table", "DROP VIEW drops it").into());
    }
    delete(tx, &found)
}

pub(super) fn drop_view(tx: &Transaction<'_>, database: &str, name: &str) -> StoreResult<()> {
    let found = find(tx, database, name)?;
    if !found.table.is_view() {
        return Err(wrong_kind(&found.table, "is a table, not a view", "DROP TABLE drops it").into());
    }
    delete(tx, &found)
}

fn delete(tx: &Transaction<'_>, found: &Found) -> StoreResult<()> {
    tx.execute("DELETE FROM tables WHERE id = ?1", [found.id])?;
    Ok(())
}

fn wrong_kind(table: &Table, what: &str, hint: &str) -> Error {
    Error::new(ErrorCode::InvalidQuery, format!("\"{}\" {what}", table.full_name())).with_hint(hint)
}

/// Marks that the table's partitions have changed.
pub(super) fn touch(tx: &Transaction<'_>, table_id: i64) -> StoreResult<()> {
    let version = next_version(tx)?;
    tx.execute(
        "UPDATE tables SET version = ?2, updated_at_ms = ?3 WHERE id = ?1",
        params![table_id, version, now_ms()],
    )?;
    Ok(())
}

fn next_version(tx: &Transaction<'_>) -> StoreResult<i64> {
    Ok(tx.query_row("UPDATE catalog_sequence SET value = value + 1 RETURNING value", [], |row| row.get(0))?)
}

fn definition(table: &Table) -> StoreResult<String> {
    let json = serde_json::to_string(table)?;
    if json.len() > DEFINITION_BYTES_MAX {
        let message =
            format!("the definition of table \"{}\" is over {DEFINITION_BYTES_MAX} bytes", table.full_name());
        return Err(StoreError::Typed(Error::new(ErrorCode::InvalidTable, message)));
    }
    Ok(json)
}

/// Says that the database is missing, if it is.
fn not_found(tx: &Transaction<'_>, database: &str, name: &str) -> StoreResult<Error> {
    let database = databases::find(tx, database)?;
    let names = names(tx, database.id)?;
    let error = Error::new(
        ErrorCode::TableNotFound,
        format!("no table \"{name}\" in database \"{}\"", database.database.name),
    );
    Ok(match nearest_name(name, names.iter().map(String::as_str)) {
        Some(near) => error.with_hint(format!("did you mean \"{near}\"?")),
        None => error.with_hint(format!("SHOW TABLES IN {} lists what there is", database.database.name)),
    })
}
