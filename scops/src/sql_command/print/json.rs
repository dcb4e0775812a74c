//! Rows as JSON objects, with the columns in order, NULL as `null`, and names that may repeat.

use std::io::Write;

use anyhow::Result;
use arrow::{
    array::{Array, ArrayRef, AsArray, Float32Array, Float64Array, ListArray, MapArray, RecordBatch},
    datatypes::{DataType, Field},
    util::display::{ArrayFormatter, FormatOptions},
};

static FORMAT: FormatOptions<'static> = FormatOptions::new();

/// The rows of one batch.
pub(super) struct Objects<'a> {
    columns: Vec<(&'a str, Values<'a>)>,
}

impl<'a> Objects<'a> {
    pub(super) fn of(batch: &'a RecordBatch) -> Result<Self> {
        let fields = batch.schema_ref().fields().iter().map(AsRef::as_ref);
        Ok(Self { columns: named(fields, batch.columns())? })
    }

    /// One row, without a line end.
    pub(super) fn write(&self, row: usize, out: &mut impl Write) -> Result<()> {
        write_object(&self.columns, row, out)
    }
}

/// The values of one array, and how JSON has them.
struct Values<'a> {
    array: &'a dyn Array,
    kind: Kind<'a>,
}

enum Kind<'a> {
    /// NULL in every row, which Arrow does not count as such.
    Null,
    /// What is written as it is shown: integers, decimals, booleans.
    Plain(ArrayFormatter<'a>),
    Double(&'a Float64Array),
    Real(&'a Float32Array),
    Text(ArrayFormatter<'a>),
    List(&'a ListArray, Box<Values<'a>>),
    Map(&'a MapArray, Box<Values<'a>>, Box<Values<'a>>),
    Row(Vec<(&'a str, Values<'a>)>),
}

fn named<'a>(
    fields: impl Iterator<Item = &'a Field>,
    columns: &'a [ArrayRef],
) -> Result<Vec<(&'a str, Values<'a>)>> {
    fields.zip(columns).map(|(field, column)| Ok((field.name().as_str(), values(column)?))).collect()
}

fn values(array: &ArrayRef) -> Result<Values<'_>> {
    let shown = || ArrayFormatter::try_new(array.as_ref(), &FORMAT);
    let kind = match array.data_type() {
        DataType::Null => Kind::Null,
        DataType::Float64 => Kind::Double(array.as_primitive()),
        DataType::Float32 => Kind::Real(array.as_primitive()),
        data_type if data_type.is_numeric() => Kind::Plain(shown()?),
        DataType::Boolean => Kind::Plain(shown()?),
        DataType::List(_) => {
            let lists = array.as_list();
            Kind::List(lists, Box::new(values(lists.values())?))
        }
        DataType::Map(..) => {
            let maps = array.as_map();
            Kind::Map(maps, Box::new(values(maps.keys())?), Box::new(values(maps.values())?))
        }
        DataType::Struct(fields) => {
            Kind::Row(named(fields.iter().map(AsRef::as_ref), array.as_struct().columns())?)
        }
        _ => Kind::Text(shown()?),
    };
    Ok(Values { array: array.as_ref(), kind })
}

fn write_object(columns: &[(&str, Values<'_>)], row: usize, out: &mut impl Write) -> Result<()> {
    write!(out, "{{")?;
    for (index, (name, values)) in columns.iter().enumerate() {
        if index > 0 {
            write!(out, ",")?;
        }
        serde_json::to_writer(&mut *out, name)?;
        write!(out, ":")?;
        write_value(values, row, out)?;
    }
    Ok(write!(out, "}}")?)
}

fn write_value(values: &Values<'_>, row: usize, out: &mut impl Write) -> Result<()> {
    if !values.array.is_valid(row) {
        return Ok(write!(out, "null")?);
    }
    match &values.kind {
        Kind::Null => Ok(write!(out, "null")?),
        Kind::Plain(shown) => Ok(write!(out, "{}", shown.value(row))?),
        Kind::Double(numbers) => write_number(numbers.value(row), numbers.value(row), out),
        Kind::Real(numbers) => write_number(numbers.value(row), numbers.value(row).into(), out),
        Kind::Text(shown) => Ok(serde_json::to_writer(out, &shown.value(row).to_string())?),
        Kind::List(lists, items) => write_list(lists, items, row, out),
        Kind::Map(maps, keys, values) => write_map(maps, (keys, values), row, out),
        Kind::Row(fields) => write_object(fields, row, out),
    }
}

/// Numbers that JSON does not have are texts, as in a cast to JSON.
fn write_number(number: impl serde::Serialize, wide: f64, out: &mut impl Write) -> Result<()> {
    Ok(match wide {
        _ if wide.is_finite() => serde_json::to_writer(out, &number)?,
        _ if wide.is_nan() => write!(out, "\"NaN\"")?,
        _ if wide > 0.0 => write!(out, "\"Infinity\"")?,
        _ => write!(out, "\"-Infinity\"")?,
    })
}

fn write_list(lists: &ListArray, items: &Values<'_>, row: usize, out: &mut impl Write) -> Result<()> {
    write!(out, "[")?;
    for (count, index) in places(lists.value_offsets(), row).enumerate() {
        if count > 0 {
            write!(out, ",")?;
        }
        write_value(items, index, out)?;
    }
    Ok(write!(out, "]")?)
}

fn write_map(
    maps: &MapArray,
    (keys, values): (&Values<'_>, &Values<'_>),
    row: usize,
    out: &mut impl Write,
) -> Result<()> {
    write!(out, "{{")?;
    for (count, index) in places(maps.value_offsets(), row).enumerate() {
        if count > 0 {
            write!(out, ",")?;
        }
        write_value(keys, index, out)?;
        write!(out, ":")?;
        write_value(values, index, out)?;
    }
    Ok(write!(out, "}}")?)
}

/// Where a row's items stand.
fn places(offsets: &[i32], row: usize) -> std::ops::Range<usize> {
    let place = |row: usize| offsets.get(row).and_then(|offset| usize::try_from(*offset).ok()).unwrap_or(0);
    place(row)..place(row + 1)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;

    use arrow::{
        array::{
            BooleanArray, Decimal128Array, Float64Array, Int64Array, MapBuilder, StringBuilder,
            StringViewArray, StructArray,
        },
        buffer::NullBuffer,
        datatypes::{Int64Type, Schema},
    };

    use super::*;

    fn check(columns: Vec<(&str, ArrayRef)>, expected: &[&str]) {
        let fields: Vec<Field> =
            columns.iter().map(|(name, array)| Field::new(*name, array.data_type().clone(), true)).collect();
        let arrays = columns.into_iter().map(|(_, array)| array).collect();
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap();
        let objects = Objects::of(&batch).unwrap();
        for (row, expected) in expected.iter().enumerate() {
            let mut out = Vec::new();
            objects.write(row, &mut out).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), *expected);
        }
    }

    #[test]
    fn plain_values() {
        let decimals = Decimal128Array::from(vec![Some(-150), None]).with_precision_and_scale(5, 2).unwrap();
        check(
            vec![
                ("a", Arc::new(Int64Array::from(vec![Some(1), None]))),
                ("a", Arc::new(BooleanArray::from(vec![Some(true), Some(false)]))),
                ("d", Arc::new(decimals)),
                ("t", Arc::new(StringViewArray::from(vec![Some("x \"y\"\n"), None]))),
                ("f", Arc::new(Float64Array::from(vec![1.5, f64::NEG_INFINITY]))),
                ("n", arrow::array::new_null_array(&DataType::Null, 2)),
            ],
            &[
                r#"{"a":1,"a":true,"d":-1.50,"t":"x \"y\"\n","f":1.5,"n":null}"#,
                r#"{"a":null,"a":false,"d":null,"t":null,"f":"-Infinity","n":null}"#,
            ],
        );
    }

    #[test]
    fn nested_values() {
        let items = [Some(vec![Some(1), None]), None, Some(vec![])];
        let lists: ArrayRef = Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(items));
        let mut maps = MapBuilder::new(None, StringBuilder::new(), StringBuilder::new());
        maps.keys().append_value("k");
        maps.values().append_value("v");
        maps.append(true).unwrap();
        maps.append(false).unwrap();
        maps.append(true).unwrap();
        let field = Arc::new(Field::new("x", lists.data_type().clone(), true));
        let valid = NullBuffer::from(vec![true, true, false]);
        let rows = StructArray::new(vec![field].into(), vec![lists.slice(0, 3)], Some(valid));
        check(
            vec![("l", lists), ("m", Arc::new(maps.finish())), ("r", Arc::new(rows))],
            &[
                r#"{"l":[1,null],"m":{"k":"v"},"r":{"x":[1,null]}}"#,
                r#"{"l":null,"m":null,"r":{"x":null}}"#,
                r#"{"l":[],"m":{},"r":null}"#,
            ],
        );
    }
}
