//! Comparisons of a day, month or year of a timestamp with a constant, as comparisons of the timestamp
//! itself: only those can be told from the bounds that files keep.
//!
//! `date(ts) = d` is `ts >= d AND ts < d + 1 day`; so is any truncation, for a constant that is a beginning.

use datafusion::{
    common::ScalarValue,
    logical_expr::{Expr as PlanExpr, Operator, expr::ScalarFunction},
};
use functions::Type;

use super::{conditional::balanced, operators::binary, typed::Typed};
use crate::ast::Comparison;

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// The span `[from, to)` of a timestamp's values, in microseconds, that become one constant.
struct Span {
    timestamp: PlanExpr,
    from: i64,
    to: i64,
    /// The constant is the value of that span; otherwise it lies inside it and equals none.
    exact: bool,
}

/// The comparison by the timestamp's range, if one side is such a function of a column and the other a constant.
pub(super) fn rewrite(op: Comparison, left: &Typed, right: &Typed) -> Option<PlanExpr> {
    let (op, span) = match (span(left, right), span(right, left)) {
        (Some(span), _) => (op, span),
        (None, Some(span)) => (mirrored(op), span),
        (None, None) => return None,
    };
    let compared = |operator: Operator, micros: i64| {
        let bound = PlanExpr::Literal(ScalarValue::TimestampMicrosecond(Some(micros), None), None);
        binary(span.timestamp.clone(), operator, bound)
    };
    let from = || compared(Operator::GtEq, span.from);
    let before_end = || compared(Operator::Lt, span.to);
    // The beginning of a span that the constant is inside of is below the constant.
    Some(match op {
        Comparison::Equal if span.exact => balanced(vec![from(), before_end()], Operator::And),
        Comparison::NotEqual if span.exact => {
            let (below, above) = (compared(Operator::Lt, span.from), compared(Operator::GtEq, span.to));
            balanced(vec![below, above], Operator::Or)
        }
        Comparison::Equal | Comparison::NotEqual => return None,
        Comparison::Less if span.exact => compared(Operator::Lt, span.from),
        Comparison::Less | Comparison::LessOrEqual => before_end(),
        Comparison::GreaterOrEqual if span.exact => from(),
        Comparison::Greater | Comparison::GreaterOrEqual => compared(Operator::GtEq, span.to),
    })
}

fn mirrored(op: Comparison) -> Comparison {
    match op {
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
        Comparison::Equal | Comparison::NotEqual => op,
    }
}

/// The span of the timestamp behind `side` for the constant `constant`.
fn span(side: &Typed, constant: &Typed) -> Option<Span> {
    let PlanExpr::ScalarFunction(call) = &side.expr else { return None };
    match (call.func.name(), constant.as_literal()?) {
        ("sql.date" | "sql.$cast", ScalarValue::Date32(Some(days))) if side.data_type == Type::Date => {
            let from = i64::from(*days).checked_mul(MICROS_PER_DAY)?;
            let to = from.checked_add(MICROS_PER_DAY)?;
            Some(Span { timestamp: timestamp(call, 0)?, from, to, exact: true })
        }
        ("sql.date_trunc", ScalarValue::TimestampMicrosecond(Some(micros), None)) => {
            let PlanExpr::Literal(ScalarValue::Utf8View(Some(unit)), _) = call.args.first()? else {
                return None;
            };
            let length = match unit.to_ascii_lowercase().as_str() {
                "second" => 1_000_000,
                "minute" => 60_000_000,
                "hour" => 3_600_000_000,
                "day" => MICROS_PER_DAY,
                _ => return None,
            };
            let from = micros.div_euclid(length).checked_mul(length)?;
            let to = from.checked_add(length)?;
            Some(Span { timestamp: timestamp(call, 1)?, from, to, exact: from == *micros })
        }
        ("sql.year", ScalarValue::Int64(Some(year))) => {
            let first = |year: i64| {
                let date = chrono::NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, 1, 1)?;
                Some(date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_micros())
            };
            let (from, to) = (first(*year)?, first(year.checked_add(1)?)?);
            Some(Span { timestamp: timestamp(call, 0)?, from, to, exact: true })
        }
        _ => None,
    }
}

/// The argument, if it is a column of the engine's timestamp type.
fn timestamp(call: &ScalarFunction, index: usize) -> Option<PlanExpr> {
    let argument = call.args.get(index)?;
    let is_column = matches!(argument, PlanExpr::Column(_));
    let is_timestamp = functions::registry::call_of(&call.func)
        .is_some_and(|call| matches!(call.arguments.get(index), Some(Type::Timestamp(0..=6))));
    (is_column && is_timestamp).then(|| argument.clone())
}
