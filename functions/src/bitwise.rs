//! Bitwise functions (<https://trino.io/docs/current/functions/bitwise.html>): two's complement.

use arrow::datatypes::{ArrowPrimitiveType, Int8Type, Int16Type, Int32Type, Int64Type};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use crate::{
    Call, Fault, Function, Type,
    operators::{map, returned, zip_flagged, zip_or_fault},
};

const TWO: &[&str] = &["(bigint, bigint) -> bigint"];
const SHIFT: &[&str] = &[
    "(tinyint, integer) -> tinyint",
    "(smallint, integer) -> smallint",
    "(integer, integer) -> integer",
    "(bigint, integer) -> bigint",
];

pub(crate) fn functions() -> Vec<Function> {
    vec![
        Function::scalar("bit_count", TWO, bit_count, "Bits that are set in a number of so many bits"),
        Function::scalar("bitwise_and", TWO, |_, a, _| combine(a, |l, r| l & r), "Bits set in both"),
        Function::scalar("bitwise_or", TWO, |_, a, _| combine(a, |l, r| l | r), "Bits set in one or both"),
        Function::scalar("bitwise_xor", TWO, |_, a, _| combine(a, |l, r| l ^ r), "Bits set in one"),
        Function::scalar("bitwise_not", &["(bigint) -> bigint"], not, "Bits that are not set"),
        Function::scalar("bitwise_left_shift", SHIFT, left_shift, "Bits moved to the left"),
        Function::scalar("bitwise_right_shift", SHIFT, right_shift, "Bits moved to the right"),
        Function::scalar(
            "bitwise_right_shift_arithmetic",
            SHIFT,
            arithmetic_shift,
            "Bits moved to the right, copies of the sign after them",
        ),
    ]
}

fn combine(arguments: &[ColumnarValue], f: impl Fn(i64, i64) -> i64) -> EngineResult<ColumnarValue> {
    let never = |_, _| Fault::internal("bits never fail");
    let f = |left, right| (f(left, right), false);
    returned(arguments, zip_flagged::<Int64Type, Int64Type, Int64Type>(arguments, f, never)?)
}

fn not(_: &Call, arguments: &[ColumnarValue], _: usize) -> EngineResult<ColumnarValue> {
    returned(arguments, map::<Int64Type, Int64Type>(arguments, |value| !value)?)
}

fn bit_count(_: &Call, arguments: &[ColumnarValue], _: usize) -> EngineResult<ColumnarValue> {
    let count = |number: i64, bits: i64| {
        let bits = u32::try_from(bits).ok().filter(|bits| (2..=64).contains(bits))?;
        let unused = 64 - bits;
        let fits = (number << unused) >> unused == number;
        fits.then(|| i64::from((number << unused).count_ones()))
    };
    let fault = |number: i64, bits: i64| {
        Fault::invalid_argument(match (2..=64).contains(&bits) {
            false => format!("Bits specified in bit_count must be between 2 and 64, got {bits}"),
            true => format!(
                "Number must be representable with the bits specified. {number} cannot be represented \
                 with {bits} bits"
            ),
        })
    };
    returned(arguments, zip_or_fault::<Int64Type, Int64Type, Int64Type>(arguments, count, fault)?)
}

/// Numbers as 64 bits, which Java shifts: by the last six bits of a negative distance.
trait Bits: ArrowPrimitiveType {
    fn wide(value: Self::Native) -> i64;
    /// Without a sign of its own.
    fn pattern(value: Self::Native) -> u64;
    /// The lowest bits.
    fn narrow(value: i64) -> Self::Native;
}

macro_rules! bits {
    ($arrow:ty, $native:ty) => {
        impl Bits for $arrow {
            fn wide(value: $native) -> i64 {
                i64::from(value)
            }

            fn pattern(value: $native) -> u64 {
                u64::from(value.cast_unsigned())
            }

            fn narrow(value: i64) -> $native {
                value as $native
            }
        }
    };
}

bits!(Int8Type, i8);
bits!(Int16Type, i16);
bits!(Int32Type, i32);
bits!(Int64Type, i64);

#[derive(Debug, Clone, Copy)]
enum Shift {
    Left,
    Right,
    Arithmetic,
}

fn left_shift(call: &Call, arguments: &[ColumnarValue], _: usize) -> EngineResult<ColumnarValue> {
    shift(Shift::Left, call, arguments)
}

fn right_shift(call: &Call, arguments: &[ColumnarValue], _: usize) -> EngineResult<ColumnarValue> {
    shift(Shift::Right, call, arguments)
}

fn arithmetic_shift(call: &Call, arguments: &[ColumnarValue], _: usize) -> EngineResult<ColumnarValue> {
    shift(Shift::Arithmetic, call, arguments)
}

fn shift(shift: Shift, call: &Call, arguments: &[ColumnarValue]) -> EngineResult<ColumnarValue> {
    match call.arguments.first() {
        Some(Type::TinyInt) => shift_bits::<Int8Type>(shift, arguments),
        Some(Type::SmallInt) => shift_bits::<Int16Type>(shift, arguments),
        Some(Type::Integer) => shift_bits::<Int32Type>(shift, arguments),
        _ => shift_bits::<Int64Type>(shift, arguments),
    }
}

fn shift_bits<T: Bits>(shift: Shift, arguments: &[ColumnarValue]) -> EngineResult<ColumnarValue> {
    let shifted = |value: T::Native, distance: i32| {
        // Negative distances wrap around, as Java's do.
        let by = (distance & 63).cast_unsigned();
        let shifted = match (shift, distance >= 64) {
            (Shift::Left | Shift::Right, true) => 0,
            (Shift::Arithmetic, true) => T::wide(value) >> 63,
            (Shift::Left, false) => T::wide(value) << by,
            (Shift::Right, false) if distance == 0 => T::wide(value),
            (Shift::Right, false) => (T::pattern(value) >> by).cast_signed(),
            (Shift::Arithmetic, false) => T::wide(value) >> by,
        };
        (T::narrow(shifted), false)
    };
    let never = |_, _| Fault::internal("bits never fail");
    returned(arguments, zip_flagged::<T, Int32Type, T>(arguments, shifted, never)?)
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn counts() {
        check(
            "bit_count",
            &[
                (&["bigint 9", "bigint 64"], "bigint 2"),
                (&["bigint 9", "bigint 8"], "bigint 2"),
                (&["bigint -7", "bigint 64"], "bigint 62"),
                (&["bigint -7", "bigint 8"], "bigint 6"),
                (&["bigint 127", "bigint 8"], "bigint 7"),
                (&["bigint -128", "bigint 8"], "bigint 1"),
                (&["bigint 0", "bigint 2"], "bigint 0"),
                (&["bigint NULL", "bigint 2"], "bigint NULL"),
                (
                    &["bigint 128", "bigint 8"],
                    "error Number must be representable with the bits specified. 128 cannot be represented with 8 bits",
                ),
                (
                    &["bigint 7", "bigint 1"],
                    "error Bits specified in bit_count must be between 2 and 64, got 1",
                ),
                (&["bigint 7", "bigint 65"], "error must be between 2 and 64, got 65"),
            ],
        );
    }

    #[test]
    fn logic() {
        check(
            "bitwise_and",
            &[(&["bigint 19", "bigint 25"], "bigint 17"), (&["bigint -1", "bigint NULL"], "bigint NULL")],
        );
        check("bitwise_or", &[(&["bigint 19", "bigint 25"], "bigint 27")]);
        check("bitwise_xor", &[(&["bigint 19", "bigint 25"], "bigint 10")]);
        check("bitwise_not", &[(&["bigint -12"], "bigint 11"), (&["bigint 19"], "bigint -20")]);
    }

    #[test]
    fn shifts() {
        check(
            "bitwise_left_shift",
            &[
                (&["tinyint 7", "integer 2"], "tinyint 28"),
                (&["tinyint 64", "integer 1"], "tinyint -128"),
                (&["tinyint -7", "integer 2"], "tinyint -28"),
                (&["tinyint 1", "integer 8"], "tinyint 0"),
                (&["smallint 7", "integer 14"], "smallint -16384"),
                (&["integer 1", "integer 31"], "integer -2147483648"),
                (&["bigint 1", "integer 63"], "bigint -9223372036854775808"),
                (&["bigint 1", "integer 64"], "bigint 0"),
                (&["bigint 1", "integer NULL"], "bigint NULL"),
            ],
        );
        check(
            "bitwise_right_shift",
            &[
                (&["tinyint -8", "integer 2"], "tinyint 62"),
                (&["tinyint -8", "integer 0"], "tinyint -8"),
                (&["smallint -8", "integer 2"], "smallint 16382"),
                (&["integer -8", "integer 2"], "integer 1073741822"),
                (&["bigint -8", "integer 2"], "bigint 4611686018427387902"),
                (&["bigint 8", "integer 64"], "bigint 0"),
                (&["tinyint 8", "integer 2"], "tinyint 2"),
            ],
        );
        check(
            "bitwise_right_shift_arithmetic",
            &[
                (&["tinyint -8", "integer 2"], "tinyint -2"),
                (&["bigint -256", "integer 64"], "bigint -1"),
                (&["bigint 256", "integer 64"], "bigint 0"),
                (&["integer -8", "integer 1"], "integer -4"),
                (&["smallint 7", "integer 1"], "smallint 3"),
            ],
        );
    }
}
