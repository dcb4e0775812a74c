//! Fetches what is needed of some stripes, in few requests.
//!
//! ```text
//! stripe = index streams │ data streams │ footer
//! 1. footers of all stripes of the group                     (class footer)
//! 2. row indexes of the predicate's columns, if they can skip (class index)
//! 3. data streams of the wanted columns of what is left       (class data)
//! ```

use bytes::Bytes;
use prost::Message;
use protocol::{ByteClass, Result};

use super::{
    error::OrcError,
    prune::{Container, Pruner},
    scan::Scan,
    schema::Node,
    statistics::Trust,
    tail::StripeRange,
    wire::{self, stream},
};

/// Plain bytes of a stripe's footer.
const STRIPE_FOOTER_BYTES_MAX: u64 = 16 << 20;
/// Plain bytes of one column's row index in a stripe.
const ROW_INDEX_BYTES_MAX: u64 = 64 << 20;

/// A stripe whose wanted streams are in memory, as stored.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) rows: u64,
    pub(crate) footer: wire::StripeFooter,
    pub(crate) streams: Vec<(Stream, Bytes)>,
}

/// A stream of a stripe and where it lies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stream {
    pub(crate) column: u32,
    pub(crate) kind: i32,
    start: u64,
    end: u64,
}

struct Opened {
    range: StripeRange,
    footer: wire::StripeFooter,
    streams: Vec<Stream>,
}

/// Fetches the stripes of a group, without those that the row index rules out.
pub(crate) async fn fetch(scan: &Scan, stripes: &[usize]) -> Result<Vec<Fetched>> {
    let ranges: Vec<_> = stripes.iter().filter_map(|&at| scan.tail.stripes().get(at).copied()).collect();
    let mut opened = open(scan, &ranges).await?;
    if let Some(pruner) = &scan.pruner {
        opened = prune(scan, pruner, opened).await?;
    }
    let wanted: Vec<Vec<_>> = opened.iter().map(|stripe| wanted(scan, stripe)).collect();
    let bytes = read(scan, ByteClass::Data, wanted.iter().flatten()).await?;
    let mut bytes = bytes.into_iter();
    let fetched = opened.into_iter().zip(wanted).map(|(stripe, streams)| Fetched {
        rows: stripe.range.rows(),
        footer: stripe.footer,
        streams: streams.into_iter().zip(bytes.by_ref()).collect(),
    });
    Ok(fetched.collect())
}

async fn open(scan: &Scan, ranges: &[StripeRange]) -> Result<Vec<Opened>> {
    let footers: Vec<_> = ranges.iter().map(StripeRange::footer_range).collect();
    let footers = scan.reader.ranges(ByteClass::Footer, &footers).await?;
    let opened = ranges.iter().zip(footers).map(|(range, footer)| open_one(scan, *range, &footer));
    opened.collect::<Result<_, _>>().map_err(|error| error.at(scan.location()))
}

fn open_one(scan: &Scan, range: StripeRange, footer: &Bytes) -> Result<Opened, OrcError> {
    let footer = scan.tail.codec.inflate(footer, STRIPE_FOOTER_BYTES_MAX)?;
    let footer = wire::StripeFooter::decode(footer)
        .map_err(|_| OrcError::corrupt("a stripe's footer cannot be decoded"))?;
    let mut streams = Vec::with_capacity(footer.streams.len());
    let mut start = range.range().start;
    for of in &footer.streams {
        let end = start.checked_add(of.length.unwrap_or_default());
        let Some(end) = end.filter(|&end| end <= range.footer_range().start) else {
            return Err(OrcError::corrupt("a stream lies outside its stripe"));
        };
        let (column, kind) = (of.column.unwrap_or_default(), of.kind.unwrap_or_default());
        streams.push(Stream { column, kind, start, end });
        start = end;
    }
    Ok(Opened { range, footer, streams })
}

fn wanted(scan: &Scan, stripe: &Opened) -> Vec<Stream> {
    let needed = |kind| {
        matches!(
            kind,
            stream::PRESENT | stream::DATA | stream::LENGTH | stream::DICTIONARY_DATA | stream::SECONDARY
        )
    };
    let streams = stripe.streams.iter();
    let wanted = streams.filter(|of| needed(of.kind) && scan.file_columns.contains(&of.column));
    wanted.copied().collect()
}

async fn read<'a>(
    scan: &Scan,
    class: ByteClass,
    streams: impl Iterator<Item = &'a Stream>,
) -> Result<Vec<Bytes>> {
    let ranges: Vec<_> = streams.map(|stream| stream.start..stream.end).collect();
    if ranges.is_empty() { Ok(Vec::new()) } else { scan.reader.ranges(class, &ranges).await }
}

/// Drops the stripes in which no row group can satisfy the predicate.
async fn prune(scan: &Scan, pruner: &Pruner, opened: Vec<Opened>) -> Result<Vec<Opened>> {
    let indexes: Vec<Vec<_>> = opened.iter().map(|stripe| index_streams(scan, pruner, stripe)).collect();
    let bytes = read(scan, ByteClass::Index, indexes.iter().flatten()).await?;
    let mut bytes = bytes.into_iter();
    let mut kept = Vec::with_capacity(opened.len());
    for (stripe, streams) in opened.into_iter().zip(indexes) {
        let index: Vec<_> = streams.into_iter().zip(bytes.by_ref()).collect();
        let keep = index.is_empty()
            || may_match(scan, pruner, &stripe, &index).map_err(|error| error.at(scan.location()))?;
        if keep {
            kept.push(stripe);
        }
    }
    Ok(kept)
}

/// The index streams that can tell more than the stripe's own statistics did.
fn index_streams(scan: &Scan, pruner: &Pruner, stripe: &Opened) -> Vec<Stream> {
    let stride = scan.tail.row_index_stride;
    if stride == 0 || (stripe.range.rows() <= stride && scan.tail.has_stripe_statistics()) {
        return Vec::new();
    }
    let columns: Vec<_> = pruner.file_columns().filter(|of| of.children.is_empty()).collect();
    let used =
        |of: &&Stream| of.kind == stream::ROW_INDEX && columns.iter().any(|column| column.id == of.column);
    stripe.streams.iter().filter(used).copied().collect()
}

fn may_match(
    scan: &Scan,
    pruner: &Pruner,
    stripe: &Opened,
    index: &[(Stream, Bytes)],
) -> Result<bool, OrcError> {
    let groups = stripe.range.rows().div_ceil(scan.tail.row_index_stride);
    let groups = usize::try_from(groups).unwrap_or(usize::MAX);
    let mut entries = Vec::with_capacity(index.len());
    for (stream, bytes) in index {
        let plain = scan.tail.codec.inflate(bytes, ROW_INDEX_BYTES_MAX)?;
        let of_column = wire::repeated(&plain, 1, groups)?;
        // An index of another length says nothing about which rows its entries are of.
        if of_column.len() == groups {
            entries.push((stream.column, of_column));
        }
    }
    if entries.is_empty() {
        return Ok(true);
    }
    let trust = Trust {
        strings: scan.tail.string_statistics_trusted,
        utc: is_utc(stripe.footer.writer_timezone.as_deref()),
    };
    let containers: Vec<_> =
        (0..groups).map(|group| row_group(scan, pruner, stripe, group, &entries, trust)).collect();
    Ok(pruner.keep(&containers).contains(&true))
}

fn row_group(
    scan: &Scan,
    pruner: &Pruner,
    stripe: &Opened,
    group: usize,
    entries: &[(u32, Vec<Bytes>)],
    trust: Trust,
) -> Container {
    let stride = scan.tail.row_index_stride;
    let rows = stripe.range.rows().saturating_sub(stride.saturating_mul(group as u64)).min(stride);
    pruner.container(rows, trust, |node: &Node| {
        let (_, of_column) = entries.iter().find(|(column, _)| *column == node.id)?;
        wire::RowIndexEntry::decode(of_column.get(group)?.clone()).ok()?.statistics
    })
}

/// True if timestamps were stored without a shift.
pub(crate) fn is_utc(zone: Option<&str>) -> bool {
    matches!(zone, None | Some("" | "UTC" | "GMT" | "Etc/UTC" | "Etc/GMT" | "Z" | "Zulu"))
}
