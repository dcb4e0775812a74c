//! From the text of one value to an entry of a column, by the rules of a SerDe.

use std::borrow::Cow;

use arrow::datatypes::TimeUnit;

use super::{
    base64,
    column::{Column, Values},
    number,
    time::{self, Instant},
    time_pattern::TimePattern,
};

/// Where the SerDes read values differently.
#[derive(Debug)]
pub(super) struct Dialect {
    pub(super) times: Times,
    pub(super) binary: Binary,
    /// Tried before the dialect's own forms.
    pub(super) patterns: Vec<TimePattern>,
}

/// Forms of dates and timestamps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Times {
    /// Hive's text forms only.
    Hive,
    /// A date is days, a timestamp milliseconds since 1970; or ISO 8601.
    EpochDaysAndMillis,
    /// ISO 8601; a timestamp also seconds or milliseconds since 1970.
    IsoOrEpoch,
}

/// What text of a binary column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Binary {
    /// Base64, and what is not Base64 is itself.
    Base64,
    /// Itself.
    Verbatim,
}

/// Appends the value that `text` stands for. False, and nothing appended, if there is none, or if
/// the column is of a nested type. Text columns take anything; bytes that are not UTF-8 become U+FFFD.
#[must_use]
pub(super) fn append(column: &mut Column, text: &[u8], dialect: &Dialect) -> bool {
    match &mut column.values {
        Values::Text(values) => put(Some(String::from_utf8_lossy(text)), |text| values.append_value(text)),
        Values::TextView(values) => {
            put(Some(String::from_utf8_lossy(text)), |text| values.append_value(text))
        }
        Values::Boolean(values) => put(number::boolean(text), |value| values.append_value(value)),
        Values::Int8(values) => put(small(text), |value| values.append_value(value)),
        Values::Int16(values) => put(small(text), |value| values.append_value(value)),
        Values::Int32(values) => put(small(text), |value| values.append_value(value)),
        Values::Int64(values) => put(small(text), |value| values.append_value(value)),
        Values::Float32(values) => put(number::float(text), |value| values.append_value(value)),
        Values::Float64(values) => put(number::float(text), |value| values.append_value(value)),
        Values::Decimal { values, precision, scale } => {
            put(number::decimal(text, *precision, *scale), |value| values.append_value(value))
        }
        Values::Date(values) => put(date(text, dialect), |value| values.append_value(value)),
        Values::Timestamp { counts, unit, .. } => {
            put(timestamp(text, *unit, dialect), |value| counts.append_value(value))
        }
        Values::Binary(values) => put(Some(binary(text, dialect)), |value| values.append_value(value)),
        Values::List(_) | Values::Map(_) | Values::Struct(_) => false,
    }
}

/// Appends `value`, if there is one; says whether there was.
pub(super) fn put<T>(value: Option<T>, append: impl FnOnce(T)) -> bool {
    value.map(append).is_some()
}

fn binary<'a>(text: &'a [u8], dialect: &Dialect) -> Cow<'a, [u8]> {
    match dialect.binary {
        Binary::Verbatim => Cow::Borrowed(text),
        Binary::Base64 => base64::decode(text).map_or(Cow::Borrowed(text), Cow::Owned),
    }
}

fn small<T: TryFrom<i64>>(text: &[u8]) -> Option<T> {
    T::try_from(number::integer(text)?).ok()
}

fn date(text: &[u8], dialect: &Dialect) -> Option<i32> {
    match dialect.times {
        Times::Hive | Times::IsoOrEpoch => time::date(text),
        Times::EpochDaysAndMillis => small(text).or_else(|| time::date(text)),
    }
}

fn timestamp(text: &[u8], unit: TimeUnit, dialect: &Dialect) -> Option<i64> {
    let by_pattern = dialect.patterns.iter().find_map(|pattern| pattern.parse(text));
    let instant = by_pattern.or_else(|| match dialect.times {
        Times::Hive => time::hive_timestamp(text),
        Times::EpochDaysAndMillis => {
            number::integer(text).map(Instant::from_millis).or_else(|| time::iso_timestamp(text))
        }
        Times::IsoOrEpoch => time::iso_timestamp(text).or_else(|| time::epoch_timestamp(text)),
    });
    instant?.in_unit(unit)
}
