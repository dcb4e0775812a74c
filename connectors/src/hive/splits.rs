//! Cuts files into splits, where the format allows.
//!
//! Parquet and ORC are cut between row groups and stripes, weighed by the bytes of the wanted columns;
//! plain text is cut anywhere, since a line belongs to the split it begins in. Compressed text and
//! quoted newlines are never cut.

use std::ops::Range;

use arrow::datatypes::Schema;

use super::files::{FileFooter, PlannedFile};
use crate::{
    Format, ScanSpec, Split, orc,
    parquet::{ColumnMatch, Footer, file_positions},
    text,
};

/// Text is cut into pieces of at least this size.
const TEXT_SPLIT_BYTES_MIN: u64 = 1 << 20;
const TEXT_SPLIT_BYTES_MAX: u64 = 32 << 20;
/// Columnar files whose footer was not read are cut into pieces of this size.
const BLIND_SPLIT_BYTES: u64 = 64 << 20;

/// All files as splits, in file order.
pub(super) fn cut(files: Vec<PlannedFile>, spec: &ScanSpec, partitions: usize) -> Vec<Split> {
    let bytes: u64 = files.iter().map(|file| file.object.size).sum();
    let text_bytes = (bytes / partitions.max(1) as u64).clamp(TEXT_SPLIT_BYTES_MIN, TEXT_SPLIT_BYTES_MAX);
    files.iter().flat_map(|file| cut_file(file, spec, text_bytes)).collect()
}

fn cut_file(file: &PlannedFile, spec: &ScanSpec, text_bytes: u64) -> Vec<Split> {
    let pieces = match (&file.footer, &spec.format) {
        (FileFooter::Parquet(footer), _) => row_groups(footer, spec),
        (FileFooter::Orc(tail), _) => stripes(tail, spec),
        (FileFooter::Unknown, Format::Text(options)) => {
            if !text::splittable(&file.object.location.key, options) {
                return vec![split(file, 0, None, file.object.size)];
            }
            even(file.object.size, text_bytes)
        }
        (FileFooter::Unknown, _) => even(file.object.size, BLIND_SPLIT_BYTES),
    };
    let pieces = pieces.into_iter().enumerate();
    pieces.map(|(at, (range, weight))| split(file, at, Some(range), weight)).collect()
}

fn split(file: &PlannedFile, piece: usize, range: Option<Range<u64>>, weight_bytes: u64) -> Split {
    Split { object: file.object.clone(), range, piece, partition: file.partition, weight_bytes }
}

fn even(size: u64, piece: u64) -> Vec<(Range<u64>, u64)> {
    let pieces = size.div_ceil(piece).max(1);
    let cut = |at: u64| u64::try_from(u128::from(size) * u128::from(at) / u128::from(pieces));
    (0..pieces)
        .filter_map(|at| Some(cut(at).ok()?..cut(at + 1).ok()?))
        .map(|range| (range.clone(), range.end - range.start))
        .collect()
}

/// One piece per row group with rows. A row group belongs to the piece in which its first column chunk
/// begins, which is how the engine's scan reads a byte range; where that does not tell row groups
/// apart, the file is one piece.
fn row_groups(footer: &Footer, spec: &ScanSpec) -> Vec<(Range<u64>, u64)> {
    let wanted = wanted_roots(footer, spec);
    let descriptor = footer.metadata.file_metadata().schema_descr();
    let is_wanted = |leaf: &usize| wanted.contains(&descriptor.get_column_root_idx(*leaf));
    let leaves: Vec<usize> = (0..descriptor.num_columns()).filter(is_wanted).collect();
    let groups = footer.metadata.row_groups().iter().filter(|group| group.num_rows() > 0);
    let pieces: Vec<(Range<u64>, u64)> = groups
        .map(|group| {
            let bytes = |leaf: &usize| group.columns().get(*leaf).map(|chunk| chunk.byte_range().1);
            let start = group.columns().first().map_or(0, |column| column.byte_range().0);
            (start..start + 1, leaves.iter().filter_map(bytes).sum())
        })
        .collect();
    let ascending = pieces.windows(2).all(|pair| match pair {
        [(one, _), (next, _)] => one.start < next.start,
        _ => true,
    });
    match ascending {
        true => pieces,
        false => vec![(0..u64::MAX, pieces.iter().map(|(_, weight)| weight).sum())],
    }
}

/// One piece per stripe. Writers seldom note bytes per column and stripe, so a stripe weighs its part
/// of the file's wanted bytes.
fn stripes(tail: &orc::OrcTail, spec: &ScanSpec) -> Vec<(Range<u64>, u64)> {
    let by_name = matches!(spec.format, Format::Orc { by_name: true });
    let columns = spec.file_schema.fields().len();
    let on_file: Vec<usize> = spec.projection.iter().copied().filter(|at| *at < columns).collect();
    let all: u64 = tail.stripes().iter().map(|stripe| stripe.data_bytes()).sum();
    let options = orc::OrcOptions { by_name };
    let wanted = tail.column_bytes(&spec.file_schema, options, &on_file).unwrap_or(all).min(all);
    let weight = |bytes: u64| {
        let part = u128::from(bytes) * u128::from(wanted) / u128::from(all.max(1));
        u64::try_from(part).unwrap_or(bytes)
    };
    let piece = |stripe: &orc::StripeRange| (stripe.range(), weight(stripe.data_bytes()));
    tail.stripes().iter().map(piece).collect()
}

/// Positions of the file's root columns that the scan reads. A predicate's columns are in the
/// projection as well, because somebody above applies it.
fn wanted_roots(footer: &Footer, spec: &ScanSpec) -> Vec<usize> {
    let descriptor = footer.metadata.file_metadata().schema_descr();
    let roots = descriptor.root_schema().get_fields();
    let names = roots
        .iter()
        .map(|root| arrow::datatypes::Field::new(root.name(), arrow::datatypes::DataType::Null, true));
    let file = Schema::new(names.collect::<Vec<_>>());
    let by = match &spec.format {
        Format::Parquet { by_name: false } => ColumnMatch::Position,
        _ => ColumnMatch::Name,
    };
    let positions = file_positions(by, &spec.file_schema, &file).unwrap_or_default();
    spec.projection.iter().filter_map(|at| positions.get(*at).copied().flatten()).collect()
}
