//! The words that coordinator, workers and doors share: identifiers, query states, error codes and
//! the usage record a bill is made of.
//!
//! Nothing here knows the engine, HTTP or object storage. Only types of this crate are serialised
//! across a process boundary by scops itself; plans cross it in the engine's own encoding.

mod error;
mod error_code;
mod id;
mod query;
mod usage;
mod worker;

pub use error::{Enveloped, Error, Position, Result};
pub use error_code::{ErrorClass, ErrorCode};
pub use id::QueryId;
pub use query::{QueryRecord, QueryState};
pub use usage::{ByteClass, ClassBytes, TaskUsage, Usage};
pub use worker::{ANNOUNCE_ACTION, Announcement, BUILD_ID, SETTLE_ACTION, SettleRequest};
