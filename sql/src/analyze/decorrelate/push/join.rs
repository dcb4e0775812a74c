//! Joins inside a subquery, of which one or both sides have outer columns.

use datafusion::{
    common::{Column, NullEquality},
    error::Result as EngineResult,
    logical_expr::{Expr, Join, JoinType, LogicalPlan, LogicalPlanBuilder, utils::conjunction},
};

use super::{Attempt, Push, Pushed, marked_rows, not_joinable, same, true_or_null};

impl Push<'_, '_> {
    pub(super) fn join(&mut self, join: &Join) -> Attempt {
        if matches!(join.right.as_ref(), LogicalPlan::Subquery(_)) {
            return Err(not_joinable());
        }
        let conditions = conditions(join);
        match join.join_type {
            JoinType::Inner => match (self.is_free(&join.left), self.is_free(&join.right)) {
                (true, true) => self.condition_only(join, conditions),
                (false, true) => self.beside(&join.left, &join.right, conditions),
                (true, false) => self.beside(&join.right, &join.left, conditions),
                (false, false) => self.both(join, conditions),
            },
            JoinType::Left if self.is_free(&join.right) => self.keeping(&join.left, &join.right, conditions),
            JoinType::Right if self.is_free(&join.left) => self.keeping(&join.right, &join.left, conditions),
            JoinType::Left => self.both(join, conditions),
            _ => Err(not_joinable()),
        }
    }

    /// Only the condition has outer columns: it is one on the product of both sides.
    fn condition_only(&mut self, join: &Join, conditions: Vec<Expr>) -> Attempt {
        let (free, outer): (Vec<_>, Vec<_>) =
            conditions.into_iter().partition(|condition| self.is_free_expr(condition));
        let left = LogicalPlanBuilder::from(join.left.as_ref().clone());
        let right = join.right.as_ref().clone();
        let plan = match conjunction(free) {
            Some(free) => left.join_on(right, JoinType::Inner, [free])?,
            None => left.cross_join(right)?,
        };
        self.joined_leaf(plan.build()?, |pushed| pushed.all_inside(&outer))
    }

    /// An inner join with a side that has no outer columns.
    fn beside(&mut self, outer: &LogicalPlan, free: &LogicalPlan, conditions: Vec<Expr>) -> Attempt {
        let Some(pushed) = self.push(outer)? else { return Ok(None) };
        let found = self.analyzer.fresh("found");
        let right = marked_rows(free.clone(), &found)?;
        let pushed = kept_beside(pushed, right, conditions)?;
        let found = Expr::Column(Column::new_unqualified(found));
        let present = true_or_null(pushed.present().and(found));
        let marker = self.analyzer.fresh("present");
        pushed.marked(present, marker).map(Some)
    }

    /// An outer join that keeps the side with outer columns.
    fn keeping(&mut self, outer: &LogicalPlan, free: &LogicalPlan, conditions: Vec<Expr>) -> Attempt {
        let Some(pushed) = self.push(outer)? else { return Ok(None) };
        kept_beside(pushed, free.clone(), conditions).map(Some)
    }

    /// Both sides have outer columns: each gets the domain, and rows meet within a row of it.
    fn both(&mut self, join: &Join, mut conditions: Vec<Expr>) -> Attempt {
        let Some(left) = self.push(&join.left)? else { return Ok(None) };
        let Some(right) = self.push(&join.right)? else { return Ok(None) };
        for (outer, own) in &left.names {
            let Some(other) = right.names.get(outer) else { return Err(not_joinable()) };
            conditions.push(same(Expr::Column(own.clone()), Expr::Column(other.clone())));
        }
        conditions.push(right.present());
        let present = match join.join_type {
            JoinType::Inner => true_or_null(left.present().and(right.present())),
            _ => left.present(),
        };
        let pushed = kept_beside(left, right.plan, conditions)?;
        let marker = self.analyzer.fresh("present");
        pushed.marked(present, marker).map(Some)
    }
}

/// All rows, with those of `right` that meet the conditions. Rows that are absent meet nothing.
fn kept_beside(pushed: Pushed, right: LogicalPlan, conditions: Vec<Expr>) -> EngineResult<Pushed> {
    let mut on = pushed.all_inside(&conditions)?;
    on.push(pushed.present());
    let plan = LogicalPlanBuilder::from(pushed.plan.clone()).join_on(right, JoinType::Left, on)?.build()?;
    Ok(Pushed { plan, ..pushed })
}

fn conditions(join: &Join) -> Vec<Expr> {
    let equal = |(left, right): &(Expr, Expr)| match join.null_equality {
        NullEquality::NullEqualsNothing => left.clone().eq(right.clone()),
        NullEquality::NullEqualsNull => same(left.clone(), right.clone()),
    };
    join.on.iter().map(equal).chain(join.filter.clone()).collect()
}
