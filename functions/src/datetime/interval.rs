//! Intervals: their arithmetic, and durations as people write them.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef},
    datatypes::{DurationMillisecondType, Float64Type, Int64Type, IntervalYearMonthType},
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::{type_of, unixtime::java_round};
use crate::{
    Call, Fault, Function, Type,
    columns::{argument, on_arrays, primitive, primitive_rows, text, text_rows},
};

const PAIRS: &[&str] = &[
    "(interval day to second, interval day to second) -> interval day to second",
    "(interval year to month, interval year to month) -> interval year to month",
];

pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::scalar(
            "$interval_add",
            PAIRS,
            |c, a, r| pairs(c, a, r, i64::checked_add),
            "interval + interval",
        ),
        Function::scalar(
            "$interval_subtract",
            PAIRS,
            |c, a, r| pairs(c, a, r, i64::checked_sub),
            "interval - interval",
        ),
        Function::scalar(
            "$interval_multiply",
            &[
                "(interval day to second, bigint) -> interval day to second",
                "(interval day to second, double) -> interval day to second",
                "(interval year to month, bigint) -> interval year to month",
                "(interval year to month, double) -> interval year to month",
            ],
            multiply,
            "interval * number",
        ),
        Function::scalar(
            "$interval_divide",
            &[
                "(interval day to second, double) -> interval day to second",
                "(interval year to month, double) -> interval year to month",
            ],
            divide,
            "interval / number",
        ),
        Function::scalar(
            "$interval_negate",
            &[
                "(interval day to second) -> interval day to second",
                "(interval year to month) -> interval year to month",
            ],
            negate,
            "- interval",
        ),
        Function::scalar(
            "to_milliseconds",
            &["(interval day to second) -> bigint"],
            to_milliseconds,
            "Milliseconds",
        ),
        Function::scalar(
            "parse_duration",
            &["(varchar(x)) -> interval day to second"],
            parse_duration,
            "A number and its unit (ns to d) as an interval",
        ),
        Function::scalar(
            "human_readable_seconds",
            &["(double) -> varchar"],
            human_readable_seconds,
            "Seconds in weeks, days, hours, minutes and seconds",
        ),
    ]
}

/// Months or milliseconds of each row.
enum Intervals<'a> {
    Months(&'a arrow::array::IntervalYearMonthArray),
    Millis(&'a arrow::array::DurationMillisecondArray),
}

impl<'a> Intervals<'a> {
    fn read(array: &'a ArrayRef, data_type: &Type) -> EngineResult<Self> {
        Ok(match data_type {
            Type::IntervalYearToMonth => Intervals::Months(primitive::<IntervalYearMonthType>(array)?),
            _ => Intervals::Millis(primitive::<DurationMillisecondType>(array)?),
        })
    }

    fn len(&self) -> usize {
        match self {
            Intervals::Months(array) => array.len(),
            Intervals::Millis(array) => array.len(),
        }
    }

    fn get(&self, row: usize) -> Option<i64> {
        match self {
            Intervals::Months(array) => array.is_valid(row).then(|| i64::from(array.value(row))),
            Intervals::Millis(array) => array.is_valid(row).then(|| array.value(row)),
        }
    }
}

fn overflow() -> Fault {
    Fault::out_of_range("interval is out of range")
}

fn interval_rows(
    data_type: &Type,
    rows: usize,
    mut value: impl FnMut(usize) -> Result<Option<i64>, Fault>,
) -> EngineResult<ArrayRef> {
    match data_type {
        Type::IntervalYearToMonth => primitive_rows::<IntervalYearMonthType>(rows, |row| {
            value(row)?.map(|months| i32::try_from(months).map_err(|_| overflow())).transpose()
        }),
        _ => primitive_rows::<DurationMillisecondType>(rows, value),
    }
}

fn pairs(
    call: &Call,
    arguments: &[ColumnarValue],
    rows: usize,
    combine: fn(i64, i64) -> Option<i64>,
) -> EngineResult<ColumnarValue> {
    let data_type = type_of(call, 0)?;
    on_arrays(arguments, rows, |arrays| {
        let left = Intervals::read(argument(arrays, 0)?, data_type)?;
        let right = Intervals::read(argument(arrays, 1)?, data_type)?;
        interval_rows(data_type, left.len(), |row| {
            let (Some(left), Some(right)) = (left.get(row), right.get(row)) else { return Ok(None) };
            combine(left, right).ok_or_else(overflow).map(Some)
        })
    })
}

fn multiply(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let data_type = type_of(call, 0)?;
    on_arrays(arguments, rows, |arrays| {
        let left = Intervals::read(argument(arrays, 0)?, data_type)?;
        if *type_of(call, 1)? == Type::BigInt {
            let right = primitive::<Int64Type>(argument(arrays, 1)?)?;
            return interval_rows(data_type, left.len(), |row| {
                let Some(left) = left.get(row).filter(|_| right.is_valid(row)) else { return Ok(None) };
                left.checked_mul(right.value(row)).ok_or_else(overflow).map(Some)
            });
        }
        let right = primitive::<Float64Type>(argument(arrays, 1)?)?;
        interval_rows(data_type, left.len(), |row| {
            let Some(left) = left.get(row).filter(|_| right.is_valid(row)) else { return Ok(None) };
            if right.value(row).is_nan() {
                return Err(Fault::invalid_argument("Cannot multiply by double NaN"));
            }
            Ok(Some((left as f64 * right.value(row)) as i64))
        })
    })
}

fn divide(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let data_type = type_of(call, 0)?;
    on_arrays(arguments, rows, |arrays| {
        let left = Intervals::read(argument(arrays, 0)?, data_type)?;
        let right = primitive::<Float64Type>(argument(arrays, 1)?)?;
        interval_rows(data_type, left.len(), |row| {
            let Some(left) = left.get(row).filter(|_| right.is_valid(row)) else { return Ok(None) };
            let divisor = right.value(row);
            if divisor.is_nan() || divisor == 0.0 {
                return Err(Fault::invalid_argument(format!("Cannot divide by double {divisor:?}")));
            }
            Ok(Some((left as f64 / divisor) as i64))
        })
    })
}

fn negate(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let data_type = type_of(call, 0)?;
    on_arrays(arguments, rows, |arrays| {
        let given = Intervals::read(argument(arrays, 0)?, data_type)?;
        interval_rows(data_type, given.len(), |row| {
            given.get(row).map(|value| value.checked_neg().ok_or_else(overflow)).transpose()
        })
    })
}

fn to_milliseconds(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let given = primitive::<DurationMillisecondType>(argument(arrays, 0)?)?;
        Ok(Arc::new(given.unary::<_, Int64Type>(|millis| millis)))
    })
}

fn parse_duration(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let given = text(argument(arrays, 0)?)?;
        primitive_rows::<DurationMillisecondType>(given.len(), |row| {
            given.is_valid(row).then(|| duration_millis(given.value(row))).transpose()
        })
    })
}

/// `3.81 d`: white space may stand around both parts, and the unit is lower case.
fn duration_millis(given: &str) -> Result<i64, Fault> {
    let invalid =
        || Fault::invalid_argument(format!("duration is not a valid data duration string: {given}"));
    if given.is_empty() {
        return Err(Fault::invalid_argument("duration is empty"));
    }
    let space = |c: char| c.is_ascii_whitespace() || c == '\u{b}';
    let trimmed = given.trim_matches(space);
    let end = trimmed.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(trimmed.len());
    let (number, unit) = trimmed.split_at_checked(end).ok_or_else(invalid)?;
    let unit = unit.trim_start_matches(space);
    let has_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let well_formed = match number.split_once('.') {
        Some((whole, fraction)) => has_digits(whole) && has_digits(fraction),
        None => has_digits(number),
    };
    if !well_formed || unit.is_empty() || !unit.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Err(invalid());
    }
    let millis_per_unit = match unit {
        "ns" => 1.0 / 1_000_000.0,
        "us" => 1.0 / 1_000.0,
        "ms" => 1.0,
        "s" => 1_000.0,
        "m" => 60_000.0,
        "h" => 3_600_000.0,
        "d" => 86_400_000.0,
        _ => return Err(Fault::invalid_argument(format!("Unknown time unit: {unit}"))),
    };
    let value: f64 = number.parse().map_err(|_| invalid())?;
    let rounded = (value * millis_per_unit + 0.5).floor();
    match rounded.is_finite() && rounded <= i64::MAX as f64 {
        true => Ok(rounded as i64),
        false => Err(Fault::invalid_argument(format!("value {value:?} {unit} is too large"))),
    }
}

fn human_readable_seconds(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let given = primitive::<Float64Type>(argument(arrays, 0)?)?;
        text_rows(given.len(), |row, out| {
            if given.is_null(row) {
                return Ok(None);
            }
            let seconds = given.value(row);
            if !seconds.is_finite() {
                let shown = if seconds.is_nan() {
                    "NaN"
                } else if seconds > 0.0 {
                    "Infinity"
                } else {
                    "-Infinity"
                };
                return Err(Fault::invalid_argument(format!("Invalid argument found: {shown}")));
            }
            push_periods(out, java_round(seconds.abs()));
            Ok(Some(()))
        })
    })
}

fn push_periods(out: &mut String, mut seconds: i64) {
    const PERIODS: [(i64, &str); 5] =
        [(604_800, "week"), (86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    for (length, name) in PERIODS {
        let count = seconds / length;
        seconds %= length;
        if count == 0 && !(length == 1 && out.is_empty()) {
            continue;
        }
        if !out.is_empty() {
            out.push_str(", ");
        }
        out.push_str(&count.to_string());
        out.push(' ');
        out.push_str(name);
        if count != 1 {
            out.push('s');
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn arithmetic() {
        check(
            "$interval_add",
            &[
                (&["interval day to second 1", "interval day to second -3"], "interval day to second -2"),
                (&["interval year to month 1", "interval year to month 3"], "interval year to month 4"),
                (&["interval year to month 2147483647", "interval year to month 1"], "error out of range"),
                (&["interval year to month 1", "interval year to month NULL"], "interval year to month NULL"),
            ],
        );
        check(
            "$interval_subtract",
            &[(
                &["interval day to second -9223372036854775808", "interval day to second 1"],
                "error out of range",
            )],
        );
        check(
            "$interval_multiply",
            &[
                (&["interval day to second 3", "bigint 2"], "interval day to second 6"),
                (&["interval day to second 3", "double -0.5"], "interval day to second -1"),
                (&["interval year to month 5", "double 0.5"], "interval year to month 2"),
                (&["interval year to month 5", "double NaN"], "error Cannot multiply by double NaN"),
                (&["interval year to month 5", "bigint 1000000000"], "error out of range"),
                (&["interval day to second 3", "bigint 9223372036854775807"], "error out of range"),
            ],
        );
        check(
            "$interval_divide",
            &[
                (&["interval day to second -3", "double 2"], "interval day to second -1"),
                (&["interval day to second 3", "double 0"], "error Cannot divide by double 0.0"),
            ],
        );
        check(
            "$interval_negate",
            &[
                (&["interval year to month 3"], "interval year to month -3"),
                (&["interval day to second -9223372036854775808"], "error out of range"),
            ],
        );
    }

    #[test]
    fn durations() {
        check("to_milliseconds", &[(&["interval day to second 42"], "bigint 42")]);
        check(
            "parse_duration",
            &[
                (&["varchar '42.8ms'"], "interval day to second 43"),
                (&["varchar ' 3.81 d '"], "interval day to second 329184000"),
                (&["varchar '5m'"], "interval day to second 300000"),
                (&["varchar '1234 ns'"], "interval day to second 0"),
                (&["varchar ''"], "error duration is empty"),
                (&["varchar 'abc'"], "error not a valid data duration string: abc"),
                (&["varchar '1. s'"], "error not a valid data duration string"),
                (&["varchar '1 parsec'"], "error Unknown time unit: parsec"),
                (&["varchar '99999999999999999999 d'"], "error too large"),
            ],
        );
        check(
            "human_readable_seconds",
            &[
                (&["double 96"], "varchar '1 minute, 36 seconds'"),
                (&["double 3762"], "varchar '1 hour, 2 minutes, 42 seconds'"),
                (&["double 56363463"], "varchar '93 weeks, 1 day, 8 hours, 31 minutes, 3 seconds'"),
                (&["double 0"], "varchar '0 seconds'"),
                (&["double -1.2"], "varchar '1 second'"),
                (&["double NaN"], "error Invalid argument found: NaN"),
                (&["double NULL"], "varchar NULL"),
            ],
        );
    }
}
