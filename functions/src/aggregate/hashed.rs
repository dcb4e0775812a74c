//! Hashes of the values of a column, as Trino's types hash them (`XX_HASH_64`), and `checksum`.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, BinaryViewBuilder, Int64Array},
    compute::cast,
    datatypes::{
        DataType, Decimal128Type, DurationMillisecondType, Float32Type, Float64Type, Int64Type, IntervalUnit,
        IntervalYearMonthType, TimeUnit,
    },
};
use datafusion::common::Result as EngineResult;

use crate::{
    Fault,
    aggregate::{
        fold::{Fold, Folded, column, each_row, primitive},
        keyed::{canonical, row_converter},
        udaf::Definition,
    },
    sketch::hash::{xxhash64, xxhash64_of_number},
};

/// Added for each NULL, and what hashes are multiplied with.
const PRIME: u64 = 0x9E37_79B1_85EB_CA87;
/// Decimals of more digits are hashed as two numbers.
const SHORT_DECIMAL_PRECISION_MAX: u8 = 18;

/// `checksum`. Arrays, maps and rows are left out, and zoned times, whose hashes Arrow types do not tell.
pub(crate) const CHECKSUM: Definition = Definition::new(
    "checksum",
    &[
        "(boolean) -> varbinary",
        "(bigint) -> varbinary",
        "(double) -> varbinary",
        "(real) -> varbinary",
        "(decimal(p,s)) -> varbinary",
        "(varchar(x)) -> varbinary",
        "(char(x)) -> varbinary",
        "(varbinary) -> varbinary",
        "(date) -> varbinary",
        "(timestamp(p)) -> varbinary",
        "(interval day to second) -> varbinary",
        "(interval year to month) -> varbinary",
    ],
    "A checksum of the values that does not depend on their order",
    |_| Ok(DataType::BinaryView),
    |_| Ok(Folded::boxed(Checksum)),
);

/// The hash of each value as Trino's type of this Arrow type has it, or any stable hash where Trino's is not
/// known. Hashes of NULLs mean nothing.
pub(crate) fn hashes(array: &ArrayRef) -> EngineResult<Vec<u64>> {
    let array = &canonical(array);
    let of_numbers = |numbers: &Int64Array| numbers.values().iter().map(|n| xxhash64_of_number(*n)).collect();
    Ok(match array.data_type() {
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 | DataType::Boolean => {
            of_numbers(numbers(&cast(array, &DataType::Int64)?)?)
        }
        DataType::Date32 => of_numbers(numbers(&cast(&cast(array, &DataType::Int32)?, &DataType::Int64)?)?),
        DataType::Decimal128(..) => decimal_hashes(array),
        DataType::Duration(TimeUnit::Millisecond) => {
            of_numbers(&array.as_primitive::<DurationMillisecondType>().reinterpret_cast::<Int64Type>())
        }
        DataType::Interval(IntervalUnit::YearMonth) => {
            of_numbers(&array.as_primitive::<IntervalYearMonthType>().unary(i64::from))
        }
        DataType::Timestamp(TimeUnit::Nanosecond, None) => {
            let nanos = cast(array, &DataType::Int64)?;
            let hash = |nanos: &i64| {
                let (micros, picos) = (nanos.div_euclid(1000), nanos.rem_euclid(1000) * 1000);
                xxhash64_of_number(micros) ^ xxhash64_of_number(picos)
            };
            numbers(&nanos)?.values().iter().map(hash).collect()
        }
        DataType::Timestamp(..) | DataType::Time64(_) => {
            of_numbers(numbers(&cast(array, &DataType::Int64)?)?)
        }
        DataType::Float64 => {
            of_numbers(&array.as_primitive::<Float64Type>().unary(|value| value.to_bits().cast_signed()))
        }
        DataType::Float32 => of_numbers(
            &array.as_primitive::<Float32Type>().unary(|value| i64::from(value.to_bits().cast_signed())),
        ),
        DataType::Utf8View => {
            let text = array.as_string_view();
            (0..text.len())
                .map(|row| if text.is_null(row) { 0 } else { xxhash64(text.value(row).as_bytes()) })
                .collect()
        }
        DataType::BinaryView => {
            let bytes = array.as_binary_view();
            (0..bytes.len())
                .map(|row| if bytes.is_null(row) { 0 } else { xxhash64(bytes.value(row)) })
                .collect()
        }
        other => {
            let rows =
                row_converter(std::slice::from_ref(other))?.convert_columns(std::slice::from_ref(array))?;
            rows.iter().map(|row| xxhash64(row.data())).collect()
        }
    })
}

fn numbers(array: &ArrayRef) -> EngineResult<&Int64Array> {
    array.as_primitive_opt::<Int64Type>().ok_or_else(|| Fault::internal("not integers").into())
}

fn decimal_hashes(array: &ArrayRef) -> Vec<u64> {
    let is_short = matches!(array.data_type(), DataType::Decimal128(precision, _) if *precision <= SHORT_DECIMAL_PRECISION_MAX);
    let decimals = array.as_primitive::<Decimal128Type>().values().iter();
    let low = |value: i128| xxhash64_of_number(value as i64);
    match is_short {
        true => decimals.map(|value| low(*value)).collect(),
        false => decimals.map(|value| low(*value) ^ xxhash64_of_number((*value >> 64) as i64)).collect(),
    }
}

#[derive(Debug)]
struct Checksum;

impl Fold for Checksum {
    type State = Option<i64>;

    fn initial(&self) -> Option<i64> {
        None
    }

    fn state_types(&self) -> Vec<DataType> {
        vec![DataType::Int64]
    }

    fn update(&self, states: &mut [Option<i64>], values: &[ArrayRef], groups: &[usize]) -> EngineResult<()> {
        let array = column(values, 0)?;
        let hashes = hashes(array)?;
        each_row(groups, states, |state, row| {
            let hash = hashes.get(row).copied().filter(|_| array.is_valid(row));
            let added = hash.map_or(PRIME, |hash| hash.wrapping_mul(PRIME)).cast_signed();
            *state = Some(state.unwrap_or(0).wrapping_add(added));
            Ok(())
        })
    }

    fn merge(&self, states: &mut [Option<i64>], others: &[ArrayRef], groups: &[usize]) -> EngineResult<()> {
        let sums = primitive::<Int64Type>(others, 0)?;
        each_row(groups, states, |state, row| {
            if sums.is_valid(row) {
                *state = Some(state.unwrap_or(0).wrapping_add(sums.value(row)));
            }
            Ok(())
        })
    }

    fn results(&self, states: &[Option<i64>]) -> EngineResult<ArrayRef> {
        let mut builder = BinaryViewBuilder::with_capacity(states.len());
        states.iter().for_each(|state| builder.append_option(state.map(i64::to_le_bytes)));
        Ok(Arc::new(builder.finish()))
    }

    fn export(&self, states: &[Option<i64>]) -> EngineResult<Vec<ArrayRef>> {
        Ok(vec![Arc::new(Int64Array::from(states.to_vec()))])
    }
}
