//! `format_number`: `123.46K`.

use arrow::{
    array::Array,
    datatypes::{Float64Type, Int64Type},
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use crate::{
    Call, Type,
    columns::{argument, on_arrays, primitive, text_rows},
};

const UNITS: [&str; 6] = ["", "K", "M", "B", "T", "Q"];
/// Digits after the point of any double from 1 to 1000, written out.
const ALL_PLACES: usize = 52;

pub(super) fn format_number(
    call: &Call,
    arguments: &[ColumnarValue],
    rows: usize,
) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let given = argument(arrays, 0)?;
        if let [Type::BigInt] = call.arguments.as_slice() {
            let numbers = primitive::<Int64Type>(given)?;
            return text_rows(numbers.len(), |row, out| {
                Ok(numbers.is_valid(row).then(|| write_number(numbers.value(row), out)))
            });
        }
        let numbers = primitive::<Float64Type>(given)?;
        text_rows(numbers.len(), |row, out| {
            // Digits after the point are dropped first.
            Ok(numbers.is_valid(row).then(|| write_number(numbers.value(row) as i64, out)))
        })
    })
}

fn write_number(number: i64, out: &mut String) {
    let mut scaled = number as f64;
    let mut unit = 0;
    while scaled.abs() >= 1000.0 && unit + 1 < UNITS.len() {
        scaled /= 1000.0;
        unit += 1;
    }
    // Three digits in all; a negative number counts as a small one.
    let places = if scaled < 10.0 {
        2
    } else if scaled < 100.0 {
        1
    } else {
        0
    };
    if unit == 0 {
        out.push_str(&number.to_string());
    } else {
        out.push_str(&rounded_half_up(scaled, places));
        out.push_str(UNITS.get(unit).copied().unwrap_or_default());
    }
}

/// The decimal expansion of the double itself, rounded half up, without zeros at the end.
fn rounded_half_up(value: f64, places: usize) -> String {
    let exact = format!("{:.ALL_PLACES$}", value.abs());
    let (whole, fraction) = exact.split_once('.').unwrap_or((&exact, ""));
    let kept = fraction.get(..places).unwrap_or(fraction);
    let up = fraction.as_bytes().get(places).is_some_and(|digit| *digit >= b'5');
    let scale = 10_u64.pow(u32::try_from(places).unwrap_or(0));
    let units = format!("{whole}{kept}").parse::<u64>().unwrap_or(0) + u64::from(up);
    let (whole, fraction) = (units / scale, units % scale);
    let sign = if value < 0.0 { "-" } else { "" };
    match fraction {
        0 => format!("{sign}{whole}"),
        _ => {
            let fraction = format!("{fraction:0places$}");
            format!("{sign}{whole}.{}", fraction.trim_end_matches('0'))
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn format_number() {
        check(
            "format_number",
            &[
                (&["bigint 123456"], "varchar '123K'"),
                (&["bigint 12345"], "varchar '12.3K'"),
                (&["bigint 1234"], "varchar '1.23K'"),
                (&["bigint -1234"], "varchar '-1.23K'"),
                (&["bigint -123456"], "varchar '-123.46K'"),
                (&["bigint 999999"], "varchar '1000K'"),
                (&["bigint 1000000"], "varchar '1M'"),
                (&["bigint 1235"], "varchar '1.24K'"),
                (&["bigint 12350"], "varchar '12.3K'"),
                (&["bigint 0"], "varchar '0'"),
                (&["bigint 999"], "varchar '999'"),
                (&["bigint 9223372036854775807"], "varchar '9223Q'"),
                (&["bigint 1112223334445"], "varchar '1.11T'"),
                (&["double 1234.9"], "varchar '1.23K'"),
                (&["double NaN"], "varchar '0'"),
                (&["double NULL"], "varchar NULL"),
            ],
        );
    }
}
