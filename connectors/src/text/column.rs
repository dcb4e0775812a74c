//! A column under construction, of any type text can hold.
//!
//! Only the shape of values is known here; how text becomes a value is in `scalar`, how nested values
//! are written is each format's own business.

use std::sync::Arc;

use arrow::{
    array::{
        ArrayRef, BinaryBuilder, BooleanBuilder, Date32Builder, Decimal128Builder, Float32Builder,
        Float64Builder, Int8Builder, Int16Builder, Int32Builder, Int64Array, Int64Builder, ListArray,
        MapArray, NullBufferBuilder, StringBuilder, StringViewBuilder, StructArray,
    },
    buffer::{NullBuffer, OffsetBuffer},
    datatypes::{
        ArrowTimestampType, DataType, Field, FieldRef, Fields, TimeUnit, TimestampMicrosecondType,
        TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
    },
    error::ArrowError,
};
use protocol::{Error, ErrorCode, Result};

/// Deepest nesting of a column's type.
const NESTING_MAX: usize = 32;

/// Values of one column of the batch that is being filled.
#[derive(Debug)]
pub(super) struct Column {
    /// What the finished array is of.
    data_type: DataType,
    pub(super) values: Values,
}

#[derive(Debug)]
pub(super) enum Values {
    Boolean(BooleanBuilder),
    Int8(Int8Builder),
    Int16(Int16Builder),
    Int32(Int32Builder),
    Int64(Int64Builder),
    Float32(Float32Builder),
    Float64(Float64Builder),
    Decimal {
        values: Decimal128Builder,
        precision: u8,
        scale: i8,
    },
    Date(Date32Builder),
    /// Counted in the unit.
    Timestamp {
        counts: Int64Builder,
        unit: TimeUnit,
        zone: Option<Arc<str>>,
    },
    Text(StringBuilder),
    TextView(StringViewBuilder),
    Binary(BinaryBuilder),
    List(List),
    Map(Map),
    Struct(Struct),
}

#[derive(Debug)]
pub(super) struct List {
    field: FieldRef,
    ends: Ends,
    pub(super) elements: Box<Column>,
}

#[derive(Debug)]
pub(super) struct Map {
    field: FieldRef,
    entry_fields: Fields,
    ends: Ends,
    pub(super) keys: Box<Column>,
    pub(super) values: Box<Column>,
}

#[derive(Debug)]
pub(super) struct Struct {
    fields: Fields,
    nulls: NullBufferBuilder,
    pub(super) children: Vec<Column>,
}

/// Which of a child's values belong to which row.
#[derive(Debug)]
struct Ends {
    lengths: Vec<usize>,
    /// Sum of `lengths`.
    total: usize,
    nulls: NullBufferBuilder,
}

impl Column {
    /// An empty column of `field`'s type.
    ///
    /// Errors: `NotSupported` for a type that no text format writes, naming the field.
    pub(super) fn new(field: &Field) -> Result<Self> {
        Self::nested(field, 0)
    }

    fn nested(field: &Field, depth: usize) -> Result<Self> {
        let child = |field: &FieldRef| Self::nested(field, depth + 1).map(Box::new);
        let values = match field.data_type() {
            DataType::Boolean => Values::Boolean(BooleanBuilder::new()),
            DataType::Int8 => Values::Int8(Int8Builder::new()),
            DataType::Int16 => Values::Int16(Int16Builder::new()),
            DataType::Int32 => Values::Int32(Int32Builder::new()),
            DataType::Int64 => Values::Int64(Int64Builder::new()),
            DataType::Float32 => Values::Float32(Float32Builder::new()),
            DataType::Float64 => Values::Float64(Float64Builder::new()),
            DataType::Decimal128(precision, scale) => {
                let values = Decimal128Builder::new().with_data_type(field.data_type().clone());
                Values::Decimal { values, precision: *precision, scale: *scale }
            }
            DataType::Date32 => Values::Date(Date32Builder::new()),
            DataType::Timestamp(unit, zone) => {
                Values::Timestamp { counts: Int64Builder::new(), unit: *unit, zone: zone.clone() }
            }
            DataType::Utf8 | DataType::LargeUtf8 => Values::Text(StringBuilder::new()),
            DataType::Utf8View => Values::TextView(StringViewBuilder::new()),
            DataType::Binary | DataType::LargeBinary | DataType::BinaryView => {
                Values::Binary(BinaryBuilder::new())
            }
            DataType::List(element) if depth < NESTING_MAX => Values::List(List {
                field: Arc::clone(element),
                ends: Ends::new(),
                elements: child(element)?,
            }),
            DataType::Map(entries, false) if depth < NESTING_MAX => map(entries, child)?,
            DataType::Struct(fields) if depth < NESTING_MAX && !fields.is_empty() => {
                let children = fields.iter().map(|field| Self::nested(field, depth + 1));
                Values::Struct(Struct {
                    fields: fields.clone(),
                    nulls: NullBufferBuilder::new(0),
                    children: children.collect::<Result<_>>()?,
                })
            }
            _ => return Err(unreadable(field)),
        };
        Ok(Self { data_type: field.data_type().clone(), values })
    }

    /// The type of the finished array.
    pub(super) fn data_type(&self) -> &DataType {
        &self.data_type
    }

    pub(super) fn append_null(&mut self) {
        match &mut self.values {
            Values::Boolean(values) => values.append_null(),
            Values::Int8(values) => values.append_null(),
            Values::Int16(values) => values.append_null(),
            Values::Int32(values) => values.append_null(),
            Values::Int64(values) | Values::Timestamp { counts: values, .. } => values.append_null(),
            Values::Float32(values) => values.append_null(),
            Values::Float64(values) => values.append_null(),
            Values::Decimal { values, .. } => values.append_null(),
            Values::Date(values) => values.append_null(),
            Values::Text(values) => values.append_null(),
            Values::TextView(values) => values.append_null(),
            Values::Binary(values) => values.append_null(),
            Values::List(list) => list.ends.push(0, false),
            Values::Map(map) => map.ends.push(0, false),
            Values::Struct(group) => {
                group.children.iter_mut().for_each(Column::append_null);
                group.end(false);
            }
        }
    }

    /// The values so far, as exactly the field's type; the column is empty afterwards.
    pub(super) fn finish(&mut self) -> Result<ArrayRef> {
        let array: ArrayRef = match &mut self.values {
            Values::Boolean(values) => Arc::new(values.finish()),
            Values::Int8(values) => Arc::new(values.finish()),
            Values::Int16(values) => Arc::new(values.finish()),
            Values::Int32(values) => Arc::new(values.finish()),
            Values::Int64(values) => Arc::new(values.finish()),
            Values::Float32(values) => Arc::new(values.finish()),
            Values::Float64(values) => Arc::new(values.finish()),
            Values::Decimal { values, .. } => Arc::new(values.finish()),
            Values::Date(values) => Arc::new(values.finish()),
            Values::Timestamp { counts, unit, zone } => timestamps(counts, *unit, zone.clone()),
            Values::Text(values) => Arc::new(values.finish()),
            Values::TextView(values) => Arc::new(values.finish()),
            Values::Binary(values) => Arc::new(values.finish()),
            Values::List(list) => list.finish()?,
            Values::Map(map) => map.finish()?,
            Values::Struct(group) => group.finish()?,
        };
        if array.data_type() == &self.data_type {
            return Ok(array);
        }
        arrow::compute::cast(&array, &self.data_type).map_err(|failure| broken(&failure))
    }
}

impl List {
    /// Makes a list of the elements appended since the last one.
    pub(super) fn end(&mut self, length: usize) {
        self.ends.push(length, true);
    }

    fn finish(&mut self) -> Result<ArrayRef> {
        let elements = self.elements.finish()?;
        let (offsets, nulls) = self.ends.finish()?;
        let array = ListArray::try_new(Arc::clone(&self.field), offsets, elements, nulls);
        Ok(Arc::new(array.map_err(|failure| broken(&failure))?))
    }
}

impl Map {
    /// Makes a map of the `length` entries appended since the last one.
    pub(super) fn end(&mut self, length: usize) {
        self.ends.push(length, true);
    }

    fn finish(&mut self) -> Result<ArrayRef> {
        let columns = vec![self.keys.finish()?, self.values.finish()?];
        let entries = StructArray::try_new(self.entry_fields.clone(), columns, None)
            .map_err(|failure| broken(&failure))?;
        let (offsets, nulls) = self.ends.finish()?;
        let field = Arc::clone(&self.field);
        let array = MapArray::try_new(field, offsets, entries, nulls, false);
        Ok(Arc::new(array.map_err(|failure| broken(&failure))?))
    }
}

impl Struct {
    /// Makes a value of what was appended to each child.
    pub(super) fn end(&mut self, valid: bool) {
        self.nulls.append(valid);
    }

    fn finish(&mut self) -> Result<ArrayRef> {
        let columns = self.children.iter_mut().map(Column::finish).collect::<Result<_>>()?;
        let array = StructArray::try_new(self.fields.clone(), columns, self.nulls.finish());
        Ok(Arc::new(array.map_err(|failure| broken(&failure))?))
    }
}

impl Ends {
    fn new() -> Self {
        Self { lengths: Vec::new(), total: 0, nulls: NullBufferBuilder::new(0) }
    }

    fn push(&mut self, length: usize, valid: bool) {
        self.lengths.push(length);
        self.total += length;
        self.nulls.append(valid);
    }

    fn finish(&mut self) -> Result<(OffsetBuffer<i32>, Option<NullBuffer>)> {
        if i32::try_from(self.total).is_err() {
            let what = "one batch has more than 2147483647 nested values";
            return Err(Error::new(ErrorCode::MemoryLimitExceeded, what));
        }
        self.total = 0;
        let offsets = OffsetBuffer::from_lengths(std::mem::take(&mut self.lengths));
        Ok((offsets, self.nulls.finish()))
    }
}

fn map(entries: &FieldRef, child: impl Fn(&FieldRef) -> Result<Box<Column>>) -> Result<Values> {
    let DataType::Struct(entry_fields) = entries.data_type() else { return Err(unreadable(entries)) };
    let [key, value] = entry_fields.as_ref() else { return Err(unreadable(entries)) };
    Ok(Values::Map(Map {
        field: Arc::clone(entries),
        entry_fields: entry_fields.clone(),
        ends: Ends::new(),
        keys: child(key)?,
        values: child(value)?,
    }))
}

fn timestamps(counts: &mut Int64Builder, unit: TimeUnit, zone: Option<Arc<str>>) -> ArrayRef {
    let counts = counts.finish();
    match unit {
        TimeUnit::Second => in_zone::<TimestampSecondType>(&counts, zone),
        TimeUnit::Millisecond => in_zone::<TimestampMillisecondType>(&counts, zone),
        TimeUnit::Microsecond => in_zone::<TimestampMicrosecondType>(&counts, zone),
        TimeUnit::Nanosecond => in_zone::<TimestampNanosecondType>(&counts, zone),
    }
}

fn in_zone<T: ArrowTimestampType>(counts: &Int64Array, zone: Option<Arc<str>>) -> ArrayRef {
    Arc::new(counts.reinterpret_cast::<T>().with_timezone_opt(zone))
}

fn unreadable(field: &Field) -> Error {
    let what =
        format!("column {:?} of type {} cannot be read from text files", field.name(), field.data_type());
    Error::new(ErrorCode::NotSupported, what)
        .with_hint("declare the column as string and cast it in the query")
}

fn broken(failure: &ArrowError) -> Error {
    Error::internal(format!("columns read from text do not fit together: {failure}"))
}
