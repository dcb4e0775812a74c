//! The leaf of every plan: reads splits of one table.
//!
//! It is the engine's own file scan for Parquet (built afresh for each partition at execution) and
//! ours for the other formats. It exists because the engine's plan encoding loses ETags and format
//! options, and because its default split handling cuts files that must not be cut.

use std::{fmt, sync::Arc};

use arrow::datatypes::SchemaRef;
use datafusion::{
    common::{Statistics, tree_node::TreeNodeRecursion},
    config::ConfigOptions,
    datasource::source::DataSourceExec,
    error::Result,
    execution::{SendableRecordBatchStream, TaskContext},
    physical_expr::{EquivalenceProperties, Partitioning},
    physical_plan::{
        DisplayAs, DisplayFormatType, ExecutionPlan, PhysicalExpr, PlanProperties, StatisticsArgs,
        execution_plan::{Boundedness, EmissionType},
        filter_pushdown::{ChildPushdownResult, FilterPushdownPhase, FilterPushdownPropagation, PushedDown},
        metrics::MetricsSet,
    },
};

use parking_lot::Mutex;

use crate::{ScanSpec, Split, read};

/// Reads `splits[p]` as its output partition `p`.
#[derive(Debug, Clone)]
pub struct ScanExec {
    pub(crate) spec: Arc<ScanSpec>,
    pub(crate) splits: Vec<Vec<Split>>,
    /// A condition over the table's schema, used to skip data; rows are filtered again above.
    pub(crate) predicate: Option<Arc<dyn PhysicalExpr>>,
    /// Conditions over the *output* schema that appear while the query runs (joins, top-n).
    pub(crate) dynamic_filters: Vec<Arc<dyn PhysicalExpr>>,
    statistics: Arc<Statistics>,
    /// What planning kept out, shown by EXPLAIN; not sent to workers.
    summary: Arc<str>,
    properties: Arc<PlanProperties>,
    /// The engine's own scans that ran for this one, for EXPLAIN ANALYZE.
    engine_scans: Arc<Mutex<Vec<Arc<dyn ExecutionPlan>>>>,
}

impl ScanExec {
    /// `statistics` are those of the output columns over all splits.
    pub fn new(
        spec: Arc<ScanSpec>,
        splits: Vec<Vec<Split>>,
        predicate: Option<Arc<dyn PhysicalExpr>>,
        statistics: Arc<Statistics>,
        summary: Arc<str>,
    ) -> Self {
        let properties = Arc::new(PlanProperties::new(
            EquivalenceProperties::new(spec.output_schema()),
            Partitioning::UnknownPartitioning(splits.len()),
            EmissionType::Incremental,
            Boundedness::Bounded,
        ));
        Self {
            spec,
            splits,
            predicate,
            dynamic_filters: Vec::new(),
            statistics,
            summary,
            properties,
            engine_scans: Arc::default(),
        }
    }

    /// The same scan over other splits.
    #[must_use]
    pub fn with_splits(&self, splits: Vec<Vec<Split>>) -> Self {
        let mut scan = Self::new(
            Arc::clone(&self.spec),
            splits,
            self.predicate.clone(),
            Arc::clone(&self.statistics),
            Arc::clone(&self.summary),
        );
        scan.dynamic_filters.clone_from(&self.dynamic_filters);
        scan
    }

    pub fn spec(&self) -> &ScanSpec {
        &self.spec
    }

    /// Splits by output partition.
    pub fn splits(&self) -> &[Vec<Split>] {
        &self.splits
    }

    /// Bytes of the wanted columns, as far as known.
    pub fn weight_bytes(&self) -> u64 {
        self.splits.iter().flatten().map(|split| split.weight_bytes).sum()
    }

    pub(crate) fn keep_metrics_of(&self, engine_scan: &Arc<DataSourceExec>) {
        self.engine_scans.lock().push(Arc::clone(engine_scan) as Arc<dyn ExecutionPlan>);
    }

    fn with_spec(&self, spec: ScanSpec) -> Self {
        let mut scan = Self::new(
            Arc::new(spec),
            self.splits.clone(),
            self.predicate.clone(),
            Arc::clone(&self.statistics),
            Arc::clone(&self.summary),
        );
        scan.dynamic_filters.clone_from(&self.dynamic_filters);
        scan
    }
}

impl DisplayAs for ScanExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        let spec = &self.spec;
        let splits: usize = self.splits.iter().map(Vec::len).sum();
        write!(f, "ScanExec: table={}, format={}", spec.table, spec.format.name())?;
        write!(f, ", {}, splits={splits}", self.summary)?;
        let output = spec.output_schema();
        let columns: Vec<_> = output.fields().iter().map(|field| field.name().as_str()).collect();
        write!(f, ", projection=[{}]", columns.join(", "))?;
        if let Some(limit) = spec.limit {
            write!(f, ", limit={limit}")?;
        }
        if let Some(predicate) = &self.predicate {
            write!(f, ", predicate={predicate}")?;
        }
        for filter in &self.dynamic_filters {
            write!(f, ", dynamic_filter={filter}")?;
        }
        Ok(())
    }
}

impl ExecutionPlan for ScanExec {
    fn name(&self) -> &'static str {
        "ScanExec"
    }

    fn schema(&self) -> SchemaRef {
        Arc::clone(self.properties.eq_properties.schema())
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        for expr in self.predicate.iter().chain(&self.dynamic_filters) {
            if f(expr)? == TreeNodeRecursion::Stop {
                return Ok(TreeNodeRecursion::Stop);
            }
        }
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(self: Arc<Self>, _: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        read::partition(self, partition, &context)
    }

    fn metrics(&self) -> Option<MetricsSet> {
        let mut metrics = MetricsSet::new();
        for scan in self.engine_scans.lock().iter() {
            scan.metrics().iter().flat_map(MetricsSet::iter).for_each(|m| metrics.push(Arc::clone(m)));
        }
        Some(metrics)
    }

    fn statistics_from_inputs(
        &self,
        _: &[Arc<Statistics>],
        args: &StatisticsArgs,
    ) -> Result<Arc<Statistics>> {
        match args.partition() {
            None => {
                let all = Statistics::clone(&self.statistics);
                Ok(Arc::new(all.with_fetch(self.spec.limit, 0, self.splits.len())?))
            }
            Some(_) => Ok(Arc::new(Statistics::new_unknown(&self.schema()))),
        }
    }

    fn with_fetch(&self, limit: Option<usize>) -> Option<Arc<dyn ExecutionPlan>> {
        let spec = ScanSpec { limit, ..ScanSpec::clone(&self.spec) };
        Some(Arc::new(self.with_spec(spec)))
    }

    fn fetch(&self) -> Option<usize> {
        self.spec.limit
    }

    /// Takes dynamic filters only: static conditions came with the table scan, and every condition
    /// is answered with "not applied", so whoever has it keeps applying it.
    fn handle_child_pushdown_result(
        &self,
        phase: FilterPushdownPhase,
        result: ChildPushdownResult,
        _: &ConfigOptions,
    ) -> Result<FilterPushdownPropagation<Arc<dyn ExecutionPlan>>> {
        let filters = vec![PushedDown::No; result.parent_filters.len()];
        let updated_node = match phase {
            FilterPushdownPhase::Pre => None,
            FilterPushdownPhase::Post if result.parent_filters.is_empty() => None,
            FilterPushdownPhase::Post => {
                let mut scan = self.clone();
                let parents = result.parent_filters.into_iter().map(|parent| parent.filter);
                scan.dynamic_filters.extend(parents);
                Some(Arc::new(scan) as Arc<dyn ExecutionPlan>)
            }
        };
        Ok(FilterPushdownPropagation { filters, updated_node })
    }
}
