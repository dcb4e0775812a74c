//! What a scan needs besides its plan: storage and the meter of the query it reads for.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use protocol::{Error, ErrorCode, Result};
use storage::{Meter, Storage};
use tokio::sync::Notify;

use crate::Caches;

/// What planning kept out, for EXPLAIN, the closing line and `system.queries`. Sums over all scans.
#[derive(Debug, Default)]
pub struct ScanCounts {
    pub files: AtomicU64,
    pub files_total: AtomicU64,
    pub partitions: AtomicU64,
    pub partitions_total: AtomicU64,
}

impl ScanCounts {
    /// Forgets what a plan that is not run has counted.
    pub fn reset(&self) {
        for count in [&self.files, &self.files_total, &self.partitions, &self.partitions_total] {
            count.store(0, SeqCst);
        }
    }
}

/// One per query attempt and process, attached to the session's configuration as an extension.
#[derive(Debug)]
pub struct ScanContext {
    pub storage: Arc<Storage>,
    pub meter: Arc<Meter>,
    pub caches: Arc<Caches>,
    pub counts: ScanCounts,
    /// Scans that still may read.
    active: AtomicUsize,
    idle: Notify,
    closed: AtomicBool,
}

impl ScanContext {
    pub fn new(storage: Arc<Storage>, meter: Arc<Meter>, caches: Arc<Caches>) -> Self {
        Self {
            storage,
            meter,
            caches,
            counts: ScanCounts::default(),
            active: AtomicUsize::new(0),
            idle: Notify::new(),
            closed: AtomicBool::new(false),
        }
    }

    /// Announces a reader. Hold the guard as long as bytes may be read.
    ///
    /// Errors: [`ErrorCode::Cancelled`] once the bill is closed, so that a task that starts late
    /// cannot read bytes nobody counts.
    pub fn enter(self: &Arc<Self>) -> Result<ScanGuard> {
        self.active.fetch_add(1, SeqCst);
        let guard = ScanGuard { context: Arc::clone(self) };
        if self.closed.load(SeqCst) {
            return Err(Error::new(ErrorCode::Cancelled, "the query has ended"));
        }
        Ok(guard)
    }

    /// True if nobody reads now.
    pub fn is_idle(&self) -> bool {
        self.active.load(SeqCst) == 0
    }

    /// Lets no new reader in and waits until those at work are done, at most `patience`.
    /// True if all were done.
    pub async fn close(&self, patience: Duration) -> bool {
        self.closed.store(true, SeqCst);
        let all_left = async {
            loop {
                let left = self.idle.notified();
                tokio::pin!(left);
                left.as_mut().enable();
                if self.active.load(SeqCst) == 0 {
                    return;
                }
                left.await;
            }
        };
        tokio::time::timeout(patience, all_left).await.is_ok()
    }
}

/// A reader at work; see [`ScanContext::enter`].
#[derive(Debug)]
pub struct ScanGuard {
    context: Arc<ScanContext>,
}

impl Drop for ScanGuard {
    fn drop(&mut self) {
        if self.context.active.fetch_sub(1, SeqCst) == 1 {
            self.context.idle.notify_waiters();
        }
    }
}
