//! Which files a query needs by what the listing says of them: the conditions on `"$path"` and the like,
//! evaluated on the listed files.
//!
//! The result is exact, so such a condition never reaches the rows. No object is opened here.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, BooleanArray, RecordBatch, RecordBatchOptions, UInt64Array},
    compute::take,
    datatypes::{FieldRef, Schema},
};
use datafusion::{
    catalog::Session,
    common::DFSchema,
    error::{DataFusionError, Result},
    logical_expr::Expr,
};
use storage::ObjectRef;

use crate::{FileColumn, ScanSpec};

/// The files, each with its row of the scan's partition values, for which `condition` is true. It may be
/// about partition keys and [`FileColumn`]s only.
pub(super) fn keep(
    listed: Vec<(usize, ObjectRef)>,
    spec: &ScanSpec,
    condition: Option<Expr>,
    state: &dyn Session,
) -> Result<Vec<(usize, ObjectRef)>> {
    let Some(condition) = condition else { return Ok(listed) };
    if listed.is_empty() {
        return Ok(listed);
    }
    let files = described(&listed, spec)?;
    let expr = state.create_physical_expr(condition, &DFSchema::try_from(files.schema())?)?;
    let values = expr.evaluate(&files)?.into_array(files.num_rows())?;
    let Some(values) = values.as_any().downcast_ref::<BooleanArray>() else {
        return Err(DataFusionError::Internal("a condition on files is not boolean".to_owned()));
    };
    let mut values = values.iter();
    Ok(listed.into_iter().filter(|_| values.next().flatten().unwrap_or(false)).collect())
}

/// One row per file: partition keys, then the columns that tell of files.
fn described(listed: &[(usize, ObjectRef)], spec: &ScanSpec) -> Result<RecordBatch> {
    let partitions: UInt64Array = listed.iter().map(|(partition, _)| *partition as u64).collect();
    let keys = spec.partition_values.columns().iter();
    let mut columns: Vec<ArrayRef> =
        keys.map(|key| take(key.as_ref(), &partitions, None)).collect::<Result<_, _>>()?;
    let told = spec.file_columns();
    columns.extend(told.iter().map(|column| column.values(listed.iter().map(|(_, object)| object))));
    let keys = spec.partition_values.schema_ref().fields().iter().cloned();
    let fields: Vec<FieldRef> = keys.chain(told.into_iter().map(FileColumn::field)).collect();
    let options = RecordBatchOptions::new().with_row_count(Some(listed.len()));
    Ok(RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options)?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use arrow::{array::Int32Array, datatypes::Field};
    use datafusion::{
        arrow::datatypes::DataType,
        logical_expr::{col, ident, lit},
        prelude::SessionContext,
    };
    use storage::Location;

    use super::*;
    use crate::{Format, scan_codec::rows_without_columns};

    fn listed() -> Vec<(usize, ObjectRef)> {
        let file = |partition, name: &str, size| {
            let location = Location::parse(&format!("s3://b/t/{name}")).unwrap();
            (partition, ObjectRef { location, size, etag: None, modified_at_ms: size.cast_signed() })
        };
        vec![file(0, "y=1/a", 10), file(0, "y=1/b", 20), file(1, "y=2/a", 30), file(2, "y=n/a", 40)]
    }

    fn spec(partition_values: RecordBatch) -> ScanSpec {
        ScanSpec {
            table: "d.t".into(),
            format: Format::Parquet { by_name: true },
            file_schema: Arc::new(Schema::empty()),
            partition_values,
            projection: Vec::new(),
            limit: None,
        }
    }

    fn check(condition: Expr, expected: &[&str]) {
        let keys = Schema::new(vec![Field::new("y", DataType::Int32, true)]);
        let values = Int32Array::from(vec![Some(1), Some(2), None]);
        let spec = spec(RecordBatch::try_new(Arc::new(keys), vec![Arc::new(values)]).unwrap());
        let state = SessionContext::new().state();
        let kept = keep(listed(), &spec, Some(condition.clone()), &state).unwrap();
        let names: Vec<_> = kept.iter().map(|(_, file)| file.location.key.as_str()).collect();
        assert_eq!(names, expected, "{condition}");
    }

    #[test]
    fn files_are_kept_where_the_condition_is_true() {
        let path = || ident("$path");
        check(path().eq(lit("s3://b/t/y=1/b")), &["t/y=1/b"]);
        check(path().eq(lit("s3://b/t/Y=1/b")), &[]);
        check(path().like(lit("%/a")), &["t/y=1/a", "t/y=2/a", "t/y=n/a"]);
        check(path().in_list(vec![lit("s3://b/t/y=2/a"), lit("x")], false), &["t/y=2/a"]);
        check(ident("$file_size").gt_eq(lit(30_i64)), &["t/y=2/a", "t/y=n/a"]);
        check(ident("$file_modified_time").lt(lit(20_i64 << 12)), &["t/y=1/a"]);
        // NULL is not true.
        check(path().like(lit("%/a")).and(col("y").not_eq(lit(1))), &["t/y=2/a"]);
        check(path().like(lit("%/b")).or(col("y").is_null()), &["t/y=1/b", "t/y=n/a"]);
    }

    #[test]
    fn tables_without_keys_have_files_too() {
        let spec = spec(rows_without_columns(Arc::new(Schema::empty()), 1).unwrap());
        let state = SessionContext::new().state();
        let kept = |condition| {
            let listed = listed().into_iter().map(|(_, object)| (0, object)).collect();
            keep(listed, &spec, condition, &state).unwrap().len()
        };
        assert_eq!(kept(Some(ident("$file_size").lt(lit(20_i64)))), 1);
        assert_eq!(kept(None), 4);
        assert!(keep(Vec::new(), &spec, Some(ident("$path").is_null()), &state).unwrap().is_empty());
    }
}
