//! Parsed file tails, kept for the queries to come.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use parking_lot::Mutex;
use protocol::Result;
use storage::{Location, ObjectReader};

use super::tail::{self, OrcTail};

/// One per process. Holds tails by location and ETag, so a changed object is another entry; an object
/// without an ETag is never kept. The least recently used go first when the limit is reached.
#[derive(Debug)]
pub struct FooterCache {
    bytes_max: u64,
    entries: Mutex<Entries>,
}

type Key = (Location, String);

#[derive(Debug, Default)]
struct Entries {
    by_key: HashMap<Key, Entry>,
    /// Keys by the time of their last use.
    by_use: BTreeMap<u64, Key>,
    uses: u64,
    bytes: u64,
}

#[derive(Debug)]
struct Entry {
    tail: Arc<OrcTail>,
    used: u64,
    bytes: u64,
}

/// Memory of the default cache, in bytes. A tail takes from 1 KB to a few MB.
const BYTES_MAX: u64 = 256 << 20;

impl Default for FooterCache {
    fn default() -> Self {
        Self::new(BYTES_MAX)
    }
}

impl FooterCache {
    /// A cache of about `bytes_max` bytes; zero keeps nothing.
    pub fn new(bytes_max: u64) -> Self {
        Self { bytes_max, entries: Mutex::default() }
    }

    pub(super) fn get(&self, key: &Key) -> Option<Arc<OrcTail>> {
        let mut entries = self.entries.lock();
        entries.uses += 1;
        let now = entries.uses;
        let entry = entries.by_key.get_mut(key)?;
        let before = std::mem::replace(&mut entry.used, now);
        let tail = Arc::clone(&entry.tail);
        entries.by_use.remove(&before);
        entries.by_use.insert(now, key.clone());
        Some(tail)
    }

    pub(super) fn put(&self, key: Key, tail: &Arc<OrcTail>) {
        let bytes = tail.memory_bytes();
        if bytes > self.bytes_max {
            return;
        }
        let mut entries = self.entries.lock();
        entries.uses += 1;
        let used = entries.uses;
        let entry = Entry { tail: Arc::clone(tail), used, bytes };
        entries.bytes += bytes;
        entries.by_use.insert(used, key.clone());
        if let Some(replaced) = entries.by_key.insert(key, entry) {
            entries.bytes -= replaced.bytes;
            entries.by_use.remove(&replaced.used);
        }
        while entries.bytes > self.bytes_max {
            let Some((_, oldest)) = entries.by_use.pop_first() else { return };
            let dropped = entries.by_key.remove(&oldest);
            entries.bytes -= dropped.map_or(0, |dropped| dropped.bytes);
        }
    }
}

/// The tail of the reader's object. A tail found in the cache is neither read nor billed; its bytes
/// count as cached.
///
/// Errors: [`protocol::ErrorCode::CorruptFile`], and `NotSupported` for encrypted files, transactional
/// tables and files whose rows are not a struct.
pub async fn file_info(reader: &ObjectReader, footers: &FooterCache) -> Result<Arc<OrcTail>> {
    let object = reader.object();
    let key = object.etag.clone().map(|etag| (object.location.clone(), etag));
    if let Some(tail) = key.as_ref().and_then(|key| footers.get(key)) {
        reader.meter().add_cached(tail.billed_bytes);
        return Ok(tail);
    }
    let tail = Arc::new(tail::read(reader).await?);
    if let Some(key) = key {
        footers.put(key, &tail);
    }
    Ok(tail)
}
