//! Clauses that sqlparser reads and the planner would drop, or give another meaning, in silence.
//!
//! Each is refused by name. A clause leaves this list together with a test of its meaning.

use datafusion::sql::sqlparser::{
    ast::{Query, Select, SetExpr, SetOperator, SetQuantifier, Spanned, TableFactor},
    tokenizer::Span,
};
use protocol::{Error, ErrorCode, Result};

/// Clauses of a whole query.
pub(super) fn query(query: &Query) -> Result<()> {
    let no_span = Span::empty();
    set_expression(&query.body)?;
    refuse(!query.locks.is_empty(), "FOR UPDATE", no_span)?;
    refuse(query.for_clause.is_some(), "FOR", no_span)?;
    refuse(query.settings.is_some(), "SETTINGS", no_span)?;
    refuse(query.format_clause.is_some(), "FORMAT", no_span)?;
    refuse(!query.pipe_operators.is_empty(), "|>", no_span)
}

/// Walks the set operations of one query; subqueries come by themselves.
fn set_expression(body: &SetExpr) -> Result<()> {
    let mut open = vec![body];
    while let Some(expr) = open.pop() {
        match expr {
            SetExpr::Insert(_) => refuse(true, "INSERT", Span::empty())?,
            SetExpr::Update(_) => refuse(true, "UPDATE", Span::empty())?,
            SetExpr::Delete(_) => refuse(true, "DELETE", Span::empty())?,
            SetExpr::Merge(_) => refuse(true, "MERGE", Span::empty())?,
            SetExpr::SetOperation { left, op, set_quantifier, right } => {
                set_operation(*op, *set_quantifier)?;
                open.extend([&**left, &**right]);
            }
            SetExpr::Select(_) | SetExpr::Query(_) | SetExpr::Values(_) | SetExpr::Table(_) => {}
        }
    }
    Ok(())
}

fn set_operation(op: SetOperator, quantifier: SetQuantifier) -> Result<()> {
    let by_name = matches!(
        quantifier,
        SetQuantifier::ByName | SetQuantifier::AllByName | SetQuantifier::DistinctByName
    );
    refuse(by_name, &format!("{op} BY NAME"), Span::empty())?;
    // The planner makes semi and anti joins of these, which lose how often a row occurs.
    let loses_count = op != SetOperator::Union && quantifier == SetQuantifier::All;
    refuse(loses_count, &format!("{op} ALL"), Span::empty())
}

/// Clauses of one SELECT.
pub(super) fn select(select: &Select) -> Result<()> {
    let span = select.select_token.0.span;
    refuse(select.into.is_some(), "SELECT INTO", span)?;
    refuse(!select.optimizer_hints.is_empty(), "an optimizer hint", span)?;
    refuse(select.select_modifiers.is_some(), "a SELECT modifier", span)?;
    refuse(select.top.is_some(), "TOP", span)?;
    refuse(select.exclude.is_some(), "EXCLUDE", span)?;
    refuse(!select.lateral_views.is_empty(), "LATERAL VIEW", span)?;
    refuse(select.prewhere.is_some(), "PREWHERE", span)?;
    refuse(!select.connect_by.is_empty(), "CONNECT BY", span)?;
    refuse(!select.cluster_by.is_empty(), "CLUSTER BY", span)?;
    refuse(!select.distribute_by.is_empty(), "DISTRIBUTE BY", span)?;
    refuse(!select.sort_by.is_empty(), "SORT BY", span)?;
    refuse(select.value_table_mode.is_some(), "SELECT AS", span)
}

/// Clauses of one item of FROM.
pub(super) fn table(table: &TableFactor) -> Result<()> {
    match table {
        TableFactor::Table {
            name,
            with_hints,
            version,
            with_ordinality,
            partitions,
            json_path,
            sample,
            index_hints,
            alias: _,
            args: _,
        } => {
            let span = name.span();
            refuse(sample.is_some(), "TABLESAMPLE", span)?;
            refuse(version.is_some(), "time travel", span)?;
            refuse(*with_ordinality, "WITH ORDINALITY", span)?;
            refuse(!with_hints.is_empty() || !index_hints.is_empty(), "a table hint", span)?;
            refuse(!partitions.is_empty(), "PARTITION of a table in a query", span)?;
            refuse(json_path.is_some(), "a path behind a table", span)
        }
        TableFactor::Derived { sample, lateral: _, subquery: _, alias: _ } => {
            refuse(sample.is_some(), "TABLESAMPLE", Span::empty())
        }
        TableFactor::UNNEST {
            with_offset,
            with_ordinality,
            alias: _,
            array_exprs: _,
            with_offset_alias: _,
        } => {
            refuse(*with_offset, "WITH OFFSET", Span::empty())?;
            refuse(*with_ordinality, "UNNEST WITH ORDINALITY", Span::empty())
        }
        TableFactor::MatchRecognize { .. } => refuse(true, "MATCH_RECOGNIZE", Span::empty()),
        // The planner refuses these by itself, or plans all of them.
        TableFactor::TableFunction { .. }
        | TableFactor::Function { .. }
        | TableFactor::JsonTable { .. }
        | TableFactor::OpenJsonTable { .. }
        | TableFactor::NestedJoin { .. }
        | TableFactor::Pivot { .. }
        | TableFactor::Unpivot { .. }
        | TableFactor::XmlTable { .. }
        | TableFactor::SemanticView { .. } => Ok(()),
    }
}

/// An error naming `construct` if it is there.
fn refuse(present: bool, construct: &str, span: Span) -> Result<()> {
    if !present {
        return Ok(());
    }
    let error = Error::new(ErrorCode::NotSupported, format!("{construct} is not supported"));
    if span == Span::empty() { Err(error) } else { Err(error.at(span.start.line, span.start.column)) }
}
