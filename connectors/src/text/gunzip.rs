//! Gzip, streaming: as many members as the file has, each with its checksum.

use bytes::Bytes;
use flate2::write::MultiGzDecoder;
use futures::{StreamExt, TryStreamExt, stream};
use protocol::{Error, ErrorCode, Result};
use std::io::Write;
use storage::ByteStream;

/// Compressed bytes decoded at a time. Deflate expands at most 1032 times, so that one piece of text
/// is at most 17 MiB, whatever the file claims.
const PIECE_BYTES: usize = 16 << 10;

/// The text of `compressed`, a gzip file. `location` is for the message of `CorruptFile`, which is
/// the error for anything that is not whole gzip members. A file of no bytes is an empty text.
pub(super) fn gunzip(compressed: ByteStream, location: String) -> ByteStream {
    let decoder = MultiGzDecoder::new(Vec::new());
    let state = Gunzip { compressed, location, decoder, pending: Bytes::new(), fed: false, ended: false };
    stream::try_unfold(state, |mut state| async move { Ok(state.next().await?.map(|text| (text, state))) })
        .boxed()
}

struct Gunzip {
    compressed: ByteStream,
    location: String,
    /// Writes into the vector, which is taken out after each piece.
    decoder: MultiGzDecoder<Vec<u8>>,
    /// Compressed bytes at hand.
    pending: Bytes,
    fed: bool,
    ended: bool,
}

impl Gunzip {
    async fn next(&mut self) -> Result<Option<Bytes>> {
        while !self.ended {
            if self.pending.is_empty() {
                match self.compressed.try_next().await? {
                    Some(chunk) => self.pending = chunk,
                    None => self.end()?,
                }
            }
            let piece = self.pending.split_to(self.pending.len().min(PIECE_BYTES));
            self.decode(&piece)?;
            let text = std::mem::take(self.decoder.get_mut());
            if !text.is_empty() {
                return Ok(Some(text.into()));
            }
        }
        Ok(None)
    }

    fn decode(&mut self, mut piece: &[u8]) -> Result<()> {
        self.fed |= !piece.is_empty();
        while !piece.is_empty() {
            let written = self.decoder.write(piece).map_err(|failure| self.corrupt(&failure))?;
            match piece.get(written..) {
                Some(rest) if written > 0 => piece = rest,
                _ => return Err(Error::internal("the gzip decoder made no progress")),
            }
        }
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        self.ended = true;
        if self.fed {
            self.decoder.try_finish().map_err(|failure| self.corrupt(&failure))?;
        }
        Ok(())
    }

    fn corrupt(&self, failure: &std::io::Error) -> Error {
        let what = match self.ended {
            true => "is not a whole gzip file: it ends early",
            false => "is not a gzip file",
        };
        Error::new(ErrorCode::CorruptFile, format!("{:?} {what} ({failure})", self.location))
            .with_hint("write the file again, or remove the .gz ending if it is not compressed")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn member(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    /// Decodes `file`, delivered in chunks of `chunk` bytes.
    async fn check(file: &[u8], chunk: usize) -> Result<Vec<u8>> {
        let chunks: Vec<_> = file.chunks(chunk).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
        let text: Vec<Bytes> = gunzip(stream::iter(chunks).boxed(), "f.gz".into()).try_collect().await?;
        Ok(text.concat())
    }

    #[tokio::test]
    async fn members_are_joined_wherever_the_chunks_end() {
        let file = [member(b"one\n"), member(b""), member(b"two\nthree")].concat();
        for chunk in 1..=file.len() {
            assert_eq!(check(&file, chunk).await.unwrap(), b"one\ntwo\nthree", "{chunk}");
        }
        assert_eq!(check(b"", 1).await.unwrap(), b"");
    }

    #[tokio::test]
    async fn big_expansion_comes_in_bounded_pieces() {
        let file = member(&vec![b'x'; 100 << 20]);
        let mut text = gunzip(stream::iter([Ok(Bytes::from(file))]).boxed(), "f.gz".into());
        let mut total = 0;
        while let Some(piece) = text.try_next().await.unwrap() {
            assert!(piece.len() <= 17 << 20, "{}", piece.len());
            total += piece.len();
        }
        assert_eq!(total, 100 << 20);
    }

    #[tokio::test]
    async fn every_truncation_and_every_flipped_bit_of_the_trailer_is_an_error() {
        let file = member(b"some text that is long enough to be cut");
        for end in 1..file.len() {
            let error = check(&file[..end], 7).await.unwrap_err();
            assert_eq!(error.code, ErrorCode::CorruptFile, "{end}");
        }
        for at in file.len() - 8..file.len() {
            let mut broken = file.clone();
            broken[at] ^= 1;
            assert_eq!(check(&broken, 64).await.unwrap_err().code, ErrorCode::CorruptFile, "{at}");
        }
        assert_eq!(check(b"a,b,c\n1,2,3\n", 5).await.unwrap_err().code, ErrorCode::CorruptFile);
    }
}
