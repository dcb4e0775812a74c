//! Files in a folder, read through `storage` as a task reads them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{io::Write, ops::Range, sync::Arc};

use arrow::{
    array::{Array, RecordBatch},
    datatypes::{DataType, Field, Fields, Schema, SchemaRef, TimeUnit},
    util::display::{ArrayFormatter, FormatOptions},
};
use flate2::write::GzEncoder;
use futures::TryStreamExt;
use protocol::{ErrorCode, Result, Usage};
use storage::{FileSettings, Location, Meter, ObjectRef, Settings, Storage};

use super::*;
use crate::{Split, SplitRead};

/// One file and how to read it.
struct Case {
    name: &'static str,
    bytes: Vec<u8>,
    columns: Vec<Field>,
    projection: Option<Vec<usize>>,
    options: TextOptions,
    batch_size: usize,
}

fn case(rows: TextRows, text: impl AsRef<[u8]>, columns: &[(&str, DataType)]) -> Case {
    Case {
        name: "f.txt",
        bytes: text.as_ref().to_vec(),
        columns: columns.iter().map(|(name, kind)| Field::new(*name, kind.clone(), true)).collect(),
        projection: None,
        options: TextOptions { rows, skip_header_lines: 0, skip_footer_lines: 0 },
        batch_size: 3,
    }
}

struct Found {
    batches: Vec<RecordBatch>,
    usage: Usage,
}

/// Reads `ranges` one after the other.
async fn read(case: &Case, ranges: &[Option<Range<u64>>]) -> Result<Found> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap().join(case.name);
    std::fs::write(&path, &case.bytes).unwrap();
    let file = FileSettings { root: Some(folder.path().to_owned()) };
    let storage = Storage::new(Settings { file, ..Settings::default() }).unwrap();
    let meter = Arc::new(Meter::default());
    let object = ObjectRef {
        location: Location::parse(&format!("file://{}", path.display())).unwrap(),
        size: case.bytes.len() as u64,
        etag: None,
        modified_at_ms: 0,
    };
    let schema: SchemaRef = Arc::new(Schema::new(case.columns.clone()));
    let mut batches = Vec::new();
    for range in ranges {
        let read = SplitRead {
            reader: storage.reader(&object, &meter).unwrap(),
            split: Split {
                object: object.clone(),
                range: range.clone(),
                piece: 0,
                partition: 0,
                weight_bytes: 0,
            },
            table_schema: Arc::clone(&schema),
            projection: case.projection.clone().unwrap_or_else(|| (0..schema.fields().len()).collect()),
            predicate: None,
            batch_size: case.batch_size,
        };
        batches.extend(open(read, &case.options)?.try_collect::<Vec<_>>().await?);
    }
    for batch in &batches {
        assert!(batch.num_rows() > 0 && batch.num_rows() <= case.batch_size);
        for (column, field) in batch.columns().iter().zip(batch.schema().fields()) {
            assert_eq!(column.data_type(), field.data_type());
            column.to_data().validate_full().unwrap();
        }
    }
    Ok(Found { batches, usage: meter.snapshot() })
}

/// Rows as `a|b|c`, NULL as `∅`.
fn rows(batches: &[RecordBatch]) -> Vec<String> {
    let options = FormatOptions::new().with_null("∅");
    let mut rows = Vec::new();
    for batch in batches {
        let formatters: Vec<_> =
            batch.columns().iter().map(|column| ArrayFormatter::try_new(column, &options).unwrap()).collect();
        for row in 0..batch.num_rows() {
            let values: Vec<_> = formatters.iter().map(|column| column.value(row).to_string()).collect();
            rows.push(values.join("|"));
        }
    }
    rows
}

async fn check(case: &Case, expect: &[&str]) {
    let found = read(case, &[None]).await.unwrap();
    assert_eq!(rows(&found.batches), expect, "{:?}", String::from_utf8_lossy(&case.bytes));
    assert_eq!(found.usage.scanned.text, case.bytes.len() as u64);
}

async fn fails(case: &Case, code: ErrorCode, parts: &[&str]) {
    let error = read(case, &[None]).await.err().expect("the read was to fail");
    assert_eq!(error.code, code, "{error}");
    let text = error.to_user_text();
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
}

fn delimited() -> TextRows {
    TextRows::Delimited(Delimited { field_delim: b',', ..Delimited::default() })
}

fn open_csv() -> TextRows {
    TextRows::OpenCsv(OpenCsv::default())
}

fn json() -> TextRows {
    TextRows::Json(Json::default())
}

fn text() -> DataType {
    DataType::Utf8View
}

fn list(element: DataType) -> DataType {
    DataType::List(Arc::new(Field::new("element", element, true)))
}

fn map(key: DataType, value: DataType) -> DataType {
    let entry = Fields::from(vec![Field::new("key", key, false), Field::new("value", value, true)]);
    DataType::Map(Arc::new(Field::new("entries", DataType::Struct(entry), false)), false)
}

fn group(fields: &[(&str, DataType)]) -> DataType {
    DataType::Struct(fields.iter().map(|(name, kind)| Field::new(*name, kind.clone(), true)).collect())
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

const MICROS: DataType = DataType::Timestamp(TimeUnit::Microsecond, None);

#[tokio::test]
async fn delimited_values_of_every_type() {
    let kinds = [
        ("bool", DataType::Boolean, "TRUE,false,yes,,\\N", "true false ∅ ∅ ∅"),
        ("tiny", DataType::Int8, "127,-128,128,1.0, 1", "127 -128 ∅ ∅ ∅"),
        ("small", DataType::Int16, "32767,32768,x", "32767 ∅ ∅"),
        ("int", DataType::Int32, "-2147483648,2147483648,+5", "-2147483648 ∅ 5"),
        ("big", DataType::Int64, "9223372036854775807,9223372036854775808,", "9223372036854775807 ∅ ∅"),
        ("float", DataType::Float32, "1.5,NaN,nan", "1.5 NaN ∅"),
        ("double", DataType::Float64, "1e3,-Infinity,1e", "1000.0 -inf ∅"),
        ("decimal", DataType::Decimal128(5, 2), "1.005,999.995,-7,x,", "1.01 ∅ -7.00 ∅ ∅"),
        ("date", DataType::Date32, "2024-02-29,2023-02-29,2024-1-2", "2024-02-29 ∅ 2024-01-02"),
        (
            "time",
            MICROS,
            "2024-01-02 03:04:05.123456789,2024-01-02,now",
            "2024-01-02T03:04:05.123456 2024-01-02T00:00:00 ∅",
        ),
        (
            "utc",
            DataType::Timestamp(TimeUnit::Millisecond, Some("+00:00".into())),
            "2024-01-02 03:04:05",
            "2024-01-02T03:04:05Z",
        ),
        (
            "view",
            DataType::Utf8View,
            "a,,\\N, b\",a value longer than twelve bytes",
            "a  ∅  b\" a value longer than twelve bytes",
        ),
        ("utf8", DataType::Utf8, "a,\\N,", "a ∅ "),
        ("large", DataType::LargeUtf8, "a,\\N", "a ∅"),
        ("binary", DataType::Binary, "Zm9v,\\N,", "666f6f ∅ "),
        ("binary_view", DataType::BinaryView, "Zm9v,!", "666f6f 21"),
    ];
    for (name, kind, line, expect) in kinds {
        let lines = line.replace(',', "\n") + "\n";
        let found = read(&case(delimited(), lines, &[(name, kind)]), &[None]).await.unwrap();
        assert_eq!(rows(&found.batches).join(" "), expect, "{name}");
    }
}

#[tokio::test]
async fn delimited_fields_may_be_missing_or_too_many() {
    let columns = [("a", text()), ("b", DataType::Int32), ("c", text())];
    check(
        &case(delimited(), "x,1,y\r\nx\nx,2\n\n,,,,\nx,3,y,z", &columns),
        &["x|1|y", "x|∅|∅", "x|2|∅", "|∅|∅", "|∅|", "x|3|y"],
    )
    .await;
    let mut rest = case(delimited(), "x,1,y,z,\nx,1\n", &columns);
    rest.options.rows = TextRows::Delimited(Delimited {
        field_delim: b',',
        last_column_takes_rest: true,
        ..Delimited::default()
    });
    check(&rest, &["x|1|y,z,", "x|1|∅"]).await;
}

#[tokio::test]
async fn delimited_escapes_and_null_text() {
    let options = Delimited {
        field_delim: b'|',
        escape: Some(b'\\'),
        null_format: "NULL".into(),
        ..Delimited::default()
    };
    let columns = [("a", text()), ("b", text())];
    check(
        &case(TextRows::Delimited(options), "a\\|b|c\\\\\nNULL|\\N\nx\\|y\\\nz\\", &columns),
        &["a|b|c\\", "∅|N", "x|y\\|∅", "z\\|∅"],
    )
    .await;
    let found = read(&case(delimited(), b"\xff\xfe,ok\n", &columns), &[None]).await.unwrap();
    assert_eq!(rows(&found.batches), ["\u{fffd}\u{fffd}|ok"]);
}

#[tokio::test]
async fn delimited_nested_values() {
    let options = Delimited {
        field_delim: b',',
        collection_delim: b';',
        map_key_delim: b':',
        escape: Some(b'\\'),
        ..Delimited::default()
    };
    let columns = [
        ("l", list(DataType::Int32)),
        ("m", map(text(), DataType::Int64)),
        ("s", group(&[("x", DataType::Int32), ("y", text())])),
        ("n", list(list(text()))),
    ];
    let lines = "1;2;x,a:1;b\\:c:2;\\N:3,7;seven,a:b;c\n,,,\n\\N,\\N,\\N,\\N\n1";
    check(
        &case(TextRows::Delimited(options), lines, &columns),
        &[
            "[1, 2, ∅]|{a: 1, b:c: 2}|{x: 7, y: seven}|[[a, b], [c]]",
            "[]|{}|{x: ∅, y: ∅}|[]",
            "∅|∅|∅|∅",
            "[1]|∅|∅|∅",
        ],
    )
    .await;
    let mut deep = text();
    for _ in 0..8 {
        deep = list(deep);
    }
    fails(&case(delimited(), "x\n", &[("deep", deep)]), ErrorCode::NotSupported, &["\"deep\""]).await;
    let odd = DataType::Time32(TimeUnit::Second);
    fails(&case(delimited(), "x\n", &[("odd", odd)]), ErrorCode::NotSupported, &["\"odd\""]).await;
}

#[tokio::test]
async fn projection_orders_repeats_and_drops_columns() {
    let columns = [("a", text()), ("b", DataType::Int32), ("c", text())];
    let table = [
        (delimited(), "x,1,y\nz,2,w\n"),
        (open_csv(), "x,1,y\nz,2,w\n"),
        (json(), "{\"a\":\"x\",\"b\":1,\"c\":\"y\"}\n{\"a\":\"z\",\"b\":2,\"c\":\"w\"}\n"),
    ];
    for (options, lines) in table {
        let mut case = case(options, lines, &columns);
        case.projection = Some(vec![2, 0, 2]);
        check(&case, &["y|x|y", "w|z|w"]).await;
        case.projection = Some(vec![1]);
        check(&case, &["1", "2"]).await;
        case.projection = Some(vec![]);
        let found = read(&case, &[None]).await.unwrap();
        assert_eq!(found.batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 2);
        case.projection = Some(vec![3]);
        assert_eq!(read(&case, &[None]).await.err().unwrap().code, ErrorCode::Internal);
    }
}

#[tokio::test]
async fn headers_footers_and_marks_are_no_rows() {
    let columns = [("a", DataType::Int32)];
    let mut case = case(delimited(), "\u{feff}1\n2\n3\n4\n5\n", &columns);
    check(&case, &["1", "2", "3", "4", "5"]).await;
    case.options.skip_header_lines = 1;
    check(&case, &["2", "3", "4", "5"]).await;
    case.options.skip_footer_lines = 2;
    check(&case, &["2", "3"]).await;
    case.options.skip_header_lines = 9;
    check(&case, &[]).await;
    case.options.skip_footer_lines = 0;
    case.options.skip_header_lines = 1;
    let parts = [Some(0..3), Some(3..7), Some(7..case.bytes.len() as u64)];
    assert_eq!(rows(&read(&case, &parts).await.unwrap().batches), ["2", "3", "4", "5"]);
}

#[tokio::test]
async fn csv_quotes_escapes_and_line_breaks() {
    let columns = [("a", text()), ("b", text()), ("c", text())];
    for (lines, expect) in [
        ("\"a\",\"b,b\",c\n", vec!["a|b,b|c"]),
        ("a,\"say \"\"hi\"\"\",c\n", vec!["a|say \"hi\"|c"]),
        ("a,\"say \\\"hi\\\"\",c\n", vec!["a|say \"hi\"|c"]),
        ("a,\"back\\\\slash\",c\\x\n", vec!["a|back\\slash|cx"]),
        ("a,\"\",\"\"\n", vec!["a||"]),
        ("a\n\na,b,c,d\n", vec!["a|∅|∅", "|∅|∅", "a|b|c"]),
        ("\"one\r\ntwo\n\nfour\",b,c\r\nx,y,z", vec!["one\ntwo\n\nfour|b|c", "x|y|z"]),
        ("x,y,\"in\nthe last\"\n", vec!["x|y|in\nthe last"]),
        ("abc,de\"f\"g,h\n", vec!["abc|de\"f\"g|h"]),
        ("abc,  \"spaced\",h\n", vec!["abc|spaced|h"]),
        ("a,\"b\"", vec!["a|b|∅"]),
    ] {
        check(&case(open_csv(), lines, &columns), &expect).await;
    }
    let options = OpenCsv { separator: b';', quote: b'\'', escape: b'"', null_for_invalid: false };
    let lines = "'a;a';'it\\'s';\"x\"\n";
    check(&case(TextRows::OpenCsv(options), lines, &columns), &["a;a|it's|\"x\""]).await;
}

#[tokio::test]
async fn csv_with_unclosed_quotes_is_corrupt() {
    let columns = [("a", text()), ("b", text())];
    let open_end = case(open_csv(), "1,2\nx,\"open\nmore\n", &columns);
    fails(&open_end, ErrorCode::CorruptFile, &["line 2 of", "f.txt", "not closed"]).await;
    // A quote amid a field holds no line break: the line behind it must not vanish in it.
    let stray = case(open_csv(), "pipe,of 5\" width\nb,\"c\"\n", &columns);
    fails(&stray, ErrorCode::CorruptFile, &["line 1 of"]).await;
}

#[tokio::test]
async fn csv_values_are_converted_or_refused() {
    let columns = [
        ("n", DataType::Int64),
        ("d", DataType::Date32),
        ("t", MICROS),
        ("b", DataType::Boolean),
        ("f", DataType::Float64),
    ];
    let lines =
        "\"1\",\"1\",\"1579059880123\",\"TRUE\",\"1.5\"\n-2,2024-02-29,2024-01-02 03:04:05,false,2\n3\n";
    check(
        &case(open_csv(), lines, &columns),
        &[
            "1|1970-01-02|2020-01-15T03:44:40.123|true|1.5",
            "-2|2024-02-29|2024-01-02T03:04:05|false|2.0",
            "3|∅|∅|∅|∅",
        ],
    )
    .await;
    for (lines, parts) in [
        ("1\n\"x\"\n", ["line 2 of", "\"n\" of type bigint", "\"x\""]),
        ("1,,", ["line 1 of", "\"d\" of type date", "no NULL"]),
        ("\"9223372036854775808\"", ["line 1", "bigint", "9223372036854775808"]),
    ] {
        fails(&case(open_csv(), lines, &columns), ErrorCode::SchemaMismatch, &parts).await;
    }
    let forgiving = TextRows::OpenCsv(OpenCsv { null_for_invalid: true, ..OpenCsv::default() });
    check(&case(forgiving, "x,,1\n", &columns), &["∅|∅|1970-01-01T00:00:00.001|∅|∅"]).await;
    let nested = case(open_csv(), "x\n", &[("l", list(text()))]);
    fails(&nested, ErrorCode::NotSupported, &["\"l\""]).await;
}

#[tokio::test]
async fn json_values_of_every_type() {
    for (kind, values, expect) in [
        (DataType::Boolean, r#"true;"FALSE";1;null"#, "true false ∅ ∅"),
        (DataType::Int8, r#"1;"2";128;1.0;1.5;true;[1];1e2"#, "1 2 ∅ 1 ∅ ∅ ∅ 100"),
        (DataType::Int64, "9223372036854775807;9223372036854775808;-0", "9223372036854775807 ∅ 0"),
        (DataType::Float64, r#"1;"2.5";-1e-3;"x""#, "1.0 2.5 -0.001 ∅"),
        (
            DataType::Decimal128(38, 2),
            r#"123456789012345678901234567890.125;"1.5";{}"#,
            "123456789012345678901234567890.13 1.50 ∅",
        ),
        (DataType::Date32, r#""2024-02-29";"2024-02-29T10:00:00Z";1"#, "2024-02-29 2024-02-29 ∅"),
        (
            MICROS,
            r#""2024-01-02T03:04:05+01:00";"2024-01-02 03:04:05";1579059880123;1579059880"#,
            "2024-01-02T02:04:05 2024-01-02T03:04:05 2020-01-15T03:44:40.123 2020-01-15T03:44:40",
        ),
        (
            text(),
            r#""a\u00e9\n";1.50;true;null;{"x": [1, 2]};"\ud83d\ude00""#,
            "aé\n 1.50 true ∅ {\"x\": [1, 2]} 😀",
        ),
        (DataType::Utf8, r#""x";"""#, "x "),
        (DataType::Binary, r#""Zm9v";null"#, "666f6f ∅"),
    ] {
        let lines: String = values.split(';').map(|value| format!("{{\"v\": {value}}}\n")).collect();
        let found = read(&case(json(), lines, &[("v", kind.clone())]), &[None]).await.unwrap();
        assert_eq!(rows(&found.batches).join(" "), expect, "{kind}");
    }
}

#[tokio::test]
async fn json_nested_values() {
    let columns = [
        ("l", list(DataType::Int32)),
        ("m", map(text(), list(DataType::Int64))),
        ("i", map(DataType::Int32, text())),
        ("s", group(&[("x", DataType::Int32), ("deep", group(&[("y", text())]))])),
    ];
    let lines = r#"{"l":[1,null,"x"],"m":{"a":[1],"b":null},"i":{"1":"one","no":"two"},"s":{"X":7,"DEEP":{"y":"z","z":0},"more":[]}}
{"l":1,"m":[],"i":{},"s":"text"}
{"l":[],"m":{},"s":{}}
"#;
    check(
        &case(json(), lines, &columns),
        &["[1, ∅, ∅]|{a: [1], b: ∅}|{1: one}|{x: 7, deep: {y: z}}", "∅|∅|{}|∅", "[]|{}|∅|{x: ∅, deep: ∅}"],
    )
    .await;
}

#[tokio::test]
async fn json_keys_match_by_the_options() {
    let columns = [("id", DataType::Int32), ("user_name", text()), ("ts", text())];
    let line = r#"{"ID":1,"user.name":"u","Timestamp":"t","ts":"other","id2":[{"id":9}]}"#;
    let with = |change: fn(&mut Json)| {
        let mut options = Json::default();
        change(&mut options);
        case(TextRows::Json(options), line, &columns)
    };
    check(&with(|_| {}), &["1|∅|other"]).await;
    check(&with(|options| options.case_insensitive = false), &["∅|∅|other"]).await;
    check(&with(|options| options.dots_in_keys = true), &["1|u|other"]).await;
    check(&with(|options| options.mappings = vec![("ts".into(), "timestamp".into())]), &["1|∅|t"]).await;
    check(&with(|options| options.mappings = vec![("user_name".into(), "ts".into())]), &["1|other|other"])
        .await;
    let twice = case(json(), r#"{"id":1,"ID":2}"#, &columns);
    check(&twice, &["2|∅|∅"]).await;
}

#[tokio::test]
async fn malformed_json_is_an_error_or_a_row_of_nulls() {
    let columns = [("a", DataType::Int32)];
    for bad in ["{\"a\":1", "{\"a\":1}}", "[1]", "{\"a\":1} {\"a\":2}", "a", "{'a':1}", "{\"a\":01}", "\u{1}"]
    {
        let lines = format!("{{\"a\":1}}\n\n  \n{bad}\n{{\"a\":3}}\n");
        let mut case = case(json(), &lines, &columns);
        fails(&case, ErrorCode::CorruptFile, &["line 4 of", "f.txt", "one object per line"]).await;
        case.options.rows = TextRows::Json(Json { ignore_malformed: true, ..Json::default() });
        check(&case, &["1", "∅", "3"]).await;
    }
    let not_text = case(json(), b"{\"a\":\"\xff\"}\n", &columns);
    fails(&not_text, ErrorCode::CorruptFile, &["line 1 of", "UTF-8"]).await;
    let deep = format!("{{\"b\":{}1{}}}", "[".repeat(1 << 20), "]".repeat(1 << 20));
    check(&case(json(), deep.replace("\"b\"", "\"a\""), &columns), &["∅"]).await;
    check(&case(json(), deep, &columns), &["∅"]).await;
}

#[tokio::test]
async fn timestamp_formats_come_first() {
    let formats = vec!["dd/MMM/yyyy:HH:mm:ss Z".to_owned()];
    let options = Delimited { timestamp_formats: formats, ..Delimited::default() };
    let lines = "10/Oct/2000:13:55:36 -0700\n2000-10-10 00:00:00\nx\n";
    check(
        &case(TextRows::Delimited(options), lines, &[("t", MICROS)]),
        &["2000-10-10T20:55:36", "2000-10-10T00:00:00", "∅"],
    )
    .await;
    let options = Delimited { timestamp_formats: vec!["qq".into()], ..Delimited::default() };
    fails(&case(TextRows::Delimited(options), "", &[("t", MICROS)]), ErrorCode::InvalidTable, &["qq"]).await;
}

#[tokio::test]
async fn gzip_is_read_whole_and_billed_as_stored() {
    let mut case = case(delimited(), "", &[("a", text()), ("b", DataType::Int32)]);
    case.name = "f.csv.gz";
    case.bytes = [gzip(b"x,1\ny,"), gzip(b"2\nz,3")].concat();
    check(&case, &["x|1", "y|2", "z|3"]).await;
    let size = case.bytes.len() as u64;
    assert_eq!(read(&case, &[Some(0..size / 2)]).await.err().unwrap().code, ErrorCode::Internal);
    case.bytes.truncate(case.bytes.len() - 3);
    fails(&case, ErrorCode::CorruptFile, &["f.csv.gz", "ends early"]).await;
    case.name = "f.csv.zst";
    fails(&case, ErrorCode::NotSupported, &["Zstandard", "f.csv.zst"]).await;
}

#[tokio::test]
async fn every_cut_of_a_file_reads_every_row_once() {
    let ends = ["\n", "\r\n", "\r"];
    let mut lines = String::new();
    while lines.len() < 2048 {
        let at = lines.len();
        lines.push_str(&format!("{at},{}{}", "x".repeat(at * 7 % 23), ends[at % 3]));
    }
    lines.push_str("end,without end");
    let case = Case { batch_size: 1000, ..case(delimited(), lines, &[("a", text()), ("b", text())]) };
    let size = case.bytes.len() as u64;
    let whole = rows(&read(&case, &[None]).await.unwrap().batches);
    assert!(whole.len() > 100);
    for cut in 0..=size {
        let found = read(&case, &[Some(0..cut), Some(cut..size)]).await.unwrap();
        assert_eq!(rows(&found.batches), whole, "cut at {cut}");
    }
}

#[tokio::test]
async fn a_split_reads_little_more_than_its_range() {
    let line = format!("{}\n", "x".repeat(99));
    let case = Case { batch_size: 8192, ..case(delimited(), line.repeat(100_000), &[("a", text())]) };
    let size = case.bytes.len() as u64;
    let middle = 3_000_050..6_000_050;
    let found = read(&case, &[Some(middle.clone())]).await.unwrap();
    assert_eq!(rows(&found.batches).len(), 30_000);
    let extra = found.usage.scanned.text - (middle.end - middle.start);
    assert!(extra <= super::bytes::LOOKAHEAD_BYTES + 1, "{extra}");
    // A line longer than what is read ahead is finished by further requests.
    let mut long = case;
    long.bytes =
        [vec![b'a'; 10], vec![b'\n'], vec![b'b'; 300_000], vec![b'\n'], vec![b'c'; 3_000_000]].concat();
    let found = read(&long, &[Some(5..100)]).await.unwrap();
    assert_eq!(rows(&found.batches), ["b".repeat(300_000)]);
    assert!(found.usage.scanned.text < 600_000 && size > 600_000);
}

#[tokio::test]
async fn a_dropped_stream_stops_the_bill() {
    let case = Case { batch_size: 10, ..case(delimited(), "abc\n".repeat(2_000_000), &[("a", text())]) };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap().join("f");
    std::fs::write(&path, &case.bytes).unwrap();
    let file = FileSettings { root: Some(folder.path().to_owned()) };
    let storage = Storage::new(Settings { file, ..Settings::default() }).unwrap();
    let meter = Arc::new(Meter::default());
    let location = Location::parse(&format!("file://{}", path.display())).unwrap();
    let object = ObjectRef { location, size: case.bytes.len() as u64, etag: None, modified_at_ms: 0 };
    let read = SplitRead {
        reader: storage.reader(&object, &meter).unwrap(),
        split: Split { object, range: None, piece: 0, partition: 0, weight_bytes: 0 },
        table_schema: Arc::new(Schema::new(case.columns.clone())),
        projection: vec![0],
        predicate: None,
        batch_size: 10,
    };
    let mut stream = open(read, &case.options).unwrap();
    assert_eq!(stream.try_next().await.unwrap().unwrap().num_rows(), 10);
    drop(stream);
    assert!(meter.snapshot().scanned.text < case.bytes.len() as u64 / 2);
}

#[tokio::test]
async fn arbitrary_bytes_are_rows_or_a_typed_error() {
    let columns = [
        ("a", DataType::Decimal128(10, 3)),
        ("b", MICROS),
        ("c", list(map(text(), DataType::Float64))),
        ("d", group(&[("a", text()), ("b", list(DataType::Date32))])),
    ];
    let alphabet: &[u8] = b"\n\r\",,\\:;[]{}{\"a\":\"b\":0123456789.-+eETZ nulltrue\xff\xc3\x01\x02\x03";
    let nested = |field_delim| Delimited {
        field_delim,
        escape: Some(b'\\'),
        collection_delim: b';',
        map_key_delim: b':',
        ..Delimited::default()
    };
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    for round in 0..300 {
        let mut noise = Vec::new();
        for _ in 0..200 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            noise.push(alphabet[usize::try_from(state % alphabet.len() as u64).unwrap()]);
        }
        let rows = match round % 4 {
            0 => TextRows::Delimited(nested(b',')),
            1 => TextRows::OpenCsv(OpenCsv { null_for_invalid: round % 8 == 1, ..OpenCsv::default() }),
            2 => TextRows::Json(Json { ignore_malformed: round % 8 == 2, ..Json::default() }),
            _ => TextRows::Json(Json { dots_in_keys: true, ..Json::default() }),
        };
        let kinds = if round % 4 == 1 { &columns[..2] } else { &columns[..] };
        if round % 4 == 3 {
            noise = [b"{\"a\":1,\"d\":{\"b\":[\"", noise.as_slice(), b"\"]}}"].concat();
        }
        let case = Case { name: if round % 50 == 49 { "f.gz" } else { "f" }, ..case(rows, noise, kinds) };
        if let Err(error) = read(&case, &[None]).await {
            assert!(matches!(error.code, ErrorCode::CorruptFile | ErrorCode::SchemaMismatch), "{error}");
        }
    }
}

#[test]
fn only_plain_lines_are_cut() {
    let options =
        |rows, header, footer| TextOptions { rows, skip_header_lines: header, skip_footer_lines: footer };
    for (path, options, expect) in [
        ("a.csv", options(delimited(), 0, 0), true),
        ("a.csv", options(delimited(), 1, 0), true),
        ("a.csv", options(delimited(), 2, 0), false),
        ("a.csv", options(delimited(), 0, 1), false),
        ("a.json", options(json(), 0, 0), true),
        ("a.csv", options(open_csv(), 0, 0), false),
        ("a.json.gz", options(json(), 0, 0), false),
        ("a.json.bz2", options(json(), 0, 0), false),
    ] {
        assert_eq!(splittable(path, &options), expect, "{path} {options:?}");
    }
}
