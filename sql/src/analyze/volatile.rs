//! Expressions that have another value each time: `random()`, `uuid()`.

use datafusion::{
    common::{Column as PlanColumn, Result as EngineResult},
    logical_expr::{
        Expr as PlanExpr, LogicalPlan, LogicalPlanBuilder, Operator, utils::split_conjunction_owned,
    },
};

use super::{
    Analyzer,
    conditional::{balanced, has_subquery},
};

impl Analyzer<'_> {
    /// A filter. Its volatile conditions are a column first: the engine moves conditions without columns below
    /// joins, aggregations and UNNEST, where there are other rows to decide about.
    pub(super) fn filtered(&mut self, plan: LogicalPlan, condition: PlanExpr) -> EngineResult<LogicalPlan> {
        let builder = LogicalPlanBuilder::from(plan);
        if !condition.is_volatile() {
            return builder.filter(condition)?.build();
        }
        let (volatile, stable): (Vec<_>, Vec<_>) = split_conjunction_owned(condition)
            .into_iter()
            .partition(|part| part.is_volatile() && !has_subquery(part));
        let builder = match stable.is_empty() {
            true => builder,
            false => builder.filter(balanced(stable, Operator::And))?,
        };
        if volatile.is_empty() {
            return builder.build();
        }
        let columns: Vec<PlanExpr> = builder.schema().columns().into_iter().map(PlanExpr::Column).collect();
        let mut projected = columns.clone();
        let column = self.fresh("holds");
        projected.push(balanced(volatile, Operator::And).alias(&column));
        let holds = PlanExpr::Column(PlanColumn::new_unqualified(column));
        builder.project(projected)?.filter(holds)?.project(columns)?.build()
    }
}
