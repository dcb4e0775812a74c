//! What a column's statistics prove about the values a table would see.
//!
//! Statistics skip data, so each rule answers "unknown" unless the bound holds for every value as this
//! reader delivers it. The traps: fields that are absent, NaN, zero of either sign, strings of
//! writers that compared them otherwise, timestamps whose zone rules differ between writer and reader.

use std::sync::Arc;

use arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::ScalarValue;

use super::{
    schema::{Kind, Node},
    wire,
};

/// Slack for timestamps that are the same instant in writer and reader: statistics are whole
/// milliseconds, rounded by some writers and truncated by others.
const ROUNDING_SLACK_MS: i64 = 1;
/// Slack for timestamps that went through a time zone. Writer and reader may disagree within gaps
/// and overlaps of local time (a day at most: Samoa, 2011-12-30), before 1970, where many writers
/// also lose the second's sign (ORC-763), and after 2037, where some know no rules.
const ZONE_SLACK_MS: i64 = 24 * 60 * 60 * 1000;
/// 2037-01-01, in milliseconds since the Unix epoch.
const ZONE_RULES_END_MS: i64 = 2_114_380_800_000;

/// Bounds of the non-null values of a table column in some set of rows; `None` is unknown.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Bounds {
    pub(crate) min: Option<ScalarValue>,
    pub(crate) max: Option<ScalarValue>,
    pub(crate) null_count: Option<u64>,
}

/// What is known about how statistics were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Trust {
    /// Strings were compared by their UTF-8 bytes. The first writers (version 0) did not.
    pub(crate) strings: bool,
    /// Timestamps went through no time zone but UTC.
    pub(crate) utc: bool,
}

/// The bounds of a column that the file does not have: it is null in all `rows`.
pub(crate) fn of_missing(rows: u64) -> Bounds {
    Bounds { min: None, max: None, null_count: Some(rows) }
}

/// The bounds that `statistics` over `rows` rows give for `column`, read as `target`.
pub(crate) fn bounds(
    column: &Node,
    target: &DataType,
    statistics: &wire::ColumnStatistics,
    rows: u64,
    trust: Trust,
) -> Bounds {
    let null_count = null_count(statistics, rows);
    let all_null = null_count == Some(rows);
    let range = range(column.kind, target, statistics, trust);
    match range {
        // Reading as the target type may turn values into nulls: nothing is known.
        None => Bounds::default(),
        Some(_) if all_null => Bounds { min: None, max: None, null_count },
        Some((None, None)) if matches!(column.kind, Kind::Timestamp | Kind::TimestampInstant) => {
            // Far timestamps do not fit the table's type and would become nulls.
            Bounds::default()
        }
        Some((min, max)) => Bounds { min, max, null_count },
    }
}

fn null_count(statistics: &wire::ColumnStatistics, rows: u64) -> Option<u64> {
    let nulls = rows.checked_sub(statistics.number_of_values?)?;
    match statistics.has_null {
        Some(false) if nulls > 0 => None,
        Some(true) if nulls == 0 => None,
        _ => Some(nulls),
    }
}

type Range = (Option<ScalarValue>, Option<ScalarValue>);

/// Minimum and maximum; `None` if the file's type does not carry over to `target` value by value.
fn range(kind: Kind, target: &DataType, statistics: &wire::ColumnStatistics, trust: Trust) -> Option<Range> {
    match (kind, target) {
        (Kind::Boolean, DataType::Boolean) => Some(booleans(statistics)),
        (Kind::Byte | Kind::Short | Kind::Int | Kind::Long, _) if holds_integers(target, kind) => {
            let range = statistics.int.unwrap_or_default();
            let value = |value: Option<i64>| ScalarValue::Int64(Some(value?)).cast_to(target).ok();
            Some((value(range.minimum), value(range.maximum)))
        }
        (Kind::Float, DataType::Float32 | DataType::Float64) | (Kind::Double, DataType::Float64) => {
            Some(floats(statistics.double.unwrap_or_default(), target))
        }
        (Kind::String | Kind::Varchar | Kind::Char, _) if is_text(target) => {
            Some(strings(kind, statistics, target, trust))
        }
        (Kind::Date, DataType::Date32) => {
            let range = statistics.date.unwrap_or_default();
            let value = |value: Option<i32>| Some(ScalarValue::Date32(Some(value?)));
            Some((value(range.minimum), value(range.maximum)))
        }
        (Kind::Decimal { precision, scale }, DataType::Decimal128(to, to_scale))
            if i64::from(*to_scale) == i64::from(scale) && u32::from(*to) >= precision =>
        {
            let of = statistics.decimal.clone().unwrap_or_default();
            let value = |text: Option<String>| {
                let unscaled = parse_decimal(&text?, scale)?;
                Some(ScalarValue::Decimal128(Some(unscaled), *to, *to_scale))
            };
            Some((value(of.minimum), value(of.maximum)))
        }
        (Kind::Timestamp, DataType::Timestamp(unit, None)) => {
            timestamps(statistics.timestamp.unwrap_or_default(), *unit, target, trust.utc)
        }
        (Kind::TimestampInstant, DataType::Timestamp(unit, _)) => {
            timestamps(statistics.timestamp.unwrap_or_default(), *unit, target, true)
        }
        (Kind::Binary, DataType::Binary | DataType::BinaryView | DataType::LargeBinary) => Some((None, None)),
        _ => None,
    }
}

fn holds_integers(target: &DataType, kind: Kind) -> bool {
    let bytes = match kind {
        Kind::Byte => 1,
        Kind::Short => 2,
        Kind::Int => 4,
        _ => 8,
    };
    target.is_signed_integer() && target.primitive_width().is_some_and(|width| width >= bytes)
}

fn is_text(target: &DataType) -> bool {
    matches!(target, DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8)
}

fn booleans(statistics: &wire::ColumnStatistics) -> Range {
    let count = |of: &wire::BucketStatistics| of.count.first().copied();
    match (statistics.number_of_values, statistics.bucket.as_ref().and_then(count)) {
        (Some(values), Some(trues)) if values > 0 && trues <= values => {
            let value = |value| Some(ScalarValue::Boolean(Some(value)));
            (value(trues == values), value(trues > 0))
        }
        _ => (None, None),
    }
}

/// Neither minimum nor maximum covers a NaN that came later than the first value; the sum does.
fn floats(range: wire::DoubleStatistics, target: &DataType) -> Range {
    let (Some(min), Some(max), Some(sum)) = (range.minimum, range.maximum, range.sum) else {
        return (None, None);
    };
    if min.is_nan() || max.is_nan() || sum.is_nan() || min > max {
        return (None, None);
    }
    // The engine orders -0.0 before 0.0, writers take them for equal.
    let min = if min == 0.0 { -0.0 } else { min };
    let max = if max == 0.0 { 0.0 } else { max };
    let value = |value| ScalarValue::Float64(Some(value)).cast_to(target).ok();
    (value(min), value(max))
}

fn strings(kind: Kind, statistics: &wire::ColumnStatistics, target: &DataType, trust: Trust) -> Range {
    let Some(of) = statistics.string.as_ref().filter(|_| trust.strings && kind != Kind::Char) else {
        return (None, None);
    };
    // Values with a length limit may be compared without their trailing blanks.
    let usable = |text: &&String| kind == Kind::String || !text.ends_with(' ');
    let value = |text: Option<&String>| {
        let text = text.filter(usable)?.clone();
        ScalarValue::Utf8(Some(text)).cast_to(target).ok()
    };
    let min = of.minimum.as_ref().or(of.lower_bound.as_ref());
    let max = of.maximum.as_ref().or(of.upper_bound.as_ref());
    (value(min), value(max))
}

/// The decimal `text` as an integer at `scale`, if it fits without rounding.
fn parse_decimal(text: &str, scale: u32) -> Option<i128> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = fraction.trim_end_matches('0');
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !plain(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let zeros = scale.checked_sub(u32::try_from(fraction.len()).ok()?)?;
    let joined = format!("{whole}{fraction}");
    let unscaled: i128 = if joined.is_empty() { 0 } else { joined.parse().ok()? };
    let unscaled = unscaled.checked_mul(10_i128.checked_pow(zeros)?)?;
    Some(if negative { -unscaled } else { unscaled })
}

fn timestamps(
    range: wire::TimestampStatistics,
    unit: TimeUnit,
    target: &DataType,
    utc: bool,
) -> Option<Range> {
    // Coarser and finer units lose values to rounding or overflow.
    if !matches!(unit, TimeUnit::Millisecond | TimeUnit::Microsecond) {
        return None;
    }
    let (Some(min), Some(max)) = (range.minimum_utc, range.maximum_utc) else {
        return Some((None, None));
    };
    let exact = utc && min >= 0 && max < ZONE_RULES_END_MS;
    let slack_ms = if exact { ROUNDING_SLACK_MS } else { ZONE_SLACK_MS };
    // A zone, where the target has one, must not shift the instant.
    let zone = match target {
        DataType::Timestamp(_, Some(_)) => Some(Arc::from("UTC")),
        _ => None,
    };
    let value = |ms: i64| {
        let us = ms.checked_mul(1000)?;
        ScalarValue::TimestampMicrosecond(Some(us), zone.clone()).cast_to(target).ok()
    };
    let min = value(min.checked_sub(slack_ms)?);
    let max = value(max.checked_add(slack_ms)?);
    min.zip(max).map(|(min, max)| (Some(min), Some(max)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const TRUSTED: Trust = Trust { strings: true, utc: true };

    fn of(kind: Kind) -> Node {
        Node { id: 1, kind, children: Vec::new() }
    }

    fn stats(set: impl FnOnce(&mut wire::ColumnStatistics)) -> wire::ColumnStatistics {
        let mut statistics = wire::ColumnStatistics {
            number_of_values: Some(10),
            has_null: Some(false),
            ..wire::ColumnStatistics::default()
        };
        set(&mut statistics);
        statistics
    }

    #[test]
    fn decimals_are_parsed_as_numbers() {
        for (text, scale, expected) in [
            ("9", 2, Some(900)),
            ("10", 2, Some(1000)),
            ("-0.5", 2, Some(-50)),
            ("1.230", 2, Some(123)),
            ("1.234", 2, None),
            (".5", 1, Some(5)),
            ("0.000", 0, Some(0)),
            ("", 0, None),
            ("-", 0, None),
            ("1e3", 0, None),
            ("99999999999999999999999999999999999999999", 0, None),
        ] {
            assert_eq!(parse_decimal(text, scale), expected, "{text}");
        }
    }

    #[test]
    fn doubtful_floats_are_unknown() {
        let check = |minimum, maximum, sum, known: bool| {
            let statistics = stats(|s| s.double = Some(wire::DoubleStatistics { minimum, maximum, sum }));
            let found = bounds(&of(Kind::Double), &DataType::Float64, &statistics, 10, TRUSTED);
            assert_eq!(found.min.is_some(), known, "{statistics:?}");
            assert_eq!(found.max.is_some(), known, "{statistics:?}");
        };
        check(Some(1.0), Some(2.0), Some(3.0), true);
        check(Some(1.0), Some(2.0), None, false);
        check(Some(1.0), None, Some(3.0), false);
        check(Some(1.0), Some(2.0), Some(f64::NAN), false);
        check(Some(f64::NAN), Some(f64::NAN), Some(f64::NAN), false);
        let zero = wire::DoubleStatistics { minimum: Some(0.0), maximum: Some(-0.0), sum: Some(0.0) };
        let found =
            bounds(&of(Kind::Double), &DataType::Float64, &stats(|s| s.double = Some(zero)), 10, TRUSTED);
        assert_eq!(found.min, Some(ScalarValue::Float64(Some(-0.0))));
        assert_eq!(found.max, Some(ScalarValue::Float64(Some(0.0))));
    }

    #[test]
    fn strings_are_trusted_by_writer_and_type() {
        let check = |kind, trust, minimum: &str, expected: Option<&str>| {
            let statistics = stats(|s| {
                s.string = Some(wire::StringStatistics {
                    minimum: Some(minimum.to_owned()),
                    ..wire::StringStatistics::default()
                });
            });
            let found = bounds(&of(kind), &DataType::Utf8, &statistics, 10, trust);
            assert_eq!(found.min, expected.map(ScalarValue::from), "{kind:?} {minimum:?}");
            assert_eq!(found.max, None, "an absent maximum stays unknown");
        };
        check(Kind::String, TRUSTED, "a ", Some("a "));
        check(Kind::String, Trust { strings: false, utc: true }, "a", None);
        check(Kind::Varchar, TRUSTED, "a", Some("a"));
        check(Kind::Varchar, TRUSTED, "a ", None);
        check(Kind::Char, TRUSTED, "a", None);
    }

    #[test]
    fn timestamps_are_widened() {
        let millis = DataType::Timestamp(TimeUnit::Millisecond, None);
        let check = |min, max, utc, expected: Option<(i64, i64)>| {
            let range = wire::TimestampStatistics { minimum_utc: min, maximum_utc: max };
            let statistics = stats(|s| s.timestamp = Some(range));
            let trust = Trust { strings: true, utc };
            let found = bounds(&of(Kind::Timestamp), &millis, &statistics, 10, trust);
            let value = |ms| Some(ScalarValue::TimestampMillisecond(Some(ms), None));
            assert_eq!(found.min, expected.and_then(|(min, _)| value(min)));
            assert_eq!(found.max, expected.and_then(|(_, max)| value(max)));
        };
        check(Some(5000), Some(6000), true, Some((4999, 6001)));
        check(Some(5000), Some(6000), false, Some((5000 - ZONE_SLACK_MS, 6000 + ZONE_SLACK_MS)));
        check(Some(-1), Some(6000), true, Some((-1 - ZONE_SLACK_MS, 6000 + ZONE_SLACK_MS)));
        check(Some(5000), None, true, None);
        check(Some(i64::MIN), Some(i64::MAX), true, None);
    }

    #[test]
    fn other_types_prove_nothing_about_nulls() {
        let int = wire::IntegerStatistics { minimum: Some(1), maximum: Some(900) };
        let statistics = stats(|s| s.int = Some(int));
        let check = |target: DataType, nulls, max: Option<ScalarValue>| {
            let found = bounds(&of(Kind::Int), &target, &statistics, 12, TRUSTED);
            assert_eq!((found.null_count, found.max), (nulls, max), "{target}");
        };
        // `has_null` is false but two values are missing: contradictory.
        check(DataType::Int32, None, Some(ScalarValue::Int32(Some(900))));
        check(DataType::Int64, None, Some(ScalarValue::Int64(Some(900))));
        check(DataType::Int16, None, None);
        check(DataType::Utf8, None, None);
    }
}
