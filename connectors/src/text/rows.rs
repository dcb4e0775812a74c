//! The batch that is being filled: the wanted columns, each decoded once, whatever order (or how
//! often) the projection asks for them.

use std::sync::Arc;

use arrow::{
    array::ArrayRef,
    datatypes::SchemaRef,
    record_batch::{RecordBatch, RecordBatchOptions},
};
use protocol::{Error, Result};

use super::column::Column;

/// Text that one batch is made of, about; a batch of long lines has fewer rows.
const BATCH_TEXT_BYTES_MAX: usize = 16 << 20;

/// A column that the projection names.
#[derive(Debug)]
pub(super) struct Wanted {
    /// Among the table's columns.
    pub(super) position: usize,
    pub(super) name: String,
    pub(super) column: Column,
}

/// Rows of one batch. Whoever decodes a line appends one value to every wanted column, then calls
/// [`Rows::end_row`].
#[derive(Debug)]
pub(super) struct Rows {
    schema: SchemaRef,
    /// Sorted by position, each once.
    pub(super) wanted: Vec<Wanted>,
    /// For each column of `schema`, its place in `wanted`.
    outputs: Vec<usize>,
    rows_max: usize,
    rows: usize,
    text_bytes: usize,
}

impl Rows {
    pub(super) fn new(table: &SchemaRef, projection: &[usize], batch_size: usize) -> Result<Self> {
        let outside = |_| Error::internal("the projection names a column the table does not have");
        let schema = Arc::new(table.project(projection).map_err(outside)?);
        let mut positions = projection.to_vec();
        positions.sort_unstable();
        positions.dedup();
        let mut wanted = Vec::with_capacity(positions.len());
        for position in &positions {
            let field = table.field(*position);
            let column = Column::new(field)?;
            wanted.push(Wanted { position: *position, name: field.name().clone(), column });
        }
        let place = |position| positions.partition_point(|other| other < position);
        let outputs = projection.iter().map(place).collect();
        Ok(Self { schema, wanted, outputs, rows_max: batch_size.max(1), rows: 0, text_bytes: 0 })
    }

    /// Ends a row made of `text_bytes` of text.
    pub(super) fn end_row(&mut self, text_bytes: usize) {
        self.rows += 1;
        self.text_bytes += text_bytes;
    }

    pub(super) fn append_null_row(&mut self) {
        self.wanted.iter_mut().for_each(|wanted| wanted.column.append_null());
        self.end_row(0);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// True if the batch is to be finished before more rows come.
    pub(super) fn is_full(&self) -> bool {
        self.rows >= self.rows_max || self.text_bytes >= BATCH_TEXT_BYTES_MAX
    }

    /// The rows so far; empty afterwards.
    pub(super) fn finish(&mut self) -> Result<RecordBatch> {
        let finished = self.wanted.iter_mut().map(|wanted| wanted.column.finish());
        let finished = finished.collect::<Result<Vec<ArrayRef>>>()?;
        let columns = self.outputs.iter().filter_map(|place| finished.get(*place).cloned()).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(self.rows));
        self.rows = 0;
        self.text_bytes = 0;
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options).map_err(|failure| {
            Error::internal(format!("rows read from text do not fit their schema: {failure}"))
        })
    }
}
