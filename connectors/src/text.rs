//! Text: delimited lines (LazySimpleSerDe), CSV with quotes (OpenCSVSerde) and JSON lines, plain or
//! gzip-compressed, with the meaning Athena gives them.
//!
//! ```text
//! object ─ bytes ─► (gunzip) ─► lines ─► delimited | open_csv | json ─► rows ─► record batches
//! ```
//!
//! A split owns the lines that begin in its byte range, so any cut reads every line exactly once.
//! Only the projected columns are converted. Bytes are billed as the decoder takes them; a split
//! also pays for the byte before it and for what it reads behind its end to finish its last line: 4 KiB,
//! or more if that line is longer.
//! Nothing here infers a schema, and nothing writes.

mod base64;
mod bytes;
mod column;
mod delimited;
mod gunzip;
mod json;
mod lines;
mod number;
mod open_csv;
mod options;
mod problem;
mod rows;
mod scalar;
mod scan;
#[cfg(test)]
mod tests;
mod time;
mod time_pattern;

use ::arrow::record_batch::RecordBatch;
use ::futures::stream::BoxStream;
use ::protocol::Result;

pub use options::{Compression, Delimited, Json, OpenCsv, TextOptions, TextRows, compression_of};

use crate::SplitRead;

/// The rows of one split, in file order, in batches of at most `read.batch_size` rows.
///
/// Reads nothing before the stream is polled; dropping it stops the transfer. Errors at once:
/// `NotSupported` for a compression or a column type that cannot be read. Errors in the stream:
/// `CorruptFile` for a file that cannot be decoded, `SchemaMismatch` for a value that a CSV column
/// must not hold; both name the file and the line.
pub fn open(read: SplitRead, options: &TextOptions) -> Result<BoxStream<'static, Result<RecordBatch>>> {
    scan::open(read, options)
}

/// True if parts of the file can be read on their own.
///
/// Compressed files cannot; neither can files with several header lines or any footer line, which a
/// part could not find, nor CSV, where a newline may be inside quotes.
pub fn splittable(path: &str, options: &TextOptions) -> bool {
    let plain = matches!(compression_of(path), Ok(Compression::None));
    let cuttable = !matches!(options.rows, TextRows::OpenCsv(_));
    plain && cuttable && options.skip_header_lines <= 1 && options.skip_footer_lines == 0
}
