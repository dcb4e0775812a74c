//! Base64, in which text files hold binary columns.

/// The bytes that `text` stands for, with or without padding; `None` if it is not Base64.
pub(super) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let body = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
    let padded = body.len() != text.len();
    if body.len() % 4 == 1 || (padded && !text.len().is_multiple_of(4)) {
        return None;
    }
    let mut bytes = Vec::with_capacity(body.len() / 4 * 3 + 2);
    for group in body.chunks(4) {
        let bits = group.iter().try_fold(0_u32, |bits, letter| Some(bits << 6 | sextet(*letter)?))?;
        let [_, one, two, three] = (bits << (6 * (4 - group.len()))).to_be_bytes();
        bytes.extend([one, two, three].into_iter().take(group.len() - 1));
    }
    Some(bytes)
}

fn sextet(letter: u8) -> Option<u32> {
    let value = match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_4648_vectors() {
        for (text, expect) in [
            ("", Some("")),
            ("Zg==", Some("f")),
            ("Zm8=", Some("fo")),
            ("Zm9v", Some("foo")),
            ("Zm9vYg", Some("foob")),
            ("Zm9vYmFy", Some("foobar")),
            ("Zm9v=", None),
            ("Z", None),
            ("Zm 9v", None),
            ("====", None),
        ] {
            assert_eq!(decode(text.as_bytes()).as_deref(), expect.map(str::as_bytes), "{text:?}");
        }
    }
}
