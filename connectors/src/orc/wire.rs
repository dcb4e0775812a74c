//! The messages of an ORC file, as far as they are read or written here.
//!
//! Our own definitions rather than the decoder's: statistics that are absent must stay absent, and
//! parts whose number a hostile file chooses (statistics) stay undecoded bytes until one is wanted.
//! Field numbers are those of `orc_proto.proto`, ORC specification v1.

use bytes::{Buf, Bytes};

use super::error::OrcError;

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct PostScript {
    #[prost(uint64, optional, tag = "1")]
    pub(crate) footer_length: Option<u64>,
    #[prost(int32, optional, tag = "2")]
    pub(crate) compression: Option<i32>,
    #[prost(uint64, optional, tag = "3")]
    pub(crate) compression_block_size: Option<u64>,
    #[prost(uint64, optional, tag = "5")]
    pub(crate) metadata_length: Option<u64>,
    #[prost(uint32, optional, tag = "6")]
    pub(crate) writer_version: Option<u32>,
    #[prost(string, optional, tag = "8000")]
    pub(crate) magic: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Footer {
    #[prost(message, repeated, tag = "3")]
    pub(crate) stripes: Vec<StripeInformation>,
    #[prost(message, repeated, tag = "4")]
    pub(crate) types: Vec<Type>,
    #[prost(uint64, optional, tag = "6")]
    pub(crate) number_of_rows: Option<u64>,
    /// One [`ColumnStatistics`] per column.
    #[prost(bytes = "bytes", repeated, tag = "7")]
    pub(crate) statistics: Vec<Bytes>,
    #[prost(uint32, optional, tag = "8")]
    pub(crate) row_index_stride: Option<u32>,
    #[prost(message, optional, tag = "10")]
    pub(crate) encryption: Option<Encryption>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Encryption {
    #[prost(bytes = "bytes", repeated, tag = "3")]
    pub(crate) variants: Vec<Bytes>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct StripeInformation {
    #[prost(uint64, optional, tag = "1")]
    pub(crate) offset: Option<u64>,
    #[prost(uint64, optional, tag = "2")]
    pub(crate) index_length: Option<u64>,
    #[prost(uint64, optional, tag = "3")]
    pub(crate) data_length: Option<u64>,
    #[prost(uint64, optional, tag = "4")]
    pub(crate) footer_length: Option<u64>,
    #[prost(uint64, optional, tag = "5")]
    pub(crate) number_of_rows: Option<u64>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Type {
    #[prost(int32, optional, tag = "1")]
    pub(crate) kind: Option<i32>,
    #[prost(uint32, repeated, tag = "2")]
    pub(crate) subtypes: Vec<u32>,
    #[prost(string, repeated, tag = "3")]
    pub(crate) field_names: Vec<String>,
    #[prost(uint32, optional, tag = "5")]
    pub(crate) precision: Option<u32>,
    #[prost(uint32, optional, tag = "6")]
    pub(crate) scale: Option<u32>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct StripeFooter {
    #[prost(message, repeated, tag = "1")]
    pub(crate) streams: Vec<Stream>,
    #[prost(message, repeated, tag = "2")]
    pub(crate) columns: Vec<ColumnEncoding>,
    #[prost(string, optional, tag = "3")]
    pub(crate) writer_timezone: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Stream {
    #[prost(int32, optional, tag = "1")]
    pub(crate) kind: Option<i32>,
    #[prost(uint32, optional, tag = "2")]
    pub(crate) column: Option<u32>,
    #[prost(uint64, optional, tag = "3")]
    pub(crate) length: Option<u64>,
}

/// [`Stream::kind`].
pub(crate) mod stream {
    pub(crate) const PRESENT: i32 = 0;
    pub(crate) const DATA: i32 = 1;
    pub(crate) const LENGTH: i32 = 2;
    pub(crate) const DICTIONARY_DATA: i32 = 3;
    pub(crate) const SECONDARY: i32 = 5;
    pub(crate) const ROW_INDEX: i32 = 6;
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ColumnEncoding {
    #[prost(int32, optional, tag = "1")]
    pub(crate) kind: Option<i32>,
    #[prost(uint32, optional, tag = "2")]
    pub(crate) dictionary_size: Option<u32>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct RowIndexEntry {
    #[prost(message, optional, tag = "2")]
    pub(crate) statistics: Option<ColumnStatistics>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ColumnStatistics {
    #[prost(uint64, optional, tag = "1")]
    pub(crate) number_of_values: Option<u64>,
    #[prost(message, optional, tag = "2")]
    pub(crate) int: Option<IntegerStatistics>,
    #[prost(message, optional, tag = "3")]
    pub(crate) double: Option<DoubleStatistics>,
    #[prost(message, optional, tag = "4")]
    pub(crate) string: Option<StringStatistics>,
    #[prost(message, optional, tag = "5")]
    pub(crate) bucket: Option<BucketStatistics>,
    #[prost(message, optional, tag = "6")]
    pub(crate) decimal: Option<DecimalStatistics>,
    #[prost(message, optional, tag = "7")]
    pub(crate) date: Option<DateStatistics>,
    #[prost(message, optional, tag = "9")]
    pub(crate) timestamp: Option<TimestampStatistics>,
    #[prost(bool, optional, tag = "10")]
    pub(crate) has_null: Option<bool>,
    #[prost(uint64, optional, tag = "11")]
    pub(crate) bytes_on_disk: Option<u64>,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct IntegerStatistics {
    #[prost(sint64, optional, tag = "1")]
    pub(crate) minimum: Option<i64>,
    #[prost(sint64, optional, tag = "2")]
    pub(crate) maximum: Option<i64>,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct DoubleStatistics {
    #[prost(double, optional, tag = "1")]
    pub(crate) minimum: Option<f64>,
    #[prost(double, optional, tag = "2")]
    pub(crate) maximum: Option<f64>,
    #[prost(double, optional, tag = "3")]
    pub(crate) sum: Option<f64>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct StringStatistics {
    #[prost(string, optional, tag = "1")]
    pub(crate) minimum: Option<String>,
    #[prost(string, optional, tag = "2")]
    pub(crate) maximum: Option<String>,
    /// Written instead of the minimum when that is longer than 1024 bytes.
    #[prost(string, optional, tag = "4")]
    pub(crate) lower_bound: Option<String>,
    #[prost(string, optional, tag = "5")]
    pub(crate) upper_bound: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct BucketStatistics {
    /// The first is the number of true values.
    #[prost(uint64, repeated, tag = "1")]
    pub(crate) count: Vec<u64>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct DecimalStatistics {
    #[prost(string, optional, tag = "1")]
    pub(crate) minimum: Option<String>,
    #[prost(string, optional, tag = "2")]
    pub(crate) maximum: Option<String>,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct DateStatistics {
    /// Days since the Unix epoch.
    #[prost(sint32, optional, tag = "1")]
    pub(crate) minimum: Option<i32>,
    #[prost(sint32, optional, tag = "2")]
    pub(crate) maximum: Option<i32>,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct TimestampStatistics {
    /// Milliseconds since the Unix epoch. Fields 1 and 2, in the writer's zone, are not read.
    #[prost(sint64, optional, tag = "3")]
    pub(crate) minimum_utc: Option<i64>,
    #[prost(sint64, optional, tag = "4")]
    pub(crate) maximum_utc: Option<i64>,
}

/// The repeated message field number `wanted` of the message in `bytes`, undecoded.
/// More than `items_max` of them, or bytes that are no message, are corrupt.
pub(crate) fn repeated(bytes: &Bytes, wanted: u64, items_max: usize) -> Result<Vec<Bytes>, OrcError> {
    let malformed = || OrcError::corrupt("a metadata section is malformed");
    let mut rest = bytes.clone();
    let mut items = Vec::new();
    while rest.has_remaining() {
        let key = varint(&mut rest).ok_or_else(malformed)?;
        let length = match key & 7 {
            0 => {
                varint(&mut rest).ok_or_else(malformed)?;
                continue;
            }
            1 => 8,
            2 => varint(&mut rest).ok_or_else(malformed)?,
            5 => 4,
            _ => return Err(malformed()),
        };
        let length = usize::try_from(length).map_err(|_| malformed())?;
        if length > rest.len() {
            return Err(malformed());
        }
        let item = rest.split_to(length);
        if key >> 3 == wanted && key & 7 == 2 {
            if items.len() == items_max {
                return Err(OrcError::corrupt("a metadata section has too many entries"));
            }
            items.push(item);
        }
    }
    Ok(items)
}

fn varint(bytes: &mut Bytes) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let byte = bytes.try_get_u8().ok()?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use prost::Message;

    use super::*;

    #[test]
    fn repeated_fields_are_found_and_counted() {
        let footer = Footer {
            types: vec![Type { kind: Some(12), ..Type::default() }; 3],
            number_of_rows: Some(300),
            statistics: vec![Bytes::from_static(b"\x08\x01"); 2],
            ..Footer::default()
        };
        let bytes = Bytes::from(footer.encode_to_vec());
        assert_eq!(repeated(&bytes, 4, 3).unwrap().len(), 3);
        assert_eq!(repeated(&bytes, 7, 9).unwrap(), footer.statistics);
        assert!(repeated(&bytes, 4, 2).is_err());
        assert!(repeated(&bytes.slice(..bytes.len() - 3), 4, 3).is_err());
    }
}
