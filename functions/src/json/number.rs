//! Numbers as text and text as numbers, in Java's ways, which JSON in Trino shows.

use std::fmt::{LowerExp, Write};

/// Shortest decimal digits that identify a number: `d.ddd × 10^exponent`.
struct Digits {
    negative: bool,
    digits: String,
    exponent: i32,
}

/// Java writes at least two digits; near the smallest numbers the second need not be a zero.
fn digits(value: impl LowerExp) -> Digits {
    let shortest = split(&format!("{value:e}"));
    if shortest.digits.len() > 1 {
        return shortest;
    }
    let two = split(&format!("{value:.1e}"));
    if two.digits.ends_with('0') { shortest } else { two }
}

/// From `1.5e-7` as Rust writes it.
fn split(scientific: &str) -> Digits {
    let (negative, unsigned) = match scientific.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, scientific),
    };
    let (mantissa, exponent) = unsigned.split_once('e').unwrap_or((unsigned, "0"));
    Digits { negative, digits: mantissa.replace('.', ""), exponent: exponent.parse().unwrap_or_default() }
}

/// As `Double.toString`: `1.0`, `1.0E10`, `NaN`.
pub(super) fn write_double(value: f64, out: &mut String) {
    match value.is_finite() {
        true => write_java(&digits(value), out),
        false => out.push_str(special(value.is_nan(), value < 0.0)),
    }
}

/// As `Float.toString`.
pub(super) fn write_real(value: f32, out: &mut String) {
    match value.is_finite() {
        true => write_java(&digits(value), out),
        false => out.push_str(special(value.is_nan(), value < 0.0)),
    }
}

/// As JSON: numbers that JSON does not have are strings.
pub(super) fn write_json_double(value: f64, out: &mut String) {
    match value.is_finite() {
        true => write_double(value, out),
        false => quoted_special(value.is_nan(), value < 0.0, out),
    }
}

/// As JSON: numbers that JSON does not have are strings.
pub(super) fn write_json_real(value: f32, out: &mut String) {
    match value.is_finite() {
        true => write_real(value, out),
        false => quoted_special(value.is_nan(), value < 0.0, out),
    }
}

fn quoted_special(nan: bool, negative: bool, out: &mut String) {
    out.push('"');
    out.push_str(special(nan, negative));
    out.push('"');
}

fn special(nan: bool, negative: bool) -> &'static str {
    match (nan, negative) {
        (true, _) => "NaN",
        (false, true) => "-Infinity",
        (false, false) => "Infinity",
    }
}

fn write_java(Digits { negative, digits, exponent }: &Digits, out: &mut String) {
    if *negative {
        out.push('-');
    }
    let exponent = *exponent;
    if !(-3..7).contains(&exponent) {
        return write_scientific(digits, exponent, out);
    }
    let Ok(whole_digits) = usize::try_from(exponent + 1) else {
        out.push_str("0.");
        (exponent..-1).for_each(|_| out.push('0'));
        return out.push_str(digits);
    };
    if whole_digits == 0 {
        out.push_str("0.");
        return out.push_str(digits);
    }
    let (whole, fraction) = digits.split_at_checked(whole_digits).unwrap_or((digits, ""));
    out.push_str(whole);
    (digits.len()..whole_digits).for_each(|_| out.push('0'));
    out.push('.');
    out.push_str(if fraction.is_empty() { "0" } else { fraction });
}

fn write_scientific(digits: &str, exponent: i32, out: &mut String) {
    let (first, rest) = digits.split_at_checked(1).unwrap_or((digits, ""));
    out.push_str(first);
    out.push('.');
    out.push_str(if rest.is_empty() { "0" } else { rest });
    let _ = write!(out, "E{exponent}");
}

/// As `CAST(double AS varchar)`: always scientific, `1.0E1`; zero is `0E0`.
pub(super) fn write_sql_double(value: f64, out: &mut String) {
    if value == 0.0 {
        return out.push_str(if value.is_sign_negative() { "-0E0" } else { "0E0" });
    }
    if !value.is_finite() {
        return out.push_str(special(value.is_nan(), value < 0.0));
    }
    let Digits { negative, digits, exponent } = digits(value);
    if negative {
        out.push('-');
    }
    write_scientific(&digits, exponent, out);
}

/// A JSON number with a fraction or an exponent as Trino keeps it: the nearest double.
pub(super) fn write_json_float(text: &str, out: &mut String) {
    match is_java_form(text) {
        true => out.push_str(text),
        false => write_json_double(text.parse().unwrap_or(f64::NAN), out),
    }
}

/// True for plain decimals short enough to survive a double unchanged, written as Java would write them:
/// most numbers of real documents, which then are copied.
fn is_java_form(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let Some((whole, fraction)) = unsigned.split_once('.') else { return false };
    whole.len() <= 7
        && whole.len() + fraction.len() <= 15
        && fraction.bytes().all(|byte| byte.is_ascii_digit())
        && (fraction == "0" || !fraction.ends_with('0'))
        && (whole != "0" || fraction == "0" || !fraction.starts_with("000"))
}

/// As `BigDecimal.toString`: plain down to a millionth, then scientific.
pub(super) fn write_decimal(unscaled: i128, scale: u8, out: &mut String) {
    if unscaled < 0 {
        out.push('-');
    }
    let digits = unscaled.unsigned_abs().to_string();
    let exponent = digits.len() as i64 - 1 - i64::from(scale);
    if exponent >= -6 {
        return push_plain(&digits, scale, out);
    }
    let (first, rest) = digits.split_at_checked(1).unwrap_or((&digits, ""));
    out.push_str(first);
    if !rest.is_empty() {
        out.push('.');
        out.push_str(rest);
    }
    let _ = write!(out, "E{exponent}");
}

/// As `CAST(decimal AS varchar)`.
pub(super) fn write_plain_decimal(unscaled: i128, scale: u8, out: &mut String) {
    if unscaled < 0 {
        out.push('-');
    }
    push_plain(&unscaled.unsigned_abs().to_string(), scale, out);
}

fn push_plain(digits: &str, scale: u8, out: &mut String) {
    let scale = usize::from(scale);
    if scale == 0 {
        return out.push_str(digits);
    }
    let padded = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = padded.split_at_checked(padded.len() - scale).unwrap_or((&padded, ""));
    out.push_str(whole);
    out.push('.');
    out.push_str(fraction);
}

/// Why text is not a decimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotDecimal {
    /// Not in the form of a number.
    Form,
    /// More digits than the type has.
    TooLong,
}

/// The unscaled value of `new BigDecimal(text).setScale(scale, HALF_UP)`, of at most `precision` digits.
pub(super) fn parse_decimal(text: &str, precision: u8, scale: u8) -> Result<i128, NotDecimal> {
    let (negative, unsigned) = match text.as_bytes().first() {
        Some(b'-') => (true, text.get(1..).unwrap_or_default()),
        Some(b'+') => (false, text.get(1..).unwrap_or_default()),
        _ => (false, text),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, parse_integer(exponent).ok_or(NotDecimal::Form)?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut digits = whole.bytes().chain(fraction.bytes());
    if whole.len() + fraction.len() == 0 || !digits.all(|byte| byte.is_ascii_digit()) {
        return Err(NotDecimal::Form);
    }
    if i32::try_from(exponent).is_err() {
        return Err(NotDecimal::Form);
    }
    let shift = exponent - fraction.len() as i64 + i64::from(scale);
    let value = shifted(whole.bytes().chain(fraction.bytes()), whole.len() + fraction.len(), shift)?;
    if value >= 10_u128.pow(u32::from(precision.min(38))) {
        return Err(NotDecimal::TooLong);
    }
    let value = value.cast_signed();
    Ok(if negative { -value } else { value })
}

/// The number of these digits times `10^shift`, rounded half up.
fn shifted(digits: impl Iterator<Item = u8>, count: usize, shift: i64) -> Result<u128, NotDecimal> {
    let kept = count as i64 + shift.min(0);
    let mut value = 0_u128;
    for (index, digit) in digits.enumerate() {
        let digit = u128::from(digit - b'0');
        match (index as i64).cmp(&kept) {
            std::cmp::Ordering::Less => {
                value =
                    value.checked_mul(10).and_then(|v| v.checked_add(digit)).ok_or(NotDecimal::TooLong)?;
            }
            std::cmp::Ordering::Equal => value += u128::from(digit >= 5),
            std::cmp::Ordering::Greater => break,
        }
    }
    if value == 0 {
        return Ok(0);
    }
    for _ in 0..shift.max(0) {
        value = value.checked_mul(10).ok_or(NotDecimal::TooLong)?;
    }
    Ok(value)
}

/// As `Long.parseLong`: digits with a sign or none.
pub(super) fn parse_integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

/// As `Double.parseDouble`, without hexadecimal numbers: white space around it, `NaN`, `Infinity`, a
/// trailing `d` or `f`. The part that Rust's parser takes.
pub(super) fn java_float(text: &str) -> Option<&str> {
    let trimmed = text.trim_matches(|letter: char| letter <= ' ');
    let unsigned = trimmed.strip_prefix(['+', '-']).unwrap_or(trimmed);
    if matches!(unsigned, "NaN" | "Infinity") {
        return Some(trimmed);
    }
    let number = match unsigned.strip_suffix(['d', 'D', 'f', 'F']) {
        Some(_) => trimmed.get(..trimmed.len() - 1)?,
        None => trimmed,
    };
    let is_plain = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-');
    (number.bytes().all(is_plain) && number.parse::<f64>().is_ok()).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_are_written_as_in_java() {
        for (value, java, sql) in [
            (0.0, "0.0", "0E0"),
            (-0.0, "-0.0", "-0E0"),
            (1.0, "1.0", "1.0E0"),
            (-1.5, "-1.5", "-1.5E0"),
            (0.1, "0.1", "1.0E-1"),
            (0.001, "0.001", "1.0E-3"),
            (0.000_123, "1.23E-4", "1.23E-4"),
            (0.012_5, "0.0125", "1.25E-2"),
            (123.456, "123.456", "1.23456E2"),
            (9_999_999.0, "9999999.0", "9.999999E6"),
            (1e7, "1.0E7", "1.0E7"),
            (1.234_567_890_123_456_7e19, "1.2345678901234567E19", "1.2345678901234567E19"),
            (f64::MAX, "1.7976931348623157E308", "1.7976931348623157E308"),
            (5e-324, "4.9E-324", "4.9E-324"),
            (f64::NAN, "NaN", "NaN"),
            (f64::NEG_INFINITY, "-Infinity", "-Infinity"),
        ] {
            let (mut first, mut second) = (String::new(), String::new());
            write_double(value, &mut first);
            write_sql_double(value, &mut second);
            assert_eq!(first, java);
            assert_eq!(second, sql);
        }
    }

    #[test]
    fn floats_of_documents_keep_their_double() {
        for (text, expected) in [
            ("1.10", "1.1"),
            ("1.0", "1.0"),
            ("-0.0", "-0.0"),
            ("0.00", "0.0"),
            ("0.001", "0.001"),
            ("0.0001", "1.0E-4"),
            ("12345678.5", "1.23456785E7"),
            ("1e5", "100000.0"),
            ("1E400", "\"Infinity\""),
            ("-1e400", "\"-Infinity\""),
            ("1e-400", "0.0"),
            ("123456789012345678901234567890.12345678", "1.2345678901234568E29"),
            ("3.141592653589793", "3.141592653589793"),
            ("0.1234567890123456789", "0.12345678901234568"),
        ] {
            let mut written = String::new();
            write_json_float(text, &mut written);
            assert_eq!(written, expected, "{text}");
        }
    }

    #[test]
    fn decimals_are_written_as_big_decimals() {
        for (unscaled, scale, expected) in [
            (314, 2, "3.14"),
            (-5, 1, "-0.5"),
            (1, 6, "0.000001"),
            (1, 7, "1E-7"),
            (-123, 10, "-1.23E-8"),
            (0, 2, "0.00"),
            (0, 7, "0E-7"),
            (42, 0, "42"),
        ] {
            let mut written = String::new();
            write_decimal(unscaled, scale, &mut written);
            assert_eq!(written, expected);
        }
    }

    #[test]
    fn decimals_are_read_and_rounded() {
        for (text, precision, scale, expected) in [
            ("128", 10, 3, Ok(128_000)),
            ("1.2345", 10, 3, Ok(1_235)),
            ("-1.2345", 10, 3, Ok(-1_235)),
            ("0.0005", 10, 3, Ok(1)),
            ("0.00049", 10, 3, Ok(0)),
            ("1e3", 10, 3, Ok(1_000_000)),
            ("12e-2", 3, 2, Ok(12)),
            ("+.5", 3, 1, Ok(5)),
            ("5.", 3, 1, Ok(50)),
            ("0e999", 3, 1, Ok(0)),
            ("1e-999999", 3, 1, Ok(0)),
            ("999.95", 4, 1, Err(NotDecimal::TooLong)),
            ("1e999999", 38, 0, Err(NotDecimal::TooLong)),
            ("abc", 3, 1, Err(NotDecimal::Form)),
            (".", 3, 1, Err(NotDecimal::Form)),
            ("", 3, 1, Err(NotDecimal::Form)),
            ("1e", 3, 1, Err(NotDecimal::Form)),
            (" 1", 3, 1, Err(NotDecimal::Form)),
        ] {
            assert_eq!(parse_decimal(text, precision, scale), expected, "{text}");
        }
    }

    #[test]
    fn text_is_a_float_as_in_java() {
        for text in ["1", " 1.5 ", "1.", ".5", "1e5", "-Infinity", "NaN", "+1", "1d", "2.5F"] {
            assert!(java_float(text).is_some(), "{text}");
        }
        for text in ["", "inf", "nan", "infinity", "abc", "1e", ".", "0x1p3", "1 2", "1dd"] {
            assert!(java_float(text).is_none(), "{text}");
        }
    }
}
