//! Runs tasks: decodes a fragment of a plan, reads splits, streams batches to whoever asks.
//!
//! A worker never calls a catalog and keeps nothing between tasks but caches. It knows the
//! coordinator only as an address to announce itself to.

mod announce;
mod open_queries;
mod serve;
mod settle;
mod task_session;

pub use serve::{Components, serve};
