//! Short arrays: a first run, then binary insertion.

use std::{cmp::Ordering, ops::Range};

use datafusion::common::Result as EngineResult;

use super::{Comparator, Pair};
use crate::{Fault, array::lists::to_u32};

/// Sorts the items in the ranges of these rows.
pub(super) fn sort(
    comparator: &Comparator<'_>,
    sorted: &mut [u32],
    rows: Vec<(usize, Range<usize>)>,
) -> EngineResult<()> {
    let mut open: Vec<Insertion> = rows.into_iter().map(Insertion::new).collect();
    while !open.is_empty() {
        let pairs: Vec<Pair> = open.iter().map(Insertion::question).collect();
        for (insertion, answer) in open.iter_mut().zip(comparator.compare(&pairs)?) {
            insertion.answer(answer);
        }
        for insertion in open.extract_if(.., |insertion| insertion.phase == Phase::Done) {
            let target =
                sorted.get_mut(insertion.range.clone()).filter(|to| to.len() == insertion.items.len());
            let target = target.ok_or_else(|| Fault::internal("a sorted array of another length"))?;
            target.copy_from_slice(&insertion.items);
        }
    }
    Ok(())
}

/// The sort of one array, between two comparisons.
struct Insertion {
    row: u32,
    range: Range<usize>,
    items: Vec<u32>,
    phase: Phase,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The items before `next` are a run: ascending, or strictly descending.
    Run {
        next: usize,
        is_descending: bool,
    },
    /// The items before `start` are in order; the one there belongs at `left` to `right`.
    Place {
        start: usize,
        left: usize,
        right: usize,
    },
    Done,
}

impl Insertion {
    /// There are at least two items.
    fn new((row, range): (usize, Range<usize>)) -> Self {
        let items = (to_u32(range.start)..to_u32(range.end)).collect();
        Self { row: to_u32(row), range, items, phase: Phase::Run { next: 1, is_descending: false } }
    }

    fn question(&self) -> Pair {
        let (left, right) = match self.phase {
            Phase::Run { next, .. } => (next, next - 1),
            Phase::Place { start, left, right } => (start, (left + right) / 2),
            Phase::Done => (0, 0),
        };
        Pair { left: self.items[left], right: self.items[right], row: self.row }
    }

    fn answer(&mut self, answer: Ordering) {
        match self.phase {
            Phase::Run { next, is_descending } => {
                let is_descending = if next == 1 { answer.is_lt() } else { is_descending };
                match answer.is_lt() == is_descending && next + 1 < self.items.len() {
                    true => self.phase = Phase::Run { next: next + 1, is_descending },
                    false => self.end_run(next + usize::from(answer.is_lt() == is_descending), is_descending),
                }
            }
            Phase::Place { start, left, right } => {
                let middle = (left + right) / 2;
                let (left, right) = if answer.is_lt() { (left, middle) } else { (middle + 1, right) };
                match left < right {
                    true => self.phase = Phase::Place { start, left, right },
                    false => {
                        self.items[left..=start].rotate_right(1);
                        self.place(start + 1);
                    }
                }
            }
            Phase::Done => {}
        }
    }

    fn end_run(&mut self, length: usize, is_descending: bool) {
        if is_descending {
            self.items[..length].reverse();
        }
        self.place(length);
    }

    fn place(&mut self, start: usize) {
        self.phase = match start < self.items.len() {
            true => Phase::Place { start, left: 0, right: start },
            false => Phase::Done,
        };
    }
}
