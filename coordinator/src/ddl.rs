//! Statements about the catalog: everything of the language that is not a query.
//!
//! Each is one change or one look at the catalog; none of them reads a file. Only `MSCK REPAIR TABLE`
//! asks the object store for names. The caller is `query/result.rs`, when the statement's stream is
//! first read.

mod columns;
mod create_table;
mod databases;
mod describe;
mod output;
mod partition_match;
mod partitions;
mod pattern;
mod repair;
mod storage_descriptor;
mod tables;

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, RecordBatch},
    datatypes::SchemaRef,
};
use catalog::{CatalogStore, Table};
use protocol::{Error, ErrorCode, Result};
use sql::{Statement, TableName};
use storage::{Meter, Storage};

/// What a statement works on.
#[derive(Debug)]
pub(crate) struct DdlContext<'a> {
    pub(crate) catalog: &'a Arc<dyn CatalogStore>,
    pub(crate) storage: &'a Storage,
    pub(crate) meter: &'a Meter,
    /// The database of names without one.
    pub(crate) database: &'a str,
}

impl DdlContext<'_> {
    /// Database and table. `` `database.table` `` in one pair of backticks is both: that is how
    /// `SHOW CREATE TABLE` writes it, here and in Athena, and no table has a dot in its name.
    fn names<'n>(&'n self, name: &'n TableName) -> (&'n str, &'n str) {
        match (&name.database, name.table.split_once('.')) {
            (Some(database), _) => (database, &name.table),
            (None, Some(both)) => both,
            (None, None) => (self.database, &name.table),
        }
    }

    async fn table(&self, name: &TableName) -> Result<Table> {
        let (database, table) = self.names(name);
        self.catalog.table(database, table).await
    }
}

/// The columns of the statement's answer, all of them text. Known before it runs, because clients ask
/// first. Empty for statements that only change something.
pub(crate) fn schema(statement: &Statement) -> SchemaRef {
    output::schema(columns::names(statement))
}

/// Runs the statement to its end. The batch has exactly [`schema`]'s columns.
///
/// A change is one transaction: when this fails, nothing has happened. `Query` and `Explain` do not
/// belong here.
pub(crate) async fn execute(statement: Statement, cx: &DdlContext<'_>) -> Result<RecordBatch> {
    let schema = schema(&statement);
    let columns = match returns_rows(&statement) {
        true => show(statement, cx).await?,
        false => change(statement, cx).await.map(|()| Vec::new())?,
    };
    output::batch(schema, columns)
}

fn returns_rows(statement: &Statement) -> bool {
    !columns::names(statement).is_empty()
}

async fn change(statement: Statement, cx: &DdlContext<'_>) -> Result<()> {
    match statement {
        Statement::CreateDatabase { name, if_not_exists, comment, location, properties } => {
            let database = databases::defined(cx, name, comment, location, properties)?;
            cx.catalog.create_database(database, if_not_exists).await.map(drop)
        }
        Statement::DropDatabase { name, if_exists, cascade } => {
            databases::drop(cx, &name, if_exists, cascade).await
        }
        Statement::CreateExternalTable(statement) => create_table::create(cx, *statement).await,
        Statement::DropTable { name, if_exists } => tables::drop(cx, &name, if_exists).await,
        Statement::AddPartitions { table, if_not_exists, partitions } => {
            partitions::add(cx, &table, &partitions, if_not_exists).await
        }
        Statement::DropPartitions { table, if_exists, partitions } => {
            partitions::drop(cx, &table, &partitions, if_exists).await
        }
        other => Err(misrouted(&other)),
    }
}

async fn show(statement: Statement, cx: &DdlContext<'_>) -> Result<Vec<ArrayRef>> {
    match statement {
        Statement::RepairTable { table } => output::column(repair::repair(cx, &table).await?),
        Statement::ShowDatabases { like } => output::column(databases::show(cx, like.as_deref()).await?),
        Statement::ShowTables { database, like } => {
            let database = database.as_deref().unwrap_or(cx.database);
            output::column(tables::show(cx, database, like.as_deref()).await?)
        }
        Statement::ShowPartitions { table, partition } => {
            output::column(partitions::show(cx, &table, partition.as_ref()).await?)
        }
        Statement::ShowColumns { table } => output::column(tables::columns(&cx.table(&table).await?)),
        Statement::ShowCreateTable { table } => output::column(tables::definition(&cx.table(&table).await?)),
        Statement::ShowTableProperties { table, key } => {
            let table = cx.table(&table).await?;
            output::columns(tables::properties(&table, key.as_deref()))
        }
        Statement::Describe { table, extended } => {
            output::columns(describe::describe(&cx.table(&table).await?, extended))
        }
        other => Err(misrouted(&other)),
    }
}

fn misrouted(statement: &Statement) -> Error {
    let kind = match statement {
        Statement::Query(_) | Statement::Explain { .. } => "a query",
        _ => "a statement",
    };
    Error::internal(format!("{kind} came to the wrong part of the catalog statements"))
}

/// `error` is no failure where the statement says `IF EXISTS` and what is missing is one of `codes`.
fn unless_missing(result: Result<()>, if_exists: bool, codes: &[ErrorCode]) -> Result<()> {
    match result {
        Err(error) if if_exists && codes.contains(&error.code) => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests;
