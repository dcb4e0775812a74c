//! Operators: which function or engine operator each is for the types at hand.

use datafusion::{
    common::ScalarValue,
    logical_expr::{BinaryExpr, Expr as PlanExpr, Like, Operator, expr::InList},
};
use functions::{Type, common_type};

use super::{
    Analyzer, AtPlace, Done, Problem,
    conditional::balanced,
    expr::Context,
    mismatch, not_supported, ranges,
    typed::{Typed, call_scalar},
};
use crate::ast::{Arithmetic, At, Comparison, Expr, ExprKind};

/// Comparisons that an IN list may become.
const RANGES_MAX: usize = 64;

impl Analyzer<'_> {
    pub(super) fn arithmetic(
        &mut self,
        op: Arithmetic,
        left: &Expr,
        right: &Expr,
        at: At,
        context: &mut Context<'_>,
    ) -> Done<Typed> {
        let (left, right) = (self.expr(left, context)?, self.expr(right, context)?);
        let (from, with) = (left.data_type.clone(), right.data_type.clone());
        if let Some(result) = temporal(op, &left, &right) {
            return result.at(at);
        }
        let cannot = || mismatch(format!("Cannot apply operator: {from} {} {with}", op.symbol()), at);
        let wanted = common_type(&from, &with).ok_or_else(cannot)?;
        let name = match op {
            Arithmetic::Add => "$add",
            Arithmetic::Subtract => "$subtract",
            Arithmetic::Multiply => "$multiply",
            Arithmetic::Divide => "$divide",
            Arithmetic::Modulus => "$modulus",
        };
        match &wanted {
            // Only `%` has no signature but those of numbers, the first of which is the smallest type's.
            Type::Unknown if op == Arithmetic::Modulus => Typed::null().coerce(&Type::TinyInt, at),
            Type::Unknown => Err(ambiguous(at)),
            Type::Decimal(..) => {
                let (left, right) = (decimal_operand(left, at)?, decimal_operand(right, at)?);
                self.call_bound(name, vec![left, right], at)
            }
            wanted if wanted.is_numeric() => {
                let (left, right) = (left.coerce(wanted, at)?, right.coerce(wanted, at)?);
                call_scalar(name, vec![left, right], wanted.clone()).at(at)
            }
            _ => Err(cannot()),
        }
    }

    pub(super) fn negate(&mut self, operand: &Expr, at: At, context: &mut Context<'_>) -> Done<Typed> {
        // The smallest bigint has no positive counterpart to negate.
        if let crate::ast::ExprKind::Integer(digits) = &operand.kind {
            if digits == "9223372036854775808" {
                return Ok(Typed::bigint(i64::MIN));
            }
            if digits == "2147483648" {
                return Ok(Typed::literal(ScalarValue::Int32(Some(i32::MIN)), Type::Integer));
            }
        }
        let operand = self.expr(operand, context)?;
        if let Some(negated) = operand.as_literal().and_then(negated_literal) {
            return Ok(Typed::literal(negated, operand.data_type));
        }
        match &operand.data_type {
            Type::Unknown => Err(ambiguous(at)),
            Type::IntervalDayToSecond | Type::IntervalYearToMonth => {
                let returns = operand.data_type.clone();
                call_scalar("$interval_negate", vec![operand], returns).at(at)
            }
            numeric if numeric.is_numeric() => {
                let returns = operand.data_type.clone();
                call_scalar("$negate", vec![operand], returns).at(at)
            }
            other => Err(mismatch(format!("Cannot negate {other}"), at)),
        }
    }

    /// Trino has `+` as a sign of these types only.
    pub(super) fn plus(&mut self, operand: &Expr, at: At, context: &mut Context<'_>) -> Done<Typed> {
        let operand = self.expr(operand, context)?;
        match &operand.data_type {
            Type::Real | Type::Double => Ok(operand),
            integer if integer.is_integer() => Ok(operand),
            other => Err(mismatch(format!("Unary '+' operator cannot by applied to {other} type"), at)),
        }
    }

    /// A chain of texts is one call, anything else one for each operator.
    pub(super) fn concat(
        &mut self,
        left: &Expr,
        right: &Expr,
        at: At,
        context: &mut Context<'_>,
    ) -> Done<Typed> {
        let (mut places, mut operands, mut first) = (vec![at], vec![right], left);
        while let ExprKind::Concat(left, right) = &first.kind {
            places.push(first.at);
            operands.push(right);
            first = left;
        }
        operands.push(first);
        let operands = operands
            .into_iter()
            .rev()
            .map(|operand| self.expr(operand, context))
            .collect::<Done<Vec<_>>>()?;
        if operands.iter().all(|operand| matches!(operand.data_type, Type::Varchar(_))) {
            return self.call_bound("concat", operands, at);
        }
        let mut operands = operands.into_iter();
        let mut joined = operands.next().unwrap_or_else(Typed::null);
        for (operand, at) in operands.zip(places.into_iter().rev()) {
            joined = self.concat_two(joined, operand, at)?;
        }
        Ok(joined)
    }

    fn concat_two(&mut self, left: Typed, right: Typed, at: At) -> Done<Typed> {
        let joins = |side: &Type| {
            matches!(
                side,
                Type::Unknown | Type::Varchar(_) | Type::Char(_) | Type::Varbinary | Type::Array(_)
            )
        };
        let is_array = |side: &Type| matches!(side, Type::Array(_));
        let arrays = is_array(&left.data_type) || is_array(&right.data_type);
        if !arrays && !(joins(&left.data_type) && joins(&right.data_type)) {
            return Err(mismatch(
                format!("Cannot apply operator: {} || {}", left.data_type, right.data_type),
                at,
            ));
        }
        self.call_bound("concat", vec![left, right], at)
    }

    /// A comparison whose operands are any types.
    pub(super) fn compare(
        &mut self,
        op: Comparison,
        left: Typed,
        right: Typed,
        at: At,
        context: &Context<'_>,
    ) -> Done<Typed> {
        let cannot = || {
            mismatch(
                format!("Cannot apply operator: {} {} {}", left.data_type, op.symbol(), right.data_type),
                at,
            )
        };
        let wanted = common_type(&left.data_type, &right.data_type).ok_or_else(cannot)?;
        if !is_comparable(&wanted) || (!is_equality(op) && !is_orderable(&wanted)) {
            return Err(cannot());
        }
        let (left, right) = comparable(left, right, &wanted, at)?;
        if let Some(range) = ranges::rewrite(op, &left, &right) {
            return Ok(Typed::boolean(range));
        }
        if compares_natively(&wanted, &left, &right, op) {
            let compared = native(op, left.expr.clone(), right.expr.clone());
            return Ok(Typed::boolean(ranges::of_text(op, &left, &right, compared)));
        }
        if context.joins && op == Comparison::Equal && (is_float(&wanted) || is_nested(&wanted)) {
            return joinable(left, right, at).map(Typed::boolean);
        }
        let name = match op {
            Comparison::Equal => "$eq",
            Comparison::NotEqual => "$ne",
            Comparison::Less => "$lt",
            Comparison::LessOrEqual => "$le",
            Comparison::Greater => "$gt",
            Comparison::GreaterOrEqual => "$ge",
        };
        call_scalar(name, vec![left, right], Type::Boolean).at(at)
    }

    pub(super) fn is_distinct(
        &mut self,
        left: &Expr,
        right: &Expr,
        negated: bool,
        at: At,
        context: &mut Context<'_>,
    ) -> Done<Typed> {
        let (left, right) = (self.expr(left, context)?, self.expr(right, context)?);
        let wanted = common_type(&left.data_type, &right.data_type).ok_or_else(|| {
            mismatch(
                format!("Cannot apply operator: {} IS DISTINCT FROM {}", left.data_type, right.data_type),
                at,
            )
        })?;
        let (left, right) = comparable(left, right, &wanted, at)?;
        if is_plain(&wanted) {
            let op = if negated { Operator::IsNotDistinctFrom } else { Operator::IsDistinctFrom };
            return Ok(Typed::boolean(binary(left.expr, op, right.expr)));
        }
        let distinct = call_scalar("$is_distinct_from", vec![left, right], Type::Boolean).at(at)?;
        Ok(if negated { Typed::boolean(PlanExpr::Not(Box::new(distinct.expr))) } else { distinct })
    }

    /// `x >= low AND x <= high`
    pub(super) fn between(
        &mut self,
        expr: &Expr,
        low: &Expr,
        high: &Expr,
        negated: bool,
        context: &mut Context<'_>,
    ) -> Done<Typed> {
        let at = expr.at;
        let value = self.expr(expr, context)?;
        let (low, high) = (self.expr(low, context)?, self.expr(high, context)?);
        self.once(value, |analyzer, value| {
            let above = analyzer.compare(Comparison::GreaterOrEqual, value.clone(), low, at, context)?;
            let below = analyzer.compare(Comparison::LessOrEqual, value, high, at, context)?;
            let within = binary(above.expr, Operator::And, below.expr);
            Ok(Typed::boolean(if negated { PlanExpr::Not(Box::new(within)) } else { within }))
        })
    }

    pub(super) fn in_list(
        &mut self,
        expr: &Expr,
        list: &[Expr],
        negated: bool,
        at: At,
        context: &mut Context<'_>,
    ) -> Done<Typed> {
        let value = self.expr(expr, context)?;
        let list: Vec<Typed> = list.iter().map(|item| self.expr(item, context)).collect::<Done<_>>()?;
        let mut wanted = value.data_type.clone();
        for item in &list {
            wanted = common_type(&wanted, &item.data_type).ok_or_else(|| {
                mismatch(
                    format!(
                        "IN value and list items must be the same type: {} and {}",
                        value.data_type, item.data_type
                    ),
                    at,
                )
            })?;
        }
        let all_literal = list.iter().all(|item| item.as_literal().is_some());
        // Each comparison of a short list may be a range that prunes.
        let has_ranges = list.len() <= RANGES_MAX && ranges::has_range(&value);
        let native_type = is_plain(&wanted) && !matches!(wanted, Type::TimestampTz(_)) && !has_ranges;
        if native_type && (all_literal || !matches!(wanted, Type::Real | Type::Double)) {
            let expr = Box::new(value.coerce(&wanted, at)?.expr);
            let list =
                list.into_iter().map(|item| Ok(item.coerce(&wanted, at)?.expr)).collect::<Done<_>>()?;
            return Ok(Typed::boolean(PlanExpr::InList(InList { expr, list, negated })));
        }
        self.once(value, |analyzer, value| {
            let equal = list
                .into_iter()
                .map(|item| Ok(analyzer.compare(Comparison::Equal, value.clone(), item, at, context)?.expr))
                .collect::<Done<Vec<_>>>()?;
            let any = balanced(equal, Operator::Or);
            Ok(Typed::boolean(if negated { PlanExpr::Not(Box::new(any)) } else { any }))
        })
    }

    pub(super) fn like(
        &mut self,
        expr: &Expr,
        pattern: &Expr,
        escape: Option<&Expr>,
        negated: bool,
        at: At,
        context: &mut Context<'_>,
    ) -> Done<Typed> {
        let value = self.expr(expr, context)?;
        let pattern_at = pattern.at;
        let pattern = self.expr(pattern, context)?;
        if !(value.data_type.is_text() || value.data_type == Type::Unknown) {
            return Err(mismatch(
                format!(
                    "Left side of LIKE expression must evaluate to a varchar (actual: {})",
                    value.data_type
                ),
                at,
            ));
        }
        if !(pattern.data_type.is_text() || pattern.data_type == Type::Unknown) {
            return Err(mismatch(
                format!(
                    "Pattern for LIKE expression must evaluate to a varchar (actual: {})",
                    pattern.data_type
                ),
                pattern_at,
            ));
        }
        let value = value.cast(&Type::VARCHAR, at)?;
        let pattern = pattern.cast(&Type::VARCHAR, pattern_at)?;
        // The engine takes a backslash for an escape; without one both mean the same.
        let plain = escape.is_none() && pattern.literal_text().is_some_and(|text| !text.contains('\\'));
        if plain {
            let like = Like::new(negated, Box::new(value.expr), Box::new(pattern.expr), None, false);
            return Ok(Typed::boolean(PlanExpr::Like(like)));
        }
        let mut arguments = vec![value, pattern];
        if let Some(escape) = escape {
            arguments.push(self.expr(escape, context)?.coerce(&Type::VARCHAR, at)?);
        }
        let like = call_scalar("$like", arguments, Type::Boolean).at(at)?;
        Ok(if negated { Typed::boolean(PlanExpr::Not(Box::new(like.expr))) } else { like })
    }
}

/// Arithmetic with dates, times and intervals; None for numbers.
fn temporal(op: Arithmetic, left: &Typed, right: &Typed) -> Option<Result<Typed, functions::Fault>> {
    let is_interval =
        |side: &Typed| matches!(side.data_type, Type::IntervalDayToSecond | Type::IntervalYearToMonth);
    let is_time = |side: &Typed| {
        matches!(
            side.data_type,
            Type::Date | Type::Time(_) | Type::TimeTz(_) | Type::Timestamp(_) | Type::TimestampTz(_)
        )
    };
    let call = |name: &str, first: &Typed, second: &Typed, returns: &Type| {
        Some(call_scalar(name, vec![first.clone(), second.clone()], returns.clone()))
    };
    let as_double = |side: &Typed| side.clone().coerce(&Type::Double, 0).ok();
    let null_of = |side: &Typed| -> Option<Result<Typed, functions::Fault>> {
        Some(Ok(Typed::null().coerce(&side.data_type, 0).ok()?))
    };
    match op {
        // Either interval gives the type of the other side.
        Arithmetic::Add if is_time(left) && right.data_type == Type::Unknown => null_of(left),
        Arithmetic::Add if left.data_type == Type::Unknown && is_time(right) => null_of(right),
        Arithmetic::Add if is_time(left) && is_interval(right) => {
            call("$temporal_add", left, right, &left.data_type)
        }
        Arithmetic::Add if is_interval(left) && is_time(right) => {
            call("$temporal_add", right, left, &right.data_type)
        }
        Arithmetic::Subtract if is_time(left) && is_interval(right) => {
            call("$temporal_subtract", left, right, &left.data_type)
        }
        Arithmetic::Subtract if is_time(left) && is_time(right) => {
            let wanted = common_type(&left.data_type, &right.data_type)?;
            let (left, right) =
                (left.clone().coerce(&wanted, 0).ok()?, right.clone().coerce(&wanted, 0).ok()?);
            call("$temporal_difference", &left, &right, &Type::IntervalDayToSecond)
        }
        Arithmetic::Add if is_interval(left) && left.data_type == right.data_type => {
            call("$interval_add", left, right, &left.data_type)
        }
        Arithmetic::Subtract if is_interval(left) && left.data_type == right.data_type => {
            call("$interval_subtract", left, right, &left.data_type)
        }
        Arithmetic::Multiply if is_interval(left) => {
            call("$interval_multiply", left, &interval_factor(right)?, &left.data_type)
        }
        Arithmetic::Multiply if is_interval(right) => {
            call("$interval_multiply", right, &interval_factor(left)?, &right.data_type)
        }
        Arithmetic::Divide if is_interval(left) => {
            call("$interval_divide", left, &as_double(right)?, &left.data_type)
        }
        _ => None,
    }
}

/// A bare NULL fits operators of different results.
fn ambiguous(at: At) -> Problem {
    mismatch("Could not choose a best candidate operator. Explicit type casts must be added.", at)
}

/// Intervals are multiplied by bigint or double.
fn interval_factor(factor: &Typed) -> Option<Typed> {
    let wanted = if factor.data_type.is_integer() { Type::BigInt } else { Type::Double };
    factor.clone().coerce(&wanted, 0).ok()
}

/// Integers beside a decimal become the decimal that holds all of them.
fn decimal_operand(operand: Typed, at: At) -> Done<Typed> {
    let digits = match operand.data_type {
        Type::TinyInt => 3,
        Type::SmallInt => 5,
        Type::Integer => 10,
        Type::BigInt => 19,
        Type::Unknown => 1,
        _ => return Ok(operand),
    };
    operand.coerce(&Type::Decimal(digits, 0), at)
}

fn negated_literal(value: &ScalarValue) -> Option<ScalarValue> {
    match value {
        ScalarValue::Int32(Some(value)) => value.checked_neg().map(|value| ScalarValue::Int32(Some(value))),
        ScalarValue::Int64(Some(value)) => value.checked_neg().map(|value| ScalarValue::Int64(Some(value))),
        ScalarValue::Float64(Some(value)) => Some(ScalarValue::Float64(Some(-value))),
        ScalarValue::Decimal128(Some(value), precision, scale) => {
            Some(ScalarValue::Decimal128(Some(-value), *precision, *scale))
        }
        _ => None,
    }
}

pub(super) fn binary(left: PlanExpr, op: Operator, right: PlanExpr) -> PlanExpr {
    PlanExpr::BinaryExpr(BinaryExpr::new(Box::new(left), op, Box::new(right)))
}

fn native(op: Comparison, left: PlanExpr, right: PlanExpr) -> PlanExpr {
    let op = match op {
        Comparison::Equal => Operator::Eq,
        Comparison::NotEqual => Operator::NotEq,
        Comparison::Less => Operator::Lt,
        Comparison::LessOrEqual => Operator::LtEq,
        Comparison::Greater => Operator::Gt,
        Comparison::GreaterOrEqual => Operator::GtEq,
    };
    binary(left, op, right)
}

fn is_equality(op: Comparison) -> bool {
    matches!(op, Comparison::Equal | Comparison::NotEqual)
}

/// Both sides as one type. Instants are compared as UTC wall clocks, so that a timestamp column stays bare.
fn comparable(left: Typed, right: Typed, wanted: &Type, at: At) -> Done<(Typed, Typed)> {
    let Type::TimestampTz(precision) = wanted else {
        return Ok((left.coerce(wanted, at)?, right.coerce(wanted, at)?));
    };
    let side = |side: Typed| match side.data_type {
        Type::TimestampTz(_) => {
            let side = side.coerce(wanted, at)?;
            call_scalar("$to_utc_timestamp", vec![side], Type::Timestamp(*precision)).at(at)
        }
        // The session's zone is UTC.
        _ => side.coerce(&Type::Timestamp(*precision), at),
    };
    Ok((side(left)?, side(right)?))
}

/// Types that the engine compares as Trino does, NaN and zero aside.
fn is_plain(data_type: &Type) -> bool {
    !matches!(
        data_type,
        Type::Real
            | Type::Double
            | Type::Array(_)
            | Type::Map(..)
            | Type::Row(_)
            | Type::Unknown
            | Type::TimeTz(_)
    )
}

/// True for types whose values may hold a NULL.
pub(super) fn is_nested(data_type: &Type) -> bool {
    matches!(data_type, Type::Array(_) | Type::Map(..) | Type::Row(_))
}

pub(super) fn is_float(data_type: &Type) -> bool {
    matches!(data_type, Type::Real | Type::Double)
}

/// Two values of one type are equal, so that the engine can hash them. Its join takes NaN for equal to itself.
/// Values that hold a NULL or a NaN equal nothing, not even themselves.
pub(super) fn joinable(left: Typed, right: Typed, at: At) -> Done<PlanExpr> {
    if is_nested(&left.data_type) {
        let itself = call_scalar("$eq", vec![left.clone(), left.clone()], Type::Boolean).at(at)?;
        let (left, right) = (left.in_one_form().at(at)?, right.in_one_form().at(at)?);
        return Ok(native(Comparison::Equal, left.expr, right.expr).and(itself.expr));
    }
    let equal = native(Comparison::Equal, left.expr.clone(), right.expr);
    if !is_float(&left.data_type) {
        return Ok(equal);
    }
    let is_nan = call_scalar("is_nan", vec![left.coerce(&Type::Double, at)?], Type::Boolean).at(at)?;
    Ok(equal.and(PlanExpr::Not(Box::new(is_nan.expr))))
}

fn compares_natively(wanted: &Type, left: &Typed, right: &Typed, op: Comparison) -> bool {
    // `char` is carried without its trailing spaces, which sort behind control characters.
    if matches!(wanted, Type::Char(_)) {
        return is_equality(op);
    }
    if is_plain(wanted) {
        return true;
    }
    // The engine orders floats totally: NaN is the largest, and -0 is below 0. A literal on one side that is
    // neither leaves one difference: NaN is greater than it.
    let ordinary = |side: &Typed| match side.as_literal() {
        Some(ScalarValue::Float64(Some(value))) => !value.is_nan() && *value != 0.0,
        Some(ScalarValue::Float32(Some(value))) => !value.is_nan() && *value != 0.0,
        _ => false,
    };
    match op {
        Comparison::Equal | Comparison::NotEqual => ordinary(left) || ordinary(right),
        Comparison::Less | Comparison::LessOrEqual => ordinary(right),
        Comparison::Greater | Comparison::GreaterOrEqual => ordinary(left),
    }
}

fn is_comparable(data_type: &Type) -> bool {
    match data_type {
        Type::Function(..)
        | Type::HyperLogLog
        | Type::QDigest(_)
        | Type::TDigest
        | Type::SetDigest
        | Type::Geometry
        | Type::SphericalGeography => false,
        Type::Array(item) => is_comparable(item),
        Type::Map(key, value) => is_comparable(key) && is_comparable(value),
        Type::Row(fields) => fields.iter().all(|field| is_comparable(&field.field_type)),
        _ => true,
    }
}

pub(super) fn is_orderable(data_type: &Type) -> bool {
    match data_type {
        Type::Map(..) | Type::Json | Type::BingTile | Type::Color => false,
        Type::Array(item) => is_orderable(item),
        Type::Row(fields) => fields.iter().all(|field| is_orderable(&field.field_type)),
        other => is_comparable(other),
    }
}

/// Fails unless values of this type can be compared.
pub(super) fn check_comparable(data_type: &Type, what: &str, at: At) -> Done<()> {
    match is_comparable(data_type) {
        true => Ok(()),
        false if what == "DISTINCT" => Err(mismatch(
            format!("DISTINCT can only be applied to comparable types (actual: {data_type})"),
            at,
        )),
        false => Err(mismatch(
            format!("{data_type} is not comparable, and therefore cannot be used in {what}"),
            at,
        )),
    }
}

/// Fails unless values of this type can be sorted.
pub(super) fn check_orderable(data_type: &Type, at: At) -> Done<()> {
    match data_type {
        Type::Unknown => Ok(()),
        data_type if is_orderable(data_type) => Ok(()),
        Type::Map(..) => Err(not_supported(format!("ORDER BY of {data_type}"), at)),
        _ => Err(mismatch(
            format!("Type {data_type} is not orderable, and therefore cannot be used in ORDER BY"),
            at,
        )),
    }
}
