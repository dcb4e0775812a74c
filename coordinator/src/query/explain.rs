//! `EXPLAIN`: plans as text, JSON or a graph, and what a query would read.

use std::sync::Arc;

use arrow::{
    array::{BooleanArray, RecordBatch},
    datatypes::{DataType, Field, Schema},
};
use datafusion::{
    logical_expr::{LogicalPlan, LogicalPlanBuilder},
    physical_plan::{ExecutionPlan, displayable},
};
use datafusion_distributed::{DistributedExec, display_plan_ascii};
use protocol::{Error, ErrorCode, Result};
use serde_json::{Value, json};
use sql::{Explain, ExplainFormat, ExplainKind, analyze::Analyzed};

use super::{
    plan::{self, Estimate},
    result::Work,
    session::QuerySession,
};

/// The one column of a plan, as in Trino.
const QUERY_PLAN: &str = "Query Plan";

pub(super) async fn explain(session: &QuerySession, analyzed: Analyzed, explain: &Explain) -> Result<Work> {
    if explain.analyze && explain.format != ExplainFormat::Text {
        return Err(Error::new(ErrorCode::NotSupported, "EXPLAIN ANALYZE (FORMAT JSON) is not supported"));
    }
    if explain.analyze {
        return analyze(session, analyzed, explain.verbose).await;
    }
    let logical = plan::optimized(session, &analyzed.plan)?;
    let text = match explain.kind {
        ExplainKind::Validate => return valid(),
        ExplainKind::Logical => logical_text(&logical, explain.format),
        ExplainKind::Distributed => {
            let (physical, _) = plan::physical_plan(session, &logical).await?;
            let text = physical_text(&physical, explain.format, explain.verbose);
            match explain.verbose && explain.format == ExplainFormat::Text {
                true => format!("{}\n\n{text}", logical.display_indent()),
                false => text,
            }
        }
        ExplainKind::Io => io(&plan::estimate(session, &logical).await?),
    };
    plan::lines(QUERY_PLAN, &text)
}

/// Runs the query and shows the plan with what each operator measured.
async fn analyze(session: &QuerySession, analyzed: Analyzed, verbose: bool) -> Result<Work> {
    let explained = LogicalPlanBuilder::from(analyzed.plan)
        .explain(verbose, true)
        .and_then(LogicalPlanBuilder::build)
        .map_err(sql::plan_error)?;
    let schema = Arc::new(explained.schema().as_arrow().clone());
    plan::run(session, explained, schema).await
}

/// A query that got so far can be run.
fn valid() -> Result<Work> {
    let schema = Arc::new(Schema::new(vec![Field::new("Valid", DataType::Boolean, false)]));
    let batch = RecordBatch::try_new(Arc::clone(&schema), vec![Arc::new(BooleanArray::from(vec![true]))])
        .map_err(|error| Error::internal(format!("an answer cannot be built: {error}")))?;
    Ok(Work::Batch { schema, batch })
}

fn logical_text(plan: &LogicalPlan, format: ExplainFormat) -> String {
    match format {
        ExplainFormat::Text => plan.display_indent().to_string(),
        ExplainFormat::Graphviz => plan.display_graphviz().to_string(),
        ExplainFormat::Json => pretty(&logical_json(plan)),
    }
}

fn logical_json(plan: &LogicalPlan) -> Value {
    let descriptor = plan.display().to_string();
    let name = descriptor.split(':').next().unwrap_or_default().to_owned();
    let children: Vec<Value> = plan.inputs().into_iter().map(logical_json).collect();
    json!({ "name": name, "descriptor": descriptor, "children": children })
}

fn physical_text(plan: &Arc<dyn ExecutionPlan>, format: ExplainFormat, verbose: bool) -> String {
    match format {
        ExplainFormat::Text if plan.is::<DistributedExec>() => display_plan_ascii(plan.as_ref(), false),
        ExplainFormat::Text => displayable(plan.as_ref()).indent(verbose).to_string(),
        ExplainFormat::Graphviz => displayable(plan.as_ref()).graphviz().to_string(),
        ExplainFormat::Json => pretty(&physical_json(plan)),
    }
}

fn physical_json(plan: &Arc<dyn ExecutionPlan>) -> Value {
    let descriptor = displayable(plan.as_ref()).one_line().to_string();
    let children: Vec<Value> = plan.children().into_iter().map(physical_json).collect();
    json!({ "name": plan.name(), "descriptor": descriptor.trim(), "children": children })
}

/// What the query would read; the bytes are an upper bound.
fn io(estimate: &Estimate) -> String {
    pretty(&json!({ "estimate": {
        "scanBytesMax": estimate.scan_bytes_max,
        "files": estimate.files,
        "filesTotal": estimate.files_total,
        "partitions": estimate.partitions,
        "partitionsTotal": estimate.partitions_total,
    }}))
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}
