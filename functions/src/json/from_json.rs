//! `CAST(json AS …)`.
//!
//! Reads JSON text token by token into the target's columns, so it takes any JSON, canonical or not. The planner
//! may therefore hand it the argument of `json_parse` directly in `CAST(json_parse(x) AS array/map/row)`, as
//! Trino does, which keeps all digits of decimals.
//!
//! * A JSON null is NULL, except as a value of type `json`.
//! * Objects become rows by the fields' names, without regard to case; fields that are absent are NULL, other
//!   members are left out. Arrays become rows by position.
//! * Strings, numbers and booleans become each other where the SQL types do. Containers never become text.

use arrow::array::{Array, ArrayRef};
use datafusion::common::Result as EngineResult;

use super::{
    column::Column,
    documents::shown,
    scalar::Failure,
    to_json::is_key,
    tokens::{Token, Tokens},
};
use crate::{Fault, Type, columns::text};

/// True if Trino casts `json` to the type.
pub(super) fn can_cast(to: &Type) -> bool {
    match to {
        Type::Json => true,
        Type::Array(item) => can_cast(item),
        Type::Map(key, value) => is_key(key) && can_cast(value),
        Type::Row(fields) => fields.iter().all(|field| can_cast(&field.field_type)),
        other => is_key(other),
    }
}

/// JSON text as values; NULL stays NULL.
pub(super) fn cast(array: &ArrayRef, to: &Type) -> EngineResult<ArrayRef> {
    if !can_cast(to) {
        return Err(Fault::type_mismatch(format!("Cannot cast json to {to}")).into());
    }
    let given = text(array)?;
    let mut column = Column::new(to, given.len())?;
    for row in 0..given.len() {
        if given.is_null(row) {
            column.append_null();
            continue;
        }
        let json = given.value(row);
        append_document(&mut column, json).map_err(|failure| fault(failure, json, to))?;
    }
    column.finish()
}

fn append_document(column: &mut Column, json: &str) -> Result<(), Failure> {
    let mut tokens = Tokens::new(json);
    let first = tokens.next()?.ok_or(Failure::Other)?;
    if matches!(first, Token::Null) {
        column.append_null();
    } else {
        column.append(first, &mut tokens)?;
    }
    match tokens.next()? {
        None => Ok(()),
        Some(token) => Err(Failure::Trailing(token.shown())),
    }
}

/// Trino's words, which differ between scalars and containers.
fn fault(failure: Failure, json: &str, to: &Type) -> Fault {
    if matches!(to, Type::Array(_) | Type::Map(..) | Type::Row(_)) {
        let json = shown(json);
        return Fault::invalid_cast(match failure {
            Failure::Value(message) | Failure::OutOfRange(message) | Failure::Shape(message) => {
                format!("Cannot cast to {to}. {message}\n{json}")
            }
            Failure::Trailing(token) => {
                format!("Cannot cast to {to}. Unexpected trailing token: {token}\n{json}")
            }
            Failure::TooLong | Failure::Other => format!("Cannot cast to {to}.\n{json}"),
        });
    }
    let name = match to {
        Type::Varchar(None) => "varchar".to_owned(),
        Type::Decimal(precision, scale) => format!("DECIMAL({precision},{scale})"),
        other => other.to_string(),
    };
    Fault::invalid_cast(match failure {
        Failure::Value(message) => message,
        Failure::TooLong => format!("Cannot cast input json to {name}"),
        Failure::Trailing(_) => format!("Cannot cast input json to {}", name.to_uppercase()),
        Failure::OutOfRange(_) | Failure::Shape(_) | Failure::Other => {
            format!("Cannot cast '{json}' to {name}")
        }
    })
}
