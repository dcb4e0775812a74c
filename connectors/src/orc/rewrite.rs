//! A stripe as a small ORC file in memory, for the decoder library.
//!
//! ```text
//! stream 1 │ stream 2 │ … │ padding │ stripe footer │ footer │ postscript │ length
//! └── each one buffer ────┘└── one buffer, so that the library's first read falls inside ──┘
//! ```
//!
//! It holds the wanted columns only, numbered anew, with their streams decompressed.

use std::io;

use bytes::{Buf, Bytes};
use orc_rust::reader::ChunkReader;
use prost::Message;

use super::{
    check::Streams,
    compression::frame,
    error::OrcError,
    schema::{Kind, Node},
    timestamps, wire,
};

/// The library's first read: the last bytes of the file.
const FIRST_READ_BYTES: usize = 16 << 10;
/// Compression kind the file claims: its chunks say of themselves that they are plain.
const CLAIMED_COMPRESSION: i32 = 1;

/// The file. Columns that are timestamps must have been replaced by decimals.
pub(crate) fn rewrite(
    columns: &[Node],
    rows: u64,
    mut streams: Streams,
    encodings: &[wire::ColumnEncoding],
) -> Result<Memory, OrcError> {
    let nodes: Vec<&Node> = columns.iter().flat_map(Node::preorder).collect();
    let mut memory = Memory { buffers: Vec::new(), length: 0 };
    let root_encoding = wire::ColumnEncoding { kind: Some(0), dictionary_size: None };
    let mut footer =
        wire::StripeFooter { streams: Vec::new(), columns: vec![root_encoding], writer_timezone: None };
    for (at, node) in nodes.iter().enumerate() {
        let encoding = encodings.get(node.id as usize).cloned();
        let encoding =
            encoding.ok_or_else(|| OrcError::corrupt(format!("column {} has no encoding", node.id)))?;
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
    let kind = match node.kind {
        Kind::Timestamp | Kind::TimestampInstant => {
            let precision = u32::from(timestamps::PRECISION);
            Kind::Decimal { precision, scale: u32::from(timestamps::SCALE.unsigned_abs()) }
        }
        other => other,
    };
    let (precision, scale) = match kind {
        Kind::Decimal { precision, scale } => (Some(precision), Some(scale)),
        _ => (None, None),
    };
    types.push(wire::Type { kind: Some(kind.number()), precision, scale, ..wire::Type::default() });
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
pub(crate) struct Memory {
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
        let (start, buffer) =
            at.checked_sub(1).and_then(|at| self.buffers.get(at)).ok_or(io::ErrorKind::UnexpectedEof)?;
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
