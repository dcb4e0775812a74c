//! `CAST` and `TRY_CAST`: a value of one type as another.
//!
//! Rounds half away from zero, truncates text to the length asked for, and refuses what does not fit; Trino's
//! rules (<https://trino.io/docs/current/functions/conversion.html>). Which casts exist at all is
//! [`can_cast`]. Dates, times and intervals are cast by `datetime`, JSON by `json`.

mod characters;
pub(crate) mod decimal;
mod identifiers;
mod integers;
pub(crate) mod nested;
mod numbers;
pub(crate) mod parse;
mod possible;
pub(crate) mod show;
mod tried;

use arrow::{
    array::{Array, ArrayRef, ArrowPrimitiveType, PrimitiveArray, new_null_array},
    datatypes::DataType,
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use crate::{
    Call, Fault, Function, Type,
    columns::{argument, on_arrays, primitive, text, text_rows},
    datetime, json,
};
pub(crate) use characters::padded;
pub(crate) use identifiers::address_of;
pub use possible::{can_cast, keeps_arrays};

pub(crate) fn functions() -> Vec<Function> {
    vec![
        Function::scalar("$cast", &["(T) -> U"], cast_kernel, "CAST(value AS type)"),
        Function::scalar("$try_cast", &["(T) -> U"], try_cast_kernel, "TRY_CAST(value AS type)"),
    ]
}

fn cast_kernel(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| cast(argument(arrays, 0)?, from(call)?, &call.returns))
}

fn try_cast_kernel(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| try_cast(argument(arrays, 0)?, from(call)?, &call.returns))
}

fn from(call: &Call) -> EngineResult<&Type> {
    call.arguments.first().ok_or_else(|| Fault::internal("a cast of nothing").into())
}

/// What to do with a value that the other type does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OnFailure {
    Fault,
    Null,
}

/// Casts all values. Fails with `INVALID_CAST_ARGUMENT` or `NUMERIC_VALUE_OUT_OF_RANGE` on the first that
/// does not fit, and with `TYPE_MISMATCH` if there is no such cast.
pub fn cast(array: &ArrayRef, from: &Type, to: &Type) -> EngineResult<ArrayRef> {
    convert(array, from, to, OnFailure::Fault)
}

/// As [`cast`], with NULL for values that do not fit.
pub fn try_cast(array: &ArrayRef, from: &Type, to: &Type) -> EngineResult<ArrayRef> {
    match from.is_text() || from.is_numeric() || *from == Type::Boolean {
        true if is_plain(to) => convert(array, from, to, OnFailure::Null),
        _ => tried::rows(array, to, &|rows| cast(rows, from, to)),
    }
}

/// Types that the kernels here cast to one by one.
fn is_plain(to: &Type) -> bool {
    to.is_text() || to.is_numeric() || matches!(to, Type::Boolean | Type::Varbinary)
}

fn is_temporal(data_type: &Type) -> bool {
    matches!(
        data_type,
        Type::Date
            | Type::Time(_)
            | Type::TimeTz(_)
            | Type::Timestamp(_)
            | Type::TimestampTz(_)
            | Type::IntervalYearToMonth
            | Type::IntervalDayToSecond
    )
}

fn convert(array: &ArrayRef, from: &Type, to: &Type, on: OnFailure) -> EngineResult<ArrayRef> {
    if keeps_arrays(from, to) {
        return Ok(ArrayRef::clone(array));
    }
    if *from == Type::Unknown {
        return Ok(new_null_array(&to.arrow(), array.len()));
    }
    if !can_cast(from, to) {
        return Err(Fault::type_mismatch(format!("Cannot cast {from} to {to}")).into());
    }
    match (from, to) {
        (Type::Json, _) | (_, Type::Json) => json::cast(array, from, to),
        (Type::Array(from), Type::Array(to)) => {
            nested::with_items(array, to, |items| convert(items, from, to, on))
        }
        (Type::Map(from_key, from_value), Type::Map(key, value)) => {
            nested::cast_map(array, (from_key, from_value), (key, value))
        }
        (Type::Row(from), Type::Row(to)) => {
            nested::with_fields(array, to, |index, values| match (from.get(index), to.get(index)) {
                (Some(from), Some(to)) => convert(values, &from.field_type, &to.field_type, on),
                _ => Err(Fault::internal("rows of unequal length").into()),
            })
        }
        _ if is_temporal(from) || is_temporal(to) => datetime::cast(array, from, to),
        (_, Type::TinyInt | Type::SmallInt | Type::Integer | Type::BigInt) => {
            integers::to_integer(array, from, to, on)
        }
        (_, Type::Real) => numbers::to_real(array, from, on),
        (_, Type::Double) => numbers::to_double(array, from, on),
        (_, Type::Boolean) => numbers::to_boolean(array, from, on),
        (_, Type::Decimal(..)) => decimal::to_decimal(array, from, to, on),
        (Type::Varchar(_) | Type::Char(_), _) if to.is_text() => characters::to_text(array, from, to),
        (_, Type::Varchar(length)) => show::to_varchar(array, from, *length, on),
        _ => identifiers::cast(array, from, to),
    }
}

/// Casts the values that are not NULL one by one; None is a value that does not fit.
fn map_values<F: ArrowPrimitiveType, T: ArrowPrimitiveType>(
    array: &ArrayRef,
    on: OnFailure,
    value: impl Fn(F::Native) -> Option<T::Native>,
    fault: impl Fn(F::Native) -> Fault,
) -> EngineResult<PrimitiveArray<T>> {
    let given = primitive::<F>(array)?;
    match on {
        OnFailure::Null => Ok(given.unary_opt(value)),
        OnFailure::Fault => Ok(given.try_unary(|given| value(given).ok_or_else(|| fault(given)))?),
    }
}

/// Reads each text that is not NULL; None is a text that cannot be read.
fn read_values<T: ArrowPrimitiveType>(
    array: &ArrayRef,
    on: OnFailure,
    value: impl Fn(&str) -> Option<T::Native>,
    fault: impl Fn(&str) -> Fault,
) -> EngineResult<PrimitiveArray<T>> {
    let given = text(array)?;
    let read = |given: Option<&str>| match (given.map(|given| (given, value(given))), on) {
        (None, _) | (Some((_, None)), OnFailure::Null) => Ok(None),
        (Some((_, Some(value))), _) => Ok(Some(value)),
        (Some((given, None)), OnFailure::Fault) => Err(fault(given)),
    };
    Ok(given.iter().map(read).collect::<Result<PrimitiveArray<T>, Fault>>()?)
}

/// Writes each value that is not NULL, of at most `length` ASCII characters.
fn write_values<F: ArrowPrimitiveType>(
    array: &ArrayRef,
    length: Option<u32>,
    on: OnFailure,
    write: impl Fn(F::Native, &mut String),
    too_long: impl Fn(F::Native, &str, u32) -> Fault,
) -> EngineResult<ArrayRef> {
    let given = primitive::<F>(array)?;
    text_rows(given.len(), |row, written| {
        if given.is_null(row) {
            return Ok(None);
        }
        write(given.value(row), written);
        match length.filter(|length| written.len() > *length as usize) {
            None => Ok(Some(())),
            Some(_) if on == OnFailure::Null => Ok(None),
            Some(length) => Err(too_long(given.value(row), written, length)),
        }
    })
}

/// The engine's own cast, for what cannot fail and is the same.
fn engine_cast(array: &ArrayRef, to: &DataType) -> EngineResult<ArrayRef> {
    Ok(arrow::compute::cast(array, to)?)
}

/// There is no kernel for a cast that [`can_cast`] allows.
fn missing(from: &Type, to: &Type) -> datafusion::error::DataFusionError {
    Fault::internal(format!("no kernel casts {from} to {to}")).into()
}

#[cfg(test)]
mod tests;
