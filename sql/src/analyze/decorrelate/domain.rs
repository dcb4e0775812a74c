//! The rows for which a subquery is evaluated.

use std::collections::BTreeMap;

use datafusion::{
    common::{Column, tree_node::TreeNode},
    error::Result as EngineResult,
    logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder},
};
use functions::{Fault, Type};

use super::{super::typed::call_scalar, Analyzer, shape::outer_columns};

/// One query around one subquery.
pub(super) struct Domain {
    /// The columns that the subquery may use.
    columns: Vec<Column>,
    rows: Rows,
}

enum Rows {
    /// All rows, each with a random id; None once they are part of a plan, which must read them once.
    Once(Option<(LogicalPlan, Column)>),
    /// The different values of the columns in use, which can be read as often as needed.
    Often(LogicalPlan),
}

/// The domain as a part of the subquery's plan.
pub(super) struct Instance {
    pub(super) plan: LogicalPlan,
    /// What tells the domain's rows apart.
    pub(super) keys: Vec<Column>,
    /// All other columns.
    pub(super) carried: Vec<Column>,
    /// Outer columns under the names that they have here.
    pub(super) names: BTreeMap<Column, Column>,
}

impl Domain {
    /// The input's rows as they are: read once, so that nothing is billed or drawn twice.
    pub(super) fn rows(analyzer: &mut Analyzer<'_>, input: LogicalPlan) -> EngineResult<Self> {
        let columns = input.schema().columns();
        let id = analyzer.fresh("row");
        let random = call_scalar("uuid", Vec::new(), Type::Uuid)?.expr.alias(&id);
        let projected = columns.iter().cloned().map(Expr::Column).chain([random]);
        let plan = LogicalPlanBuilder::from(input).project(projected)?.build()?;
        Ok(Self { columns, rows: Rows::Once(Some((plan, Column::new_unqualified(id)))) })
    }

    /// The different values of the columns of `input` that `plan` uses. Fails if reading the input twice
    /// could give other rows.
    pub(super) fn values(input: &LogicalPlan, plan: &LogicalPlan) -> EngineResult<Self> {
        if !is_repeatable(input) {
            return Err(Fault::not_supported(
                "a correlated subquery of this form over LIMIT, TABLESAMPLE or random values is not supported",
            )
            .into());
        }
        let columns: Vec<Column> =
            outer_columns(plan).into_iter().filter(|column| input.schema().has_column(column)).collect();
        Ok(Self { columns, rows: Rows::Often(input.clone()) })
    }

    pub(super) fn has(&self, column: &Column) -> bool {
        self.columns.contains(column)
    }

    /// The domain for one place in a plan. None if it has been used and can be used only once.
    pub(super) fn instance(&mut self, analyzer: &mut Analyzer<'_>) -> EngineResult<Option<Instance>> {
        let columns = self.columns.clone();
        match &mut self.rows {
            Rows::Once(rows) => Ok(rows.take().map(|(plan, id)| Instance {
                plan,
                keys: vec![id],
                names: columns.iter().map(|column| (column.clone(), column.clone())).collect(),
                carried: columns,
            })),
            Rows::Often(input) => {
                let names: BTreeMap<Column, Column> = columns
                    .iter()
                    .map(|column| (column.clone(), Column::new_unqualified(analyzer.fresh("outer"))))
                    .collect();
                let keys: Vec<Column> =
                    columns.iter().filter_map(|column| names.get(column).cloned()).collect();
                let renamed = columns
                    .iter()
                    .zip(&keys)
                    .map(|(column, key)| Expr::Column(column.clone()).alias(&key.name));
                let plan = LogicalPlanBuilder::from(input.clone()).project(renamed)?.distinct()?.build()?;
                Ok(Some(Instance { plan, keys, carried: Vec::new(), names }))
            }
        }
    }
}

/// True if the plan has the same rows whenever it is run.
fn is_repeatable(plan: &LogicalPlan) -> bool {
    let varies = plan.exists(|node| {
        let is_limit = matches!(node, LogicalPlan::Limit(_) | LogicalPlan::RecursiveQuery(_));
        Ok(is_limit || node.expressions().iter().any(Expr::is_volatile))
    });
    !varies.unwrap_or(true)
}
