//! Text as dates, times and timestamps.

use arrow::{
    array::{Array, ArrayRef},
    datatypes::Date32Type,
};
use datafusion::common::Result as EngineResult;

use super::super::{
    calendar::{MILLIS_PER_SECOND, NANOS_PER_DAY, NANOS_PER_MILLI, NANOS_PER_SECOND},
    day_time::{DayTime, day_time_rows},
    moment::{Moment, moment_rows},
    text::{self, TimestampText},
    zone::Zone,
};
use crate::{
    Fault, Type,
    columns::{primitive_rows, text as text_array},
};

pub(super) fn cast(array: &ArrayRef, to: &Type) -> EngineResult<ArrayRef> {
    let given = text_array(array)?;
    let rows = given.len();
    let value = |row| given.is_valid(row).then(|| given.value(row));
    match to {
        Type::Date => primitive_rows::<Date32Type>(rows, |row| value(row).map(date).transpose()),
        Type::Time(p) => day_time_rows(to, rows, |row| value(row).map(|text| time(text, *p)).transpose()),
        Type::TimeTz(p) => {
            day_time_rows(to, rows, |row| value(row).map(|text| time_tz(text, *p)).transpose())
        }
        Type::Timestamp(p) => {
            moment_rows(to, rows, |row| value(row).map(|text| timestamp(text, *p)).transpose())
        }
        Type::TimestampTz(p) => {
            moment_rows(to, rows, |row| value(row).map(|text| timestamp_tz(text, *p)).transpose())
        }
        other => Err(Fault::internal(format!("{other} is no date or time")).into()),
    }
}

fn invalid(kind: &str, text: &str) -> Fault {
    Fault::invalid_cast(format!("Value cannot be cast to {kind}: {text}"))
}

fn date(given: &str) -> Result<i32, Fault> {
    text::date(given).ok_or_else(|| invalid("date", given))
}

/// A time does not take white space before it, nor an offset.
fn time(given: &str, precision: u8) -> Result<DayTime, Fault> {
    let parsed = text::time(given).filter(|parsed| parsed.offset_minutes.is_none());
    parsed.and_then(|parsed| day_time(&parsed, precision)).ok_or_else(|| invalid("time", given))
}

fn time_tz(given: &str, precision: u8) -> Result<DayTime, Fault> {
    let parsed = text::time(text::trim(given));
    parsed.and_then(|parsed| day_time(&parsed, precision)).ok_or_else(|| invalid("timestamp", given))
}

fn day_time(parsed: &text::TimeText<'_>, precision: u8) -> Option<DayTime> {
    let nanos = parsed.seconds * NANOS_PER_SECOND + text::fraction_nanos(parsed.fraction, precision)?;
    Some(DayTime {
        nanos: nanos.rem_euclid(NANOS_PER_DAY),
        offset_minutes: parsed.offset_minutes.unwrap_or(0),
    })
}

/// The zone must exist, and is then forgotten.
fn timestamp(given: &str, precision: u8) -> Result<Moment, Fault> {
    let fault = || invalid("timestamp", given);
    let parsed = text::timestamp(text::trim(given)).ok_or_else(fault)?;
    let seconds = match parsed.zone {
        None => parsed.local_seconds,
        Some(name) => {
            let zone = Zone::written(name).ok_or_else(fault)?;
            let instant = instant_millis(&parsed, zone).ok_or_else(fault)?;
            (instant + zone.offset_at(instant)).div_euclid(MILLIS_PER_SECOND)
        }
    };
    moment(&parsed, seconds, Zone::UTC, precision).ok_or_else(fault)
}

/// A text without a zone is in the session's, UTC.
fn timestamp_tz(given: &str, precision: u8) -> Result<Moment, Fault> {
    let fault = || invalid("timestamp", given);
    let parsed = text::timestamp(text::trim(given)).ok_or_else(fault)?;
    let zone = match parsed.zone {
        None => Zone::UTC,
        Some(name) => Zone::written(name).ok_or_else(fault)?,
    };
    let instant = instant_millis(&parsed, zone).ok_or_else(fault)?;
    moment(&parsed, instant.div_euclid(MILLIS_PER_SECOND), zone, precision).ok_or_else(fault)
}

fn instant_millis(parsed: &TimestampText<'_>, zone: Zone) -> Option<i64> {
    zone.instant_of_local(parsed.local_seconds.checked_mul(MILLIS_PER_SECOND)?)
}

fn moment(parsed: &TimestampText<'_>, seconds: i64, zone: Zone, precision: u8) -> Option<Moment> {
    let fraction = text::fraction_nanos(parsed.fraction, precision)?;
    let millis = seconds.checked_mul(MILLIS_PER_SECOND)?.checked_add(fraction / NANOS_PER_MILLI)?;
    Some(Moment { millis, nanos: fraction % NANOS_PER_MILLI, zone })
}
