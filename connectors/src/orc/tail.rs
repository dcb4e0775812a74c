//! The end of an ORC file: what it holds and where.
//!
//! ```text
//! … stripes … │ metadata (stripe statistics) │ footer │ postscript │ its length (1 byte)
//! ```
//!
//! Every length and offset is checked against the file's size before it is used.

use std::ops::Range;

use arrow::datatypes::Schema;
use bytes::Bytes;
use datafusion::common::{ColumnStatistics, ScalarValue, Statistics, stats::Precision};
use prost::Message;
use protocol::{ByteClass, Result};
use storage::{ObjectReader, Scheme};

use super::{
    compression::Codec,
    error::OrcError,
    schema::{self, Node, OrcOptions},
    statistics::{self, Trust},
    wire,
};

/// Bytes fetched from the end of a file in the hope that the tail fits.
const TAIL_HINT_BYTES: u64 = 16 << 10;
/// A remote file up to this size is fetched whole: transferring it costs less than a second round trip.
const SMALL_FILE_BYTES: u64 = 128 << 10;
/// Plain bytes of a footer. 10,000 columns and as many stripes take about 1.5 MB.
const FOOTER_BYTES_MAX: u64 = 16 << 20;
/// Bytes of the stripe statistics; larger ones are not used.
const METADATA_BYTES_MAX: u64 = 64 << 20;
/// Rows of one stripe.
const STRIPE_ROWS_MAX: u64 = 1 << 31;
/// Writers before this version wrote string statistics in another order.
const TRUSTED_WRITER_VERSION: u32 = 1;

/// Where one stripe lies and how many rows it has. Its parts lie inside the file and add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StripeRange {
    offset: u64,
    index_bytes: u64,
    data_bytes: u64,
    footer_bytes: u64,
    rows: u64,
}

impl StripeRange {
    /// The stripe with its index and footer, in bytes of the file.
    pub fn range(&self) -> Range<u64> {
        self.offset..self.footer_range().end
    }

    /// Bytes of the data of all columns.
    pub fn data_bytes(&self) -> u64 {
        self.data_bytes
    }

    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Where the stripe's footer lies; its streams lie before it.
    pub(crate) fn footer_range(&self) -> Range<u64> {
        let start = self.offset + self.index_bytes + self.data_bytes;
        start..start + self.footer_bytes
    }
}

/// The parsed tail of one version of one file. Valid as long as the file's ETag.
#[derive(Debug, Clone)]
pub struct OrcTail {
    pub(crate) codec: Codec,
    pub(crate) root: Node,
    pub(crate) row_index_stride: u64,
    pub(crate) string_statistics_trusted: bool,
    /// Length of the tail in the file, in bytes: what reading it is billed.
    pub(crate) billed_bytes: u64,
    rows: u64,
    /// Columns of the file, the root and nested ones included.
    columns: usize,
    stripes: Vec<StripeRange>,
    /// One encoded `ColumnStatistics` per column.
    file_statistics: Vec<Bytes>,
    /// One encoded `StripeStatistics` per stripe, or none at all.
    stripe_statistics: Vec<Bytes>,
}

impl OrcTail {
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// In file order.
    pub fn stripes(&self) -> &[StripeRange] {
        &self.stripes
    }

    /// What the footer says about a table's columns. Only the row count is exact: bounds may be wider
    /// than the values.
    pub fn statistics(&self, table: &Schema, options: OrcOptions) -> Statistics {
        let trust = self.trust();
        let resolved = schema::resolve(&self.root, table, options);
        let columns = resolved.iter().zip(table.fields()).map(|(node, field)| {
            let bounds = match node {
                None => statistics::of_missing(self.rows),
                Some(node) => match self.column_statistics(node) {
                    Some(of) => statistics::bounds(node, field.data_type(), &of, self.rows, trust),
                    None => statistics::Bounds::default(),
                },
            };
            let inexact = |value: Option<ScalarValue>| value.map_or(Precision::Absent, Precision::Inexact);
            let nulls = bounds.null_count.and_then(|count| usize::try_from(count).ok());
            ColumnStatistics {
                null_count: nulls.map_or(Precision::Absent, Precision::Inexact),
                min_value: inexact(bounds.min),
                max_value: inexact(bounds.max),
                ..ColumnStatistics::new_unknown()
            }
        });
        let rows = usize::try_from(self.rows).map_or(Precision::Absent, Precision::Exact);
        Statistics {
            num_rows: rows,
            total_byte_size: Precision::Absent,
            column_statistics: columns.collect(),
        }
    }

    /// Bytes of the file that the columns at `projection` of `table` take, if its writer noted them.
    pub fn column_bytes(&self, table: &Schema, options: OrcOptions, projection: &[usize]) -> Option<u64> {
        let resolved = schema::resolve(&self.root, table, options);
        let mut sum = 0_u64;
        for node in projection.iter().filter_map(|&at| resolved.get(at).copied().flatten()) {
            for column in node.preorder() {
                sum = sum.checked_add(self.column_statistics(column)?.bytes_on_disk?)?;
            }
        }
        Some(sum)
    }

    /// Statistics of one column over the whole file.
    fn column_statistics(&self, of: &Node) -> Option<wire::ColumnStatistics> {
        let encoded = self.file_statistics.get(of.id as usize)?;
        wire::ColumnStatistics::decode(encoded.clone()).ok()
    }

    /// Statistics of one stripe, by column number; empty if there are none.
    pub(crate) fn stripe_statistics(&self, stripe: usize) -> Vec<Bytes> {
        let Some(encoded) = self.stripe_statistics.get(stripe) else { return Vec::new() };
        wire::repeated(encoded, 1, self.columns).unwrap_or_default()
    }

    pub(crate) fn has_stripe_statistics(&self) -> bool {
        !self.stripe_statistics.is_empty()
    }

    /// How far statistics are trusted before a stripe's time zone is known.
    pub(crate) fn trust(&self) -> Trust {
        Trust { strings: self.string_statistics_trusted, utc: false }
    }

    /// Roughly what it takes in memory, in bytes.
    pub(crate) fn memory_bytes(&self) -> u64 {
        let encoded = |items: &[Bytes]| items.iter().map(|item| item.len() as u64 + 32).sum::<u64>();
        let nodes = self.root.preorder().len() as u64 * 128;
        let stripes = self.stripes.len() as u64 * 40;
        encoded(&self.file_statistics) + encoded(&self.stripe_statistics) + nodes + stripes
    }
}

/// Reads and checks the tail. Costs one request, or two when the tail is long.
pub(crate) async fn read(reader: &ObjectReader) -> Result<OrcTail> {
    let location = &reader.object().location;
    let corrupt = |what: &str| OrcError::corrupt(what).at(location);
    let size = reader.object().size;
    let small = location.scheme == Scheme::S3 && size <= SMALL_FILE_BYTES;
    reader.prefetch_tail(if small { size } else { TAIL_HINT_BYTES }).await?;
    let Some(last) = size.checked_sub(1) else { return Err(corrupt("it is empty")) };
    let length = reader.range(ByteClass::Footer, last..size).await?;
    let length = length.first().copied().map_or(0, u64::from);
    let Some(start) = last.checked_sub(length) else {
        return Err(corrupt("its postscript is longer than the file"));
    };
    let postscript = reader.range(ByteClass::Footer, start..last).await?;
    let postscript = read_postscript(postscript).map_err(|error| error.at(location))?;
    let footer_length = postscript.footer_length.unwrap_or_default();
    let metadata_length = postscript.metadata_length.unwrap_or_default();
    let footer_start = start.checked_sub(footer_length);
    let metadata_start = footer_start.and_then(|start| start.checked_sub(metadata_length));
    let (Some(footer_start), Some(metadata_start)) = (footer_start, metadata_start) else {
        return Err(corrupt("its footer is longer than the file"));
    };
    let use_metadata = metadata_length <= METADATA_BYTES_MAX;
    let first = if use_metadata { metadata_start } else { footer_start };
    if footer_length > FOOTER_BYTES_MAX {
        return Err(corrupt(&format!("its footer has more than {FOOTER_BYTES_MAX} bytes")));
    }
    let mut metadata = reader.range(ByteClass::Footer, first..start).await?;
    let footer = metadata.split_off(usize::try_from(footer_start - first).unwrap_or(usize::MAX));
    let sections = Sections { footer, metadata, metadata_start, billed_bytes: size - first };
    parse(&postscript, sections).map_err(|error| error.at(location))
}

/// The compressed sections of a tail.
struct Sections {
    footer: Bytes,
    /// Empty when there is none, or when it is too large.
    metadata: Bytes,
    metadata_start: u64,
    billed_bytes: u64,
}

fn read_postscript(bytes: Bytes) -> Result<wire::PostScript, OrcError> {
    let postscript = wire::PostScript::decode(bytes)
        .map_err(|_| OrcError::corrupt("its last bytes are no ORC postscript"))?;
    // Files of Hive 0.11 have no magic here.
    if postscript.magic.as_deref().is_some_and(|magic| magic != "ORC") {
        return Err(OrcError::corrupt("its last bytes are no ORC postscript"));
    }
    Ok(postscript)
}

fn parse(postscript: &wire::PostScript, sections: Sections) -> Result<OrcTail, OrcError> {
    let codec = Codec::new(postscript.compression.unwrap_or_default(), postscript.compression_block_size)?;
    let footer = codec.inflate(&sections.footer, FOOTER_BYTES_MAX)?;
    let footer =
        wire::Footer::decode(footer).map_err(|_| OrcError::corrupt("its footer cannot be decoded"))?;
    if footer.encryption.as_ref().is_some_and(|of| !of.variants.is_empty()) {
        return Err(OrcError::NotSupported("it has encrypted columns".to_owned()));
    }
    let root = schema::parse(&footer.types)?;
    let stripes = stripes(&footer, sections.metadata_start)?;
    let rows = stripes.iter().map(|stripe| stripe.rows).sum();
    if footer.number_of_rows.is_some_and(|stated| stated != rows) {
        return Err(OrcError::corrupt("its stripes have another number of rows than the file"));
    }
    Ok(OrcTail {
        codec,
        root,
        row_index_stride: u64::from(footer.row_index_stride.unwrap_or_default()),
        string_statistics_trusted: postscript.writer_version >= Some(TRUSTED_WRITER_VERSION),
        billed_bytes: sections.billed_bytes,
        rows,
        columns: footer.types.len(),
        stripe_statistics: stripe_statistics(codec, &sections.metadata, stripes.len()),
        stripes,
        file_statistics: footer.statistics,
    })
}

fn stripes(footer: &wire::Footer, end: u64) -> Result<Vec<StripeRange>, OrcError> {
    let mut stripes = Vec::with_capacity(footer.stripes.len());
    let mut free_from = 0;
    for of in &footer.stripes {
        let stripe = StripeRange {
            offset: of.offset.unwrap_or_default(),
            index_bytes: of.index_length.unwrap_or_default(),
            data_bytes: of.data_length.unwrap_or_default(),
            footer_bytes: of.footer_length.unwrap_or_default(),
            rows: of.number_of_rows.unwrap_or_default(),
        };
        let parts = [stripe.index_bytes, stripe.data_bytes, stripe.footer_bytes];
        let stripe_end = parts.iter().try_fold(stripe.offset, |at, &part| at.checked_add(part));
        if stripe.offset < free_from || stripe_end.is_none_or(|at| at > end) {
            return Err(OrcError::corrupt("a stripe lies outside the file's data"));
        }
        if stripe.rows > STRIPE_ROWS_MAX {
            return Err(OrcError::corrupt(format!("a stripe has more than {STRIPE_ROWS_MAX} rows")));
        }
        free_from = stripe_end.unwrap_or(end);
        stripes.push(stripe);
    }
    Ok(stripes)
}

/// Statistics only help; when they are damaged, they are done without.
fn stripe_statistics(codec: Codec, metadata: &Bytes, stripes: usize) -> Vec<Bytes> {
    let plain = codec.inflate(metadata, METADATA_BYTES_MAX);
    let found = plain.and_then(|plain| wire::repeated(&plain, 1, stripes));
    found.ok().filter(|found| found.len() == stripes).unwrap_or_default()
}
