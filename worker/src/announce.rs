//! Tells the coordinator that this worker is there, and what it has read.

use std::{sync::Arc, time::Duration};

use engine::{WorkerChannels, call_action};
use protocol::{ANNOUNCE_ACTION, Announcement, BUILD_ID};
use url::Url;

use crate::open_queries::OpenQueries;

/// How often a worker announces itself, and so how much accounting a killed worker can lose.
const INTERVAL: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(3);

/// Announces `own` to `coordinator` for ever, whether or not it answers.
pub(crate) async fn announce_forever(own: Url, coordinator: Url, queries: Arc<OpenQueries>) {
    let channels = WorkerChannels::default();
    let mut tick = tokio::time::interval(INTERVAL);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut reached = None;
    loop {
        tick.tick().await;
        let answer = announce(&channels, &own, &coordinator, &queries, true).await;
        match (&answer, reached) {
            (Ok(()), None | Some(false)) => {
                tracing::info!(%coordinator, worker = %own, "joined the coordinator")
            }
            (Err(error), None | Some(true)) => {
                tracing::warn!(%coordinator, %error, "the coordinator does not answer")
            }
            _ => {}
        }
        reached = Some(answer.is_ok());
    }
}

/// Announces once. With `ready` false the worker is not given new tasks.
pub(crate) async fn announce(
    channels: &WorkerChannels,
    own: &Url,
    coordinator: &Url,
    queries: &OpenQueries,
    ready: bool,
) -> protocol::Result<()> {
    let announcement =
        Announcement { url: own.to_string(), build_id: BUILD_ID.to_owned(), ready, usage: queries.usage() };
    let channel = channels.channel(coordinator)?;
    call_action(channel, ANNOUNCE_ACTION, &announcement, PATIENCE).await
}
