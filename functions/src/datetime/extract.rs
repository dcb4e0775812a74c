//! `year(x)` to `millisecond(x)`, which `EXTRACT` is too, and other facts about a date.

use std::sync::Arc;

use arrow::{
    array::ArrayRef,
    datatypes::{
        Date32Type, DurationMillisecondType, Int64Type, IntervalYearMonthType, Time64NanosecondType,
        TimestampMicrosecondType, TimestampNanosecondType,
    },
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::{
    calendar::{
        Civil, MILLIS_PER_DAY, MILLIS_PER_HOUR, MILLIS_PER_MINUTE, MILLIS_PER_SECOND, NANOS_PER_MILLI,
        civil_from_days, day_of_week, day_of_year, days_from_civil, days_in_month, iso_week, split_day,
    },
    day_time,
    moment::{Moment, Moments, moment_rows, unpack_short},
    type_of,
};
use crate::{
    Call, Fault, Function, Type,
    columns::{argument, on_arrays, primitive, primitive_rows},
};

const DATES: &[&str] =
    &["(date) -> bigint", "(timestamp(p)) -> bigint", "(timestamp(p) with time zone) -> bigint"];
const DATES_AND_MONTHS: &[&str] = &[
    "(date) -> bigint",
    "(timestamp(p)) -> bigint",
    "(timestamp(p) with time zone) -> bigint",
    "(interval year to month) -> bigint",
];
const DATES_AND_DAYS: &[&str] = &[
    "(date) -> bigint",
    "(timestamp(p)) -> bigint",
    "(timestamp(p) with time zone) -> bigint",
    "(interval day to second) -> bigint",
];
const TIMES: &[&str] = &[
    "(timestamp(p)) -> bigint",
    "(timestamp(p) with time zone) -> bigint",
    "(time(p)) -> bigint",
    "(time(p) with time zone) -> bigint",
    "(interval day to second) -> bigint",
];
const ZONED: &[&str] = &["(timestamp(p) with time zone) -> bigint", "(time(p) with time zone) -> bigint"];
const LAST_DAY: &[&str] =
    &["(date) -> date", "(timestamp(p)) -> date", "(timestamp(p) with time zone) -> date"];

pub(super) fn functions() -> Vec<Function> {
    use Part::*;
    vec![
        Function::scalar("year", DATES_AND_MONTHS, |c, a, r| extract(c, a, r, Year), "The year"),
        Function::scalar("quarter", DATES, |c, a, r| extract(c, a, r, Quarter), "The quarter, 1 to 4"),
        Function::scalar("month", DATES_AND_MONTHS, |c, a, r| extract(c, a, r, Month), "The month, 1 to 12"),
        Function::scalar("week", DATES, |c, a, r| extract(c, a, r, Week), "The ISO week"),
        Function::scalar("week_of_year", DATES, |c, a, r| extract(c, a, r, Week), "The ISO week"),
        Function::scalar("year_of_week", DATES, |c, a, r| extract(c, a, r, WeekYear), "Year of the ISO week"),
        Function::scalar("yow", DATES, |c, a, r| extract(c, a, r, WeekYear), "The year of the ISO week"),
        Function::scalar("day", DATES_AND_DAYS, |c, a, r| extract(c, a, r, Day), "The day of the month"),
        Function::scalar("day_of_month", DATES_AND_DAYS, |c, a, r| extract(c, a, r, Day), "Day of the month"),
        Function::scalar("day_of_week", DATES, |c, a, r| extract(c, a, r, DayOfWeek), "1 for Monday to 7"),
        Function::scalar("dow", DATES, |c, a, r| extract(c, a, r, DayOfWeek), "1 for Monday to 7"),
        Function::scalar("day_of_year", DATES, |c, a, r| extract(c, a, r, DayOfYear), "The day of the year"),
        Function::scalar("doy", DATES, |c, a, r| extract(c, a, r, DayOfYear), "The day of the year"),
        Function::scalar("hour", TIMES, |c, a, r| extract(c, a, r, Hour), "The hour, 0 to 23"),
        Function::scalar("minute", TIMES, |c, a, r| extract(c, a, r, Minute), "The minute of the hour"),
        Function::scalar("second", TIMES, |c, a, r| extract(c, a, r, Second), "The second of the minute"),
        Function::scalar(
            "millisecond",
            TIMES,
            |c, a, r| extract(c, a, r, Milli),
            "Millisecond of the second",
        ),
        Function::scalar("timezone_hour", ZONED, timezone_hour, "The hours of the offset from UTC"),
        Function::scalar("timezone_minute", ZONED, timezone_minute, "The minutes of the offset from UTC"),
        Function::scalar("last_day_of_month", LAST_DAY, last_day_of_month, "The last day of the month"),
    ]
}

#[derive(Debug, Clone, Copy)]
enum Part {
    Year,
    Quarter,
    Month,
    Week,
    WeekYear,
    Day,
    DayOfWeek,
    DayOfYear,
    Hour,
    Minute,
    Second,
    Milli,
}

impl Part {
    fn of_days(self, days: i64) -> i64 {
        match self {
            Part::Year => civil_from_days(days).year,
            Part::Quarter => (civil_from_days(days).month - 1) / 3 + 1,
            Part::Month => civil_from_days(days).month,
            Part::Week => iso_week(days).1,
            Part::WeekYear => iso_week(days).0,
            Part::Day => civil_from_days(days).day,
            Part::DayOfWeek => day_of_week(days),
            Part::DayOfYear => day_of_year(days),
            Part::Hour | Part::Minute | Part::Second | Part::Milli => 0,
        }
    }

    fn of_local(self, millis: i64) -> i64 {
        let (days, millis) = split_day(millis);
        match self {
            Part::Hour | Part::Minute | Part::Second | Part::Milli => self.of_duration(millis),
            _ => self.of_days(days),
        }
    }

    /// With the sign of the duration.
    fn of_duration(self, millis: i64) -> i64 {
        match self {
            Part::Day => millis / MILLIS_PER_DAY,
            Part::Hour => millis % MILLIS_PER_DAY / MILLIS_PER_HOUR,
            Part::Minute => millis % MILLIS_PER_HOUR / MILLIS_PER_MINUTE,
            Part::Second => millis % MILLIS_PER_MINUTE / MILLIS_PER_SECOND,
            _ => millis % MILLIS_PER_SECOND,
        }
    }

    fn of_months(self, months: i32) -> i64 {
        match self {
            Part::Year => i64::from(months / 12),
            _ => i64::from(months % 12),
        }
    }
}

fn extract(call: &Call, arguments: &[ColumnarValue], rows: usize, part: Part) -> EngineResult<ColumnarValue> {
    let data_type = type_of(call, 0)?;
    on_arrays(arguments, rows, |arrays| part_of(argument(arrays, 0)?, data_type, part))
}

/// Also computes values behind NULLs, which nothing here can trip over; that is faster than to test.
fn part_of(array: &ArrayRef, data_type: &Type, part: Part) -> EngineResult<ArrayRef> {
    Ok(match data_type {
        Type::Date => {
            Arc::new(primitive::<Date32Type>(array)?.unary::<_, Int64Type>(|days| part.of_days(days.into())))
        }
        Type::Timestamp(0..=6) => Arc::new(
            primitive::<TimestampMicrosecondType>(array)?
                .unary::<_, Int64Type>(|micros| part.of_local(micros.div_euclid(1_000))),
        ),
        Type::Timestamp(_) => Arc::new(
            primitive::<TimestampNanosecondType>(array)?
                .unary::<_, Int64Type>(|nanos| part.of_local(nanos.div_euclid(NANOS_PER_MILLI))),
        ),
        Type::TimestampTz(0..=3) => Arc::new(
            primitive::<Int64Type>(array)?
                .unary::<_, Int64Type>(|packed| part.of_local(unpack_short(packed).local_millis())),
        ),
        Type::TimestampTz(_) => {
            let given = Moments::read(array, data_type)?;
            return primitive_rows::<Int64Type>(given.len(), |row| {
                Ok(given.get(row).map(|moment| part.of_local(moment.local_millis())))
            });
        }
        Type::Time(_) => Arc::new(
            primitive::<Time64NanosecondType>(array)?
                .unary::<_, Int64Type>(|nanos| part.of_duration(nanos / NANOS_PER_MILLI)),
        ),
        Type::TimeTz(_) => Arc::new(primitive::<Int64Type>(array)?.unary::<_, Int64Type>(|packed| {
            part.of_duration(day_time::unpack(packed).nanos / NANOS_PER_MILLI)
        })),
        Type::IntervalDayToSecond => Arc::new(
            primitive::<DurationMillisecondType>(array)?
                .unary::<_, Int64Type>(|millis| part.of_duration(millis)),
        ),
        Type::IntervalYearToMonth => Arc::new(
            primitive::<IntervalYearMonthType>(array)?.unary::<_, Int64Type>(|months| part.of_months(months)),
        ),
        other => return Err(Fault::internal(format!("{other} has no {part:?}")).into()),
    })
}

fn timezone_hour(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    offset_part(call, arguments, rows, |minutes| minutes / 60)
}

fn timezone_minute(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    offset_part(call, arguments, rows, |minutes| minutes % 60)
}

fn offset_part(
    call: &Call,
    arguments: &[ColumnarValue],
    rows: usize,
    part: fn(i64) -> i64,
) -> EngineResult<ColumnarValue> {
    let data_type = type_of(call, 0)?;
    on_arrays(arguments, rows, |arrays| {
        let array = argument(arrays, 0)?;
        if matches!(data_type, Type::TimeTz(_)) {
            let times = primitive::<Int64Type>(array)?;
            let parts = times.unary::<_, Int64Type>(|packed| part(day_time::unpack(packed).offset_minutes));
            return Ok(Arc::new(parts));
        }
        let given = Moments::read(array, data_type)?;
        primitive_rows::<Int64Type>(given.len(), |row| {
            Ok(given.get(row).map(|moment| part(moment.zone.offset_at(moment.millis) / MILLIS_PER_MINUTE)))
        })
    })
}

fn last_day_of_month(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let data_type = type_of(call, 0)?;
    on_arrays(arguments, rows, |arrays| {
        let given = Moments::read(argument(arrays, 0)?, data_type)?;
        moment_rows(&Type::Date, given.len(), |row| {
            let Some(moment) = given.get(row) else { return Ok(None) };
            let Civil { year, month, .. } = civil_from_days(moment.local_days());
            Moment::of_days(days_from_civil(year, month, days_in_month(year, month))).map(Some)
        })
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn parts_of_dates() {
        check("year", &[(&["date '2020-05-10'"], "bigint 2020"), (&["date NULL"], "bigint NULL")]);
        check("quarter", &[(&["date '2020-05-10'"], "bigint 2"), (&["date '2020-12-31'"], "bigint 4")]);
        check("month", &[(&["timestamp(3) '2020-05-10 01:02:03'"], "bigint 5")]);
        check("week", &[(&["date '2021-01-03'"], "bigint 53"), (&["date '2018-12-31'"], "bigint 1")]);
        check("year_of_week", &[(&["date '2021-01-03'"], "bigint 2020")]);
        check("day", &[(&["timestamp(9) '2020-05-10 01:02:03.123456789'"], "bigint 10")]);
        check("dow", &[(&["date '2020-05-10'"], "bigint 7"), (&["date '2020-05-11'"], "bigint 1")]);
        check("doy", &[(&["date '2020-12-31'"], "bigint 366")]);
        check(
            "hour",
            &[
                (&["timestamp(6) '1969-12-31 23:59:59.999999'"], "bigint 23"),
                (&["timestamp(3) with time zone 841"], "bigint 0"),
                (&["timestamp(3) with time zone 960"], "bigint 2"),
                (&["timestamp(6) with time zone 960"], "bigint 2"),
                (&["time(3) '17:02:03'"], "bigint 17"),
                (&["interval day to second 90000000"], "bigint 1"),
                (&["interval day to second -90000000"], "bigint -1"),
            ],
        );
        check("millisecond", &[(&["timestamp(6) '1969-12-31 23:59:59.999999'"], "bigint 999")]);
        check("second", &[(&["interval day to second -1500"], "bigint -1")]);
        check("year", &[(&["interval year to month -25"], "bigint -2")]);
        check("month", &[(&["interval year to month -25"], "bigint -1")]);
        check("day", &[(&["interval day to second 172800001"], "bigint 2")]);
    }

    #[test]
    fn parts_of_offsets() {
        check("timezone_hour", &[(&["timestamp(3) with time zone 1170"], "bigint 5")]);
        check("timezone_minute", &[(&["timestamp(3) with time zone 1170"], "bigint 30")]);
        check("timezone_minute", &[(&["time(3) with time zone 694"], "bigint -30")]);
    }

    #[test]
    fn months_end() {
        check(
            "last_day_of_month",
            &[
                (&["date '2020-02-01'"], "date '2020-02-29'"),
                (&["timestamp(3) '2021-02-28 23:59:59'"], "date '2021-02-28'"),
                (&["timestamp(3) with time zone 1"], "date '1969-12-31'"),
            ],
        );
    }
}
