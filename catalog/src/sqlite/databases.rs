//! Databases in SQL. Functions of one transaction; the caller commits.

use protocol::{Error, ErrorCode};
use rusqlite::{OptionalExtension, Transaction, params};

use super::{StoreResult, now_ms};
use crate::{
    DEFAULT_DATABASE, Database, Parameters,
    name::{lower_name, object_name},
    nearest::nearest_name,
};

/// A database and its row.
pub(super) struct Found {
    pub(super) id: i64,
    pub(super) database: Database,
}

pub(super) fn all(tx: &Transaction<'_>) -> StoreResult<Vec<Database>> {
    let mut statement = tx.prepare_cached("SELECT definition FROM databases ORDER BY name")?;
    let mut rows = statement.query([])?;
    let mut databases = Vec::new();
    while let Some(row) = rows.next()? {
        databases.push(serde_json::from_str(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?);
    }
    Ok(databases)
}

pub(super) fn find(tx: &Transaction<'_>, name: &str) -> StoreResult<Found> {
    let lowered = lower_name(name);
    let row: Option<(i64, String)> = tx
        .prepare_cached("SELECT id, definition FROM databases WHERE name = ?1")?
        .query_row([&lowered], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match row {
        Some((id, definition)) => Ok(Found { id, database: serde_json::from_str(&definition)? }),
        None => Err(not_found(tx, name)?.into()),
    }
}

pub(super) fn create(tx: &Transaction<'_>, mut database: Database, if_not_exists: bool) -> StoreResult<bool> {
    database.name = object_name("database", &database.name)?;
    let exists = tx.prepare_cached("SELECT 1 FROM databases WHERE name = ?1")?.exists([&database.name])?;
    match (exists, if_not_exists) {
        (false, _) => insert(tx, &database, now_ms()).map(|()| true),
        (true, true) => Ok(false),
        (true, false) => {
            let message = format!("database \"{}\" already exists", database.name);
            Err(Error::new(ErrorCode::AlreadyExists, message).into())
        }
    }
}

pub(super) fn insert(tx: &Transaction<'_>, database: &Database, created_at_ms: i64) -> StoreResult<()> {
    tx.execute(
        "INSERT INTO databases (name, definition, created_at_ms) VALUES (?1, ?2, ?3)",
        params![database.name, serde_json::to_string(database)?, created_at_ms],
    )?;
    Ok(())
}

pub(super) fn set_properties(tx: &Transaction<'_>, name: &str, properties: &Parameters) -> StoreResult<()> {
    let Found { id, mut database } = find(tx, name)?;
    for (key, value) in properties.iter() {
        database.parameters.set(key, value);
    }
    tx.execute(
        "UPDATE databases SET definition = ?2 WHERE id = ?1",
        params![id, serde_json::to_string(&database)?],
    )?;
    Ok(())
}

pub(super) fn drop(tx: &Transaction<'_>, name: &str, cascade: bool) -> StoreResult<()> {
    let found = find(tx, name)?;
    let name = &found.database.name;
    if name == DEFAULT_DATABASE {
        let message = format!("database \"{name}\" cannot be dropped");
        return Err(Error::new(ErrorCode::InvalidQuery, message).into());
    }
    let tables: i64 =
        tx.query_row("SELECT count(*) FROM tables WHERE database_id = ?1", [found.id], |row| row.get(0))?;
    if tables > 0 && !cascade {
        let noun = if tables == 1 { "table" } else { "tables" };
        return Err(Error::new(
            ErrorCode::DatabaseNotEmpty,
            format!("database \"{name}\" holds {tables} {noun}"),
        )
        .with_hint("drop them first, or use CASCADE")
        .into());
    }
    tx.execute("DELETE FROM databases WHERE id = ?1", [found.id])?;
    Ok(())
}

fn not_found(tx: &Transaction<'_>, name: &str) -> StoreResult<Error> {
    let names = tx
        .prepare_cached("SELECT name FROM databases ORDER BY name")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<Vec<String>, _>>()?;
    let error = Error::new(ErrorCode::DatabaseNotFound, format!("no database \"{name}\""));
    Ok(match nearest_name(name, names.iter().map(String::as_str)) {
        Some(near) => error.with_hint(format!("did you mean \"{near}\"?")),
        None => error.with_hint("SHOW DATABASES lists what there is"),
    })
}
