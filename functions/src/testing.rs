//! Tables of cases for functions. A value is written as its type and its text: `varchar 'a'`, `bigint 3`,
//! `double NaN`, `array(bigint) [1,null]`, `row(bigint, varchar) [1,"x"]`, `map(varchar, bigint) [["a",1]]`,
//! `varbinary '00ff'` (hexadecimal), `integer NULL`, `date '2020-01-01'`. Anything but quoted text is JSON.

use std::sync::Arc;

use arrow::{
    array::{
        Array, ArrayRef, BinaryViewArray, BooleanArray, Date32Array, Decimal128Array,
        DurationMillisecondArray, FixedSizeBinaryArray, Float32Array, Float64Array, Int8Array, Int16Array,
        Int32Array, Int64Array, IntervalYearMonthArray, ListArray, MapArray, StringViewArray, StructArray,
        Time64NanosecondArray, TimestampMicrosecondArray, TimestampNanosecondArray, new_null_array,
    },
    buffer::OffsetBuffer,
    compute::concat,
    datatypes::{DataType, TimeUnit},
};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use datafusion::{
    common::{ScalarValue, config::ConfigOptions},
    logical_expr::{ColumnarValue, ScalarFunctionArgs},
};
use serde_json::Value;

use crate::{Call, Type, registry, types};

/// Calls the scalar function with each row of arguments and compares; then again with all rows of equal
/// argument types as one batch. `expected` may be `error MESSAGE PART`. The expected type is the call's result type.
pub(crate) fn check(name: &str, cases: &[(&[&str], &str)]) {
    let function = registry::find(name).unwrap_or_else(|| panic!("{name} is not registered"));
    for (arguments, expected) in cases {
        let values: Vec<(Type, ArrayRef)> = arguments.iter().map(|text| value(text)).collect();
        let result_type = expected_type(expected);
        let shown = format!("{name}({})", arguments.join(", "));
        for as_arrays in [false, true] {
            let given: Vec<ColumnarValue> =
                values.iter().map(|(_, array)| columnar(array, as_arrays)).collect();
            let types: Vec<Type> = values.iter().map(|(data_type, _)| data_type.clone()).collect();
            let returns = result_type.clone().or_else(|| function.returns.and_then(|f| f(&types).ok()));
            let call = Call::new(types, returns.unwrap_or(Type::Unknown));
            let result = invoke(name, call, given, if as_arrays { 3 } else { 1 });
            compare(&shown, result, expected);
        }
    }
}

fn expected_type(expected: &str) -> Option<Type> {
    (!expected.starts_with("error ")).then(|| value(expected).0)
}

fn columnar(array: &ArrayRef, as_array: bool) -> ColumnarValue {
    if !as_array {
        return ColumnarValue::Scalar(ScalarValue::try_from_array(array, 0).unwrap());
    }
    // A NULL before and after shows kernels that read values behind NULLs.
    let null = new_null_array(array.data_type(), 1);
    ColumnarValue::Array(concat(&[null.as_ref(), array.as_ref(), null.as_ref()]).unwrap())
}

fn invoke(name: &str, call: Call, args: Vec<ColumnarValue>, rows: usize) -> Result<ArrayRef, String> {
    let function = registry::find(name).unwrap();
    let returns = Arc::new(call.returns.field("result"));
    let arg_fields = call.arguments.iter().map(|argument| Arc::new(argument.field("argument"))).collect();
    let udf = registry::scalar(function, call);
    let result = udf
        .inner()
        .invoke_with_args(ScalarFunctionArgs {
            args,
            arg_fields,
            number_rows: rows,
            return_field: Arc::clone(&returns) as _,
            config_options: Arc::new(ConfigOptions::default()),
        })
        .map_err(|error| {
            protocol::Error::from_envelope(&error.to_string()).map_or(error.to_string(), |e| e.to_string())
        })?;
    let array = result.to_array(rows).map_err(|error| error.to_string())?;
    assert_eq!(array.len(), rows, "{name}: number of rows");
    Ok(array.slice(usize::from(rows == 3), 1))
}

fn compare(shown: &str, result: Result<ArrayRef, String>, expected: &str) {
    match (result, expected.strip_prefix("error ")) {
        (Err(message), Some(part)) => assert!(message.contains(part), "{shown}: {message}"),
        (Err(message), None) => panic!("{shown}: {message}, not {expected}"),
        (Ok(array), Some(_)) => panic!("{shown}: {array:?}, not {expected}"),
        (Ok(array), None) => {
            let wanted = value(expected).1;
            assert_eq!(array.data_type(), wanted.data_type(), "{shown}");
            assert_eq!(&array, &wanted, "{shown}");
        }
    }
}

/// An array of one value, and its type.
pub(crate) fn value(text: &str) -> (Type, ArrayRef) {
    let split = (1..text.len())
        .filter(|at| text.as_bytes()[*at - 1] == b' ')
        .find_map(|at| {
            Some((types::parse(text.get(..at)?.trim()).ok()?, text.get(at..)?))
                .filter(|(_, rest)| is_value(rest))
        })
        .unwrap_or_else(|| panic!("{text}: a type and a value"));
    let (data_type, written) = split;
    let json = match written.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        Some(quoted) => Value::String(quoted.replace("''", "'")),
        None if written == "NULL" => Value::Null,
        None => match written {
            "NaN" | "Infinity" | "-Infinity" => Value::String(written.to_owned()),
            _ => serde_json::from_str(written).unwrap_or_else(|_| Value::String(written.to_owned())),
        },
    };
    let array = array(&data_type, &json);
    (data_type, array)
}

fn is_value(text: &str) -> bool {
    !["with", "without", "to", "precision", "array"].iter().any(|word| text.starts_with(word))
}

fn array(data_type: &Type, json: &Value) -> ArrayRef {
    if json.is_null() {
        return new_null_array(&data_type.arrow(), 1);
    }
    let text = || json.as_str().map_or_else(|| json.to_string(), str::to_owned);
    match data_type {
        Type::Array(item) => list(item, json),
        Type::Map(key, value) => map(key, value, json),
        Type::Row(fields) => {
            let columns =
                json.as_array().unwrap().iter().zip(fields).map(|(v, f)| array(&f.field_type, v)).collect();
            Arc::new(StructArray::new(types::row_fields(fields), columns, None))
        }
        _ => scalar(data_type, &text()),
    }
}

fn items(item: &Type, values: &[Value]) -> ArrayRef {
    let arrays: Vec<ArrayRef> = values.iter().map(|value| array(item, value)).collect();
    match arrays.is_empty() {
        true => arrow::array::new_empty_array(&item.arrow()),
        false => concat(&arrays.iter().map(AsRef::as_ref).collect::<Vec<&dyn Array>>()).unwrap(),
    }
}

fn list(item: &Type, json: &Value) -> ArrayRef {
    let values = json.as_array().unwrap();
    let offsets = OffsetBuffer::from_lengths([values.len()]);
    Arc::new(ListArray::new(types::item_field(item.arrow()), offsets, items(item, values), None))
}

fn map(key: &Type, value: &Type, json: &Value) -> ArrayRef {
    let pairs = json.as_array().unwrap();
    let side = |index: usize| -> Vec<Value> { pairs.iter().map(|pair| pair[index].clone()).collect() };
    let field = types::entries_field(key, value);
    let DataType::Struct(fields) = field.data_type().clone() else { panic!("entries are a struct") };
    let entries = StructArray::new(fields, vec![items(key, &side(0)), items(value, &side(1))], None);
    Arc::new(MapArray::new(field, OffsetBuffer::from_lengths([pairs.len()]), entries, None, false))
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn scalar(data_type: &Type, text: &str) -> ArrayRef {
    match data_type.arrow() {
        DataType::Boolean => Arc::new(BooleanArray::from(vec![text == "true"])),
        DataType::Int8 => Arc::new(Int8Array::from(vec![text.parse::<i8>().unwrap()])),
        DataType::Int16 => Arc::new(Int16Array::from(vec![text.parse::<i16>().unwrap()])),
        DataType::Int32 => Arc::new(Int32Array::from(vec![text.parse::<i32>().unwrap()])),
        DataType::Int64 => Arc::new(Int64Array::from(vec![text.parse::<i64>().unwrap()])),
        DataType::Float32 => Arc::new(Float32Array::from(vec![text.parse::<f32>().unwrap()])),
        DataType::Float64 => Arc::new(Float64Array::from(vec![text.parse::<f64>().unwrap()])),
        DataType::Decimal128(precision, scale) => {
            let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
            assert!(fraction.len() <= scale as usize, "{text} has more digits than {data_type}");
            let digits = format!("{whole}{fraction:0<width$}", width = scale as usize);
            let values = Decimal128Array::from(vec![digits.parse::<i128>().unwrap()]);
            Arc::new(values.with_precision_and_scale(precision, scale).unwrap())
        }
        DataType::Utf8View => Arc::new(StringViewArray::from(vec![text])),
        DataType::BinaryView => Arc::new(BinaryViewArray::from(vec![hex(text).as_slice()])),
        DataType::FixedSizeBinary(_) => {
            Arc::new(FixedSizeBinaryArray::try_from_iter([hex(&text.replace('-', ""))].into_iter()).unwrap())
        }
        DataType::Date32 => {
            let days = NaiveDate::parse_from_str(text, "%Y-%m-%d").unwrap() - NaiveDate::default();
            Arc::new(Date32Array::from(vec![i32::try_from(days.num_days()).unwrap()]))
        }
        DataType::Time64(_) => {
            let time = NaiveTime::parse_from_str(text, "%H:%M:%S%.f").unwrap() - NaiveTime::MIN;
            Arc::new(Time64NanosecondArray::from(vec![time.num_nanoseconds().unwrap()]))
        }
        DataType::Timestamp(unit, _) => {
            let time = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").unwrap().and_utc();
            match unit {
                TimeUnit::Microsecond => {
                    Arc::new(TimestampMicrosecondArray::from(vec![time.timestamp_micros()]))
                }
                _ => Arc::new(TimestampNanosecondArray::from(vec![time.timestamp_nanos_opt().unwrap()])),
            }
        }
        DataType::Interval(_) => Arc::new(IntervalYearMonthArray::from(vec![text.parse::<i32>().unwrap()])),
        DataType::Duration(_) => Arc::new(DurationMillisecondArray::from(vec![text.parse::<i64>().unwrap()])),
        other => panic!("no values of {other} in tests"),
    }
}
