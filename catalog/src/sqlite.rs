//! The catalog in one SQLite file.
//!
//! One connection behind a lock, used on blocking threads. Writes are fsync'ed before they are
//! acknowledged. Several processes may open the same file on one machine; they wait for each other.
//! Definitions are JSON documents in columns: they are read whole, and what is searched by (names,
//! partition values) has columns of its own.

mod databases;
mod partitions;
mod prepared;
mod schema;
mod tables;

use std::{path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use parking_lot::Mutex;
use protocol::{Error, ErrorCode, Result};
use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::{
    CatalogStore, Database, Parameters, Partition, PartitionChange, PartitionImage, PreparedStatement, Table,
    image_cache::ImageCache,
};

/// How long a statement waits for another process that is writing.
const BUSY_WAIT: Duration = Duration::from_secs(10);

/// A [`CatalogStore`] in a SQLite file, or in memory.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    connection: Arc<Mutex<Connection>>,
    images: Arc<ImageCache>,
}

impl SqliteStore {
    /// Opens or makes the file, whose folder must exist. Blocks; meant for start-up. Fails on a file of
    /// a newer scops and on a SQLite file that is not a catalog.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let what = format!("cannot open the catalog \"{}\"", path.display());
        Connection::open(path)
            .map_err(StoreError::from)
            .and_then(Self::prepared)
            .map_err(|error| error.at_edge(&what))
    }

    /// A catalog that is gone with the process.
    pub fn in_memory() -> Result<Self> {
        Connection::open_in_memory()
            .map_err(StoreError::from)
            .and_then(Self::prepared)
            .map_err(|error| error.at_edge("cannot open a catalog in memory"))
    }

    fn prepared(mut connection: Connection) -> StoreResult<Self> {
        connection.busy_timeout(BUSY_WAIT)?;
        // First, because it refuses files of others, and the journal mode would stay in theirs.
        schema::migrate(&mut connection)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // NORMAL would lose the last commits when the power fails.
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", "ON")?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)), images: Arc::new(ImageCache::new()) })
    }

    async fn read<T, F>(&self, what: &'static str, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> StoreResult<T> + Send + 'static,
    {
        self.transact(what, TransactionBehavior::Deferred, work).await
    }

    /// Takes the write lock at once: a read lock that turns into a write lock fails when another
    /// process wrote in between.
    async fn write<T, F>(&self, what: &'static str, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> StoreResult<T> + Send + 'static,
    {
        self.transact(what, TransactionBehavior::Immediate, work).await
    }

    async fn transact<T, F>(&self, what: &'static str, behavior: TransactionBehavior, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> StoreResult<T> + Send + 'static,
    {
        let connection = Arc::clone(&self.connection);
        let task = tokio::task::spawn_blocking(move || {
            let mut connection = connection.lock();
            // Dropped without commit, it rolls back.
            let transaction = connection.transaction_with_behavior(behavior)?;
            let result = work(&transaction)?;
            transaction.commit()?;
            Ok::<T, StoreError>(result)
        });
        match task.await {
            Ok(result) => result.map_err(|error| error.at_edge(what)),
            Err(stopped) => Err(Error::internal(format!("{what}: {stopped}"))),
        }
    }
}

#[async_trait]
impl CatalogStore for SqliteStore {
    async fn databases(&self) -> Result<Vec<Database>> {
        self.read("cannot list databases", databases::all).await
    }

    async fn database(&self, name: &str) -> Result<Database> {
        let name = name.to_owned();
        self.read("cannot read a database", move |tx| Ok(databases::find(tx, &name)?.database)).await
    }

    async fn create_database(&self, database: Database, if_not_exists: bool) -> Result<bool> {
        self.write("cannot create a database", move |tx| databases::create(tx, database, if_not_exists)).await
    }

    async fn set_database_properties(&self, name: &str, properties: Parameters) -> Result<()> {
        let name = name.to_owned();
        self.write("cannot change a database", move |tx| databases::set_properties(tx, &name, &properties))
            .await
    }

    async fn drop_database(&self, name: &str, cascade: bool) -> Result<()> {
        let name = name.to_owned();
        self.write("cannot drop a database", move |tx| databases::drop(tx, &name, cascade)).await
    }

    async fn table_names(&self, database: &str) -> Result<Vec<String>> {
        let database = database.to_owned();
        self.read("cannot list tables", move |tx| tables::names(tx, databases::find(tx, &database)?.id)).await
    }

    async fn tables(&self, database: &str) -> Result<Vec<Table>> {
        let database = database.to_owned();
        self.read("cannot list tables", move |tx| tables::all(tx, &database)).await
    }

    async fn table(&self, database: &str, name: &str) -> Result<Table> {
        let (database, name) = (database.to_owned(), name.to_owned());
        self.read("cannot read a table", move |tx| Ok(tables::find(tx, &database, &name)?.table)).await
    }

    async fn create_table(&self, table: Table) -> Result<Table> {
        self.write("cannot create a table", move |tx| tables::create(tx, table)).await
    }

    async fn update_table(&self, table: Table) -> Result<Table> {
        self.write("cannot change a table", move |tx| tables::update(tx, table)).await
    }

    async fn drop_table(&self, database: &str, name: &str) -> Result<()> {
        let (database, name) = (database.to_owned(), name.to_owned());
        self.write("cannot drop a table", move |tx| tables::drop_table(tx, &database, &name)).await
    }

    async fn drop_view(&self, database: &str, name: &str) -> Result<()> {
        let (database, name) = (database.to_owned(), name.to_owned());
        self.write("cannot drop a view", move |tx| tables::drop_view(tx, &database, &name)).await
    }

    async fn add_partitions(
        &self,
        database: &str,
        table: &str,
        partitions: Vec<Partition>,
        if_not_exists: bool,
    ) -> Result<usize> {
        let (database, table) = (database.to_owned(), table.to_owned());
        self.write("cannot add partitions", move |tx| {
            partitions::add(tx, &tables::find(tx, &database, &table)?, partitions, if_not_exists)
        })
        .await
    }

    async fn drop_partitions(
        &self,
        database: &str,
        table: &str,
        values: Vec<Vec<String>>,
        if_exists: bool,
    ) -> Result<usize> {
        let (database, table) = (database.to_owned(), table.to_owned());
        self.write("cannot drop partitions", move |tx| {
            partitions::drop(tx, &tables::find(tx, &database, &table)?, values, if_exists)
        })
        .await
    }

    async fn alter_partition(
        &self,
        table: &Table,
        values: Vec<String>,
        change: PartitionChange,
    ) -> Result<()> {
        let table = table.clone();
        self.write("cannot change a partition", move |tx| {
            partitions::alter(tx, &tables::find_version(tx, &table)?, values, change)
        })
        .await
    }

    async fn partitions(&self, database: &str, table: &str) -> Result<Vec<Partition>> {
        let (database, table) = (database.to_owned(), table.to_owned());
        self.read("cannot list partitions", move |tx| {
            partitions::all(tx, tables::find(tx, &database, &table)?.id)
        })
        .await
    }

    async fn partition_image(&self, database: &str, table: &str) -> Result<Arc<PartitionImage>> {
        let (database, table) = (database.to_owned(), table.to_owned());
        let images = Arc::clone(&self.images);
        let (found, cached) = self
            .read("cannot list partitions", move |tx| {
                let found = tables::find(tx, &database, &table)?;
                let cached = match images.get(found.id, found.table.version) {
                    Some(image) => Source::Cached(image),
                    None => Source::Listed(partitions::all(tx, found.id)?),
                };
                Ok((found, cached))
            })
            .await?;
        match cached {
            Source::Cached(image) => Ok(image),
            Source::Listed(partitions) => self.build_image(found, partitions).await,
        }
    }

    async fn put_prepared_statement(&self, statement: PreparedStatement) -> Result<()> {
        self.write("cannot keep a prepared statement", move |tx| prepared::put(tx, &statement)).await
    }

    async fn prepared_statement(&self, workgroup: &str, name: &str) -> Result<Option<PreparedStatement>> {
        let (workgroup, name) = (workgroup.to_owned(), name.to_owned());
        self.read("cannot read a prepared statement", move |tx| prepared::get(tx, &workgroup, &name)).await
    }

    async fn prepared_statements(&self, workgroup: &str) -> Result<Vec<PreparedStatement>> {
        let workgroup = workgroup.to_owned();
        self.read("cannot list prepared statements", move |tx| prepared::all(tx, &workgroup)).await
    }

    async fn delete_prepared_statement(&self, workgroup: &str, name: &str) -> Result<bool> {
        let (workgroup, name) = (workgroup.to_owned(), name.to_owned());
        self.write("cannot drop a prepared statement", move |tx| prepared::delete(tx, &workgroup, &name))
            .await
    }
}

/// Where the image of a table comes from.
enum Source {
    Cached(Arc<PartitionImage>),
    Listed(Vec<Partition>),
}

impl SqliteStore {
    /// Outside the connection's lock, so that building a large image does not hold up others.
    async fn build_image(
        &self,
        found: tables::Found,
        partitions: Vec<Partition>,
    ) -> Result<Arc<PartitionImage>> {
        let images = Arc::clone(&self.images);
        let task = tokio::task::spawn_blocking(move || {
            let image = Arc::new(PartitionImage::build(&found.table, &partitions)?);
            images.put(found.id, &image);
            Ok(image)
        });
        task.await.unwrap_or_else(|stopped| {
            Err(Error::internal(format!("cannot build a partition image: {stopped}")))
        })
    }
}

/// Inside the store: SQLite's own failures get their context only at the edge.
#[derive(Debug)]
enum StoreError {
    Sqlite(rusqlite::Error),
    /// What is stored cannot be understood.
    Json(serde_json::Error),
    /// A number that does not fit its column or field.
    Range(std::num::TryFromIntError),
    /// Already in the user's words.
    Typed(Error),
}

type StoreResult<T> = std::result::Result<T, StoreError>;

impl StoreError {
    fn at_edge(self, what: &str) -> Error {
        let failed = |detail: &dyn std::fmt::Display| {
            Error::new(ErrorCode::CatalogFailed, format!("{what}: {detail}"))
        };
        match self {
            Self::Typed(error) => error,
            Self::Json(error) => failed(&format!("a stored definition is damaged: {error}")),
            Self::Range(error) => failed(&error),
            Self::Sqlite(error) => match error.sqlite_error_code() {
                Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => {
                    failed(&"another process is writing to it").retryable()
                }
                _ => failed(&error),
            },
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error)
    }
}

impl From<std::num::TryFromIntError> for StoreError {
    fn from(error: std::num::TryFromIntError) -> Self {
        Self::Range(error)
    }
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        Self::Typed(error)
    }
}

fn now_ms() -> i64 {
    chrono::Utc::now().timestamp_millis()
}

#[cfg(test)]
mod tests;
