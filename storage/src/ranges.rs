//! Which requests to send for a set of wanted byte ranges.

use std::ops::Range;

/// One request: `fetch` covers the wanted ranges between two gaps that were not worth merging.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fetch {
    pub(crate) fetch: Range<u64>,
    /// Bytes of `fetch` that are part of at least one wanted range.
    pub(crate) wanted_bytes: u64,
}

/// Merges `wanted` into requests. Ranges closer than `gap_bytes_max` share a request; a request
/// grows no further once it has `request_bytes_max` bytes.
///
/// Reading a gap costs its transfer, not reading it costs a round trip; gaps are never billed.
pub(crate) fn plan(wanted: &[Range<u64>], gap_bytes_max: u64, request_bytes_max: u64) -> Vec<Fetch> {
    let mut sorted: Vec<_> = wanted.iter().filter(|range| !range.is_empty()).cloned().collect();
    sorted.sort_by_key(|range| (range.start, range.end));
    let mut fetches: Vec<Fetch> = Vec::new();
    for range in sorted {
        match fetches.last_mut() {
            Some(last) if joins(last, &range, gap_bytes_max, request_bytes_max) => {
                let fresh_from = range.start.max(last.fetch.end);
                last.wanted_bytes += range.end.saturating_sub(fresh_from);
                last.fetch.end = last.fetch.end.max(range.end);
            }
            _ => fetches.push(Fetch { wanted_bytes: range.end - range.start, fetch: range }),
        }
    }
    fetches
}

/// Overlapping ranges always join, whatever their size: no byte is fetched twice.
fn joins(last: &Fetch, next: &Range<u64>, gap_bytes_max: u64, request_bytes_max: u64) -> bool {
    if next.start < last.fetch.end {
        return true;
    }
    next.start - last.fetch.end <= gap_bytes_max && last.fetch.end - last.fetch.start < request_bytes_max
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init)]
mod tests {
    use super::*;

    #[test]
    fn ranges_merge_over_small_gaps_only() {
        let check = |wanted: &[Range<u64>], expected: &[(Range<u64>, u64)]| {
            let planned: Vec<_> =
                plan(wanted, 10, 100).into_iter().map(|f| (f.fetch, f.wanted_bytes)).collect();
            assert_eq!(planned, expected, "{wanted:?}");
        };
        check(&[], &[]);
        check(&[5..5], &[]);
        check(&[0..10, 20..30], &[(0..30, 20)]);
        check(&[0..10, 21..30], &[(0..10, 10), (21..30, 9)]);
        check(&[20..30, 0..10], &[(0..30, 20)]);
        check(&[0..30, 10..20, 25..40], &[(0..40, 40)]);
        check(&[0..100, 100..110], &[(0..100, 100), (100..110, 10)]);
        check(&[0..150, 100..200], &[(0..200, 200)]);
    }
}
