//! `DESCRIBE`: the columns, then the partition keys once more under a heading, then, if asked for,
//! everything else the catalog knows. The layout is Hive's, which clients take apart.

use arrow::temporal_conversions::timestamp_ms_to_datetime;
use catalog::{Column, Parameters, Table};

type Row = [String; 3];

/// Rows of name, type and comment; absent comments are empty.
pub(super) fn describe(table: &Table, extended: bool) -> Vec<Row> {
    let mut rows: Vec<Row> = table.columns.iter().chain(&table.partition_keys).map(column_row).collect();
    if !table.partition_keys.is_empty() {
        rows.extend([row("", "", ""), row("# Partition Information", "", "")]);
        rows.push(row("# col_name", "data_type", "comment"));
        rows.extend(table.partition_keys.iter().map(column_row));
    }
    if extended {
        rows.extend(table_rows(table));
        rows.extend(storage_rows(table));
    }
    rows
}

fn row(first: &str, second: &str, third: &str) -> Row {
    [first, second, third].map(str::to_owned)
}

fn column_row(column: &Column) -> Row {
    row(&column.name, &column.hive_type, column.comment.as_deref().unwrap_or_default())
}

fn table_rows(table: &Table) -> Vec<Row> {
    let mut rows = vec![
        row("", "", ""),
        row("# Detailed Table Information", "", ""),
        row("Database:", &table.database, ""),
        row("CreateTime:", &time(table.created_at_ms), ""),
        row("Location:", &table.storage.location, ""),
        row("Table Type:", &table.table_type, ""),
    ];
    if let Some(description) = &table.description {
        rows.push(row("Comment:", description, ""));
    }
    rows.push(row("Table Parameters:", "", ""));
    rows.extend(parameter_rows(&table.parameters));
    rows
}

fn storage_rows(table: &Table) -> Vec<Row> {
    let storage = &table.storage;
    let sorted: Vec<String> = storage
        .sort_columns
        .iter()
        .map(|sort| format!("{} {}", sort.column, if sort.ascending { "ASC" } else { "DESC" }))
        .collect();
    let mut rows = vec![
        row("", "", ""),
        row("# Storage Information", "", ""),
        row("SerDe Library:", &storage.serde_library, ""),
        row("InputFormat:", &storage.input_format, ""),
        row("OutputFormat:", &storage.output_format, ""),
        row("Compressed:", if storage.compressed { "Yes" } else { "No" }, ""),
        row("Num Buckets:", &storage.num_buckets.to_string(), ""),
        row("Bucket Columns:", &format!("[{}]", storage.bucket_columns.join(", ")), ""),
        row("Sort Columns:", &format!("[{}]", sorted.join(", ")), ""),
        row("Storage Desc Params:", "", ""),
    ];
    rows.extend(parameter_rows(&storage.serde_parameters));
    rows
}

fn parameter_rows(parameters: &Parameters) -> impl Iterator<Item = Row> {
    parameters.iter().map(|(key, value)| row("", key, value))
}

fn time(ms: i64) -> String {
    timestamp_ms_to_datetime(ms)
        .map(|time| time.format("%Y-%m-%d %H:%M:%S UTC").to_string())
        .unwrap_or_default()
}
