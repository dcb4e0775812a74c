//! Databases, tables and partitions in Glue's nouns.
//!
//! The structures hold what a writer said, also where scops does not act on it. Methods on [`Table`]
//! give the meaning: Arrow schema and file format.

use arrow::datatypes::{Field, Schema};
use protocol::Result;
use serde::{Deserialize, Serialize};

use crate::{FileFormat, HiveType, Parameters};

/// `Table::table_type` of a table whose files belong to somebody else.
pub const EXTERNAL_TABLE: &str = "EXTERNAL_TABLE";
/// `Table::table_type` of a view.
pub const VIRTUAL_VIEW: &str = "VIRTUAL_VIEW";

/// A namespace of tables.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Database {
    pub name: String,
    #[serde(default)]
    pub description: Option<String>,
    /// Where tables without a location of their own go.
    #[serde(default)]
    pub location_uri: Option<String>,
    #[serde(default)]
    pub parameters: Parameters,
}

/// A column or a partition key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    pub name: String,
    /// Hive's text for the type, as written.
    pub hive_type: String,
    #[serde(default)]
    pub comment: Option<String>,
}

impl Column {
    pub fn new(name: impl Into<String>, hive_type: impl Into<String>) -> Self {
        Self { name: name.into(), hive_type: hive_type.into(), comment: None }
    }

    /// The type that `hive_type` spells.
    pub fn parsed_type(&self) -> Result<HiveType> {
        HiveType::parse(&self.hive_type)
    }

    /// This column in Arrow, nullable like every Hive column.
    pub fn arrow_field(&self) -> Result<Field> {
        Ok(self.parsed_type()?.to_field(&self.name))
    }
}

/// One column of a bucket's sort order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SortColumn {
    pub column: String,
    pub ascending: bool,
}

/// Where the files are and how their bytes are read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StorageDescriptor {
    pub location: String,
    /// Java class names, as Hive and Glue keep them; empty when the writer gave none.
    pub input_format: String,
    pub output_format: String,
    pub serde_library: String,
    pub serde_parameters: Parameters,
    pub compressed: bool,
    pub bucket_columns: Vec<String>,
    /// Not positive when the table is not bucketed.
    pub num_buckets: i32,
    pub sort_columns: Vec<SortColumn>,
    pub parameters: Parameters,
}

/// A table's definition.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Table {
    pub database: String,
    pub name: String,
    pub description: Option<String>,
    /// [`EXTERNAL_TABLE`], [`VIRTUAL_VIEW`] or another of Hive's words.
    pub table_type: String,
    pub columns: Vec<Column>,
    pub partition_keys: Vec<Column>,
    pub storage: StorageDescriptor,
    pub parameters: Parameters,
    pub owner: Option<String>,
    /// Of a view: what it stands for, in the form of whoever made it. See
    /// [`ViewDefinition`](crate::ViewDefinition).
    pub view_original_text: Option<String>,
    pub view_expanded_text: Option<String>,
    /// Set by the store. Grows with every change of the table or its partitions and is never reused,
    /// not even by a table of the same name created later.
    pub version: u64,
    /// Set by the store.
    pub created_at_ms: i64,
    /// Set by the store.
    pub updated_at_ms: i64,
}

impl Table {
    /// `database.name`, for messages.
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.database, self.name)
    }

    /// Whether it is a view, whose rows come from a query and not from files.
    pub fn is_view(&self) -> bool {
        self.table_type.eq_ignore_ascii_case(VIRTUAL_VIEW)
    }

    /// The data columns, without the partition keys.
    pub fn schema(&self) -> Result<Schema> {
        arrow_schema(&self.columns)
    }

    /// The partition keys; empty for an unpartitioned table.
    pub fn partition_schema(&self) -> Result<Schema> {
        arrow_schema(&self.partition_keys)
    }

    /// How the table's files are read. See [`FileFormat::of`].
    pub fn format(&self) -> Result<FileFormat> {
        FileFormat::of(self)
    }

    /// The names of the partition keys, in order.
    pub fn key_names(&self) -> Vec<&str> {
        self.partition_keys.iter().map(|key| key.name.as_str()).collect()
    }

    /// A property as readers look it up: SerDe, then table, then storage descriptor, any case.
    pub fn property(&self, key: &str) -> Option<&str> {
        self.storage
            .serde_parameters
            .get_ignore_case(key)
            .or_else(|| self.parameters.get_ignore_case(key))
            .or_else(|| self.storage.parameters.get_ignore_case(key))
    }
}

/// One partition of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Partition {
    /// Raw text per partition key, decoded from path escapes;
    /// [`HIVE_DEFAULT_PARTITION`](crate::HIVE_DEFAULT_PARTITION) stands for NULL.
    pub values: Vec<String>,
    /// Set only where it is not the canonical `key=value/…` below the table's location.
    pub location: Option<String>,
    pub parameters: Parameters,
    /// Set by the store.
    pub created_at_ms: i64,
}

impl Partition {
    /// A partition in its canonical place.
    pub fn new<V: Into<String>>(values: impl IntoIterator<Item = V>) -> Self {
        Self { values: values.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// The same partition, somewhere else.
    #[must_use]
    pub fn at(mut self, location: impl Into<String>) -> Self {
        self.location = Some(location.into());
        self
    }
}

/// What becomes of one partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartitionChange {
    /// Other values. Its files stay where they are.
    Values(Vec<String>),
    /// Another place; `None` is the canonical one.
    Location(Option<String>),
}

/// A statement that waits for its parameters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PreparedStatement {
    /// The group of users that share it; names are unique within.
    pub workgroup: String,
    pub name: String,
    /// With a `?` for each parameter.
    pub statement: String,
    pub description: Option<String>,
    /// Set by the store.
    pub updated_at_ms: i64,
}

fn arrow_schema(columns: &[Column]) -> Result<Schema> {
    let fields = columns.iter().map(Column::arrow_field).collect::<Result<Vec<_>>>()?;
    Ok(Schema::new(fields))
}
