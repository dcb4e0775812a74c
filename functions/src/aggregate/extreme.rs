//! `min`, `max`, `min_by`, `max_by`, `arbitrary`, `any_value`.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, PrimitiveArray},
    datatypes::{ArrowPrimitiveType, DataType, Float32Type, Float64Type},
};
use datafusion::{
    common::Result as EngineResult,
    functions_aggregate::min_max::{max_udaf, min_udaf},
    logical_expr::AggregateUDF,
};

use crate::aggregate::{
    arena::Chosen,
    fold::{Fold, Folded, column, each, primitive},
    order::{Keys, Wanted},
    states::{Groups, States},
    top::Top,
    udaf::{Definition, type_at},
};

/// All aggregates of this module.
pub(crate) fn definitions() -> Vec<Definition> {
    const ENDS: &[&str] = &["(T) -> T", "(T, bigint) -> array(T)"];
    const BY: &[&str] = &["(V, K) -> V", "(V, K, bigint) -> array(V)"];
    const ANY: &[&str] = &["(T) -> T"];
    vec![
        Definition::new("max", ENDS, "The largest value, or the n largest", first_or_list, |types| {
            end(types, Wanted::Largest)
        })
        .native(|types| native(types, max_udaf)),
        Definition::new("min", ENDS, "The smallest value, or the n smallest", first_or_list, |types| {
            end(types, Wanted::Smallest)
        })
        .native(|types| native(types, min_udaf)),
        Definition::new("max_by", BY, "The value of the row with the largest key", by_type, |types| {
            by(types, Wanted::Largest)
        })
        .ordered(),
        Definition::new("min_by", BY, "The value of the row with the smallest key", by_type, |types| {
            by(types, Wanted::Smallest)
        })
        .ordered(),
        Definition::new("arbitrary", ANY, "Any value that is not NULL", first_or_list, any)
            .ordered()
            .same_when_distinct(),
        Definition::new("any_value", ANY, "Any value that is not NULL", first_or_list, any)
            .ordered()
            .same_when_distinct(),
    ]
}

fn first_or_list(types: &[DataType]) -> EngineResult<DataType> {
    let value = type_at(types, 0)?;
    Ok(if types.len() > 1 { super::log::list_type(value) } else { value.clone() })
}

fn by_type(types: &[DataType]) -> EngineResult<DataType> {
    let value = type_at(types, 0)?;
    Ok(if types.len() > 2 { super::log::list_type(value) } else { value.clone() })
}

/// The engine's own, where it compares as Trino does.
fn native(types: &[DataType], engine: fn() -> Arc<AggregateUDF>) -> Option<Arc<AggregateUDF>> {
    let [value] = types else { return None };
    let same = value.is_integer()
        || matches!(
            value,
            DataType::Decimal128(..)
                | DataType::Boolean
                | DataType::Date32
                | DataType::Time64(_)
                | DataType::Timestamp(..)
                | DataType::Utf8View
                | DataType::BinaryView
        );
    same.then(engine)
}

fn end(types: &[DataType], wanted: Wanted) -> EngineResult<Box<dyn States>> {
    let value = type_at(types, 0)?;
    if types.len() > 1 {
        return Ok(Box::new(Top::new(vec![value.clone()], value, wanted)?));
    }
    Ok(match value {
        DataType::Float64 => Folded::boxed(FloatEnd::<Float64Type>::new(wanted)),
        DataType::Float32 => Folded::boxed(FloatEnd::<Float32Type>::new(wanted)),
        _ => Box::new(By::new(vec![value.clone()], value, wanted)?),
    })
}

fn by(types: &[DataType], wanted: Wanted) -> EngineResult<Box<dyn States>> {
    let (value, key) = (type_at(types, 0)?, type_at(types, 1)?);
    let columns = vec![value.clone(), key.clone()];
    Ok(match types.len() {
        0..=2 => Box::new(By::new(columns, key, wanted)?),
        _ => Box::new(Top::new(columns, key, wanted)?),
    })
}

fn any(types: &[DataType]) -> EngineResult<Box<dyn States>> {
    Ok(Box::new(First { chosen: Chosen::new(vec![type_at(types, 0)?.clone()]) }))
}

/// The end of floats: NaN only if there is nothing else.
#[derive(Debug)]
struct FloatEnd<T> {
    wanted: Wanted,
    marker: std::marker::PhantomData<fn() -> T>,
}

impl<T> FloatEnd<T> {
    fn new(wanted: Wanted) -> Self {
        Self { wanted, marker: std::marker::PhantomData }
    }
}

/// Floats in Trino's order of numbers: -0 below 0.
trait Float: Copy + std::fmt::Debug + Send + Sync + 'static {
    fn is_nan(self) -> bool;
    fn is_above(self, other: Self) -> bool;
}

impl Float for f64 {
    fn is_nan(self) -> bool {
        self.is_nan()
    }

    fn is_above(self, other: Self) -> bool {
        self.total_cmp(&other).is_gt()
    }
}

impl Float for f32 {
    fn is_nan(self) -> bool {
        self.is_nan()
    }

    fn is_above(self, other: Self) -> bool {
        self.total_cmp(&other).is_gt()
    }
}

impl<T: ArrowPrimitiveType + std::fmt::Debug> Fold for FloatEnd<T>
where
    T::Native: Float,
{
    type State = Option<T::Native>;

    fn initial(&self) -> Self::State {
        None
    }

    fn state_types(&self) -> Vec<DataType> {
        vec![T::DATA_TYPE]
    }

    fn update(&self, states: &mut [Self::State], values: &[ArrayRef], groups: &[usize]) -> EngineResult<()> {
        let largest = self.wanted == Wanted::Largest;
        each(primitive::<T>(values, 0)?, groups, states, |state, value| {
            let better = match *state {
                None => true,
                Some(old) if old.is_nan() || value.is_nan() => !value.is_nan(),
                Some(old) if largest => value.is_above(old),
                Some(old) => old.is_above(value),
            };
            if better {
                *state = Some(value);
            }
            Ok(())
        })
    }

    fn merge(&self, states: &mut [Self::State], others: &[ArrayRef], groups: &[usize]) -> EngineResult<()> {
        self.update(states, others, groups)
    }

    fn results(&self, states: &[Self::State]) -> EngineResult<ArrayRef> {
        Ok(Arc::new(states.iter().copied().collect::<PrimitiveArray<T>>()))
    }

    fn export(&self, states: &[Self::State]) -> EngineResult<Vec<ArrayRef>> {
        Ok(vec![self.results(states)?])
    }
}

/// The row with the largest or smallest key; the first of equals. The key is the last column, the result the
/// first.
#[derive(Debug)]
struct By {
    types: Vec<DataType>,
    keys: Keys,
    wanted: Wanted,
    chosen: Chosen,
    /// The keys of the chosen rows.
    best: Vec<Vec<u8>>,
    /// Bytes of `best`.
    best_bytes: usize,
    /// The best row of each group in the batch at hand; all None between batches.
    winners: Vec<Option<u32>>,
}

impl By {
    fn new(types: Vec<DataType>, key: &DataType, wanted: Wanted) -> EngineResult<Self> {
        let (keys, chosen) = (Keys::new(key, wanted)?, Chosen::new(types.clone()));
        Ok(Self { types, keys, wanted, chosen, best: Vec::new(), best_bytes: 0, winners: Vec::new() })
    }

    fn reach(&mut self, count: usize) {
        self.chosen.reach(count);
        if self.best.len() < count {
            self.best.resize_with(count, Vec::new);
            self.winners.resize(count, None);
        }
    }

    fn take(&mut self, columns: &[ArrayRef], groups: &Groups<'_>) -> EngineResult<()> {
        self.reach(groups.count);
        let key_column = column(columns, self.types.len() - 1)?;
        let nulls = key_column.logical_nulls();
        let keys = self.keys.of(key_column)?;
        let mut touched = Vec::new();
        for (row, group) in groups.of_rows.iter().enumerate() {
            if nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
                continue;
            }
            let Some(winner) = self.winners.get_mut(*group) else { continue };
            let better = match *winner {
                Some(other) => self.wanted.prefers(keys.row(row).data(), keys.row(other as usize).data()),
                None => {
                    touched.push(*group);
                    true
                }
            };
            if better {
                *winner = u32::try_from(row).ok();
            }
        }
        let mut replaced = Vec::new();
        for group in touched {
            let (Some(winner), Some(best)) = (self.winners.get_mut(group), self.best.get_mut(group)) else {
                continue;
            };
            let Some(row) = winner.take() else { continue };
            let key = keys.row(row as usize);
            if !self.chosen.has(group) || self.wanted.prefers(key.data(), best.as_slice()) {
                self.best_bytes -= best.capacity();
                best.clear();
                best.extend_from_slice(key.data());
                self.best_bytes += best.capacity();
                replaced.push((group, row));
            }
        }
        self.chosen.replace(columns, &replaced)
    }
}

impl States for By {
    fn state_types(&self) -> Vec<DataType> {
        self.types.clone()
    }

    fn update(&mut self, values: &[ArrayRef], groups: &Groups<'_>) -> EngineResult<()> {
        let columns = values.get(..self.types.len()).unwrap_or_default();
        self.take(columns, groups)
    }

    fn merge(&mut self, states: &[ArrayRef], groups: &Groups<'_>) -> EngineResult<()> {
        // A group without rows has a NULL key, as rows that do not count.
        self.take(states, groups)
    }

    fn results(&mut self, count: usize) -> EngineResult<ArrayRef> {
        let columns = self.chosen.gather(count)?;
        Ok(Arc::clone(column(&columns, 0)?))
    }

    fn export(&mut self, count: usize) -> EngineResult<Vec<ArrayRef>> {
        self.chosen.gather(count)
    }

    fn forget(&mut self, count: usize) -> EngineResult<()> {
        let forgotten = self.best.drain(..count.min(self.best.len()));
        self.best_bytes -= forgotten.map(|key| key.capacity()).sum::<usize>();
        self.winners.truncate(self.best.len());
        self.chosen.forget(count)
    }

    fn size(&self) -> usize {
        let keys = self.best.capacity() * size_of::<Vec<u8>>() + self.best_bytes;
        self.chosen.size() + keys + self.winners.capacity() * size_of::<Option<u32>>()
    }
}

/// The first value that is not NULL.
#[derive(Debug)]
struct First {
    chosen: Chosen,
}

impl States for First {
    fn state_types(&self) -> Vec<DataType> {
        self.chosen.types().to_vec()
    }

    fn update(&mut self, values: &[ArrayRef], groups: &Groups<'_>) -> EngineResult<()> {
        self.chosen.reach(groups.count);
        let value = column(values, 0)?;
        let mut winners = Vec::new();
        let mut new = std::collections::BTreeSet::new();
        let valid = value.logical_nulls();
        for (row, group) in groups.of_rows.iter().enumerate() {
            let is_valid = valid.as_ref().is_none_or(|nulls| nulls.is_valid(row));
            if is_valid && !self.chosen.has(*group) && new.insert(*group) {
                winners.push((*group, u32::try_from(row).unwrap_or(u32::MAX)));
            }
        }
        self.chosen.replace(std::slice::from_ref(value), &winners)
    }

    fn merge(&mut self, states: &[ArrayRef], groups: &Groups<'_>) -> EngineResult<()> {
        self.update(states, groups)
    }

    fn results(&mut self, count: usize) -> EngineResult<ArrayRef> {
        Ok(Arc::clone(column(&self.chosen.gather(count)?, 0)?))
    }

    fn export(&mut self, count: usize) -> EngineResult<Vec<ArrayRef>> {
        self.chosen.gather(count)
    }

    fn forget(&mut self, count: usize) -> EngineResult<()> {
        self.chosen.forget(count)
    }

    fn size(&self) -> usize {
        self.chosen.size()
    }
}
