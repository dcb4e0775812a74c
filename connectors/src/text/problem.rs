//! Where in a file something is wrong, in words.

use protocol::{Error, ErrorCode};

use super::lines::Line;

/// Characters of a bad value that a message shows.
const SHOWN_CHARS_MAX: usize = 100;

/// The file a split is of, for messages.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    pub(super) location: String,
    /// The split begins with the file, so that its line numbers are the file's.
    pub(super) from_start: bool,
}

impl Origin {
    /// An error about what is on `line`: `what at line 7 of "s3://b/t/x.csv"`.
    pub(super) fn error(&self, code: ErrorCode, what: &str, line: &Line<'_>) -> Error {
        let place = match self.from_start {
            true => format!("line {}", line.number),
            false => format!("the line that begins at byte {}", line.offset),
        };
        Error::new(code, format!("{what} at {place} of {:?}", self.location))
    }
}

/// `value` as far as a message shows it.
pub(super) fn shown(value: &[u8]) -> String {
    // Four bytes make a character at most, so no more than these need decoding.
    let head = value.get(..SHOWN_CHARS_MAX * 4).unwrap_or(value);
    let text = String::from_utf8_lossy(head);
    let mut shown: String = text.chars().take(SHOWN_CHARS_MAX).collect();
    if shown.len() < value.len() {
        shown.push('…');
    }
    format!("{shown:?}")
}
