//! From the types the decoder delivers to the table's types.

use std::sync::Arc;

use arrow::{
    array::{
        Array, ArrayRef, AsArray, ListArray, MapArray, PrimitiveArray, StructArray, UnionArray,
        new_null_array,
    },
    compute::{CastOptions, can_cast_types, cast_with_options},
    datatypes::{
        ArrowPrimitiveType, DataType, Decimal128Type, Field, Fields, TimeUnit, TimestampMicrosecondType,
        TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UnionFields, UnionMode,
    },
};

use super::{
    error::OrcError,
    schema::{Kind, Node},
    timestamps,
};

/// Timestamps come as decimals, see [`timestamps`].
const TIMESTAMP: DataType = DataType::Decimal128(timestamps::PRECISION, timestamps::SCALE);

/// What the decoder is asked to deliver for a column.
pub(crate) fn decoded_type(of: &Node) -> DataType {
    let child = |at: usize| of.children.get(at).map_or(DataType::Null, |(_, node)| decoded_type(node));
    match of.kind {
        Kind::Boolean => DataType::Boolean,
        Kind::Byte => DataType::Int8,
        Kind::Short => DataType::Int16,
        Kind::Int => DataType::Int32,
        Kind::Long => DataType::Int64,
        Kind::Float => DataType::Float32,
        Kind::Double => DataType::Float64,
        Kind::String | Kind::Varchar | Kind::Char => DataType::Utf8,
        Kind::Binary => DataType::Binary,
        Kind::Timestamp | Kind::TimestampInstant => TIMESTAMP,
        Kind::Date => DataType::Date32,
        Kind::Decimal { precision, scale } => DataType::Decimal128(
            u8::try_from(precision).unwrap_or(u8::MAX),
            i8::try_from(scale).unwrap_or(i8::MAX),
        ),
        Kind::List => DataType::new_list(child(0), true),
        Kind::Map => {
            let pair =
                Fields::from(vec![Field::new("key", child(0), false), Field::new("value", child(1), true)]);
            let entries = Field::new("entries", DataType::Struct(pair), false);
            DataType::Map(Arc::new(entries), false)
        }
        Kind::Struct => {
            let fields = of.children.iter().map(|(name, node)| Field::new(name, decoded_type(node), true));
            DataType::Struct(fields.collect())
        }
        Kind::Union => {
            let fields = (0_i8..).zip(&of.children).map(|(tag, (_, node))| {
                (tag, Arc::new(Field::new(format!("field{tag}"), decoded_type(node), true)))
            });
            DataType::Union(fields.collect::<UnionFields>(), UnionMode::Sparse)
        }
        Kind::Unknown(_) => DataType::Null,
    }
}

/// `array`, decoded for `of`, as `target`. A value that does not fit becomes null, as in Athena.
///
/// Errors: [`OrcError::Mismatch`] when no value of the one type is a value of the other.
pub(crate) fn adapt(of: &Node, array: &ArrayRef, target: &DataType) -> Result<ArrayRef, OrcError> {
    match (of.kind, target) {
        (Kind::Timestamp, _) => from_decimal(array, None, target),
        (Kind::TimestampInstant, _) => from_decimal(array, Some("UTC"), target),
        (Kind::Struct, DataType::Struct(fields)) => structs(of, shaped(array.as_struct_opt())?, fields),
        (Kind::List, DataType::List(item)) => lists(of, shaped(array.as_list_opt())?, item),
        (Kind::Map, DataType::Map(entries, sorted)) => {
            maps(of, shaped(array.as_map_opt())?, entries, *sorted)
        }
        (Kind::Union, DataType::Struct(fields)) => union(of, shaped(array.as_union_opt())?, fields),
        _ => cast(array, target),
    }
}

/// The decoder delivers what it was asked for.
fn shaped<T>(array: Option<T>) -> Result<T, OrcError> {
    array.ok_or_else(|| OrcError::corrupt("a column was decoded as another type"))
}

fn cast(array: &ArrayRef, target: &DataType) -> Result<ArrayRef, OrcError> {
    if array.data_type() == target {
        return Ok(Arc::clone(array));
    }
    let mismatch = || OrcError::Mismatch(format!("{} cannot be read as {target}", array.data_type()));
    // Arrow would make a list of one element out of a plain value; no table means that.
    let nested = array.data_type().is_nested() || target.is_nested();
    if nested || !can_cast_types(array.data_type(), target) {
        return Err(mismatch());
    }
    cast_with_options(array, target, &CastOptions { safe: true, ..CastOptions::default() })
        .map_err(|_| mismatch())
}

fn from_decimal(array: &ArrayRef, zone: Option<&str>, target: &DataType) -> Result<ArrayRef, OrcError> {
    let nanos = shaped(array.as_primitive_opt::<Decimal128Type>())?;
    match target {
        DataType::Timestamp(unit, to_zone) if zone.is_some() || to_zone.is_none() => {
            let array: ArrayRef = match unit {
                TimeUnit::Second => in_unit::<TimestampSecondType>(nanos, 1_000_000_000),
                TimeUnit::Millisecond => in_unit::<TimestampMillisecondType>(nanos, 1_000_000),
                TimeUnit::Microsecond => in_unit::<TimestampMicrosecondType>(nanos, 1000),
                TimeUnit::Nanosecond => in_unit::<TimestampNanosecondType>(nanos, 1),
            };
            // The instant stays, the zone is only how it is shown.
            let shown = array.to_data().into_builder().data_type(target.clone()).build();
            shown.map(arrow::array::make_array).map_err(|failure| OrcError::corrupt(failure.to_string()))
        }
        _ => {
            let micros = in_unit::<TimestampMicrosecondType>(nanos, 1000);
            let micros: ArrayRef = match zone {
                Some(zone) => {
                    Arc::new(micros.as_primitive::<TimestampMicrosecondType>().clone().with_timezone(zone))
                }
                None => micros,
            };
            cast(&micros, target)
        }
    }
}

/// Rounded down, also before 1970; null where the unit's range ends.
fn in_unit<T: ArrowPrimitiveType<Native = i64>>(
    nanos: &PrimitiveArray<Decimal128Type>,
    nanos_per_unit: i128,
) -> ArrayRef {
    let array: PrimitiveArray<T> =
        nanos.unary_opt(|nanos| i64::try_from(nanos.div_euclid(nanos_per_unit)).ok());
    Arc::new(array)
}

/// Fields are matched by name ignoring case, whatever their order; fields the file lacks are null.
fn structs(of: &Node, array: &StructArray, fields: &Fields) -> Result<ArrayRef, OrcError> {
    let mut columns = Vec::with_capacity(fields.len());
    for field in fields {
        let wanted = super::schema::child_named(of, field.name());
        let at = wanted.and_then(|child| of.children.iter().position(|(_, node)| node.id == child.id));
        let column = match at.and_then(|at| Some((wanted?, array.columns().get(at)?))) {
            Some((child, column)) => adapt(child, column, field.data_type())?,
            None => new_null_array(field.data_type(), array.len()),
        };
        columns.push(column);
    }
    let rebuilt =
        StructArray::try_new_with_length(fields.clone(), columns, array.nulls().cloned(), array.len());
    rebuilt.map(|array| Arc::new(array) as ArrayRef).map_err(invalid)
}

fn lists(of: &Node, array: &ListArray, item: &Arc<Field>) -> Result<ArrayRef, OrcError> {
    let Some((_, child)) = of.children.first() else {
        return Err(OrcError::corrupt("a list of nothing"));
    };
    let values = adapt(child, array.values(), item.data_type())?;
    let rebuilt =
        ListArray::try_new(Arc::clone(item), array.offsets().clone(), values, array.nulls().cloned());
    rebuilt.map(|array| Arc::new(array) as ArrayRef).map_err(invalid)
}

fn maps(of: &Node, array: &MapArray, entries: &Arc<Field>, sorted: bool) -> Result<ArrayRef, OrcError> {
    let (DataType::Struct(pair), [(_, key), (_, value)]) = (entries.data_type(), of.children.as_slice())
    else {
        return Err(OrcError::Mismatch("a map type without key and value".to_owned()));
    };
    let [key_field, value_field] = pair.as_ref() else {
        return Err(OrcError::Mismatch("a map type without key and value".to_owned()));
    };
    let keys = adapt(key, array.keys(), key_field.data_type())?;
    let values = adapt(value, array.values(), value_field.data_type())?;
    let rows = StructArray::try_new(pair.clone(), vec![keys, values], None).map_err(invalid)?;
    let rebuilt =
        MapArray::try_new(Arc::clone(entries), array.offsets().clone(), rows, array.nulls().cloned(), sorted);
    rebuilt.map(|array| Arc::new(array) as ArrayRef).map_err(invalid)
}

/// A union as a struct with one field per variant, all but one of them null, optionally after a field
/// `tag`: how Athena and Trino show unions.
fn union(of: &Node, array: &UnionArray, fields: &Fields) -> Result<ArrayRef, OrcError> {
    let with_tag = fields.first().is_some_and(|field| field.name() == "tag");
    if fields.len() != of.children.len() + usize::from(with_tag) {
        return Err(OrcError::Mismatch("a union read as a struct with other fields".to_owned()));
    }
    let mut columns: Vec<ArrayRef> = Vec::with_capacity(fields.len());
    let mut targets = fields.iter();
    if let Some(tag) = targets.next().filter(|_| with_tag) {
        let tags: arrow::array::Int8Array = array.type_ids().iter().copied().collect();
        columns.push(cast(&(Arc::new(tags) as ArrayRef), tag.data_type())?);
    } else {
        targets = fields.iter();
    }
    for ((tag, (_, node)), field) in (0_i8..).zip(&of.children).zip(targets) {
        columns.push(adapt(node, array.child(tag), field.data_type())?);
    }
    StructArray::try_new(fields.clone(), columns, None)
        .map(|array| Arc::new(array) as ArrayRef)
        .map_err(invalid)
}

fn invalid(failure: arrow::error::ArrowError) -> OrcError {
    OrcError::Mismatch(failure.to_string())
}
