//! What a user means by a type, and the one Arrow type that carries it.
//!
//! Names and rules are Trino's (<https://trino.io/docs/current/language/types.html>). Two types may share
//! an Arrow type (`varchar` and `json` are both text), so planning never looks at Arrow types.

mod parse;

use std::{fmt, sync::Arc};

use arrow::datatypes::{DataType, Field, FieldRef, Fields, IntervalUnit, TimeUnit};
pub use parse::parse;

/// Largest precision of a decimal, in digits.
pub const DECIMAL_PRECISION_MAX: u8 = 38;
/// Largest number of digits after the second in a time or timestamp. Trino goes to 12.
pub const TIME_PRECISION_MAX: u8 = 9;
/// Precision of `timestamp`, `time` and their zoned forms where none is written.
pub const TIME_PRECISION_DEFAULT: u8 = 3;

/// A type of Trino's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Type {
    /// The type of a bare `NULL`. Carried by Null.
    Unknown,
    Boolean,
    TinyInt,
    SmallInt,
    Integer,
    BigInt,
    Real,
    Double,
    /// Precision 1 to 38 and scale up to it. Carried by Decimal128.
    Decimal(u8, u8),
    /// At most so many characters; None: no limit. Carried by Utf8View, as all text.
    Varchar(Option<u32>),
    /// Exactly so many characters. Carried by text without its trailing spaces.
    Char(u32),
    /// Carried by BinaryView, as all binary data.
    Varbinary,
    /// Carried by its text: keys of objects sorted, no spaces.
    Json,
    Date,
    /// Carried by Time64(Nanosecond) at every precision.
    Time(u8),
    /// Carried by Int64: `nanoseconds of the local day << 11 | (offset in minutes + 1024)`.
    TimeTz(u8),
    /// Carried by Timestamp(Microsecond) up to precision 6, by Timestamp(Nanosecond) above.
    Timestamp(u8),
    /// Up to precision 3 carried by Int64: `milliseconds UTC << 12 | zone key`;
    /// above by Decimal128(38, 0): `nanoseconds UTC << 12 | zone key`. Keys are those of `datetime::zone`.
    TimestampTz(u8),
    /// Carried by Interval(YearMonth).
    IntervalYearToMonth,
    /// Carried by Duration(Millisecond).
    IntervalDayToSecond,
    Array(Box<Type>),
    Map(Box<Type>, Box<Type>),
    Row(Vec<RowField>),
    /// Carried by 16 bytes; an IPv4 address is mapped into IPv6.
    IpAddress,
    /// Carried by 16 bytes.
    Uuid,
    /// Carried by Int32: red, green and blue in 24 bits, or a negative number for the eight ANSI colours.
    Color,
    /// Carried by binary data: the sketch as our own functions write it.
    HyperLogLog,
    QDigest(Box<Type>),
    TDigest,
    SetDigest,
    /// Carried by binary data: well-known binary.
    Geometry,
    SphericalGeography,
    /// Carried by Int64: `x << 28 | y << 5 | zoom`, as in Trino.
    BingTile,
    /// A lambda: types of its parameters, type of its result. No value has it.
    Function(Vec<Type>, Box<Type>),
}

/// A field of a row, whose name may be absent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowField {
    /// As written; looked up without regard to case.
    pub name: Option<String>,
    pub field_type: Type,
}

impl Type {
    /// `varchar` without a limit.
    pub const VARCHAR: Type = Type::Varchar(None);

    pub fn array(item: Type) -> Self {
        Type::Array(Box::new(item))
    }

    pub fn map(key: Type, value: Type) -> Self {
        Type::Map(Box::new(key), Box::new(value))
    }

    /// A row without names.
    pub fn row(types: impl IntoIterator<Item = Type>) -> Self {
        Type::Row(types.into_iter().map(|field_type| RowField { name: None, field_type }).collect())
    }

    /// True for tinyint, smallint, integer and bigint.
    pub fn is_integer(&self) -> bool {
        matches!(self, Type::TinyInt | Type::SmallInt | Type::Integer | Type::BigInt)
    }

    /// True for integers, decimals, real and double.
    pub fn is_numeric(&self) -> bool {
        self.is_integer() || matches!(self, Type::Decimal(..) | Type::Real | Type::Double)
    }

    /// True for varchar and char.
    pub fn is_text(&self) -> bool {
        matches!(self, Type::Varchar(_) | Type::Char(_))
    }

    /// The Arrow type of every array of this type. Nested items and values are nullable, map keys are not.
    pub fn arrow(&self) -> DataType {
        match self {
            Type::Unknown | Type::Function(..) => DataType::Null,
            Type::Boolean => DataType::Boolean,
            Type::TinyInt => DataType::Int8,
            Type::SmallInt => DataType::Int16,
            Type::Integer | Type::Color => DataType::Int32,
            Type::BigInt | Type::BingTile | Type::TimeTz(_) => DataType::Int64,
            Type::Real => DataType::Float32,
            Type::Double => DataType::Float64,
            Type::Decimal(precision, scale) => DataType::Decimal128(*precision, scale.cast_signed()),
            Type::Varchar(_) | Type::Char(_) | Type::Json => DataType::Utf8View,
            Type::Varbinary
            | Type::HyperLogLog
            | Type::QDigest(_)
            | Type::TDigest
            | Type::SetDigest
            | Type::Geometry
            | Type::SphericalGeography => DataType::BinaryView,
            Type::Date => DataType::Date32,
            Type::Time(_) => DataType::Time64(TimeUnit::Nanosecond),
            Type::Timestamp(0..=6) => DataType::Timestamp(TimeUnit::Microsecond, None),
            Type::Timestamp(_) => DataType::Timestamp(TimeUnit::Nanosecond, None),
            Type::TimestampTz(0..=3) => DataType::Int64,
            Type::TimestampTz(_) => DataType::Decimal128(DECIMAL_PRECISION_MAX, 0),
            Type::IntervalYearToMonth => DataType::Interval(IntervalUnit::YearMonth),
            Type::IntervalDayToSecond => DataType::Duration(TimeUnit::Millisecond),
            Type::IpAddress | Type::Uuid => DataType::FixedSizeBinary(16),
            Type::Array(item) => DataType::List(item_field(item.arrow())),
            Type::Map(key, value) => DataType::Map(entries_field(key, value), false),
            Type::Row(fields) => DataType::Struct(row_fields(fields)),
        }
    }

    /// A nullable Arrow field of this type.
    pub fn field(&self, name: &str) -> Field {
        Field::new(name, self.arrow(), true)
    }
}

/// The field of a list's items.
pub fn item_field(item: DataType) -> FieldRef {
    Arc::new(Field::new(Field::LIST_FIELD_DEFAULT_NAME, item, true))
}

/// The field of a map's entries: `entries: struct<key, value>`.
pub fn entries_field(key: &Type, value: &Type) -> FieldRef {
    let key = Field::new("key", key.arrow(), false);
    let entries = Fields::from(vec![key, Field::new("value", value.arrow(), true)]);
    Arc::new(Field::new("entries", DataType::Struct(entries), false))
}

/// The fields of a row's struct; those without a name are `field0`, `field1`, … by position, as in
/// Trino's JSON.
pub fn row_fields(fields: &[RowField]) -> Fields {
    let name = |index: usize, field: &RowField| field.name.clone().unwrap_or(format!("field{index}"));
    fields.iter().enumerate().map(|(index, field)| field.field_type.field(&name(index, field))).collect()
}

impl fmt::Display for Type {
    /// As `typeof` writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = match self {
            Type::Unknown => "unknown",
            Type::Boolean => "boolean",
            Type::TinyInt => "tinyint",
            Type::SmallInt => "smallint",
            Type::Integer => "integer",
            Type::BigInt => "bigint",
            Type::Real => "real",
            Type::Double => "double",
            Type::Varchar(None) => "varchar",
            Type::Varbinary => "varbinary",
            Type::Json => "json",
            Type::Date => "date",
            Type::IntervalYearToMonth => "interval year to month",
            Type::IntervalDayToSecond => "interval day to second",
            Type::IpAddress => "ipaddress",
            Type::Uuid => "uuid",
            Type::Color => "color",
            Type::HyperLogLog => "HyperLogLog",
            Type::TDigest => "tdigest",
            Type::SetDigest => "SetDigest",
            Type::Geometry => "Geometry",
            Type::SphericalGeography => "SphericalGeography",
            Type::BingTile => "BingTile",
            Type::Decimal(precision, scale) => return write!(f, "decimal({precision},{scale})"),
            Type::Varchar(Some(length)) => return write!(f, "varchar({length})"),
            Type::Char(length) => return write!(f, "char({length})"),
            Type::Time(precision) => return write!(f, "time({precision})"),
            Type::TimeTz(precision) => return write!(f, "time({precision}) with time zone"),
            Type::Timestamp(precision) => return write!(f, "timestamp({precision})"),
            Type::TimestampTz(precision) => return write!(f, "timestamp({precision}) with time zone"),
            Type::Array(item) => return write!(f, "array({item})"),
            Type::Map(key, value) => return write!(f, "map({key}, {value})"),
            Type::QDigest(value) => return write!(f, "qdigest({value})"),
            Type::Row(fields) => return write_row(f, fields),
            Type::Function(parameters, result) => {
                f.write_str("function(")?;
                parameters.iter().try_for_each(|parameter| write!(f, "{parameter},"))?;
                return write!(f, "{result})");
            }
        };
        f.write_str(plain)
    }
}

fn write_row(f: &mut fmt::Formatter<'_>, fields: &[RowField]) -> fmt::Result {
    f.write_str("row(")?;
    for (index, field) in fields.iter().enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        if let Some(name) = &field.name {
            match is_plain_name(name) {
                true => write!(f, "{name} ")?,
                false => write!(f, "\"{}\" ", name.replace('"', "\"\""))?,
            }
        }
        write!(f, "{}", field.field_type)?;
    }
    f.write_str(")")
}

fn is_plain_name(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|first| first.is_ascii_lowercase() || first == '_')
        && letters.all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
}
