//! `OpenCSVSerde`: fields in quotes, as the Java library opencsv takes them apart, then converted.
//!
//! As in Athena, a value that its column's type cannot hold is an error, and so is an empty field of a
//! column that is not text; a DATE is days and a TIMESTAMP milliseconds since 1970. Beyond Athena, ISO
//! dates and timestamps are read too, and a field may contain line breaks (they become LF, as in
//! opencsv), if the quote that holds them is the field's first character: a stray quote inside a
//! field must not swallow the lines behind it.

use arrow::datatypes::{DataType, SchemaRef};
use protocol::{Error, ErrorCode, Result};

use super::{
    lines::{LINE_BYTES_MAX, Line},
    options::OpenCsv,
    problem::{self, Origin},
    rows::{Rows, Wanted},
    scalar::{self, Binary, Dialect, Times},
    scan::DecodeLines,
};

/// Decodes the lines of one file.
#[derive(Debug)]
pub(super) struct OpenCsvRows {
    separator: u8,
    quote: u8,
    escape: u8,
    null_for_invalid: bool,
    dialect: Dialect,
    origin: Origin,
    /// How many fields of a record are kept.
    fields_wanted: usize,
    record: Record,
}

/// The record being read; spans several lines if a quoted field does.
#[derive(Debug, Default)]
struct Record {
    /// The kept fields, one after the other; the last one may still grow.
    text: Vec<u8>,
    /// Where each finished field ends in `text`.
    ends: Vec<usize>,
    /// Finished fields, those not kept included.
    fields: usize,
    /// Length of the field being read, kept or not, and whether it is only spaces so far.
    field_bytes: usize,
    field_is_blank: bool,
    in_quotes: bool,
    /// The open quote was the field's first character.
    quote_is_first: bool,
    /// There was content since the field, or its quotes, began; decides what an escape is.
    in_field: bool,
    /// Line that the record began on.
    number: u64,
    offset: u64,
    /// Of all its lines.
    line_bytes: usize,
}

impl OpenCsvRows {
    /// Errors: `NotSupported` for a wanted column of a nested type.
    pub(super) fn new(
        options: &OpenCsv,
        table: &SchemaRef,
        projection: &[usize],
        origin: Origin,
    ) -> Result<Self> {
        for field in projection.iter().filter_map(|position| table.fields().get(*position)) {
            if field.data_type().is_nested() {
                let what = format!("column {:?} is nested, which OpenCSVSerde cannot read", field.name());
                return Err(Error::new(ErrorCode::NotSupported, what)
                    .with_hint("declare the column as string and parse it in the query"));
            }
        }
        Ok(Self {
            separator: options.separator,
            quote: options.quote,
            // Hive hands opencsv its default escape when the table names opencsv's writer default.
            escape: if options.escape == b'"' { b'\\' } else { options.escape },
            null_for_invalid: options.null_for_invalid,
            dialect: Dialect {
                times: Times::EpochDaysAndMillis,
                binary: Binary::Verbatim,
                patterns: Vec::new(),
            },
            origin,
            fields_wanted: projection.iter().max().map_or(0, |last| last + 1),
            record: Record::default(),
        })
    }

    fn parse(&mut self, line: &[u8]) {
        let mut at = 0;
        while let Some(byte) = line.get(at).copied() {
            let next = line.get(at + 1).copied();
            let record = &mut self.record;
            let inside = record.in_quotes || record.in_field;
            if byte == self.escape {
                if let Some(next) =
                    next.filter(|next| inside && (*next == self.quote || *next == self.escape))
                {
                    record.push(next, self.fields_wanted);
                    at += 1;
                }
            } else if byte == self.quote {
                if inside && next == Some(self.quote) {
                    record.push(self.quote, self.fields_wanted);
                    at += 1;
                } else {
                    self.pass_quote(line, at);
                }
            } else if byte == self.separator && !record.in_quotes {
                record.end_field(self.fields_wanted);
            } else {
                record.push(byte, self.fields_wanted);
                record.in_field = true;
            }
            at += 1;
        }
    }

    /// Opens or closes quotes. A quote amid a field's characters is also one of them; opencsv looks
    /// for that only from a line's fourth character on.
    fn pass_quote(&mut self, line: &[u8], at: usize) {
        let record = &mut self.record;
        record.in_quotes = !record.in_quotes;
        let before = at.checked_sub(1).and_then(|before| line.get(before));
        let amid = at > 2
            && before.is_some_and(|byte| *byte != self.separator)
            && line.get(at + 1).is_some_and(|byte| *byte != self.separator);
        if amid && record.field_bytes > 0 && record.field_is_blank {
            record.clear_field();
        }
        record.quote_is_first = record.in_quotes && record.field_bytes == 0;
        if amid && record.field_bytes > 0 {
            record.push(self.quote, self.fields_wanted);
        }
        record.in_field = !record.in_field;
    }

    fn append_row(&self, rows: &mut Rows, line: &Line<'_>) -> Result<()> {
        let record = &self.record;
        for wanted in &mut rows.wanted {
            match record.field(wanted.position) {
                None => wanted.column.append_null(),
                Some(value) if scalar::append(&mut wanted.column, value, &self.dialect) => {}
                Some(_) if self.null_for_invalid => wanted.column.append_null(),
                Some(value) => return Err(self.invalid(wanted, value, line)),
            }
        }
        rows.end_row(record.line_bytes);
        Ok(())
    }

    fn invalid(&self, wanted: &Wanted, value: &[u8], line: &Line<'_>) -> Error {
        let kind = kind(wanted.column.data_type());
        let what = format!("column {:?} of type {kind} cannot hold {}", wanted.name, problem::shown(value));
        let hint = match value.is_empty() {
            true => {
                "OpenCSVSerde has no NULL: declare the column as string and use try_cast, or use LazySimpleSerDe"
            }
            false => "declare the column as string and convert it in the query",
        };
        self.origin.error(ErrorCode::SchemaMismatch, &what, line).with_hint(hint)
    }

    fn unterminated(&self, what: &str) -> Error {
        let line = Line { bytes: &[], number: self.record.number, offset: self.record.offset };
        self.origin
            .error(ErrorCode::CorruptFile, what, &line)
            .with_hint("double a quote inside a quoted field, or set another quoteChar")
    }
}

impl DecodeLines for OpenCsvRows {
    fn decode(&mut self, line: &Line<'_>, rows: &mut Rows) -> Result<()> {
        if self.record.in_quotes {
            self.record.push(b'\n', self.fields_wanted);
        } else {
            self.record.begin(line);
        }
        self.record.line_bytes += line.bytes.len() + 1;
        if self.record.line_bytes > LINE_BYTES_MAX {
            return Err(
                self.unterminated(&format!("a quoted field makes a row of more than {LINE_BYTES_MAX} bytes"))
            );
        }
        self.parse(line.bytes);
        if !self.record.in_quotes {
            self.record.end_field(self.fields_wanted);
            let first = Line { bytes: &[], number: self.record.number, offset: self.record.offset };
            return self.append_row(rows, &first);
        }
        if self.record.quote_is_first {
            return Ok(());
        }
        Err(self.unterminated("a quote inside a field is not closed on its line"))
    }

    fn end(&mut self, _rows: &mut Rows) -> Result<()> {
        if self.record.in_quotes {
            return Err(self.unterminated("a quoted field is not closed"));
        }
        Ok(())
    }
}

impl Record {
    fn begin(&mut self, line: &Line<'_>) {
        let (mut text, mut ends) = (std::mem::take(&mut self.text), std::mem::take(&mut self.ends));
        text.clear();
        ends.clear();
        let (number, offset) = (line.number, line.offset);
        *self = Self { text, ends, number, offset, field_is_blank: true, ..Self::default() };
    }

    fn push(&mut self, byte: u8, fields_wanted: usize) {
        self.field_is_blank &= byte.is_ascii_whitespace();
        self.field_bytes += 1;
        if self.fields < fields_wanted {
            self.text.push(byte);
        }
    }

    fn clear_field(&mut self) {
        self.field_bytes = 0;
        self.text.truncate(self.ends.last().copied().unwrap_or(0));
    }

    fn end_field(&mut self, fields_wanted: usize) {
        if self.fields < fields_wanted {
            self.ends.push(self.text.len());
        }
        self.fields += 1;
        self.field_bytes = 0;
        self.field_is_blank = true;
        self.in_field = false;
    }

    fn field(&self, position: usize) -> Option<&[u8]> {
        let end = *self.ends.get(position)?;
        let start = match position.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.text.get(start..end)
    }
}

/// A type as SQL writes it.
fn kind(data_type: &DataType) -> String {
    match data_type {
        DataType::Int8 => "tinyint".into(),
        DataType::Int16 => "smallint".into(),
        DataType::Int32 => "int".into(),
        DataType::Int64 => "bigint".into(),
        DataType::Float32 => "float".into(),
        DataType::Float64 => "double".into(),
        DataType::Date32 => "date".into(),
        DataType::Timestamp(..) => "timestamp".into(),
        DataType::Decimal128(precision, scale) => format!("decimal({precision},{scale})"),
        other => other.to_string().to_lowercase(),
    }
}
