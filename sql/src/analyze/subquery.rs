//! Subqueries inside expressions.
//!
//! In WHERE, EXISTS and IN are the engine's semi and anti joins. Elsewhere they are made of scalar
//! subqueries that count, since the engine has no other place for them.

use std::sync::Arc;

use datafusion::{
    common::{
        Column as PlanColumn, Spans,
        tree_node::{TreeNode, TreeNodeRecursion},
    },
    logical_expr::{
        Expr as PlanExpr, JoinType, LogicalPlan, LogicalPlanBuilder, Subquery,
        expr::{AggregateFunction, Exists, InSubquery},
    },
};
use functions::{Kind, Type, common_type};

use super::{
    Analyzer, AtPlace, Done,
    conditional::{case_when, null_of},
    expr::Context,
    mismatch, not_supported,
    relation::{RelationPlan, concatenated},
    scope::Scope,
    typed::Typed,
};
use crate::ast::{At, Comparison, Expr, JoinKind, Query};

/// A subquery's plan and the columns of outer queries that it uses.
struct Inner {
    relation: RelationPlan,
    used: Vec<PlanExpr>,
}

impl Analyzer<'_> {
    fn inner(&mut self, query: &Query, context: &Context<'_>) -> Done<Inner> {
        let scope = Scope::new(context.scope.fields, context.scope.outer);
        let relation = self.query(query, Some(&scope))?;
        let used = outer_columns(&relation.plan);
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
                super::typed::call_scalar("$row", many.iter().map(super::scope::Field::typed).collect(), row)
                    .at(at)?
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
        let Kind::Aggregate(implementation) = &self.internal(name, at)?.kind else {
            return Err(not_supported(name, at));
        };
        let aggregate = AggregateFunction::new_udf(
            Arc::clone(implementation),
            vec![value],
            false,
            None,
            Vec::new(),
            None,
        );
        let column = self.fresh("subquery");
        let plan = LogicalPlanBuilder::from(inner.relation.plan)
            .aggregate(Vec::<PlanExpr>::new(), [PlanExpr::AggregateFunction(aggregate).alias(&column)])
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
        let value = self.expr(expr, context)?;
        let inner = self.inner(query, context)?;
        let (value, inner, column) = self.same_type(value, inner, at)?;
        // Below OR and NOT the engine's join knows no NULL: only where that is as good as false.
        if context.clause == super::select::WHERE && (context.conjunct || !negated) {
            let plan = self.qualified(inner.relation.plan, column, at)?;
            let subquery = subquery(plan, inner.used);
            let expr = Box::new(value.expr);
            return Ok(Typed::boolean(PlanExpr::InSubquery(InSubquery::new(expr, subquery, negated))));
        }
        let found = self.membership(value, inner, column, at)?;
        Ok(Typed::boolean(if negated { PlanExpr::Not(Box::new(found)) } else { found }))
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
    fn membership(&mut self, value: Typed, inner: Inner, column: PlanExpr, at: At) -> Done<PlanExpr> {
        let filtered = |inner: &Inner, condition: PlanExpr, used: Vec<PlanExpr>| -> Done<Inner> {
            let plan = LogicalPlanBuilder::from(inner.relation.plan.clone())
                .filter(condition)
                .and_then(LogicalPlanBuilder::build)
                .at(at)?;
            Ok(Inner { relation: RelationPlan { plan, fields: inner.relation.fields.clone() }, used })
        };
        let (outer_value, mut used) = as_outer(value.clone(), at)?;
        used.extend(inner.used.iter().cloned());
        let matches = filtered(&inner, column.clone().eq(outer_value), used)?;
        let nulls = filtered(&inner, PlanExpr::IsNull(Box::new(column)), inner.used.clone())?;
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

/// The value with its columns seen from inside a subquery.
fn as_outer(value: Typed, at: At) -> Done<(PlanExpr, Vec<PlanExpr>)> {
    let mut used = Vec::new();
    match value.expr {
        PlanExpr::Column(column) => {
            let field = Arc::new(value.data_type.field(&column.name));
            let outer = PlanExpr::OuterReferenceColumn(field, column);
            used.push(outer.clone());
            Ok((outer, used))
        }
        PlanExpr::Literal(..) | PlanExpr::OuterReferenceColumn(..) => Ok((value.expr, used)),
        _ => Err(not_supported(
            "IN (subquery) of an expression outside WHERE; select the expression in a subquery first",
            at,
        )),
    }
}

fn subquery(plan: LogicalPlan, outer_ref_columns: Vec<PlanExpr>) -> Subquery {
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

/// The columns of outer queries that a plan uses.
fn outer_columns(plan: &LogicalPlan) -> Vec<PlanExpr> {
    let mut used: Vec<PlanExpr> = Vec::new();
    let _ = plan.apply_with_subqueries(|node| {
        node.apply_expressions(|expr| {
            expr.apply(|expr| {
                if matches!(expr, PlanExpr::OuterReferenceColumn(..)) && !used.contains(expr) {
                    used.push(expr.clone());
                }
                Ok(TreeNodeRecursion::Continue)
            })
        })
    });
    // Those of subqueries inside that this plan itself provides are not outer columns of it.
    used.retain(|expr| match expr {
        PlanExpr::OuterReferenceColumn(_, column) => !provides(plan, column),
        _ => true,
    });
    used
}

fn provides(plan: &LogicalPlan, column: &PlanColumn) -> bool {
    let mut found = false;
    let _ = plan.apply_with_subqueries(|node| {
        found |= node.schema().has_column(column);
        Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    });
    found
}

pub(super) fn is_correlated(plan: &LogicalPlan) -> bool {
    !outer_columns(plan).is_empty()
}

/// A join whose right side uses columns of the left.
pub(super) fn lateral_join(
    left: RelationPlan,
    right: RelationPlan,
    kind: JoinKind,
    _: Vec<PlanExpr>,
    at: At,
) -> Done<RelationPlan> {
    if let Some(plan) = grafted(&right.plan, &left.plan, kind == JoinKind::Left).at(at)? {
        return Ok(RelationPlan { plan, fields: concatenated(left.fields, right.fields) });
    }
    let used = outer_columns(&right.plan);
    let right_plan = LogicalPlan::Subquery(subquery(right.plan, used));
    let join_type = if kind == JoinKind::Left { JoinType::Left } else { JoinType::Inner };
    let plan = LogicalPlanBuilder::from(left.plan)
        .join_on(right_plan, join_type, [Typed::truth().expr])
        .and_then(LogicalPlanBuilder::build)
        .at(at)?;
    Ok(RelationPlan { plan, fields: concatenated(left.fields, right.fields) })
}

/// The steps of `plan` on top of `left` in place of its one row, with all columns of `left` beside its own:
/// a subquery without FROM, or from UNNEST, needs no join. None for other plans, and where rows of `left`
/// could be lost that must be kept.
fn grafted(
    plan: &LogicalPlan,
    left: &LogicalPlan,
    keeps_rows: bool,
) -> datafusion::error::Result<Option<LogicalPlan>> {
    let carried = || left.schema().columns().into_iter().map(PlanExpr::Column);
    let builder = match plan {
        LogicalPlan::EmptyRelation(empty) if empty.produce_one_row => return Ok(Some(left.clone())),
        LogicalPlan::Projection(projection) => {
            let Some(input) = grafted(&projection.input, left, keeps_rows)? else { return Ok(None) };
            let own = projection.expr.iter().cloned().map(|expr| inlined(expr, left));
            let all = own.chain(carried().map(Ok)).collect::<datafusion::error::Result<Vec<_>>>()?;
            LogicalPlanBuilder::from(input).project(all)?
        }
        LogicalPlan::Filter(filter) if !keeps_rows => {
            let Some(input) = grafted(&filter.input, left, keeps_rows)? else { return Ok(None) };
            LogicalPlanBuilder::from(input).filter(inlined(filter.predicate.clone(), left)?)?
        }
        LogicalPlan::Unnest(unnest) if !keeps_rows => {
            let Some(input) = grafted(&unnest.input, left, keeps_rows)? else { return Ok(None) };
            LogicalPlanBuilder::from(input)
                .unnest_columns_with_options(unnest.exec_columns.clone(), unnest.options.clone())?
        }
        _ => return Ok(None),
    };
    builder.build().map(Some)
}

/// The expression with outer columns of `left` as columns.
fn inlined(expr: PlanExpr, left: &LogicalPlan) -> datafusion::error::Result<PlanExpr> {
    use datafusion::common::tree_node::Transformed;
    let inlined = expr.transform(|node| match node {
        PlanExpr::OuterReferenceColumn(_, column) if left.schema().has_column(&column) => {
            Ok(Transformed::yes(PlanExpr::Column(column)))
        }
        other => Ok(Transformed::no(other)),
    })?;
    Ok(inlined.data)
}
