//! The partitions of one table version as Arrow columns.
//!
//! Pruning evaluates the query's predicate on [`PartitionImage::batch`], whatever the expression, and
//! asks for text and location only of the partitions that remain. An image never changes; the store
//! makes a new one when the table's version has moved on.

use std::{collections::HashMap, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, RecordBatchOptions, StringArray},
    datatypes::Schema,
};
use protocol::{Error, ErrorCode, Result};

use crate::{
    HIVE_DEFAULT_PARTITION, HiveType, Partition, Table, partition_path::partition_path,
    partition_value::typed_column,
};

/// All partitions of a table at one version; row `i` of every part is the same partition.
#[derive(Debug)]
pub struct PartitionImage {
    table_name: String,
    table_location: String,
    version: u64,
    keys: Vec<String>,
    batch: RecordBatch,
    /// Per key the raw text; absent for text keys, whose typed column already holds it.
    raw: Vec<Option<StringArray>>,
    invalid: BooleanArray,
    own_locations: HashMap<usize, String>,
}

impl PartitionImage {
    /// Parses every value of `partitions` once. `table` gives keys, location and version.
    pub fn build(table: &Table, partitions: &[Partition]) -> Result<Self> {
        let mut invalid = vec![false; partitions.len()];
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(table.partition_keys.len());
        let mut raw = Vec::with_capacity(table.partition_keys.len());
        for (at, key) in table.partition_keys.iter().enumerate() {
            let texts = key_texts(table, partitions, at)?;
            let hive_type = key.parsed_type()?;
            columns.push(typed_column(&hive_type, &texts, &mut invalid)?);
            let is_text = matches!(hive_type, HiveType::String | HiveType::Varchar(_) | HiveType::Char(_));
            raw.push((!is_text).then(|| StringArray::from_iter_values(&texts)));
        }
        let own_locations = partitions
            .iter()
            .enumerate()
            .filter_map(|(row, partition)| Some((row, partition.location.clone()?)))
            .collect();
        Ok(Self {
            table_name: table.full_name(),
            table_location: table.storage.location.clone(),
            version: table.version,
            keys: table.partition_keys.iter().map(|key| key.name.clone()).collect(),
            batch: key_batch(table.partition_schema()?, columns, partitions.len())?,
            raw,
            invalid: BooleanArray::from(invalid),
            own_locations,
        })
    }

    /// How many partitions there are.
    pub fn len(&self) -> usize {
        self.batch.num_rows()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The table's version that this is an image of.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The key names, in order.
    pub fn keys(&self) -> &[String] {
        &self.keys
    }

    /// One typed column per key; its schema is the table's partition schema. Row `i` is NULL in a key
    /// whose value is Hive's default partition, and also where [`Self::invalid`] is set.
    pub fn batch(&self) -> &RecordBatch {
        &self.batch
    }

    /// True where a value's text is not of its key's type. A predicate cannot decide such a
    /// partition: treat it as selected and let [`Self::check_valid`] speak.
    pub fn invalid(&self) -> &BooleanArray {
        &self.invalid
    }

    /// An error naming partition `row` if one of its values is not of its key's type.
    pub fn check_valid(&self, row: usize) -> Result<()> {
        if row >= self.len() || !self.invalid.value(row) {
            return Ok(());
        }
        let path = partition_path(&self.keys, &self.values(row));
        Err(Error::new(
            ErrorCode::InvalidValue,
            format!(
                "partition \"{path}\" of table \"{}\" has a value that is not of its key's type",
                self.table_name
            ),
        )
        .with_hint("drop the partition, or declare the key as string"))
    }

    /// The raw text of partition `row`, one per key; empty past the end.
    pub fn values(&self, row: usize) -> Vec<&str> {
        if row >= self.len() {
            return Vec::new();
        }
        self.raw
            .iter()
            .zip(self.batch.columns())
            .map(|(raw, column)| match raw {
                Some(texts) => texts.value(row),
                None if column.is_null(row) => HIVE_DEFAULT_PARTITION,
                None => column.as_string_view().value(row),
            })
            .collect()
    }

    /// The directory of partition `row`, always with a final `/`: its own location, or its canonical
    /// place below the table's. Made on demand.
    pub fn location(&self, row: usize) -> String {
        match self.own_locations.get(&row) {
            Some(own) => directory(own),
            None => {
                let path = partition_path(&self.keys, &self.values(row));
                directory(&format!("{}{path}", directory(&self.table_location)))
            }
        }
    }

    /// Whether partition `row` has a location of its own.
    pub fn has_own_location(&self, row: usize) -> bool {
        self.own_locations.contains_key(&row)
    }

    /// Roughly what this image holds in memory.
    pub fn memory_bytes(&self) -> usize {
        let raw: usize = self.raw.iter().flatten().map(Array::get_array_memory_size).sum();
        let own: usize =
            self.own_locations.values().map(|own| own.len() + size_of::<(usize, String)>()).sum();
        self.batch.get_array_memory_size() + self.invalid.get_array_memory_size() + raw + own
    }
}

/// `location` with a final slash. Slashes that are there stay: to an object store `a//` is not `a/`.
fn directory(location: &str) -> String {
    let slash = if location.ends_with('/') { "" } else { "/" };
    format!("{location}{slash}")
}

fn key_texts<'a>(table: &Table, partitions: &'a [Partition], at: usize) -> Result<Vec<&'a str>> {
    partitions
        .iter()
        .map(|partition| partition.values.get(at).map(String::as_str))
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| {
            let message = format!(
                "a partition of table \"{}\" has fewer values than there are keys",
                table.full_name()
            );
            Error::new(ErrorCode::CatalogFailed, message)
        })
}

fn key_batch(schema: Schema, columns: Vec<ArrayRef>, rows: usize) -> Result<RecordBatch> {
    // The count is given because a table without keys has no column to take it from.
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(Arc::new(schema), columns, &options)
        .map_err(|error| Error::internal(format!("partition columns do not fit their schema: {error}")))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::time::{Duration, Instant};

    use arrow::datatypes::Int32Type;

    use super::*;
    use crate::Column;

    fn table() -> Table {
        let mut table = Table {
            database: "d".into(),
            name: "t".into(),
            partition_keys: vec![
                Column::new("year", "int"),
                Column::new("city", "string"),
                Column::new("day", "date"),
            ],
            version: 7,
            ..Table::default()
        };
        table.storage.location = "s3://b/t".into();
        table
    }

    #[test]
    fn image_is_typed_and_keeps_raw_text() {
        let partitions = [
            Partition::new(["02024", "a/b", "2024-01-02"]),
            Partition::new([HIVE_DEFAULT_PARTITION, HIVE_DEFAULT_PARTITION, HIVE_DEFAULT_PARTITION]),
            Partition::new(["abc", "x", "2024-01-02"]).at("s3://other/place"),
        ];
        let image = PartitionImage::build(&table(), &partitions).unwrap();
        assert_eq!((image.len(), image.version()), (3, 7));
        assert_eq!(image.batch().schema().as_ref(), &table().partition_schema().unwrap());

        let years = image.batch().column(0).as_primitive::<Int32Type>();
        assert_eq!(years.iter().collect::<Vec<_>>(), [Some(2024), None, None]);
        assert_eq!(image.invalid().iter().collect::<Vec<_>>(), [Some(false), Some(false), Some(true)]);
        assert!(image.check_valid(0).is_ok() && image.check_valid(1).is_ok());
        let error = image.check_valid(2).unwrap_err();
        assert!(error.message.contains("year=abc/city=x/day=2024-01-02"), "{error}");

        for (row, partition) in partitions.iter().enumerate() {
            assert_eq!(image.values(row), partition.values);
        }
        assert_eq!(image.location(0), "s3://b/t/year=02024/city=a%2Fb/day=2024-01-02/");
        let null = HIVE_DEFAULT_PARTITION;
        assert_eq!(image.location(1), format!("s3://b/t/year={null}/city={null}/day={null}/"));
        assert_eq!(image.location(2), "s3://other/place/");
        assert!(image.has_own_location(2) && !image.has_own_location(0));
        assert!(image.values(3).is_empty());
    }

    #[test]
    fn tables_without_keys_or_partitions_have_an_empty_image() {
        assert!(PartitionImage::build(&table(), &[]).unwrap().is_empty());
        let unpartitioned = Table { partition_keys: Vec::new(), ..table() };
        assert!(PartitionImage::build(&unpartitioned, &[]).unwrap().is_empty());
    }

    #[test]
    fn ten_thousand_partitions_are_built_in_200_ms() {
        let partitions: Vec<Partition> = (0..10_000)
            .map(|n| {
                Partition::new([
                    format!("{}", 2000 + n % 20),
                    format!("city {n}"),
                    format!("2024-01-{:02}", 1 + n % 28),
                ])
            })
            .collect();
        let started = Instant::now();
        let image = PartitionImage::build(&table(), &partitions).unwrap();
        let took = started.elapsed();
        assert_eq!(image.len(), 10_000);
        assert!(took < Duration::from_millis(200), "{took:?}");
    }
}
