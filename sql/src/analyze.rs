//! A query's tree → the engine's logical plan, with every name resolved and every type decided.
//!
//! The plan holds only what has Trino's meaning: functions of the registry, casts that this module put in,
//! and operators of the engine on types for which both agree. Columns in the plan have names that occur
//! once (`total#7`); the names users see travel beside it ([`Analyzed::columns`]), because they may repeat.

mod aggregate;
mod call;
mod composed;
mod conditional;
mod decorrelate;
mod expr;
mod frame;
mod grouping;
mod json;
mod lambda;
mod lateral;
mod literal;
mod operators;
mod query;
mod ranges;
mod relation;
mod scope;
mod select;
mod set;
mod subquery;
mod typed;
mod unnest;
mod volatile;
mod window;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use datafusion::logical_expr::{LogicalPlan, TableSource};
use functions::{Fault, Type};
use protocol::{Error, ErrorCode, Position, Result};

use crate::{
    ast::{At, Expr, Query},
    query::Problem,
};
use relation::RelationPlan;

/// What stands behind a name in FROM.
#[derive(Debug, Clone)]
pub enum Source {
    Table(Table),
    View(View),
    /// Why there is nothing; told if the name is not that of a WITH query.
    Missing(Error),
}

/// A table that can be scanned.
#[derive(Clone)]
pub struct Table {
    pub source: Arc<dyn TableSource>,
    /// In the order of the source's schema.
    pub columns: Vec<Column>,
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table").field("columns", &self.columns).finish()
    }
}

/// A column of a table or of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub data_type: Type,
    /// Found by its name only, not by `*`: `"$path"`.
    pub hidden: bool,
}

/// A stored query.
#[derive(Debug, Clone)]
pub struct View {
    pub query: Query,
    /// Where its names without a database are looked up.
    pub database: String,
    /// The names and types it was created with.
    pub columns: Vec<Column>,
}

/// The tables and views that a query may name: `(database, table)`, lower case.
pub type Sources = HashMap<(String, String), Source>;

/// What a query may ask of its session.
#[derive(Debug, Clone)]
pub struct Session {
    /// The database of names without one.
    pub database: String,
    pub user: String,
    /// Microseconds since the epoch that `now()` stands for.
    pub now_micros: i64,
    /// The values of `?`, in order.
    pub parameters: Vec<Expr>,
}

/// A query that can be planned.
#[derive(Debug, Clone)]
pub struct Analyzed {
    pub plan: LogicalPlan,
    /// One for each column of the plan, by position. Names may repeat; that of an expression without alias is empty.
    pub columns: Vec<Column>,
}

/// The one catalog; its name may stand in front of a database.
pub const CATALOG: &str = "awsdatacatalog";

/// Analyses a query whose text is `text`. Errors have the position of what they are about, counted from `start`.
///
/// Recurses as deep as the query is nested: call it where [`crate::query::on_deep_stack`] puts it.
pub fn analyze(
    query: &Query,
    text: &str,
    start: Position,
    sources: &Sources,
    session: &Session,
) -> Result<Analyzed> {
    let mut analyzer = Analyzer::new(sources, session);
    let relation = analyzer.whole(query).map_err(|problem| problem.located(text, start))?;
    let columns = relation
        .fields
        .iter()
        .map(|field| Column { name: field.output_name(), data_type: field.data_type.clone(), hidden: false })
        .collect();
    Ok(Analyzed { plan: relation.plan, columns })
}

pub(crate) type Done<T> = std::result::Result<T, Problem>;

/// State of one analysis.
pub(crate) struct Analyzer<'a> {
    sources: &'a Sources,
    session: &'a Session,
    /// Database of names without one: that of the session, or of the view being expanded.
    database: String,
    /// WITH queries that can be named here, innermost last.
    ctes: Vec<(String, CteState)>,
    /// Qualifiers of scans in use.
    qualifiers: HashSet<String>,
    next_name: usize,
    /// Views being expanded, outermost first: `(database, view)`.
    views: Vec<(String, String)>,
    /// How many have been, one as often as it was named.
    views_expanded: usize,
    /// True once a subquery uses columns of the query around it.
    correlated: bool,
}

/// A WITH query.
#[derive(Debug, Clone)]
enum CteState {
    /// Inside its own definition: what the steps before produced.
    Working(RelationPlan),
    /// A recursive query, done.
    Done(RelationPlan),
}

/// Views inside views, at most.
const VIEWS_MAX: usize = 32;
/// Views that one query expands, at most: twenty that each name the one before twice are a million.
const VIEWS_EXPANDED_MAX: usize = 1_000;

impl<'a> Analyzer<'a> {
    fn new(sources: &'a Sources, session: &'a Session) -> Self {
        Self {
            sources,
            session,
            database: session.database.clone(),
            ctes: Vec::new(),
            qualifiers: HashSet::new(),
            next_name: 0,
            views: Vec::new(),
            views_expanded: 0,
            correlated: false,
        }
    }

    fn whole(&mut self, query: &Query) -> Done<RelationPlan> {
        let mut relation = self.query(query, None)?;
        if self.correlated {
            relation.plan = self.decorrelated(relation.plan).at(query.at)?;
        }
        Ok(relation)
    }

    /// A column name that occurs nowhere else in the plan.
    fn fresh(&mut self, name: &str) -> String {
        self.next_name += 1;
        let name = if name.is_empty() { "expr" } else { name };
        format!("{name}#{}", self.next_name)
    }

    /// A qualifier for one scan.
    fn fresh_qualifier(&mut self, name: &str) -> String {
        let mut qualifier = name.to_owned();
        while !self.qualifiers.insert(qualifier.clone()) {
            self.next_name += 1;
            qualifier = format!("{name}#{}", self.next_name);
        }
        qualifier
    }
}

/// A problem at a place.
fn problem(code: ErrorCode, message: impl Into<String>, at: At) -> Problem {
    Problem::new(Error::new(code, message), at)
}

fn syntax(message: impl Into<String>, at: At) -> Problem {
    problem(ErrorCode::SyntaxError, message, at)
}

fn mismatch(message: impl Into<String>, at: At) -> Problem {
    problem(ErrorCode::TypeMismatch, message, at)
}

fn not_supported(what: impl std::fmt::Display, at: At) -> Problem {
    problem(ErrorCode::NotSupported, format!("{what} is not supported"), at)
}

/// Gives faults and engine errors a place.
trait AtPlace<T> {
    fn at(self, at: At) -> Done<T>;
}

impl<T> AtPlace<T> for std::result::Result<T, Fault> {
    fn at(self, at: At) -> Done<T> {
        self.map_err(|fault| Problem::new(fault.into(), at))
    }
}

impl<T> AtPlace<T> for datafusion::error::Result<T> {
    fn at(self, at: At) -> Done<T> {
        self.map_err(|error| Problem::new(crate::plan_error(error), at))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;
