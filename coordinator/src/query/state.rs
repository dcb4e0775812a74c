//! The states of a query, each owning its row in the log.

use std::{
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Instant,
};

use connectors::ScanContext;
use engine::QueryControl;
use protocol::{Error, ErrorCode, QueryId, QueryRecord, QueryState, Result, Usage};
use storage::Meter;

use super::{QueryRequest, log::now_ms, result::Work};
use crate::{Coordinator, stages::settle};

/// What all states carry.
#[derive(Debug)]
struct Tracked {
    coordinator: Arc<Coordinator>,
    request: QueryRequest,
    record: QueryRecord,
    context: Arc<ScanContext>,
    control: Arc<QueryControl>,
    /// Since the last change of state.
    since: Instant,
    /// True once the row is final.
    done: bool,
}

/// Acknowledged: the query has an id and a row in the log.
#[derive(Debug)]
pub(crate) struct Received(Tracked);

/// The plan is made; nobody has asked for rows yet.
#[derive(Debug)]
pub(crate) struct Planned(Tracked);

/// Rows are being read.
#[derive(Debug)]
pub(crate) struct Running(Tracked);

impl Received {
    /// Gives the query its id and writes its row. Errors: the log cannot be written.
    pub(crate) fn new(coordinator: &Arc<Coordinator>, request: QueryRequest) -> Result<Self> {
        let meter = match request.scan_limit_bytes {
            Some(limit) => Meter::with_scan_limit(limit),
            None => Meter::default(),
        };
        let storage = Arc::clone(&coordinator.components.storage);
        let context = ScanContext::new(storage, Arc::new(meter), Arc::clone(&coordinator.caches));
        let record = QueryRecord::received(
            QueryId::generate(),
            &request.user,
            &request.workgroup,
            &request.sql,
            now_ms(),
        );
        coordinator.log().write(&record)?;
        Ok(Self(Tracked {
            coordinator: Arc::clone(coordinator),
            request,
            record,
            context: Arc::new(context),
            control: Arc::default(),
            since: Instant::now(),
            done: false,
        }))
    }

    pub(crate) fn id(&self) -> QueryId {
        self.0.record.query_id
    }

    pub(crate) fn attempt(&self) -> u32 {
        self.0.record.attempts
    }

    pub(crate) fn request(&self) -> &QueryRequest {
        &self.0.request
    }

    pub(crate) fn context(&self) -> &Arc<ScanContext> {
        &self.0.context
    }

    pub(crate) fn control(&self) -> &Arc<QueryControl> {
        &self.0.control
    }

    /// The work is the proof that there is a plan.
    pub(crate) fn planned(mut self, _: &Work) -> Planned {
        self.0.record.plan_ms = self.0.lap();
        Planned(self.0)
    }

    /// Ends the query; gives the error back with its id.
    pub(crate) async fn failed(mut self, error: Error) -> Error {
        self.0.record.plan_ms = self.0.lap();
        self.0.fail(error).await
    }
}

impl Planned {
    pub(crate) fn id(&self) -> QueryId {
        self.0.record.query_id
    }

    /// Somebody reads: the query runs.
    pub(crate) fn running(mut self) -> Running {
        self.0.record.queue_ms = self.0.lap();
        self.0.record.state = QueryState::Running;
        self.0.log();
        Running(self.0)
    }
}

impl Running {
    pub(crate) fn coordinator(&self) -> &Arc<Coordinator> {
        &self.0.coordinator
    }

    pub(crate) fn control(&self) -> &Arc<QueryControl> {
        &self.0.control
    }

    pub(crate) fn context(&self) -> &Arc<ScanContext> {
        &self.0.context
    }

    pub(crate) fn database(&self) -> &str {
        &self.0.request.database
    }

    pub(crate) fn add_rows(&mut self, rows: usize) {
        self.0.record.rows += rows as u64;
    }

    /// All rows were handed out. Waits for the last bytes to be counted.
    pub(crate) async fn succeeded(mut self) {
        self.0.record.run_ms = self.0.lap();
        self.0.finish(QueryState::Succeeded).await;
    }

    /// Ends the query; gives the error back with its id.
    pub(crate) async fn failed(mut self, error: Error) -> Error {
        self.0.record.run_ms = self.0.lap();
        self.0.fail(error).await
    }
}

impl Tracked {
    /// Milliseconds since the last change of state.
    fn lap(&mut self) -> u64 {
        let now = Instant::now();
        let lap = now.duration_since(self.since).as_millis();
        self.since = now;
        u64::try_from(lap).unwrap_or(u64::MAX)
    }

    async fn fail(&mut self, error: Error) -> Error {
        // The first failure of a connection is the cause; what the stream says is its consequence.
        let error = self.control.failure().unwrap_or(error).with_query_id(self.record.query_id);
        if matches!(error.code, ErrorCode::ObjectMissing | ErrorCode::ObjectChanged) {
            self.coordinator.components.storage.forget_listings();
        }
        self.record.error_code = Some(error.code);
        self.record.error_message = Some(error.message.clone());
        let state = match error.code {
            ErrorCode::Cancelled => QueryState::Cancelled,
            _ => QueryState::Failed,
        };
        self.finish(state).await;
        error
    }

    /// Closes the bill and writes the last row.
    async fn finish(&mut self, state: QueryState) {
        // Dropped while it settles, the query still ends in this state.
        self.record.state = state;
        self.record.usage = self.settle().await;
        self.record.finished_at = Some(now_ms());
        self.log();
        self.done = true;
    }

    async fn settle(&self) -> Usage {
        let workers = &self.coordinator.components.workers;
        let (id, attempt) = (self.record.query_id, self.record.attempts);
        settle::settle(workers, &self.control, &self.context, id, attempt).await
    }

    fn log(&mut self) {
        let counts = &self.context.counts;
        self.record.files = counts.files.load(Relaxed);
        self.record.files_total = counts.files_total.load(Relaxed);
        self.record.partitions = counts.partitions.load(Relaxed);
        self.record.partitions_total = counts.partitions_total.load(Relaxed);
        if let Err(error) = self.coordinator.log().write(&self.record) {
            tracing::error!(query_id = %self.record.query_id, %error, "the query log cannot be written");
        }
    }
}

impl Drop for Tracked {
    /// Nobody wants the rows any more. What was read so far is written at once; workers are settled
    /// in the background, where that is possible.
    fn drop(&mut self) {
        if self.done {
            return;
        }
        if !self.record.state.is_final() {
            self.record.state = QueryState::Cancelled;
            self.record.error_code = Some(ErrorCode::Cancelled);
            self.record.error_message = Some("the client went away".to_owned());
            self.record.run_ms = self.lap();
        }
        self.record.usage = self.context.meter.snapshot();
        self.record.finished_at = Some(now_ms());
        self.log();
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let (coordinator, mut record) = (Arc::clone(&self.coordinator), self.record.clone());
        let (control, context) = (Arc::clone(&self.control), Arc::clone(&self.context));
        runtime.spawn(async move {
            let workers = &coordinator.components.workers;
            let (id, attempt) = (record.query_id, record.attempts);
            record.usage = settle::settle(workers, &control, &context, id, attempt).await;
            if let Err(error) = coordinator.log().write(&record) {
                tracing::error!(query_id = %id, %error, "the query log cannot be written");
            }
        });
    }
}
