//! Decimals: Trino's result types, and results that fail rather than lose digits.

use arrow::{
    array::Decimal128Array,
    datatypes::{Decimal128Type, i256},
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::{
    arithmetic::Operation,
    lanes::{zip_flagged, zip_or_fault},
};
use crate::{Fault, Type, types::DECIMAL_PRECISION_MAX};

/// 1, 10, 100, … 10^38.
pub(crate) const POWERS_OF_TEN: [i128; DECIMAL_PRECISION_MAX as usize + 1] = {
    let mut powers = [1_i128; DECIMAL_PRECISION_MAX as usize + 1];
    let mut at = 1;
    while at < powers.len() {
        powers[at] = powers[at - 1] * 10;
        at += 1;
    }
    powers
};

/// The first number with more than 38 digits.
const LIMIT: i128 = POWERS_OF_TEN[DECIMAL_PRECISION_MAX as usize];

/// 10^`exponent`, or None above 10^38.
pub(crate) fn power_of_ten(exponent: u32) -> Option<i128> {
    POWERS_OF_TEN.get(exponent as usize).copied()
}

pub(crate) fn overflow() -> Fault {
    Fault::out_of_range("Decimal overflow")
}

/// Of a sum or difference. Numbers that are not decimals keep their type, here and below.
pub(super) fn sum_type(types: &[Type]) -> Result<Type, Fault> {
    result_type(types, |(p1, s1), (p2, s2)| (38.min((p1 - s1).max(p2 - s2) + s1.max(s2) + 1), s1.max(s2)))
}

pub(super) fn product_type(types: &[Type]) -> Result<Type, Fault> {
    result_type(types, |(p1, s1), (p2, s2)| (38.min(p1 + p2), s1 + s2))
}

pub(super) fn quotient_type(types: &[Type]) -> Result<Type, Fault> {
    result_type(types, |(p1, s1), (p2, s2)| {
        let _ = p2;
        (38.min(p1 + s2 + (s2 - s1).max(0)), s1.max(s2))
    })
}

pub(crate) fn remainder_type(types: &[Type]) -> Result<Type, Fault> {
    result_type(types, |(p1, s1), (p2, s2)| ((p2 - s2).min(p1 - s1) + s1.max(s2), s1.max(s2)))
}

fn result_type(types: &[Type], digits: impl Fn((i32, i32), (i32, i32)) -> (i32, i32)) -> Result<Type, Fault> {
    let (Some(Type::Decimal(p1, s1)), Some(Type::Decimal(p2, s2))) = (types.first(), types.get(1)) else {
        return types.first().cloned().ok_or_else(|| Fault::internal("arithmetic without arguments"));
    };
    let (precision, scale) = digits((i32::from(*p1), i32::from(*s1)), (i32::from(*p2), i32::from(*s2)));
    match (u8::try_from(precision), u8::try_from(scale)) {
        (Ok(precision @ 1..=DECIMAL_PRECISION_MAX), Ok(scale)) if scale <= precision => {
            Ok(Type::Decimal(precision, scale))
        }
        _ => Err(Fault::type_mismatch(format!(
            "DECIMAL scale must be in range [0, precision ({precision})]: {scale}"
        ))),
    }
}

/// `scales` are those of the two arguments and of the result. The result has the default precision and scale.
pub(super) fn calculate(
    operation: Operation,
    arguments: &[ColumnarValue],
    scales: [u8; 3],
) -> EngineResult<Decimal128Array> {
    let [left_scale, right_scale, scale] = scales.map(u32::from);
    // For sums and remainders: both sides get the larger scale.
    let raise_left = power_of_ten(scale.saturating_sub(left_scale)).ok_or_else(overflow)?;
    let raise_right = power_of_ten(scale.saturating_sub(right_scale)).ok_or_else(overflow)?;
    type D = Decimal128Type;
    match operation {
        Operation::Add => {
            zip_flagged::<D, D, D>(arguments, |l, r| sum(l, raise_left, r, raise_right), |_, _| overflow())
        }
        Operation::Subtract => zip_flagged::<D, D, D>(
            arguments,
            |l, r| sum(l, raise_left, r.wrapping_neg(), raise_right),
            |_, _| overflow(),
        ),
        Operation::Multiply => {
            zip_flagged::<D, D, D>(arguments, |l, r| in_range(l.overflowing_mul(r)), |_, _| overflow())
        }
        Operation::Divide => {
            let raise = scale + right_scale - left_scale;
            zip_or_fault::<D, D, D>(arguments, |l, r| quotient(l, raise, r), undefined)
        }
        Operation::Remainder => {
            let remainder = |l, r| remainder(l, raise_left, r, raise_right);
            zip_or_fault::<D, D, D>(arguments, remainder, undefined)
        }
    }
}

fn undefined(_: i128, divisor: i128) -> Fault {
    if divisor == 0 { Fault::division_by_zero() } else { overflow() }
}

fn in_range((value, overflowed): (i128, bool)) -> (i128, bool) {
    (value, overflowed || value >= LIMIT || value <= -LIMIT)
}

fn raised(value: i128, raise: i128) -> (i128, bool) {
    // A product that is checked costs more than all the rest.
    match raise {
        1 => (value, false),
        _ => (value.wrapping_mul(raise), value.unsigned_abs() >= LIMIT.unsigned_abs() / raise.unsigned_abs()),
    }
}

fn sum(left: i128, raise_left: i128, right: i128, raise_right: i128) -> (i128, bool) {
    let (left, left_overflow) = raised(left, raise_left);
    let (right, right_overflow) = raised(right, raise_right);
    let (sum, overflow) = in_range(left.overflowing_add(right));
    (sum, overflow || left_overflow || right_overflow)
}

/// `left * 10^raise / right`, rounded half away from zero.
fn quotient(left: i128, raise: u32, right: i128) -> Option<i128> {
    if right == 0 {
        return None;
    }
    let Some(dividend) = power_of_ten(raise).and_then(|power| left.checked_mul(power)) else {
        return wide_quotient(left, raise, right);
    };
    let quotient = dividend.checked_div(right)?;
    let rest = dividend - quotient * right;
    let away = match rest.unsigned_abs().saturating_mul(2) >= right.unsigned_abs() {
        true if (dividend < 0) == (right < 0) => 1,
        true => -1,
        false => 0,
    };
    Some(quotient + away).filter(|value| value.abs() < LIMIT)
}

fn wide_quotient(left: i128, raise: u32, right: i128) -> Option<i128> {
    if left == 0 {
        return Some(0);
    }
    // A dividend beyond 256 bits has a quotient beyond 38 digits.
    let dividend = i256::from_i128(10).checked_pow(raise)?.checked_mul(i256::from_i128(left))?;
    let divisor = i256::from_i128(right);
    let quotient = dividend.checked_div(divisor)?.to_i128()?;
    let rest = dividend.checked_rem(divisor)?.to_i128()?;
    let away = match rest.unsigned_abs().saturating_mul(2) >= right.unsigned_abs() {
        true if (left < 0) == (right < 0) => 1,
        true => -1,
        false => 0,
    };
    quotient.checked_add(away).filter(|value| value.unsigned_abs() < LIMIT.unsigned_abs())
}

fn remainder(left: i128, raise_left: i128, right: i128, raise_right: i128) -> Option<i128> {
    if right == 0 {
        return None;
    }
    if let (Some(left), Some(right)) = (left.checked_mul(raise_left), right.checked_mul(raise_right)) {
        return Some(left.checked_rem(right).unwrap_or(0));
    }
    let wide = |value, raise| i256::from_i128(value).checked_mul(i256::from_i128(raise));
    wide(left, raise_left)?.checked_rem(wide(right, raise_right)?)?.to_i128()
}
