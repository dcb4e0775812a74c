//! Statements about the catalog: everything of the language that is not a query.
//!
//! Each is one change or one look at the catalog; none of them reads a file. Only `MSCK REPAIR TABLE`
//! asks the object store for names. The caller is `query/result.rs`, when the statement's stream is
//! first read.

mod alter;
mod columns;
mod create_table;
mod databases;
mod describe;
mod functions;
mod output;
mod partition_match;
mod partitions;
mod pattern;
mod prepared;
mod repair;
mod storage_descriptor;
mod tables;
mod views;

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, RecordBatch},
    datatypes::SchemaRef,
};
use catalog::{CatalogStore, Parameters, Table};
use protocol::{Error, ErrorCode, Result};
use sql::{Statement, TableName};
use storage::{Meter, Storage};

pub(crate) use functions::show_functions;
pub(crate) use prepared::prepared_statement;
pub(crate) use views::create_view;

/// How often a change is made anew when somebody else changed the same table meanwhile.
const CHANGE_ATTEMPTS_MAX: usize = 10;

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
    fn names<'n>(&'n self, name: &'n TableName) -> (&'n str, &'n str) {
        names(name, self.database)
    }

    async fn table(&self, name: &TableName) -> Result<Table> {
        let (database, table) = self.names(name);
        self.catalog.table(database, table).await
    }

    /// A table that is no view.
    async fn base_table(&self, name: &TableName) -> Result<Table> {
        let table = self.table(name).await?;
        match table.is_view() {
            true => Err(wrong_kind(&table, "is a view, not a table")),
            false => Ok(table),
        }
    }
}

/// Database and table. `` `database.table` `` in one pair of backticks is both: that is how
/// `SHOW CREATE TABLE` writes it, here and in Athena, and no table has a dot in its name.
fn names<'n>(name: &'n TableName, session_database: &'n str) -> (&'n str, &'n str) {
    match (&name.database, name.table.split_once('.')) {
        (Some(database), _) => (database, &name.table),
        (None, Some(both)) => both,
        (None, None) => (session_database, &name.table),
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
        Statement::SetDatabaseProperties { name, properties } => {
            cx.catalog.set_database_properties(&name, Parameters::from_iter(properties)).await
        }
        Statement::CreateExternalTable(statement) => create_table::create(cx, *statement).await,
        Statement::DropTable { name, if_exists } => tables::drop(cx, &name, if_exists).await,
        Statement::AlterTable { table, change } => alter::alter(cx, &table, &change).await,
        Statement::AddPartitions { table, if_not_exists, partitions } => {
            partitions::add(cx, &table, &partitions, if_not_exists).await
        }
        Statement::DropPartitions { table, if_exists, partitions } => {
            partitions::drop(cx, &table, &partitions, if_exists).await
        }
        Statement::AlterPartition { table, partition, change } => {
            partitions::alter(cx, &table, &partition, &change).await
        }
        Statement::DropView { name, if_exists } => views::drop(cx, &name, if_exists).await,
        Statement::Prepare { name, statement } => prepared::prepare(cx, name, statement).await,
        Statement::Deallocate { name } => prepared::deallocate(cx, &name).await,
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
        Statement::ShowViews { database, like } => {
            let database = database.as_deref().unwrap_or(cx.database);
            output::column(views::show(cx, database, like.as_deref()).await?)
        }
        Statement::ShowPartitions { table, partition } => {
            output::column(partitions::show(cx, &table, partition.as_ref()).await?)
        }
        Statement::ShowColumns { table } => output::column(tables::columns(&cx.table(&table).await?)),
        Statement::ShowCreateTable { table } => output::column(tables::definition(cx, &table).await?),
        Statement::ShowCreateView { view } => output::column(views::definition(cx, &view).await?),
        Statement::ShowTableProperties { table, key } => {
            let table = cx.table(&table).await?;
            output::columns(tables::properties(&table, key.as_deref()))
        }
        Statement::Describe { table, detail, partition, path } => {
            output::columns(describe::describe(cx, &table, detail, partition.as_ref(), &path).await?)
        }
        Statement::DescribeView { view } => output::columns(describe::describe_view(cx, &view).await?),
        other => Err(misrouted(&other)),
    }
}

/// What needs the planner or a writer does not come here once there is one.
fn misrouted(statement: &Statement) -> Error {
    let name = match statement {
        Statement::CreateTableAs(_) => "CREATE TABLE AS SELECT",
        Statement::Insert(_) => "INSERT INTO",
        Statement::Unload(_) => "UNLOAD",
        Statement::CreateView(_) => "CREATE VIEW",
        Statement::ShowFunctions { .. } => "SHOW FUNCTIONS",
        Statement::Execute { .. } => "EXECUTE",
        Statement::ExecuteImmediate { .. } => "EXECUTE IMMEDIATE",
        _ => return Error::internal("a statement came to the wrong part of the catalog statements"),
    };
    Error::new(ErrorCode::NotSupported, format!("{name} is not supported yet"))
}

/// The table is a view where a table is wanted, or the other way round.
fn wrong_kind(table: &Table, what: &str) -> Error {
    Error::new(ErrorCode::InvalidQuery, format!("\"{}\" {what}", table.full_name()))
}

/// Makes a change that reads before it writes, again when somebody else wrote in between.
async fn until_settled<F: Future<Output = Result<()>>>(change: impl Fn() -> F) -> Result<()> {
    for _ in 1..CHANGE_ATTEMPTS_MAX {
        match change().await {
            Err(error) if error.retryable => {}
            other => return other,
        }
    }
    change().await
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
