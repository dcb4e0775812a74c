//! `CREATE`, `DROP` and `SHOW` of databases.

use catalog::{Database, Parameters};
use protocol::{ErrorCode, Result};
use sql::Property;

use super::{DdlContext, pattern, unless_missing};

/// The database as the statement describes it. Its location, where one is given, must be readable.
pub(super) fn defined(
    cx: &DdlContext<'_>,
    name: String,
    comment: Option<String>,
    location: Option<String>,
    properties: Vec<Property>,
) -> Result<Database> {
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
