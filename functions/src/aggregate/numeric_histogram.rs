//! `numeric_histogram`: the streaming histogram by Ben-Haim and Tom-Tov, with the penalty for merging two buckets
//! that Trino has.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, Float32Array, Float64Array},
    datatypes::{DataType, Float64Type, Int64Type},
};
use datafusion::common::Result as EngineResult;

use crate::{
    Fault,
    aggregate::{
        distinct::add_one,
        fold::{doubles, primitive},
        maps::{map_type, maps},
        sketched::{Sketch, Sketched},
        udaf::{Definition, type_at},
    },
    sketch::wire::damaged,
};

/// Most buckets: bounds memory.
const BUCKETS_MAX: i64 = 1_000_000;
/// Entries beside the buckets before they are merged: Trino's number.
const BUFFER: usize = 100;

pub(crate) const NUMERIC_HISTOGRAM: Definition = Definition::new(
    "numeric_histogram",
    &[
        "(bigint, double) -> map(double, double)",
        "(bigint, double, double) -> map(double, double)",
        "(bigint, real) -> map(real, real)",
        "(bigint, real, double) -> map(real, real)",
    ],
    "An approximate histogram: number of buckets, value, perhaps weight",
    returns,
    |types| Ok(Sketched::boxed(returns(types)?, add, finish)),
);

fn returns(types: &[DataType]) -> EngineResult<DataType> {
    let value = type_at(types, 1)?;
    Ok(map_type(value, value))
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    value: f64,
    weight: f64,
}

#[derive(Debug)]
struct Histogram {
    buckets_max: usize,
    buckets: Vec<Bucket>,
}

impl Histogram {
    fn new(buckets_max: i64) -> Result<Self, Fault> {
        if buckets_max < 2 {
            return Err(Fault::invalid_argument(format!(
                "numeric_histogram bucket count must be greater than one, input bucket count: {buckets_max}"
            )));
        }
        if buckets_max > BUCKETS_MAX {
            return Err(Fault::invalid_argument(format!(
                "numeric_histogram bucket count must be at most {BUCKETS_MAX}: {buckets_max}"
            )));
        }
        Ok(Self { buckets_max: usize::try_from(buckets_max).unwrap_or(2), buckets: Vec::new() })
    }

    fn add(&mut self, value: f64, weight: f64) {
        if self.buckets.len() >= self.buckets_max + BUFFER {
            self.compact();
        }
        self.buckets.push(Bucket { value, weight });
    }

    /// Sorts, puts equal values together, and merges the closest neighbours until there are few enough.
    fn compact(&mut self) {
        self.buckets.sort_by(|left, right| left.value.total_cmp(&right.value));
        self.buckets.dedup_by(|next, kept| {
            let is_same = next.value == kept.value;
            kept.weight += if is_same { next.weight } else { 0.0 };
            is_same
        });
        while self.buckets.len() > self.buckets_max {
            let Some(at) = cheapest(&self.buckets) else { return };
            let right = self.buckets.remove(at + 1);
            if let Some(left) = self.buckets.get_mut(at) {
                let weight = left.weight + right.weight;
                left.value = (left.value * left.weight + right.value * right.weight) / weight;
                left.weight = weight;
            }
        }
    }
}

/// The bucket whose merge with the next changes least.
fn cheapest(buckets: &[Bucket]) -> Option<usize> {
    let penalty = |pair: &[Bucket]| match pair {
        [left, right] => {
            let weight = left.weight + right.weight;
            let distance = left.value - right.value;
            weight * (distance * distance) * ((left.weight * right.weight) / (weight * weight))
        }
        _ => f64::INFINITY,
    };
    let penalties = buckets.windows(2).map(penalty).enumerate();
    penalties.min_by(|left, right| left.1.total_cmp(&right.1)).map(|(at, _)| at)
}

impl Sketch for Histogram {
    fn merge(&mut self, other: Self) -> Result<(), Fault> {
        self.buckets.extend_from_slice(&other.buckets);
        self.compact();
        Ok(())
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&(self.buckets_max as u64).to_le_bytes());
        for bucket in &self.buckets {
            bytes.extend_from_slice(&bucket.value.to_le_bytes());
            bytes.extend_from_slice(&bucket.weight.to_le_bytes());
        }
    }

    fn read(bytes: &[u8]) -> Result<Self, Fault> {
        let (first, rest) = bytes.split_first_chunk::<8>().ok_or_else(damaged)?;
        let mut read = Self::new(i64::from_le_bytes(*first))?;
        let numbers: Vec<f64> = rest
            .chunks_exact(8)
            .filter_map(|bytes| bytes.first_chunk::<8>().map(|bytes| f64::from_le_bytes(*bytes)))
            .collect();
        for pair in numbers.chunks_exact(2) {
            let [value, weight] = pair else { return Err(damaged()) };
            read.buckets.push(Bucket { value: *value, weight: *weight });
        }
        Ok(read)
    }

    fn size(&self) -> usize {
        self.buckets.capacity() * size_of::<Bucket>()
    }
}

/// Arguments: number of buckets, value, perhaps weight.
fn add(states: &mut [Option<Histogram>], values: &[ArrayRef], groups: &[usize]) -> EngineResult<()> {
    let counts = primitive::<Int64Type>(values, 0)?;
    let numbers = doubles(values, 1)?;
    let weights = (values.len() > 2).then(|| primitive::<Float64Type>(values, 2)).transpose()?;
    for (row, group) in groups.iter().enumerate() {
        if values.iter().any(|array| array.is_null(row)) {
            continue;
        }
        let weight = weights.map_or(1.0, |weights| weights.value(row));
        add_one(
            states,
            *group,
            || Histogram::new(counts.value(row)),
            |state| {
                state.add(numbers.value(row), weight);
                Ok(())
            },
        )?;
    }
    Ok(())
}

fn finish(states: &mut [Option<Histogram>], returns: &DataType) -> EngineResult<ArrayRef> {
    states.iter_mut().flatten().for_each(Histogram::compact);
    let buckets = || states.iter().flatten().flat_map(|state| &state.buckets);
    let lengths: Vec<usize> =
        states.iter().map(|state| state.as_ref().map_or(0, |state| state.buckets.len())).collect();
    let is_real = *returns == map_type(&DataType::Float32, &DataType::Float32);
    let numbers = |number: fn(&Bucket) -> f64| -> ArrayRef {
        match is_real {
            true => Arc::new(Float32Array::from_iter_values(buckets().map(|bucket| number(bucket) as f32))),
            false => Arc::new(Float64Array::from_iter_values(buckets().map(number))),
        }
    };
    let present = |group: usize| states.get(group).is_some_and(Option::is_some);
    maps(numbers(|bucket| bucket.value), numbers(|bucket| bucket.weight), &lengths, present)
}
