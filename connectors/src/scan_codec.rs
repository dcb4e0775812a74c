//! A [`ScanExec`] as bytes, for the way to a worker.
//!
//! Unlike the engine's file scan encoding it keeps ETags, byte ranges and every format option.
//! Version mismatches are kept out before: workers of another build are not used.

use std::{io::Cursor, sync::Arc};

use arrow::{
    array::RecordBatch,
    datatypes::{Schema, SchemaRef},
    ipc::{reader::StreamReader, writer::StreamWriter},
};
use datafusion::{
    common::Statistics,
    error::{DataFusionError, Result},
    execution::TaskContext,
    physical_plan::{ExecutionPlan, PhysicalExpr},
};
use datafusion_proto::{
    physical_plan::{PhysicalExtensionCodec, PhysicalPlanDecodeContext, PhysicalProtoConverterExtension},
    protobuf::PhysicalExprNode,
};
use prost::Message;

use crate::{Format, ScanExec, ScanSpec, Split};

/// Encodes and decodes [`ScanExec`] and nothing else.
#[derive(Debug, Clone, Copy, Default)]
pub struct ScanCodec;

/// The wire form. Partition values travel as an Arrow IPC stream, whose schema also types the keys.
#[derive(Clone, PartialEq, Message)]
struct ScanMessage {
    #[prost(string, tag = "1")]
    table: String,
    /// JSON of [`Format`].
    #[prost(bytes = "vec", tag = "2")]
    format: Vec<u8>,
    /// Arrow IPC stream without batches.
    #[prost(bytes = "vec", tag = "3")]
    file_schema: Vec<u8>,
    /// Arrow IPC stream of one batch.
    #[prost(bytes = "vec", tag = "4")]
    partition_values: Vec<u8>,
    #[prost(uint64, tag = "5")]
    partition_rows: u64,
    #[prost(uint64, repeated, tag = "6")]
    projection: Vec<u64>,
    #[prost(uint64, optional, tag = "7")]
    limit: Option<u64>,
    /// JSON of the splits by partition.
    #[prost(bytes = "vec", tag = "8")]
    splits: Vec<u8>,
    #[prost(message, optional, tag = "9")]
    predicate: Option<PhysicalExprNode>,
    #[prost(message, repeated, tag = "10")]
    dynamic_filters: Vec<PhysicalExprNode>,
}

impl PhysicalExtensionCodec for ScanCodec {
    fn try_decode(
        &self,
        bytes: &[u8],
        _: &[Arc<dyn ExecutionPlan>],
        context: &TaskContext,
        converter: &dyn PhysicalProtoConverterExtension,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let message = ScanMessage::decode(bytes).map_err(decode_error)?;
        let spec = decode_spec(&message)?;
        let splits: Vec<Vec<Split>> = serde_json::from_slice(&message.splits).map_err(decode_error)?;
        let decoding = PhysicalPlanDecodeContext::new(context, self);
        let decode = |node: &PhysicalExprNode, schema: &Schema| {
            converter.proto_to_physical_expr(node, schema, &decoding)
        };
        let table = spec.table_schema();
        let predicate = message.predicate.as_ref().map(|node| decode(node, &table)).transpose()?;
        let output = spec.output_schema();
        let dynamic_filters: Result<Vec<Arc<dyn PhysicalExpr>>> =
            message.dynamic_filters.iter().map(|node| decode(node, &output)).collect();
        let unknown = Arc::new(Statistics::new_unknown(&output));
        let mut scan = ScanExec::new(Arc::new(spec), splits, predicate, unknown, "task".into());
        scan.dynamic_filters = dynamic_filters?;
        Ok(Arc::new(scan))
    }

    fn try_encode(
        &self,
        node: Arc<dyn ExecutionPlan>,
        bytes: &mut Vec<u8>,
        converter: &dyn PhysicalProtoConverterExtension,
    ) -> Result<()> {
        let Some(scan) = node.downcast_ref::<ScanExec>() else {
            return Err(DataFusionError::Internal(format!("{} has no encoding", node.name())));
        };
        let encode = |expr: &Arc<dyn PhysicalExpr>| converter.physical_expr_to_proto(expr, self);
        let spec = &scan.spec;
        let message = ScanMessage {
            table: spec.table.clone(),
            format: serde_json::to_vec(&spec.format).map_err(encode_error)?,
            file_schema: encode_ipc(&spec.file_schema, None)?,
            partition_values: encode_ipc(spec.partition_values.schema_ref(), Some(&spec.partition_values))?,
            partition_rows: spec.partition_values.num_rows() as u64,
            projection: spec.projection.iter().map(|at| *at as u64).collect(),
            limit: spec.limit.map(|limit| limit as u64),
            splits: serde_json::to_vec(&scan.splits).map_err(encode_error)?,
            predicate: scan.predicate.as_ref().map(encode).transpose()?,
            dynamic_filters: scan.dynamic_filters.iter().map(encode).collect::<Result<_>>()?,
        };
        message.encode(bytes).map_err(encode_error)
    }
}

fn decode_spec(message: &ScanMessage) -> Result<ScanSpec> {
    let format: Format = serde_json::from_slice(&message.format).map_err(decode_error)?;
    let (file_schema, _) = decode_ipc(&message.file_schema)?;
    let (partition_schema, batch) = decode_ipc(&message.partition_values)?;
    let rows = usize::try_from(message.partition_rows).map_err(decode_error)?;
    let partition_values = match batch {
        Some(batch) => batch,
        None => rows_without_columns(partition_schema, rows)?,
    };
    let projection: Result<Vec<usize>, _> =
        message.projection.iter().map(|at| usize::try_from(*at)).collect();
    Ok(ScanSpec {
        table: message.table.clone(),
        format,
        file_schema,
        partition_values,
        projection: projection.map_err(decode_error)?,
        limit: message.limit.map(usize::try_from).transpose().map_err(decode_error)?,
    })
}

fn encode_ipc(schema: &Schema, batch: Option<&RecordBatch>) -> Result<Vec<u8>> {
    let mut writer = StreamWriter::try_new(Vec::new(), schema)?;
    // A batch without columns has no IPC form; its row count travels in the message.
    if let Some(batch) = batch.filter(|batch| batch.num_columns() > 0) {
        writer.write(batch)?;
    }
    Ok(writer.into_inner()?)
}

fn decode_ipc(bytes: &[u8]) -> Result<(SchemaRef, Option<RecordBatch>)> {
    let mut reader = StreamReader::try_new(Cursor::new(bytes), None)?;
    let schema = reader.schema();
    Ok((schema, reader.next().transpose()?))
}

/// A batch of `rows` rows and, if it can have none, no columns.
pub(crate) fn rows_without_columns(schema: SchemaRef, rows: usize) -> Result<RecordBatch> {
    let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(rows));
    let columns =
        schema.fields().iter().map(|field| arrow::array::new_null_array(field.data_type(), rows)).collect();
    Ok(RecordBatch::try_new_with_options(schema, columns, &options)?)
}

fn decode_error(error: impl std::fmt::Display) -> DataFusionError {
    DataFusionError::Internal(format!("a scan cannot be decoded: {error}"))
}

fn encode_error(error: impl std::fmt::Display) -> DataFusionError {
    DataFusionError::Internal(format!("a scan cannot be encoded: {error}"))
}
