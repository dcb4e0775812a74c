//! A Hive table as the engine sees it, from its definition to splits.

mod assign;
mod file_filter;
mod files;
mod prune;
mod splits;
mod statistics;
mod table;

pub use assign::assign;
pub use files::listing_age_max;
pub use table::{HiveTable, check_projection};
