//! LATERAL: subqueries in FROM that see the relation to their left.

use datafusion::{
    common::tree_node::{Transformed, TreeNode},
    error::Result as EngineResult,
    logical_expr::{Expr as PlanExpr, JoinType, LogicalPlan, LogicalPlanBuilder},
};

use super::{
    Analyzer, AtPlace, Done,
    decorrelate::{is_correlated, outer_references},
    expr::Context,
    not_supported,
    relation::{RelationPlan, aliased, concatenated},
    scope::Scope,
    subquery::subquery,
    typed::Typed,
};
use crate::ast::{At, Expr, ExprKind, Ident, JoinCondition, JoinKind, Query};

/// The right side of a join and how it is joined.
pub(super) struct Lateral<'q> {
    pub(super) query: &'q Query,
    pub(super) alias: Option<(&'q Ident, &'q [Ident])>,
    pub(super) kind: JoinKind,
    pub(super) condition: &'q JoinCondition,
}

impl Analyzer<'_> {
    pub(super) fn lateral(
        &mut self,
        left: RelationPlan,
        lateral: Lateral<'_>,
        at: At,
        outer: Option<&Scope<'_>>,
    ) -> Done<RelationPlan> {
        let join_type = match lateral.kind {
            JoinKind::Cross | JoinKind::Inner => JoinType::Inner,
            JoinKind::Left => JoinType::Left,
            JoinKind::Right | JoinKind::Full => {
                return Err(not_supported("LATERAL in RIGHT or FULL JOIN", at));
            }
        };
        let scope = Scope::new(&left.fields, outer);
        let mut right = self.query(lateral.query, Some(&scope))?;
        drop(scope);
        if let Some((alias, columns)) = lateral.alias {
            right = aliased(right, alias, columns)?;
        }
        let fields = concatenated(left.fields, right.fields);
        let scope = Scope::new(&fields, outer);
        let condition = match lateral.condition {
            JoinCondition::None | JoinCondition::On(Expr { kind: ExprKind::Boolean(true), .. }) => None,
            JoinCondition::On(expr) => Some(self.boolean(expr, &mut Context::plain(&scope, "JOIN clause"))?),
            JoinCondition::Using(_) | JoinCondition::Natural => {
                return Err(not_supported("LATERAL with USING or NATURAL", at));
            }
        };
        drop(scope);
        let plan = self.lateral_join(left.plan, right.plan, join_type, condition).at(at)?;
        Ok(RelationPlan { plan, fields })
    }

    fn lateral_join(
        &mut self,
        left: LogicalPlan,
        right: LogicalPlan,
        join_type: JoinType,
        condition: Option<PlanExpr>,
    ) -> EngineResult<LogicalPlan> {
        let is_inner = join_type == JoinType::Inner;
        if (is_inner || condition.is_none())
            && is_correlated(&right)
            && let Some(plan) = grafted(&right, &left, !is_inner)?
        {
            return match condition {
                Some(condition) => LogicalPlanBuilder::from(plan).filter(condition)?.build(),
                None => Ok(plan),
            };
        }
        let right = match is_correlated(&right) {
            true => {
                self.correlated = true;
                let used = outer_references(&right);
                LogicalPlan::Subquery(subquery(right, used))
            }
            false => right,
        };
        let condition = condition.unwrap_or_else(|| Typed::truth().expr);
        LogicalPlanBuilder::from(left).join_on(right, join_type, [condition])?.build()
    }
}

/// The steps of `plan` on top of `left` in place of its one row, with all columns of `left` beside its own:
/// a subquery without FROM, or from UNNEST, needs no join. None for other plans, and where rows of `left`
/// could be lost that must be kept.
fn grafted(plan: &LogicalPlan, left: &LogicalPlan, keeps_rows: bool) -> EngineResult<Option<LogicalPlan>> {
    let carried = || left.schema().columns().into_iter().map(PlanExpr::Column);
    let builder = match plan {
        LogicalPlan::EmptyRelation(empty) if empty.produce_one_row => return Ok(Some(left.clone())),
        LogicalPlan::Projection(projection) => {
            let Some(input) = grafted(&projection.input, left, keeps_rows)? else { return Ok(None) };
            let own = projection.expr.iter().cloned().map(|expr| inlined(expr, left));
            let all = own.chain(carried().map(Ok)).collect::<EngineResult<Vec<_>>>()?;
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
fn inlined(expr: PlanExpr, left: &LogicalPlan) -> EngineResult<PlanExpr> {
    let inlined = expr.transform(|node| match node {
        PlanExpr::OuterReferenceColumn(_, column) if left.schema().has_column(&column) => {
            Ok(Transformed::yes(PlanExpr::Column(column)))
        }
        other => Ok(Transformed::no(other)),
    })?;
    Ok(inlined.data)
}
