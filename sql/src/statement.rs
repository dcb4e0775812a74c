//! What a statement says, independent of how it was written.
//!
//! Names of databases, tables and columns are lower case here, as in Athena, where they are
//! case-insensitive. Nothing is resolved: a [`TableName`] without a database means the session's.

mod alter;
mod partition;
mod table;
mod wrapper;

use std::fmt;

use crate::names::quote_identifier;

pub use alter::{ColumnChange, ColumnPlace, TableChange};
pub use partition::{
    Comparison, PartitionChange, PartitionCondition, PartitionFilter, PartitionLiteral, PartitionSpec,
};
pub use table::{Buckets, Column, CreateTable, Delimited, FileFormat, RowFormat, SortColumn, StoredAs};
pub use wrapper::{
    CreateTableAs, CreateView, Explain, ExplainFormat, ExplainKind, Insert, LikePattern, PropertyValue,
    QueryText, StatsSubject, Unload,
};

/// One statement of the language.
#[derive(Debug, Clone, PartialEq)]
pub enum Statement {
    /// `SELECT`, `WITH`, `VALUES` or `TABLE`: answered with rows.
    Query(QueryText),
    /// `EXPLAIN [ANALYZE] [VERBOSE] [(options)] query`.
    Explain(Box<Explain>),
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
    /// `ALTER DATABASE … SET DBPROPERTIES`: others stay.
    SetDatabaseProperties { name: String, properties: Vec<Property> },
    /// `CREATE EXTERNAL TABLE`.
    CreateExternalTable(Box<CreateTable>),
    /// `CREATE TABLE … AS`.
    CreateTableAs(Box<CreateTableAs>),
    /// `INSERT INTO`.
    Insert(Box<Insert>),
    /// `UNLOAD`.
    Unload(Box<Unload>),
    /// `DROP TABLE`.
    DropTable { name: TableName, if_exists: bool },
    /// `ALTER TABLE` of the definition.
    AlterTable { table: TableName, change: TableChange },
    /// `ALTER TABLE … ADD PARTITION`.
    AddPartitions {
        table: TableName,
        if_not_exists: bool,
        /// At least one.
        partitions: Vec<PartitionSpec>,
    },
    /// `ALTER TABLE … DROP PARTITION`.
    DropPartitions {
        table: TableName,
        if_exists: bool,
        /// At least one.
        partitions: Vec<PartitionFilter>,
    },
    /// `ALTER TABLE … PARTITION (…)`: of one partition; `partition` never holds a location.
    AlterPartition { table: TableName, partition: PartitionSpec, change: PartitionChange },
    /// `MSCK REPAIR TABLE`: registers the partitions found below the table's location.
    RepairTable { table: TableName },
    /// `CREATE VIEW`.
    CreateView(Box<CreateView>),
    /// `DROP VIEW`.
    DropView { name: TableName, if_exists: bool },
    /// `SHOW DATABASES` or `SHOW SCHEMAS`; `like` is a Hive pattern (`*` and `|`).
    ShowDatabases { like: Option<String> },
    /// `SHOW TABLES`; `like` is a Hive pattern.
    ShowTables { database: Option<String>, like: Option<String> },
    /// `SHOW VIEWS`; `like` is a Hive pattern.
    ShowViews { database: Option<String>, like: Option<String> },
    /// `SHOW PARTITIONS`, all of them or those that match a partial specification.
    ShowPartitions { table: TableName, partition: Option<PartitionSpec> },
    /// `SHOW COLUMNS IN`.
    ShowColumns { table: TableName },
    /// `SHOW CREATE TABLE`.
    ShowCreateTable { table: TableName },
    /// `SHOW CREATE VIEW`.
    ShowCreateView { view: TableName },
    /// `SHOW TBLPROPERTIES`, all of them or one.
    ShowTableProperties { table: TableName, key: Option<String> },
    /// `SHOW FUNCTIONS`.
    ShowFunctions { like: Option<LikePattern> },
    /// `SHOW STATS FOR`.
    ShowStats(StatsSubject),
    /// `DESCRIBE` or `DESC`.
    Describe {
        table: TableName,
        detail: Detail,
        /// Tells of one partition, not of the table.
        partition: Option<PartitionSpec>,
        /// A column, then fields, `$elem$`, `$key$` or `$value$` inside it; empty: all columns.
        path: Vec<String>,
    },
    /// `DESCRIBE VIEW`.
    DescribeView { view: TableName },
    /// `PREPARE name FROM statement`: one that reads or writes rows.
    Prepare { name: String, statement: QueryText },
    /// `EXECUTE name [USING expression, …]`
    Execute { name: String, parameters: Vec<QueryText> },
    /// `EXECUTE IMMEDIATE 'statement' [USING expression, …]`; positions inside the string are right as
    /// long as no quote is doubled in it.
    ExecuteImmediate { statement: QueryText, parameters: Vec<QueryText> },
    /// `DEALLOCATE PREPARE name`
    Deallocate { name: String },
}

/// How much `DESCRIBE` tells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Detail {
    /// Columns and partition keys.
    #[default]
    Columns,
    /// `EXTENDED`: and the whole definition in one line.
    Extended,
    /// `FORMATTED`: and the definition, a property per line.
    Formatted,
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
