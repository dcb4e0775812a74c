//! One side of a case, planned: what is run again and again.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, RecordBatch},
    datatypes::SchemaRef,
};
use datafusion::{
    common::Result as EngineResult,
    logical_expr::{
        EmitTo, Expr, GroupsAccumulator, physical_planning_context::PhysicalPlanningContext,
        simplify::SimplifyContext,
    },
    optimizer::simplify_expressions::ExprSimplifier,
    physical_expr::{
        GroupsAccumulatorAdapter, PhysicalExpr,
        aggregate::{AggregateFunctionExpr, LoweredAggregateBuilder},
        window::WindowExpr,
    },
    physical_planner::create_window_expr,
};

use crate::table::{ROWS, Table};

/// Batches that an aggregate takes in one run. A `listagg` of four stays below its limit of a megabyte.
const AGGREGATE_BATCHES: usize = 4;
/// Groups of an aggregate that has groups: each has two rows of a batch.
pub(crate) const GROUPS: usize = 4096;
/// Odd, so that a batch's rows reach every group, in an order that is none.
const GROUP_STEP: usize = 1103;

pub(crate) enum Work {
    Value(Arc<dyn PhysicalExpr>),
    /// An aggregate over everything, and its arguments.
    Whole(Arc<AggregateFunctionExpr>, Vec<ArrayRef>),
    /// The same by groups, and the group of each row of each batch.
    Grouped(Arc<AggregateFunctionExpr>, Vec<ArrayRef>, Vec<Vec<usize>>),
    Window(Arc<dyn WindowExpr>),
}

/// What an aggregate is computed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grouping {
    None,
    Groups,
}

/// Plans an expression as the engine would, with its coercions and simplifications.
pub(crate) fn planned(expr: Expr, grouping: Grouping, table: &Table) -> EngineResult<Work> {
    let state = table.context.state();
    let context = SimplifyContext::builder()
        .with_schema(Arc::new(table.schema.clone()))
        .with_config_options(Arc::clone(state.config_options()))
        .with_current_time()
        .build();
    let simplifier = ExprSimplifier::new(context);
    let expr = simplifier.simplify(simplifier.coerce(expr, &table.schema)?)?;
    let planning = PhysicalPlanningContext::default();
    if matches!(expr, Expr::WindowFunction(_)) {
        let window = create_window_expr(&expr, &table.schema, state.execution_props(), &planning)?;
        return Ok(Work::Window(window));
    }
    if matches!(expr, Expr::AggregateFunction(_)) {
        let schema: SchemaRef = table.batch.schema();
        let lowered =
            LoweredAggregateBuilder::new(&expr, &table.schema, &schema, state.execution_props(), &planning);
        return aggregate(lowered.build()?.aggregate, grouping, &table.batch);
    }
    Ok(Work::Value(table.context.create_physical_expr(expr, &table.schema)?))
}

/// Arguments are evaluated here, once: they are not what is measured.
fn aggregate(
    aggregate: Arc<AggregateFunctionExpr>,
    grouping: Grouping,
    batch: &RecordBatch,
) -> EngineResult<Work> {
    let orders = aggregate.order_bys().iter().map(|order| Arc::clone(&order.expr));
    let arguments = aggregate
        .expressions()
        .into_iter()
        .chain(orders)
        .map(|argument| argument.evaluate(batch)?.into_array(batch.num_rows()))
        .collect::<EngineResult<Vec<ArrayRef>>>()?;
    if grouping == Grouping::None {
        return Ok(Work::Whole(aggregate, arguments));
    }
    let group = |batch: usize, row: usize| (row * GROUP_STEP + batch) % GROUPS;
    let groups: Vec<Vec<usize>> =
        (0..AGGREGATE_BATCHES).map(|batch| (0..ROWS).map(|row| group(batch, row)).collect()).collect();
    Ok(Work::Grouped(aggregate, arguments, groups))
}

impl Work {
    /// Rows that one run takes in.
    pub(crate) fn rows(&self) -> usize {
        match self {
            Work::Value(_) | Work::Window(_) => ROWS,
            Work::Whole(..) | Work::Grouped(..) => ROWS * AGGREGATE_BATCHES,
        }
    }

    pub(crate) fn run(&self, table: &Table) -> EngineResult<ArrayRef> {
        match self {
            Work::Value(value) => value.evaluate(&table.batch)?.into_array(ROWS),
            Work::Window(window) => window.evaluate(&table.batch),
            Work::Whole(aggregate, arguments) => {
                let mut accumulator = aggregate.create_accumulator()?;
                for _ in 0..AGGREGATE_BATCHES {
                    accumulator.update_batch(arguments)?;
                }
                accumulator.evaluate()?.to_array()
            }
            Work::Grouped(aggregate, arguments, groups) => {
                let mut accumulator = groups_accumulator(aggregate)?;
                for groups in groups {
                    accumulator.update_batch(arguments, groups, None, GROUPS)?;
                }
                accumulator.evaluate(EmitTo::All)
            }
        }
    }
}

/// As the engine makes it.
fn groups_accumulator(aggregate: &Arc<AggregateFunctionExpr>) -> EngineResult<Box<dyn GroupsAccumulator>> {
    if aggregate.groups_accumulator_supported() {
        return aggregate.create_groups_accumulator();
    }
    let aggregate = Arc::clone(aggregate);
    Ok(Box::new(GroupsAccumulatorAdapter::new(move || aggregate.create_accumulator())))
}
