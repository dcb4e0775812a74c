//! Results in types that every client reads.
//!
//! The engine works with string views and dictionaries; older JDBC drivers and flightsql-dbapi cannot
//! read either, and ADBC compares schemas exactly. So every result leaves in plain types: views become
//! `Utf8`, `Binary` and `List`, dictionaries and run-ends become their values, at any depth. The schema
//! depends on the planned schema alone, so it is known before the first batch.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch, RecordBatchOptions},
    compute::{CastOptions, cast_with_options},
    datatypes::{DataType, Field, FieldRef, Fields, Schema, SchemaRef},
};
use protocol::{Error, ErrorCode, Result};

/// Most bytes of text converted in one batch; a batch with more is split by rows. Views may share
/// buffers, so a small batch of views can be a huge batch of plain strings.
const PLAIN_BYTES_MAX: usize = 256 * 1024 * 1024;

/// Largest column of one batch, in bytes: plain strings are addressed with 32-bit offsets.
const COLUMN_BYTES_MAX: usize = i32::MAX as usize;

/// The plain form of one result's schema.
#[derive(Debug, Clone)]
pub(crate) struct PlainTypes {
    schema: SchemaRef,
}

impl PlainTypes {
    /// For a result planned with `schema`.
    pub(crate) fn of(schema: &Schema) -> Self {
        Self { schema: Arc::new(plain_schema(schema)) }
    }

    /// What the client is told, and what every converted batch has.
    pub(crate) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// `batch` in plain types, in one piece unless its text is too large for that. Columns that are
    /// plain already are not copied.
    pub(crate) fn convert(&self, batch: RecordBatch) -> Result<Vec<RecordBatch>> {
        let rows = batch.num_rows();
        let bytes: usize = batch.columns().iter().map(view_bytes).sum();
        if bytes <= PLAIN_BYTES_MAX || rows <= 1 {
            return Ok(vec![self.convert_whole(&batch)?]);
        }
        let first = rows / 2;
        let mut pieces = self.convert(batch.slice(0, first))?;
        pieces.extend(self.convert(batch.slice(first, rows - first))?);
        Ok(pieces)
    }

    fn convert_whole(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let columns = batch
            .columns()
            .iter()
            .zip(self.schema.fields())
            .map(|(column, field)| plain_array(column, field))
            .collect::<Result<Vec<_>>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)
            .map_err(|error| Error::internal(format!("a batch does not fit its result: {error}")))
    }
}

/// `schema` as clients see it. Used for tables' schemas too, so that metadata and results agree.
pub(crate) fn plain_schema(schema: &Schema) -> Schema {
    Schema::new_with_metadata(plain_fields(schema.fields()), schema.metadata().clone())
}

fn plain_fields(fields: &Fields) -> Fields {
    fields.iter().map(plain_field).collect()
}

fn plain_field(field: &FieldRef) -> FieldRef {
    let plain = plain_type(field.data_type());
    if &plain == field.data_type() {
        return Arc::clone(field);
    }
    Arc::new(Field::clone(field).with_data_type(plain))
}

fn plain_type(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Utf8View => DataType::Utf8,
        DataType::BinaryView => DataType::Binary,
        DataType::Dictionary(_, value) => plain_type(value),
        DataType::RunEndEncoded(_, values) => plain_type(values.data_type()),
        DataType::List(item) | DataType::ListView(item) => DataType::List(plain_field(item)),
        DataType::LargeList(item) | DataType::LargeListView(item) => DataType::LargeList(plain_field(item)),
        DataType::FixedSizeList(item, size) => DataType::FixedSizeList(plain_field(item), *size),
        DataType::Struct(fields) => DataType::Struct(plain_fields(fields)),
        DataType::Map(entries, sorted) => DataType::Map(plain_field(entries), *sorted),
        other => other.clone(),
    }
}

fn plain_array(column: &ArrayRef, field: &Field) -> Result<ArrayRef> {
    if column.data_type() == field.data_type() {
        return Ok(Arc::clone(column));
    }
    // The cast panics where offsets overflow, so that case must not reach it.
    if view_bytes(column) > COLUMN_BYTES_MAX {
        return Err(too_large(field.name()));
    }
    let strict = CastOptions { safe: false, ..CastOptions::default() };
    cast_with_options(column, field.data_type(), &strict).map_err(|error| {
        Error::internal(format!(
            "column \"{}\" cannot be sent as {}: {error}",
            field.name(),
            field.data_type()
        ))
    })
}

fn too_large(column: &str) -> Error {
    Error::new(
        ErrorCode::NotSupported,
        format!("a value of column \"{column}\" is larger than {COLUMN_BYTES_MAX} bytes"),
    )
    .with_hint("select a part of the value, for example with substr")
}

/// Bytes of text behind the views of `array`, as they will be when written out one by one.
fn view_bytes(array: &ArrayRef) -> usize {
    match array.data_type() {
        DataType::Utf8View => views_len(array.as_string_view().views()),
        DataType::BinaryView => views_len(array.as_binary_view().views()),
        DataType::List(_) => view_bytes(array.as_list::<i32>().values()),
        DataType::LargeList(_) => view_bytes(array.as_list::<i64>().values()),
        DataType::ListView(_) => view_bytes(array.as_list_view::<i32>().values()),
        DataType::LargeListView(_) => view_bytes(array.as_list_view::<i64>().values()),
        DataType::FixedSizeList(_, _) => view_bytes(array.as_fixed_size_list().values()),
        DataType::Struct(_) => array.as_struct().columns().iter().map(view_bytes).sum(),
        DataType::Map(_, _) => array.as_map().entries().columns().iter().map(view_bytes).sum(),
        DataType::Dictionary(_, _) => view_bytes(array.as_any_dictionary().values()),
        _ => 0,
    }
}

/// The length of a view's value is in its lowest 32 bits.
fn views_len(views: &[u128]) -> usize {
    views.iter().map(|view| (view & u128::from(u32::MAX)) as usize).sum()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use arrow::{
        array::{
            BinaryViewArray, DictionaryArray, Int32Array, ListArray, MapArray, StringArray, StringViewArray,
            StructArray,
        },
        buffer::OffsetBuffer,
        datatypes::Int32Type,
        util::pretty::pretty_format_batches,
    };

    use super::*;

    fn check_type(given: DataType, expected: DataType) {
        assert_eq!(plain_type(&given), expected, "{given}");
        assert_eq!(plain_type(&expected), expected, "plain types stay: {expected}");
    }

    fn item(data_type: DataType) -> FieldRef {
        Arc::new(Field::new("item", data_type, true))
    }

    fn entries(key: DataType, value: DataType) -> FieldRef {
        let fields = vec![Field::new("keys", key, false), Field::new("values", value, true)];
        Arc::new(Field::new("entries", DataType::Struct(fields.into()), false))
    }

    fn dictionary_of(value: DataType) -> DataType {
        DataType::Dictionary(Box::new(DataType::Int32), Box::new(value))
    }

    #[test]
    fn types_become_plain_at_any_depth() {
        use DataType::{Binary, BinaryView, Int64, List, ListView, Map, Struct, Utf8, Utf8View};
        check_type(Utf8View, Utf8);
        check_type(BinaryView, Binary);
        check_type(Int64, Int64);
        check_type(dictionary_of(Utf8View), Utf8);
        check_type(List(item(Utf8View)), List(item(Utf8)));
        check_type(ListView(item(dictionary_of(Utf8))), List(item(Utf8)));
        check_type(
            Struct(vec![Field::new("a", List(item(BinaryView)), true)].into()),
            Struct(vec![Field::new("a", List(item(Binary)), true)].into()),
        );
        check_type(Map(entries(Utf8View, Utf8View), false), Map(entries(Utf8, Utf8), false));
    }

    #[test]
    fn names_nullability_and_metadata_stay() {
        let field = Field::new("a", DataType::Utf8View, false)
            .with_metadata([("k".to_owned(), "v".to_owned())].into());
        let schema = Schema::new(vec![field.clone()]);
        let expected = field.with_data_type(DataType::Utf8);
        assert_eq!(plain_schema(&schema).field(0), &expected);
    }

    /// Converts one column and compares the schema and the printed values, which types do not change.
    fn check_convert(column: ArrayRef) {
        let schema = Arc::new(Schema::new(vec![Field::new("c", column.data_type().clone(), true)]));
        let batch = RecordBatch::try_new(Arc::clone(&schema), vec![column]).unwrap();
        let plain = PlainTypes::of(&schema);
        let converted = plain.convert(batch.clone()).unwrap();
        assert_eq!(converted.len(), 1);
        assert_eq!(&converted[0].schema(), plain.schema());
        let print =
            |batch: &RecordBatch| pretty_format_batches(std::slice::from_ref(batch)).unwrap().to_string();
        assert_eq!(print(&converted[0]), print(&batch));
    }

    fn long_strings() -> StringViewArray {
        StringViewArray::from(vec![Some("short"), None, Some(""), Some("longer than twelve bytes")])
    }

    #[test]
    fn values_survive() {
        let strings: ArrayRef = Arc::new(long_strings());
        check_convert(Arc::clone(&strings));
        check_convert(strings.slice(1, 2));
        check_convert(Arc::new(BinaryViewArray::from(vec![Some(b"a".as_slice()), None])));
        let dictionary: DictionaryArray<Int32Type> =
            vec![Some("x"), None, Some("y"), Some("x")].into_iter().collect();
        check_convert(Arc::new(dictionary));
        let view_values =
            DictionaryArray::new(Int32Array::from(vec![Some(3), None, Some(0)]), Arc::clone(&strings));
        check_convert(Arc::new(view_values));
        let offsets = OffsetBuffer::new(vec![0, 2, 2, 4].into());
        let list = ListArray::new(item(DataType::Utf8View), offsets.clone(), Arc::clone(&strings), None);
        check_convert(Arc::new(list.clone()));
        check_convert(Arc::new(list.slice(1, 2)));
        let fields = Fields::from(vec![Field::new("s", DataType::Utf8View, true)]);
        check_convert(Arc::new(StructArray::new(fields, vec![Arc::clone(&strings)], None)));
        check_convert(Arc::new(map_of_views(offsets)));
    }

    fn map_of_views(offsets: OffsetBuffer<i32>) -> MapArray {
        let field = entries(DataType::Utf8View, DataType::Utf8View);
        let DataType::Struct(fields) = field.data_type().clone() else { panic!("entries are a struct") };
        let keys = StringViewArray::from(vec!["a", "b", "c", "d"]);
        let pairs = StructArray::new(fields, vec![Arc::new(keys), Arc::new(long_strings())], None);
        MapArray::new(field, offsets, pairs, None, false)
    }

    #[test]
    fn plain_columns_are_not_copied() {
        let column: ArrayRef = Arc::new(StringArray::from(vec!["a"]));
        let schema = Arc::new(Schema::new(vec![Field::new("c", DataType::Utf8, true)]));
        let batch = RecordBatch::try_new(Arc::clone(&schema), vec![Arc::clone(&column)]).unwrap();
        let converted = PlainTypes::of(&schema).convert(batch).unwrap();
        assert!(Arc::ptr_eq(converted[0].column(0), &column));
    }

    #[test]
    fn a_batch_without_columns_keeps_its_rows() {
        let options = RecordBatchOptions::new().with_row_count(Some(7));
        let schema = Arc::new(Schema::empty());
        let batch = RecordBatch::try_new_with_options(Arc::clone(&schema), vec![], &options).unwrap();
        let converted = PlainTypes::of(&schema).convert(batch).unwrap();
        assert_eq!(converted[0].num_rows(), 7);
    }

    #[test]
    fn views_that_share_a_buffer_are_split_by_rows() {
        let value = "v".repeat(1024 * 1024);
        let one = StringViewArray::from(vec![value.as_str()]);
        let indices = Int32Array::from(vec![0; 300]);
        let column = arrow::compute::take(&one, &indices, None).unwrap();
        let schema = Arc::new(Schema::new(vec![Field::new("c", DataType::Utf8View, true)]));
        let batch = RecordBatch::try_new(Arc::clone(&schema), vec![column]).unwrap();
        let converted = PlainTypes::of(&schema).convert(batch).unwrap();
        let rows: Vec<_> = converted.iter().map(RecordBatch::num_rows).collect();
        assert_eq!(rows, [150, 150]);
    }

    #[test]
    fn a_batch_of_another_shape_is_a_fault_not_a_panic() {
        let planned = Schema::new(vec![Field::new("c", DataType::Int64, false)]);
        let schema = Arc::new(Schema::empty());
        let options = RecordBatchOptions::new().with_row_count(Some(1));
        let batch = RecordBatch::try_new_with_options(schema, vec![], &options).unwrap();
        let error = PlainTypes::of(&planned).convert(batch).unwrap_err();
        assert_eq!(error.code, ErrorCode::Internal);
    }
}
