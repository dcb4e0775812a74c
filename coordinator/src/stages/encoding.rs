//! Whether workers will be able to read a plan.
//!
//! Operators check their inputs when they are decoded, and what the planner knew of an input (that a
//! column is constant, so that the data counts as sorted by it) is not part of the encoding: a window
//! over `WHERE key = 5` partitioned by `key` plans well and fails on the worker. Some operators have no
//! encoding at all, recursive queries among them. Decoding the plan here finds both before any task
//! is sent.

use std::sync::Arc;

use datafusion::{error::Result, execution::TaskContext, physical_plan::ExecutionPlan};
use datafusion_distributed::{DistributedCodec, DistributedExec};
use datafusion_proto::{
    bytes::{physical_plan_from_bytes_with_proto_converter, physical_plan_to_bytes_with_proto_converter},
    physical_plan::DeduplicatingProtoConverter,
};

/// Encodes and decodes a distributed plan; other plans always pass.
///
/// Costs a few milliseconds for a plan with a thousand splits.
pub(crate) fn check_encoding(plan: &Arc<dyn ExecutionPlan>, task: &TaskContext) -> Result<()> {
    if !plan.is::<DistributedExec>() {
        return Ok(());
    }
    let codec = DistributedCodec::new_combined_with_user(task.session_config());
    for stage in plan.children() {
        let converter = DeduplicatingProtoConverter::default();
        let stage = Arc::clone(stage);
        let bytes = physical_plan_to_bytes_with_proto_converter(stage, &codec, &converter)?;
        let converter = DeduplicatingProtoConverter::default();
        physical_plan_from_bytes_with_proto_converter(&bytes, task, &codec, &converter)?;
    }
    Ok(())
}
