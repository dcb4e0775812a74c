//! Which partitions a `PARTITION (key = value, …)` means.
//!
//! A value means a partition by its text, as it stands in the path. Where no partition has that text,
//! it means those of equal value: `month = 1` finds `month=01` if the key is a number.

use std::collections::HashMap;

use arrow::{
    array::{BooleanArray, RecordBatch, Scalar},
    compute::{and, kernels::cmp::not_distinct},
    error::ArrowError,
};
use catalog::{HIVE_DEFAULT_PARTITION, Partition, PartitionImage, Table};
use protocol::{Error, ErrorCode, Result};
use sql::PartitionSpec;

/// A value per key of the table, `None` where the specification leaves the key open. The keys may
/// stand in any order. NULL is Hive's default partition, and so is the empty string.
pub(super) fn wanted_values(table: &Table, spec: &PartitionSpec) -> Result<Vec<Option<String>>> {
    if table.partition_keys.is_empty() {
        return Err(not_partitioned(table));
    }
    let mut wanted = vec![None; table.partition_keys.len()];
    for (name, literal) in &spec.values {
        let place =
            table.partition_keys.iter().zip(&mut wanted).find(|(key, _)| key.name.eq_ignore_ascii_case(name));
        let Some((_, slot)) = place else { return Err(no_key(table, name)) };
        *slot = Some(match literal.text() {
            "" => HIVE_DEFAULT_PARTITION.to_owned(),
            text => text.to_owned(),
        });
    }
    Ok(wanted)
}

/// The table has no partition keys.
pub(super) fn not_partitioned(table: &Table) -> Error {
    let message = format!("table \"{}\" is not partitioned", table.full_name());
    Error::new(ErrorCode::InvalidQuery, message)
}

fn no_key(table: &Table, name: &str) -> Error {
    let message = format!("no partition key \"{name}\" in table \"{}\"", table.full_name());
    let hint = match sql::nearest(name, table.key_names()) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => format!("the keys are {}", table.key_names().join(", ")),
    };
    Error::new(ErrorCode::ColumnNotFound, message).with_hint(hint)
}

/// The partitions of one image, found by values. Lives for one statement.
#[derive(Debug)]
pub(super) struct Registered<'a> {
    table: &'a Table,
    image: &'a PartitionImage,
    rows: HashMap<Vec<&'a str>, usize>,
}

impl<'a> Registered<'a> {
    pub(super) fn new(table: &'a Table, image: &'a PartitionImage) -> Self {
        let rows = (0..image.len()).map(|row| (image.values(row), row)).collect();
        Self { table, image, rows }
    }

    /// Whether a partition has exactly these texts.
    pub(super) fn contains(&self, values: &[String]) -> bool {
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        self.rows.contains_key(&values)
    }

    /// The image's rows that `wanted` means, in no order.
    pub(super) fn matching(&self, wanted: &[Option<String>]) -> Result<Vec<usize>> {
        let by_text = self.with_text(wanted);
        if !by_text.is_empty() {
            return Ok(by_text);
        }
        self.with_value(wanted)
    }

    fn with_text(&self, wanted: &[Option<String>]) -> Vec<usize> {
        let all: Option<Vec<&str>> = wanted.iter().map(Option::as_deref).collect();
        if let Some(all) = all {
            return self.rows.get(&all).copied().into_iter().collect();
        }
        let fits = |values: &[&str]| {
            let mut pairs = values.iter().zip(wanted);
            pairs.all(|(value, wanted)| wanted.as_ref().is_none_or(|wanted| wanted == value))
        };
        self.rows.iter().filter(|(values, _)| fits(values)).map(|(_, row)| *row).collect()
    }

    fn with_value(&self, wanted: &[Option<String>]) -> Result<Vec<usize>> {
        let (mut keys, mut values) = (Vec::new(), Vec::new());
        for (key, value) in self.table.partition_keys.iter().zip(wanted) {
            if let Some(value) = value {
                keys.push(key.clone());
                values.push(value.clone());
            }
        }
        let probe = Table { partition_keys: keys, ..Table::default() };
        let probe = PartitionImage::build(&probe, &[Partition::new(values)])?;
        if probe.invalid().true_count() > 0 {
            return Ok(Vec::new());
        }
        let selected = self
            .equal_rows(probe.batch())
            .map_err(|error| Error::internal(format!("partition values cannot be compared: {error}")))?;
        // A value that is not of its key's type is NULL here without being the NULL partition.
        let rows = selected.iter().zip(self.image.invalid()).enumerate();
        Ok(rows.filter(|(_, flags)| *flags == (Some(true), Some(false))).map(|(row, _)| row).collect())
    }

    /// True where the image has the values of `probe`, a batch of one row and some of the keys.
    fn equal_rows(&self, probe: &RecordBatch) -> Result<BooleanArray, ArrowError> {
        let mut selected = BooleanArray::from(vec![true; self.image.len()]);
        for (field, value) in probe.schema_ref().fields().iter().zip(probe.columns()) {
            if let Some(column) = self.image.batch().column_by_name(field.name()) {
                selected = and(&selected, &not_distinct(column, &Scalar::new(value))?)?;
            }
        }
        Ok(selected)
    }
}
