//! How many distinct values there are, roughly: HyperLogLog.
//!
//! Up to [`EXACT_MAX`] distinct hashes are kept as they are, so small sets are counted exactly. Above, there are
//! registers, and the estimate is the one by Ertl ("New cardinality estimation algorithms for HyperLogLog
//! sketches", 2017), which needs no tables of corrections.

use std::hash::{BuildHasherDefault, Hasher};

use hashbrown::HashSet;

use crate::{
    Fault,
    sketch::wire::{Reader, Tag, damaged},
};

/// Distinct hashes kept, at most.
const EXACT_MAX: usize = 1024;
/// Registers are 2 to the power of this, at least. More than Trino's default of 11: the smaller error is worth
/// 2 KiB.
const BITS_MIN: u8 = 12;
/// Registers are 2 to the power of this, at most: enough for the smallest error that can be asked for.
const BITS_MAX: u8 = 16;
/// Smallest standard error that can be asked for.
const ERROR_MIN: f64 = 0.0040625;
/// Largest standard error that can be asked for.
const ERROR_MAX: f64 = 0.26;

/// A set of 64-bit hashes.
#[derive(Debug, Clone)]
pub(crate) struct Hll {
    /// Registers are 2 to the power of this.
    bits: u8,
    hashes: Hashes,
}

/// What is hashed is a hash already.
#[derive(Debug, Clone, Copy, Default)]
struct Same(u64);

impl Hasher for Same {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

#[derive(Debug, Clone)]
enum Hashes {
    Exact(HashSet<u64, BuildHasherDefault<Same>>),
    Registers(Vec<u8>),
}

impl Default for Hll {
    fn default() -> Self {
        Self { bits: BITS_MIN, hashes: Hashes::Exact(HashSet::default()) }
    }
}

impl Hll {
    /// A set whose size is known with this standard error.
    pub(crate) fn with_error(error: f64) -> Result<Self, Fault> {
        if !(ERROR_MIN..=ERROR_MAX).contains(&error) {
            return Err(Fault::invalid_argument(format!(
                "Max standard error must be in [{ERROR_MIN}, {ERROR_MAX}]: {error}"
            )));
        }
        let registers = (1.0816 / (error * error)).ceil() as u64;
        let bits = registers.next_power_of_two().trailing_zeros();
        let bits = u8::try_from(bits).unwrap_or(BITS_MAX).clamp(BITS_MIN, BITS_MAX);
        Ok(Self { bits, ..Self::default() })
    }

    pub(crate) fn add(&mut self, hash: u64) {
        match &mut self.hashes {
            Hashes::Exact(hashes) => {
                hashes.insert(hash);
                if hashes.len() > EXACT_MAX {
                    self.to_registers();
                }
            }
            Hashes::Registers(registers) => set(registers, self.bits, hash),
        }
    }

    fn to_registers(&mut self) {
        if let Hashes::Exact(hashes) = &self.hashes {
            let mut registers = vec![0; 1 << self.bits];
            hashes.iter().for_each(|hash| set(&mut registers, self.bits, *hash));
            self.hashes = Hashes::Registers(registers);
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        let others = match &other.hashes {
            Hashes::Exact(hashes) => return hashes.iter().for_each(|hash| self.add(*hash)),
            Hashes::Registers(registers) => registers,
        };
        self.to_registers();
        let bits = self.bits.min(other.bits);
        let (mine, theirs) = (self.folded(bits), fold(others, other.bits, bits));
        let largest = mine.iter().zip(&theirs).map(|(mine, theirs)| *mine.max(theirs)).collect();
        *self = Self { bits, hashes: Hashes::Registers(largest) };
    }

    fn folded(&self, bits: u8) -> Vec<u8> {
        match &self.hashes {
            Hashes::Registers(registers) => fold(registers, self.bits, bits),
            Hashes::Exact(_) => Vec::new(),
        }
    }

    pub(crate) fn cardinality(&self) -> i64 {
        match &self.hashes {
            Hashes::Exact(hashes) => i64::try_from(hashes.len()).unwrap_or(i64::MAX),
            Hashes::Registers(registers) => estimate(registers, self.bits).round() as i64,
        }
    }

    pub(crate) fn write(&self, bytes: &mut Vec<u8>) {
        bytes.push(Tag::HyperLogLog as u8);
        bytes.push(self.bits);
        match &self.hashes {
            Hashes::Exact(hashes) => {
                bytes.push(0);
                bytes.extend_from_slice(&(hashes.len() as u64).to_le_bytes());
                // Sorted, so that equal sets are equal bytes.
                let mut sorted: Vec<u64> = hashes.iter().copied().collect();
                sorted.sort_unstable();
                sorted.iter().for_each(|hash| bytes.extend_from_slice(&hash.to_le_bytes()));
            }
            Hashes::Registers(registers) => {
                bytes.push(1);
                bytes.extend_from_slice(registers);
            }
        }
    }

    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Fault> {
        let mut reader = Reader::new(bytes, Tag::HyperLogLog)?;
        let bits = reader.byte()?;
        if !(BITS_MIN..=BITS_MAX).contains(&bits) {
            return Err(damaged());
        }
        let hashes = match reader.byte()? {
            0 => {
                let count = reader.count(8)?;
                Hashes::Exact((0..count).map(|_| reader.u64()).collect::<Result<_, _>>()?)
            }
            _ => Hashes::Registers(reader.bytes(1 << bits)?.to_vec()),
        };
        Ok(Self { bits, hashes })
    }

    pub(crate) fn size(&self) -> usize {
        match &self.hashes {
            Hashes::Exact(hashes) => hashes.allocation_size(),
            Hashes::Registers(registers) => registers.capacity(),
        }
    }
}

/// The register is the first bits of the hash; it holds the most zeros that were seen after them, plus one.
fn set(registers: &mut [u8], bits: u8, hash: u64) {
    let index = usize::try_from(hash >> (64 - bits)).unwrap_or(0);
    let zeros = (hash << bits | (1 << (bits - 1))).leading_zeros() + 1;
    if let Some(register) = registers.get_mut(index) {
        *register = (*register).max(u8::try_from(zeros).unwrap_or(u8::MAX));
    }
}

/// Fewer registers for the same set.
fn fold(registers: &[u8], from: u8, to: u8) -> Vec<u8> {
    let dropped = from.saturating_sub(to);
    if dropped == 0 {
        return registers.to_vec();
    }
    let mut folded = vec![0u8; 1 << to];
    for (index, register) in registers.iter().enumerate().filter(|(_, register)| **register > 0) {
        let rest = index & ((1 << dropped) - 1);
        let zeros = match rest {
            0 => register + dropped,
            rest => dropped - u8::try_from(rest.ilog2()).unwrap_or(0),
        };
        if let Some(slot) = folded.get_mut(index >> dropped) {
            *slot = (*slot).max(zeros);
        }
    }
    folded
}

fn estimate(registers: &[u8], bits: u8) -> f64 {
    let m = registers.len() as f64;
    let q = usize::from(64 - bits);
    let mut counts = vec![0u32; q + 2];
    for register in registers {
        counts.get_mut(usize::from(*register)).into_iter().for_each(|count| *count += 1);
    }
    let count = |index: usize| f64::from(counts.get(index).copied().unwrap_or(0));
    let mut z = m * tau(1.0 - count(q + 1) / m);
    for index in (1..=q).rev() {
        z = 0.5 * (z + count(index));
    }
    z += m * sigma(count(0) / m);
    m * m / (2.0 * std::f64::consts::LN_2 * z)
}

fn sigma(mut x: f64) -> f64 {
    if x >= 1.0 {
        return f64::INFINITY;
    }
    let (mut y, mut z) = (1.0, x);
    loop {
        x *= x;
        let before = z;
        z += x * y;
        y += y;
        if z == before {
            return z;
        }
    }
}

fn tau(mut x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return 0.0;
    }
    let (mut y, mut z) = (1.0, 1.0 - x);
    loop {
        x = x.sqrt();
        let before = z;
        y *= 0.5;
        z -= (1.0 - x) * (1.0 - x) * y;
        if z == before {
            return z / 3.0;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::sketch::hash::xxhash64_of_number;

    fn set_of(numbers: std::ops::Range<i64>, error: f64) -> Hll {
        let mut set = Hll::with_error(error).unwrap();
        numbers.for_each(|number| set.add(xxhash64_of_number(number)));
        set
    }

    #[test]
    fn small_sets_are_exact_and_large_ones_close() {
        for size in [0, 1, 10, 1024] {
            assert_eq!(set_of(0..size, 0.023).cardinality(), size);
        }
        for size in [1025, 3000, 20_000, 300_000] {
            let found = set_of(0..size, 0.023).cardinality();
            let error = (found - size).abs() as f64 / size as f64;
            assert!(error < 0.05, "{found} for {size}");
        }
    }

    #[test]
    fn sets_merge_and_survive_as_bytes() {
        for (left, right, error) in
            [(0..10, 5..20, 0.023), (0..9000, 5000..20_000, 0.023), (0..5, 0..5000, 0.01)]
        {
            let (mut one, other) = (set_of(left.clone(), error), set_of(right.clone(), 0.023));
            one.merge(&other);
            let whole = set_of(left.start..right.end, 0.023);
            let mut bytes = Vec::new();
            one.write(&mut bytes);
            assert_eq!(Hll::read(&bytes).unwrap().cardinality(), one.cardinality());
            assert_eq!(one.cardinality(), whole.cardinality());
        }
        assert!(Hll::read(&[]).is_err());
        assert!(Hll::read(&[Tag::HyperLogLog as u8, 12, 0, 255, 255, 255, 255, 255, 255, 255, 255]).is_err());
    }

    #[test]
    fn errors_out_of_range_are_refused() {
        assert!(Hll::with_error(0.0040624).is_err());
        assert!(Hll::with_error(0.27).is_err());
        assert!(Hll::with_error(f64::NAN).is_err());
        assert!(Hll::with_error(0.0040625).is_ok());
    }
}
