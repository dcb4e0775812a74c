//! The tables a query names, taken from the catalog once, before planning.
//!
//! Planning reads nothing but this snapshot, so a query sees one version of each table.

use std::{collections::VecDeque, sync::Arc};

use catalog::{CatalogStore, HiveType, ViewDefinition};
use connectors::HiveTable;
use datafusion::{
    catalog::TableProvider,
    datasource::{MemTable, provider_as_source},
};
use protocol::{Error, ErrorCode, Position, Result};
use sql::{
    analyze::{CATALOG, Column, Source, Sources, Table, View},
    ast::{Ident, Query},
    names_of, query,
};

use super::types;
use crate::{Coordinator, system_tables};

/// Looks up every table that `query` names. A name that is none is noted, not refused: it may be that of a
/// WITH query.
pub(super) async fn take(coordinator: &Coordinator, database: &str, query: &Query) -> Result<Sources> {
    let mut sources = Sources::new();
    let mut open: VecDeque<(String, String)> =
        names_of::tables(query).iter().filter_map(|name| full_name(name, database)).collect();
    while let Some((database, table)) = open.pop_front() {
        let name = (database, table);
        if sources.contains_key(&name) {
            continue;
        }
        let source = match look_up(coordinator, &name.0, &name.1).await {
            Ok(source) => source,
            Err(error) if is_missing(error.code) => Source::Missing(error),
            Err(error) => return Err(error),
        };
        if let Source::View(view) = &source {
            open.extend(
                names_of::tables(&view.query).iter().filter_map(|name| full_name(name, &view.database)),
            );
        }
        sources.insert(name, source);
    }
    Ok(sources)
}

fn is_missing(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::TableNotFound | ErrorCode::DatabaseNotFound)
}

/// None for names of another catalog, which the analysis refuses with their place.
fn full_name(name: &[Ident], database: &str) -> Option<(String, String)> {
    match name {
        [table] => Some((database.to_owned(), table.folded())),
        [database, table] => Some((database.folded(), table.folded())),
        [catalog, database, table] if catalog.is(CATALOG) => Some((database.folded(), table.folded())),
        _ => None,
    }
}

async fn look_up(coordinator: &Coordinator, database: &str, table: &str) -> Result<Source> {
    match database {
        system_tables::DATABASE => system_table(coordinator, table),
        _ => hive_table(&coordinator.components.catalog, database, table).await,
    }
}

fn system_table(coordinator: &Coordinator, name: &str) -> Result<Source> {
    let broken = |error: &dyn std::fmt::Display| {
        Error::internal(format!("{}.{name} cannot be built: {error}", system_tables::DATABASE))
    };
    let (rows, types) =
        types::of_batch(&system_tables::rows(coordinator, name)?).map_err(|error| broken(&error))?;
    let schema = rows.schema();
    let provider = MemTable::try_new(rows.schema(), vec![vec![rows]]).map_err(|error| broken(&error))?;
    let names = schema.fields().iter().map(|field| field.name().clone());
    let columns =
        names.zip(types).map(|(name, data_type)| Column { name, data_type, hidden: false }).collect();
    Ok(Source::Table(Table { source: provider_as_source(Arc::new(provider)), columns }))
}

/// Definition and partitions of one version: if the table changes between the two look-ups, both are
/// taken again.
async fn hive_table(store: &Arc<dyn CatalogStore>, database: &str, name: &str) -> Result<Source> {
    for _ in 0..SNAPSHOT_ATTEMPTS_MAX {
        let table = store.table(database, name).await?;
        if let Some(view) = ViewDefinition::of(&table)? {
            return view_source(&view, database).map(Source::View);
        }
        let columns = columns(&table)?;
        if table.partition_keys.is_empty() {
            return Ok(scanned(HiveTable::new(Arc::new(table), None)?, columns));
        }
        let partitions = store.partition_image(database, name).await?;
        if partitions.version() == table.version {
            return Ok(scanned(HiveTable::new(Arc::new(table), Some(partitions))?, columns));
        }
    }
    Err(Error::new(
        ErrorCode::CatalogFailed,
        format!("table {database}.{name} changes faster than it can be read"),
    )
    .retryable())
}

/// A view's query, read; names in it without a database are of the database it was made in.
fn view_source(view: &ViewDefinition, database: &str) -> Result<View> {
    let start = Position { line: 1, column: 1 };
    let query = query::on_deep_stack(|| query::parse(&view.original_sql, start))?;
    let columns = view.columns.iter().map(|(name, data_type)| {
        let data_type = functions::types::parse(data_type)?;
        Ok(Column { name: name.clone(), data_type, hidden: false })
    });
    let database = view.schema.clone().unwrap_or_else(|| database.to_owned());
    Ok(View { query, database, columns: columns.collect::<Result<_>>()? })
}

fn scanned(provider: HiveTable, columns: Vec<Column>) -> Source {
    let provider: Arc<dyn TableProvider> = Arc::new(provider);
    Source::Table(Table { source: provider_as_source(provider), columns })
}

fn columns(table: &catalog::Table) -> Result<Vec<Column>> {
    let all = table.columns.iter().chain(&table.partition_keys);
    all.map(|column| {
        let data_type = types::of_hive(&HiveType::parse(&column.hive_type)?)?;
        Ok(Column { name: column.name.clone(), data_type, hidden: false })
    })
    .collect()
}

/// How often a table is looked up until definition and partitions fit together.
const SNAPSHOT_ATTEMPTS_MAX: usize = 10;
