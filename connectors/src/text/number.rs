//! Numbers and booleans written as text. `None` is "not such a value": the caller decides what that means.

/// Most digits a 128-bit decimal holds.
const DECIMAL_DIGITS_MAX: usize = 38;

/// As Java's `Long.parseLong`: an optional sign and digits, no spaces.
pub(super) fn integer(text: &[u8]) -> Option<i64> {
    let (negative, digits) = signed(text);
    if digits.is_empty() {
        return None;
    }
    // Summed up below zero, because the least value has no positive counterpart.
    let value = digits.iter().try_fold(0_i64, |value, digit| {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit <= 9)?;
        value.checked_mul(10)?.checked_sub(i64::from(digit))
    })?;
    if negative { Some(value) } else { value.checked_neg() }
}

/// As Java's `Double.parseDouble`, without hexadecimal: spaces around it are ignored, a trailing `d`
/// or `f` too; `NaN` and `Infinity` have only this spelling.
pub(super) fn float<T: std::str::FromStr>(text: &[u8]) -> Option<T> {
    let text = std::str::from_utf8(text.trim_ascii()).ok()?;
    if matches!(text.trim_start_matches(['+', '-']), "NaN" | "Infinity") {
        return text.parse().ok();
    }
    let number = text.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(text);
    let plain = number.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    if plain { number.parse().ok() } else { None }
}

/// `true` or `false`, in any case.
pub(super) fn boolean(text: &[u8]) -> Option<bool> {
    if text.eq_ignore_ascii_case(b"true") {
        Some(true)
    } else if text.eq_ignore_ascii_case(b"false") {
        Some(false)
    } else {
        None
    }
}

/// A number of at most `precision` digits, of which `scale` are behind the point: the value times
/// ten to the power of `scale`. More digits behind the point are rounded, half away from zero, as
/// Hive does; too many before it are `None`.
pub(super) fn decimal(text: &[u8], precision: u8, scale: i8) -> Option<i128> {
    let number = Digits::of(text.trim_ascii())?;
    let (value, _) = number.scaled(i64::from(scale))?;
    let limit = 10_i128.checked_pow(u32::from(precision))?;
    (value < limit).then_some(if number.negative { -value } else { value })
}

/// A number without fraction, however it is written: `10`, `1e1`, `10.0`.
pub(super) fn integral(text: &[u8]) -> Option<i64> {
    let number = Digits::of(text)?;
    let (value, exact) = number.scaled(0)?;
    let value = if number.negative { -value } else { value };
    if exact { i64::try_from(value).ok() } else { None }
}

/// `digits * 10^exponent`. The digits stay where they are in the text, so that a number of any length
/// costs no memory.
struct Digits<'a> {
    negative: bool,
    /// From the most significant digit, which is not zero; may contain a decimal point.
    mantissa: &'a [u8],
    /// Digits of `mantissa`; none for zero.
    length: usize,
    exponent: i64,
}

impl<'a> Digits<'a> {
    fn of(text: &'a [u8]) -> Option<Self> {
        let (negative, text) = signed(text);
        let (mantissa, mut exponent) = match text.iter().position(|byte| matches!(byte, b'e' | b'E')) {
            Some(at) => (text.get(..at)?, integer(text.get(at + 1..)?)?),
            None => (text, 0),
        };
        let (mut any, mut point, mut length, mut first) = (false, false, 0, mantissa.len());
        for (at, byte) in mantissa.iter().enumerate() {
            match byte {
                b'0'..=b'9' => {
                    any = true;
                    exponent = exponent.checked_sub(i64::from(point))?;
                    if *byte != b'0' || length > 0 {
                        first = first.min(at);
                        length += 1;
                    }
                }
                b'.' if !point => point = true,
                _ => return None,
            }
        }
        any.then_some(Self { negative, mantissa: mantissa.get(first..)?, length, exponent })
    }

    /// The value times `10^scale`, rounded half up, without sign, and whether that is exact.
    /// `None` if it has more digits than a decimal.
    fn scaled(&self, scale: i64) -> Option<(i128, bool)> {
        let shift = self.exponent.checked_add(scale)?;
        let kept = i64::try_from(self.length).ok()?.checked_add(shift)?;
        if self.length == 0 || kept < 0 {
            return Some((0, self.length == 0));
        }
        let kept = usize::try_from(kept).ok().filter(|kept| *kept <= DECIMAL_DIGITS_MAX)?;
        let mut digits = self.mantissa.iter().filter(|byte| **byte != b'.').map(|byte| byte - b'0');
        let mut value = 0_i128;
        for _ in 0..kept {
            value = value * 10 + i128::from(digits.next().unwrap_or(0));
        }
        let next = digits.next().unwrap_or(0);
        let exact = next == 0 && digits.all(|digit| digit == 0);
        Some((value + i128::from(next >= 5), exact))
    }
}

fn signed(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_java_longs() {
        for (text, expect) in [
            ("0", Some(0)),
            ("-0", Some(0)),
            ("+7", Some(7)),
            ("9223372036854775807", Some(i64::MAX)),
            ("-9223372036854775808", Some(i64::MIN)),
            ("9223372036854775808", None),
            ("99999999999999999999", None),
            ("", None),
            ("-", None),
            ("+-1", None),
            (" 1", None),
            ("1.0", None),
            ("1/", None),
            ("0x1", None),
        ] {
            assert_eq!(integer(text.as_bytes()), expect, "{text:?}");
        }
    }

    #[test]
    fn floats_are_java_doubles() {
        for (text, expect) in [
            ("1.5", Some(1.5)),
            (" -1e3 ", Some(-1000.0)),
            (".5", Some(0.5)),
            ("5.", Some(5.0)),
            ("1f", Some(1.0)),
            ("1e400", Some(f64::INFINITY)),
            ("-Infinity", Some(f64::NEG_INFINITY)),
            ("inf", None),
            ("nan", None),
            ("", None),
            ("1_0", None),
            ("f", None),
        ] {
            assert_eq!(float::<f64>(text.as_bytes()), expect, "{text:?}");
        }
        assert!(float::<f64>(b"NaN").is_some_and(f64::is_nan));
    }

    #[test]
    fn decimals_round_half_up_and_never_wrap() {
        for (text, expect) in [
            ("1.005", Some(101)),
            ("1.0049999", Some(100)),
            ("-1.005", Some(-101)),
            ("0.004", Some(0)),
            ("0.005", Some(1)),
            ("0.0005", Some(0)),
            ("999.99", Some(99999)),
            ("999.995", None),
            ("1000", None),
            ("1e2", Some(10000)),
            ("1.5E-1", Some(15)),
            ("00012", Some(1200)),
            ("0e999999999999", Some(0)),
            ("1e999999999999", None),
            ("1e-999999999999", Some(0)),
            ("1e9223372036854775807", None),
            ("", None),
            (".", None),
            ("1.2.3", None),
            ("NaN", None),
        ] {
            assert_eq!(decimal(text.as_bytes(), 5, 2), expect, "{text:?}");
        }
        let nines = "9".repeat(38);
        assert_eq!(decimal(nines.as_bytes(), 38, 0), Some(10_i128.pow(38) - 1));
        assert_eq!(decimal(format!("{nines}.5").as_bytes(), 38, 0), None);
        assert_eq!(decimal(b"1", 38, 38), None);
        assert_eq!(decimal(b"1250", 3, -2), Some(13));
    }

    #[test]
    fn integral_numbers_may_be_written_with_a_fraction() {
        for (text, expect) in [
            ("1.0", Some(1)),
            ("1e3", Some(1000)),
            ("-2.50e1", Some(-25)),
            ("1.5", None),
            ("0.4", None),
            ("0.0", Some(0)),
            ("0.001", None),
            ("1e30", None),
        ] {
            assert_eq!(integral(text.as_bytes()), expect, "{text}");
        }
    }
}
