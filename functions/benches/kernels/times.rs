//! Dates, times and intervals.

use datafusion::common::ScalarValue;
use functions::Type;

use crate::{
    cases::{Case, case},
    ours::{Term, bigint, call, col, text},
};

/// 2001-01-01, as the native cases write it.
const ORIGIN_MICROSECONDS: i64 = 978_307_200_000_000;
const DAY_MILLISECONDS: i64 = 86_400_000;

pub(crate) fn cases() -> Vec<Case> {
    let parts = [parts(), truncated(), shifted(), differences(), written(), epochs()];
    parts.into_iter().flatten().collect()
}

fn days(count: i64) -> Term {
    let milliseconds = ScalarValue::DurationMillisecond(Some(count * DAY_MILLISECONDS));
    Term::Literal(Type::IntervalDayToSecond, milliseconds)
}

fn months(count: i32) -> Term {
    Term::Literal(Type::IntervalYearToMonth, ScalarValue::IntervalYearMonth(Some(count)))
}

fn origin() -> Term {
    let microseconds = ScalarValue::TimestampMicrosecond(Some(ORIGIN_MICROSECONDS), None);
    Term::Literal(Type::Timestamp(3), microseconds)
}

fn parts() -> Vec<Case> {
    vec![
        case("year of timestamp", call("year", [col("ts")]), "date_part('year', ts)"),
        case("year of date", call("year", [col("day")]), "date_part('year', day)"),
        case("quarter of timestamp", call("quarter", [col("ts")]), "date_part('quarter', ts)"),
        case("month of timestamp", call("month", [col("ts")]), "date_part('month', ts)"),
        case("month of date", call("month", [col("day")]), "date_part('month', day)"),
        case("week of timestamp", call("week", [col("ts")]), "date_part('week', ts)"),
        case("day of timestamp", call("day", [col("ts")]), "date_part('day', ts)"),
        case("day of date", call("day", [col("day")]), "date_part('day', day)"),
        case("day_of_week of timestamp", call("day_of_week", [col("ts")]), "date_part('dow', ts)"),
        case("day_of_week of date", call("day_of_week", [col("day")]), "date_part('dow', day)"),
        case("day_of_year of date", call("day_of_year", [col("day")]), "date_part('doy', day)"),
        case("hour of timestamp", call("hour", [col("ts")]), "date_part('hour', ts)"),
        case("minute of timestamp", call("minute", [col("ts")]), "date_part('minute', ts)"),
        case("second of timestamp", call("second", [col("ts")]), "date_part('second', ts)"),
    ]
}

fn truncated() -> Vec<Case> {
    let unit = |name: &'static str, column: &'static str| call("date_trunc", [text(name), col(column)]);
    vec![
        case("date_trunc hour of timestamp", unit("hour", "ts"), "date_trunc('hour', ts)"),
        case("date_trunc day of timestamp", unit("day", "ts"), "date_trunc('day', ts)"),
        case("date_trunc week of timestamp", unit("week", "ts"), "date_trunc('week', ts)"),
        case("date_trunc month of timestamp", unit("month", "ts"), "date_trunc('month', ts)"),
        case("date_trunc year of timestamp", unit("year", "ts"), "date_trunc('year', ts)"),
        case("date_trunc day of date", unit("day", "day"), "date_trunc('day', day)"),
        case("date_trunc month of date", unit("month", "day"), "date_trunc('month', day)"),
    ]
}

fn shifted() -> Vec<Case> {
    let added =
        |unit: &'static str, column: &'static str| call("date_add", [text(unit), bigint(3), col(column)]);
    vec![
        case("date_add days to timestamp", added("day", "ts"), "ts + INTERVAL '3 days'"),
        case("date_add months to timestamp", added("month", "ts"), "ts + INTERVAL '3 months'"),
        case("date_add days to date", added("day", "day"), "day + INTERVAL '3 days'"),
        case("date_add months to date", added("month", "day"), "day + INTERVAL '3 months'"),
        case("timestamp + days", call("$temporal_add", [col("ts"), days(3)]), "ts + INTERVAL '3 days'"),
        case("timestamp + months", call("$temporal_add", [col("ts"), months(3)]), "ts + INTERVAL '3 months'"),
        case("date + days", call("$temporal_add", [col("day"), days(3)]), "day + INTERVAL '3 days'"),
        case(
            "date - months",
            call("$temporal_subtract", [col("day"), months(3)]),
            "day - INTERVAL '3 months'",
        ),
    ]
}

/// The engine counts no units. What comes closest is the number of a bin, which it multiplies out.
fn differences() -> Vec<Case> {
    vec![
        case(
            "date_diff hours of timestamp",
            call("date_diff", [text("hour"), origin(), col("ts")]),
            "date_bin(INTERVAL '1 hour', ts, TIMESTAMP '2001-01-01 00:00:00')",
        ),
        case(
            "date_diff days of timestamp",
            call("date_diff", [text("day"), origin(), col("ts")]),
            "date_bin(INTERVAL '1 day', ts, TIMESTAMP '2001-01-01 00:00:00')",
        ),
        case(
            "date_diff months of timestamp",
            call("date_diff", [text("month"), origin(), col("ts")]),
            "date_bin(INTERVAL '1 month', ts, TIMESTAMP '2001-01-01 00:00:00')",
        ),
        case(
            "date_diff days of date",
            call("date_diff", [text("day"), col("day"), col("day2")]),
            "day2 - day",
        ),
        case("timestamp - timestamp", call("$temporal_difference", [col("ts2"), col("ts")]), "ts2 - ts"),
        case("date - date", call("$temporal_difference", [col("day2"), col("day")]), "day2 - day"),
    ]
}

fn written() -> Vec<Case> {
    vec![
        case(
            "date_format",
            call("date_format", [col("ts"), text("%Y-%m-%d %H:%i:%s")]),
            "to_char(ts, '%Y-%m-%d %H:%M:%S')",
        ),
        case(
            "format_datetime",
            call("format_datetime", [col("ts"), text("yyyy-MM-dd HH:mm:ss")]),
            "to_char(ts, '%Y-%m-%d %H:%M:%S')",
        ),
        case(
            "date_parse",
            call("date_parse", [col("clock_text"), text("%Y-%m-%d %H:%i:%s")]),
            "to_timestamp_millis(clock_text, '%Y-%m-%d %H:%M:%S')",
        ),
        case("to_iso8601", call("to_iso8601", [col("ts")]), "CAST(ts AS VARCHAR)"),
        case("from_iso8601_date", call("from_iso8601_date", [col("date_text")]), "CAST(date_text AS DATE)"),
    ]
}

fn epochs() -> Vec<Case> {
    vec![
        case("from_unixtime", call("from_unixtime", [col("seconds")]), "to_timestamp_seconds(seconds)"),
        case("to_unixtime", call("to_unixtime", [col("zoned")]), "date_part('epoch', ts)"),
        case("date of timestamp", call("date", [col("ts")]), "CAST(ts AS DATE)"),
    ]
}
