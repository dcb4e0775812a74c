//! The tables a query names, taken from the catalog once, before planning.
//!
//! Planning reads nothing but this snapshot, so a query sees one version of each table.

use std::{collections::VecDeque, sync::Arc};

use arrow::array::RecordBatch;
use catalog::{CatalogStore, HiveType, PartitionImage, ViewDefinition};
use connectors::{HiveTable, check_projection};
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

use super::{types, unreadable::UnreadableTable};
use crate::{Coordinator, information_schema, system_tables};

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
    let store = &coordinator.components.catalog;
    match (database, table.strip_suffix(PARTITIONS_SUFFIX)) {
        (system_tables::DATABASE, _) => system_table(coordinator, table),
        (information_schema::DATABASE, _) => information_schema::table(store, table).map(Source::Table),
        (_, Some(partitioned)) => partitions_of(store, database, partitioned).await,
        (_, None) => hive_table(store, database, table).await,
    }
}

fn system_table(coordinator: &Coordinator, name: &str) -> Result<Source> {
    let (rows, types) = types::of_batch(&system_tables::rows(coordinator, name)?).map_err(|error| {
        Error::internal(format!("{}.{name} cannot be built: {error}", system_tables::DATABASE))
    })?;
    let schema = rows.schema();
    let names = schema.fields().iter().map(|field| field.name().clone());
    let columns =
        names.zip(types).map(|(name, data_type)| Column { name, data_type, hidden: false }).collect();
    in_memory(rows, columns)
}

fn in_memory(rows: RecordBatch, columns: Vec<Column>) -> Result<Source> {
    let provider = MemTable::try_new(rows.schema(), vec![vec![rows]])
        .map_err(|error| Error::internal(format!("rows in memory cannot be scanned: {error}")))?;
    Ok(Source::Table(Table { source: provider_as_source(Arc::new(provider)), columns }))
}

async fn hive_table(store: &Arc<dyn CatalogStore>, database: &str, name: &str) -> Result<Source> {
    let (table, partitions) = of_one_version(store, database, name).await?;
    if let Some(view) = ViewDefinition::of(&table)? {
        return view_source(&view, database).map(Source::View);
    }
    let mut columns = columns(table.columns.iter().chain(&table.partition_keys))?;
    let provider = match HiveTable::new(Arc::new(table), partitions) {
        Ok(provider) => provider,
        // What the query means does not depend on whether the files can be read.
        Err(error) if error.code == ErrorCode::NotSupported => {
            let provider = Arc::new(UnreadableTable::new(&columns, error));
            return Ok(Source::Table(Table { source: provider_as_source(provider), columns }));
        }
        Err(error) => return Err(error),
    };
    columns.extend(provider.file_columns().iter().map(|column| Column {
        name: column.name().to_owned(),
        data_type: types::of_file_column(*column),
        hidden: true,
    }));
    let provider: Arc<dyn TableProvider> = Arc::new(provider);
    Ok(Source::Table(Table { source: provider_as_source(provider), columns }))
}

/// `"table$partitions"`: a row per partition, a column per key. No file is looked at.
async fn partitions_of(store: &Arc<dyn CatalogStore>, database: &str, name: &str) -> Result<Source> {
    let (table, partitions) = of_one_version(store, database, name).await?;
    let Some(partitions) = partitions else {
        let message = format!("Table '{CATALOG}.{database}.{name}{PARTITIONS_SUFFIX}' does not exist");
        return Err(Error::new(ErrorCode::TableNotFound, message)
            .with_hint(format!("{database}.{name} is not partitioned")));
    };
    check_projection(&table)?;
    (0..partitions.len()).try_for_each(|row| partitions.check_valid(row))?;
    in_memory(partitions.batch().clone(), columns(&table.partition_keys)?)
}

/// Definition and, if the table has any, partitions of one version: if the table changes between the two
/// look-ups, both are taken again.
async fn of_one_version(
    store: &Arc<dyn CatalogStore>,
    database: &str,
    name: &str,
) -> Result<(catalog::Table, Option<Arc<PartitionImage>>)> {
    for _ in 0..SNAPSHOT_ATTEMPTS_MAX {
        let table = store.table(database, name).await?;
        if table.is_view() || table.partition_keys.is_empty() {
            return Ok((table, None));
        }
        let partitions = store.partition_image(database, name).await?;
        if partitions.version() == table.version {
            return Ok((table, Some(partitions)));
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

fn columns<'c>(columns: impl IntoIterator<Item = &'c catalog::Column>) -> Result<Vec<Column>> {
    let typed = columns.into_iter().map(|column| {
        let data_type = types::of_hive(&HiveType::parse(&column.hive_type)?)?;
        Ok(Column { name: column.name.clone(), data_type, hidden: false })
    });
    typed.collect()
}

/// Behind a table's name: its partitions.
const PARTITIONS_SUFFIX: &str = "$partitions";

/// How often a table is looked up until definition and partitions fit together.
const SNAPSHOT_ATTEMPTS_MAX: usize = 10;
