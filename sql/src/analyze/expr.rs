//! Expressions: the walk over their kinds. What each kind means is in the modules beside this one.

use std::sync::Arc;

use datafusion::logical_expr::{Expr as PlanExpr, expr::LambdaVariable};
use functions::Type;
use protocol::ErrorCode;

use super::{
    Analyzer, AtPlace, Done,
    aggregate::AggregateCalls,
    mismatch, problem,
    scope::{Scope, same_name},
    syntax,
    typed::{Typed, call_scalar},
    window::WindowCalls,
};
use crate::ast::{At, Expr, ExprKind, Ident};

/// What an expression may use besides the analyzer's own state.
pub(super) struct Context<'s> {
    pub(super) scope: &'s Scope<'s>,
    /// Parameters of the lambdas around, innermost last.
    pub(super) lambdas: Vec<LambdaParameter>,
    /// Where aggregate calls are collected; None where they are not allowed.
    pub(super) aggregates: Option<AggregateCalls>,
    /// Where window calls are collected; None where they are not allowed.
    pub(super) windows: Option<WindowCalls>,
    /// The clause, for errors: `WHERE clause`.
    pub(super) clause: &'static str,
    /// Names of the result that hide columns of FROM: in ORDER BY.
    pub(super) aliases: Vec<(String, Typed)>,
    /// The expression is one of those that WHERE joins by AND.
    pub(super) conjunct: bool,
    /// Only AND and OR of WHERE are around the expression: NULL is as good as false.
    pub(super) positive: bool,
    /// Comparisons are the engine's own also for floats, so that joins on them hash.
    pub(super) joins: bool,
}

#[derive(Debug, Clone)]
pub(super) struct LambdaParameter {
    pub(super) name: String,
    pub(super) data_type: Type,
    pub(super) plan_name: String,
}

impl<'s> Context<'s> {
    /// Neither aggregates nor windows.
    pub(super) fn plain(scope: &'s Scope<'s>, clause: &'static str) -> Self {
        Self {
            scope,
            lambdas: Vec::new(),
            aggregates: None,
            windows: None,
            clause,
            aliases: Vec::new(),
            conjunct: false,
            positive: false,
            joins: false,
        }
    }
}

impl Analyzer<'_> {
    pub(super) fn expr(&mut self, expr: &Expr, context: &mut Context<'_>) -> Done<Typed> {
        let positive = context.positive;
        let keeps = matches!(expr.kind, ExprKind::And(_) | ExprKind::Or(_) | ExprKind::InQuery { .. });
        context.positive &= keeps;
        let typed = self.any_expr(expr, context);
        context.positive = positive;
        typed
    }

    fn any_expr(&mut self, expr: &Expr, context: &mut Context<'_>) -> Done<Typed> {
        let at = expr.at;
        if let Some(literal) = self.literal(&expr.kind, at)? {
            return Ok(literal);
        }
        if let Some(found) = self.with_subquery(expr, context)? {
            return Ok(found);
        }
        if let Some(found) = self.predicate(expr, context)? {
            return Ok(found);
        }
        match &expr.kind {
            ExprKind::Parameter(index) => self.parameter(*index, at),
            ExprKind::Name(_) | ExprKind::Field { .. } => self.name(expr, context),
            ExprKind::Subscript { base, index } => self.subscript(base, index, at, context),
            ExprKind::Arithmetic { op, left, right } => self.arithmetic(*op, left, right, at, context),
            ExprKind::Negate(operand) => self.negate(operand, at, context),
            ExprKind::Plus(operand) => self.plus(operand, at, context),
            ExprKind::Concat(left, right) => self.concat(left, right, at, context),
            ExprKind::Row(items) => self.row(items, at, context),
            ExprKind::Array(items) => self.array(items, at, context),
            ExprKind::Cast { expr, to, try_cast } => self.cast(expr, to, *try_cast, at, context),
            ExprKind::Case { operand, branches, otherwise } => {
                self.case(operand.as_deref(), branches, otherwise.as_deref(), at, context)
            }
            ExprKind::Extract { field, from } => self.extract(field, from, at, context),
            ExprKind::AtTimeZone { expr, zone } => self.at_time_zone(expr, zone, at, context),
            ExprKind::Call(call) => self.call(call, at, context),
            ExprKind::Lambda { .. } => {
                Err(syntax("Lambda expression should always be used inside a function", at))
            }
            ExprKind::Current { what, precision } => self.current(what, *precision, at),
            ExprKind::Json(call) => self.json_call(call, at, context),
            ExprKind::Compare { .. }
            | ExprKind::Between { .. }
            | ExprKind::InList { .. }
            | ExprKind::Like { .. }
            | ExprKind::IsNull { .. }
            | ExprKind::IsDistinct { .. }
            | ExprKind::And(_)
            | ExprKind::Or(_)
            | ExprKind::Not(_)
            | ExprKind::Exists(_)
            | ExprKind::Subquery(_)
            | ExprKind::InQuery { .. }
            | ExprKind::Quantified { .. }
            | ExprKind::Null
            | ExprKind::Boolean(_)
            | ExprKind::Integer(_)
            | ExprKind::Decimal(_)
            | ExprKind::Double(_)
            | ExprKind::String(_)
            | ExprKind::Binary(_)
            | ExprKind::Typed { .. }
            | ExprKind::Interval { .. } => Err(syntax("an expression without a value", at)),
        }
    }

    /// Comparisons, tests and logic; None for all others.
    fn predicate(&mut self, expr: &Expr, context: &mut Context<'_>) -> Done<Option<Typed>> {
        let at = expr.at;
        match &expr.kind {
            ExprKind::Compare { op, left, right } => {
                let (left, right) = (self.expr(left, context)?, self.expr(right, context)?);
                self.compare(*op, left, right, at, context)
            }
            ExprKind::Between { expr, low, high, negated } => {
                self.between(expr, low, high, *negated, context)
            }
            ExprKind::InList { expr, list, negated } => self.in_list(expr, list, *negated, at, context),
            ExprKind::Like { expr, pattern, escape, negated } => {
                self.like(expr, pattern, escape.as_deref(), *negated, at, context)
            }
            ExprKind::IsNull { expr, negated } => {
                let operand = Box::new(self.expr(expr, context)?.expr);
                Ok(Typed::boolean(if *negated {
                    PlanExpr::IsNotNull(operand)
                } else {
                    PlanExpr::IsNull(operand)
                }))
            }
            ExprKind::IsDistinct { left, right, negated } => {
                self.is_distinct(left, right, *negated, at, context)
            }
            ExprKind::And(operands) => self.and(operands, context),
            ExprKind::Or(operands) => self.or(operands, context),
            ExprKind::Not(operand) => {
                let operand = self.boolean(operand, context)?;
                Ok(Typed::boolean(PlanExpr::Not(Box::new(operand))))
            }
            _ => return Ok(None),
        }
        .map(Some)
    }

    /// None for what has no subquery of its own.
    fn with_subquery(&mut self, expr: &Expr, context: &mut Context<'_>) -> Done<Option<Typed>> {
        let at = expr.at;
        let is_subquery = matches!(
            expr.kind,
            ExprKind::Exists(_)
                | ExprKind::Subquery(_)
                | ExprKind::InQuery { .. }
                | ExprKind::Quantified { .. }
        );
        if is_subquery && !context.lambdas.is_empty() {
            let message = "Lambda expression cannot contain subqueries";
            return Err(problem(ErrorCode::NotSupported, message, at));
        }
        match &expr.kind {
            ExprKind::Exists(query) => self.exists(query, at, context),
            ExprKind::Subquery(query) => self.scalar_subquery(query, at, context),
            ExprKind::InQuery { expr, query, negated } => self.in_query(expr, query, *negated, at, context),
            ExprKind::Quantified { op, all, left, query } => {
                self.quantified(*op, *all, left, query, at, context)
            }
            _ => return Ok(None),
        }
        .map(Some)
    }

    /// A condition.
    pub(super) fn boolean(&mut self, expr: &Expr, context: &mut Context<'_>) -> Done<PlanExpr> {
        let typed = self.expr(expr, context)?;
        match typed.data_type {
            Type::Boolean => Ok(typed.expr),
            Type::Unknown => Ok(typed.coerce(&Type::Boolean, expr.at)?.expr),
            other => Err(mismatch(format!("Expected a boolean, found {other}"), expr.at)),
        }
    }

    /// The value of `?`: an expression of its own text, without columns.
    fn parameter(&mut self, index: usize, at: At) -> Done<Typed> {
        let session = self.session;
        let Some(value) = session.parameters.get(index) else {
            return Err(problem(
                ErrorCode::InvalidQuery,
                format!(
                    "Incorrect number of parameters: expected at least {} but found {}",
                    index + 1,
                    session.parameters.len()
                ),
                at,
            ));
        };
        let scope = Scope::new(&[], None);
        let typed = self.expr(value, &mut Context::plain(&scope, "parameter"));
        typed.map_err(|problem| super::Problem { at, ..problem })
    }

    /// `a`, `t.a`, `t.a.field`, `f(x).field`
    fn name(&mut self, expr: &Expr, context: &mut Context<'_>) -> Done<Typed> {
        let mut parts: Vec<&Ident> = Vec::new();
        let mut base = expr;
        while let ExprKind::Field { base: inner, field } = &base.kind {
            parts.push(field);
            base = inner;
        }
        parts.reverse();
        let (mut typed, fields) = match &base.kind {
            ExprKind::Name(first) => {
                parts.insert(0, first);
                self.column(&parts, expr.at, context)?
            }
            _ => (self.expr(base, context)?, 0),
        };
        for field in parts.iter().skip(fields) {
            typed = row_field(typed, field, expr.at)?;
        }
        Ok(typed)
    }

    /// The value of the first parts, and how many those are.
    fn column(&mut self, parts: &[&Ident], at: At, context: &Context<'_>) -> Done<(Typed, usize)> {
        let first = parts.first().map(|part| part.text.as_str()).unwrap_or_default();
        if let Some(parameter) =
            context.lambdas.iter().rev().find(|parameter| same_name(&parameter.name, first))
        {
            let field = Arc::new(parameter.data_type.field(&parameter.plan_name));
            let variable = LambdaVariable::new(parameter.plan_name.clone(), Some(field));
            return Ok((Typed::new(PlanExpr::LambdaVariable(variable), parameter.data_type.clone()), 1));
        }
        if let Some((_, typed)) = context.aliases.iter().find(|(alias, _)| same_name(alias, first)) {
            // The result is made of aggregates, not the other way round.
            if context.aggregates.as_ref().is_some_and(|calls| calls.inside) {
                let message = "Invalid reference to output projection attribute from ORDER BY aggregation";
                return Err(problem(ErrorCode::ColumnNotFound, message, at));
            }
            return Ok((typed.clone(), 1));
        }
        let found = context.scope.resolve(parts, at)?;
        Ok((found.typed, found.parts))
    }

    fn subscript(&mut self, base: &Expr, index: &Expr, at: At, context: &mut Context<'_>) -> Done<Typed> {
        let is_number = matches!(index.kind, ExprKind::Integer(_));
        let base = self.expr(base, context)?;
        let index = self.expr(index, context)?;
        match base.data_type.clone() {
            Type::Array(item) => {
                let index = index.coerce(&Type::BigInt, at)?;
                call_scalar("$subscript", vec![base, index], *item).at(at)
            }
            Type::Map(key, value) => {
                // The map's keys become what the index is where that is the wider type.
                let key = functions::common_type(&key, &index.data_type).ok_or_else(|| {
                    mismatch(
                        format!("Cannot use {} for subscript of {}", index.data_type, base.data_type),
                        at,
                    )
                })?;
                let index = index.coerce(&key, at)?;
                let base = base.coerce(&Type::map(key, (*value).clone()), at)?;
                call_scalar("$subscript", vec![base, index], *value).at(at)
            }
            Type::Row(fields) => {
                let position = index.as_literal().filter(|_| is_number && index.data_type == Type::Integer);
                let position = position.and_then(|value| value.to_string().parse::<usize>().ok());
                let position = position.and_then(|position| position.checked_sub(1));
                match position.and_then(|position| Some((position, fields.get(position)?.field_type.clone())))
                {
                    Some((position, field_type)) => field_at(base, position, field_type, at),
                    None => {
                        Err(mismatch("Subscript of a row must be a constant within its number of fields", at))
                    }
                }
            }
            other => Err(mismatch(format!("Cannot apply operator: {other}[{}]", index.data_type), at)),
        }
    }

    fn row(&mut self, items: &[Expr], at: At, context: &mut Context<'_>) -> Done<Typed> {
        let items: Vec<Typed> = items.iter().map(|item| self.expr(item, context)).collect::<Done<_>>()?;
        let row = Type::row(items.iter().map(|item| item.data_type.clone()));
        call_scalar("$row", items, row).at(at)
    }

    fn array(&mut self, items: &[Expr], at: At, context: &mut Context<'_>) -> Done<Typed> {
        let items: Vec<Typed> = items.iter().map(|item| self.expr(item, context)).collect::<Done<_>>()?;
        let item_type = common(&items, "All ARRAY elements", at)?;
        let items = items.into_iter().map(|item| item.coerce(&item_type, at)).collect::<Done<_>>()?;
        call_scalar("$array", items, Type::array(item_type)).at(at)
    }

    fn cast(
        &mut self,
        expr: &Expr,
        to: &Type,
        try_cast: bool,
        at: At,
        context: &mut Context<'_>,
    ) -> Done<Typed> {
        let value = self.expr(expr, context)?;
        if !try_cast {
            return value.cast(to, at);
        }
        if !functions::cast::can_cast(&value.data_type, to) {
            return Err(mismatch(format!("Cannot cast {} to {to}", value.data_type), at));
        }
        match functions::can_coerce(&value.data_type, to) {
            true => value.coerce(to, at),
            false => call_scalar("$try_cast", vec![value], to.clone()).at(at),
        }
    }
}

/// The type all of them become.
pub(super) fn common(items: &[Typed], what: &str, at: At) -> Done<Type> {
    let mut common = Type::Unknown;
    for item in items {
        common = functions::common_type(&common, &item.data_type).ok_or_else(|| {
            mismatch(format!("{what} must be the same type or coercible to a common type. Cannot find common type between {common} and {}", item.data_type), at)
        })?;
    }
    Ok(common)
}

/// `row.field`
fn row_field(row: Typed, field: &Ident, at: At) -> Done<Typed> {
    let Type::Row(fields) = &row.data_type else {
        return Err(mismatch(format!("Expression of type {} is not of type ROW", row.data_type), at));
    };
    let is_field = |name: &Option<String>| name.as_deref().is_some_and(|name| same_name(name, &field.text));
    let mut found = fields.iter().enumerate().filter(|(_, own)| is_field(&own.name));
    match (found.next(), found.next()) {
        (Some((position, own)), None) => {
            let field_type = own.field_type.clone();
            field_at(row, position, field_type, at)
        }
        (Some(_), Some(_)) => Err(problem(
            ErrorCode::InvalidQuery,
            format!("Ambiguous row field reference: {}", field.text),
            at,
        )),
        (None, _) => Err(problem(
            ErrorCode::ColumnNotFound,
            format!("Column '{}' cannot be resolved", field.text),
            field.at,
        )),
    }
}

/// The field at a position, from 0.
pub(super) fn field_at(row: Typed, position: usize, field_type: Type, at: At) -> Done<Typed> {
    let position = Typed::bigint(i64::try_from(position).unwrap_or(i64::MAX));
    call_scalar("$field", vec![row, position], field_type).at(at)
}
