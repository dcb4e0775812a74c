//! Closes a query's bill: what this process read, and what each worker that took part read.

use std::{sync::Arc, time::Duration};

use connectors::ScanContext;
use engine::{QueryControl, call_action};
use futures::{StreamExt, stream::FuturesUnordered};
use protocol::{QueryId, SETTLE_ACTION, SettleRequest, TaskUsage, Usage};
use url::Url;

use crate::workers::WorkerList;

/// How long readers of this process get to stop.
const READERS_STOP_WITHIN: Duration = Duration::from_secs(2);
/// How long a worker gets to answer; one that does not is billed by its last announcement.
const WORKER_ANSWERS_WITHIN: Duration = Duration::from_secs(4);

/// Stops all reading for the attempt and adds up.
pub(crate) async fn settle(
    workers: &Arc<WorkerList>,
    control: &QueryControl,
    context: &Arc<ScanContext>,
    query_id: QueryId,
    attempt: u32,
) -> Usage {
    if !context.close(READERS_STOP_WITHIN).await {
        tracing::warn!(%query_id, "readers were still at work when their query was settled");
    }
    let mut total = context.meter.snapshot();
    let asked = control.workers().into_iter().map(|url| ask(workers, url, query_id, attempt));
    let mut answers: FuturesUnordered<_> = asked.collect();
    while let Some(usage) = answers.next().await {
        total += usage;
    }
    total
}

async fn ask(workers: &Arc<WorkerList>, url: Url, query_id: QueryId, attempt: u32) -> Usage {
    let request = SettleRequest { query_id, attempt };
    let answer: protocol::Result<TaskUsage> = match workers.channels().channel(&url) {
        Ok(channel) => call_action(channel, SETTLE_ACTION, &request, WORKER_ANSWERS_WITHIN).await,
        Err(error) => Err(error),
    };
    match answer {
        Ok(answer) => answer.usage,
        Err(error) => {
            let last = workers.last_usage(&url, query_id, attempt);
            tracing::warn!(worker = %url, %query_id, %error, "billed by the last announcement");
            last
        }
    }
}
