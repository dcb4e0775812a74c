//! Several aggregates in one plan, filters, and frames.

use super::harness::{rows_of, sql_like};

#[test]
fn filters_and_distinct_mix() {
    let table = ["array(bigint) [1,1,2,null,2,3]", "array(double) [0.5,0.5,1.5,2.5,null,0.5]"];
    let found = rows_of(&table, &|function| {
        vec![
            function("sum", &["c0"]).distinct().end(),
            function("count", &["c0"]).distinct().end(),
            function("avg", &["c1"]).distinct().end(),
            function("sum", &["c0"]).end(),
            function("sum", &["c0"]).filter_above("c0", 1).end(),
            function("count", &["c1"]).distinct().filter_above("c0", 1).end(),
            function("array_agg", &["c0"]).filter_above("c0", 9).end(),
            function("approx_distinct", &["c1"]).end(),
        ]
    });
    assert_eq!(found, ["6", "3", "1.5", "9", "7", "2", "NULL", "3"]);
}

#[test]
fn orders_in_one_plan_may_differ() {
    let table = ["array(bigint) [3,1,2]", "array(varchar) [\"x\",\"z\",\"y\"]"];
    let found = rows_of(&table, &|function| {
        vec![
            function("array_agg", &["c0"]).order_by("c0", true).end(),
            function("array_agg", &["c0"]).order_by("c1", false).end(),
            function("array_agg", &["c1"]).distinct().order_by("c1", true).end(),
            function("max_by", &["c1", "c0"]).end(),
            function("sum", &["c0"]).order_by("c1", true).end(),
        ]
    });
    assert_eq!(found, ["[1, 2, 3]", "[1, 2, 3]", "[x, y, z]", "x", "6"]);
}

#[test]
fn a_single_distinct_aggregate_is_rewritten_and_right() {
    let table = ["array(bigint) [1,1,2,null,2,3]"];
    for (name, expected) in [("sum", "6"), ("count", "3"), ("avg", "2.0"), ("max", "3")] {
        let found = rows_of(&table, &|function| vec![function(name, &["c0"]).distinct().end()]);
        assert_eq!(found, [expected], "{name}");
    }
}

#[test]
fn frames_of_every_kind() {
    let values = "array(bigint) [4,null,1,7]";
    for (name, before, after, expected) in [
        ("sum", Some(0), None, "[12, 8, 8, 7]"),
        ("avg", Some(0), None, "[4.0, 4.0, 4.0, 7.0]"),
        ("max", Some(0), None, "[7, 7, 7, 7]"),
        ("count", Some(0), None, "[3, 2, 2, 1]"),
        ("array_agg", Some(0), None, "[[4, , 1, 7], [, 1, 7], [1, 7], [7]]"),
        ("sum", Some(1), Some(1), "[4, 5, 8, 8]"),
        ("min", Some(1), Some(1), "[4, 1, 1, 1]"),
        ("stddev", Some(1), Some(1), "[, 2.1213203435596424, 4.242640687119285, 4.242640687119285]"),
        ("sum", Some(2), Some(0), "[4, 4, 5, 8]"),
        ("count_if", Some(2), Some(0), "[1, 1, 1, 1]"),
    ] {
        assert_eq!(sql_like(name, values, before, after), expected, "{name} {before:?} {after:?}");
    }
}
