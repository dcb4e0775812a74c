//! Rows as JSON, in the notation of `make_orc.py`.

use std::io::Read;

use arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch},
    compute::cast,
    datatypes::{
        DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType,
    },
    util::display::array_value_to_string,
};
use serde_json::{Map, Value, json};

pub(super) fn written(name: &str) -> Vec<Value> {
    let bytes = std::fs::read(super::data(&format!("{name}.json.gz"))).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

pub(super) fn rows(batches: &[RecordBatch]) -> Vec<Value> {
    let of_batch = |batch: &RecordBatch| {
        let schema = batch.schema();
        let row = |at: usize| {
            let cells = schema.fields().iter().zip(batch.columns());
            let cells = cells.map(|(field, array)| (field.name().clone(), cell(array, at)));
            Value::Object(cells.collect::<Map<_, _>>())
        };
        (0..batch.num_rows()).map(row).collect::<Vec<_>>()
    };
    batches.iter().flat_map(of_batch).collect()
}

fn cell(array: &ArrayRef, at: usize) -> Value {
    if array.is_null(at) {
        return Value::Null;
    }
    let list = |items: ArrayRef| (0..items.len()).map(|at| cell(&items, at)).collect::<Value>();
    match array.data_type() {
        DataType::Boolean => json!(array.as_boolean().value(at)),
        kind if kind.is_integer() => {
            json!(cast(array, &DataType::Int64).unwrap().as_primitive::<Int64Type>().value(at))
        }
        kind if kind.is_floating() => {
            let value = cast(array, &DataType::Float64).unwrap().as_primitive::<Float64Type>().value(at);
            if value.is_finite() { json!(value) } else { json!(value.to_string().to_lowercase()) }
        }
        DataType::Timestamp(_, zone) => {
            let micros = DataType::Timestamp(TimeUnit::Microsecond, zone.clone());
            let micros = cast(array, &micros).unwrap();
            json!(micros.as_primitive::<TimestampMicrosecondType>().value(at))
        }
        DataType::Date32 => {
            json!(array.as_primitive::<Date32Type>().value_as_date(at).unwrap().to_string())
        }
        DataType::Decimal128(..) => {
            json!(array.as_primitive::<Decimal128Type>().value_as_string(at))
        }
        DataType::List(_) => list(array.as_list::<i32>().value(at)),
        DataType::Map(..) => {
            let pairs = array.as_map().value(at);
            let pair = |at: usize| json!([cell(pairs.column(0), at), cell(pairs.column(1), at)]);
            (0..pairs.len()).map(pair).collect()
        }
        DataType::Struct(fields) => {
            let of = array.as_struct();
            let cells = fields.iter().zip(of.columns());
            Value::Object(cells.map(|(field, of)| (field.name().clone(), cell(of, at))).collect())
        }
        _ => json!(array_value_to_string(array, at).unwrap()),
    }
}

/// Equal up to the last digits of floating-point numbers, which JSON does not keep.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) if x.is_f64() || y.is_f64() => {
            let (x, y) = (x.as_f64().unwrap(), y.as_f64().unwrap());
            (x - y).abs() <= x.abs() * 1e-12
        }
        (Value::Array(x), Value::Array(y)) => x.len() == y.len() && x.iter().zip(y).all(|(x, y)| same(x, y)),
        (Value::Object(x), Value::Object(y)) => {
            x.len() == y.len() && x.iter().all(|(key, of)| y.get(key).is_some_and(|to| same(of, to)))
        }
        _ => a == b,
    }
}

pub(super) fn assert_same(found: &[Value], expected: &[Value], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}: number of rows");
    for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!(same(found, expected), "{what}, row {at}:\n  read    {found}\n  written {expected}");
    }
}
