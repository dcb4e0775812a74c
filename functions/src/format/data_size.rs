//! `parse_data_size`.

use arrow::{
    array::{Array, AsArray},
    datatypes::{Decimal128Type, i256},
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};
use std::sync::Arc;

use crate::{
    Call, Fault,
    columns::{argument, on_arrays, primitive_rows, text},
    operators::power_of_ten,
};

const UNITS: [&str; 9] = ["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];
/// Digits that leave room for the largest unit in 256 bits.
const DIGITS_MAX: usize = 50;

pub(super) fn parse_data_size(
    _: &Call,
    arguments: &[ColumnarValue],
    rows: usize,
) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let sizes = text(argument(arrays, 0)?)?;
        let bytes = primitive_rows::<Decimal128Type>(sizes.len(), |row| {
            if sizes.is_null(row) { Ok(None) } else { parse(sizes.value(row)).map(Some) }
        })?;
        let bytes = bytes.as_primitive::<Decimal128Type>().clone();
        Ok(Arc::new(bytes.with_precision_and_scale(38, 0)?))
    })
}

fn parse(size: &str) -> Result<i128, Fault> {
    let invalid = || Fault::invalid_argument(format!("Invalid data size: '{size}'"));
    let end = size.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(size.len());
    let (number, unit) = size.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
        return Err(invalid());
    }
    let exponent = UNITS.iter().position(|known| *known == unit).ok_or_else(invalid)?;
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    if whole.len() + fraction.len() > DIGITS_MAX {
        return Err(Fault::not_supported(format!("more than {DIGITS_MAX} digits in a data size")));
    }
    let digits = format!("0{whole}{fraction}");
    let factor = i256::from_i128(1024).checked_pow(u32::try_from(exponent).unwrap_or(0));
    let scale = i256::from_i128(10).checked_pow(u32::try_from(fraction.len()).unwrap_or(0));
    let bytes = i256::from_string(&digits)
        .zip(factor)
        .and_then(|(digits, factor)| digits.checked_mul(factor))
        .zip(scale)
        .and_then(|(product, scale)| product.checked_div(scale))
        .ok_or_else(invalid)?;
    bytes
        .to_i128()
        .filter(|bytes| power_of_ten(38).is_some_and(|limit| *bytes < limit))
        .ok_or_else(|| Fault::out_of_range(format!("Value out of range: '{size}' ('{bytes}B')")))
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn parse_data_size() {
        check(
            "parse_data_size",
            &[
                (&["varchar '0B'"], "decimal(38,0) 0"),
                (&["varchar '1B'"], "decimal(38,0) 1"),
                (&["varchar '1.2B'"], "decimal(38,0) 1"),
                (&["varchar '1.9B'"], "decimal(38,0) 1"),
                (&["varchar '2.2kB'"], "decimal(38,0) 2252"),
                (&["varchar '2.3MB'"], "decimal(38,0) 2411724"),
                (&["varchar '1YB'"], "decimal(38,0) '1208925819614629174706176'"),
                (&["varchar '.5kB'"], "decimal(38,0) 512"),
                (&["varchar '1.kB'"], "decimal(38,0) 1024"),
                (&["varchar NULL"], "decimal(38,0) NULL"),
                (&["varchar ''"], "error Invalid data size: ''"),
                (&["varchar '0'"], "error Invalid data size: '0'"),
                (&["varchar '10KB'"], "error Invalid data size: '10KB'"),
                (&["varchar '-1B'"], "error Invalid data size: '-1B'"),
                (&["varchar '1.2.3B'"], "error Invalid data size"),
                (&["varchar '.B'"], "error Invalid data size"),
                (
                    &["varchar '99999999999999YB'"],
                    "error Value out of range: '99999999999999YB' ('120892581961461708544797985370825293824B')",
                ),
            ],
        );
    }
}
