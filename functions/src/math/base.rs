//! Numbers as text in other bases.

use arrow::{array::Array, datatypes::Int64Type};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use crate::{
    Call, Fault, Function,
    columns::{argument, on_arrays, primitive, primitive_rows, text, text_rows},
};

pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::scalar(
            "from_base",
            &["(varchar(x), bigint) -> bigint"],
            from_base,
            "The number that text means in a base",
        ),
        Function::scalar("to_base", &["(bigint, bigint) -> varchar(64)"], to_base, "The number in a base"),
    ]
}

fn radix(given: i64) -> Result<u32, Fault> {
    u32::try_from(given)
        .ok()
        .filter(|radix| (2..=36).contains(radix))
        .ok_or_else(|| Fault::invalid_argument("Radix must be between 2 and 36"))
}

fn from_base(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let digits = text(argument(arrays, 0)?)?;
        let radixes = primitive::<Int64Type>(argument(arrays, 1)?)?;
        primitive_rows::<Int64Type>(digits.len(), |row| {
            if digits.is_null(row) || radixes.is_null(row) {
                return Ok(None);
            }
            let (digits, radix) = (digits.value(row), radix(radixes.value(row))?);
            let number = i64::from_str_radix(digits, radix)
                .map_err(|_| Fault::invalid_argument(format!("Not a valid base-{radix} number: {digits}")))?;
            Ok(Some(number))
        })
    })
}

fn to_base(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let numbers = primitive::<Int64Type>(argument(arrays, 0)?)?;
        let radixes = primitive::<Int64Type>(argument(arrays, 1)?)?;
        text_rows(numbers.len(), |row, digits| {
            if numbers.is_null(row) || radixes.is_null(row) {
                return Ok(None);
            }
            write_in_base(numbers.value(row), radix(radixes.value(row))?, digits);
            Ok(Some(()))
        })
    })
}

fn write_in_base(number: i64, radix: u32, out: &mut String) {
    // 64 binary digits at most.
    let mut reversed = [' '; 64];
    let (mut rest, mut length) = (number.unsigned_abs(), 0);
    for place in &mut reversed {
        let digit = u32::try_from(rest % u64::from(radix)).unwrap_or(0);
        *place = char::from_digit(digit, radix).unwrap_or('0');
        rest /= u64::from(radix);
        length += 1;
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        out.push('-');
    }
    out.extend(reversed.iter().take(length).rev());
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn from_base() {
        check(
            "from_base",
            &[
                (&["varchar '11'", "bigint 2"], "bigint 3"),
                (&["varchar 'a'", "bigint 12"], "bigint 10"),
                (&["varchar 'ZZ'", "bigint 36"], "bigint 1295"),
                (&["varchar '-ff'", "bigint 16"], "bigint -255"),
                (&["varchar '+7'", "bigint 8"], "bigint 7"),
                (&["varchar '9223372036854775807'", "bigint 10"], "bigint 9223372036854775807"),
                (
                    &["varchar '9223372036854775808'", "bigint 10"],
                    "error Not a valid base-10 number: 9223372036854775808",
                ),
                (&["varchar ''", "bigint 10"], "error Not a valid base-10 number: "),
                (&["varchar '2'", "bigint 2"], "error Not a valid base-2 number: 2"),
                (&["varchar '1'", "bigint 37"], "error Radix must be between 2 and 36"),
                (&["varchar '1'", "bigint 1"], "error Radix must be between 2 and 36"),
                (&["varchar NULL", "bigint 10"], "bigint NULL"),
            ],
        );
    }

    #[test]
    fn to_base() {
        check(
            "to_base",
            &[
                (&["bigint 3", "bigint 2"], "varchar(64) '11'"),
                (&["bigint 0", "bigint 2"], "varchar(64) '0'"),
                (&["bigint -255", "bigint 16"], "varchar(64) '-ff'"),
                (
                    &["bigint -9223372036854775808", "bigint 2"],
                    "varchar(64) '-1000000000000000000000000000000000000000000000000000000000000000'",
                ),
                (&["bigint 1", "bigint 0"], "error Radix must be between 2 and 36"),
                (&["bigint NULL", "bigint 2"], "varchar(64) NULL"),
            ],
        );
    }
}
