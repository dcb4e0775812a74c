//! `DROP TABLE`, and the statements that show tables.

use catalog::{Table, create_table_text};
use protocol::{ErrorCode, Result};
use sql::TableName;

use super::{DdlContext, pattern, unless_missing};

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

/// `SHOW COLUMNS`: the names, partition keys last.
pub(super) fn columns(table: &Table) -> Vec<String> {
    table.columns.iter().chain(&table.partition_keys).map(|column| column.name.clone()).collect()
}

/// `SHOW CREATE TABLE`, a line per row.
pub(super) fn definition(table: &Table) -> Vec<String> {
    create_table_text(table).lines().map(str::to_owned).collect()
}

/// `SHOW TBLPROPERTIES`: name and value in written order; of one key, found in any case, if it is
/// given. A key that is not there has no row.
pub(super) fn properties(table: &Table, key: Option<&str>) -> Vec<[String; 2]> {
    table
        .parameters
        .iter()
        .filter(|(name, _)| key.is_none_or(|key| name.eq_ignore_ascii_case(key)))
        .map(|(name, value)| [name.to_owned(), value.to_owned()])
        .collect()
}
