//! Athena's language: the text of one statement becomes a [`Statement`], a query in it becomes a plan, and what
//! the engine says about a bad one becomes a typed error in Athena's words.
//!
//! [`parse::statement`] routes by the first words: Hive DDL and Athena's utility statements have one parser,
//! queries have another, for Trino's grammar ([`query`]). [`analyze`] resolves a query's names against tables
//! that the caller looked up, decides its types, and makes the engine's logical plan. Running plans is the
//! coordinator's work; it hands the engine's complaints to [`plan_error`].

pub mod analyze;
pub mod ast;
pub mod names_of;
pub mod parse;
pub mod query;

mod names;
mod plan_error;
mod position;
mod statement;

pub use names::{nearest, quote_identifier};
pub use plan_error::plan_error;
pub use statement::{
    Buckets, Column, ColumnChange, ColumnPlace, Comparison, CreateTable, CreateTableAs, CreateView,
    Delimited, Detail, Explain, ExplainFormat, ExplainKind, FileFormat, Insert, LikePattern, PartitionChange,
    PartitionCondition, PartitionFilter, PartitionLiteral, PartitionSpec, Property, PropertyValue, QueryText,
    RowFormat, SortColumn, Statement, StatsSubject, StoredAs, TableChange, TableName, Unload,
};
