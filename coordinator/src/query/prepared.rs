//! `EXECUTE`: the query of a prepared statement.

use std::sync::Arc;

use protocol::{Error, ErrorCode, Position, Result};
use sql::{QueryText, Statement};

use crate::{Coordinator, ddl};

/// The query that was prepared under this name.
pub(super) async fn query(coordinator: &Arc<Coordinator>, name: &str) -> Result<QueryText> {
    let text = ddl::prepared_statement(&coordinator.components.catalog, name).await?;
    only_query(QueryText { text, position: Position { line: 1, column: 1 } })
}

/// The statement, if it is a query.
pub(super) fn only_query(statement: QueryText) -> Result<QueryText> {
    match sql::parse::statement(&statement.text)? {
        Statement::Query(query) => Ok(QueryText { text: query.text, position: statement.position }),
        _ => Err(Error::new(
            ErrorCode::NotSupported,
            "EXECUTE of a statement that is not a query is not supported yet",
        )),
    }
}
