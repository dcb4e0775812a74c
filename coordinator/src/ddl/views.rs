//! Views: made, dropped and shown. Reading one is the planner's work, which finds the query in
//! [`catalog::ViewDefinition`].

use std::{collections::HashSet, sync::Arc};

use catalog::{CatalogStore, Table, ViewDefinition};
use protocol::{Error, ErrorCode, Result};
use sql::{CreateView, TableName, quote_identifier};

use super::{DdlContext, names, pattern, unless_missing, until_settled, wrong_kind};

/// The name of the one catalog, as Athena calls it.
const CATALOG: &str = "awsdatacatalog";

/// Keeps the view. `columns` are the names and Trino types of its query's columns, an absent name empty;
/// `session_database` is that of names without one, in the query too.
pub(crate) async fn create_view(
    catalog: &Arc<dyn CatalogStore>,
    session_database: &str,
    view: &CreateView,
    columns: Vec<(String, String)>,
) -> Result<()> {
    check_columns(&columns)?;
    let (database, name) = names(&view.name, session_database);
    let definition = ViewDefinition {
        original_sql: view.query.text.clone(),
        catalog: Some(CATALOG.to_owned()),
        schema: Some(session_database.to_owned()),
        columns,
        comment: view.comment.clone(),
        owner: None,
        run_as_invoker: view.run_as_invoker,
    };
    let table = &definition.to_table(database, name)?;
    until_settled(move || async move {
        match catalog.create_table(table.clone()).await {
            Err(error) if error.code == ErrorCode::AlreadyExists => {}
            other => return other.map(std::mem::drop),
        }
        let present = match catalog.table(database, name).await {
            // Dropped meanwhile.
            Err(error) if error.code == ErrorCode::TableNotFound => return Err(error.retryable()),
            other => other?,
        };
        if !present.is_view() {
            return Err(already_exists("Table", &present));
        }
        if !view.or_replace {
            return Err(already_exists("View", &present).with_hint("CREATE OR REPLACE VIEW replaces it"));
        }
        let table = Table { version: present.version, ..table.clone() };
        catalog.update_table(table).await.map(std::mem::drop)
    })
    .await
}

fn already_exists(kind: &str, present: &Table) -> Error {
    Error::new(ErrorCode::AlreadyExists, format!("{kind} already exists: '{}'", present.full_name()))
}

/// The columns of a view are found by their names alone.
fn check_columns(columns: &[(String, String)]) -> Result<()> {
    let mut seen = HashSet::new();
    for (at, (name, trino_type)) in columns.iter().enumerate() {
        let position = at + 1;
        let message = if name.is_empty() {
            format!("Column name not specified at position {position}")
        } else if trino_type == "unknown" {
            format!("Column type is unknown at position {position}")
        } else if !seen.insert(name.to_lowercase()) {
            format!("Column name '{name}' specified more than once")
        } else {
            continue;
        };
        return Err(Error::new(ErrorCode::InvalidQuery, message)
            .with_hint("give every column of the view's query a name and a type"));
    }
    Ok(())
}

/// `DROP VIEW`. `IF EXISTS` forgives a missing database too, but no table of that name.
pub(super) async fn drop(cx: &DdlContext<'_>, name: &TableName, if_exists: bool) -> Result<()> {
    let (database, view) = cx.names(name);
    let dropped = cx.catalog.drop_view(database, view).await;
    unless_missing(dropped, if_exists, &[ErrorCode::TableNotFound, ErrorCode::DatabaseNotFound])
}

/// `SHOW VIEWS`: the names that fit, in order.
pub(super) async fn show(cx: &DdlContext<'_>, database: &str, like: Option<&str>) -> Result<Vec<String>> {
    let tables = cx.catalog.tables(database).await?.into_iter();
    let views = tables.filter(Table::is_view).map(|view| view.name);
    Ok(views.filter(|name| pattern::fits(like, name)).collect())
}

/// `SHOW CREATE VIEW`: the statement that makes it, a line per row.
pub(super) async fn definition(cx: &DdlContext<'_>, name: &TableName) -> Result<Vec<String>> {
    let table = cx.table(name).await?;
    let Some(view) = ViewDefinition::of(&table)? else {
        return Err(not_a_view(&table).with_hint("SHOW CREATE TABLE shows it"));
    };
    let parts = [CATALOG, table.database.as_str(), table.name.as_str()].map(quote_identifier);
    let mut text = format!("CREATE VIEW {}", parts.join("."));
    if let Some(comment) = &view.comment {
        text.push_str(&format!(" COMMENT '{}'", comment.replace('\'', "''")));
    }
    if view.run_as_invoker {
        text.push_str(" SECURITY INVOKER");
    }
    text.push_str(" AS\n");
    text.push_str(&view.original_sql);
    Ok(text.lines().map(str::to_owned).collect())
}

/// The table is not a view where one is wanted.
pub(super) fn not_a_view(table: &Table) -> Error {
    wrong_kind(table, "is a table, not a view")
}
