//! Partitions in SQL. Functions of one transaction; the caller commits.
//!
//! A partition's values are one column, a JSON array of text: it is unique per list of values, takes
//! any character, and one statement serves tables of any number of keys.

use protocol::{Error, ErrorCode, Result};
use rusqlite::{OptionalExtension, Transaction, params};

use super::{
    StoreResult, now_ms,
    tables::{self, Found},
};
use crate::{
    Parameters, Partition, PartitionChange, Table,
    partition_path::{checked_value, partition_path},
};

pub(super) fn all(tx: &Transaction<'_>, table_id: i64) -> StoreResult<Vec<Partition>> {
    let mut statement = tx.prepare_cached(
        "SELECT partition_values, location, parameters, created_at_ms FROM partitions
         WHERE table_id = ?1 ORDER BY partition_values",
    )?;
    let mut rows = statement.query([table_id])?;
    let mut partitions = Vec::new();
    while let Some(row) = rows.next()? {
        let values = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        let parameters = match row.get_ref(2)?.as_str_or_null().map_err(rusqlite::Error::from)? {
            Some(json) => serde_json::from_str(json)?,
            None => Parameters::new(),
        };
        partitions.push(Partition {
            values: serde_json::from_str(values)?,
            location: row.get(1)?,
            parameters,
            created_at_ms: row.get(3)?,
        });
    }
    Ok(partitions)
}

pub(super) fn add(
    tx: &Transaction<'_>,
    found: &Found,
    partitions: Vec<Partition>,
    if_not_exists: bool,
) -> StoreResult<usize> {
    let now = now_ms();
    let mut insert = tx.prepare_cached(
        "INSERT INTO partitions (table_id, partition_values, location, parameters, created_at_ms)
         VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
    )?;
    let mut added = 0;
    for partition in partitions {
        let values = checked_values(&found.table, partition.values)?;
        let parameters = match partition.parameters.is_empty() {
            true => None,
            false => Some(serde_json::to_string(&partition.parameters)?),
        };
        let key = serde_json::to_string(&values)?;
        let inserted = insert.execute(params![found.id, key, partition.location, parameters, now])?;
        if inserted == 0 && !if_not_exists {
            let message = format!("{} already exists", describe(&found.table, &values));
            return Err(Error::new(ErrorCode::AlreadyExists, message).into());
        }
        added += inserted;
    }
    if added > 0 {
        tables::touch(tx, found.id)?;
    }
    Ok(added)
}

pub(super) fn drop(
    tx: &Transaction<'_>,
    found: &Found,
    dropped: Vec<Vec<String>>,
    if_exists: bool,
) -> StoreResult<usize> {
    let mut delete =
        tx.prepare_cached("DELETE FROM partitions WHERE table_id = ?1 AND partition_values = ?2")?;
    let mut removed = 0;
    for values in dropped {
        let values = checked_values(&found.table, values)?;
        let deleted = delete.execute(params![found.id, serde_json::to_string(&values)?])?;
        if deleted == 0 && !if_exists {
            return Err(missing(&found.table, &values).into());
        }
        removed += deleted;
    }
    if removed > 0 {
        tables::touch(tx, found.id)?;
    }
    Ok(removed)
}

/// Changes one partition of a table.
pub(super) fn alter(
    tx: &Transaction<'_>,
    found: &Found,
    values: Vec<String>,
    change: PartitionChange,
) -> StoreResult<()> {
    let values = checked_values(&found.table, values)?;
    let key = serde_json::to_string(&values)?;
    let location: Option<Option<String>> = tx
        .query_row(
            "SELECT location FROM partitions WHERE table_id = ?1 AND partition_values = ?2",
            params![found.id, key],
            |row| row.get(0),
        )
        .optional()?;
    let Some(location) = location else { return Err(missing(&found.table, &values).into()) };
    match change {
        PartitionChange::Location(location) => {
            tx.execute(
                "UPDATE partitions SET location = ?3 WHERE table_id = ?1 AND partition_values = ?2",
                params![found.id, key, location],
            )?;
        }
        PartitionChange::Values(renamed) => {
            let renamed = checked_values(&found.table, renamed)?;
            let location = location.unwrap_or_else(|| canonical_location(&found.table, &values));
            let updated = tx.execute(
                "UPDATE OR IGNORE partitions SET partition_values = ?3, location = ?4
                 WHERE table_id = ?1 AND partition_values = ?2",
                params![found.id, key, serde_json::to_string(&renamed)?, location],
            )?;
            if updated == 0 || renamed == values {
                let message = format!("{} already exists", describe(&found.table, &renamed));
                return Err(Error::new(ErrorCode::AlreadyExists, message).into());
            }
        }
    }
    tables::touch(tx, found.id)
}

/// Gives every partition in its canonical place that place as its own, before the table's location
/// changes. Does not mark the table as changed.
pub(super) fn pin(tx: &Transaction<'_>, found: &Found) -> StoreResult<()> {
    let mut update = tx.prepare_cached(
        "UPDATE partitions SET location = ?3 WHERE table_id = ?1 AND partition_values = ?2",
    )?;
    for partition in all(tx, found.id)? {
        if partition.location.is_none() {
            let location = canonical_location(&found.table, &partition.values);
            update.execute(params![found.id, serde_json::to_string(&partition.values)?, location])?;
        }
    }
    Ok(())
}

/// `key=value/…` below the table's location.
fn canonical_location(table: &Table, values: &[String]) -> String {
    let base = table.storage.location.as_str();
    let slash = if base.ends_with('/') { "" } else { "/" };
    format!("{base}{slash}{}", partition_path(&table.key_names(), values))
}

fn missing(table: &Table, values: &[String]) -> Error {
    Error::new(ErrorCode::PartitionNotFound, format!("no {}", describe(table, values)))
        .with_hint(format!("SHOW PARTITIONS {} lists what there is", table.full_name()))
}

fn checked_values(table: &Table, values: Vec<String>) -> Result<Vec<String>> {
    let keys = &table.partition_keys;
    if keys.is_empty() {
        let message = format!("table \"{}\" is not partitioned", table.full_name());
        return Err(Error::new(ErrorCode::InvalidQuery, message));
    }
    if values.len() != keys.len() {
        let message = format!(
            "table \"{}\" has {} partition keys, {} values are given",
            table.full_name(),
            keys.len(),
            values.len()
        );
        return Err(Error::new(ErrorCode::InvalidQuery, message)
            .with_hint(format!("the keys are {}", table.key_names().join(", "))));
    }
    keys.iter().zip(values).map(|(key, value)| checked_value(&key.name, value)).collect()
}

fn describe(table: &Table, values: &[String]) -> String {
    format!("partition \"{}\" of table \"{}\"", partition_path(&table.key_names(), values), table.full_name())
}
