//! `round`, `truncate`, `ceil` and `floor`.

use arrow::datatypes::{
    ArrowPrimitiveType, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::{java, sign::unexpected};
use crate::{
    Call, Fault, Function, Type,
    operators::{map, power_of_ten, returned, zip_flagged, zip_or_fault},
    types::DECIMAL_PRECISION_MAX,
};

/// The first double that no bigint holds; larger doubles are whole numbers anyway.
const BIGINT_LIMIT: f64 = 9_223_372_036_854_775_808.0;

const WHOLE: &[&str] = &[
    "(tinyint) -> tinyint",
    "(smallint) -> smallint",
    "(integer) -> integer",
    "(bigint) -> bigint",
    "(double) -> double",
    "(real) -> real",
    "(decimal(p,s)) -> decimal(p,0)",
];

const ROUND: &[&str] = &[
    "(tinyint) -> tinyint",
    "(smallint) -> smallint",
    "(integer) -> integer",
    "(bigint) -> bigint",
    "(double) -> double",
    "(real) -> real",
    "(decimal(p,s)) -> decimal(p,0)",
    "(tinyint, integer) -> tinyint",
    "(smallint, integer) -> smallint",
    "(integer, integer) -> integer",
    "(bigint, integer) -> bigint",
    "(double, integer) -> double",
    "(real, integer) -> real",
    "(decimal(p,s), integer) -> decimal(p,s)",
];

const TRUNCATE: &[&str] = &[
    "(double) -> double",
    "(real) -> real",
    "(decimal(p,s)) -> decimal(p,0)",
    "(decimal(p,s), integer) -> decimal(p,s)",
];

pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::scalar("ceil", WHOLE, ceil, "The next whole number upwards").returning(whole_type),
        Function::scalar("ceiling", WHOLE, ceil, "The next whole number upwards").returning(whole_type),
        Function::scalar("floor", WHOLE, floor, "The next whole number downwards").returning(whole_type),
        Function::scalar("round", ROUND, round, "The nearest number of so many places").returning(round_type),
        Function::scalar("truncate", TRUNCATE, truncate, "The number without digits that are cut off")
            .returning(truncate_type),
    ]
}

fn whole_type(types: &[Type]) -> Result<Type, Fault> {
    match types {
        [Type::Decimal(precision, scale), ..] => {
            Ok(Type::Decimal(precision.saturating_sub(*scale) + (*scale).min(1), 0))
        }
        [other, ..] => Ok(other.clone()),
        [] => Err(Fault::internal("a number was promised")),
    }
}

fn round_type(types: &[Type]) -> Result<Type, Fault> {
    match types {
        [Type::Decimal(precision, scale), _] => {
            Ok(Type::Decimal((precision + 1).min(DECIMAL_PRECISION_MAX), *scale))
        }
        _ => whole_type(types),
    }
}

fn truncate_type(types: &[Type]) -> Result<Type, Fault> {
    match types {
        [Type::Decimal(precision, scale)] => Ok(Type::Decimal(precision.saturating_sub(*scale).max(1), 0)),
        [other, ..] => Ok(other.clone()),
        [] => Err(Fault::internal("a number was promised")),
    }
}

fn ceil(call: &Call, arguments: &[ColumnarValue], _: usize) -> EngineResult<ColumnarValue> {
    whole(call, arguments, f64::ceil, |value, unit| value / unit + i128::from(value % unit > 0))
}

fn floor(call: &Call, arguments: &[ColumnarValue], _: usize) -> EngineResult<ColumnarValue> {
    whole(call, arguments, f64::floor, |value, unit| value.div_euclid(unit))
}

fn whole(
    call: &Call,
    arguments: &[ColumnarValue],
    float: fn(f64) -> f64,
    decimal: impl Fn(i128, i128) -> i128,
) -> EngineResult<ColumnarValue> {
    match call.arguments.first() {
        Some(Type::Double) => returned(arguments, map::<Float64Type, Float64Type>(arguments, float)?),
        Some(Type::Real) => {
            let f = |value: f32| float(f64::from(value)) as f32;
            returned(arguments, map::<Float32Type, Float32Type>(arguments, f)?)
        }
        Some(Type::Decimal(_, scale)) => decimal_map(call, arguments, *scale, decimal),
        Some(integer) if integer.is_integer() => unchanged(call, arguments),
        _ => Err(unexpected(call).into()),
    }
}

fn unchanged(call: &Call, arguments: &[ColumnarValue]) -> EngineResult<ColumnarValue> {
    arguments.first().cloned().ok_or_else(|| unexpected(call).into())
}

/// `f(value, 10^scale)` of each decimal.
fn decimal_map(
    call: &Call,
    arguments: &[ColumnarValue],
    scale: u8,
    f: impl Fn(i128, i128) -> i128,
) -> EngineResult<ColumnarValue> {
    let Type::Decimal(precision, result_scale) = call.returns else { return Err(unexpected(call).into()) };
    let unit = power_of_ten(u32::from(scale)).ok_or_else(|| unexpected(call))?;
    let mapped = map::<Decimal128Type, Decimal128Type>(arguments, |value| f(value, unit))?;
    returned(arguments, mapped.with_precision_and_scale(precision, result_scale.cast_signed())?)
}

fn round(call: &Call, arguments: &[ColumnarValue], _: usize) -> EngineResult<ColumnarValue> {
    match call.arguments.as_slice() {
        [Type::Double] => {
            returned(arguments, map::<Float64Type, Float64Type>(arguments, |value| round_double(value, 0))?)
        }
        [Type::Real] => {
            returned(arguments, map::<Float32Type, Float32Type>(arguments, |value| round_real(value, 0))?)
        }
        [Type::Decimal(_, scale)] => decimal_map(call, arguments, *scale, half_up),
        [integer] if integer.is_integer() => unchanged(call, arguments),
        [Type::TinyInt, _] => round_integer::<Int8Type>(call, arguments),
        [Type::SmallInt, _] => round_integer::<Int16Type>(call, arguments),
        [Type::Integer, _] => round_integer::<Int32Type>(call, arguments),
        [Type::BigInt, _] => round_integer::<Int64Type>(call, arguments),
        [Type::Double, _] => {
            let f = |value, places| (round_double(value, places), false);
            let never = |_, _| unexpected(call);
            returned(arguments, zip_flagged::<Float64Type, Int32Type, Float64Type>(arguments, f, never)?)
        }
        [Type::Real, _] => {
            let f = |value, places| (round_real(value, places), false);
            let never = |_, _| unexpected(call);
            returned(arguments, zip_flagged::<Float32Type, Int32Type, Float32Type>(arguments, f, never)?)
        }
        [Type::Decimal(_, scale), _] => round_decimal(call, arguments, *scale),
        _ => Err(unexpected(call).into()),
    }
}

/// The quotient, rounded half away from zero.
fn half_up(value: i128, unit: i128) -> i128 {
    let (quotient, rest) = (value / unit, value % unit);
    match unit > 1 && rest.unsigned_abs() >= unit.unsigned_abs() / 2 {
        true => quotient + value.signum(),
        false => quotient,
    }
}

fn round_double(value: f64, places: i32) -> f64 {
    if !value.is_finite() {
        return value;
    }
    if places == 0 {
        return signed(nearest(value.abs()), value);
    }
    // Times an infinite factor it would be none.
    if value == 0.0 {
        return 0.0;
    }
    let factor = java::pow(10.0, f64::from(places));
    let scaled = value.abs() * factor;
    if scaled.is_infinite() {
        return value;
    }
    // Below 10^-323 every number is nearer to 0 than to the unit.
    if factor == 0.0 {
        return 0.0;
    }
    signed(nearest(scaled) / factor, value)
}

fn round_real(value: f32, places: i32) -> f32 {
    match value.is_finite() {
        true => round_double(f64::from(value), places) as f32,
        false => value,
    }
}

fn nearest(positive: f64) -> f64 {
    if positive < BIGINT_LIMIT { java::round(positive) as f64 } else { positive }
}

/// Java negates results of numbers below zero: -0.2 becomes -0, and -0 becomes 0.
fn signed(result: f64, value: f64) -> f64 {
    if value < 0.0 { -result } else { result }
}

fn round_integer<T: ArrowPrimitiveType<Native: Into<i64> + TryFrom<i64>>>(
    call: &Call,
    arguments: &[ColumnarValue],
) -> EngineResult<ColumnarValue> {
    let name = call.returns.to_string();
    let rounded = |value: T::Native, places: i32| -> Option<i64> {
        let value: i64 = value.into();
        if places >= 0 {
            return Some(value);
        }
        let unit = 10_i64.checked_pow(places.unsigned_abs())?;
        i64::try_from(half_up(i128::from(value), i128::from(unit)) * i128::from(unit)).ok()
    };
    let f = |value, places| rounded(value, places).and_then(|rounded| T::Native::try_from(rounded).ok());
    let fault = |value: T::Native, places| match rounded(value, places) {
        Some(rounded) => Fault::out_of_range(format!("Out of range for {name}: {rounded}")),
        None => Fault::out_of_range(format!("numerical overflow: {}", value.into())),
    };
    returned(arguments, zip_or_fault::<T, Int32Type, T>(arguments, f, fault)?)
}

/// Digits that are lost if a number of `scale` places keeps `places` of them.
fn lost_digits(scale: u8, places: i32) -> u32 {
    u32::try_from(i64::from(scale) - i64::from(places)).unwrap_or(0)
}

fn round_decimal(call: &Call, arguments: &[ColumnarValue], scale: u8) -> EngineResult<ColumnarValue> {
    let Type::Decimal(precision, result_scale) = call.returns else { return Err(unexpected(call).into()) };
    let limit = power_of_ten(u32::from(precision)).ok_or_else(|| unexpected(call))?;
    let f = |value: i128, places: i32| match lost_digits(scale, places) {
        0 => Some(value),
        lost => match power_of_ten(lost) {
            Some(unit) => half_up(value, unit).checked_mul(unit).filter(|rounded| rounded.abs() < limit),
            None => Some(0),
        },
    };
    let fault = |value: i128, _| Fault::out_of_range(format!("decimal overflow: {value}"));
    let rounded = zip_or_fault::<Decimal128Type, Int32Type, Decimal128Type>(arguments, f, fault)?;
    returned(arguments, rounded.with_precision_and_scale(precision, result_scale.cast_signed())?)
}

fn truncate(call: &Call, arguments: &[ColumnarValue], _: usize) -> EngineResult<ColumnarValue> {
    match call.arguments.as_slice() {
        [Type::Double] => returned(arguments, map::<Float64Type, Float64Type>(arguments, f64::trunc)?),
        [Type::Real] => returned(arguments, map::<Float32Type, Float32Type>(arguments, f32::trunc)?),
        [Type::Decimal(_, scale)] => decimal_map(call, arguments, *scale, |value, unit| value / unit),
        [Type::Decimal(precision, scale), _] => {
            let (precision, scale) = (*precision, *scale);
            let f = |value: i128, places: i32| match lost_digits(scale, places) {
                0 => (value, false),
                lost => (power_of_ten(lost).map_or(0, |unit| value - value % unit), false),
            };
            let never = |_, _| unexpected(call);
            let cut = zip_flagged::<Decimal128Type, Int32Type, Decimal128Type>(arguments, f, never)?;
            returned(arguments, cut.with_precision_and_scale(precision, scale.cast_signed())?)
        }
        _ => Err(unexpected(call).into()),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn round_floating_point() {
        check(
            "round",
            &[
                (&["double 3.5"], "double 4"),
                (&["double -3.5"], "double -4"),
                (&["double 2.5"], "double 3"),
                (&["double -0.2"], "double -0.0"),
                (&["double -0.0"], "double 0"),
                (&["double NaN"], "double NaN"),
                (&["double -Infinity"], "double -Infinity"),
                (&["double 1e300"], "double 1e300"),
                (&["double 3.456", "integer 2"], "double 3.46"),
                (&["double -3.455", "integer 2"], "double -3.46"),
                (&["double 1234.5", "integer -2"], "double 1200"),
                (&["double 123.4", "integer 10000000"], "double 123.4"),
                (&["double 123.4", "integer -400"], "double 0"),
                (&["double 0", "integer 400"], "double 0"),
                (&["double -0.0", "integer 400"], "double 0"),
                (&["real 0", "integer 400"], "real 0"),
                (&["double '300000.00000011094'", "integer 16"], "double '300000.00000011094'"),
                (&["double 3.0", "integer 0"], "double 3"),
                (&["double NULL", "integer 0"], "double NULL"),
                (&["double 1", "integer NULL"], "double NULL"),
                (&["real 3.5"], "real 4"),
                (&["real 3.14159", "integer 2"], "real 3.14"),
                (&["real NaN", "integer 2"], "real NaN"),
            ],
        );
    }

    #[test]
    fn round_integers() {
        check(
            "round",
            &[
                (&["bigint 5"], "bigint 5"),
                (&["bigint 1234", "integer -2"], "bigint 1200"),
                (&["bigint 1250", "integer -2"], "bigint 1300"),
                (&["bigint -1250", "integer -2"], "bigint -1300"),
                (&["bigint 1250", "integer 2"], "bigint 1250"),
                (
                    &["bigint 9223372036854775807", "integer -1"],
                    "error numerical overflow: 9223372036854775807",
                ),
                (&["bigint 5", "integer -19"], "error numerical overflow: 5"),
                (&["tinyint 127", "integer -1"], "error Out of range for tinyint: 130"),
                (&["smallint 32767", "integer -1"], "error Out of range for smallint: 32770"),
                (&["integer 2147483647", "integer -1"], "error Out of range for integer: 2147483650"),
                (&["tinyint 9", "integer -1"], "tinyint 10"),
                (&["integer 4", "integer -1"], "integer 0"),
            ],
        );
    }

    #[test]
    fn round_decimals() {
        check(
            "round",
            &[
                (&["decimal(2,1) 2.5"], "decimal(2,0) 3"),
                (&["decimal(2,1) -2.5"], "decimal(2,0) -3"),
                (&["decimal(2,1) 2.4"], "decimal(2,0) 2"),
                (&["decimal(3,0) 999"], "decimal(3,0) 999"),
                (&["decimal(3,1) 99.9"], "decimal(3,0) 100"),
                (
                    &["decimal(38,1) '9999999999999999999999999999999999999.9'"],
                    "decimal(38,0) '10000000000000000000000000000000000000'",
                ),
                (&["decimal(4,2) 99.99", "integer 1"], "decimal(5,2) 100.0"),
                (&["decimal(4,2) 99.94", "integer 1"], "decimal(5,2) 99.9"),
                (&["decimal(4,2) 99.94", "integer 5"], "decimal(5,2) 99.94"),
                (&["decimal(4,2) 99.94", "integer -1"], "decimal(5,2) 100"),
                (&["decimal(4,2) 99.94", "integer -2"], "decimal(5,2) 100"),
                (&["decimal(4,2) 99.94", "integer -3"], "decimal(5,2) 0"),
                (&["decimal(4,2) 99.94", "integer -100"], "decimal(5,2) 0"),
                (
                    &["decimal(38,0) '99999999999999999999999999999999999999'", "integer -1"],
                    "error decimal overflow",
                ),
            ],
        );
    }

    #[test]
    fn truncate() {
        check(
            "truncate",
            &[
                (&["double 17.9"], "double 17"),
                (&["double -17.9"], "double -17"),
                (&["double NaN"], "double NaN"),
                (&["real -17.9"], "real -17"),
                (&["decimal(4,2) 12.34"], "decimal(2,0) 12"),
                (&["decimal(2,2) 0.34"], "decimal(1,0) 0"),
                (&["decimal(4,2) -12.34", "integer 1"], "decimal(4,2) -12.3"),
                (&["decimal(4,2) 12.34", "integer -1"], "decimal(4,2) 10"),
                (&["decimal(4,2) 12.34", "integer -2"], "decimal(4,2) 0"),
                (&["decimal(4,2) 12.34", "integer 9"], "decimal(4,2) 12.34"),
            ],
        );
    }

    #[test]
    fn ceil_and_floor() {
        check(
            "ceil",
            &[
                (&["double -1.2"], "double -1"),
                (&["double 1.2"], "double 2"),
                (&["real 1.2"], "real 2"),
                (&["bigint 3"], "bigint 3"),
                (&["decimal(3,1) 12.1"], "decimal(3,0) 13"),
                (&["decimal(3,1) -12.1"], "decimal(3,0) -12"),
                (&["decimal(3,1) 12.0"], "decimal(3,0) 12"),
                (&["decimal(2,1) 9.9"], "decimal(2,0) 10"),
            ],
        );
        check("ceiling", &[(&["tinyint 3"], "tinyint 3")]);
        check(
            "floor",
            &[
                (&["double -1.2"], "double -2"),
                (&["real 1.7"], "real 1"),
                (&["decimal(3,1) 12.1"], "decimal(3,0) 12"),
                (&["decimal(3,1) -12.1"], "decimal(3,0) -13"),
                (&["decimal(3,1) -12.0"], "decimal(3,0) -12"),
                (&["decimal(3,1) NULL"], "decimal(3,0) NULL"),
            ],
        );
    }
}
