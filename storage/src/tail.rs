//! The end of an object, fetched once in the hope that its footer fits, and handed out piece by piece.
//!
//! Only the pieces somebody asks for are billed. What is never asked for becomes a gap when the
//! tail is dropped, so the meter's sum comes out even.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;
use parking_lot::Mutex;
use protocol::ByteClass;

use crate::Meter;

#[derive(Debug)]
pub(crate) struct Tail {
    start: u64,
    bytes: Bytes,
    /// Sorted, disjoint ranges already handed out.
    claimed: Mutex<Vec<Range<u64>>>,
    meter: Arc<Meter>,
}

impl Tail {
    /// `bytes` begin at offset `start` of the object and reach to its end.
    pub(crate) fn new(start: u64, bytes: Bytes, meter: Arc<Meter>) -> Self {
        Self { start, bytes, claimed: Mutex::default(), meter }
    }

    pub(crate) fn start(&self) -> u64 {
        self.start
    }

    /// The bytes of `range`, which must lie inside the tail; `None` if it does not.
    /// Bytes handed out for the first time are billed to `class`, others count as cached.
    pub(crate) fn claim(&self, class: ByteClass, range: &Range<u64>) -> Option<Bytes> {
        let from = usize::try_from(range.start.checked_sub(self.start)?).ok()?;
        let to = usize::try_from(range.end.checked_sub(self.start)?).ok()?;
        if from > to || to > self.bytes.len() {
            return None;
        }
        let mut claimed = self.claimed.lock();
        let before = covered(&claimed);
        insert(&mut claimed, range.clone());
        let fresh = covered(&claimed) - before;
        self.meter.add_scanned(class, fresh);
        self.meter.add_cached((range.end - range.start) - fresh);
        Some(self.bytes.slice(from..to))
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        self.meter.add_gap(self.bytes.len() as u64 - covered(self.claimed.get_mut()));
    }
}

fn covered(ranges: &[Range<u64>]) -> u64 {
    ranges.iter().map(|range| range.end - range.start).sum()
}

fn insert(ranges: &mut Vec<Range<u64>>, mut new: Range<u64>) {
    if new.is_empty() {
        return;
    }
    ranges.retain(|range| {
        let apart = range.end < new.start || new.end < range.start;
        if !apart {
            new = new.start.min(range.start)..new.end.max(range.end);
        }
        apart
    });
    let at = ranges.partition_point(|range| range.start < new.start);
    ranges.insert(at, new);
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_billed_once_and_the_rest_is_gap() {
        let meter = Arc::new(Meter::default());
        let tail = Tail::new(100, Bytes::from(vec![7; 50]), Arc::clone(&meter));
        assert_eq!(tail.claim(ByteClass::Footer, &(140..150)).unwrap().len(), 10);
        assert_eq!(tail.claim(ByteClass::Index, &(130..145)).unwrap().len(), 15);
        assert!(tail.claim(ByteClass::Data, &(90..110)).is_none());
        assert!(tail.claim(ByteClass::Data, &(140..151)).is_none());
        drop(tail);
        let usage = meter.snapshot();
        assert_eq!((usage.scanned.footer, usage.scanned.index), (10, 10));
        assert_eq!((usage.cached_bytes, usage.gap_bytes), (5, 30));
    }
}
