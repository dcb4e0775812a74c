//! Rows on stdout, in the format asked for.

mod delimited;
mod json;
mod table;

use std::io::{BufWriter, Stdout, Write};

use anyhow::Result;
use arrow::{
    array::{ArrayRef, AsArray, RecordBatch, StringViewArray},
    compute::cast,
    datatypes::{DataType, SchemaRef},
};
use coordinator::Output;
use futures::TryStreamExt;
use parquet::arrow::ArrowWriter;

use super::target::Rows;
use crate::cli::Format;

/// The types that a format wants its rows in.
pub(super) fn output_for(format: Format) -> Output {
    match format {
        Format::Table | Format::Csv | Format::Tsv => Output::Text,
        Format::Json | Format::Ndjson => Output::Json,
        Format::Parquet => Output::Arrow,
    }
}

/// Prints all rows; nothing for a statement without columns. The rows are in the types of [`output_for`].
pub(super) async fn print(rows: &mut Rows, schema: &SchemaRef, format: Format) -> Result<()> {
    if schema.fields().is_empty() {
        while rows.try_next().await?.is_some() {}
        return Ok(());
    }
    let out = BufWriter::new(std::io::stdout());
    match format {
        Format::Table => in_table(rows, schema, out).await,
        Format::Csv => in_lines(rows, schema, ',', out).await,
        Format::Tsv => in_lines(rows, schema, '\t', out).await,
        Format::Json => in_json_array(rows, out).await,
        Format::Ndjson => in_json_lines(rows, out).await,
        Format::Parquet => in_parquet(rows, schema, out).await,
    }
}

/// Needs all rows at once, for the widths.
async fn in_table(rows: &mut Rows, schema: &SchemaRef, mut out: BufWriter<Stdout>) -> Result<()> {
    let mut batches = Vec::new();
    while let Some(batch) = rows.try_next().await? {
        batches.push(texts(&batch)?);
    }
    writeln!(out, "{}", table::table(schema, &batches))?;
    Ok(out.flush()?)
}

/// With a header. A statement that fails at once prints nothing.
async fn in_lines(
    rows: &mut Rows,
    schema: &SchemaRef,
    delimiter: char,
    mut out: BufWriter<Stdout>,
) -> Result<()> {
    let mut next = rows.try_next().await?;
    out.write_all(delimited::header(schema, delimiter).as_bytes())?;
    while let Some(batch) = next {
        out.write_all(delimited::lines(&texts(&batch)?, batch.num_rows(), delimiter).as_bytes())?;
        next = rows.try_next().await?;
    }
    Ok(out.flush()?)
}

/// The columns of a batch as text, whichever of Arrow's text types they came in.
fn texts(batch: &RecordBatch) -> Result<Vec<StringViewArray>> {
    let text = |column: &ArrayRef| Ok(cast(column, &DataType::Utf8View)?.as_string_view().clone());
    batch.columns().iter().map(text).collect()
}

async fn in_json_array(rows: &mut Rows, mut out: BufWriter<Stdout>) -> Result<()> {
    let mut separator = "[";
    while let Some(batch) = rows.try_next().await? {
        let objects = json::Objects::of(&batch)?;
        for row in 0..batch.num_rows() {
            out.write_all(separator.as_bytes())?;
            objects.write(row, &mut out)?;
            separator = ",";
        }
    }
    writeln!(out, "{}", if separator == "[" { "[]" } else { "]" })?;
    Ok(out.flush()?)
}

async fn in_json_lines(rows: &mut Rows, mut out: BufWriter<Stdout>) -> Result<()> {
    while let Some(batch) = rows.try_next().await? {
        let objects = json::Objects::of(&batch)?;
        for row in 0..batch.num_rows() {
            objects.write(row, &mut out)?;
            writeln!(out)?;
        }
    }
    Ok(out.flush()?)
}

async fn in_parquet(rows: &mut Rows, schema: &SchemaRef, out: BufWriter<Stdout>) -> Result<()> {
    let mut writer = ArrowWriter::try_new(out, schema.clone(), None)?;
    while let Some(batch) = rows.try_next().await? {
        writer.write(&batch)?;
    }
    Ok(writer.into_inner()?.flush()?)
}
