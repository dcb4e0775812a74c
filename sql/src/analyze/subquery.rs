//! Subqueries inside expressions.
//!
//! In WHERE, EXISTS and IN are the engine's semi and anti joins. Elsewhere they are made of scalar
//! subqueries that count, since the engine has no other place for them.

use std::sync::Arc;

use datafusion::{
    common::{
        Column as PlanColumn, DFSchema, ExprSchema, Spans,
        tree_node::{Transformed, TransformedResult, TreeNode},
    },
    error::Result as EngineResult,
    logical_expr::{
        Expr as PlanExpr, LogicalPlan, LogicalPlanBuilder, Subquery,
        expr::{Exists, InSubquery},
    },
};
use functions::{Type, common_type};

use super::{
    Analyzer, AtPlace, Done,
    aggregate::aggregate_of,
    conditional::{case_when, null_of},
    decorrelate::{outer_references, outer_references_of},
    expr::Context,
    mismatch, not_supported,
    operators::{is_float, is_nested},
    relation::RelationPlan,
    scope::Scope,
    typed::{Typed, call_scalar},
};
use crate::ast::{At, Comparison, Expr, Query};

/// A subquery's plan and the columns of outer queries that it uses.
struct Inner {
    relation: RelationPlan,
    used: Vec<PlanExpr>,
}

impl Analyzer<'_> {
    fn inner(&mut self, query: &Query, context: &Context<'_>) -> Done<Inner> {
        let scope = Scope::new(context.scope.fields, context.scope.outer);
        let relation = self.query(query, Some(&scope))?;
        let used = outer_references(&relation.plan);
        self.correlated |= !used.is_empty();
        let mut noted = context.scope.used_outer.borrow_mut();
        for expr in scope.used_outer.borrow().iter() {
            if !noted.contains(expr) {
                noted.push(expr.clone());
            }
        }
        Ok(Inner { relation, used })
    }

    /// One value; NULL if there is no row, an error if there are two.
    pub(super) fn scalar_subquery(
        &mut self,
        query: &Query,
        at: At,
        context: &mut Context<'_>,
    ) -> Done<Typed> {
        let inner = self.inner(query, context)?;
        let fields: Vec<_> = inner.relation.fields.iter().filter(|field| !field.hidden).cloned().collect();
        let value = match fields.as_slice() {
            [] => return Err(mismatch("a subquery without columns", at)),
            [only] => only.typed(),
            // Several columns are a row.
            many => {
                let row = Type::Row(
                    many.iter()
                        .map(|field| functions::RowField {
                            name: field.name.clone(),
                            field_type: field.data_type.clone(),
                        })
                        .collect(),
                );
                call_scalar("$row", many.iter().map(super::scope::Field::typed).collect(), row).at(at)?
            }
        };
        let data_type = value.data_type.clone();
        if is_one_row(&inner.relation.plan) && fields.len() == 1 {
            let plan = LogicalPlanBuilder::from(inner.relation.plan)
                .project([value.expr])
                .and_then(LogicalPlanBuilder::build)
                .at(at)?;
            return Ok(Typed::new(scalar(plan, inner.used), data_type));
        }
        self.aggregated(inner, "$single_value", value.expr, at).map(|expr| Typed::new(expr, data_type))
    }

    /// `(SELECT aggregate(value) FROM inner)`
    fn aggregated(&mut self, inner: Inner, name: &'static str, value: PlanExpr, at: At) -> Done<PlanExpr> {
        let aggregate = aggregate_of(name, value).at(at)?;
        let column = self.fresh("subquery");
        let plan = LogicalPlanBuilder::from(inner.relation.plan)
            .aggregate(Vec::<PlanExpr>::new(), [aggregate.alias(&column)])
            .and_then(LogicalPlanBuilder::build)
            .at(at)?;
        Ok(scalar(plan, inner.used))
    }

    pub(super) fn exists(&mut self, query: &Query, at: At, context: &mut Context<'_>) -> Done<Typed> {
        let inner = self.inner(query, context)?;
        if context.clause == super::select::WHERE {
            let subquery = subquery(inner.relation.plan, inner.used);
            return Ok(Typed::boolean(PlanExpr::Exists(Exists::new(subquery, false))));
        }
        let count = self.count(inner, at)?;
        Ok(Typed::boolean(count.gt(super::call::number(0))))
    }

    /// The number of rows; for subqueries in expressions, where NULL (no group to join) is 0.
    fn count(&mut self, inner: Inner, at: At) -> Done<PlanExpr> {
        let count = self.aggregated(inner, "count", super::call::number(1), at)?;
        let present = PlanExpr::IsNotNull(Box::new(count.clone()));
        Ok(case_when(vec![present], vec![count], Some(super::call::number(0))))
    }

    pub(super) fn in_query(
        &mut self,
        expr: &Expr,
        query: &Query,
        negated: bool,
        at: At,
        context: &mut Context<'_>,
    ) -> Done<Typed> {
        let is_condition = context.conjunct || (context.positive && !negated);
        (context.conjunct, context.positive) = (false, false);
        let value = self.expr(expr, context)?;
        let inner = self.inner(query, context)?;
        let (value, inner, column) = self.same_type(value, inner, at)?;
        let inner = without_nan(inner, &value, &column, at)?;
        // The engine's join knows no NULL: only where that is as good as false, and none inside of a value.
        let is_condition = context.clause == super::select::WHERE && is_condition;
        let is_condition = is_condition && (inner.used.is_empty() || !is_nested(&value.data_type));
        if is_condition && !inner.used.is_empty() {
            return self.correlated_member(value, inner, column, negated, context, at);
        }
        if is_condition && !negated && is_nested(&value.data_type) {
            let itself = call_scalar("$eq", vec![value.clone(), value.clone()], Type::Boolean).at(at)?;
            let column = Typed::new(column, value.data_type.clone()).in_one_form().at(at)?.expr;
            let plan = self.qualified(inner.relation.plan, column, at)?;
            let expr = Box::new(value.in_one_form().at(at)?.expr);
            let member = InSubquery::new(expr, subquery(plan, inner.used), false);
            return Ok(Typed::boolean(PlanExpr::InSubquery(member).and(itself.expr)));
        }
        if is_condition && !is_nested(&value.data_type) {
            let plan = self.qualified(inner.relation.plan, column, at)?;
            let subquery = subquery(plan, inner.used);
            let expr = Box::new(value.expr);
            return Ok(Typed::boolean(PlanExpr::InSubquery(InSubquery::new(expr, subquery, negated))));
        }
        let found = self.membership(value, inner, column, context, at)?;
        Ok(Typed::boolean(if negated { PlanExpr::Not(Box::new(found)) } else { found }))
    }

    /// `value IN inner` as a condition, by EXISTS: with outer columns the engine loses that of its join.
    fn correlated_member(
        &mut self,
        value: Typed,
        inner: Inner,
        column: PlanExpr,
        negated: bool,
        context: &Context<'_>,
        at: At,
    ) -> Done<Typed> {
        let outer_value = self.as_outer(&value, context, at)?;
        let mut found = column.clone().eq(outer_value.clone());
        if negated {
            // A NULL on either side leaves it open, which is as good as false here.
            found = found.or(column.is_null()).or(outer_value.is_null());
        }
        let plan = LogicalPlanBuilder::from(inner.relation.plan)
            .filter(found)
            .and_then(LogicalPlanBuilder::build)
            .at(at)?;
        let used = outer_references(&plan);
        Ok(Typed::boolean(PlanExpr::Exists(Exists::new(subquery(plan, used), negated))))
    }

    /// The one column under a qualifier of its own: the engine would take a bare name for that of its join.
    fn qualified(&mut self, plan: LogicalPlan, column: PlanExpr, at: At) -> Done<LogicalPlan> {
        let (name, qualifier) = (self.fresh("member"), self.fresh_qualifier("subquery"));
        LogicalPlanBuilder::from(plan)
            .project([column.alias(name)])
            .and_then(|builder| builder.alias(qualifier))
            .and_then(LogicalPlanBuilder::build)
            .at(at)
    }

    /// The value and the subquery's one column as one type; the column's expression.
    fn same_type(&mut self, value: Typed, inner: Inner, at: At) -> Done<(Typed, Inner, PlanExpr)> {
        let visible: Vec<_> = inner.relation.fields.iter().filter(|field| !field.hidden).collect();
        let [only] = visible.as_slice() else {
            return Err(mismatch(
                format!(
                    "Multiple columns returned by subquery are not yet supported. Found {}",
                    visible.len()
                ),
                at,
            ));
        };
        let wanted = common_type(&value.data_type, &only.data_type).ok_or_else(|| {
            mismatch(
                format!(
                    "value and result of subquery must be of the same type: {} vs {}",
                    value.data_type, only.data_type
                ),
                at,
            )
        })?;
        let column = only.typed().coerce(&wanted, at)?.expr;
        Ok((value.coerce(&wanted, at)?, inner, column))
    }

    /// `value IN inner` by counting: matches, rows, NULLs.
    fn membership(
        &mut self,
        value: Typed,
        inner: Inner,
        column: PlanExpr,
        context: &Context<'_>,
        at: At,
    ) -> Done<PlanExpr> {
        let filtered = |inner: &Inner, condition: PlanExpr, used: Vec<PlanExpr>| -> Done<Inner> {
            let plan = LogicalPlanBuilder::from(inner.relation.plan.clone())
                .filter(condition)
                .and_then(LogicalPlanBuilder::build)
                .at(at)?;
            Ok(Inner { relation: RelationPlan { plan, fields: inner.relation.fields.clone() }, used })
        };
        let outer_value = self.as_outer(&value, context, at)?;
        let mut used = outer_references_of(&outer_value);
        self.correlated |= !used.is_empty();
        used.extend(inner.used.iter().cloned());
        let (matches, nulls) = match is_nested(&value.data_type) {
            true => {
                let of = |expr: PlanExpr| Typed::new(expr, value.data_type.clone());
                let equal = call_scalar("$eq", vec![of(column), of(outer_value)], Type::Boolean).at(at)?.expr;
                let nulls = filtered(&inner, PlanExpr::IsNull(Box::new(equal.clone())), used.clone())?;
                (filtered(&inner, equal, used)?, nulls)
            }
            false => {
                let nulls = PlanExpr::IsNull(Box::new(column.clone()));
                (
                    filtered(&inner, column.eq(outer_value), used)?,
                    filtered(&inner, nulls, inner.used.clone())?,
                )
            }
        };
        let zero = super::call::number(0);
        let has_match = self.count(matches, at)?.gt(zero.clone());
        let has_null = self.count(nulls, at)?.gt(zero.clone());
        let has_rows = self.count(inner, at)?.gt(zero);
        let is_null = PlanExpr::IsNull(Box::new(value.expr));
        Ok(case_when(
            vec![has_match, has_null.or(is_null.and(has_rows))],
            vec![Typed::truth().expr, null_of(&Type::Boolean)],
            Some(PlanExpr::Not(Box::new(Typed::truth().expr))),
        ))
    }

    /// The value as seen from inside a subquery.
    fn as_outer(&self, value: &Typed, context: &Context<'_>, at: At) -> Done<PlanExpr> {
        let type_of = |column: &PlanColumn| {
            let field = context.scope.fields.iter().find(|field| field.column == *column);
            match (&value.expr, field) {
                (_, Some(field)) => Some(field.data_type.clone()),
                (PlanExpr::Column(own), None) if own == column => Some(value.data_type.clone()),
                _ => None,
            }
        };
        let mut unknown = false;
        let outer = value.expr.clone().transform(|node| match node {
            PlanExpr::Column(column) => match type_of(&column) {
                Some(data_type) => {
                    let field = Arc::new(data_type.field(&column.name));
                    Ok(Transformed::yes(PlanExpr::OuterReferenceColumn(field, column)))
                }
                None => {
                    unknown = true;
                    Ok(Transformed::no(PlanExpr::Column(column)))
                }
            },
            other => Ok(Transformed::no(other)),
        });
        match unknown {
            true => Err(not_supported(
                "IN (subquery) of an expression over aggregates; select the expression in a subquery first",
                at,
            )),
            false => Ok(outer.at(at)?.data),
        }
    }

    /// `left op ALL|ANY (query)`, by the smallest and the largest value.
    pub(super) fn quantified(
        &mut self,
        op: Comparison,
        all: bool,
        left: &Expr,
        query: &Query,
        at: At,
        context: &mut Context<'_>,
    ) -> Done<Typed> {
        match (op, all) {
            (Comparison::Equal, false) => return self.in_query(left, query, false, at, context),
            (Comparison::NotEqual, true) => return self.in_query(left, query, true, at, context),
            _ => {}
        }
        let value = self.expr(left, context)?;
        let extreme = |largest: bool| if largest { "max" } else { "min" };
        let bounds: &[&'static str] = match op {
            Comparison::Less | Comparison::LessOrEqual => &[extreme(!all)],
            Comparison::Greater | Comparison::GreaterOrEqual => &[extreme(all)],
            // `= ALL` and `<> ANY`: whether all values are one and the same.
            Comparison::Equal | Comparison::NotEqual => &["min", "max"],
        };
        let mut tests = Vec::new();
        for bound in bounds {
            let inner = self.inner(query, context)?;
            let (value, inner, column) = self.same_type(value.clone(), inner, at)?;
            let data_type = value.data_type.clone();
            let bound = Typed::new(self.aggregated(inner, bound, column, at)?, data_type);
            tests.push(self.compare(op, value, bound, at, context)?.expr);
        }
        let test = match all {
            true => tests.into_iter().reduce(PlanExpr::and),
            false => tests.into_iter().reduce(PlanExpr::or),
        };
        let test = test.unwrap_or_else(|| Typed::truth().expr);
        let rows = self.inner(query, context)?;
        let nulls = self.inner(query, context)?;
        let (_, nulls, column) = self.same_type(value, nulls, at)?;
        let plan = LogicalPlanBuilder::from(nulls.relation.plan)
            .filter(PlanExpr::IsNull(Box::new(column)))
            .and_then(LogicalPlanBuilder::build)
            .at(at)?;
        let nulls =
            Inner { relation: RelationPlan { plan, fields: nulls.relation.fields }, used: nulls.used };
        let zero = super::call::number(0);
        let empty = self.count(rows, at)?.eq(zero.clone());
        let has_null = self.count(nulls, at)?.gt(zero);
        let truth =
            |value: bool| PlanExpr::Literal(datafusion::common::ScalarValue::Boolean(Some(value)), None);
        // ALL: no rows is true, one failing row is false; ANY: the other way round. NULLs leave the rest open.
        let decided = if all { PlanExpr::Not(Box::new(test.clone())) } else { test.clone() };
        Ok(Typed::boolean(case_when(
            vec![empty, decided, has_null],
            vec![truth(all), truth(!all), null_of(&Type::Boolean)],
            Some(test),
        )))
    }
}

/// The expression with its columns seen from inside a subquery.
pub(super) fn as_outer_columns(expr: PlanExpr, schema: &DFSchema) -> EngineResult<PlanExpr> {
    expr.transform(|node| match node {
        PlanExpr::Column(column) => {
            let field = Arc::clone(schema.field_from_column(&column)?);
            Ok(Transformed::yes(PlanExpr::OuterReferenceColumn(field, column)))
        }
        other => Ok(Transformed::no(other)),
    })
    .data()
}

/// The rows that can equal something: the engine takes NaN for equal to itself.
fn without_nan(inner: Inner, value: &Typed, column: &PlanExpr, at: At) -> Done<Inner> {
    if !is_float(&value.data_type) {
        return Ok(inner);
    }
    let member = Typed::new(column.clone(), value.data_type.clone()).coerce(&Type::Double, at)?;
    let is_nan = call_scalar("is_nan", vec![member], Type::Boolean).at(at)?;
    let plan = LogicalPlanBuilder::from(inner.relation.plan)
        .filter(PlanExpr::IsNotTrue(Box::new(is_nan.expr)))
        .and_then(LogicalPlanBuilder::build)
        .at(at)?;
    Ok(Inner { relation: RelationPlan { plan, fields: inner.relation.fields }, used: inner.used })
}

pub(super) fn subquery(plan: LogicalPlan, outer_ref_columns: Vec<PlanExpr>) -> Subquery {
    Subquery { subquery: Arc::new(plan), outer_ref_columns, spans: Spans::new() }
}

fn scalar(plan: LogicalPlan, used: Vec<PlanExpr>) -> PlanExpr {
    PlanExpr::ScalarSubquery(subquery(plan, used))
}

/// True for an aggregation without groups, also below projections.
fn is_one_row(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Aggregate(aggregate) => aggregate.group_expr.is_empty(),
        LogicalPlan::Projection(projection) => is_one_row(&projection.input),
        LogicalPlan::Sort(sort) => is_one_row(&sort.input),
        _ => false,
    }
}
