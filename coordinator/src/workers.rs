//! Which workers there are: they announce themselves every second, and are forgotten when they stop.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use engine::{ActionHandler, WorkerChannels};
use parking_lot::Mutex;
use protocol::{
    ANNOUNCE_ACTION, Announcement, BUILD_ID, Error, ErrorCode, QueryId, Result, TaskUsage, Usage,
};
use tokio::sync::Notify;
use url::Url;

/// A worker that has been silent for longer gets no new tasks: five missed announcements.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(5);
/// Reports of workers that died are kept for this long, for the bills of their queries.
const REPORTS_KEPT_FOR: Duration = Duration::from_secs(60);
const WORKERS_MAX: usize = 10_000;

#[derive(Debug)]
struct Known {
    seen_at: Instant,
    ready: bool,
    usage: Vec<TaskUsage>,
}

/// One row of `system.workers`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerState {
    pub url: String,
    pub ready: bool,
    pub silent_ms: u64,
}

/// One per coordinator.
#[derive(Debug, Default)]
pub struct WorkerList {
    known: Mutex<BTreeMap<Url, Known>>,
    channels: WorkerChannels,
    joined: Notify,
}

impl WorkerList {
    /// Waits until `count` workers are ready.
    pub async fn wait_for(&self, count: usize) {
        loop {
            let joined = self.joined.notified();
            tokio::pin!(joined);
            joined.as_mut().enable();
            if self.ready().len() >= count {
                return;
            }
            joined.await;
        }
    }

    /// Connections to workers, shared by all queries.
    pub fn channels(&self) -> &WorkerChannels {
        &self.channels
    }

    /// Workers that can be given tasks now, in an order that stays the same while they do.
    pub fn ready(&self) -> Vec<Url> {
        let known = self.known.lock();
        let ready =
            known.iter().filter(|(_, worker)| worker.ready && worker.seen_at.elapsed() < FORGOTTEN_AFTER);
        ready.map(|(url, _)| url.clone()).collect()
    }

    /// All workers heard of lately.
    pub fn states(&self) -> Vec<WorkerState> {
        let known = self.known.lock();
        let state = |(url, worker): (&Url, &Known)| {
            let silent = worker.seen_at.elapsed();
            WorkerState {
                url: url.to_string(),
                ready: worker.ready && silent < FORGOTTEN_AFTER,
                silent_ms: u64::try_from(silent.as_millis()).unwrap_or(u64::MAX),
            }
        };
        known.iter().map(state).collect()
    }

    /// What a worker last said it had read for an attempt.
    pub(crate) fn last_usage(&self, url: &Url, query_id: QueryId, attempt: u32) -> Usage {
        let known = self.known.lock();
        let reports = known.get(url).map(|worker| worker.usage.as_slice()).unwrap_or_default();
        let mut of_attempt = reports.iter().filter(|r| r.query_id == query_id && r.attempt == attempt);
        of_attempt.next().map(|report| report.usage).unwrap_or_default()
    }

    fn announced(&self, announcement: Announcement) -> Result<()> {
        if announcement.build_id != BUILD_ID {
            return Err(Error::new(
                ErrorCode::NotSupported,
                format!("worker build {} does not fit coordinator build {BUILD_ID}", announcement.build_id),
            )
            .with_hint("run the same scops version everywhere"));
        }
        let url = Url::parse(&announcement.url)
            .map_err(|error| Error::internal(format!("a worker's URL is not one: {error}")))?;
        let mut known = self.known.lock();
        known.retain(|_, worker| worker.seen_at.elapsed() < REPORTS_KEPT_FOR);
        if known.len() >= WORKERS_MAX && !known.contains_key(&url) {
            return Err(Error::internal(format!("more than {WORKERS_MAX} workers")));
        }
        let fresh = Known { seen_at: Instant::now(), ready: announcement.ready, usage: announcement.usage };
        if known.insert(url.clone(), fresh).is_none() {
            tracing::info!(worker = %url, "a worker joined");
        }
        self.channels.retain(|url| known.contains_key(url));
        drop(known);
        self.joined.notify_waiters();
        Ok(())
    }
}

/// Takes announcements; served on `--worker-listen`.
#[derive(Debug)]
pub struct WorkerService {
    workers: Arc<WorkerList>,
}

impl WorkerService {
    pub fn new(workers: Arc<WorkerList>) -> Self {
        Self { workers }
    }
}

#[async_trait]
impl ActionHandler for WorkerService {
    async fn handle(&self, kind: &str, body: &[u8]) -> Option<Result<Vec<u8>>> {
        if kind != ANNOUNCE_ACTION {
            return None;
        }
        let taken = serde_json::from_slice(body)
            .map_err(|error| Error::internal(format!("an announcement cannot be decoded: {error}")))
            .and_then(|announcement| self.workers.announced(announcement));
        Some(taken.map(|()| b"null".to_vec()))
    }
}
