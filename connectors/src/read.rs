//! One partition of a scan as a stream of batches, with what is common to all formats: the guard that
//! keeps the bill open, and the last line of defence against decoders that panic.

use std::{any::Any, panic::AssertUnwindSafe, sync::Arc};

use arrow::{
    array::{ArrayRef, RecordBatch, RecordBatchOptions},
    datatypes::SchemaRef,
    error::ArrowError,
};
use datafusion::{
    common::ScalarValue,
    error::{DataFusionError, Result},
    execution::{SendableRecordBatchStream, TaskContext},
    physical_plan::stream::RecordBatchStreamAdapter,
};
use futures::{StreamExt, TryStreamExt, stream::BoxStream};
use protocol::{Error, ErrorCode};

use crate::{
    Format, ScanContext, ScanExec, ScanSpec, Split, SplitRead, error::to_datafusion, orc, parquet,
    split::join_neighbours, text,
};

/// Splits of one partition that are opened ahead of the one being read.
const SPLITS_AHEAD: usize = 2;

type Batches = BoxStream<'static, Result<RecordBatch>>;

/// Executes partition `partition` of `scan`.
pub(crate) fn partition(
    scan: &ScanExec,
    partition: usize,
    task: &Arc<TaskContext>,
) -> Result<SendableRecordBatchStream> {
    let Some(context) = task.session_config().get_extension::<ScanContext>() else {
        return Err(DataFusionError::Internal("a session without a scan context".to_owned()));
    };
    let Some(splits) = scan.splits.get(partition) else {
        return Err(DataFusionError::Internal(format!("scan partition {partition} does not exist")));
    };
    let splits = join_neighbours(splits);
    let guard = context.enter().map_err(to_datafusion)?;
    let batches = match &scan.spec.format {
        Format::Parquet { by_name } => parquet::stream(scan, &splits, *by_name, &context, task)?.boxed(),
        Format::Orc { .. } | Format::Text(_) => {
            rows(scan, splits, &context, task.session_config().batch_size())
        }
    };
    let table = scan.spec.table.clone();
    let guarded = AssertUnwindSafe(batches).catch_unwind().map(move |item| {
        let _ = &guard;
        match item {
            Ok(Ok(batch)) => Ok(batch),
            Ok(Err(error)) => Err(name_corruption(error, &table)),
            Err(panic) => Err(to_datafusion(panicked(panic.as_ref(), &table))),
        }
    });
    Ok(Box::pin(RecordBatchStreamAdapter::new(scan.spec.output_schema(), guarded)))
}

/// Decoders report damaged bytes without saying whose; typed errors pass as they are.
fn name_corruption(error: DataFusionError, table: &str) -> DataFusionError {
    let text = error.to_string();
    if Error::from_envelope(&text).is_some() {
        return error;
    }
    let table_is_at_fault = |error: &ArrowError| matches!(error, ArrowError::CastError(_));
    match error.find_root() {
        DataFusionError::ArrowError(arrow, _) if table_is_at_fault(arrow) => to_datafusion(
            Error::new(
                ErrorCode::SchemaMismatch,
                format!("a file of table {table} holds a value that its column cannot: {arrow}"),
            )
            .with_hint("declare the column with the type that the files have"),
        ),
        DataFusionError::ParquetError(_) | DataFusionError::ArrowError(_, _) => to_datafusion(Error::new(
            ErrorCode::CorruptFile,
            format!("a file of table {table} cannot be decoded: {text}"),
        )),
        _ => error,
    }
}

fn panicked(panic: &(dyn Any + Send), table: &str) -> Error {
    let said = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    tracing::error!(table, said, "a file decoder panicked");
    Error::new(ErrorCode::CorruptFile, format!("a file of table {table} cannot be decoded: {said}"))
}

/// The formats that scops reads itself: split by split, what all its rows have added to each batch.
fn rows(scan: &ScanExec, splits: Vec<Split>, context: &Arc<ScanContext>, batch_size: usize) -> Batches {
    let spec = Arc::clone(&scan.spec);
    let predicate = scan.predicate.clone();
    let context = Arc::clone(context);
    let file_columns = spec.file_schema.fields().len();
    let limit = spec.limit.unwrap_or(usize::MAX);
    let projection: Vec<usize> = spec.projection.iter().copied().filter(|at| *at < file_columns).collect();
    let opened = futures::stream::iter(splits).map(move |split| {
        let read = context.storage.reader(&split.object, &context.meter).map(|reader| SplitRead {
            reader,
            split: split.clone(),
            table_schema: Arc::clone(&spec.file_schema),
            projection: projection.clone(),
            predicate: predicate.clone(),
            batch_size,
        });
        context.meter.add_split();
        let (spec, context) = (Arc::clone(&spec), Arc::clone(&context));
        async move {
            let batches = open(read.map_err(to_datafusion)?, &spec.format, &context).await?;
            let output = spec.output_schema();
            let constants = spec.constants(&split)?;
            Ok::<_, DataFusionError>(
                batches.map(move |batch| add_constants(&spec, &output, &batch?, &constants)),
            )
        }
    });
    take_rows(opened.buffered(SPLITS_AHEAD).try_flatten().boxed(), limit)
}

async fn open(read: SplitRead, format: &Format, context: &ScanContext) -> Result<Batches> {
    let batches = match format {
        Format::Orc { by_name } => {
            let options = orc::OrcOptions { by_name: *by_name };
            orc::open(read, options, Arc::clone(&context.caches.orc)).await
        }
        Format::Text(options) => text::open(read, options),
        Format::Parquet { .. } => Err(Error::internal("Parquet is read by the engine's own scan")),
    };
    Ok(batches.map_err(to_datafusion)?.map_err(to_datafusion).boxed())
}

/// Ends the stream after `limit` rows, so that what lies behind them is not read.
fn take_rows(batches: Batches, limit: usize) -> Batches {
    if limit == usize::MAX {
        return batches;
    }
    futures::stream::try_unfold((batches, limit), |(mut batches, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        let Some(batch) = batches.try_next().await? else { return Ok(None) };
        let batch = batch.slice(0, batch.num_rows().min(left));
        let left = left - batch.num_rows();
        Ok(Some((batch, (batches, left))))
    })
    .boxed()
}

/// `batch` holds the projected data columns in order; the result has the scan's output schema.
fn add_constants(
    spec: &ScanSpec,
    output: &SchemaRef,
    batch: &RecordBatch,
    constants: &[ScalarValue],
) -> Result<RecordBatch> {
    let file_columns = spec.file_schema.fields().len();
    let rows = batch.num_rows();
    let mut data = batch.columns().iter();
    let columns: Result<Vec<ArrayRef>> = spec
        .projection
        .iter()
        .map(|at| {
            if *at < file_columns {
                return data.next().map(Arc::clone).ok_or_else(|| {
                    DataFusionError::Internal("a reader returned too few columns".to_owned())
                });
            }
            match constants.get(*at - file_columns) {
                Some(value) => value.to_array_of_size(rows),
                None => Err(DataFusionError::Internal("a projection does not fit its table".to_owned())),
            }
        })
        .collect();
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    Ok(RecordBatch::try_new_with_options(Arc::clone(output), columns?, &options)?)
}
