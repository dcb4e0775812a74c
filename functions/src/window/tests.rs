//! Window functions through the engine.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::sync::{Arc, LazyLock};

use arrow::{
    array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch},
    compute::concat_batches,
    datatypes::{DataType, Field, Schema},
};
use datafusion::{
    common::ScalarValue,
    datasource::MemTable,
    logical_expr::{
        Expr, ExprFunctionExt, WindowFrame, WindowFrameBound, WindowFrameUnits, col,
        expr::{NullTreatment, WindowFunction},
    },
    prelude::{SessionConfig, SessionContext},
};

use crate::{Kind, registry, testing::value};

static RUNTIME: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
});

/// Rows before and after the current one; None: all of them.
type Frame = (Option<u64>, Option<u64>);

const ALL: Frame = (None, None);
const SO_FAR: Frame = (None, Some(0));

fn columns(texts: &[&str]) -> RecordBatch {
    let mut fields = Vec::new();
    let mut arrays: Vec<ArrayRef> = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        let values = value(text).1.as_list::<i32>().value(0);
        fields.push(Field::new(format!("c{index}"), values.data_type().clone(), true));
        arrays.push(values);
    }
    let rows = arrays[0].len() as i64;
    fields.push(Field::new("n", DataType::Int64, false));
    arrays.push(Arc::new(Int64Array::from_iter_values(0..rows)));
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap()
}

/// The results in the order of the rows. Column 0 orders the rows; the others are arguments.
fn results(name: &str, texts: &[&str], frame: Frame, ignore_nulls: bool) -> Result<ArrayRef, String> {
    let batch = columns(texts);
    let Kind::Window(function) = &registry::find(name).unwrap().kind else {
        panic!("{name} is no window function")
    };
    let arguments = (1..texts.len()).map(|index| col(format!("c{index}"))).collect();
    let frame = WindowFrame::new_bounds(
        WindowFrameUnits::Rows,
        WindowFrameBound::Preceding(ScalarValue::UInt64(frame.0)),
        match frame.1 {
            Some(0) => WindowFrameBound::CurrentRow,
            after => WindowFrameBound::Following(ScalarValue::UInt64(after)),
        },
    );
    let mut call = Expr::from(WindowFunction::new(Arc::clone(function), arguments))
        .order_by(vec![col("c0").sort(true, false)])
        .window_frame(frame);
    if ignore_nulls {
        call = call.null_treatment(NullTreatment::IgnoreNulls);
    }
    let call = call.build().unwrap();
    let text = |error: datafusion::error::DataFusionError| {
        protocol::Error::from_envelope(&error.to_string()).map_or(error.to_string(), |e| e.to_string())
    };
    RUNTIME.block_on(async {
        let config = SessionConfig::new().with_target_partitions(2).with_batch_size(2);
        let context = SessionContext::new_with_config(config);
        let table = MemTable::try_new(batch.schema(), vec![vec![batch]]).unwrap();
        context.register_table("t", Arc::new(table)).unwrap();
        let frame = context.table("t").await.unwrap().window(vec![call.alias("result")]).map_err(text)?;
        let batches = frame.sort(vec![col("n").sort(true, true)]).unwrap().collect().await.map_err(text)?;
        let whole = concat_batches(&batches[0].schema(), &batches).unwrap();
        Ok(Arc::clone(whole.column_by_name("result").unwrap()))
    })
}

fn check(name: &str, texts: &[&str], frame: Frame, ignore_nulls: bool, expected: &str) {
    let found = results(name, texts, frame, ignore_nulls)
        .unwrap_or_else(|message| panic!("{name} {texts:?}: {message}"));
    let wanted = value(expected).1.as_list::<i32>().value(0);
    assert_eq!(&found, &wanted, "{name} of {texts:?}");
}

#[test]
fn ranks_are_bigints() {
    let order = &["array(bigint) [10,20,20,null,5]"];
    for (name, expected) in [
        ("row_number", "array(bigint) [2,3,4,5,1]"),
        ("rank", "array(bigint) [2,3,3,5,1]"),
        ("dense_rank", "array(bigint) [2,3,3,4,1]"),
        ("percent_rank", "array(double) [0.25,0.5,0.5,1.0,0.0]"),
        ("cume_dist", "array(double) [0.4,0.8,0.8,1.0,0.2]"),
    ] {
        check(name, order, SO_FAR, false, expected);
    }
    check("percent_rank", &["array(bigint) [1]"], SO_FAR, false, "array(double) [0.0]");
}

#[test]
fn buckets_are_as_equal_as_can_be() {
    let order = "array(bigint) [1,2,3,4,5]";
    check("ntile", &[order, "array(bigint) [2,2,2,2,2]"], ALL, false, "array(bigint) [1,1,1,2,2]");
    check("ntile", &[order, "array(bigint) [9,9,9,9,9]"], ALL, false, "array(bigint) [1,2,3,4,5]");
    check("ntile", &[order, "array(bigint) [1,null,3,3,3]"], ALL, false, "array(bigint) [1,null,2,2,3]");
    let fault = results("ntile", &[order, "array(bigint) [0,0,0,0,0]"], ALL, false).unwrap_err();
    assert!(fault.contains("Buckets must be greater than 0"), "{fault}");
}

#[test]
fn values_of_other_rows() {
    let order = "array(bigint) [1,2,3,4]";
    let values = "array(varchar) [\"a\",null,\"c\",\"d\"]";
    let twos = "array(bigint) [2,2,2,2]";
    let defaults = "array(varchar) [\"w\",\"x\",\"y\",null]";
    check("lag", &[order, values], ALL, false, "array(varchar) [null,\"a\",null,\"c\"]");
    check("lead", &[order, values], ALL, false, "array(varchar) [null,\"c\",\"d\",null]");
    check("lag", &[order, values, twos], ALL, false, "array(varchar) [null,null,\"a\",null]");
    check("lag", &[order, values, twos, defaults], ALL, false, "array(varchar) [\"w\",\"x\",\"a\",null]");
    check("lead", &[order, values, twos, defaults], ALL, false, "array(varchar) [\"c\",\"d\",\"y\",null]");
    check(
        "lag",
        &[order, values, "array(bigint) [0,null,9,1]"],
        ALL,
        false,
        "array(varchar) [\"a\",null,null,\"c\"]",
    );
    check("lag", &[order, values], ALL, true, "array(varchar) [null,\"a\",\"a\",\"c\"]");
    check("lead", &[order, values], ALL, true, "array(varchar) [\"c\",\"c\",\"d\",null]");
    let fault = results("lead", &[order, values, "array(bigint) [-1,1,1,1]"], ALL, false).unwrap_err();
    assert!(fault.contains("Offset must be at least 0"), "{fault}");
}

#[test]
fn values_of_the_frame() {
    let order = "array(bigint) [1,2,3,4]";
    let values = "array(varchar) [null,\"b\",null,\"d\"]";
    let middle = (Some(1), Some(1));
    check("first_value", &[order, values], SO_FAR, false, "array(varchar) [null,null,null,null]");
    check("first_value", &[order, values], SO_FAR, true, "array(varchar) [null,\"b\",\"b\",\"b\"]");
    check("last_value", &[order, values], SO_FAR, false, "array(varchar) [null,\"b\",null,\"d\"]");
    check("last_value", &[order, values], SO_FAR, true, "array(varchar) [null,\"b\",\"b\",\"d\"]");
    check("first_value", &[order, values], middle, false, "array(varchar) [null,null,\"b\",null]");
    check("last_value", &[order, values], middle, true, "array(varchar) [\"b\",\"b\",\"d\",\"d\"]");
    let numbers = "array(bigint) [1,2,2,null]";
    check("nth_value", &[order, values, numbers], ALL, false, "array(varchar) [null,\"b\",\"b\",null]");
    check("nth_value", &[order, values, numbers], ALL, true, "array(varchar) [\"b\",\"d\",\"d\",null]");
    check(
        "nth_value",
        &[order, values, "array(bigint) [9,9,9,9]"],
        ALL,
        false,
        "array(varchar) [null,null,null,null]",
    );
    let fault = results("nth_value", &[order, values, "array(bigint) [0,1,1,1]"], ALL, false).unwrap_err();
    assert!(fault.contains("Offset must be at least 1"), "{fault}");
}
