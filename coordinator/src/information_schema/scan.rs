//! Makes the rows when a plan wants them, of no more databases and tables than its conditions leave.
//!
//! Conditions on the names alone are evaluated before anything is looked up: `table_schema = 'x'` reads the
//! tables of one database. All conditions are applied to the rows again.

use std::{collections::HashSet, sync::Arc};

use arrow::{
    array::{ArrayRef, AsArray, RecordBatch, StringViewArray},
    datatypes::SchemaRef,
};
use async_trait::async_trait;
use catalog::CatalogStore;
use datafusion::{
    catalog::{Session, TableProvider},
    common::DFSchema,
    datasource::MemTable,
    error::Result as EngineResult,
    logical_expr::{Expr, TableProviderFilterPushDown, TableType, utils::conjunction},
    physical_plan::ExecutionPlan,
};
use protocol::{Error, ErrorCode, Result};

use super::{Contents, DATABASE, DEFINITIONS, Definition, rows::Rows};

const SCHEMA_COLUMN: &str = "table_schema";
const TABLE_COLUMN: &str = "table_name";

/// One table of `information_schema`.
#[derive(Debug)]
pub(super) struct InformationTable {
    catalog: Arc<dyn CatalogStore>,
    definition: &'static Definition,
    schema: SchemaRef,
}

impl InformationTable {
    pub(super) fn new(catalog: Arc<dyn CatalogStore>, definition: &'static Definition) -> Self {
        Self { catalog, definition, schema: definition.schema() }
    }

    async fn rows(&self, state: &dyn Session, filters: &[Expr]) -> Result<Rows> {
        let mut rows = Rows::new(self.definition);
        if self.definition.contents == Contents::Nothing {
            return Ok(rows);
        }
        let databases = self.databases().await?;
        if self.definition.contents == Contents::Databases {
            databases.iter().for_each(|database| rows.push_database(database));
            return Ok(rows);
        }
        let wanted = passing(state, filters, &[(SCHEMA_COLUMN, &databases)]);
        for (database, _) in databases.iter().zip(wanted).filter(|(_, wanted)| *wanted) {
            self.push_tables(database, state, filters, &mut rows).await?;
        }
        Ok(rows)
    }

    /// All names, in order.
    async fn databases(&self) -> Result<Vec<String>> {
        let databases = self.catalog.databases().await?.into_iter();
        let mut names: Vec<String> = databases.map(|database| database.name).collect();
        names.push(DATABASE.to_owned());
        names.sort();
        names.dedup();
        Ok(names)
    }

    async fn push_tables(
        &self,
        database: &str,
        state: &dyn Session,
        filters: &[Expr],
        rows: &mut Rows,
    ) -> Result<()> {
        let wanted = |names: Vec<String>| {
            let databases = vec![database.to_owned(); names.len()];
            passing(state, filters, &[(SCHEMA_COLUMN, &databases), (TABLE_COLUMN, &names)])
        };
        if database == DATABASE {
            let names = DEFINITIONS.iter().map(|own| own.name.to_owned()).collect();
            let own = DEFINITIONS.iter().zip(wanted(names));
            own.filter(|(_, wanted)| *wanted).for_each(|(own, _)| rows.push_own(own));
            return Ok(());
        }
        let tables = match self.catalog.tables(database).await {
            // Dropped since its name was read.
            Err(error) if error.code == ErrorCode::DatabaseNotFound => return Ok(()),
            other => other?,
        };
        let names = tables.iter().map(|table| table.name.clone()).collect();
        let tables = tables.iter().zip(wanted(names));
        tables.filter(|(_, wanted)| *wanted).for_each(|(table, _)| rows.push_table(database, table));
        Ok(())
    }

    async fn in_memory(&self, state: &dyn Session, filters: &[Expr]) -> Result<MemTable> {
        let broken = |error: &dyn std::fmt::Display| {
            Error::internal(format!("{DATABASE}.{} cannot be built: {error}", self.definition.name))
        };
        let rows = self.rows(state, filters).await?.finish().map_err(|error| broken(&error))?;
        MemTable::try_new(rows.schema(), vec![vec![rows]]).map_err(|error| broken(&error))
    }
}

/// For each row of `names`, whether the conditions on these columns alone may be true. Conditions that
/// fail are passed: they fail again where rows are, or there are none.
fn passing(state: &dyn Session, filters: &[Expr], names: &[(&str, &Vec<String>)]) -> Vec<bool> {
    let rows = names.first().map_or(0, |(_, names)| names.len());
    evaluated(state, filters, names).unwrap_or_else(|| vec![true; rows])
}

fn evaluated(state: &dyn Session, filters: &[Expr], names: &[(&str, &Vec<String>)]) -> Option<Vec<bool>> {
    let known: HashSet<&str> = names.iter().map(|(column, _)| *column).collect();
    let is_known = |filter: &&Expr| {
        let used = filter.column_refs();
        !filter.is_volatile() && used.iter().all(|column| known.contains(column.name.as_str()))
    };
    let condition = conjunction(filters.iter().filter(is_known).cloned())?;
    let columns = names.iter().map(|(column, names)| {
        (*column, Arc::new(StringViewArray::from_iter_values(names.iter())) as ArrayRef, true)
    });
    let batch = RecordBatch::try_from_iter_with_nullable(columns).ok()?;
    let schema = DFSchema::try_from(batch.schema()).ok()?;
    let expr = state.create_physical_expr(condition, &schema).ok()?;
    let values = expr.evaluate(&batch).and_then(|values| values.into_array(batch.num_rows())).ok()?;
    Some(values.as_boolean_opt()?.iter().map(|value| value.unwrap_or(false)).collect())
}

#[async_trait]
impl TableProvider for InformationTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::View
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> EngineResult<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> EngineResult<Arc<dyn ExecutionPlan>> {
        let rows = self.in_memory(state, filters).await.map_err(connectors::to_datafusion)?;
        rows.scan(state, projection, &[], limit).await
    }
}
