//! The doors: how clients reach the coordinator.
//!
//! A door decodes and authenticates a request, turns it into a [`coordinator::QueryRequest`], and
//! encodes what comes back. It decides nothing about queries and knows no engine: it sees Arrow
//! streams and plain structs.

mod flight_sql;
mod health;
mod plain_types;
mod status;

pub use flight_sql::serve_flight;
pub use health::serve_health;
