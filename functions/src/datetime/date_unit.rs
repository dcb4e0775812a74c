//! `date_add`, `date_diff` and `date_trunc`.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, StringViewArray},
    datatypes::{Date32Type, Int64Type, TimestampMicrosecondType},
};
use datafusion::{
    common::{Result as EngineResult, ScalarValue},
    logical_expr::ColumnarValue,
};

use super::{
    Last,
    calendar::{MILLIS_PER_DAY, NANOS_PER_DAY, NANOS_PER_MILLI, power_of_ten, round_half_up},
    day_time::{DayTime, DayTimes, day_time_rows},
    moment::{Moment, Moments, SHORT_PRECISION_MAX, moment_rows},
    type_of,
    unit::{Unit, Units, add, difference, floor, floor_days},
    zone::Zone,
};
use crate::{
    Call, Fault, Function, Type,
    columns::{argument, on_arrays, primitive, primitive_rows, text},
};

const MICROS_PER_MILLI: i64 = 1_000;

pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::scalar(
            "date_add",
            &[
                "(varchar(x), bigint, date) -> date",
                "(varchar(x), bigint, time(p)) -> time(p)",
                "(varchar(x), bigint, time(p) with time zone) -> time(p) with time zone",
                "(varchar(x), bigint, timestamp(p)) -> timestamp(p)",
                "(varchar(x), bigint, timestamp(p) with time zone) -> timestamp(p) with time zone",
            ],
            date_add,
            "Adds so many units",
        ),
        Function::scalar(
            "date_diff",
            &[
                "(varchar(x), date, date) -> bigint",
                "(varchar(x), time(p), time(p)) -> bigint",
                "(varchar(x), time(p) with time zone, time(p) with time zone) -> bigint",
                "(varchar(x), timestamp(p), timestamp(p)) -> bigint",
                "(varchar(x), timestamp(p) with time zone, timestamp(p) with time zone) -> bigint",
            ],
            date_diff,
            "Whole units from the first to the second",
        ),
        Function::scalar(
            "date_trunc",
            &[
                "(varchar(x), date) -> date",
                "(varchar(x), time(p)) -> time(p)",
                "(varchar(x), time(p) with time zone) -> time(p) with time zone",
                "(varchar(x), timestamp(p)) -> timestamp(p)",
                "(varchar(x), timestamp(p) with time zone) -> timestamp(p) with time zone",
            ],
            date_trunc,
            "The beginning of the unit",
        ),
    ]
}

fn units_of(data_type: &Type) -> Units {
    match data_type {
        Type::Date => Units::OfDate,
        Type::Time(_) | Type::TimeTz(_) => Units::OfTime,
        _ => Units::OfTimestamp,
    }
}

/// The unit that each row names.
struct UnitColumn<'a> {
    names: &'a StringViewArray,
    units: Units,
    last: Last<Unit>,
}

impl<'a> UnitColumn<'a> {
    fn new(array: &'a ArrayRef, data_type: &Type) -> EngineResult<Self> {
        Ok(Self { names: text(array)?, units: units_of(data_type), last: Last::new() })
    }

    fn get(&mut self, row: usize) -> Result<Option<Unit>, Fault> {
        if self.names.is_null(row) {
            return Ok(None);
        }
        let units = self.units;
        self.last.of(self.names.value(row), |name| Unit::named(name, units)).copied().map(Some)
    }
}

fn outside() -> Fault {
    Fault::invalid_argument("date or time is out of range")
}

fn date_add(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let data_type = type_of(call, 2)?;
    on_arrays(arguments, rows, |arrays| {
        let mut units = UnitColumn::new(argument(arrays, 0)?, data_type)?;
        let amounts = primitive::<Int64Type>(argument(arrays, 1)?)?;
        let amount = |row| amounts.is_valid(row).then(|| amounts.value(row));
        let array = argument(arrays, 2)?;
        if let Type::Time(precision) | Type::TimeTz(precision) = data_type {
            let times = DayTimes::read(array, data_type)?;
            return day_time_rows(data_type, times.len(), |row| {
                let (Some(time), Some(amount)) = (times.get(row), amount(row)) else { return Ok(None) };
                Ok(units.get(row)?.map(|unit| add_to_time(unit, amount, time, *precision)))
            });
        }
        let moments = Moments::read(array, data_type)?;
        moment_rows(data_type, moments.len(), |row| {
            let (Some(moment), Some(amount)) = (moments.get(row), amount(row)) else { return Ok(None) };
            let Some(unit) = units.get(row)? else { return Ok(None) };
            let amount = i32::try_from(amount).map_err(|_| Fault::invalid_argument("integer overflow"))?;
            let sum = add(unit, amount.into(), moment.millis, moment.zone).ok_or_else(outside)?;
            Ok(Some(Moment { millis: to_precision(sum, data_type)?, ..moment }))
        })
    })
}

/// Milliseconds rounded to the digits of a second that the type has.
fn to_precision(millis: i64, data_type: &Type) -> Result<i64, Fault> {
    match data_type {
        Type::Timestamp(p @ 0..SHORT_PRECISION_MAX) | Type::TimestampTz(p @ 0..SHORT_PRECISION_MAX) => {
            let step = i128::from(power_of_ten((SHORT_PRECISION_MAX - p).into()));
            i64::try_from(round_half_up(millis.into(), step) * step).map_err(|_| outside())
        }
        _ => Ok(millis),
    }
}

/// Nanoseconds of a unit that times have.
fn nanos_of(unit: Unit) -> i64 {
    unit.millis().unwrap_or(1) * NANOS_PER_MILLI
}

/// Around the clock.
fn add_to_time(unit: Unit, amount: i64, time: DayTime, precision: u8) -> DayTime {
    let step = nanos_of(unit);
    let nanos = time.nanos + amount % (NANOS_PER_DAY / step) * step;
    let sum = DayTime { nanos: nanos.rem_euclid(NANOS_PER_DAY), ..time };
    if precision <= SHORT_PRECISION_MAX { sum.rounded(precision) } else { sum }
}

fn date_diff(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let data_type = type_of(call, 1)?;
    on_arrays(arguments, rows, |arrays| {
        let mut units = UnitColumn::new(argument(arrays, 0)?, data_type)?;
        let (start, end) = (argument(arrays, 1)?, argument(arrays, 2)?);
        if matches!(data_type, Type::Time(_) | Type::TimeTz(_)) {
            let (start, end) = (DayTimes::read(start, data_type)?, DayTimes::read(end, data_type)?);
            return primitive_rows::<Int64Type>(start.len(), |row| {
                let (Some(from), Some(to)) = (start.get(row), end.get(row)) else { return Ok(None) };
                Ok(units.get(row)?.map(|unit| (to.utc_nanos() - from.utc_nanos()) / nanos_of(unit)))
            });
        }
        let (start, end) = (Moments::read(start, data_type)?, Moments::read(end, data_type)?);
        // Trino counts in the zone of the first up to milliseconds, and in UTC above.
        let in_zone = matches!(data_type, Type::TimestampTz(0..=SHORT_PRECISION_MAX));
        primitive_rows::<Int64Type>(start.len(), |row| {
            let (Some(from), Some(to)) = (start.get(row), end.get(row)) else { return Ok(None) };
            let Some(unit) = units.get(row)? else { return Ok(None) };
            let zone = if in_zone { from.zone } else { Zone::UTC };
            difference(unit, from.millis, to.millis, zone).ok_or_else(outside).map(Some)
        })
    })
}

fn date_trunc(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let data_type = type_of(call, 1)?;
    if let [ColumnarValue::Scalar(ScalarValue::Utf8View(Some(unit))), given] = arguments
        && let (Ok(unit), Type::Date | Type::Timestamp(0..=6)) =
            (Unit::named(unit, units_of(data_type)), data_type)
    {
        let floored = |arrays: &[ArrayRef]| floor_local(argument(arrays, 0)?, data_type, unit);
        return on_arrays(std::slice::from_ref(given), rows, floored);
    }
    on_arrays(arguments, rows, |arrays| {
        let mut units = UnitColumn::new(argument(arrays, 0)?, data_type)?;
        let array = argument(arrays, 1)?;
        if matches!(data_type, Type::Time(_) | Type::TimeTz(_)) {
            let times = DayTimes::read(array, data_type)?;
            return day_time_rows(data_type, times.len(), |row| {
                let Some(time) = times.get(row) else { return Ok(None) };
                Ok(units
                    .get(row)?
                    .map(|unit| DayTime { nanos: time.nanos / nanos_of(unit) * nanos_of(unit), ..time }))
            });
        }
        let moments = Moments::read(array, data_type)?;
        moment_rows(data_type, moments.len(), |row| {
            let (Some(moment), Some(unit)) = (moments.get(row), units.get(row)?) else { return Ok(None) };
            let millis = floor(unit, moment.millis, moment.zone).ok_or_else(outside)?;
            Ok(Some(Moment { millis, nanos: 0, ..moment }))
        })
    })
}

/// The usual case, on whole arrays: one unit and no zone.
fn floor_local(array: &ArrayRef, data_type: &Type, unit: Unit) -> EngineResult<ArrayRef> {
    if *data_type == Type::Date {
        let days = primitive::<Date32Type>(array)?;
        return Ok(Arc::new(days.try_unary::<_, Date32Type, Fault>(|days| {
            i32::try_from(floor_days(unit, days.into())).map_err(|_| outside())
        })?));
    }
    let micros = primitive::<TimestampMicrosecondType>(array)?;
    let step = MICROS_PER_MILLI * unit.millis().filter(|_| unit <= Unit::Day).unwrap_or(MILLIS_PER_DAY);
    let floored = micros.try_unary::<_, TimestampMicrosecondType, Fault>(|micros| {
        let steps = micros.div_euclid(step);
        let steps = if unit > Unit::Day { floor_days(unit, steps) } else { steps };
        steps.checked_mul(step).ok_or_else(outside)
    })?;
    Ok(Arc::new(floored))
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn date_add() {
        check(
            "date_add",
            &[
                (&["varchar 'month'", "bigint 1", "date '2020-01-31'"], "date '2020-02-29'"),
                (&["varchar 'MONTH'", "bigint -1", "date '2020-03-31'"], "date '2020-02-29'"),
                (&["varchar 'quarter'", "bigint 1", "date '2020-01-31'"], "date '2020-04-30'"),
                (&["varchar 'year'", "bigint 1", "date '2020-02-29'"], "date '2021-02-28'"),
                (&["varchar 'week'", "bigint -1", "date '2020-01-01'"], "date '2019-12-25'"),
                (
                    &["varchar 'hour'", "bigint 1", "date '2020-01-01'"],
                    "error 'hour' is not a valid DATE field",
                ),
                (&["varchar 'x'", "bigint 1", "date NULL"], "date NULL"),
                (&["varchar NULL", "bigint 1", "date '2020-01-01'"], "date NULL"),
                (&["varchar 'day'", "bigint 4294967296", "date '2020-01-01'"], "error integer overflow"),
                (&["varchar 'year'", "bigint 2147483647", "date '2020-01-01'"], "error out of range"),
                (&["varchar 'day'", "bigint 2147483647", "date '2020-01-01'"], "error out of range"),
                (
                    &["varchar 'millisecond'", "bigint 3", "timestamp(3) '2020-01-01 00:00:00'"],
                    "timestamp(3) '2020-01-01 00:00:00.003'",
                ),
                (
                    &["varchar 'millisecond'", "bigint 600", "timestamp(0) '2020-01-01 00:00:00'"],
                    "timestamp(0) '2020-01-01 00:00:01'",
                ),
                (
                    &["varchar 'month'", "bigint 1", "timestamp(9) '2020-01-31 01:02:03.123456789'"],
                    "timestamp(9) '2020-02-29 01:02:03.123456789'",
                ),
                (
                    &["varchar 'hour'", "bigint 1", "timestamp(3) with time zone 1"],
                    "timestamp(3) with time zone 14745600001",
                ),
                (&["varchar 'hour'", "bigint 25", "time(3) '23:30:00'"], "time(3) '00:30:00'"),
                (&["varchar 'minute'", "bigint -31", "time(3) '00:30:00'"], "time(3) '23:59:00'"),
                (
                    &["varchar 'day'", "bigint 1", "time(3) '00:30:00'"],
                    "error 'day' is not a valid Time field",
                ),
                (
                    &["varchar 'x'", "bigint 1", "timestamp(3) '2020-01-01 00:00:00'"],
                    "error 'x' is not a valid Timestamp field",
                ),
            ],
        );
    }

    #[test]
    fn date_diff() {
        check(
            "date_diff",
            &[
                (&["varchar 'day'", "date '2020-03-01'", "date '2020-02-28'"], "bigint -2"),
                (&["varchar 'month'", "date '2020-01-31'", "date '2020-02-29'"], "bigint 1"),
                (&["varchar 'year'", "date '2020-03-01'", "date '2021-02-28'"], "bigint 0"),
                (
                    &[
                        "varchar 'hour'",
                        "timestamp(3) '2020-01-01 00:00:00'",
                        "timestamp(3) '2020-01-02 12:59:59'",
                    ],
                    "bigint 36",
                ),
                (&["varchar 'minute'", "time(3) '10:00:00'", "time(3) '09:58:30'"], "bigint -1"),
                (
                    &[
                        "varchar 'second'",
                        "timestamp(3) with time zone 0",
                        "timestamp(3) with time zone 8192001",
                    ],
                    "bigint 2",
                ),
                (&["varchar 'day'", "date '2020-03-01'", "date NULL"], "bigint NULL"),
                (&["varchar 'hour'", "date '2020-03-01'", "date '2020-03-01'"], "error is not a valid DATE"),
            ],
        );
    }

    #[test]
    fn date_trunc() {
        let given = "timestamp(6) '2020-08-19 15:47:58.123456'";
        check(
            "date_trunc",
            &[
                (&["varchar 'millisecond'", given], "timestamp(6) '2020-08-19 15:47:58.123'"),
                (&["varchar 'second'", given], "timestamp(6) '2020-08-19 15:47:58'"),
                (&["varchar 'minute'", given], "timestamp(6) '2020-08-19 15:47:00'"),
                (&["varchar 'hour'", given], "timestamp(6) '2020-08-19 15:00:00'"),
                (&["varchar 'day'", given], "timestamp(6) '2020-08-19 00:00:00'"),
                (&["varchar 'week'", given], "timestamp(6) '2020-08-17 00:00:00'"),
                (&["varchar 'month'", given], "timestamp(6) '2020-08-01 00:00:00'"),
                (&["varchar 'quarter'", given], "timestamp(6) '2020-07-01 00:00:00'"),
                (&["varchar 'Year'", given], "timestamp(6) '2020-01-01 00:00:00'"),
                (&["varchar 'week'", "date '1970-01-01'"], "date '1969-12-29'"),
                (&["varchar 'second'", "date '1970-01-01'"], "error is not a valid DATE field"),
                (&["varchar 'hour'", "time(3) '10:59:59.999'"], "time(3) '10:00:00'"),
                // 1970-01-01 05:30 +05:30 to the day
                (
                    &["varchar 'day'", "timestamp(3) with time zone 1170"],
                    "timestamp(3) with time zone -81100798830",
                ),
            ],
        );
    }
}
