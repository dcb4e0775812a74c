//! `CAST(… AS json)`.
//!
//! * Maps become objects sorted by their keys' text; rows become objects with the fields' names in their order,
//!   `""` for fields without a name. (Arrays, as in old versions, Trino writes under a legacy switch only.)
//! * Dates and timestamps become strings; doubles are written as Java does, decimals as `BigDecimal` does.
//! * `char`, `varbinary`, times and zoned timestamps have no cast to `json` in Trino.

use std::fmt::Write as _;

use arrow::{
    array::{
        Array, ArrayRef, ArrowPrimitiveType, BooleanArray, ListArray, MapArray, PrimitiveArray,
        StringViewArray, StructArray,
    },
    datatypes::{
        Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
        TimestampMicrosecondType, TimestampNanosecondType,
    },
};
use datafusion::common::Result as EngineResult;

use super::{
    number::{
        write_decimal, write_double, write_json_double, write_json_real, write_plain_decimal, write_real,
    },
    write::{utf16_order, write_string},
};
use crate::{
    Fault, Type,
    columns::{booleans, lists, maps, primitive, structs, text, text_rows},
};

/// True if Trino casts the type to `json`.
pub(super) fn can_cast(from: &Type) -> bool {
    match from {
        Type::Unknown | Type::Json | Type::Date | Type::Timestamp(_) => true,
        Type::Array(item) => can_cast(item),
        Type::Map(key, value) => (**key == Type::Unknown || is_key(key)) && can_cast(value),
        Type::Row(fields) => fields.iter().all(|field| can_cast(&field.field_type)),
        other => is_key(other),
    }
}

/// True for types that names of members can be.
pub(super) fn is_key(key: &Type) -> bool {
    *key == Type::Boolean || key.is_numeric() || matches!(key, Type::Varchar(_))
}

/// The values as JSON text; NULL stays NULL.
pub(super) fn cast(array: &ArrayRef, from: &Type) -> EngineResult<ArrayRef> {
    let writer = Writer::new(array, from)?;
    text_rows(array.len(), |row, out| {
        if array.is_null(row) || *from == Type::Unknown {
            return Ok(None);
        }
        writer.write(row, out);
        Ok(Some(()))
    })
}

/// A column with what is needed to write its values.
pub(super) enum Writer<'a> {
    Null,
    Boolean(&'a BooleanArray),
    TinyInt(&'a PrimitiveArray<Int8Type>),
    SmallInt(&'a PrimitiveArray<Int16Type>),
    Integer(&'a PrimitiveArray<Int32Type>),
    BigInt(&'a PrimitiveArray<Int64Type>),
    Real(&'a PrimitiveArray<Float32Type>),
    Double(&'a PrimitiveArray<Float64Type>),
    Decimal(&'a PrimitiveArray<Decimal128Type>, u8),
    Text(&'a StringViewArray),
    Json(&'a StringViewArray),
    Date(&'a PrimitiveArray<Date32Type>),
    /// Micro- or nanoseconds, and digits of the second.
    Micros(&'a PrimitiveArray<TimestampMicrosecondType>, u8),
    Nanos(&'a PrimitiveArray<TimestampNanosecondType>, u8),
    Array(&'a ListArray, Box<Writer<'a>>),
    Map(&'a MapArray, Box<Writer<'a>>, Box<Writer<'a>>),
    Row(&'a StructArray, Vec<(String, Writer<'a>)>),
}

impl<'a> Writer<'a> {
    pub(super) fn new(array: &'a ArrayRef, of: &Type) -> EngineResult<Self> {
        Ok(match of {
            Type::Unknown => Writer::Null,
            Type::Boolean => Writer::Boolean(booleans(array)?),
            Type::TinyInt => Writer::TinyInt(primitive(array)?),
            Type::SmallInt => Writer::SmallInt(primitive(array)?),
            Type::Integer => Writer::Integer(primitive(array)?),
            Type::BigInt => Writer::BigInt(primitive(array)?),
            Type::Real => Writer::Real(primitive(array)?),
            Type::Double => Writer::Double(primitive(array)?),
            Type::Decimal(_, scale) => Writer::Decimal(primitive(array)?, *scale),
            Type::Varchar(_) => Writer::Text(text(array)?),
            Type::Json => Writer::Json(text(array)?),
            Type::Date => Writer::Date(primitive(array)?),
            Type::Timestamp(digits @ 0..=6) => Writer::Micros(primitive(array)?, *digits),
            Type::Timestamp(digits) => Writer::Nanos(primitive(array)?, *digits),
            Type::Array(item) => {
                let list = lists(array)?;
                Writer::Array(list, Box::new(Writer::new(list.values(), item)?))
            }
            Type::Map(key, value) => {
                let map = maps(array)?;
                let (keys, values) = (Writer::new(map.keys(), key)?, Writer::new(map.values(), value)?);
                Writer::Map(map, Box::new(keys), Box::new(values))
            }
            Type::Row(fields) => {
                let row = structs(array)?;
                let writers = fields.iter().zip(row.columns()).map(|(field, column)| {
                    Ok((field.name.clone().unwrap_or_default(), Writer::new(column, &field.field_type)?))
                });
                Writer::Row(row, writers.collect::<EngineResult<_>>()?)
            }
            other => return Err(Fault::type_mismatch(format!("Cannot cast {other} to json")).into()),
        })
    }

    /// Appends the value of the row; NULL is `null`.
    pub(super) fn write(&self, row: usize, out: &mut String) {
        if self.array().is_none_or(|array| array.is_null(row)) {
            return out.push_str("null");
        }
        match self {
            Writer::Null => out.push_str("null"),
            Writer::Real(values) => write_json_real(values.value(row), out),
            Writer::Double(values) => write_json_double(values.value(row), out),
            Writer::Decimal(values, scale) => write_decimal(values.value(row), *scale, out),
            Writer::Text(values) => write_string(values.value(row), out),
            Writer::Json(values) => out.push_str(values.value(row)),
            Writer::Date(_) | Writer::Micros(..) | Writer::Nanos(..) => {
                out.push('"');
                self.write_time(row, out);
                out.push('"');
            }
            Writer::Array(list, items) => {
                out.push('[');
                for (index, item) in range(list.value_offsets(), row).enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    items.write(item, out);
                }
                out.push(']');
            }
            Writer::Map(map, keys, values) => write_map(range(map.value_offsets(), row), keys, values, out),
            Writer::Row(_, fields) => {
                out.push('{');
                for (index, (name, field)) in fields.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    write_string(name, out);
                    out.push(':');
                    field.write(row, out);
                }
                out.push('}');
            }
            _ => self.write_key(row, out),
        }
    }

    /// Appends a value that is not NULL as a name, without quotes or escapes.
    fn write_key(&self, row: usize, out: &mut String) {
        match self {
            Writer::Boolean(values) => out.push_str(if values.value(row) { "true" } else { "false" }),
            Writer::TinyInt(values) => write_integer(values, row, out),
            Writer::SmallInt(values) => write_integer(values, row, out),
            Writer::Integer(values) => write_integer(values, row, out),
            Writer::BigInt(values) => write_integer(values, row, out),
            Writer::Real(values) => write_real(values.value(row), out),
            Writer::Double(values) => write_double(values.value(row), out),
            Writer::Decimal(values, scale) => write_plain_decimal(values.value(row), *scale, out),
            Writer::Text(values) => out.push_str(values.value(row)),
            _ => {}
        }
    }

    fn write_time(&self, row: usize, out: &mut String) {
        match self {
            Writer::Date(days) => write_date(days.value(row).into(), out),
            Writer::Micros(micros, digits) => {
                write_timestamp(i128::from(micros.value(row)) * 1000, *digits, out);
            }
            Writer::Nanos(nanos, digits) => write_timestamp(nanos.value(row).into(), *digits, out),
            _ => {}
        }
    }

    fn array(&self) -> Option<&dyn Array> {
        Some(match self {
            Writer::Null => return None,
            Writer::Boolean(array) => *array,
            Writer::TinyInt(array) => *array,
            Writer::SmallInt(array) => *array,
            Writer::Integer(array) => *array,
            Writer::BigInt(array) => *array,
            Writer::Real(array) => *array,
            Writer::Double(array) => *array,
            Writer::Decimal(array, _) => *array,
            Writer::Text(array) | Writer::Json(array) => *array,
            Writer::Date(array) => *array,
            Writer::Micros(array, _) => *array,
            Writer::Nanos(array, _) => *array,
            Writer::Array(array, _) => *array,
            Writer::Map(array, ..) => *array,
            Writer::Row(array, _) => *array,
        })
    }
}

fn write_integer<T: ArrowPrimitiveType>(values: &PrimitiveArray<T>, row: usize, out: &mut String)
where
    T::Native: std::fmt::Display,
{
    let _ = write!(out, "{}", values.value(row));
}

/// The items of a list's or map's row.
fn range(offsets: &[i32], row: usize) -> std::ops::Range<usize> {
    let at = |index: usize| {
        offsets.get(index).and_then(|offset| usize::try_from(*offset).ok()).unwrap_or_default()
    };
    at(row)..at(row + 1)
}

fn write_map(entries: std::ops::Range<usize>, keys: &Writer<'_>, values: &Writer<'_>, out: &mut String) {
    let mut members: Vec<(String, usize)> = entries
        .map(|entry| {
            let mut name = String::new();
            keys.write_key(entry, &mut name);
            (name, entry)
        })
        .collect();
    members.sort_by(|(left, _), (right, _)| utf16_order(left, right));
    out.push('{');
    for (index, (name, entry)) in members.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_string(name, out);
        out.push(':');
        values.write(*entry, out);
    }
    out.push('}');
}

/// `2020-01-31`, for any number of days since 1970.
fn write_date(days: i64, out: &mut String) {
    let (year, month, day) = civil(days);
    let _ = match year < 0 {
        true => write!(out, "-{:04}-{month:02}-{day:02}", -year),
        false => write!(out, "{year:04}-{month:02}-{day:02}"),
    };
}

fn write_timestamp(nanos: i128, digits: u8, out: &mut String) {
    const NANOS_OF_DAY: i128 = 86_400_000_000_000;
    let days = i64::try_from(nanos.div_euclid(NANOS_OF_DAY)).unwrap_or_default();
    let of_day = nanos.rem_euclid(NANOS_OF_DAY);
    let (second, fraction) = (of_day / 1_000_000_000, of_day % 1_000_000_000);
    if civil(days).0 > 9999 {
        out.push('+');
    }
    write_date(days, out);
    let _ = write!(out, " {:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
    if digits > 0 {
        let fraction = format!("{fraction:09}");
        let _ = write!(out, ".{}", fraction.get(..usize::from(digits)).unwrap_or(&fraction));
    }
}

/// Year, month and day of the proleptic Gregorian calendar: counted in eras of 400 years from 1 March of
/// year 0, which puts leap days at the end.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}
