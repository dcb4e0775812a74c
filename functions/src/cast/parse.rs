//! The text of a number or boolean → its value, as Java reads it.

use crate::cast::decimal::digits_to_decimal;

/// What Java's `String.trim` takes away.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches(|letter| letter <= ' ')
}

/// A sign and digits, nothing else.
pub(crate) fn integer(text: &str) -> Option<i64> {
    let (digits, negative) = match text.as_bytes() {
        [b'-', digits @ ..] => (digits, true),
        [b'+', digits @ ..] => (digits, false),
        digits => (digits, false),
    };
    if digits.is_empty() {
        return None;
    }
    // Negative numbers reach one further than positive ones.
    let mut value = 0_i64;
    for digit in digits {
        let digit = digit.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value.checked_mul(10)?.checked_sub(i64::from(digit))?;
    }
    if negative { Some(value) } else { value.checked_neg() }
}

/// The forms of `Double.parseDouble`, except hexadecimal ones.
pub(crate) fn double(text: &str) -> Option<f64> {
    match decimal_form(trim(text))? {
        Form::NaN => Some(f64::NAN),
        Form::Infinity { negative } => Some(if negative { f64::NEG_INFINITY } else { f64::INFINITY }),
        Form::Number(number) => number.parse().ok(),
    }
}

/// The forms of `Float.parseFloat`; rounds once.
pub(crate) fn real(text: &str) -> Option<f32> {
    match decimal_form(trim(text))? {
        Form::NaN => Some(f32::NAN),
        Form::Infinity { negative } => Some(if negative { f32::NEG_INFINITY } else { f32::INFINITY }),
        Form::Number(number) => number.parse().ok(),
    }
}

enum Form<'a> {
    NaN,
    Infinity {
        negative: bool,
    },
    /// Begins with a digit or a point after its sign: what remains is read by the standard library, which
    /// takes the same forms as Java from there on.
    Number(&'a str),
}

fn decimal_form(text: &str) -> Option<Form<'_>> {
    let (unsigned, negative) = match text.strip_prefix('-') {
        Some(unsigned) => (unsigned, true),
        None => (text.strip_prefix('+').unwrap_or(text), false),
    };
    match unsigned.as_bytes() {
        [b'0'..=b'9' | b'.', .., b'd' | b'D' | b'f' | b'F'] => {
            let shortened = text.get(..text.len() - 1)?;
            Some(Form::Number(shortened))
        }
        [b'0'..=b'9' | b'.', ..] => Some(Form::Number(text)),
        b"NaN" => Some(Form::NaN),
        b"Infinity" => Some(Form::Infinity { negative }),
        _ => None,
    }
}

/// `t`, `true`, `1` and their opposites, in any case.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text.as_bytes() {
        [b't' | b'T' | b'1'] => Some(true),
        [b'f' | b'F' | b'0'] => Some(false),
        word if word.eq_ignore_ascii_case(b"true") => Some(true),
        word if word.eq_ignore_ascii_case(b"false") => Some(false),
        _ => None,
    }
}

/// Why a text is not a decimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotDecimal {
    NotANumber,
    TooLarge,
}

/// Most digits of an exponent that Java looks at.
const EXPONENT_DIGITS_MAX: usize = 10;

/// The forms of Java's `BigDecimal`, rounded half up: the unscaled value.
pub(crate) fn decimal(text: &str, precision: u8, scale: u8) -> Result<i128, NotDecimal> {
    let (number, negative) = match text.as_bytes() {
        [b'-', number @ ..] => (number, true),
        [b'+', number @ ..] => (number, false),
        number => (number, false),
    };
    let whole = digits_before(number);
    let rest = number.get(whole.len()..).unwrap_or_default();
    let (fraction, rest) = match rest {
        [b'.', rest @ ..] => {
            let fraction = digits_before(rest);
            (fraction, rest.get(fraction.len()..).unwrap_or_default())
        }
        _ => (&[][..], rest),
    };
    if whole.is_empty() && fraction.is_empty() {
        return Err(NotDecimal::NotANumber);
    }
    let exponent = match rest {
        [] => 0,
        [b'e' | b'E', exponent @ ..] => read_exponent(exponent).ok_or(NotDecimal::NotANumber)?,
        _ => return Err(NotDecimal::NotANumber),
    };
    let value = digits_to_decimal(whole, fraction, exponent, precision, scale).ok_or(NotDecimal::TooLarge)?;
    Ok(if negative { -value } else { value })
}

fn read_exponent(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?;
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.len() > EXPONENT_DIGITS_MAX {
        return None;
    }
    integer(text).filter(|exponent| i32::try_from(*exponent).is_ok())
}

fn digits_before(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_are_read_as_java_does() {
        for (text, expected) in [
            ("1", Some(1.0)),
            (" \t1.5e3 \n", Some(1500.0)),
            ("1.", Some(1.0)),
            (".5", Some(0.5)),
            ("-.5E-1", Some(-0.05)),
            ("1d", Some(1.0)),
            ("1.5F", Some(1.5)),
            ("1e400", Some(f64::INFINITY)),
            ("-Infinity", Some(f64::NEG_INFINITY)),
            ("+Infinity", Some(f64::INFINITY)),
            ("inf", None),
            ("nan", None),
            ("INFINITY", None),
            ("", None),
            (" ", None),
            (".", None),
            ("d", None),
            ("1dd", None),
            ("1_000", None),
            ("1,5", None),
            ("--1", None),
            ("1e", None),
        ] {
            assert_eq!(double(text), expected, "{text:?}");
        }
        assert!(double("NaN").is_some_and(f64::is_nan));
        assert_eq!(real("16777217"), Some(16_777_216.0));
    }

    #[test]
    fn integers_are_read() {
        for (text, expected) in [
            ("0", Some(0)),
            ("-0", Some(0)),
            ("+7", Some(7)),
            ("000000000000000000000000000012", Some(12)),
            ("9223372036854775807", Some(i64::MAX)),
            ("-9223372036854775808", Some(i64::MIN)),
            ("9223372036854775808", None),
            ("-9223372036854775809", None),
            ("", None),
            ("-", None),
            (" 1", None),
            ("1.0", None),
            ("1e3", None),
            ("٣", None),
        ] {
            assert_eq!(integer(text), expected, "{text:?}");
        }
    }

    #[test]
    fn decimals_are_read() {
        for (text, expected) in [
            ("1.005", Ok(101)),
            ("-1.005", Ok(-101)),
            ("1.0049999999999999999999999999999999999999999999", Ok(100)),
            ("0.005", Ok(1)),
            ("0.0049", Ok(0)),
            (".5", Ok(50)),
            ("5.", Ok(500)),
            ("1e3", Ok(100_000)),
            ("12345e-3", Ok(1235)),
            ("0e2147483647", Ok(0)),
            ("1e-2147483647", Ok(0)),
            ("9999.994", Ok(999_999)),
            ("9999.995", Err(NotDecimal::TooLarge)),
            ("1e2147483647", Err(NotDecimal::TooLarge)),
            ("1e99999999999", Err(NotDecimal::NotANumber)),
            ("", Err(NotDecimal::NotANumber)),
            (".", Err(NotDecimal::NotANumber)),
            ("+", Err(NotDecimal::NotANumber)),
            (" 1", Err(NotDecimal::NotANumber)),
            ("1e", Err(NotDecimal::NotANumber)),
            ("1.2.3", Err(NotDecimal::NotANumber)),
            ("NaN", Err(NotDecimal::NotANumber)),
        ] {
            assert_eq!(decimal(text, 6, 2), expected, "{text:?}");
        }
    }
}
