//! `CAST` between dates, times, timestamps, intervals and text.

mod from_text;
mod to_text;

use std::sync::Arc;

use arrow::{
    array::ArrayRef,
    compute::cast as arrow_cast,
    datatypes::{Date32Type, TimestampMicrosecondType},
};
use chrono::Utc;
use datafusion::common::Result as EngineResult;

use super::{
    calendar::{MILLIS_PER_DAY, NANOS_PER_DAY, NANOS_PER_MILLI, power_of_ten, split_day},
    day_time::{DayTime, DayTimes, day_time_rows, round},
    moment::{Moment, Moments, SHORT_PRECISION_MAX, moment_rows, out_of_range},
    zone::Zone,
};
use crate::{Fault, Type, columns::primitive};

const MICROS_PER_DAY: i64 = MILLIS_PER_DAY * 1_000;

/// True for the pairs that [`cast`] takes: one side is a date, time, timestamp or interval, and the other is
/// so too, or text.
pub fn can_cast(from: &Type, to: &Type) -> bool {
    let is_moment = |of: &Type| matches!(of, Type::Date | Type::Timestamp(_) | Type::TimestampTz(_));
    match (from, to) {
        (Type::Varchar(_) | Type::Char(_), to) => is_moment(to) || is_time(to),
        (from, Type::Varchar(_)) => is_moment(from) || is_time(from) || is_interval(from),
        (Type::Date, to) => is_moment(to),
        (from, Type::Date) => is_moment(from),
        (from, to) if is_interval(from) => from == to,
        (from, to) => (is_moment(from) || is_time(from)) && (is_moment(to) || is_time(to)),
    }
}

fn is_time(of: &Type) -> bool {
    matches!(of, Type::Time(_) | Type::TimeTz(_))
}

fn is_interval(of: &Type) -> bool {
    matches!(of, Type::IntervalYearToMonth | Type::IntervalDayToSecond)
}

/// Casts all values, if [`can_cast`]. Fails with `INVALID_CAST_ARGUMENT` on the first that does not fit.
pub fn cast(array: &ArrayRef, from: &Type, to: &Type) -> EngineResult<ArrayRef> {
    if from == to {
        return Ok(ArrayRef::clone(array));
    }
    if !can_cast(from, to) {
        return Err(Fault::type_mismatch(format!("Cannot cast {from} to {to}")).into());
    }
    match (from, to) {
        (Type::Varchar(_) | Type::Char(_), _) => from_text::cast(array, to),
        (_, Type::Varchar(length)) => to_text::cast(array, from, *length),
        (Type::Date, Type::Timestamp(0..=6)) => Ok(arrow_cast(array, &to.arrow())?),
        (Type::Timestamp(0..=6), Type::Date) => micros_to_dates(array),
        (Type::Timestamp(p @ 0..=6), Type::Timestamp(q @ 0..=6)) if p <= q => Ok(ArrayRef::clone(array)),
        (Type::Time(_) | Type::TimeTz(_), Type::Time(_) | Type::TimeTz(_)) => {
            let given = DayTimes::read(array, from)?;
            let precision = precision_of(to);
            day_time_rows(to, given.len(), |row| Ok(given.get(row).map(|time| time.rounded(precision))))
        }
        (Type::Time(_) | Type::TimeTz(_), _) => times_to_moments(array, from, to),
        (_, Type::Time(_) | Type::TimeTz(_)) => moments_to_times(array, from, to),
        _ => moments_to_moments(array, from, to),
    }
}

/// Digits of a second.
fn precision_of(data_type: &Type) -> u8 {
    match data_type {
        Type::Time(p) | Type::TimeTz(p) | Type::Timestamp(p) | Type::TimestampTz(p) => *p,
        _ => 0,
    }
}

fn micros_to_dates(array: &ArrayRef) -> EngineResult<ArrayRef> {
    let micros = primitive::<TimestampMicrosecondType>(array)?;
    // All days of 64-bit microseconds are 32-bit.
    let days = |micros: i64| i32::try_from(micros.div_euclid(MICROS_PER_DAY)).unwrap_or(0);
    Ok(Arc::new(micros.unary::<_, Date32Type>(days)))
}

/// A time of the current day. The current day is that of the session zone, UTC.
fn times_to_moments(array: &ArrayRef, from: &Type, to: &Type) -> EngineResult<ArrayRef> {
    let today = Utc::now().timestamp_millis().div_euclid(MILLIS_PER_DAY);
    let today_nanos = i128::from(today) * i128::from(NANOS_PER_DAY);
    let given = DayTimes::read(array, from)?;
    let precision = precision_of(to);
    let keeps_offset = matches!((from, to), (Type::TimeTz(_), Type::TimestampTz(_)));
    moment_rows(to, given.len(), |row| {
        let Some(time) = given.get(row) else { return Ok(None) };
        if keeps_offset {
            let nanos = round(time.utc_nanos(), precision).rem_euclid(NANOS_PER_DAY);
            let zone = Zone::of_offset(time.offset_minutes).unwrap_or(Zone::UTC);
            return Moment::of_nanos(today_nanos + i128::from(nanos), zone).map(Some);
        }
        let nanos = round(time.nanos, precision);
        Moment::of_nanos(today_nanos + i128::from(nanos), Zone::UTC).map(Some)
    })
}

fn moments_to_times(array: &ArrayRef, from: &Type, to: &Type) -> EngineResult<ArrayRef> {
    let given = Moments::read(array, from)?;
    let precision = precision_of(to);
    day_time_rows(to, given.len(), |row| {
        let Some(moment) = given.get(row) else { return Ok(None) };
        let local = moment.local_millis();
        let nanos = split_day(local).1 * NANOS_PER_MILLI + moment.nanos;
        // The offset at the local time taken as an instant: so does Trino.
        let offset_minutes = moment.zone.offset_at(local) / 60_000;
        Ok(Some(DayTime { nanos, offset_minutes }.rounded(precision)))
    })
}

fn moments_to_moments(array: &ArrayRef, from: &Type, to: &Type) -> EngineResult<ArrayRef> {
    let given = Moments::read(array, from)?;
    let to_precision = precision_of(to);
    let keeps_zone = matches!(to, Type::TimestampTz(_));
    // Trino's carrier of such timestamps is microseconds, which it rounds to milliseconds first.
    let twice = matches!((from, to), (Type::Timestamp(0..=6), Type::TimestampTz(0..=SHORT_PRECISION_MAX)));
    let shrinks = precision_of(from) > to_precision && *to != Type::Date;
    moment_rows(to, given.len(), |row| {
        let Some(mut moment) = given.get(row) else { return Ok(None) };
        if !keeps_zone {
            moment = Moment { millis: moment.local_millis(), zone: Zone::UTC, ..moment };
        }
        if !shrinks {
            return Ok(Some(moment));
        }
        if twice {
            moment = rounded(moment, SHORT_PRECISION_MAX)?;
        }
        rounded(moment, to_precision).map(Some)
    })
}

/// Rounded half up to so many digits of a second. Halves are whole milliseconds or lie within one.
fn rounded(moment: Moment, precision: u8) -> Result<Moment, Fault> {
    let outside = || out_of_range("timestamp");
    let step = power_of_ten(9_u32.saturating_sub(precision.into()));
    if step <= NANOS_PER_MILLI {
        let nanos = (moment.nanos + step / 2) / step * step;
        let millis = moment.millis.checked_add(nanos / NANOS_PER_MILLI).ok_or_else(outside)?;
        return Ok(Moment { millis, nanos: nanos % NANOS_PER_MILLI, ..moment });
    }
    let step = step / NANOS_PER_MILLI;
    let steps = moment.millis.checked_add(step / 2).ok_or_else(outside)?.div_euclid(step);
    Ok(Moment { millis: steps.checked_mul(step).ok_or_else(outside)?, nanos: 0, ..moment })
}

#[cfg(test)]
mod tests;
