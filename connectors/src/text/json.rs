//! Hive's and OpenX's JSON: one object per line.
//!
//! A key that is missing, or whose value cannot be read as the column's type, is NULL; other keys are
//! skipped; of a key given twice the last one counts. A text column takes any value: a number or an
//! object is the text it was written as. Blank lines are no rows. Values are converted from their
//! text, never through a double, so decimals keep all digits.
//!
//! The library checks the line, without recursion, so deep nesting costs no stack; then `pieces` cuts
//! it up as far as the table's type asks for. Nesting of that type is bounded by `column`.

mod pieces;

use std::{borrow::Cow, collections::HashMap};

use arrow::datatypes::{DataType, Field, SchemaRef};
use protocol::{ErrorCode, Result};
use serde::de::IgnoredAny;

use super::{
    column::{Column, List, Map, Struct, Values},
    lines::Line,
    number,
    options::Json,
    problem::Origin,
    rows::Rows,
    scalar::{self, Binary, Dialect, Times},
    scan::DecodeLines,
    time_pattern,
};

/// Decodes the lines of one split.
#[derive(Debug)]
pub(super) struct JsonRows {
    ignore_malformed: bool,
    dialect: Dialect,
    /// The wanted columns by key.
    keys: Keys,
    /// Of each wanted column.
    shapes: Vec<Shape>,
    origin: Origin,
}

/// Which place a key's value goes to.
#[derive(Debug)]
struct Keys {
    places: HashMap<String, usize>,
    /// Places that take the value of another one: a mapping may name a key that is also a column.
    copies: Vec<(usize, usize)>,
    /// Number of places.
    length: usize,
    case_insensitive: bool,
    dots_in_keys: bool,
}

/// The keys inside a column's type.
#[derive(Debug)]
enum Shape {
    Scalar,
    /// Elements of a list, values of a map.
    Each(Box<Shape>),
    Struct(Keys, Vec<Shape>),
}

impl JsonRows {
    pub(super) fn new(
        options: &Json,
        table: &SchemaRef,
        projection: &[usize],
        origin: Origin,
    ) -> Result<Self> {
        let mut positions = projection.to_vec();
        positions.sort_unstable();
        positions.dedup();
        let wanted = || positions.iter().filter_map(|position| table.fields().get(*position));
        Ok(Self {
            ignore_malformed: options.ignore_malformed,
            dialect: Dialect {
                times: Times::IsoOrEpoch,
                binary: Binary::Base64,
                patterns: time_pattern::compile(&options.timestamp_formats)?,
            },
            keys: Keys::new(wanted().map(|field| field.as_ref()), options),
            shapes: wanted().map(|field| Shape::new(field.data_type(), options)).collect(),
            origin,
        })
    }
}

impl DecodeLines for JsonRows {
    fn decode(&mut self, line: &Line<'_>, rows: &mut Rows) -> Result<()> {
        let text = line.bytes.trim_ascii();
        if text.is_empty() {
            return Ok(());
        }
        if rows.wanted.is_empty() {
            rows.end_row(line.bytes.len());
            return Ok(());
        }
        let found = object(text).map(|json| self.keys.find(json));
        let found = match found {
            Ok(found) => found.unwrap_or_default(),
            Err(_) if self.ignore_malformed => {
                rows.append_null_row();
                return Ok(());
            }
            Err(reason) => {
                let what = format!("no JSON object ({reason})");
                let hint =
                    "write one object per line, or set 'ignore.malformed.json'='true' for rows of NULL";
                return Err(self.origin.error(ErrorCode::CorruptFile, &what, line).with_hint(hint));
            }
        };
        for ((wanted, shape), json) in rows.wanted.iter_mut().zip(&self.shapes).zip(found) {
            append(&mut wanted.column, shape, json, &self.dialect);
        }
        rows.end_row(line.bytes.len());
        Ok(())
    }
}

/// `line` as the text of one JSON object, or why it is none.
fn object(line: &[u8]) -> Result<&str, String> {
    let json = std::str::from_utf8(line).map_err(|_| "it is not UTF-8".to_owned())?;
    serde_json::from_str::<IgnoredAny>(json).map_err(|failure| {
        // The library counts lines within what it is given, which reads as the file's.
        let text = failure.to_string();
        let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
        format!("{what} at character {}", failure.column())
    })?;
    if json.starts_with('{') { Ok(json) } else { Err("it is another JSON value".to_owned()) }
}

impl Keys {
    fn new<'a>(fields: impl Iterator<Item = &'a Field>, options: &Json) -> Self {
        let fold = |text: &str| match options.case_insensitive {
            true => text.to_lowercase(),
            false => text.to_owned(),
        };
        let (mut places, mut copies, mut length) = (HashMap::new(), Vec::new(), 0);
        for (place, field) in fields.enumerate() {
            let mapped = options.mappings.iter().find(|(name, _)| fold(name) == fold(field.name()));
            let key = mapped.map_or(field.name(), |(_, key)| key);
            let first = *places.entry(fold(key)).or_insert(place);
            if first != place {
                copies.push((first, place));
            }
            length = place + 1;
        }
        let Json { case_insensitive, dots_in_keys, .. } = *options;
        Self { places, copies, length, case_insensitive, dots_in_keys }
    }

    fn place(&self, key: &str) -> Option<usize> {
        if let Some(place) = self.places.get(key) {
            return Some(*place);
        }
        let mut folded = Cow::Borrowed(key);
        if self.case_insensitive {
            folded = Cow::Owned(key.to_lowercase());
        }
        if let Some(place) = self.places.get(folded.as_ref()) {
            return Some(*place);
        }
        let dotted = self.dots_in_keys && key.contains('.');
        if dotted { self.places.get(&folded.replace('.', "_")).copied() } else { None }
    }

    /// The text of each place's value in `json`, as far as it has one; `None` if `json` is no object.
    fn find<'a>(&self, json: &'a str) -> Option<Vec<Option<&'a str>>> {
        let mut found = vec![None; self.length];
        for (key, value) in pieces::entries(json)? {
            let place = pieces::string(key).and_then(|key| self.place(&key));
            if let Some(slot) = place.and_then(|place| found.get_mut(place)) {
                *slot = Some(value);
            }
        }
        for (from, to) in &self.copies {
            let value = found.get(*from).copied().flatten();
            if let Some(slot) = found.get_mut(*to) {
                *slot = value;
            }
        }
        Some(found)
    }
}

impl Shape {
    fn new(data_type: &DataType, options: &Json) -> Self {
        match data_type {
            DataType::List(element) => Shape::Each(Box::new(Shape::new(element.data_type(), options))),
            DataType::Map(entries, _) => match entries.data_type() {
                DataType::Struct(entry) => {
                    let value = entry.last().map_or(&DataType::Null, |value| value.data_type());
                    Shape::Each(Box::new(Shape::new(value, options)))
                }
                _ => Shape::Scalar,
            },
            DataType::Struct(fields) => {
                let keys = Keys::new(fields.iter().map(|field| field.as_ref()), options);
                let shapes = fields.iter().map(|field| Shape::new(field.data_type(), options));
                Shape::Struct(keys, shapes.collect())
            }
            _ => Shape::Scalar,
        }
    }
}

/// Appends one value: that of `json`, a valid JSON value, or NULL.
fn append(column: &mut Column, shape: &Shape, json: Option<&str>, dialect: &Dialect) {
    let appended = json.is_some_and(|json| match (&mut column.values, shape) {
        (Values::List(list), Shape::Each(shape)) => append_list(list, shape, json, dialect),
        (Values::Map(map), Shape::Each(shape)) => append_map(map, shape, json, dialect),
        (Values::Struct(group), Shape::Struct(keys, shapes)) => {
            append_struct(group, keys, shapes, json, dialect)
        }
        _ => append_scalar(column, json, dialect),
    });
    if !appended {
        column.append_null();
    }
}

fn append_list(list: &mut List, shape: &Shape, json: &str, dialect: &Dialect) -> bool {
    let Some(elements) = pieces::elements(json) else { return false };
    let mut length = 0;
    for element in elements {
        append(&mut list.elements, shape, Some(element), dialect);
        length += 1;
    }
    list.end(length);
    true
}

fn append_map(map: &mut Map, shape: &Shape, json: &str, dialect: &Dialect) -> bool {
    let Some(entries) = pieces::entries(json) else { return false };
    let mut length = 0;
    for (key, value) in entries {
        // An entry whose key is not of the map's key type cannot be kept.
        let key = pieces::string(key);
        if key.is_some_and(|key| scalar::append(&mut map.keys, key.as_bytes(), dialect)) {
            append(&mut map.values, shape, Some(value), dialect);
            length += 1;
        }
    }
    map.end(length);
    true
}

fn append_struct(group: &mut Struct, keys: &Keys, shapes: &[Shape], json: &str, dialect: &Dialect) -> bool {
    let Some(found) = keys.find(json) else { return false };
    for ((child, shape), json) in group.children.iter_mut().zip(shapes).zip(found) {
        append(child, shape, json, dialect);
    }
    group.end(true);
    true
}

fn append_scalar(column: &mut Column, json: &str, dialect: &Dialect) -> bool {
    match json.as_bytes().first() {
        None | Some(b'n') => false,
        Some(b'"') => {
            pieces::string(json).is_some_and(|text| scalar::append(column, text.as_bytes(), dialect))
        }
        Some(b'{' | b'[') => {
            let is_text = matches!(column.values, Values::Text(_) | Values::TextView(_));
            is_text && scalar::append(column, json.as_bytes(), dialect)
        }
        Some(_) => {
            scalar::append(column, json.as_bytes(), dialect)
                || number::integral(json.as_bytes()).is_some_and(|number| append_integral(column, number))
        }
    }
}

/// For `1.0` and `1e3` in integer columns.
fn append_integral(column: &mut Column, number: i64) -> bool {
    match &mut column.values {
        Values::Int8(values) => scalar::put(number.try_into().ok(), |number| values.append_value(number)),
        Values::Int16(values) => scalar::put(number.try_into().ok(), |number| values.append_value(number)),
        Values::Int32(values) => scalar::put(number.try_into().ok(), |number| values.append_value(number)),
        Values::Int64(values) => scalar::put(Some(number), |number| values.append_value(number)),
        _ => false,
    }
}
