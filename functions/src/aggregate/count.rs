//! `count`, `count_if`, `bool_and`, `bool_or`, `every`, the bitwise aggregates.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array},
    datatypes::{DataType, Int64Type},
};
use datafusion::{common::Result as EngineResult, functions_aggregate::count::count_udaf};

use crate::{
    Fault,
    aggregate::{
        fold::{Fold, Folded, column, each, each_row, primitive},
        udaf::Definition,
    },
};

fn bigint(_: &[DataType]) -> EngineResult<DataType> {
    Ok(DataType::Int64)
}

fn boolean(_: &[DataType]) -> EngineResult<DataType> {
    Ok(DataType::Boolean)
}

/// All aggregates of this module.
pub(crate) fn definitions() -> Vec<Definition> {
    const BITS: &[&str] = &["(bigint) -> bigint"];
    const FLAGS: &[&str] = &["(boolean) -> boolean"];
    vec![
        // The engine's: the same results, and answers from statistics. It takes at least one argument.
        Definition::new(
            "count",
            &["() -> bigint", "(T) -> bigint"],
            "Counts the rows that are not NULL",
            bigint,
            |_| Err(Fault::internal("count is the engine's").into()),
        )
        .zero_when_empty()
        .native(|_| Some(count_udaf())),
        Definition::new("count_if", &["(boolean) -> bigint"], "Counts the true values", bigint, |_| {
            Ok(Folded::boxed(CountIf))
        })
        .zero_when_empty()
        .sliding(|_| Some(Folded::boxed(CountIf))),
        Definition::new("bool_and", FLAGS, "True if every value is true", boolean, |_| {
            Ok(Folded::boxed(Flags { every: true }))
        })
        .same_when_distinct(),
        Definition::new("every", FLAGS, "True if every value is true", boolean, |_| {
            Ok(Folded::boxed(Flags { every: true }))
        })
        .same_when_distinct(),
        Definition::new("bool_or", FLAGS, "True if any value is true", boolean, |_| {
            Ok(Folded::boxed(Flags { every: false }))
        })
        .same_when_distinct(),
        Definition::new("bitwise_and_agg", BITS, "The bitwise AND of the values", bigint, |_| {
            Ok(Folded::boxed(Bits { combine: |a, b| a & b }))
        })
        .same_when_distinct(),
        Definition::new("bitwise_or_agg", BITS, "The bitwise OR of the values", bigint, |_| {
            Ok(Folded::boxed(Bits { combine: |a, b| a | b }))
        })
        .same_when_distinct(),
        Definition::new("bitwise_xor_agg", BITS, "The bitwise XOR of the values", bigint, |_| {
            Ok(Folded::boxed(Bits { combine: |a, b| a ^ b }))
        }),
    ]
}

fn booleans(values: &[ArrayRef]) -> EngineResult<&BooleanArray> {
    let array = column(values, 0)?;
    array.as_boolean_opt().ok_or_else(|| Fault::internal("not booleans").into())
}

#[derive(Debug)]
struct CountIf;

impl Fold for CountIf {
    type State = i64;

    fn initial(&self) -> i64 {
        0
    }

    fn state_types(&self) -> Vec<DataType> {
        vec![DataType::Int64]
    }

    fn update(&self, states: &mut [i64], values: &[ArrayRef], groups: &[usize]) -> EngineResult<()> {
        let flags = booleans(values)?;
        if let [only] = states {
            *only += i64::try_from(flags.true_count()).unwrap_or(i64::MAX);
            return Ok(());
        }
        each_row(groups, states, |state, row| {
            *state += i64::from(flags.is_valid(row) && flags.value(row));
            Ok(())
        })
    }

    fn merge(&self, states: &mut [i64], others: &[ArrayRef], groups: &[usize]) -> EngineResult<()> {
        each(primitive::<Int64Type>(others, 0)?, groups, states, |state, value| {
            *state += value;
            Ok(())
        })
    }

    fn results(&self, states: &[i64]) -> EngineResult<ArrayRef> {
        Ok(Arc::new(Int64Array::from(states.to_vec())))
    }

    fn export(&self, states: &[i64]) -> EngineResult<Vec<ArrayRef>> {
        Ok(vec![self.results(states)?])
    }

    const RETRACTS: bool = true;

    fn retract(&self, state: &mut i64, values: &[ArrayRef]) -> EngineResult<()> {
        *state -= i64::try_from(booleans(values)?.true_count()).unwrap_or(i64::MAX);
        Ok(())
    }
}

#[derive(Debug)]
struct Flags {
    every: bool,
}

impl Fold for Flags {
    type State = Option<bool>;

    fn initial(&self) -> Option<bool> {
        None
    }

    fn state_types(&self) -> Vec<DataType> {
        vec![DataType::Boolean]
    }

    fn update(&self, states: &mut [Option<bool>], values: &[ArrayRef], groups: &[usize]) -> EngineResult<()> {
        let flags = booleans(values)?;
        if let [only] = states {
            let (all, trues) = (flags.len() - flags.null_count(), flags.true_count());
            let found = if self.every { trues == all } else { trues > 0 };
            let before = only.unwrap_or(self.every);
            if all > 0 {
                *only = Some(if self.every { before && found } else { before || found });
            }
            return Ok(());
        }
        each_row(groups, states, |state, row| {
            if flags.is_valid(row) {
                let (flag, before) = (flags.value(row), state.unwrap_or(self.every));
                *state = Some(if self.every { before && flag } else { before || flag });
            }
            Ok(())
        })
    }

    fn merge(&self, states: &mut [Option<bool>], others: &[ArrayRef], groups: &[usize]) -> EngineResult<()> {
        self.update(states, others, groups)
    }

    fn results(&self, states: &[Option<bool>]) -> EngineResult<ArrayRef> {
        Ok(Arc::new(BooleanArray::from(states.to_vec())))
    }

    fn export(&self, states: &[Option<bool>]) -> EngineResult<Vec<ArrayRef>> {
        Ok(vec![self.results(states)?])
    }
}

#[derive(Debug)]
struct Bits {
    combine: fn(i64, i64) -> i64,
}

impl Fold for Bits {
    type State = Option<i64>;

    fn initial(&self) -> Option<i64> {
        None
    }

    fn state_types(&self) -> Vec<DataType> {
        vec![DataType::Int64]
    }

    fn update(&self, states: &mut [Option<i64>], values: &[ArrayRef], groups: &[usize]) -> EngineResult<()> {
        each(primitive::<Int64Type>(values, 0)?, groups, states, |state, value| {
            *state = Some(state.map_or(value, |before| (self.combine)(before, value)));
            Ok(())
        })
    }

    fn merge(&self, states: &mut [Option<i64>], others: &[ArrayRef], groups: &[usize]) -> EngineResult<()> {
        self.update(states, others, groups)
    }

    fn results(&self, states: &[Option<i64>]) -> EngineResult<ArrayRef> {
        Ok(Arc::new(Int64Array::from(states.to_vec())))
    }

    fn export(&self, states: &[Option<i64>]) -> EngineResult<Vec<ArrayRef>> {
        Ok(vec![self.results(states)?])
    }
}
