//! Casts to real, double and boolean.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, BooleanArray},
    datatypes::{ArrowPrimitiveType, DataType, Decimal128Type, Float32Type, Float64Type, Int64Type},
};
use datafusion::common::Result as EngineResult;

use crate::{
    Fault, Type,
    cast::{
        OnFailure,
        decimal::{power_of_ten, write_decimal},
        engine_cast, missing, parse, read_values,
    },
    columns::{primitive, text},
};

/// Decimals of at most so many digits are divided as 64-bit numbers, as Trino does.
const SHORT_DECIMAL_DIGITS: u8 = 18;
/// Unscaled values up to here are divided exactly by the powers of ten below; Trino's limits.
const DOUBLE_EXACT_MAX: u128 = (1 << 52) - 1;
const DOUBLE_EXACT_SCALE_MAX: u8 = 22;
const REAL_EXACT_MAX: u128 = (1 << 22) - 1;
const REAL_EXACT_SCALE_MAX: u8 = 10;

pub(super) fn to_double(array: &ArrayRef, from: &Type, on: OnFailure) -> EngineResult<ArrayRef> {
    Ok(match from {
        Type::Boolean | Type::TinyInt | Type::SmallInt | Type::Integer | Type::BigInt | Type::Real => {
            engine_cast(array, &DataType::Float64)?
        }
        Type::Decimal(precision, scale) => {
            let given = primitive::<Decimal128Type>(array)?;
            let (short, unit) = (*precision <= SHORT_DECIMAL_DIGITS, power_of_ten(*scale) as f64);
            let exact = *scale <= DOUBLE_EXACT_SCALE_MAX;
            Arc::new(given.unary::<_, Float64Type>(|value| {
                if short || (exact && value.unsigned_abs() <= DOUBLE_EXACT_MAX) {
                    return value as f64 / unit;
                }
                let mut written = String::new();
                write_decimal(value, *scale, &mut written);
                written.parse().unwrap_or(f64::NAN)
            }))
        }
        Type::Varchar(_) | Type::Char(_) => {
            Arc::new(read_values::<Float64Type>(array, on, parse::double, |text| {
                Fault::invalid_cast(format!("Cannot cast '{text}' to DOUBLE"))
            })?)
        }
        _ => return Err(missing(from, &Type::Double)),
    })
}

pub(super) fn to_real(array: &ArrayRef, from: &Type, on: OnFailure) -> EngineResult<ArrayRef> {
    Ok(match from {
        Type::Boolean | Type::TinyInt | Type::SmallInt | Type::Integer | Type::BigInt => {
            engine_cast(array, &DataType::Float32)?
        }
        Type::Double => {
            Arc::new(primitive::<Float64Type>(array)?.unary::<_, Float32Type>(|value| value as f32))
        }
        Type::Decimal(precision, scale) => {
            let given = primitive::<Decimal128Type>(array)?;
            let (short, unit) = (*precision <= SHORT_DECIMAL_DIGITS, power_of_ten(*scale) as f32);
            let exact = *scale <= REAL_EXACT_SCALE_MAX;
            Arc::new(given.unary::<_, Float32Type>(|value| {
                if short || (exact && value.unsigned_abs() <= REAL_EXACT_MAX) {
                    return value as f32 / unit;
                }
                let mut written = String::new();
                write_decimal(value, *scale, &mut written);
                written.parse().unwrap_or(f32::NAN)
            }))
        }
        Type::Varchar(_) | Type::Char(_) => {
            Arc::new(read_values::<Float32Type>(array, on, parse::real, |text| {
                Fault::invalid_cast(format!("Cannot cast '{text}' to REAL"))
            })?)
        }
        _ => return Err(missing(from, &Type::Real)),
    })
}

/// True for all numbers but 0, NaN too.
pub(super) fn to_boolean(array: &ArrayRef, from: &Type, on: OnFailure) -> EngineResult<ArrayRef> {
    Ok(match from {
        Type::TinyInt | Type::SmallInt | Type::Integer | Type::BigInt => {
            truth::<Int64Type>(&engine_cast(array, &DataType::Int64)?, |value| value != 0)?
        }
        Type::Real => truth::<Float32Type>(array, |value| value != 0.0)?,
        Type::Double => truth::<Float64Type>(array, |value| value != 0.0)?,
        Type::Decimal(..) => truth::<Decimal128Type>(array, |value| value != 0)?,
        Type::Varchar(_) | Type::Char(_) => {
            let read = |given: Option<&str>| {
                let Some(given) = given else { return Ok(None) };
                match (parse::boolean(given), on) {
                    (None, OnFailure::Fault) => {
                        Err(Fault::invalid_cast(format!("Cannot cast '{given}' to BOOLEAN")))
                    }
                    (read, _) => Ok(read),
                }
            };
            let values: BooleanArray = text(array)?.iter().map(read).collect::<Result<_, Fault>>()?;
            Arc::new(values)
        }
        _ => return Err(missing(from, &Type::Boolean)),
    })
}

fn truth<T: ArrowPrimitiveType>(
    array: &ArrayRef,
    is_true: impl FnMut(T::Native) -> bool,
) -> EngineResult<ArrayRef> {
    let given = primitive::<T>(array)?;
    let bits = given.values().iter().copied().map(is_true).collect();
    Ok(Arc::new(BooleanArray::new(bits, given.nulls().cloned())))
}
