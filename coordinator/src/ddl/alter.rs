//! `ALTER TABLE` of a definition: read it, change it, keep it if nobody else changed it meanwhile.

use catalog::{Column, Table};
use protocol::{Error, ErrorCode, Result};
use sql::{ColumnChange, ColumnPlace, Property, TableChange, TableName};

use super::{DdlContext, create_table, until_settled};

/// The property that is the table's description.
const COMMENT: &str = "comment";

/// Changes the definition. No object is looked at, and no file is touched.
pub(super) async fn alter(cx: &DdlContext<'_>, name: &TableName, change: &TableChange) -> Result<()> {
    if let TableChange::Location(location) = change {
        cx.storage.location(location)?;
    }
    until_settled(move || async move {
        let mut table = cx.base_table(name).await?;
        apply(&mut table, change)?;
        create_table::check_format(&table)?;
        cx.catalog.update_table(table).await.map(drop)
    })
    .await
}

fn apply(table: &mut Table, change: &TableChange) -> Result<()> {
    match change {
        TableChange::Location(location) => location.clone_into(&mut table.storage.location),
        TableChange::AddColumns(columns) => {
            table.columns.extend(create_table::columns(columns.clone()));
        }
        TableChange::ReplaceColumns(columns) => {
            table.columns = create_table::columns(columns.clone());
            check_buckets(table)?;
        }
        TableChange::ChangeColumn(change) => change_column(table, change)?,
        TableChange::DropColumn(_) => {
            let message = "ALTER TABLE … DROP COLUMN is supported for Iceberg tables only";
            return Err(Error::new(ErrorCode::NotSupported, message)
                .with_hint("write REPLACE COLUMNS with the columns to keep"));
        }
        TableChange::SetProperties(properties) => set_properties(table, properties),
        TableChange::UnsetProperties { keys, if_exists } => unset_properties(table, keys, *if_exists)?,
    }
    Ok(())
}

fn change_column(table: &mut Table, change: &ColumnChange) -> Result<()> {
    let at = position(table, &change.old_name)?;
    let old = table.columns.remove(at);
    let column = Column {
        name: change.column.name.clone(),
        hive_type: change.column.hive_type.clone(),
        comment: change.column.comment.clone().or(old.comment),
    };
    let to = match &change.place {
        None => at,
        Some(ColumnPlace::First) => 0,
        Some(ColumnPlace::After(other)) => position(table, other)? + 1,
    };
    rename_in_buckets(table, &old.name, &column.name);
    table.columns.insert(to, column);
    Ok(())
}

/// Where the column stands. A partition key is named by the paths of the partitions and cannot change.
fn position(table: &Table, name: &str) -> Result<usize> {
    let is = |column: &Column| column.name.eq_ignore_ascii_case(name);
    if let Some(at) = table.columns.iter().position(is) {
        return Ok(at);
    }
    if table.partition_keys.iter().any(is) {
        let message = format!("\"{name}\" is a partition key of table \"{}\"", table.full_name());
        return Err(Error::new(ErrorCode::InvalidQuery, message)
            .with_hint("only columns of the files can be changed"));
    }
    let error = Error::new(
        ErrorCode::ColumnNotFound,
        format!("no column \"{name}\" in table \"{}\"", table.full_name()),
    );
    Err(match sql::nearest(name, table.columns.iter().map(|column| column.name.as_str())) {
        Some(near) => error.with_hint(format!("did you mean \"{near}\"?")),
        None => error.with_hint(format!("DESCRIBE {} lists what there is", table.full_name())),
    })
}

fn rename_in_buckets(table: &mut Table, old: &str, new: &str) {
    let sorted = table.storage.sort_columns.iter_mut().map(|sort| &mut sort.column);
    for name in table.storage.bucket_columns.iter_mut().chain(sorted) {
        if name.eq_ignore_ascii_case(old) {
            new.clone_into(name);
        }
    }
}

fn check_buckets(table: &Table) -> Result<()> {
    let sorted = table.storage.sort_columns.iter().map(|sort| &sort.column);
    let mut named = table.storage.bucket_columns.iter().chain(sorted);
    let missing =
        named.find(|name| !table.columns.iter().any(|column| column.name.eq_ignore_ascii_case(name)));
    match missing {
        None => Ok(()),
        Some(name) => Err(Error::new(
            ErrorCode::InvalidTable,
            format!("table \"{}\" is bucketed or sorted by \"{name}\", which must stay", table.full_name()),
        )),
    }
}

fn set_properties(table: &mut Table, properties: &[Property]) {
    for (key, value) in properties {
        if key == COMMENT {
            table.parameters.remove(COMMENT);
            table.description = Some(value.clone());
        } else {
            table.parameters.set(key, value);
        }
    }
}

fn unset_properties(table: &mut Table, keys: &[String], if_exists: bool) -> Result<()> {
    for key in keys {
        let mut found = table.parameters.remove(key).is_some();
        if key == COMMENT {
            found |= table.description.take().is_some();
        }
        if !found && !if_exists {
            let message = format!("table \"{}\" does not have property: {key}", table.full_name());
            return Err(
                Error::new(ErrorCode::InvalidQuery, message).with_hint("write UNSET TBLPROPERTIES IF EXISTS")
            );
        }
    }
    Ok(())
}
