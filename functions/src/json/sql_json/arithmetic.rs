//! Numbers in paths: Trino's operators on the types that the operands have.

use std::cmp::Ordering;

use super::{Failure, node::Number, syntax::Operator};
use crate::{Fault, json::scalar::parse_double, types::DECIMAL_PRECISION_MAX};

/// Digits of a decimal that Trino keeps in 64 bits.
const SHORT_DECIMAL_DIGITS: u8 = 18;

/// A number as operands are: in the type that both take.
enum Pair {
    Whole(Whole, i64, i64),
    Decimal(Decimal, Decimal),
    Real(f32, f32),
    Double(f64, f64),
}

/// Integer types by their width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Whole {
    TinyInt,
    SmallInt,
    Integer,
    BigInt,
}

#[derive(Debug, Clone, Copy)]
struct Decimal {
    unscaled: i128,
    precision: u8,
    scale: u8,
}

fn overflow(what: &str) -> Failure {
    Failure::Path(format!("{what} overflow"))
}

fn beyond(what: &str) -> Failure {
    Failure::Fault(Fault::not_supported(format!("{what} of decimals this long in a JSON path")))
}

fn whole(number: &Number) -> Option<(Whole, i64)> {
    Some(match number {
        Number::TinyInt(value) => (Whole::TinyInt, i64::from(*value)),
        Number::SmallInt(value) => (Whole::SmallInt, i64::from(*value)),
        Number::Integer(value) => (Whole::Integer, i64::from(*value)),
        Number::BigInt(value) => (Whole::BigInt, *value),
        _ => return None,
    })
}

impl Whole {
    fn number(self, value: i128) -> Option<Number> {
        Some(match self {
            Whole::TinyInt => Number::TinyInt(value.try_into().ok()?),
            Whole::SmallInt => Number::SmallInt(value.try_into().ok()?),
            Whole::Integer => Number::Integer(value.try_into().ok()?),
            Whole::BigInt => Number::BigInt(value.try_into().ok()?),
        })
    }

    /// Digits of the decimal that holds the type.
    fn digits(self) -> u8 {
        match self {
            Whole::TinyInt => 3,
            Whole::SmallInt => 5,
            Whole::Integer => 10,
            Whole::BigInt => 19,
        }
    }
}

fn as_decimal(number: &Number) -> Option<Decimal> {
    match number {
        Number::Decimal { unscaled, precision, scale } => {
            Some(Decimal { unscaled: *unscaled, precision: *precision, scale: *scale })
        }
        other => whole(other).map(|(kind, value)| Decimal {
            unscaled: value.into(),
            precision: kind.digits(),
            scale: 0,
        }),
    }
}

fn as_double(number: &Number) -> f64 {
    match number {
        Number::Real(value) => f64::from(*value),
        Number::Double(value) => *value,
        Number::Decimal { unscaled, precision, scale } if *precision <= SHORT_DECIMAL_DIGITS => {
            *unscaled as f64 / 10_f64.powi(i32::from(*scale))
        }
        Number::Decimal { unscaled, scale, .. } => format!("{unscaled}e-{scale}").parse().unwrap_or(f64::NAN),
        Number::Huge(digits) => digits.parse().unwrap_or(f64::NAN),
        other => whole(other).map_or(f64::NAN, |(_, value)| value as f64),
    }
}

fn as_real(number: &Number) -> f32 {
    match (number, whole(number)) {
        (Number::Real(value), _) => *value,
        (_, Some((_, value))) => value as f32,
        (other, None) => as_double(other) as f32,
    }
}

fn pair(left: &Number, right: &Number) -> Pair {
    let is_double = |number: &Number| matches!(number, Number::Double(_) | Number::Huge(_));
    if is_double(left) || is_double(right) {
        return Pair::Double(as_double(left), as_double(right));
    }
    if matches!(left, Number::Real(_)) || matches!(right, Number::Real(_)) {
        return Pair::Real(as_real(left), as_real(right));
    }
    if let (Some((left_kind, left)), Some((right_kind, right))) = (whole(left), whole(right)) {
        return Pair::Whole(left_kind.max(right_kind), left, right);
    }
    match (as_decimal(left), as_decimal(right)) {
        (Some(left), Some(right)) => Pair::Decimal(left, right),
        _ => Pair::Double(as_double(left), as_double(right)),
    }
}

/// None if one is not a number.
pub(super) fn order(left: &Number, right: &Number) -> Option<Ordering> {
    match pair(left, right) {
        Pair::Whole(_, left, right) => Some(left.cmp(&right)),
        Pair::Real(left, right) => left.partial_cmp(&right),
        Pair::Double(left, right) => left.partial_cmp(&right),
        Pair::Decimal(left, right) => {
            // Whole parts first: scaling whole numbers up to the other's scale may not fit.
            let parts = |decimal: Decimal| {
                let unit = 10_i128.pow(u32::from(decimal.scale.min(DECIMAL_PRECISION_MAX)));
                (decimal.unscaled.div_euclid(unit), decimal.unscaled.rem_euclid(unit))
            };
            let ((left_whole, left_rest), (right_whole, right_rest)) = (parts(left), parts(right));
            let scale = left.scale.max(right.scale);
            let scaled = |rest: i128, from: u8| rest.saturating_mul(10_i128.pow(u32::from(scale - from)));
            let rests = scaled(left_rest, left.scale).cmp(&scaled(right_rest, right.scale));
            Some(left_whole.cmp(&right_whole).then(rests))
        }
    }
}

pub(super) fn binary(operator: Operator, left: &Number, right: &Number) -> Result<Number, Failure> {
    match pair(left, right) {
        Pair::Whole(kind, left, right) => whole_binary(operator, kind, left.into(), right.into()),
        Pair::Decimal(left, right) => decimal_binary(operator, left, right),
        Pair::Real(left, right) => Ok(Number::Real(match operator {
            Operator::Add => left + right,
            Operator::Subtract => left - right,
            Operator::Multiply => left * right,
            Operator::Divide => left / right,
            Operator::Modulus => left % right,
        })),
        Pair::Double(left, right) => Ok(Number::Double(match operator {
            Operator::Add => left + right,
            Operator::Subtract => left - right,
            Operator::Multiply => left * right,
            Operator::Divide => left / right,
            Operator::Modulus => left % right,
        })),
    }
}

fn whole_binary(operator: Operator, kind: Whole, left: i128, right: i128) -> Result<Number, Failure> {
    let by_zero = || Failure::Path("Division by zero".to_owned());
    let result = match operator {
        Operator::Add => left + right,
        Operator::Subtract => left - right,
        Operator::Multiply => left * right,
        Operator::Divide => left.checked_div(right).ok_or_else(by_zero)?,
        Operator::Modulus => left.checked_rem(right).ok_or_else(by_zero)?,
    };
    kind.number(result).ok_or_else(|| overflow("integer"))
}

fn decimal_binary(operator: Operator, left: Decimal, right: Decimal) -> Result<Number, Failure> {
    let scale = left.scale.max(right.scale);
    let whole_digits = (left.precision - left.scale).max(right.precision - right.scale);
    let result = match operator {
        Operator::Add | Operator::Subtract => {
            let too_long = || overflow("decimal addition");
            let (a, b) =
                (rescaled(left, scale).ok_or_else(too_long)?, rescaled(right, scale).ok_or_else(too_long)?);
            let sum = if operator == Operator::Add { a.checked_add(b) } else { a.checked_sub(b) };
            (sum.ok_or_else(too_long)?, whole_digits + scale + 1, scale)
        }
        Operator::Multiply => {
            let scale = left.scale + right.scale;
            if scale > DECIMAL_PRECISION_MAX {
                return Err(beyond("products"));
            }
            let product = left.unscaled.checked_mul(right.unscaled);
            (
                product.ok_or_else(|| overflow("decimal multiplication"))?,
                left.precision + right.precision,
                scale,
            )
        }
        Operator::Divide => {
            if right.unscaled == 0 {
                return Err(Failure::Path("Division by zero".to_owned()));
            }
            let precision = left.precision + right.scale + right.scale.saturating_sub(left.scale);
            (quotient(left, right, scale).ok_or_else(|| beyond("quotients"))?, precision, scale)
        }
        Operator::Modulus => {
            if right.unscaled == 0 {
                return Err(Failure::Path("Division by zero".to_owned()));
            }
            let (a, b) = (rescaled(left, scale), rescaled(right, scale));
            let (Some(a), Some(b)) = (a, b) else { return Err(beyond("remainders")) };
            let whole_digits = (left.precision - left.scale).min(right.precision - right.scale);
            (a % b, whole_digits + scale, scale)
        }
    };
    let (unscaled, precision, scale) = result;
    if unscaled.unsigned_abs() >= 10_u128.pow(u32::from(DECIMAL_PRECISION_MAX)) {
        return Err(overflow("decimal"));
    }
    Ok(Number::Decimal { unscaled, precision: precision.clamp(1, DECIMAL_PRECISION_MAX), scale })
}

fn rescaled(decimal: Decimal, scale: u8) -> Option<i128> {
    decimal.unscaled.checked_mul(10_i128.checked_pow(u32::from(scale.checked_sub(decimal.scale)?))?)
}

/// Rounded half up, away from zero.
fn quotient(left: Decimal, right: Decimal, scale: u8) -> Option<i128> {
    let shift = u32::from((scale + right.scale).checked_sub(left.scale)?);
    let dividend = left.unscaled.checked_mul(10_i128.checked_pow(shift)?)?;
    let (quotient, rest) = (dividend.checked_div(right.unscaled)?, dividend.checked_rem(right.unscaled)?);
    let up = rest.unsigned_abs() >= right.unscaled.unsigned_abs() - rest.unsigned_abs();
    let away = if (dividend < 0) == (right.unscaled < 0) { 1 } else { -1 };
    quotient.checked_add(if up { away } else { 0 })
}

pub(super) fn negate(number: &Number) -> Result<Number, Failure> {
    if let Some((kind, value)) = whole(number) {
        return kind.number(-i128::from(value)).ok_or_else(|| overflow("negation"));
    }
    Ok(match number {
        Number::Real(value) => Number::Real(-value),
        Number::Double(value) => Number::Double(-value),
        Number::Decimal { unscaled, precision, scale } => {
            Number::Decimal { unscaled: -unscaled, precision: *precision, scale: *scale }
        }
        other => other.clone(),
    })
}

pub(super) fn abs(number: &Number) -> Result<Number, Failure> {
    let negative = match number {
        Number::Real(value) => return Ok(Number::Real(value.abs())),
        Number::Double(value) => return Ok(Number::Double(value.abs())),
        Number::Decimal { unscaled, .. } => *unscaled < 0,
        other => whole(other).is_some_and(|(_, value)| value < 0),
    };
    if negative { negate(number) } else { Ok(number.clone()) }
}

pub(super) fn ceiling(number: &Number) -> Result<Number, Failure> {
    to_whole(number, f64::ceil, f32::ceil, |unscaled, unit| -(-unscaled).div_euclid(unit))
}

pub(super) fn floor(number: &Number) -> Result<Number, Failure> {
    to_whole(number, f64::floor, f32::floor, i128::div_euclid)
}

fn to_whole(
    number: &Number,
    double: fn(f64) -> f64,
    real: fn(f32) -> f32,
    decimal: fn(i128, i128) -> i128,
) -> Result<Number, Failure> {
    Ok(match number {
        Number::Real(value) => Number::Real(real(*value)),
        Number::Double(value) => Number::Double(double(*value)),
        Number::Decimal { unscaled, precision, scale } => Number::Decimal {
            unscaled: decimal(*unscaled, 10_i128.pow(u32::from((*scale).min(DECIMAL_PRECISION_MAX)))),
            precision: (precision - scale + (*scale).min(1)).max(1),
            scale: 0,
        },
        other => other.clone(),
    })
}

pub(super) fn double(number: &Number) -> Result<Number, Failure> {
    match number {
        Number::Huge(digits) => {
            Err(Failure::Path(format!("cannot convert {digits} to Trino value (value too big)")))
        }
        other => Ok(Number::Double(as_double(other))),
    }
}

pub(super) fn text_as_double(text: &str) -> Result<Number, Failure> {
    let message = || Failure::Path(format!("Cannot cast '{text}' to DOUBLE"));
    parse_double(text).map(Number::Double).ok_or_else(message)
}

/// As a subscript. A double of a document is cut and any other rounded; where that matters it is refused.
pub(super) fn index(number: &Number) -> Result<i64, Failure> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    let too_big = || Failure::Path("cannot convert value to long".to_owned());
    match number {
        Number::Huge(_) => Err(too_big()),
        Number::Real(_) | Number::Double(_) => {
            let value = as_double(number);
            if !(-LIMIT..LIMIT).contains(&value) {
                return Err(too_big());
            }
            if value.fract() != 0.0 {
                let message = "fractions of type double as subscripts of a JSON path";
                return Err(Failure::Fault(Fault::not_supported(message)));
            }
            Ok(value as i64)
        }
        Number::Decimal { unscaled, scale, .. } => {
            let one = Decimal { unscaled: 1, precision: 1, scale: 0 };
            let decimal = Decimal { unscaled: *unscaled, precision: DECIMAL_PRECISION_MAX, scale: *scale };
            let unit = 10_i128.pow(u32::from(decimal.scale.min(DECIMAL_PRECISION_MAX)));
            let divisor = Decimal { unscaled: unit, ..one };
            let whole = quotient(Decimal { scale: 0, ..decimal }, divisor, 0).ok_or_else(too_big)?;
            i64::try_from(whole).map_err(|_| too_big())
        }
        other => whole(other).map(|(_, value)| value).ok_or_else(too_big),
    }
}
