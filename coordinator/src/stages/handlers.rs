//! Our answers to the distributed planner's three questions about a [`ScanExec`].
//!
//! Its own answers are for the engine's file scan: they cut compressed files and quoted newlines,
//! duplicate rows of formats that ignore ranges, and know no affinity.

use std::sync::Arc;

use async_trait::async_trait;
use connectors::{ScanExec, assign};
use datafusion::{
    common::tree_node::{TreeNode, TreeNodeRecursion},
    error::{DataFusionError, Result},
    physical_plan::{ExecutionPlan, ExecutionPlanProperties},
    prelude::SessionConfig,
};
use datafusion_distributed::{
    DesiredTaskCountEvent, DesiredTaskCountEventResponse, DesiredTaskCountHandler, DistributedLeafExec,
    RouteTasksEvent, RouteTasksEventResponse, RouteTasksHandler, ScaleUpLeafNodeEvent,
    ScaleUpLeafNodeEventResponse, ScaleUpLeafNodeHandler,
};

use super::FrozenWorkers;

/// A scan runs in one task, or in one per worker: all workers when it is large, so that a file always
/// meets the same worker.
#[derive(Debug)]
pub(crate) struct CountTasks;

#[async_trait]
impl DesiredTaskCountHandler for CountTasks {
    async fn handle(
        &self,
        event: DesiredTaskCountEvent<'_>,
    ) -> Option<Result<DesiredTaskCountEventResponse>> {
        let scan = event.plan.downcast_ref::<ScanExec>()?;
        let workers = event.session_config.get_extension::<FrozenWorkers>()?;
        // A scan of one partition has no exchange above it: what the plan does once, it would do per task.
        let small = scan.splits().len() < 2 || scan.weight_bytes() < workers.distribute_from_bytes();
        let tasks = if small { 1 } else { workers.urls().len() };
        Some(Ok(DesiredTaskCountEventResponse::desired(tasks)))
    }
}

/// Deals a scan's splits to the tasks of its stage.
#[derive(Debug)]
pub(crate) struct SpreadSplits;

impl ScaleUpLeafNodeHandler for SpreadSplits {
    fn handle(&self, event: ScaleUpLeafNodeEvent<'_>) -> Option<Result<ScaleUpLeafNodeEventResponse>> {
        let scan = event.plan.downcast_ref::<ScanExec>()?;
        Some(spread(event.plan, scan, event.task_count, event.session_config))
    }
}

fn spread(
    plan: &Arc<dyn ExecutionPlan>,
    scan: &ScanExec,
    tasks: usize,
    config: &SessionConfig,
) -> Result<ScaleUpLeafNodeEventResponse> {
    let Some(workers) = config.get_extension::<FrozenWorkers>() else {
        return Err(DataFusionError::Internal("a distributed plan without workers".to_owned()));
    };
    let urls: Vec<&str> = workers.urls().iter().take(tasks).map(url::Url::as_str).collect();
    if urls.len() != tasks {
        return Err(DataFusionError::Internal(format!("{tasks} tasks for {} workers", urls.len())));
    }
    let splits: Vec<_> = scan.splits().iter().flatten().cloned().collect();
    let partitions = plan.output_partitioning().partition_count();
    let variants = assign(splits, &urls, partitions)
        .into_iter()
        .map(|splits| Arc::new(scan.with_splits(splits)) as Arc<dyn ExecutionPlan>);
    let leaf = DistributedLeafExec::try_new(Arc::clone(plan), variants)?;
    Ok(ScaleUpLeafNodeEventResponse::new(Arc::new(leaf)))
}

/// Sends task `i` of a stage with scans to worker `i`, where its splits were dealt to.
#[derive(Debug)]
pub(crate) struct RouteByAffinity;

impl RouteTasksHandler for RouteByAffinity {
    fn handle(&self, event: RouteTasksEvent<'_>) -> Option<Result<RouteTasksEventResponse>> {
        let workers = event.task_ctx.session_config().get_extension::<FrozenWorkers>()?;
        if event.task_count < 2 || !reads_splits(event.plan) {
            return None;
        }
        let urls = workers.urls().iter().take(event.task_count).cloned().collect();
        Some(Ok(RouteTasksEventResponse::new(urls)))
    }
}

/// True if the stage itself holds a scan; stages below a network boundary are others.
fn reads_splits(stage: &Arc<dyn ExecutionPlan>) -> bool {
    let mut found = false;
    let _ = stage.apply(|node| {
        if node.is::<DistributedLeafExec>() {
            found = true;
            return Ok(TreeNodeRecursion::Stop);
        }
        Ok(TreeNodeRecursion::Continue)
    });
    found
}
