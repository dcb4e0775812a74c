//! One value in one place of `format`, as `java.util.Formatter` writes it in English.

use std::fmt::{self, Write};

use super::{java_double, java_real, number::Digits, template::Place, value::Value};
use crate::Fault;

/// Why Java does not take a format: the name of its exception and its message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reason {
    name: &'static str,
    message: String,
}

impl Reason {
    pub(super) fn new(name: &'static str, message: String) -> Self {
        Self { name, message }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.message)
    }
}

/// Why there is no text.
#[derive(Debug)]
pub(super) enum Failure {
    Reason(Reason),
    Fault(Fault),
}

impl From<Reason> for Failure {
    fn from(reason: Reason) -> Self {
        Failure::Reason(reason)
    }
}

pub(super) fn write_value(place: &Place, value: &Value<'_>, out: &mut String) -> Result<(), Failure> {
    if place.is_time {
        return write_time(place, value, out);
    }
    match (place.conversion, value) {
        ('b', Value::Null) => write_text(place, "false", out),
        ('b', Value::Boolean(value)) => write_text(place, &value.to_string(), out),
        ('b', _) => write_text(place, "true", out),
        ('s', _) => {
            if place.flags.alternate {
                return Err(mismatch('#', place).into());
            }
            write_text(place, &java_text(value)?, out)
        }
        ('h', Value::Null) => write_text(place, "null", out),
        ('h', _) => write_text(place, &format!("{:x}", hash(value)?), out),
        ('c', Value::Null) => write_text(place, "null", out),
        ('d' | 'o' | 'x', _) => {
            check_integer(place)?;
            match value {
                Value::Null => write_cut(place, "null", out),
                Value::Long(value) => write_integer(place, *value, out),
                _ => Err(no_conversion(place, value).into()),
            }
        }
        ('e' | 'f' | 'g', _) => {
            check_float(place)?;
            match value {
                Value::Null => write_cut(place, "null", out),
                Value::Real(value) => write_double(place, f64::from(*value), out),
                Value::Double(value) => write_double(place, *value, out),
                Value::Decimal(value, scale) => {
                    let digits = Digits::of_decimal(value.unsigned_abs(), *scale);
                    write_digits(place, *value < 0, digits, out)
                }
                _ => Err(no_conversion(place, value).into()),
            }
        }
        ('a', _) => Err(Failure::Fault(Fault::not_supported("format with %a"))),
        _ => Err(no_conversion(place, value).into()),
    }
}

fn no_conversion(place: &Place, value: &Value<'_>) -> Reason {
    Reason::new("IllegalFormatConversion", format!("{} != {}", place.conversion, value.class()))
}

fn mismatch(flag: char, place: &Place) -> Reason {
    let conversion = place.conversion;
    Reason::new("FormatFlagsConversionMismatch", format!("Conversion = {conversion}, Flags = {flag}"))
}

/// The flags of the place that are in `bad`.
fn refuse(place: &Place, bad: &str) -> Result<(), Reason> {
    let flags = place.flags;
    let given = [
        ('-', flags.left),
        ('#', flags.alternate),
        ('+', flags.plus),
        (' ', flags.space),
        ('0', flags.zero),
        (',', flags.group),
        ('(', flags.parentheses),
    ];
    match given.into_iter().find(|(flag, is_given)| *is_given && bad.contains(*flag)) {
        Some((flag, _)) => Err(mismatch(flag, place)),
        None => Ok(()),
    }
}

fn needs_width(place: &Place) -> Result<(), Reason> {
    let flags = place.flags;
    match (flags.left || flags.zero) && place.width.is_none() {
        true => Err(Reason::new("MissingFormatWidth", place.text.clone())),
        false => Ok(()),
    }
}

fn check_numeric(place: &Place) -> Result<(), Reason> {
    needs_width(place)?;
    let flags = place.flags;
    if (flags.plus && flags.space) || (flags.left && flags.zero) {
        let both = if flags.plus && flags.space { "+ " } else { "-0" };
        return Err(Reason::new("IllegalFormatFlags", format!("Flags = '{both}'")));
    }
    Ok(())
}

fn check_integer(place: &Place) -> Result<(), Reason> {
    check_numeric(place)?;
    if let Some(precision) = place.precision {
        return Err(Reason::new("IllegalFormatPrecision", precision.to_string()));
    }
    refuse(place, if place.conversion == 'd' { "#" } else { "," })
}

fn check_float(place: &Place) -> Result<(), Reason> {
    check_numeric(place)?;
    match place.conversion {
        'e' => refuse(place, ","),
        'g' => refuse(place, "#"),
        _ => Ok(()),
    }
}

/// Text for `%s` and its like, whose only flag is `-`.
fn write_text(place: &Place, text: &str, out: &mut String) -> Result<(), Failure> {
    refuse(place, "#+ 0,(")?;
    needs_width(place)?;
    write_cut(place, text, out)
}

/// Cut to the precision, padded to the width.
fn write_cut(place: &Place, text: &str, out: &mut String) -> Result<(), Failure> {
    let Some(precision) = place.precision else { return write_justified(place, text, out) };
    let mut units = 0;
    let fits = |letter: &char| {
        units += letter.len_utf16();
        units <= precision
    };
    let cut: String = text.chars().take_while(fits).collect();
    write_justified(place, &cut, out)
}

pub(super) fn write_justified(place: &Place, text: &str, out: &mut String) -> Result<(), Failure> {
    let upper;
    let text = match place.is_upper {
        true => {
            upper = text.to_uppercase();
            &upper
        }
        false => text,
    };
    let length = text.chars().map(char::len_utf16).sum();
    let padding = place.width.unwrap_or(0).saturating_sub(length);
    if !place.flags.left {
        out.extend(std::iter::repeat_n(' ', padding));
    }
    out.push_str(text);
    if place.flags.left {
        out.extend(std::iter::repeat_n(' ', padding));
    }
    Ok(())
}

/// Java's `toString`.
fn java_text<'a>(value: &'a Value<'_>) -> Result<std::borrow::Cow<'a, str>, Failure> {
    let mut out = String::new();
    match value {
        Value::Null => out.push_str("null"),
        Value::Boolean(value) => out.push_str(&value.to_string()),
        Value::Long(value) => out.push_str(&value.to_string()),
        Value::Real(value) => java_real(*value, &mut out),
        Value::Double(value) => java_double(*value, &mut out),
        Value::Decimal(value, scale) => write_big_decimal(*value, *scale, &mut out),
        Value::Text(text) => return Ok(text.as_ref().into()),
        Value::Moment(moment) => out = moment.to_java().map_err(Failure::Fault)?,
    }
    Ok(out.into())
}

/// `BigDecimal.toString`: scientific for numbers below 10^-6.
fn write_big_decimal(value: i128, scale: u8, out: &mut String) {
    let digits = value.unsigned_abs().to_string();
    let scale = usize::from(scale);
    if value < 0 {
        out.push('-');
    }
    let adjusted = digits.len() as i64 - 1 - scale as i64;
    if adjusted < -6 {
        let (first, rest) = digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        let _ = write!(out, "{first}{point}{rest}E{adjusted}");
        return;
    }
    let padded = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = padded.split_at(padded.len() - scale);
    out.push_str(whole);
    if scale > 0 {
        out.push('.');
        out.push_str(fraction);
    }
}

/// Java's `hashCode`, where it follows from the value.
fn hash(value: &Value<'_>) -> Result<i32, Failure> {
    let folded = |bits: u64| (bits ^ (bits >> 32)) as i32;
    match value {
        Value::Boolean(value) => Ok(if *value { 1231 } else { 1237 }),
        Value::Long(value) => Ok(folded(value.cast_unsigned())),
        Value::Real(value) => Ok(value.to_bits().cast_signed()),
        Value::Double(value) => Ok(folded(value.to_bits())),
        Value::Text(text) => Ok(text
            .encode_utf16()
            .fold(0_i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))),
        _ => Err(Failure::Fault(Fault::not_supported(format!("format with %h of {}", value.class())))),
    }
}

fn write_integer(place: &Place, value: i64, out: &mut String) -> Result<(), Failure> {
    if place.conversion == 'd' {
        return write_number(place, value < 0, value.unsigned_abs().to_string(), "", out);
    }
    refuse(place, "(+ ")?;
    let (prefix, digits) = match place.conversion {
        'o' => ("0", format!("{value:o}")),
        _ => ("0x", format!("{value:x}")),
    };
    let prefix = if place.flags.alternate { prefix } else { "" };
    let zeros = match place.flags.zero {
        true => place.width.unwrap_or(0).saturating_sub(prefix.len() + digits.len()),
        false => 0,
    };
    write_justified(place, &format!("{prefix}{}{digits}", "0".repeat(zeros)), out)
}

fn write_double(place: &Place, value: f64, out: &mut String) -> Result<(), Failure> {
    if value.is_finite() {
        return write_digits(place, value.is_sign_negative(), Digits::of(value), out);
    }
    let flags = place.flags;
    let text = if value.is_nan() {
        "NaN"
    } else if value > 0.0 {
        match (flags.plus, flags.space) {
            (true, _) => "+Infinity",
            (_, true) => " Infinity",
            _ => "Infinity",
        }
    } else if flags.parentheses {
        "(Infinity)"
    } else {
        "-Infinity"
    };
    write_justified(place, text, out)
}

/// Digits after the point where the place does not say.
const PRECISION: usize = 6;

fn write_digits(place: &Place, negative: bool, digits: Digits, out: &mut String) -> Result<(), Failure> {
    let precision = place.precision.unwrap_or(PRECISION);
    let places = i32::try_from(precision).unwrap_or(i32::MAX / 2);
    match place.conversion {
        'e' => write_scientific(place, negative, &digits, precision, out),
        'g' => {
            let precision = precision.max(1);
            let rounded = digits.rounded(places.max(1) - 1);
            let is_plain = digits.is_zero() || (-4..places.max(1)).contains(&rounded.exponent);
            if !is_plain {
                return write_scientific(place, negative, &digits, precision - 1, out);
            }
            let exponent = if digits.is_zero() { 0 } else { rounded.exponent };
            let after = usize::try_from(places.max(1) - 1 - exponent).unwrap_or(0);
            write_plain(place, negative, &rounded, after, out)
        }
        _ => {
            let rounded = digits.rounded(digits.exponent.saturating_add(places));
            write_plain(place, negative, &rounded, precision, out)
        }
    }
}

fn write_plain(
    place: &Place,
    negative: bool,
    digits: &Digits,
    places: usize,
    out: &mut String,
) -> Result<(), Failure> {
    let fraction = match places {
        0 if place.flags.alternate => ".".to_owned(),
        0 => String::new(),
        _ => format!(".{}", digits.fraction(places)),
    };
    write_number(place, negative, digits.whole(), &fraction, out)
}

fn write_scientific(
    place: &Place,
    negative: bool,
    digits: &Digits,
    precision: usize,
    out: &mut String,
) -> Result<(), Failure> {
    if place.flags.zero {
        return Err(Failure::Fault(Fault::not_supported("format with %e and the flag 0")));
    }
    let rounded = digits.rounded(i32::try_from(precision).unwrap_or(i32::MAX / 2));
    let exponent = rounded.exponent;
    let mantissa = Digits { exponent: 0, ..rounded };
    let point = if precision > 0 || place.flags.alternate { "." } else { "" };
    let sign = if exponent < 0 { '-' } else { '+' };
    let rest = format!("{point}{}e{sign}{:02}", mantissa.fraction(precision), exponent.abs());
    write_number(place, negative, mantissa.whole(), &rest, out)
}

/// A number with its sign: `rest` is what follows the whole digits.
fn write_number(
    place: &Place,
    negative: bool,
    whole: String,
    rest: &str,
    out: &mut String,
) -> Result<(), Failure> {
    let flags = place.flags;
    let (before, after) = match negative {
        true if flags.parentheses => ("(", ")"),
        true => ("-", ""),
        false if flags.plus => ("+", ""),
        false if flags.space => (" ", ""),
        false => ("", ""),
    };
    let whole = if flags.group { grouped(&whole) } else { whole };
    let length = before.len() + whole.len() + rest.len() + after.len();
    let zeros = match flags.zero {
        true => place.width.unwrap_or(0).saturating_sub(length),
        false => 0,
    };
    write_justified(place, &format!("{before}{}{whole}{rest}{after}", "0".repeat(zeros)), out)
}

fn grouped(digits: &str) -> String {
    let mut grouped = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

fn write_time(place: &Place, value: &Value<'_>, out: &mut String) -> Result<(), Failure> {
    if let Some(precision) = place.precision {
        return Err(Reason::new("IllegalFormatPrecision", precision.to_string()).into());
    }
    refuse(place, "#+ 0,(")?;
    needs_width(place)?;
    let letter = place.conversion;
    match value {
        Value::Null => write_justified(place, "null", out),
        Value::Moment(_) if "zZsQc".contains(letter) => {
            Err(Failure::Fault(Fault::not_supported(format!("format with %t{letter}"))))
        }
        Value::Moment(moment) => match moment.conversion(letter) {
            Some(text) => write_justified(place, &text, out),
            None => Err(no_conversion(place, value).into()),
        },
        // Java reads a number as milliseconds in the zone of its machine.
        Value::Long(_) => {
            Err(Failure::Fault(Fault::not_supported(format!("format of a number with %t{letter}"))))
        }
        _ => Err(no_conversion(place, value).into()),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn text_and_integers() {
        check(
            "format",
            &[
                (&["varchar '%s%%'", "bigint 123"], "varchar '123%'"),
                (&["varchar '%s %s'", "varchar 'a'", "bigint 1"], "varchar 'a 1'"),
                (&["varchar '%03d'", "bigint 8"], "varchar '008'"),
                (&["varchar '%,d'", "bigint 1234567"], "varchar '1,234,567'"),
                (&["varchar '%,d'", "bigint -123456"], "varchar '-123,456'"),
                (&["varchar '%,.2f'", "double 1234567.89"], "varchar '1,234,567.89'"),
                (&["varchar '%-7s,%7s'", "varchar 'hello'", "varchar 'world'"], "varchar 'hello  ,  world'"),
                (
                    &["varchar '%2$s %3$s %1$s'", "varchar 'a'", "varchar 'b'", "varchar 'c'"],
                    "varchar 'b c a'",
                ),
                (&["varchar '%s %<s'", "varchar 'a'"], "varchar 'a a'"),
                (&["varchar '%+d'", "integer 5"], "varchar '+5'"),
                (&["varchar '%(d'", "bigint -5"], "varchar '(5)'"),
                (&["varchar '%06d'", "bigint -5"], "varchar '-00005'"),
                (&["varchar '%08,d'", "bigint 12345"], "varchar '0012,345'"),
                (&["varchar '%x %X %o'", "bigint 255", "bigint 255", "bigint 8"], "varchar 'ff FF 10'"),
                (&["varchar '%x'", "bigint -1"], "varchar 'ffffffffffffffff'"),
                (&["varchar '%#x'", "bigint 255"], "varchar '0xff'"),
                (&["varchar '%08x'", "bigint 255"], "varchar '000000ff'"),
                (&["varchar '%.3s|%5.1s'", "varchar 'abcdef'", "varchar 'xyz'"], "varchar 'abc|    x'"),
                (&["varchar '%S'", "varchar 'ab'"], "varchar 'AB'"),
                (
                    &["varchar '%b %b %b'", "boolean true", "boolean NULL", "bigint 0"],
                    "varchar 'true false true'",
                ),
                (&["varchar '%s'", "bigint NULL"], "varchar 'null'"),
                (&["varchar '%d'", "bigint NULL"], "varchar 'null'"),
                (&["varchar '%h'", "varchar 'hello'"], "varchar '5e918d2'"),
                (&["varchar '%s'", "char(3) 'a'"], "varchar 'a  '"),
                (&["varchar NULL", "bigint 1"], "varchar NULL"),
                (&["varchar '%5%|'", "bigint 1"], "varchar '    %|'"),
            ],
        );
    }

    #[test]
    fn fractions() {
        check(
            "format",
            &[
                (&["varchar '%.2f'", "double 1234.567"], "varchar '1234.57'"),
                (&["varchar '%f'", "double 1.5"], "varchar '1.500000'"),
                (&["varchar '%.1f'", "double 0.15"], "varchar '0.2'"),
                (&["varchar '%.2f'", "double 0.125"], "varchar '0.13'"),
                (&["varchar '%.0f'", "double 2.5"], "varchar '3'"),
                (&["varchar '%.2f'", "double -0.001"], "varchar '-0.00'"),
                (&["varchar '%8.2f|'", "double 3.14159"], "varchar '    3.14|'"),
                (&["varchar '%-8.2f|'", "double 3.14159"], "varchar '3.14    |'"),
                (&["varchar '%08.2f'", "double -3.14159"], "varchar '-0003.14'"),
                (&["varchar '%f'", "double NaN"], "varchar 'NaN'"),
                (&["varchar '%f'", "double -Infinity"], "varchar '-Infinity'"),
                (&["varchar '%e'", "double 12345.678"], "varchar '1.234568e+04'"),
                (&["varchar '%.2E'", "double '0.00012345'"], "varchar '1.23E-04'"),
                (&["varchar '%e'", "double 0"], "varchar '0.000000e+00'"),
                (&["varchar '%g'", "double 12345.678"], "varchar '12345.7'"),
                (&["varchar '%g'", "double 0.00001"], "varchar '1.00000e-05'"),
                (&["varchar '%.2f'", "decimal(10,3) 1234.565"], "varchar '1234.57'"),
                (&["varchar '%.4f'", "decimal(10,2) 1234.56"], "varchar '1234.5600'"),
                (&["varchar '%.2f'", "decimal(3,3) 0.996"], "varchar '1.00'"),
                (&["varchar '%s'", "decimal(10,2) -1234.50"], "varchar '-1234.50'"),
                (&["varchar '%s'", "decimal(10,8) '0.00000012'"], "varchar '1.2E-7'"),
                (&["varchar '%s'", "decimal(10,8) 0"], "varchar '0E-8'"),
                (&["varchar '%s'", "double 1"], "varchar '1.0'"),
                (&["varchar '%s'", "double 1e10"], "varchar '1.0E10'"),
                (&["varchar '%s'", "real 1.1"], "varchar '1.1'"),
                (&["varchar '%f'", "real 1.1"], "varchar '1.100000'"),
                (&["varchar '%.2f'", "double NULL"], "varchar 'nu'"),
            ],
        );
    }

    #[test]
    fn dates_and_times() {
        check(
            "format",
            &[
                (&["varchar '%s'", "date '2001-08-22'"], "varchar '2001-08-22'"),
                (
                    &["varchar '%1$tA, %1$tB %1$te, %1$tY'", "date '2006-07-04'"],
                    "varchar 'Tuesday, July 4, 2006'",
                ),
                (
                    &["varchar '%s'", "timestamp(3) '2001-08-22 03:04:05.321'"],
                    "varchar '2001-08-22T03:04:05.321'",
                ),
                (&["varchar '%s'", "timestamp(3) '2001-08-22 03:04:00'"], "varchar '2001-08-22T03:04'"),
                (
                    &["varchar '%1$tF %1$tT'", "timestamp(6) '2001-08-22 03:04:05.321'"],
                    "varchar '2001-08-22 03:04:05'",
                ),
                (&["varchar '%s'", "time(3) '03:04:05.300'"], "varchar '03:04:05.300'"),
                (&["varchar '%tH:%<tM %<Tp'", "time(0) '15:04:05'"], "varchar '15:04 PM'"),
                (&["varchar '%tj'", "date '2020-12-31'"], "varchar '366'"),
                (
                    &["varchar '%tH'", "date '2020-12-31'"],
                    "error IllegalFormatConversion: H != java.time.LocalDate",
                ),
            ],
        );
    }

    #[test]
    fn bad_formats() {
        check(
            "format",
            &[
                (
                    &["varchar '%d'", "varchar 'a'"],
                    "error Invalid format string: %d (IllegalFormatConversion: d != java.lang.String)",
                ),
                (&["varchar '%d'", "decimal(3,1) 1.5"], "error d != java.math.BigDecimal"),
                (&["varchar '%f'", "bigint 1"], "error f != java.lang.Long"),
                (&["varchar '%c'", "bigint 65"], "error c != java.lang.Long"),
                (
                    &["varchar '%s %s'", "varchar 'a'"],
                    "error Invalid format string: %s %s (MissingFormatArgument: Format specifier '%s')",
                ),
                (
                    &["varchar '%i'", "bigint 1"],
                    "error Invalid format string: %i (UnknownFormatConversion: Conversion = 'i')",
                ),
                (&["varchar '%'", "bigint 1"], "error UnknownFormatConversion: Conversion = '%'"),
                (&["varchar '%.2d'", "bigint 1"], "error IllegalFormatPrecision: 2"),
                (&["varchar '%-d'", "bigint 1"], "error MissingFormatWidth: %-d"),
                (&["varchar '%999999999s'", "bigint 1"], "error Invalid format string"),
            ],
        );
    }
}
