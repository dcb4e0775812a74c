//! Dates as text in a format of the caller's: MySQL's, Joda-Time's and Teradata's.

pub(super) mod field;
pub(super) mod parse;

mod compile;
mod pattern;
mod print;

use arrow::array::Array;
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use self::{
    compile::{joda, mysql, teradata},
    parse::{impossible, parse},
    pattern::Piece,
    print::print,
};
use super::{
    Last,
    calendar::{MILLIS_PER_DAY, NANOS_PER_MILLI},
    moment::{Moment, Moments, moment_rows},
    type_of,
    zone::Zone,
};
use crate::{
    Call, Fault, Function, Type,
    columns::{argument, on_arrays, text, text_rows},
};

/// Reads a format.
type Compile = fn(&str) -> Result<Vec<Piece>, Fault>;

pub(super) fn functions() -> Vec<Function> {
    const FORMAT: &[&str] =
        &["(timestamp(p), varchar(x)) -> varchar", "(timestamp(p) with time zone, varchar(x)) -> varchar"];
    vec![
        Function::scalar(
            "date_format",
            FORMAT,
            |c, a, r| format(c, a, r, mysql, Below::Rounded),
            "The time in a format like MySQL's",
        ),
        Function::scalar(
            "date_parse",
            &["(varchar(x), varchar(y)) -> timestamp(3)"],
            |_, a, r| parsed(a, r, mysql, &Type::Timestamp(3)),
            "The time that a text in a format like MySQL's tells",
        ),
        Function::scalar("format_datetime", FORMAT, format_datetime, "The time in a format like Java's"),
        Function::scalar(
            "parse_datetime",
            &["(varchar(x), varchar(y)) -> timestamp(3) with time zone"],
            |_, a, r| parsed(a, r, joda, &Type::TimestampTz(3)),
            "The time that a text in a format like Java's tells",
        ),
        Function::scalar(
            "to_char",
            &["(timestamp(p) with time zone, varchar) -> varchar"],
            |c, a, r| format(c, a, r, teradata, Below::Cut),
            "The time in a format like Teradata's",
        ),
        Function::scalar(
            "to_date",
            &["(varchar, varchar) -> date"],
            |_, a, r| parsed(a, r, teradata, &Type::Date),
            "The day that a text in a format like Teradata's tells",
        ),
        Function::scalar(
            "to_timestamp",
            &["(varchar, varchar) -> timestamp(3)"],
            |_, a, r| parsed(a, r, teradata, &Type::Timestamp(3)),
            "The time that a text in a format like Teradata's tells",
        ),
    ]
}

/// What becomes of microseconds: formats go to milliseconds.
#[derive(Clone, Copy, PartialEq)]
enum Below {
    Rounded,
    Cut,
}

fn format(
    call: &Call,
    arguments: &[ColumnarValue],
    rows: usize,
    compile: Compile,
    below: Below,
) -> EngineResult<ColumnarValue> {
    let data_type = type_of(call, 0)?;
    on_arrays(arguments, rows, |arrays| {
        let given = Moments::read(argument(arrays, 0)?, data_type)?;
        let formats = text(argument(arrays, 1)?)?;
        let mut last = Last::new();
        text_rows(given.len(), |row, out| {
            let Some(moment) = given.get(row).filter(|_| formats.is_valid(row)) else { return Ok(None) };
            let pieces = last.of(formats.value(row), compile)?;
            let up = below == Below::Rounded && rounds_up(moment, data_type);
            print(out, pieces, moment.millis.saturating_add(i64::from(up)), moment.zone)?;
            Ok(Some(()))
        })
    })
}

/// Half up, of whole microseconds where there is no zone: so does Trino.
fn rounds_up(moment: Moment, data_type: &Type) -> bool {
    let nanos = match data_type {
        Type::TimestampTz(_) => moment.nanos,
        _ => moment.nanos / 1_000 * 1_000,
    };
    nanos * 2 >= NANOS_PER_MILLI
}

/// A timestamp without a zone has none to show.
fn format_datetime(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let compile: Compile = match type_of(call, 0)? {
        Type::TimestampTz(_) => joda,
        _ => |format| match names_zone(format) {
            true => Err(Fault::invalid_argument(
                "format_datetime for TIMESTAMP type, cannot use 'Z' nor 'z' in format, as this type does not \
                 contain TZ information",
            )),
            false => joda(format),
        },
    };
    format(call, arguments, rows, compile, Below::Rounded)
}

fn names_zone(format: &str) -> bool {
    let mut quoted = false;
    format.chars().any(|letter| {
        quoted ^= letter == '\'';
        !quoted && matches!(letter, 'z' | 'Z')
    })
}

fn parsed(
    arguments: &[ColumnarValue],
    rows: usize,
    compile: Compile,
    returns: &Type,
) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let given = text(argument(arrays, 0)?)?;
        let formats = text(argument(arrays, 1)?)?;
        let mut last = Last::new();
        moment_rows(returns, given.len(), |row| {
            if given.is_null(row) || formats.is_null(row) {
                return Ok(None);
            }
            let pieces = last.of(formats.value(row), compile)?;
            moment(pieces, given.value(row), returns).map(Some)
        })
    })
}

fn moment(pieces: &[Piece], text: &str, returns: &Type) -> Result<Moment, Fault> {
    let parsed = parse(pieces, text)?;
    let zone = match returns {
        Type::TimestampTz(_) => parsed.shown_zone()?,
        _ => Zone::UTC,
    };
    let millis = parsed.instant().ok_or_else(|| impossible(text))?;
    match returns {
        // A time before 1970 counts towards the day after: so does Trino.
        Type::Date => Moment::of_days(millis / MILLIS_PER_DAY),
        _ => Ok(Moment { millis, nanos: 0, zone }),
    }
}

#[cfg(test)]
mod tests;
