//! What the reader must know about a table's text files. Plain data: it travels in the plan.

use protocol::{Error, ErrorCode, Result};
use serde::{Deserialize, Serialize};

/// One record per line (or per quoted record), in files whose names tell their compression.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextOptions {
    pub rows: TextRows,
    /// Lines at the start of each file that are not rows.
    pub skip_header_lines: usize,
    /// Lines at the end of each file that are not rows.
    pub skip_footer_lines: usize,
}

/// How a line is cut into values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TextRows {
    Delimited(Delimited),
    OpenCsv(OpenCsv),
    Json(Json),
}

/// `LazySimpleSerDe`: fields between delimiters, nothing is quoted, what cannot be read is NULL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delimited {
    pub field_delim: u8,
    /// Takes the next byte as it is.
    pub escape: Option<u8>,
    /// The text that means NULL.
    pub null_format: String,
    /// Between elements of arrays, fields of structs and entries of maps.
    pub collection_delim: u8,
    /// Between a map's key and its value.
    pub map_key_delim: u8,
    /// The last column of the table also holds what follows it on the line.
    pub last_column_takes_rest: bool,
    /// Java date patterns tried before Hive's own form.
    pub timestamp_formats: Vec<String>,
}

impl Default for Delimited {
    fn default() -> Self {
        Self {
            field_delim: 1,
            escape: None,
            null_format: r"\N".to_owned(),
            collection_delim: 2,
            map_key_delim: 3,
            last_column_takes_rest: false,
            timestamp_formats: Vec::new(),
        }
    }
}

/// `OpenCSVSerde`: quoted text that is then converted; what cannot be converted is an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenCsv {
    pub separator: u8,
    pub quote: u8,
    /// `"` means `\`, as in Hive.
    pub escape: u8,
    /// `use.null.for.invalid.data`: NULL where a value cannot be converted.
    pub null_for_invalid: bool,
}

impl Default for OpenCsv {
    fn default() -> Self {
        Self { separator: b',', quote: b'"', escape: b'\\', null_for_invalid: false }
    }
}

/// Hive's and OpenX's JSON SerDes: one object per line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Json {
    /// A line that is not a JSON object is a row of NULLs rather than an error.
    pub ignore_malformed: bool,
    /// Keys match columns in any case.
    pub case_insensitive: bool,
    /// Column (or struct field) and the key it is read from, where they differ.
    pub mappings: Vec<(String, String)>,
    /// A dot in a key stands for the underscore of a column's name.
    pub dots_in_keys: bool,
    /// Java date patterns tried before ISO 8601 and epoch numbers.
    pub timestamp_formats: Vec<String>,
}

impl Default for Json {
    fn default() -> Self {
        Self {
            ignore_malformed: false,
            case_insensitive: true,
            mappings: Vec::new(),
            dots_in_keys: false,
            timestamp_formats: Vec::new(),
        }
    }
}

/// How a file's bytes become text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Compression {
    None,
    /// One or more gzip members.
    Gzip,
}

/// Endings of compressed files that are not read: taking their bytes for text would give wrong rows.
const CODECS_NOT_READ: [(&str, &str); 14] = [
    (".bz2", "bzip2"),
    (".zst", "Zstandard"),
    (".zstd", "Zstandard"),
    (".snappy", "Snappy"),
    (".sz", "Snappy"),
    (".lz4", "LZ4"),
    (".lzo", "LZO"),
    (".lzo_deflate", "LZO"),
    (".deflate", "deflate"),
    (".xz", "XZ"),
    (".br", "Brotli"),
    (".zip", "ZIP"),
    (".7z", "7-Zip"),
    (".tgz", "tar"),
];

/// The compression that a file's lower-case ending stands for.
///
/// Errors: `NotSupported` for a codec that is known but not read.
pub fn compression_of(path: &str) -> Result<Compression> {
    let ending = CODECS_NOT_READ.iter().find(|(ending, _)| path.ends_with(ending));
    let codec = match ending {
        Some((_, codec)) => codec,
        None if path.ends_with(".tar.gz") => "tar",
        None if path.ends_with(".gz") => return Ok(Compression::Gzip),
        None => return Ok(Compression::None),
    };
    Err(Error::new(ErrorCode::NotSupported, format!("text compressed with {codec} ({path:?}) is not read"))
        .with_hint("compress the files with gzip (.gz) or store them plain"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_names_the_compression() {
        for (path, expect) in [
            ("a/b.csv", Some(Compression::None)),
            ("a/b", Some(Compression::None)),
            ("a.gz/b", Some(Compression::None)),
            ("a/b.GZ", Some(Compression::None)),
            ("a/b.json.gz", Some(Compression::Gzip)),
            ("a/b.bz2", None),
            ("a/b.tar.gz", None),
            ("a/b.csv.snappy", None),
        ] {
            assert_eq!(compression_of(path).ok(), expect, "{path}");
        }
        let error = compression_of("t/x.lz4").unwrap_err();
        assert_eq!(error.code, ErrorCode::NotSupported);
        assert!(error.message.contains("LZ4"), "{error}");
    }
}
