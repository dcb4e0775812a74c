//! MurmurHash3, 128 bits for 64-bit machines, with seed 0.

const C1: u64 = 0x87c3_7b91_1142_53d5;
const C2: u64 = 0x4cf5_ad43_2745_937f;

pub(super) fn hash128(bytes: &[u8]) -> (u64, u64) {
    let (mut h1, mut h2) = (0, 0);
    let (blocks, tail) = bytes.as_chunks::<16>();
    for block in blocks {
        let (k1, k2) = words(block);
        h1 ^= scrambled_first(k1);
        h1 = h1.rotate_left(27).wrapping_add(h2).wrapping_mul(5).wrapping_add(0x52dc_e729);
        h2 ^= scrambled_second(k2);
        h2 = h2.rotate_left(31).wrapping_add(h1).wrapping_mul(5).wrapping_add(0x3849_5ab5);
    }
    // Zeros do not change what the tail is mixed into.
    let mut padded = [0; 16];
    padded.iter_mut().zip(tail).for_each(|(padded, byte)| *padded = *byte);
    let (k1, k2) = words(&padded);
    h2 ^= scrambled_second(k2);
    h1 ^= scrambled_first(k1);
    h1 ^= bytes.len() as u64;
    h2 ^= bytes.len() as u64;
    h1 = h1.wrapping_add(h2);
    h2 = h2.wrapping_add(h1);
    (h1, h2) = (finished(h1), finished(h2));
    h1 = h1.wrapping_add(h2);
    (h1, h2.wrapping_add(h1))
}

fn words(block: &[u8; 16]) -> (u64, u64) {
    let both = u128::from_le_bytes(*block);
    (both as u64, (both >> 64) as u64)
}

fn scrambled_first(word: u64) -> u64 {
    word.wrapping_mul(C1).rotate_left(31).wrapping_mul(C2)
}

fn scrambled_second(word: u64) -> u64 {
    word.wrapping_mul(C2).rotate_left(33).wrapping_mul(C1)
}

fn finished(mut word: u64) -> u64 {
    word ^= word >> 33;
    word = word.wrapping_mul(0xff51_afd7_ed55_8ccd);
    word ^= word >> 33;
    word = word.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    word ^ word >> 33
}

#[cfg(test)]
mod tests {
    use super::hash128;

    /// Vectors of the reference implementation, as other libraries publish them.
    #[test]
    fn known_hashes() {
        assert_eq!(hash128(b""), (0, 0));
        assert_eq!(hash128(b"hello"), (0xcbd8_a7b3_41bd_9b02, 0x5b1e_906a_48ae_1d19));
        assert_eq!(hash128(b"hello, world"), (0x342f_ac62_3a5e_bc8e, 0x4cdc_bc07_9642_414d));
        assert_eq!(hash128(b"19 Jan 2038 at 3:14:07 AM"), (0xb89e_5988_b737_affc, 0x664f_c295_0231_b2cb));
        assert_eq!(
            hash128(b"The quick brown fox jumps over the lazy dog."),
            (0xcd99_481f_9ee9_02c9, 0x695d_a1a3_8987_b6e7)
        );
    }
}
