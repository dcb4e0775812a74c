//! Hands one partition's splits to the engine's Parquet scan.

use std::sync::Arc;

use arrow::datatypes::FieldRef;
use chrono::{DateTime, Utc};
use datafusion::{
    config::TableParquetOptions,
    datasource::{
        listing::{FileRange, PartitionedFile},
        object_store::ObjectStoreUrl,
        physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource},
        source::DataSourceExec,
        table_schema::TableSchema,
    },
    error::{DataFusionError, Result},
    execution::{SendableRecordBatchStream, TaskContext, runtime_env::RuntimeEnv},
    physical_expr::{conjunction_opt, utils::reassign_expr_columns},
    physical_plan::{ExecutionPlan, PhysicalExpr},
};
use object_store::{ObjectMeta, memory::InMemory, path::Path};

use super::{adapter::ColumnMatch, reader::MeteredReaders};
use crate::{ScanContext, ScanExec, ScanSpec, Split};

/// The store the engine thinks it reads from. It holds nothing: all bytes come from our reader.
const NO_STORE: &str = "scops://scan";

/// Leaves the engine without any store of its own: whatever it tried to open, local files included,
/// would pass the meter by.
pub fn forbid_engine_stores(environment: &RuntimeEnv) -> Result<()> {
    let local = ObjectStoreUrl::local_filesystem();
    environment.deregister_object_store(local.as_ref())?;
    let nothing = ObjectStoreUrl::parse(NO_STORE)?;
    environment.register_object_store(nothing.as_ref(), Arc::new(InMemory::new()));
    Ok(())
}

/// Reads `splits` in order.
pub(crate) fn stream(
    scan: &ScanExec,
    splits: &[Split],
    by_name: bool,
    context: &Arc<ScanContext>,
    task: &Arc<TaskContext>,
) -> Result<SendableRecordBatchStream> {
    let spec = &scan.spec;
    let mut options = TableParquetOptions::default();
    options.global = task.session_config().options().execution.parquet.clone();
    // The engine's default unit overflows outside of the years 1677 to 2262.
    options.global.coerce_int96 = Some("us".to_owned());
    let table = spec.table_schema();
    let constant: Vec<FieldRef> =
        table.fields().iter().skip(spec.file_schema.fields().len()).cloned().collect();
    let schema =
        TableSchema::builder(Arc::clone(&spec.file_schema)).with_table_partition_cols(constant).build();
    let mut source = ParquetSource::new(schema)
        .with_table_parquet_options(options)
        .with_parquet_file_reader_factory(Arc::new(MeteredReaders { context: Arc::clone(context) }));
    if let Some(predicate) = predicate(scan)? {
        source = source.with_predicate(predicate);
    }
    let files: Result<Vec<_>> = splits.iter().map(|split| partitioned_file(spec, split)).collect();
    let by = if by_name { ColumnMatch::Name } else { ColumnMatch::Position };
    let config = FileScanConfigBuilder::new(ObjectStoreUrl::parse(NO_STORE)?, Arc::new(source))
        .with_file_group(FileGroup::new(files?))
        .with_projection_indices(Some(spec.projection.clone()))?
        .with_limit(spec.limit)
        .with_expr_adapter(Some(Arc::new(by)))
        .build();
    let engine_scan = DataSourceExec::from_data_source(config);
    scan.keep_metrics_of(&engine_scan);
    engine_scan.execute(0, Arc::clone(task))
}

/// Static and dynamic conditions, over the table's schema.
fn predicate(scan: &ScanExec) -> Result<Option<Arc<dyn PhysicalExpr>>> {
    let table = scan.spec.table_schema();
    let dynamic: Result<Vec<_>> =
        scan.dynamic_filters.iter().map(|filter| reassign_expr_columns(Arc::clone(filter), &table)).collect();
    Ok(conjunction_opt(scan.predicate.iter().cloned().chain(dynamic?)))
}

fn partitioned_file(spec: &ScanSpec, split: &Split) -> Result<PartitionedFile> {
    let object = &split.object;
    let meta = ObjectMeta {
        location: Path::parse(&object.location.key)
            .map_err(|error| DataFusionError::External(Box::new(error)))?,
        last_modified: DateTime::<Utc>::from_timestamp_millis(object.modified_at_ms).unwrap_or_default(),
        size: object.size,
        e_tag: object.etag.clone(),
        version: None,
    };
    let mut file = PartitionedFile::new_from_meta(meta);
    file.range = split.range.as_ref().map(|range| FileRange {
        start: i64::try_from(range.start).unwrap_or(i64::MAX),
        end: i64::try_from(range.end).unwrap_or(i64::MAX),
    });
    file.partition_values = spec.constants(split)?;
    file.extensions.insert(object.clone());
    Ok(file)
}
