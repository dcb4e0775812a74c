//! Literals, with the types Trino gives them.

use datafusion::common::ScalarValue;
use functions::{Type, datetime, json_literal, types};

use super::{Analyzer, AtPlace, Done, syntax, typed::Typed};
use crate::ast::{At, ExprKind};

impl Analyzer<'_> {
    /// None for what is not a literal.
    pub(super) fn literal(&self, kind: &ExprKind, at: At) -> Done<Option<Typed>> {
        Ok(Some(match kind {
            ExprKind::Null => Typed::null(),
            ExprKind::Boolean(value) => Typed::literal(ScalarValue::Boolean(Some(*value)), Type::Boolean),
            ExprKind::Integer(digits) => integer(digits, at)?,
            ExprKind::Decimal(digits) => decimal(digits, at)?,
            ExprKind::Double(text) => {
                let value =
                    text.parse().map_err(|_| syntax(format!("Invalid numeric literal: {text}"), at))?;
                Typed::literal(ScalarValue::Float64(Some(value)), Type::Double)
            }
            ExprKind::String(text) => Typed::text(text),
            ExprKind::Binary(bytes) => {
                Typed::literal(ScalarValue::BinaryView(Some(bytes.clone())), Type::Varbinary)
            }
            ExprKind::Typed { type_text, text } => typed(type_text, text, at)?,
            ExprKind::Interval { negative, text, from, to } => {
                let (data_type, value) =
                    datetime::interval_literal(text, from, to.as_deref(), *negative).at(at)?;
                Typed::literal(value, data_type)
            }
            _ => return Ok(None),
        }))
    }
}

/// Integer if it fits, bigint otherwise.
fn integer(digits: &str, at: At) -> Done<Typed> {
    if let Ok(value) = digits.parse::<i32>() {
        return Ok(Typed::literal(ScalarValue::Int32(Some(value)), Type::Integer));
    }
    match digits.parse::<i64>() {
        Ok(value) => Ok(Typed::bigint(value)),
        Err(_) => Err(syntax(format!("Invalid numeric literal: {digits}"), at)),
    }
}

/// The precision and scale of its digits: `1.50` is decimal(3,2).
fn decimal(digits: &str, at: At) -> Done<Typed> {
    let (negative, plain) = match digits.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, digits.strip_prefix('+').unwrap_or(digits)),
    };
    let (whole, fraction) = plain.split_once('.').unwrap_or((plain, ""));
    let invalid = || syntax(format!("Invalid decimal literal: {digits}"), at);
    if whole.is_empty() && fraction.is_empty() {
        return Err(invalid());
    }
    let whole = whole.trim_start_matches('0');
    let all = format!("{whole}{fraction}");
    if !all.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(invalid());
    }
    let scale = fraction.len();
    let precision = all.len().max(1).max(scale);
    if precision > usize::from(types::DECIMAL_PRECISION_MAX) {
        return Err(invalid());
    }
    let magnitude: i128 = if all.is_empty() { 0 } else { all.parse().map_err(|_| invalid())? };
    let value = if negative { -magnitude } else { magnitude };
    let (precision, scale) = (u8::try_from(precision).unwrap_or(0), u8::try_from(scale).unwrap_or(0));
    let scalar = ScalarValue::Decimal128(Some(value), precision, scale.cast_signed());
    Ok(Typed::literal(scalar, Type::Decimal(precision, scale)))
}

/// `type 'text'`
fn typed(type_text: &str, text: &str, at: At) -> Done<Typed> {
    let word = type_text.to_ascii_lowercase();
    let (data_type, value) = match word.as_str() {
        "date" => datetime::date_literal(text).at(at)?,
        "time" => datetime::time_literal(text).at(at)?,
        "timestamp" => datetime::timestamp_literal(text).at(at)?,
        "decimal" => return decimal(text, at),
        "json" => {
            let value = json_literal(text).at(at)?;
            (Type::Json, ScalarValue::Utf8View(Some(value)))
        }
        "char" => {
            let length = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
            return Typed::text(text).cast(&Type::Char(length), at);
        }
        "varchar" => return Typed::text(text).coerce(&Type::VARCHAR, at),
        _ => {
            let data_type = types::parse(type_text).at(at)?;
            let literal = Typed::text(text).cast(&data_type, at)?;
            // What cannot be folded cannot be read: unlike a cast's, a literal's failure is the text's.
            return match literal.as_literal() {
                Some(_) => Ok(literal),
                None => Err(syntax(format!("'{text}' is not a valid {data_type} literal"), at)),
            };
        }
    };
    Ok(Typed::literal(value, data_type))
}
