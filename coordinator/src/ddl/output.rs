//! Lines of text as an Arrow batch.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, RecordBatch, RecordBatchOptions, StringArray},
    datatypes::{DataType, Field, Schema, SchemaRef},
};
use protocol::{Error, ErrorCode, Result};

/// Text of one column. What 32-bit offsets can point at.
const COLUMN_BYTES_MAX: usize = i32::MAX as usize;

/// Width of a name or value in the layouts of Hive, in characters.
const FIELD_CHARS: usize = 20;

/// `text`, filled up with blanks as in the layouts of Hive.
pub(super) fn padded(text: &str) -> String {
    format!("{text:<FIELD_CHARS$}")
}

/// Text columns of these names.
pub(super) fn schema(names: &[&str]) -> SchemaRef {
    let fields: Vec<Field> = names.iter().map(|name| Field::new(*name, DataType::Utf8, false)).collect();
    Arc::new(Schema::new(fields))
}

/// One column with a row for each text.
pub(super) fn column(rows: Vec<String>) -> Result<Vec<ArrayRef>> {
    let bytes: usize = rows.iter().map(String::len).sum();
    if bytes > COLUMN_BYTES_MAX {
        let message = format!("the answer has {bytes} bytes, the limit is {COLUMN_BYTES_MAX}");
        return Err(Error::new(ErrorCode::MemoryLimitExceeded, message)
            .with_hint("ask for less, for example SHOW PARTITIONS … PARTITION (key = value)"));
    }
    Ok(vec![Arc::new(StringArray::from_iter_values(rows))])
}

/// `N` columns.
pub(super) fn columns<const N: usize>(rows: Vec<[String; N]>) -> Result<Vec<ArrayRef>> {
    let mut texts: [Vec<String>; N] = std::array::from_fn(|_| Vec::with_capacity(rows.len()));
    for row in rows {
        for (column, text) in texts.iter_mut().zip(row) {
            column.push(text);
        }
    }
    let mut arrays = Vec::with_capacity(N);
    for text in texts {
        arrays.extend(column(text)?);
    }
    Ok(arrays)
}

/// The columns under their names.
pub(super) fn batch(schema: SchemaRef, columns: Vec<ArrayRef>) -> Result<RecordBatch> {
    // The count is given because an answer without columns has nothing to take it from.
    let rows = columns.first().map_or(0, |column| column.len());
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(schema, columns, &options)
        .map_err(|error| Error::internal(format!("an answer does not fit its schema: {error}")))
}
