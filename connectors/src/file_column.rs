//! What a table tells of the files its rows are in: `"$path"`, `"$file_size"`, `"$file_modified_time"`.
//!
//! They stand behind the partition keys in every table's schema. No reader knows them: like partition keys
//! they have one value per split, which the listing has given, so they cost nothing to read.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, Int64Array, StringViewArray},
    datatypes::{DataType, Field, FieldRef, Schema},
};
use datafusion::common::ScalarValue;
use storage::ObjectRef;

/// A column of every table that is not in its definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileColumn {
    /// The object's location, as text.
    Path,
    /// The object's bytes, as Int64.
    Size,
    /// When the object was written, as Int64: `milliseconds UTC << 12 | 0`, the engine's form of a time
    /// with the zone UTC.
    ModifiedTime,
}

/// Bits for the zone below the milliseconds of a time with zone.
const ZONE_BITS: u32 = 12;

impl FileColumn {
    const ALL: [FileColumn; 3] = [FileColumn::Path, FileColumn::Size, FileColumn::ModifiedTime];

    /// Those of a table, in order. A column of the table's own hides the one of its name.
    pub(crate) fn of(file_schema: &Schema, partition_schema: &Schema) -> Vec<FileColumn> {
        let is_taken = |column: &FileColumn| {
            [file_schema, partition_schema].iter().any(|schema| schema.index_of(column.name()).is_ok())
        };
        Self::ALL.into_iter().filter(|column| !is_taken(column)).collect()
    }

    /// As queries write it, in quotes.
    pub fn name(self) -> &'static str {
        match self {
            FileColumn::Path => "$path",
            FileColumn::Size => "$file_size",
            FileColumn::ModifiedTime => "$file_modified_time",
        }
    }

    pub(crate) fn field(self) -> FieldRef {
        let data_type = match self {
            FileColumn::Path => DataType::Utf8View,
            FileColumn::Size | FileColumn::ModifiedTime => DataType::Int64,
        };
        Arc::new(Field::new(self.name(), data_type, true))
    }

    /// What all rows of `object` have.
    pub(crate) fn value(self, object: &ObjectRef) -> ScalarValue {
        match self {
            FileColumn::Path => ScalarValue::Utf8View(Some(object.location.to_string())),
            FileColumn::Size => ScalarValue::Int64(size(object)),
            FileColumn::ModifiedTime => ScalarValue::Int64(modified_time(object)),
        }
    }

    /// One row per object.
    pub(crate) fn values<'o>(self, objects: impl Iterator<Item = &'o ObjectRef>) -> ArrayRef {
        match self {
            FileColumn::Path => {
                Arc::new(StringViewArray::from_iter_values(objects.map(|object| object.location.to_string())))
            }
            FileColumn::Size => Arc::new(objects.map(size).collect::<Int64Array>()),
            FileColumn::ModifiedTime => Arc::new(objects.map(modified_time).collect::<Int64Array>()),
        }
    }
}

fn size(object: &ObjectRef) -> Option<i64> {
    i64::try_from(object.size).ok()
}

fn modified_time(object: &ObjectRef) -> Option<i64> {
    object.modified_at_ms.checked_mul(1 << ZONE_BITS)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use storage::Location;

    use super::*;

    #[test]
    fn a_column_of_the_table_hides_the_one_of_its_name() {
        let own = Schema::new(vec![Field::new("$file_size", DataType::Utf8View, true)]);
        let none = Schema::empty();
        let both = [FileColumn::Path, FileColumn::ModifiedTime];
        assert_eq!(FileColumn::of(&own, &none), both);
        assert_eq!(FileColumn::of(&none, &own), both);
        assert_eq!(FileColumn::of(&none, &none), FileColumn::ALL);
    }

    #[test]
    fn one_value_and_many_agree_with_the_field() {
        let object = |modified_at_ms| ObjectRef {
            location: Location::parse("s3://b/k=1%3A2/é x.parquet").unwrap(),
            size: 7,
            etag: None,
            modified_at_ms,
        };
        let shown = |column: FileColumn| column.value(&object(1000)).to_string();
        assert_eq!(shown(FileColumn::Path), "s3://b/k=1%3A2/é x.parquet");
        assert_eq!(shown(FileColumn::Size), "7");
        assert_eq!(shown(FileColumn::ModifiedTime), (1000_i64 << ZONE_BITS).to_string());
        for column in FileColumn::ALL {
            for object in [object(-5), object(i64::MAX)] {
                let value = column.value(&object);
                let values = column.values([&object].into_iter());
                assert_eq!(&value.data_type(), column.field().data_type());
                assert_eq!(ScalarValue::try_from_array(&values, 0).unwrap(), value);
            }
        }
    }
}
