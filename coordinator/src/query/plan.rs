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
    logical_expr::{LogicalPlan, LogicalPlanBuilder},
    physical_plan::{ExecutionPlan, displayable},
};
use datafusion_distributed::{DistributedExec, display_plan_ascii};
use protocol::{Error, Result};
use sql::analyze::Analyzed;

use super::{output, result::Work, run, session::QuerySession};
use crate::stages::check_encoding;

/// A query's physical plan, distributed if it is large enough and there are workers.
pub(super) async fn physical(session: &QuerySession, analyzed: Analyzed) -> Result<Work> {
    let (plan, schema) = output::for_clients(analyzed)?;
    run_plan(session, plan, schema).await
}

async fn run_plan(session: &QuerySession, plan: LogicalPlan, schema: SchemaRef) -> Result<Work> {
    let logical = optimized(session, &plan)?;
    let (plan, task) = physical_plan(session, &logical).await?;
    Ok(Work::Rows { schema, plan, task })
}

/// The plan as text, or the plan with what its run measured.
pub(super) async fn explain(
    session: &QuerySession,
    analyzed: Analyzed,
    analyze: bool,
    verbose: bool,
) -> Result<Work> {
    if analyze {
        let explained = LogicalPlanBuilder::from(analyzed.plan)
            .explain(verbose, true)
            .and_then(LogicalPlanBuilder::build)
            .map_err(sql::plan_error)?;
        let schema = Arc::new(explained.schema().as_arrow().clone());
        return run_plan(session, explained, schema).await;
    }
    let logical = optimized(session, &analyzed.plan)?;
    let (plan, _) = physical_plan(session, &logical).await?;
    let mut text = match plan.is::<DistributedExec>() {
        true => display_plan_ascii(plan.as_ref(), false),
        false => displayable(plan.as_ref()).indent(verbose).to_string(),
    };
    if verbose {
        text = format!("{}\n\n{text}", logical.display_indent());
    }
    lines("Query Plan", &text)
}

/// What the query would scan: an upper bound, since row groups are pruned while it runs.
pub(super) async fn dry_run(session: &QuerySession, analyzed: Analyzed) -> Result<Work> {
    let logical = optimized(session, &analyzed.plan)?;
    let (plan, _) = physical_plan(session, &logical).await?;
    let counts = &session.context.counts;
    let counted = [&counts.files, &counts.files_total, &counts.partitions, &counts.partitions_total];
    let [files, files_total, partitions, partitions_total] =
        counted.map(|count| count.load(std::sync::atomic::Ordering::Relaxed));
    estimate([scan_bytes(&plan), files, files_total, partitions, partitions_total])
}

/// A statement that scans nothing.
pub(super) fn free(_: &sql::Statement) -> Result<Work> {
    estimate([0; 5])
}

fn estimate(numbers: [u64; 5]) -> Result<Work> {
    let names = ["scan_bytes_max", "files", "files_total", "partitions", "partitions_total"];
    let columns = names
        .into_iter()
        .zip(numbers)
        .map(|(name, number)| (name, Arc::new(UInt64Array::from(vec![number])) as ArrayRef));
    let batch = RecordBatch::try_from_iter(columns)
        .map_err(|error| Error::internal(format!("an estimate cannot be shown: {error}")))?;
    Ok(Work::Batch { schema: batch.schema(), batch })
}

fn optimized(session: &QuerySession, plan: &LogicalPlan) -> Result<LogicalPlan> {
    session.state().optimize(plan).map_err(sql::plan_error)
}

/// The plan and the context to run it in.
async fn physical_plan(
    session: &QuerySession,
    logical: &LogicalPlan,
) -> Result<(Arc<dyn ExecutionPlan>, Arc<TaskContext>)> {
    let (plan, task) = plan_in(session.state(), logical).await?;
    let settings = &session.coordinator.settings;
    let bytes = scan_bytes(&plan);
    let workers_are_there = !session.coordinator.components.workers.ready().is_empty();
    if settings.requires_workers && !workers_are_there && bytes >= settings.distribute_from_bytes {
        return Err(run::no_workers(bytes));
    }
    match check_encoding(&plan, &task) {
        Ok(()) => Ok((plan, task)),
        Err(reason) => {
            tracing::warn!(%reason, "a plan cannot be sent to workers and runs here");
            session.context.counts.reset();
            plan_in(&session.alone(), logical).await
        }
    }
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

fn lines(column: &str, text: &str) -> Result<Work> {
    let schema = Arc::new(Schema::new(vec![Field::new(column, DataType::Utf8, false)]));
    let rows: StringArray = text.trim_end().lines().map(Some).collect();
    let batch = RecordBatch::try_new(Arc::clone(&schema), vec![Arc::new(rows)])
        .map_err(|error| Error::internal(format!("a plan cannot be shown: {error}")))?;
    Ok(Work::Batch { schema, batch })
}
