//! Parquet footers: fetched once per object version and process, however many splits need them.

use std::{
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use bytes::Bytes;
use moka::future::Cache;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use protocol::{ByteClass, Error, ErrorCode, Result};
use storage::{ObjectReader, ObjectRef};

/// Length of the fixed end of a file: footer length and magic (Parquet format, "File format").
const FOOTER_END_BYTES: u64 = 8;
/// What the first read of a file fetches from its end. Measured footers of TPC-H files with 64 MB row
/// groups are 5 to 40 KB; what is fetched and not used is reported as a gap, never billed.
const TAIL_HINT_BYTES: u64 = 64 << 10;
/// Larger footers are refused: nothing sane writes them, and they would be allocated at once.
const FOOTER_BYTES_MAX: u64 = 256 << 20;

/// Names one version of one object.
type Key = (String, String);

/// A parsed footer.
#[derive(Debug)]
pub(crate) struct Footer {
    pub(crate) metadata: Arc<ParquetMetaData>,
    /// What it cost to read: footer and fixed end.
    pub(crate) bytes: u64,
    /// Where column data lies, one extent per row group; everything else is index or filter.
    data_extents: Vec<Range<u64>>,
}

impl Footer {
    /// What bytes beginning at `offset` are, for the bill.
    pub(crate) fn class_at(&self, offset: u64) -> ByteClass {
        if self.data_extents.iter().any(|extent| extent.contains(&offset)) {
            ByteClass::Data
        } else {
            ByteClass::Index
        }
    }
}

/// Parsed footers and raw index bytes, bounded by their size in memory.
#[derive(Debug)]
pub(crate) struct FooterCache {
    footers: Cache<Key, Arc<Footer>>,
    /// Page indexes and bloom filters; splits of one file ask for the same ones.
    index: Cache<(Key, u64, u64), Bytes>,
}

impl FooterCache {
    pub(crate) fn new(bytes_max: u64) -> Self {
        let footers = Cache::builder()
            .max_capacity(bytes_max / 2)
            .weigher(|_, footer: &Arc<Footer>| clamp(footer.metadata.memory_size() as u64))
            .build();
        let index = Cache::builder()
            .max_capacity(bytes_max / 2)
            .weigher(|_, bytes: &Bytes| clamp(bytes.len() as u64))
            .build();
        Self { footers, index }
    }

    /// Bytes of page indexes and bloom filters.
    pub(crate) async fn index_bytes(&self, reader: &ObjectReader, range: Range<u64>) -> Result<Bytes> {
        let Some(key) = key(reader.object()) else {
            return reader.range(ByteClass::Index, range).await;
        };
        let length = range.end - range.start;
        let entry = self.index.entry((key, range.start, range.end));
        let read = reader.range(ByteClass::Index, range.clone());
        let entry = match entry.or_try_insert_with(read).await {
            Ok(entry) => entry,
            Err(error) if is_of_one_query(&error) => {
                return reader.range(ByteClass::Index, range).await;
            }
            Err(error) => return Err(Error::clone(&error)),
        };
        if !entry.is_fresh() {
            reader.meter().add_cached(length);
        }
        Ok(entry.into_value())
    }
}

/// Queries that ask for the same bytes at the same time share one read, and its error. An error that
/// concerns the one that reads must not end the others.
fn is_of_one_query(error: &Error) -> bool {
    matches!(error.code, ErrorCode::BytesLimitExceeded | ErrorCode::Cancelled)
}

fn clamp(bytes: u64) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

/// Objects without an ETag cannot be told from their next version: not cached.
fn key(object: &ObjectRef) -> Option<Key> {
    Some((object.location.to_string(), object.etag.clone()?))
}

/// The footer of `reader`'s object: from the cache, else read and billed.
pub(crate) async fn load(cache: &FooterCache, reader: &ObjectReader) -> Result<Arc<Footer>> {
    let Some(key) = key(reader.object()) else {
        return Ok(Arc::new(read(reader).await?));
    };
    let entry = cache.footers.entry(key);
    let entry = match entry.or_try_insert_with(async { read(reader).await.map(Arc::new) }).await {
        Ok(entry) => entry,
        Err(error) if is_of_one_query(&error) => return read(reader).await.map(Arc::new),
        Err(error) => return Err(Error::clone(&error)),
    };
    if !entry.is_fresh() {
        reader.meter().add_cached(entry.value().bytes);
    }
    Ok(entry.into_value())
}

async fn read(reader: &ObjectReader) -> Result<Footer> {
    let size = reader.object().size;
    if size < FOOTER_END_BYTES + 4 {
        return Err(corrupt(reader, "it is too short"));
    }
    reader.prefetch_tail(TAIL_HINT_BYTES).await?;
    let end = reader.range(ByteClass::Footer, size - FOOTER_END_BYTES..size).await?;
    let (length, magic) = end.split_at_checked(4).unwrap_or_default();
    match magic {
        b"PAR1" => {}
        b"PARE" => {
            return Err(Error::new(
                ErrorCode::NotSupported,
                format!("file {:?} has an encrypted footer", reader.object().location.to_string()),
            ));
        }
        _ => return Err(corrupt(reader, "it does not end with the magic number PAR1")),
    }
    let length = u64::from(length.try_into().map(u32::from_le_bytes).unwrap_or_default());
    if length > FOOTER_BYTES_MAX || length + FOOTER_END_BYTES > size {
        return Err(corrupt(reader, &format!("its footer length {length} is impossible")));
    }
    let start = size - FOOTER_END_BYTES - length;
    let bytes = reader.range(ByteClass::Footer, start..size - FOOTER_END_BYTES).await?;
    let metadata = decode(reader, &bytes)?;
    let data_extents = data_extents(&metadata);
    Ok(Footer { metadata: Arc::new(metadata), bytes: length + FOOTER_END_BYTES, data_extents })
}

fn decode(reader: &ObjectReader, bytes: &[u8]) -> Result<ParquetMetaData> {
    let decoded = catch_unwind(AssertUnwindSafe(|| ParquetMetaDataReader::decode_metadata(bytes)));
    let metadata = match decoded {
        Ok(Ok(metadata)) => metadata,
        Ok(Err(error)) => return Err(corrupt(reader, &format!("its footer is damaged: {error}"))),
        Err(_) => return Err(corrupt(reader, "its footer is damaged")),
    };
    let size = reader.object().size;
    for column in metadata.row_groups().iter().flat_map(|group| group.columns()) {
        let start = column.dictionary_page_offset().unwrap_or_else(|| column.data_page_offset());
        let length = column.compressed_size();
        let end = u64::try_from(start).ok().zip(u64::try_from(length).ok());
        if end.is_none_or(|(start, length)| start.saturating_add(length) > size) {
            return Err(corrupt(reader, "a column chunk lies outside of it"));
        }
    }
    Ok(metadata)
}

fn data_extents(metadata: &ParquetMetaData) -> Vec<Range<u64>> {
    let extent = |group: &parquet::file::metadata::RowGroupMetaData| {
        let chunks = group.columns().iter().map(|column| column.byte_range());
        chunks.fold(u64::MAX..0, |extent, (start, length)| {
            extent.start.min(start)..extent.end.max(start + length)
        })
    };
    metadata.row_groups().iter().map(extent).filter(|extent| !extent.is_empty()).collect()
}

fn corrupt(reader: &ObjectReader, why: &str) -> Error {
    Error::new(
        ErrorCode::CorruptFile,
        format!("file {:?} is not a valid Parquet file: {why}", reader.object().location.to_string()),
    )
}
