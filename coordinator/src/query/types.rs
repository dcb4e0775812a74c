//! Types of tables as types of the language.

use arrow::{
    array::RecordBatch,
    compute::cast,
    datatypes::{DataType, Field, Schema, TimeUnit},
    error::ArrowError,
};
use catalog::HiveType;
use connectors::FileColumn;
use functions::{RowField, Type};
use protocol::{Error, ErrorCode, Result};

/// Precision of a Hive timestamp in Athena, in digits after the second.
const TIMESTAMP_PRECISION: u8 = 3;

/// The type that Athena shows for a Hive type.
pub(crate) fn of_hive(hive_type: &HiveType) -> Result<Type> {
    Ok(match hive_type {
        HiveType::Boolean => Type::Boolean,
        HiveType::TinyInt => Type::TinyInt,
        HiveType::SmallInt => Type::SmallInt,
        HiveType::Int => Type::Integer,
        HiveType::BigInt => Type::BigInt,
        HiveType::Float => Type::Real,
        HiveType::Double => Type::Double,
        HiveType::Decimal { precision, scale } => Type::Decimal(*precision, *scale),
        HiveType::String => Type::VARCHAR,
        HiveType::Varchar(length) => Type::Varchar(Some(*length)),
        HiveType::Char(length) => Type::Char(*length),
        HiveType::Binary => Type::Varbinary,
        HiveType::Date => Type::Date,
        HiveType::Timestamp => Type::Timestamp(TIMESTAMP_PRECISION),
        HiveType::Array(item) => Type::array(of_hive(item)?),
        HiveType::Map(key, value) => Type::map(of_hive(key)?, of_hive(value)?),
        HiveType::Struct(fields) => Type::Row(
            fields
                .iter()
                .map(|field| {
                    Ok(RowField { name: Some(field.name.clone()), field_type: of_hive(&field.hive_type)? })
                })
                .collect::<Result<_>>()?,
        ),
        HiveType::Void => Type::Unknown,
        HiveType::TimestampLocalTz | HiveType::Union(_) => {
            return Err(Error::new(
                ErrorCode::NotSupported,
                format!("a column of type {hive_type} is not supported"),
            ));
        }
    })
}

/// The type of a column that tells of files.
pub(super) fn of_file_column(column: FileColumn) -> Type {
    match column {
        FileColumn::Path => Type::VARCHAR,
        FileColumn::Size => Type::BigInt,
        FileColumn::ModifiedTime => Type::TimestampTz(TIMESTAMP_PRECISION),
    }
}

/// A batch of ours with each column in the Arrow type of its type, and those types.
pub(super) fn of_batch(batch: &RecordBatch) -> Result<(RecordBatch, Vec<Type>), ArrowError> {
    let (mut fields, mut columns, mut types) = (Vec::new(), Vec::new(), Vec::new());
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        let data_type = of_arrow(field.data_type())?;
        columns.push(cast(column, &data_type.arrow())?);
        fields.push(Field::new(field.name(), data_type.arrow(), true));
        types.push(data_type);
    }
    let batch = RecordBatch::try_new(std::sync::Arc::new(Schema::new(fields)), columns)?;
    Ok((batch, types))
}

fn of_arrow(data_type: &DataType) -> Result<Type, ArrowError> {
    Ok(match data_type {
        DataType::Boolean => Type::Boolean,
        DataType::Int32 | DataType::UInt16 => Type::Integer,
        DataType::Int64 | DataType::UInt32 | DataType::UInt64 => Type::BigInt,
        DataType::Float64 => Type::Double,
        DataType::Utf8 | DataType::Utf8View => Type::VARCHAR,
        DataType::Timestamp(TimeUnit::Millisecond, None) => Type::Timestamp(3),
        DataType::Timestamp(TimeUnit::Microsecond, None) => Type::Timestamp(6),
        other => return Err(ArrowError::SchemaError(format!("no type for {other}"))),
    })
}
