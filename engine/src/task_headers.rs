//! What a task is told about its query, besides its plan: gRPC metadata on every request.

use http::{HeaderMap, HeaderValue};
use protocol::{Error, QueryId, Result};
use serde::{Deserialize, Serialize};

use crate::Settings;

/// One header with JSON: the engine forwards it unchanged from task to task.
const NAME: &str = "x-scops-task";

/// Everything a worker needs to run a task of a query the way the coordinator planned it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TaskHeaders {
    pub query_id: QueryId,
    pub attempt: u32,
    /// Billable bytes the tasks of this query may read on one worker.
    pub scan_limit_bytes: u64,
    pub engine: Settings,
}

impl TaskHeaders {
    /// As gRPC metadata.
    pub fn to_headers(&self) -> Result<HeaderMap> {
        let encoding = |error: &dyn std::fmt::Display| {
            Error::internal(format!("task headers cannot be encoded: {error}"))
        };
        let json = serde_json::to_string(self).map_err(|error| encoding(&error))?;
        let value = HeaderValue::from_str(&json).map_err(|error| encoding(&error))?;
        Ok(HeaderMap::from_iter([(http::HeaderName::from_static(NAME), value)]))
    }

    /// Errors: the metadata is missing or of another build.
    pub fn from_headers(headers: &HeaderMap) -> Result<Self> {
        let value = headers.get(NAME).ok_or_else(|| Error::internal("a task without its query"))?;
        serde_json::from_slice(value.as_bytes())
            .map_err(|error| Error::internal(format!("task headers cannot be decoded: {error}")))
    }
}
