//! What footers say about a scan's rows, for join order and for leaving files out.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::{
    common::{ColumnStatistics, Statistics, pruning::PrunableStatistics, stats::Precision},
    datasource::physical_plan::parquet::metadata::DFParquetMetadata,
    error::Result,
    physical_optimizer::pruning::PruningPredicateBuilder,
    physical_plan::PhysicalExpr,
};
use parquet::arrow::parquet_to_arrow_schema;

use super::files::{FileFooter, PlannedFile};
use crate::{
    Format, ScanSpec, orc,
    parquet::{ColumnMatch, Footer, file_positions},
};

/// Drops files of which the predicate, over the table's schema, cannot be true.
pub(super) fn keep_matching(
    files: &mut Vec<PlannedFile>,
    spec: &ScanSpec,
    predicate: Option<&Arc<dyn PhysicalExpr>>,
) {
    let Some(predicate) = predicate else { return };
    if files.is_empty() {
        return;
    }
    let schema = spec.table_schema();
    // A predicate that cannot be used to prune keeps everything.
    let Some(pruning) =
        PruningPredicateBuilder::new().with_file_schema(Arc::clone(&schema)).build(Arc::clone(predicate))
    else {
        return;
    };
    let statistics = files.iter().map(|file| Arc::new(file_statistics(file, spec))).collect();
    let Ok(keep) = pruning.prune(&PrunableStatistics::new(statistics, schema)) else { return };
    let mut keep = keep.into_iter();
    files.retain(|_| keep.next().unwrap_or(true));
}

/// Statistics of the scan's output.
pub(super) fn merge(files: &[PlannedFile], spec: &ScanSpec) -> Result<Statistics> {
    let schema = spec.table_schema();
    let per_file: Vec<Statistics> = files.iter().map(|file| file_statistics(file, spec)).collect();
    if per_file.is_empty() {
        let mut none = Statistics::new_unknown(&schema).project(Some(&spec.projection));
        none.num_rows = Precision::Exact(0);
        return Ok(none);
    }
    let merged = Statistics::try_merge_iter(per_file.iter(), &schema)?;
    let mut merged = merged.project(Some(&spec.projection));
    merged.calculate_total_byte_size(&spec.output_schema());
    Ok(merged)
}

fn file_statistics(file: &PlannedFile, spec: &ScanSpec) -> Statistics {
    let schema = spec.table_schema();
    let unknown = Statistics::new_unknown(&schema);
    let mut statistics = match &file.footer {
        FileFooter::Unknown => return unknown,
        FileFooter::Parquet(footer) => parquet_statistics(footer, spec).unwrap_or(unknown),
        FileFooter::Orc(tail) => {
            let by_name = matches!(spec.format, Format::Orc { by_name: true });
            tail.statistics(&spec.file_schema, orc::OrcOptions { by_name })
        }
    };
    let file_columns = spec.file_schema.fields().len();
    statistics.column_statistics.resize(file_columns, ColumnStatistics::new_unknown());
    statistics.column_statistics.resize(schema.fields().len(), ColumnStatistics::new_unknown());
    statistics
}

/// Statistics of the data columns; a column that the file stores as another type has none, since
/// bounds do not survive every coercion.
fn parquet_statistics(footer: &Footer, spec: &ScanSpec) -> Option<Statistics> {
    let metadata = footer.metadata.file_metadata();
    let file = parquet_to_arrow_schema(metadata.schema_descr(), metadata.key_value_metadata()).ok()?;
    let by = match &spec.format {
        Format::Parquet { by_name: false } => ColumnMatch::Position,
        _ => ColumnMatch::Name,
    };
    let positions = file_positions(by, &spec.file_schema, &file).ok()?;
    let in_file = |position: &Option<usize>| position.map(|at| file.field(at));
    let fields: Vec<Field> = spec
        .file_schema
        .fields()
        .iter()
        .zip(&positions)
        .map(|(field, position)| {
            let name = in_file(position).map_or("\u{1}", |field| field.name());
            Field::clone(field).with_name(name)
        })
        .collect();
    let renamed: SchemaRef = Arc::new(Schema::new(fields));
    let mut statistics =
        DFParquetMetadata::statistics_from_parquet_metadata(&footer.metadata, &renamed).ok()?;
    let columns = statistics.column_statistics.iter_mut();
    for ((column, field), position) in columns.zip(spec.file_schema.fields()).zip(&positions) {
        let same = in_file(position).is_some_and(|file| same_values(file.data_type(), field.data_type()));
        if !same {
            *column = ColumnStatistics::new_unknown();
        }
        column.distinct_count = column.distinct_count.clone().to_inexact();
        let sound = position.is_some_and(|at| bounds_are_complete(footer, at));
        if !sound {
            column.min_value = Precision::Absent;
            column.max_value = Precision::Absent;
        } else if field.data_type().is_floating() {
            // A writer stores a least value of 0 as -0, and NaN is in no bound.
            column.min_value = column.min_value.clone().to_inexact();
            column.max_value = column.max_value.clone().to_inexact();
        }
    }
    Some(statistics)
}

/// Every row group that has values of the root column at `root` says between which bounds they lie.
/// The engine takes a bound for exact as soon as one row group has it.
fn bounds_are_complete(footer: &Footer, root: usize) -> bool {
    let descriptor = footer.metadata.file_metadata().schema_descr();
    let mut leaves =
        (0..descriptor.num_columns()).filter(|leaf| descriptor.get_column_root_idx(*leaf) == root);
    let (Some(leaf), None) = (leaves.next(), leaves.next()) else { return false };
    footer.metadata.row_groups().iter().filter(|group| group.num_rows() > 0).all(|group| {
        let Some(statistics) = group.columns().get(leaf).and_then(|chunk| chunk.statistics()) else {
            return false;
        };
        let all_null = statistics
            .null_count_opt()
            .is_some_and(|nulls| u64::try_from(group.num_rows()).is_ok_and(|rows| nulls == rows));
        all_null || (statistics.min_bytes_opt().is_some() && statistics.max_bytes_opt().is_some())
    })
}

/// The types differ at most in how values lie in memory.
fn same_values(file: &DataType, table: &DataType) -> bool {
    use DataType::{Binary, BinaryView, LargeBinary, LargeUtf8, Utf8, Utf8View};
    let text = |of: &DataType| matches!(of, Utf8 | LargeUtf8 | Utf8View);
    let bytes = |of: &DataType| matches!(of, Binary | LargeBinary | BinaryView);
    file == table || (text(file) && text(table)) || (bytes(file) && bytes(table))
}
