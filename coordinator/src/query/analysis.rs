//! Text of a query → a logical plan over a snapshot of the catalog.

use protocol::{Error, ErrorCode, Position, Result};
use sql::{
    QueryText,
    analyze::{self, Analyzed, Session},
    query,
};

use super::{QueryRequest, log::now_micros, snapshot};
use crate::Coordinator;

/// Parses, looks up what the query names, resolves and types it. Errors have their place in the statement.
pub(super) async fn analyze(
    coordinator: &Coordinator,
    request: &QueryRequest,
    text: QueryText,
    parameters: &[QueryText],
) -> Result<Analyzed> {
    let QueryText { text, position } = text;
    let (query, parameters) = query::on_deep_stack(|| {
        let (query, expected) = query::parse_prepared(&text, position)?;
        if expected != parameters.len() {
            return Err(wrong_count(expected, parameters.len(), position));
        }
        let parameters = parameters.iter().map(|value| query::parse_expr(&value.text, value.position));
        Ok((query, parameters.collect::<Result<Vec<_>>>()?))
    })?;
    let sources = snapshot::take(coordinator, &request.database, &query).await?;
    let session = Session {
        database: request.database.clone(),
        user: request.user.clone(),
        now_micros: now_micros(),
        parameters,
    };
    query::on_deep_stack(|| analyze::analyze(&query, &text, position, &sources, &session))
}

fn wrong_count(expected: usize, found: usize, at: Position) -> Error {
    let message = format!("Incorrect number of parameters: expected {expected} but found {found}");
    Error::new(ErrorCode::InvalidQuery, message).at(at.line, at.column)
}
