//! What databases and tables there are, as drivers ask for it.
//!
//! Without a catalog in the request every catalog is meant; there is one. The schemas of these answers
//! are fixed by the protocol, and ADBC refuses any deviation, so arrow-flight's builders make them.

use std::sync::Arc;

use arrow::{
    array::RecordBatch,
    datatypes::{DataType, Field, Schema, SchemaRef},
};
use arrow_flight::{
    FlightDescriptor, FlightEndpoint, FlightInfo, Ticket,
    encode::FlightDataEncoderBuilder,
    error::FlightError,
    sql::{
        Command, CommandGetDbSchemas, CommandGetTableTypes, CommandGetTables,
        metadata::{GetCatalogsBuilder, GetDbSchemasBuilder, GetTablesBuilder},
    },
};
use catalog::{Table, VIRTUAL_VIEW};
use futures::{StreamExt, TryStreamExt, stream};
use prost::Message;
use protocol::{Error, ErrorCode};
use tonic::{Response, Status};

use super::{
    name_pattern::NamePattern,
    service::{DataStream, FlightSql},
};
use crate::{
    plain_types::plain_schema,
    status::{arrow_status, to_status},
};

/// The one catalog, by Athena's name for it.
pub(super) const CATALOG: &str = "awsdatacatalog";

/// Table types, in drivers' words.
const TABLE: &str = "TABLE";
const VIEW: &str = "VIEW";

/// Answers GetFlightInfo for a metadata command: the ticket is the command itself.
pub(super) fn flight_info(
    command: Command,
    schema: &Schema,
    descriptor: FlightDescriptor,
) -> Result<FlightInfo, Status> {
    let ticket = Ticket::new(command.into_any().encode_to_vec());
    let info = FlightInfo::new().try_with_schema(schema).map_err(arrow_status)?;
    Ok(info.with_descriptor(descriptor).with_endpoint(FlightEndpoint::new().with_ticket(ticket)))
}

/// Answers DoGet with one batch.
pub(super) fn stream_batch(batch: RecordBatch) -> Response<DataStream> {
    let data = FlightDataEncoderBuilder::new()
        .with_schema(batch.schema())
        .build(stream::iter([Ok(batch)]))
        .map_err(flight_status)
        .boxed();
    Response::new(data)
}

/// A fault while building an answer.
pub(super) fn flight_status(error: FlightError) -> Status {
    to_status(&Error::internal(error.to_string()))
}

/// All catalogs.
pub(super) fn catalogs() -> Result<RecordBatch, Status> {
    let mut rows = GetCatalogsBuilder::new();
    rows.append(CATALOG);
    rows.build().map_err(flight_status)
}

/// The databases that a request selects.
pub(super) async fn db_schemas(
    door: &FlightSql,
    command: CommandGetDbSchemas,
) -> Result<RecordBatch, Status> {
    let pattern = NamePattern::new(command.db_schema_filter_pattern.as_deref());
    let mut rows = GetDbSchemasBuilder::new(None::<String>, None::<String>);
    for database in databases(door, command.catalog.as_deref(), &pattern).await? {
        rows.append(CATALOG, database);
    }
    rows.build().map_err(flight_status)
}

/// The tables that a request selects, with their schemas if it asks for them.
pub(super) async fn tables(door: &FlightSql, command: CommandGetTables) -> Result<RecordBatch, Status> {
    let in_database = NamePattern::new(command.db_schema_filter_pattern.as_deref());
    let named = NamePattern::new(command.table_name_filter_pattern.as_deref());
    let types = &command.table_types;
    let mut rows = tables_builder(command.include_schema);
    for database in databases(door, command.catalog.as_deref(), &in_database).await? {
        for table in database_tables(door, &database).await? {
            let table_type = table_type(&table);
            let wanted = types.is_empty() || types.iter().any(|t| t.eq_ignore_ascii_case(table_type));
            if wanted && named.matches(&table.name) {
                let schema = if command.include_schema { table_schema(&table) } else { Schema::empty() };
                let appended = rows.append(CATALOG, &database, &table.name, table_type, &schema);
                appended.map_err(flight_status)?;
            }
        }
    }
    rows.build().map_err(flight_status)
}

/// The types a table can have.
pub(super) fn table_types() -> Result<RecordBatch, Status> {
    let mut rows = CommandGetTableTypes {}.into_builder();
    rows.append(TABLE);
    rows.append(VIEW);
    rows.build().map_err(flight_status)
}

/// Whether statements can run in `database`.
pub(super) async fn database_exists(door: &FlightSql, database: &str) -> Result<bool, Status> {
    match door.coordinator.catalog().database(database).await {
        Ok(_) => Ok(true),
        Err(error) if error.code == ErrorCode::DatabaseNotFound => Ok(false),
        Err(error) => Err(to_status(&error)),
    }
}

/// Primary keys: tables over files have none.
pub(super) fn no_primary_keys() -> RecordBatch {
    RecordBatch::new_empty(primary_keys_schema())
}

/// Imported and exported keys and cross references: there are none.
pub(super) fn no_foreign_keys() -> RecordBatch {
    RecordBatch::new_empty(foreign_keys_schema())
}

fn tables_builder(include_schema: bool) -> GetTablesBuilder {
    GetTablesBuilder::new(
        None::<String>,
        None::<String>,
        None::<String>,
        Vec::<String>::new(),
        include_schema,
    )
}

async fn databases(
    door: &FlightSql,
    in_catalog: Option<&str>,
    pattern: &NamePattern,
) -> Result<Vec<String>, Status> {
    if in_catalog.is_some_and(|name| !name.eq_ignore_ascii_case(CATALOG)) {
        return Ok(Vec::new());
    }
    let found = door.coordinator.catalog().databases().await;
    let databases = found.map_err(|error| to_status(&error))?;
    let names = databases.into_iter().map(|database| database.name);
    Ok(names.filter(|name| pattern.matches(name)).collect())
}

async fn database_tables(door: &FlightSql, database: &str) -> Result<Vec<Table>, Status> {
    match door.coordinator.catalog().tables(database).await {
        Ok(tables) => Ok(tables),
        // Dropped since the databases were listed.
        Err(error) if error.code == ErrorCode::DatabaseNotFound => Ok(Vec::new()),
        Err(error) => Err(to_status(&error)),
    }
}

fn table_type(table: &Table) -> &'static str {
    if table.table_type == VIRTUAL_VIEW { VIEW } else { TABLE }
}

/// Columns and partition keys as `SELECT *` returns them. A definition that cannot be read has no
/// columns here: one bad table must not hide all others from a tool's tree.
fn table_schema(table: &Table) -> Schema {
    let fields = table.schema().and_then(|columns| {
        let keys = table.partition_schema()?;
        Ok(columns.fields().iter().chain(keys.fields()).cloned().collect::<Vec<_>>())
    });
    match fields {
        Ok(fields) => plain_schema(&Schema::new(fields)),
        Err(error) => {
            tracing::debug!(table = table.full_name(), %error, "table is listed without columns");
            Schema::empty()
        }
    }
}

/// As in FlightSql.proto, `CommandGetPrimaryKeys`.
pub(super) fn primary_keys_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("catalog_name", DataType::Utf8, true),
        Field::new("db_schema_name", DataType::Utf8, true),
        Field::new("table_name", DataType::Utf8, false),
        Field::new("column_name", DataType::Utf8, false),
        Field::new("key_name", DataType::Utf8, true),
        Field::new("key_sequence", DataType::Int32, false),
    ]))
}

/// As in FlightSql.proto, one for `CommandGetExportedKeys`, `…ImportedKeys` and `…CrossReference`.
pub(super) fn foreign_keys_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("pk_catalog_name", DataType::Utf8, true),
        Field::new("pk_db_schema_name", DataType::Utf8, true),
        Field::new("pk_table_name", DataType::Utf8, false),
        Field::new("pk_column_name", DataType::Utf8, false),
        Field::new("fk_catalog_name", DataType::Utf8, true),
        Field::new("fk_db_schema_name", DataType::Utf8, true),
        Field::new("fk_table_name", DataType::Utf8, false),
        Field::new("fk_column_name", DataType::Utf8, false),
        Field::new("key_sequence", DataType::Int32, false),
        Field::new("fk_key_name", DataType::Utf8, true),
        Field::new("pk_key_name", DataType::Utf8, true),
        Field::new("update_rule", DataType::UInt8, false),
        Field::new("delete_rule", DataType::UInt8, false),
    ]))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use catalog::Column;

    use super::*;

    #[test]
    fn a_tables_schema_ends_with_its_partition_keys_in_plain_types() {
        let table = Table {
            columns: vec![Column::new("name", "string"), Column::new("tags", "array<string>")],
            partition_keys: vec![Column::new("day", "date")],
            ..Table::default()
        };
        let schema = table_schema(&table);
        let names: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        assert_eq!(names, ["name", "tags", "day"]);
        assert_eq!(schema.field(0).data_type(), &DataType::Utf8);
        let DataType::List(item) = schema.field(1).data_type() else { panic!("{}", schema.field(1)) };
        assert_eq!(item.data_type(), &DataType::Utf8);
    }

    #[test]
    fn a_table_that_cannot_be_read_is_listed_without_columns() {
        let table = Table { columns: vec![Column::new("a", "no such type")], ..Table::default() };
        assert_eq!(table_schema(&table), Schema::empty());
    }

    #[test]
    fn table_types_follow_hives() {
        assert_eq!(table_type(&Table::default()), "TABLE");
        let view = Table { table_type: VIRTUAL_VIEW.to_owned(), ..Table::default() };
        assert_eq!(table_type(&view), "VIEW");
    }
}
