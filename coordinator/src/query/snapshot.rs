//! The tables a query names, taken from the catalog once, before planning.
//!
//! Planning reads nothing but this snapshot, so a query sees one version of each table.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use catalog::CatalogStore;
use connectors::HiveTable;
use datafusion::{
    catalog::{CatalogProvider, CatalogProviderList, SchemaProvider, TableProvider},
    common::{Result as EngineResult, TableReference},
    sql::parser::Statement,
};
use protocol::{Error, ErrorCode, Result};

use super::{QueryRequest, session::QuerySession};
use crate::{Coordinator, system_tables};

/// The name of the one catalog, as Athena calls it.
pub(super) const CATALOG: &str = "awsdatacatalog";

type Tables = BTreeMap<String, Arc<dyn TableProvider>>;

/// Databases by name, with the tables that were asked for.
#[derive(Debug, Default)]
pub(super) struct SnapshotCatalog {
    databases: BTreeMap<String, Arc<SnapshotDatabase>>,
}

/// Looks up every table that `statement` names.
///
/// Errors: `TABLE_NOT_FOUND` or `DATABASE_NOT_FOUND` with the nearest name.
pub(super) async fn take(
    coordinator: &Arc<Coordinator>,
    session: &QuerySession,
    request: &QueryRequest,
    statement: &Statement,
) -> Result<SnapshotCatalog> {
    let named = session.state().resolve_table_references(statement).map_err(sql::plan_error)?;
    let mut databases: BTreeMap<String, Tables> = BTreeMap::new();
    // The session's database exists even if no table of it is named: names resolve against it.
    databases.insert(request.database.clone(), Tables::new());
    for reference in named {
        let (database, table) = names(&reference, &request.database)?;
        let provider = match database.as_str() {
            system_tables::DATABASE => system_tables::table(coordinator, &table)?,
            _ => hive_table(&coordinator.components.catalog, &database, &table).await?,
        };
        databases.entry(database).or_default().insert(table, provider);
    }
    let databases =
        databases.into_iter().map(|(name, tables)| (name, Arc::new(SnapshotDatabase { tables }))).collect();
    Ok(SnapshotCatalog { databases })
}

fn names(reference: &TableReference, current: &str) -> Result<(String, String)> {
    if let Some(catalog) = reference.catalog()
        && !catalog.eq_ignore_ascii_case(CATALOG)
    {
        return Err(Error::new(ErrorCode::DatabaseNotFound, format!("Catalog '{catalog}' does not exist"))
            .with_hint(format!("the only catalog is {CATALOG}")));
    }
    let database = reference.schema().unwrap_or(current).to_lowercase();
    Ok((database, reference.table().to_lowercase()))
}

/// Definition and partitions of one version: if the table changes between the two look-ups, both are
/// taken again.
async fn hive_table(
    store: &Arc<dyn CatalogStore>,
    database: &str,
    name: &str,
) -> Result<Arc<dyn TableProvider>> {
    for _ in 0..SNAPSHOT_ATTEMPTS_MAX {
        let table = store.table(database, name).await?;
        if table.partition_keys.is_empty() {
            return Ok(Arc::new(HiveTable::new(Arc::new(table), None)?));
        }
        let partitions = store.partition_image(database, name).await?;
        if partitions.version() == table.version {
            return Ok(Arc::new(HiveTable::new(Arc::new(table), Some(partitions))?));
        }
    }
    Err(Error::new(
        ErrorCode::CatalogFailed,
        format!("table {database}.{name} changes faster than it can be read"),
    )
    .retryable())
}

/// How often a table is looked up until definition and partitions fit together.
const SNAPSHOT_ATTEMPTS_MAX: usize = 10;

impl CatalogProviderList for SnapshotCatalog {
    fn register_catalog(&self, _: String, _: Arc<dyn CatalogProvider>) -> Option<Arc<dyn CatalogProvider>> {
        None
    }

    fn catalog_names(&self) -> Vec<String> {
        vec![CATALOG.to_owned()]
    }

    fn catalog(&self, name: &str) -> Option<Arc<dyn CatalogProvider>> {
        let databases = self.databases.clone();
        name.eq_ignore_ascii_case(CATALOG).then(|| Arc::new(SnapshotCatalog { databases }) as _)
    }
}

impl CatalogProvider for SnapshotCatalog {
    fn schema_names(&self) -> Vec<String> {
        self.databases.keys().cloned().collect()
    }

    fn schema(&self, name: &str) -> Option<Arc<dyn SchemaProvider>> {
        let database = self.databases.get(&name.to_lowercase())?;
        Some(Arc::clone(database) as Arc<dyn SchemaProvider>)
    }
}

#[derive(Debug)]
struct SnapshotDatabase {
    tables: Tables,
}

#[async_trait]
impl SchemaProvider for SnapshotDatabase {
    fn table_names(&self) -> Vec<String> {
        self.tables.keys().cloned().collect()
    }

    async fn table(&self, name: &str) -> EngineResult<Option<Arc<dyn TableProvider>>> {
        Ok(self.tables.get(&name.to_lowercase()).cloned())
    }

    fn table_exist(&self, name: &str) -> bool {
        self.tables.contains_key(&name.to_lowercase())
    }
}
