//! A query's life: parse, plan, prune, dispatch, meter, log.
//!
//! Every door submits to the same [`Coordinator`]. Read `query/run.rs` first: it is the life of a
//! query in one function.

mod coordinator;
mod ddl;
mod information_schema;
mod query;
mod stages;
mod system_tables;
mod workers;

pub use coordinator::{Components, Coordinator, Settings};
pub use query::{Output, Query, QueryLog, QueryRequest, ResultStream};
pub use workers::{WorkerList, WorkerService};
