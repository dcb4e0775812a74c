//! A query's states and its row in the log.

use serde::{Deserialize, Serialize};

use crate::{ErrorCode, QueryId, Usage};

/// Where a query is in its life. Names as Athena's `QueryExecutionState`, so clients know them.
///
/// ```text
/// QUEUED ──► RUNNING ──► SUCCEEDED
///    └──────────┴──────► FAILED | CANCELLED
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum QueryState {
    Queued,
    Running,
    Succeeded,
    Failed,
    Cancelled,
}

impl QueryState {
    pub fn as_str(self) -> &'static str {
        match self {
            QueryState::Queued => "QUEUED",
            QueryState::Running => "RUNNING",
            QueryState::Succeeded => "SUCCEEDED",
            QueryState::Failed => "FAILED",
            QueryState::Cancelled => "CANCELLED",
        }
    }

    /// The state a query never leaves.
    pub fn is_final(self) -> bool {
        !matches!(self, QueryState::Queued | QueryState::Running)
    }
}

/// One row of `system.queries`. Times are milliseconds; `*_at` are milliseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QueryRecord {
    pub query_id: QueryId,
    pub state: QueryState,
    pub user: String,
    pub workgroup: String,
    pub sql: String,
    pub usage: Usage,
    /// Files opened by the plan, and files it knew of before pruning them.
    pub files: u64,
    pub files_total: u64,
    pub partitions: u64,
    pub partitions_total: u64,
    pub rows: u64,
    pub queue_ms: u64,
    pub plan_ms: u64,
    pub run_ms: u64,
    pub attempts: u32,
    pub error_code: Option<ErrorCode>,
    pub error_message: Option<String>,
    pub submitted_at: i64,
    pub finished_at: Option<i64>,
}

impl QueryRecord {
    /// The row of a query that was just received.
    pub fn received(id: QueryId, user: &str, workgroup: &str, sql: &str, submitted_at: i64) -> Self {
        Self {
            query_id: id,
            state: QueryState::Queued,
            user: user.to_owned(),
            workgroup: workgroup.to_owned(),
            sql: sql.to_owned(),
            usage: Usage::default(),
            files: 0,
            files_total: 0,
            partitions: 0,
            partitions_total: 0,
            rows: 0,
            queue_ms: 0,
            plan_ms: 0,
            run_ms: 0,
            attempts: 1,
            error_code: None,
            error_message: None,
            submitted_at,
            finished_at: None,
        }
    }
}
