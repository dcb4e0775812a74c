//! `CREATE DATABASE`, `DROP` and `MSCK`; `CREATE` of tables and views has files of its own.

use protocol::Result;

use super::{create_table, cursor::Cursor, wrapper};
use crate::Statement;

/// At `CREATE`.
pub(super) fn create(cursor: &mut Cursor<'_>) -> Result<Statement> {
    const REFUSED: &[&str] = &[
        "CREATE CATALOG",
        "CREATE FUNCTION",
        "CREATE INDEX",
        "CREATE MATERIALIZED VIEW",
        "CREATE MANAGED",
        "CREATE OR REPLACE FUNCTION",
        "CREATE OR REPLACE MATERIALIZED VIEW",
        "CREATE OR REPLACE TABLE",
        "CREATE PROTECTED",
        "CREATE ROLE",
        "CREATE TABLE FUNCTION",
        "CREATE TEMPORARY",
        "CREATE USER",
    ];
    if let Some(construct) = REFUSED.iter().find(|construct| cursor.at(construct)) {
        return Err(cursor.not_supported(construct));
    }
    if cursor.at("CREATE VIEW") || cursor.at("CREATE OR") {
        return wrapper::create_view(cursor);
    }
    if cursor.at("CREATE TABLE") || cursor.at("CREATE EXTERNAL") {
        return create_table::create_table(cursor);
    }
    cursor.expect("CREATE")?;
    if cursor.accept("DATABASE") || cursor.accept("SCHEMA") {
        return create_database(cursor);
    }
    Err(cursor.mismatch("'EXTERNAL', 'VIEW', 'DATABASE' or 'SCHEMA'"))
}

fn create_database(cursor: &mut Cursor<'_>) -> Result<Statement> {
    let if_not_exists = cursor.accept("IF NOT EXISTS");
    let name = cursor.database_name()?;
    let comment = cursor.comment()?;
    let location = match cursor.accept("LOCATION") {
        true => Some(cursor.string("a string")?),
        false => None,
    };
    let properties = match cursor.accept("WITH") {
        true => {
            cursor.expect("DBPROPERTIES")?;
            cursor.properties()?
        }
        false => Vec::new(),
    };
    Ok(Statement::CreateDatabase { name, if_not_exists, comment, location, properties })
}

/// At `DROP`.
pub(super) fn drop(cursor: &mut Cursor<'_>) -> Result<Statement> {
    for construct in ["FUNCTION", "ROLE", "MATERIALIZED VIEW", "INDEX", "TEMPORARY", "CATALOG"] {
        if cursor.at(&format!("DROP {construct}")) {
            return Err(cursor.not_supported(&format!("DROP {construct}")));
        }
    }
    cursor.expect("DROP")?;
    if cursor.accept("TABLE") {
        let if_exists = cursor.accept("IF EXISTS");
        let name = cursor.table_name()?;
        if cursor.at("PURGE") {
            return Err(cursor.not_supported("DROP TABLE … PURGE"));
        }
        return Ok(Statement::DropTable { name, if_exists });
    }
    if cursor.accept("VIEW") {
        let if_exists = cursor.accept("IF EXISTS");
        return Ok(Statement::DropView { name: cursor.table_name()?, if_exists });
    }
    if !(cursor.accept("DATABASE") || cursor.accept("SCHEMA")) {
        return Err(cursor.mismatch("'TABLE', 'VIEW', 'DATABASE' or 'SCHEMA'"));
    }
    let if_exists = cursor.accept("IF EXISTS");
    let name = cursor.database_name()?;
    let cascade = cursor.accept("CASCADE");
    if !cascade {
        cursor.accept("RESTRICT");
    }
    Ok(Statement::DropDatabase { name, if_exists, cascade })
}

/// At `MSCK`.
pub(super) fn repair(cursor: &mut Cursor<'_>) -> Result<Statement> {
    cursor.expect("MSCK REPAIR TABLE")?;
    let table = cursor.table_name()?;
    for mode in ["ADD PARTITIONS", "DROP PARTITIONS", "SYNC PARTITIONS"] {
        if cursor.at(mode) {
            return Err(cursor.not_supported(&format!("MSCK REPAIR TABLE … {mode}")));
        }
    }
    Ok(Statement::RepairTable { table })
}
