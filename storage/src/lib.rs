//! Objects by URL, and the meter every read passes.
//!
//! This crate is the only one that opens object stores. Everybody else names an object by its
//! location and reads it through an [`ObjectReader`], which counts what was asked for, what crossed
//! the wire and what was wasted ([`Meter`]), pins the version (ETag) and retries within bounds.
//! It knows nothing of tables, formats or queries.

mod error;
mod list;
mod listing_cache;
mod location;
mod meter;
mod ranges;
mod reader;
mod retry;
mod settings;
mod stores;
mod tail;

pub use location::{Location, Scheme};
pub use meter::Meter;
pub use reader::{ByteStream, ObjectReader};
pub use settings::{FileSettings, S3Settings, Settings};
pub use stores::{ObjectRef, Storage};
