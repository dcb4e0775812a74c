//! One query, from text to the row in the log.

mod analysis;
mod explain;
mod log;
mod output;
mod plan;
mod prepared;
mod result;
pub(crate) mod run;
mod session;
mod show_functions;
mod show_stats;
mod snapshot;
mod state;
pub(crate) mod types;
mod unreadable;

pub use log::QueryLog;
pub use result::{Query, ResultStream};

/// The types in which an answer comes. Whatever they are, each field has the type in Athena's words in its
/// metadata, under `scops:type`, if the answer comes from a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Output {
    /// Arrow types that every client knows.
    #[default]
    Arrow,
    /// Text only: each value as Athena writes it into a result file, NULL as NULL.
    Text,
    /// Numbers, booleans, arrays, maps and rows as in Arrow; all else, also inside of those, as in text.
    Json,
}

/// What a door hands in.
#[derive(Debug, Clone)]
pub struct QueryRequest {
    pub sql: String,
    pub user: String,
    pub workgroup: String,
    /// The database of names without one.
    pub database: String,
    /// Billable bytes the query may scan; more is an error.
    pub scan_limit_bytes: Option<u64>,
    /// Plan only: the answer is one row telling what would be scanned.
    pub dry_run: bool,
    pub output: Output,
}

impl QueryRequest {
    /// A request by nobody in particular, in the default database and workgroup.
    pub fn new(sql: impl Into<String>) -> Self {
        Self {
            sql: sql.into(),
            user: "anonymous".to_owned(),
            workgroup: "primary".to_owned(),
            database: catalog::DEFAULT_DATABASE.to_owned(),
            scan_limit_bytes: None,
            dry_run: false,
            output: Output::default(),
        }
    }
}
