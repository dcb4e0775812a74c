//! Rows on stdout, in the format asked for.

use std::io::{BufWriter, Stdout, Write};

use anyhow::Result;
use arrow::{
    array::RecordBatch,
    csv,
    datatypes::SchemaRef,
    json,
    util::{display::FormatOptions, pretty::pretty_format_batches_with_options},
};
use futures::TryStreamExt;
use parquet::arrow::ArrowWriter;

use super::target::Rows;
use crate::cli::Format;

/// Prints all rows; nothing for a statement without columns.
pub(super) async fn print(rows: &mut Rows, schema: &SchemaRef, format: Format) -> Result<()> {
    if schema.fields().is_empty() {
        while rows.try_next().await?.is_some() {}
        return Ok(());
    }
    let out = BufWriter::new(std::io::stdout());
    match format {
        Format::Table => table(rows, schema, out).await,
        Format::Csv => delimited(rows, schema, b',', out).await,
        Format::Tsv => delimited(rows, schema, b'\t', out).await,
        Format::Json => json_array(rows, out).await,
        Format::Ndjson => json_lines(rows, out).await,
        Format::Parquet => parquet_file(rows, schema, out).await,
    }
}

/// Needs all rows at once, for the widths.
async fn table(rows: &mut Rows, schema: &SchemaRef, mut out: BufWriter<Stdout>) -> Result<()> {
    let mut batches: Vec<RecordBatch> = rows.try_collect().await?;
    if batches.is_empty() {
        batches.push(RecordBatch::new_empty(schema.clone()));
    }
    let options = FormatOptions::default().with_null("NULL");
    writeln!(out, "{}", pretty_format_batches_with_options(&batches, &options)?)?;
    Ok(out.flush()?)
}

/// With a header; NULL is empty, as in Athena's result files.
async fn delimited(rows: &mut Rows, schema: &SchemaRef, delimiter: u8, out: BufWriter<Stdout>) -> Result<()> {
    let mut writer = csv::WriterBuilder::new().with_delimiter(delimiter).build(out);
    let mut header = true;
    while let Some(batch) = rows.try_next().await? {
        writer.write(&batch)?;
        header = false;
    }
    if header {
        writer.write(&RecordBatch::new_empty(schema.clone()))?;
    }
    Ok(writer.into_inner().flush()?)
}

async fn json_array(rows: &mut Rows, out: BufWriter<Stdout>) -> Result<()> {
    let mut writer =
        json::WriterBuilder::new().with_explicit_nulls(true).build::<_, json::writer::JsonArray>(out);
    while let Some(batch) = rows.try_next().await? {
        writer.write(&batch)?;
    }
    writer.finish()?;
    let mut out = writer.into_inner();
    writeln!(out)?;
    Ok(out.flush()?)
}

async fn json_lines(rows: &mut Rows, out: BufWriter<Stdout>) -> Result<()> {
    let mut writer =
        json::WriterBuilder::new().with_explicit_nulls(true).build::<_, json::writer::LineDelimited>(out);
    while let Some(batch) = rows.try_next().await? {
        writer.write(&batch)?;
    }
    writer.finish()?;
    Ok(writer.into_inner().flush()?)
}

async fn parquet_file(rows: &mut Rows, schema: &SchemaRef, out: BufWriter<Stdout>) -> Result<()> {
    let mut writer = ArrowWriter::try_new(out, schema.clone(), None)?;
    while let Some(batch) = rows.try_next().await? {
        writer.write(&batch)?;
    }
    Ok(writer.into_inner()?.flush()?)
}
