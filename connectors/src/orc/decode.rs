//! Decodes one stripe.
//!
//! The decoder library trusts its input: it reads every stream, lets compressed chunks grow, allocates
//! what lengths say and panics on most damage. So it never sees the file. A checked stripe is written
//! again as a small ORC file in memory that holds the wanted columns only, decompressed here:
//!
//! ```text
//! stream 1 │ stream 2 │ … │ padding │ stripe footer │ footer │ postscript │ length
//! └── each one buffer ────┘└── one buffer, so that the library's first read falls inside ──┘
//! ```
//!
//! What can still go wrong inside the library ends in an error, panics included.

use std::{
    collections::HashSet,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    str::FromStr,
    sync::Arc,
};

use arrow::{
    array::{ArrayRef, RecordBatch, timezone::Tz},
    datatypes::{Field, Schema},
};
use bytes::{Buf, Bytes};
use orc_rust::{
    array_decoder::NaiveStripeDecoder,
    reader::{ChunkReader, metadata::read_metadata},
    stripe::Stripe,
};
use prost::Message;

use super::{
    adapt,
    check::{self, Streams},
    compression::{Codec, frame},
    error::OrcError,
    schema::{Kind, Node},
    stripe::{Fetched, is_utc},
    wire,
};

/// Plain bytes of the wanted streams of one stripe. Writers end a stripe at 64 to 256 MiB.
const STRIPE_BYTES_MAX: u64 = 1 << 30;
/// The library's first read: the last bytes of the file.
const FIRST_READ_BYTES: usize = 16 << 10;
/// Compression kind the rewritten file claims: its chunks say of themselves that they are plain.
const CLAIMED_COMPRESSION: i32 = 1;

/// A stripe being decoded, batch by batch.
pub(crate) struct Decoder {
    batches: NaiveStripeDecoder,
    columns: usize,
    rows_left: u64,
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decoder").field("rows_left", &self.rows_left).finish_non_exhaustive()
    }
}

impl Decoder {
    /// Prepares `columns`, root columns of the file, for decoding.
    pub(crate) fn new(
        stripe: Fetched,
        columns: &[Node],
        codec: Codec,
        batch_rows_max: usize,
    ) -> Result<Self, OrcError> {
        let rows = stripe.rows;
        let streams = inflate(&stripe, codec)?;
        let batch_rows = check::check(columns, rows, &streams, &stripe.footer.columns)?;
        let batch_rows =
            usize::try_from(batch_rows).unwrap_or(usize::MAX).min(batch_rows_max).max(1);
        let zone = zone(stripe.footer.writer_timezone.as_deref(), columns)?;
        let file = rewrite(columns, rows, streams, &stripe.footer.columns, zone)?;
        let fields = columns.iter().enumerate();
        // Names only have to differ.
        let fields =
            fields.map(|(at, node)| Field::new(at.to_string(), adapt::decoded_type(node), true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let batches = guarded(move || {
            let mut file = file;
            let metadata = read_metadata(&mut file)?;
            let only = metadata.stripe_metadatas().first().cloned();
            let Some(only) = only else { return Ok(None) };
            let stripe = Stripe::new(&mut file, &metadata, metadata.root_data_type(), &only)?;
            NaiveStripeDecoder::new(stripe, schema, batch_rows).map(Some)
        })?;
        let batches = batches.ok_or_else(|| OrcError::corrupt("a stripe is lost"))?;
        Ok(Self { batches, columns: columns.len(), rows_left: rows })
    }

    /// The next batch's columns, in the order given to [`Self::new`], with their number of rows.
    pub(crate) fn next(&mut self) -> Result<Option<(Vec<ArrayRef>, usize)>, OrcError> {
        let next = guarded(|| self.batches.next().transpose())?;
        let Some(batch) = next.filter(|_| self.rows_left > 0) else {
            return if self.rows_left == 0 { Ok(None) } else { Err(lost_rows()) };
        };
        let rows = batch.num_rows();
        self.rows_left = self.rows_left.checked_sub(rows as u64).ok_or_else(lost_rows)?;
        if batch.num_columns() != self.columns || rows == 0 {
            return Err(lost_rows());
        }
        Ok(Some((RecordBatch::columns(&batch).to_vec(), rows)))
    }
}

fn lost_rows() -> OrcError {
    OrcError::corrupt("a stripe holds another number of rows than it says")
}

/// Runs the library, making both its errors and its panics ours.
fn guarded<T>(work: impl FnOnce() -> orc_rust::error::Result<T>) -> Result<T, OrcError> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(failure)) => Err(OrcError::corrupt(failure.to_string())),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text =
                text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it is damaged");
            Err(OrcError::corrupt(text))
        }
    }
}

fn inflate(stripe: &Fetched, codec: Codec) -> Result<Streams, OrcError> {
    let mut left = STRIPE_BYTES_MAX;
    let mut streams = Streams::with_capacity(stripe.streams.len());
    for (stream, bytes) in &stripe.streams {
        let plain = codec.inflate(bytes, left)?;
        left = left.saturating_sub(plain.len() as u64);
        if streams.insert((stream.column, stream.kind), plain).is_some() {
            return Err(OrcError::corrupt("a stripe has two streams of one kind for one column"));
        }
    }
    Ok(streams)
}

/// The writer's time zone in a spelling the library knows; absent for UTC, or if nobody needs it.
fn zone(name: Option<&str>, columns: &[Node]) -> Result<Option<String>, OrcError> {
    let needed = columns.iter().flat_map(Node::preorder).any(|node| node.kind == Kind::Timestamp);
    let Some(name) = name.filter(|_| needed && !is_utc(name)) else { return Ok(None) };
    let unknown = || OrcError::corrupt(format!("its time zone {name:?} is unknown"));
    // Java's zones of fixed offset; in the Etc area signs are the other way round.
    let offset = name.strip_prefix("GMT").or_else(|| name.strip_prefix("UTC"));
    if let Some((sign, hours)) = offset.and_then(|offset| offset.split_at_checked(1))
        && matches!(sign, "+" | "-")
    {
        let hours = hours.strip_suffix(":00").unwrap_or(hours);
        let hours: u8 = hours.parse().map_err(|_| unknown())?;
        let sign = if sign == "+" { "-" } else { "+" };
        return if hours <= 12 {
            Ok(Some(format!("Etc/GMT{sign}{hours}")))
        } else {
            Err(unknown())
        };
    }
    let known = !name.starts_with(['+', '-']) && Tz::from_str(name).is_ok();
    if known { Ok(Some(name.to_owned())) } else { Err(unknown()) }
}

/// The stripe as an ORC file of its own, with columns numbered anew.
fn rewrite(
    columns: &[Node],
    rows: u64,
    mut streams: Streams,
    encodings: &[wire::ColumnEncoding],
    zone: Option<String>,
) -> Result<Memory, OrcError> {
    let nodes: Vec<&Node> = columns.iter().flat_map(Node::preorder).collect();
    let mut memory = Memory { buffers: Vec::new(), length: 0 };
    let root_encoding = wire::ColumnEncoding { kind: Some(0), dictionary_size: None };
    let mut footer = wire::StripeFooter {
        streams: Vec::new(),
        columns: vec![root_encoding],
        writer_timezone: zone,
    };
    for (at, node) in nodes.iter().enumerate() {
        let encoding = encodings.get(node.id as usize).cloned();
        let encoding = encoding
            .ok_or_else(|| OrcError::corrupt(format!("column {} has no encoding", node.id)))?;
        footer.columns.push(encoding);
        let mut kinds: Vec<_> = streams.keys().filter(|key| key.0 == node.id).copied().collect();
        kinds.sort_unstable();
        for key in kinds {
            let framed = frame(&streams.remove(&key).unwrap_or_default());
            footer.streams.push(wire::Stream {
                kind: Some(key.1),
                column: u32::try_from(at + 1).ok(),
                length: Some(framed.len() as u64),
            });
            memory.push(framed);
        }
    }
    let data_length = memory.length;
    memory.push(end(columns, rows, data_length, &footer));
    Ok(memory)
}

/// Padding, stripe footer, footer and postscript.
fn end(columns: &[Node], rows: u64, data_length: u64, footer: &wire::StripeFooter) -> Bytes {
    let stripe_footer = frame(&footer.encode_to_vec());
    let stripe = wire::StripeInformation {
        offset: Some(0),
        index_length: Some(0),
        data_length: Some(data_length + FIRST_READ_BYTES as u64),
        footer_length: Some(stripe_footer.len() as u64),
        number_of_rows: Some(rows),
    };
    let footer = wire::Footer {
        stripes: vec![stripe],
        types: types(columns),
        number_of_rows: Some(rows),
        ..wire::Footer::default()
    };
    let footer = frame(&footer.encode_to_vec());
    let postscript = wire::PostScript {
        footer_length: Some(footer.len() as u64),
        compression: Some(CLAIMED_COMPRESSION),
        metadata_length: Some(0),
        ..wire::PostScript::default()
    }
    .encode_to_vec();
    let mut end = vec![0; FIRST_READ_BYTES];
    end.extend_from_slice(&stripe_footer);
    end.extend_from_slice(&footer);
    end.extend_from_slice(&postscript);
    end.push(u8::try_from(postscript.len()).unwrap_or_default());
    end.into()
}

fn types(columns: &[Node]) -> Vec<wire::Type> {
    let mut types = vec![wire::Type { kind: Some(Kind::Struct.number()), ..wire::Type::default() }];
    for (at, column) in columns.iter().enumerate() {
        let child = u32::try_from(types.len()).unwrap_or(u32::MAX);
        if let Some(root) = types.first_mut() {
            root.subtypes.push(child);
            root.field_names.push(at.to_string());
        }
        push_type(column, &mut types);
    }
    types
}

fn push_type(node: &Node, types: &mut Vec<wire::Type>) {
    let at = types.len();
    let (precision, scale) = match node.kind {
        Kind::Decimal { precision, scale } => (Some(precision), Some(scale)),
        _ => (None, None),
    };
    types.push(wire::Type {
        kind: Some(node.kind.number()),
        precision,
        scale,
        ..wire::Type::default()
    });
    for (index, (_, child)) in node.children.iter().enumerate() {
        let id = u32::try_from(types.len()).unwrap_or(u32::MAX);
        if let Some(of) = types.get_mut(at) {
            of.subtypes.push(id);
            if node.kind == Kind::Struct {
                of.field_names.push(index.to_string());
            }
        }
        push_type(child, types);
    }
}

/// The rewritten file: buffers one after the other.
#[derive(Debug)]
struct Memory {
    /// With the offset of their first byte.
    buffers: Vec<(u64, Bytes)>,
    length: u64,
}

impl Memory {
    fn push(&mut self, buffer: Bytes) {
        let start = self.length;
        self.length += buffer.len() as u64;
        self.buffers.push((start, buffer));
    }
}

impl ChunkReader for Memory {
    type T = bytes::buf::Reader<Bytes>;

    fn len(&self) -> u64 {
        self.length
    }

    fn get_read(&self, offset: u64) -> io::Result<Self::T> {
        let at = self.buffers.partition_point(|(start, _)| *start <= offset);
        let (start, buffer) = at
            .checked_sub(1)
            .and_then(|at| self.buffers.get(at))
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        let skip = usize::try_from(offset - start).map_err(io::Error::other)?;
        if skip > buffer.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(buffer.slice(skip..).reader())
    }

    /// Without a copy; a read never spans two buffers.
    fn get_bytes(&self, offset: u64, length: u64) -> io::Result<Bytes> {
        if length == 0 {
            return Ok(Bytes::new());
        }
        let mut rest = self.get_read(offset)?.into_inner();
        let length = usize::try_from(length).map_err(io::Error::other)?;
        if length > rest.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(rest.split_to(length))
    }
}

/// The numbers of `columns` and all that is below them.
pub(crate) fn column_ids(columns: &[Node]) -> HashSet<u32> {
    columns.iter().flat_map(Node::preorder).map(|node| node.id).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_known_or_refused() {
        let timestamp = [Node { id: 1, kind: Kind::Timestamp, children: Vec::new() }];
        let check = |name: &str, expected: Option<Option<&str>>| {
            let found = zone(Some(name), &timestamp).ok();
            assert_eq!(found, expected.map(|name| name.map(str::to_owned)), "{name}");
        };
        check("UTC", Some(None));
        check("GMT", Some(None));
        check("America/Los_Angeles", Some(Some("America/Los_Angeles")));
        check("GMT+08:00", Some(Some("Etc/GMT-8")));
        check("GMT-3", Some(Some("Etc/GMT+3")));
        check("GMT+05:30", None);
        check("GMT+99", None);
        check("+02:00", None);
        check("Middle/Earth", None);
        assert_eq!(zone(Some("Middle/Earth"), &[]).unwrap(), None);
    }
}
