//! The one error that crosses crate and process boundaries.
//!
//! The engine hands errors on between processes as text, so the error carries its own envelope:
//! [`Error::to_envelope`] is a line that [`Error::from_envelope`] finds again inside whatever the
//! engine wrapped around it. Nothing is ever classified by matching prose.

use serde::{Deserialize, Serialize};

use crate::{ErrorCode, QueryId};

/// Shorthand used by every crate's edge.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Where in the statement's text, both counted from 1, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    pub line: u64,
    pub column: u64,
}

/// What went wrong, in words for the user and in a code for programs.
///
/// `message` says what and where, lower case, no final full stop; `hint` says what to do.
/// Neither ever holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{}: {message}", code.label())]
pub struct Error {
    pub code: ErrorCode,
    pub message: String,
    pub hint: Option<String>,
    pub position: Option<Position>,
    pub query_id: Option<QueryId>,
    /// The same statement may succeed when tried again. Decided where the error is born.
    pub retryable: bool,
}

/// Opens the envelope; chosen so that no user text or library message contains it by accident.
const ENVELOPE_OPEN: &str = "\u{1}scops-error\u{2}";
const ENVELOPE_CLOSE: &str = "\u{3}";

impl Error {
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None, position: None, query_id: None, retryable: false }
    }

    /// A fault of ours; `message` says which assumption did not hold.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Internal, message)
    }

    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    #[must_use]
    pub fn at(mut self, line: u64, column: u64) -> Self {
        self.position = Some(Position { line, column });
        self
    }

    #[must_use]
    pub fn retryable(mut self) -> Self {
        self.retryable = true;
        self
    }

    #[must_use]
    pub fn with_query_id(mut self, query_id: QueryId) -> Self {
        self.query_id = Some(query_id);
        self
    }

    /// The text a person reads: label, position, message and hint on one line.
    pub fn to_user_text(&self) -> String {
        let mut text = format!("{} ({}): ", self.code.label(), self.code.number());
        if let Some(at) = self.position {
            text.push_str(&format!("line {}:{}: ", at.line, at.column));
        }
        text.push_str(&self.message);
        if let Some(hint) = &self.hint {
            text.push_str("; ");
            text.push_str(hint);
        }
        text
    }

    /// This error as text that survives being wrapped by others.
    pub fn to_envelope(&self) -> String {
        let json = serde_json::to_string(self).unwrap_or_default();
        format!("{ENVELOPE_OPEN}{json}{ENVELOPE_CLOSE}")
    }

    /// The innermost enveloped error inside `text`, if there is one.
    pub fn from_envelope(text: &str) -> Option<Self> {
        let (_, rest) = text.rsplit_once(ENVELOPE_OPEN)?;
        let (json, _) = rest.split_once(ENVELOPE_CLOSE)?;
        serde_json::from_str(json).ok()
    }
}

/// An [`Error`] whose `Display` is its envelope: what is handed to an engine that will turn it into text.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", .0.to_envelope())]
pub struct Enveloped(pub Error);

impl Error {
    /// This error as a boxed standard error that keeps its type through text.
    pub fn enveloped(self) -> Box<dyn std::error::Error + Send + Sync> {
        Box::new(Enveloped(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn envelope_survives_wrapping() {
        let error = Error::new(ErrorCode::ObjectChanged, "object \"a\" changed")
            .with_hint("run the query again")
            .at(3, 7)
            .retryable();
        let wrapped = format!("External error: worker 7: {} (stage 2)", error.to_envelope());
        assert_eq!(Error::from_envelope(&wrapped), Some(error));
    }

    #[test]
    fn plain_text_has_no_envelope() {
        assert_eq!(Error::from_envelope("SYNTAX_ERROR: nothing here"), None);
    }
}
