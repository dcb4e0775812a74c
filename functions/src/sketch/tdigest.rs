//! Quantiles of doubles, roughly: the merging t-digest by Dunning and Ertl.
//!
//! Sizes of clusters, interpolation and corner cases are those of Trino's digest, so that the same values in the
//! same order give the same quantiles. Small sets are kept value by value: quantiles of them are values, the one
//! at index `floor(q * n)` of the sorted values (from 0; the last for `q = 1`).

use crate::{
    Fault,
    sketch::wire::{Reader, Tag},
};

/// Clusters of the finished digest, roughly.
const COMPRESSION: f64 = 100.0;
/// While values are still added, clusters are twice as many.
const INNER_COMPRESSION: f64 = 2.0 * COMPRESSION;
/// Clusters and single values before they are merged.
const BUFFER_MAX: usize = (6.0 * (INNER_COMPRESSION + 10.0)) as usize;

#[derive(Debug, Clone, Copy, PartialEq)]
struct Cluster {
    mean: f64,
    weight: f64,
}

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct TDigest {
    clusters: Vec<Cluster>,
    total: f64,
    min: f64,
    max: f64,
    /// Merges run in turns from either end, so that neither is favoured.
    backwards: bool,
    is_merged: bool,
}

impl Default for TDigest {
    fn default() -> Self {
        Self {
            clusters: Vec::new(),
            total: 0.0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            backwards: false,
            is_merged: true,
        }
    }
}

/// Fails unless the digest can take the value.
pub(crate) fn check_value(value: f64) -> Result<(), Fault> {
    match value.is_finite() {
        true => Ok(()),
        false => Err(Fault::invalid_argument(format!("value must be finite; was {}", java(value)))),
    }
}

/// Fails unless the digest can take a value of this weight.
pub(crate) fn check_weight(weight: f64) -> Result<(), Fault> {
    if !weight.is_finite() {
        return Err(Fault::invalid_argument(format!("weight must be finite, was {}", java(weight))));
    }
    match weight >= 1.0 {
        true => Ok(()),
        false => Err(Fault::invalid_argument(format!("weight must be >= 1, was {}", java(weight)))),
    }
}

/// As Trino's messages show a double.
fn java(value: f64) -> String {
    match value {
        value if value.is_nan() => "NaN".to_owned(),
        value if value.is_infinite() => if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned(),
        value => format!("{value:?}"),
    }
}

impl TDigest {
    /// Takes a finite value with a finite weight.
    pub(crate) fn add(&mut self, value: f64, weight: f64) {
        if self.clusters.len() >= BUFFER_MAX {
            self.merge_clusters(INNER_COMPRESSION);
        }
        self.clusters.push(Cluster { mean: value, weight });
        self.total += weight;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.is_merged = false;
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        if self.clusters.len() + other.clusters.len() > BUFFER_MAX {
            self.merge_clusters(INNER_COMPRESSION);
        }
        self.clusters.extend_from_slice(&other.clusters);
        self.total += other.total;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.is_merged = false;
    }

    fn merge_clusters(&mut self, compression: f64) {
        self.clusters.sort_by(|left, right| left.mean.total_cmp(&right.mean));
        if self.backwards {
            self.clusters.reverse();
        }
        let normalizer = compression / (4.0 * (self.total / compression).ln() + 24.0);
        let largest = |quantile: f64| quantile * (1.0 - quantile) / normalizer;
        let mut merged: Vec<Cluster> = Vec::new();
        let (mut before, mut limit) = (0.0, largest(0.0));
        for cluster in self.clusters.drain(..) {
            let Some(last) = merged.last_mut() else {
                merged.push(cluster);
                continue;
            };
            let weight = last.weight + cluster.weight;
            let quantile = ((before + weight) / self.total).min(1.0);
            if weight <= self.total * limit.min(largest(quantile)) {
                last.mean += (cluster.mean - last.mean) * cluster.weight / weight;
                last.weight = weight;
            } else {
                before += last.weight;
                limit = largest(before / self.total);
                merged.push(cluster);
            }
        }
        if self.backwards {
            merged.reverse();
        }
        self.backwards = !self.backwards;
        self.clusters = merged;
        self.is_merged = true;
    }

    /// The value at each quantile; they must ascend and lie in [0, 1]. NaN for an empty digest.
    pub(crate) fn values_at(&mut self, quantiles: &[f64]) -> Vec<f64> {
        if !self.is_merged {
            self.merge_clusters(INNER_COMPRESSION);
        }
        match self.clusters.as_slice() {
            [] => vec![f64::NAN; quantiles.len()],
            [only] => vec![only.mean; quantiles.len()],
            clusters => quantiles
                .iter()
                .map(|quantile| self.value_at_offset(clusters, quantile * self.total))
                .collect(),
        }
    }

    /// The value at an offset into the sorted sequence of all values.
    fn value_at_offset(&self, clusters: &[Cluster], offset: f64) -> f64 {
        let (Some(first), Some(last)) = (clusters.first(), clusters.last()) else { return f64::NAN };
        if offset < 1.0 {
            return self.min;
        }
        if offset < first.weight / 2.0 {
            return self.min + interpolate(offset, 1.0, self.min, first.weight / 2.0, first.mean);
        }
        let from_end = self.total - offset;
        let half = last.weight / 2.0;
        let in_tail = offset <= self.total - 1.0 && half > 1.0;
        if in_tail && from_end <= half {
            return self.max + interpolate(from_end, 1.0, self.max, half, last.mean);
        }
        if offset >= self.total - 1.0 {
            return self.max;
        }
        let mut reached = first.weight / 2.0;
        for pair in clusters.windows(2) {
            let [left, right] = pair else { continue };
            let step = (left.weight + right.weight) / 2.0;
            if reached + step > offset {
                return between(*left, *right, offset - reached, step);
            }
            reached += step;
        }
        match in_tail {
            true => self.max + interpolate(from_end, 1.0, self.max, half, last.mean),
            false => self.max,
        }
    }

    pub(crate) fn write(&self, bytes: &mut Vec<u8>) {
        bytes.push(Tag::TDigest as u8);
        bytes.push(u8::from(self.backwards));
        bytes.push(u8::from(self.is_merged));
        for number in [self.min, self.max, self.total] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.extend_from_slice(&(self.clusters.len() as u64).to_le_bytes());
        for cluster in &self.clusters {
            bytes.extend_from_slice(&cluster.mean.to_le_bytes());
            bytes.extend_from_slice(&cluster.weight.to_le_bytes());
        }
    }

    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Fault> {
        let mut reader = Reader::new(bytes, Tag::TDigest)?;
        let (backwards, is_merged) = (reader.byte()? != 0, reader.byte()? != 0);
        let (min, max, total) = (reader.f64()?, reader.f64()?, reader.f64()?);
        let count = reader.count(16)?;
        let cluster = |_| Ok(Cluster { mean: reader.f64()?, weight: reader.f64()? });
        let clusters = (0..count).map(cluster).collect::<Result<_, Fault>>()?;
        Ok(Self { clusters, total, min, max, backwards, is_merged })
    }

    pub(crate) fn size(&self) -> usize {
        self.clusters.capacity() * size_of::<Cluster>()
    }
}

/// The value so far behind the middle of the left cluster, with the middle of the right one `step` away.
fn between(left: Cluster, right: Cluster, offset: f64, step: f64) -> f64 {
    if left.weight == 1.0 && offset < left.weight / 2.0 {
        return left.mean;
    }
    if right.weight == 1.0 && offset >= left.weight / 2.0 {
        return right.mean;
    }
    // A cluster of one value is that value: no interpolation into it.
    let (offset, length) = match (left.weight == 1.0, right.weight == 1.0) {
        (true, _) => (offset - left.weight / 2.0, right.weight / 2.0),
        (false, true) => (offset, left.weight / 2.0),
        (false, false) => (offset, step),
    };
    left.mean + interpolate(offset, 0.0, left.mean, length, right.mean)
}

fn interpolate(x: f64, x0: f64, y0: f64, x1: f64, y1: f64) -> f64 {
    (x - x0) / (x1 - x0) * (y1 - y0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn digest(values: impl IntoIterator<Item = f64>) -> TDigest {
        let mut digest = TDigest::default();
        values.into_iter().for_each(|value| digest.add(value, 1.0));
        digest
    }

    #[test]
    fn quantiles_of_few_values_are_values() {
        for (count, quantile, expected) in [
            (1, 0.5, 1.0),
            (2, 0.5, 2.0),
            (3, 0.5, 2.0),
            (4, 0.5, 3.0),
            (5, 0.5, 3.0),
            (5, 0.0, 1.0),
            (5, 1.0, 5.0),
            (5, 0.2, 2.0),
            (5, 0.19, 1.0),
            (10, 0.9, 10.0),
            (10, 0.89, 9.0),
            (10, 0.25, 3.0),
        ] {
            let found = digest((1..=count).map(f64::from)).values_at(&[quantile]);
            assert_eq!(found, [expected], "{quantile} of {count}");
        }
    }

    #[test]
    fn quantiles_of_many_values_are_close_and_survive_as_bytes() {
        let mut whole = digest((0..100_000).map(|n| f64::from(n * 7919 % 100_000)));
        let mut merged = digest((0..50_000).map(|n| f64::from(n * 7919 % 100_000)));
        merged.merge(&digest((50_000..100_000).map(|n| f64::from(n * 7919 % 100_000))));
        let mut bytes = Vec::new();
        merged.write(&mut bytes);
        let mut read = TDigest::read(&bytes).unwrap();
        for quantile in [0.001, 0.01, 0.25, 0.5, 0.9, 0.999] {
            for found in [whole.values_at(&[quantile])[0], read.values_at(&[quantile])[0]] {
                assert!((found - quantile * 1e5).abs() < 1000.0, "{quantile}: {found}");
            }
        }
        assert!(whole.clusters.len() < 300);
        assert_eq!(whole.values_at(&[0.0, 1.0]), [0.0, 99_999.0]);
    }

    #[test]
    fn weights_count() {
        let mut digest = TDigest::default();
        digest.add(1.0, 2.0);
        digest.add(2.0, 4.0);
        digest.add(3.0, 4.0);
        digest.add(4.0, 1.0);
        assert_eq!(digest.values_at(&[0.0, 1.0]), [1.0, 4.0]);
        assert!(TDigest::default().values_at(&[0.5])[0].is_nan());
    }
}
