//! Statements around a query, or around another statement.
//!
//! What is inside stays text: the query parser reads it when it is wanted, and its complaints are moved
//! to where the text stands in the statement.

use protocol::Position;

use super::TableName;

/// A part of a statement, for a parser of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryText {
    /// As written, without space or comments around it.
    pub text: String,
    /// Of its first character, in the whole statement.
    pub position: Position,
}

/// `CREATE [OR REPLACE] VIEW name [COMMENT '…'] [SECURITY …] AS query`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateView {
    pub name: TableName,
    pub or_replace: bool,
    pub comment: Option<String>,
    /// `SECURITY INVOKER` was asked for; otherwise the view is its definer's.
    pub run_as_invoker: bool,
    pub query: QueryText,
}

/// `CREATE TABLE name [WITH (…)] AS query [WITH [NO] DATA]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateTableAs {
    pub name: TableName,
    pub if_not_exists: bool,
    /// Names for the query's columns; empty where none are said.
    pub columns: Vec<String>,
    pub comment: Option<String>,
    /// In written order; no name twice.
    pub properties: Vec<(String, PropertyValue)>,
    pub query: QueryText,
    /// False after `WITH NO DATA`.
    pub with_data: bool,
}

/// `INSERT INTO table [(columns)] query`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Insert {
    pub table: TableName,
    /// Empty: all columns, in their order.
    pub columns: Vec<String>,
    pub query: QueryText,
}

/// `UNLOAD (query) TO 'location' WITH (…)`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unload {
    pub query: QueryText,
    pub location: String,
    /// In written order; no name twice.
    pub properties: Vec<(String, PropertyValue)>,
}

/// A constant in `WITH (name = value, …)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PropertyValue {
    Text(String),
    /// In the digits that were written, with their sign.
    Number(String),
    Boolean(bool),
    Array(Vec<PropertyValue>),
}

/// `EXPLAIN` with options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explain {
    /// Runs the query and reports what it did.
    pub analyze: bool,
    pub verbose: bool,
    pub kind: ExplainKind,
    pub format: ExplainFormat,
    pub query: QueryText,
}

/// `TYPE` of an `EXPLAIN`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ExplainKind {
    Logical,
    #[default]
    Distributed,
    /// Whether the query can be planned at all.
    Validate,
    /// What it would read, as JSON.
    Io,
}

/// `FORMAT` of an `EXPLAIN`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ExplainFormat {
    #[default]
    Text,
    Json,
    Graphviz,
}

/// Of what `SHOW STATS FOR` tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatsSubject {
    Table(TableName),
    Query(QueryText),
}

/// A pattern of SQL: `%` any text, `_` any character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LikePattern {
    pub pattern: String,
    /// Takes the next character's meaning away.
    pub escape: Option<char>,
}
