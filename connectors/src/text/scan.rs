//! One split from bytes to batches: pulls chunks, cuts lines, has them decoded.

use std::collections::VecDeque;

use arrow::record_batch::RecordBatch;
use futures::{StreamExt, TryStreamExt, stream, stream::BoxStream};
use protocol::{Error, ErrorCode, Result};
use storage::ByteStream;

use super::{
    bytes,
    delimited::DelimitedRows,
    gunzip,
    json::JsonRows,
    lines::{Framer, Line, Step},
    open_csv::OpenCsvRows,
    options::{Compression, TextOptions, TextRows, compression_of},
    problem::Origin,
    rows::Rows,
};
use crate::SplitRead;

/// Text held back because it may turn out to be footer lines.
const FOOTER_BYTES_MAX: usize = 64 << 20;
const UTF8_MARK: &[u8] = b"\xEF\xBB\xBF";

/// What makes rows of lines.
pub(super) trait DecodeLines: Send {
    /// Takes the next line, which may end a row, begin one, or be none at all.
    fn decode(&mut self, line: &Line<'_>, rows: &mut Rows) -> Result<()>;

    /// The text is over.
    fn end(&mut self, _rows: &mut Rows) -> Result<()> {
        Ok(())
    }
}

/// See [`super::open`].
pub(super) fn open(
    read: SplitRead,
    options: &TextOptions,
) -> Result<BoxStream<'static, Result<RecordBatch>>> {
    let rows = Rows::new(&read.table_schema, &read.projection, read.batch_size)?;
    let range = read.split.byte_range();
    let object = read.reader.object();
    let is_whole = range.start == 0 && range.end >= object.size;
    let location = object.location.to_string();
    let compression = compression_of(&location)?;
    if !is_whole && !super::splittable(&location, options) {
        return Err(Error::internal(format!("{location:?} cannot be read in parts")));
    }
    let origin = Origin { location: location.clone(), from_start: range.start == 0 };
    let decoder = decoder(&read, options, &origin)?;
    let chunks = match compression {
        Compression::None if is_whole => bytes::of_object(&read.reader),
        Compression::None => bytes::of_split(read.reader, &range),
        Compression::Gzip => gunzip::gunzip(bytes::of_object(&read.reader), location),
    };
    // No line begins behind the object; and how long compressed text is nobody knows.
    let end = if is_whole { u64::MAX } else { range.end };
    let scan = Scan {
        chunks,
        framer: Framer::new(range.start, end, origin),
        decoder,
        rows,
        header_lines: if range.start == 0 { options.skip_header_lines } else { 0 },
        footer: Footer { lines: options.skip_footer_lines, held: VecDeque::new(), held_bytes: 0 },
        ended: false,
    };
    Ok(stream::try_unfold(
        scan,
        |mut scan| async move { Ok(scan.next_batch().await?.map(|batch| (batch, scan))) },
    )
    .boxed())
}

fn decoder(read: &SplitRead, options: &TextOptions, origin: &Origin) -> Result<Box<dyn DecodeLines>> {
    Ok(match &options.rows {
        TextRows::Delimited(options) => {
            Box::new(DelimitedRows::new(options, &read.table_schema, &read.projection)?)
        }
        TextRows::OpenCsv(options) => {
            Box::new(OpenCsvRows::new(options, &read.table_schema, &read.projection, origin.clone())?)
        }
        TextRows::Json(options) => {
            Box::new(JsonRows::new(options, &read.table_schema, &read.projection, origin.clone())?)
        }
    })
}

/// The state of a split's stream.
struct Scan {
    chunks: ByteStream,
    framer: Framer,
    decoder: Box<dyn DecodeLines>,
    rows: Rows,
    /// Still to be skipped.
    header_lines: usize,
    footer: Footer,
    ended: bool,
}

/// Why decoding paused.
enum Pause {
    BatchIsFull,
    NeedsBytes,
    Ended,
}

impl Scan {
    async fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        while !self.ended {
            match self.decode_lines()? {
                Pause::BatchIsFull => return self.rows.finish().map(Some),
                Pause::Ended => {
                    self.ended = true;
                    self.decoder.end(&mut self.rows)?;
                }
                Pause::NeedsBytes => match self.chunks.try_next().await? {
                    Some(chunk) => self.framer.push(chunk),
                    None => self.framer.close(),
                },
            }
        }
        if self.rows.is_empty() { Ok(None) } else { self.rows.finish().map(Some) }
    }

    fn decode_lines(&mut self) -> Result<Pause> {
        while !self.rows.is_full() {
            let mut line = match self.framer.next()? {
                Step::Line(line) => line,
                Step::NeedsBytes => return Ok(Pause::NeedsBytes),
                Step::Done => return Ok(Pause::Ended),
            };
            if line.offset == 0 {
                line.bytes = line.bytes.strip_prefix(UTF8_MARK).unwrap_or(line.bytes);
            }
            if self.header_lines > 0 {
                self.header_lines -= 1;
            } else if self.footer.lines == 0 {
                self.decoder.decode(&line, &mut self.rows)?;
            } else if let Some(held) = self.footer.exchange(&line)? {
                self.decoder.decode(&held.line(), &mut self.rows)?;
            }
        }
        Ok(Pause::BatchIsFull)
    }
}

/// Holds the last lines back.
struct Footer {
    lines: usize,
    held: VecDeque<HeldLine>,
    held_bytes: usize,
}

struct HeldLine {
    bytes: Vec<u8>,
    number: u64,
    offset: u64,
}

impl HeldLine {
    fn line(&self) -> Line<'_> {
        Line { bytes: &self.bytes, number: self.number, offset: self.offset }
    }
}

impl Footer {
    /// Takes a line and gives back the one that is now known not to be of the footer.
    fn exchange(&mut self, line: &Line<'_>) -> Result<Option<HeldLine>> {
        self.held_bytes += line.bytes.len();
        if self.held_bytes > FOOTER_BYTES_MAX {
            let what =
                format!("the last {} lines of a file are more than {FOOTER_BYTES_MAX} bytes", self.lines);
            return Err(
                Error::new(ErrorCode::MemoryLimitExceeded, what).with_hint("lower skip.footer.line.count")
            );
        }
        let held = HeldLine { bytes: line.bytes.to_vec(), number: line.number, offset: line.offset };
        self.held.push_back(held);
        if self.held.len() <= self.lines {
            return Ok(None);
        }
        let released = self.held.pop_front();
        self.held_bytes -= released.as_ref().map_or(0, |held| held.bytes.len());
        Ok(released)
    }
}
