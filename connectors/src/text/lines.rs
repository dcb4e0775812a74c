//! Cuts a split's bytes into lines, by Hadoop's rules: CR, LF and CR LF end a line; the last line
//! needs no end; a split owns the lines that *begin* in it.
//!
//! ```text
//!            start                end
//! …aaaa⏎bbbb│bbbb⏎cccc⏎dddd⏎eeee│eee⏎ffff⏎…     owned: cccc dddd eeee(eee)
//!         └ reading begins here, one byte early: were it a line end, the next line would be owned
//! ```

use bytes::Bytes;
use protocol::{ErrorCode, Result};

use super::problem::Origin;

/// Longest line, and longest record of several lines. Athena's limit for a row is 32 MB.
pub(super) const LINE_BYTES_MAX: usize = 32 << 20;

/// One line without its end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) bytes: &'a [u8],
    /// Counted from 1 at the split's first owned line.
    pub(super) number: u64,
    /// Where it begins in the text.
    pub(super) offset: u64,
}

/// What [`Framer::next`] found.
#[derive(Debug)]
pub(super) enum Step<'a> {
    Line(Line<'a>),
    /// Call [`Framer::push`] or [`Framer::close`] first.
    NeedsBytes,
    /// No more line is owned; more bytes are not needed.
    Done,
}

/// The cutter of one split. Holds one chunk and the beginning of at most one line.
#[derive(Debug)]
pub(super) struct Framer {
    origin: Origin,
    /// Lines that begin here or later are another split's.
    end: u64,
    chunk: Bytes,
    /// How much of `chunk` was looked at.
    at: usize,
    /// Where the next byte to look at is in the text.
    offset: u64,
    closed: bool,
    /// Where the line began that is being read; `None` between lines.
    begun: Option<u64>,
    /// The line being read is another split's.
    foreign: bool,
    /// The last line ended with CR, so that a LF now is still part of its end.
    after_cr: bool,
    /// The beginning of a line that is longer than its chunk; stale once handed out.
    carry: Vec<u8>,
    carry_is_stale: bool,
    lines: u64,
}

impl Framer {
    /// For the lines beginning in `start..end`. The bytes pushed must begin at `start - 1`, or at 0.
    pub(super) fn new(start: u64, end: u64, origin: Origin) -> Self {
        let offset = start.saturating_sub(1);
        Self {
            origin,
            end,
            chunk: Bytes::new(),
            at: 0,
            offset,
            closed: false,
            begun: (start > 0).then_some(offset),
            foreign: start > 0,
            after_cr: false,
            carry: Vec::new(),
            carry_is_stale: false,
            lines: 0,
        }
    }

    /// Continues the text. Only after [`Step::NeedsBytes`].
    pub(super) fn push(&mut self, chunk: Bytes) {
        debug_assert!(self.at == self.chunk.len() && !self.closed);
        self.chunk = chunk;
        self.at = 0;
    }

    /// Ends the text.
    pub(super) fn close(&mut self) {
        self.closed = true;
    }

    /// The next owned line, if the bytes at hand end it.
    ///
    /// Errors: `CorruptFile` for a line of more than [`LINE_BYTES_MAX`].
    pub(super) fn next(&mut self) -> Result<Step<'_>> {
        if std::mem::take(&mut self.carry_is_stale) {
            self.carry.clear();
        }
        loop {
            if (self.begun.is_none() || self.foreign) && self.offset >= self.end {
                return Ok(Step::Done);
            }
            let rest = self.chunk.get(self.at..).unwrap_or_default();
            let Some(first) = rest.first() else {
                return Ok(self.at_chunk_end());
            };
            if std::mem::take(&mut self.after_cr) && *first == b'\n' {
                self.advance(1);
                continue;
            }
            let Some(length) = memchr::memchr2(b'\n', b'\r', rest) else {
                self.begun.get_or_insert(self.offset);
                self.keep(rest.len())?;
                continue;
            };
            self.after_cr = rest.get(length) == Some(&b'\r');
            let begun = self.begun.take().unwrap_or(self.offset);
            if std::mem::take(&mut self.foreign) {
                self.advance(length + 1);
                continue;
            }
            return self.complete(begun, length);
        }
    }

    fn at_chunk_end(&mut self) -> Step<'_> {
        if !self.closed {
            return Step::NeedsBytes;
        }
        match self.begun.take() {
            Some(offset) if !self.foreign => {
                self.lines += 1;
                self.carry_is_stale = true;
                Step::Line(Line { bytes: &self.carry, number: self.lines, offset })
            }
            _ => Step::Done,
        }
    }

    /// Hands out the line that began at `begun` and whose last `length` bytes come now.
    fn complete(&mut self, begun: u64, length: usize) -> Result<Step<'_>> {
        let piece = self.at..self.at + length;
        if self.carry.is_empty() {
            self.advance(length + 1);
        } else {
            self.keep(length)?;
            self.advance(1);
            self.carry_is_stale = true;
        }
        self.lines += 1;
        let bytes = match self.carry_is_stale {
            true => &self.carry,
            false => self.chunk.get(piece).unwrap_or_default(),
        };
        Ok(Step::Line(Line { bytes, number: self.lines, offset: begun }))
    }

    /// Sets the next `length` bytes aside as part of the line being read.
    fn keep(&mut self, length: usize) -> Result<()> {
        if self.carry.len() + length > LINE_BYTES_MAX {
            let what = format!("more than {LINE_BYTES_MAX} bytes without a line end");
            let offset = self.offset.saturating_sub(self.carry.len() as u64);
            let line = Line { bytes: &[], number: self.lines + 1, offset };
            return Err(self.origin.error(ErrorCode::CorruptFile, &what, &line));
        }
        if !self.foreign {
            let piece = self.chunk.get(self.at..self.at + length).unwrap_or_default();
            self.carry.extend_from_slice(piece);
        }
        self.advance(length);
        Ok(())
    }

    fn advance(&mut self, bytes: usize) {
        self.at += bytes;
        self.offset += bytes as u64;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    /// The owned lines of `start..end` with their offsets; bytes come in chunks of `chunk`.
    fn cut(text: &[u8], start: u64, end: u64, chunk: usize) -> Vec<(u64, Vec<u8>)> {
        let origin = Origin { location: "f".into(), from_start: start == 0 };
        let end = if end == text.len() as u64 { u64::MAX } else { end };
        let mut framer = Framer::new(start, end, origin);
        let mut chunks = text[usize::try_from(start.saturating_sub(1)).unwrap()..].chunks(chunk);
        let mut lines = Vec::new();
        loop {
            match framer.next().unwrap() {
                Step::Line(line) => lines.push((line.offset, line.bytes.to_vec())),
                Step::Done => return lines,
                Step::NeedsBytes => match chunks.next() {
                    Some(chunk) => framer.push(Bytes::copy_from_slice(chunk)),
                    None => framer.close(),
                },
            }
        }
    }

    fn texts(text: &str) -> Vec<String> {
        let all = cut(text.as_bytes(), 0, text.len() as u64, 3);
        all.into_iter().map(|(_, line)| String::from_utf8(line).unwrap()).collect()
    }

    #[test]
    fn cr_lf_and_both_end_a_line() {
        let none: [&str; 0] = [];
        assert_eq!(texts(""), none);
        assert_eq!(texts("\n"), [""]);
        assert_eq!(texts("\r\n"), [""]);
        assert_eq!(texts("\n\r"), ["", ""]);
        assert_eq!(texts("a"), ["a"]);
        assert_eq!(texts("a\r\nb\rc\nd\r\r\ne"), ["a", "b", "c", "d", "", "e"]);
        assert_eq!(texts("longer than a chunk\r\nx\n"), ["longer than a chunk", "x"]);
    }

    /// Fields separated by terminators of all kinds, two kilobytes of them.
    fn mixed() -> Vec<u8> {
        let ends = ["\n", "\r\n", "\r", "\n\n", "\r\r\n", "\r\n\r\n", "\n\r"];
        let mut text = Vec::new();
        for i in 0.. {
            text.extend_from_slice(&b"abcdefghijklmnopqrstuvwxyz"[..(i * 7) % 27]);
            text.extend_from_slice(ends[i % ends.len()].as_bytes());
            if text.len() >= 2048 {
                break;
            }
        }
        text
    }

    #[test]
    fn every_cut_yields_every_line_once() {
        let mut ended = mixed();
        for text in [ended.clone(), {
            ended.extend_from_slice(b"no end");
            ended
        }] {
            let size = text.len() as u64;
            let whole = cut(&text, 0, size, 4096);
            assert!(whole.len() > 100);
            for chunk in [1, 5, 4096] {
                assert_eq!(cut(&text, 0, size, chunk), whole);
            }
            for at in 0..=size {
                let mut parts = cut(&text, 0, at, 64);
                parts.extend(cut(&text, at, size, 61));
                assert_eq!(parts, whole, "cut at {at}");
            }
            for width in 1..40 {
                let mut parts = Vec::new();
                for start in (0..size).step_by(width) {
                    parts.extend(cut(&text, start, size.min(start + width as u64), 7));
                }
                assert_eq!(parts, whole, "parts of {width}");
            }
        }
    }

    #[test]
    fn a_foreign_line_is_not_read_behind_the_split() {
        let mut framer = Framer::new(5, 9, Origin { location: "f".into(), from_start: false });
        framer.push(Bytes::from_static(b"aaaaaaaaaaaaa"));
        assert!(matches!(framer.next().unwrap(), Step::Done));
    }

    #[test]
    fn an_endless_line_is_an_error() {
        let mut framer = Framer::new(0, u64::MAX, Origin { location: "f".into(), from_start: true });
        let chunk = Bytes::from(vec![b'a'; 1 << 20]);
        for _ in 0..LINE_BYTES_MAX >> 20 {
            framer.push(chunk.clone());
            assert!(matches!(framer.next().unwrap(), Step::NeedsBytes));
        }
        framer.push(chunk);
        let error = framer.next().unwrap_err();
        assert_eq!(error.code, ErrorCode::CorruptFile);
        assert!(error.message.contains("line 1 of \"f\""), "{error}");
    }
}
