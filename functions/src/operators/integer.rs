//! Integers that fail rather than wrap around.

use arrow::{
    array::{ArrowPrimitiveType, PrimitiveArray},
    datatypes::{ArrowNativeType, Int8Type, Int16Type, Int32Type, Int64Type},
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::{
    arithmetic::Operation,
    lanes::{map_or_fault, zip_flagged, zip_or_fault},
};
use crate::Fault;

/// The arithmetic of one width; the flag of each answer is true if the result does not fit.
pub(super) trait Integer: ArrowPrimitiveType<Native: ArrowNativeType + std::fmt::Display> {
    /// Trino's name of the type.
    const NAME: &'static str;
    fn sum(left: Self::Native, right: Self::Native) -> (Self::Native, bool);
    fn difference(left: Self::Native, right: Self::Native) -> (Self::Native, bool);
    fn product(left: Self::Native, right: Self::Native) -> (Self::Native, bool);
    fn quotient(left: Self::Native, right: Self::Native) -> Option<Self::Native>;
    fn remainder(left: Self::Native, right: Self::Native) -> Option<Self::Native>;
    fn negative(value: Self::Native) -> Option<Self::Native>;
}

macro_rules! integer {
    ($arrow:ty, $native:ty, $name:literal) => {
        impl Integer for $arrow {
            const NAME: &'static str = $name;

            // Overflow as a sign bit: the form that compilers turn into vector instructions.
            fn sum(left: $native, right: $native) -> ($native, bool) {
                let sum = left.wrapping_add(right);
                (sum, ((left ^ sum) & (right ^ sum)) < 0)
            }

            fn difference(left: $native, right: $native) -> ($native, bool) {
                let difference = left.wrapping_sub(right);
                (difference, ((left ^ right) & (left ^ difference)) < 0)
            }

            fn product(left: $native, right: $native) -> ($native, bool) {
                left.overflowing_mul(right)
            }

            fn quotient(left: $native, right: $native) -> Option<$native> {
                left.checked_div(right)
            }

            fn remainder(left: $native, right: $native) -> Option<$native> {
                // The smallest number divided by -1 leaves 0.
                (right != 0).then(|| left.wrapping_rem(right))
            }

            fn negative(value: $native) -> Option<$native> {
                value.checked_neg()
            }
        }
    };
}

integer!(Int8Type, i8, "tinyint");
integer!(Int16Type, i16, "smallint");
integer!(Int32Type, i32, "integer");
integer!(Int64Type, i64, "bigint");

pub(super) fn calculate<T: Integer>(
    operation: Operation,
    arguments: &[ColumnarValue],
) -> EngineResult<PrimitiveArray<T>> {
    let overflow = |l: T::Native, r: T::Native| -> Fault {
        let (word, sign) = match operation {
            Operation::Add => ("addition", '+'),
            Operation::Subtract => ("subtraction", '-'),
            Operation::Multiply => ("multiplication", '*'),
            Operation::Divide | Operation::Remainder => ("division", '/'),
        };
        Fault::out_of_range(format!("{} {word} overflow: {l} {sign} {r}", T::NAME))
    };
    let undefined = |l: T::Native, r: T::Native| match r == T::default_value() {
        true => Fault::division_by_zero(),
        false => overflow(l, r),
    };
    match operation {
        Operation::Add => zip_flagged::<T, T, T>(arguments, T::sum, overflow),
        Operation::Subtract => zip_flagged::<T, T, T>(arguments, T::difference, overflow),
        Operation::Multiply => zip_flagged::<T, T, T>(arguments, T::product, overflow),
        Operation::Divide => zip_or_fault::<T, T, T>(arguments, T::quotient, undefined),
        Operation::Remainder => zip_or_fault::<T, T, T>(arguments, T::remainder, undefined),
    }
}

pub(super) fn negate<T: Integer>(arguments: &[ColumnarValue]) -> EngineResult<PrimitiveArray<T>> {
    let overflow = |value| Fault::out_of_range(format!("{} negation overflow: {value}", T::NAME));
    map_or_fault::<T, T>(arguments, T::negative, overflow)
}
