//! Aggregates through the engine, in every way it has to run them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod harness;
mod plans;
mod sketches;

use harness::{Clauses, check, check_error, check_with};

const DISTINCT: Clauses = Clauses { distinct: true, order_by: None, in_order: false };
const IN_ORDER: Clauses = Clauses { distinct: false, order_by: None, in_order: true };

fn order_by(column: usize, ascending: bool) -> Clauses {
    Clauses { distinct: false, order_by: Some((column, ascending)), in_order: false }
}

#[test]
fn count() {
    check("count", &["array(bigint) [1,null,3]"], "bigint 2");
    check("count", &["array(varchar) []"], "bigint 0");
    check("count", &["array(bigint) [null]"], "bigint 0");
    check_with("count", DISTINCT, &["array(bigint) [1,null,3,1,1]"], "bigint 2");
    check_with("count", DISTINCT, &["array(varchar) [\"a\",\"b\",\"a\"]"], "bigint 2");
    check_with(
        "count",
        DISTINCT,
        &["array(row(bigint, varchar)) [[1,\"a\"],[1,\"a\"],[2,null]]"],
        "bigint 2",
    );
    check("count_if", &["array(boolean) [true,false,null,true]"], "bigint 2");
    check("count_if", &["array(boolean) []"], "bigint 0");
    check_with("count_if", DISTINCT, &["array(boolean) [true,false,null,true]"], "bigint 1");
}

#[test]
fn sum() {
    check("sum", &["array(bigint) [1,2,null,4]"], "bigint 7");
    check("sum", &["array(bigint) []"], "bigint NULL");
    check("sum", &["array(bigint) [null,null]"], "bigint NULL");
    check("sum", &["array(bigint) [9223372036854775807,0]"], "bigint 9223372036854775807");
    check("sum", &["array(double) [1.5,null,2.25]"], "double 3.75");
    check("sum", &["array(double) []"], "double NULL");
    check_with("sum", IN_ORDER, &["array(double) [0.1,0.2,0.3]"], "double 0.6000000000000001");
    check("sum", &["array(double) [\"NaN\",1.0]"], "double NaN");
    check("sum", &["array(real) [1.5,2.5,null]"], "real 4");
    check("sum", &["array(decimal(10,2)) [\"1.10\",\"-2.25\",null]"], "decimal(38,2) -1.15");
    check("sum", &["array(decimal(10,2)) []"], "decimal(38,2) NULL");
    let nines = "9".repeat(38);
    check(
        "sum",
        &[&format!("array(decimal(38,0)) [\"{nines}\",\"-1\",\"1\"]")],
        &format!("decimal(38,0) '{nines}'"),
    );
    check("sum", &["array(interval day to second) [1000,null,-3000]"], "interval day to second -2000");
    check("sum", &["array(interval year to month) [13,2]"], "interval year to month 15");
    check_with("sum", DISTINCT, &["array(bigint) [1,2,2,null,1]"], "bigint 3");
    check_with("sum", DISTINCT, &["array(double) [1,2,2,-0.0,0.0]"], "double 3");
    check_with("sum", DISTINCT, &["array(decimal(3,1)) [\"1.5\",\"1.5\"]"], "decimal(38,1) 1.5");
}

#[test]
fn sum_fails_on_overflow() {
    check_error(
        "sum",
        &["array(bigint) [9223372036854775807,1]"],
        "bigint addition overflow: 9223372036854775807 + 1",
    );
    check_error(
        "sum",
        &["array(bigint) [-9223372036854775808,-1]"],
        "bigint addition overflow: -9223372036854775808 + -1",
    );
    let nines = "9".repeat(38);
    check_error("sum", &[&format!("array(decimal(38,0)) [\"{nines}\",\"1\"]")], "Decimal overflow");
    let many = vec![format!("\"{nines}\""); 5].join(",");
    check_error("sum", &[&format!("array(decimal(38,0)) [{many}]")], "Decimal overflow");
    check_error("sum", &["array(interval year to month) [2147483647,1]"], "overflow");
}

#[test]
fn avg() {
    check("avg", &["array(bigint) [1,2,null,4]"], "double 2.3333333333333335");
    check("avg", &["array(bigint) []"], "double NULL");
    check("avg", &["array(bigint) [9223372036854775807,9223372036854775807]"], "double 9223372036854775807");
    check("avg", &["array(double) [1.5,2.5]"], "double 2.0");
    check("avg", &["array(real) [1.5,2.75,null]"], "real 2.125");
    check("avg", &["array(decimal(3,2)) [\"1.00\",\"1.01\"]"], "decimal(3,2) 1.01");
    check("avg", &["array(decimal(3,2)) [\"-1.00\",\"-1.01\"]"], "decimal(3,2) -1.01");
    check("avg", &["array(decimal(3,2)) [\"1.00\",\"1.00\",\"1.01\"]"], "decimal(3,2) 1.00");
    check("avg", &["array(decimal(3,2)) [null]"], "decimal(3,2) NULL");
    let nines = "9".repeat(38);
    let many = vec![format!("\"{nines}\""); 5].join(",");
    check("avg", &[&format!("array(decimal(38,0)) [{many}]")], &format!("decimal(38,0) '{nines}'"));
    let least = vec![format!("\"-{nines}\""); 5].join(",");
    check("avg", &[&format!("array(decimal(38,0)) [{least}]")], &format!("decimal(38,0) '-{nines}'"));
    check("avg", &["array(interval day to second) [1000,2001]"], "interval day to second 1501");
    check("avg", &["array(interval day to second) [-1000,-2001]"], "interval day to second -1500");
    check("avg", &["array(interval year to month) [1,2,3,5]"], "interval year to month 3");
    check_with("avg", DISTINCT, &["array(bigint) [1,1,1,2]"], "double 1.5");
    check("geometric_mean", &["array(bigint) [2,8,null]"], "double 4.0");
    check("geometric_mean", &["array(double) []"], "double NULL");
    check("geometric_mean", &["array(real) [2.0,8.0]"], "real 4.0");
}

#[test]
fn min_and_max() {
    for (values, least, most) in [
        ("array(bigint) [3,1,null,2]", "bigint 1", "bigint 3"),
        ("array(bigint) []", "bigint NULL", "bigint NULL"),
        ("array(tinyint) [-128,127]", "tinyint -128", "tinyint 127"),
        ("array(varchar) [\"b\",\"ab\",null]", "varchar 'ab'", "varchar 'b'"),
        ("array(varbinary) [\"00ff\",\"01\"]", "varbinary '00ff'", "varbinary '01'"),
        ("array(boolean) [true,false]", "boolean false", "boolean true"),
        ("array(decimal(4,1)) [\"1.5\",\"-2.5\"]", "decimal(4,1) -2.5", "decimal(4,1) 1.5"),
        ("array(date) [\"2020-01-02\",\"1969-12-31\"]", "date '1969-12-31'", "date '2020-01-02'"),
        ("array(double) [1.5,\"NaN\",-2.5,null]", "double -2.5", "double 1.5"),
        ("array(double) [\"NaN\",\"NaN\"]", "double NaN", "double NaN"),
        ("array(double) [\"Infinity\",\"NaN\",\"-Infinity\"]", "double -Infinity", "double Infinity"),
        ("array(real) [\"NaN\",2.5]", "real 2.5", "real 2.5"),
        ("array(interval day to second) [5,-1]", "interval day to second -1", "interval day to second 5"),
        ("array(interval year to month) [5,-1]", "interval year to month -1", "interval year to month 5"),
        ("array(array(bigint)) [[1,2],[1],[2]]", "array(bigint) [1]", "array(bigint) [2]"),
        (
            "array(row(bigint, varchar)) [[1,\"b\"],[1,\"a\"]]",
            "row(bigint, varchar) [1,\"a\"]",
            "row(bigint, varchar) [1,\"b\"]",
        ),
        (
            "array(timestamp(6)) [\"2020-01-01 00:00:00.000001\",\"2020-01-01 00:00:00\"]",
            "timestamp(6) '2020-01-01 00:00:00'",
            "timestamp(6) '2020-01-01 00:00:00.000001'",
        ),
    ] {
        check("min", &[values], least);
        check("max", &[values], most);
        check_with("max", DISTINCT, &[values], most);
    }
    check_error(
        "max",
        &["array(array(bigint)) [[1,null],[1]]"],
        "ARRAY comparison not supported for arrays with null elements",
    );
}

#[test]
fn min_and_max_of_n() {
    let five = "array(bigint) [3,1,null,5,2]";
    check("max", &[five, "array(bigint) [2,2,2,2,2]"], "array(bigint) [5,3]");
    check("min", &[five, "array(bigint) [2,2,2,2,2]"], "array(bigint) [1,2]");
    check("min", &[five, "array(bigint) [9,9,9,9,9]"], "array(bigint) [1,2,3,5]");
    check("max", &["array(bigint) []", "array(bigint) []"], "array(bigint) NULL");
    check("max", &["array(bigint) [null]", "array(bigint) [3]"], "array(bigint) NULL");
    check("max", &["array(double) [1,\"NaN\",2]", "array(bigint) [3,3,3]"], "array(double) [2,1,\"NaN\"]");
    check("min", &["array(double) [1,\"NaN\",2]", "array(bigint) [2,2,2]"], "array(double) [1,2]");
    check("max", &["array(varchar) [\"a\",\"b\"]", "array(bigint) [1,1]"], "array(varchar) [\"b\"]");
    check_error(
        "max",
        &["array(bigint) [1]", "array(bigint) [0]"],
        "second argument of max_n/min_n must be positive",
    );
    check_error(
        "min",
        &["array(bigint) [1]", "array(bigint) [10001]"],
        "must be less than or equal to 10000; found 10001",
    );
}

#[test]
fn min_by_and_max_by() {
    let values = "array(varchar) [\"a\",\"b\",null,\"d\"]";
    check("max_by", &[values, "array(bigint) [3,1,9,null]"], "varchar NULL");
    check("min_by", &[values, "array(bigint) [3,1,9,null]"], "varchar 'b'");
    check("max_by", &[values, "array(bigint) [3,1,2,null]"], "varchar 'a'");
    check("max_by", &[values, "array(bigint) [null,null,null,null]"], "varchar NULL");
    check("max_by", &["array(varchar) []", "array(double) []"], "varchar NULL");
    check("max_by", &[values, "array(double) [1,\"NaN\",0,0]"], "varchar 'a'");
    check("min_by", &[values, "array(double) [1,\"NaN\",2,3]"], "varchar 'a'");
    check("max_by", &[values, "array(varchar) [\"x\",\"y\",\"\",null]"], "varchar 'b'");
    check("max_by", &["array(array(bigint)) [[1],[2]]", "array(real) [1,2]"], "array(bigint) [2]");
    check_with("max_by", IN_ORDER, &["array(varchar) [\"a\",\"b\"]", "array(bigint) [1,1]"], "varchar 'a'");
    check(
        "max_by",
        &[values, "array(bigint) [3,1,9,null]", "array(bigint) [2,2,2,2]"],
        "array(varchar) [null,\"a\"]",
    );
    check(
        "min_by",
        &[values, "array(bigint) [3,1,9,null]", "array(bigint) [2,2,2,2]"],
        "array(varchar) [\"b\",\"a\"]",
    );
    check("min_by", &["array(varchar) []", "array(bigint) []", "array(bigint) []"], "array(varchar) NULL");
    check_error(
        "max_by",
        &["array(bigint) [1]", "array(bigint) [1]", "array(bigint) [0]"],
        "third argument of max_by/min_by must be a positive integer",
    );
}

#[test]
fn nulls_of_no_type() {
    let nulls = "array(unknown) [null,null]";
    check("count", &[nulls], "bigint 0");
    check("max", &[nulls], "unknown NULL");
    check("arbitrary", &[nulls], "unknown NULL");
    check("array_agg", &[nulls], "array(unknown) [null,null]");
    check("approx_distinct", &[nulls], "bigint 0");
    check("histogram", &[nulls], "map(unknown, bigint) NULL");
    check("max_by", &["array(bigint) [1,2]", nulls], "bigint NULL");
    check("max", &[nulls, "array(bigint) [1,1]"], "array(unknown) NULL");
}

#[test]
fn any_value() {
    check("arbitrary", &["array(bigint) [null,7,null]"], "bigint 7");
    check("any_value", &["array(varchar) [null]"], "varchar NULL");
    check("any_value", &["array(varchar) []"], "varchar NULL");
    check(
        "arbitrary",
        &["array(map(bigint, varchar)) [null,[[1,\"a\"]]]"],
        "map(bigint, varchar) [[1,\"a\"]]",
    );
    check_with("arbitrary", order_by(0, false), &["array(bigint) [1,7,3]"], "bigint 7");
}

#[test]
fn array_agg() {
    check_with("array_agg", IN_ORDER, &["array(bigint) [3,null,1]"], "array(bigint) [3,null,1]");
    check("array_agg", &["array(bigint) []"], "array(bigint) NULL");
    check("array_agg", &["array(varchar) [null]"], "array(varchar) [null]");
    check_with("array_agg", order_by(0, true), &["array(bigint) [3,2,1,5,4]"], "array(bigint) [1,2,3,4,5]");
    check_with("array_agg", order_by(0, false), &["array(bigint) [3,null,1]"], "array(bigint) [3,1,null]");
    check_with(
        "array_agg",
        order_by(1, false),
        &["array(varchar) [\"a\",\"b\",\"c\"]", "array(double) [1,3,2]"],
        "array(varchar) [\"b\",\"c\",\"a\"]",
    );
    let distinct = Clauses { distinct: true, order_by: Some((0, true)), in_order: false };
    check_with("array_agg", distinct, &["array(bigint) [3,null,1,3,null]"], "array(bigint) [1,3,null]");
    check_with(
        "array_agg",
        IN_ORDER,
        &["array(array(bigint)) [[1],[],null]"],
        "array(array(bigint)) [[1],[],null]",
    );
    check_with(
        "array_agg",
        IN_ORDER,
        &["array(row(bigint, varchar)) [[1,\"a\"],[2,null]]"],
        "array(row(bigint, varchar)) [[1,\"a\"],[2,null]]",
    );
}

fn listagg(values: &str, rows: usize, separator: &str, clauses: Clauses, expected: &str) {
    let same = |data_type: &str, value: &str| format!("array({data_type}) [{}]", vec![value; rows].join(","));
    let arguments = [
        values.to_owned(),
        same("varchar", &format!("\"{separator}\"")),
        same("boolean", "true"),
        same("varchar", "\"...\""),
        same("boolean", "false"),
    ];
    check_with("listagg", clauses, &arguments.each_ref().map(String::as_str), expected);
}

#[test]
fn listagg_joins_in_order() {
    listagg("array(varchar) [\"b\",null,\"a\",\"c\"]", 4, ",", order_by(0, true), "varchar 'a,b,c'");
    listagg("array(varchar) [\"b\",\"a\"]", 2, "", order_by(0, false), "varchar 'ba'");
    listagg("array(varchar) [null]", 1, ",", order_by(0, true), "varchar NULL");
    listagg("array(varchar) []", 0, ",", order_by(0, true), "varchar NULL");
    let distinct = Clauses { distinct: true, order_by: Some((0, true)), in_order: false };
    listagg("array(varchar) [\"b\",\"a\",\"b\"]", 3, "é", distinct, "varchar 'aéb'");
}

#[test]
fn listagg_overflows() {
    let long = "x".repeat(600_000);
    let values = format!("array(varchar) [\"a\",\"{long}\",\"{long}\",\"{long}\"]");
    let arguments = |error: &str, counted: &str| {
        let same = |data_type: &str, value: &str| format!("array({data_type}) [{}]", [value; 4].join(","));
        [
            values.clone(),
            same("varchar", "\",\""),
            same("boolean", error),
            same("varchar", "\"...\""),
            same("boolean", counted),
        ]
    };
    let refs = |arguments: &[String; 5]| arguments.clone();
    let given = refs(&arguments("false", "true"));
    let expected = format!("varchar 'a,{long},...(2)'");
    check_with("listagg", order_by(0, true), &given.each_ref().map(String::as_str), &expected);
    let given = refs(&arguments("false", "false"));
    let expected = format!("varchar 'a,{long},...'");
    check_with("listagg", order_by(0, true), &given.each_ref().map(String::as_str), &expected);
    let given = refs(&arguments("true", "true"));
    check_error(
        "listagg",
        &given.each_ref().map(String::as_str),
        "larger than the maximum output length 1048576",
    );
}

#[test]
fn maps() {
    check_with(
        "map_agg",
        IN_ORDER,
        &["array(varchar) [\"b\",\"a\",null,\"b\"]", "array(bigint) [1,null,3,4]"],
        "map(varchar, bigint) [[\"b\",1],[\"a\",null]]",
    );
    check("map_agg", &["array(varchar) []", "array(bigint) []"], "map(varchar, bigint) NULL");
    check("map_agg", &["array(varchar) [null]", "array(bigint) [1]"], "map(varchar, bigint) NULL");
    check_with(
        "map_agg",
        order_by(1, false),
        &["array(double) [1,-0.0,0.0]", "array(bigint) [1,2,3]"],
        "map(double, bigint) [[0.0,3],[1,1]]",
    );
    check_with(
        "multimap_agg",
        order_by(1, true),
        &["array(varchar) [\"b\",\"a\",null,\"b\"]", "array(bigint) [2,7,3,1]"],
        "map(varchar, array(bigint)) [[\"b\",[1,2]],[\"a\",[7]]]",
    );
    check("multimap_agg", &["array(varchar) []", "array(bigint) []"], "map(varchar, array(bigint)) NULL");
    check_with(
        "map_union",
        IN_ORDER,
        &["array(map(varchar, bigint)) [[[\"a\",1]],null,[[\"b\",2],[\"a\",9]]]"],
        "map(varchar, bigint) [[\"a\",1],[\"b\",2]]",
    );
    check("map_union", &["array(map(varchar, bigint)) [[],null]"], "map(varchar, bigint) []");
    check("map_union", &["array(map(varchar, bigint)) [null]"], "map(varchar, bigint) NULL");
    check_with("histogram", IN_ORDER, &["array(bigint) [3,1,null,3]"], "map(bigint, bigint) [[3,2],[1,1]]");
    check("histogram", &["array(varchar) []"], "map(varchar, bigint) NULL");
    check("histogram", &["array(varchar) [null]"], "map(varchar, bigint) NULL");
}

#[test]
fn logic_and_bits() {
    for (values, all, any) in [
        ("array(boolean) [true,null,true]", "boolean true", "boolean true"),
        ("array(boolean) [true,false]", "boolean false", "boolean true"),
        ("array(boolean) [null]", "boolean NULL", "boolean NULL"),
        ("array(boolean) []", "boolean NULL", "boolean NULL"),
        ("array(boolean) [false,false]", "boolean false", "boolean false"),
    ] {
        check("bool_and", &[values], all);
        check("every", &[values], all);
        check("bool_or", &[values], any);
    }
    check("bitwise_and_agg", &["array(bigint) [7,null,5]"], "bigint 5");
    check("bitwise_or_agg", &["array(bigint) [1,2,-8]"], "bigint -5");
    check("bitwise_xor_agg", &["array(bigint) [6,3]"], "bigint 5");
    check("bitwise_and_agg", &["array(bigint) []"], "bigint NULL");
}

#[test]
fn statistics() {
    let five = "array(double) [2,4,4,5,null,5]";
    check("var_pop", &[five], "double 1.2");
    check("var_samp", &[five], "double 1.5");
    check("variance", &[five], "double 1.5");
    check("stddev_pop", &["array(bigint) [1,3]"], "double 1.0");
    check("stddev", &["array(bigint) [1,3,5]"], "double 2.0");
    check("stddev_samp", &["array(bigint) [1]"], "double NULL");
    check("stddev_pop", &["array(bigint) [1]"], "double 0.0");
    check("variance", &["array(bigint) []"], "double NULL");
    check("var_pop", &["array(bigint) []"], "double NULL");
    check("skewness", &["array(bigint) [1,2]"], "double NULL");
    check("skewness", &["array(bigint) [1,2,3]"], "double 0.0");
    check_with("skewness", IN_ORDER, &["array(bigint) [1,1,4]"], "double 0.7071067811865476");
    check("kurtosis", &["array(bigint) [1,2,3]"], "double NULL");
    check_with("kurtosis", IN_ORDER, &["array(bigint) [1,2,3,4]"], "double -1.1999999999999993");
    check(
        "covar_pop",
        &["array(double) [1,2,3,null]", "array(double) [2,4,6,1]"],
        "double 1.3333333333333333",
    );
    check("covar_samp", &["array(double) [1,2,3]", "array(double) [2,4,6]"], "double 2.0");
    check("covar_samp", &["array(double) [1]", "array(double) [2]"], "double NULL");
    check("covar_pop", &["array(double) []", "array(double) []"], "double NULL");
    let line = ["array(double) [1,2,3]", "array(double) [2,4,6]"];
    check_with("corr", IN_ORDER, &line, "double '0.9999999999999999'");
    check("corr", &["array(double) [1,1]", "array(double) [2,4]"], "double NULL");
    check("corr", &["array(real) [1,2]", "array(real) [2,1]"], "real -1.0");
    check("regr_slope", &["array(double) [3,5,7]", "array(double) [1,2,3]"], "double 2.0");
    check("regr_intercept", &["array(double) [3,5,7]", "array(double) [1,2,3]"], "double 1.0");
    check("regr_slope", &["array(double) [3,5]", "array(double) [1,1]"], "double NULL");
}

#[test]
fn percentiles() {
    let same = |value: &str, rows: usize| format!("array(double) [{}]", vec![value; rows].join(","));
    let four = "array(bigint) [1,4,2,3]";
    check("approx_percentile", &[four, &same("0.5", 4)], "bigint 3");
    check("approx_percentile", &[four, &same("0.0", 4)], "bigint 1");
    check("approx_percentile", &[four, &same("1.0", 4)], "bigint 4");
    check("approx_percentile", &["array(double) [1.5,null,2.5,0.5]", &same("0.5", 4)], "double 1.5");
    check("approx_percentile", &["array(real) [1.5]", &same("0.9", 1)], "real 1.5");
    check("approx_percentile", &["array(bigint) []", &same("0.5", 0)], "bigint NULL");
    check("approx_percentile", &["array(bigint) [null]", &same("0.5", 1)], "bigint NULL");
    let lists = format!("array(array(double)) [{}]", ["[0.9,0.0,0.5]"; 4].join(","));
    check("approx_percentile", &[four, &lists], "array(bigint) [4,1,3]");
    check("approx_percentile", &["array(bigint) []", "array(array(double)) []"], "array(bigint) NULL");
    check("approx_percentile", &[four, "array(double) [1,1,1,5]", &same("0.5", 4)], "bigint 3");
    check("approx_percentile", &[four, &same("2.0", 4), &same("0.5", 4), &same("0.01", 4)], "bigint 3");
    check(
        "approx_percentile",
        &["array(double) [1,2]", &same("1.0", 2), &same("0.0", 2), &same("0.01", 2)],
        "double 1",
    );
    check_error("approx_percentile", &[four, &same("1.5", 4)], "Percentile must be between 0 and 1");
    check_error(
        "approx_percentile",
        &[four, &same("0.5", 4), &same("0.5", 4)],
        "weight must be >= 1, was 0.5",
    );
    check_error(
        "approx_percentile",
        &["array(bigint) [9007199254740993]", &same("0.5", 1)],
        "no exact double representation for long: 9007199254740993",
    );
}

#[test]
fn approximate_counts() {
    check("approx_distinct", &["array(bigint) [1,2,2,null,1]"], "bigint 2");
    check("approx_distinct", &["array(varchar) []"], "bigint 0");
    check("approx_distinct", &["array(varchar) [null]"], "bigint 0");
    check("approx_distinct", &["array(double) [0.0,-0.0,\"NaN\",\"NaN\"]"], "bigint 2");
    check("approx_distinct", &["array(boolean) [true,false,true]"], "bigint 2");
    check("approx_distinct", &["array(array(bigint)) [[1],[1],[2]]"], "bigint 2");
    check(
        "approx_distinct",
        &["array(varchar) [\"a\",\"b\",\"b\"]", "array(double) [0.01,0.01,0.01]"],
        "bigint 2",
    );
    check_error(
        "approx_distinct",
        &["array(bigint) [1]", "array(double) [0.5]"],
        "Max standard error must be in [0.0040625, 0.26]: 0.5",
    );
    check_with(
        "approx_most_frequent",
        IN_ORDER,
        &[
            "array(bigint) [2,2,2,2,2]",
            "array(varchar) [\"a\",\"b\",\"b\",\"c\",\"c\"]",
            "array(bigint) [9,9,9,9,9]",
        ],
        "map(varchar, bigint) [[\"b\",2],[\"c\",2]]",
    );
    check_with(
        "approx_most_frequent",
        IN_ORDER,
        &["array(bigint) [3,3,3,3]", "array(bigint) [-5,8,-5,null]", "array(bigint) [9,9,9,9]"],
        "map(bigint, bigint) [[-5,2],[8,1]]",
    );
    check(
        "approx_most_frequent",
        &["array(bigint) []", "array(bigint) []", "array(bigint) []"],
        "map(bigint, bigint) NULL",
    );
    check_error(
        "approx_most_frequent",
        &["array(bigint) [1]", "array(bigint) [1]", "array(bigint) [1]"],
        "approx_most_frequent bucket count must be greater than one, input bucket count: 1",
    );
}

#[test]
fn numeric_histograms() {
    let four = "array(bigint) [4,4,4,4]";
    check("numeric_histogram", &[four, "array(double) [1,2,1,null]"], "map(double, double) [[1,2],[2,1]]");
    check(
        "numeric_histogram",
        &["array(bigint) [2,2,2]", "array(double) [1,10,2]"],
        "map(double, double) [[1.5,2],[10,1]]",
    );
    check(
        "numeric_histogram",
        &["array(bigint) [2,2]", "array(real) [1,2]", "array(double) [3,1]"],
        "map(real, real) [[1,3],[2,1]]",
    );
    check("numeric_histogram", &["array(bigint) []", "array(double) []"], "map(double, double) NULL");
    check_error(
        "numeric_histogram",
        &["array(bigint) [1]", "array(double) [1]"],
        "numeric_histogram bucket count must be greater than one",
    );
}

#[test]
fn checksums() {
    // XXH64 of eight zero bytes is 0x34c96acdcadb1bbb; times the prime, little endian.
    let product = 0x34c9_6acd_cadb_1bbb_u64.wrapping_mul(0x9E37_79B1_85EB_CA87);
    let hex: String = product.to_le_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    check("checksum", &["array(bigint) [0]"], &format!("varbinary '{hex}'"));
    check("checksum", &["array(bigint) []"], "varbinary NULL");
    check("checksum", &["array(bigint) [null]"], "varbinary '87caeb85b179379e'");
    check("checksum", &["array(boolean) [false]"], &format!("varbinary '{hex}'"));
}

#[test]
fn reduce_agg_is_refused() {
    check_error("reduce_agg", &["array(bigint) [1]", "array(bigint) [1]"], "not supported");
}
