//! Numbers and booleans as text: in Trino's casts (`1.5E1`) and as Java shows them (`15.0`).

use std::fmt::Write;

use arrow::{
    array::{Array, ArrayRef},
    datatypes::{DataType, Decimal128Type, Float32Type, Float64Type, Int64Type},
};
use datafusion::common::Result as EngineResult;

use crate::{
    Fault, Type,
    cast::{
        OnFailure,
        decimal::{digits_to_decimal, write_decimal},
        engine_cast, identifiers, missing, write_values,
    },
    columns::{booleans, text_rows},
};

/// Most digits that a double needs.
const DIGITS_MAX: usize = 17;
/// Digits of a real that Trino's cast to text shows.
const REAL_DIGITS_SHOWN: usize = 7;
/// The first number that is no bigint.
const LONG_END: f64 = 9_223_372_036_854_775_808.0;

/// The shortest digits that tell a finite number from all others of its type: `0.DIGITS × 10^point`. Zero has
/// none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Digits {
    digits: [u8; DIGITS_MAX],
    count: usize,
    point: i32,
    negative: bool,
}

impl Digits {
    /// None for NaN and infinities.
    pub(crate) fn of_double(value: f64) -> Option<Self> {
        if !value.is_finite() {
            return None;
        }
        let shortest = Self::read(ryu::Buffer::new().format_finite(value));
        if shortest.count != 1 || !value.is_subnormal() {
            return Some(shortest);
        }
        // Java prefers two digits to one if they are nearer.
        let two = format!("{value:.1e}");
        Some(if two.parse() == Ok(value) { Self::read(&two) } else { shortest })
    }

    /// None for NaN and infinities.
    pub(crate) fn of_real(value: f32) -> Option<Self> {
        if !value.is_finite() {
            return None;
        }
        let shortest = Self::read(ryu::Buffer::new().format_finite(value));
        if shortest.count != 1 || !value.is_subnormal() {
            return Some(shortest);
        }
        let two = format!("{value:.1e}");
        Some(if two.parse() == Ok(value) { Self::read(&two) } else { shortest })
    }

    /// Reads `-12.5`, `0.01`, `1.5e-7`.
    fn read(text: &str) -> Self {
        let mut read = Self { digits: [b'0'; DIGITS_MAX], count: 0, point: 0, negative: false };
        let (number, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let mut after_point = false;
        for byte in number.bytes() {
            match byte {
                b'-' => read.negative = true,
                b'.' => after_point = true,
                b'0' if read.count == 0 => read.point -= i32::from(after_point),
                digit => {
                    if let Some(place) = read.digits.get_mut(read.count) {
                        *place = digit;
                        read.count += 1;
                    }
                    read.point += i32::from(!after_point);
                }
            }
        }
        read.point += exponent.parse::<i32>().unwrap_or(0);
        read.trim();
        read
    }

    fn trim(&mut self) {
        while self.count > 0 && self.digits.get(self.count - 1) == Some(&b'0') {
            self.count -= 1;
        }
    }

    /// The first digits that a real's cast shows, the last one counted up or not.
    fn cut(mut self, up: bool) -> Self {
        self.count = REAL_DIGITS_SHOWN;
        let mut carries = up;
        for digit in self.digits.iter_mut().take(REAL_DIGITS_SHOWN).rev() {
            if !carries {
                break;
            }
            carries = *digit == b'9';
            *digit = if carries { b'0' } else { *digit + 1 };
        }
        if carries {
            self.digits.rotate_right(1);
            self.digits[0] = b'1';
            self.point += 1;
        }
        self.trim();
        self
    }

    fn digits(&self) -> &[u8] {
        self.digits.get(..self.count).unwrap_or_default()
    }

    fn push(&self, written: &mut String, from: usize, to: usize) {
        let digits = self.digits().get(from..to.min(self.count)).unwrap_or_default();
        written.push_str(std::str::from_utf8(digits).unwrap_or_default());
    }

    /// The unscaled value, rounded half up; None if it has too many digits.
    pub(crate) fn to_decimal(self, precision: u8, scale: u8) -> Option<i128> {
        let exponent = i64::from(self.point) - i64::try_from(self.count).ok()?;
        let value = digits_to_decimal(self.digits(), &[], exponent, precision, scale)?;
        Some(if self.negative { -value } else { value })
    }

    /// `1.5E1`; zero is `0E0`.
    fn write_scientific(&self, zero: &str, written: &mut String) {
        if self.negative {
            written.push('-');
        }
        if self.count == 0 {
            written.push_str(zero);
            return;
        }
        self.push(written, 0, 1);
        written.push('.');
        match self.count {
            1 => written.push('0'),
            count => self.push(written, 1, count),
        }
        let result = write!(written, "E{}", self.point - 1);
        debug_assert!(result.is_ok(), "writing to a string");
    }

    /// `Double.toString`: without an exponent from 10^-3 up to 10^7.
    fn write_java(&self, written: &mut String) {
        if self.count == 0 || !(-2..=7).contains(&self.point) {
            return self.write_scientific("0.0", written);
        }
        if self.negative {
            written.push('-');
        }
        match usize::try_from(self.point) {
            Ok(point) if point > 0 => {
                self.push(written, 0, point);
                (self.count..point).for_each(|_| written.push('0'));
                written.push('.');
                match self.count > point {
                    true => self.push(written, point, self.count),
                    false => written.push('0'),
                }
            }
            _ => {
                written.push_str("0.");
                (self.point..0).for_each(|_| written.push('0'));
                self.push(written, 0, self.count);
            }
        }
    }

    /// Rounds a real to the digits that Trino's cast shows: half even on the number, as a double, that the
    /// shortest digits stand for; whole numbers half up.
    fn rounded_for_cast(self) -> Self {
        let Some(next) = self.digits().get(REAL_DIGITS_SHOWN).copied() else { return self };
        if next != b'5' || self.count > REAL_DIGITS_SHOWN + 1 {
            return self.cut(next >= b'5');
        }
        // Halfway between two: the number itself decides.
        let mut shortest = String::new();
        self.write_scientific("", &mut shortest);
        let value: f64 = shortest.to_lowercase().parse().unwrap_or(0.0);
        // Java does not tell whether the digits of a number that it writes as 64 bits are all there are.
        let whole = usize::try_from(self.point).is_ok_and(|point| point > REAL_DIGITS_SHOWN);
        if whole && value.abs() < LONG_END {
            return self.cut(true);
        }
        Self::read(&format!("{value:.0$e}", REAL_DIGITS_SHOWN - 1))
    }
}

fn write_not_finite(value: f64, written: &mut String) {
    written.push_str(match value {
        _ if value.is_nan() => "NaN",
        _ if value > 0.0 => "Infinity",
        _ => "-Infinity",
    });
}

/// `CAST(value AS varchar)`: `1.5E1`, `0E0`, `NaN`.
pub(crate) fn write_double(value: f64, written: &mut String) {
    match Digits::of_double(value) {
        Some(digits) => digits.write_scientific("0E0", written),
        None => write_not_finite(value, written),
    }
}

/// `CAST(value AS varchar)`, with at most seven digits.
pub(crate) fn write_real(value: f32, written: &mut String) {
    match Digits::of_real(value) {
        Some(digits) => digits.rounded_for_cast().write_scientific("0E0", written),
        None => write_not_finite(f64::from(value), written),
    }
}

/// `Double.toString`: `15.0`, `1.0E10`, `NaN`.
pub(crate) fn write_java_double(value: f64, written: &mut String) {
    match Digits::of_double(value) {
        Some(digits) => digits.write_java(written),
        None => write_not_finite(value, written),
    }
}

/// `Float.toString`.
pub(crate) fn write_java_real(value: f32, written: &mut String) {
    match Digits::of_real(value) {
        Some(digits) => digits.write_java(written),
        None => write_not_finite(f64::from(value), written),
    }
}

/// As [`write_java_double`].
pub(crate) fn java_double(value: f64) -> String {
    let mut written = String::new();
    write_java_double(value, &mut written);
    written
}

/// As [`write_java_real`].
pub(crate) fn java_real(value: f32) -> String {
    let mut written = String::new();
    write_java_real(value, &mut written);
    written
}

/// Casts what is neither text nor temporal to text of at most so many characters.
pub(super) fn to_varchar(
    array: &ArrayRef,
    from: &Type,
    length: Option<u32>,
    on: OnFailure,
) -> EngineResult<ArrayRef> {
    match from {
        Type::Boolean => from_booleans(array, length, on),
        Type::TinyInt | Type::SmallInt | Type::Integer | Type::BigInt => {
            let wide = engine_cast(array, &DataType::Int64)?;
            write_values::<Int64Type>(&wide, length, on, write_integer, |_, written, length| {
                too_long(written, length)
            })
        }
        Type::Double => {
            write_values::<Float64Type>(array, length, on, write_double, |value, written, length| {
                too_long(&format!("{} ({written})", java_double(value)), length)
            })
        }
        Type::Real => write_values::<Float32Type>(array, length, on, write_real, |value, written, length| {
            too_long(&format!("{} ({written})", java_real(value)), length)
        }),
        Type::Decimal(_, scale) => {
            let write = |value, written: &mut String| write_decimal(value, *scale, written);
            write_values::<Decimal128Type>(array, length, on, write, |_, written, length| {
                too_long(written, length)
            })
        }
        Type::IpAddress | Type::Uuid => identifiers::to_varchar(array, from, length),
        _ => Err(missing(from, &Type::Varchar(length))),
    }
}

fn write_integer(value: i64, written: &mut String) {
    let result = write!(written, "{value}");
    debug_assert!(result.is_ok(), "writing to a string");
}

fn too_long(value: &str, length: u32) -> Fault {
    Fault::invalid_cast(format!("Value {value} cannot be represented as varchar({length})"))
}

fn from_booleans(array: &ArrayRef, length: Option<u32>, on: OnFailure) -> EngineResult<ArrayRef> {
    let given = booleans(array)?;
    text_rows(given.len(), |row, written| {
        if given.is_null(row) {
            return Ok(None);
        }
        written.push_str(if given.value(row) { "true" } else { "false" });
        match length.filter(|length| written.len() > *length as usize) {
            None => Ok(Some(())),
            Some(_) if on == OnFailure::Null => Ok(None),
            Some(length) => Err(too_long(written, length)),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_in_casts() {
        for (value, expected) in [
            (0.0, "0E0"),
            (-0.0, "-0E0"),
            (1.0, "1.0E0"),
            (123.456, "1.23456E2"),
            (-1.5, "-1.5E0"),
            (0.1, "1.0E-1"),
            (1e23, "1.0E23"),
            (12_345_678_901_234_567.0, "1.2345678901234568E16"),
            (f64::MAX, "1.7976931348623157E308"),
            (f64::MIN_POSITIVE, "2.2250738585072014E-308"),
            (5e-324, "4.9E-324"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "Infinity"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            let mut written = String::new();
            write_double(value, &mut written);
            assert_eq!(written, expected);
        }
    }

    #[test]
    fn reals_in_casts() {
        for (value, expected) in [
            (0.0, "0E0"),
            (1.5, "1.5E0"),
            (0.1, "1.0E-1"),
            (16_777_216.0, "1.677722E7"),
            (123_456.79, "1.234568E5"),
            (12_345.675, "1.234567E4"),
            (10_000_005.0, "1.000001E7"),
            (16_777_205.0, "1.677721E7"),
            (f32::MAX, "3.402823E38"),
            (f32::MIN_POSITIVE, "1.175494E-38"),
            (1e-45, "1.4E-45"),
            (f32::NAN, "NaN"),
        ] {
            let mut written = String::new();
            write_real(value, &mut written);
            assert_eq!(written, expected);
        }
    }

    #[test]
    fn doubles_in_java() {
        for (value, expected) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (100.0, "100.0"),
            (123.456, "123.456"),
            (0.001, "0.001"),
            (0.00123, "0.00123"),
            (0.000_999, "9.99E-4"),
            (9_999_999.0, "9999999.0"),
            (10_000_000.0, "1.0E7"),
            (12_345_678.9, "1.23456789E7"),
            (1e10, "1.0E10"),
            (-1e-5, "-1.0E-5"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(java_double(value), expected);
        }
        assert_eq!(java_real(3.4028235e38), "3.4028235E38");
        assert_eq!(java_real(0.1), "0.1");
        assert_eq!(java_real(16_777_216.0), "1.6777216E7");
    }
}
