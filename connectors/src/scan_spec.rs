//! What a scan reads, without the splits: everything a worker needs to know of the table.

use std::sync::Arc;

use arrow::{
    array::RecordBatch,
    datatypes::{FieldRef, Schema, SchemaRef},
};
use catalog::{ColumnAccess, FileFormat};
use datafusion::{common::ScalarValue, error::Result as EngineResult};
use protocol::{Error, ErrorCode, Result};
use serde::{Deserialize, Serialize};

use crate::{FileColumn, Split, text::TextOptions, text_format};

/// How the bytes of a table's files become rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Format {
    Parquet { by_name: bool },
    Orc { by_name: bool },
    Text(TextOptions),
}

impl Format {
    /// From the catalog's words.
    pub fn from_catalog(format: FileFormat) -> Result<Self> {
        Ok(match format {
            FileFormat::Parquet(access) => Format::Parquet { by_name: access == ColumnAccess::Name },
            FileFormat::Orc(access) => Format::Orc { by_name: access == ColumnAccess::Name },
            FileFormat::Avro => {
                return Err(Error::new(ErrorCode::NotSupported, "Avro tables are not read yet"));
            }
            FileFormat::Text(text) => Format::Text(text_format::options(text)),
        })
    }

    /// For EXPLAIN.
    pub fn name(&self) -> &'static str {
        match self {
            Format::Parquet { .. } => "parquet",
            Format::Orc { .. } => "orc",
            Format::Text(_) => "text",
        }
    }
}

/// The part of a scan that all its splits share.
#[derive(Debug, Clone)]
pub struct ScanSpec {
    /// `database.table`, for messages.
    pub table: String,
    pub format: Format,
    /// Data columns, in table order.
    pub file_schema: SchemaRef,
    /// One row per partition that is read, one column per partition key; no columns when the table
    /// has no keys. [`crate::Split::partition`] is a row of it.
    pub partition_values: RecordBatch,
    /// Output columns, as positions in [`Self::table_schema`].
    pub projection: Vec<usize>,
    /// Rows after which each partition of the scan may stop.
    pub limit: Option<usize>,
}

impl ScanSpec {
    /// Data columns, partition keys, columns that tell of files.
    pub fn table_schema(&self) -> SchemaRef {
        table_schema(&self.file_schema, self.partition_values.schema_ref())
    }

    /// The columns behind the partition keys.
    pub(crate) fn file_columns(&self) -> Vec<FileColumn> {
        FileColumn::of(&self.file_schema, self.partition_values.schema_ref())
    }

    /// What all rows of a split have: its partition's values, then what is told of its file.
    pub(crate) fn constants(&self, split: &Split) -> EngineResult<Vec<ScalarValue>> {
        let keys = self.partition_values.columns().iter();
        let mut values = keys
            .map(|values| ScalarValue::try_from_array(values, split.partition))
            .collect::<EngineResult<Vec<_>>>()?;
        values.extend(self.file_columns().into_iter().map(|column| column.value(&split.object)));
        Ok(values)
    }

    /// The columns that come out.
    pub fn output_schema(&self) -> SchemaRef {
        let table = self.table_schema();
        let fields: Vec<FieldRef> =
            self.projection.iter().filter_map(|at| table.fields().get(*at).cloned()).collect();
        Arc::new(Schema::new(fields))
    }
}

/// Data columns followed by partition keys, the order in which Athena shows a table's columns; then the
/// columns that it does not show.
pub(crate) fn table_schema(file_schema: &SchemaRef, partition_schema: &SchemaRef) -> SchemaRef {
    let told = FileColumn::of(file_schema, partition_schema).into_iter().map(FileColumn::field);
    let own = file_schema.fields().iter().chain(partition_schema.fields()).cloned();
    Arc::new(Schema::new(own.chain(told).collect::<Vec<FieldRef>>()))
}
