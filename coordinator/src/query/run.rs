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
use sql::{QueryText, Statement};

use super::{
    QueryRequest, analysis, explain, output, plan, prepared,
    result::{Query, Work},
    session::QuerySession,
    show_functions, show_stats,
    state::Received,
};
use crate::{Coordinator, ddl};

/// Everything up to the first row. Nothing is read yet but footers and listings.
pub(crate) async fn submit(coordinator: &Arc<Coordinator>, request: QueryRequest) -> Result<Query> {
    let received = Received::new(coordinator, request)?;
    let form = received.request().output;
    let work = prepare(coordinator, &received).await;
    match work.and_then(|work| output::known(work, form)) {
        Ok(work) => Ok(Query::new(received.planned(&work), work)),
        Err(error) => Err(received.failed(error).await),
    }
}

async fn prepare(coordinator: &Arc<Coordinator>, received: &Received) -> Result<Work> {
    let request = received.request();
    let dry_run = request.dry_run;
    match sql::parse::statement(&request.sql)? {
        Statement::Query(query) => run_query(coordinator, received, query, Vec::new()).await,
        Statement::Execute { name, parameters } => {
            let query = prepared::query(coordinator, &name).await?;
            run_query(coordinator, received, query, parameters).await
        }
        Statement::ExecuteImmediate { statement, parameters } => {
            run_query(coordinator, received, prepared::only_query(statement)?, parameters).await
        }
        Statement::Explain(explain) => {
            let analyzed = analysis::analyze(coordinator, request, explain.query.clone(), &[]).await?;
            let session = QuerySession::new(coordinator, received)?;
            explain::explain(&session, analyzed, &explain).await
        }
        Statement::CreateView(view) => {
            let analyzed = analysis::analyze(coordinator, request, view.query.clone(), &[]).await?;
            if dry_run { plan::free() } else { Ok(Work::create_view(view, analyzed.columns)) }
        }
        Statement::ShowStats(subject) => {
            let query = show_stats::query(subject);
            let analyzed = analysis::analyze(coordinator, request, query, &[]).await?;
            show_stats::show(&QuerySession::new(coordinator, received)?, analyzed).await
        }
        Statement::ShowFunctions { like } => show_functions::show(like.as_ref()),
        _ if dry_run => plan::free(),
        ddl => Ok(Work::Ddl { schema: ddl::schema(&ddl), statement: Box::new(ddl) }),
    }
}

async fn run_query(
    coordinator: &Arc<Coordinator>,
    received: &Received,
    query: QueryText,
    parameters: Vec<QueryText>,
) -> Result<Work> {
    let request = received.request();
    let analyzed = analysis::analyze(coordinator, request, query, &parameters).await?;
    let session = QuerySession::new(coordinator, received)?;
    match request.dry_run {
        true => plan::dry_run(&session, analyzed).await,
        false => plan::physical(&session, analyzed, request.output).await,
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
