//! How a plan is spread over workers: task counts, splits, routing, and the bill at the end.
//!
//! With `query/session.rs` the only place that knows the distributed planner.

mod encoding;
mod frozen_workers;
mod handlers;
pub(crate) mod settle;

pub(crate) use encoding::check_encoding;
pub(crate) use frozen_workers::FrozenWorkers;
pub(crate) use handlers::{CountTasks, RouteByAffinity, SpreadSplits};
