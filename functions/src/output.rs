//! How values leave: as Athena's result text, and as the Arrow types that clients know.
//!
//! `$to_text` gives the text of a result file: `[1, 2, null]`, `{a=1}`, `1.0E10`. It is not the text of a cast
//! to `varchar`, which for numbers is SQL's. `$to_client` gives values in types without meanings of our own:
//! see [`client_type`]; `$to_json_value` those that JSON has: see [`json_value_type`].

mod client;
mod json;
mod nested;

use std::fmt::Write;

use arrow::{
    array::{Array, ArrayRef, ArrowPrimitiveType, new_null_array},
    datatypes::{DataType, Decimal128Type, Float32Type, Float64Type, Int32Type, Int64Type},
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use crate::{
    Call, Fault, Function, Type,
    cast::{cast, decimal::write_decimal, padded, show},
    columns::{argument, bytes, on_arrays, primitive, text_rows},
    geo,
};
pub use client::{client_type, client_value_type, to_client};
pub use json::{json_value_type, to_json_value};

pub(crate) fn functions() -> Vec<Function> {
    vec![
        Function::scalar("$to_text", &["(T) -> varchar"], text_kernel, "A value as result text"),
        Function::scalar("$to_client", &["(T) -> U"], client_kernel, "A value in a type that clients know")
            .returning(|types| Ok(client_value_type(types.first().unwrap_or(&Type::Unknown)))),
        Function::scalar("$to_json_value", &["(T) -> U"], json_kernel, "A value in a type that JSON has")
            .returning(|types| Ok(json_value_type(types.first().unwrap_or(&Type::Unknown)))),
    ]
}

fn text_kernel(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| to_text(argument(arrays, 0)?, given(call)?))
}

fn client_kernel(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| to_client(argument(arrays, 0)?, given(call)?))
}

fn json_kernel(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| to_json_value(argument(arrays, 0)?, given(call)?))
}

fn given(call: &Call) -> EngineResult<&Type> {
    call.arguments.first().ok_or_else(|| Fault::internal("nothing to show").into())
}

/// Athena's result text of each value, as text. NULL stays NULL; inside of arrays, maps and rows it is `null`.
pub fn to_text(array: &ArrayRef, data_type: &Type) -> EngineResult<ArrayRef> {
    match data_type {
        Type::Unknown | Type::Function(..) => Ok(new_null_array(&DataType::Utf8View, array.len())),
        Type::Varchar(_) | Type::Json => Ok(ArrayRef::clone(array)),
        Type::Char(length) => padded(array, *length),
        Type::Double => numbers::<Float64Type>(array, show::write_java_double),
        Type::Real => numbers::<Float32Type>(array, show::write_java_real),
        Type::Decimal(_, scale) => {
            numbers::<Decimal128Type>(array, |value, written| write_decimal(value, *scale, written))
        }
        Type::Color => numbers::<Int32Type>(array, write_color),
        Type::BingTile => numbers::<Int64Type>(array, write_tile),
        Type::Varbinary | Type::HyperLogLog | Type::QDigest(_) | Type::TDigest | Type::SetDigest => {
            hexadecimal(array)
        }
        Type::Geometry | Type::SphericalGeography => geo::texts_of(array),
        Type::Array(item) => nested::array(array, item),
        Type::Map(key, value) => nested::map(array, key, value),
        Type::Row(fields) => nested::row(array, fields),
        Type::Boolean
        | Type::TinyInt
        | Type::SmallInt
        | Type::Integer
        | Type::BigInt
        | Type::Date
        | Type::Time(_)
        | Type::TimeTz(_)
        | Type::Timestamp(_)
        | Type::TimestampTz(_)
        | Type::IntervalYearToMonth
        | Type::IntervalDayToSecond
        | Type::IpAddress
        | Type::Uuid => cast(array, data_type, &Type::VARCHAR),
    }
}

fn numbers<T: ArrowPrimitiveType>(
    array: &ArrayRef,
    write: impl Fn(T::Native, &mut String),
) -> EngineResult<ArrayRef> {
    let given = primitive::<T>(array)?;
    text_rows(given.len(), |row, written| {
        if given.is_null(row) {
            return Ok(None);
        }
        write(given.value(row), written);
        Ok(Some(()))
    })
}

/// `68 65 6c`
fn hexadecimal(array: &ArrayRef) -> EngineResult<ArrayRef> {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let given = bytes(array)?;
    text_rows(given.len(), |row, written| {
        if given.is_null(row) {
            return Ok(None);
        }
        for byte in given.value(row) {
            if !written.is_empty() {
                written.push(' ');
            }
            written.push(DIGITS[usize::from(byte >> 4)]);
            written.push(DIGITS[usize::from(byte & 15)]);
        }
        Ok(Some(()))
    })
}

/// The eight colours of terminals, as -1 to -8.
const COLORS: [&str; 8] = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

/// `red`, `#ff0000`
fn write_color(color: i32, written: &mut String) {
    let named = usize::try_from(-i64::from(color) - 1).ok().and_then(|index| COLORS.get(index));
    let result = match named {
        Some(name) => written.write_str(name),
        None => write!(written, "#{:06x}", color & 0x00ff_ffff),
    };
    debug_assert!(result.is_ok(), "writing to a string");
}

/// `{x=1, y=2, zoom=3}`
fn write_tile(tile: i64, written: &mut String) {
    const PLACE: i64 = (1 << 23) - 1;
    let (x, y, zoom) = ((tile >> 28) & PLACE, (tile >> 5) & PLACE, tile & 31);
    let result = write!(written, "{{x={x}, y={y}, zoom={zoom}}}");
    debug_assert!(result.is_ok(), "writing to a string");
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::testing::{check, value};

    #[test]
    fn text_of_scalars() {
        check(
            "$to_text",
            &[
                (&["varchar 'a b'"], "varchar 'a b'"),
                (&["varchar NULL"], "varchar NULL"),
                (&["char(3) 'a'"], "varchar 'a  '"),
                (&["json '{\"a\":1}'"], "varchar '{\"a\":1}'"),
                (&["bigint -5"], "varchar '-5'"),
                (&["tinyint 5"], "varchar '5'"),
                (&["double 1"], "varchar '1.0'"),
                (&["double 1e10"], "varchar '1.0E10'"),
                (&["double 0.001"], "varchar '0.001'"),
                (&["double NaN"], "varchar 'NaN'"),
                (&["double -Infinity"], "varchar '-Infinity'"),
                (&["real 0.1"], "varchar '0.1'"),
                (&["real 16777216"], "varchar '1.6777216E7'"),
                (&["decimal(5,2) '1.50'"], "varchar '1.50'"),
                (&["decimal(38,0) '-12'"], "varchar '-12'"),
                (&["boolean true"], "varchar 'true'"),
                (&["varbinary '68656c'"], "varchar '68 65 6c'"),
                (&["varbinary ''"], "varchar ''"),
                (
                    &["uuid '12151fd2-7586-11e9-8f9e-2a86e4085a59'"],
                    "varchar '12151fd2-7586-11e9-8f9e-2a86e4085a59'",
                ),
                (&["ipaddress '00000000000000000000ffff0a000001'"], "varchar '10.0.0.1'"),
                (&["unknown NULL"], "varchar NULL"),
                (&["color -2"], "varchar 'red'"),
                (&["color 255"], "varchar '#0000ff'"),
                (&["Geometry '0101000000000000000000f03f0000000000000040'"], "varchar 'POINT (1 2)'"),
                (&["Geometry NULL"], "varchar NULL"),
                (&["BingTile 536871011"], "varchar '{x=2, y=3, zoom=3}'"),
            ],
        );
    }

    #[test]
    fn text_of_nested_values() {
        check(
            "$to_text",
            &[
                (&["array(bigint) [1,2,null]"], "varchar '[1, 2, null]'"),
                (&["array(bigint) []"], "varchar '[]'"),
                (&["array(bigint) NULL"], "varchar NULL"),
                (&["array(array(double)) [[1],null]"], "varchar '[[1.0], null]'"),
                (&["map(varchar, bigint) [[\"k\",1],[\"k2\",null]]"], "varchar '{k=1, k2=null}'"),
                (&["map(varchar, bigint) []"], "varchar '{}'"),
                (&["row(a bigint, varchar) [1,\"x\"]"], "varchar '{a=1, field1=x}'"),
                (&["row(bigint) [null]"], "varchar '{field0=null}'"),
                (&["array(row(a varbinary)) [[\"00ff\"],[null]]"], "varchar '[{a=00 ff}, {a=null}]'"),
            ],
        );
    }

    #[test]
    fn values_for_clients() {
        check(
            "$to_client",
            &[
                (&["bigint 1"], "bigint 1"),
                (&["char(3) 'a'"], "varchar 'a  '"),
                (&["varbinary '00'"], "varbinary '00'"),
                (
                    &["uuid '12151fd2-7586-11e9-8f9e-2a86e4085a59'"],
                    "varchar '12151fd2-7586-11e9-8f9e-2a86e4085a59'",
                ),
                (&["array(char(2)) [\"a\",null]"], "array(varchar) [\"a \",null]"),
                (&["map(char(2), bigint) [[\"a\",1]]"], "map(varchar, bigint) [[\"a \",1]]"),
                (&["row(x char(2), y bigint) [\"a\",1]"], "row(x varchar, y bigint) [\"a \",1]"),
                (&["array(bigint) [1]"], "array(bigint) [1]"),
            ],
        );
    }

    #[test]
    fn values_for_json() {
        check(
            "$to_json_value",
            &[
                (&["bigint 1"], "bigint 1"),
                (&["boolean NULL"], "boolean NULL"),
                (&["decimal(5,2) '1.50'"], "decimal(5,2) '1.50'"),
                (&["varchar(3) 'a'"], "varchar 'a'"),
                (&["char(3) 'a'"], "varchar 'a  '"),
                (&["varbinary '00ff'"], "varchar '00 ff'"),
                (&["date '2020-01-31'"], "varchar '2020-01-31'"),
                (&["timestamp(3) '2020-01-01 00:00:00.120'"], "varchar '2020-01-01 00:00:00.120'"),
                (&["array(date) [\"2020-01-31\",null]"], "array(varchar) [\"2020-01-31\",null]"),
                (&["map(bigint, double) [[1,0.5]]"], "map(varchar, double) [[\"1\",0.5]]"),
                (&["row(a varbinary, b bigint) [\"00\",1]"], "row(a varchar, b bigint) [\"00\",1]"),
            ],
        );
    }

    #[test]
    fn zoned_timestamps_are_utc_for_clients() {
        let millis = (1_577_836_800_123_i64 << 12 | 7).to_string();
        let (data_type, array) = value(&format!("timestamp(3) with time zone {millis}"));
        assert_eq!(
            &to_client(&array, &data_type).unwrap(),
            &value("timestamp(3) '2020-01-01 00:00:00.123'").1
        );
        assert_eq!(client_type(&data_type).to_string(), "Timestamp(ms, \"UTC\")");
        let nanos = (-1_i128 << 12 | 7).to_string();
        let (data_type, array) = value(&format!("timestamp(9) with time zone '{nanos}'"));
        assert_eq!(
            &to_client(&array, &data_type).unwrap(),
            &value("timestamp(9) '1969-12-31 23:59:59.999999999'").1
        );
        let (_, array) = value(&format!("timestamp(6) with time zone '{}'", (-1_000_i128) << 12));
        assert_eq!(
            &to_client(&array, &Type::TimestampTz(6)).unwrap(),
            &value("timestamp(6) '1969-12-31 23:59:59.999999'").1
        );
    }
}
