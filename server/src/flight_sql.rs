//! Flight SQL: the door of JDBC, ADBC and the command line.
//!
//! ```text
//! listen.rs ─► door.rs ─► service.rs ─┬─► statement.rs, prepared.rs ─► pending.rs ─► cancel.rs
//!                                     ├─► metadata.rs, sql_info.rs, xdbc_types.rs
//!                                     └─► auth.rs, actions.rs, session.rs
//! ```

mod actions;
mod auth;
mod caller;
mod cancel;
mod door;
mod listen;
mod metadata;
mod name_pattern;
mod pending;
mod prepared;
mod service;
mod session;
mod sql_info;
mod statement;
mod xdbc_types;

pub use listen::serve_flight;

use tonic::Status;

/// A message that cannot be decoded: the client's mistake.
fn malformed(error: impl std::fmt::Display) -> Status {
    Status::invalid_argument(format!("the request cannot be decoded: {error}"))
}
