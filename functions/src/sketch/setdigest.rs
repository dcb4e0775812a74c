//! A set that can be counted, intersected and compared, roughly: HyperLogLog with MinHash.

use std::collections::BTreeMap;

use crate::{
    Fault,
    sketch::{
        hll::Hll,
        wire::{Reader, Tag},
    },
};

/// Smallest hashes kept: Trino's number.
const HASHES_MAX: usize = 8192;

/// See the module.
#[derive(Debug, Clone, Default)]
pub(crate) struct SetDigest {
    hll: Hll,
    /// The smallest hashes and how often each came.
    counts: BTreeMap<i64, i16>,
}

impl SetDigest {
    pub(crate) fn add(&mut self, hash: i64) {
        self.count(hash, 1);
        self.hll.add(hash.cast_unsigned());
    }

    fn count(&mut self, hash: i64, times: i16) {
        let count = self.counts.entry(hash).or_default();
        *count = count.saturating_add(times);
        while self.counts.len() > HASHES_MAX {
            self.counts.pop_last();
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.hll.merge(&other.hll);
        other.counts.iter().for_each(|(hash, times)| self.count(*hash, *times));
    }

    fn is_exact(&self) -> bool {
        self.counts.len() < HASHES_MAX
    }

    pub(crate) fn cardinality(&self) -> i64 {
        match self.is_exact() {
            true => i64::try_from(self.counts.len()).unwrap_or(i64::MAX),
            false => self.hll.cardinality(),
        }
    }

    pub(crate) fn counts(&self) -> &BTreeMap<i64, i16> {
        &self.counts
    }

    /// How alike the sets are, from 0 to 1; NaN if one is empty.
    pub(crate) fn jaccard_index(&self, other: &Self) -> f64 {
        let smaller = self.counts.len().min(other.counts.len());
        let mut union: Vec<i64> = self.counts.keys().chain(other.counts.keys()).copied().collect();
        union.sort_unstable();
        union.dedup();
        let is_common = |hash: &&i64| self.counts.contains_key(hash) && other.counts.contains_key(hash);
        // At least one is looked at, as in Trino; it is in common only if neither set is empty.
        let common = union.iter().take(smaller.max(1)).filter(is_common).count();
        common as f64 / smaller as f64
    }

    pub(crate) fn intersection_cardinality(&self, other: &Self) -> i64 {
        if self.is_exact() && other.is_exact() {
            let common = self.counts.keys().filter(|hash| other.counts.contains_key(hash)).count();
            return i64::try_from(common).unwrap_or(i64::MAX);
        }
        let jaccard = self.jaccard_index(other);
        let mut union = self.clone();
        union.merge(other);
        let estimate = (jaccard * union.cardinality() as f64 + 0.5).floor() as i64;
        estimate.min(self.cardinality()).min(other.cardinality())
    }

    pub(crate) fn write(&self, bytes: &mut Vec<u8>) {
        bytes.push(Tag::SetDigest as u8);
        let mut hll = Vec::new();
        self.hll.write(&mut hll);
        bytes.extend_from_slice(&(hll.len() as u64).to_le_bytes());
        bytes.extend_from_slice(&hll);
        bytes.extend_from_slice(&(self.counts.len() as u64).to_le_bytes());
        for (hash, count) in &self.counts {
            bytes.extend_from_slice(&hash.to_le_bytes());
            bytes.extend_from_slice(&i64::from(*count).to_le_bytes());
        }
    }

    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Fault> {
        let mut reader = Reader::new(bytes, Tag::SetDigest)?;
        let length = reader.count(1)?;
        let hll = Hll::read(reader.bytes(length)?)?;
        let count = reader.count(16)?;
        let entry = |_| Ok((reader.i64()?, i16::try_from(reader.i64()?).unwrap_or(i16::MAX)));
        Ok(Self { hll, counts: (0..count).map(entry).collect::<Result<_, Fault>>()? })
    }

    pub(crate) fn size(&self) -> usize {
        self.hll.size() + self.counts.len() * 16 * 3 / 2
    }
}
