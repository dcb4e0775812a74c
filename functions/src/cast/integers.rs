//! Casts to tinyint, smallint, integer and bigint.

use std::sync::Arc;

use arrow::{
    array::ArrayRef,
    datatypes::{
        ArrowPrimitiveType, DataType, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type,
        Int32Type, Int64Type,
    },
};
use datafusion::common::Result as EngineResult;

use crate::{
    Fault, Type,
    cast::{
        OnFailure,
        decimal::{divide_half_up, power_of_ten, write_decimal},
        engine_cast, map_values, missing, parse, read_values,
        show::{java_double, java_real},
    },
};

/// One more than the largest bigint; doubles have no nearer number.
const BIGINT_END: f64 = 9_223_372_036_854_775_808.0;

pub(super) fn to_integer(array: &ArrayRef, from: &Type, to: &Type, on: OnFailure) -> EngineResult<ArrayRef> {
    match to {
        Type::TinyInt => integers::<Int8Type>(array, from, to, on),
        Type::SmallInt => integers::<Int16Type>(array, from, to, on),
        Type::Integer => integers::<Int32Type>(array, from, to, on),
        Type::BigInt => integers::<Int64Type>(array, from, to, on),
        _ => Err(missing(from, to)),
    }
}

fn integers<T: ArrowPrimitiveType>(
    array: &ArrayRef,
    from: &Type,
    to: &Type,
    on: OnFailure,
) -> EngineResult<ArrayRef>
where
    T::Native: TryFrom<i64>,
{
    let narrow = |value: i64| T::Native::try_from(value).ok();
    let out_of_range =
        |value: &dyn std::fmt::Display| Fault::out_of_range(format!("Out of range for {to}: {value}"));
    Ok(match from {
        Type::Boolean => engine_cast(array, &T::DATA_TYPE)?,
        Type::TinyInt | Type::SmallInt | Type::Integer | Type::BigInt => {
            let wide = engine_cast(array, &DataType::Int64)?;
            match T::DATA_TYPE {
                DataType::Int64 => wide,
                _ => Arc::new(map_values::<Int64Type, T>(&wide, on, narrow, |value| out_of_range(&value))?),
            }
        }
        Type::Double => Arc::new(map_values::<Float64Type, T>(
            array,
            on,
            |value| rounded(value).and_then(narrow),
            |value| double_fault(value, to),
        )?),
        Type::Real => {
            // Trino clamps here, and nowhere else.
            let clamps = T::DATA_TYPE == DataType::Int64;
            let value = |value: f32| match rounded(f64::from(value)) {
                None if clamps && !value.is_nan() => narrow(if value < 0.0 { i64::MIN } else { i64::MAX }),
                rounded => rounded.and_then(narrow),
            };
            let fault = |value: f32| match value.is_nan() {
                true => Fault::invalid_cast(format!("Cannot cast real NaN to {to}")),
                false => out_of_range(&java_real(value)),
            };
            Arc::new(map_values::<Float32Type, T>(array, on, value, fault)?)
        }
        Type::Decimal(precision, scale) => {
            let unit = power_of_ten(*scale);
            let value = |value: i128| i64::try_from(divide_half_up(value, unit)).ok().and_then(narrow);
            let fault = |value: i128| decimal_fault(value, *precision, *scale, to);
            Arc::new(map_values::<Decimal128Type, T>(array, on, value, fault)?)
        }
        Type::Varchar(_) => Arc::new(read_values::<T>(
            array,
            on,
            |text| parse::integer(text).and_then(narrow),
            |text| text_fault(text, to),
        )?),
        Type::Char(_) => {
            let value = |text: &str| parse::integer(parse::trim(text)).and_then(narrow);
            Arc::new(read_values::<T>(array, on, value, |text| text_fault(text, to))?)
        }
        _ => return Err(missing(from, to)),
    })
}

/// The nearest integer, the one further from zero if two are; None if it is no bigint.
fn rounded(value: f64) -> Option<i64> {
    let rounded = value.round();
    (-BIGINT_END..BIGINT_END).contains(&rounded).then_some(rounded as i64)
}

fn double_fault(value: f64, to: &Type) -> Fault {
    match (to, value.is_nan()) {
        (Type::BigInt, _) => Fault::invalid_cast(format!("Unable to cast {} to bigint", java_double(value))),
        (_, true) => Fault::invalid_cast(format!("Cannot cast double NaN to {to}")),
        (_, false) => Fault::out_of_range(format!("Out of range for {to}: {}", java_double(value))),
    }
}

fn text_fault(text: &str, to: &Type) -> Fault {
    let name = match to {
        Type::Integer => "INT".to_owned(),
        _ => to.to_string().to_uppercase(),
    };
    Fault::invalid_cast(format!("Cannot cast '{text}' to {name}"))
}

/// Digits of a decimal that Trino keeps in 64 bits; its messages differ.
const SHORT_DECIMAL_DIGITS: u8 = 18;

fn decimal_fault(value: i128, precision: u8, scale: u8, to: &Type) -> Fault {
    let mut written = String::new();
    match precision <= SHORT_DECIMAL_DIGITS {
        true => write_decimal(divide_half_up(value, power_of_ten(scale)), 0, &mut written),
        false => write_decimal(value, scale, &mut written),
    }
    Fault::invalid_cast(format!("Cannot cast '{written}' to {}", to.to_string().to_uppercase()))
}
