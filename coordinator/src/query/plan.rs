//! From a parsed query and a snapshot of the catalog to a plan that can be run.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, RecordBatch, StringArray, UInt64Array},
    datatypes::{DataType, Field, Schema, SchemaRef},
};
use connectors::ScanExec;
use datafusion::{
    common::tree_node::{TreeNode, TreeNodeRecursion},
    execution::{SessionState, TaskContext},
    logical_expr::LogicalPlan,
    physical_plan::ExecutionPlan,
};
use protocol::{Error, Result};
use sql::analyze::Analyzed;

use super::{Output, output, result::Work, run::no_workers, session::QuerySession};
use crate::stages::check_encoding;

/// A query's physical plan, distributed if it is large enough and there are workers.
pub(super) async fn physical(session: &QuerySession, analyzed: Analyzed, form: Output) -> Result<Work> {
    let (plan, schema) = output::for_clients(analyzed, form)?;
    run(session, plan, schema).await
}

/// Work that runs a logical plan; `schema` is what clients are told.
pub(super) async fn run(session: &QuerySession, plan: LogicalPlan, schema: SchemaRef) -> Result<Work> {
    let logical = optimized(session, &plan)?;
    let (plan, task) = physical_plan(session, &logical).await?;
    Ok(Work::Rows { schema, plan, task })
}

/// What a query would scan.
#[derive(Debug, Default)]
pub(super) struct Estimate {
    /// An upper bound, since row groups are pruned while it runs.
    pub(super) scan_bytes_max: u64,
    pub(super) files: u64,
    pub(super) files_total: u64,
    pub(super) partitions: u64,
    pub(super) partitions_total: u64,
}

pub(super) async fn estimate(session: &QuerySession, logical: &LogicalPlan) -> Result<Estimate> {
    let (plan, _) = physical_plan(session, logical).await?;
    let counts = &session.context.counts;
    let read = |count: &std::sync::atomic::AtomicU64| count.load(std::sync::atomic::Ordering::Relaxed);
    Ok(Estimate {
        scan_bytes_max: scan_bytes(&plan),
        files: read(&counts.files),
        files_total: read(&counts.files_total),
        partitions: read(&counts.partitions),
        partitions_total: read(&counts.partitions_total),
    })
}

/// The estimate as a row.
pub(super) async fn dry_run(session: &QuerySession, analyzed: Analyzed) -> Result<Work> {
    let logical = optimized(session, &analyzed.plan)?;
    shown(&estimate(session, &logical).await?)
}

/// The answer to a dry run of a statement that scans nothing.
pub(super) fn free() -> Result<Work> {
    shown(&Estimate::default())
}

fn shown(estimate: &Estimate) -> Result<Work> {
    let columns = [
        ("scan_bytes_max", estimate.scan_bytes_max),
        ("files", estimate.files),
        ("files_total", estimate.files_total),
        ("partitions", estimate.partitions),
        ("partitions_total", estimate.partitions_total),
    ];
    let columns = columns.map(|(name, number)| (name, Arc::new(UInt64Array::from(vec![number])) as ArrayRef));
    let batch = RecordBatch::try_from_iter(columns)
        .map_err(|error| Error::internal(format!("an estimate cannot be shown: {error}")))?;
    Ok(Work::Batch { schema: batch.schema(), batch })
}

pub(super) fn optimized(session: &QuerySession, plan: &LogicalPlan) -> Result<LogicalPlan> {
    session.state().optimize(plan).map_err(sql::plan_error)
}

/// The plan and the context to run it in.
pub(super) async fn physical_plan(
    session: &QuerySession,
    logical: &LogicalPlan,
) -> Result<(Arc<dyn ExecutionPlan>, Arc<TaskContext>)> {
    let (plan, task) = plan_in(session.state(), logical).await?;
    let settings = &session.coordinator.settings;
    let bytes = scan_bytes(&plan);
    let workers_are_there = !session.coordinator.components.workers.ready().is_empty();
    if settings.requires_workers && !workers_are_there && bytes >= settings.distribute_from_bytes {
        return Err(no_workers(bytes));
    }
    match check_encoding(&plan, &task) {
        Ok(()) => Ok((plan, task)),
        Err(reason) => {
            tracing::warn!(%reason, "a plan cannot be sent to workers and runs here");
            session.context.counts.reset();
            physical_alone(session, logical).await
        }
    }
}

/// The plan as this process would run it by itself.
pub(super) async fn physical_alone(
    session: &QuerySession,
    logical: &LogicalPlan,
) -> Result<(Arc<dyn ExecutionPlan>, Arc<TaskContext>)> {
    plan_in(&session.alone(), logical).await
}

async fn plan_in(
    state: &SessionState,
    logical: &LogicalPlan,
) -> Result<(Arc<dyn ExecutionPlan>, Arc<TaskContext>)> {
    let plan = state.query_planner().create_physical_plan(logical, state).await;
    Ok((plan.map_err(sql::plan_error)?, state.task_ctx()))
}

/// Bytes of the wanted columns of all scans, as far as known.
fn scan_bytes(plan: &Arc<dyn ExecutionPlan>) -> u64 {
    let mut bytes = 0;
    let _ = plan.apply(|node| {
        if let Some(scan) = node.downcast_ref::<ScanExec>() {
            bytes += scan.weight_bytes();
        }
        Ok(TreeNodeRecursion::Continue)
    });
    bytes
}

/// Lines of text as rows of one column.
pub(super) fn lines(column: &str, text: &str) -> Result<Work> {
    let schema = Arc::new(Schema::new(vec![Field::new(column, DataType::Utf8, false)]));
    let rows: StringArray = text.trim_end().lines().map(Some).collect();
    let batch = RecordBatch::try_new(Arc::clone(&schema), vec![Arc::new(rows)])
        .map_err(|error| Error::internal(format!("a plan cannot be shown: {error}")))?;
    Ok(Work::Batch { schema, batch })
}
