//! Arithmetic and comparison (<https://trino.io/docs/current/functions/math.html>,
//! <https://trino.io/docs/current/functions/comparison.html>).
//!
//! The planner writes operators as calls of the functions whose names begin with `$`. Integer arithmetic
//! is checked, decimals have Trino's result types, and NaN is not equal to itself.

mod arithmetic;
mod compare;
mod decimal;
mod distinct;
mod extremes;
mod integer;
mod lanes;

pub(crate) use arithmetic::{canonical, remainder};
pub(crate) use decimal::{power_of_ten, remainder_type};
pub(crate) use lanes::{map, map_or_fault, returned, returned_ref, test, zip_flagged, zip_or_fault};

use crate::{Function, array::compare::form::one_form};

pub(crate) const TWO_NUMBERS: &[&str] = &[
    "(tinyint, tinyint) -> tinyint",
    "(smallint, smallint) -> smallint",
    "(integer, integer) -> integer",
    "(bigint, bigint) -> bigint",
    "(real, real) -> real",
    "(double, double) -> double",
    "(decimal(p1,s1), decimal(p2,s2)) -> decimal(p1,s1)",
];

const ONE_NUMBER: &[&str] = &[
    "(tinyint) -> tinyint",
    "(smallint) -> smallint",
    "(integer) -> integer",
    "(bigint) -> bigint",
    "(real) -> real",
    "(double) -> double",
    "(decimal(p,s)) -> decimal(p,s)",
    "(interval day to second) -> interval day to second",
    "(interval year to month) -> interval year to month",
];

const TWO_VALUES: &[&str] = &["(T, T) -> boolean"];

pub(crate) fn functions() -> Vec<Function> {
    vec![
        Function::scalar("$add", TWO_NUMBERS, arithmetic::add, "Sum").returning(decimal::sum_type),
        Function::scalar("$subtract", TWO_NUMBERS, arithmetic::subtract, "Difference")
            .returning(decimal::sum_type),
        Function::scalar("$multiply", TWO_NUMBERS, arithmetic::multiply, "Product")
            .returning(decimal::product_type),
        Function::scalar("$divide", TWO_NUMBERS, arithmetic::divide, "Quotient")
            .returning(decimal::quotient_type),
        Function::scalar("$modulus", TWO_NUMBERS, remainder, "Remainder").returning(remainder_type),
        Function::scalar("$negate", ONE_NUMBER, arithmetic::negate, "The number with the other sign"),
        Function::scalar("$eq", TWO_VALUES, compare::equal, "Equal"),
        Function::scalar("$ne", TWO_VALUES, compare::not_equal, "Not equal"),
        Function::scalar("$lt", TWO_VALUES, compare::less, "Less"),
        Function::scalar("$le", TWO_VALUES, compare::less_or_equal, "Less or equal"),
        Function::scalar("$gt", TWO_VALUES, compare::greater, "Greater"),
        Function::scalar("$ge", TWO_VALUES, compare::greater_or_equal, "Greater or equal"),
        Function::scalar("$is_distinct_from", TWO_VALUES, distinct::is_distinct, "Not equal, or one is NULL")
            .with_nulls(),
        Function::scalar("$one_form", &["(T) -> T"], one_form, "One form for values that are not distinct"),
        Function::scalar("greatest", &["(T...) -> T"], extremes::greatest, "The largest value"),
        Function::scalar("least", &["(T...) -> T"], extremes::least, "The smallest value"),
    ]
}
