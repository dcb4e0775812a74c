//! Seconds since 1970.

use arrow::{
    array::Array,
    datatypes::{Decimal128Type, Float64Type, Int64Type},
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::{
    Last,
    calendar::NANOS_PER_SECOND,
    moment::{Moment, Moments, moment_rows},
    type_of,
    zone::Zone,
};
use crate::{
    Call, Fault, Function, Type,
    columns::{argument, on_arrays, primitive, primitive_rows, text},
};

pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::scalar(
            "from_unixtime",
            &[
                "(double) -> timestamp(3) with time zone",
                "(double, varchar(x)) -> timestamp(3) with time zone",
                "(double, bigint, bigint) -> timestamp(3) with time zone",
            ],
            from_unixtime,
            "The instant so many seconds after 1970",
        ),
        Function::scalar(
            "from_unixtime_nanos",
            &["(bigint) -> timestamp(9) with time zone", "(decimal(p,s)) -> timestamp(9) with time zone"],
            from_unixtime_nanos,
            "The instant so many nanoseconds after 1970",
        ),
        Function::scalar(
            "to_unixtime",
            &["(timestamp(p) with time zone) -> double"],
            to_unixtime,
            "Seconds after 1970",
        ),
    ]
}

/// Half up, as Java rounds; what is no number is 0.
pub(super) fn java_round(value: f64) -> i64 {
    let floor = value.floor();
    let rounded = if value - floor >= 0.5 { floor + 1.0 } else { floor };
    rounded as i64
}

fn from_unixtime(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let seconds = primitive::<Float64Type>(argument(arrays, 0)?)?;
        let names = arrays.get(1).filter(|_| arrays.len() == 2).map(text).transpose()?;
        let offsets = match arrays {
            [_, hours, minutes] => Some((primitive::<Int64Type>(hours)?, primitive::<Int64Type>(minutes)?)),
            _ => None,
        };
        let mut last = Last::new();
        moment_rows(&Type::TimestampTz(3), seconds.len(), |row| {
            if arrays.iter().any(|array| array.is_null(row)) {
                return Ok(None);
            }
            let zone = match (names, offsets) {
                (Some(names), _) => *last.of(names.value(row), Zone::named)?,
                (_, Some((hours, minutes))) => zone_of(hours.value(row), minutes.value(row))?,
                _ => Zone::UTC,
            };
            let millis = java_round(seconds.value(row) * 1_000.0);
            Ok(Some(Moment { millis, nanos: 0, zone }))
        })
    })
}

fn zone_of(hours: i64, minutes: i64) -> Result<Zone, Fault> {
    let total = hours.checked_mul(60).and_then(|total| total.checked_add(minutes));
    total.and_then(Zone::of_offset).ok_or_else(|| {
        Fault::invalid_argument(format!("Invalid offset minutes {}", total.unwrap_or(i64::MAX)))
    })
}

fn from_unixtime_nanos(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let data_type = type_of(call, 0)?;
    on_arrays(arguments, rows, |arrays| {
        let array = argument(arrays, 0)?;
        let Type::Decimal(_, scale) = data_type else {
            let nanos = primitive::<Int64Type>(array)?;
            return moment_rows(&Type::TimestampTz(9), nanos.len(), |row| {
                nanos.is_valid(row).then(|| Moment::of_nanos(nanos.value(row).into(), Zone::UTC)).transpose()
            });
        };
        let nanos = primitive::<Decimal128Type>(array)?;
        let unit = 10_i128.pow(u32::from(*scale));
        moment_rows(&Type::TimestampTz(9), nanos.len(), |row| {
            nanos
                .is_valid(row)
                .then(|| Moment::of_nanos(divide(nanos.value(row), unit), Zone::UTC))
                .transpose()
        })
    })
}

/// Half away from zero.
fn divide(value: i128, unit: i128) -> i128 {
    let (quotient, rest) = (value / unit, value % unit);
    let up = rest.unsigned_abs() * 2 >= unit.unsigned_abs();
    quotient + if up { value.signum() } else { 0 }
}

fn to_unixtime(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let data_type = type_of(call, 0)?;
    on_arrays(arguments, rows, |arrays| {
        let given = Moments::read(argument(arrays, 0)?, data_type)?;
        primitive_rows::<Float64Type>(given.len(), |row| {
            let Some(moment) = given.get(row) else { return Ok(None) };
            let seconds = moment.millis as f64 / 1_000.0;
            Ok(Some(seconds + moment.nanos as f64 / NANOS_PER_SECOND as f64))
        })
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn seconds_become_instants() {
        check(
            "from_unixtime",
            &[
                (&["double 1.0005"], "timestamp(3) with time zone 4100096"),
                (&["double -0.0005"], "timestamp(3) with time zone 0"),
                (&["double NaN"], "timestamp(3) with time zone 0"),
                (&["double 1e300"], "error Millis overflow"),
                (&["double NULL"], "timestamp(3) with time zone NULL"),
                (&["double 1", "varchar '+01:00'"], "timestamp(3) with time zone 4096900"),
                (&["double 1", "varchar 'x'"], "error Time zone not supported: x"),
                (&["double 1", "bigint 1", "bigint 0"], "timestamp(3) with time zone 4096900"),
                (&["double 1", "bigint -5", "bigint -30"], "timestamp(3) with time zone 4096511"),
                (&["double 1", "bigint 15", "bigint 0"], "error Invalid offset minutes 900"),
                (&["double 1", "bigint 9223372036854775807", "bigint 0"], "error Invalid offset"),
            ],
        );
        check(
            "from_unixtime_nanos",
            &[
                (&["bigint 1"], "timestamp(9) with time zone 4096"),
                (&["bigint -1"], "timestamp(9) with time zone -4096"),
                (&["decimal(3,1) 12.5"], "timestamp(9) with time zone 53248"),
                (&["decimal(3,1) -12.5"], "timestamp(9) with time zone -53248"),
                (&["decimal(20,0) NULL"], "timestamp(9) with time zone NULL"),
            ],
        );
        check(
            "to_unixtime",
            &[
                (&["timestamp(3) with time zone 6144000"], "double 1.5"),
                (&["timestamp(6) with time zone 6144000000"], "double 0.0015"),
                (&["timestamp(3) with time zone NULL"], "double NULL"),
            ],
        );
    }
}
