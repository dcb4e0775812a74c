//! The states of all groups of one aggregate, and how the engine drives them.
//!
//! The engine has three ways to run an aggregate: one value for everything (`Accumulator`), one value for
//! each group (`GroupsAccumulator`) and one value for a window that slides. Here an aggregate is written once,
//! as [`States`]; the adapters in this file are the three ways.

use std::{collections::VecDeque, fmt, mem};

use arrow::{
    array::{Array, ArrayRef, BooleanArray},
    compute::{concat, filter, prep_null_mask_filter},
    datatypes::DataType,
};
use datafusion::{
    common::{Result as EngineResult, ScalarValue},
    logical_expr::{Accumulator, EmitTo, GroupsAccumulator},
};

use crate::Fault;

/// The states of groups `0..count` of one aggregate.
///
/// Rows come with their groups. A group without rows has the result of an empty input, so groups need not be
/// announced before they are asked for.
pub(crate) trait States: fmt::Debug + Send + Sync + 'static {
    /// Arrow types of the columns of [`States::export`].
    fn state_types(&self) -> Vec<DataType>;

    /// Takes rows of arguments.
    fn update(&mut self, values: &[ArrayRef], groups: &Groups<'_>) -> EngineResult<()>;

    /// Takes rows of states that [`States::export`] wrote, perhaps in another process.
    fn merge(&mut self, states: &[ArrayRef], groups: &Groups<'_>) -> EngineResult<()>;

    /// The results of the first `count` groups. The states stay as they are.
    fn results(&mut self, count: usize) -> EngineResult<ArrayRef>;

    /// The states of the first `count` groups as columns. The states stay as they are.
    fn export(&mut self, count: usize) -> EngineResult<Vec<ArrayRef>>;

    /// Drops the first `count` groups; group `count` becomes group 0.
    fn forget(&mut self, count: usize) -> EngineResult<()>;

    /// Bytes in memory, roughly.
    fn size(&self) -> usize;

    /// True if [`States::retract`] gives the same result as never having seen the rows.
    fn can_retract(&self) -> bool {
        false
    }

    /// Takes back the oldest rows of group 0.
    fn retract(&mut self, values: &[ArrayRef]) -> EngineResult<()> {
        let _ = values;
        Err(Fault::internal("this aggregate cannot take rows back").into())
    }
}

/// Which group each row belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Groups<'a> {
    pub(crate) of_rows: &'a [usize],
    /// All of `of_rows` are below.
    pub(crate) count: usize,
}

/// Makes fresh states.
pub(crate) type MakeStates = Box<dyn Fn() -> EngineResult<Box<dyn States>> + Send + Sync>;

/// One group: everything.
#[derive(Debug)]
pub(crate) struct Single {
    states: Box<dyn States>,
    /// Zeros, as many as the largest batch had rows.
    zeros: Vec<usize>,
}

impl Single {
    pub(crate) fn new(states: Box<dyn States>) -> Self {
        Self { states, zeros: Vec::new() }
    }
}

fn zeros(kept: &mut Vec<usize>, rows: usize) -> Groups<'_> {
    if kept.len() < rows {
        kept.resize(rows, 0);
    }
    Groups { of_rows: kept.get(..rows).unwrap_or_default(), count: 1 }
}

fn row_count(values: &[ArrayRef]) -> usize {
    values.first().map_or(0, |array| array.len())
}

impl Accumulator for Single {
    fn update_batch(&mut self, values: &[ArrayRef]) -> EngineResult<()> {
        self.states.update(values, &zeros(&mut self.zeros, row_count(values)))
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> EngineResult<()> {
        self.states.merge(states, &zeros(&mut self.zeros, row_count(states)))
    }

    fn evaluate(&mut self) -> EngineResult<ScalarValue> {
        ScalarValue::try_from_array(&self.states.results(1)?, 0)
    }

    fn state(&mut self) -> EngineResult<Vec<ScalarValue>> {
        self.states.export(1)?.iter().map(|column| ScalarValue::try_from_array(column, 0)).collect()
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.states.size() + self.zeros.capacity() * size_of::<usize>()
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> EngineResult<()> {
        self.states.retract(values)
    }

    fn supports_retract_batch(&self) -> bool {
        self.states.can_retract()
    }
}

/// Many groups at once.
pub(crate) struct Grouped {
    states: Box<dyn States>,
    make: MakeStates,
    /// Groups the engine has spoken of.
    count: usize,
}

impl Grouped {
    pub(crate) fn new(make: MakeStates) -> EngineResult<Self> {
        Ok(Self { states: make()?, make, count: 0 })
    }

    fn emitted(&self, emit_to: EmitTo) -> usize {
        match emit_to {
            EmitTo::All => self.count,
            EmitTo::First(count) => count,
        }
    }

    fn forget(&mut self, count: usize) -> EngineResult<()> {
        self.count = self.count.saturating_sub(count);
        self.states.forget(count)
    }
}

/// The rows that the filter keeps; NULL keeps none.
fn kept(
    values: &[ArrayRef],
    groups: &[usize],
    mask: &BooleanArray,
) -> EngineResult<(Vec<ArrayRef>, Vec<usize>)> {
    let mask = match mask.null_count() {
        0 => mask.clone(),
        _ => prep_null_mask_filter(mask),
    };
    let values = values.iter().map(|array| filter(array, &mask)).collect::<Result<_, _>>()?;
    let groups =
        groups.iter().zip(mask.values()).filter_map(|(group, keep)| keep.then_some(*group)).collect();
    Ok((values, groups))
}

impl GroupsAccumulator for Grouped {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> EngineResult<()> {
        self.count = self.count.max(total_num_groups);
        let count = self.count;
        match opt_filter {
            None => self.states.update(values, &Groups { of_rows: group_indices, count }),
            Some(mask) => {
                let (values, groups) = kept(values, group_indices, mask)?;
                self.states.update(&values, &Groups { of_rows: &groups, count })
            }
        }
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
    ) -> EngineResult<()> {
        self.count = self.count.max(total_num_groups);
        self.states.merge(values, &Groups { of_rows: group_indices, count: self.count })
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> EngineResult<ArrayRef> {
        let count = self.emitted(emit_to);
        let results = self.states.results(count)?;
        self.forget(count)?;
        Ok(results)
    }

    fn state(&mut self, emit_to: EmitTo) -> EngineResult<Vec<ArrayRef>> {
        let count = self.emitted(emit_to);
        let states = self.states.export(count)?;
        self.forget(count)?;
        Ok(states)
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        opt_filter: Option<&BooleanArray>,
    ) -> EngineResult<Vec<ArrayRef>> {
        let rows = row_count(values);
        let mut one_each = Grouped { states: (self.make)()?, make: Box::new(|| Err(no_more())), count: 0 };
        one_each.update_batch(values, &(0..rows).collect::<Vec<_>>(), opt_filter, rows)?;
        one_each.states.export(rows)
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.states.size()
    }
}

fn no_more() -> datafusion::error::DataFusionError {
    Fault::internal("states of single rows are not converted again").into()
}

/// Parts of a window's content, at most; more are put together.
const PARTS_MAX: usize = 64;

/// A window that slides, for aggregates that cannot take rows back: keeps the rows of the window and computes
/// each result from all of them. Exact for every aggregate, at the cost of the window's length for each row.
pub(crate) struct Sliding {
    make: MakeStates,
    /// The content of the window, oldest first.
    parts: VecDeque<Vec<ArrayRef>>,
    zeros: Vec<usize>,
}

impl fmt::Debug for Sliding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sliding").field("parts", &self.parts.len()).finish_non_exhaustive()
    }
}

impl Sliding {
    pub(crate) fn new(make: MakeStates) -> Self {
        Self { make, parts: VecDeque::new(), zeros: Vec::new() }
    }

    fn compact(&mut self) -> EngineResult<()> {
        let parts = mem::take(&mut self.parts);
        let columns = parts.front().map_or(0, Vec::len);
        let whole: Vec<ArrayRef> = (0..columns)
            .map(|column| {
                let arrays: Vec<&dyn Array> =
                    parts.iter().filter_map(|part| part.get(column)).map(AsRef::as_ref).collect();
                concat(&arrays)
            })
            .collect::<Result<_, _>>()?;
        self.parts.push_back(whole);
        Ok(())
    }
}

impl Accumulator for Sliding {
    fn update_batch(&mut self, values: &[ArrayRef]) -> EngineResult<()> {
        if row_count(values) > 0 {
            self.parts.push_back(values.to_vec());
        }
        match self.parts.len() > PARTS_MAX {
            true => self.compact(),
            false => Ok(()),
        }
    }

    fn merge_batch(&mut self, _: &[ArrayRef]) -> EngineResult<()> {
        Err(Fault::internal("windows are not merged").into())
    }

    fn evaluate(&mut self) -> EngineResult<ScalarValue> {
        let mut states = (self.make)()?;
        for part in &self.parts {
            states.update(part, &zeros(&mut self.zeros, row_count(part)))?;
        }
        ScalarValue::try_from_array(&states.results(1)?, 0)
    }

    fn state(&mut self) -> EngineResult<Vec<ScalarValue>> {
        Err(Fault::internal("windows are not merged").into())
    }

    fn size(&self) -> usize {
        let parts = self.parts.iter().flatten().map(array_size).sum::<usize>();
        size_of_val(self) + parts + self.zeros.capacity() * size_of::<usize>()
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> EngineResult<()> {
        let mut left = row_count(values);
        while let Some(part) = self.parts.front_mut().filter(|_| left > 0) {
            let rows = row_count(part);
            if rows > left {
                part.iter_mut().for_each(|array| *array = array.slice(left, rows - left));
                return Ok(());
            }
            left -= rows;
            self.parts.pop_front();
        }
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }
}

/// Bytes of the array's values, not counting what it shares with others.
pub(crate) fn array_size(array: &ArrayRef) -> usize {
    array.to_data().get_slice_memory_size().unwrap_or_else(|_| array.get_array_memory_size())
}
