//! `PREPARE` and `DEALLOCATE PREPARE`. As in Athena, statements are a workgroup's and last until they
//! are removed.

use std::sync::Arc;

use catalog::{CatalogStore, PreparedStatement};
use protocol::{Error, ErrorCode, Result};
use sql::QueryText;

use super::DdlContext;

/// The only workgroup there is, by the name of Athena's first one.
pub(crate) const WORKGROUP: &str = "primary";

/// Keeps the statement, in the place of one of the same name.
pub(super) async fn prepare(cx: &DdlContext<'_>, name: String, statement: QueryText) -> Result<()> {
    let workgroup = WORKGROUP.to_owned();
    let statement =
        PreparedStatement { workgroup, name, statement: statement.text, ..PreparedStatement::default() };
    cx.catalog.put_prepared_statement(statement).await
}

/// Removes the statement.
pub(super) async fn deallocate(cx: &DdlContext<'_>, name: &str) -> Result<()> {
    match cx.catalog.delete_prepared_statement(WORKGROUP, name).await? {
        true => Ok(()),
        false => Err(not_found(cx.catalog, name).await),
    }
}

/// The text of a prepared statement, for `EXECUTE`.
pub(crate) async fn prepared_statement(catalog: &Arc<dyn CatalogStore>, name: &str) -> Result<String> {
    match catalog.prepared_statement(WORKGROUP, name).await? {
        Some(found) => Ok(found.statement),
        None => Err(not_found(catalog, name).await),
    }
}

async fn not_found(catalog: &Arc<dyn CatalogStore>, name: &str) -> Error {
    let known = match catalog.prepared_statements(WORKGROUP).await {
        Ok(known) => known,
        Err(error) => return error,
    };
    let error = Error::new(ErrorCode::InvalidQuery, format!("Prepared statement not found: {name}"));
    match sql::nearest(name, known.iter().map(|prepared| prepared.name.as_str())) {
        Some(near) => error.with_hint(format!("did you mean \"{near}\"?")),
        None => error.with_hint(format!("make it with PREPARE {} FROM …", sql::quote_identifier(name))),
    }
}
