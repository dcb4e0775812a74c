//! `SHOW …` and `DESCRIBE`.

use protocol::Result;

use super::{cursor::Cursor, lex::Kind, partition, query};
use crate::{Detail, LikePattern, Statement, StatsSubject};

/// What `SHOW` knows elsewhere. The longer of two that start alike comes first.
const REFUSED: &[&str] = &[
    "BRANCHES",
    "CATALOGS",
    "COMPACTIONS",
    "CONF",
    "CREATE DATABASE",
    "CREATE FUNCTION",
    "CREATE MATERIALIZED VIEW",
    "CREATE SCHEMA",
    "CURRENT ROLES",
    "GRANTS",
    "GRANT",
    "INDEXES",
    "INDEX",
    "LOCKS",
    "MATERIALIZED VIEWS",
    "PRINCIPALS",
    "ROLE GRANTS",
    "ROLE GRANT",
    "ROLES",
    "SESSION",
    "TABLE EXTENDED",
    "TRANSACTIONS",
];

/// At `SHOW`.
pub(super) fn show(cursor: &mut Cursor<'_>) -> Result<Statement> {
    if let Some(what) = REFUSED.iter().find(|what| cursor.at(&format!("SHOW {what}"))) {
        return Err(cursor.not_supported(&format!("SHOW {what}")));
    }
    cursor.expect("SHOW")?;
    match cursor.peek_word().unwrap_or_default().as_str() {
        "DATABASES" | "SCHEMAS" => {
            cursor.advance();
            if cursor.accept("IN") || cursor.accept("FROM") {
                cursor.catalog_name()?;
            }
            Ok(Statement::ShowDatabases { like: like(cursor)? })
        }
        "TABLES" => {
            cursor.advance();
            Ok(Statement::ShowTables { database: in_database(cursor)?, like: like(cursor)? })
        }
        "VIEWS" => {
            cursor.advance();
            Ok(Statement::ShowViews { database: in_database(cursor)?, like: like(cursor)? })
        }
        "PARTITIONS" => show_partitions(cursor),
        "COLUMNS" => show_columns(cursor),
        "CREATE" => show_create(cursor),
        "TBLPROPERTIES" => show_properties(cursor),
        "FUNCTIONS" => show_functions(cursor),
        "STATS" => show_stats(cursor),
        _ => Err(cursor.mismatch(
            "'DATABASES', 'SCHEMAS', 'TABLES', 'VIEWS', 'PARTITIONS', 'COLUMNS', 'CREATE', 'TBLPROPERTIES', \
             'FUNCTIONS' or 'STATS'",
        )),
    }
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

/// `PARTITIONS table [PARTITION (…)]`
fn show_partitions(cursor: &mut Cursor<'_>) -> Result<Statement> {
    cursor.advance();
    let table = cursor.table_name()?;
    let partition = match cursor.at("PARTITION") {
        true => Some(partition::spec(cursor)?),
        false => None,
    };
    for clause in ["WHERE", "ORDER BY", "LIMIT"] {
        if cursor.at(clause) {
            let hint = "query the table \"name$partitions\" instead";
            return Err(cursor.not_supported(&format!("SHOW PARTITIONS … {clause}")).with_hint(hint));
        }
    }
    Ok(Statement::ShowPartitions { table, partition })
}

/// `COLUMNS {IN | FROM} table [{IN | FROM} database]`
fn show_columns(cursor: &mut Cursor<'_>) -> Result<Statement> {
    cursor.advance();
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
    if cursor.at("LIKE") {
        return Err(cursor.not_supported("SHOW COLUMNS … LIKE"));
    }
    Ok(Statement::ShowColumns { table })
}

/// `CREATE {TABLE | VIEW} name`
fn show_create(cursor: &mut Cursor<'_>) -> Result<Statement> {
    cursor.advance();
    if cursor.accept("VIEW") {
        return Ok(Statement::ShowCreateView { view: cursor.table_name()? });
    }
    if !cursor.accept("TABLE") {
        return Err(cursor.mismatch("'TABLE' or 'VIEW'"));
    }
    Ok(Statement::ShowCreateTable { table: cursor.table_name()? })
}

/// `TBLPROPERTIES table [('key')]`
fn show_properties(cursor: &mut Cursor<'_>) -> Result<Statement> {
    cursor.advance();
    let table = cursor.table_name()?;
    let mut key = None;
    if cursor.accept_symbol('(') {
        key = Some(cursor.string("a string")?);
        cursor.expect_symbol(')')?;
    }
    Ok(Statement::ShowTableProperties { table, key })
}

/// `FUNCTIONS [LIKE 'pattern' [ESCAPE 'c']]`
fn show_functions(cursor: &mut Cursor<'_>) -> Result<Statement> {
    cursor.advance();
    if cursor.at("FROM") || cursor.at("IN") {
        return Err(cursor.not_supported("SHOW FUNCTIONS FROM"));
    }
    if !cursor.accept("LIKE") {
        return Ok(Statement::ShowFunctions { like: None });
    }
    let pattern = cursor.plain_string("a pattern in quotes")?;
    let mut escape = None;
    if cursor.accept("ESCAPE") {
        let token = cursor.peek();
        let text = cursor.plain_string("a character in quotes")?;
        let mut characters = text.chars();
        escape = characters.next().filter(|_| characters.next().is_none());
        if escape.is_none() {
            return Err(cursor.syntax_at(token, "Escape string must be a single character".to_owned()));
        }
    }
    Ok(Statement::ShowFunctions { like: Some(LikePattern { pattern, escape }) })
}

/// `STATS FOR {table | (query)}`
fn show_stats(cursor: &mut Cursor<'_>) -> Result<Statement> {
    cursor.expect("STATS FOR")?;
    if !cursor.at_symbol('(') {
        return Ok(Statement::ShowStats(StatsSubject::Table(cursor.table_name()?)));
    }
    let mut inside = cursor.clone();
    inside.advance();
    if !query::starts_here(&inside) {
        return Err(inside.mismatch("a query"));
    }
    Ok(Statement::ShowStats(StatsSubject::Query(cursor.parenthesised("a query")?)))
}

/// At `DESCRIBE` or `DESC`.
pub(super) fn describe(cursor: &mut Cursor<'_>) -> Result<Statement> {
    cursor.advance();
    // Each of these words is also a fine name of a table, when nothing follows it.
    let names_table = matches!(cursor.peek_at(1).kind, Kind::End | Kind::Symbol('.'));
    for object in ["DATABASE", "SCHEMA", "FUNCTION", "INPUT", "OUTPUT"] {
        if cursor.at(object) && !names_table {
            return Err(cursor.not_supported(&format!("DESCRIBE {object}")));
        }
    }
    if !names_table && cursor.accept("VIEW") {
        return Ok(Statement::DescribeView { view: cursor.table_name()? });
    }
    let detail = match names_table {
        true => Detail::Columns,
        false => detail(cursor),
    };
    let table = cursor.table_name()?;
    let partition = match cursor.at("PARTITION") {
        true => Some(partition::spec(cursor)?),
        false => None,
    };
    let path = match cursor.peek().kind {
        Kind::Word | Kind::Quoted('`' | '"') => path(cursor)?,
        _ => Vec::new(),
    };
    Ok(Statement::Describe { table, detail, partition, path })
}

fn detail(cursor: &mut Cursor<'_>) -> Detail {
    if cursor.accept("EXTENDED") {
        Detail::Extended
    } else if cursor.accept("FORMATTED") {
        Detail::Formatted
    } else {
        Detail::Columns
    }
}

/// `column.field.'$elem$'`: the words of Hive for what is inside arrays and maps are in quotes.
fn path(cursor: &mut Cursor<'_>) -> Result<Vec<String>> {
    let mut path = vec![cursor.name("a column name")?];
    while cursor.accept_symbol('.') {
        path.push(match cursor.peek().kind {
            Kind::Quoted('\'') => cursor.string("a field name")?.to_lowercase(),
            _ => cursor.name("a field name")?,
        });
    }
    Ok(path)
}
