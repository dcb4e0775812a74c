//! `sum`: checked for integers, decimals and intervals.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, AsArray, Decimal128Array, Int64Array, PrimitiveArray},
    compute::sum,
    datatypes::{
        ArrowNumericType, DataType, Decimal128Type, DurationMillisecondType, Float32Type, Float64Type,
        Int64Type, IntervalUnit, IntervalYearMonthType, TimeUnit,
    },
};
use datafusion::common::Result as EngineResult;

use crate::{
    Fault,
    aggregate::{
        fold::{Fold, Folded, column, doubles, each, each_row, primitive},
        states::States,
        udaf::{Definition, type_at},
    },
    types::DECIMAL_PRECISION_MAX,
};

/// 10 to the power of 38: the first decimal with too many digits.
pub(crate) const DECIMAL_END: i128 = 10i128.pow(DECIMAL_PRECISION_MAX as u32);

pub(crate) const SUM: Definition = Definition::new(
    "sum",
    &[
        "(bigint) -> bigint",
        "(decimal(p,s)) -> decimal(38,s)",
        "(double) -> double",
        "(real) -> real",
        "(interval day to second) -> interval day to second",
        "(interval year to month) -> interval year to month",
    ],
    "The sum of the values",
    returns,
    make,
)
.sliding(sliding);

fn returns(types: &[DataType]) -> EngineResult<DataType> {
    Ok(match type_at(types, 0)? {
        DataType::Decimal128(_, scale) => DataType::Decimal128(DECIMAL_PRECISION_MAX, *scale),
        other => other.clone(),
    })
}

fn make(types: &[DataType]) -> EngineResult<Box<dyn States>> {
    Ok(match type_at(types, 0)? {
        DataType::Int64 => Folded::boxed(Total::<Int64Type>::new("bigint")),
        DataType::Duration(TimeUnit::Millisecond) => {
            Folded::boxed(Total::<DurationMillisecondType>::new("bigint"))
        }
        DataType::Interval(IntervalUnit::YearMonth) => {
            Folded::boxed(Total::<IntervalYearMonthType>::new("integer"))
        }
        DataType::Decimal128(_, scale) => Folded::boxed(Wide { scale: *scale, integers: false }),
        DataType::Float64 | DataType::Float32 => {
            Folded::boxed(FloatSum { real: types.first() == Some(&DataType::Float32) })
        }
        other => return Err(Fault::type_mismatch(format!("no sum of {other}")).into()),
    })
}

fn sliding(types: &[DataType]) -> Option<Box<dyn States>> {
    match types.first()? {
        DataType::Int64 => Some(Folded::boxed(Wide { scale: 0, integers: true })),
        DataType::Decimal128(_, scale) => Some(Folded::boxed(Wide { scale: *scale, integers: false })),
        _ => None,
    }
}

/// A sum that must fit its own type after every row.
#[derive(Debug)]
struct Total<T> {
    /// What Trino calls the type in its message.
    name: &'static str,
    marker: std::marker::PhantomData<fn() -> T>,
}

impl<T> Total<T> {
    fn new(name: &'static str) -> Self {
        Self { name, marker: std::marker::PhantomData }
    }
}

/// Integers that are added with a check.
trait Addable: Copy + std::fmt::Display + std::fmt::Debug + Default + Send + Sync + 'static {
    fn plus(self, other: Self) -> Option<Self>;

    fn magnitude(self) -> u64;
}

impl Addable for i64 {
    fn plus(self, other: Self) -> Option<Self> {
        self.checked_add(other)
    }

    fn magnitude(self) -> u64 {
        self.unsigned_abs()
    }
}

impl Addable for i32 {
    fn plus(self, other: Self) -> Option<Self> {
        self.checked_add(other)
    }

    fn magnitude(self) -> u64 {
        u64::from(self.unsigned_abs())
    }
}

/// The sum of all values, if it is plain that no addition can overflow: much faster than to check each.
fn safe_sum<T: ArrowNumericType>(total: T::Native, array: &PrimitiveArray<T>) -> Option<T::Native>
where
    T::Native: Addable,
{
    // A quarter of what the type holds, for the total and for the batch each.
    let safe = 1u64 << (8 * size_of::<T::Native>() - 2);
    let largest = array.values().iter().fold(0, |bits, value| bits | value.magnitude());
    let most = u64::try_from(array.len()).ok()?.checked_mul(largest)?;
    if most < safe && total.magnitude() < safe { sum(array) } else { None }
}

impl<T: ArrowNumericType> Total<T>
where
    T::Native: Addable,
{
    fn add(
        &self,
        states: &mut [(T::Native, bool)],
        array: &PrimitiveArray<T>,
        groups: &[usize],
    ) -> EngineResult<()> {
        if let [(total, seen)] = states
            && let Some(batch) = safe_sum(*total, array)
        {
            *total = total.plus(batch).ok_or_else(|| Fault::internal("a safe sum overflows"))?;
            *seen = true;
            return Ok(());
        }
        each(array, groups, states, |(total, seen), value| {
            *total = total.plus(value).ok_or_else(|| {
                Fault::out_of_range(format!("{} addition overflow: {total} + {value}", self.name))
            })?;
            *seen = true;
            Ok(())
        })
    }
}

impl<T: ArrowNumericType + std::fmt::Debug> Fold for Total<T>
where
    T::Native: Addable,
{
    type State = (T::Native, bool);

    fn initial(&self) -> Self::State {
        (T::Native::default(), false)
    }

    fn state_types(&self) -> Vec<DataType> {
        vec![T::DATA_TYPE]
    }

    fn update(&self, states: &mut [Self::State], values: &[ArrayRef], groups: &[usize]) -> EngineResult<()> {
        self.add(states, primitive::<T>(values, 0)?, groups)
    }

    fn merge(&self, states: &mut [Self::State], others: &[ArrayRef], groups: &[usize]) -> EngineResult<()> {
        self.add(states, primitive::<T>(others, 0)?, groups)
    }

    fn results(&self, states: &[Self::State]) -> EngineResult<ArrayRef> {
        let totals = states.iter().map(|(total, seen)| seen.then_some(*total));
        Ok(Arc::new(totals.collect::<PrimitiveArray<T>>()))
    }

    fn export(&self, states: &[Self::State]) -> EngineResult<Vec<ArrayRef>> {
        Ok(vec![self.results(states)?])
    }
}

/// A sum in 128 bits with a count of how often they did not suffice, so that no order of the rows overflows on
/// the way to a sum that fits.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct WideTotal {
    pub(crate) total: i128,
    /// Times `2^128`.
    pub(crate) carry: i64,
    pub(crate) rows: i64,
}

impl WideTotal {
    pub(crate) fn add(&mut self, value: i128) {
        let (total, over) = self.total.overflowing_add(value);
        self.total = total;
        self.carry += i64::from(over) * if value < 0 { -1 } else { 1 };
        self.rows += 1;
    }

    pub(crate) fn subtract(&mut self, value: i128) {
        let (total, over) = self.total.overflowing_sub(value);
        self.total = total;
        self.carry += i64::from(over) * if value < 0 { 1 } else { -1 };
        self.rows -= 1;
    }

    fn combine(&mut self, other: Self) {
        let rows = self.rows + other.rows;
        self.add(other.total);
        self.carry += other.carry;
        self.rows = rows;
    }
}

/// Types of the columns of [`export_wide`].
pub(crate) fn wide_state_types() -> Vec<DataType> {
    vec![DataType::Decimal128(DECIMAL_PRECISION_MAX, 0), DataType::Int64, DataType::Int64]
}

/// Wide totals as columns.
pub(crate) fn export_wide(states: &[WideTotal]) -> EngineResult<Vec<ArrayRef>> {
    // The bits of the total, which may be more than 38 digits.
    let totals: Decimal128Array = states.iter().map(|state| Some(state.total)).collect();
    let totals = totals.with_precision_and_scale(DECIMAL_PRECISION_MAX, 0)?;
    let numbers = |number: fn(&WideTotal) -> i64| -> ArrayRef {
        Arc::new(states.iter().map(|state| Some(number(state))).collect::<Int64Array>())
    };
    Ok(vec![Arc::new(totals), numbers(|state| state.carry), numbers(|state| state.rows)])
}

/// Adds what [`export_wide`] wrote.
pub(crate) fn merge_wide(
    states: &mut [WideTotal],
    others: &[ArrayRef],
    groups: &[usize],
) -> EngineResult<()> {
    let totals = primitive::<Decimal128Type>(others, 0)?;
    let (carries, rows) = (primitive::<Int64Type>(others, 1)?, primitive::<Int64Type>(others, 2)?);
    each_row(groups, states, |state, row| {
        state.combine(WideTotal {
            total: totals.value(row),
            carry: carries.value(row),
            rows: rows.value(row),
        });
        Ok(())
    })
}

/// Sums of decimals, and of bigints where rows are taken back.
#[derive(Debug)]
struct Wide {
    scale: i8,
    integers: bool,
}

impl Fold for Wide {
    type State = WideTotal;

    fn initial(&self) -> WideTotal {
        WideTotal::default()
    }

    fn state_types(&self) -> Vec<DataType> {
        wide_state_types()
    }

    fn update(&self, states: &mut [WideTotal], values: &[ArrayRef], groups: &[usize]) -> EngineResult<()> {
        match column(values, 0)?.as_primitive_opt::<Int64Type>() {
            Some(integers) => each(integers, groups, states, |state, value| {
                state.add(i128::from(value));
                Ok(())
            }),
            None => each(primitive::<Decimal128Type>(values, 0)?, groups, states, |state, value| {
                state.add(value);
                Ok(())
            }),
        }
    }

    fn merge(&self, states: &mut [WideTotal], others: &[ArrayRef], groups: &[usize]) -> EngineResult<()> {
        merge_wide(states, others, groups)
    }

    fn results(&self, states: &[WideTotal]) -> EngineResult<ArrayRef> {
        if self.integers {
            let integer = |state: &WideTotal| {
                let fits = i64::try_from(state.total).ok().filter(|_| state.carry == 0);
                fits.ok_or_else(|| Fault::out_of_range("bigint addition overflow")).map(Some)
            };
            let totals = states.iter().map(|state| if state.rows == 0 { Ok(None) } else { integer(state) });
            return Ok(Arc::new(totals.collect::<Result<Int64Array, _>>()?));
        }
        let decimal =
            |state: &WideTotal| match state.carry == 0 && state.total.unsigned_abs() < DECIMAL_END as u128 {
                true => Ok((state.rows > 0).then_some(state.total)),
                false => Err(Fault::out_of_range("Decimal overflow")),
            };
        let totals = states.iter().map(decimal).collect::<Result<Decimal128Array, _>>()?;
        Ok(Arc::new(totals.with_precision_and_scale(DECIMAL_PRECISION_MAX, self.scale)?))
    }

    fn export(&self, states: &[WideTotal]) -> EngineResult<Vec<ArrayRef>> {
        export_wide(states)
    }

    const RETRACTS: bool = true;

    fn retract(&self, state: &mut WideTotal, values: &[ArrayRef]) -> EngineResult<()> {
        match column(values, 0)?.as_primitive_opt::<Int64Type>() {
            Some(integers) => integers.iter().flatten().for_each(|value| state.subtract(i128::from(value))),
            None => {
                let decimals = primitive::<Decimal128Type>(values, 0)?;
                decimals.iter().flatten().for_each(|value| state.subtract(value));
            }
        }
        Ok(())
    }
}

/// A sum of doubles in the order of the rows, and how many there were.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct FloatTotal {
    pub(crate) total: f64,
    pub(crate) rows: i64,
}

/// Types of the columns of [`export_floats`].
pub(crate) fn float_state_types() -> Vec<DataType> {
    vec![DataType::Float64, DataType::Int64]
}

/// Totals as columns.
pub(crate) fn export_floats(states: &[FloatTotal]) -> Vec<ArrayRef> {
    let totals: PrimitiveArray<Float64Type> = states.iter().map(|state| Some(state.total)).collect();
    let rows: Int64Array = states.iter().map(|state| Some(state.rows)).collect();
    vec![Arc::new(totals), Arc::new(rows)]
}

/// Adds what [`export_floats`] wrote.
pub(crate) fn merge_floats(
    states: &mut [FloatTotal],
    others: &[ArrayRef],
    groups: &[usize],
) -> EngineResult<()> {
    let (totals, rows) = (primitive::<Float64Type>(others, 0)?, primitive::<Int64Type>(others, 1)?);
    each_row(groups, states, |state, row| {
        // Adding the 0 of no rows would turn -0 into 0.
        if rows.value(row) > 0 {
            state.total = if state.rows == 0 { totals.value(row) } else { state.total + totals.value(row) };
            state.rows += rows.value(row);
        }
        Ok(())
    })
}

#[derive(Debug)]
struct FloatSum {
    real: bool,
}

impl Fold for FloatSum {
    type State = FloatTotal;

    fn initial(&self) -> FloatTotal {
        FloatTotal::default()
    }

    fn state_types(&self) -> Vec<DataType> {
        float_state_types()
    }

    fn update(&self, states: &mut [FloatTotal], values: &[ArrayRef], groups: &[usize]) -> EngineResult<()> {
        each(&doubles(values, 0)?, groups, states, |state, value| {
            state.total += value;
            state.rows += 1;
            Ok(())
        })
    }

    fn merge(&self, states: &mut [FloatTotal], others: &[ArrayRef], groups: &[usize]) -> EngineResult<()> {
        merge_floats(states, others, groups)
    }

    fn results(&self, states: &[FloatTotal]) -> EngineResult<ArrayRef> {
        let totals = states.iter().map(|state| (state.rows > 0).then_some(state.total));
        Ok(match self.real {
            true => Arc::new(
                totals.map(|total| total.map(|total| total as f32)).collect::<PrimitiveArray<Float32Type>>(),
            ),
            false => Arc::new(totals.collect::<PrimitiveArray<Float64Type>>()),
        })
    }

    fn export(&self, states: &[FloatTotal]) -> EngineResult<Vec<ArrayRef>> {
        Ok(export_floats(states))
    }
}
