//! `+` and `-` of dates, times and timestamps, as functions that the planner names.

use arrow::{
    array::{Array, ArrayRef},
    datatypes::{Date32Type, DurationMillisecondType, IntervalYearMonthType},
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::{
    calendar::{MILLIS_PER_DAY, NANOS_PER_DAY, NANOS_PER_MILLI, round_half_up},
    day_time::{DayTime, DayTimes, day_time_rows},
    moment::{Moment, Moments, SHORT_PRECISION_MAX, moment_rows},
    type_of,
    unit::add_months_to,
};
use crate::{
    Call, Fault, Function, Type,
    columns::{argument, on_arrays, primitive, primitive_rows},
};

pub(super) fn functions() -> Vec<Function> {
    const WITH_INTERVAL: &[&str] = &[
        "(date, interval day to second) -> date",
        "(date, interval year to month) -> date",
        "(time(p), interval day to second) -> time(p)",
        "(time(p) with time zone, interval day to second) -> time(p) with time zone",
        "(timestamp(p), interval day to second) -> timestamp(p)",
        "(timestamp(p), interval year to month) -> timestamp(p)",
        "(timestamp(p) with time zone, interval day to second) -> timestamp(p) with time zone",
        "(timestamp(p) with time zone, interval year to month) -> timestamp(p) with time zone",
    ];
    vec![
        Function::scalar("$temporal_add", WITH_INTERVAL, |c, a, r| shift(c, a, r, 1), "x + interval")
            .returning(shifted_type),
        Function::scalar("$temporal_subtract", WITH_INTERVAL, |c, a, r| shift(c, a, r, -1), "x - interval")
            .returning(shifted_type),
        Function::scalar(
            "$temporal_difference",
            &[
                "(date, date) -> interval day to second",
                "(time(p), time(p)) -> interval day to second",
                "(time(p) with time zone, time(p) with time zone) -> interval day to second",
                "(timestamp(p), timestamp(p)) -> interval day to second",
                "(timestamp(p) with time zone, timestamp(p) with time zone) -> interval day to second",
            ],
            difference,
            "x - y",
        ),
    ]
}

/// A time of day or timestamp has milliseconds at least after it was moved by milliseconds.
fn shifted_type(arguments: &[Type]) -> Result<Type, Fault> {
    let at_least = |precision: &u8| (*precision).max(SHORT_PRECISION_MAX);
    Ok(match arguments {
        [Type::Time(p), _] => Type::Time(at_least(p)),
        [Type::TimeTz(p), _] => Type::TimeTz(at_least(p)),
        [Type::Timestamp(p), Type::IntervalDayToSecond] => Type::Timestamp(at_least(p)),
        [Type::TimestampTz(p), Type::IntervalDayToSecond] => Type::TimestampTz(at_least(p)),
        [other, _] => other.clone(),
        _ => return Err(Fault::internal("a date or time and an interval were promised")),
    })
}

fn outside() -> Fault {
    Fault::out_of_range("Timestamp out of range")
}

fn shift(call: &Call, arguments: &[ColumnarValue], rows: usize, sign: i64) -> EngineResult<ColumnarValue> {
    let (data_type, interval_type) = (type_of(call, 0)?, type_of(call, 1)?);
    on_arrays(arguments, rows, |arrays| {
        let (array, intervals) = (argument(arrays, 0)?, argument(arrays, 1)?);
        match (data_type, interval_type) {
            (Type::Time(_) | Type::TimeTz(_), _) => shift_times(call, array, intervals, sign),
            (_, Type::IntervalYearToMonth) => shift_months(call, array, intervals, sign),
            _ => shift_millis(call, array, intervals, sign),
        }
    })
}

fn shift_times(call: &Call, array: &ArrayRef, intervals: &ArrayRef, sign: i64) -> EngineResult<ArrayRef> {
    let given = DayTimes::read(array, type_of(call, 0)?)?;
    let intervals = primitive::<DurationMillisecondType>(intervals)?;
    day_time_rows(&call.returns, given.len(), |row| {
        let Some(time) = given.get(row).filter(|_| intervals.is_valid(row)) else { return Ok(None) };
        let delta = intervals.value(row) % MILLIS_PER_DAY * sign * NANOS_PER_MILLI;
        Ok(Some(DayTime { nanos: (time.nanos + delta).rem_euclid(NANOS_PER_DAY), ..time }))
    })
}

/// Months count on the calendar of UTC, also for a timestamp in another zone: so does Trino.
fn shift_months(call: &Call, array: &ArrayRef, intervals: &ArrayRef, sign: i64) -> EngineResult<ArrayRef> {
    let given = Moments::read(array, type_of(call, 0)?)?;
    let intervals = primitive::<IntervalYearMonthType>(intervals)?;
    moment_rows(&call.returns, given.len(), |row| {
        let Some(moment) = given.get(row).filter(|_| intervals.is_valid(row)) else { return Ok(None) };
        let months = i64::from(intervals.value(row)) * sign;
        let millis = add_months_to(moment.millis, months).ok_or_else(outside)?;
        Ok(Some(Moment { millis, ..moment }))
    })
}

fn shift_millis(call: &Call, array: &ArrayRef, intervals: &ArrayRef, sign: i64) -> EngineResult<ArrayRef> {
    let data_type = type_of(call, 0)?;
    let given = Moments::read(array, data_type)?;
    let intervals = primitive::<DurationMillisecondType>(intervals)?;
    let whole_days = *data_type == Type::Date;
    moment_rows(&call.returns, given.len(), |row| {
        let Some(moment) = given.get(row).filter(|_| intervals.is_valid(row)) else { return Ok(None) };
        let interval = intervals.value(row);
        if whole_days && interval % MILLIS_PER_DAY != 0 {
            return Err(Fault::invalid_argument(match sign < 0 {
                true => "Cannot subtract hour, minutes or seconds from a date",
                false => "Cannot add hour, minutes or seconds to a date",
            }));
        }
        let millis = interval.checked_mul(sign).and_then(|delta| moment.millis.checked_add(delta));
        Ok(Some(Moment { millis: millis.ok_or_else(outside)?, ..moment }))
    })
}

fn difference(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let data_type = type_of(call, 0)?;
    on_arrays(arguments, rows, |arrays| {
        let (left, right) = (argument(arrays, 0)?, argument(arrays, 1)?);
        match data_type {
            Type::Date => {
                let (left, right) = (primitive::<Date32Type>(left)?, primitive::<Date32Type>(right)?);
                primitive_rows::<DurationMillisecondType>(left.len(), |row| {
                    let valid = left.is_valid(row) && right.is_valid(row);
                    Ok(valid
                        .then(|| (i64::from(left.value(row)) - i64::from(right.value(row))) * MILLIS_PER_DAY))
                })
            }
            Type::Time(_) | Type::TimeTz(_) => {
                let (left, right) = (DayTimes::read(left, data_type)?, DayTimes::read(right, data_type)?);
                primitive_rows::<DurationMillisecondType>(left.len(), |row| {
                    let (Some(left), Some(right)) = (left.get(row), right.get(row)) else { return Ok(None) };
                    whole_millis((left.utc_nanos() - right.utc_nanos()).into(), NANOS_PER_MILLI).map(Some)
                })
            }
            _ => {
                let zoned = matches!(data_type, Type::TimestampTz(_));
                let (left, right) = (Moments::read(left, data_type)?, Moments::read(right, data_type)?);
                primitive_rows::<DurationMillisecondType>(left.len(), |row| {
                    let (Some(left), Some(right)) = (left.get(row), right.get(row)) else { return Ok(None) };
                    let millis =
                        if zoned { zoned_difference(left, right) } else { plain_difference(left, right) };
                    millis.map(Some)
                })
            }
        }
    })
}

/// Half up.
fn whole_millis(value: i128, per_milli: i64) -> Result<i64, Fault> {
    i64::try_from(round_half_up(value, per_milli.into())).map_err(|_| outside())
}

/// Of microseconds, whatever follows them: so does Trino.
fn plain_difference(left: Moment, right: Moment) -> Result<i64, Fault> {
    let micros = |moment: Moment| i128::from(moment.millis) * 1_000 + i128::from(moment.nanos / 1_000);
    whole_millis(micros(left) - micros(right), 1_000)
}

/// The part below milliseconds rounds away from zero.
fn zoned_difference(left: Moment, right: Moment) -> Result<i64, Fault> {
    let nanos = left.nanos - right.nanos;
    let carry = if nanos.abs() * 2 >= NANOS_PER_MILLI { nanos.signum() } else { 0 };
    let millis = left.millis.checked_sub(right.millis).and_then(|millis| millis.checked_add(carry));
    millis.ok_or_else(outside)
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn intervals_move_dates_and_times() {
        check(
            "$temporal_add",
            &[
                (&["date '2020-02-28'", "interval day to second 172800000"], "date '2020-03-01'"),
                (
                    &["date '2020-02-28'", "interval day to second 1"],
                    "error Cannot add hour, minutes or seconds to a date",
                ),
                (&["date '2020-01-31'", "interval year to month 1"], "date '2020-02-29'"),
                (&["date '2020-01-31'", "interval year to month 2147483647"], "error out of range"),
                (&["date NULL", "interval year to month 1"], "date NULL"),
                (&["time(0) '23:00:00'", "interval day to second 7200001"], "time(3) '01:00:00.001'"),
                (
                    &["timestamp(0) '2020-01-01 00:00:00'", "interval day to second -1"],
                    "timestamp(3) '2019-12-31 23:59:59.999'",
                ),
                (
                    &["timestamp(9) '2020-01-31 00:00:00.000000001'", "interval year to month 1"],
                    "timestamp(9) '2020-02-29 00:00:00.000000001'",
                ),
                (
                    &["timestamp(3) with time zone 4097", "interval day to second 1"],
                    "timestamp(3) with time zone 8193",
                ),
                (
                    &["timestamp(3) '2020-01-01 00:00:00'", "interval day to second 9223372036854775807"],
                    "error Timestamp out of range",
                ),
                (
                    &["time(3) '00:00:00'", "interval day to second -9223372036854775808"],
                    "time(3) '16:47:04.192'",
                ),
            ],
        );
        check(
            "$temporal_subtract",
            &[
                (&["date '2020-03-31'", "interval year to month 1"], "date '2020-02-29'"),
                (&["date '2020-03-31'", "interval day to second 1"], "error Cannot subtract hour"),
                (
                    &["timestamp(3) '2020-01-01 00:00:00'", "interval day to second -9223372036854775808"],
                    "error out of range",
                ),
            ],
        );
    }

    #[test]
    fn differences_are_milliseconds() {
        check(
            "$temporal_difference",
            &[
                (&["date '2020-03-01'", "date '2020-02-28'"], "interval day to second 172800000"),
                (&["time(3) '01:00:00'", "time(3) '02:00:00'"], "interval day to second -3600000"),
                (
                    &["timestamp(6) '2020-01-01 00:00:00.0005'", "timestamp(6) '2020-01-01 00:00:00'"],
                    "interval day to second 1",
                ),
                (
                    &["timestamp(6) '2020-01-01 00:00:00'", "timestamp(6) '2020-01-01 00:00:00.0005'"],
                    "interval day to second 0",
                ),
                (
                    &["timestamp(3) with time zone 4096", "timestamp(3) with time zone 9"],
                    "interval day to second 1",
                ),
                (&["date '2020-03-01'", "date NULL"], "interval day to second NULL"),
            ],
        );
    }
}
