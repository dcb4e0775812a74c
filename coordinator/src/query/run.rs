//! The life of a query. Read this first.
//!
//! ```text
//! Received ── parse ── plan ──► Planned ── stream read ──► Running ──► Succeeded | Failed
//!     └──────────┴───────────────────┴── dropped ──────────────┴─────► Cancelled
//! ```
//!
//! Each state owns the query's row in the log. Dropping a state writes *cancelled* with the bytes
//! read so far; no step can be skipped, because the next state is made from the one before.

use std::sync::Arc;

use protocol::{Error, Result};
use sql::Statement;

use super::{
    QueryRequest, analysis, plan,
    result::{Query, Work},
    session::QuerySession,
    state::Received,
};
use crate::{Coordinator, ddl};

/// Everything up to the first row. Nothing is read yet but footers and listings.
pub(crate) async fn submit(coordinator: &Arc<Coordinator>, request: QueryRequest) -> Result<Query> {
    let received = Received::new(coordinator, request)?;
    match prepare(coordinator, &received).await {
        Ok(work) => Ok(Query::new(received.planned(&work), work)),
        Err(error) => Err(received.failed(error).await),
    }
}

async fn prepare(coordinator: &Arc<Coordinator>, received: &Received) -> Result<Work> {
    let request = received.request();
    let statement = sql::parse::statement(&request.sql)?;
    let query = match statement {
        Statement::Query(query) => query,
        Statement::Explain { analyze, verbose, query } => {
            let analyzed = analysis::analyze(coordinator, request, query).await?;
            let session = QuerySession::new(coordinator, received)?;
            return plan::explain(&session, analyzed, analyze, verbose).await;
        }
        ddl if request.dry_run => return plan::free(&ddl),
        ddl => return Ok(Work::Ddl { schema: ddl::schema(&ddl), statement: Box::new(ddl) }),
    };
    let analyzed = analysis::analyze(coordinator, request, query).await?;
    let session = QuerySession::new(coordinator, received)?;
    match request.dry_run {
        true => plan::dry_run(&session, analyzed).await,
        false => plan::physical(&session, analyzed).await,
    }
}

/// Refuses a plan that this process must not run alone.
pub(super) fn no_workers(bytes: u64) -> Error {
    Error::new(
        protocol::ErrorCode::NoWorkers,
        format!("the query scans {bytes} bytes and no worker is there to share the work"),
    )
    .with_hint("start one with: scops worker --coordinator URL")
    .retryable()
}
