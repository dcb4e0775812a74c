//! The table provider. Its `scan` is the plan-time half of reading a table.

use std::sync::{Arc, atomic::Ordering::Relaxed};

use arrow::{
    array::{RecordBatch, UInt64Array},
    compute::take_record_batch,
    datatypes::{Schema, SchemaRef},
};
use async_trait::async_trait;
use catalog::{PartitionImage, Table};
use datafusion::{
    catalog::{Session, TableProvider},
    common::DFSchema,
    error::{DataFusionError, Result},
    logical_expr::{Expr, TableProviderFilterPushDown, TableType, utils::conjunction},
    physical_plan::{ExecutionPlan, PhysicalExpr},
};

use protocol::{Error, ErrorCode};

use super::{
    assign, file_filter, files,
    prune::{self, Selection},
    splits, statistics,
};
use crate::{
    FileColumn, Format, ScanContext, ScanExec, ScanSpec, error::to_datafusion,
    scan_codec::rows_without_columns, scan_spec::table_schema,
};

/// One table of the catalog, as it was when the query's snapshot was taken.
#[derive(Debug)]
pub struct HiveTable {
    table: Arc<Table>,
    format: Format,
    file_schema: SchemaRef,
    schema: SchemaRef,
    file_columns: Vec<FileColumn>,
    /// `None` for a table without partition keys.
    partitions: Option<Arc<PartitionImage>>,
}

/// What decides a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// The partition image.
    Partitions,
    /// The listing of the partitions.
    Files,
    /// The rows.
    Rows,
}

impl HiveTable {
    /// Errors: the table's columns or format cannot be read (`INVALID_TABLE_DEFINITION`,
    /// `NOT_SUPPORTED`).
    pub fn new(table: Arc<Table>, partitions: Option<Arc<PartitionImage>>) -> protocol::Result<Self> {
        check_projection(&table)?;
        let format = Format::from_catalog(table.format()?)?;
        let file_schema = Arc::new(table.schema()?);
        let partition_schema = Arc::new(table.partition_schema()?);
        let schema = table_schema(&file_schema, &partition_schema);
        let file_columns = FileColumn::of(&file_schema, &partition_schema);
        Ok(Self { table, format, file_schema, schema, file_columns, partitions })
    }

    /// The last columns of the schema, which are not in the table's definition.
    pub fn file_columns(&self) -> &[FileColumn] {
        &self.file_columns
    }

    fn reach(&self, filter: &Expr) -> Reach {
        if filter.is_volatile() {
            return Reach::Rows;
        }
        let keys = &self.table.partition_keys;
        let is_key = |name: &str| keys.iter().any(|key| key.name.eq_ignore_ascii_case(name));
        let tells_of_file = |name: &str| self.file_columns.iter().any(|column| column.name() == name);
        let used = filter.column_refs();
        if !keys.is_empty() && used.iter().all(|column| is_key(&column.name)) {
            return Reach::Partitions;
        }
        let on_files = used.iter().all(|column| is_key(&column.name) || tells_of_file(&column.name));
        if on_files && !used.is_empty() { Reach::Files } else { Reach::Rows }
    }

    /// The conditions that `reach` decides, as one.
    fn conditions(&self, filters: &[Expr], reach: Reach) -> Option<Expr> {
        conjunction(filters.iter().filter(|filter| self.reach(filter) == reach).cloned())
    }

    /// The partitions that satisfy every condition on keys alone.
    fn select(&self, state: &dyn Session, filters: &[Expr]) -> Result<Selection> {
        let Some(image) = &self.partitions else { return Ok(Selection::unpartitioned()) };
        prune::select(image, self.conditions(filters, Reach::Partitions), state)
    }

    fn spec(
        &self,
        selection: &Selection,
        projection: Option<&Vec<usize>>,
        limit: Option<usize>,
    ) -> Result<ScanSpec> {
        let all = || (0..self.schema.fields().len()).collect();
        Ok(ScanSpec {
            table: self.table.full_name(),
            format: self.format.clone(),
            file_schema: Arc::clone(&self.file_schema),
            partition_values: self.partition_values(selection)?,
            projection: projection.cloned().unwrap_or_else(all),
            limit,
        })
    }

    fn partition_values(&self, selection: &Selection) -> Result<RecordBatch> {
        match &self.partitions {
            None => rows_without_columns(Arc::new(Schema::empty()), 1),
            Some(image) => {
                let rows: UInt64Array = selection.rows.iter().map(|row| *row as u64).collect();
                Ok(take_record_batch(image.batch(), &rows)?)
            }
        }
    }

    /// The conditions on data columns as one physical expression over the table's schema.
    fn predicate(&self, state: &dyn Session, filters: &[Expr]) -> Result<Option<Arc<dyn PhysicalExpr>>> {
        let Some(predicate) = self.conditions(filters, Reach::Rows) else { return Ok(None) };
        let schema = DFSchema::try_from(Arc::clone(&self.schema))?;
        state.create_physical_expr(predicate, &schema).map(Some)
    }
}

#[async_trait]
impl TableProvider for HiveTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    /// Conditions on partition keys and files alone are applied exactly and leave the plan; all others
    /// are hints that the engine applies again.
    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        let pushdown = |filter: &&Expr| match self.reach(filter) {
            Reach::Partitions | Reach::Files => TableProviderFilterPushDown::Exact,
            Reach::Rows => TableProviderFilterPushDown::Inexact,
        };
        Ok(filters.iter().map(pushdown).collect())
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let Some(context) = state.config().get_extension::<ScanContext>() else {
            return Err(DataFusionError::Internal("a session without a scan context".to_owned()));
        };
        let selection = self.select(state, filters)?;
        let spec = Arc::new(self.spec(&selection, projection, limit)?);
        let predicate = self.predicate(state, filters)?;

        let image = self.partitions.as_deref();
        let listed = files::list(&self.table, image, &selection, &context).await;
        let listed = listed.map_err(to_datafusion)?;
        let files_total = listed.len();
        let on_files = self.conditions(filters, Reach::Files);
        let listed = file_filter::keep(listed, &spec, on_files, state)?;
        let mut planned = files::inspect(listed, &spec, &context).await.map_err(to_datafusion)?;
        statistics::keep_matching(&mut planned, &spec, predicate.as_ref());
        let statistics = Arc::new(statistics::merge(&planned, &spec)?);

        let counts = Counts {
            partitions: selection.rows.len(),
            partitions_total: selection.total,
            files: planned.len(),
            files_total,
        };
        counts.add_to(&context);
        let partitions = state.config().target_partitions();
        let splits = splits::cut(planned, &spec, partitions);
        let splits = assign::by_weight(splits, partitions);
        Ok(Arc::new(ScanExec::new(spec, splits, predicate, statistics, counts.summary())))
    }
}

/// A table whose partitions are computed has none registered: read as it stands it would be empty, so it
/// is `NotSupported`.
pub fn check_projection(table: &Table) -> protocol::Result<()> {
    let projected = table.property("projection.enabled");
    if projected.is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return Err(Error::new(
            ErrorCode::NotSupported,
            format!("table {} uses partition projection, which is not read yet", table.full_name()),
        )
        .with_hint("register the partitions and set projection.enabled to false"));
    }
    Ok(())
}

/// What planning kept of how much.
struct Counts {
    partitions: usize,
    partitions_total: usize,
    files: usize,
    files_total: usize,
}

impl Counts {
    fn add_to(&self, context: &ScanContext) {
        let counts = &context.counts;
        counts.partitions.fetch_add(self.partitions as u64, Relaxed);
        counts.partitions_total.fetch_add(self.partitions_total as u64, Relaxed);
        counts.files.fetch_add(self.files as u64, Relaxed);
        counts.files_total.fetch_add(self.files_total as u64, Relaxed);
    }

    fn summary(&self) -> Arc<str> {
        let Self { partitions, partitions_total, files, files_total } = self;
        format!("partitions={partitions}/{partitions_total}, files={files}/{files_total}").into()
    }
}
