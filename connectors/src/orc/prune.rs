//! Decides by statistics which stripes or row groups cannot hold a row of the answer.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use arrow::{
    array::{ArrayRef, BooleanArray, UInt64Array},
    datatypes::SchemaRef,
};
use datafusion::{
    common::{Column, ScalarValue, pruning::PruningStatistics},
    physical_expr::utils::collect_columns,
    physical_optimizer::pruning::{PruningPredicate, PruningPredicateBuilder},
    physical_plan::PhysicalExpr,
};

use super::{
    schema::Node,
    statistics::{self, Bounds, Trust},
    wire,
};

/// Literals of an IN list up to which it is used for skipping; a test costs one comparison per
/// literal and container, far less than reading what it skips.
const IN_LIST_LITERALS_MAX: usize = 256;

/// A predicate ready to be tested against the statistics of one file.
#[derive(Debug)]
pub(crate) struct Pruner {
    predicate: PruningPredicate,
    table: SchemaRef,
    /// The table columns the predicate is about, with their column in the file, if it has one.
    columns: Vec<(usize, Option<Node>)>,
}

/// A set of rows with what is known about the columns of the predicate.
#[derive(Debug)]
pub(crate) struct Container {
    rows: u64,
    bounds: BTreeMap<usize, Bounds>,
}

impl Pruner {
    /// `None` when the predicate cannot be used to skip anything.
    pub(crate) fn new(
        predicate: &Arc<dyn PhysicalExpr>,
        table: &SchemaRef,
        resolved: &[Option<&Node>],
    ) -> Option<Self> {
        let built = PruningPredicateBuilder::new()
            .with_file_schema(Arc::clone(table))
            .with_max_in_list_size(IN_LIST_LITERALS_MAX)
            .try_build(Arc::clone(predicate));
        let pruning = built.ok().filter(|built| !built.always_true())?;
        let used: HashSet<_> = collect_columns(predicate).iter().map(|of| of.index()).collect();
        let columns = resolved.iter().enumerate().filter(|(at, _)| used.contains(at));
        let columns = columns.map(|(at, node)| (at, node.cloned())).collect();
        Some(Self { predicate: pruning, table: Arc::clone(table), columns })
    }

    /// The file's columns whose statistics are of use.
    pub(crate) fn file_columns(&self) -> impl Iterator<Item = &Node> {
        self.columns.iter().filter_map(|(_, node)| node.as_ref())
    }

    /// Describes `rows` rows; `find` gives the statistics of a file column over them.
    pub(crate) fn container(
        &self,
        rows: u64,
        trust: Trust,
        find: impl Fn(&Node) -> Option<wire::ColumnStatistics>,
    ) -> Container {
        let mut bounds = BTreeMap::new();
        for (at, node) in &self.columns {
            let (Some(field), Some(node)) = (self.table.fields().get(*at), node) else {
                bounds.insert(*at, statistics::of_missing(rows));
                continue;
            };
            if let Some(found) = find(node) {
                let found = statistics::bounds(node, field.data_type(), &found, rows, trust);
                bounds.insert(*at, found);
            }
        }
        Container { rows, bounds }
    }

    /// For each container, whether it may hold a row that satisfies the predicate.
    pub(crate) fn keep(&self, containers: &[Container]) -> Vec<bool> {
        let all = || vec![true; containers.len()];
        if containers.is_empty() {
            return all();
        }
        let known = Known { table: &self.table, containers };
        match self.predicate.prune(&known) {
            Ok(keep) if keep.len() == containers.len() => keep,
            Ok(_) => all(),
            Err(failure) => {
                tracing::debug!(%failure, "ORC statistics could not be evaluated; nothing is skipped");
                all()
            }
        }
    }
}

struct Known<'a> {
    table: &'a SchemaRef,
    containers: &'a [Container],
}

impl Known<'_> {
    fn values(&self, column: &Column, of: impl Fn(&Bounds) -> Option<&ScalarValue>) -> Option<ArrayRef> {
        let at = self.table.index_of(&column.name).ok()?;
        let null = ScalarValue::try_from(self.table.field(at).data_type()).ok()?;
        let values = self.containers.iter().map(|container| {
            let bound = container.bounds.get(&at).and_then(&of);
            bound.unwrap_or(&null).clone()
        });
        ScalarValue::iter_to_array(values).ok()
    }
}

impl PruningStatistics for Known<'_> {
    fn min_values(&self, column: &Column) -> Option<ArrayRef> {
        self.values(column, |bounds| bounds.min.as_ref())
    }

    fn max_values(&self, column: &Column) -> Option<ArrayRef> {
        self.values(column, |bounds| bounds.max.as_ref())
    }

    fn num_containers(&self) -> usize {
        self.containers.len()
    }

    fn null_counts(&self, column: &Column) -> Option<ArrayRef> {
        let at = self.table.index_of(&column.name).ok()?;
        let counts = self.containers.iter().map(|of| of.bounds.get(&at)?.null_count);
        Some(Arc::new(counts.collect::<UInt64Array>()))
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        Some(Arc::new(self.containers.iter().map(|of| Some(of.rows)).collect::<UInt64Array>()))
    }

    fn contained(&self, _: &Column, _: &HashSet<ScalarValue>) -> Option<BooleanArray> {
        None
    }
}
