//! Sketches: small summaries of large sets. Scalar functions on `HyperLogLog`, `qdigest`, `tdigest` and `SetDigest`
//! (<https://trino.io/docs/current/functions/hyperloglog.html>, `qdigest.html`, `tdigest.html`, `setdigest.html`).
//! The aggregates that make them are in `aggregate`.
//!
//! The bytes are our own format, not Trino's.

pub(crate) mod hash;
pub(crate) mod hll;
pub(crate) mod qdigest;
pub(crate) mod setdigest;
pub(crate) mod tdigest;
pub(crate) mod wire;

use std::sync::Arc;

use arrow::{
    array::{
        Array, ArrayRef, BinaryViewArray, Float32Array, Float64Array, Int16Array, Int64Array, ListArray,
        MapArray, StructArray,
    },
    buffer::{NullBuffer, OffsetBuffer},
    datatypes::{DataType, Float64Type, Int64Type},
};
use datafusion::{
    common::{Result as EngineResult, ScalarValue},
    logical_expr::ColumnarValue,
};

use crate::{
    Call, Fault, Function, Type,
    columns::{argument, bytes, lists, on_arrays, primitive, primitive_rows},
    sketch::{
        hll::Hll,
        qdigest::{QDigest, sortable, sortable_real, unsortable, unsortable_real},
        setdigest::SetDigest,
        tdigest::TDigest,
        wire::Tag,
    },
    types::{entries_field, item_field},
};

pub(crate) fn functions() -> Vec<Function> {
    vec![
        Function::scalar(
            "empty_approx_set",
            &["() -> HyperLogLog"],
            empty_approx_set,
            "A HyperLogLog of no values",
        ),
        Function::scalar(
            "value_at_quantile",
            &[
                "(qdigest(bigint), double) -> bigint",
                "(qdigest(double), double) -> double",
                "(qdigest(real), double) -> real",
                "(tdigest, double) -> double",
            ],
            value_at_quantile,
            "The value whose rank is this part of all",
        ),
        Function::scalar(
            "values_at_quantiles",
            &[
                "(qdigest(bigint), array(double)) -> array(bigint)",
                "(qdigest(double), array(double)) -> array(double)",
                "(qdigest(real), array(double)) -> array(real)",
                "(tdigest, array(double)) -> array(double)",
            ],
            values_at_quantiles,
            "The values whose ranks are these parts of all",
        ),
        Function::scalar(
            "quantile_at_value",
            &[
                "(qdigest(bigint), bigint) -> double",
                "(qdigest(double), double) -> double",
                "(qdigest(real), real) -> double",
            ],
            quantile_at_value,
            "Which part of all values lies below the value",
        ),
        Function::scalar(
            "hash_counts",
            &["(SetDigest) -> map(bigint, smallint)"],
            hash_counts,
            "The hashes of the set and how often each came",
        ),
        Function::scalar(
            "jaccard_index",
            &["(SetDigest, SetDigest) -> double"],
            jaccard_index,
            "How alike two sets are, from 0 to 1",
        ),
        Function::scalar(
            "intersection_cardinality",
            &["(SetDigest, SetDigest) -> bigint"],
            intersection_cardinality,
            "How many values two sets have in common",
        ),
    ]
}

/// `cardinality` of a `HyperLogLog` or a `SetDigest`.
pub(crate) fn cardinality(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let sets = bytes(argument(arrays, 0)?)?;
        primitive_rows::<Int64Type>(sets.len(), |row| {
            valid(sets, row)
                .map(|set| match Tag::of(set)? {
                    Tag::SetDigest => SetDigest::read(set).map(|set| set.cardinality()),
                    _ => Hll::read(set).map(|set| set.cardinality()),
                })
                .transpose()
        })
    })
}

/// The value of the row, unless it is NULL.
fn valid(array: &BinaryViewArray, row: usize) -> Option<&[u8]> {
    array.is_valid(row).then(|| array.value(row))
}

fn empty_approx_set(_: &Call, _: &[ColumnarValue], _: usize) -> EngineResult<ColumnarValue> {
    let mut written = Vec::new();
    Hll::default().write(&mut written);
    Ok(ColumnarValue::Scalar(ScalarValue::BinaryView(Some(written))))
}

/// Values of a digest in their own type.
fn typed(value_type: &DataType, values: Vec<Option<f64>>, integers: Vec<Option<i64>>) -> ArrayRef {
    match value_type {
        DataType::Int64 => Arc::new(Int64Array::from(integers)),
        DataType::Float32 => {
            Arc::new(integers.into_iter().map(|bits| bits.map(unsortable_real)).collect::<Float32Array>())
        }
        _ if values.is_empty() => {
            Arc::new(integers.into_iter().map(|bits| bits.map(unsortable)).collect::<Float64Array>())
        }
        _ => Arc::new(Float64Array::from(values)),
    }
}

fn check_quantile(quantile: f64) -> Result<f64, Fault> {
    match (0.0..=1.0).contains(&quantile) {
        true => Ok(quantile),
        false => Err(Fault::invalid_argument("quantile must be between [0,1]")),
    }
}

fn value_at_quantile(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let digests = bytes(argument(arrays, 0)?)?;
        let quantiles = primitive::<Float64Type>(argument(arrays, 1)?)?;
        let (mut values, mut integers) = (Vec::new(), Vec::new());
        let is_tdigest = call.arguments.first() == Some(&Type::TDigest);
        for row in 0..digests.len() {
            let given = valid(digests, row).filter(|_| quantiles.is_valid(row));
            let quantile = given.map(|_| check_quantile(quantiles.value(row))).transpose()?.unwrap_or(0.0);
            if is_tdigest {
                let digest = given.map(TDigest::read).transpose()?;
                values.push(digest.and_then(|mut digest| digest.values_at(&[quantile]).first().copied()));
            } else {
                let digest = given.map(QDigest::read).transpose()?;
                integers.push(digest.map(|digest| digest.value_at(quantile)));
            }
        }
        Ok(typed(&call.returns.arrow(), values, integers))
    })
}

fn values_at_quantiles(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let Type::Array(item) = &call.returns else {
        return Err(Fault::internal("values_at_quantiles returns an array").into());
    };
    let is_tdigest = call.arguments.first() == Some(&Type::TDigest);
    on_arrays(arguments, rows, |arrays| {
        let (digests, quantiles) = (bytes(argument(arrays, 0)?)?, lists(argument(arrays, 1)?)?);
        let (mut values, mut integers) = (Vec::new(), Vec::new());
        let (mut lengths, mut present) = (Vec::new(), Vec::new());
        for row in 0..digests.len() {
            let Some(digest) = valid(digests, row).filter(|_| quantiles.is_valid(row)) else {
                present.push(false);
                lengths.push(0);
                continue;
            };
            let wanted = quantiles_of(&quantiles.value(row))?;
            present.push(true);
            lengths.push(wanted.len());
            if is_tdigest {
                if !wanted.is_sorted() {
                    let message = "percentiles must be sorted in increasing order";
                    return Err(Fault::invalid_argument(message).into());
                }
                values.extend(TDigest::read(digest)?.values_at(&wanted).into_iter().map(Some));
            } else {
                let digest = QDigest::read(digest)?;
                integers.extend(wanted.iter().map(|quantile| Some(digest.value_at(*quantile))));
            }
        }
        let items = typed(&item.arrow(), values, integers);
        let nulls = NullBuffer::from(present);
        let offsets = OffsetBuffer::from_lengths(lengths);
        Ok(Arc::new(ListArray::try_new(item_field(item.arrow()), offsets, items, Some(nulls))?) as ArrayRef)
    })
}

fn quantiles_of(items: &ArrayRef) -> EngineResult<Vec<f64>> {
    let numbers = primitive::<Float64Type>(items)?;
    let quantile = |number: Option<f64>| {
        check_quantile(number.ok_or_else(|| Fault::invalid_argument("quantile must not be null"))?)
    };
    Ok(numbers.iter().map(quantile).collect::<Result<_, _>>()?)
}

fn quantile_at_value(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let (digests, values) = (bytes(argument(arrays, 0)?)?, argument(arrays, 1)?);
        let integer = |row: usize| -> EngineResult<i64> {
            Ok(match call.arguments.get(1) {
                Some(Type::BigInt) => primitive::<Int64Type>(values)?.value(row),
                Some(Type::Real) => {
                    sortable_real(primitive::<arrow::datatypes::Float32Type>(values)?.value(row))
                }
                _ => sortable(primitive::<Float64Type>(values)?.value(row)),
            })
        };
        let parts = (0..digests.len()).map(|row| {
            let Some(digest) = valid(digests, row).filter(|_| values.is_valid(row)) else { return Ok(None) };
            Ok(QDigest::read(digest)?.quantile_of(integer(row)?))
        });
        Ok(Arc::new(parts.collect::<EngineResult<Float64Array>>()?) as ArrayRef)
    })
}

fn hash_counts(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let sets = bytes(argument(arrays, 0)?)?;
        let (mut hashes, mut counts, mut lengths) = (Vec::<i64>::new(), Vec::<i16>::new(), Vec::new());
        for row in 0..sets.len() {
            let set = valid(sets, row).map(SetDigest::read).transpose()?.unwrap_or_default();
            hashes.extend(set.counts().keys());
            counts.extend(set.counts().values());
            lengths.push(set.counts().len());
        }
        let field = entries_field(&Type::BigInt, &Type::SmallInt);
        let DataType::Struct(fields) = field.data_type().clone() else {
            return Err(Fault::internal("entries are rows").into());
        };
        let columns: Vec<ArrayRef> =
            vec![Arc::new(Int64Array::from(hashes)), Arc::new(Int16Array::from(counts))];
        let entries = StructArray::try_new(fields, columns, None)?;
        let offsets = OffsetBuffer::from_lengths(lengths);
        let maps = MapArray::try_new(field, offsets, entries, sets.nulls().cloned(), false)?;
        Ok(Arc::new(maps) as ArrayRef)
    })
}

/// Both sets of a row, unless one is NULL.
fn both(
    left: &BinaryViewArray,
    right: &BinaryViewArray,
    row: usize,
) -> Result<Option<(SetDigest, SetDigest)>, Fault> {
    match (valid(left, row), valid(right, row)) {
        (Some(left), Some(right)) => Ok(Some((SetDigest::read(left)?, SetDigest::read(right)?))),
        _ => Ok(None),
    }
}

fn jaccard_index(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let (left, right) = (bytes(argument(arrays, 0)?)?, bytes(argument(arrays, 1)?)?);
        primitive_rows::<Float64Type>(left.len(), |row| {
            Ok(both(left, right, row)?.map(|(left, right)| left.jaccard_index(&right)))
        })
    })
}

fn intersection_cardinality(
    _: &Call,
    arguments: &[ColumnarValue],
    rows: usize,
) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let (left, right) = (bytes(argument(arrays, 0)?)?, bytes(argument(arrays, 1)?)?);
        primitive_rows::<Int64Type>(left.len(), |row| {
            Ok(both(left, right, row)?.map(|(left, right)| left.intersection_cardinality(&right)))
        })
    })
}
