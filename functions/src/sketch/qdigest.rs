//! Quantiles of numbers, roughly: sorted weights that are merged into the next larger value when there are too
//! many. Until then quantiles are exact: the first value whose weights up to and with it are more than `q` of all.

use std::collections::BTreeMap;

use crate::{
    Fault,
    sketch::wire::{Reader, Tag},
};

/// Largest error of ranks where none is asked for.
pub(crate) const DEFAULT_ACCURACY: f64 = 0.01;
/// Distinct values kept exactly, at least.
const ENTRIES_MIN: usize = 1024;
/// Distinct values kept, at most.
const ENTRIES_MAX: usize = 1 << 16;

/// See the module. Doubles and reals are kept as integers that sort alike.
#[derive(Debug, Clone)]
pub(crate) struct QDigest {
    accuracy: f64,
    total: f64,
    min: i64,
    max: i64,
    /// Weights of values at most the key, and more than the key before.
    weights: BTreeMap<i64, f64>,
}

/// A double as an integer that sorts as the double does.
pub(crate) fn sortable(value: f64) -> i64 {
    let bits = value.to_bits().cast_signed();
    bits ^ ((bits >> 63) & i64::MAX)
}

/// The double that [`sortable`] made the integer of.
pub(crate) fn unsortable(bits: i64) -> f64 {
    f64::from_bits((bits ^ ((bits >> 63) & i64::MAX)).cast_unsigned())
}

/// A real as an integer that sorts as the real does.
pub(crate) fn sortable_real(value: f32) -> i64 {
    let bits = value.to_bits().cast_signed();
    i64::from(bits ^ ((bits >> 31) & i32::MAX))
}

/// The real that [`sortable_real`] made the integer of.
pub(crate) fn unsortable_real(bits: i64) -> f32 {
    let bits = i32::try_from(bits).unwrap_or(0);
    f32::from_bits((bits ^ ((bits >> 31) & i32::MAX)).cast_unsigned())
}

impl QDigest {
    pub(crate) fn new(accuracy: f64) -> Result<Self, Fault> {
        if accuracy > 0.0 && accuracy < 1.0 {
            return Ok(Self { accuracy, total: 0.0, min: i64::MAX, max: i64::MIN, weights: BTreeMap::new() });
        }
        Err(Fault::invalid_argument(format!(
            "Percentile accuracy must be exclusively between 0 and 1, was {accuracy:?}"
        )))
    }

    pub(crate) fn add(&mut self, value: i64, weight: f64) {
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.total += weight;
        *self.weights.entry(value).or_default() += weight;
        self.shrink();
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.total += other.total;
        for (value, weight) in &other.weights {
            *self.weights.entry(*value).or_default() += weight;
        }
        self.shrink();
    }

    fn shrink(&mut self) {
        let wanted = ((4.0 / self.accuracy) as usize).clamp(ENTRIES_MIN, ENTRIES_MAX);
        if self.weights.len() <= 2 * wanted {
            return;
        }
        let limit = self.total / wanted as f64;
        let mut merged = BTreeMap::new();
        let (mut open, mut last) = (0.0, None);
        for (value, weight) in &self.weights {
            if let Some(before) = last.filter(|_| open + weight > limit) {
                merged.insert(before, open);
                open = 0.0;
            }
            open += weight;
            last = Some(*value);
        }
        merged.extend(last.map(|value| (value, open)));
        self.weights = merged;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.weights.is_empty()
    }

    /// The value at the quantile.
    pub(crate) fn value_at(&self, quantile: f64) -> i64 {
        let wanted = quantile * self.total;
        let mut reached = 0.0;
        for (value, weight) in &self.weights {
            reached += weight;
            if reached > wanted {
                return (*value).min(self.max);
            }
        }
        self.max
    }

    /// The part of the weights below the value; None if it is outside of all values.
    pub(crate) fn quantile_of(&self, value: i64) -> Option<f64> {
        if self.is_empty() || value < self.min || value > self.max {
            return None;
        }
        let below: f64 = self.weights.range(..value).map(|(_, weight)| weight).sum();
        Some(below / self.total)
    }

    pub(crate) fn write(&self, bytes: &mut Vec<u8>) {
        bytes.push(Tag::QDigest as u8);
        bytes.extend_from_slice(&self.accuracy.to_le_bytes());
        bytes.extend_from_slice(&self.total.to_le_bytes());
        bytes.extend_from_slice(&self.min.to_le_bytes());
        bytes.extend_from_slice(&self.max.to_le_bytes());
        bytes.extend_from_slice(&(self.weights.len() as u64).to_le_bytes());
        for (value, weight) in &self.weights {
            bytes.extend_from_slice(&value.to_le_bytes());
            bytes.extend_from_slice(&weight.to_le_bytes());
        }
    }

    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Fault> {
        let mut reader = Reader::new(bytes, Tag::QDigest)?;
        let (accuracy, total) = (reader.f64()?, reader.f64()?);
        let (min, max) = (reader.i64()?, reader.i64()?);
        let count = reader.count(16)?;
        let weights = (0..count).map(|_| Ok((reader.i64()?, reader.f64()?))).collect::<Result<_, Fault>>()?;
        Ok(Self { accuracy, total, min, max, weights })
    }

    pub(crate) fn size(&self) -> usize {
        // Nodes of the tree are about two thirds full.
        self.weights.len() * (size_of::<i64>() + size_of::<f64>()) * 3 / 2
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_few_values_are_exact() {
        let mut digest = QDigest::new(DEFAULT_ACCURACY).unwrap();
        (1..=10).for_each(|value| digest.add(value, 1.0));
        for (quantile, expected) in [(0.0, 1), (0.1, 2), (0.5, 6), (0.99, 10), (1.0, 10)] {
            assert_eq!(digest.value_at(quantile), expected, "{quantile}");
        }
        for (value, expected) in [(1, Some(0.0)), (6, Some(0.5)), (10, Some(0.9)), (11, None), (0, None)] {
            assert_eq!(digest.quantile_of(value), expected);
        }
        let mut bytes = Vec::new();
        digest.write(&mut bytes);
        assert_eq!(QDigest::read(&bytes).unwrap().value_at(0.5), 6);
    }

    #[test]
    fn quantiles_of_many_values_are_close() {
        let (mut digest, mut other) = (QDigest::new(0.01).unwrap(), QDigest::new(0.01).unwrap());
        (0..50_000).for_each(|value| digest.add(value * 7919 % 100_000, 1.0));
        (50_000..100_000).for_each(|value| other.add(value * 7919 % 100_000, 1.0));
        digest.merge(&other);
        for quantile in [0.01, 0.5, 0.99] {
            let found = digest.value_at(quantile) as f64 / 100_000.0;
            assert!((found - quantile).abs() < 0.01, "{quantile}: {found}");
        }
    }

    #[test]
    fn sortable_numbers_sort_and_come_back() {
        let values = [f64::NEG_INFINITY, -1.5, -0.0, 0.0, 1e-300, 2.0, f64::INFINITY];
        assert!(values.map(sortable).is_sorted());
        assert!(values.iter().all(|value| unsortable(sortable(*value)).to_bits() == value.to_bits()));
        let reals = [-1.5f32, 0.0, 2.25];
        assert!(reals.map(sortable_real).is_sorted());
        assert_eq!(reals.map(sortable_real).map(unsortable_real), reals);
    }
}
