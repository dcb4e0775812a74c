//! How lines of text become rows: the options of the text SerDes.

use protocol::{Error, ErrorCode, Result};

use crate::Table;

/// Lines before the first row or after the last one; more is a slip.
const SKIPPED_LINES_MAX: u32 = 1_000_000;

/// One record per line, in files that may be compressed (their names tell).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextFormat {
    pub rows: TextRows,
    /// Lines at the start of each file that are not rows.
    pub header_lines: u32,
    /// Lines at the end of each file that are not rows.
    pub footer_lines: u32,
}

/// How one line is cut into values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextRows {
    Delimited(Delimited),
    OpenCsv(OpenCsv),
    Json(Json),
}

/// `LazySimpleSerDe`: fields between delimiters, nothing is quoted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delimited {
    pub field_delim: u8,
    /// Takes the next byte as it is; none unless the table names one.
    pub escape: Option<u8>,
    /// The text that means NULL.
    pub null_format: String,
    pub collection_delim: u8,
    pub map_key_delim: u8,
    /// The last column also holds what follows it on the line.
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

/// `OpenCSVSerde`: every field is text, then converted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenCsv {
    pub separator: u8,
    pub quote: u8,
    pub escape: u8,
}

impl Default for OpenCsv {
    fn default() -> Self {
        Self { separator: b',', quote: b'"', escape: b'\\' }
    }
}

/// Whose JSON SerDe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonFlavor {
    /// Hive's and HCatalog's.
    Hive,
    OpenX,
}

/// One JSON object per line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Json {
    pub flavor: JsonFlavor,
    /// A line that is not JSON is a row of NULLs rather than an error.
    pub ignore_malformed: bool,
    /// Keys match columns in any case.
    pub case_insensitive: bool,
    /// Column and the key it is read from, where they differ.
    pub mappings: Vec<(String, String)>,
    /// A dot in a key stands for the underscore of a column's name.
    pub dots_in_keys: bool,
    /// Java date patterns tried before Hive's own form.
    pub timestamp_formats: Vec<String>,
}

pub(super) fn delimited(table: &Table) -> Result<TextFormat> {
    let default = Delimited::default();
    let field_delim = match delimiter(table, "field.delim")? {
        Some(byte) => byte,
        // Hive reads this one as a code, and every table has it at "1".
        None => delimiter(table, "serialization.format")?.unwrap_or(default.field_delim),
    };
    let collection_delim = match delimiter(table, "collection.delim")? {
        Some(byte) => byte,
        // Hive's own misspelling, which is what its DDL writes.
        None => delimiter(table, "colelction.delim")?.unwrap_or(default.collection_delim),
    };
    if !matches!(delimiter(table, "line.delim")?, None | Some(b'\n')) {
        return Err(bad(table, "line.delim", "only a newline ends a line"));
    }
    check_encoding(table)?;
    let rows = Delimited {
        field_delim,
        escape: delimiter(table, "escape.delim")?,
        null_format: table.property("serialization.null.format").map_or(default.null_format, str::to_owned),
        collection_delim,
        map_key_delim: delimiter(table, "mapkey.delim")?.unwrap_or(default.map_key_delim),
        last_column_takes_rest: flag(table, "serialization.last.column.takes.rest")?.unwrap_or(false),
        timestamp_formats: timestamp_formats(table),
    };
    text_format(table, TextRows::Delimited(rows))
}

pub(super) fn open_csv(table: &Table) -> Result<TextFormat> {
    let default = OpenCsv::default();
    check_encoding(table)?;
    let rows = OpenCsv {
        separator: character(table, "separatorChar")?.unwrap_or(default.separator),
        quote: character(table, "quoteChar")?.unwrap_or(default.quote),
        escape: character(table, "escapeChar")?.unwrap_or(default.escape),
    };
    text_format(table, TextRows::OpenCsv(rows))
}

pub(super) fn json(table: &Table, flavor: JsonFlavor) -> Result<TextFormat> {
    let mut rows = Json {
        flavor,
        ignore_malformed: flag(table, "ignore.malformed.json")?.unwrap_or(false),
        case_insensitive: true,
        mappings: Vec::new(),
        dots_in_keys: false,
        timestamp_formats: timestamp_formats(table),
    };
    if flavor == JsonFlavor::OpenX {
        rows.case_insensitive = flag(table, "case.insensitive")?.unwrap_or(true);
        rows.dots_in_keys = flag(table, "dots.in.keys")?.unwrap_or(false);
        rows.mappings = table
            .storage
            .serde_parameters
            .iter()
            .filter_map(|(key, value)| Some((key.strip_prefix("mapping.")?.to_owned(), value.to_owned())))
            .collect();
    }
    text_format(table, TextRows::Json(rows))
}

fn text_format(table: &Table, rows: TextRows) -> Result<TextFormat> {
    Ok(TextFormat {
        rows,
        header_lines: lines(table, "skip.header.line.count")?,
        footer_lines: lines(table, "skip.footer.line.count")?,
    })
}

fn lines(table: &Table, key: &str) -> Result<u32> {
    let Some(text) = table.property(key) else {
        return Ok(0);
    };
    match text.trim().parse::<u32>() {
        Ok(count) if count <= SKIPPED_LINES_MAX => Ok(count),
        _ => Err(bad(table, key, &format!("a number from 0 to {SKIPPED_LINES_MAX} is needed"))),
    }
}

/// A property that is `true` or `false` in any case; `None` where it is not set.
pub(super) fn flag(table: &Table, key: &str) -> Result<Option<bool>> {
    match table.property(key) {
        None => Ok(None),
        Some(text) if text.trim().eq_ignore_ascii_case("true") => Ok(Some(true)),
        Some(text) if text.trim().eq_ignore_ascii_case("false") => Ok(Some(false)),
        Some(_) => Err(bad(table, key, "true or false is needed")),
    }
}

fn timestamp_formats(table: &Table) -> Vec<String> {
    let text = table.property("timestamp.formats").unwrap_or_default();
    text.split(',').map(str::trim).filter(|pattern| !pattern.is_empty()).map(str::to_owned).collect()
}

fn check_encoding(table: &Table) -> Result<()> {
    match table.property("serialization.encoding") {
        None | Some("") => Ok(()),
        Some(name) if name.eq_ignore_ascii_case("utf-8") || name.eq_ignore_ascii_case("utf8") => Ok(()),
        Some(_) => Err(bad(table, "serialization.encoding", "only UTF-8 is read")),
    }
}

/// A LazySimpleSerDe delimiter. Like in Hive, a number is the byte's code and otherwise the first
/// character counts; an escape left unresolved by the writer (`\t`, `\001`) is understood too.
fn delimiter(table: &Table, key: &str) -> Result<Option<u8>> {
    let Some(text) = table.property(key).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    if let Ok(code) = text.parse::<i8>() {
        return Ok(Some(code.cast_unsigned()));
    }
    first_byte(table, key, text).map(Some)
}

/// An OpenCSVSerde character: always the first one, also of a number.
fn character(table: &Table, key: &str) -> Result<Option<u8>> {
    match table.property(key).filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => first_byte(table, key, text).map(Some),
    }
}

fn first_byte(table: &Table, key: &str, text: &str) -> Result<u8> {
    if let Some(byte) = text.strip_prefix('\\').and_then(escaped_byte) {
        return Ok(byte);
    }
    match text.as_bytes().first() {
        Some(byte) if byte.is_ascii() => Ok(*byte),
        _ => Err(bad(table, key, "an ASCII character is needed")),
    }
}

/// The byte that stands behind a backslash: `t`, `n`, `r`, three octal digits or `uXXXX`.
fn escaped_byte(after: &str) -> Option<u8> {
    match after {
        "t" => Some(b'\t'),
        "n" => Some(b'\n'),
        "r" => Some(b'\r'),
        "\\" => Some(b'\\'),
        _ if after.len() == 3 => u8::from_str_radix(after, 8).ok().filter(u8::is_ascii),
        _ if after.len() == 5 => after
            .strip_prefix('u')
            .and_then(|digits| u8::from_str_radix(digits, 16).ok())
            .filter(u8::is_ascii),
        _ => None,
    }
}

fn bad(table: &Table, key: &str, what: &str) -> Error {
    let value = table.property(key).unwrap_or_default();
    Error::new(
        ErrorCode::InvalidTable,
        format!("property \"{key}\" of table \"{}\" is {value:?}: {what}", table.full_name()),
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::{FileFormat, StorageFormat, format::serde_library};

    fn format(library: &str, serde: &[(&str, &str)], table: &[(&str, &str)]) -> Result<TextFormat> {
        let mut definition =
            Table { name: "t".into(), parameters: table.iter().copied().collect(), ..Table::default() };
        definition.storage.input_format = StorageFormat::textfile().input_format.into();
        definition.storage.serde_library = library.into();
        definition.storage.serde_parameters = serde.iter().copied().collect();
        match FileFormat::of(&definition)? {
            FileFormat::Text(format) => Ok(format),
            other => panic!("{other:?}"),
        }
    }

    fn delimited(serde: &[(&str, &str)]) -> Delimited {
        match format(serde_library::LAZY_SIMPLE, serde, &[]).unwrap().rows {
            TextRows::Delimited(rows) => rows,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn delimited_defaults_are_hives() {
        assert_eq!(delimited(&[]), Delimited::default());
        assert_eq!(delimited(&[("serialization.format", "1")]), Delimited::default());
    }

    #[test]
    fn delimiters_are_codes_characters_or_escapes() {
        for (text, expected) in [
            (",", b','),
            ("\t", b'\t'),
            ("9", 9),
            ("44", b','),
            ("|", b'|'),
            (r"\t", b'\t'),
            (r"\001", 1),
            (r"\u0001", 1),
            ("||", b'|'),
            ("\\", b'\\'),
        ] {
            assert_eq!(delimited(&[("field.delim", text)]).field_delim, expected, "{text:?}");
        }
        assert_eq!(delimited(&[("serialization.format", ",")]).field_delim, b',');
        let rows = delimited(&[
            ("field.delim", ","),
            ("escape.delim", "\\"),
            ("colelction.delim", ";"),
            ("mapkey.delim", ":"),
            ("serialization.null.format", ""),
            ("line.delim", "\n"),
            ("serialization.last.column.takes.rest", "TRUE"),
            ("timestamp.formats", "yyyy-MM-dd, dd/MM/yy"),
        ]);
        let expected = Delimited {
            field_delim: b',',
            escape: Some(b'\\'),
            null_format: String::new(),
            collection_delim: b';',
            map_key_delim: b':',
            last_column_takes_rest: true,
            timestamp_formats: vec!["yyyy-MM-dd".into(), "dd/MM/yy".into()],
        };
        assert_eq!(rows, expected);
    }

    #[test]
    fn open_csv_takes_characters_never_codes() {
        let rows = |serde: &[_]| format(serde_library::OPEN_CSV, serde, &[]).unwrap().rows;
        assert_eq!(rows(&[]), TextRows::OpenCsv(OpenCsv::default()));
        assert_eq!(
            rows(&[("separatorChar", "9"), ("quoteChar", "'"), ("escapeChar", "\\\\")]),
            TextRows::OpenCsv(OpenCsv { separator: b'9', quote: b'\'', escape: b'\\' })
        );
        assert_eq!(
            rows(&[("separatorChar", "\\t")]),
            TextRows::OpenCsv(OpenCsv { separator: b'\t', ..OpenCsv::default() })
        );
    }

    #[test]
    fn openx_options_do_not_reach_hives_json() {
        let options = [
            ("case.insensitive", "false"),
            ("dots.in.keys", "true"),
            ("mapping.ts", "timestamp"),
            ("ignore.malformed.json", "true"),
        ];
        let json = |library| match format(library, &options, &[]).unwrap().rows {
            TextRows::Json(json) => json,
            other => panic!("{other:?}"),
        };
        let openx = json(serde_library::OPENX_JSON);
        assert_eq!(openx.mappings, [("ts".to_owned(), "timestamp".to_owned())]);
        assert!(openx.ignore_malformed && openx.dots_in_keys && !openx.case_insensitive);
        let hive = json(serde_library::HCATALOG_JSON);
        assert!(
            hive.ignore_malformed && !hive.dots_in_keys && hive.case_insensitive && hive.mappings.is_empty()
        );
    }

    #[test]
    fn header_lines_come_from_table_or_serde() {
        let count = [("skip.header.line.count", "2")];
        assert_eq!(format(serde_library::LAZY_SIMPLE, &[], &count).unwrap().header_lines, 2);
        assert_eq!(format(serde_library::OPEN_CSV, &count, &[]).unwrap().header_lines, 2);
    }

    #[test]
    fn faulty_properties_are_named() {
        for (library, key, value) in [
            (serde_library::LAZY_SIMPLE, "field.delim", "é"),
            (serde_library::LAZY_SIMPLE, "line.delim", "|"),
            (serde_library::LAZY_SIMPLE, "serialization.encoding", "latin1"),
            (serde_library::LAZY_SIMPLE, "skip.header.line.count", "-1"),
            (serde_library::OPENX_JSON, "case.insensitive", "yes"),
        ] {
            let error = format(library, &[(key, value)], &[]).unwrap_err();
            assert_eq!(error.code, ErrorCode::InvalidTable);
            assert!(error.message.contains(key), "{error}");
        }
    }
}
