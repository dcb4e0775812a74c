//! `SHOW STATS FOR table` and `FOR (query)`: what the planner knows of the rows, from the footers of files.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, Float64Array, RecordBatch, StringArray},
    util::display::array_value_to_string,
};
use datafusion::{
    common::{ColumnStatistics, ScalarValue, stats::Precision},
    physical_plan::statistics::{StatisticsArgs, StatisticsContext},
};
use protocol::{Error, Position, Result};
use sql::{QueryText, StatsSubject, analyze::Analyzed};

use super::{plan, result::Work, session::QuerySession};

/// The query whose rows are meant.
pub(super) fn query(subject: StatsSubject) -> QueryText {
    match subject {
        StatsSubject::Query(query) => query,
        StatsSubject::Table(table) => {
            QueryText { text: format!("TABLE {table}"), position: Position { line: 1, column: 16 } }
        }
    }
}

/// A row for each column and one, without a name, for all rows: the columns are Trino's
/// (<https://trino.io/docs/current/sql/show-stats.html>). NULL is what is not known.
pub(super) async fn show(session: &QuerySession, analyzed: Analyzed) -> Result<Work> {
    let logical = plan::optimized(session, &analyzed.plan)?;
    let (physical, _) = plan::physical_alone(session, &logical).await?;
    let statistics = StatisticsContext::new()
        .compute(physical.as_ref(), &StatisticsArgs::new())
        .map_err(sql::plan_error)?;
    let rows = known(&statistics.num_rows).map(|rows| rows as f64);
    let mut shown = Shown::default();
    for (column, own) in analyzed.columns.iter().zip(&statistics.column_statistics) {
        shown.push(&column.name, own, rows);
    }
    shown.names.push(None);
    shown.sizes.push(None);
    shown.distinct.push(None);
    shown.nulls.push(None);
    shown.rows.push(rows);
    shown.low.push(None);
    shown.high.push(None);
    let batch = shown.batch()?;
    Ok(Work::Batch { schema: batch.schema(), batch })
}

/// The answer, column by column.
#[derive(Default)]
struct Shown {
    names: Vec<Option<String>>,
    sizes: Vec<Option<f64>>,
    distinct: Vec<Option<f64>>,
    nulls: Vec<Option<f64>>,
    rows: Vec<Option<f64>>,
    low: Vec<Option<String>>,
    high: Vec<Option<String>>,
}

impl Shown {
    fn push(&mut self, name: &str, own: &ColumnStatistics, rows: Option<f64>) {
        let nulls = known(&own.null_count).map(|nulls| nulls as f64);
        self.names.push(Some(name.to_owned()));
        self.sizes.push(known(&own.byte_size).map(|bytes| bytes as f64));
        self.distinct.push(known(&own.distinct_count).map(|count| count as f64));
        self.nulls.push(nulls.zip(rows.filter(|rows| *rows > 0.0)).map(|(nulls, rows)| nulls / rows));
        self.rows.push(None);
        self.low.push(bound(&own.min_value));
        self.high.push(bound(&own.max_value));
    }

    fn batch(self) -> Result<RecordBatch> {
        let texts = |texts: Vec<Option<String>>| Arc::new(StringArray::from(texts)) as ArrayRef;
        let numbers = |numbers: Vec<Option<f64>>| Arc::new(Float64Array::from(numbers)) as ArrayRef;
        RecordBatch::try_from_iter_with_nullable([
            ("column_name", texts(self.names), true),
            ("data_size", numbers(self.sizes), true),
            ("distinct_values_count", numbers(self.distinct), true),
            ("nulls_fraction", numbers(self.nulls), true),
            ("row_count", numbers(self.rows), true),
            ("low_value", texts(self.low), true),
            ("high_value", texts(self.high), true),
        ])
        .map_err(|error| Error::internal(format!("statistics cannot be shown: {error}")))
    }
}

fn known<T: Copy + std::fmt::Debug + PartialEq + Eq + PartialOrd>(value: &Precision<T>) -> Option<T> {
    value.get_value().copied()
}

/// Bounds of numbers, dates and times. Those of text may be cut, and Trino shows none.
fn bound(value: &Precision<ScalarValue>) -> Option<String> {
    let value = value.get_value().filter(|value| !value.is_null())?;
    let data_type = value.data_type();
    if !(data_type.is_numeric() || data_type.is_temporal()) {
        return None;
    }
    let array = value.to_array().ok()?;
    array_value_to_string(&array, 0).ok()
}
