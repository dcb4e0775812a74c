//! `avg`, `geometric_mean`.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, Decimal128Array, PrimitiveArray},
    datatypes::{
        DataType, Decimal128Type, DurationMillisecondType, Float32Type, Float64Type, IntervalUnit,
        IntervalYearMonthType, TimeUnit, i256,
    },
};
use datafusion::common::Result as EngineResult;

use crate::{
    Fault,
    aggregate::{
        fold::{Fold, Folded, doubles, each, primitive},
        states::States,
        sum::{
            FloatTotal, WideTotal, export_floats, export_wide, float_state_types, merge_floats, merge_wide,
            wide_state_types,
        },
        udaf::{Definition, type_at},
    },
};

pub(crate) const AVG: Definition = Definition::new(
    "avg",
    &[
        "(bigint) -> double",
        "(double) -> double",
        "(real) -> real",
        "(decimal(p,s)) -> decimal(p,s)",
        "(interval day to second) -> interval day to second",
        "(interval year to month) -> interval year to month",
    ],
    "The average of the values",
    returns,
    make,
)
.sliding(sliding);

pub(crate) const GEOMETRIC_MEAN: Definition = Definition::new(
    "geometric_mean",
    &["(bigint) -> double", "(double) -> double", "(real) -> real"],
    "The geometric mean of the values",
    returns,
    make_geometric,
);

fn returns(types: &[DataType]) -> EngineResult<DataType> {
    Ok(match type_at(types, 0)? {
        DataType::Int64 => DataType::Float64,
        other => other.clone(),
    })
}

fn make(types: &[DataType]) -> EngineResult<Box<dyn States>> {
    Ok(match type_at(types, 0)? {
        DataType::Decimal128(precision, scale) => {
            Folded::boxed(DecimalMean { precision: *precision, scale: *scale })
        }
        _ => Folded::boxed(Mean { returns: returns(types)?, geometric: false }),
    })
}

fn make_geometric(types: &[DataType]) -> EngineResult<Box<dyn States>> {
    Ok(Folded::boxed(Mean { returns: returns(types)?, geometric: true }))
}

fn sliding(types: &[DataType]) -> Option<Box<dyn States>> {
    match types.first()? {
        DataType::Decimal128(precision, scale) => {
            Some(Folded::boxed(DecimalMean { precision: *precision, scale: *scale }))
        }
        _ => None,
    }
}

/// A mean computed in doubles.
#[derive(Debug)]
struct Mean {
    returns: DataType,
    geometric: bool,
}

impl Fold for Mean {
    type State = FloatTotal;

    fn initial(&self) -> FloatTotal {
        FloatTotal::default()
    }

    fn state_types(&self) -> Vec<DataType> {
        float_state_types()
    }

    fn update(&self, states: &mut [FloatTotal], values: &[ArrayRef], groups: &[usize]) -> EngineResult<()> {
        let mut values = doubles(values, 0)?;
        if self.geometric {
            values = values.unary(f64::ln);
        }
        each(&values, groups, states, |state, value| {
            state.total += value;
            state.rows += 1;
            Ok(())
        })
    }

    fn merge(&self, states: &mut [FloatTotal], others: &[ArrayRef], groups: &[usize]) -> EngineResult<()> {
        merge_floats(states, others, groups)
    }

    fn results(&self, states: &[FloatTotal]) -> EngineResult<ArrayRef> {
        let means = states.iter().map(|state| {
            let mean = state.total / state.rows as f64;
            (state.rows > 0).then_some(if self.geometric { mean.exp() } else { mean })
        });
        Ok(match &self.returns {
            DataType::Float64 => Arc::new(means.collect::<PrimitiveArray<Float64Type>>()),
            DataType::Float32 => {
                let reals = means.map(|mean| mean.map(|mean| mean as f32));
                Arc::new(reals.collect::<PrimitiveArray<Float32Type>>())
            }
            DataType::Duration(TimeUnit::Millisecond) => {
                let rounded = means.map(|mean| mean.map(round));
                Arc::new(rounded.collect::<PrimitiveArray<DurationMillisecondType>>())
            }
            DataType::Interval(IntervalUnit::YearMonth) => {
                let rounded = means.map(|mean| mean.and_then(|mean| i32::try_from(round(mean)).ok()));
                Arc::new(rounded.collect::<PrimitiveArray<IntervalYearMonthType>>())
            }
            other => return Err(Fault::type_mismatch(format!("no average of {other}")).into()),
        })
    }

    fn export(&self, states: &[FloatTotal]) -> EngineResult<Vec<ArrayRef>> {
        Ok(export_floats(states))
    }
}

/// The nearest integer, halves up.
pub(crate) fn round(value: f64) -> i64 {
    // `value + 0.5` itself rounds: 0.49999999999999994 + 0.5 is 1.
    let floor = value.floor();
    (if value - floor >= 0.5 { floor + 1.0 } else { floor }) as i64
}

/// The quotient, rounded half away from zero.
fn divided(total: i128, rows: i128) -> i128 {
    let (quotient, remainder) = (total / rows, total % rows);
    match remainder.unsigned_abs() * 2 >= rows.unsigned_abs() {
        true => quotient + total.signum(),
        false => quotient,
    }
}

/// A mean of decimals, rounded half away from zero.
#[derive(Debug)]
struct DecimalMean {
    precision: u8,
    scale: i8,
}

impl DecimalMean {
    fn mean(&self, state: &WideTotal) -> Result<Option<i128>, Fault> {
        if state.rows == 0 {
            return Ok(None);
        }
        if state.carry == 0 {
            return Ok(Some(divided(state.total, i128::from(state.rows))));
        }
        let overflow = || Fault::out_of_range("Decimal overflow");
        // `carry` times 2^128 above the total.
        let carried = i256::from_i128(i128::from(state.carry)).checked_mul(i256::from_parts(0, 1));
        let total = carried
            .and_then(|carried| carried.checked_add(i256::from_i128(state.total)))
            .ok_or_else(overflow)?;
        let rows = i256::from_i128(i128::from(state.rows));
        let quotient = total.checked_div(rows).ok_or_else(overflow)?;
        let remainder = total.checked_rem(rows).ok_or_else(overflow)?;
        let twice = remainder.wrapping_abs().wrapping_add(remainder.wrapping_abs());
        let step = match (twice >= rows, total < i256::ZERO) {
            (false, _) => i256::ZERO,
            (true, true) => i256::MINUS_ONE,
            (true, false) => i256::ONE,
        };
        quotient.wrapping_add(step).to_i128().ok_or_else(overflow).map(Some)
    }
}

impl Fold for DecimalMean {
    type State = WideTotal;

    fn initial(&self) -> WideTotal {
        WideTotal::default()
    }

    fn state_types(&self) -> Vec<DataType> {
        wide_state_types()
    }

    fn update(&self, states: &mut [WideTotal], values: &[ArrayRef], groups: &[usize]) -> EngineResult<()> {
        each(primitive::<Decimal128Type>(values, 0)?, groups, states, |state, value| {
            state.add(value);
            Ok(())
        })
    }

    fn merge(&self, states: &mut [WideTotal], others: &[ArrayRef], groups: &[usize]) -> EngineResult<()> {
        merge_wide(states, others, groups)
    }

    fn results(&self, states: &[WideTotal]) -> EngineResult<ArrayRef> {
        let means = states.iter().map(|state| self.mean(state)).collect::<Result<Decimal128Array, _>>()?;
        Ok(Arc::new(means.with_precision_and_scale(self.precision, self.scale)?))
    }

    fn export(&self, states: &[WideTotal]) -> EngineResult<Vec<ArrayRef>> {
        export_wide(states)
    }

    const RETRACTS: bool = true;

    fn retract(&self, state: &mut WideTotal, values: &[ArrayRef]) -> EngineResult<()> {
        let decimals = primitive::<Decimal128Type>(values, 0)?;
        decimals.iter().flatten().for_each(|value| state.subtract(value));
        Ok(())
    }
}
