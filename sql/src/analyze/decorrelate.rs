//! Correlated subqueries that the engine cannot join, or would join wrongly, as joins and aggregations of ours.
//!
//! A subquery is evaluated for all rows of the query around it at once. Those rows, its *domain*, go into the
//! subquery's plan in place of nothing ([`push`]): each of them has an id, every step keeps the rows of
//! different ids apart, and a marker tells the rows that the subquery would have for this id from those that
//! are there so that no id is lost. What the engine joins rightly is left to it ([`shape`]), since its joins
//! need no ids.
//!
//! Called once at the end of an analysis, on the whole plan, from the inside out.

mod domain;
mod push;
mod shape;

use std::sync::Arc;

use datafusion::{
    common::{
        Column,
        tree_node::{Transformed, TransformedResult, TreeNode},
    },
    error::Result as EngineResult,
    logical_expr::{
        Expr, Join, JoinType, LogicalPlan, LogicalPlanBuilder, Subquery,
        expr::{Exists, InSubquery},
        utils::{conjunction, split_conjunction, split_conjunction_owned},
    },
};
use functions::Fault;

use super::{Analyzer, aggregate::aggregate_of, call::number, subquery::as_outer_columns};
use domain::Domain;
use push::Push;
use shape::{engine_joins, engine_joins_lateral, has_correlated_subquery, is_true};
pub(super) use shape::{is_correlated, outer_columns, outer_references, outer_references_of};

/// Where a subquery expression stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In a condition of WHERE, where the engine has joins for EXISTS and IN as well.
    Condition,
    /// In a projection, where it has them for single values.
    Projection,
    /// Where it has none.
    Elsewhere,
}

impl Analyzer<'_> {
    /// The plan without the subqueries that the engine must not see. Costs a walk over the plan.
    pub(super) fn decorrelated(&mut self, plan: LogicalPlan) -> EngineResult<LogicalPlan> {
        plan.transform_up_with_subqueries(|node| self.decorrelated_node(node)).data()
    }

    fn decorrelated_node(&mut self, node: LogicalPlan) -> EngineResult<Transformed<LogicalPlan>> {
        match node {
            LogicalPlan::Join(join) => match join.right.as_ref() {
                LogicalPlan::Subquery(right) if !engine_joins_lateral(&join, right) => {
                    let condition = join.filter.clone().filter(|condition| !is_true(condition));
                    let left = Arc::unwrap_or_clone(Arc::clone(&join.left));
                    self.lateral_rows(left, &right.subquery, join.join_type, condition).map(Transformed::yes)
                }
                _ => self.decorrelated_join(join),
            },
            LogicalPlan::Filter(filter) => {
                let input = filter.input.as_ref().clone();
                let columns: Vec<Expr> = input.schema().columns().into_iter().map(Expr::Column).collect();
                let conditions = split_conjunction_owned(filter.predicate.clone());
                match self.joined(input, conditions, Place::Condition)? {
                    None => Ok(Transformed::no(LogicalPlan::Filter(filter))),
                    Some((input, conditions)) => {
                        let mut builder = LogicalPlanBuilder::from(input);
                        for condition in conditions {
                            builder = builder.filter(condition)?;
                        }
                        Ok(Transformed::yes(builder.project(columns)?.build()?))
                    }
                }
            }
            LogicalPlan::Projection(_) => self.decorrelated_inputs(node, Place::Projection),
            LogicalPlan::Aggregate(_) | LogicalPlan::Sort(_) => {
                self.decorrelated_inputs(node, Place::Elsewhere)
            }
            other => Ok(Transformed::no(other)),
        }
    }

    /// Conditions of ON with subqueries become those of a filter, which inner joins have for the same.
    fn decorrelated_join(&mut self, mut join: Join) -> EngineResult<Transformed<LogicalPlan>> {
        let (with_subqueries, others): (Vec<_>, Vec<_>) =
            join.filter.iter().flat_map(split_conjunction).cloned().partition(has_correlated_subquery);
        if with_subqueries.is_empty() {
            return Ok(Transformed::no(LogicalPlan::Join(join)));
        }
        if join.join_type != JoinType::Inner {
            return Err(Fault::not_supported(
                "IN (query) or a correlated subquery in the condition of an outer join is not supported",
            )
            .into());
        }
        join.filter = conjunction(others);
        let mut builder = LogicalPlanBuilder::from(LogicalPlan::Join(join));
        for condition in with_subqueries {
            builder = builder.filter(condition)?;
        }
        self.decorrelated_node(builder.build()?)
    }

    /// A node of one input whose expressions read the values of subqueries from columns of that input.
    fn decorrelated_inputs(
        &mut self,
        node: LogicalPlan,
        place: Place,
    ) -> EngineResult<Transformed<LogicalPlan>> {
        let Some(input) = node.inputs().first().map(|input| (*input).clone()) else {
            return Ok(Transformed::no(node));
        };
        match self.joined(input, node.expressions(), place)? {
            None => Ok(Transformed::no(node)),
            Some((input, exprs)) => node.with_new_exprs(exprs, vec![input]).map(Transformed::yes),
        }
    }

    /// The input with a column for each subquery in the expressions, and the expressions with those columns.
    /// None if all subqueries can stay.
    fn joined(
        &mut self,
        input: LogicalPlan,
        exprs: Vec<Expr>,
        place: Place,
    ) -> EngineResult<Option<(LogicalPlan, Vec<Expr>)>> {
        let stays = |expr: &Expr, input: &LogicalPlan| match expr {
            Expr::ScalarSubquery(subquery) => engine_joins(subquery, input, place),
            Expr::Exists(exists) => place == Place::Condition && engine_joins(&exists.subquery, input, place),
            Expr::InSubquery(member) => {
                place == Place::Condition && engine_joins(&member.subquery, input, place)
            }
            _ => true,
        };
        let all_stay = exprs.iter().all(|expr| !expr.exists(|node| Ok(!stays(node, &input))).unwrap_or(true));
        if all_stay {
            return Ok(None);
        }
        let mut input = input;
        let mut rewritten = Vec::with_capacity(exprs.len());
        for expr in exprs {
            let name = expr.schema_name().to_string();
            let replaced = expr.transform_up(|node| {
                if stays(&node, &input) {
                    return Ok(Transformed::no(node));
                }
                let (joined, value) = self.subquery_value(input.clone(), node)?;
                input = joined;
                Ok(Transformed::yes(value))
            })?;
            let keeps_name = !replaced.transformed || place == Place::Condition;
            rewritten.push(if keeps_name { replaced.data } else { replaced.data.alias_if_changed(name)? });
        }
        Ok(Some((input, rewritten)))
    }

    /// The input with one more column, and what a subquery's expression is in terms of it.
    fn subquery_value(&mut self, input: LogicalPlan, subquery: Expr) -> EngineResult<(LogicalPlan, Expr)> {
        match subquery {
            Expr::ScalarSubquery(Subquery { subquery, .. }) => self.value_per_row(input, &subquery),
            Expr::Exists(Exists { subquery, negated }) => {
                let plan = subquery.subquery.as_ref().clone();
                self.presence_per_row(input, plan, negated)
            }
            Expr::InSubquery(InSubquery { expr, subquery, negated }) => {
                let plan = subquery.subquery.as_ref().clone();
                let value = as_outer_columns(*expr, input.schema())?;
                let Some(member) = plan.schema().columns().into_iter().next().map(Expr::Column) else {
                    return Err(Fault::type_mismatch("a subquery without columns").into());
                };
                let mut found = member.clone().eq(value.clone());
                if negated {
                    // A NULL on either side leaves it open, which is as good as false here.
                    found = found.or(member.is_null()).or(value.is_null());
                }
                let matches = LogicalPlanBuilder::from(plan).filter(found)?.build()?;
                self.presence_per_row(input, matches, negated)
            }
            other => Ok((input, other)),
        }
    }

    fn presence_per_row(
        &mut self,
        input: LogicalPlan,
        plan: LogicalPlan,
        negated: bool,
    ) -> EngineResult<(LogicalPlan, Expr)> {
        let column = self.fresh("count");
        let count = aggregate_of("count", number(1))?.alias(&column);
        let counted = LogicalPlanBuilder::from(plan).aggregate(Vec::<Expr>::new(), [count])?.build()?;
        let (joined, count) = self.value_per_row(input, &counted)?;
        let zero = number(0);
        Ok((joined, if negated { count.eq(zero) } else { count.gt(zero) }))
    }

    /// The value of a subquery of one row and one column.
    fn value_per_row(&mut self, input: LogicalPlan, plan: &LogicalPlan) -> EngineResult<(LogicalPlan, Expr)> {
        let columns: Vec<Expr> = input.schema().columns().into_iter().map(Expr::Column).collect();
        let Some(value) = plan.schema().columns().into_iter().next() else {
            return Err(Fault::type_mismatch("a subquery without columns").into());
        };
        let name = self.fresh("subquery");
        let value = Expr::Column(value).alias(&name);
        let domain = Domain::rows(self, input.clone())?;
        let pushed = Push::new(self, domain).run(plan)?;
        let plan = match pushed {
            Some(pushed) => {
                let projected: Vec<Expr> = columns.into_iter().chain([value]).collect();
                LogicalPlanBuilder::from(pushed.plan).project(projected)?.build()?
            }
            None => {
                let domain = Domain::values(&input, plan)?;
                let Some(pushed) = Push::new(self, domain).run(plan)? else {
                    return Err(not_joinable());
                };
                let keys = pushed.keys_equal();
                let own: Vec<Expr> = pushed.key_columns().chain([value]).collect();
                let right = LogicalPlanBuilder::from(pushed.plan).project(own)?.build()?;
                let value = Expr::Column(Column::new_unqualified(&name));
                let projected: Vec<Expr> = columns.into_iter().chain([value]).collect();
                LogicalPlanBuilder::from(input)
                    .join_on(right, JoinType::Left, keys)?
                    .project(projected)?
                    .build()?
            }
        };
        Ok((plan, Expr::Column(Column::new_unqualified(name))))
    }

    /// `left JOIN LATERAL right ON condition`
    fn lateral_rows(
        &mut self,
        left: LogicalPlan,
        right: &LogicalPlan,
        kind: JoinType,
        condition: Option<Expr>,
    ) -> EngineResult<LogicalPlan> {
        let columns: Vec<Expr> =
            left.schema().columns().into_iter().chain(right.schema().columns()).map(Expr::Column).collect();
        if kind == JoinType::Inner {
            let domain = Domain::rows(self, left.clone())?;
            if let Some(pushed) = Push::new(self, domain).run(right)? {
                let present = Expr::Column(pushed.marker.clone());
                let mut builder = LogicalPlanBuilder::from(pushed.plan).filter(present)?;
                if let Some(condition) = condition {
                    builder = builder.filter(condition)?;
                }
                return builder.project(columns)?.build();
            }
        }
        let domain = Domain::values(&left, right)?;
        let Some(pushed) = Push::new(self, domain).run(right)? else {
            return Err(not_joinable());
        };
        let conditions: Vec<Expr> = pushed.keys_equal().into_iter().chain(condition).collect();
        let own: Vec<Expr> =
            pushed.key_columns().chain(right.schema().columns().into_iter().map(Expr::Column)).collect();
        let present = Expr::Column(pushed.marker.clone());
        let right = LogicalPlanBuilder::from(pushed.plan).filter(present)?.project(own)?.build()?;
        LogicalPlanBuilder::from(left).join_on(right, kind, conditions)?.project(columns)?.build()
    }
}

fn not_joinable() -> datafusion::error::DataFusionError {
    Fault::not_supported("this form of correlated subquery is not supported").into()
}
