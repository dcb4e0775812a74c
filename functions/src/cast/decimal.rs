//! Casts to decimals, and arithmetic on their unscaled values.

use std::{fmt::Write, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, PrimitiveArray},
    datatypes::{DataType, Decimal128Type, Float32Type, Float64Type, Int64Type},
};
use datafusion::common::Result as EngineResult;

use crate::{
    Fault, Type,
    cast::{
        OnFailure, engine_cast, map_values, missing,
        parse::{self, NotDecimal},
        read_values,
        show::{Digits, java_double, java_real},
    },
    columns::booleans,
    types::DECIMAL_PRECISION_MAX,
};

/// 10 to the power of 0 to 38.
const POWERS_OF_TEN: [i128; DECIMAL_PRECISION_MAX as usize + 1] = {
    let mut powers = [1_i128; DECIMAL_PRECISION_MAX as usize + 1];
    let mut exponent = 1;
    while exponent < powers.len() {
        powers[exponent] = powers[exponent - 1] * 10;
        exponent += 1;
    }
    powers
};

/// 10 to the power of a precision or scale.
pub(crate) fn power_of_ten(exponent: u8) -> i128 {
    POWERS_OF_TEN.get(usize::from(exponent)).copied().unwrap_or(i128::MAX)
}

/// `value / unit`, to the nearest integer, away from zero if two are; `unit` is positive.
pub(crate) fn divide_half_up(value: i128, unit: i128) -> i128 {
    let (quotient, rest) = (value / unit, value % unit);
    match rest.abs() >= unit - rest.abs() {
        true if unit > 1 => quotient + value.signum(),
        _ => quotient,
    }
}

/// The unscaled value at another scale, rounded half up; None if it has more digits than `precision`.
pub(crate) fn rescale(value: i128, from_scale: u8, precision: u8, scale: u8) -> Option<i128> {
    let rescaled = match scale.checked_sub(from_scale) {
        Some(more) => value.checked_mul(power_of_ten(more))?,
        None => divide_half_up(value, power_of_ten(from_scale - scale)),
    };
    within(rescaled, precision)
}

/// `whole.fraction × 10^exponent` as an unscaled value, rounded half up; None if it has too many digits.
pub(crate) fn digits_to_decimal(
    whole: &[u8],
    fraction: &[u8],
    exponent: i64,
    precision: u8,
    scale: u8,
) -> Option<i128> {
    let mut digits = whole.iter().chain(fraction).skip_while(|digit| **digit == b'0');
    let total = i64::try_from(digits.clone().count()).ok()?;
    if total == 0 {
        return Some(0);
    }
    let kept = total + exponent - i64::try_from(fraction.len()).ok()? + i64::from(scale);
    if kept < 0 {
        return Some(0);
    }
    let kept = u8::try_from(kept).ok().filter(|kept| *kept <= precision)?;
    let read = i64::from(kept).min(total);
    let mut value = 0_i128;
    for _ in 0..read {
        value = value * 10 + i128::from(digits.next()?.wrapping_sub(b'0'));
    }
    value *= power_of_ten(kept - u8::try_from(read).ok()?);
    if digits.next().is_some_and(|digit| *digit >= b'5') {
        value += 1;
    }
    (value < power_of_ten(precision)).then_some(value)
}

/// Writes all digits of the scale.
pub(crate) fn write_decimal(value: i128, scale: u8, written: &mut String) {
    let unit = power_of_ten(scale).unsigned_abs();
    let (whole, fraction) = (value.unsigned_abs() / unit, value.unsigned_abs() % unit);
    let sign = if value < 0 { "-" } else { "" };
    let width = usize::from(scale);
    // Short numbers are written much faster as 64 bits.
    let result = match (u64::try_from(whole), u64::try_from(fraction)) {
        (Ok(whole), _) if scale == 0 => write!(written, "{sign}{whole}"),
        (Ok(whole), Ok(fraction)) => write!(written, "{sign}{whole}.{fraction:0width$}"),
        _ if scale == 0 => write!(written, "{sign}{whole}"),
        _ => write!(written, "{sign}{whole}.{fraction:0width$}"),
    };
    debug_assert!(result.is_ok(), "writing to a string");
}

pub(super) fn to_decimal(array: &ArrayRef, from: &Type, to: &Type, on: OnFailure) -> EngineResult<ArrayRef> {
    let Type::Decimal(precision, scale) = *to else { return Err(missing(from, to)) };
    let fault = |kind: &str, value: &dyn std::fmt::Display| {
        Fault::invalid_cast(format!("Cannot cast {kind} '{value}' to DECIMAL({precision}, {scale})"))
    };
    let values: PrimitiveArray<Decimal128Type> = match from {
        Type::Boolean => from_booleans(array, precision, scale, on)?,
        Type::TinyInt | Type::SmallInt | Type::Integer | Type::BigInt => {
            let wide = engine_cast(array, &DataType::Int64)?;
            let kind = from.to_string().to_uppercase();
            let value = |value: i64| rescale(i128::from(value), 0, precision, scale);
            map_values::<Int64Type, _>(&wide, on, value, |value| fault(&kind, &value))?
        }
        Type::Double => {
            let value = |value: f64| double_to_decimal(value, precision, scale);
            map_values::<Float64Type, _>(array, on, value, |value| fault("DOUBLE", &java_double(value)))?
        }
        Type::Real => {
            let value = |value: f32| real_to_decimal(value, precision, scale);
            map_values::<Float32Type, _>(array, on, value, |value| fault("REAL", &java_real(value)))?
        }
        Type::Decimal(from_precision, from_scale) => {
            let value = |value: i128| rescale(value, *from_scale, precision, scale);
            map_values::<Decimal128Type, _>(array, on, value, |value| {
                let mut written = String::new();
                write_decimal(value, *from_scale, &mut written);
                fault(&format!("DECIMAL({from_precision}, {from_scale})"), &written)
            })?
        }
        Type::Varchar(_) | Type::Char(_) => read_values(
            array,
            on,
            |text| parse::decimal(text, precision, scale).ok(),
            |text| text_fault(text, precision, scale),
        )?,
        _ => return Err(missing(from, to)),
    };
    Ok(Arc::new(values.with_precision_and_scale(precision, scale.cast_signed())?))
}

/// The number that the shortest digits of `value` stand for, rounded half up: 1.005 is 1.01, although the
/// double is a little less.
pub(crate) fn double_to_decimal(value: f64, precision: u8, scale: u8) -> Option<i128> {
    match quickly_scaled(value, DOUBLE_TIE, scale) {
        Some(scaled) => within(scaled, precision),
        None => Digits::of_double(value)?.to_decimal(precision, scale),
    }
}

/// As [`double_to_decimal`].
pub(crate) fn real_to_decimal(value: f32, precision: u8, scale: u8) -> Option<i128> {
    match quickly_scaled(f64::from(value), REAL_TIE, scale) {
        Some(scaled) => within(scaled, precision),
        None => Digits::of_real(value)?.to_decimal(precision, scale),
    }
}

/// How near a number may be to the middle of two integers, relative to its size, before its shortest digits
/// decide: their distance from it, and the error of the multiplication, with room to spare.
const DOUBLE_TIE: f64 = 1.0 / (1_u64 << 50) as f64;
const REAL_TIE: f64 = 1.0 / (1_u64 << 21) as f64;
/// Numbers below this have no more than one integer near.
const QUICK_END: f64 = (1_u64 << 48) as f64;
/// Largest power of ten that is a double.
const DOUBLE_SCALE_MAX: u8 = 22;

/// `value × 10^scale`, rounded, where doubles are exact enough to tell. Saves writing the digits.
fn quickly_scaled(value: f64, tie: f64, scale: u8) -> Option<i128> {
    if scale > DOUBLE_SCALE_MAX {
        return None;
    }
    let scaled = (value * power_of_ten(scale) as f64).abs();
    if scaled.is_nan() || scaled >= QUICK_END {
        return None;
    }
    let fraction = scaled.fract();
    if (fraction - 0.5).abs() <= scaled * tie {
        return None;
    }
    let rounded = scaled.trunc() as i128 + i128::from(fraction > 0.5);
    Some(if value < 0.0 { -rounded } else { rounded })
}

fn within(value: i128, precision: u8) -> Option<i128> {
    (value.unsigned_abs() < power_of_ten(precision).unsigned_abs()).then_some(value)
}

fn from_booleans(
    array: &ArrayRef,
    precision: u8,
    scale: u8,
    on: OnFailure,
) -> EngineResult<PrimitiveArray<Decimal128Type>> {
    let given = booleans(array)?;
    if precision == scale && on == OnFailure::Fault && given.true_count() > 0 {
        let message = format!("Cannot cast BOOLEAN 'true' to DECIMAL({precision}, {scale})");
        return Err(Fault::invalid_cast(message).into());
    }
    let one = Some(power_of_ten(scale)).filter(|_| precision > scale);
    let values: PrimitiveArray<Decimal128Type> =
        given.iter().map(|value| value.and_then(|value| if value { one } else { Some(0) })).collect();
    debug_assert_eq!(values.len(), array.len(), "a value for each row");
    Ok(values)
}

fn text_fault(text: &str, precision: u8, scale: u8) -> Fault {
    let reason = match parse::decimal(text, precision, scale) {
        Err(NotDecimal::TooLarge) => "Value too large.",
        _ => "Value is not a number.",
    };
    Fault::invalid_cast(format!("Cannot cast VARCHAR '{text}' to DECIMAL({precision}, {scale}). {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quick_way_gives_what_the_digits_give() {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        for round in 0..20_000_u32 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let scale = (round % 13) as u8;
            // Numbers of few digits, among them many that end in 5, and of many digits.
            let few = (state % 20_001) as f64 / 10_f64.powi((round % 7) as i32);
            let many = (state >> 11) as f64 / 10_f64.powi((round % 23) as i32);
            for value in [few, -few, many, -many] {
                let digits = Digits::of_double(value).and_then(|digits| digits.to_decimal(38, scale));
                assert_eq!(double_to_decimal(value, 38, scale), digits, "{value} {scale}");
                let real = value as f32;
                let digits = Digits::of_real(real).and_then(|digits| digits.to_decimal(38, scale));
                assert_eq!(real_to_decimal(real, 38, scale), digits, "{real} {scale}");
            }
        }
    }

    #[test]
    fn decimals_are_rounded_half_up() {
        for (value, unit, expected) in [
            (15, 10, 2),
            (-15, 10, -2),
            (14, 10, 1),
            (0, 1, 0),
            (7, 1, 7),
            (i128::MAX, 1, i128::MAX),
            (i128::MIN + 1, 2, i128::MIN / 2),
        ] {
            assert_eq!(divide_half_up(value, unit), expected, "{value} / {unit}");
        }
    }
}
