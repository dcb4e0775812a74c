//! `DROP TABLE`, and the statements that show tables.

use catalog::{Parameters, Table, create_table_text};
use protocol::{Error, ErrorCode, Result};
use sql::TableName;

use super::{DdlContext, output, pattern, unless_missing};

/// `DROP TABLE`: the definition goes, the files stay. `IF EXISTS` forgives a missing database too, as
/// in Hive.
pub(super) async fn drop(cx: &DdlContext<'_>, name: &TableName, if_exists: bool) -> Result<()> {
    let (database, table) = cx.names(name);
    let dropped = cx.catalog.drop_table(database, table).await;
    let forgiven = [ErrorCode::TableNotFound, ErrorCode::DatabaseNotFound];
    unless_missing(dropped, if_exists, &forgiven)
}

/// `SHOW TABLES`: the names that fit, in order.
pub(super) async fn show(cx: &DdlContext<'_>, database: &str, like: Option<&str>) -> Result<Vec<String>> {
    let mut names = cx.catalog.table_names(database).await?;
    names.retain(|name| pattern::fits(like, name));
    Ok(names)
}

/// `SHOW COLUMNS`: the names, partition keys last, filled up with blanks as in Athena.
pub(super) fn columns(table: &Table) -> Vec<String> {
    table.columns.iter().chain(&table.partition_keys).map(|column| output::padded(&column.name)).collect()
}

/// `SHOW CREATE TABLE`, a line per row.
pub(super) async fn definition(cx: &DdlContext<'_>, name: &TableName) -> Result<Vec<String>> {
    let hint = |error: Error| match error.code {
        ErrorCode::InvalidQuery => error.with_hint("SHOW CREATE VIEW shows it"),
        _ => error,
    };
    let table = cx.base_table(name).await.map_err(hint)?;
    Ok(create_table_text(&table).lines().map(str::to_owned).collect())
}

/// The properties as Hive shows them, where the comment is one of them.
pub(super) fn parameters(table: &Table) -> Parameters {
    let mut parameters = table.parameters.clone();
    if let Some(description) = &table.description
        && parameters.get("comment").is_none()
    {
        parameters.set("comment", description);
    }
    parameters
}

/// `SHOW TBLPROPERTIES`: name and value in written order; of one key, found in any case, if it is
/// given. A key that is not there has no row.
pub(super) fn properties(table: &Table, key: Option<&str>) -> Vec<[String; 2]> {
    parameters(table)
        .iter()
        .filter(|(name, _)| key.is_none_or(|key| name.eq_ignore_ascii_case(key)))
        .map(|(name, value)| [name.to_owned(), value.to_owned()])
        .collect()
}
