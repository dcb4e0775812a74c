//! `approx_most_frequent`: the space-saving algorithm by Metwally, Agrawal and Abbadi. Exact while there are no more
//! distinct values than its capacity.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use arrow::{
    array::{Array, ArrayRef, AsArray, Int64Array, StringViewArray},
    datatypes::{DataType, Int64Type},
};
use datafusion::common::Result as EngineResult;

use crate::{
    Fault,
    aggregate::{
        distinct::add_one,
        fold::{column, primitive},
        maps::{map_type, maps},
        sketched::{Sketch, Sketched},
        udaf::{Definition, type_at},
    },
    sketch::wire::damaged,
};

/// Most buckets and largest capacity: bounds memory.
const CAPACITY_MAX: i64 = 10_000_000;

pub(crate) const APPROX_MOST_FREQUENT: Definition = Definition::new(
    "approx_most_frequent",
    &["(bigint, bigint, bigint) -> map(bigint, bigint)", "(bigint, varchar, bigint) -> map(varchar, bigint)"],
    "The most frequent values and how often they come, roughly: buckets, value, capacity",
    |types| Ok(map_type(type_at(types, 1)?, &DataType::Int64)),
    |types| Ok(Sketched::boxed(map_type(type_at(types, 1)?, &DataType::Int64), add, finish)),
);

/// Values and their counts. A value is the bytes of its text or number.
#[derive(Debug)]
struct Frequent {
    buckets: usize,
    capacity: usize,
    counts: HashMap<Box<[u8]>, (i64, u64)>,
    /// By count, then by when the count was reached.
    order: BTreeSet<(i64, u64, Box<[u8]>)>,
    clock: u64,
    /// Bytes of all values.
    value_bytes: usize,
}

impl Frequent {
    fn new(buckets: i64, capacity: i64) -> Result<Self, Fault> {
        if buckets < 2 {
            return Err(Fault::invalid_argument(format!(
                "approx_most_frequent bucket count must be greater than one, input bucket count: {buckets}"
            )));
        }
        if !(1..=CAPACITY_MAX).contains(&capacity) || buckets > CAPACITY_MAX {
            return Err(Fault::invalid_argument(format!(
                "approx_most_frequent capacity must be between 1 and {CAPACITY_MAX}: {capacity}"
            )));
        }
        let limit = |number: i64| usize::try_from(number).unwrap_or(1);
        Ok(Self {
            buckets: limit(buckets),
            capacity: limit(capacity),
            counts: HashMap::new(),
            order: BTreeSet::new(),
            clock: 0,
            value_bytes: 0,
        })
    }

    fn add(&mut self, value: &[u8], times: i64) {
        let before = match self.counts.remove_entry(value) {
            Some((value, (count, at))) => {
                self.order.remove(&(count, at, value));
                count
            }
            None => {
                self.value_bytes += value.len();
                if self.counts.len() >= self.capacity { self.evict() } else { 0 }
            }
        };
        self.clock += 1;
        let count = before.saturating_add(times);
        self.counts.insert(value.into(), (count, self.clock));
        self.order.insert((count, self.clock, value.into()));
    }

    /// Drops the rarest value; the one that takes its place takes its count too.
    fn evict(&mut self) -> i64 {
        let Some((count, _, value)) = self.order.pop_first() else { return 0 };
        self.counts.remove(&value);
        self.value_bytes -= value.len();
        count
    }

    /// The most frequent values; of equally frequent ones those whose count was reached first.
    fn top(&self, most: usize) -> Vec<(&[u8], i64)> {
        let mut sorted: Vec<_> = self.order.iter().rev().take(most).collect();
        if let Some((least, ..)) = sorted.last().map(|last| (last.0,)) {
            // The last count may have values that come before those taken.
            sorted.retain(|(count, ..)| *count > least);
            sorted.extend(
                self.order.range((least, 0, Box::default())..).take_while(|(count, ..)| *count == least),
            );
        }
        sorted.sort_by_key(|(count, at, _)| (std::cmp::Reverse(*count), *at));
        sorted.truncate(most);
        sorted.into_iter().map(|(count, _, value)| (value.as_ref(), *count)).collect()
    }
}

impl Sketch for Frequent {
    fn merge(&mut self, other: Self) -> Result<(), Fault> {
        other.top(other.capacity).into_iter().for_each(|(value, count)| self.add(value, count));
        Ok(())
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        for number in [self.buckets, self.capacity] {
            bytes.extend_from_slice(&(number as u64).to_le_bytes());
        }
        for (value, count) in self.top(self.capacity) {
            bytes.extend_from_slice(&(value.len() as u64).to_le_bytes());
            bytes.extend_from_slice(value);
            bytes.extend_from_slice(&count.to_le_bytes());
        }
    }

    fn read(mut bytes: &[u8]) -> Result<Self, Fault> {
        let number = |bytes: &mut &[u8]| {
            let (first, rest) = bytes.split_first_chunk::<8>().ok_or_else(damaged)?;
            *bytes = rest;
            Ok::<_, Fault>(i64::from_le_bytes(*first))
        };
        let (buckets, capacity) = (number(&mut bytes)?, number(&mut bytes)?);
        let mut read = Self::new(buckets, capacity)?;
        while !bytes.is_empty() {
            let length = usize::try_from(number(&mut bytes)?).map_err(|_| damaged())?;
            let (value, rest) = bytes.split_at_checked(length).ok_or_else(damaged)?;
            bytes = rest;
            let count = number(&mut bytes)?;
            read.add(value, count);
        }
        Ok(read)
    }

    fn size(&self) -> usize {
        2 * self.value_bytes + self.counts.len() * 2 * size_of::<(i64, u64, Box<[u8]>)>()
    }
}

/// Arguments: buckets, value, capacity.
fn add(states: &mut [Option<Frequent>], values: &[ArrayRef], groups: &[usize]) -> EngineResult<()> {
    let (buckets, capacities) = (primitive::<Int64Type>(values, 0)?, primitive::<Int64Type>(values, 2)?);
    let array = column(values, 1)?;
    let text = array.as_string_view_opt();
    let integers = array.as_primitive_opt::<Int64Type>();
    for (row, group) in groups.iter().enumerate() {
        if values.iter().any(|array| array.is_null(row)) {
            continue;
        }
        let number = integers.map(|integers| integers.value(row).to_le_bytes());
        let value = match (&number, text) {
            (Some(number), _) => number.as_slice(),
            (None, Some(text)) => text.value(row).as_bytes(),
            _ => return Err(Fault::type_mismatch("approx_most_frequent takes bigint and varchar").into()),
        };
        let make = || Frequent::new(buckets.value(row), capacities.value(row));
        add_one(states, *group, make, |state| {
            state.add(value, 1);
            Ok(())
        })?;
    }
    Ok(())
}

fn finish(states: &mut [Option<Frequent>], returns: &DataType) -> EngineResult<ArrayRef> {
    let top: Vec<Vec<(&[u8], i64)>> = states
        .iter()
        .map(|state| state.as_ref().map_or(Vec::new(), |state| state.top(state.buckets)))
        .collect();
    let lengths: Vec<usize> = top.iter().map(Vec::len).collect();
    let values = || top.iter().flatten().map(|(value, _)| *value);
    let is_text = *returns == map_type(&DataType::Utf8View, &DataType::Int64);
    let keys: ArrayRef = match is_text {
        true => {
            let text =
                values().map(std::str::from_utf8).collect::<Result<Vec<_>, _>>().map_err(|_| damaged())?;
            Arc::new(StringViewArray::from_iter_values(text))
        }
        false => {
            let number =
                |bytes: &[u8]| bytes.first_chunk::<8>().map_or(0, |bytes| i64::from_le_bytes(*bytes));
            Arc::new(Int64Array::from_iter_values(values().map(number)))
        }
    };
    let counts = Int64Array::from_iter_values(top.iter().flatten().map(|(_, count)| *count));
    let present: Vec<bool> = states.iter().map(Option::is_some).collect();
    maps(keys, Arc::new(counts), &lengths, |group| present.get(group) == Some(&true))
}
