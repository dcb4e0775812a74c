//! `DISTINCT` and `ORDER BY` inside an aggregate, for every aggregate alike.
//!
//! Rows are kept until the result is asked for; then they are sorted, and the aggregate itself sees them in
//! that order. States are the kept rows, so the order holds across partitions and processes.

use arrow::{
    array::{ArrayRef, UInt64Array},
    compute::{SortColumn, SortOptions, lexsort_to_indices, take},
    datatypes::DataType,
};
use datafusion::common::Result as EngineResult;

use crate::aggregate::{
    keyed::Keyed,
    log::{Log, items_of_lists, list_type, lists},
    states::{Groups, States},
    udaf::Make,
};

/// See the module.
#[derive(Debug)]
pub(crate) struct Arranged {
    rows: Rows,
    /// The first columns are arguments, the others are what rows are sorted by.
    arguments: usize,
    options: Vec<SortOptions>,
    make: Make,
}

#[derive(Debug)]
enum Rows {
    All(Log),
    Distinct(Box<Keyed>),
}

impl Rows {
    fn log(&mut self) -> &mut Log {
        match self {
            Rows::All(log) => log,
            Rows::Distinct(keyed) => &mut keyed.log,
        }
    }

    fn append(&mut self, columns: &[ArrayRef], groups: &[usize]) -> EngineResult<()> {
        match self {
            Rows::All(log) => log.append(columns, groups),
            Rows::Distinct(keyed) => keyed.insert(columns, groups, |_, _, _| ()),
        }
    }
}

impl Arranged {
    /// `columns` are the types of the arguments and of what rows are sorted by.
    pub(crate) fn new(
        columns: Vec<DataType>,
        arguments: usize,
        options: Vec<SortOptions>,
        distinct: bool,
        make: Make,
    ) -> EngineResult<Self> {
        let rows = match distinct {
            // What rows are sorted by must be among the arguments, so it adds nothing to the key.
            true => Rows::Distinct(Box::new(Keyed::new(columns, arguments)?)),
            false => Rows::All(Log::new(columns)),
        };
        Ok(Self { rows, arguments, options, make })
    }

    /// The same without rows.
    pub(crate) fn fresh(&self) -> EngineResult<Self> {
        let (types, distinct) = match &self.rows {
            Rows::All(log) => (log.types(), false),
            Rows::Distinct(keyed) => (keyed.log.types(), true),
        };
        Self::new(types.to_vec(), self.arguments, self.options.clone(), distinct, self.make)
    }

    /// The types of the states of an aggregate with such arguments and orderings.
    pub(crate) fn state_types_of(columns: impl Iterator<Item = DataType>) -> Vec<DataType> {
        columns.map(|column| list_type(&column)).collect()
    }

    /// The aggregate over the kept rows of the first `count` groups.
    fn aggregated(&mut self, count: usize) -> EngineResult<Box<dyn States>> {
        let by_group = self.rows.log().by_group(count)?;
        let mut columns = by_group.columns;
        let orders = columns.split_off(self.arguments.min(columns.len()));
        if !orders.is_empty() {
            let order = sorted_within_groups(&by_group.groups, &orders, &self.options)?;
            columns = columns.iter().map(|column| take(column, &order, None)).collect::<Result<_, _>>()?;
        }
        let types: Vec<DataType> = columns.iter().map(|column| column.data_type().clone()).collect();
        let mut states = (self.make)(&types)?;
        states.update(&columns, &Groups { of_rows: &by_group.groups, count })?;
        Ok(states)
    }
}

/// The order of rows within their groups, which are together already. Equal rows keep their order.
fn sorted_within_groups(
    groups: &[usize],
    orders: &[ArrayRef],
    options: &[SortOptions],
) -> EngineResult<arrow::array::UInt32Array> {
    let numbers = |values: Vec<u64>| SortColumn {
        values: std::sync::Arc::new(UInt64Array::from(values)),
        options: Some(SortOptions { descending: false, nulls_first: false }),
    };
    let mut columns = vec![numbers(groups.iter().map(|group| *group as u64).collect())];
    columns.extend(orders.iter().zip(options).map(|(values, options)| SortColumn {
        values: super::keyed::canonical(values),
        options: Some(*options),
    }));
    columns.push(numbers((0..groups.len() as u64).collect()));
    Ok(lexsort_to_indices(&columns, None)?)
}

impl States for Arranged {
    fn state_types(&self) -> Vec<DataType> {
        match &self.rows {
            Rows::All(log) => Self::state_types_of(log.types().iter().cloned()),
            Rows::Distinct(keyed) => Self::state_types_of(keyed.log.types().iter().cloned()),
        }
    }

    fn update(&mut self, values: &[ArrayRef], groups: &Groups<'_>) -> EngineResult<()> {
        self.rows.append(values, groups.of_rows)
    }

    fn merge(&mut self, states: &[ArrayRef], groups: &Groups<'_>) -> EngineResult<()> {
        let (columns, item_groups) = items_of_lists(states, groups)?;
        self.rows.append(&columns, &item_groups)
    }

    fn results(&mut self, count: usize) -> EngineResult<ArrayRef> {
        self.aggregated(count)?.results(count)
    }

    fn export(&mut self, count: usize) -> EngineResult<Vec<ArrayRef>> {
        let by_group = self.rows.log().by_group(count)?;
        by_group.columns.into_iter().map(|column| lists(column, &by_group.lengths, |_| true)).collect()
    }

    fn forget(&mut self, count: usize) -> EngineResult<()> {
        match &mut self.rows {
            Rows::All(log) => log.forget(count),
            Rows::Distinct(keyed) => keyed.forget(count),
        }
    }

    fn size(&self) -> usize {
        match &self.rows {
            Rows::All(log) => log.size(),
            Rows::Distinct(keyed) => keyed.size(),
        }
    }
}
