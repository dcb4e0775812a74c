//! SpookyHash V2 by Bob Jenkins, with seed 0.
//!
//! Reference: <https://burtleburtle.net/bob/hash/spooky.html>. A hash of 32 bits is the lower half of the one
//! of 64 bits.

/// Not zero, odd, and no regular mix of ones and zeros.
const CONSTANT: u64 = 0xdead_beef_dead_beef;
const BLOCK_BYTES: usize = 96;
/// Shorter messages have a cheaper hash.
const LONG_BYTES_MIN: usize = 192;

/// The first half of the 128-bit hash.
pub(super) fn hash64(message: &[u8]) -> u64 {
    match message.len() < LONG_BYTES_MIN {
        true => short(message),
        false => long(message),
    }
}

fn word(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

fn words<const N: usize>(bytes: &[u8]) -> [u64; N] {
    let (chunks, _) = bytes.as_chunks::<8>();
    let mut words = [0; N];
    words.iter_mut().zip(chunks).for_each(|(word, chunk)| *word = u64::from_le_bytes(*chunk));
    words
}

fn short(message: &[u8]) -> u64 {
    let mut state = [0, 0, CONSTANT, CONSTANT];
    let (blocks, mut rest) = message.as_chunks::<32>();
    for block in blocks {
        let [w0, w1, w2, w3] = words(block);
        state[2] = state[2].wrapping_add(w0);
        state[3] = state[3].wrapping_add(w1);
        mix_short(&mut state);
        state[0] = state[0].wrapping_add(w2);
        state[1] = state[1].wrapping_add(w3);
    }
    if let Some((half, after)) = rest.split_at_checked(16) {
        let [w0, w1] = words(half);
        state[2] = state[2].wrapping_add(w0);
        state[3] = state[3].wrapping_add(w1);
        mix_short(&mut state);
        rest = after;
    }
    state[3] = state[3].wrapping_add((message.len() as u64) << 56);
    if rest.is_empty() {
        state[2] = state[2].wrapping_add(CONSTANT);
        state[3] = state[3].wrapping_add(CONSTANT);
    } else {
        let (low, high) = rest.split_at(rest.len().min(8));
        state[2] = state[2].wrapping_add(word(low));
        state[3] = state[3].wrapping_add(word(high));
    }
    end_short(&mut state);
    state[0]
}

fn mix_short(state: &mut [u64; 4]) {
    let [mut h0, mut h1, mut h2, mut h3] = *state;
    for [r0, r1, r2, r3] in [[50, 52, 30, 41], [54, 48, 38, 37], [62, 34, 5, 36]] {
        h2 = h2.rotate_left(r0).wrapping_add(h3);
        h0 ^= h2;
        h3 = h3.rotate_left(r1).wrapping_add(h0);
        h1 ^= h3;
        h0 = h0.rotate_left(r2).wrapping_add(h1);
        h2 ^= h0;
        h1 = h1.rotate_left(r3).wrapping_add(h2);
        h3 ^= h1;
    }
    *state = [h0, h1, h2, h3];
}

fn end_short(state: &mut [u64; 4]) {
    let [mut h0, mut h1, mut h2, mut h3] = *state;
    for [r0, r1, r2, r3] in [[15, 52, 26, 51], [28, 9, 47, 54], [32, 25, 63, 0]] {
        h3 ^= h2;
        h2 = h2.rotate_left(r0);
        h3 = h3.wrapping_add(h2);
        h0 ^= h3;
        h3 = h3.rotate_left(r1);
        h0 = h0.wrapping_add(h3);
        h1 ^= h0;
        h0 = h0.rotate_left(r2);
        h1 = h1.wrapping_add(h0);
        // The last round ends here: nothing after it changes the first word.
        h2 ^= h1;
        h1 = h1.rotate_left(r3);
        h2 = h2.wrapping_add(h1);
    }
    *state = [h0, h1, h2, h3];
}

const MIX: [u32; 12] = [11, 32, 43, 31, 17, 28, 39, 57, 55, 54, 22, 46];
const END: [u32; 12] = [44, 15, 34, 21, 38, 33, 10, 13, 38, 53, 42, 54];

fn long(message: &[u8]) -> u64 {
    let mut state = [0, 0, CONSTANT, 0, 0, CONSTANT, 0, 0, CONSTANT, 0, 0, CONSTANT];
    let (blocks, rest) = message.as_chunks::<BLOCK_BYTES>();
    for block in blocks {
        mix_long(&mut state, &words(block));
    }
    let mut last = [0; BLOCK_BYTES];
    last.iter_mut().zip(rest).for_each(|(last, byte)| *last = *byte);
    if let (Some(length), Ok(bytes)) = (last.last_mut(), u8::try_from(rest.len())) {
        *length = bytes;
    }
    for (state, word) in state.iter_mut().zip(words::<12>(&last)) {
        *state = state.wrapping_add(word);
    }
    (0..3).for_each(|_| end_long(&mut state));
    state[0]
}

/// The indexes below are remainders of 12, so they are within the twelve words.
fn mix_long(state: &mut [u64; 12], data: &[u64; 12]) {
    for (at, (word, turn)) in data.iter().zip(MIX).enumerate() {
        state[at] = state[at].wrapping_add(*word);
        state[(at + 2) % 12] ^= state[(at + 10) % 12];
        state[(at + 11) % 12] ^= state[at];
        state[at] = state[at].rotate_left(turn);
        state[(at + 11) % 12] = state[(at + 11) % 12].wrapping_add(state[(at + 1) % 12]);
    }
}

fn end_long(state: &mut [u64; 12]) {
    for (at, turn) in END.into_iter().enumerate() {
        state[(at + 11) % 12] = state[(at + 11) % 12].wrapping_add(state[(at + 1) % 12]);
        state[(at + 2) % 12] ^= state[(at + 11) % 12];
        state[(at + 1) % 12] = state[(at + 1) % 12].rotate_left(turn);
    }
}

#[cfg(test)]
mod tests {
    use super::hash64;

    #[test]
    fn known_hashes() {
        assert_eq!(hash64(b""), 0x2327_06fc_6bf5_0919);
        assert_eq!(hash64(b"hello"), 0x3768_826a_d382_e6ca);
    }

    /// From the table of the reference implementation: of the first bytes of 128, 129, …
    #[test]
    fn table_of_the_reference() {
        let bytes: Vec<u8> = (128..=255).chain(0..=255).chain(0..=127).collect();
        for (length, expected) in [
            (1, 0x70de_1d26),
            (8, 0xee19_3982),
            (15, 0x83ec_01f9),
            (16, 0xf274_736c),
            (31, 0x027b_ca7c),
            (32, 0xe5cf_c8b6),
            (191, 0xe13d_9e19),
            (192, 0x77e0_12bd),
            (255, 0x2f40_ee0b),
            (288, 0x4788_0140),
            (511, 0xcc1c_8250),
        ] {
            assert_eq!(hash64(&bytes[..length]) & 0xffff_ffff, expected, "{length} bytes");
        }
    }
}
