//! Sketches: made by aggregates, merged, asked by scalar functions.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, ListArray},
    buffer::OffsetBuffer,
};
use datafusion::logical_expr::ColumnarValue;

use super::harness::{Clauses, result_of};
use crate::{Call, Kind, Type, registry, sketch, testing::value, types};

/// The sketch that the aggregate makes of the columns, as a column of one value.
fn made(name: &str, columns: &[&str]) -> ArrayRef {
    result_of(name, Clauses::default(), columns).unwrap()
}

/// Calls a scalar function on one row.
fn ask(name: &str, types: &[&str], returns: &str, arguments: Vec<ArrayRef>) -> Result<ArrayRef, String> {
    let parsed = types.iter().map(|text| types::parse(text).unwrap()).collect();
    let call = Call::new(parsed, types::parse(returns).unwrap());
    let arguments: Vec<ColumnarValue> = arguments.into_iter().map(ColumnarValue::Array).collect();
    let kernel = match name {
        "cardinality" => sketch::cardinality,
        name => match registry::find(name).unwrap().kind {
            Kind::Scalar(kernel) => kernel,
            _ => panic!("{name} is not scalar"),
        },
    };
    let result = kernel(&call, &arguments, 1).and_then(|result| result.to_array(1));
    result.map_err(|error| {
        protocol::Error::from_envelope(&error.to_string()).map_or(error.to_string(), |e| e.to_string())
    })
}

fn check(name: &str, types: &[&str], arguments: Vec<ArrayRef>, expected: &str) {
    let (returns, wanted) = value(expected);
    let found = ask(name, types, &returns.to_string(), arguments).unwrap();
    assert_eq!(found.data_type(), wanted.data_type(), "{name}");
    assert_eq!(&found, &wanted, "{name} of {types:?}");
}

/// Sketches as one column.
fn column(sketches: &[ArrayRef]) -> ArrayRef {
    let arrays: Vec<&dyn Array> = sketches.iter().map(AsRef::as_ref).collect();
    arrow::compute::concat(&arrays).unwrap()
}

/// The sketch that `merge` or `merge_set_digest` makes.
fn merged(name: &str, sketches: &[ArrayRef]) -> ArrayRef {
    let items = column(sketches);
    let field = types::item_field(items.data_type().clone());
    let list = ListArray::new(field, OffsetBuffer::from_lengths([items.len()]), items, None);
    super::harness::result_of_arrays(name, Clauses::default(), vec![list.value(0)]).unwrap()
}

#[test]
fn sets_are_counted() {
    let one = made("approx_set", &["array(varchar(3)) [\"a\",\"b\",null,\"a\"]"]);
    let other = made("approx_set", &["array(varchar(3)) [\"b\",\"c\"]"]);
    let none = made("approx_set", &["array(bigint) [null]"]);
    let hll = &["HyperLogLog"];
    check("cardinality", hll, vec![Arc::clone(&one)], "bigint 2");
    check("cardinality", hll, vec![Arc::clone(&none)], "bigint NULL");
    check("cardinality", hll, vec![merged("merge", &[Arc::clone(&one), other, none])], "bigint 3");
    let empty = ask("empty_approx_set", &[], "HyperLogLog", vec![]).unwrap();
    check("cardinality", hll, vec![Arc::clone(&empty)], "bigint 0");
    check("cardinality", hll, vec![merged("merge", &[empty, one])], "bigint 2");
    assert!(ask("cardinality", hll, "bigint", vec![value("varbinary '00'").1]).is_err());
}

#[test]
fn digests_answer_quantiles() {
    let half = || value("double 0.5").1;
    for (data_type, digest, expected) in [
        ("qdigest(bigint)", made("qdigest_agg", &["array(bigint) [1,2,null,3,4]"]), "bigint 3"),
        ("qdigest(double)", made("qdigest_agg", &["array(double) [1.5,-2.5]"]), "double 1.5"),
        ("qdigest(real)", made("qdigest_agg", &["array(real) [1.5,-2.5,-3]"]), "real -2.5"),
        ("qdigest(bigint)", made("qdigest_agg", &["array(bigint) [1,2]", "array(bigint) [5,1]"]), "bigint 1"),
        ("tdigest", made("tdigest_agg", &["array(double) [1,2,3,null]"]), "double 2"),
        ("tdigest", made("tdigest_agg", &["array(double) [null]"]), "double NULL"),
    ] {
        check("value_at_quantile", &[data_type, "double"], vec![digest, half()], expected);
    }
    let digest = || {
        made(
            "qdigest_agg",
            &["array(bigint) [1,2,3,4]", "array(bigint) [1,1,1,1]", "array(double) [0.1,0.1,0.1,0.1]"],
        )
    };
    let types = &["qdigest(bigint)", "array(double)"];
    check(
        "values_at_quantiles",
        types,
        vec![digest(), value("array(double) [1.0,0.0]").1],
        "array(bigint) [4,1]",
    );
    check(
        "quantile_at_value",
        &["qdigest(bigint)", "bigint"],
        vec![digest(), value("bigint 3").1],
        "double 0.5",
    );
    check(
        "quantile_at_value",
        &["qdigest(bigint)", "bigint"],
        vec![digest(), value("bigint 9").1],
        "double NULL",
    );
    let two = merged("merge", &[digest(), digest()]);
    check("value_at_quantile", &["qdigest(bigint)", "double"], vec![two, value("double 0.25").1], "bigint 2");

    let digest = || made("tdigest_agg", &["array(double) [1,2,3,4]", "array(double) [1,1,1,1]"]);
    let types = &["tdigest", "array(double)"];
    check(
        "values_at_quantiles",
        types,
        vec![digest(), value("array(double) [0.0,0.5,1.0]").1],
        "array(double) [1,3,4]",
    );
    let unsorted = ask(
        "values_at_quantiles",
        types,
        "array(double)",
        vec![digest(), value("array(double) [0.5,0.1]").1],
    );
    assert!(unsorted.unwrap_err().contains("percentiles must be sorted in increasing order"));
    let beyond =
        ask("value_at_quantile", &["tdigest", "double"], "double", vec![digest(), value("double 1.5").1]);
    assert!(beyond.unwrap_err().contains("between"));
}

#[test]
fn set_digests_compare() {
    let one = || made("make_set_digest", &["array(bigint) [1,1,1,2,2,null]"]);
    let other = || made("make_set_digest", &["array(bigint) [2,3,4]"]);
    let pair = &["SetDigest", "SetDigest"];
    check("cardinality", &["SetDigest"], vec![one()], "bigint 2");
    check("cardinality", &["SetDigest"], vec![merged("merge_set_digest", &[one(), other()])], "bigint 4");
    check("intersection_cardinality", pair, vec![one(), other()], "bigint 1");
    check("jaccard_index", pair, vec![one(), one()], "double 1.0");
    // The example of the documentation.
    check(
        "hash_counts",
        &["SetDigest"],
        vec![one()],
        "map(bigint, smallint) [[-2447670524089286488,2],[19144387141682250,3]]",
    );
    let none = made("make_set_digest", &["array(varchar) [null]"]);
    check("cardinality", &["SetDigest"], vec![none], "bigint NULL");
    assert_eq!(types::parse("SetDigest").unwrap(), Type::SetDigest);
}
