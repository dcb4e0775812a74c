//! Aggregates whose state is a few numbers: one small value for each group, in one vector.

use std::fmt;

use arrow::{
    array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, Float64Array, PrimitiveArray},
    compute::cast,
    datatypes::{DataType, Float64Type},
};
use datafusion::common::Result as EngineResult;

use crate::{
    Fault,
    aggregate::states::{Groups, States},
};

/// How one row changes the state of its group.
pub(crate) trait Fold: fmt::Debug + Send + Sync + 'static {
    type State: Copy + fmt::Debug + Send + Sync + 'static;

    fn initial(&self) -> Self::State;

    fn state_types(&self) -> Vec<DataType>;

    fn update(&self, states: &mut [Self::State], values: &[ArrayRef], groups: &[usize]) -> EngineResult<()>;

    fn merge(&self, states: &mut [Self::State], others: &[ArrayRef], groups: &[usize]) -> EngineResult<()>;

    fn results(&self, states: &[Self::State]) -> EngineResult<ArrayRef>;

    fn export(&self, states: &[Self::State]) -> EngineResult<Vec<ArrayRef>>;

    /// True if [`Fold::retract`] is exact.
    const RETRACTS: bool = false;

    fn retract(&self, state: &mut Self::State, values: &[ArrayRef]) -> EngineResult<()> {
        let _ = (state, values);
        Err(Fault::internal("this aggregate cannot take rows back").into())
    }
}

/// The states of a [`Fold`].
#[derive(Debug)]
pub(crate) struct Folded<F: Fold> {
    fold: F,
    states: Vec<F::State>,
}

impl<F: Fold> Folded<F> {
    pub(crate) fn boxed(fold: F) -> Box<dyn States> {
        Box::new(Self { fold, states: Vec::new() })
    }

    fn reach(&mut self, count: usize) {
        if self.states.len() < count {
            self.states.resize(count, self.fold.initial());
        }
    }
}

impl<F: Fold> States for Folded<F> {
    fn state_types(&self) -> Vec<DataType> {
        self.fold.state_types()
    }

    fn update(&mut self, values: &[ArrayRef], groups: &Groups<'_>) -> EngineResult<()> {
        self.reach(groups.count);
        self.fold.update(&mut self.states, values, groups.of_rows)
    }

    fn merge(&mut self, states: &[ArrayRef], groups: &Groups<'_>) -> EngineResult<()> {
        self.reach(groups.count);
        self.fold.merge(&mut self.states, states, groups.of_rows)
    }

    fn results(&mut self, count: usize) -> EngineResult<ArrayRef> {
        self.reach(count);
        self.fold.results(self.states.get(..count).unwrap_or_default())
    }

    fn export(&mut self, count: usize) -> EngineResult<Vec<ArrayRef>> {
        self.reach(count);
        self.fold.export(self.states.get(..count).unwrap_or_default())
    }

    fn forget(&mut self, count: usize) -> EngineResult<()> {
        self.states.drain(..count.min(self.states.len()));
        Ok(())
    }

    fn size(&self) -> usize {
        self.states.capacity() * size_of::<F::State>()
    }

    fn can_retract(&self) -> bool {
        F::RETRACTS
    }

    fn retract(&mut self, values: &[ArrayRef]) -> EngineResult<()> {
        self.reach(1);
        match self.states.first_mut() {
            Some(state) => self.fold.retract(state, values),
            None => Ok(()),
        }
    }
}

/// Calls `step` with the state of each value that is not NULL.
pub(crate) fn each<T: ArrowPrimitiveType, S: Copy>(
    array: &PrimitiveArray<T>,
    groups: &[usize],
    states: &mut [S],
    mut step: impl FnMut(&mut S, T::Native) -> Result<(), Fault>,
) -> EngineResult<()> {
    // One group: its state stays in registers.
    if let [only] = states {
        let mut state = *only;
        if array.null_count() == 0 {
            array.values().iter().try_for_each(|value| step(&mut state, *value))?;
        } else {
            array.iter().flatten().try_for_each(|value| step(&mut state, value))?;
        }
        *only = state;
        return Ok(());
    }
    if array.null_count() == 0 {
        for (value, group) in array.values().iter().zip(groups) {
            if let Some(state) = states.get_mut(*group) {
                step(state, *value)?;
            }
        }
        return Ok(());
    }
    for (value, group) in array.iter().zip(groups) {
        if let (Some(value), Some(state)) = (value, states.get_mut(*group)) {
            step(state, value)?;
        }
    }
    Ok(())
}

/// Calls `step` with the state of each row.
pub(crate) fn each_row<S: Copy>(
    groups: &[usize],
    states: &mut [S],
    mut step: impl FnMut(&mut S, usize) -> Result<(), Fault>,
) -> EngineResult<()> {
    for (row, group) in groups.iter().enumerate() {
        if let Some(state) = states.get_mut(*group) {
            step(state, row)?;
        }
    }
    Ok(())
}

/// Argument or state `index`.
pub(crate) fn column(values: &[ArrayRef], index: usize) -> EngineResult<&ArrayRef> {
    values.get(index).ok_or_else(|| Fault::internal(format!("column {index} is missing")).into())
}

/// Argument or state `index`, of this type.
pub(crate) fn primitive<T: ArrowPrimitiveType>(
    values: &[ArrayRef],
    index: usize,
) -> EngineResult<&PrimitiveArray<T>> {
    let array = column(values, index)?;
    array.as_primitive_opt().ok_or_else(|| {
        Fault::internal(format!("{} where {} was promised", array.data_type(), T::DATA_TYPE)).into()
    })
}

/// Numbers of any type as doubles.
pub(crate) fn doubles(values: &[ArrayRef], index: usize) -> EngineResult<Float64Array> {
    let array = column(values, index)?;
    let plain = match array.data_type() {
        DataType::Float64 => ArrayRef::clone(array),
        DataType::Interval(_) => cast_interval(array)?,
        DataType::Duration(_) => cast(&cast(array, &DataType::Int64)?, &DataType::Float64)?,
        _ => cast(array, &DataType::Float64)?,
    };
    let doubles = plain.as_primitive_opt::<Float64Type>();
    doubles.cloned().ok_or_else(|| Fault::internal("not a number").into())
}

fn cast_interval(array: &ArrayRef) -> EngineResult<ArrayRef> {
    let months = array.as_primitive_opt::<arrow::datatypes::IntervalYearMonthType>();
    let months = months.ok_or_else(|| Fault::internal("not an interval of months"))?;
    Ok(std::sync::Arc::new(months.unary::<_, Float64Type>(f64::from)))
}
