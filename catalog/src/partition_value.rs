//! Raw partition text as typed Arrow columns.
//!
//! Text that does not read as its key's type is NULL in the column and noted as invalid: pruning must
//! go on, and only a query that selects such a partition may fail.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, ArrowPrimitiveType, BooleanArray, PrimitiveArray, StringViewArray},
    datatypes::{
        Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
        TimestampMicrosecondType,
    },
};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use protocol::{Error, ErrorCode, Result};

use crate::{HIVE_DEFAULT_PARTITION, HiveType};

/// One key's raw values as an array of the Arrow type of `hive_type`. Sets `invalid` at the rows whose
/// text is not of that type.
pub(crate) fn typed_column(hive_type: &HiveType, raw: &[&str], invalid: &mut [bool]) -> Result<ArrayRef> {
    Ok(match hive_type {
        HiveType::String | HiveType::Varchar(_) | HiveType::Char(_) => {
            Arc::new(raw.iter().map(|text| not_null(text)).collect::<StringViewArray>())
        }
        HiveType::Boolean => Arc::new(BooleanArray::from(parsed(raw, invalid, boolean))),
        HiveType::TinyInt => primitive::<Int8Type>(raw, invalid, |text| text.parse().ok()),
        HiveType::SmallInt => primitive::<Int16Type>(raw, invalid, |text| text.parse().ok()),
        HiveType::Int => primitive::<Int32Type>(raw, invalid, |text| text.parse().ok()),
        HiveType::BigInt => primitive::<Int64Type>(raw, invalid, |text| text.parse().ok()),
        HiveType::Float => primitive::<Float32Type>(raw, invalid, |text| text.parse().ok()),
        HiveType::Double => primitive::<Float64Type>(raw, invalid, |text| text.parse().ok()),
        HiveType::Date => {
            primitive::<Date32Type>(raw, invalid, |text| date(text).map(Date32Type::from_naive_date))
        }
        HiveType::Timestamp => Arc::new(timestamps(raw, invalid)),
        HiveType::TimestampLocalTz => Arc::new(timestamps(raw, invalid).with_timezone("UTC")),
        HiveType::Decimal { precision, scale } => Arc::new(decimals(raw, invalid, *precision, *scale)?),
        HiveType::Binary
        | HiveType::Array(_)
        | HiveType::Map(..)
        | HiveType::Struct(_)
        | HiveType::Union(_)
        | HiveType::Void => {
            let message = format!("a table cannot be partitioned by type {hive_type}");
            return Err(Error::new(ErrorCode::InvalidTable, message));
        }
    })
}

fn not_null<'a>(text: &&'a str) -> Option<&'a str> {
    (*text != HIVE_DEFAULT_PARTITION).then_some(*text)
}

fn parsed<T>(raw: &[&str], invalid: &mut [bool], parse: impl Fn(&str) -> Option<T>) -> Vec<Option<T>> {
    raw.iter()
        .zip(invalid)
        .map(|(text, invalid)| {
            let value = parse(not_null(text)?);
            *invalid |= value.is_none();
            value
        })
        .collect()
}

fn primitive<T: ArrowPrimitiveType>(
    raw: &[&str],
    invalid: &mut [bool],
    parse: impl Fn(&str) -> Option<T::Native>,
) -> ArrayRef {
    Arc::new(PrimitiveArray::<T>::from_iter(parsed(raw, invalid, parse)))
}

fn timestamps(raw: &[&str], invalid: &mut [bool]) -> PrimitiveArray<TimestampMicrosecondType> {
    PrimitiveArray::from_iter(parsed(raw, invalid, |text| {
        Some(timestamp(text)?.and_utc().timestamp_micros())
    }))
}

fn decimals(
    raw: &[&str],
    invalid: &mut [bool],
    precision: u8,
    scale: u8,
) -> Result<PrimitiveArray<Decimal128Type>> {
    PrimitiveArray::<Decimal128Type>::from_iter(parsed(raw, invalid, |text| decimal(text, precision, scale)))
        .with_precision_and_scale(precision, scale.cast_signed())
        .map_err(|error| {
            Error::internal(format!("partition key of type decimal({precision},{scale}): {error}"))
        })
}

fn boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        return Some(true);
    }
    text.eq_ignore_ascii_case("false").then_some(false)
}

/// `yyyy-MM-dd`; month and day also with one digit, as Java takes them.
fn date(text: &str) -> Option<NaiveDate> {
    let mut parts = text.split('-');
    let year = digits(parts.next()?, 4..=4)?;
    let month = digits(parts.next()?, 1..=2)?;
    let day = digits(parts.next()?, 1..=2)?;
    match parts.next() {
        None => NaiveDate::from_ymd_opt(year.cast_signed(), month, day),
        Some(_) => None,
    }
}

/// `yyyy-MM-dd[ HH:mm[:ss[.fffffffff]]]`, also with a `T` in the middle. Digits beyond microseconds
/// are cut.
fn timestamp(text: &str) -> Option<NaiveDateTime> {
    match text.split_once([' ', 'T']) {
        None => Some(date(text)?.and_time(NaiveTime::MIN)),
        Some((day, time)) => Some(date(day)?.and_time(time_of_day(time)?)),
    }
}

fn time_of_day(text: &str) -> Option<NaiveTime> {
    let mut parts = text.split(':');
    let hour = digits(parts.next()?, 1..=2)?;
    let minute = digits(parts.next()?, 1..=2)?;
    let (second, micros) = match parts.next() {
        None => (0, 0),
        Some(seconds) => match seconds.split_once('.') {
            None => (digits(seconds, 1..=2)?, 0),
            Some((whole, fraction)) => (digits(whole, 1..=2)?, micros(fraction)?),
        },
    };
    match parts.next() {
        None => NaiveTime::from_hms_micro_opt(hour, minute, second, micros),
        Some(_) => None,
    }
}

fn micros(fraction: &str) -> Option<u32> {
    digits(fraction, 1..=9)?;
    let padded = format!("{fraction:0<6}");
    padded.get(..6)?.parse().ok()
}

/// A run of digits of an allowed length; no sign, no blanks.
fn digits(text: &str, length: std::ops::RangeInclusive<usize>) -> Option<u32> {
    let plain = length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

/// The unscaled value. Digits that do not fit the scale are not rounded away: the partition would
/// then answer to a value it does not have.
fn decimal(text: &str, precision: u8, scale: u8) -> Option<i128> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let fraction = fraction.trim_end_matches('0');
    let plain = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && !unsigned.starts_with('.'))
        || !plain(whole)
        || !plain(fraction)
        || unsigned == "."
    {
        return None;
    }
    let scale = usize::from(scale);
    if fraction.len() > scale {
        return None;
    }
    let unscaled = format!("{}{fraction:0<scale$}", whole.trim_start_matches('0'));
    if unscaled.trim_start_matches('0').len() > usize::from(precision) {
        return None;
    }
    let value: i128 = if unscaled.is_empty() { 0 } else { unscaled.parse().ok()? };
    Some(if negative { -value } else { value })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use arrow::{
        array::{Array, AsArray},
        util::display::array_value_to_string,
    };

    use super::*;

    /// `expected`: `None` for NULL, `Some("!")` for invalid.
    fn check(hive_type: &str, rows: &[(&str, &str)]) {
        let parsed = HiveType::parse(hive_type).unwrap();
        let raw: Vec<&str> = rows.iter().map(|(text, _)| *text).collect();
        let mut invalid = vec![false; raw.len()];
        let column = typed_column(&parsed, &raw, &mut invalid).unwrap();
        assert_eq!(column.data_type(), &parsed.to_arrow());
        for (row, (text, expected)) in rows.iter().enumerate() {
            let shown = match (invalid[row], column.is_null(row)) {
                (true, true) => "!".to_owned(),
                (false, true) => "NULL".to_owned(),
                (false, false) => array_value_to_string(&column, row).unwrap(),
                (true, false) => panic!("{text:?} is both invalid and a value"),
            };
            assert_eq!(shown, *expected, "{hive_type} {text:?}");
        }
    }

    #[test]
    fn text_is_read_as_the_keys_type() {
        check("string", &[("a", "a"), (HIVE_DEFAULT_PARTITION, "NULL"), ("007", "007")]);
        check("varchar(3)", &[("abc", "abc")]);
        check(
            "boolean",
            &[("TRUE", "true"), ("false", "false"), ("1", "!"), (HIVE_DEFAULT_PARTITION, "NULL")],
        );
        check("tinyint", &[("127", "127"), ("128", "!"), ("-128", "-128")]);
        check("smallint", &[("0042", "42"), ("40000", "!")]);
        check(
            "int",
            &[
                ("007", "7"),
                ("-5", "-5"),
                ("+5", "5"),
                ("1.0", "!"),
                ("abc", "!"),
                (" 1", "!"),
                (HIVE_DEFAULT_PARTITION, "NULL"),
            ],
        );
        check("bigint", &[("9223372036854775807", "9223372036854775807"), ("9223372036854775808", "!")]);
        check("double", &[("1.5", "1.5"), ("x", "!")]);
    }

    #[test]
    fn dates_and_timestamps() {
        check(
            "date",
            &[
                ("2024-02-29", "2024-02-29"),
                ("2024-1-5", "2024-01-05"),
                ("0001-01-01", "0001-01-01"),
                ("2023-02-29", "!"),
                ("20240101", "!"),
                ("2024-01-01 ", "!"),
                ("+024-01-01", "!"),
                (HIVE_DEFAULT_PARTITION, "NULL"),
            ],
        );
        check(
            "timestamp",
            &[
                ("2024-01-02 03:04:05", "2024-01-02T03:04:05"),
                ("2024-01-02 03:04:05.123", "2024-01-02T03:04:05.123"),
                ("2024-01-02 03:04:05.123456789", "2024-01-02T03:04:05.123456"),
                ("2024-01-02T03:04", "2024-01-02T03:04:00"),
                ("2024-01-02", "2024-01-02T00:00:00"),
                ("1969-12-31 23:59:59.5", "1969-12-31T23:59:59.500"),
                ("2024-01-02 24:00:00", "!"),
                ("2024-01-02 03:04:05.", "!"),
                ("x", "!"),
            ],
        );

        // Shown by number: printing a named zone needs a table of zones.
        let zoned = typed_column(&HiveType::TimestampLocalTz, &["1970-01-02"], &mut [false]).unwrap();
        assert_eq!(zoned.data_type(), &HiveType::TimestampLocalTz.to_arrow());
        assert_eq!(zoned.as_primitive::<TimestampMicrosecondType>().value(0), 86_400_000_000);
    }

    #[test]
    fn decimals_are_exact_or_invalid() {
        check(
            "decimal(5,2)",
            &[
                ("1.25", "1.25"),
                ("-1.2", "-1.20"),
                ("001.2500", "1.25"),
                (".5", "0.50"),
                ("7", "7.00"),
                ("7.", "7.00"),
                ("0", "0.00"),
                ("999.99", "999.99"),
                ("1000", "!"),
                ("1.255", "!"),
                ("", "!"),
                (".", "!"),
                ("-", "!"),
                ("1e2", "!"),
                ("1.-2", "!"),
            ],
        );
        check(
            "decimal(38,0)",
            &[
                ("99999999999999999999999999999999999999", "99999999999999999999999999999999999999"),
                ("100000000000000000000000000000000000000", "!"),
            ],
        );
    }
}
