//! Walks run-length encoded streams without keeping their values.
//!
//! The decoder library allocates what lengths in the file tell it to, and an allocation that fails
//! ends the process. So lengths are added up here first, and checked against the bytes that are there.
//! Encodings: ORC specification v1, "Run Length Encoding".

use super::error::OrcError;

/// Which integer encoding a column uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    V1,
    V2,
}

/// Calls `visit(value, repeats)` for the first `count` unsigned values of `bytes`, in order.
pub(crate) fn integers(
    bytes: &[u8],
    version: Version,
    count: u64,
    visit: impl FnMut(u64, u64) -> Result<(), OrcError>,
) -> Result<(), OrcError> {
    walk(Input { bytes, signed: false }, version, count, visit)
}

/// As [`integers`], for signed values.
pub(crate) fn signed_integers(
    bytes: &[u8],
    version: Version,
    count: u64,
    mut visit: impl FnMut(i64, u64) -> Result<(), OrcError>,
) -> Result<(), OrcError> {
    let input = Input { bytes, signed: true };
    walk(input, version, count, |value, repeats| visit(value.cast_signed(), repeats))
}

/// Signed values are handed out as the bits of their 64-bit complement.
fn walk(
    mut input: Input<'_>,
    version: Version,
    count: u64,
    mut visit: impl FnMut(u64, u64) -> Result<(), OrcError>,
) -> Result<(), OrcError> {
    let mut left = count;
    let mut bounded = |value: u64, repeats: u64| -> Result<u64, OrcError> {
        let repeats = repeats.min(left);
        left -= repeats;
        if repeats > 0 {
            visit(value, repeats)?
        }
        Ok(left)
    };
    if count == 0 {
        return Ok(());
    }
    loop {
        let left = match version {
            Version::V1 => run_v1(&mut input, &mut bounded)?,
            Version::V2 => run_v2(&mut input, &mut bounded)?,
        };
        if left == 0 {
            return Ok(());
        }
    }
}

/// Calls `visit(byte, repeats)` for the first `count` bytes of a byte run-length stream.
pub(crate) fn bytes(
    bytes: &[u8],
    count: u64,
    mut visit: impl FnMut(u8, u64) -> Result<(), OrcError>,
) -> Result<(), OrcError> {
    let mut input = Input { bytes, signed: false };
    let mut left = count;
    while left > 0 {
        let control = input.byte()?;
        if control < 128 {
            let repeats = (u64::from(control) + 3).min(left);
            visit(input.byte()?, repeats)?;
            left -= repeats;
        } else {
            let literals = (256 - u64::from(control)).min(left);
            for _ in 0..literals {
                visit(input.byte()?, 1)?;
            }
            left -= literals;
        }
    }
    Ok(())
}

/// The number of ones among the first `count` bits of a boolean stream.
pub(crate) fn ones(stream: &[u8], count: u64) -> Result<u64, OrcError> {
    let mut bits_left = count;
    let mut ones = 0;
    bytes(stream, count.div_ceil(8), |byte, repeats| {
        let whole = repeats.min(bits_left / 8);
        ones += u64::from(byte.count_ones()) * whole;
        bits_left -= whole * 8;
        if repeats > whole {
            // Only the last byte can be used in part; its first bits are the highest.
            let mask = !(0xff_u8.checked_shr(u32::try_from(bits_left).unwrap_or(8)).unwrap_or(0));
            ones += u64::from((byte & mask).count_ones());
            bits_left = 0;
        }
        Ok(())
    })?;
    Ok(ones)
}

type Visit<'a> = dyn FnMut(u64, u64) -> Result<u64, OrcError> + 'a;

/// One run; gives back how many values are still wanted.
fn run_v1(input: &mut Input<'_>, visit: &mut Visit<'_>) -> Result<u64, OrcError> {
    let control = input.byte()?;
    if control >= 128 {
        let mut left = 0;
        for _ in 0..256 - u64::from(control) {
            left = visit(input.value()?, 1)?;
            if left == 0 {
                break;
            }
        }
        return Ok(left);
    }
    let length = u64::from(control) + 3;
    let delta = i64::from(input.byte()?.cast_signed());
    let base = input.value()?;
    arithmetic(base, delta, length, visit)
}

fn run_v2(input: &mut Input<'_>, visit: &mut Visit<'_>) -> Result<u64, OrcError> {
    let header = input.byte()?;
    if header >> 6 == 0 {
        let width = usize::from(header >> 3 & 7) + 1;
        let value = input.big_endian(width)?;
        let value = input.whole(value);
        return visit(value, u64::from(header & 7) + 3);
    }
    let code = header >> 1 & 31;
    let length = (u64::from(header & 1) << 8 | u64::from(input.byte()?)) + 1;
    match header >> 6 {
        1 => {
            let mut bits = input.bits(length, width(code))?;
            let mut left = 0;
            for _ in 0..length {
                left = visit(input.whole(bits.next(width(code))), 1)?;
                if left == 0 {
                    break;
                }
            }
            Ok(left)
        }
        2 => patched_base(input, code, length, visit),
        _ => delta(input, code, length, visit),
    }
}

fn patched_base(
    input: &mut Input<'_>,
    code: u8,
    length: u64,
    visit: &mut Visit<'_>,
) -> Result<u64, OrcError> {
    let (third, fourth) = (input.byte()?, input.byte()?);
    let base_bytes = usize::from(third >> 5) + 1;
    let patch_width = width(third & 31);
    let gap_width = u32::from(fourth >> 5) + 1;
    let patches = u64::from(fourth & 31);
    let base = signed_magnitude(input.big_endian(base_bytes)?, base_bytes);
    let value_width = width(code);
    let entry_width = closest_width(patch_width + gap_width);
    if patch_width + gap_width > 64 {
        return Err(damaged());
    }
    let mut values = input.bits(length, value_width)?;
    let mut entries = input.bits(patches, entry_width)?;
    let mut patch = 0;
    let mut patch_at = u64::MAX;
    let mut patches_left = patches;
    let mut next_patch = |from: u64| {
        let mut at = from;
        while patches_left > 0 {
            patches_left -= 1;
            let entry = entries.next(entry_width);
            at += entry.checked_shr(patch_width).unwrap_or(0);
            let bits = entry & low_bits(patch_width);
            // A patch of zero only bridges a gap that is too long for one entry.
            if bits != 0 {
                return (at, bits);
            }
        }
        (u64::MAX, 0)
    };
    if patches > 0 {
        (patch_at, patch) = next_patch(0);
    }
    let mut left = 0;
    for at in 0..length {
        let mut value = values.next(value_width);
        if at == patch_at {
            value |= patch.checked_shl(value_width).unwrap_or(0);
            (patch_at, patch) = next_patch(at);
        }
        left = visit(base.wrapping_add_unsigned(value).cast_unsigned(), 1)?;
        if left == 0 {
            break;
        }
    }
    Ok(left)
}

fn delta(input: &mut Input<'_>, code: u8, length: u64, visit: &mut Visit<'_>) -> Result<u64, OrcError> {
    let base = input.value()?;
    let first = zigzag(input.varint()?);
    if code == 0 {
        return arithmetic(base, first, length, visit);
    }
    let mut left = visit(base, 1)?;
    if left == 0 || length < 2 {
        return Ok(left);
    }
    let mut value = base.wrapping_add_signed(first);
    left = visit(value, 1)?;
    let mut deltas = input.bits(length - 2, width(code))?;
    for _ in 2..length {
        if left == 0 {
            break;
        }
        let step = deltas.next(width(code));
        value = if first < 0 { value.wrapping_sub(step) } else { value.wrapping_add(step) };
        left = visit(value, 1)?;
    }
    Ok(left)
}

fn arithmetic(base: u64, delta: i64, length: u64, visit: &mut Visit<'_>) -> Result<u64, OrcError> {
    if delta == 0 {
        return visit(base, length);
    }
    let mut value = base;
    let mut left = 0;
    for _ in 0..length {
        left = visit(value, 1)?;
        if left == 0 {
            break;
        }
        value = value.wrapping_add_signed(delta);
    }
    Ok(left)
}

/// Bits per value for a five-bit width code.
fn width(code: u8) -> u32 {
    match code {
        0..=23 => u32::from(code) + 1,
        24 => 26,
        25 => 28,
        26 => 30,
        27 => 32,
        28 => 40,
        29 => 48,
        30 => 56,
        _ => 64,
    }
}

/// The smallest width that has a code and holds `bits`.
fn closest_width(bits: u32) -> u32 {
    (0..=31).map(width).find(|&width| width >= bits).unwrap_or(64)
}

fn low_bits(width: u32) -> u64 {
    u64::MAX.checked_shr(64 - width.min(64)).unwrap_or(0)
}

fn zigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
}

fn signed_magnitude(value: u64, bytes: usize) -> i64 {
    let sign = 1_u64 << (bytes * 8 - 1);
    let magnitude = (value & (sign - 1)).cast_signed();
    if value & sign == 0 { magnitude } else { magnitude.wrapping_neg() }
}

fn damaged() -> OrcError {
    OrcError::corrupt("a run-length encoded stream is damaged")
}

struct Input<'a> {
    bytes: &'a [u8],
    signed: bool,
}

impl<'a> Input<'a> {
    fn byte(&mut self) -> Result<u8, OrcError> {
        let (&first, rest) =
            self.bytes.split_first().ok_or_else(|| OrcError::corrupt("a stream ends early"))?;
        self.bytes = rest;
        Ok(first)
    }

    /// What a stored number stands for.
    fn whole(&self, stored: u64) -> u64 {
        if self.signed { zigzag(stored).cast_unsigned() } else { stored }
    }

    fn value(&mut self) -> Result<u64, OrcError> {
        let stored = self.varint()?;
        Ok(self.whole(stored))
    }

    fn varint(&mut self) -> Result<u64, OrcError> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(damaged())
    }

    fn big_endian(&mut self, bytes: usize) -> Result<u64, OrcError> {
        let mut value = 0;
        for _ in 0..bytes {
            value = value << 8 | u64::from(self.byte()?);
        }
        Ok(value)
    }

    /// The bytes of `count` packed values of `width` bits.
    fn bits(&mut self, count: u64, width: u32) -> Result<Bits<'a>, OrcError> {
        let bytes = usize::try_from((count * u64::from(width)).div_ceil(8)).map_err(|_| damaged())?;
        let Some((packed, rest)) = self.bytes.split_at_checked(bytes) else {
            return Err(OrcError::corrupt("a stream ends early"));
        };
        self.bytes = rest;
        Ok(Bits { bytes: packed, have: 0, buffer: 0 })
    }
}

struct Bits<'a> {
    bytes: &'a [u8],
    have: u32,
    buffer: u128,
}

impl Bits<'_> {
    fn next(&mut self, width: u32) -> u64 {
        while self.have < width {
            let (first, rest) = self.bytes.split_first().unwrap_or((&0, &[]));
            self.bytes = rest;
            self.buffer = self.buffer << 8 | u128::from(*first);
            self.have += 8;
        }
        self.have -= width;
        let value = self.buffer >> self.have;
        self.buffer &= (1 << self.have) - 1;
        u64::try_from(value & u128::from(low_bits(width))).unwrap_or_default()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn check(encoded: &[u8], version: Version, expected: &[u64]) {
        let mut values = Vec::new();
        integers(encoded, version, expected.len() as u64, |value, repeats| {
            values.extend(std::iter::repeat_n(value, usize::try_from(repeats).unwrap()));
            Ok(())
        })
        .unwrap();
        assert_eq!(values, expected);
        let more = integers(encoded, version, expected.len() as u64 + 1, |_, _| Ok(()));
        assert!(more.is_err());
    }

    /// The examples of the ORC specification.
    #[test]
    fn examples_of_the_specification_decode() {
        check(&[0x61, 0x00, 0x07], Version::V1, &[7; 100]);
        let falling: Vec<_> = (1..=100).rev().collect();
        check(&[0x61, 0xff, 0x64], Version::V1, &falling);
        check(&[0xfb, 0x02, 0x03, 0x06, 0x07, 0x0b], Version::V1, &[2, 3, 6, 7, 11]);
        check(&[0x0a, 0x27, 0x10], Version::V2, &[10000; 5]);
        let direct = [0x5e, 0x03, 0x5c, 0xa1, 0xab, 0x1e, 0xde, 0xad, 0xbe, 0xef];
        check(&direct, Version::V2, &[23713, 43806, 57005, 48879]);
        let patched = [
            0x8e, 0x13, 0x2b, 0x21, 0x07, 0xd0, 0x1e, 0x00, 0x14, 0x70, 0x28, 0x32, 0x3c, 0x46, 0x50, 0x5a,
            0x64, 0x6e, 0x78, 0x82, 0x8c, 0x96, 0xa0, 0xaa, 0xb4, 0xbe, 0xfc, 0xe8,
        ];
        let expected = [
            2030, 2000, 2020, 1_000_000, 2040, 2050, 2060, 2070, 2080, 2090, 2100, 2110, 2120, 2130, 2140,
            2150, 2160, 2170, 2180, 2190,
        ];
        check(&patched, Version::V2, &expected);
        let delta = [0xc6, 0x09, 0x02, 0x02, 0x22, 0x42, 0x42, 0x46];
        check(&delta, Version::V2, &[2, 3, 5, 7, 11, 13, 17, 19, 23, 29]);
    }

    #[test]
    fn bits_are_counted_up_to_the_last_one_asked_for() {
        assert_eq!(ones(&[0x61, 0xff], 800).unwrap(), 800);
        assert_eq!(ones(&[0x61, 0xff], 795).unwrap(), 795);
        assert_eq!(ones(&[0xff, 0b1010_0001], 3).unwrap(), 2);
        assert_eq!(ones(&[0xff, 0b1010_0001], 8).unwrap(), 3);
        assert!(ones(&[0xff, 0b1010_0001], 9).is_err());
    }
}
