//! `abs`, `sign`, `is_nan` and others that look at one number.

use arrow::datatypes::{
    ArrowPrimitiveType, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use crate::{
    Call, Fault, Function, Type,
    operators::{map, map_or_fault, returned, test},
};

pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::scalar(
            "abs",
            &[
                "(tinyint) -> tinyint",
                "(smallint) -> smallint",
                "(integer) -> integer",
                "(bigint) -> bigint",
                "(double) -> double",
                "(real) -> real",
                "(decimal(p,s)) -> decimal(p,s)",
            ],
            abs,
            "The number without its sign",
        ),
        Function::scalar(
            "sign",
            &[
                "(tinyint) -> tinyint",
                "(smallint) -> smallint",
                "(integer) -> integer",
                "(bigint) -> bigint",
                "(double) -> double",
                "(real) -> real",
                "(decimal(p,s)) -> decimal(1,0)",
            ],
            sign,
            "1, 0 or -1",
        ),
        Function::scalar("is_nan", &["(double) -> boolean", "(real) -> boolean"], is_nan, "Not a number"),
        Function::scalar(
            "is_finite",
            &["(double) -> boolean"],
            |_, a, _| returned(a, test::<Float64Type>(a, f64::is_finite)?),
            "Neither infinite nor NaN",
        ),
        Function::scalar(
            "is_infinite",
            &["(double) -> boolean"],
            |_, a, _| returned(a, test::<Float64Type>(a, f64::is_infinite)?),
            "Infinity or -Infinity",
        ),
    ]
}

pub(super) fn unexpected(call: &Call) -> Fault {
    Fault::internal(format!("not a signature: {call}"))
}

fn abs(call: &Call, arguments: &[ColumnarValue], _: usize) -> EngineResult<ColumnarValue> {
    let Some(data_type) = call.arguments.first() else { return Err(unexpected(call).into()) };
    match data_type {
        Type::TinyInt => checked::<Int8Type>(data_type, arguments, i8::checked_abs),
        Type::SmallInt => checked::<Int16Type>(data_type, arguments, i16::checked_abs),
        Type::Integer => checked::<Int32Type>(data_type, arguments, i32::checked_abs),
        Type::BigInt => checked::<Int64Type>(data_type, arguments, i64::checked_abs),
        Type::Real => returned(arguments, map::<Float32Type, Float32Type>(arguments, f32::abs)?),
        Type::Double => returned(arguments, map::<Float64Type, Float64Type>(arguments, f64::abs)?),
        Type::Decimal(precision, scale) => {
            let absolute = map::<Decimal128Type, Decimal128Type>(arguments, i128::wrapping_abs)?;
            returned(arguments, absolute.with_precision_and_scale(*precision, scale.cast_signed())?)
        }
        _ => Err(unexpected(call).into()),
    }
}

fn checked<T: ArrowPrimitiveType<Native: std::fmt::Display>>(
    data_type: &Type,
    arguments: &[ColumnarValue],
    f: impl Fn(T::Native) -> Option<T::Native>,
) -> EngineResult<ColumnarValue> {
    let fault = |value| Fault::out_of_range(format!("Value {value} is out of range for abs({data_type})"));
    returned(arguments, map_or_fault::<T, T>(arguments, f, fault)?)
}

fn sign(call: &Call, arguments: &[ColumnarValue], _: usize) -> EngineResult<ColumnarValue> {
    // Zero and NaN stay as they are.
    match call.arguments.as_slice() {
        [Type::TinyInt] => returned(arguments, map::<Int8Type, Int8Type>(arguments, i8::signum)?),
        [Type::SmallInt] => returned(arguments, map::<Int16Type, Int16Type>(arguments, i16::signum)?),
        [Type::Integer] => returned(arguments, map::<Int32Type, Int32Type>(arguments, i32::signum)?),
        [Type::BigInt] => returned(arguments, map::<Int64Type, Int64Type>(arguments, i64::signum)?),
        [Type::Real] => {
            let f = |value: f32| if value == 0.0 { value } else { value.signum() };
            returned(arguments, map::<Float32Type, Float32Type>(arguments, f)?)
        }
        [Type::Double] => {
            let f = |value: f64| if value == 0.0 { value } else { value.signum() };
            returned(arguments, map::<Float64Type, Float64Type>(arguments, f)?)
        }
        [Type::Decimal(..)] => {
            let sign = map::<Decimal128Type, Decimal128Type>(arguments, i128::signum)?;
            returned(arguments, sign.with_precision_and_scale(1, 0)?)
        }
        _ => Err(unexpected(call).into()),
    }
}

fn is_nan(call: &Call, arguments: &[ColumnarValue], _: usize) -> EngineResult<ColumnarValue> {
    match call.arguments.as_slice() {
        [Type::Real] => returned(arguments, test::<Float32Type>(arguments, f32::is_nan)?),
        _ => returned(arguments, test::<Float64Type>(arguments, f64::is_nan)?),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn abs() {
        check(
            "abs",
            &[
                (&["tinyint -127"], "tinyint 127"),
                (&["tinyint -128"], "error Value -128 is out of range for abs(tinyint)"),
                (&["smallint -32768"], "error Value -32768 is out of range for abs(smallint)"),
                (&["integer -2147483648"], "error Value -2147483648 is out of range for abs(integer)"),
                (
                    &["bigint -9223372036854775808"],
                    "error Value -9223372036854775808 is out of range for abs(bigint)",
                ),
                (&["bigint -5"], "bigint 5"),
                (&["bigint NULL"], "bigint NULL"),
                (&["double -1.5"], "double 1.5"),
                (&["double -0.0"], "double 0.0"),
                (&["double -Infinity"], "double Infinity"),
                (&["double NaN"], "double NaN"),
                (&["real -1.5"], "real 1.5"),
                (&["decimal(5,2) -123.45"], "decimal(5,2) 123.45"),
                (
                    &["decimal(38,0) '-99999999999999999999999999999999999999'"],
                    "decimal(38,0) '99999999999999999999999999999999999999'",
                ),
            ],
        );
    }

    #[test]
    fn sign() {
        check(
            "sign",
            &[
                (&["bigint -5"], "bigint -1"),
                (&["bigint 0"], "bigint 0"),
                (&["tinyint 3"], "tinyint 1"),
                (&["double -0.5"], "double -1"),
                (&["double 0"], "double 0"),
                (&["double -0.0"], "double -0.0"),
                (&["double NaN"], "double NaN"),
                (&["double Infinity"], "double 1"),
                (&["real -Infinity"], "real -1"),
                (&["decimal(5,2) -123.45"], "decimal(1,0) -1"),
                (&["decimal(5,2) 0"], "decimal(1,0) 0"),
                (&["decimal(5,2) NULL"], "decimal(1,0) NULL"),
            ],
        );
    }

    #[test]
    fn kinds_of_numbers() {
        check(
            "is_nan",
            &[
                (&["double NaN"], "boolean true"),
                (&["double 1"], "boolean false"),
                (&["real NaN"], "boolean true"),
                (&["double NULL"], "boolean NULL"),
            ],
        );
        check(
            "is_finite",
            &[
                (&["double NaN"], "boolean false"),
                (&["double Infinity"], "boolean false"),
                (&["double 1"], "boolean true"),
            ],
        );
        check(
            "is_infinite",
            &[
                (&["double NaN"], "boolean false"),
                (&["double -Infinity"], "boolean true"),
                (&["double 1"], "boolean false"),
            ],
        );
    }
}
