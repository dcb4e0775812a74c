//! Aggregates, over everything and by groups.

use crate::{
    cases::{Case, aggregate, distinct_aggregate},
    ours::{boolean, col, double, text},
};

pub(crate) fn cases() -> Vec<Case> {
    let parts = [counts(), sums(), ends(), lists(), sketches(), moments()];
    parts.into_iter().flatten().flatten().collect()
}

fn counts() -> Vec<[Case; 2]> {
    vec![
        aggregate("count", "count", [col("d")], "count(d)"),
        distinct_aggregate("count distinct bigint", "count", col("i"), "count(DISTINCT i)"),
        distinct_aggregate("count distinct varchar", "count", col("s"), "count(DISTINCT s)"),
        aggregate("bool_and", "bool_and", [col("b")], "bool_and(b)"),
        aggregate("bool_or", "bool_or", [col("b")], "bool_or(b)"),
        aggregate("bitwise_and_agg", "bitwise_and_agg", [col("i")], "bit_and(i)"),
        aggregate("bitwise_or_agg", "bitwise_or_agg", [col("i")], "bit_or(i)"),
    ]
}

fn sums() -> Vec<[Case; 2]> {
    vec![
        aggregate("sum bigint", "sum", [col("i")], "sum(i)"),
        aggregate("sum double", "sum", [col("d")], "sum(d)"),
        aggregate("sum decimal", "sum", [col("m")], "sum(m)"),
        distinct_aggregate("sum distinct bigint", "sum", col("i"), "sum(DISTINCT i)"),
        aggregate("avg bigint", "avg", [col("i")], "avg(i)"),
        aggregate("avg double", "avg", [col("d")], "avg(d)"),
        aggregate("avg decimal", "avg", [col("m")], "avg(m)"),
    ]
}

fn ends() -> Vec<[Case; 2]> {
    vec![
        aggregate("min bigint", "min", [col("i")], "min(i)"),
        aggregate("max bigint", "max", [col("i")], "max(i)"),
        aggregate("min double", "min", [col("d")], "min(d)"),
        aggregate("max double", "max", [col("d")], "max(d)"),
        aggregate("min varchar", "min", [col("s")], "min(s)"),
        aggregate("max varchar", "max", [col("s")], "max(s)"),
        aggregate("max decimal", "max", [col("m")], "max(m)"),
        aggregate("max timestamp", "max", [col("ts")], "max(ts)"),
        aggregate("max_by bigint", "max_by", [col("i"), col("d")], "first_value(i ORDER BY d DESC)"),
        aggregate("max_by varchar", "max_by", [col("s"), col("d")], "first_value(s ORDER BY d DESC)"),
        aggregate("arbitrary varchar", "arbitrary", [col("s")], "first_value(s)"),
    ]
}

fn lists() -> Vec<[Case; 2]> {
    let joined = [col("s"), text(","), boolean(true), text("..."), boolean(false)];
    vec![
        aggregate("array_agg bigint", "array_agg", [col("i")], "array_agg(i)"),
        aggregate("array_agg varchar", "array_agg", [col("s")], "array_agg(s)"),
        aggregate("listagg", "listagg", joined, "string_agg(s, ',')"),
    ]
}

fn sketches() -> Vec<[Case; 2]> {
    vec![
        aggregate("approx_distinct bigint", "approx_distinct", [col("i")], "approx_distinct(i)"),
        aggregate("approx_distinct varchar", "approx_distinct", [col("s")], "approx_distinct(s)"),
        aggregate(
            "approx_percentile double",
            "approx_percentile",
            [col("d"), double(0.5)],
            "approx_percentile_cont(d, 0.5)",
        ),
        aggregate(
            "approx_percentile bigint",
            "approx_percentile",
            [col("i"), double(0.5)],
            "approx_percentile_cont(i, 0.5)",
        ),
    ]
}

fn moments() -> Vec<[Case; 2]> {
    vec![
        aggregate("stddev", "stddev", [col("d")], "stddev(d)"),
        aggregate("variance", "variance", [col("d")], "var_samp(d)"),
        aggregate("corr", "corr", [col("d"), col("e")], "corr(d, e)"),
        aggregate("covar_samp", "covar_samp", [col("d"), col("e")], "covar_samp(d, e)"),
        aggregate("regr_slope", "regr_slope", [col("d"), col("e")], "regr_slope(d, e)"),
    ]
}
