//! What a table must satisfy before it enters a store.

use std::collections::HashSet;

use protocol::{Error, ErrorCode, Result};

use crate::{
    Column, Table,
    name::{column_name, lower_name, object_name},
};

/// Columns and partition keys of one table together.
const COLUMNS_MAX: usize = 10_000;

/// `table` with lowered names, or why it cannot be kept.
pub(crate) fn checked_table(mut table: Table) -> Result<Table> {
    table.database = lower_name(&table.database);
    table.name = object_name("table", &table.name)?;
    if table.columns.is_empty() {
        return Err(invalid(&table, "has no columns"));
    }
    if table.columns.len() + table.partition_keys.len() > COLUMNS_MAX {
        return Err(invalid(&table, &format!("has more than {COLUMNS_MAX} columns")));
    }
    if table.storage.location.is_empty() && !table.is_view() {
        return Err(invalid(&table, "has no location").with_hint("add LOCATION 's3://bucket/path/'"));
    }
    for column in table.columns.iter_mut().chain(&mut table.partition_keys) {
        column.name = column_name(&column.name)?;
    }
    check_distinct(&table)?;
    for column in &table.columns {
        check_type(&table, column)?;
    }
    for key in &table.partition_keys {
        if !check_type(&table, key)?.is_partition_key() {
            let what = format!("cannot be partitioned by \"{}\" of type {}", key.name, key.hive_type);
            return Err(invalid(&table, &what).with_hint("partition keys are of primitive types"));
        }
    }
    Ok(table)
}

fn check_distinct(table: &Table) -> Result<()> {
    let mut seen = HashSet::new();
    for column in table.columns.iter().chain(&table.partition_keys) {
        if !seen.insert(column.name.as_str()) {
            return Err(invalid(table, &format!("has two columns named \"{}\"", column.name))
                .with_hint("a partition key is not repeated among the columns"));
        }
    }
    Ok(())
}

fn check_type(table: &Table, column: &Column) -> Result<crate::HiveType> {
    column.parsed_type().map_err(|mut error| {
        error.message =
            format!("column \"{}\" of table \"{}\": {}", column.name, table.full_name(), error.message);
        error
    })
}

fn invalid(table: &Table, what: &str) -> Error {
    Error::new(ErrorCode::InvalidTable, format!("table \"{}\" {what}", table.full_name()))
}
