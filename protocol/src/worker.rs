//! What a worker and the coordinator tell each other, besides the engine's own traffic.
//!
//! The messages are Arrow Flight actions (`DoAction`) with a JSON body. A worker announces itself on
//! the address the coordinator gives with `--worker-listen`; the coordinator settles a query on the
//! address the worker announced.

use serde::{Deserialize, Serialize};

use crate::{QueryId, TaskUsage};

/// Version of the plan encoding. Workers of another build are not used: plans of different engine
/// versions do not decode, or decode wrongly. The number behind the last `+` is raised with every
/// change of our own encodings.
pub const BUILD_ID: &str = concat!(env!("CARGO_PKG_VERSION"), "+datafusion-55.2.0+1");

/// Action type of [`Announcement`].
pub const ANNOUNCE_ACTION: &str = "scops.announce";
/// Action type of [`SettleRequest`]; answered with a [`TaskUsage`].
pub const SETTLE_ACTION: &str = "scops.settle";

/// "I am here", sent every second; a worker that stops sending is forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcement {
    /// The URL under which coordinator and other workers reach it, `http://host:port`.
    pub url: String,
    pub build_id: String,
    /// False while the worker drains: it finishes its tasks and takes no new ones.
    pub ready: bool,
    /// What the worker has read for each attempt that is not settled: the bill if it dies.
    pub usage: Vec<TaskUsage>,
}

/// "The attempt is over: stop reading and tell what you read."
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettleRequest {
    pub query_id: QueryId,
    pub attempt: u32,
}
