//! The log of all queries, in SQLite: one row per query, written at every change of state.

use std::{
    fs::File,
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use parking_lot::Mutex;
use protocol::{Error, ErrorCode, QueryId, QueryRecord, Result};
use rusqlite::{Connection, OptionalExtension, params};

/// Rows a reader of `system.queries` sees at most, newest first.
const ROWS_SHOWN_MAX: i64 = 10_000;
/// Rows kept; older ones go.
const ROWS_KEPT_MAX: i64 = 100_000;

/// Durable in the sense of SQLite's WAL with `synchronous = NORMAL`: a crash of the process loses
/// nothing, a power failure may lose the last rows.
#[derive(Debug)]
pub struct QueryLog {
    connection: Mutex<Connection>,
    /// Held by the first process that opens the log: only its predecessors' queries are interrupted.
    owner: Option<File>,
}

impl QueryLog {
    /// Opens or makes the log. Queries that ran when the last process ended are marked failed, unless
    /// another process has the log open: then they may be its own.
    pub fn open(path: &Path) -> Result<Self> {
        let lock_path = path.with_extension("lock");
        let unusable = |error: std::io::Error| {
            Error::new(ErrorCode::CatalogFailed, format!("{}: {error}", lock_path.display()))
        };
        let lock = File::create(&lock_path).map_err(unusable)?;
        let owner = lock.try_lock().is_ok().then_some(lock);
        let log = Self::prepare(Connection::open(path).map_err(failed)?, owner)?;
        if log.owner.is_some() {
            log.fail_interrupted()?;
        }
        Ok(log)
    }

    /// A log that ends with the process.
    pub fn in_memory() -> Result<Self> {
        Self::prepare(Connection::open_in_memory().map_err(failed)?, None)
    }

    fn prepare(connection: Connection, owner: Option<File>) -> Result<Self> {
        connection
            .execute_batch(
                "PRAGMA busy_timeout = 5000;
                 PRAGMA journal_mode = WAL;
                 PRAGMA synchronous = NORMAL;
                 CREATE TABLE IF NOT EXISTS queries (
                     query_id TEXT PRIMARY KEY, state TEXT NOT NULL, record TEXT NOT NULL
                 ) WITHOUT ROWID;",
            )
            .map_err(failed)?;
        Ok(Self { connection: Mutex::new(connection), owner: owner })
    }

    /// Inserts or replaces the query's row.
    pub fn write(&self, record: &QueryRecord) -> Result<()> {
        let json = serde_json::to_string(record)
            .map_err(|error| Error::internal(format!("a log row cannot be encoded: {error}")))?;
        let row = params![record.query_id.to_string(), record.state.as_str(), json];
        let connection = self.connection.lock();
        connection
            .prepare_cached("INSERT OR REPLACE INTO queries (query_id, state, record) VALUES (?, ?, ?)")
            .and_then(|mut insert| insert.execute(row))
            .map(drop)
            .map_err(failed)
    }

    /// One query's row.
    pub fn get(&self, id: QueryId) -> Result<Option<QueryRecord>> {
        let connection = self.connection.lock();
        let json: Option<String> = connection
            .query_row("SELECT record FROM queries WHERE query_id = ?", [id.to_string()], |row| row.get(0))
            .optional()
            .map_err(failed)?;
        json.map(|json| decode(&json)).transpose()
    }

    /// The newest rows, newest first.
    pub fn newest(&self) -> Result<Vec<QueryRecord>> {
        let connection = self.connection.lock();
        let mut select = connection
            .prepare_cached("SELECT record FROM queries ORDER BY query_id DESC LIMIT ?")
            .map_err(failed)?;
        let rows = select
            .query_map([ROWS_SHOWN_MAX], |row| row.get::<_, String>(0))
            .map_err(failed)?
            .collect::<Result<Vec<_>, _>>()
            .map_err(failed)?;
        rows.iter().map(|json| decode(json)).collect()
    }

    fn fail_interrupted(&self) -> Result<()> {
        let interrupted: Vec<QueryRecord> =
            self.newest()?.into_iter().filter(|record| !record.state.is_final()).collect();
        for mut record in interrupted {
            record.state = protocol::QueryState::Failed;
            record.error_code = Some(ErrorCode::Internal);
            record.error_message = Some("the coordinator ended while the query ran".to_owned());
            record.finished_at = Some(now_ms());
            self.write(&record)?;
        }
        let connection = self.connection.lock();
        connection
            .execute(
                "DELETE FROM queries WHERE query_id <= (
                     SELECT query_id FROM queries ORDER BY query_id DESC LIMIT 1 OFFSET ?)",
                [ROWS_KEPT_MAX],
            )
            .map(drop)
            .map_err(failed)
    }
}

/// Microseconds since the Unix epoch.
pub(crate) fn now_micros() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

/// Milliseconds since the Unix epoch.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn decode(json: &str) -> Result<QueryRecord> {
    serde_json::from_str(json)
        .map_err(|error| Error::internal(format!("a log row cannot be decoded: {error}")))
}

fn failed(error: rusqlite::Error) -> Error {
    Error::new(ErrorCode::CatalogFailed, format!("the query log failed: {error}"))
}
