//! `+`, `-`, `*`, `/`, `%` for two numbers of one type, and the unary `-`.

use std::ops::{Add, Div, Mul, Rem, Sub};

use arrow::{
    array::{ArrowPrimitiveType, PrimitiveArray},
    datatypes::{
        Decimal128Type, DurationMillisecondType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
        Int64Type, IntervalYearMonthType,
    },
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::{
    decimal, integer,
    lanes::{map, map_or_fault, returned, zip_flagged},
};
use crate::{Call, Fault, Type};

/// An operation with two arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

pub(super) fn add(call: &Call, arguments: &[ColumnarValue], _: usize) -> EngineResult<ColumnarValue> {
    calculate(Operation::Add, call, arguments)
}

pub(super) fn subtract(call: &Call, arguments: &[ColumnarValue], _: usize) -> EngineResult<ColumnarValue> {
    calculate(Operation::Subtract, call, arguments)
}

pub(super) fn multiply(call: &Call, arguments: &[ColumnarValue], _: usize) -> EngineResult<ColumnarValue> {
    calculate(Operation::Multiply, call, arguments)
}

pub(super) fn divide(call: &Call, arguments: &[ColumnarValue], _: usize) -> EngineResult<ColumnarValue> {
    calculate(Operation::Divide, call, arguments)
}

/// `%`, and the function `mod`.
pub(crate) fn remainder(call: &Call, arguments: &[ColumnarValue], _: usize) -> EngineResult<ColumnarValue> {
    calculate(Operation::Remainder, call, arguments)
}

fn calculate(operation: Operation, call: &Call, arguments: &[ColumnarValue]) -> EngineResult<ColumnarValue> {
    match call.arguments.as_slice() {
        [Type::TinyInt, _] => returned(arguments, integer::calculate::<Int8Type>(operation, arguments)?),
        [Type::SmallInt, _] => returned(arguments, integer::calculate::<Int16Type>(operation, arguments)?),
        [Type::Integer, _] => returned(arguments, integer::calculate::<Int32Type>(operation, arguments)?),
        [Type::BigInt, _] => returned(arguments, integer::calculate::<Int64Type>(operation, arguments)?),
        [Type::Real, _] => returned(arguments, float::<Float32Type>(operation, arguments)?),
        [Type::Double, _] => returned(arguments, float::<Float64Type>(operation, arguments)?),
        [Type::Decimal(_, s1), Type::Decimal(_, s2)] => {
            let Type::Decimal(precision, scale) = call.returns else {
                return Err(Fault::internal("arithmetic on decimals gives a decimal").into());
            };
            let result = decimal::calculate(operation, arguments, [*s1, *s2, scale])?;
            returned(arguments, result.with_precision_and_scale(precision, scale.cast_signed())?)
        }
        other => Err(unknown(other).into()),
    }
}

fn unknown(types: &[Type]) -> Fault {
    let types: Vec<String> = types.iter().map(Type::to_string).collect();
    Fault::internal(format!("no arithmetic on {}", types.join(", ")))
}

/// Floating point of one width.
trait Float: ArrowPrimitiveType {
    /// With the one NaN that the engine's sort and groups know: processors make others, with a sign.
    fn canonical(value: Self::Native) -> Self::Native;
}

impl Float for Float32Type {
    fn canonical(value: f32) -> f32 {
        if value.is_nan() { f32::NAN } else { value }
    }
}

impl Float for Float64Type {
    fn canonical(value: f64) -> f64 {
        canonical(value)
    }
}

/// The number, or the one NaN that the engine's sort and groups know.
pub(crate) fn canonical(value: f64) -> f64 {
    if value.is_nan() { f64::NAN } else { value }
}

fn float<T: Float>(operation: Operation, arguments: &[ColumnarValue]) -> EngineResult<PrimitiveArray<T>>
where
    T::Native: Add<Output = T::Native>
        + Sub<Output = T::Native>
        + Mul<Output = T::Native>
        + Div<Output = T::Native>
        + Rem<Output = T::Native>,
{
    // Floating point never fails: 1e0 / 0e0 is Infinity.
    let never = |_, _| Fault::internal("floating point does not fail");
    let done = |value| (T::canonical(value), false);
    match operation {
        Operation::Add => zip_flagged::<T, T, T>(arguments, |l, r| done(l + r), never),
        Operation::Subtract => zip_flagged::<T, T, T>(arguments, |l, r| done(l - r), never),
        Operation::Multiply => zip_flagged::<T, T, T>(arguments, |l, r| done(l * r), never),
        Operation::Divide => zip_flagged::<T, T, T>(arguments, |l, r| done(l / r), never),
        Operation::Remainder => zip_flagged::<T, T, T>(arguments, |l, r| done(l % r), never),
    }
}

pub(super) fn negate(call: &Call, arguments: &[ColumnarValue], _: usize) -> EngineResult<ColumnarValue> {
    match call.arguments.as_slice() {
        [Type::TinyInt] => returned(arguments, integer::negate::<Int8Type>(arguments)?),
        [Type::SmallInt] => returned(arguments, integer::negate::<Int16Type>(arguments)?),
        [Type::Integer] => returned(arguments, integer::negate::<Int32Type>(arguments)?),
        [Type::BigInt] => returned(arguments, integer::negate::<Int64Type>(arguments)?),
        [Type::Real] => returned(
            arguments,
            map::<Float32Type, Float32Type>(arguments, |value| Float32Type::canonical(-value))?,
        ),
        [Type::Double] => {
            returned(arguments, map::<Float64Type, Float64Type>(arguments, |value| canonical(-value))?)
        }
        [Type::Decimal(precision, scale)] => {
            let negative = map::<Decimal128Type, Decimal128Type>(arguments, i128::wrapping_neg)?;
            returned(arguments, negative.with_precision_and_scale(*precision, scale.cast_signed())?)
        }
        [Type::IntervalDayToSecond] => {
            let overflow = |value| Fault::out_of_range(format!("interval negation overflow: {value}"));
            let negative = map_or_fault::<DurationMillisecondType, DurationMillisecondType>(
                arguments,
                i64::checked_neg,
                overflow,
            )?;
            returned(arguments, negative)
        }
        [Type::IntervalYearToMonth] => {
            let overflow = |value| Fault::out_of_range(format!("interval negation overflow: {value}"));
            let negative = map_or_fault::<IntervalYearMonthType, IntervalYearMonthType>(
                arguments,
                i32::checked_neg,
                overflow,
            )?;
            returned(arguments, negative)
        }
        other => Err(unknown(other).into()),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn sums() {
        check(
            "$add",
            &[
                (&["bigint 9223372036854775806", "bigint 1"], "bigint 9223372036854775807"),
                (
                    &["bigint 9223372036854775807", "bigint 1"],
                    "error bigint addition overflow: 9223372036854775807 + 1",
                ),
                (&["integer -2147483648", "integer -1"], "error integer addition overflow: -2147483648 + -1"),
                (&["smallint 32767", "smallint 1"], "error smallint addition overflow: 32767 + 1"),
                (&["tinyint 127", "tinyint 1"], "error tinyint addition overflow: 127 + 1"),
                (&["tinyint -128", "tinyint 127"], "tinyint -1"),
                (&["bigint NULL", "bigint 1"], "bigint NULL"),
                (&["double 0.1", "double 0.2"], "double '0.30000000000000004'"),
                (&["real 1.5", "real 2"], "real 3.5"),
                (&["double Infinity", "double 1"], "double Infinity"),
                (&["decimal(3,1) 10.1", "decimal(4,2) 20.05"], "decimal(5,2) 30.15"),
                (
                    &["decimal(38,0) '99999999999999999999999999999999999999'", "decimal(1,0) 1"],
                    "error Decimal overflow",
                ),
                (
                    &["decimal(38,0) '99999999999999999999999999999999999999'", "decimal(1,1) 0.1"],
                    "error Decimal overflow",
                ),
                (&["decimal(38,37) 1.1", "decimal(38,37) 2.2"], "decimal(38,37) 3.3"),
            ],
        );
    }

    #[test]
    fn differences() {
        check(
            "$subtract",
            &[
                (
                    &["bigint -9223372036854775808", "bigint 1"],
                    "error bigint subtraction overflow: -9223372036854775808 - 1",
                ),
                (&["bigint -1", "bigint 9223372036854775807"], "bigint -9223372036854775808"),
                (&["integer 0", "integer -2147483648"], "error integer subtraction overflow"),
                (&["decimal(10,0) 1", "decimal(3,3) 0.001"], "decimal(14,3) 0.999"),
            ],
        );
    }

    #[test]
    fn products() {
        check(
            "$multiply",
            &[
                (
                    &["integer 2147483647", "integer 2"],
                    "error integer multiplication overflow: 2147483647 * 2",
                ),
                (&["bigint 3037000500", "bigint -3037000500"], "error bigint multiplication overflow"),
                (&["bigint -9223372036854775808", "bigint 1"], "bigint -9223372036854775808"),
                (&["decimal(3,1) 10.1", "decimal(4,2) 20.05"], "decimal(7,3) 202.505"),
                (
                    &["decimal(38,0) '10000000000000000000'", "decimal(38,0) '10000000000000000000'"],
                    "error Decimal overflow",
                ),
                (
                    &["decimal(38,0) '-9999999999999999999'", "decimal(38,0) '10000000000000000000'"],
                    "decimal(38,0) '-99999999999999999990000000000000000000'",
                ),
                (&["double 2", "double NaN"], "double NaN"),
            ],
        );
    }

    #[test]
    fn quotients() {
        check(
            "$divide",
            &[
                (&["bigint 7", "bigint -2"], "bigint -3"),
                (&["bigint 7", "bigint 0"], "error Division by zero"),
                (
                    &["bigint -9223372036854775808", "bigint -1"],
                    "error bigint division overflow: -9223372036854775808 / -1",
                ),
                (&["double 1", "double 0"], "double Infinity"),
                (&["double 0", "double 0"], "double NaN"),
                (&["decimal(2,0) 10", "decimal(2,1) 3.0"], "decimal(4,1) 3.3"),
                (&["decimal(4,2) 10.00", "decimal(3,2) 3.00"], "decimal(6,2) 3.33"),
                (&["decimal(1,0) 1", "decimal(1,0) 2"], "decimal(1,0) 1"),
                (&["decimal(1,0) -1", "decimal(1,0) 2"], "decimal(1,0) -1"),
                (&["decimal(1,0) 1", "decimal(1,0) 3"], "decimal(1,0) 0"),
                (&["decimal(1,0) 1", "decimal(1,0) 0"], "error Division by zero"),
                (
                    &["decimal(38,0) '99999999999999999999999999999999999999'", "decimal(38,38) 0.1"],
                    "error Decimal overflow",
                ),
                (
                    &["decimal(38,19) '1000000000000000000'", "decimal(38,19) 3"],
                    "decimal(38,19) '333333333333333333.3333333333333333333'",
                ),
            ],
        );
    }

    #[test]
    fn remainders() {
        check(
            "$modulus",
            &[
                (&["bigint -7", "bigint 3"], "bigint -1"),
                (&["bigint 7", "bigint -3"], "bigint 1"),
                (&["bigint -9223372036854775808", "bigint -1"], "bigint 0"),
                (&["bigint 1", "bigint 0"], "error Division by zero"),
                (&["double 5.5", "double -2"], "double 1.5"),
                (&["double 5.5", "double 0"], "double NaN"),
                (&["decimal(3,1) 10.5", "decimal(3,2) 3.25"], "decimal(3,2) 0.75"),
                (&["decimal(3,1) -10.5", "decimal(1,0) 3"], "decimal(2,1) -1.5"),
                (&["decimal(1,0) 1", "decimal(1,0) 0"], "error Division by zero"),
                (
                    &["decimal(38,0) '99999999999999999999999999999999999999'", "decimal(38,38) 0.7"],
                    "decimal(38,38) '0.30000000000000000000000000000000000000'",
                ),
            ],
        );
    }

    #[test]
    fn negatives() {
        check(
            "$negate",
            &[
                (&["bigint 5"], "bigint -5"),
                (&["bigint -9223372036854775808"], "error bigint negation overflow: -9223372036854775808"),
                (&["tinyint -128"], "error tinyint negation overflow: -128"),
                (&["double 0"], "double -0.0"),
                (&["real NULL"], "real NULL"),
                (&["decimal(3,1) 12.3"], "decimal(3,1) -12.3"),
                (&["interval day to second 1000"], "interval day to second -1000"),
            ],
        );
    }
}
