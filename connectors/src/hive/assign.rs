//! Who reads which split: among the partitions of a process, and among workers.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::Split;

/// A worker takes at most this many hundredths of an even share before its files go to the next in
/// line, so that a table of few files still uses all workers (consistent hashing with bounded loads,
/// Mirrokni et al. 2018, with c = 1.25).
const LOAD_PERCENT_MAX: u64 = 125;

/// Spreads splits evenly over at most `partitions` groups, heaviest first, each group in file order.
/// There is always at least one group; no group is empty unless there are no splits.
pub(super) fn by_weight(splits: Vec<Split>, partitions: usize) -> Vec<Vec<Split>> {
    let groups = partitions.min(splits.len()).max(1);
    spread(splits, groups)
}

fn spread(splits: Vec<Split>, groups: usize) -> Vec<Vec<Split>> {
    let mut loads = vec![0_u64; groups];
    let mut spread: Vec<Vec<(usize, Split)>> = vec![Vec::new(); groups];
    let mut order: Vec<(usize, Split)> = splits.into_iter().enumerate().collect();
    order.sort_by_key(|(at, split)| (std::cmp::Reverse(split.weight_bytes), *at));
    for (at, split) in order {
        let lightest = (0..groups).min_by_key(|group| loads.get(*group).copied()).unwrap_or(0);
        if let (Some(load), Some(group)) = (loads.get_mut(lightest), spread.get_mut(lightest)) {
            // Opening a split costs something even if it weighs nothing.
            *load += split.weight_bytes.max(1);
            group.push((at, split));
        }
    }
    let in_file_order = |mut group: Vec<(usize, Split)>| {
        group.sort_by_key(|(at, _)| *at);
        group.into_iter().map(|(_, split)| split).collect()
    };
    spread.into_iter().map(in_file_order).collect()
}

/// Deals splits to `workers` tasks of `partitions` groups each, in the order of `workers`; groups
/// may be empty. Every split is dealt exactly once.
///
/// A file goes to the same worker in every query (rendezvous hashing of object and worker), so that
/// footers and blocks are cached where they are used, within a bounded load.
pub fn assign<W: Hash>(splits: Vec<Split>, workers: &[W], partitions: usize) -> Vec<Vec<Vec<Split>>> {
    let total: u64 = splits.iter().map(|split| split.weight_bytes.max(1)).sum();
    let share = total.div_ceil(workers.len().max(1) as u64);
    let load_max = share.saturating_mul(LOAD_PERCENT_MAX) / 100;
    let mut loads = vec![0_u64; workers.len()];
    let mut dealt: Vec<Vec<Split>> = vec![Vec::new(); workers.len()];
    for split in splits {
        let weight = split.weight_bytes.max(1);
        let mut order: Vec<usize> = (0..workers.len()).collect();
        order.sort_by_key(|at| std::cmp::Reverse(score(&split, workers.get(*at))));
        let fits = |at: &usize| {
            let load = loads.get(*at).copied().unwrap_or_default();
            load == 0 || load + weight <= load_max
        };
        let lightest = || (0..workers.len()).min_by_key(|at| loads.get(*at).copied());
        let Some(chosen) = order.iter().copied().find(fits).or_else(lightest) else { continue };
        if let (Some(load), Some(splits)) = (loads.get_mut(chosen), dealt.get_mut(chosen)) {
            *load += weight;
            splits.push(split);
        }
    }
    dealt.into_iter().map(|splits| spread(splits, partitions.max(1))).collect()
}

/// Splits of one file score alike while the file is small; a large file's pieces are told apart by
/// the gibibyte they begin in, so that it can be read by several workers.
fn score<W: Hash>(split: &Split, worker: Option<&W>) -> u64 {
    let mut hasher = DefaultHasher::new();
    split.object.location.hash(&mut hasher);
    (split.byte_range().start >> 30).hash(&mut hasher);
    worker.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use storage::{Location, ObjectRef};

    use super::*;

    fn splits(count: usize) -> Vec<Split> {
        let object = |at| ObjectRef {
            location: Location::parse(&format!("s3://b/f{}", at / 3)).unwrap(),
            size: 100,
            etag: None,
            modified_at_ms: 0,
        };
        let range = |at: u64| Some(at % 3 * 30..at % 3 * 30 + 30);
        (0..count)
            .map(|at| Split {
                object: object(at),
                range: range(at as u64),
                piece: at % 3,
                partition: 0,
                weight_bytes: (at as u64 * 7) % 50,
            })
            .collect()
    }

    #[test]
    fn every_split_is_dealt_once_whatever_the_number_of_workers() {
        for count in [0, 1, 2, 7, 16, 100] {
            for workers in [1, 2, 3, 5, 8] {
                let names: Vec<_> = (0..workers).map(|at| format!("w{at}")).collect();
                let dealt = assign(splits(count), &names, 4);
                assert_eq!(dealt.len(), workers);
                assert!(dealt.iter().all(|groups| groups.len() == 4));
                let mut seen: Vec<_> = dealt.into_iter().flatten().flatten().collect();
                let mut all = splits(count);
                let key = |s: &Split| (s.object.location.key.clone(), s.byte_range().start);
                seen.sort_by_key(key);
                all.sort_by_key(key);
                assert_eq!(seen, all);
            }
        }
    }

    #[test]
    fn loads_are_bounded_and_files_stay_where_they_were() {
        let names = ["a", "b", "c"];
        let first = assign(splits(99), &names, 1);
        assert_eq!(first, assign(splits(99), &names, 1));
        let load = |groups: &Vec<Vec<Split>>| -> u64 {
            groups.iter().flatten().map(|split| split.weight_bytes.max(1)).sum()
        };
        let total: u64 = first.iter().map(load).sum();
        for groups in &first {
            assert!(load(groups) <= total / 3 * 130 / 100, "{}", load(groups));
        }
    }
}
