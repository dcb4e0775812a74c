//! JSON text from JSON text, as Trino's generator writes it.
//!
//! * White space goes; strings have only the escapes they must have.
//! * Whole numbers stay as they are, of any length; `-0` becomes `0`.
//! * Numbers with a fraction or an exponent become doubles, written as Java does: `1.10` → `1.1`,
//!   `1e5` → `100000.0`, `1e400` → `"Infinity"`.
//! * [`canonical`] also sorts the members of objects by their names' UTF-16 units; of equal names the last
//!   value stays. [`copy`] keeps all members in their order, as `json_extract` does in Trino.

use std::{borrow::Cow, cmp::Ordering, ops::Range};

use super::{
    number::write_json_float,
    scan::{Malformed, RawText},
    tokens::{Token, Tokens},
};

/// Why JSON cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unwritable {
    Malformed,
    /// Half of a surrogate pair, which UTF-8 cannot say.
    BrokenPair,
}

impl From<Malformed> for Unwritable {
    fn from(_: Malformed) -> Self {
        Unwritable::Malformed
    }
}

/// Appends a string with its quotes.
pub(super) fn write_string(text: &str, out: &mut String) {
    out.push('"');
    let mut start = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.push_str(text.get(start..at).unwrap_or_default());
        start = at + 1;
        write_escape(byte, out);
    }
    out.push_str(text.get(start..).unwrap_or_default());
    out.push('"');
}

fn write_escape(byte: u8, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    match byte {
        b'"' => out.push_str("\\\""),
        b'\\' => out.push_str("\\\\"),
        0x8 => out.push_str("\\b"),
        0x9 => out.push_str("\\t"),
        0xa => out.push_str("\\n"),
        0xc => out.push_str("\\f"),
        0xd => out.push_str("\\r"),
        _ => {
            let digit = |nibble: u8| char::from(HEX.get(usize::from(nibble)).copied().unwrap_or(b'0'));
            out.push_str("\\u00");
            out.push(digit(byte >> 4));
            out.push(digit(byte & 0xf));
        }
    }
}

fn write_text(text: RawText<'_>, out: &mut String) -> Result<(), Unwritable> {
    if let Some(plain) = text.plain() {
        out.push('"');
        out.push_str(plain);
        out.push('"');
        return Ok(());
    }
    let mut decoded = String::new();
    if !text.decode_into(&mut decoded) {
        return Err(Unwritable::BrokenPair);
    }
    write_string(&decoded, out);
    Ok(())
}

fn write_scalar(token: Token<'_>, out: &mut String) -> Result<(), Unwritable> {
    match token {
        Token::Null => out.push_str("null"),
        Token::Boolean(true) => out.push_str("true"),
        Token::Boolean(false) => out.push_str("false"),
        Token::Number(number) if number.float => write_json_float(number.text, out),
        Token::Number(number) => out.push_str(if number.text == "-0" { "0" } else { number.text }),
        Token::Text(text) => write_text(text, out)?,
        _ => return Err(Unwritable::Malformed),
    }
    Ok(())
}

/// Appends the value that begins at the tokens, all members in their order.
pub(super) fn copy(tokens: &mut Tokens<'_>, out: &mut String) -> Result<(), Unwritable> {
    let mut depth = 0_usize;
    // True where a comma must come before the next key or item.
    let mut behind_value = false;
    loop {
        let token = tokens.need()?;
        if behind_value && !matches!(token, Token::ArrayEnd | Token::ObjectEnd) {
            out.push(',');
        }
        behind_value = true;
        match token {
            Token::ArrayStart | Token::ObjectStart => {
                out.push(if matches!(token, Token::ArrayStart) { '[' } else { '{' });
                depth += 1;
                behind_value = false;
            }
            Token::ArrayEnd | Token::ObjectEnd => {
                out.push(if matches!(token, Token::ArrayEnd) { ']' } else { '}' });
                depth = depth.saturating_sub(1);
            }
            Token::Key(key) => {
                write_text(key, out)?;
                out.push(':');
                behind_value = false;
            }
            scalar => write_scalar(scalar, out)?,
        }
        if depth == 0 {
            return Ok(());
        }
    }
}

/// How objects are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Members {
    /// Sorted by name, as `json_parse` does.
    Sorted,
    /// At the place where the name came first, as Trino's trees do.
    InOrder,
}

/// A container being written.
struct Frame {
    object: bool,
    /// Its first member in [`Canonical::members`], and its first byte behind the `{`.
    first_member: usize,
    start: usize,
    /// Members are already as they must be: no name twice, and sorted if wanted.
    in_order: bool,
}

struct Member<'a> {
    name: Cow<'a, str>,
    /// Of `"name":value` in the output.
    bytes: Range<usize>,
}

/// Appends the value that begins at the tokens, each name once in its object.
pub(super) fn canonical(tokens: &mut Tokens<'_>, order: Members, out: &mut String) -> Result<(), Unwritable> {
    let first = tokens.need()?;
    canonical_rest(tokens, first, order, out)
}

/// The same, after the first token of the value.
pub(super) fn canonical_rest<'a>(
    tokens: &mut Tokens<'a>,
    first: Token<'a>,
    order: Members,
    out: &mut String,
) -> Result<(), Unwritable> {
    let mut writer = Canonical { order, out, frames: Vec::new(), members: Vec::new() };
    writer.token(first)?;
    while !writer.frames.is_empty() {
        let token = tokens.need()?;
        writer.token(token)?;
    }
    Ok(())
}

struct Canonical<'a, 'out> {
    order: Members,
    out: &'out mut String,
    frames: Vec<Frame>,
    /// Of all open objects, those of the innermost last.
    members: Vec<Member<'a>>,
}

impl<'a> Canonical<'a, '_> {
    fn token(&mut self, token: Token<'a>) -> Result<(), Unwritable> {
        match token {
            Token::Key(key) => return self.key(key),
            Token::ArrayEnd | Token::ObjectEnd => {
                self.end();
                return Ok(());
            }
            _ => self.comma_in_array(),
        }
        match token {
            Token::ArrayStart => self.start('[', false),
            Token::ObjectStart => self.start('{', true),
            scalar => {
                write_scalar(scalar, self.out)?;
                self.value_done();
            }
        }
        Ok(())
    }

    fn comma_in_array(&mut self) {
        if let Some(frame) = self.frames.last()
            && !frame.object
            && self.out.len() > frame.start
        {
            self.out.push(',');
        }
    }

    fn start(&mut self, bracket: char, object: bool) {
        self.out.push(bracket);
        let (first_member, start) = (self.members.len(), self.out.len());
        self.frames.push(Frame { object, first_member, start, in_order: true });
    }

    fn key(&mut self, key: RawText<'a>) -> Result<(), Unwritable> {
        let name = key.decode();
        if let Some(frame) = self.frames.last_mut() {
            if self.out.len() > frame.start {
                self.out.push(',');
            }
            let siblings = self.members.get(frame.first_member..).unwrap_or_default();
            frame.in_order = frame.in_order
                && match self.order {
                    Members::Sorted => {
                        siblings.last().is_none_or(|last| utf16_order(&last.name, &name) == Ordering::Less)
                    }
                    // Names of long objects are compared at their end, where they are sorted.
                    Members::InOrder => {
                        siblings.len() < 16 && siblings.iter().all(|sibling| sibling.name != name)
                    }
                };
        }
        let start = self.out.len();
        write_text(key, self.out)?;
        self.out.push(':');
        self.members.push(Member { name, bytes: start..start });
        Ok(())
    }

    fn value_done(&mut self) {
        if self.frames.last().is_some_and(|frame| frame.object)
            && let Some(member) = self.members.last_mut()
        {
            member.bytes.end = self.out.len();
        }
    }

    fn end(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        if frame.object && !frame.in_order {
            self.rewrite(&frame);
        }
        self.members.truncate(frame.first_member);
        self.out.push(if frame.object { '}' } else { ']' });
        self.value_done();
    }

    /// Puts the members of the object at the end of the output in order.
    fn rewrite(&mut self, frame: &Frame) {
        let members = self.members.get_mut(frame.first_member..).unwrap_or_default();
        // Stable: equal names stay in order, and the last of them counts.
        members.sort_by(|left, right| utf16_order(&left.name, &right.name));
        let mut kept: Vec<(usize, Range<usize>)> = Vec::with_capacity(members.len());
        let mut previous: Option<&str> = None;
        for member in members.iter() {
            match kept.last_mut() {
                Some((_, bytes)) if previous == Some(&*member.name) => *bytes = member.bytes.clone(),
                _ => kept.push((member.bytes.start, member.bytes.clone())),
            }
            previous = Some(&member.name);
        }
        if self.order == Members::InOrder {
            kept.sort_by_key(|(first_seen, _)| *first_seen);
        }
        let old = self.out.split_off(frame.start);
        for (index, (_, bytes)) in kept.iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            let (start, end) = (bytes.start - frame.start, bytes.end - frame.start);
            self.out.push_str(old.get(start..end).unwrap_or_default());
        }
    }
}

/// As Java compares strings. It differs from the order of code points above U+D7FF only.
pub(super) fn utf16_order(left: &str, right: &str) -> Ordering {
    let differs = left.bytes().zip(right.bytes()).position(|(a, b)| a != b);
    match differs {
        None => left.len().cmp(&right.len()),
        Some(at) => {
            let high = |text: &str| text.as_bytes().get(at).is_some_and(|byte| *byte >= 0xed);
            match high(left) && high(right) {
                true => left.encode_utf16().cmp(right.encode_utf16()),
                false => left.cmp(right),
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn written(json: &str, order: Option<Members>) -> Result<String, Unwritable> {
        let mut out = String::new();
        let mut tokens = Tokens::new(json);
        match order {
            Some(order) => canonical(&mut tokens, order, &mut out)?,
            None => copy(&mut tokens, &mut out)?,
        }
        Ok(out)
    }

    #[test]
    fn members_are_sorted_once_or_kept() {
        for (json, copied, sorted, in_order) in [
            ("1", "1", "1", "1"),
            ("[ ]", "[]", "[]", "[]"),
            ("{ }", "{}", "{}", "{}"),
            ("[1, [2, {}], \"x\"]", "[1,[2,{}],\"x\"]", "[1,[2,{}],\"x\"]", "[1,[2,{}],\"x\"]"),
            (r#"{"b": 1, "a": 2}"#, r#"{"b":1,"a":2}"#, r#"{"a":2,"b":1}"#, r#"{"b":1,"a":2}"#),
            (r#"{"b":1,"a":2,"b":3}"#, r#"{"b":1,"a":2,"b":3}"#, r#"{"a":2,"b":3}"#, r#"{"b":3,"a":2}"#),
            (
                r#"{"z":{"y":[{"d":1,"c":2}],"x":0},"a":{}}"#,
                r#"{"z":{"y":[{"d":1,"c":2}],"x":0},"a":{}}"#,
                r#"{"a":{},"z":{"x":0,"y":[{"c":2,"d":1}]}}"#,
                r#"{"z":{"y":[{"d":1,"c":2}],"x":0},"a":{}}"#,
            ),
            // An escaped quote sorts as the quote, not as the backslash.
            (r#"{"a\"":1,"aA":2}"#, r#"{"a\"":1,"aA":2}"#, r#"{"a\"":1,"aA":2}"#, r#"{"a\"":1,"aA":2}"#),
            (r#"{"a":1,"\u0061":2}"#, r#"{"a":1,"a":2}"#, r#"{"a":2}"#, r#"{"a":2}"#),
            // In UTF-16, U+1F600 comes before U+FFFD.
            (r#"{"�":1,"😀":2}"#, r#"{"�":1,"😀":2}"#, r#"{"😀":2,"�":1}"#, r#"{"�":1,"😀":2}"#),
            (
                "[-0, 1.50, 1e2, 12345678901234567890]",
                "[0,1.5,100.0,12345678901234567890]",
                "[0,1.5,100.0,12345678901234567890]",
                "[0,1.5,100.0,12345678901234567890]",
            ),
            (
                r#""\u00e9\/\u001f\u007f\t""#,
                "\"é/\\u001F\u{7f}\\t\"",
                "\"é/\\u001F\u{7f}\\t\"",
                "\"é/\\u001F\u{7f}\\t\"",
            ),
        ] {
            assert_eq!(written(json, None).as_deref(), Ok(copied), "{json}");
            assert_eq!(written(json, Some(Members::Sorted)).as_deref(), Ok(sorted), "{json}");
            assert_eq!(written(json, Some(Members::InOrder)).as_deref(), Ok(in_order), "{json}");
        }
        for (json, expected) in [
            ("", Unwritable::Malformed),
            ("[1", Unwritable::Malformed),
            ("{\"a\":1,}", Unwritable::Malformed),
            ("\"\\ud800\"", Unwritable::BrokenPair),
        ] {
            assert_eq!(written(json, None), Err(expected), "{json}");
            assert_eq!(written(json, Some(Members::Sorted)), Err(expected), "{json}");
        }
    }

    #[test]
    fn long_objects_keep_each_name_once() {
        let members: Vec<String> = (0..40).map(|n| format!("\"k{:02}\":{n}", 39 - n % 20)).collect();
        let json = format!("{{{}}}", members.join(","));
        let in_order = written(&json, Some(Members::InOrder)).unwrap();
        assert!(in_order.starts_with("{\"k39\":20,\"k38\":21,"), "{in_order}");
        let sorted = written(&json, Some(Members::Sorted)).unwrap();
        assert!(sorted.starts_with("{\"k20\":39,\"k21\":38,"), "{sorted}");
    }

    #[test]
    fn deep_documents_are_written() {
        let depth = 100_000;
        let json = "[".repeat(depth) + &"]".repeat(depth);
        assert_eq!(written(&json, None).unwrap(), json);
        assert_eq!(written(&json, Some(Members::Sorted)).unwrap(), json);
    }
}
