//! Long arrays: runs are merged by rank. The place of an item in two merged runs is its place in its own run
//! plus the number of items of the other that come before it, which binary search finds for all items at once.

use std::{cmp::Ordering, ops::Range};

use arrow::{
    array::{ArrayRef, UInt32Array},
    compute::take,
};
use datafusion::common::Result as EngineResult;

use super::{Comparator, Pair, violation};
use crate::{
    Fault,
    array::{compare::keys::Ids, lists::to_u32},
    lambda::call::type_of,
};

/// Sorts the items in the ranges of these rows.
pub(super) fn sort(
    comparator: &Comparator<'_>,
    sorted: &mut [u32],
    rows: &[(usize, Range<usize>)],
) -> EngineResult<()> {
    let longest = rows.iter().map(|(_, range)| range.len()).max().unwrap_or_default();
    let mut width = 1;
    while width < longest {
        let mut probes = rows.iter().flat_map(|(row, range)| probes(*row, range, width)).collect::<Vec<_>>();
        search(comparator, sorted, &mut probes)?;
        let merged: Vec<_> =
            probes.iter().map(|probe| (probe.base + probe.low, sorted[probe.place])).collect();
        let mut is_taken = vec![false; sorted.len()];
        for (place, item) in merged {
            match is_taken.get_mut(place) {
                Some(is_taken) if !*is_taken => *is_taken = true,
                _ => return Err(violation().into()),
            }
            sorted[place] = item;
        }
        width = width.saturating_mul(2);
    }
    check_neighbours(comparator, sorted, rows)
}

/// The search for the place of one item among those of the other run.
struct Probe {
    row: u32,
    /// Where the item is, and where it comes if all of the other run come after it.
    place: usize,
    base: usize,
    /// The other run, and how many of its items come before at least and at most.
    other: usize,
    low: usize,
    high: usize,
    /// Of equal items, those of the left run come first.
    is_left: bool,
}

/// Probes of all items of a row's runs that have a neighbour to merge with.
fn probes(row: usize, range: &Range<usize>, width: usize) -> impl Iterator<Item = Probe> + use<> {
    let (row, range) = (to_u32(row), range.clone());
    let merges = range.clone().step_by(width.saturating_mul(2)).map(move |start| {
        (start, start.saturating_add(width), start.saturating_add(width.saturating_mul(2)).min(range.end))
    });
    merges.filter(|(_, middle, end)| middle < end).flat_map(move |(start, middle, end)| {
        (start..end).map(move |place| {
            let is_left = place < middle;
            let (base, other, high) = match is_left {
                true => (place, middle, end - middle),
                false => (start + place - middle, start, middle - start),
            };
            Probe { row, place, base, other, low: 0, high, is_left }
        })
    })
}

fn search(comparator: &Comparator<'_>, sorted: &[u32], probes: &mut [Probe]) -> EngineResult<()> {
    let mut open: Vec<&mut Probe> = probes.iter_mut().collect();
    while !open.is_empty() {
        let question = |probe: &&mut Probe| {
            let (own, other) = (sorted[probe.place], sorted[probe.other + (probe.low + probe.high) / 2]);
            // The right item is always asked about first, so both searches hear the same answers.
            let (left, right) = if probe.is_left { (other, own) } else { (own, other) };
            Pair { left, right, row: probe.row }
        };
        let questions: Vec<Pair> = open.iter().map(question).collect();
        for (probe, answer) in open.iter_mut().zip(comparator.compare(&questions)?) {
            let middle = (probe.low + probe.high) / 2;
            match answer.is_lt() == probe.is_left {
                true => probe.low = middle + 1,
                false => probe.high = middle,
            }
        }
        open.retain(|probe| probe.low < probe.high);
    }
    Ok(())
}

/// Another algorithm could come to another order where the comparator contradicts itself about neighbours
/// that are not the same.
fn check_neighbours(
    comparator: &Comparator<'_>,
    sorted: &[u32],
    rows: &[(usize, Range<usize>)],
) -> EngineResult<()> {
    let pairs = rows.iter().flat_map(|(row, range)| {
        let items = sorted.get(range.clone()).unwrap_or_default();
        items.windows(2).map(|pair| Pair { left: pair[0], right: pair[1], row: to_u32(*row) })
    });
    let pairs: Vec<Pair> = pairs.collect();
    let swapped: Vec<Pair> =
        pairs.iter().map(|pair| Pair { left: pair.right, right: pair.left, row: pair.row }).collect();
    let answers = comparator.compare(&pairs)?.into_iter().zip(comparator.compare(&swapped)?);
    let doubtful: Vec<&Pair> = pairs
        .iter()
        .zip(answers)
        .filter(|(_, (answer, swapped))| *answer == Ordering::Greater || answer.reverse() != *swapped)
        .map(|(pair, _)| pair)
        .collect();
    match doubtful.is_empty() || are_same(comparator.items, &doubtful)? {
        true => Ok(()),
        false => Err(violation().into()),
    }
}

/// True if the two items of each pair are not distinct.
fn are_same(items: &ArrayRef, pairs: &[&Pair]) -> EngineResult<bool> {
    let side = |of: fn(&Pair) -> u32| -> EngineResult<ArrayRef> {
        let indices: UInt32Array = pairs.iter().map(|pair| Some(of(pair))).collect();
        Ok(take(items, &indices, None)?)
    };
    let (left, right) = (side(|pair| pair.left)?, side(|pair| pair.right)?);
    let ids = Ids::new(&[&left, &right], &type_of(items.data_type())?)?;
    match ids.of.as_slice() {
        [left, right] => Ok(left == right),
        _ => Err(Fault::internal("ids of two arrays").into()),
    }
}
