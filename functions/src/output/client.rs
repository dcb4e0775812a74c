//! The Arrow types that clients get.

use std::sync::Arc;

use arrow::{
    array::ArrayRef,
    datatypes::{
        DataType, Decimal128Type, Int64Type, TimeUnit, TimestampMicrosecondType, TimestampNanosecondType,
    },
};
use datafusion::common::Result as EngineResult;

use crate::{Fault, RowField, Type, cast::nested, columns::primitive, output::to_text};

/// Bits of the zone's key below the instant.
const ZONE_BITS: u32 = 12;
const MICROSECONDS_PER_MILLISECOND: i64 = 1_000;
const NANOSECONDS_PER_MICROSECOND: i128 = 1_000;
/// Zone of all timestamps that have one.
const ZONE: &str = "UTC";

/// The type that clients see: a `timestamp with time zone` is an instant in UTC, `char` has its spaces, and
/// what Arrow has no type for is text; so is a NULL of no type, which many clients cannot read. A zoned timestamp inside of something else is text too, so that its
/// zone is not lost.
pub fn client_type(data_type: &Type) -> DataType {
    match data_type {
        Type::TimestampTz(0..=3) => DataType::Timestamp(TimeUnit::Millisecond, Some(ZONE.into())),
        Type::TimestampTz(4..=6) => DataType::Timestamp(TimeUnit::Microsecond, Some(ZONE.into())),
        Type::TimestampTz(_) => DataType::Timestamp(TimeUnit::Nanosecond, Some(ZONE.into())),
        _ => client_value_type(data_type).arrow(),
    }
}

/// The type of what [`to_client`] returns. It is carried by [`client_type`], except for zoned timestamps:
/// those are timestamps in UTC that the engine must still cast to `client_type`, which adds the zone.
pub fn client_value_type(data_type: &Type) -> Type {
    match data_type {
        Type::TimestampTz(precision) => Type::Timestamp(*precision),
        _ => inner_type(data_type),
    }
}

fn inner_type(data_type: &Type) -> Type {
    match data_type {
        Type::Unknown
        | Type::Char(_)
        | Type::TimeTz(_)
        | Type::TimestampTz(_)
        | Type::IntervalYearToMonth
        | Type::IntervalDayToSecond
        | Type::Uuid
        | Type::IpAddress
        | Type::Color
        | Type::BingTile => Type::VARCHAR,
        Type::Array(item) => Type::array(inner_type(item)),
        Type::Map(key, value) => Type::map(inner_type(key), inner_type(value)),
        Type::Row(fields) => Type::Row(
            fields
                .iter()
                .map(|field| RowField { name: field.name.clone(), field_type: inner_type(&field.field_type) })
                .collect(),
        ),
        _ => data_type.clone(),
    }
}

/// The values as [`client_value_type`]. Fails on instants before 1677 or after 2262 with more than six digits
/// of a second.
pub fn to_client(array: &ArrayRef, data_type: &Type) -> EngineResult<ArrayRef> {
    match data_type {
        Type::TimestampTz(precision) => instants(array, *precision),
        _ => inner(array, data_type),
    }
}

fn instants(array: &ArrayRef, precision: u8) -> EngineResult<ArrayRef> {
    let out_of_range = || Fault::out_of_range("Timestamp is out of range for a client's type");
    Ok(match precision {
        0..=3 => Arc::new(primitive::<Int64Type>(array)?.try_unary::<_, TimestampMicrosecondType, Fault>(
            |value| (value >> ZONE_BITS).checked_mul(MICROSECONDS_PER_MILLISECOND).ok_or_else(out_of_range),
        )?),
        4..=6 => {
            let micros = |value: i128| {
                let micros = (value >> ZONE_BITS).div_euclid(NANOSECONDS_PER_MICROSECOND);
                i64::try_from(micros).map_err(|_| out_of_range())
            };
            let given = primitive::<Decimal128Type>(array)?;
            Arc::new(given.try_unary::<_, TimestampMicrosecondType, Fault>(micros)?)
        }
        _ => {
            let nanos = |value: i128| i64::try_from(value >> ZONE_BITS).map_err(|_| out_of_range());
            let given = primitive::<Decimal128Type>(array)?;
            Arc::new(given.try_unary::<_, TimestampNanosecondType, Fault>(nanos)?)
        }
    })
}

fn inner(array: &ArrayRef, data_type: &Type) -> EngineResult<ArrayRef> {
    with_texts(array, data_type, &inner_type(data_type))
}

/// The values of type `from` as `to`, which differs only in that parts of it are text.
pub(super) fn with_texts(array: &ArrayRef, from: &Type, to: &Type) -> EngineResult<ArrayRef> {
    if from == to {
        return Ok(ArrayRef::clone(array));
    }
    match (from, to) {
        (Type::Array(from), Type::Array(to)) => {
            nested::with_items(array, to, |items| with_texts(items, from, to))
        }
        (Type::Map(from_key, from_value), Type::Map(key, value)) => {
            nested::with_entries(array, (key, value), |keys, values| {
                Ok((with_texts(keys, from_key, key)?, with_texts(values, from_value, value)?))
            })
        }
        (Type::Row(from), Type::Row(to)) => {
            nested::with_fields(array, to, |index, values| match (from.get(index), to.get(index)) {
                (Some(from), Some(to)) => with_texts(values, &from.field_type, &to.field_type),
                _ => Err(Fault::internal("rows of unequal length").into()),
            })
        }
        _ => to_text(array, from),
    }
}
