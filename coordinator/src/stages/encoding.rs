//! Whether workers will be able to read a plan.
//!
//! Operators check their inputs when they are decoded or executed, and what the planner knew of an input (that a
//! column is constant, so that the data counts as sorted by it) is not part of the encoding: a window
//! over `WHERE key = 5` partitioned by `key` plans well and fails on the worker. Some operators have no
//! encoding at all, recursive queries among them. Decoding the plan here finds both before any task
//! is sent.

use std::sync::Arc;

use datafusion::{
    common::tree_node::{TreeNode, TreeNodeRecursion},
    error::Result,
    execution::TaskContext,
    physical_plan::{
        ExecutionPlan, ExecutionPlanProperties,
        empty::EmptyExec,
        execution_plan::{ChildrenPropertiesMode, ReplaceChildrenOptions},
        union::UnionExec,
        windows::{BoundedWindowAggExec, WindowAggExec},
    },
};
use datafusion_distributed::{DistributedCodec, DistributedExec, DistributedLeafExec, NetworkBoundaryExt};
use datafusion_proto::{
    bytes::{physical_plan_from_bytes_with_proto_converter, physical_plan_to_bytes_with_proto_converter},
    physical_plan::DeduplicatingProtoConverter,
};

/// Encodes and decodes every stage of a distributed plan; other plans always pass.
///
/// Costs a few milliseconds for a plan with a thousand splits.
pub(crate) fn check_encoding(plan: &Arc<dyn ExecutionPlan>, task: &TaskContext) -> Result<()> {
    if !plan.is::<DistributedExec>() {
        return Ok(());
    }
    let mut stages = Vec::new();
    for head in plan.children() {
        let head = cut_stages(head, &mut stages)?;
        stages.push(head);
    }
    let codec = DistributedCodec::new_combined_with_user(task.session_config());
    for stage in stages {
        let converter = DeduplicatingProtoConverter::default();
        let bytes = physical_plan_to_bytes_with_proto_converter(stage, &codec, &converter)?;
        let converter = DeduplicatingProtoConverter::default();
        let decoded = physical_plan_from_bytes_with_proto_converter(&bytes, task, &codec, &converter)?;
        decoded.apply(check_window)?;
    }
    Ok(())
}

/// Window operators look for the order of their input only when they are executed.
fn check_window(node: &Arc<dyn ExecutionPlan>) -> Result<TreeNodeRecursion> {
    if let Some(window) = node.downcast_ref::<BoundedWindowAggExec>() {
        window.partition_by_sort_keys()?;
    }
    if let Some(window) = node.downcast_ref::<WindowAggExec>() {
        window.partition_by_sort_keys()?;
    }
    Ok(TreeNodeRecursion::Continue)
}

/// The plan down to the next network boundaries, as one task sees it; what is below them goes to
/// `stages`.
///
/// A boundary becomes a leaf of which nothing is known but its schema, which is all that a task is
/// told. The planner's nodes that hold something for every task become what the first task is sent.
fn cut_stages(
    node: &Arc<dyn ExecutionPlan>,
    stages: &mut Vec<Arc<dyn ExecutionPlan>>,
) -> Result<Arc<dyn ExecutionPlan>> {
    const UNION_BY_TASK: &str = "ChildrenIsolatorUnionExec";
    if let Some(leaf) = node.downcast_ref::<DistributedLeafExec>() {
        return Ok(Arc::clone(leaf.variants().first().unwrap_or(leaf.original())));
    }
    let children: Result<Vec<_>> =
        node.children().into_iter().map(|child| cut_stages(child, stages)).collect();
    let children = children?;
    if node.is_network_boundary() {
        stages.extend(children);
        let partitions = node.output_partitioning().partition_count();
        return Ok(Arc::new(EmptyExec::new(node.schema()).with_partitions(partitions)));
    }
    if children.is_empty() {
        return Ok(Arc::clone(node));
    }
    if node.name() == UNION_BY_TASK {
        return UnionExec::try_new(children);
    }
    let recompute = ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute);
    Arc::clone(node).replace_children(children, recompute)
}
