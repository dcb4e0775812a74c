//! What the catalog knows besides the columns: a property per line (`FORMATTED`), or all of it in one
//! line (`EXTENDED`), which is how Hive's metastore prints its structures.

use arrow::temporal_conversions::timestamp_ms_to_datetime;
use catalog::{Column, Parameters, Partition, Table, partition_path};

use super::{super::tables, Row, blank, padded, title};

/// The lines of `FORMATTED`.
pub(super) fn by_property(table: &Table, partition: Option<&Partition>) -> Vec<Row> {
    let mut rows = vec![blank()];
    match partition {
        None => rows.extend(table_rows(table)),
        Some(partition) => rows.extend(partition_rows(table, partition)),
    }
    rows.push(blank());
    rows.extend(storage_rows(table));
    if table.is_view() {
        rows.extend([blank(), title("# View Information")]);
        rows.push(property("View Original Text:", table.view_original_text.as_deref().unwrap_or_default()));
        rows.push(property("View Expanded Text:", table.view_expanded_text.as_deref().unwrap_or_default()));
    }
    rows
}

fn table_rows(table: &Table) -> Vec<Row> {
    let mut rows = vec![
        title("# Detailed Table Information"),
        property("Database:", &table.database),
        property("Owner:", table.owner.as_deref().unwrap_or_default()),
        property("CreateTime:", &time(table.created_at_ms)),
        property("LastAccessTime:", "UNKNOWN"),
        property("Protect Mode:", "None"),
        property("Retention:", "0"),
        property("Location:", &table.storage.location),
        property("Table Type:", &table.table_type),
        title("Table Parameters:"),
    ];
    rows.extend(parameter_rows(&tables::parameters(table)));
    rows
}

fn partition_rows(table: &Table, partition: &Partition) -> Vec<Row> {
    let mut rows = vec![
        title("# Detailed Partition Information"),
        property("Partition Value:", &list(&partition.values)),
        property("Database:", &table.database),
        property("Table:", &table.name),
        property("CreateTime:", &time(partition.created_at_ms)),
        property("LastAccessTime:", "UNKNOWN"),
        property("Protect Mode:", "None"),
        property("Location:", &location(table, partition)),
        title("Partition Parameters:"),
    ];
    rows.extend(parameter_rows(&partition.parameters));
    rows
}

fn storage_rows(table: &Table) -> Vec<Row> {
    let storage = &table.storage;
    let mut rows = vec![
        title("# Storage Information"),
        property("SerDe Library:", &storage.serde_library),
        property("InputFormat:", &storage.input_format),
        property("OutputFormat:", &storage.output_format),
        property("Compressed:", if storage.compressed { "Yes" } else { "No" }),
        property("Num Buckets:", &storage.num_buckets.to_string()),
        property("Bucket Columns:", &list(&storage.bucket_columns)),
        property("Sort Columns:", &orders(table)),
        title("Storage Desc Params:"),
    ];
    rows.extend(parameter_rows(&storage.serde_parameters));
    rows
}

fn property(name: &str, value: &str) -> Row {
    [padded(name), padded(value), " ".to_owned()]
}

fn parameter_rows(parameters: &Parameters) -> Vec<Row> {
    parameters.iter().map(|(key, value)| [String::new(), padded(key), padded(value)]).collect()
}

fn time(ms: i64) -> String {
    timestamp_ms_to_datetime(ms)
        .map(|time| time.format("%a %b %d %H:%M:%S UTC %Y").to_string())
        .unwrap_or_default()
}

fn location(table: &Table, partition: &Partition) -> String {
    let base = table.storage.location.trim_end_matches('/');
    let canonical = || format!("{base}/{}", partition_path(&table.key_names(), &partition.values));
    partition.location.clone().unwrap_or_else(canonical)
}

fn list(items: &[String]) -> String {
    format!("[{}]", items.join(", "))
}

/// Hive's numbers for the directions.
fn orders(table: &Table) -> String {
    let orders = table.storage.sort_columns.iter();
    let orders: Vec<String> = orders
        .map(|sort| format!("Order(col:{}, order:{})", sort.column, u8::from(sort.ascending)))
        .collect();
    list(&orders)
}

/// The lines of `EXTENDED`: one, behind a blank one.
pub(super) fn in_one_line(table: &Table, partition: Option<&Partition>) -> Vec<Row> {
    let (title, text) = match partition {
        None => ("Detailed Table Information", table_text(table)),
        Some(partition) => ("Detailed Partition Information", partition_text(table, partition)),
    };
    vec![blank(), [title.to_owned(), text, String::new()]]
}

fn table_text(table: &Table) -> String {
    format!(
        "Table(tableName:{}, dbName:{}, owner:{}, createTime:{}, lastAccessTime:0, retention:0, sd:{}, \
         partitionKeys:{}, parameters:{}, viewOriginalText:{}, viewExpandedText:{}, tableType:{})",
        table.name,
        table.database,
        or_null(table.owner.as_deref()),
        table.created_at_ms / 1_000,
        storage_text(table, &table.storage.location),
        fields_text(&table.partition_keys),
        parameters_text(&tables::parameters(table)),
        or_null(table.view_original_text.as_deref()),
        or_null(table.view_expanded_text.as_deref()),
        table.table_type,
    )
}

fn partition_text(table: &Table, partition: &Partition) -> String {
    format!(
        "Partition(values:{}, dbName:{}, tableName:{}, createTime:{}, lastAccessTime:0, sd:{}, parameters:{})",
        list(&partition.values),
        table.database,
        table.name,
        partition.created_at_ms / 1_000,
        storage_text(table, &location(table, partition)),
        parameters_text(&partition.parameters),
    )
}

fn storage_text(table: &Table, location: &str) -> String {
    let storage = &table.storage;
    format!(
        "StorageDescriptor(cols:{}, location:{location}, inputFormat:{}, outputFormat:{}, compressed:{}, \
         numBuckets:{}, serdeInfo:SerDeInfo(name:null, serializationLib:{}, parameters:{}), bucketCols:{}, \
         sortCols:{}, parameters:{}, skewedInfo:SkewedInfo(skewedColNames:[], skewedColValues:[], \
         skewedColValueLocationMaps:{{}}), storedAsSubDirectories:false)",
        fields_text(&table.columns),
        storage.input_format,
        storage.output_format,
        storage.compressed,
        storage.num_buckets,
        storage.serde_library,
        parameters_text(&storage.serde_parameters),
        list(&storage.bucket_columns),
        orders(table),
        parameters_text(&storage.parameters),
    )
}

fn fields_text(columns: &[Column]) -> String {
    let field = |column: &Column| {
        let comment = or_null(column.comment.as_deref());
        format!("FieldSchema(name:{}, type:{}, comment:{comment})", column.name, column.hive_type)
    };
    list(&columns.iter().map(field).collect::<Vec<String>>())
}

fn parameters_text(parameters: &Parameters) -> String {
    let pairs: Vec<String> = parameters.iter().map(|(key, value)| format!("{key}={value}")).collect();
    format!("{{{}}}", pairs.join(", "))
}

fn or_null(text: Option<&str>) -> &str {
    text.unwrap_or("null")
}
