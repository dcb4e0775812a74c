//! `LazySimpleSerDe`: fields between single-byte delimiters, nested values between further ones.
//!
//! Nothing is quoted. A field that is missing, is the table's NULL text, or cannot be read as its
//! column's type is NULL; fields beyond the table's columns are ignored. Decoding of a line stops at
//! the last wanted field.

use std::borrow::Cow;

use arrow::datatypes::{DataType, SchemaRef};
use memchr::{memchr, memchr2};
use protocol::{Error, ErrorCode, Result};

use super::{
    column::{Column, Values},
    lines::Line,
    options::Delimited,
    rows::Rows,
    scalar::{self, Binary, Dialect, Times},
    scan::DecodeLines,
    time_pattern,
};

/// Delimiters by level: fields, elements, map keys, and what Hive uses deeper inside.
const LEVELS_MAX: usize = 8;

/// Decodes the lines of one split.
#[derive(Debug)]
pub(super) struct DelimitedRows {
    syntax: Syntax,
    /// The field that extends to the end of the line.
    rest_position: Option<usize>,
}

#[derive(Debug)]
struct Syntax {
    delims: [u8; LEVELS_MAX],
    escape: Option<u8>,
    null_format: Vec<u8>,
    dialect: Dialect,
}

impl DelimitedRows {
    /// Errors: `NotSupported` for a wanted column nested deeper than there are delimiters.
    pub(super) fn new(options: &Delimited, table: &SchemaRef, projection: &[usize]) -> Result<Self> {
        for field in projection.iter().filter_map(|position| table.fields().get(*position)) {
            if levels(field.data_type()) > LEVELS_MAX {
                let what = format!("column {:?} is nested deeper than delimited text can be", field.name());
                return Err(Error::new(ErrorCode::NotSupported, what));
            }
        }
        let [fields, elements, keys] = [options.field_delim, options.collection_delim, options.map_key_delim];
        let syntax = Syntax {
            delims: [fields, elements, keys, 4, 5, 6, 7, 8],
            escape: options.escape,
            null_format: options.null_format.clone().into_bytes(),
            dialect: Dialect {
                times: Times::Hive,
                binary: Binary::Base64,
                patterns: time_pattern::compile(&options.timestamp_formats)?,
            },
        };
        let last = table.fields().len().checked_sub(1);
        Ok(Self { syntax, rest_position: last.filter(|_| options.last_column_takes_rest) })
    }
}

impl DecodeLines for DelimitedRows {
    fn decode(&mut self, line: &Line<'_>, rows: &mut Rows) -> Result<()> {
        let mut rest = Some(line.bytes);
        let mut position = 0;
        for wanted in &mut rows.wanted {
            while position < wanted.position {
                rest = rest.and_then(|rest| self.syntax.cut(rest, 0).1);
                position += 1;
            }
            let Some(from_here) = rest else {
                wanted.column.append_null();
                continue;
            };
            let (field, after) = match self.rest_position == Some(position) {
                true => (from_here, None),
                false => self.syntax.cut(from_here, 0),
            };
            self.syntax.append(&mut wanted.column, field, 1);
            rest = after;
            position += 1;
        }
        rows.end_row(line.bytes.len());
        Ok(())
    }
}

/// How many delimiters a column of this type needs, that of the line's fields included.
fn levels(data_type: &DataType) -> usize {
    match data_type {
        DataType::List(element) => 1 + levels(element.data_type()),
        DataType::Struct(fields) => {
            1 + fields.iter().map(|field| levels(field.data_type())).max().unwrap_or(0)
        }
        DataType::Map(entries, _) => 1 + levels(entries.data_type()),
        _ => 1,
    }
}

impl Syntax {
    /// What is before the first delimiter of `level`, and what is after it, if it is there.
    fn cut<'a>(&self, text: &'a [u8], level: usize) -> (&'a [u8], Option<&'a [u8]>) {
        let Some(delim) = self.delims.get(level).copied() else { return (text, None) };
        let at = match self.escape {
            None => memchr(delim, text),
            Some(escape) => find_unescaped(text, delim, escape),
        };
        match at {
            Some(at) => (text.get(..at).unwrap_or_default(), text.get(at + 1..)),
            None => (text, None),
        }
    }

    fn parts<'a>(&self, text: &'a [u8], level: usize) -> impl Iterator<Item = &'a [u8]> {
        let mut rest = Some(text).filter(|text| !text.is_empty());
        std::iter::from_fn(move || {
            let (part, after) = self.cut(rest?, level);
            rest = after;
            Some(part)
        })
    }

    /// Appends the value of `text`, whose parts, if it has any, are delimited by `level`.
    fn append(&self, column: &mut Column, text: &[u8], level: usize) {
        if text == self.null_format {
            return column.append_null();
        }
        match &mut column.values {
            Values::List(list) => {
                let mut length = 0;
                for element in self.parts(text, level) {
                    self.append(&mut list.elements, element, level + 1);
                    length += 1;
                }
                list.end(length);
            }
            Values::Map(map) => {
                let mut length = 0;
                for entry in self.parts(text, level) {
                    let (key, value) = self.cut(entry, level + 1);
                    let is_key = key != self.null_format
                        && scalar::append(&mut map.keys, &self.unescape(key), &self.dialect);
                    if is_key {
                        self.append(&mut map.values, value.unwrap_or(&self.null_format), level + 2);
                        length += 1;
                    }
                }
                map.end(length);
            }
            Values::Struct(group) => {
                let mut parts = self.parts(text, level);
                for child in &mut group.children {
                    match parts.next() {
                        Some(part) => self.append(child, part, level + 1),
                        None => child.append_null(),
                    }
                }
                group.end(true);
            }
            _ => {
                if !scalar::append(column, &self.unescape(text), &self.dialect) {
                    column.append_null();
                }
            }
        }
    }

    /// Without the escape bytes. One at the end escapes nothing and stays.
    fn unescape<'a>(&self, text: &'a [u8]) -> Cow<'a, [u8]> {
        let Some(escape) = self.escape.filter(|escape| memchr(*escape, text).is_some()) else {
            return Cow::Borrowed(text);
        };
        let mut plain = Vec::with_capacity(text.len());
        let mut bytes = text.iter().copied();
        while let Some(byte) = bytes.next() {
            let escaped = if byte == escape { bytes.next() } else { None };
            plain.push(escaped.unwrap_or(byte));
        }
        Cow::Owned(plain)
    }
}

fn find_unescaped(text: &[u8], delim: u8, escape: u8) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + memchr2(delim, escape, text.get(from..)?)?;
        // A table may name one byte for both; then nothing can be escaped.
        if text.get(at) == Some(&delim) {
            return Some(at);
        }
        from = at + 2;
    }
}
