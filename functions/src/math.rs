//! Mathematical functions (<https://trino.io/docs/current/functions/math.html>).
//!
//! Results are those of Java's `Math`, which Trino calls: where Java's methods are defined by an algorithm
//! (`cbrt`, `sinh`, …), the same algorithm stands in [`java`].

mod base;
mod bucket;
mod distribution;
mod elementary;
mod inverse;
mod java;
mod random;
mod round;
mod sign;
mod special;

pub(crate) use random::Random;

use crate::{Function, operators};

pub(crate) fn functions() -> Vec<Function> {
    let mut functions = vec![
        Function::scalar("mod", operators::TWO_NUMBERS, operators::remainder, "Remainder of a division")
            .returning(operators::remainder_type),
    ];
    functions.extend(sign::functions());
    functions.extend(round::functions());
    functions.extend(elementary::functions());
    functions.extend(base::functions());
    functions.extend(bucket::functions());
    functions.extend(random::functions());
    functions.extend(distribution::functions());
    functions
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn modulus() {
        check(
            "mod",
            &[
                (&["bigint -7", "bigint 3"], "bigint -1"),
                (&["tinyint 5", "tinyint 0"], "error Division by zero"),
                (&["double 5.3", "double 0"], "double NaN"),
                (&["decimal(2,1) 5.0", "decimal(2,1) 2.1"], "decimal(2,1) 0.8"),
                (&["integer NULL", "integer 3"], "integer NULL"),
            ],
        );
    }
}
