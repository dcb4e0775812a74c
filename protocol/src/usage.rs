//! What a query read: the record a bill is made of.
//!
//! The counters are kept in `storage`, where bytes are read, never derived from plan metrics.
//!
//! ```text
//! transferred = scanned + gap + retried        (what crossed the wire in response bodies)
//! scanned     = footer + index + data + text   (what a reader asked for and was given: billable)
//! cached      = asked for and served from this process's cache: neither transferred nor billed
//! ```

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

/// Why bytes were asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ByteClass {
    /// File footers and metadata: Parquet footer, ORC postscript, footer, metadata and stripe footers.
    Footer,
    /// Page index, bloom filters, ORC row indexes.
    Index,
    /// Column data.
    Data,
    /// Bytes of text files, as stored (compressed files count compressed).
    Text,
}

/// Bytes by [`ByteClass`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassBytes {
    pub footer: u64,
    pub index: u64,
    pub data: u64,
    pub text: u64,
}

impl ClassBytes {
    pub fn total(&self) -> u64 {
        self.footer + self.index + self.data + self.text
    }
}

/// Counters of one task, one attempt or one query. All are cumulative and only grow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Billable bytes: asked for by a reader, delivered by the store.
    pub scanned: ClassBytes,
    /// Bytes received in response bodies of object reads, every attempt included.
    pub transferred_bytes: u64,
    /// Bytes received between or after the ranges a reader asked for (coalescing, tail hints).
    pub gap_bytes: u64,
    /// Bytes received for reads that failed in the end or were given up.
    pub retried_bytes: u64,
    /// Bytes a reader asked for and this process's cache held.
    pub cached_bytes: u64,
    /// Object read requests sent (GET), retries included.
    pub requests: u64,
    /// List requests sent.
    pub list_requests: u64,
    /// Splits opened.
    pub splits: u64,
}

impl Usage {
    /// The figure a bill is computed from, in bytes.
    pub fn scanned_bytes(&self) -> u64 {
        self.scanned.total()
    }
}

impl AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.scanned.footer += other.scanned.footer;
        self.scanned.index += other.scanned.index;
        self.scanned.data += other.scanned.data;
        self.scanned.text += other.scanned.text;
        self.transferred_bytes += other.transferred_bytes;
        self.gap_bytes += other.gap_bytes;
        self.retried_bytes += other.retried_bytes;
        self.cached_bytes += other.cached_bytes;
        self.requests += other.requests;
        self.list_requests += other.list_requests;
        self.splits += other.splits;
    }
}

/// A worker's report on all its tasks of one attempt. `usage` is cumulative, so a later report
/// replaces an earlier one; `last` says that nothing more will follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskUsage {
    pub query_id: crate::QueryId,
    pub attempt: u32,
    /// The worker's URL.
    pub worker: String,
    pub usage: Usage,
    pub last: bool,
}
