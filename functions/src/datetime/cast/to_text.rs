//! Dates, times, timestamps and intervals as text.

use arrow::{
    array::{Array, ArrayRef},
    datatypes::{Date32Type, DurationMillisecondType, IntervalYearMonthType},
};
use datafusion::common::Result as EngineResult;

use super::super::{
    day_time::DayTimes,
    moment::Moments,
    text::{push_date, push_duration, push_months, push_time, push_time_tz, push_timestamp},
};
use crate::{
    Fault, Type,
    columns::{primitive, text_rows},
};

/// A text that is longer than `length` characters is a fault. All of them are ASCII.
pub(super) fn cast(array: &ArrayRef, from: &Type, length: Option<u32>) -> EngineResult<ArrayRef> {
    let fits = |text: &str| match length {
        Some(length) if text.len() > length as usize => {
            Err(Fault::invalid_cast(format!("Value {text} cannot be represented as varchar({length})")))
        }
        _ => Ok(Some(())),
    };
    match from {
        Type::Date => {
            let given = primitive::<Date32Type>(array)?;
            text_rows(given.len(), |row, out| {
                if given.is_null(row) {
                    return Ok(None);
                }
                push_date(out, given.value(row).into());
                fits(out)
            })
        }
        Type::IntervalYearToMonth => {
            let given = primitive::<IntervalYearMonthType>(array)?;
            text_rows(given.len(), |row, out| {
                if given.is_null(row) {
                    return Ok(None);
                }
                push_months(out, given.value(row));
                fits(out)
            })
        }
        Type::IntervalDayToSecond => {
            let given = primitive::<DurationMillisecondType>(array)?;
            text_rows(given.len(), |row, out| {
                if given.is_null(row) {
                    return Ok(None);
                }
                push_duration(out, given.value(row));
                fits(out)
            })
        }
        Type::Time(precision) | Type::TimeTz(precision) => {
            let given = DayTimes::read(array, from)?;
            let zoned = matches!(from, Type::TimeTz(_));
            text_rows(given.len(), |row, out| {
                let Some(time) = given.get(row) else { return Ok(None) };
                match zoned {
                    true => push_time_tz(out, time, *precision),
                    false => push_time(out, time.nanos, *precision),
                }
                fits(out)
            })
        }
        Type::Timestamp(precision) | Type::TimestampTz(precision) => {
            let given = Moments::read(array, from)?;
            let zoned = matches!(from, Type::TimestampTz(_));
            text_rows(given.len(), |row, out| {
                let Some(moment) = given.get(row) else { return Ok(None) };
                push_timestamp(out, moment.local_millis(), moment.nanos, *precision, ' ');
                if zoned {
                    out.push(' ');
                    out.push_str(moment.zone.name());
                }
                fits(out)
            })
        }
        other => Err(Fault::internal(format!("{other} is no date or time")).into()),
    }
}
