//! Statistics skip data, and never a row of the answer.

use std::sync::Arc;

use arrow::{
    array::{AsArray, RecordBatch},
    compute::filter_record_batch,
};
use datafusion::{
    common::{DFSchema, ScalarValue},
    logical_expr::{Expr, col, lit},
    physical_plan::PhysicalExpr,
    prelude::SessionContext,
};

use super::{
    Case,
    values::{assert_same, rows},
};

fn decimal(value: i128) -> Expr {
    lit(ScalarValue::Decimal128(Some(value), 10, 2))
}

fn at(days: i64, micros: i64) -> Expr {
    // 2021-01-01 is 18628 days after 1970-01-01.
    let value = (18628 + days) * 86_400_000_000 + micros;
    lit(ScalarValue::TimestampMicrosecond(Some(value), None))
}

fn day(days: i32) -> Expr {
    lit(ScalarValue::Date32(Some(18628 + days)))
}

fn text(value: &str) -> Expr {
    lit(ScalarValue::Utf8View(Some(value.to_owned())))
}

fn predicates() -> Vec<(&'static str, Expr)> {
    let id = || col("id");
    vec![
        ("one id", id().eq(lit(777_i64))),
        ("no id", id().gt(lit(5000_i64))),
        ("few ids", id().in_list(vec![lit(3_i64), lit(1203_i64)], false)),
        ("range", id().gt_eq(lit(390_i64)).and(id().lt(lit(410_i64)))),
        ("either end", id().lt(lit(5_i64)).or(id().gt(lit(1595_i64)))),
        ("after nan", col("nan_first").eq(lit(1.0))),
        ("nan itself", col("nan_first").eq(lit(f64::NAN))),
        ("over nan", col("nan_last").gt(lit(100.0))),
        ("below nan", col("nan_last").lt(lit(1.0))),
        ("negative zero", col("zero").eq(lit(-0.0))),
        ("zero", col("zero").eq(lit(0.0))),
        ("below zero", col("zero").lt(lit(0.0))),
        ("decimal nine", col("money").eq(decimal(900))),
        ("decimal above nine", col("money").gt(decimal(900))),
        ("decimal above eighteen", col("money").gt(decimal(1800))),
        ("text", col("text").eq(text("3x"))),
        ("text range", col("text").gt(text("5")).and(col("text").lt(text("6")))),
        ("text prefix", col("text").like(text("7%"))),
        ("moment", col("at").eq(at(10, 0))),
        ("moments", col("at").gt_eq(at(20, 1)).and(col("at").lt(at(21, 0)))),
        ("last day", col("day").eq(day(7))),
        ("no day", col("day").gt(day(8))),
        ("flag", col("flag")),
        ("no flag", !col("flag")),
        ("null", col("sparse").is_null()),
        ("not null", col("sparse").is_not_null()),
        ("sparse", col("sparse").eq(lit(3_i32))),
        ("two columns", col("sparse").eq(lit(5_i32)).and(id().lt(lit(1100_i64)))),
        ("unusable", (id() % lit(2_i64)).eq(lit(1_i64))),
    ]
}

fn physical(expr: &Expr, case: &super::SchemaRef) -> Arc<dyn PhysicalExpr> {
    let schema = DFSchema::try_from(case.as_ref().clone()).unwrap();
    SessionContext::new().create_physical_expr(expr.clone(), &schema).unwrap()
}

fn filtered(batches: &[RecordBatch], predicate: &Arc<dyn PhysicalExpr>) -> Vec<RecordBatch> {
    let filter = |batch: &RecordBatch| {
        let mask = predicate.evaluate(batch).unwrap().into_array(batch.num_rows()).unwrap();
        filter_record_batch(batch, mask.as_boolean()).unwrap()
    };
    batches.iter().map(filter).collect()
}

#[tokio::test]
async fn no_row_of_the_answer_is_skipped() {
    for file in ["stripes", "groups", "stripes_groups"] {
        let schema = super::table_schema(&Case::new(file).tail().await.unwrap());
        let (whole, everything) = Case::new(file).read().await.unwrap();
        let mut skipping = 0;
        for (name, expr) in predicates() {
            let predicate = physical(&expr, &schema);
            let case = Case { predicate: Some(Arc::clone(&predicate)), ..Case::new(file) };
            let (batches, usage) = case.read().await.unwrap();
            let expected = rows(&filtered(&whole, &predicate));
            assert_same(&rows(&filtered(&batches, &predicate)), &expected, &format!("{file}: {name}"));
            skipping += usize::from(usage.scanned.data < everything.scanned.data);
        }
        // A single stripe is only skipped when nothing in it matches.
        let least = if file == "groups" { 2 } else { 10 };
        assert!(skipping >= least, "{file}: {skipping} predicates skipped something");
    }
}

#[tokio::test]
async fn stripes_and_row_groups_save_the_bytes_they_should() {
    let check = async |file: &str, expr: Expr, data_share: f64, index: bool| {
        let schema = super::table_schema(&Case::new(file).tail().await.unwrap());
        let (_, everything) = Case::new(file).read().await.unwrap();
        let predicate = Some(physical(&expr, &schema));
        let (_, usage) = Case { predicate, ..Case::new(file) }.read().await.unwrap();
        let share = usage.scanned.data as f64 / everything.scanned.data as f64;
        assert!(share <= data_share, "{file}: {expr} read {share} of the data");
        assert_eq!(usage.scanned.index > 0, index, "{file}: {expr} {usage:?}");
    };
    check("stripes", col("id").eq(lit(777_i64)), 0.2, false).await;
    check("stripes", col("id").gt(lit(5000_i64)), 0.0, false).await;
    check("stripes", col("money").eq(decimal(900)), 0.2, false).await;
    check("stripes_groups", col("id").eq(lit(777_i64)), 0.3, true).await;
    check("stripes_groups", col("id").gt(lit(5000_i64)), 0.0, false).await;
    // Within the stripe's bounds, but between those of two row groups.
    let between = col("id").gt(lit(99_i64)).and(col("id").lt(lit(100_i64)));
    check("stripes_groups", between.clone(), 0.0, true).await;
    check("groups", between, 1.0, true).await;
    let odd_day = col("day").eq(day(1)).and(col("flag"));
    check("stripes_groups", odd_day, 0.0, true).await;
}

#[tokio::test]
async fn a_column_the_file_lacks_is_known_to_be_null() {
    let mut fields = super::table_schema(&Case::new("stripes").tail().await.unwrap()).fields().to_vec();
    let missing = arrow::datatypes::Field::new("added", arrow::datatypes::DataType::Int32, true);
    fields.push(Arc::new(missing));
    let schema = Arc::new(arrow::datatypes::Schema::new(fields));
    let read = async |expr: Expr| {
        let case = Case {
            predicate: Some(physical(&expr, &schema)),
            schema: Some(Arc::clone(&schema)),
            ..Case::new("stripes")
        };
        case.read().await.unwrap().0.iter().map(RecordBatch::num_rows).sum::<usize>()
    };
    assert_eq!(read(col("added").eq(lit(1_i32))).await, 0);
    assert_eq!(read(col("added").is_null()).await, 1600);
}
