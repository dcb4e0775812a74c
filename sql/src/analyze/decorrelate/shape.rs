//! Which correlated subqueries the engine's own rules join, and join rightly.
//!
//! The engine lifts conditions with outer columns out of the subquery into the condition of a join. That is
//! right only where nothing between the two depends on which rows the condition leaves: no window, limit,
//! DISTINCT or outer join, and an aggregation only if the condition compares its rows for equality.

use datafusion::{
    common::{
        Column, ScalarValue,
        tree_node::{TreeNode, TreeNodeRecursion},
    },
    logical_expr::{
        BinaryExpr, Expr, Join, JoinType, LogicalPlan, Operator, Subquery, utils::split_conjunction,
    },
};

use super::{super::conditional::has_subquery, Place};

/// True if the subquery can stay where it is: over `input`, in `place`.
pub(super) fn engine_joins(subquery: &Subquery, input: &LogicalPlan, place: Place) -> bool {
    let outer = outer_columns(&subquery.subquery);
    if outer.is_empty() {
        return true;
    }
    place != Place::Elsewhere
        && outer.iter().all(|column| input.schema().has_column(column))
        && lifts(&subquery.subquery, false)
}

/// The same for the right side of a lateral join.
pub(super) fn engine_joins_lateral(join: &Join, right: &Subquery) -> bool {
    let is_supported = matches!(join.join_type, JoinType::Inner | JoinType::Left);
    let is_on_true = join.filter.as_ref().is_none_or(is_true);
    is_supported && is_on_true && engine_joins(right, &join.left, Place::Condition)
}

pub(super) fn is_true(condition: &Expr) -> bool {
    matches!(condition, Expr::Literal(ScalarValue::Boolean(Some(true)), _))
}

/// The columns of queries around that a plan uses, without those that it has itself for subqueries inside.
pub(in crate::analyze) fn outer_references(plan: &LogicalPlan) -> Vec<Expr> {
    let mut used: Vec<Expr> = Vec::new();
    let _ = plan.apply_with_subqueries(|node| {
        node.apply_expressions(|expr| {
            for reference in outer_references_of(expr) {
                if !used.contains(&reference) {
                    used.push(reference);
                }
            }
            Ok(TreeNodeRecursion::Continue)
        })
    });
    used.retain(|expr| outer_column(expr).is_none_or(|column| !provides(plan, column)));
    used
}

/// Those of one expression, without the plans of its subqueries.
pub(in crate::analyze) fn outer_references_of(expr: &Expr) -> Vec<Expr> {
    let mut used = Vec::new();
    let _ = expr.apply(|node| {
        if matches!(node, Expr::OuterReferenceColumn(..)) {
            used.push(node.clone());
        }
        Ok(TreeNodeRecursion::Continue)
    });
    used
}

pub(in crate::analyze) fn outer_columns(plan: &LogicalPlan) -> Vec<Column> {
    outer_references(plan).iter().filter_map(outer_column).cloned().collect()
}

fn outer_column(expr: &Expr) -> Option<&Column> {
    match expr {
        Expr::OuterReferenceColumn(_, column) => Some(column),
        _ => None,
    }
}

pub(in crate::analyze) fn is_correlated(plan: &LogicalPlan) -> bool {
    !outer_references(plan).is_empty()
}

fn provides(plan: &LogicalPlan, column: &Column) -> bool {
    let mut found = false;
    let _ = plan.apply_with_subqueries(|node| {
        found |= node.schema().has_column(column);
        Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    });
    found
}

/// True if all conditions with outer columns can be lifted to the top of the plan.
fn lifts(plan: &LogicalPlan, below_aggregate: bool) -> bool {
    if !is_correlated(plan) {
        return true;
    }
    match plan {
        LogicalPlan::Projection(projection) => {
            !projection.expr.iter().any(Expr::contains_outer) && lifts(&projection.input, below_aggregate)
        }
        LogicalPlan::SubqueryAlias(alias) => lifts(&alias.input, below_aggregate),
        LogicalPlan::Filter(filter) => {
            let lifted = |condition: &&Expr| match below_aggregate {
                true => is_equality(condition),
                false => !has_subquery(condition),
            };
            // A condition on the result of an aggregation (HAVING) is one on what the join must not lose.
            let on_aggregate = is_correlated(&filter.input) && has_aggregate(&filter.input);
            !on_aggregate
                && split_conjunction(&filter.predicate)
                    .into_iter()
                    .filter(|condition| condition.contains_outer())
                    .all(|condition| lifted(&condition))
                && lifts(&filter.input, below_aggregate)
        }
        LogicalPlan::Join(join) => {
            join.join_type == JoinType::Inner
                && !join.filter.iter().any(Expr::contains_outer)
                && !matches!(join.right.as_ref(), LogicalPlan::Subquery(_))
                && lifts(&join.left, below_aggregate)
                && lifts(&join.right, below_aggregate)
        }
        LogicalPlan::Aggregate(aggregate) => {
            !below_aggregate
                && aggregate.group_expr.is_empty()
                && !aggregate.aggr_expr.iter().any(is_single_value)
                && !aggregate.aggr_expr.iter().any(Expr::contains_outer)
                && lifts(&aggregate.input, true)
        }
        _ => false,
    }
}

/// The engine's join would look at groups that no row asks for, and complain of their second row.
fn is_single_value(call: &Expr) -> bool {
    call.exists(|node| {
        Ok(matches!(node, Expr::AggregateFunction(call) if call.func.name() == "sql.$single_value"))
    })
    .unwrap_or(true)
}

fn has_aggregate(plan: &LogicalPlan) -> bool {
    plan.exists(|node| Ok(matches!(node, LogicalPlan::Aggregate(_) | LogicalPlan::Distinct(_))))
        .unwrap_or(true)
}

pub(super) fn has_correlated_subquery(expr: &Expr) -> bool {
    let is_correlated = |node: &Expr| match node {
        Expr::ScalarSubquery(subquery) => is_correlated(&subquery.subquery),
        Expr::Exists(exists) => is_correlated(&exists.subquery.subquery),
        Expr::InSubquery(member) => is_correlated(&member.subquery.subquery),
        _ => false,
    };
    expr.exists(|node| Ok(is_correlated(node))).unwrap_or(true)
}

/// `own = outer`: one side has outer columns alone, the other none.
fn is_equality(condition: &Expr) -> bool {
    let Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) = condition else {
        return false;
    };
    let is_outer = |expr: &Expr| expr.contains_outer() && expr.column_refs().is_empty();
    let is_own = |expr: &Expr| !expr.contains_outer() && !has_subquery(expr);
    (is_outer(left) && is_own(right)) || (is_own(left) && is_outer(right))
}
