//! Compressed sections and streams.
//!
//! ```text
//! section = chunk*      chunk = header (3 bytes, little endian: length << 1 | original) payload
//! ```
//!
//! Decompression is done here and not by the decoder library, because there a chunk may grow without
//! bound and a broken chunk is a panic. Here a chunk never exceeds the file's block size, and a
//! section never exceeds what the caller allows.

use std::io::Read;

use bytes::Bytes;

use super::error::OrcError;

/// Largest block size accepted from a file. Writers use 64 to 256 KiB; the format allows 8 MiB.
const BLOCK_BYTES_MAX: u64 = 64 << 20;
/// Block size of files that do not say (ORC specification, PostScript).
const BLOCK_BYTES_DEFAULT: u64 = 256 << 10;
const HEADER_BYTES: usize = 3;
/// A chunk's length has 23 bits.
const CHUNK_BYTES_MAX: usize = (1 << 23) - 1;

/// How the sections of one file are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Codec {
    kind: Kind,
    block_bytes: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    None,
    Zlib,
    Snappy,
    Lz4,
    Zstd,
}

impl Codec {
    /// From the postscript's fields.
    pub(crate) fn new(kind: i32, block_bytes: Option<u64>) -> Result<Self, OrcError> {
        let kind = match kind {
            0 => Kind::None,
            1 => Kind::Zlib,
            2 => Kind::Snappy,
            3 => return Err(OrcError::NotSupported("LZO compression is not supported".to_owned())),
            4 => Kind::Lz4,
            5 => Kind::Zstd,
            other => return Err(OrcError::corrupt(format!("unknown compression {other}"))),
        };
        let block_bytes = block_bytes.unwrap_or(BLOCK_BYTES_DEFAULT);
        if kind != Kind::None && block_bytes > BLOCK_BYTES_MAX {
            return Err(OrcError::corrupt(format!("its compression blocks have {block_bytes} bytes")));
        }
        let block_bytes = usize::try_from(block_bytes).unwrap_or(usize::MAX);
        Ok(Self { kind, block_bytes })
    }

    /// The plain bytes of a section; `bytes_max` is the most they may be.
    pub(crate) fn inflate(self, section: &Bytes, bytes_max: u64) -> Result<Bytes, OrcError> {
        let too_large = || OrcError::TooLarge(format!("more than {bytes_max} bytes to decode at once"));
        if self.kind == Kind::None {
            return if section.len() as u64 > bytes_max { Err(too_large()) } else { Ok(section.clone()) };
        }
        let mut plain = Vec::new();
        let mut rest = section.as_ref();
        while let Some((header, after)) = rest.split_first_chunk::<HEADER_BYTES>() {
            let [low, middle, high] = *header;
            let word = u32::from_le_bytes([low, middle, high, 0]);
            let length = (word >> 1) as usize;
            let Some((chunk, after)) = after.split_at_checked(length) else {
                return Err(OrcError::corrupt("a compressed chunk ends early"));
            };
            if word & 1 == 1 {
                plain.extend_from_slice(chunk);
            } else {
                self.inflate_chunk(chunk, &mut plain)?;
            }
            if plain.len() as u64 > bytes_max {
                return Err(too_large());
            }
            rest = after;
        }
        if !rest.is_empty() {
            return Err(OrcError::corrupt("a compressed chunk ends early"));
        }
        Ok(plain.into())
    }

    /// Appends one chunk's plain bytes, at most one block.
    fn inflate_chunk(self, chunk: &[u8], plain: &mut Vec<u8>) -> Result<(), OrcError> {
        let broken = || OrcError::corrupt("a compressed chunk cannot be decompressed");
        let start = plain.len();
        match self.kind {
            Kind::None => plain.extend_from_slice(chunk),
            Kind::Zlib => {
                // One byte more than allowed tells "too long" from "just fits".
                let limit = self.block_bytes as u64 + 1;
                let decoder = flate2::read::DeflateDecoder::new(chunk);
                decoder.take(limit).read_to_end(plain).map_err(|_| broken())?;
            }
            Kind::Snappy => {
                let bytes = snap::raw::decompress_len(chunk).map_err(|_| broken())?;
                self.check_block(bytes)?;
                plain.resize(start + bytes, 0);
                let target = plain.get_mut(start..).unwrap_or_default();
                snap::raw::Decoder::new().decompress(chunk, target).map_err(|_| broken())?;
            }
            Kind::Lz4 => {
                plain.resize(start + self.block_bytes, 0);
                let target = plain.get_mut(start..).unwrap_or_default();
                let bytes = lz4_flex::block::decompress_into(chunk, target).map_err(|_| broken())?;
                plain.truncate(start + bytes);
            }
            Kind::Zstd => {
                let block = zstd::bulk::decompress(chunk, self.block_bytes).map_err(|_| broken())?;
                plain.extend_from_slice(&block);
            }
        }
        self.check_block(plain.len() - start)
    }

    fn check_block(self, bytes: usize) -> Result<(), OrcError> {
        if bytes > self.block_bytes {
            return Err(OrcError::corrupt("a compressed chunk is larger than the file's block size"));
        }
        Ok(())
    }
}

/// Plain bytes as a section of uncompressed chunks, which any codec may contain.
///
/// There is no empty chunk in it: the decoder library would take one for the section's end.
pub(crate) fn frame(plain: &[u8]) -> Bytes {
    let chunks = plain.len().div_ceil(CHUNK_BYTES_MAX);
    let mut framed = Vec::with_capacity(plain.len() + chunks * HEADER_BYTES);
    for chunk in plain.chunks(CHUNK_BYTES_MAX) {
        let word = (u32::try_from(chunk.len()).unwrap_or_default() << 1) | 1;
        let [low, middle, high, _] = word.to_le_bytes();
        framed.extend_from_slice(&[low, middle, high]);
        framed.extend_from_slice(chunk);
    }
    framed.into()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn framed_bytes_inflate_to_themselves() {
        let zlib = Codec::new(1, Some(1 << 18)).unwrap();
        for length in [0, 1, 1000, CHUNK_BYTES_MAX, CHUNK_BYTES_MAX + 1] {
            let plain = vec![7; length];
            assert_eq!(zlib.inflate(&frame(&plain), 1 << 30).unwrap(), plain);
        }
    }

    #[test]
    fn bombs_and_broken_chunks_are_errors() {
        let block = vec![0_u8; 100_000];
        let compressed = [
            (2, snap::raw::Encoder::new().compress_vec(&block).unwrap()),
            (4, lz4_flex::block::compress(&block)),
            (5, zstd::bulk::compress(&block, 3).unwrap()),
        ];
        for (kind, chunk) in compressed {
            let word = (u32::try_from(chunk.len()).unwrap() << 1).to_le_bytes();
            let section = Bytes::from([&word[..3], &chunk[..]].concat());
            let inflate = |block_bytes, bytes_max| {
                Codec::new(kind, Some(block_bytes)).unwrap().inflate(&section, bytes_max)
            };
            assert_eq!(inflate(100_000, 100_000).unwrap(), block, "{kind}");
            assert!(matches!(inflate(99_999, 100_000), Err(OrcError::Corrupt(_))), "{kind}");
            assert!(matches!(inflate(100_000, 99_999), Err(OrcError::TooLarge(_))), "{kind}");
        }
        assert!(Codec::new(5, Some(1 << 40)).is_err());
        assert!(Codec::new(3, None).is_err());
        let short = Codec::new(1, None).unwrap().inflate(&Bytes::from_static(&[9, 9]), 10);
        assert!(matches!(short, Err(OrcError::Corrupt(_))));
    }
}
