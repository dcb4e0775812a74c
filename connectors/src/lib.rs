//! How a table is read: from a catalog entry and a query's predicate to splits, and from a split to
//! record batches.
//!
//! ```text
//! HiveTable::scan ─ prune partitions ─ list ─ prune files ─► ScanExec { splits } ─ codec ─► worker
//! ScanExec::execute ─► parquet | orc | text ─► batches of the table's schema
//! ```
//!
//! Nothing here talks to a catalog while a task runs: a [`ScanExec`] carries everything, and reads
//! through the [`ScanContext`] of its session, which holds the meter.

mod caches;
mod error;
mod file_column;
mod hive;
pub mod orc;
mod parquet;
mod read;
mod scan_codec;
mod scan_context;
mod scan_exec;
mod scan_spec;
mod split;
pub mod text;
mod text_format;

pub use caches::Caches;
pub use error::to_datafusion;
pub use file_column::FileColumn;
pub use hive::{HiveTable, assign, check_projection, listing_age_max};
pub use parquet::forbid_engine_stores;
pub use scan_codec::ScanCodec;
pub use scan_context::{ScanContext, ScanCounts, ScanGuard};
pub use scan_exec::ScanExec;
pub use scan_spec::{Format, ScanSpec};
pub use split::{Split, SplitRead};
