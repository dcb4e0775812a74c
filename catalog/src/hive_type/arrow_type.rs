//! Hive types in Arrow and back.

use std::{collections::HashMap, sync::Arc};

use arrow::datatypes::{DataType, Field, Fields, TimeUnit};
use protocol::{Error, ErrorCode, Result};

use super::{DECIMAL_PRECISION_MAX, HIVE_TYPE_KEY, HiveType, StructField, TYPE_DEPTH_MAX};

/// The Arrow type of all text columns. The engine's own default, so that scans need no cast.
pub fn string_type() -> DataType {
    DataType::Utf8View
}

/// The Arrow type of all binary columns.
pub fn binary_type() -> DataType {
    DataType::BinaryView
}

/// Hive's text for an Arrow type. Fails for what no Hive column can hold, such as a time of day.
/// Unsigned integers take the next wider signed type.
pub fn hive_type_of(data_type: &DataType) -> Result<String> {
    from_arrow(data_type, 1).map(|hive_type| hive_type.to_string())
}

/// Like [`hive_type_of`], and finds again what [`HiveType::to_field`] noted in the metadata.
pub fn hive_type_of_field(field: &Field) -> Result<String> {
    from_field(field, 1).map(|hive_type| hive_type.to_string())
}

impl HiveType {
    /// A nullable Arrow field of this type.
    pub fn to_field(&self, name: &str) -> Field {
        let field = Field::new(name, self.to_arrow(), true);
        match self {
            Self::Varchar(_) | Self::Char(_) | Self::Union(_) => {
                field.with_metadata(HashMap::from([(HIVE_TYPE_KEY.to_owned(), self.to_string())]))
            }
            _ => field,
        }
    }

    /// A field inside another type: bare, because functions make arrays of such types too and know no metadata.
    fn to_nested(&self, name: &str) -> Field {
        Field::new(name, self.to_arrow(), true)
    }

    /// The Arrow type that carries this one.
    pub fn to_arrow(&self) -> DataType {
        match self {
            Self::Boolean => DataType::Boolean,
            Self::TinyInt => DataType::Int8,
            Self::SmallInt => DataType::Int16,
            Self::Int => DataType::Int32,
            Self::BigInt => DataType::Int64,
            Self::Float => DataType::Float32,
            Self::Double => DataType::Float64,
            Self::Decimal { precision, scale } => DataType::Decimal128(*precision, scale.cast_signed()),
            Self::String | Self::Varchar(_) | Self::Char(_) => string_type(),
            Self::Binary => binary_type(),
            Self::Date => DataType::Date32,
            Self::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
            Self::TimestampLocalTz => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Self::Array(item) => DataType::List(Arc::new(item.to_nested(Field::LIST_FIELD_DEFAULT_NAME))),
            Self::Map(key, value) => map_type(key, value),
            Self::Struct(fields) => {
                DataType::Struct(fields.iter().map(|field| field.hive_type.to_nested(&field.name)).collect())
            }
            Self::Union(members) => union_type(members),
            Self::Void => DataType::Null,
        }
    }
}

fn map_type(key: &HiveType, value: &HiveType) -> DataType {
    let key = key.to_nested("key").with_nullable(false);
    let entries = DataType::Struct(Fields::from(vec![key, value.to_nested("value")]));
    DataType::Map(Arc::new(Field::new("entries", entries, false)), false)
}

/// A struct of the tag and one field per member, of which one is set: Arrow's own unions fail in most
/// of the engine's kernels.
fn union_type(members: &[HiveType]) -> DataType {
    let tag = Field::new("tag", DataType::Int8, true);
    let fields = members.iter().enumerate().map(|(at, member)| member.to_field(&format!("field{at}")));
    DataType::Struct(std::iter::once(tag).chain(fields).collect())
}

fn from_field(field: &Field, depth: usize) -> Result<HiveType> {
    let noted = field.metadata().get(HIVE_TYPE_KEY).and_then(|text| HiveType::parse(text).ok());
    // Metadata comes with files too, so it counts only where it fits the field.
    match (&noted, field.data_type()) {
        (
            Some(HiveType::Varchar(_) | HiveType::Char(_)),
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View,
        ) => Ok(noted.unwrap_or(HiveType::String)),
        (Some(union @ HiveType::Union(_)), data_type) if union.to_arrow() == *data_type => Ok(union.clone()),
        (_, data_type) => from_arrow(data_type, depth),
    }
}

fn from_arrow(data_type: &DataType, depth: usize) -> Result<HiveType> {
    if depth > TYPE_DEPTH_MAX {
        return Err(Error::new(ErrorCode::NotSupported, format!("types nest deeper than {TYPE_DEPTH_MAX}")));
    }
    Ok(match data_type {
        DataType::Null => HiveType::Void,
        DataType::Boolean => HiveType::Boolean,
        DataType::Int8 => HiveType::TinyInt,
        DataType::Int16 | DataType::UInt8 => HiveType::SmallInt,
        DataType::Int32 | DataType::UInt16 => HiveType::Int,
        DataType::Int64 | DataType::UInt32 => HiveType::BigInt,
        DataType::UInt64 => HiveType::Decimal { precision: 20, scale: 0 },
        DataType::Float16 | DataType::Float32 => HiveType::Float,
        DataType::Float64 => HiveType::Double,
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale)
        | DataType::Decimal256(precision, scale) => decimal(*precision, *scale)?,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => HiveType::String,
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            HiveType::Binary
        }
        DataType::Date32 | DataType::Date64 => HiveType::Date,
        DataType::Timestamp(_, None) => HiveType::Timestamp,
        DataType::Timestamp(_, Some(_)) => HiveType::TimestampLocalTz,
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::ListView(item)
        | DataType::LargeListView(item)
        | DataType::FixedSizeList(item, _) => HiveType::Array(Box::new(from_field(item, depth + 1)?)),
        DataType::Map(entries, _) => map_from(entries, depth)?,
        DataType::Struct(fields) => HiveType::Struct(struct_from(fields, depth)?),
        DataType::Dictionary(_, values) => from_arrow(values, depth + 1)?,
        DataType::RunEndEncoded(_, values) => from_field(values, depth + 1)?,
        DataType::Time32(_)
        | DataType::Time64(_)
        | DataType::Duration(_)
        | DataType::Interval(_)
        | DataType::Union(..) => {
            return Err(no_hive_type(data_type));
        }
    })
}

fn decimal(precision: u8, scale: i8) -> Result<HiveType> {
    match u8::try_from(scale) {
        Ok(scale) if precision <= DECIMAL_PRECISION_MAX && scale <= precision => {
            Ok(HiveType::Decimal { precision, scale })
        }
        _ => Err(Error::new(
            ErrorCode::NotSupported,
            format!("a table cannot hold decimal({precision},{scale})"),
        )
        .with_hint("cast to a decimal of at most 38 digits")),
    }
}

fn map_from(entries: &Field, depth: usize) -> Result<HiveType> {
    match entries.data_type() {
        DataType::Struct(fields) => match fields.as_ref() {
            [key, value] => Ok(HiveType::Map(
                Box::new(from_field(key, depth + 1)?),
                Box::new(from_field(value, depth + 1)?),
            )),
            _ => Err(no_hive_type(entries.data_type())),
        },
        other => Err(no_hive_type(other)),
    }
}

fn struct_from(fields: &Fields, depth: usize) -> Result<Vec<StructField>> {
    fields
        .iter()
        .map(|field| {
            Ok(StructField {
                name: field.name().clone(),
                hive_type: from_field(field, depth + 1)?,
                comment: None,
            })
        })
        .collect()
}

fn no_hive_type(data_type: &DataType) -> Error {
    Error::new(ErrorCode::NotSupported, format!("a table cannot hold values of type {data_type}"))
        .with_hint("cast to varchar or a number")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn every_hive_type_survives_arrow() {
        for text in [
            "boolean",
            "tinyint",
            "smallint",
            "int",
            "bigint",
            "float",
            "double",
            "decimal(10,0)",
            "decimal(38,38)",
            "string",
            "varchar(10)",
            "char(3)",
            "binary",
            "date",
            "timestamp",
            "timestamp with local time zone",
            "void",
            "array<int>",
            "map<string,binary>",
            "struct<a:int,B:array<struct<`c d`:date>>>",
            "uniontype<int,string>",
        ] {
            let field = HiveType::parse(text).unwrap().to_field("c");
            assert!(field.is_nullable());
            assert_eq!(hive_type_of_field(&field).unwrap(), text);
        }
    }

    #[test]
    fn nested_types_forget_what_arrow_has_no_word_for() {
        for (text, expected) in [
            ("array<varchar(5)>", "array<string>"),
            ("map<string,char(2)>", "map<string,string>"),
            ("struct<a:array<varchar(1)>>", "struct<a:array<string>>"),
        ] {
            let field = HiveType::parse(text).unwrap().to_field("c");
            assert_eq!(hive_type_of_field(&field).unwrap(), expected);
        }
    }

    #[test]
    fn arrow_types_are_the_engines() {
        let list = |item| DataType::List(Arc::new(Field::new("item", item, true)));
        let entries = Field::new(
            "entries",
            DataType::Struct(Fields::from(vec![
                Field::new("key", DataType::Utf8View, false),
                Field::new("value", DataType::Int32, true),
            ])),
            false,
        );
        for (text, expected) in [
            ("string", DataType::Utf8View),
            ("varchar(3)", DataType::Utf8View),
            ("binary", DataType::BinaryView),
            ("decimal(12,2)", DataType::Decimal128(12, 2)),
            ("timestamp", DataType::Timestamp(TimeUnit::Microsecond, None)),
            ("array<int>", list(DataType::Int32)),
            ("map<string,int>", DataType::Map(Arc::new(entries), false)),
            (
                "uniontype<int,string>",
                DataType::Struct(Fields::from(vec![
                    Field::new("tag", DataType::Int8, true),
                    Field::new("field0", DataType::Int32, true),
                    Field::new("field1", DataType::Utf8View, true),
                ])),
            ),
        ] {
            assert_eq!(HiveType::parse(text).unwrap().to_arrow(), expected, "{text}");
        }
    }

    #[test]
    fn foreign_arrow_types_take_the_nearest_hive_type() {
        for (data_type, expected) in [
            (DataType::UInt8, "smallint"),
            (DataType::UInt64, "decimal(20,0)"),
            (DataType::LargeUtf8, "string"),
            (DataType::Timestamp(TimeUnit::Nanosecond, None), "timestamp"),
            (DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)), "string"),
            (DataType::FixedSizeBinary(16), "binary"),
        ] {
            assert_eq!(hive_type_of(&data_type).unwrap(), expected);
        }
        for data_type in [
            DataType::Time64(TimeUnit::Microsecond),
            DataType::Decimal256(76, 0),
            DataType::Decimal128(3, -2),
        ] {
            assert_eq!(hive_type_of(&data_type).unwrap_err().code, ErrorCode::NotSupported);
        }
    }

    #[test]
    fn depth_of_foreign_schemas_is_bounded() {
        let mut deep = DataType::Int32;
        for _ in 0..200 {
            deep = DataType::List(Arc::new(Field::new("item", deep, true)));
        }
        assert_eq!(hive_type_of(&deep).unwrap_err().code, ErrorCode::NotSupported);
    }

    #[test]
    fn metadata_that_does_not_fit_is_ignored() {
        let lying = Field::new("c", DataType::Int32, true)
            .with_metadata(HashMap::from([(HIVE_TYPE_KEY.to_owned(), "varchar(3)".to_owned())]));
        assert_eq!(hive_type_of_field(&lying).unwrap(), "int");
    }
}
