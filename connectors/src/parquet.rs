//! Parquet, read by the engine's own scan through our reader.
//!
//! The engine prunes row groups (statistics, bloom filters, dynamic filters) and pages; this module
//! gives it footers from the process's cache, counts every byte, and maps columns by name in any
//! case, or by position.

mod adapter;
mod footer;
mod reader;
mod scan;

pub(crate) use adapter::{ColumnMatch, file_positions};
pub(crate) use footer::{Footer, FooterCache, load};
pub use scan::forbid_engine_stores;
pub(crate) use scan::stream;
