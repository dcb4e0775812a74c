//! `random`: a number for each row, other ones every time.

use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

use arrow::{
    array::{Array, ArrayRef, ArrowPrimitiveType, Float64Array},
    datatypes::{Int8Type, Int16Type, Int32Type, Int64Type},
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use crate::{
    Call, Fault, Function, Type,
    columns::{argument, primitive, primitive_rows},
};

const SIGNATURES: &[&str] = &[
    "() -> double",
    "(tinyint) -> tinyint",
    "(smallint) -> smallint",
    "(integer) -> integer",
    "(bigint) -> bigint",
    "(tinyint, tinyint) -> tinyint",
    "(smallint, smallint) -> smallint",
    "(integer, integer) -> integer",
    "(bigint, bigint) -> bigint",
];

pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::scalar("random", SIGNATURES, random, "A pseudo-random number").volatile(),
        Function::scalar("rand", SIGNATURES, random, "A pseudo-random number").volatile(),
    ]
}

/// A stream of pseudo-random numbers (splitmix64); each begins elsewhere. Not for secrets.
#[derive(Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new() -> Self {
        // The keys of a new hash state come from the system.
        Self(RandomState::new().hash_one(0_u8))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to below 1, in steps of 2^-53.
    fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// From `start` to below `stop`; `start` is less.
    fn between(&mut self, start: i64, stop: i64) -> i64 {
        let span = u128::from(stop.wrapping_sub(start).cast_unsigned());
        let offset = (u128::from(self.next()) * span) >> 64;
        start.wrapping_add_unsigned(u64::try_from(offset).unwrap_or(0))
    }
}

fn random(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let mut random = Random::new();
    // Constant arguments too have a number for each row.
    let arrays: Vec<ArrayRef> =
        arguments.iter().map(|argument| argument.to_array(rows)).collect::<EngineResult<_>>()?;
    let numbers: ArrayRef = match call.arguments.first() {
        None => Arc::new(Float64Array::from_iter_values((0..rows).map(|_| random.fraction()))),
        Some(Type::TinyInt) => integers::<Int8Type>(&mut random, &arrays)?,
        Some(Type::SmallInt) => integers::<Int16Type>(&mut random, &arrays)?,
        Some(Type::Integer) => integers::<Int32Type>(&mut random, &arrays)?,
        Some(_) => integers::<Int64Type>(&mut random, &arrays)?,
    };
    Ok(ColumnarValue::Array(numbers))
}

fn integers<T: ArrowPrimitiveType<Native: Into<i64> + TryFrom<i64>>>(
    random: &mut Random,
    arrays: &[ArrayRef],
) -> EngineResult<ArrayRef> {
    let first = primitive::<T>(argument(arrays, 0)?)?;
    let second = arrays.get(1).map(primitive::<T>).transpose()?;
    primitive_rows::<T>(first.len(), |row| {
        if arrays.iter().any(|array| array.is_null(row)) {
            return Ok(None);
        }
        let (start, stop) = match second {
            Some(second) => (first.value(row).into(), second.value(row).into()),
            None => (0, first.value(row).into()),
        };
        if start >= stop {
            return Err(Fault::invalid_argument(match second {
                Some(_) => "start value must be less than stop value",
                None => "bound must be positive",
            }));
        }
        Ok(T::Native::try_from(random.between(start, stop)).ok())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn bounds() {
        check(
            "random",
            &[
                (&["bigint 1"], "bigint 0"),
                (&["tinyint 5", "tinyint 6"], "tinyint 5"),
                (&["bigint 0"], "error bound must be positive"),
                (&["integer -1"], "error bound must be positive"),
                (&["smallint 5", "smallint 5"], "error start value must be less than stop value"),
                (&["bigint NULL"], "bigint NULL"),
            ],
        );
        check("rand", &[(&["integer 1"], "integer 0")]);
    }

    #[test]
    fn numbers_lie_between_and_differ() {
        let mut random = Random::new();
        let mut seen = std::collections::HashSet::new();
        for _ in 0..1000 {
            assert!((-3..4).contains(&random.between(-3, 4)));
            random.between(i64::MIN, i64::MAX);
            let fraction = random.fraction();
            assert!((0.0..1.0).contains(&fraction));
            seen.insert(fraction.to_bits());
        }
        assert!(seen.len() > 990);
    }
}
