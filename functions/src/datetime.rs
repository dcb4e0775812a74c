//! Dates, times, timestamps and intervals
//! (<https://trino.io/docs/current/functions/datetime.html>).
//!
//! The calendar is proleptic Gregorian in 64-bit integers; the session's zone is UTC. The planner asks here
//! for literals and casts, and names operators by the functions with `$`:
//!
//! ```text
//! $temporal_add(x, interval)   $temporal_subtract(x, interval)   $temporal_difference(x, y)
//! $interval_add(i, j)          $interval_subtract(i, j)          $interval_negate(i)
//! $interval_multiply(i, n)     $interval_divide(i, double)
//! $at_timezone(x, zone)        $at_timezone_interval(x, interval)
//! $to_utc_timestamp(x)         $instant(x)
//! ```

pub mod zone;

mod calendar;
mod cast;
mod date_unit;
mod day_time;
mod extract;
mod format;
mod interval;
mod iso8601;
mod literal;
mod moment;
mod operator;
mod sequence;
mod text;
mod unit;
mod unixtime;
mod zoned;

use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

pub use cast::{can_cast, cast};
pub use literal::{
    date_literal, interval_literal, time_literal, time_tz_value, timestamp_literal, timestamp_tz_value,
};
pub(crate) use sequence::sequence;

use crate::{
    Call, Fault, Function, Type,
    columns::{argument, on_arrays},
};

pub(crate) fn functions() -> Vec<Function> {
    let mut all = vec![Function::scalar(
        "date",
        &["(varchar(x)) -> date", "(timestamp(p)) -> date", "(timestamp(p) with time zone) -> date"],
        date,
        "The same as CAST(x AS date)",
    )];
    all.extend(date_unit::functions());
    all.extend(extract::functions());
    all.extend(format::functions());
    all.extend(interval::functions());
    all.extend(iso8601::functions());
    all.extend(operator::functions());
    all.extend(unixtime::functions());
    all.extend(zoned::functions());
    all
}

fn date(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| cast(argument(arrays, 0)?, type_of(call, 0)?, &Type::Date))
}

/// The type of an argument that the signature promises.
fn type_of(call: &Call, index: usize) -> EngineResult<&Type> {
    call.arguments
        .get(index)
        .ok_or_else(|| Fault::internal(format!("the type of argument {index} is missing")).into())
}

/// What a text argument (a format, a zone, a unit) means. It is mostly the same in all rows, so the last
/// meaning is kept.
struct Last<T> {
    text: String,
    meaning: Option<T>,
}

impl<T> Last<T> {
    fn new() -> Self {
        Self { text: String::new(), meaning: None }
    }

    fn of(&mut self, text: &str, read: impl FnOnce(&str) -> Result<T, Fault>) -> Result<&T, Fault> {
        if self.meaning.is_none() || self.text != text {
            self.meaning = Some(read(text)?);
            text.clone_into(&mut self.text);
        }
        self.meaning.as_ref().ok_or_else(|| Fault::internal("a meaning that was just found"))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn date() {
        check(
            "date",
            &[
                (&["varchar '2020-1-5'"], "date '2020-01-05'"),
                (&["varchar 'x'"], "error Value cannot be cast to date: x"),
                (&["timestamp(3) '1969-12-31 23:59:59'"], "date '1969-12-31'"),
                (&["timestamp(3) with time zone 0"], "date '1970-01-01'"),
                (&["timestamp(9) NULL"], "date NULL"),
            ],
        );
    }
}
