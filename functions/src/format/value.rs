//! The arguments of `format`, as the Java objects that Trino makes of them.

use arrow::{
    array::{
        Array, ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array,
        StringViewArray,
    },
    datatypes::{
        Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
        Time64NanosecondType, TimestampMicrosecondType, TimestampNanosecondType,
    },
};
use datafusion::common::Result as EngineResult;

use super::time::Moment;
use crate::{
    Fault, Type,
    array::compare::keys::filled,
    cast,
    columns::{booleans, primitive, text},
};

const NANOSECONDS_PER_DAY: i64 = 86_400_000_000_000;

/// One argument's values.
pub(super) enum Column {
    Null,
    Boolean(BooleanArray),
    /// All integers.
    Long(arrow::array::Int64Array),
    Real(Float32Array),
    Double(Float64Array),
    Decimal(Decimal128Array, u8),
    Text(StringViewArray),
    /// Text that is padded with spaces to so many characters.
    Padded(StringViewArray, usize),
    Date(Date32Array),
    /// Nanoseconds of the day.
    Time(arrow::array::Time64NanosecondArray),
    Microseconds(arrow::array::TimestampMicrosecondArray),
    Nanoseconds(arrow::array::TimestampNanosecondArray),
    /// Timestamps with their zones, as text.
    Zoned(StringViewArray),
}

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value<'a> {
    Null,
    Boolean(bool),
    Long(i64),
    Real(f32),
    Double(f64),
    Decimal(i128, u8),
    Text(std::borrow::Cow<'a, str>),
    Moment(Moment),
}

impl Value<'_> {
    /// The name of its class in messages.
    pub(super) fn class(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Boolean(_) => "java.lang.Boolean",
            Value::Long(_) => "java.lang.Long",
            Value::Real(_) => "java.lang.Float",
            Value::Double(_) => "java.lang.Double",
            Value::Decimal(..) => "java.math.BigDecimal",
            Value::Text(_) => "java.lang.String",
            Value::Moment(moment) => moment.class(),
        }
    }
}

impl Column {
    pub(super) fn of(array: &ArrayRef, data_type: &Type) -> EngineResult<Self> {
        Ok(match data_type {
            Type::Unknown => Column::Null,
            Type::Boolean => Column::Boolean(booleans(array)?.clone()),
            Type::TinyInt => Column::Long(primitive::<Int8Type>(array)?.unary(i64::from)),
            Type::SmallInt => Column::Long(primitive::<Int16Type>(array)?.unary(i64::from)),
            Type::Integer => Column::Long(primitive::<Int32Type>(array)?.unary(i64::from)),
            Type::BigInt => Column::Long(primitive::<Int64Type>(array)?.clone()),
            Type::Real => Column::Real(primitive::<Float32Type>(array)?.clone()),
            Type::Double => Column::Double(primitive::<Float64Type>(array)?.clone()),
            Type::Decimal(_, scale) => Column::Decimal(primitive::<Decimal128Type>(array)?.clone(), *scale),
            Type::Varchar(_) | Type::Json => Column::Text(text(array)?.clone()),
            Type::Char(length) => Column::Padded(text(array)?.clone(), usize::try_from(*length).unwrap_or(0)),
            Type::Date => Column::Date(primitive::<Date32Type>(array)?.clone()),
            Type::Time(_) => Column::Time(primitive::<Time64NanosecondType>(array)?.clone()),
            Type::Timestamp(0..=6) => {
                Column::Microseconds(primitive::<TimestampMicrosecondType>(array)?.clone())
            }
            Type::Timestamp(_) => Column::Nanoseconds(primitive::<TimestampNanosecondType>(array)?.clone()),
            Type::TimestampTz(_) => {
                Column::Zoned(text(&cast::cast(array, data_type, &Type::VARCHAR)?)?.clone())
            }
            _ => Column::Text(text(&cast::cast(array, data_type, &Type::VARCHAR)?)?.clone()),
        })
    }

    pub(super) fn value(&self, row: usize) -> Result<Value<'_>, Fault> {
        if self.is_null(row) {
            return Ok(Value::Null);
        }
        Ok(match self {
            Column::Null => Value::Null,
            Column::Boolean(array) => Value::Boolean(array.value(row)),
            Column::Long(array) => Value::Long(array.value(row)),
            Column::Real(array) => Value::Real(array.value(row)),
            Column::Double(array) => Value::Double(array.value(row)),
            Column::Decimal(array, scale) => Value::Decimal(array.value(row), *scale),
            Column::Text(array) => Value::Text(array.value(row).into()),
            Column::Padded(array, length) => Value::Text(filled(array.value(row), *length).into()),
            Column::Date(array) => Value::Moment(Moment::date(i64::from(array.value(row)))),
            Column::Time(array) => Value::Moment(Moment::time(array.value(row))),
            Column::Microseconds(array) => {
                let (per_day, value) = (NANOSECONDS_PER_DAY / 1000, array.value(row));
                let nanoseconds = value.rem_euclid(per_day) * 1000;
                Value::Moment(Moment::date_time(value.div_euclid(per_day), nanoseconds))
            }
            Column::Nanoseconds(array) => {
                let value = array.value(row);
                let days = value.div_euclid(NANOSECONDS_PER_DAY);
                Value::Moment(Moment::date_time(days, value.rem_euclid(NANOSECONDS_PER_DAY)))
            }
            Column::Zoned(array) => Value::Moment(Moment::zoned(array.value(row))?),
        })
    }

    fn is_null(&self, row: usize) -> bool {
        match self {
            Column::Null => true,
            Column::Boolean(array) => array.is_null(row),
            Column::Long(array) => array.is_null(row),
            Column::Real(array) => array.is_null(row),
            Column::Double(array) => array.is_null(row),
            Column::Decimal(array, _) => array.is_null(row),
            Column::Text(array) | Column::Padded(array, _) | Column::Zoned(array) => array.is_null(row),
            Column::Date(array) => array.is_null(row),
            Column::Time(array) => array.is_null(row),
            Column::Microseconds(array) => array.is_null(row),
            Column::Nanoseconds(array) => array.is_null(row),
        }
    }
}
