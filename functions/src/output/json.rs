//! Values for JSON documents: numbers, booleans, arrays, maps and rows as they are, everything else as text.

use arrow::array::ArrayRef;
use datafusion::common::Result as EngineResult;

use crate::{RowField, Type, output::client};

/// The type of what [`to_json_value`] returns. Keys of maps are text, as JSON's are.
pub fn json_value_type(data_type: &Type) -> Type {
    match data_type {
        Type::Unknown
        | Type::Function(..)
        | Type::Boolean
        | Type::TinyInt
        | Type::SmallInt
        | Type::Integer
        | Type::BigInt
        | Type::Real
        | Type::Double
        | Type::Decimal(..) => data_type.clone(),
        Type::Array(item) => Type::array(json_value_type(item)),
        Type::Map(_, value) => Type::map(Type::VARCHAR, json_value_type(value)),
        Type::Row(fields) => {
            let field = |field: &RowField| RowField {
                name: field.name.clone(),
                field_type: json_value_type(&field.field_type),
            };
            Type::Row(fields.iter().map(field).collect())
        }
        _ => Type::VARCHAR,
    }
}

/// The values as [`json_value_type`]; the texts are those of [`super::to_text`].
pub fn to_json_value(array: &ArrayRef, data_type: &Type) -> EngineResult<ArrayRef> {
    client::with_texts(array, data_type, &json_value_type(data_type))
}
