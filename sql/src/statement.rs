//! What a statement says, independent of how it was written.
//!
//! Names of databases, tables and columns are lower case here, as in Athena, where they are
//! case-insensitive. Nothing is resolved: a [`TableName`] without a database means the session's.

use std::fmt;

use protocol::Position;

use crate::names::quote_identifier;

/// One statement of the language.
#[derive(Debug, Clone, PartialEq)]
pub enum Statement {
    /// `SELECT`, `WITH`, `VALUES` or `TABLE`: answered with rows.
    Query(QueryText),
    /// `EXPLAIN [ANALYZE] [VERBOSE] query`.
    Explain {
        /// Runs the query and reports what it did.
        analyze: bool,
        verbose: bool,
        query: QueryText,
    },
    /// `CREATE DATABASE` or `CREATE SCHEMA`.
    CreateDatabase {
        name: String,
        if_not_exists: bool,
        comment: Option<String>,
        location: Option<String>,
        /// `WITH DBPROPERTIES`, in written order.
        properties: Vec<Property>,
    },
    /// `DROP DATABASE` or `DROP SCHEMA`.
    DropDatabase {
        name: String,
        if_exists: bool,
        /// Drops the tables in it as well.
        cascade: bool,
    },
    /// `CREATE EXTERNAL TABLE`.
    CreateExternalTable(Box<CreateTable>),
    /// `DROP TABLE`.
    DropTable { name: TableName, if_exists: bool },
    /// `ALTER TABLE … ADD PARTITION`.
    AddPartitions {
        table: TableName,
        if_not_exists: bool,
        /// At least one.
        partitions: Vec<PartitionSpec>,
    },
    /// `ALTER TABLE … DROP PARTITION`; a specification never holds a location.
    DropPartitions {
        table: TableName,
        if_exists: bool,
        /// At least one.
        partitions: Vec<PartitionSpec>,
    },
    /// `MSCK REPAIR TABLE`: registers the partitions found below the table's location.
    RepairTable { table: TableName },
    /// `SHOW DATABASES` or `SHOW SCHEMAS`; `like` is a Hive pattern (`*` and `|`).
    ShowDatabases { like: Option<String> },
    /// `SHOW TABLES`; `like` is a Hive pattern.
    ShowTables { database: Option<String>, like: Option<String> },
    /// `SHOW PARTITIONS`, all of them or those that match a partial specification.
    ShowPartitions { table: TableName, partition: Option<PartitionSpec> },
    /// `SHOW COLUMNS IN`.
    ShowColumns { table: TableName },
    /// `SHOW CREATE TABLE`.
    ShowCreateTable { table: TableName },
    /// `SHOW TBLPROPERTIES`, all of them or one.
    ShowTableProperties { table: TableName, key: Option<String> },
    /// `DESCRIBE` or `DESC`.
    Describe {
        table: TableName,
        /// `EXTENDED` or `FORMATTED` was asked for.
        extended: bool,
    },
}

/// A query inside a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryText {
    pub text: String,
    /// Of its first character in the whole statement.
    pub position: Position,
}

/// A table as written: `table`, `database.table` or `awsdatacatalog.database.table`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TableName {
    /// None: the session's database.
    pub database: Option<String>,
    pub table: String,
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(database) = &self.database {
            write!(f, "{}.", quote_identifier(database))?;
        }
        f.write_str(&quote_identifier(&self.table))
    }
}

/// One `'key' = 'value'` of a property list.
pub type Property = (String, String);

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

/// `CLUSTERED BY (columns) INTO count BUCKETS`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buckets {
    pub columns: Vec<String>,
    pub count: u32,
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
}

/// `PARTITION (key = value, …)`, with its location where one was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionSpec {
    /// In written order; no key twice.
    pub values: Vec<(String, PartitionLiteral)>,
    pub location: Option<String>,
}

/// A partition value as written; the key's type decides what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartitionLiteral {
    /// A string, or the string of a `DATE` or `TIMESTAMP` literal.
    Text(String),
    /// A number, in the digits that were written.
    Number(String),
}

impl PartitionLiteral {
    /// The value as it would stand in a path.
    pub fn text(&self) -> &str {
        match self {
            PartitionLiteral::Text(text) | PartitionLiteral::Number(text) => text,
        }
    }
}
