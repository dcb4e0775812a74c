//! `ALTER TABLE` and `ALTER DATABASE`: everything that Hive's grammar has, of which Athena offers a part.

use protocol::{Error, Result};

use super::{create_table, cursor::Cursor, partition};
use crate::{ColumnChange, ColumnPlace, PartitionChange, Statement, TableChange, TableName};

/// At `ALTER`.
pub(super) fn alter(cursor: &mut Cursor<'_>) -> Result<Statement> {
    if cursor.at("ALTER DATABASE") || cursor.at("ALTER SCHEMA") {
        return alter_database(cursor);
    }
    for object in ["VIEW", "MATERIALIZED VIEW", "INDEX", "FUNCTION"] {
        if cursor.at(&format!("ALTER {object}")) {
            return Err(cursor.not_supported(&format!("ALTER {object}")));
        }
    }
    cursor.expect("ALTER")?;
    if !cursor.accept("TABLE") {
        return Err(cursor.mismatch("'TABLE', 'DATABASE' or 'SCHEMA'"));
    }
    let table = cursor.table_name()?;
    if cursor.at("PARTITION") {
        return alter_partition(cursor, table);
    }
    if cursor.at("ADD IF NOT EXISTS PARTITION") || cursor.at("ADD PARTITION") {
        cursor.expect("ADD")?;
        let if_not_exists = cursor.accept("IF NOT EXISTS");
        let partitions = partition::added(cursor)?;
        return Ok(Statement::AddPartitions { table, if_not_exists, partitions });
    }
    if cursor.at("DROP IF EXISTS PARTITION") || cursor.at("DROP PARTITION") {
        cursor.expect("DROP")?;
        let if_exists = cursor.accept("IF EXISTS");
        let partitions = partition::dropped(cursor)?;
        return Ok(Statement::DropPartitions { table, if_exists, partitions });
    }
    Ok(Statement::AlterTable { table, change: table_change(cursor)? })
}

/// `ALTER DATABASE name SET DBPROPERTIES (…)`
fn alter_database(cursor: &mut Cursor<'_>) -> Result<Statement> {
    cursor.advance();
    cursor.advance();
    let name = cursor.database_name()?;
    for change in ["SET LOCATION", "SET MANAGEDLOCATION", "SET OWNER", "SET AUTHORIZATION", "RENAME TO"] {
        if cursor.at(change) {
            return Err(cursor.not_supported(&format!("ALTER DATABASE … {change}")));
        }
    }
    cursor.expect("SET DBPROPERTIES")?;
    Ok(Statement::SetDatabaseProperties { name, properties: cursor.properties()? })
}

fn table_change(cursor: &mut Cursor<'_>) -> Result<TableChange> {
    if cursor.accept("SET LOCATION") {
        return Ok(TableChange::Location(create_table::location(cursor)?));
    }
    if cursor.accept("SET TBLPROPERTIES") {
        return Ok(TableChange::SetProperties(cursor.properties()?));
    }
    if cursor.accept("UNSET TBLPROPERTIES") {
        let if_exists = cursor.accept("IF EXISTS");
        let keys = cursor.list(|cursor| cursor.string("a string"))?;
        return Ok(TableChange::UnsetProperties { keys, if_exists });
    }
    if cursor.accept("ADD COLUMNS") {
        let columns = create_table::columns(cursor)?;
        whole_table(cursor);
        return Ok(TableChange::AddColumns(columns));
    }
    if cursor.accept("REPLACE COLUMNS") {
        let columns = create_table::columns(cursor)?;
        whole_table(cursor);
        return Ok(TableChange::ReplaceColumns(columns));
    }
    if cursor.accept("CHANGE") {
        return change_column(cursor).map(TableChange::ChangeColumn);
    }
    if cursor.at("DROP COLUMN") && !cursor.at("DROP COLUMN IF EXISTS") {
        cursor.expect("DROP COLUMN")?;
        return Ok(TableChange::DropColumn(cursor.name("a column name")?));
    }
    Err(other_change(cursor))
}

/// `[CASCADE | RESTRICT]`: whether the partitions change too. They have no columns of their own, so both
/// say what happens.
fn whole_table(cursor: &mut Cursor<'_>) {
    if !cursor.accept("CASCADE") {
        cursor.accept("RESTRICT");
    }
}

/// `[COLUMN] old new type [COMMENT '…'] [FIRST | AFTER column] [CASCADE | RESTRICT]`
fn change_column(cursor: &mut Cursor<'_>) -> Result<ColumnChange> {
    // `CHANGE column …` may also change a column of that name: then two words follow, not three.
    if cursor.at("COLUMN") && !cursor.at("COLUMN COLUMN") {
        cursor.advance();
    }
    let old_name = cursor.name("a column name")?;
    let column = create_table::column(cursor)?;
    let place = if cursor.accept("FIRST") {
        Some(ColumnPlace::First)
    } else if cursor.accept("AFTER") {
        Some(ColumnPlace::After(cursor.name("a column name")?))
    } else {
        None
    };
    whole_table(cursor);
    Ok(ColumnChange { old_name, column, place })
}

/// Names the change that is not offered, or says what was expected.
fn other_change(cursor: &Cursor<'_>) -> Error {
    const KNOWN: &[&str] = &[
        "ADD COLUMN",
        "ADD CONSTRAINT",
        "ADD",
        "ALTER COLUMN",
        "ARCHIVE PARTITION",
        "CLUSTERED BY",
        "COMPACT",
        "CONCATENATE",
        "DISABLE",
        "DROP COLUMN IF EXISTS",
        "DROP COLUMNS",
        "DROP CONSTRAINT",
        "ENABLE",
        "EXCHANGE PARTITION",
        "EXECUTE",
        "NOT CLUSTERED",
        "NOT SKEWED",
        "NOT SORTED",
        "NOT STORED AS DIRECTORIES",
        "RENAME COLUMN",
        "RENAME TO",
        "SET AUTHORIZATION",
        "SET FILEFORMAT",
        "SET OWNER",
        "SET PROPERTIES",
        "SET SERDEPROPERTIES",
        "SET SERDE",
        "SET SKEWED LOCATION",
        "SET",
        "SKEWED BY",
        "TOUCH",
        "UNARCHIVE PARTITION",
        "UNSET SERDEPROPERTIES",
        "UPDATE",
    ];
    let Some(known) = KNOWN.iter().find(|known| cursor.at(known)) else {
        return cursor.mismatch("'ADD', 'DROP', 'CHANGE', 'REPLACE', 'SET', 'UNSET' or 'PARTITION'");
    };
    let error = cursor.not_supported(&format!("ALTER TABLE … {known}"));
    let hint = match *known {
        "ADD COLUMN" | "ADD" => "write ADD COLUMNS (name type, …)",
        "DROP COLUMN IF EXISTS" | "DROP COLUMNS" => "write REPLACE COLUMNS with the columns to keep",
        "RENAME COLUMN" | "ALTER COLUMN" => "write CHANGE COLUMN old_name new_name type",
        "RENAME TO" => "create a table of the new name at the same location, and drop this one",
        "SET PROPERTIES" => "write SET TBLPROPERTIES ('key' = 'value')",
        "SET SERDEPROPERTIES" | "SET SERDE" | "SET FILEFORMAT" => {
            "drop the table and create it anew; its files stay"
        }
        _ => return error,
    };
    error.with_hint(hint)
}

/// Behind the table's name, at `PARTITION`.
fn alter_partition(cursor: &mut Cursor<'_>, table: TableName) -> Result<Statement> {
    let partition = partition::spec(cursor)?;
    if cursor.accept("SET LOCATION") {
        let change = PartitionChange::Location(create_table::location(cursor)?);
        return Ok(Statement::AlterPartition { table, partition, change });
    }
    if cursor.accept("RENAME TO") {
        let change = PartitionChange::Rename(partition::spec(cursor)?);
        return Ok(Statement::AlterPartition { table, partition, change });
    }
    const KNOWN: &[&str] = &[
        "ADD COLUMNS",
        "REPLACE COLUMNS",
        "CHANGE COLUMN",
        "CHANGE",
        "COMPACT",
        "CONCATENATE",
        "DISABLE",
        "ENABLE",
        "SET FILEFORMAT",
        "SET SERDEPROPERTIES",
        "SET SERDE",
        "SET",
        "TOUCH",
    ];
    match KNOWN.iter().find(|known| cursor.at(known)) {
        None => Err(cursor.mismatch("'SET LOCATION' or 'RENAME TO PARTITION'")),
        Some(known) => {
            let error = cursor.not_supported(&format!("ALTER TABLE … PARTITION … {known}"));
            let of_columns = known.contains("COLUMN") || *known == "CHANGE";
            let hint = "partitions have the columns of their table; change those, without PARTITION";
            Err(if of_columns { error.with_hint(hint) } else { error })
        }
    }
}
