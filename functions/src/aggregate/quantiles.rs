//! `approx_percentile`, `qdigest_agg`, `tdigest_agg`.
//!
//! As in Trino, `approx_percentile` is a t-digest, or a quantile digest where an accuracy is given; so for few
//! values the result is one of them, the one at index `floor(p * n)` of the sorted values.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, Float32Array, Float64Array, Int64Array, PrimitiveArray},
    datatypes::{DataType, Float32Type, Float64Type, Int64Type},
};
use datafusion::common::Result as EngineResult;

use crate::{
    Fault,
    aggregate::{
        average::round,
        distinct::add_one,
        fold::{column, doubles, primitive},
        log::{list_type, lists},
        sketched::{Sketch, Sketched, written},
        states::States,
        udaf::{Definition, type_at},
    },
    sketch::{
        qdigest::{DEFAULT_ACCURACY, QDigest, sortable, sortable_real, unsortable, unsortable_real},
        tdigest::{TDigest, check_value, check_weight},
        wire::damaged,
    },
};

/// All aggregates of this module.
pub(crate) fn definitions() -> Vec<Definition> {
    vec![
        Definition::new(
            "approx_percentile",
            &[
                "(bigint, double) -> bigint",
                "(double, double) -> double",
                "(real, double) -> real",
                "(bigint, array(double)) -> array(bigint)",
                "(double, array(double)) -> array(double)",
                "(real, array(double)) -> array(real)",
                "(bigint, double, double) -> bigint",
                "(double, double, double) -> double",
                "(real, double, double) -> real",
                "(bigint, double, array(double)) -> array(bigint)",
                "(double, double, array(double)) -> array(double)",
                "(real, double, array(double)) -> array(real)",
                "(bigint, double, double, double) -> bigint",
                "(double, double, double, double) -> double",
                "(real, double, double, double) -> real",
            ],
            "The value at a percentile, roughly; with weights, for several percentiles, to an accuracy",
            percentile_type,
            percentile,
        ),
        Definition::new(
            "tdigest_agg",
            &["(double) -> tdigest", "(double, double) -> tdigest"],
            "A tdigest of the values",
            |_| Ok(DataType::BinaryView),
            |_| Ok(Sketched::boxed(DataType::BinaryView, add_to_tdigests, |digests, _| Ok(written(digests)))),
        ),
        Definition::new(
            "qdigest_agg",
            &[
                "(bigint) -> qdigest(bigint)",
                "(double) -> qdigest(double)",
                "(real) -> qdigest(real)",
                "(bigint, bigint) -> qdigest(bigint)",
                "(double, bigint) -> qdigest(double)",
                "(real, bigint) -> qdigest(real)",
                "(bigint, bigint, double) -> qdigest(bigint)",
                "(double, bigint, double) -> qdigest(double)",
                "(real, bigint, double) -> qdigest(real)",
            ],
            "A qdigest of the values",
            |_| Ok(DataType::BinaryView),
            |_| Ok(Sketched::boxed(DataType::BinaryView, add_to_qdigests, |digests, _| Ok(written(digests)))),
        ),
    ]
}

fn percentile_type(types: &[DataType]) -> EngineResult<DataType> {
    let value = type_at(types, 0)?;
    let is_list = types.len() < 4 && types.last().is_some_and(DataType::is_list);
    Ok(if is_list { list_type(value) } else { value.clone() })
}

fn percentile(types: &[DataType]) -> EngineResult<Box<dyn States>> {
    let returns = percentile_type(types)?;
    Ok(match types.len() {
        4 => Sketched::boxed(returns, add_with_accuracy, values_with_accuracy),
        _ => Sketched::boxed(returns, add_percentiles, values),
    })
}

/// A digest and what is asked of it.
#[derive(Debug)]
struct Asked<D> {
    digest: D,
    percentiles: Vec<f64>,
}

/// What [`Asked`] needs of a digest.
trait Digest: std::fmt::Debug + Send + Sync + Sized + 'static {
    fn merge(&mut self, other: &Self);
    fn write(&self, bytes: &mut Vec<u8>);
    fn read(bytes: &[u8]) -> Result<Self, Fault>;
    fn size(&self) -> usize;
}

macro_rules! digest {
    ($type:ty) => {
        impl Digest for $type {
            fn merge(&mut self, other: &Self) {
                <$type>::merge(self, other);
            }

            fn write(&self, bytes: &mut Vec<u8>) {
                <$type>::write(self, bytes);
            }

            fn read(bytes: &[u8]) -> Result<Self, Fault> {
                <$type>::read(bytes)
            }

            fn size(&self) -> usize {
                <$type>::size(self)
            }
        }

        impl Sketch for $type {
            fn merge(&mut self, other: Self) -> Result<(), Fault> {
                <$type>::merge(self, &other);
                Ok(())
            }

            fn write(&self, bytes: &mut Vec<u8>) {
                <$type>::write(self, bytes);
            }

            fn read(bytes: &[u8]) -> Result<Self, Fault> {
                <$type>::read(bytes)
            }

            fn size(&self) -> usize {
                <$type>::size(self)
            }
        }
    };
}

digest!(TDigest);
digest!(QDigest);

impl<D: Digest> Sketch for Asked<D> {
    fn merge(&mut self, other: Self) -> Result<(), Fault> {
        self.digest.merge(&other.digest);
        self.percentiles = other.percentiles;
        Ok(())
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&(self.percentiles.len() as u64).to_le_bytes());
        self.percentiles.iter().for_each(|percentile| bytes.extend_from_slice(&percentile.to_le_bytes()));
        self.digest.write(bytes);
    }

    fn read(bytes: &[u8]) -> Result<Self, Fault> {
        let (count, rest) = bytes.split_first_chunk::<8>().ok_or_else(damaged)?;
        let length = usize::try_from(u64::from_le_bytes(*count)).ok().and_then(|count| count.checked_mul(8));
        let (numbers, digest) =
            length.and_then(|length| rest.split_at_checked(length)).ok_or_else(damaged)?;
        let number = |bytes: &[u8]| bytes.first_chunk::<8>().map(|bytes| f64::from_le_bytes(*bytes));
        let percentiles = numbers.chunks_exact(8).filter_map(number).collect();
        Ok(Self { digest: D::read(digest)?, percentiles })
    }

    fn size(&self) -> usize {
        self.digest.size() + self.percentiles.capacity() * size_of::<f64>()
    }
}

fn check_percentile(percentile: f64) -> Result<f64, Fault> {
    match (0.0..=1.0).contains(&percentile) {
        true => Ok(percentile),
        false => Err(Fault::invalid_argument("Percentile must be between 0 and 1")),
    }
}

/// The percentiles that one row asks for.
fn percentiles_of(array: &ArrayRef, row: usize) -> EngineResult<Vec<f64>> {
    let items = match array.as_list_opt::<i32>() {
        Some(lists) => lists.value(row),
        None => array.slice(row, 1),
    };
    let numbers =
        items.as_primitive_opt::<Float64Type>().ok_or_else(|| Fault::internal("not percentiles"))?;
    let percentile = |number: Option<f64>| {
        check_percentile(number.ok_or_else(|| Fault::invalid_argument("Percentile cannot be null"))?)
    };
    Ok(numbers.iter().map(percentile).collect::<Result<_, _>>()?)
}

/// The values as doubles; bigints must not change on the way.
fn exact_doubles(values: &[ArrayRef]) -> EngineResult<Float64Array> {
    let doubles = doubles(values, 0)?;
    if let Some(integers) = column(values, 0)?.as_primitive_opt::<Int64Type>() {
        for (integer, double) in integers.iter().zip(doubles.values()) {
            if let Some(integer) = integer.filter(|integer| *double as i64 != *integer) {
                let message = format!("no exact double representation for long: {integer}");
                return Err(Fault::invalid_argument(message).into());
            }
        }
    }
    Ok(doubles)
}

fn is_complete(values: &[ArrayRef], row: usize) -> bool {
    values.iter().all(|array| array.is_valid(row))
}

/// Arguments: value, perhaps weight, percentile or percentiles.
fn add_percentiles(
    states: &mut [Option<Asked<TDigest>>],
    values: &[ArrayRef],
    groups: &[usize],
) -> EngineResult<()> {
    let numbers = exact_doubles(values)?;
    let asked = column(values, values.len().saturating_sub(1))?;
    let weights = (values.len() > 2).then(|| primitive::<Float64Type>(values, 1)).transpose()?;
    // Rows ask the same, nearly always.
    let mut last: Option<(ArrayRef, Vec<f64>)> = None;
    for (row, group) in groups.iter().enumerate().filter(|(row, _)| is_complete(values, *row)) {
        let value = numbers.value(row);
        let weight = weights.map_or(1.0, |weights| weights.value(row));
        check_value(value)?;
        check_weight(weight)?;
        if states.get(*group).is_some_and(Option::is_none) {
            let one = asked.slice(row, 1);
            let percentiles = match last.take().filter(|(before, _)| before.as_ref() == one.as_ref()) {
                Some((_, percentiles)) => percentiles,
                None => percentiles_of(asked, row)?,
            };
            last = Some((one, percentiles.clone()));
            let new = Asked { digest: TDigest::default(), percentiles };
            add_one(
                states,
                *group,
                || Ok(new),
                |state| {
                    state.digest.add(value, weight);
                    Ok(())
                },
            )?;
        } else if let Some(Some(state)) = states.get_mut(*group) {
            state.digest.add(value, weight);
        }
    }
    Ok(())
}

/// Doubles as values of the argument's type.
fn as_values(value_type: &DataType, doubles: impl Iterator<Item = Option<f64>>) -> ArrayRef {
    match value_type {
        DataType::Int64 => Arc::new(doubles.map(|value| value.map(round)).collect::<Int64Array>()),
        DataType::Float32 => {
            Arc::new(doubles.map(|value| value.map(|value| value as f32)).collect::<Float32Array>())
        }
        _ => Arc::new(doubles.collect::<Float64Array>()),
    }
}

fn values(states: &mut [Option<Asked<TDigest>>], returns: &DataType) -> EngineResult<ArrayRef> {
    if let DataType::List(item) = returns {
        let lengths: Vec<usize> =
            states.iter().map(|state| state.as_ref().map_or(0, |state| state.percentiles.len())).collect();
        let present: Vec<bool> = states.iter().map(Option::is_some).collect();
        let all = states.iter_mut().flatten().flat_map(values_in_order).map(Some);
        let items = as_values(item.data_type(), all.collect::<Vec<_>>().into_iter());
        return lists(items, &lengths, |group| present.get(group) == Some(&true));
    }
    let one = |state: &mut Option<Asked<TDigest>>| {
        state.as_mut().and_then(|state| state.digest.values_at(&state.percentiles).first().copied())
    };
    Ok(as_values(returns, states.iter_mut().map(one)))
}

/// The values at the percentiles in the order they were asked for.
fn values_in_order(state: &mut Asked<TDigest>) -> Vec<f64> {
    let mut sorted: Vec<(usize, f64)> = state.percentiles.iter().copied().enumerate().collect();
    sorted.sort_by(|left, right| left.1.total_cmp(&right.1));
    let ascending: Vec<f64> = sorted.iter().map(|(_, percentile)| *percentile).collect();
    let mut found: Vec<(usize, f64)> =
        sorted.iter().map(|(index, _)| *index).zip(state.digest.values_at(&ascending)).collect();
    found.sort_by_key(|(index, _)| *index);
    found.into_iter().map(|(_, value)| value).collect()
}

/// The values as integers that sort alike.
fn sortables(values: &[ArrayRef]) -> EngineResult<Int64Array> {
    let array = column(values, 0)?;
    Ok(match array.data_type() {
        DataType::Int64 => array.as_primitive::<Int64Type>().clone(),
        DataType::Float64 => array.as_primitive::<Float64Type>().unary(sortable),
        DataType::Float32 => array.as_primitive::<Float32Type>().unary(sortable_real),
        other => return Err(Fault::type_mismatch(format!("no quantiles of {other}")).into()),
    })
}

/// Arguments: value, weight, percentile, accuracy.
fn add_with_accuracy(
    states: &mut [Option<Asked<QDigest>>],
    values: &[ArrayRef],
    groups: &[usize],
) -> EngineResult<()> {
    let numbers = sortables(values)?;
    let weights = primitive::<Float64Type>(values, 1)?;
    let (percentiles, accuracies) =
        (primitive::<Float64Type>(values, 2)?, primitive::<Float64Type>(values, 3)?);
    for (row, group) in groups.iter().enumerate().filter(|(row, _)| is_complete(values, *row)) {
        let weight = weights.value(row);
        if weight.is_nan() || weight <= 0.0 {
            let message = format!("Percentile weight must be > 0, was {weight:?}");
            return Err(Fault::invalid_argument(message).into());
        }
        let percentile = check_percentile(percentiles.value(row))?;
        let make = || Ok(Asked { digest: QDigest::new(accuracies.value(row))?, percentiles: Vec::new() });
        add_one(states, *group, make, |state| {
            state.digest.add(numbers.value(row), weight);
            state.percentiles = vec![percentile];
            Ok(())
        })?;
    }
    Ok(())
}

fn values_with_accuracy(states: &mut [Option<Asked<QDigest>>], returns: &DataType) -> EngineResult<ArrayRef> {
    let bits = states.iter().map(|state| {
        let state = state.as_ref().filter(|state| !state.digest.is_empty())?;
        state.percentiles.first().map(|percentile| state.digest.value_at(*percentile))
    });
    Ok(match returns {
        DataType::Int64 => Arc::new(bits.collect::<Int64Array>()),
        DataType::Float32 => {
            Arc::new(bits.map(|bits| bits.map(unsortable_real)).collect::<PrimitiveArray<Float32Type>>())
        }
        _ => Arc::new(bits.map(|bits| bits.map(unsortable)).collect::<PrimitiveArray<Float64Type>>()),
    })
}

/// Arguments: value, perhaps weight.
fn add_to_tdigests(
    digests: &mut [Option<TDigest>],
    values: &[ArrayRef],
    groups: &[usize],
) -> EngineResult<()> {
    let numbers = primitive::<Float64Type>(values, 0)?;
    let weights = (values.len() > 1).then(|| primitive::<Float64Type>(values, 1)).transpose()?;
    for (row, group) in groups.iter().enumerate().filter(|(row, _)| is_complete(values, *row)) {
        let (value, weight) = (numbers.value(row), weights.map_or(1.0, |weights| weights.value(row)));
        check_value(value)?;
        check_weight(weight)?;
        add_one(
            digests,
            *group,
            || Ok(TDigest::default()),
            |digest| {
                digest.add(value, weight);
                Ok(())
            },
        )?;
    }
    Ok(())
}

/// Arguments: value, perhaps weight, perhaps accuracy.
fn add_to_qdigests(
    digests: &mut [Option<QDigest>],
    values: &[ArrayRef],
    groups: &[usize],
) -> EngineResult<()> {
    let numbers = sortables(values)?;
    let weights = (values.len() > 1).then(|| primitive::<Int64Type>(values, 1)).transpose()?;
    let accuracies = (values.len() > 2).then(|| primitive::<Float64Type>(values, 2)).transpose()?;
    for (row, group) in groups.iter().enumerate().filter(|(row, _)| is_complete(values, *row)) {
        let weight = weights.map_or(1, |weights| weights.value(row));
        if weight <= 0 {
            let message = format!("Percentile weight must be > 0, was {weight}");
            return Err(Fault::invalid_argument(message).into());
        }
        let accuracy = accuracies.map_or(DEFAULT_ACCURACY, |accuracies| accuracies.value(row));
        add_one(
            digests,
            *group,
            || QDigest::new(accuracy),
            |digest| {
                digest.add(numbers.value(row), weight as f64);
                Ok(())
            },
        )?;
    }
    Ok(())
}
