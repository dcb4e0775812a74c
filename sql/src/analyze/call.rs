//! Calls of functions: which kind, which signature.

use datafusion::{common::ScalarValue, logical_expr::Expr as PlanExpr};
use functions::{Function, Kind, Type, registry, signature};
use protocol::ErrorCode;

use super::{
    Analyzer, AtPlace, Done,
    composed::composed,
    expr::Context,
    mismatch, not_supported, problem, ranges, syntax,
    typed::{Typed, call_scalar},
};
use crate::{
    ast::{At, Call, Expr, ExprKind, Ident},
    nearest,
};

impl Analyzer<'_> {
    pub(super) fn call(&mut self, call: &Call, at: At, context: &mut Context<'_>) -> Done<Typed> {
        let name = call.name.folded();
        if call.over.is_some() {
            return self.window_call(call, at, context);
        }
        if let Some(expr) = composed(call, at) {
            return self.expr(&expr, context);
        }
        if name == "grouping" {
            return self.grouping_call(call, at, context);
        }
        if is_plain(call) {
            if let Some(special) = self.special(&name, &call.arguments, at, context)? {
                return Ok(special);
            }
            if let Some(conditional) = self.conditional(&name, &call.arguments, at, context)? {
                return Ok(conditional);
            }
        }
        let function = self.function(&name, at)?;
        match &function.kind {
            Kind::Aggregate(_) => self.aggregate_call(function, call, at, context),
            Kind::Window(_) => Err(syntax(format!("Window function {name} requires an OVER clause"), at)),
            Kind::Scalar(_) | Kind::HigherOrder(_) if !is_plain(call) => Err(syntax(
                format!(
                    "'{name}' is not an aggregate function: DISTINCT, FILTER, ORDER BY and IGNORE NULLS do not apply"
                ),
                at,
            )),
            Kind::Scalar(_) if call.arguments.iter().all(|argument| !is_lambda(argument)) => {
                let arguments = call
                    .arguments
                    .iter()
                    .map(|argument| self.expr(argument, context))
                    .collect::<Done<Vec<_>>>()?;
                if let ("starts_with", [text, beginning]) = (function.name, arguments.as_slice())
                    && let Some(range) = ranges::starts_with(text, beginning)
                {
                    return Ok(Typed::boolean(range));
                }
                self.call_bound(function.name, arguments, at)
            }
            Kind::Scalar(_) | Kind::HigherOrder(_) => {
                self.lambda_call(function, &call.arguments, at, context)
            }
        }
    }

    pub(super) fn function(&self, name: &str, at: At) -> Done<&'static Function> {
        let found = registry::find(name).filter(|_| !name.starts_with('$'));
        found.ok_or_else(|| {
            let mut missing =
                problem(ErrorCode::FunctionNotFound, format!("Function '{name}' not registered"), at);
            if let Some(meant) = nearest(name, registry::named().map(|function| function.name)) {
                missing.error = missing.error.with_hint(format!("did you mean '{meant}'?"));
            }
            missing
        })
    }

    /// A scalar function by its signature; `name` is one of the registry's.
    pub(super) fn call_bound(&mut self, name: &str, arguments: Vec<Typed>, at: At) -> Done<Typed> {
        let function = registry::find(name).ok_or_else(|| {
            problem(ErrorCode::FunctionNotFound, format!("Function '{name}' not registered"), at)
        })?;
        let arguments = if name == "concat" { concat_operands(arguments, at)? } else { arguments };
        let (arguments, call) = bound(function, arguments, at)?;
        call_scalar(name, arguments, call.returns).at(at)
    }

    /// What looks like a function and is decided here.
    fn special(
        &mut self,
        name: &str,
        arguments: &[Expr],
        at: At,
        context: &mut Context<'_>,
    ) -> Done<Option<Typed>> {
        Ok(Some(match (name, arguments) {
            ("typeof", [one]) => {
                Typed::text(&self.expr(one, context)?.data_type.to_string()).coerce(&Type::VARCHAR, at)?
            }
            ("normalize", [text]) => {
                let text = self.expr(text, context)?;
                self.call_bound("normalize", vec![text, Typed::text("NFC")], at)?
            }
            ("now", []) => self.current("current_timestamp", None, at)?,
            ("array_sort", [array, comparator]) if is_lambda(comparator) => {
                let function = self.internal("$array_sort_by", at)?;
                self.lambda_call(function, &[array.clone(), comparator.clone()], at, context)?
            }
            ("array_first", [array, predicate]) if is_lambda(predicate) => {
                let function = self.internal("$array_first_by", at)?;
                self.lambda_call(function, &[array.clone(), predicate.clone()], at, context)?
            }
            ("$regexp_groups", [text, pattern]) => {
                let arguments = vec![self.expr(text, context)?, self.expr(pattern, context)?];
                self.call_bound("$regexp_groups", arguments, at)?
            }
            ("date_add" | "date_diff" | "date_trunc", [unit, ..]) => {
                self.check_unit(unit)?;
                return Ok(None);
            }
            _ => return Ok(None),
        }))
    }

    pub(super) fn internal(&self, name: &'static str, at: At) -> Done<&'static Function> {
        registry::find(name).ok_or_else(|| not_supported(name.trim_start_matches('$'), at))
    }

    /// A wrong unit is told before anything runs.
    fn check_unit(&self, unit: &Expr) -> Done<()> {
        const UNITS: &[&str] =
            &["millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year"];
        match &unit.kind {
            ExprKind::String(text) if !UNITS.iter().any(|known| known.eq_ignore_ascii_case(text)) => {
                let mut wrong = problem(
                    ErrorCode::InvalidFunctionArgument,
                    format!("'{text}' is not a valid TIMESTAMP field"),
                    unit.at,
                );
                if let Some(meant) = nearest(&text.to_lowercase(), UNITS.iter().copied()) {
                    wrong.error = wrong.error.with_hint(format!("did you mean '{meant}'?"));
                }
                Err(wrong)
            }
            _ => Ok(()),
        }
    }

    /// `EXTRACT(field FROM x)`: the function of that name.
    pub(super) fn extract(
        &mut self,
        field: &Ident,
        from: &Expr,
        at: At,
        context: &mut Context<'_>,
    ) -> Done<Typed> {
        let name = match field.text.to_ascii_lowercase().as_str() {
            "year" => "year",
            "quarter" => "quarter",
            "month" => "month",
            "week" => "week",
            "day" | "day_of_month" => "day",
            "dow" | "day_of_week" => "day_of_week",
            "doy" | "day_of_year" => "day_of_year",
            "yow" | "year_of_week" => "year_of_week",
            "hour" => "hour",
            "minute" => "minute",
            "second" => "second",
            "timezone_hour" => "timezone_hour",
            "timezone_minute" => "timezone_minute",
            other => return Err(syntax(format!("Invalid EXTRACT field: {other}"), field.at)),
        };
        let from = self.expr(from, context)?;
        let of_time = matches!(name, "hour" | "minute" | "second" | "timezone_hour" | "timezone_minute");
        if of_time && from.data_type == Type::Date {
            return Err(mismatch(format!("Cannot extract {} from date", field.text.to_uppercase()), at));
        }
        self.call_bound(name, vec![from], at)
    }

    pub(super) fn at_time_zone(
        &mut self,
        expr: &Expr,
        zone: &Expr,
        at: At,
        context: &mut Context<'_>,
    ) -> Done<Typed> {
        let value = self.expr(expr, context)?;
        let zone = self.expr(zone, context)?;
        let value = match value.data_type {
            // A timestamp without zone is in the session's, which is UTC.
            Type::Timestamp(precision) => value.cast(&Type::TimestampTz(precision), at)?,
            Type::TimestampTz(_) => value,
            Type::Time(_) | Type::TimeTz(_) => return Err(not_supported("AT TIME ZONE of a time", at)),
            other => {
                return Err(mismatch(
                    format!(
                        "Type of value must be a time or timestamp with or without time zone (actual {other})"
                    ),
                    at,
                ));
            }
        };
        match zone.data_type {
            Type::IntervalDayToSecond => self.call_bound("$at_timezone_interval", vec![value, zone], at),
            _ => self.call_bound("at_timezone", vec![value, zone], at),
        }
    }

    /// `current_timestamp(p)` and the like: constants of the query.
    pub(super) fn current(&mut self, what: &str, precision: Option<u8>, at: At) -> Done<Typed> {
        let precision = precision.unwrap_or(functions::types::TIME_PRECISION_DEFAULT);
        if precision > functions::types::TIME_PRECISION_MAX {
            return Err(not_supported(format!("a precision of {precision}"), at));
        }
        let now = Typed::literal(
            ScalarValue::TimestampMicrosecond(Some(self.session.now_micros), None),
            Type::Timestamp(6),
        );
        let text = |text: &str| Ok(Typed::new(Typed::text(text).expr, Type::VARCHAR));
        match what {
            "current_timestamp" => {
                now.cast(&Type::Timestamp(precision), at)?.cast(&Type::TimestampTz(precision), at)
            }
            "localtimestamp" => now.cast(&Type::Timestamp(precision), at),
            "current_date" => now.cast(&Type::Date, at),
            "localtime" => now.cast(&Type::Time(precision), at),
            "current_time" => now.cast(&Type::Time(precision), at)?.cast(&Type::TimeTz(precision), at),
            "current_user" => text(&self.session.user.clone()),
            "current_catalog" => text(super::CATALOG),
            "current_schema" => text(&self.database.clone()),
            other => Err(not_supported(other, at)),
        }
    }
}

/// The arguments as the signature that fits them best wants them, and that signature's types.
pub(super) fn bound(
    function: &'static Function,
    arguments: Vec<Typed>,
    at: At,
) -> Done<(Vec<Typed>, functions::Call)> {
    let mut given: Vec<signature::Argument<'_>> =
        arguments.iter().map(|argument| signature::Argument::Value(argument.data_type.clone())).collect();
    let call = signature::bind(function, &mut given).at(at)?;
    let coerced =
        arguments.into_iter().zip(&call.arguments).map(|(argument, wanted)| argument.coerce(wanted, at));
    Ok((coerced.collect::<Done<_>>()?, call))
}

/// NULL beside text or binary data is one of them: without this it might as well be an array.
fn concat_operands(arguments: Vec<Typed>, at: At) -> Done<Vec<Typed>> {
    let known = arguments.iter().map(|argument| &argument.data_type);
    let has_array = known.clone().any(|data_type| matches!(data_type, Type::Array(_)));
    let scalar = match known.clone().find(|data_type| **data_type != Type::Unknown) {
        _ if has_array => return Ok(arguments),
        Some(Type::Varbinary) => Type::Varbinary,
        _ => Type::VARCHAR,
    };
    let typed = |argument: Typed| match argument.data_type {
        Type::Unknown => argument.coerce(&scalar, at),
        _ => Ok(argument),
    };
    arguments.into_iter().map(typed).collect()
}

/// A call with nothing but arguments.
fn is_plain(call: &Call) -> bool {
    !call.distinct
        && !call.star
        && call.order_by.is_empty()
        && call.filter.is_none()
        && call.null_treatment.is_none()
        && call.on_overflow.is_none()
}

pub(super) fn is_lambda(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Lambda { .. })
}

/// A literal bigint of the plan.
pub(super) fn number(value: i64) -> PlanExpr {
    Typed::bigint(value).expr
}
