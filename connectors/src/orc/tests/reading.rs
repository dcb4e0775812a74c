//! What is read is what was written, whichever part of it is asked for.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use protocol::ErrorCode;
use serde_json::{Value, json};

use super::{
    Case, FooterCache,
    values::{assert_same, rows, written},
};

#[tokio::test]
async fn files_read_as_they_were_written() {
    for (file, expected) in [
        ("types", "types"),
        ("types_v1", "types"),
        ("types_dictionary", "types"),
        ("codec_uncompressed", "codec"),
        ("codec_zlib", "codec"),
        ("codec_snappy", "codec"),
        ("codec_lz4", "codec"),
        ("codec_zstd", "codec"),
        ("stripes", "pruning"),
        ("groups", "pruning"),
        ("stripes_groups", "pruning"),
        ("nested", "nested"),
        ("union", "union"),
        ("times", "times"),
        ("zone_los_angeles", "zone_los_angeles"),
        ("zone_kolkata", "zone_kolkata"),
        ("zone_sydney", "zone_sydney"),
        ("sparse", "sparse"),
        ("texts", "texts"),
        ("evolved_old", "evolved_old"),
        ("empty", "empty"),
    ] {
        let expected = written(expected);
        for batch_size in [7, 100, 8192] {
            let case = Case { batch_size, ..Case::new(file) };
            let (batches, _) = case.read().await.unwrap_or_else(|error| panic!("{file}: {error}"));
            assert_same(&rows(&batches), &expected, file);
        }
    }
}

#[tokio::test]
async fn every_stripe_belongs_to_the_split_it_begins_in() {
    for file in ["stripes", "stripes_groups", "sparse"] {
        let tail = Case::new(file).tail().await.unwrap();
        assert!(tail.stripes().len() > 1, "{file}");
        let end = std::fs::metadata(Case::new(file).path).unwrap().len();
        let (whole, _) = Case::new(file).read().await.unwrap();
        for stripe in tail.stripes() {
            let start = stripe.range().start;
            let case = Case { range: Some(start..start + 1), ..Case::new(file) };
            let found: usize = case.read().await.unwrap().0.iter().map(|of| of.num_rows()).sum();
            assert_eq!(found as u64, stripe.rows(), "{file}");
        }
        for cuts in
            [vec![0, end], vec![0, 1, end / 3, end / 2, end], (0..=end).step_by(5000).chain([end]).collect()]
        {
            let mut found = Vec::new();
            for range in cuts.windows(2) {
                let case = Case { range: Some(range[0]..range[1]), ..Case::new(file) };
                found.extend(rows(&case.read().await.unwrap().0));
            }
            assert_same(&found, &rows(&whole), file);
        }
    }
}

#[tokio::test]
async fn only_wanted_columns_are_read_in_the_wanted_order() {
    let whole = Case::new("types").read().await.unwrap();
    let expected = rows(&whole.0);
    for projection in [vec![9, 0], vec![14, 15, 16], vec![17], vec![8, 8]] {
        let case = Case { projection: Some(projection.clone()), ..Case::new("types") };
        let (batches, usage) = case.read().await.unwrap();
        let names: Vec<_> = batches[0].schema().fields().iter().map(|f| f.name().clone()).collect();
        let picked: Vec<Value> = expected
            .iter()
            .map(|row| names.iter().map(|name| (name.clone(), row[name].clone())).collect())
            .collect();
        assert_same(&rows(&batches), &picked, &format!("{projection:?}"));
        let schema = super::table_schema(&case.tail().await.unwrap());
        let wanted: Vec<_> = projection.iter().map(|&at| schema.field(at).name().clone()).collect();
        assert_eq!(names, wanted);
        assert!(usage.scanned.data < whole.1.scanned.data / 2, "{projection:?}: {usage:?}");
        assert_eq!(usage.scanned.index, 0);
    }
}

#[tokio::test]
async fn counting_rows_reads_no_data() {
    let case = Case { projection: Some(Vec::new()), batch_size: 300, ..Case::new("stripes") };
    let (batches, usage) = case.read().await.unwrap();
    assert_eq!(batches.iter().map(|batch| batch.num_rows()).sum::<usize>(), 1600);
    assert!(batches.iter().all(|batch| batch.num_columns() == 0));
    let tail = case.tail().await.unwrap();
    assert_eq!(usage.scanned_bytes(), tail.billed_bytes);
    assert_eq!(usage.scanned.footer, tail.billed_bytes);
}

#[tokio::test]
async fn a_cached_tail_is_not_billed_again() {
    let footers = Arc::new(FooterCache::default());
    let case = || Case { footers: Arc::clone(&footers), ..Case::new("types") };
    let (first, before) = case().read().await.unwrap();
    let (second, after) = case().read().await.unwrap();
    assert_same(&rows(&second), &rows(&first), "cached");
    let tail = case().tail().await.unwrap();
    assert_eq!(before.cached_bytes, 0);
    assert_eq!(after.cached_bytes, tail.billed_bytes);
    assert_eq!(after.scanned.footer, before.scanned.footer - tail.billed_bytes);
    assert_eq!(after.scanned.data, before.scanned.data);
}

#[test]
fn the_cache_keeps_its_limit() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let tail = runtime.block_on(Case::new("types").tail()).unwrap();
    let room = tail.memory_bytes() * 3 / 2;
    let cache = FooterCache::new(room);
    let key = |etag: &str| (storage::Location::parse("s3://b/k").unwrap(), etag.to_owned());
    cache.put(key("1"), &tail);
    assert!(cache.get(&key("1")).is_some());
    cache.put(key("2"), &tail);
    assert!(cache.get(&key("1")).is_none());
    assert!(cache.get(&key("2")).is_some());
}

fn table(fields: &[(&str, DataType)]) -> Option<SchemaRef> {
    let fields = fields.iter().map(|(name, kind)| Field::new(*name, kind.clone(), true));
    Some(Arc::new(Schema::new(fields.collect::<Vec<_>>())))
}

#[tokio::test]
async fn columns_are_found_by_position_or_by_name() {
    let check = async |file, by_name, fields: &[(&str, DataType)], expected: Value| {
        let case = Case { schema: table(fields), by_name, ..Case::new(file) };
        let found = rows(&case.read().await.unwrap().0);
        assert_same(&found, expected.as_array().unwrap(), file);
    };
    use DataType::{Float64, Int32, Int64, Utf8};
    let three = [("id", Int64), ("name", Utf8), ("extra", Float64)];
    check("evolved_hive", false, &three, json!([{"id": 6, "name": "f", "extra": null}])).await;
    check("evolved_hive", true, &three, json!([{"id": null, "name": null, "extra": null}])).await;
    let new = json!([{"id": 4, "name": "d", "extra": 1.5}, {"id": 5, "name": "e", "extra": null}]);
    check("evolved_new", false, &three, new.clone()).await;
    check("evolved_new", true, &three, new).await;
    let turned = [("EXTRA", Float64), ("ID", Int32)];
    let expected = json!([{"EXTRA": 1.5, "ID": 4}, {"EXTRA": null, "ID": 5}]);
    check("evolved_new", true, &turned, expected).await;
    let old = json!([{"id": 1, "extra": null}, {"id": 2, "extra": null}, {"id": 3, "extra": null}]);
    check("evolved_old", true, &[("id", Int64), ("extra", Float64)], old).await;
    // Only a column that no file has: no data is needed for it.
    check("evolved_hive", true, &[("gone", Utf8)], json!([{"gone": null}])).await;
}

#[tokio::test]
async fn values_become_the_tables_types_or_null() {
    let tail = Case::new("types").tail().await.unwrap();
    let natural = super::table_schema(&tail);
    let check = async |column: usize, target: DataType, outcome: Result<Vec<Value>, ErrorCode>| {
        let mut fields: Vec<_> = natural.fields().iter().map(|field| field.as_ref().clone()).collect();
        fields[column] = Field::new("c", target.clone(), true);
        let schema = Some(Arc::new(Schema::new(fields)));
        let case = Case { schema, projection: Some(vec![column]), ..Case::new("types") };
        let found = case.read().await.map(|(batches, _)| rows(&batches)).map_err(|error| error.code);
        match (found, outcome) {
            (Ok(found), Ok(expected)) => {
                let found: Vec<_> = found.iter().map(|row| row["c"].clone()).collect();
                assert_same(&found, &expected, &format!("{column} as {target}"));
            }
            (found, outcome) => assert_eq!(found, outcome, "{column} as {target}"),
        }
    };
    let written = written("types");
    let of = |name: &str| written.iter().map(|row| row[name].clone()).collect::<Vec<_>>();
    let small = |value: &Value| match value.as_i64() {
        Some(value) if (-128..=127).contains(&value) => json!(value),
        _ => Value::Null,
    };
    check(4, DataType::Int64, Ok(of("c_int"))).await;
    check(4, DataType::Int8, Ok(of("c_int").iter().map(small).collect())).await;
    check(3, DataType::Float64, Ok(of("c_smallint"))).await;
    check(11, DataType::Decimal128(20, 2), Ok(of("c_decimal"))).await;
    check(8, DataType::LargeUtf8, Ok(of("c_string"))).await;
    let millis = |value: &Value| json!(value.as_i64().map(|micros| micros.div_euclid(1000) * 1000));
    let expected = of("c_timestamp").iter().map(millis).collect();
    check(13, DataType::Timestamp(TimeUnit::Millisecond, None), Ok(expected)).await;
    check(16, DataType::Int32, Err(ErrorCode::SchemaMismatch)).await;
    // Struct fields are found by name, others are null and unwanted ones are not read.
    let fields = [("Z", DataType::Int32), ("B", DataType::Utf8)];
    let fields = fields.map(|(name, kind)| Field::new(name, kind, true));
    let pick = |value: &Value| match value {
        Value::Null => Value::Null,
        value => json!({"Z": null, "B": value["b"]}),
    };
    let expected = of("c_struct").iter().map(pick).collect();
    check(16, DataType::Struct(fields.to_vec().into()), Ok(expected)).await;
}

#[tokio::test]
async fn files_that_are_not_read_say_why() {
    for (file, code) in [("refused_acid", ErrorCode::NotSupported), ("refused_root", ErrorCode::NotSupported)]
    {
        let error = Case::new(file).tail().await.unwrap_err();
        assert_eq!(error.code, code, "{file}");
        assert!(error.message.contains(file), "{error}");
    }
}

#[tokio::test]
async fn a_footer_describes_the_file_for_planning() {
    let case = Case::new("stripes");
    let tail = case.tail().await.unwrap();
    assert_eq!((tail.rows(), tail.stripes().len()), (1600, 8));
    let schema = super::table_schema(&tail);
    let statistics = tail.statistics(&schema, super::OrcOptions::default());
    let id = &statistics.column_statistics[0];
    assert_eq!(statistics.num_rows.get_value(), Some(&1600));
    assert_eq!(id.min_value.get_value().unwrap().to_string(), "0");
    assert_eq!(id.max_value.get_value().unwrap().to_string(), "1599");
    assert_eq!(id.null_count.get_value(), Some(&0));
    // NaN is somewhere among them.
    assert!(statistics.column_statistics[1].max_value.get_value().is_none());
    assert!(statistics.column_statistics[2].max_value.get_value().is_none());
}
