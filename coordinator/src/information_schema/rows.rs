//! The rows of each table, as arrays.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, Int64Builder, RecordBatch, StringViewBuilder},
    datatypes::SchemaRef,
    error::ArrowError,
};
use catalog::{Table, ViewDefinition};
use sql::analyze::CATALOG;

use super::{Contents, DATABASE, Definition, ORDINAL_POSITION, column_type};
use crate::query::types;

const TABLE: &str = "BASE TABLE";
const VIEW: &str = "VIEW";
/// What `extra_info` says of a partition key.
const PARTITION_KEY: &str = "partition key";

/// A table that is being filled.
pub(super) struct Rows {
    contents: Contents,
    schema: SchemaRef,
    columns: Vec<Builder>,
}

enum Builder {
    Text(StringViewBuilder),
    Number(Int64Builder),
}

enum Value<'a> {
    Text(&'a str),
    Number(i64),
    Null,
}

/// A column as `columns` shows it.
struct Described<'a> {
    name: &'a str,
    data_type: String,
    comment: Option<&'a str>,
    is_key: bool,
}

impl Rows {
    pub(super) fn new(definition: &Definition) -> Self {
        let builder = |column: &str| match column {
            ORDINAL_POSITION => Builder::Number(Int64Builder::new()),
            // Few names stand in many rows.
            _ => Builder::Text(StringViewBuilder::new().with_deduplicate_strings()),
        };
        Self {
            contents: definition.contents,
            schema: definition.schema(),
            columns: definition.all_columns().map(builder).collect(),
        }
    }

    pub(super) fn finish(self) -> Result<RecordBatch, ArrowError> {
        let columns = self.columns.into_iter().map(|column| match column {
            Builder::Text(mut texts) => Arc::new(texts.finish()) as ArrayRef,
            Builder::Number(mut numbers) => Arc::new(numbers.finish()),
        });
        RecordBatch::try_new(self.schema, columns.collect())
    }

    /// `schemata`: its row.
    pub(super) fn push_database(&mut self, name: &str) {
        self.push(&[Value::Text(CATALOG), Value::Text(name)]);
    }

    /// The rows of a table or view of the catalog.
    pub(super) fn push_table(&mut self, database: &str, table: &Table) {
        let name = table.name.as_str();
        match self.contents {
            Contents::Tables => {
                let kind = if table.is_view() { VIEW } else { TABLE };
                self.push_named(database, name, kind, table.description.as_deref());
            }
            Contents::Views => {
                if let Some(view) = readable_view(table) {
                    self.push_named(database, name, &view.original_sql, None);
                }
            }
            Contents::Columns => match readable_view(table) {
                Some(view) => self.push_columns(database, name, of_view(&view)),
                None if table.is_view() => {}
                None => self.push_columns(database, name, of_table(table)),
            },
            Contents::Databases | Contents::Nothing => {}
        }
    }

    /// The rows of a table of `information_schema` itself.
    pub(super) fn push_own(&mut self, definition: &Definition) {
        match self.contents {
            Contents::Tables => self.push_named(DATABASE, definition.name, TABLE, None),
            Contents::Columns => {
                let columns = definition.columns.iter().map(|name| {
                    let data_type = column_type(name).to_string();
                    Described { name, data_type, comment: None, is_key: false }
                });
                self.push_columns(DATABASE, definition.name, columns);
            }
            Contents::Databases | Contents::Views | Contents::Nothing => {}
        }
    }

    fn push_named(&mut self, database: &str, table: &str, what: &str, comment: Option<&str>) {
        let [database, table, what] = [database, table, what].map(Value::Text);
        self.push(&[Value::Text(CATALOG), database, table, what, Value::of(comment)]);
    }

    fn push_columns<'c>(
        &mut self,
        database: &str,
        table: &str,
        columns: impl IntoIterator<Item = Described<'c>>,
    ) {
        for (position, column) in (1..).zip(columns) {
            self.push(&[
                Value::Text(CATALOG),
                Value::Text(database),
                Value::Text(table),
                Value::Text(column.name),
                Value::Number(position),
                Value::Null,
                Value::Text("YES"),
                Value::Text(&column.data_type),
                Value::of(column.comment),
                Value::of(column.is_key.then_some(PARTITION_KEY)),
                Value::of(column.comment),
            ]);
        }
    }

    /// One row. Columns behind the given values are NULL.
    fn push(&mut self, row: &[Value<'_>]) {
        let values = row.iter().chain(std::iter::repeat(&Value::Null));
        for (column, value) in self.columns.iter_mut().zip(values) {
            match (column, value) {
                (Builder::Text(texts), Value::Text(text)) => texts.append_value(text),
                (Builder::Text(texts), _) => texts.append_null(),
                (Builder::Number(numbers), Value::Number(number)) => numbers.append_value(*number),
                (Builder::Number(numbers), _) => numbers.append_null(),
            }
        }
    }
}

impl<'a> Value<'a> {
    fn of(text: Option<&'a str>) -> Self {
        text.map_or(Value::Null, Value::Text)
    }
}

/// A view whose definition can be read: not one of Hive's own.
fn readable_view(table: &Table) -> Option<ViewDefinition> {
    ViewDefinition::of(table).ok().flatten()
}

fn of_view(view: &ViewDefinition) -> impl Iterator<Item = Described<'_>> {
    view.columns.iter().map(|(name, data_type)| {
        // A type that cannot be read is shown as it was written.
        let data_type =
            functions::types::parse(data_type).map_or(data_type.clone(), |known| known.to_string());
        Described { name, data_type, comment: None, is_key: false }
    })
}

/// Columns of types that no query can read are left out, as in Trino.
fn of_table(table: &Table) -> impl Iterator<Item = Described<'_>> {
    let data = table.columns.iter().map(|column| (column, false));
    let keys = table.partition_keys.iter().map(|column| (column, true));
    data.chain(keys).filter_map(|(column, is_key)| {
        let data_type = types::of_hive(&column.parsed_type().ok()?).ok()?.to_string();
        Some(Described { name: &column.name, data_type, comment: column.comment.as_deref(), is_key })
    })
}
