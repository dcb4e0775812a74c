//! Writes TPC-H as Parquet files.

use std::{collections::BTreeMap, fs::File, path::Path};

use anyhow::{Context, Result};
use arrow::{
    array::{Array, AsArray, BooleanArray, RecordBatch},
    compute::{DatePart, date_part, filter_record_batch},
    datatypes::Int32Type,
    error::ArrowError,
};
use parquet::{arrow::ArrowWriter, basic::Compression, file::properties::WriterProperties};
use tpchgen::generators::{
    CustomerGenerator, LineItemGenerator, NationGenerator, OrderGenerator, PartGenerator, PartSuppGenerator,
    RegionGenerator, SupplierGenerator,
};
use tpchgen_arrow::{
    CustomerArrow, LineItemArrow, NationArrow, OrderArrow, PartArrow, PartSuppArrow, RegionArrow,
    SupplierArrow,
};

/// Written last, so that an interrupted run is not taken for a finished one.
pub(super) const DONE_FILE: &str = ".done";

/// Writes all eight tables below `folder`, replacing what an interrupted run left.
pub(super) fn write_all(folder: &Path, scale: f64) -> Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder).context("old demo data cannot be removed")?;
    }
    write(folder, "region", RegionArrow::new(RegionGenerator::new(scale, 1, 1)))?;
    write(folder, "nation", NationArrow::new(NationGenerator::new(scale, 1, 1)))?;
    write(folder, "supplier", SupplierArrow::new(SupplierGenerator::new(scale, 1, 1)))?;
    write(folder, "customer", CustomerArrow::new(CustomerGenerator::new(scale, 1, 1)))?;
    write(folder, "part", PartArrow::new(PartGenerator::new(scale, 1, 1)))?;
    write(folder, "partsupp", PartSuppArrow::new(PartSuppGenerator::new(scale, 1, 1)))?;
    write(folder, "orders", OrderArrow::new(OrderGenerator::new(scale, 1, 1)))?;
    let lineitem = LineItemArrow::new(LineItemGenerator::new(scale, 1, 1));
    write_by_month(&folder.join("lineitem"), lineitem)?;
    std::fs::write(folder.join(DONE_FILE), "").context("the demo data cannot be finished")
}

type Batches<'a> = &'a mut dyn Iterator<Item = Result<RecordBatch, ArrowError>>;

fn write(
    folder: &Path,
    table: &str,
    mut batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
) -> Result<()> {
    let batches: Batches = &mut batches;
    let mut writer = None;
    for batch in batches {
        let batch = batch?;
        let writer = match &mut writer {
            Some(writer) => writer,
            none => none.insert(open(&folder.join(table), &batch)?),
        };
        writer.write(&batch)?;
    }
    if let Some(writer) = writer {
        writer.close()?;
    }
    Ok(())
}

fn write_by_month(
    folder: &Path,
    batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
) -> Result<()> {
    let mut writers: BTreeMap<(i32, i32), ArrowWriter<File>> = BTreeMap::new();
    for batch in batches {
        let batch = batch?;
        let dates = batch.column_by_name("l_shipdate").context("lineitem has no l_shipdate")?;
        let months = months(dates)?;
        let mut present = months.clone();
        present.sort_unstable();
        present.dedup();
        for month in present {
            let rows: BooleanArray = months.iter().map(|of| Some(*of == month)).collect();
            let part = filter_record_batch(&batch, &rows)?;
            let writer = match writers.entry(month) {
                std::collections::btree_map::Entry::Occupied(open) => open.into_mut(),
                std::collections::btree_map::Entry::Vacant(new) => {
                    let (year, month) = month;
                    let path = format!("ship_year={year}/ship_month={month}");
                    new.insert(open(&folder.join(path), &part)?)
                }
            };
            writer.write(&part)?;
        }
    }
    for writer in writers.into_values() {
        writer.close()?;
    }
    Ok(())
}

fn months(dates: &dyn Array) -> Result<Vec<(i32, i32)>> {
    let years = date_part(dates, DatePart::Year)?;
    let months = date_part(dates, DatePart::Month)?;
    let years = years.as_primitive::<Int32Type>().values().iter();
    Ok(years.copied().zip(months.as_primitive::<Int32Type>().values().iter().copied()).collect())
}

fn open(folder: &Path, like: &RecordBatch) -> Result<ArrowWriter<File>> {
    std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let file = File::create(folder.join("part-0.parquet"))
        .with_context(|| format!("{} cannot be written", folder.display()))?;
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    Ok(ArrowWriter::try_new(file, like.schema(), Some(properties))?)
}
