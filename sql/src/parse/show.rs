//! `SHOW …` and `DESCRIBE`.

use protocol::Result;

use super::{cursor::Cursor, ddl, lex::Kind};
use crate::Statement;

/// At `SHOW`.
pub(super) fn show(cursor: &mut Cursor<'_>) -> Result<Statement> {
    const REFUSED: &[&str] =
        &["CATALOGS", "CREATE VIEW", "FUNCTIONS", "GRANTS", "ROLES", "SESSION", "STATS", "VIEWS"];
    if let Some(what) = REFUSED.iter().find(|what| cursor.at(&format!("SHOW {what}"))) {
        return Err(cursor.not_supported(&format!("SHOW {what}")));
    }
    cursor.expect("SHOW")?;
    if cursor.accept("DATABASES") || cursor.accept("SCHEMAS") {
        let like = like(cursor)?;
        return Ok(Statement::ShowDatabases { like });
    }
    if cursor.accept("TABLES") {
        let database = in_database(cursor)?;
        let like = like(cursor)?;
        return Ok(Statement::ShowTables { database, like });
    }
    if cursor.accept("PARTITIONS") {
        let table = cursor.table_name()?;
        let partition = match cursor.at("PARTITION") {
            true => Some(ddl::partition_spec(cursor)?),
            false => None,
        };
        return Ok(Statement::ShowPartitions { table, partition });
    }
    if cursor.accept("COLUMNS") {
        return show_columns(cursor);
    }
    if cursor.accept("CREATE") {
        cursor.expect("TABLE")?;
        let table = cursor.table_name()?;
        return Ok(Statement::ShowCreateTable { table });
    }
    if cursor.accept("TBLPROPERTIES") {
        return show_properties(cursor);
    }
    Err(cursor
        .mismatch("'DATABASES', 'SCHEMAS', 'TABLES', 'PARTITIONS', 'COLUMNS', 'CREATE' or 'TBLPROPERTIES'"))
}

/// `[LIKE] 'pattern'`
fn like(cursor: &mut Cursor<'_>) -> Result<Option<String>> {
    let announced = cursor.accept("LIKE");
    if announced || matches!(cursor.peek().kind, Kind::Quoted('\'' | '"')) {
        return cursor.string("a pattern in quotes").map(Some);
    }
    Ok(None)
}

/// `[IN | FROM database]`
fn in_database(cursor: &mut Cursor<'_>) -> Result<Option<String>> {
    if cursor.accept("IN") || cursor.accept("FROM") {
        return cursor.database_name().map(Some);
    }
    Ok(None)
}

/// `{IN | FROM} table [{IN | FROM} database]`
fn show_columns(cursor: &mut Cursor<'_>) -> Result<Statement> {
    if !(cursor.accept("IN") || cursor.accept("FROM")) {
        return Err(cursor.mismatch("'IN' or 'FROM'"));
    }
    let mut table = cursor.table_name()?;
    let second = cursor.peek();
    if let Some(database) = in_database(cursor)?
        && table.database.replace(database).is_some()
    {
        return Err(cursor.syntax_at(second, "the database is given twice".to_owned()));
    }
    Ok(Statement::ShowColumns { table })
}

/// `table [('key')]`
fn show_properties(cursor: &mut Cursor<'_>) -> Result<Statement> {
    let table = cursor.table_name()?;
    let mut key = None;
    if cursor.accept_symbol('(') {
        key = Some(cursor.string("a string")?);
        cursor.expect_symbol(')')?;
    }
    Ok(Statement::ShowTableProperties { table, key })
}

/// At `DESCRIBE` or `DESC`.
pub(super) fn describe(cursor: &mut Cursor<'_>) -> Result<Statement> {
    cursor.advance();
    // Each of these words is also a fine name of a table, when nothing follows it.
    let names_table = matches!(cursor.peek_at(1).kind, Kind::End | Kind::Symbol('.'));
    for object in ["DATABASE", "SCHEMA", "VIEW", "FUNCTION", "INPUT", "OUTPUT"] {
        if cursor.at(object) && !names_table {
            return Err(cursor.not_supported(&format!("DESCRIBE {object}")));
        }
    }
    let extended = !names_table && (cursor.accept("EXTENDED") || cursor.accept("FORMATTED"));
    let table = cursor.table_name()?;
    match cursor.peek().kind {
        Kind::Word | Kind::Quoted('`' | '"') if cursor.at("PARTITION") => {
            Err(cursor.not_supported("DESCRIBE … PARTITION"))
        }
        Kind::Word | Kind::Quoted('`' | '"') => Err(cursor.not_supported("DESCRIBE of one column")),
        _ => Ok(Statement::Describe { table, extended }),
    }
}
