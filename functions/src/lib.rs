//! Athena's types and functions.
//!
//! [`Type`] is what a user means by a type; each has one Arrow type that carries it. A [`Function`] has
//! Trino's signatures over those types, and a kernel over Arrow arrays. All of them stand in one
//! [`registry`], which the planner resolves names against and which every process gives to its engine.
//!
//! Nothing here knows tables, plans or SQL text.

pub mod cast;
pub mod registry;
pub mod signature;
pub mod types;

mod call;
mod coerce;
mod columns;
mod fault;
mod function;

mod aggregate;
mod array;
mod binary;
mod bitwise;
mod color;
pub mod datetime;
mod format;
mod geo;
mod json;
mod lambda;
mod map;
mod math;
pub mod network;
mod operators;
pub mod output;
mod regexp;
mod sketch;
mod special;
mod string;
mod url;
mod window;

pub use array::compare::form::has_many_forms;
pub use call::Call;
pub use coerce::{can_coerce, common_type};
pub use fault::Fault;
pub use function::{Function, Kernel, Kind, Nulls};
pub use json::json_literal;
pub use types::{RowField, Type};

#[cfg(test)]
mod testing;
