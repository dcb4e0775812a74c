//! ISO 8601: texts of dates and times, and the reverse.

mod parse;

use arrow::array::{Array, ArrayRef};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::{
    calendar::{MILLIS_PER_DAY, MILLIS_PER_MINUTE},
    format::parse::impossible,
    moment::{Moment, Moments, moment_rows},
    text::{push_date, push_offset, push_timestamp},
    type_of,
    zone::Zone,
};
use crate::{
    Call, Fault, Function, Type,
    columns::{argument, on_arrays, text, text_rows},
};

/// Characters of a date, with a sign and a year of at most nine digits.
const DATE_LENGTH: u32 = 16;
/// Characters of a timestamp without its fraction: a sign, six digits of the year, `-MM-DDTHH:MM:SS`.
const TIMESTAMP_LENGTH: u32 = 1 + 6 + 15;
const OFFSET_LENGTH: u32 = 6;

pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::scalar(
            "to_iso8601",
            &["(date) -> varchar", "(timestamp(p)) -> varchar", "(timestamp(p) with time zone) -> varchar"],
            to_iso8601,
            "The time as ISO 8601 writes it",
        )
        .returning(text_type),
        Function::scalar(
            "from_iso8601_date",
            &["(varchar(x)) -> date"],
            |_, a, r| read(a, r, &Type::Date, date),
            "The date that an ISO 8601 text tells",
        ),
        Function::scalar(
            "from_iso8601_timestamp",
            &["(varchar(x)) -> timestamp(3) with time zone"],
            |_, a, r| read(a, r, &Type::TimestampTz(3), timestamp),
            "The time that an ISO 8601 text tells",
        ),
        Function::scalar(
            "from_iso8601_timestamp_nanos",
            &["(varchar(x)) -> timestamp(9) with time zone"],
            |_, a, r| read(a, r, &Type::TimestampTz(9), timestamp_nanos),
            "The time that an ISO 8601 text tells, with nanoseconds",
        ),
    ]
}

fn text_type(arguments: &[Type]) -> Result<Type, Fault> {
    let with_fraction = |precision: &u8| TIMESTAMP_LENGTH + u32::from((*precision).min(1) + precision);
    Ok(Type::Varchar(Some(match arguments {
        [Type::Date] => DATE_LENGTH,
        [Type::Timestamp(p)] => with_fraction(p),
        [Type::TimestampTz(p)] => with_fraction(p) + OFFSET_LENGTH,
        _ => return Err(Fault::internal("to_iso8601 takes a date or timestamp")),
    })))
}

fn to_iso8601(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let data_type = type_of(call, 0)?;
    on_arrays(arguments, rows, |arrays| written(argument(arrays, 0)?, data_type))
}

fn written(array: &ArrayRef, data_type: &Type) -> EngineResult<ArrayRef> {
    let given = Moments::read(array, data_type)?;
    text_rows(given.len(), |row, out| {
        let Some(moment) = given.get(row) else { return Ok(None) };
        match data_type {
            Type::Timestamp(p) => push_timestamp(out, moment.millis, moment.nanos, *p, 'T'),
            Type::TimestampTz(p) => {
                push_timestamp(out, moment.local_millis(), moment.nanos, *p, 'T');
                push_iso_offset(out, moment.zone.offset_at(moment.millis))?;
            }
            _ => push_date(out, moment.local_days()),
        }
        Ok(Some(()))
    })
}

fn push_iso_offset(out: &mut String, offset_millis: i64) -> Result<(), Fault> {
    if offset_millis % MILLIS_PER_MINUTE != 0 {
        return Err(Fault::invalid_argument(
            "Timezone with non-zero seconds offset cannot be rendered as ISO8601",
        ));
    }
    match offset_millis {
        0 => out.push('Z'),
        _ => push_offset(out, offset_millis / MILLIS_PER_MINUTE),
    }
    Ok(())
}

fn read(
    arguments: &[ColumnarValue],
    rows: usize,
    returns: &Type,
    moment: fn(&str) -> Result<Moment, Fault>,
) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let given = text(argument(arrays, 0)?)?;
        moment_rows(returns, given.len(), |row| {
            given.is_valid(row).then(|| moment(given.value(row))).transpose()
        })
    })
}

fn date(text: &str) -> Result<Moment, Fault> {
    let local = parse::date(text)?.local().ok_or_else(|| impossible(text))?;
    Moment::of_days(local / MILLIS_PER_DAY)
}

fn timestamp(text: &str) -> Result<Moment, Fault> {
    let parsed = parse::date_time(text)?;
    let zone = parsed.shown_zone()?;
    let millis = parsed.instant().ok_or_else(|| impossible(text))?;
    Ok(Moment { millis, nanos: 0, zone })
}

fn timestamp_nanos(text: &str) -> Result<Moment, Fault> {
    let (nanos, zone) = parse::strict_date_time(text)
        .ok_or_else(|| Fault::invalid_argument(format!("Text '{text}' could not be parsed")))?;
    Moment::of_nanos(nanos, zone.unwrap_or(Zone::UTC))
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn to_iso8601() {
        check(
            "to_iso8601",
            &[
                (&["date '2001-08-22'"], "varchar(16) '2001-08-22'"),
                (&["timestamp(0) '2001-08-22 03:04:05'"], "varchar(22) '2001-08-22T03:04:05'"),
                (&["timestamp(3) '2001-08-22 03:04:05.321'"], "varchar(26) '2001-08-22T03:04:05.321'"),
                (&["timestamp(3) with time zone 0"], "varchar(32) '1970-01-01T00:00:00.000Z'"),
                (&["timestamp(3) with time zone 1170"], "varchar(32) '1970-01-01T05:30:00.000+05:30'"),
                (&["timestamp(9) with time zone 1"], "varchar(38) '1969-12-31T10:00:00.000000000-14:00'"),
                (&["date NULL"], "varchar(16) NULL"),
            ],
        );
    }

    #[test]
    fn from_iso8601_date() {
        check(
            "from_iso8601_date",
            &[
                (&["varchar '2001-08-22'"], "date '2001-08-22'"),
                (&["varchar '2001'"], "date '2001-01-01'"),
                (&["varchar '2001-08'"], "date '2001-08-01'"),
                (&["varchar '2001-W34-3'"], "date '2001-08-22'"),
                (&["varchar '2020-W53'"], "date '2020-12-28'"),
                (&["varchar '2001-234'"], "date '2001-08-22'"),
                (&["varchar '2001-08-22T00:00'"], "error malformed"),
                (&["varchar '2001-02-30'"], "error Cannot parse"),
                (&["varchar '2019-W53'"], "error Cannot parse"),
                (&["varchar '20200110'"], "error out of range"),
                (&["varchar ''"], "error too short"),
                (&["varchar 'é'"], "error Invalid format"),
            ],
        );
    }

    #[test]
    fn from_iso8601_timestamp() {
        for (text, millis, key) in [
            ("1970-01-01T00:00:01.234", 1_234_i64, 0),
            ("1970-01-01T00:00:01,2345678", 1_234, 0),
            ("1970-01-01T01:00+01:00", 0, 900),
            ("1970-01-01T01:00:00Z", 3_600_000, 0),
            ("1970-01-01t01:00:00z", 3_600_000, 0),
            ("1970-01-01T01", 3_600_000, 0),
            ("1970-01-01T01.5", 5_400_000, 0),
            ("1970-01-01T01:01.5", 3_690_000, 0),
            ("1970-01-01", 0, 0),
            ("1970-01-01T+05:30", -19_800_000, 1_170),
            ("1970-W01-4T00:00Z", 0, 0),
            ("1970-001T00:00Z", 0, 0),
            ("T01:00", 3_600_000, 0),
            ("-0001-01-01", -62_198_755_200_000, 0),
        ] {
            let given = format!("varchar '{text}'");
            let expected = format!("timestamp(3) with time zone {}", (millis << 12) | key);
            check("from_iso8601_timestamp", &[(&[&given], &expected)]);
        }
        check(
            "from_iso8601_timestamp",
            &[
                (&["varchar '1970-01-01 00:00:00'"], "error malformed"),
                (&["varchar '1970-01-01T24:00'"], "error Cannot parse"),
                (&["varchar '1970-01-01T00:00+15:00'"], "error not supported"),
                (&["varchar '20200110'"], "error overflow"),
                (&["varchar NULL"], "timestamp(3) with time zone NULL"),
            ],
        );
    }

    #[test]
    fn from_iso8601_timestamp_nanos() {
        for (text, nanos, key) in [
            ("1970-01-01T00:00:00.123456789", 123_456_789_i128, 0),
            ("1970-01-01T00:00:00.123456789Z", 123_456_789, 0),
            ("1970-01-01T05:30:00+05:30", 0, 1_170),
            ("1970-01-01T00:00", 0, 0),
            ("+10000-01-01T00:00:00Z", 253_402_300_800_000_000_000, 0),
        ] {
            let given = format!("varchar '{text}'");
            let expected = format!("timestamp(9) with time zone '{}'", (nanos << 12) | key);
            check("from_iso8601_timestamp_nanos", &[(&[&given], &expected)]);
        }
        for text in [
            "1970-01-01",
            "1970-1-01T00:00",
            "1970-01-01T00:00+05",
            "1970-01-01T0:00",
            "",
            "10000-01-01T00:00",
        ] {
            let given = format!("varchar '{text}'");
            check("from_iso8601_timestamp_nanos", &[(&[&given], "error could not be parsed")]);
        }
    }
}
