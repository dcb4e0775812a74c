//! SQL/JSON functions, as calls of internal functions.
//!
//! Those read and write text; what is a value and what is JSON they tell by the type: text `FORMAT JSON` is given
//! to them as json.

use datafusion::common::ScalarValue;
use functions::{RowField, Type};
use protocol::ErrorCode;

use super::{
    Analyzer, AtPlace, Done,
    expr::Context,
    mismatch, not_supported, problem,
    typed::{Typed, call_scalar},
};
use crate::ast::{
    At, Expr, Ident, JsonBehavior, JsonCall, JsonEncoding, JsonInput, JsonOutput, JsonPathInput,
};

impl Analyzer<'_> {
    pub(super) fn json_call(&mut self, call: &JsonCall, at: At, context: &mut Context<'_>) -> Done<Typed> {
        match call {
            JsonCall::Exists { input, on_error } => {
                let mut arguments = self.json_path(input, at, context)?;
                arguments.push(constant(on_error));
                call_scalar("$json_exists", arguments, Type::Boolean).at(at)
            }
            JsonCall::Value { input, returning, on_empty, on_error } => {
                let returns = returning.clone().unwrap_or(Type::VARCHAR);
                check_scalar(&returns, at)?;
                let mut arguments = self.json_path(input, at, context)?;
                for behavior in [on_empty, on_error] {
                    let (word, default) = self.json_behavior(behavior, &returns, at, context)?;
                    arguments.extend([constant(word), default]);
                }
                call_scalar("$json_value", arguments, returns).at(at)
            }
            JsonCall::Query { input, returning, wrapper, keep_quotes, on_empty, on_error } => {
                let mut arguments = self.json_path(input, at, context)?;
                arguments.extend([
                    constant(wrapper),
                    flag(!keep_quotes),
                    constant(on_empty),
                    constant(on_error),
                ]);
                let text = call_scalar("$json_query", arguments, Type::VARCHAR).at(at)?;
                self.json_output(text, returning.as_ref(), at)
            }
            JsonCall::Object { members, null_on_null, unique_keys, returning } => {
                let mut arguments = vec![flag(*null_on_null), flag(*unique_keys)];
                for (key, value) in members {
                    arguments.push(self.json_key(key, context)?);
                    arguments.push(self.json_member(value, context)?);
                }
                let text = call_scalar("$json_object", arguments, Type::VARCHAR).at(at)?;
                self.json_output(text, returning.as_ref(), at)
            }
            JsonCall::Array { elements, null_on_null, returning } => {
                let mut arguments = vec![flag(!null_on_null)];
                for element in elements {
                    arguments.push(self.json_member(element, context)?);
                }
                let text = call_scalar("$json_array", arguments, Type::VARCHAR).at(at)?;
                self.json_output(text, returning.as_ref(), at)
            }
        }
    }

    /// The document, the path, and the row of passed values.
    fn json_path(&mut self, input: &JsonPathInput, at: At, context: &mut Context<'_>) -> Done<Vec<Typed>> {
        // A document is JSON text whether or not that is written.
        let encoding = input.input.format.unwrap_or(JsonEncoding::Unspecified);
        let document = self.expr(&input.input.expr, context)?;
        let document = self.json_text(document, encoding, input.input.expr.at)?;
        let (mut fields, mut values) = (Vec::new(), Vec::new());
        for (value, name) in &input.passing {
            let name_text = variable(name);
            if fields.iter().any(|field: &RowField| field.name.as_ref() == Some(&name_text)) {
                return Err(problem(
                    ErrorCode::InvalidQuery,
                    format!("{name_text} JSON path parameter is specified more than once"),
                    name.at,
                ));
            }
            let value = self.json_passed(value, context)?;
            fields.push(RowField { name: Some(name_text), field_type: value.data_type.clone() });
            values.push(value);
        }
        let passing = match values.is_empty() {
            true => Typed::null(),
            false => call_scalar("$row", values, Type::Row(fields)).at(at)?,
        };
        Ok(vec![document, constant(&input.path), passing])
    }

    /// A value for a variable of a path.
    fn json_passed(&mut self, value: &JsonInput, context: &mut Context<'_>) -> Done<Typed> {
        let at = value.expr.at;
        let typed = self.expr(&value.expr, context)?;
        if let Some(encoding) = value.format {
            return Ok(as_json(self.json_text(typed, encoding, at)?));
        }
        match &typed.data_type {
            Type::Date | Type::Time(_) | Type::TimeTz(_) | Type::Timestamp(_) | Type::TimestampTz(_) => {
                Err(not_supported(format!("a value of type {} passed to a JSON path", typed.data_type), at))
            }
            _ => scalar(typed, "Unsupported type of JSON path parameter", at),
        }
    }

    /// A value of an object or an array.
    fn json_member(&mut self, value: &JsonInput, context: &mut Context<'_>) -> Done<Typed> {
        let at = value.expr.at;
        let typed = self.expr(&value.expr, context)?;
        match value.format {
            Some(encoding) => Ok(as_json(self.json_text(typed, encoding, at)?)),
            None => scalar(typed, "Unsupported type of value passed to a JSON function", at),
        }
    }

    fn json_key(&mut self, key: &Expr, context: &mut Context<'_>) -> Done<Typed> {
        let typed = self.expr(key, context)?;
        match typed.data_type.is_text() || typed.data_type == Type::Unknown {
            true => typed.cast(&Type::VARCHAR, key.at),
            false => Err(mismatch(format!("Invalid type of JSON object key: {}", typed.data_type), key.at)),
        }
    }

    /// JSON text as varchar.
    fn json_text(&mut self, text: Typed, encoding: JsonEncoding, at: At) -> Done<Typed> {
        let name = match encoding {
            JsonEncoding::Unspecified => "JSON",
            JsonEncoding::Utf8 => "UTF8",
            JsonEncoding::Utf16 => "UTF16",
            JsonEncoding::Utf32 => "UTF32",
        };
        match (&text.data_type, encoding) {
            (Type::Unknown | Type::Varchar(_) | Type::Char(_), JsonEncoding::Unspecified) => {
                text.cast(&Type::VARCHAR, at)
            }
            (Type::Json, JsonEncoding::Unspecified) => Ok(Typed::new(text.expr, Type::VARCHAR)),
            (Type::Varbinary, encoding) => {
                let name = if encoding == JsonEncoding::Unspecified { "UTF8" } else { name };
                call_scalar("$json_text", vec![text, constant(name)], Type::VARCHAR).at(at)
            }
            (other, _) => Err(mismatch(
                format!("Cannot read input of type {other} as JSON using formatting {name}"),
                at,
            )),
        }
    }

    /// JSON text as what RETURNING says.
    fn json_output(&mut self, text: Typed, returning: Option<&JsonOutput>, at: At) -> Done<Typed> {
        let Some(JsonOutput { data_type, encoding }) = returning else {
            return Ok(text);
        };
        match (data_type, encoding) {
            (Type::Varchar(_) | Type::Char(_), JsonEncoding::Unspecified) => text.cast(data_type, at),
            (Type::Varbinary, JsonEncoding::Unspecified | JsonEncoding::Utf8) => {
                self.call_bound("to_utf8", vec![text], at)
            }
            (Type::Varbinary, JsonEncoding::Utf16 | JsonEncoding::Utf32) => {
                Err(not_supported("RETURNING varbinary in UTF16 or UTF32", at))
            }
            (other, _) => {
                Err(mismatch(format!("Cannot output JSON value as {other} using formatting JSON"), at))
            }
        }
    }

    /// The word for a behavior, and its default value.
    fn json_behavior(
        &mut self,
        behavior: &JsonBehavior,
        returns: &Type,
        at: At,
        context: &mut Context<'_>,
    ) -> Done<(&'static str, Typed)> {
        match behavior {
            JsonBehavior::Null => Ok(("NULL", Typed::null().coerce(returns, at)?)),
            JsonBehavior::Error => Ok(("ERROR", Typed::null().coerce(returns, at)?)),
            JsonBehavior::Default(expr) => {
                Ok(("DEFAULT", self.expr(expr, context)?.coerce(returns, expr.at)?))
            }
        }
    }
}

/// What JSON_VALUE may return.
fn check_scalar(returns: &Type, at: At) -> Done<()> {
    let is_scalar = returns.is_numeric()
        || returns.is_text()
        || matches!(
            returns,
            Type::Boolean
                | Type::Date
                | Type::Time(_)
                | Type::TimeTz(_)
                | Type::Timestamp(_)
                | Type::TimestampTz(_)
        );
    match is_scalar {
        true => Ok(()),
        false => Err(mismatch(format!("Invalid return type of function JSON_VALUE: {returns}"), at)),
    }
}

/// Booleans, numbers and text stand for themselves, anything else for its text.
fn scalar(value: Typed, message: &str, at: At) -> Done<Typed> {
    match &value.data_type {
        Type::Unknown | Type::Boolean | Type::Varchar(_) => Ok(value),
        number if number.is_numeric() => Ok(value),
        other if functions::cast::can_cast(other, &Type::VARCHAR) => value.cast(&Type::VARCHAR, at),
        other => Err(mismatch(format!("{message}: {other}"), at)),
    }
}

/// Text that is JSON.
fn as_json(text: Typed) -> Typed {
    Typed::new(text.expr, Type::Json)
}

/// A name without quotes is upper case in a path, as in Trino.
fn variable(name: &Ident) -> String {
    if name.quoted { name.text.clone() } else { name.text.to_uppercase() }
}

fn constant(text: &str) -> Typed {
    Typed::new(Typed::text(text).expr, Type::VARCHAR)
}

fn flag(value: bool) -> Typed {
    Typed::literal(ScalarValue::Boolean(Some(value)), Type::Boolean)
}
