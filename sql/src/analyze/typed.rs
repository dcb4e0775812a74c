//! An expression of the plan with the type its user means, and how it becomes another type.

use std::sync::Arc;

use datafusion::{
    common::ScalarValue,
    logical_expr::{Cast, Expr, expr::ScalarFunction},
};
use functions::{Call, Fault, Type, can_coerce, cast, has_many_forms, registry};

use super::{AtPlace, Done, mismatch};
use crate::ast::At;

#[derive(Debug, Clone)]
pub(super) struct Typed {
    pub(super) expr: Expr,
    pub(super) data_type: Type,
}

impl Typed {
    pub(super) fn new(expr: Expr, data_type: Type) -> Self {
        Self { expr, data_type }
    }

    pub(super) fn literal(value: ScalarValue, data_type: Type) -> Self {
        Self { expr: Expr::Literal(value, None), data_type }
    }

    pub(super) fn boolean(expr: Expr) -> Self {
        Self { expr, data_type: Type::Boolean }
    }

    pub(super) fn null() -> Self {
        Self::literal(ScalarValue::Null, Type::Unknown)
    }

    pub(super) fn text(value: &str) -> Self {
        let length = u32::try_from(value.chars().count()).ok();
        Self::literal(ScalarValue::Utf8View(Some(value.to_owned())), Type::Varchar(length))
    }

    pub(super) fn bigint(value: i64) -> Self {
        Self::literal(ScalarValue::Int64(Some(value)), Type::BigInt)
    }

    pub(super) fn as_literal(&self) -> Option<&ScalarValue> {
        match &self.expr {
            Expr::Literal(value, _) => Some(value),
            _ => None,
        }
    }

    /// The text of a string literal.
    pub(super) fn literal_text(&self) -> Option<&str> {
        match self.as_literal()? {
            ScalarValue::Utf8View(Some(text)) => Some(text),
            _ => None,
        }
    }

    /// The value as `to`, if that is a coercion: never loses anything.
    pub(super) fn coerce(self, to: &Type, at: At) -> Done<Typed> {
        if !can_coerce(&self.data_type, to) {
            return Err(mismatch(format!("Expected {to}, found {}", self.data_type), at));
        }
        self.convert(to).at(at)
    }

    /// The value as `to` by `CAST`, whose failures are failures of the query.
    pub(super) fn cast(self, to: &Type, at: At) -> Done<Typed> {
        if !cast::can_cast(&self.data_type, to) {
            return Err(mismatch(format!("Cannot cast {} to {to}", self.data_type), at));
        }
        self.convert(to).at(at)
    }

    /// The value in the form in which the engine takes values that are not distinct for one.
    pub(super) fn in_one_form(self) -> Result<Typed, Fault> {
        match has_many_forms(&self.data_type) {
            true => {
                let returns = self.data_type.clone();
                call_scalar("$one_form", vec![self], returns)
            }
            false => Ok(self),
        }
    }

    fn convert(self, to: &Type) -> Result<Typed, Fault> {
        if self.data_type == *to || same_values(&self.data_type, to) {
            return Ok(Typed::new(self.expr, to.clone()));
        }
        if let Some(value) = self.as_literal() {
            if value.is_null() {
                let null = ScalarValue::try_from(&to.arrow());
                return Ok(Typed::literal(null.unwrap_or(ScalarValue::Null), to.clone()));
            }
            // A cast that fails must do so when its row is reached, which may be never.
            if let Some(folded) = fold(value, &self.data_type, to) {
                return Ok(Typed::literal(folded, to.clone()));
            }
        }
        if engine_casts(&self.data_type, to) {
            return Ok(Typed::new(Expr::Cast(Cast::new(Box::new(self.expr), to.arrow())), to.clone()));
        }
        call_scalar("$cast", vec![self], to.clone())
    }
}

/// The cast of one literal value, unless it fails.
fn fold(value: &ScalarValue, from: &Type, to: &Type) -> Option<ScalarValue> {
    let array = value.to_array().ok()?;
    let folded = cast::cast(&array, from, to).ok()?;
    ScalarValue::try_from_array(&folded, 0).ok()
}

/// Types whose values are the same in Arrow, so that a cast is only a change of mind.
fn same_values(from: &Type, to: &Type) -> bool {
    match (from, to) {
        (Type::Varchar(from), Type::Varchar(to)) => match (from, to) {
            (_, None) => true,
            (Some(from), Some(to)) => from <= to,
            (None, Some(_)) => false,
        },
        (Type::Timestamp(from @ 0..=6), Type::Timestamp(to @ 0..=6)) => from <= to,
        (Type::Time(from), Type::Time(to)) => from <= to,
        (Type::TimestampTz(from @ 0..=3), Type::TimestampTz(to @ 0..=3)) => from <= to,
        (Type::Array(from), Type::Array(to)) => from == to || same_values(from, to),
        _ => false,
    }
}

/// Casts that the engine does as Trino does, and through which it can prune.
fn engine_casts(from: &Type, to: &Type) -> bool {
    let rank = |data_type: &Type| match data_type {
        Type::TinyInt => Some(0),
        Type::SmallInt => Some(1),
        Type::Integer => Some(2),
        Type::BigInt => Some(3),
        _ => None,
    };
    match (from, to) {
        (Type::Decimal(p1, s1), Type::Decimal(p2, s2)) => s2 >= s1 && p2 - s2 >= p1 - s1,
        (Type::Date, Type::Timestamp(_)) => true,
        (Type::Real, Type::Double) => true,
        (from, Type::Decimal(p, s)) => match rank(from) {
            Some(0) => p - s >= 3,
            Some(1) => p - s >= 5,
            Some(2) => p - s >= 10,
            Some(3) => p - s >= 19,
            _ => false,
        },
        (from, Type::Double) => rank(from).is_some(),
        (from, to) => matches!((rank(from), rank(to)), (Some(from), Some(to)) if from <= to),
    }
}

/// A call of a scalar function of the registry whose arguments are coerced already.
pub(super) fn call_scalar(name: &str, arguments: Vec<Typed>, returns: Type) -> Result<Typed, Fault> {
    let function = registry::find(name)
        .ok_or_else(|| Fault::function_not_found(format!("Function '{name}' not registered")))?;
    let (exprs, types): (Vec<_>, Vec<_>) =
        arguments.into_iter().map(|argument| (argument.expr, argument.data_type)).unzip();
    let udf = registry::scalar(function, Call::new(types, returns.clone()));
    let expr = Expr::ScalarFunction(ScalarFunction { func: Arc::clone(&udf), args: exprs });
    Ok(Typed::new(expr, returns))
}
