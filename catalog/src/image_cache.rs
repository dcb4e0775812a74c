//! The partition images of the tables used last.
//!
//! Keyed by table; an entry counts only while its version is the table's, so nothing has to be
//! invalidated when a table changes.

use std::{collections::HashMap, sync::Arc};

use parking_lot::Mutex;

use crate::PartitionImage;

/// All images together. A million partitions with three keys take about 50 MB.
const CACHED_BYTES_MAX: usize = 512 * 1024 * 1024;

#[derive(Debug)]
pub(crate) struct ImageCache {
    bytes_max: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    entries: HashMap<i64, Entry>,
    bytes: usize,
    /// Counts uses; the entry with the smallest number was used longest ago.
    clock: u64,
}

#[derive(Debug)]
struct Entry {
    image: Arc<PartitionImage>,
    bytes: usize,
    used: u64,
}

impl ImageCache {
    pub(crate) fn new() -> Self {
        Self { bytes_max: CACHED_BYTES_MAX, state: Mutex::default() }
    }

    /// The image of `table_id` at exactly `version`.
    pub(crate) fn get(&self, table_id: i64, version: u64) -> Option<Arc<PartitionImage>> {
        let mut state = self.state.lock();
        state.clock += 1;
        let now = state.clock;
        let entry = state.entries.get_mut(&table_id).filter(|entry| entry.image.version() == version)?;
        entry.used = now;
        Some(Arc::clone(&entry.image))
    }

    /// Keeps `image`, unless a newer one is there or it alone is over the limit.
    pub(crate) fn put(&self, table_id: i64, image: &Arc<PartitionImage>) {
        let bytes = image.memory_bytes();
        let mut state = self.state.lock();
        let newer = |entry: &Entry| entry.image.version() > image.version();
        if bytes > self.bytes_max || state.entries.get(&table_id).is_some_and(newer) {
            return;
        }
        state.clock += 1;
        let used = state.clock;
        state.remove(table_id);
        state.entries.insert(table_id, Entry { image: Arc::clone(image), bytes, used });
        state.bytes += bytes;
        while state.bytes > self.bytes_max {
            // Tables are few, so the oldest is looked for rather than kept in order.
            let oldest = state.entries.iter().min_by_key(|(_, entry)| entry.used).map(|(id, _)| *id);
            match oldest {
                Some(id) => state.remove(id),
                None => break,
            }
        }
    }
}

impl State {
    fn remove(&mut self, table_id: i64) {
        if let Some(entry) = self.entries.remove(&table_id) {
            self.bytes -= entry.bytes;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::{Column, Partition, Table};

    fn image(version: u64) -> Arc<PartitionImage> {
        let table = Table { partition_keys: vec![Column::new("k", "int")], version, ..Table::default() };
        Arc::new(PartitionImage::build(&table, &[Partition::new(["1"])]).unwrap())
    }

    #[test]
    fn only_the_current_version_is_found() {
        let cache = ImageCache::new();
        cache.put(1, &image(5));
        assert!(cache.get(1, 5).is_some());
        assert!(cache.get(1, 6).is_none());
        cache.put(1, &image(4));
        assert!(cache.get(1, 5).is_some(), "an older image replaced a newer one");
    }

    #[test]
    fn least_recently_used_goes_first() {
        let bytes = image(1).memory_bytes();
        let cache = ImageCache { bytes_max: bytes * 2, state: Mutex::default() };
        cache.put(1, &image(1));
        cache.put(2, &image(1));
        assert!(cache.get(1, 1).is_some());
        cache.put(3, &image(1));
        assert!(cache.get(2, 1).is_none());
        assert!(cache.get(1, 1).is_some() && cache.get(3, 1).is_some());
        assert_eq!(cache.state.lock().bytes, bytes * 2);
    }
}
