//! The queries this worker reads for, and their meters.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use connectors::{Caches, ScanContext};
use parking_lot::Mutex;
use protocol::{QueryId, TaskUsage, Usage};
use storage::{Meter, Storage};

/// How long a settled query is remembered, so that a task that starts late cannot open it again.
const SETTLED_KEPT_FOR: Duration = Duration::from_secs(60);
/// How long an attempt that reads nothing any more waits to be settled. Longer than the engine keeps
/// an idle task.
const UNSETTLED_KEPT_FOR: Duration = Duration::from_secs(15 * 60);
/// How long readers get to stop when their query is settled.
const READERS_STOP_WITHIN: Duration = Duration::from_secs(2);

type Key = (QueryId, u32);

#[derive(Debug)]
struct OpenQuery {
    context: Arc<ScanContext>,
    settled_at: Option<Instant>,
    /// What was reported last, and since when it has been so.
    reported: Usage,
    unchanged_since: Instant,
}

/// One per worker. All tasks of one attempt share a meter.
#[derive(Debug)]
pub(crate) struct OpenQueries {
    storage: Arc<Storage>,
    caches: Arc<Caches>,
    /// Names this worker in usage reports.
    name: String,
    queries: Mutex<BTreeMap<Key, OpenQuery>>,
}

impl OpenQueries {
    pub(crate) fn new(storage: Arc<Storage>, name: String) -> Self {
        Self { storage, caches: Arc::default(), name, queries: Mutex::default() }
    }

    /// The scan context of an attempt, opened by its first task.
    pub(crate) fn context(&self, query_id: QueryId, attempt: u32, scan_limit_bytes: u64) -> Arc<ScanContext> {
        let open = || {
            let meter = Arc::new(Meter::with_scan_limit(scan_limit_bytes));
            let (storage, caches) = (Arc::clone(&self.storage), Arc::clone(&self.caches));
            let context = Arc::new(ScanContext::new(storage, meter, caches));
            let (reported, unchanged_since) = (Usage::default(), Instant::now());
            OpenQuery { context, settled_at: None, reported, unchanged_since }
        };
        let mut queries = self.queries.lock();
        Arc::clone(&queries.entry((query_id, attempt)).or_insert_with(open).context)
    }

    /// Stops all reading for an attempt and tells what it read in all. Asked again, tells the same.
    pub(crate) async fn settle(&self, query_id: QueryId, attempt: u32) -> TaskUsage {
        let context = self.context(query_id, attempt, 0);
        if !context.close(READERS_STOP_WITHIN).await {
            tracing::warn!(%query_id, "readers were still at work when their query was settled");
        }
        let now = Instant::now();
        let mut queries = self.queries.lock();
        if let Some(query) = queries.get_mut(&(query_id, attempt)) {
            query.settled_at = Some(now);
        }
        queries
            .retain(|_, query| query.settled_at.is_none_or(|at| now.duration_since(at) < SETTLED_KEPT_FOR));
        self.report((query_id, attempt), context.meter.snapshot(), true)
    }

    /// What each open attempt has read so far. An attempt that nobody settles, because its coordinator
    /// is gone, is forgotten in the end.
    pub(crate) fn usage(&self) -> Vec<TaskUsage> {
        let mut reports = Vec::new();
        self.queries.lock().retain(|key, query| {
            if query.settled_at.is_some() {
                return true;
            }
            let usage = query.context.meter.snapshot();
            if usage != query.reported || !query.context.is_idle() {
                (query.reported, query.unchanged_since) = (usage, Instant::now());
            }
            reports.push(self.report(*key, usage, false));
            query.unchanged_since.elapsed() < UNSETTLED_KEPT_FOR
        });
        reports
    }

    fn report(&self, (query_id, attempt): Key, usage: Usage, last: bool) -> TaskUsage {
        TaskUsage { query_id, attempt, worker: self.name.clone(), usage, last }
    }
}
