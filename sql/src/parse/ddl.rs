//! `CREATE DATABASE`, `DROP`, `ALTER TABLE … PARTITION` and `MSCK`; `CREATE TABLE` has a file of its own.

use protocol::Result;

use super::{create_table, cursor::Cursor, lex::Kind};
use crate::{PartitionLiteral, PartitionSpec, Statement};

/// Most partitions one `ALTER TABLE` may name.
const PARTITIONS_MAX: usize = 1_000;

/// At `CREATE`.
pub(super) fn create(cursor: &mut Cursor<'_>) -> Result<Statement> {
    for construct in ["CREATE OR REPLACE", "CREATE PROTECTED", "CREATE VIEW", "CREATE TEMPORARY"] {
        if cursor.at(construct) {
            let last = cursor.word_at(3).filter(|_| construct == "CREATE OR REPLACE");
            let name = [Some(construct.to_owned()), last].into_iter().flatten().collect::<Vec<_>>();
            return Err(cursor.not_supported(&name.join(" ")));
        }
    }
    for construct in ["FUNCTION", "INDEX", "MATERIALIZED VIEW", "ROLE", "TABLE FUNCTION", "USER"] {
        if cursor.at(&format!("CREATE {construct}")) {
            return Err(cursor.not_supported(&format!("CREATE {construct}")));
        }
    }
    if cursor.at("CREATE TABLE") || cursor.at("CREATE EXTERNAL") {
        return create_table::create_table(cursor);
    }
    cursor.expect("CREATE")?;
    if cursor.accept("DATABASE") || cursor.accept("SCHEMA") {
        return create_database(cursor);
    }
    Err(cursor.mismatch("'EXTERNAL', 'DATABASE' or 'SCHEMA'"))
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
    for construct in ["VIEW", "FUNCTION", "ROLE", "MATERIALIZED VIEW", "INDEX"] {
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
    if !(cursor.accept("DATABASE") || cursor.accept("SCHEMA")) {
        return Err(cursor.mismatch("'TABLE', 'DATABASE' or 'SCHEMA'"));
    }
    let if_exists = cursor.accept("IF EXISTS");
    let name = cursor.database_name()?;
    let cascade = cursor.accept("CASCADE");
    if !cascade {
        cursor.accept("RESTRICT");
    }
    Ok(Statement::DropDatabase { name, if_exists, cascade })
}

/// At `ALTER`.
pub(super) fn alter(cursor: &mut Cursor<'_>) -> Result<Statement> {
    for object in ["DATABASE", "SCHEMA", "VIEW"] {
        if cursor.at(&format!("ALTER {object}")) {
            return Err(cursor.not_supported(&format!("ALTER {object}")));
        }
    }
    cursor.expect("ALTER TABLE")?;
    let table = cursor.table_name()?;
    if cursor.at("ADD IF NOT EXISTS PARTITION") || cursor.at("ADD PARTITION") {
        cursor.expect("ADD")?;
        let if_not_exists = cursor.accept("IF NOT EXISTS");
        let partitions = added_partitions(cursor)?;
        return Ok(Statement::AddPartitions { table, if_not_exists, partitions });
    }
    if cursor.at("DROP IF EXISTS PARTITION") || cursor.at("DROP PARTITION") {
        cursor.expect("DROP")?;
        let if_exists = cursor.accept("IF EXISTS");
        let partitions = dropped_partitions(cursor)?;
        return Ok(Statement::DropPartitions { table, if_exists, partitions });
    }
    Err(other_alteration(cursor))
}

/// Names the alteration that is not offered, or says what was expected.
fn other_alteration(cursor: &Cursor<'_>) -> protocol::Error {
    const KNOWN: &[&str] = &[
        "ADD COLUMNS",
        "ADD COLUMN",
        "CHANGE COLUMN",
        "CHANGE",
        "DROP COLUMN",
        "PARTITION",
        "RENAME TO",
        "RENAME PARTITION",
        "REPLACE COLUMNS",
        "SET TBLPROPERTIES",
        "SET LOCATION",
        "SET",
        "UNSET TBLPROPERTIES",
        "EXECUTE",
    ];
    match KNOWN.iter().find(|known| cursor.at(known)) {
        Some(known) => cursor.not_supported(&format!("ALTER TABLE … {known}")),
        None => cursor.mismatch("'ADD PARTITION' or 'DROP PARTITION'"),
    }
}

/// `PARTITION (…) [LOCATION '…'] PARTITION …`, as Hive writes it: no commas.
fn added_partitions(cursor: &mut Cursor<'_>) -> Result<Vec<PartitionSpec>> {
    let mut partitions = Vec::new();
    while partitions.is_empty() || cursor.at("PARTITION") {
        check_count(cursor, partitions.len())?;
        let mut partition = partition_spec(cursor)?;
        if cursor.accept("LOCATION") {
            partition.location = Some(cursor.string("a string")?);
        }
        partitions.push(partition);
    }
    Ok(partitions)
}

/// `PARTITION (…), PARTITION (…)`
fn dropped_partitions(cursor: &mut Cursor<'_>) -> Result<Vec<PartitionSpec>> {
    let mut partitions = vec![partition_spec(cursor)?];
    while cursor.accept_symbol(',') {
        check_count(cursor, partitions.len())?;
        partitions.push(partition_spec(cursor)?);
    }
    if cursor.at("PURGE") {
        return Err(cursor.not_supported("DROP PARTITION … PURGE"));
    }
    Ok(partitions)
}

fn check_count(cursor: &Cursor<'_>, count: usize) -> Result<()> {
    if count < PARTITIONS_MAX {
        return Ok(());
    }
    Err(cursor.not_supported(&format!("more than {PARTITIONS_MAX} partitions in one statement")))
}

/// `PARTITION (key = value, …)`
pub(super) fn partition_spec(cursor: &mut Cursor<'_>) -> Result<PartitionSpec> {
    cursor.expect("PARTITION")?;
    let mut keys: Vec<String> = Vec::new();
    let values = cursor.list(|cursor| {
        let token = cursor.peek();
        let key = cursor.name("a partition key")?;
        if keys.contains(&key) {
            return Err(cursor.syntax_at(token, format!("partition key '{key}' is given twice")));
        }
        keys.push(key.clone());
        if matches!(cursor.peek().kind, Kind::Symbol('<' | '>' | '!')) {
            return Err(cursor.not_supported("a comparison in a partition specification"));
        }
        cursor.expect_symbol('=')?;
        Ok((key, partition_literal(cursor)?))
    })?;
    Ok(PartitionSpec { values, location: None })
}

fn partition_literal(cursor: &mut Cursor<'_>) -> Result<PartitionLiteral> {
    let expecting = "a string or a number";
    if (cursor.at("DATE") || cursor.at("TIMESTAMP")) && matches!(cursor.peek_at(1).kind, Kind::Quoted(_)) {
        cursor.advance();
        return cursor.string(expecting).map(PartitionLiteral::Text);
    }
    let negative = cursor.at_symbol('-') && cursor.peek_at(1).kind == Kind::Number;
    if negative {
        cursor.advance();
    }
    if cursor.peek().kind == Kind::Number {
        let sign = if negative { "-" } else { "" };
        let digits = cursor.advance().text;
        return Ok(PartitionLiteral::Number(format!("{sign}{digits}")));
    }
    cursor.string(expecting).map(PartitionLiteral::Text)
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
