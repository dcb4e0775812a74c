//! JSON text, token by token, as Trino's parser (Jackson over characters) takes it: standard JSON only,
//! and a document is malformed no earlier than where the reading reaches the fault.
//!
//! No recursion: nesting costs one bit for each level, so no text can exhaust the stack.

use std::borrow::Cow;

/// The text is not JSON, as far as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed;

/// A position in JSON text.
#[derive(Debug)]
pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

/// The inside of a string, as written.
#[derive(Debug, Clone, Copy)]
pub(super) struct RawText<'a> {
    raw: &'a str,
    /// Has at least one backslash.
    escaped: bool,
}

/// A number as written; `float` if it has a fraction or an exponent.
#[derive(Debug, Clone, Copy)]
pub(super) struct RawNumber<'a> {
    pub(super) text: &'a str,
    pub(super) float: bool,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The next byte that is not white space, which then is the position.
    #[inline]
    pub(super) fn peek(&mut self) -> Option<u8> {
        loop {
            match self.byte() {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                other => return other,
            }
        }
    }

    #[inline]
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Steps over the byte that was just seen.
    #[inline]
    pub(super) fn step(&mut self) {
        self.at += 1;
    }

    /// The string whose opening quote is here.
    #[inline]
    pub(super) fn string(&mut self) -> Result<RawText<'a>, Malformed> {
        let start = self.at + 1;
        self.at = start;
        let mut escaped = false;
        loop {
            self.at += plain_length(self.text.as_bytes().get(self.at..).unwrap_or_default());
            match self.byte() {
                Some(b'"') => {
                    let raw = self.text.get(start..self.at).ok_or(Malformed)?;
                    self.at += 1;
                    return Ok(RawText { raw, escaped });
                }
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                _ => return Err(Malformed),
            }
        }
    }

    fn escape(&mut self) -> Result<(), Malformed> {
        let rest = self.text.as_bytes().get(self.at + 1..).unwrap_or_default();
        match rest {
            [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => self.at += 2,
            [b'u', a, b, c, d, ..] if [a, b, c, d].iter().all(|digit| digit.is_ascii_hexdigit()) => {
                self.at += 6;
            }
            _ => return Err(Malformed),
        }
        Ok(())
    }

    /// The number that begins here. What follows it matters at the root only: there it must end.
    #[inline]
    pub(super) fn number(&mut self, is_root: bool) -> Result<RawNumber<'a>, Malformed> {
        let start = self.at;
        if self.byte() == Some(b'-') {
            self.at += 1;
        }
        let first = self.byte();
        let whole_digits = self.digits();
        if whole_digits == 0 || (first == Some(b'0') && whole_digits > 1) {
            return Err(Malformed);
        }
        let mut float = false;
        if self.byte() == Some(b'.') {
            float = true;
            self.at += 1;
            if self.digits() == 0 {
                return Err(Malformed);
            }
        }
        if let Some(b'e' | b'E') = self.byte() {
            float = true;
            self.at += 1;
            if let Some(b'+' | b'-') = self.byte() {
                self.at += 1;
            }
            if self.digits() == 0 {
                return Err(Malformed);
            }
        }
        if is_root && !matches!(self.byte(), None | Some(b' ' | b'\t' | b'\n' | b'\r')) {
            return Err(Malformed);
        }
        Ok(RawNumber { text: self.text.get(start..self.at).ok_or(Malformed)?, float })
    }

    #[inline]
    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - start
    }

    /// `true`, `false` or `null`, which must not run into a longer word.
    #[inline]
    pub(super) fn word(&mut self, word: &str) -> Result<(), Malformed> {
        let rest = self.text.get(self.at..).ok_or(Malformed)?;
        let after = rest.strip_prefix(word).ok_or(Malformed)?;
        let runs_on = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '\u{7f}';
        if after.chars().next().is_some_and(runs_on) {
            return Err(Malformed);
        }
        self.at += word.len();
        Ok(())
    }

    /// A member's name and its colon; the position is then the member's value.
    #[inline]
    pub(super) fn key(&mut self) -> Result<RawText<'a>, Malformed> {
        if self.peek() != Some(b'"') {
            return Err(Malformed);
        }
        let key = self.string()?;
        if self.peek() != Some(b':') {
            return Err(Malformed);
        }
        self.at += 1;
        Ok(key)
    }

    /// Steps over the value that begins here, whatever it is.
    pub(super) fn skip_value(&mut self, is_root: bool) -> Result<(), Malformed> {
        match self.peek() {
            Some(b'{' | b'[') => self.skip_container(),
            other => self.skip_scalar(other, is_root),
        }
    }

    fn skip_scalar(&mut self, first: Option<u8>, is_root: bool) -> Result<(), Malformed> {
        match first {
            Some(b'"') => self.string().map(drop),
            Some(b'-' | b'0'..=b'9') => self.number(is_root).map(drop),
            Some(b't') => self.word("true"),
            Some(b'f') => self.word("false"),
            Some(b'n') => self.word("null"),
            _ => Err(Malformed),
        }
    }

    fn skip_container(&mut self) -> Result<(), Malformed> {
        let mut nesting = Nesting::default();
        loop {
            match self.peek() {
                Some(b'{') => {
                    self.at += 1;
                    if self.peek() != Some(b'}') {
                        nesting.push(true);
                        self.key()?;
                        continue;
                    }
                    self.at += 1;
                }
                Some(b'[') => {
                    self.at += 1;
                    if self.peek() != Some(b']') {
                        nesting.push(false);
                        continue;
                    }
                    self.at += 1;
                }
                other => self.skip_scalar(other, false)?,
            }
            if self.close(&mut nesting)? {
                return Ok(());
            }
        }
    }

    /// After a value: to the next value of the innermost container that has one; true at the end of all.
    fn close(&mut self, nesting: &mut Nesting) -> Result<bool, Malformed> {
        while let Some(in_object) = nesting.top() {
            match self.peek() {
                Some(b',') => {
                    self.at += 1;
                    if in_object {
                        self.key()?;
                    }
                    return Ok(false);
                }
                Some(b'}') if in_object => self.at += 1,
                Some(b']') if !in_object => self.at += 1,
                _ => return Err(Malformed),
            }
            nesting.pop();
        }
        Ok(true)
    }
}

/// The containers around a position: true for an object.
#[derive(Debug, Default)]
pub(super) struct Nesting {
    /// The innermost 64, the last one lowest.
    bits: u64,
    depth: usize,
    outer: Vec<u64>,
}

impl Nesting {
    #[inline]
    pub(super) fn push(&mut self, object: bool) {
        if self.depth > 0 && self.depth.is_multiple_of(64) {
            self.outer.push(self.bits);
        }
        self.bits = (self.bits << 1) | u64::from(object);
        self.depth += 1;
    }

    #[inline]
    pub(super) fn pop(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.bits >>= 1;
        if self.depth > 0
            && self.depth.is_multiple_of(64)
            && let Some(bits) = self.outer.pop()
        {
            self.bits = bits;
        }
    }

    #[inline]
    pub(super) fn top(&self) -> Option<bool> {
        (self.depth > 0).then_some(self.bits & 1 == 1)
    }
}

/// Bytes before the first quote, backslash or control character: eight at a time.
#[inline]
fn plain_length(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let (words, rest) = bytes.as_chunks::<8>();
    let zero_byte = |word: u64| word.wrapping_sub(ONES) & !word;
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        let found = (control | zero_byte(word ^ (ONES * 0x22)) | zero_byte(word ^ (ONES * 0x5c))) & HIGH;
        if found != 0 {
            return index * 8 + found.trailing_zeros() as usize / 8;
        }
    }
    let tail = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)).unwrap_or(rest.len());
    words.len() * 8 + tail
}

impl<'a> RawText<'a> {
    #[inline]
    pub(super) fn is(self, text: &str) -> bool {
        match self.escaped {
            false => self.raw == text,
            true => self.decode() == text,
        }
    }

    /// The text if it is written without escapes.
    #[inline]
    pub(super) fn plain(self) -> Option<&'a str> {
        (!self.escaped).then_some(self.raw)
    }

    pub(super) fn decode(self) -> Cow<'a, str> {
        match self.escaped {
            false => Cow::Borrowed(self.raw),
            true => {
                let mut text = String::with_capacity(self.raw.len());
                self.decode_into(&mut text);
                Cow::Owned(text)
            }
        }
    }

    /// Appends the text. Half a surrogate pair becomes `?`, as in Java's UTF-8; false if there was one.
    pub(super) fn decode_into(self, out: &mut String) -> bool {
        let mut whole = true;
        let mut rest = self.raw;
        while let Some((plain, escape)) = rest.split_once('\\') {
            out.push_str(plain);
            let mut after = escape.chars();
            let letter = after.next().unwrap_or_default();
            rest = after.as_str();
            match letter {
                'b' => out.push('\u{8}'),
                'f' => out.push('\u{c}'),
                'n' => out.push('\n'),
                'r' => out.push('\r'),
                't' => out.push('\t'),
                'u' => {
                    let (decoded, remaining) = unicode(rest);
                    whole &= decoded.is_some();
                    out.push(decoded.unwrap_or('?'));
                    rest = remaining;
                }
                other => out.push(other),
            }
        }
        out.push_str(rest);
        whole
    }
}

/// The character of `1234` or `d83d\ude00` at the beginning, None for half a pair; and what follows.
fn unicode(text: &str) -> (Option<char>, &str) {
    let unit = |text: &str| text.get(..4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let (first, rest) = (unit(text).unwrap_or_default(), text.get(4..).unwrap_or_default());
    let second = rest.strip_prefix("\\u").and_then(unit).filter(|low| (0xdc00..0xe000).contains(low));
    match (first, second) {
        (0xd800..0xdc00, Some(low)) => {
            let code = 0x10000 + ((first - 0xd800) << 10) + (low - 0xdc00);
            (char::from_u32(code), rest.get(6..).unwrap_or_default())
        }
        _ => (char::from_u32(first), rest),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn valid(text: &str) -> bool {
        let mut scanner = Scanner::new(text);
        scanner.skip_value(true).is_ok() && scanner.peek().is_none()
    }

    #[test]
    fn standard_json_is_taken_and_nothing_else() {
        for text in [
            "1",
            " -0 ",
            "0.5",
            "1e5",
            "1E+5",
            "-1.25e-7",
            "\"\"",
            "\"\\u00e9\\n\\/\"",
            "true",
            "null",
            "[]",
            "{}",
            "[1,[2,[]],{\"a\":{}}]",
            "{\"a\":1,\"a\":[true,false,null]}",
            "\t{\r\n\"k\" : \"v\" } ",
            "\"a longer text without anything special in it, é and 日本\"",
        ] {
            assert!(valid(text), "{text}");
        }
        for text in [
            "",
            " ",
            "01",
            "-",
            "1.",
            ".5",
            "+1",
            "1e",
            "NaN",
            "nul",
            "truex",
            "'a'",
            "\"a",
            "\"\n\"",
            "\"\\x\"",
            "\"\\u12g4\"",
            "[1,]",
            "[,1]",
            "{\"a\"}",
            "{\"a\":}",
            "{a:1}",
            "{\"a\":1,}",
            "[1}",
            "{\"a\":1]",
            "1 2",
            "[1 2]",
            "1x",
            "\u{feff}1",
            "[",
            "{",
            "]",
            "\"12345678\u{1}\"",
        ] {
            assert!(!valid(text), "{text}");
        }
    }

    #[test]
    fn deep_nesting_is_read_without_a_stack() {
        let depth = 200_000;
        assert!(valid(&("[".repeat(depth) + &"]".repeat(depth))));
        assert!(valid(&("{\"a\":[".repeat(depth) + &"]}".repeat(depth))));
        assert!(!valid(&("{\"a\":[".repeat(depth) + &"}]".repeat(depth))));
    }

    #[test]
    fn strings_are_decoded() {
        for (json, expected, whole) in [
            (r#""abc""#, "abc", true),
            (r#""a\"\\\/\b\f\n\r\tz""#, "a\"\\/\u{8}\u{c}\n\r\tz", true),
            (r#""\u00E9\ud83d\ude00!""#, "é😀!", true),
            (r#""\ud83d""#, "?", false),
            (r#""\ud83d\u0041""#, "?A", false),
            (r#""\ude00x""#, "?x", false),
        ] {
            let raw = Scanner::new(json).string().unwrap();
            let mut text = String::new();
            assert_eq!(raw.decode_into(&mut text), whole, "{json}");
            assert_eq!(text, expected, "{json}");
            assert!(raw.is(expected));
        }
    }
}
