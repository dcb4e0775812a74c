//! A table's definition as `CREATE EXTERNAL TABLE` writes it.

use super::{Property, TableName};

/// What `CREATE EXTERNAL TABLE` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateTable {
    pub name: TableName,
    pub if_not_exists: bool,
    /// Columns stored in the files. May be empty: an Avro table may take its columns from a schema property.
    pub columns: Vec<Column>,
    /// Columns taken from the partition, in path order. No name occurs twice in the two lists together.
    pub partitioned_by: Vec<Column>,
    pub comment: Option<String>,
    pub row_format: Option<RowFormat>,
    pub clustered_by: Option<Buckets>,
    pub stored_as: Option<StoredAs>,
    pub location: String,
    /// In written order.
    pub tbl_properties: Vec<Property>,
}

/// A column of a table definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    /// Canonical lower-case Hive type text without spaces: `array<struct<a:int,b:string>>`.
    pub hive_type: String,
    pub comment: Option<String>,
}

/// How records are cut into columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowFormat {
    /// `ROW FORMAT DELIMITED …`
    Delimited(Delimited),
    /// `ROW FORMAT SERDE 'class' WITH SERDEPROPERTIES (…)`
    Serde {
        /// Java class name, as written.
        library: String,
        properties: Vec<Property>,
    },
}

/// The separators of `ROW FORMAT DELIMITED`, unescaped. None: the default of the format.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delimited {
    pub field: Option<String>,
    pub escape: Option<String>,
    pub collection: Option<String>,
    pub map_key: Option<String>,
    pub line: Option<String>,
    /// The text that stands for NULL.
    pub null: Option<String>,
    /// `WITH SERDEPROPERTIES` written after the delimiters.
    pub properties: Vec<Property>,
}

/// `CLUSTERED BY (columns) [SORTED BY (columns)] INTO count BUCKETS`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buckets {
    pub columns: Vec<String>,
    /// The order inside a bucket; empty where none is said.
    pub sorted_by: Vec<SortColumn>,
    pub count: u32,
}

/// `column [ASC | DESC]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortColumn {
    pub column: String,
    pub ascending: bool,
}

/// `STORED AS`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredAs {
    Format(FileFormat),
    /// `INPUTFORMAT 'class' OUTPUTFORMAT 'class'`
    Classes {
        input: String,
        output: String,
    },
}

/// The formats that `STORED AS` knows by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    Parquet,
    Orc,
    TextFile,
    Json,
    Avro,
    SequenceFile,
    RcFile,
    Ion,
}
