//! Window functions over one partition of all rows, in the order that the table has.

use crate::{
    cases::{Case, case},
    ours::{Frame, Ours, Term, bigint, col},
};

pub(crate) fn cases() -> Vec<Case> {
    let parts = [ranks(), values(), sliding()];
    parts.into_iter().flatten().collect()
}

fn over<const N: usize>(function: &'static str, arguments: [Term; N], frame: Frame) -> Ours {
    Ours::Window { function, arguments: Vec::from(arguments), frame }
}

fn ranks() -> Vec<Case> {
    let rank = |function| over(function, [], Frame::Default);
    vec![
        case("row_number", rank("row_number"), "row_number() OVER (ORDER BY step)"),
        case("rank", rank("rank"), "rank() OVER (ORDER BY step)"),
        case("dense_rank", rank("dense_rank"), "dense_rank() OVER (ORDER BY step)"),
        case("ntile", over("ntile", [bigint(10)], Frame::Default), "ntile(10) OVER (ORDER BY step)"),
    ]
}

fn values() -> Vec<Case> {
    let value = |function, column| over(function, [col(column)], Frame::Default);
    let third = |function, column| over(function, [col(column), bigint(3)], Frame::Default);
    vec![
        case("lag bigint", value("lag", "i"), "lag(i) OVER (ORDER BY step)"),
        case("lag bigint by 3", third("lag", "i"), "lag(i, 3) OVER (ORDER BY step)"),
        case("lead varchar", value("lead", "s"), "lead(s) OVER (ORDER BY step)"),
        case("first_value bigint", value("first_value", "i"), "first_value(i) OVER (ORDER BY step)"),
        case("last_value varchar", value("last_value", "s"), "last_value(s) OVER (ORDER BY step)"),
        case("nth_value bigint", third("nth_value", "i"), "nth_value(i, 3) OVER (ORDER BY step)"),
    ]
}

fn sliding() -> Vec<Case> {
    let last_ten = |function, column| over(function, [col(column)], Frame::LastTen);
    vec![
        case(
            "sliding sum bigint",
            last_ten("sum", "i"),
            "sum(i) OVER (ORDER BY step ROWS BETWEEN 9 PRECEDING AND CURRENT ROW)",
        ),
        case(
            "sliding avg double",
            last_ten("avg", "d"),
            "avg(d) OVER (ORDER BY step ROWS BETWEEN 9 PRECEDING AND CURRENT ROW)",
        ),
        case(
            "sliding max bigint",
            last_ten("max", "i"),
            "max(i) OVER (ORDER BY step ROWS BETWEEN 9 PRECEDING AND CURRENT ROW)",
        ),
        case("running sum double", over("sum", [col("d")], Frame::Default), "sum(d) OVER (ORDER BY step)"),
    ]
}
