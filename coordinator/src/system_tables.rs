//! The state of scops itself as tables: `system.queries` and `system.workers`.

use std::sync::Arc;

use arrow::{
    array::{
        ArrayRef, BooleanArray, RecordBatch, StringArray, TimestampMillisecondArray, UInt32Array, UInt64Array,
    },
    error::ArrowError,
};
use protocol::{Error, ErrorCode, QueryRecord, Result};

use crate::{Coordinator, workers::WorkerState};

/// The database of the system tables.
pub(crate) const DATABASE: &str = "system";
const TABLES: [&str; 2] = ["queries", "workers"];

/// The table's rows as they are now.
pub(crate) fn rows(coordinator: &Coordinator, name: &str) -> Result<RecordBatch> {
    let rows = match name {
        "queries" => queries(&coordinator.log().newest()?),
        "workers" => workers(&coordinator.components.workers.states()),
        _ => {
            return Err(Error::new(
                ErrorCode::TableNotFound,
                format!("Table '{DATABASE}.{name}' does not exist"),
            )
            .with_hint(format!("the system tables are {}", TABLES.join(" and "))));
        }
    };
    rows.map_err(|error| Error::internal(format!("{DATABASE}.{name} cannot be built: {error}")))
}

fn strings<'a>(values: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
    Arc::new(values.collect::<StringArray>())
}

fn numbers(records: &[QueryRecord], value: impl Fn(&QueryRecord) -> u64) -> ArrayRef {
    Arc::new(records.iter().map(|record| Some(value(record))).collect::<UInt64Array>())
}

fn times(values: impl Iterator<Item = Option<i64>>) -> ArrayRef {
    Arc::new(values.collect::<TimestampMillisecondArray>())
}

/// Byte columns: `scanned_bytes` is billable and the sum of its classes;
/// `transferred_bytes = scanned_bytes + gap_bytes + retried_bytes`.
fn queries(records: &[QueryRecord]) -> Result<RecordBatch, ArrowError> {
    let ids: Vec<String> = records.iter().map(|record| record.query_id.to_string()).collect();
    let r = records;
    RecordBatch::try_from_iter_with_nullable(vec![
        ("query_id", strings(ids.iter().map(|id| Some(id.as_str()))), false),
        ("state", strings(r.iter().map(|q| Some(q.state.as_str()))), false),
        ("user", strings(r.iter().map(|q| Some(q.user.as_str()))), false),
        ("workgroup", strings(r.iter().map(|q| Some(q.workgroup.as_str()))), false),
        ("sql", strings(r.iter().map(|q| Some(q.sql.as_str()))), false),
        ("scanned_bytes", numbers(r, |q| q.usage.scanned_bytes()), false),
        ("scanned_footer_bytes", numbers(r, |q| q.usage.scanned.footer), false),
        ("scanned_index_bytes", numbers(r, |q| q.usage.scanned.index), false),
        ("scanned_data_bytes", numbers(r, |q| q.usage.scanned.data), false),
        ("scanned_text_bytes", numbers(r, |q| q.usage.scanned.text), false),
        ("transferred_bytes", numbers(r, |q| q.usage.transferred_bytes), false),
        ("gap_bytes", numbers(r, |q| q.usage.gap_bytes), false),
        ("retried_bytes", numbers(r, |q| q.usage.retried_bytes), false),
        ("cached_bytes", numbers(r, |q| q.usage.cached_bytes), false),
        ("requests", numbers(r, |q| q.usage.requests), false),
        ("list_requests", numbers(r, |q| q.usage.list_requests), false),
        ("splits", numbers(r, |q| q.usage.splits), false),
        ("files", numbers(r, |q| q.files), false),
        ("files_total", numbers(r, |q| q.files_total), false),
        ("partitions", numbers(r, |q| q.partitions), false),
        ("partitions_total", numbers(r, |q| q.partitions_total), false),
        ("rows", numbers(r, |q| q.rows), false),
        ("queue_ms", numbers(r, |q| q.queue_ms), false),
        ("plan_ms", numbers(r, |q| q.plan_ms), false),
        ("run_ms", numbers(r, |q| q.run_ms), false),
        (
            "attempts",
            Arc::new(r.iter().map(|q| Some(q.attempts)).collect::<UInt32Array>()) as ArrayRef,
            false,
        ),
        (
            "error_code",
            Arc::new(r.iter().map(|q| q.error_code.map(|c| u32::from(c.number()))).collect::<UInt32Array>())
                as ArrayRef,
            true,
        ),
        ("error_message", strings(r.iter().map(|q| q.error_message.as_deref())), true),
        ("submitted_at", times(r.iter().map(|q| Some(q.submitted_at))), false),
        ("finished_at", times(r.iter().map(|q| q.finished_at)), true),
    ])
}

fn workers(states: &[WorkerState]) -> Result<RecordBatch, ArrowError> {
    let silent = states.iter().map(|worker| Some(worker.silent_ms)).collect::<UInt64Array>();
    let ready = states.iter().map(|worker| Some(worker.ready)).collect::<BooleanArray>();
    RecordBatch::try_from_iter_with_nullable(vec![
        ("url", strings(states.iter().map(|worker| Some(worker.url.as_str()))), false),
        ("ready", Arc::new(ready) as ArrayRef, false),
        ("silent_ms", Arc::new(silent) as ArrayRef, false),
    ])
}
