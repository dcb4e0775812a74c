//! The system of record, as seen by everybody else.

use std::{fmt::Debug, sync::Arc};

use async_trait::async_trait;
use protocol::Result;

use crate::{Database, Parameters, Partition, PartitionChange, PartitionImage, PreparedStatement, Table};

/// Keeps databases, tables, partitions and prepared statements. What a call has acknowledged survives a loss of power.
///
/// Names are taken in any case. What does not exist is `DatabaseNotFound`, `TableNotFound` or
/// `PartitionNotFound`, with the nearest name as hint; a failing store is `CatalogFailed`, retryable
/// when it was only busy. Every change is one transaction: it happens as a whole or not at all.
#[async_trait]
pub trait CatalogStore: Send + Sync + Debug {
    /// All databases, by name.
    async fn databases(&self) -> Result<Vec<Database>>;

    /// One database.
    async fn database(&self, name: &str) -> Result<Database>;

    /// True when the database was made; false when it was there and `if_not_exists`, which is
    /// `AlreadyExists` otherwise.
    async fn create_database(&self, database: Database, if_not_exists: bool) -> Result<bool>;

    /// Sets these properties; others stay.
    async fn set_database_properties(&self, name: &str, properties: Parameters) -> Result<()>;

    /// `DatabaseNotEmpty` if it holds tables and not `cascade`, which drops them too. Files stay.
    async fn drop_database(&self, name: &str, cascade: bool) -> Result<()>;

    /// The names of all tables of a database, in order.
    async fn table_names(&self, database: &str) -> Result<Vec<String>>;

    /// All tables of a database, by name.
    async fn tables(&self, database: &str) -> Result<Vec<Table>>;

    /// One table.
    async fn table(&self, database: &str, name: &str) -> Result<Table>;

    /// Checks names and types and keeps the table; returns it as kept. `AlreadyExists` if its name is
    /// taken.
    async fn create_table(&self, table: Table) -> Result<Table>;

    /// Replaces the definition of the table that has `table`'s name, if it is still at
    /// `table.version`; otherwise somebody else changed it and the error is retryable. The number of
    /// partition keys cannot change while there are partitions. Those stay where they are, also when the
    /// table gets another location.
    async fn update_table(&self, table: Table) -> Result<Table>;

    /// Drops the definition and all partitions. Files stay. `InvalidQuery` if it is a view.
    async fn drop_table(&self, database: &str, name: &str) -> Result<()>;

    /// Drops a view. `InvalidQuery` if it is a table.
    async fn drop_view(&self, database: &str, name: &str) -> Result<()>;

    /// Adds all partitions or none; returns how many are new. One that is there, or comes twice, is
    /// skipped if `if_not_exists` and `AlreadyExists` otherwise. An empty value is NULL.
    async fn add_partitions(
        &self,
        database: &str,
        table: &str,
        partitions: Vec<Partition>,
        if_not_exists: bool,
    ) -> Result<usize>;

    /// Drops all partitions with these values or none; returns how many. One that is not there is
    /// skipped if `if_exists` and `PartitionNotFound` otherwise. Files stay.
    async fn drop_partitions(
        &self,
        database: &str,
        table: &str,
        values: Vec<Vec<String>>,
        if_exists: bool,
    ) -> Result<usize>;

    /// Changes the partition of these values, if the table is still at `table.version`; otherwise
    /// somebody else changed it and the error is retryable. `AlreadyExists` if its new values are taken.
    async fn alter_partition(
        &self,
        table: &Table,
        values: Vec<String>,
        change: PartitionChange,
    ) -> Result<()>;

    /// All partitions, with their parameters. To select some, use the image.
    async fn partitions(&self, database: &str, table: &str) -> Result<Vec<Partition>>;

    /// The partitions at the table's present version. Cheap when they have not changed since asked
    /// for last.
    async fn partition_image(&self, database: &str, table: &str) -> Result<Arc<PartitionImage>>;

    /// Keeps the statement, in the place of one of the same name.
    async fn put_prepared_statement(&self, statement: PreparedStatement) -> Result<()>;

    /// The statement of this name, if there is one. Names are exact here.
    async fn prepared_statement(&self, workgroup: &str, name: &str) -> Result<Option<PreparedStatement>>;

    /// All statements of a workgroup, by name.
    async fn prepared_statements(&self, workgroup: &str) -> Result<Vec<PreparedStatement>>;

    /// False if there was none.
    async fn delete_prepared_statement(&self, workgroup: &str, name: &str) -> Result<bool>;
}
