//! Counts what is read. One meter per query on the coordinator, one per task on a worker.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use protocol::{ByteClass, ClassBytes, Error, ErrorCode, Result, Usage};

/// Shared counters; cheap to update from many threads.
///
/// `scanned + gap + retried = transferred` holds once every reader and stream on this meter is dropped.
#[derive(Debug)]
pub struct Meter {
    footer: AtomicU64,
    index: AtomicU64,
    data: AtomicU64,
    text: AtomicU64,
    transferred: AtomicU64,
    gap: AtomicU64,
    retried: AtomicU64,
    cached: AtomicU64,
    requests: AtomicU64,
    list_requests: AtomicU64,
    splits: AtomicU64,
    scan_limit_bytes: u64,
}

impl Default for Meter {
    fn default() -> Self {
        Self::with_scan_limit(u64::MAX)
    }
}

impl Meter {
    /// A meter whose readers fail with [`ErrorCode::BytesLimitExceeded`] when the billable bytes
    /// would pass `limit_bytes`.
    pub fn with_scan_limit(limit_bytes: u64) -> Self {
        let zero = AtomicU64::default;
        Self {
            footer: zero(),
            index: zero(),
            data: zero(),
            text: zero(),
            transferred: zero(),
            gap: zero(),
            retried: zero(),
            cached: zero(),
            requests: zero(),
            list_requests: zero(),
            splits: zero(),
            scan_limit_bytes: limit_bytes,
        }
    }

    /// The limit given at the start, in billable bytes.
    pub fn scan_limit_bytes(&self) -> u64 {
        self.scan_limit_bytes
    }

    /// The counters as they are now.
    pub fn snapshot(&self) -> Usage {
        Usage {
            scanned: self.scanned(),
            transferred_bytes: self.transferred.load(Relaxed),
            gap_bytes: self.gap.load(Relaxed),
            retried_bytes: self.retried.load(Relaxed),
            cached_bytes: self.cached.load(Relaxed),
            requests: self.requests.load(Relaxed),
            list_requests: self.list_requests.load(Relaxed),
            splits: self.splits.load(Relaxed),
        }
    }

    /// Bytes a reader asked for and found in a cache of this process.
    pub fn add_cached(&self, bytes: u64) {
        self.cached.fetch_add(bytes, Relaxed);
    }

    /// One more split opened.
    pub fn add_split(&self) {
        self.splits.fetch_add(1, Relaxed);
    }

    pub(crate) fn add_request(&self) {
        self.requests.fetch_add(1, Relaxed);
    }

    pub(crate) fn add_list_requests(&self, requests: u64) {
        self.list_requests.fetch_add(requests, Relaxed);
    }

    pub(crate) fn add_transferred(&self, bytes: u64) {
        self.transferred.fetch_add(bytes, Relaxed);
    }

    pub(crate) fn add_gap(&self, bytes: u64) {
        self.gap.fetch_add(bytes, Relaxed);
    }

    pub(crate) fn add_retried(&self, bytes: u64) {
        self.retried.fetch_add(bytes, Relaxed);
    }

    pub(crate) fn add_scanned(&self, class: ByteClass, bytes: u64) {
        let counter = match class {
            ByteClass::Footer => &self.footer,
            ByteClass::Index => &self.index,
            ByteClass::Data => &self.data,
            ByteClass::Text => &self.text,
        };
        counter.fetch_add(bytes, Relaxed);
    }

    /// Fails when `more` bytes on top of what was scanned would pass the limit. Called before
    /// reading, so a refused read is neither transferred nor billed.
    pub(crate) fn check_limit(&self, more: u64) -> Result<()> {
        let scanned = self.scanned().total();
        if scanned.saturating_add(more) <= self.scan_limit_bytes {
            return Ok(());
        }
        Err(Error::new(
            ErrorCode::BytesLimitExceeded,
            format!(
                "the query may scan {} bytes; it has scanned {scanned} and needs at least {more} more",
                self.scan_limit_bytes
            ),
        )
        .with_hint("raise the limit, select fewer columns or add a predicate on a partition key"))
    }

    fn scanned(&self) -> ClassBytes {
        ClassBytes {
            footer: self.footer.load(Relaxed),
            index: self.index.load(Relaxed),
            data: self.data.load(Relaxed),
            text: self.text.load(Relaxed),
        }
    }
}
