//! Cuts a JSON value that is known to be valid into its parts, as text.
//!
//! Nothing is checked and nothing recurses; of text that is not valid JSON the parts mean nothing.

use std::borrow::Cow;

use memchr::memchr2;

/// The keys (raw, in quotes) and values of an object, or `None` if `json` is none.
pub(super) fn entries(json: &str) -> Option<impl Iterator<Item = (&str, &str)>> {
    let mut rest = json.strip_prefix('{')?;
    Some(std::iter::from_fn(move || Some((piece(&mut rest)?, piece(&mut rest)?))))
}

/// The elements of an array, or `None` if `json` is none.
pub(super) fn elements(json: &str) -> Option<impl Iterator<Item = &str>> {
    let mut rest = json.strip_prefix('[')?;
    Some(std::iter::from_fn(move || piece(&mut rest)))
}

/// What the raw string `json` says; `None` if that is no text (a lone surrogate) or no string.
pub(super) fn string(json: &str) -> Option<Cow<'_, str>> {
    let inside = json.strip_prefix('"')?.strip_suffix('"')?;
    match inside.contains('\\') {
        false => Some(Cow::Borrowed(inside)),
        true => serde_json::from_str(json).ok().map(Cow::Owned),
    }
}

/// Takes the value at the front of `rest`, if the object or array does not end there.
fn piece<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let text = rest.trim_start_matches([' ', '\t', '\n', '\r', ',', ':']);
    let length = match text.as_bytes().first()? {
        b'}' | b']' => return None,
        b'"' => string_length(text.as_bytes()),
        b'{' | b'[' => nested_length(text.as_bytes()),
        _ => text.bytes().position(|byte| b",]} \t\n\r".contains(&byte)).unwrap_or(text.len()),
    };
    let (piece, behind) = text.split_at_checked(length)?;
    *rest = behind;
    Some(piece)
}

fn string_length(text: &[u8]) -> usize {
    let mut at = 1;
    while let Some(found) = text.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += found;
        if text.get(at) == Some(&b'"') {
            return at + 1;
        }
        at += 2;
    }
    text.len()
}

fn nested_length(text: &[u8]) -> usize {
    let mut at = 0;
    let mut depth = 0_usize;
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => {
                at += string_length(text.get(at..).unwrap_or_default());
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn objects_and_arrays_fall_apart() {
        let found: Vec<_> =
            entries(r#"{ "a" : 1,"b\"":[1,{"c":"]"}] , "":"x,}" ,"d":null}"#).unwrap().collect();
        let expect =
            [("\"a\"", "1"), ("\"b\\\"\"", "[1,{\"c\":\"]\"}]"), ("\"\"", "\"x,}\""), ("\"d\"", "null")];
        assert_eq!(found, expect);
        let found: Vec<_> = elements("[ 1.5e3 , true,[[]], {} ,\"\\\\\"]").unwrap().collect();
        assert_eq!(found, ["1.5e3", "true", "[[]]", "{}", "\"\\\\\""]);
        assert_eq!(elements("[ ]").unwrap().count(), 0);
        assert_eq!(entries("{}").unwrap().count(), 0);
        assert!(entries("[]").is_none() && elements("{}").is_none());
    }

    #[test]
    fn broken_text_ends_somewhere() {
        for text in ["{", "{\"", "{\"a", "{\"a\\", "{\"a\":", "{\"a\":[", "{]", "{\"é\":\"é", "{é:é"] {
            assert!(entries(text).unwrap().count() <= 2, "{text}");
        }
    }

    #[test]
    fn strings_are_unescaped() {
        for (json, expect) in [
            (r#""plain""#, Some("plain")),
            (r#""a\u00e9\n\"""#, Some("aé\n\"")),
            (r#""\ud83d""#, None),
            ("1", None),
        ] {
            assert_eq!(string(json).as_deref(), expect, "{json}");
        }
    }
}
