//! Floating point as Java writes it.

use std::fmt::Write;

/// Appends `Double.toString`: `1.0`, `0.001`, `1.0E7`, `1.0E-4`, `NaN`, `-Infinity`.
pub(crate) fn java_double(value: f64, out: &mut String) {
    write_java(value, value.is_finite().then(|| Digits::of(value)), out);
}

/// Appends `Float.toString`.
pub(crate) fn java_real(value: f32, out: &mut String) {
    write_java(
        f64::from(value),
        value.is_finite().then(|| Digits::parse(&format!("{:e}", value.abs()))),
        out,
    );
}

fn write_java(value: f64, digits: Option<Digits>, out: &mut String) {
    let Some(digits) = digits else {
        out.push_str(if value.is_nan() {
            "NaN"
        } else if value > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        });
        return;
    };
    if value.is_sign_negative() {
        out.push('-');
    }
    // Plain from 10^-3 to below 10^7.
    match digits.exponent {
        _ if digits.is_zero() => out.push_str("0.0"),
        exponent @ -3..7 => {
            out.push_str(&digits.whole());
            out.push('.');
            let places = usize::try_from(1.max(digits.digits.len() as i32 - 1 - exponent)).unwrap_or(1);
            out.push_str(&digits.fraction(places));
        }
        exponent => {
            let (first, rest) = digits.digits.split_at(1);
            let rest = if rest.is_empty() { "0" } else { rest };
            // Writing to a String does not fail.
            let _ = write!(out, "{first}.{rest}E{exponent}");
        }
    }
}

/// Appends `%.17g` without zeros at the end: whole numbers without a point, small and huge ones with an
/// exponent and all their digits.
pub(crate) fn general_17(value: f64, out: &mut String) {
    const DIGITS: usize = 17;
    if !value.is_finite() {
        return write_java(value, None, out);
    }
    let digits = Digits::of(value);
    if value.is_sign_negative() {
        out.push('-');
    }
    match digits.exponent {
        _ if digits.is_zero() => out.push('0'),
        exponent @ -4..17 => {
            out.push_str(&digits.whole());
            let places = i32::try_from(digits.digits.len()).unwrap_or(0) - 1 - exponent;
            if let Ok(places @ 1..) = usize::try_from(places) {
                out.push('.');
                out.push_str(&digits.fraction(places));
            }
        }
        exponent => {
            let sign = if exponent < 0 { '-' } else { '+' };
            let mantissa = Digits { exponent: 0, ..digits };
            let fraction = mantissa.fraction(DIGITS - 1);
            // Writing to a String does not fail.
            let _ = write!(out, "{}.{fraction}e{sign}{:02}", mantissa.whole(), exponent.abs());
        }
    }
}

/// A positive number by its decimal digits: `d.ddd × 10^exponent`, without zeros at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Digits {
    pub(super) digits: String,
    pub(super) exponent: i32,
}

impl Digits {
    /// The fewest digits that no other double is nearer to.
    pub(super) fn of(value: f64) -> Self {
        Self::parse(&format!("{:e}", value.abs()))
    }

    /// Of an unscaled number and its scale.
    pub(super) fn of_decimal(unscaled: u128, scale: u8) -> Self {
        let digits = unscaled.to_string();
        let exponent = digits.len() as i32 - 1 - i32::from(scale);
        Self { digits: trimmed(digits), exponent: if unscaled == 0 { 0 } else { exponent } }
    }

    /// Reads `d.ddde-dd`.
    fn parse(scientific: &str) -> Self {
        let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
        Self { digits: trimmed(mantissa.replace('.', "")), exponent: exponent.parse().unwrap_or(0) }
    }

    pub(super) fn is_zero(&self) -> bool {
        self.digits.bytes().all(|digit| digit == b'0')
    }

    /// Rounded half up to so many digits after the first; may be fewer than none.
    pub(super) fn rounded(&self, after_first: i32) -> Self {
        let keep = match usize::try_from(after_first + 1) {
            Ok(keep) if keep >= self.digits.len() => return self.clone(),
            Ok(keep) => keep,
            Err(_) => return Self { digits: "0".into(), exponent: 0 },
        };
        let up = self.digits.as_bytes().get(keep).is_some_and(|digit| *digit >= b'5');
        let mut digits = self.digits.as_bytes().get(..keep).unwrap_or_default().to_vec();
        let mut carry = up;
        for digit in digits.iter_mut().rev() {
            if !carry {
                break;
            }
            carry = *digit == b'9';
            *digit = if carry { b'0' } else { *digit + 1 };
        }
        let mut exponent = self.exponent;
        if carry {
            digits.insert(0, b'1');
            exponent += 1;
        }
        if digits.is_empty() {
            return Self { digits: "0".into(), exponent: 0 };
        }
        Self { digits: trimmed(String::from_utf8(digits).unwrap_or_default()), exponent }
    }

    /// The digits before the point.
    pub(super) fn whole(&self) -> String {
        match usize::try_from(self.exponent) {
            Err(_) => "0".into(),
            Ok(exponent) => {
                let mut whole: String = self.digits.chars().take(exponent + 1).collect();
                whole.extend(std::iter::repeat_n('0', exponent + 1 - whole.len()));
                whole
            }
        }
    }

    /// So many digits after the point.
    pub(super) fn fraction(&self, places: usize) -> String {
        let zeros = usize::try_from(-1 - self.exponent).unwrap_or(0).min(places);
        let before = usize::try_from(self.exponent + 1).unwrap_or(0);
        let mut fraction = "0".repeat(zeros);
        fraction.extend(self.digits.chars().skip(before).take(places - zeros));
        fraction.extend(std::iter::repeat_n('0', places - fraction.len()));
        fraction
    }
}

fn trimmed(digits: String) -> String {
    let kept = digits.trim_end_matches('0');
    if kept.is_empty() { "0".into() } else { kept.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles() {
        for (value, expected) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (-1.5, "-1.5"),
            (100.0, "100.0"),
            (9_999_999.0, "9999999.0"),
            (1e7, "1.0E7"),
            (12_345_678.9, "1.23456789E7"),
            (0.001, "0.001"),
            (0.000_999, "9.99E-4"),
            (0.012_3, "0.0123"),
            (1e300, "1.0E300"),
            (f64::MAX, "1.7976931348623157E308"),
            (5e-324, "5.0E-324"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            let mut out = String::new();
            java_double(value, &mut out);
            assert_eq!(out, expected);
        }
        let mut out = String::new();
        java_real(1.1, &mut out);
        assert_eq!(out, "1.1");
    }

    #[test]
    fn coordinates() {
        for (value, expected) in [
            (0.0, "0"),
            (1.0, "1"),
            (-1.5, "-1.5"),
            (100.0, "100"),
            (123_456_789.125, "123456789.125"),
            (0.1, "0.1"),
            (0.000_1, "0.0001"),
            (0.000_012, "1.2000000000000000e-05"),
            (1e17, "1.0000000000000000e+17"),
            (30.116_612_583_125_17, "30.11661258312517"),
        ] {
            let mut out = String::new();
            general_17(value, &mut out);
            assert_eq!(out, expected);
        }
    }

    #[test]
    fn rounding_carries() {
        for (value, after_first, expected) in [
            (9.995, 2, "1e1"),
            (1.25, 1, "13e0"),
            (1.24, 1, "12e0"),
            (0.4, -1, "0e0"),
            (0.6, -1, "1e0"),
            (0.6, -2, "0e0"),
            (1234.5, 9, "12345e3"),
        ] {
            let Digits { digits, exponent } = Digits::of(value).rounded(after_first);
            assert_eq!(format!("{digits}e{exponent}"), expected, "{value}");
        }
    }
}
