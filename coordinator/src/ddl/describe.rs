//! `DESCRIBE`: the columns, then the partition keys once more under a heading, then, if asked for,
//! everything else the catalog knows; or one column and what is inside it.
//!
//! The layout is Hive's, which clients take apart: joined by tabs, the values of a row are the line that
//! Athena writes. A field that a line does not have is one blank.

mod column_path;
mod definition;

use catalog::{Column, Partition, Table, ViewDefinition};
use protocol::{ErrorCode, Result};
use sql::{Detail, PartitionSpec, TableName};

use super::{DdlContext, output::padded, partitions, views};

/// Name, type and comment.
type Row = [String; 3];

/// The rows of `DESCRIBE`, of a table or a view.
pub(super) async fn describe(
    cx: &DdlContext<'_>,
    name: &TableName,
    detail: Detail,
    partition: Option<&PartitionSpec>,
    path: &[String],
) -> Result<Vec<Row>> {
    let table = cx.table(name).await?;
    let partition = match partition {
        Some(spec) => Some(registered(cx, &table, name, spec).await?),
        None => None,
    };
    if !path.is_empty() {
        return column_path::rows(&table, path);
    }
    let mut rows = columns(&table)?;
    if !table.partition_keys.is_empty() {
        rows.extend([blank(), title("# Partition Information")]);
        rows.extend([heading(), blank()]);
        rows.extend(table.partition_keys.iter().map(column_row));
    }
    match detail {
        Detail::Columns => {}
        Detail::Extended => rows.extend(definition::in_one_line(&table, partition.as_ref())),
        Detail::Formatted => rows.extend(definition::by_property(&table, partition.as_ref())),
    }
    Ok(rows)
}

/// The rows of `DESCRIBE VIEW`.
pub(super) async fn describe_view(cx: &DdlContext<'_>, name: &TableName) -> Result<Vec<Row>> {
    let table = cx.table(name).await?;
    match table.is_view() {
        true => columns(&table),
        false => Err(views::not_a_view(&table)),
    }
}

/// The partition that the specification means, and where it is.
async fn registered(
    cx: &DdlContext<'_>,
    table: &Table,
    name: &TableName,
    spec: &PartitionSpec,
) -> Result<Partition> {
    let (_, image) = partitions::partitioned(cx, name).await?;
    let values = partitions::registered_values(table, &image, spec)?;
    let all = cx.catalog.partitions(&table.database, &table.name).await?;
    // One that went away meanwhile is described by its values.
    let kept = all.into_iter().find(|partition| partition.values == values);
    Ok(kept.unwrap_or_else(|| Partition::new(values)))
}

/// The columns and, behind them, the partition keys. Those of a view have Trino's types, if it is one of
/// Trino's.
fn columns(table: &Table) -> Result<Vec<Row>> {
    let view = match ViewDefinition::of(table) {
        Err(error) if error.code == ErrorCode::NotSupported => None,
        other => other?,
    };
    Ok(match view {
        None => table.columns.iter().chain(&table.partition_keys).map(column_row).collect(),
        Some(view) => view
            .columns
            .iter()
            .map(|(name, trino_type)| [name, trino_type, ""].map(|text| padded(text)))
            .collect(),
    })
}

fn column_row(column: &Column) -> Row {
    [&column.name, &column.hive_type, column.comment.as_deref().unwrap_or_default()].map(padded)
}

/// Over the partition keys. Hive fills up the name and then puts the sign in front of it.
fn heading() -> Row {
    [format!("# {}", padded("col_name")), padded("data_type"), padded("comment")]
}

fn blank() -> Row {
    ["", " ", " "].map(str::to_owned)
}

/// A heading, alone on its line.
fn title(text: &str) -> Row {
    [text, " ", " "].map(str::to_owned)
}
