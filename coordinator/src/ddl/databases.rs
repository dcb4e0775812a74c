//! `CREATE`, `DROP` and `SHOW` of databases.

use catalog::{Database, Parameters};
use protocol::{Error, ErrorCode, Result};
use sql::Property;

use super::{DdlContext, pattern, unless_missing};
use crate::{information_schema, system_tables};

/// The database as the statement describes it. Its location, where one is given, must be readable.
pub(super) fn defined(
    cx: &DdlContext<'_>,
    name: String,
    comment: Option<String>,
    location: Option<String>,
    properties: Vec<Property>,
) -> Result<Database> {
    let reserved = [information_schema::DATABASE, system_tables::DATABASE];
    if reserved.iter().any(|taken| name.eq_ignore_ascii_case(taken)) {
        let message = format!("database \"{name}\" cannot be created: the name is taken by the engine");
        return Err(Error::new(ErrorCode::AlreadyExists, message));
    }
    if let Some(location) = &location {
        cx.storage.location(location)?;
    }
    Ok(Database {
        name,
        description: comment,
        location_uri: location,
        parameters: Parameters::from_iter(properties),
    })
}

/// `DROP DATABASE`.
pub(super) async fn drop(cx: &DdlContext<'_>, name: &str, if_exists: bool, cascade: bool) -> Result<()> {
    let dropped = cx.catalog.drop_database(name, cascade).await;
    unless_missing(dropped, if_exists, &[ErrorCode::DatabaseNotFound])
}

/// The names that fit, in order.
pub(super) async fn show(cx: &DdlContext<'_>, like: Option<&str>) -> Result<Vec<String>> {
    let mut names: Vec<String> =
        cx.catalog.databases().await?.into_iter().map(|database| database.name).collect();
    names.retain(|name| pattern::fits(like, name));
    Ok(names)
}
