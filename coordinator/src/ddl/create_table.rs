//! `CREATE EXTERNAL TABLE`: the statement as a table in Glue's words.

use catalog::{Column, EXTERNAL_TABLE, Parameters, SortColumn, StorageDescriptor, Table};
use protocol::{Error, ErrorCode, Result};
use sql::{Buckets, CreateTable};

use super::{DdlContext, storage_descriptor};

/// What Hive calls the number of buckets of a table that has none.
const NO_BUCKETS: i32 = -1;

/// Checks the definition and keeps it. No object is looked at: the location may still be empty.
///
/// Formats that exist but are not read are kept, so that scripts written for Athena run; only a query
/// of such a table fails.
pub(super) async fn create(cx: &DdlContext<'_>, statement: CreateTable) -> Result<()> {
    cx.storage.location(&statement.location)?;
    let if_not_exists = statement.if_not_exists;
    let table = defined(cx, statement)?;
    check_format(&table)?;
    if table.columns.is_empty() {
        // Formats that know their columns themselves are refused by name, and not for having none.
        table.format()?;
    }
    match cx.catalog.create_table(table).await {
        Err(error) if if_not_exists && error.code == ErrorCode::AlreadyExists => Ok(()),
        other => other.map(drop),
    }
}

fn defined(cx: &DdlContext<'_>, statement: CreateTable) -> Result<Table> {
    let (database, name) = cx.names(&statement.name);
    let (bucket_columns, sort_columns, num_buckets) = buckets(statement.clustered_by)?;
    let storage = StorageDescriptor {
        location: statement.location,
        bucket_columns,
        sort_columns,
        num_buckets,
        ..storage_descriptor::classes(statement.stored_as, statement.row_format)
    };
    Ok(Table {
        database: database.to_owned(),
        name: name.to_owned(),
        description: statement.comment,
        table_type: EXTERNAL_TABLE.to_owned(),
        columns: columns(statement.columns),
        partition_keys: columns(statement.partitioned_by),
        storage,
        parameters: parameters(statement.tbl_properties),
        ..Table::default()
    })
}

/// The columns in Glue's words.
pub(super) fn columns(columns: Vec<sql::Column>) -> Vec<Column> {
    columns
        .into_iter()
        .map(|column| Column { name: column.name, hive_type: column.hive_type, comment: column.comment })
        .collect()
}

/// Columns, their order inside a bucket, and how many buckets there are.
fn buckets(clustered_by: Option<Buckets>) -> Result<(Vec<String>, Vec<SortColumn>, i32)> {
    let Some(buckets) = clustered_by else { return Ok((Vec::new(), Vec::new(), NO_BUCKETS)) };
    let count = i32::try_from(buckets.count).map_err(|_| {
        let message = format!("{} buckets are too many, the limit is {}", buckets.count, i32::MAX);
        Error::new(ErrorCode::InvalidTable, message)
    })?;
    let sorted = buckets.sorted_by.into_iter();
    let sorted = sorted.map(|sort| SortColumn { column: sort.column, ascending: sort.ascending }).collect();
    Ok((buckets.columns, sorted, count))
}

/// Hive tells an external table by this property, Glue by the table's type.
fn parameters(written: Vec<sql::Property>) -> Parameters {
    let external = ("EXTERNAL".to_owned(), "TRUE".to_owned());
    std::iter::once(external).chain(written).collect()
}

/// Refuses a definition that contradicts itself; formats that are only not read are let through.
pub(super) fn check_format(table: &Table) -> Result<()> {
    match table.format() {
        Err(error) if error.code == ErrorCode::InvalidTable => Err(error),
        _ => Ok(()),
    }
}
