//! `min(x, n)`, `max(x, n)`, `min_by(x, y, n)`, `max_by(x, y, n)`.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, Int64Array},
    datatypes::{DataType, Int64Type},
};
use datafusion::common::Result as EngineResult;

use crate::{
    Fault,
    aggregate::{
        arena::{Arena, Place},
        fold::{column, primitive},
        log::{items_of_lists, list_type, lists},
        order::{Keys, Wanted},
        states::{Groups, States},
    },
};

/// Largest n: Trino's limit.
const RESULTS_MAX: i64 = 10_000;

/// One row that may be among the results.
#[derive(Debug, Clone)]
struct Candidate {
    key: Box<[u8]>,
    place: Place,
}

#[derive(Debug, Clone, Default)]
struct Group {
    /// How many are wanted; 0: not known yet.
    wanted: usize,
    /// In no order; shortened before they are twice as many as wanted.
    candidates: Vec<Candidate>,
    /// The key of the worst of those wanted, once there were as many. Rows that are no better do not count.
    bar: Option<Box<[u8]>>,
}

/// The rows with the largest or smallest keys of each group. The key is the last column, results are of the
/// first.
#[derive(Debug)]
pub(crate) struct Top {
    types: Vec<DataType>,
    keys: Keys,
    wanted: Wanted,
    arena: Arena,
    groups: Vec<Group>,
    /// Candidates of all groups, and the bytes of their keys.
    count: usize,
    key_bytes: usize,
}

impl Top {
    /// `types` are those of the columns before `n`.
    pub(crate) fn new(types: Vec<DataType>, key: &DataType, wanted: Wanted) -> EngineResult<Self> {
        let (keys, arena) = (Keys::new(key, wanted)?, Arena::new(types.clone()));
        Ok(Self { types, keys, wanted, arena, groups: Vec::new(), count: 0, key_bytes: 0 })
    }

    fn reach(&mut self, count: usize) {
        if self.groups.len() < count {
            self.groups.resize_with(count, Group::default);
        }
    }

    fn check(&self, n: i64) -> Result<usize, Fault> {
        let (number, function, positive) = match self.types.len() {
            1 => ("second", "max_n/min_n", "positive"),
            _ => ("third", "max_by/min_by", "a positive integer"),
        };
        if n <= 0 {
            return Err(Fault::invalid_argument(format!(
                "{number} argument of {function} must be {positive}"
            )));
        }
        if n > RESULTS_MAX {
            return Err(Fault::invalid_argument(format!(
                "{number} argument of {function} must be less than or equal to {RESULTS_MAX}; found {n}"
            )));
        }
        Ok(usize::try_from(n).unwrap_or(usize::MAX))
    }

    fn take(&mut self, columns: &[ArrayRef], groups: &[usize]) -> EngineResult<()> {
        let key_column = column(columns, self.types.len() - 1)?;
        let nulls = key_column.logical_nulls();
        let keys = self.keys.of(key_column)?;
        let mut kept = Vec::new();
        let mut candidates = Vec::new();
        for (row, group) in groups.iter().enumerate() {
            if nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
                continue;
            }
            let Some(state) = self.groups.get(*group) else { continue };
            let key = keys.row(row);
            let is_hopeless = state.bar.as_ref().is_some_and(|bar| !self.wanted.prefers(key.data(), bar));
            if !is_hopeless {
                kept.push(u32::try_from(row).map_err(|_| Fault::internal("too many rows"))?);
                candidates.push((*group, Box::<[u8]>::from(key.data())));
            }
        }
        let places = self.arena.keep(columns, &kept)?;
        for ((group, key), place) in candidates.into_iter().zip(places) {
            let Some(state) = self.groups.get_mut(group) else { continue };
            self.count += 1;
            self.key_bytes += key.len();
            state.candidates.push(Candidate { key, place });
            if state.candidates.len() >= 2 * state.wanted {
                let (count, bytes) = shorten(state, self.wanted);
                self.count -= count;
                self.key_bytes -= bytes;
            }
        }
        self.compact_if_wasteful()
    }

    fn compact_if_wasteful(&mut self) -> EngineResult<()> {
        match self.arena.is_wasteful(self.count) {
            true => self.compact(),
            false => Ok(()),
        }
    }

    fn shorten_first(&mut self, count: usize) {
        for state in self.groups.iter_mut().take(count) {
            let (count, bytes) = shorten(state, self.wanted);
            self.count -= count;
            self.key_bytes -= bytes;
        }
    }

    fn compact(&mut self) -> EngineResult<()> {
        let all = || self.groups.iter().flat_map(|state| &state.candidates);
        let used: Vec<Option<Place>> = all().map(|candidate| Some(candidate.place)).collect();
        let places = self.arena.compact(&used)?;
        let all = self.groups.iter_mut().flat_map(|state| &mut state.candidates);
        all.zip(places).for_each(|(candidate, place)| candidate.place = place);
        Ok(())
    }

    /// The candidates of the first `count` groups, best first, and how many each has.
    fn gather(&mut self, count: usize) -> EngineResult<(Vec<ArrayRef>, Vec<usize>)> {
        self.reach(count);
        self.shorten_first(count);
        let first = self.groups.get(..count).unwrap_or_default();
        let lengths = first.iter().map(|state| state.candidates.len()).collect();
        let places: Vec<Option<Place>> =
            first.iter().flat_map(|state| &state.candidates).map(|candidate| Some(candidate.place)).collect();
        Ok((self.arena.gather(&places)?, lengths))
    }
}

/// Sorts the candidates and keeps as many as are wanted. Of equals, earlier ones stay. Returns how many were
/// dropped, and the bytes of their keys.
fn shorten(state: &mut Group, wanted: Wanted) -> (usize, usize) {
    state.candidates.sort_by(|left, right| match wanted {
        Wanted::Largest => right.key.cmp(&left.key),
        Wanted::Smallest => left.key.cmp(&right.key),
    });
    let dropped = state.candidates.drain(state.wanted.min(state.candidates.len())..);
    let dropped = dropped.fold((0, 0), |(count, bytes), candidate| (count + 1, bytes + candidate.key.len()));
    if state.candidates.len() == state.wanted {
        state.bar = state.candidates.last().map(|worst| worst.key.clone());
    }
    dropped
}

impl States for Top {
    fn state_types(&self) -> Vec<DataType> {
        std::iter::once(DataType::Int64).chain(self.types.iter().map(list_type)).collect()
    }

    fn update(&mut self, values: &[ArrayRef], groups: &Groups<'_>) -> EngineResult<()> {
        self.reach(groups.count);
        let columns = values.get(..self.types.len()).unwrap_or_default();
        let numbers = primitive::<Int64Type>(values, self.types.len())?;
        let nulls = column(columns, self.types.len() - 1)?.logical_nulls();
        let mut groups_of_rows = Vec::with_capacity(groups.of_rows.len());
        for (row, group) in groups.of_rows.iter().enumerate() {
            let is_used = numbers.is_valid(row) && nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row));
            // A group that is not there: the row does not count.
            groups_of_rows.push(if is_used { *group } else { usize::MAX });
            if is_used && self.groups.get(*group).is_some_and(|state| state.wanted == 0) {
                let wanted = self.check(numbers.value(row))?;
                self.groups.get_mut(*group).into_iter().for_each(|state| state.wanted = wanted);
            }
        }
        self.take(columns, &groups_of_rows)
    }

    fn merge(&mut self, states: &[ArrayRef], groups: &Groups<'_>) -> EngineResult<()> {
        self.reach(groups.count);
        let numbers = primitive::<Int64Type>(states, 0)?;
        for (row, group) in groups.of_rows.iter().enumerate() {
            if let Some(state) = self.groups.get_mut(*group).filter(|state| state.wanted == 0) {
                state.wanted = usize::try_from(numbers.value(row)).unwrap_or(0);
            }
        }
        let (columns, item_groups) = items_of_lists(states.get(1..).unwrap_or_default(), groups)?;
        self.take(&columns, &item_groups)
    }

    fn results(&mut self, count: usize) -> EngineResult<ArrayRef> {
        let (columns, lengths) = self.gather(count)?;
        let has_rows = |group: usize| lengths.get(group).is_some_and(|length| *length > 0);
        lists(Arc::clone(column(&columns, 0)?), &lengths, has_rows)
    }

    fn export(&mut self, count: usize) -> EngineResult<Vec<ArrayRef>> {
        let (columns, lengths) = self.gather(count)?;
        let wanted = self.groups.iter().take(count);
        let wanted = wanted.map(|state| i64::try_from(state.wanted).ok()).collect::<Int64Array>();
        let mut states: Vec<ArrayRef> = vec![Arc::new(wanted)];
        for items in columns {
            states.push(lists(items, &lengths, |_| true)?);
        }
        Ok(states)
    }

    fn forget(&mut self, count: usize) -> EngineResult<()> {
        let kept = self.groups.split_off(count.min(self.groups.len()));
        let forgotten = std::mem::replace(&mut self.groups, kept);
        for candidate in forgotten.iter().flat_map(|state| &state.candidates) {
            self.count -= 1;
            self.key_bytes -= candidate.key.len();
        }
        self.compact()
    }

    fn size(&self) -> usize {
        let keys = self.key_bytes + self.count * size_of::<Candidate>();
        self.arena.size() + keys + self.groups.capacity() * size_of::<Group>()
    }
}
