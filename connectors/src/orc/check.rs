//! Checks that a stripe's streams hold as many values as its rows need, before they are decoded.
//!
//! Presence bits and lengths are walked from the rows downwards, so that the number of values of every
//! column, nested ones included, is known. What cannot be counted without decoding (integers, for
//! example) is bounded by the best compression the encodings allow. After this check the decoder
//! cannot be made to allocate more than a fixed multiple of the stripe's plain bytes.

use std::collections::HashMap;

use bytes::Bytes;

use super::{
    error::OrcError,
    run_length::{self, Version},
    schema::{Kind, Node},
    wire::{ColumnEncoding, stream},
};

/// The most values one byte can stand for: a run of 130 bytes of 8 booleans takes 2 bytes.
const VALUES_PER_BYTE_MAX: u64 = 520;
/// Decoded bytes one batch may hold, roughly; batches get fewer rows when they would be larger.
const BATCH_BYTES_MAX: u64 = 128 << 20;
/// Bytes a decoded fixed-width value takes at most, with its share of buffers.
const VALUE_BYTES: u64 = 32;

/// Plain streams by column and kind.
pub(crate) type Streams = HashMap<(u32, i32), Bytes>;

/// What the check found out.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    /// Rows that a batch may have.
    pub(crate) batch_rows_max: u64,
    /// Number of values of the columns that are timestamps.
    pub(crate) timestamps: HashMap<u32, u64>,
}

/// Checks the streams of `columns` in a stripe with `rows` rows.
pub(crate) fn check(
    columns: &[Node],
    rows: u64,
    streams: &Streams,
    encodings: &[ColumnEncoding],
) -> Result<Checked, OrcError> {
    let found = Checked { batch_rows_max: u64::MAX, ..Checked::default() };
    let mut checker = Checker { streams, encodings, found };
    for column in columns {
        checker.column(column, Count { total: rows, per_row_max: 1 })?;
    }
    Ok(checker.found)
}

/// How many values of a column there are, and how many one row has at most.
#[derive(Clone, Copy)]
struct Count {
    total: u64,
    per_row_max: u64,
}

struct Checker<'a> {
    streams: &'a Streams,
    encodings: &'a [ColumnEncoding],
    found: Checked,
}

impl Checker<'_> {
    fn column(&mut self, of: &Node, count: Count) -> Result<(), OrcError> {
        let present = match self.streams.get(&(of.id, stream::PRESENT)) {
            Some(bits) => run_length::ones(bits, count.total)?,
            None => count.total,
        };
        let values = Count { total: present, ..count };
        self.limit_batch(count, VALUE_BYTES);
        match of.kind {
            Kind::Boolean => self.packed(of, stream::DATA, present, VALUES_PER_BYTE_MAX),
            Kind::Byte | Kind::Short | Kind::Int | Kind::Long | Kind::Date => {
                self.packed(of, stream::DATA, present, VALUES_PER_BYTE_MAX)
            }
            Kind::Float => self.plain(of, present.saturating_mul(4)),
            Kind::Double => self.plain(of, present.saturating_mul(8)),
            Kind::Timestamp | Kind::TimestampInstant => {
                self.found.timestamps.insert(of.id, present);
                self.packed(of, stream::DATA, present, VALUES_PER_BYTE_MAX)?;
                self.packed(of, stream::SECONDARY, present, VALUES_PER_BYTE_MAX)
            }
            Kind::Decimal { .. } => {
                self.plain(of, present)?;
                self.packed(of, stream::SECONDARY, present, VALUES_PER_BYTE_MAX)
            }
            Kind::String | Kind::Varchar | Kind::Char if self.is_dictionary(of)? => {
                self.dictionary(of, values)
            }
            Kind::String | Kind::Varchar | Kind::Char | Kind::Binary => {
                let (sum, longest) = self.lengths(of, present)?;
                self.limit_batch(Count { total: sum, ..values }, longest);
                self.plain(of, sum)
            }
            Kind::Struct => self.children(of, values),
            Kind::List | Kind::Map => {
                let (sum, longest) = self.lengths(of, present)?;
                let per_row_max = values.per_row_max.saturating_mul(longest.max(1));
                self.children(of, Count { total: sum, per_row_max })
            }
            Kind::Union => self.union(of, values),
            Kind::Unknown(number) => {
                Err(OrcError::NotSupported(format!("column type {number} is not supported")))
            }
        }
    }

    fn children(&mut self, of: &Node, count: Count) -> Result<(), OrcError> {
        of.children.iter().try_for_each(|(_, child)| self.column(child, count))
    }

    /// Entries of a union are spread over its variants by their tags.
    fn union(&mut self, of: &Node, values: Count) -> Result<(), OrcError> {
        let mut counts = vec![0_u64; of.children.len()];
        run_length::bytes(self.stream(of, stream::DATA), values.total, |tag, repeats| {
            let of_tag = counts.get_mut(usize::from(tag));
            let of_tag = of_tag.ok_or_else(|| OrcError::corrupt("a union has an unknown variant"))?;
            *of_tag += repeats;
            Ok(())
        })?;
        for ((_, child), total) in of.children.iter().zip(counts) {
            self.column(child, Count { total, ..values })?;
        }
        Ok(())
    }

    fn dictionary(&mut self, of: &Node, values: Count) -> Result<(), OrcError> {
        let entries = self.encoding(of)?.dictionary_size.unwrap_or_default();
        let (sum, longest) = self.lengths(of, u64::from(entries))?;
        if sum > self.stream(of, stream::DICTIONARY_DATA).len() as u64 {
            return Err(too_few(of));
        }
        self.limit_batch(values, longest);
        self.packed(of, stream::DATA, values.total, VALUES_PER_BYTE_MAX)
    }

    /// Sum and maximum of the first `count` lengths.
    fn lengths(&self, of: &Node, count: u64) -> Result<(u64, u64), OrcError> {
        let (mut sum, mut longest) = (0_u64, 0);
        let version = self.version(of)?;
        run_length::integers(self.stream(of, stream::LENGTH), version, count, |value, repeats| {
            let more = value.checked_mul(repeats).and_then(|more| sum.checked_add(more));
            sum = more.ok_or_else(|| too_few(of))?;
            longest = longest.max(value);
            Ok(())
        })?;
        Ok((sum, longest))
    }

    fn packed(&self, of: &Node, kind: i32, count: u64, per_byte: u64) -> Result<(), OrcError> {
        let bytes = self.stream(of, kind).len() as u64;
        if count.div_ceil(per_byte) > bytes { Err(too_few(of)) } else { Ok(()) }
    }

    fn plain(&self, of: &Node, bytes: u64) -> Result<(), OrcError> {
        if bytes > self.stream(of, stream::DATA).len() as u64 { Err(too_few(of)) } else { Ok(()) }
    }

    /// `count` values of `bytes` each must not make a batch too large.
    fn limit_batch(&mut self, count: Count, bytes: u64) {
        if count.total.saturating_mul(bytes) > BATCH_BYTES_MAX {
            let row_bytes = count.per_row_max.saturating_mul(bytes).max(1);
            let rows = (BATCH_BYTES_MAX / row_bytes).max(1);
            self.found.batch_rows_max = self.found.batch_rows_max.min(rows);
        }
    }

    fn stream(&self, of: &Node, kind: i32) -> &[u8] {
        self.streams.get(&(of.id, kind)).map_or(&[], Bytes::as_ref)
    }

    fn encoding(&self, of: &Node) -> Result<&ColumnEncoding, OrcError> {
        let encoding = self.encodings.get(of.id as usize);
        encoding.ok_or_else(|| OrcError::corrupt(format!("column {} has no encoding", of.id)))
    }

    fn is_dictionary(&self, of: &Node) -> Result<bool, OrcError> {
        Ok(matches!(self.encoding(of)?.kind, Some(1 | 3)))
    }

    fn version(&self, of: &Node) -> Result<Version, OrcError> {
        version(self.encoding(of)?)
    }
}

/// Which integer encoding a column has.
pub(crate) fn version(of: &ColumnEncoding) -> Result<Version, OrcError> {
    match of.kind.unwrap_or_default() {
        0 | 1 => Ok(Version::V1),
        2 | 3 => Ok(Version::V2),
        other => Err(OrcError::corrupt(format!("a column has the unknown encoding {other}"))),
    }
}

fn too_few(of: &Node) -> OrcError {
    OrcError::corrupt(format!("column {} has fewer values than the stripe has rows", of.id))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn of(kind: Kind, id: u32, children: &[Node]) -> Node {
        let children = children.iter().map(|child| (String::new(), child.clone())).collect();
        Node { id, kind, children }
    }

    /// Columns are encoded with the first integer encoding; `dictionary_size` is of column 1.
    fn batch_rows(
        column: &Node,
        rows: u64,
        streams: &[(u32, i32, &[u8])],
        dictionary_size: Option<u32>,
    ) -> Result<u64, OrcError> {
        let streams = streams
            .iter()
            .map(|(column, kind, bytes)| ((*column, *kind), Bytes::copy_from_slice(bytes)))
            .collect();
        let kind = Some(i32::from(dictionary_size.is_some()));
        let encodings = vec![ColumnEncoding { kind, dictionary_size }; 3];
        let checked = check(std::slice::from_ref(column), rows, &streams, &encodings)?;
        Ok(checked.batch_rows_max)
    }

    #[test]
    fn counts_are_followed_downwards() {
        let list = of(Kind::List, 1, &[of(Kind::Double, 2, &[])]);
        // A run of three lengths of 2.
        let lengths: (u32, i32, &[u8]) = (1, stream::LENGTH, &[0, 0, 2]);
        let check = |rows, streams: &[(u32, i32, &[u8])], fits: bool| {
            assert_eq!(batch_rows(&list, rows, streams, None).is_ok(), fits, "{rows} {streams:?}");
        };
        check(3, &[lengths, (2, stream::DATA, &[0; 48])], true);
        check(3, &[lengths, (2, stream::DATA, &[0; 47])], false);
        check(4, &[lengths, (2, stream::DATA, &[0; 99])], false);
        // Two of eight rows have a list, each of two items.
        let present = (1, stream::PRESENT, &[0xff, 0b0100_0001][..]);
        check(8, &[present, lengths, (2, stream::DATA, &[0; 32])], true);
        check(8, &[present, lengths, (2, stream::DATA, &[0; 31])], false);
        check(9, &[present, lengths, (2, stream::DATA, &[0; 32])], false);
        // Lengths that add up to more than there is memory in the world.
        let huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
        let run = [&[0, 0], &huge[..]].concat();
        check(3, &[(1, stream::LENGTH, &run), (2, stream::DATA, &[0; 48])], false);
    }

    #[test]
    fn dictionaries_are_bounded_by_their_bytes() {
        let text = of(Kind::String, 1, &[]);
        let indexes: (u32, i32, &[u8]) = (1, stream::DATA, &[0; 10]);
        let lengths: (u32, i32, &[u8]) = (1, stream::LENGTH, &[0, 0, 2]);
        let words: (u32, i32, &[u8]) = (1, stream::DICTIONARY_DATA, b"aabbcc");
        let check = |size, streams: &[(u32, i32, &[u8])], fits: bool| {
            assert_eq!(batch_rows(&text, 100, streams, Some(size)).is_ok(), fits, "{size}");
        };
        check(3, &[indexes, lengths, words], true);
        check(4, &[indexes, lengths, words], false);
        check(u32::MAX, &[indexes, lengths, words], false);
        check(3, &[indexes, lengths], false);
        check(3, &[lengths, words], false);
    }

    #[test]
    fn long_values_make_batches_short() {
        let text = of(Kind::String, 1, &[]);
        let long = vec![b'a'; 1 << 20];
        let lengths: (u32, i32, &[u8]) = (1, stream::LENGTH, &[0xff, 0x80, 0x80, 0x40]);
        let streams = [(1, stream::DATA, &[0; 10][..]), lengths, (1, stream::DICTIONARY_DATA, &long)];
        let rows = batch_rows(&text, 5000, &streams, Some(1)).unwrap();
        assert_eq!(rows, BATCH_BYTES_MAX >> 20);
        assert_eq!(batch_rows(&text, 100, &streams, Some(1)).unwrap(), u64::MAX);
    }
}
