//! Functions about time zones.

use arrow::{
    array::{Array, ArrayRef},
    datatypes::{Decimal128Type, DurationMillisecondType, Int64Type},
};
use chrono::Utc;
use datafusion::{
    common::{Result as EngineResult, ScalarValue},
    logical_expr::ColumnarValue,
};

use super::{
    Last,
    calendar::{MILLIS_PER_MINUTE, NANOS_PER_DAY, NANOS_PER_MINUTE},
    day_time::{DayTime, DayTimes, day_time_rows},
    moment::{Moment, Moments, SHORT_PRECISION_MAX, moment_rows, out_of_range},
    text::push_offset,
    type_of,
    zone::Zone,
};
use crate::{
    Call, Fault, Function, Type,
    columns::{argument, on_arrays, primitive, primitive_rows, text, text_rows},
    types::DECIMAL_PRECISION_MAX,
};

pub(super) fn functions() -> Vec<Function> {
    const AT_ZONE: &[&str] = &[
        "(timestamp(p) with time zone, varchar(x)) -> timestamp(p) with time zone",
        "(timestamp(p) with time zone, interval day to second) -> timestamp(p) with time zone",
        "(time(p) with time zone, varchar(x)) -> time(p) with time zone",
        "(time(p) with time zone, interval day to second) -> time(p) with time zone",
    ];
    vec![
        Function::scalar(
            "at_timezone",
            &[
                "(timestamp(p) with time zone, varchar(x)) -> timestamp(p) with time zone",
                "(timestamp(p) with time zone, interval day to second) -> timestamp(p) with time zone",
            ],
            at_timezone,
            "The same instant in another zone",
        ),
        Function::scalar("$at_timezone", AT_ZONE, at_timezone, "x AT TIME ZONE zone"),
        Function::scalar(
            "$at_timezone_interval",
            &[
                "(timestamp(p) with time zone, interval day to second) -> timestamp(p) with time zone",
                "(time(p) with time zone, interval day to second) -> time(p) with time zone",
            ],
            at_timezone_interval,
            "x AT TIME ZONE interval",
        ),
        Function::scalar(
            "with_timezone",
            &["(timestamp(p), varchar(x)) -> timestamp(p) with time zone"],
            with_timezone,
            "The local time as a time in this zone",
        ),
        Function::scalar(
            "timezone",
            &["(timestamp(p) with time zone) -> varchar", "(time(p) with time zone) -> varchar"],
            timezone,
            "The name of the zone",
        ),
        Function::scalar(
            "current_timezone",
            &["() -> varchar"],
            |_, _, _| Ok(ColumnarValue::Scalar(ScalarValue::Utf8View(Some(Zone::UTC.name().to_owned())))),
            "The zone of the session",
        ),
        Function::scalar(
            "$to_utc_timestamp",
            &["(timestamp(p) with time zone) -> timestamp(p)"],
            to_utc_timestamp,
            "What clocks in UTC show",
        ),
        Function::scalar(
            "$instant",
            &["(timestamp(p) with time zone) -> bigint"],
            instant,
            "The instant alone",
        )
        .returning(instant_type),
    ]
}

fn precision_of(data_type: &Type) -> u8 {
    match data_type {
        Type::Timestamp(precision) | Type::TimestampTz(precision) => *precision,
        _ => 0,
    }
}

/// The zone that a row names.
fn zone_named(last: &mut Last<Zone>, name: &str) -> Result<Zone, Fault> {
    let invalid = |_| Fault::invalid_argument(format!("'{name}' is not a valid time zone"));
    last.of(name, |name| Zone::named(name).map_err(invalid)).copied()
}

fn at_timezone(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    if *type_of(call, 1)? == Type::IntervalDayToSecond {
        return at_timezone_interval(call, arguments, rows);
    }
    on_arrays(arguments, rows, |arrays| {
        let zones = text(argument(arrays, 1)?)?;
        let mut last = Last::new();
        in_zones(argument(arrays, 0)?, type_of(call, 0)?, |row| match zones.is_null(row) {
            true => Ok(None),
            false => zone_named(&mut last, zones.value(row)).map(Some),
        })
    })
}

fn at_timezone_interval(
    call: &Call,
    arguments: &[ColumnarValue],
    rows: usize,
) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let offsets = primitive::<DurationMillisecondType>(argument(arrays, 1)?)?;
        in_zones(argument(arrays, 0)?, type_of(call, 0)?, |row| match offsets.is_null(row) {
            true => Ok(None),
            false => zone_of_interval(offsets.value(row)).map(Some),
        })
    })
}

fn zone_of_interval(offset: i64) -> Result<Zone, Fault> {
    if offset % MILLIS_PER_MINUTE != 0 {
        return Err(Fault::invalid_argument("Invalid time zone offset interval: interval contains seconds"));
    }
    let minutes = offset / MILLIS_PER_MINUTE;
    Zone::of_offset(minutes)
        .ok_or_else(|| Fault::invalid_argument(format!("Invalid offset minutes {minutes}")))
}

/// The same instants in other zones. A time takes the offset that the zone has now.
fn in_zones(
    array: &ArrayRef,
    data_type: &Type,
    mut zone: impl FnMut(usize) -> Result<Option<Zone>, Fault>,
) -> EngineResult<ArrayRef> {
    if matches!(data_type, Type::TimeTz(_)) {
        let now = Utc::now().timestamp_millis();
        let given = DayTimes::read(array, data_type)?;
        return day_time_rows(data_type, given.len(), |row| {
            let (Some(time), Some(zone)) = (given.get(row), zone(row)?) else { return Ok(None) };
            let offset_minutes = zone.offset_at(now) / MILLIS_PER_MINUTE;
            let nanos = time.utc_nanos() + offset_minutes * NANOS_PER_MINUTE;
            Ok(Some(DayTime { nanos: nanos.rem_euclid(NANOS_PER_DAY), offset_minutes }))
        });
    }
    let given = Moments::read(array, data_type)?;
    moment_rows(data_type, given.len(), |row| {
        let (Some(moment), Some(zone)) = (given.get(row), zone(row)?) else { return Ok(None) };
        Ok(Some(Moment { zone, ..moment }))
    })
}

fn with_timezone(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let data_type = type_of(call, 0)?;
    let returns = Type::TimestampTz(precision_of(data_type));
    on_arrays(arguments, rows, |arrays| {
        let given = Moments::read(argument(arrays, 0)?, data_type)?;
        let zones = text(argument(arrays, 1)?)?;
        let mut last = Last::new();
        moment_rows(&returns, given.len(), |row| {
            let Some(moment) = given.get(row).filter(|_| zones.is_valid(row)) else { return Ok(None) };
            let zone = zone_named(&mut last, zones.value(row))?;
            // The local time, taken as an instant, chooses between two offsets: so does Trino.
            let millis = zone.instant_near(moment.millis, moment.millis);
            Ok(Some(Moment { millis: millis.ok_or_else(|| out_of_range("timestamp"))?, zone, ..moment }))
        })
    })
}

fn timezone(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let data_type = type_of(call, 0)?;
    on_arrays(arguments, rows, |arrays| {
        let array = argument(arrays, 0)?;
        if matches!(data_type, Type::TimeTz(_)) {
            let given = DayTimes::read(array, data_type)?;
            return text_rows(given.len(), |row, out| {
                Ok(given.get(row).map(|time| push_offset(out, time.offset_minutes)))
            });
        }
        let given = Moments::read(array, data_type)?;
        text_rows(given.len(), |row, out| Ok(given.get(row).map(|moment| out.push_str(moment.zone.name()))))
    })
}

fn to_utc_timestamp(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let data_type = type_of(call, 0)?;
    on_arrays(arguments, rows, |arrays| {
        let given = Moments::read(argument(arrays, 0)?, data_type)?;
        moment_rows(&Type::Timestamp(precision_of(data_type)), given.len(), |row| Ok(given.get(row)))
    })
}

fn instant_type(arguments: &[Type]) -> Result<Type, Fault> {
    match arguments {
        [Type::TimestampTz(0..=SHORT_PRECISION_MAX)] => Ok(Type::BigInt),
        [Type::TimestampTz(_)] => Ok(Type::Decimal(DECIMAL_PRECISION_MAX, 0)),
        _ => Err(Fault::internal("$instant takes a timestamp with time zone")),
    }
}

/// Milliseconds or nanoseconds since 1970-01-01 00:00 UTC: equal for equal instants, and in their order.
fn instant(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let data_type = type_of(call, 0)?;
    on_arrays(arguments, rows, |arrays| {
        let given = Moments::read(argument(arrays, 0)?, data_type)?;
        if instant_type(&call.arguments)? == Type::BigInt {
            return primitive_rows::<Int64Type>(given.len(), |row| {
                Ok(given.get(row).map(|moment| moment.millis))
            });
        }
        let values = (0..given.len()).map(|row| given.get(row).map(Moment::total_nanos));
        let values: arrow::array::PrimitiveArray<Decimal128Type> = values.collect();
        Ok(std::sync::Arc::new(values.with_precision_and_scale(DECIMAL_PRECISION_MAX, 0)?))
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::{datetime::zone::Zone, testing::check};

    #[test]
    fn instants_move_between_zones() {
        let new_york = Zone::named("America/New_York").unwrap().key();
        let packed =
            |millis: i64| format!("timestamp(3) with time zone {}", millis << 12 | i64::from(new_york));
        check(
            "at_timezone",
            &[
                (
                    &["timestamp(3) with time zone 4096", "varchar '+05:30'"],
                    "timestamp(3) with time zone 5266",
                ),
                (&["timestamp(3) with time zone 4096", "varchar 'America/New_York'"], &packed(1)),
                (
                    &["timestamp(3) with time zone 4096", "interval day to second 19800000"],
                    "timestamp(3) with time zone 5266",
                ),
                (&["timestamp(3) with time zone 4096", "varchar 'x'"], "error 'x' is not a valid time zone"),
                (&["timestamp(3) with time zone 4096", "varchar NULL"], "timestamp(3) with time zone NULL"),
            ],
        );
        check(
            "$at_timezone_interval",
            &[
                (
                    &["timestamp(3) with time zone 4096", "interval day to second 19800000"],
                    "timestamp(3) with time zone 5266",
                ),
                (
                    &["timestamp(3) with time zone 0", "interval day to second 1"],
                    "error interval contains seconds",
                ),
                (
                    &["timestamp(3) with time zone 0", "interval day to second 54000000"],
                    "error Invalid offset",
                ),
                // 00:00+00:00 at +01:00
                (
                    &["time(3) with time zone 1024", "interval day to second 3600000"],
                    "time(3) with time zone 7372800000001084",
                ),
            ],
        );
        check(
            "with_timezone",
            &[
                (&["timestamp(3) '1970-01-01 00:00:00'", "varchar 'UTC'"], "timestamp(3) with time zone 0"),
                (
                    &["timestamp(3) '2020-03-08 02:30:00'", "varchar 'America/New_York'"],
                    &packed(1_583_652_600_000),
                ),
                (
                    &["timestamp(3) '2020-11-01 01:30:00'", "varchar 'America/New_York'"],
                    &packed(1_604_208_600_000),
                ),
            ],
        );
        check("timezone", &[(&["timestamp(3) with time zone 1170"], "varchar '+05:30'")]);
        check("timezone", &[(&["time(3) with time zone 1024"], "varchar '+00:00'")]);
        check(
            "$to_utc_timestamp",
            &[(&["timestamp(3) with time zone 5266"], "timestamp(3) '1970-01-01 00:00:00.001'")],
        );
        check("$instant", &[(&["timestamp(3) with time zone 5266"], "bigint 1")]);
        check("$instant", &[(&["timestamp(9) with time zone 5266"], "decimal(38,0) 1")]);
    }
}
