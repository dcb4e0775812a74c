//! Comparisons of a day, month or year of a timestamp, or of the beginning of a text, with a constant, as
//! comparisons of the timestamp or the text itself: only those can be told from the bounds that files keep.
//!
//! `date(ts) = d` is `ts >= d AND ts < d + 1 day`; so is any truncation, for a constant that is a beginning.
//! Text of a timestamp by `date_format` is in the order of time where its parts are from the largest down and
//! years have four digits; for timestamps of other years the comparison stays as it is.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use datafusion::{
    common::ScalarValue,
    logical_expr::{Expr as PlanExpr, Operator, expr::ScalarFunction},
};
use functions::Type;

use super::{conditional::balanced, operators::binary, typed::Typed};
use crate::ast::Comparison;

const ROUNDED_UP_MICROS: i64 = 500;
const MICROS_PER_HOUR: i64 = 3_600_000_000;
const MICROS_PER_DAY: i64 = 24 * MICROS_PER_HOUR;

/// The span `[from, to)` of a column's values that become one constant.
struct Span {
    column: PlanExpr,
    from: ScalarValue,
    to: ScalarValue,
    /// The constant is the value of that span; otherwise it lies inside it and equals none.
    exact: bool,
}

impl Span {
    fn of_time(column: PlanExpr, from: i64, to: i64, exact: bool) -> Self {
        Self { column, from: micros(from), to: micros(to), exact }
    }
}

/// True for functions of a timestamp that comparisons of this module know.
pub(super) fn has_range(value: &Typed) -> bool {
    let PlanExpr::ScalarFunction(call) = &value.expr else { return false };
    let index = usize::from(call.func.name() == "sql.date_trunc");
    let is_known = matches!(
        call.func.name(),
        "sql.date" | "sql.$cast" | "sql.date_trunc" | "sql.year" | "sql.date_format"
    );
    (is_known && timestamp(call, index).is_some()) || beginning(call).is_some()
}

/// `starts_with(column, 'text')` as a range of the column; None for other arguments.
pub(super) fn starts_with(text: &Typed, beginning: &Typed) -> Option<PlanExpr> {
    let is_column = matches!(text.expr, PlanExpr::Column(_)) && matches!(text.data_type, Type::Varchar(_));
    let span = is_column.then(|| begins_with(text.expr.clone(), beginning.literal_text()?)).flatten()?;
    within(Comparison::Equal, &span)
}

/// The comparison by the timestamp's range, if one side is such a function of a column and the other a constant.
pub(super) fn rewrite(op: Comparison, left: &Typed, right: &Typed) -> Option<PlanExpr> {
    let (op, span) = match (span(left, right), span(right, left)) {
        (Some(span), _) => (op, span),
        (None, Some(span)) => (mirrored(op), span),
        (None, None) => return None,
    };
    within(op, &span)
}

/// `original`, a comparison of `date_format(ts, format)` with a constant, told by the timestamp's range for
/// the years 0 to 9999.
pub(super) fn of_text(op: Comparison, left: &Typed, right: &Typed, original: PlanExpr) -> PlanExpr {
    let (op, span) = match (text_span(left, right), text_span(right, left)) {
        (Some(span), _) => (op, span),
        (None, Some(span)) => (mirrored(op), span),
        (None, None) => return original,
    };
    let years = (first_of(0).map(micros), first_of(10_000).map(micros));
    let (Some(range), (Some(from), Some(to))) = (within(op, &span), years) else {
        return original;
    };
    let usual = [compared(&span, Operator::GtEq, &from), compared(&span, Operator::Lt, &to), range];
    let unusual = [compared(&span, Operator::Lt, &from), compared(&span, Operator::GtEq, &to)];
    let unusual = [balanced(unusual.into(), Operator::Or), original];
    balanced(
        vec![balanced(usual.into(), Operator::And), balanced(unusual.into(), Operator::And)],
        Operator::Or,
    )
}

fn compared(span: &Span, operator: Operator, bound: &ScalarValue) -> PlanExpr {
    binary(span.column.clone(), operator, PlanExpr::Literal(bound.clone(), None))
}

fn micros(micros: i64) -> ScalarValue {
    ScalarValue::TimestampMicrosecond(Some(micros), None)
}

fn within(op: Comparison, span: &Span) -> Option<PlanExpr> {
    let compared = |operator: Operator, bound: &ScalarValue| compared(span, operator, bound);
    let from = || compared(Operator::GtEq, &span.from);
    let before_end = || compared(Operator::Lt, &span.to);
    // The beginning of a span that the constant is inside of is below the constant.
    Some(match op {
        Comparison::Equal if span.exact => balanced(vec![from(), before_end()], Operator::And),
        Comparison::NotEqual if span.exact => {
            let (below, above) = (compared(Operator::Lt, &span.from), compared(Operator::GtEq, &span.to));
            balanced(vec![below, above], Operator::Or)
        }
        Comparison::Equal | Comparison::NotEqual => return None,
        Comparison::Less if span.exact => compared(Operator::Lt, &span.from),
        Comparison::Less | Comparison::LessOrEqual => before_end(),
        Comparison::GreaterOrEqual if span.exact => from(),
        Comparison::Greater | Comparison::GreaterOrEqual => compared(Operator::GtEq, &span.to),
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
            Some(Span::of_time(timestamp(call, 0)?, from, to, true))
        }
        ("sql.date_trunc", ScalarValue::TimestampMicrosecond(Some(micros), None)) => {
            let PlanExpr::Literal(ScalarValue::Utf8View(Some(unit)), _) = call.args.first()? else {
                return None;
            };
            let length = match unit.to_ascii_lowercase().as_str() {
                "second" => 1_000_000,
                "minute" => 60_000_000,
                "hour" => MICROS_PER_HOUR,
                "day" => MICROS_PER_DAY,
                _ => return None,
            };
            let from = micros.div_euclid(length).checked_mul(length)?;
            let to = from.checked_add(length)?;
            Some(Span::of_time(timestamp(call, 1)?, from, to, from == *micros))
        }
        ("sql.year", ScalarValue::Int64(Some(year))) => {
            let (from, to) = (first_of(*year)?, first_of(year.checked_add(1)?)?);
            Some(Span::of_time(timestamp(call, 0)?, from, to, true))
        }
        ("sql.substr" | "sql.substring", ScalarValue::Utf8View(Some(text))) => {
            let (column, length) = beginning(call)?;
            // A shorter text is equal to none but itself.
            (i64::try_from(text.chars().count()) == Ok(length)).then(|| begins_with(column, text)).flatten()
        }
        _ => None,
    }
}

/// The column and the length of `substr(column, 1, length)`.
fn beginning(call: &ScalarFunction) -> Option<(PlanExpr, i64)> {
    let is_text = functions::registry::call_of(&call.func)
        .is_some_and(|call| matches!(call.arguments.first(), Some(Type::Varchar(_))));
    match (call.func.name(), call.args.as_slice()) {
        ("sql.substr" | "sql.substring", [column @ PlanExpr::Column(_), start, length]) if is_text => {
            match (start, length) {
                (
                    PlanExpr::Literal(ScalarValue::Int64(Some(1)), _),
                    PlanExpr::Literal(ScalarValue::Int64(Some(length)), _),
                ) => Some((column.clone(), *length)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// All texts that begin with one: from it up to the same with its last character's successor.
fn begins_with(column: PlanExpr, beginning: &str) -> Option<Span> {
    let last = beginning.chars().next_back()?;
    let next = char::from_u32(u32::from(last) + 1)?;
    let end = beginning.get(..beginning.len() - last.len_utf8()).map(|rest| format!("{rest}{next}"))?;
    let text = |text: String| ScalarValue::Utf8View(Some(text));
    Some(Span { column, from: text(beginning.to_owned()), to: text(end), exact: true })
}

/// The beginning of a year, in microseconds.
fn first_of(year: i64) -> Option<i64> {
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, 1, 1)?;
    Some(date.and_time(NaiveTime::MIN).and_utc().timestamp_micros())
}

/// Formats whose text is in the order of time, as chrono writes them, with the length of what they name.
const ORDERED_FORMATS: &[(&str, &str, Length)] = &[
    ("%Y", "%Y", Length::Years),
    ("%Y-%m", "%Y-%m", Length::Months),
    ("%Y%m", "%Y%m", Length::Months),
    ("%Y-%m-%d", "%Y-%m-%d", Length::Micros(MICROS_PER_DAY)),
    ("%Y/%m/%d", "%Y/%m/%d", Length::Micros(MICROS_PER_DAY)),
    ("%Y%m%d", "%Y%m%d", Length::Micros(MICROS_PER_DAY)),
    ("%Y-%m-%d %H", "%Y-%m-%d %H", Length::Micros(MICROS_PER_HOUR)),
    ("%Y-%m-%d-%H", "%Y-%m-%d-%H", Length::Micros(MICROS_PER_HOUR)),
    ("%Y/%m/%d/%H", "%Y/%m/%d/%H", Length::Micros(MICROS_PER_HOUR)),
    ("%Y-%m-%d %H:%i", "%Y-%m-%d %H:%M", Length::Micros(60_000_000)),
    ("%Y-%m-%d %H:%i:%s", "%Y-%m-%d %H:%M:%S", Length::Micros(1_000_000)),
    ("%Y-%m-%d %H:%i:%S", "%Y-%m-%d %H:%M:%S", Length::Micros(1_000_000)),
    ("%Y-%m-%d %T", "%Y-%m-%d %H:%M:%S", Length::Micros(1_000_000)),
];

#[derive(Clone, Copy)]
enum Length {
    Years,
    Months,
    Micros(i64),
}

fn text_span(side: &Typed, constant: &Typed) -> Option<Span> {
    let PlanExpr::ScalarFunction(call) = &side.expr else { return None };
    let PlanExpr::Literal(ScalarValue::Utf8View(Some(format)), _) = call.args.get(1)? else { return None };
    let (_, written, length) = ORDERED_FORMATS.iter().find(|(known, ..)| *known == format.as_str())?;
    if call.func.name() != "sql.date_format" {
        return None;
    }
    let (from, to) = named_by(constant.literal_text()?, written, *length)?;
    // Formats round to milliseconds, half up: half of one before is what they show as the beginning.
    let (from, to) = (from.checked_sub(ROUNDED_UP_MICROS)?, to.checked_sub(ROUNDED_UP_MICROS)?);
    Some(Span::of_time(timestamp(call, 0)?, from, to, true))
}

/// What a text names that is written exactly so.
fn named_by(text: &str, format: &str, length: Length) -> Option<(i64, i64)> {
    // What is left out is its beginning: chrono wants all of it.
    const BEGINNING: &str = "00000101000000";
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let rest = BEGINNING.get(digits.len()..)?;
    let from = NaiveDateTime::parse_from_str(&format!("{digits}{rest}"), "%Y%m%d%H%M%S").ok()?;
    if from.format(format).to_string() != text {
        return None;
    }
    let to = match length {
        Length::Years => from.checked_add_months(chrono::Months::new(12))?,
        Length::Months => from.checked_add_months(chrono::Months::new(1))?,
        Length::Micros(micros) => from.checked_add_signed(chrono::TimeDelta::microseconds(micros))?,
    };
    Some((from.and_utc().timestamp_micros(), to.and_utc().timestamp_micros()))
}

/// The argument, if it is a column of the engine's timestamp type.
fn timestamp(call: &ScalarFunction, index: usize) -> Option<PlanExpr> {
    let argument = call.args.get(index)?;
    let is_column = matches!(argument, PlanExpr::Column(_));
    let is_timestamp = functions::registry::call_of(&call.func)
        .is_some_and(|call| matches!(call.arguments.get(index), Some(Type::Timestamp(0..=6))));
    (is_column && is_timestamp).then(|| argument.clone())
}
