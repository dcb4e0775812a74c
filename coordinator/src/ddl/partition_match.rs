//! Which partitions a `PARTITION (key = value, …)` or `PARTITION (key < value, …)` means.
//!
//! An equal value means a partition by its text, as it stands in the path. Where no partition has that text,
//! it means those of equal value: `month = 1` finds `month=01` if the key is a number.

use std::collections::HashMap;

use arrow::{
    array::{Array, ArrayRef, BooleanArray, RecordBatch, Scalar},
    compute::{
        and, is_not_null,
        kernels::cmp::{eq, gt, gt_eq, lt, lt_eq, neq, not_distinct},
    },
    error::ArrowError,
};
use catalog::{Column, HIVE_DEFAULT_PARTITION, Partition, PartitionImage, Table};
use protocol::{Error, ErrorCode, Result};
use sql::{Comparison, PartitionCondition, PartitionFilter, PartitionLiteral, PartitionSpec};

/// A value per key of the table, `None` where the specification leaves the key open. The keys may
/// stand in any order. NULL is Hive's default partition, and so is the empty string.
pub(super) fn wanted_values(table: &Table, spec: &PartitionSpec) -> Result<Vec<Option<String>>> {
    if table.partition_keys.is_empty() {
        return Err(not_partitioned(table));
    }
    let mut wanted = vec![None; table.partition_keys.len()];
    for (name, literal) in &spec.values {
        let (at, _) = key(table, name)?;
        if let Some(slot) = wanted.get_mut(at) {
            *slot = Some(stored_text(literal));
        }
    }
    Ok(wanted)
}

/// A value for every key.
pub(super) fn all_values(table: &Table, spec: &PartitionSpec) -> Result<Vec<String>> {
    let wanted = wanted_values(table, spec)?;
    let keys = table.partition_keys.iter().zip(&wanted);
    let missing: Vec<&str> =
        keys.filter(|(_, value)| value.is_none()).map(|(key, _)| key.name.as_str()).collect();
    if missing.is_empty() {
        return Ok(wanted.into_iter().flatten().collect());
    }
    let message = format!(
        "no value is given for partition key {} of table \"{}\"",
        missing.join(", "),
        table.full_name()
    );
    Err(Error::new(ErrorCode::InvalidQuery, message)
        .with_hint(format!("the keys are {}", table.key_names().join(", "))))
}

/// NULL for the empty string, as the catalog keeps it.
fn stored_text(literal: &PartitionLiteral) -> String {
    match literal.text() {
        "" => HIVE_DEFAULT_PARTITION.to_owned(),
        text => text.to_owned(),
    }
}

/// The key and its place.
fn key<'a>(table: &'a Table, name: &str) -> Result<(usize, &'a Column)> {
    let found = table.partition_keys.iter().enumerate().find(|(_, key)| key.name.eq_ignore_ascii_case(name));
    found.ok_or_else(|| no_key(table, name))
}

/// A value of a partition key is not of the key's type.
pub(super) fn wrong_type(table: &Table, key: &Column, value: &str) -> Error {
    let message = format!(
        "value {value:?} of partition key \"{}\" of table \"{}\" is not of type {}",
        key.name,
        table.full_name(),
        key.hive_type
    );
    Error::new(ErrorCode::InvalidQuery, message)
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

    /// The one row that these values mean, if there is one; of several the first.
    pub(super) fn one(&self, values: Vec<String>) -> Result<Option<usize>> {
        let wanted: Vec<Option<String>> = values.into_iter().map(Some).collect();
        Ok(self.matching(&wanted)?.into_iter().min())
    }

    /// The image's rows for which all conditions hold, in no order.
    pub(super) fn filtered(&self, filter: &PartitionFilter) -> Result<Vec<usize>> {
        if self.table.partition_keys.is_empty() {
            return Err(not_partitioned(self.table));
        }
        let mut wanted = vec![None; self.table.partition_keys.len()];
        let mut compared = Vec::new();
        for condition in &filter.conditions {
            let (at, key) = key(self.table, &condition.key)?;
            match wanted.get_mut(at) {
                Some(slot @ None) if condition.comparison == Comparison::Equal => {
                    *slot = Some(stored_text(&condition.value));
                }
                _ => compared.push(self.compared(key, condition)?),
            }
        }
        let rows = match wanted.iter().any(Option::is_some) {
            true => self.matching(&wanted)?,
            false => (0..self.image.len()).collect(),
        };
        let holds = |row: &usize| compared.iter().all(|mask| mask.is_valid(*row) && mask.value(*row));
        Ok(rows.into_iter().filter(holds).collect())
    }

    /// True where the condition holds. NULL is different from every value, and nothing else.
    fn compared(&self, key: &Column, condition: &PartitionCondition) -> Result<BooleanArray> {
        let internal =
            |error: ArrowError| Error::internal(format!("partition values cannot be compared: {error}"));
        let text = stored_text(&condition.value);
        let probe = Table { partition_keys: vec![key.clone()], ..Table::default() };
        let probe = PartitionImage::build(&probe, &[Partition::new([text.as_str()])])?;
        if probe.invalid().true_count() > 0 {
            return Err(wrong_type(self.table, key, &text));
        }
        let missing = || Error::internal("a partition key has no values");
        let value = probe.batch().columns().first().ok_or_else(missing)?;
        let column: &ArrayRef = self.image.batch().column_by_name(&key.name).ok_or_else(missing)?;
        let value_is_null = value.is_null(0);
        let value = Scalar::new(value);
        match condition.comparison {
            Comparison::NotEqual if value_is_null => is_not_null(column),
            Comparison::Equal if value_is_null => not_distinct(column, &value),
            Comparison::Equal => eq(column, &value),
            Comparison::NotEqual => neq(column, &value),
            Comparison::Less => lt(column, &value),
            Comparison::LessOrEqual => lt_eq(column, &value),
            Comparison::Greater => gt(column, &value),
            Comparison::GreaterOrEqual => gt_eq(column, &value),
        }
        .map_err(internal)
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
