//! Numbers as their bytes, most significant first.

use arrow::{
    array::ArrayRef,
    datatypes::{ArrowPrimitiveType, Float32Type, Float64Type, Int32Type, Int64Type},
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use crate::{
    Call, Fault, Function,
    columns::{argument, binary_rows, on_arrays, primitive, primitive_rows},
    string::arguments::{Arguments, given},
};
use arrow::array::Array;

pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::scalar(
            "to_big_endian_32",
            &["(integer) -> varbinary"],
            to_big_endian_32,
            "Encode value as a 32-bit 2's complement big endian varbinary",
        ),
        Function::scalar(
            "from_big_endian_32",
            &["(varbinary) -> integer"],
            from_big_endian_32,
            "Decode integer value from a 32-bit 2's complement big endian varbinary",
        ),
        Function::scalar(
            "to_big_endian_64",
            &["(bigint) -> varbinary"],
            to_big_endian_64,
            "Encode value as a 64-bit 2's complement big endian varbinary",
        ),
        Function::scalar(
            "from_big_endian_64",
            &["(varbinary) -> bigint"],
            from_big_endian_64,
            "Decode bigint value from a 64-bit 2's complement big endian varbinary",
        ),
        Function::scalar(
            "to_ieee754_32",
            &["(real) -> varbinary"],
            to_ieee754_32,
            "Encode value as a big endian varbinary according to IEEE 754 single-precision floating-point format",
        ),
        Function::scalar(
            "from_ieee754_32",
            &["(varbinary) -> real"],
            from_ieee754_32,
            "Decode the 32-bit big-endian binary in IEEE 754 single-precision floating-point format",
        ),
        Function::scalar(
            "to_ieee754_64",
            &["(double) -> varbinary"],
            to_ieee754_64,
            "Encode value as a big endian varbinary according to IEEE 754 double-precision floating-point format",
        ),
        Function::scalar(
            "from_ieee754_64",
            &["(varbinary) -> double"],
            from_ieee754_64,
            "Decode the 64-bit big-endian binary in IEEE 754 double-precision floating-point format",
        ),
    ]
}

fn encode<T: ArrowPrimitiveType, const N: usize>(
    array: &ArrayRef,
    bytes: fn(T::Native) -> [u8; N],
) -> EngineResult<ArrayRef> {
    let numbers = primitive::<T>(array)?;
    binary_rows(numbers.len(), |row, result| {
        if numbers.is_null(row) {
            return Ok(None);
        }
        result.extend(bytes(numbers.value(row)));
        Ok(Some(()))
    })
}

fn decode<T: ArrowPrimitiveType, const N: usize>(
    arguments: Arguments<'_>,
    number: fn([u8; N]) -> T::Native,
    message: fn(usize) -> String,
) -> EngineResult<ColumnarValue> {
    let values = arguments.bytes(0)?;
    let result = primitive_rows::<T>(arguments.rows, |row| {
        let bytes = given!(values.get(row));
        match bytes.try_into() {
            Ok(bytes) => Ok(Some(number(bytes))),
            Err(_) => Err(Fault::invalid_argument(message(bytes.len()))),
        }
    })?;
    arguments.finish(result)
}

fn to_big_endian_32(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| encode::<Int32Type, 4>(argument(arrays, 0)?, i32::to_be_bytes))
}

fn to_big_endian_64(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| encode::<Int64Type, 8>(argument(arrays, 0)?, i64::to_be_bytes))
}

fn to_ieee754_32(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let bytes = |number: f32| if number.is_nan() { f32::NAN } else { number }.to_be_bytes();
    on_arrays(arguments, rows, |arrays| encode::<Float32Type, 4>(argument(arrays, 0)?, bytes))
}

fn to_ieee754_64(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    // As Java's doubleToLongBits: all NaN are one.
    let bytes = |number: f64| if number.is_nan() { f64::NAN } else { number }.to_be_bytes();
    on_arrays(arguments, rows, |arrays| encode::<Float64Type, 8>(argument(arrays, 0)?, bytes))
}

fn from_big_endian_32(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let message = |length| format!("expected 4-byte input, but got instead: {length}");
    decode::<Int32Type, 4>(Arguments::new(call, arguments, rows), i32::from_be_bytes, message)
}

fn from_big_endian_64(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let message = |length| format!("expected 8-byte input, but got instead: {length}");
    decode::<Int64Type, 8>(Arguments::new(call, arguments, rows), i64::from_be_bytes, message)
}

fn from_ieee754_32(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let message = |_| "Input floating-point value must be exactly 4 bytes long".to_owned();
    decode::<Float32Type, 4>(Arguments::new(call, arguments, rows), f32::from_be_bytes, message)
}

fn from_ieee754_64(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let message = |_| "Input floating-point value must be exactly 8 bytes long".to_owned();
    decode::<Float64Type, 8>(Arguments::new(call, arguments, rows), f64::from_be_bytes, message)
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn integers() {
        check(
            "to_big_endian_32",
            &[
                (&["integer 1"], "varbinary '00000001'"),
                (&["integer -2147483647"], "varbinary '80000001'"),
                (&["integer NULL"], "varbinary NULL"),
            ],
        );
        check("to_big_endian_64", &[(&["bigint -9223372036854775807"], "varbinary '8000000000000001'")]);
        check(
            "from_big_endian_32",
            &[
                (&["varbinary '80000001'"], "integer -2147483647"),
                (&["varbinary '1111'"], "error expected 4-byte input, but got instead: 2"),
            ],
        );
        check(
            "from_big_endian_64",
            &[
                (&["varbinary '7fffffffffffffff'"], "bigint 9223372036854775807"),
                (&["varbinary NULL"], "bigint NULL"),
                (&["varbinary ''"], "error expected 8-byte input, but got instead: 0"),
            ],
        );
    }

    #[test]
    fn floats() {
        check(
            "to_ieee754_32",
            &[
                (&["real 1.0"], "varbinary '3f800000'"),
                (&["real 3.14"], "varbinary '4048f5c3'"),
                (&["real NaN"], "varbinary '7fc00000'"),
                (&["real -Infinity"], "varbinary 'ff800000'"),
                (&["real -1.4E-45"], "varbinary '80000001'"),
            ],
        );
        check(
            "to_ieee754_64",
            &[
                (&["double 3.1415926"], "varbinary '400921fb4d12d84a'"),
                (&["double NaN"], "varbinary '7ff8000000000000'"),
            ],
        );
        check(
            "from_ieee754_32",
            &[
                (&["varbinary '4048f5c3'"], "real 3.14"),
                (&["varbinary '0000'"], "error Input floating-point value must be exactly 4 bytes long"),
            ],
        );
        check(
            "from_ieee754_64",
            &[
                (&["varbinary '400921fb4d12d84a'"], "double 3.1415926"),
                (&["varbinary ''"], "error Input floating-point value must be exactly 8 bytes long"),
            ],
        );
    }
}
