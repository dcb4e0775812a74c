//! What can be wrong with an ORC file, before it is known which file it is.

use protocol::{Error, ErrorCode};

/// Raised by the parts of the reader that see bytes only; [`OrcError::at`] adds the file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OrcError {
    /// The bytes contradict the format.
    #[error("{0}")]
    Corrupt(String),
    /// Valid ORC that scops does not read.
    #[error("{0}")]
    NotSupported(String),
    /// A column that cannot become the table's type.
    #[error("{0}")]
    Mismatch(String),
    /// Decoding needs more memory than a stripe may have.
    #[error("{0}")]
    TooLarge(String),
}

impl OrcError {
    pub(crate) fn corrupt(what: impl Into<String>) -> Self {
        Self::Corrupt(what.into())
    }

    /// This error as the user sees it, naming the file.
    pub(crate) fn at(self, location: &storage::Location) -> Error {
        let location = location.to_string();
        match self {
            Self::Corrupt(what) => Error::new(
                ErrorCode::CorruptFile,
                format!("file {location:?} cannot be decoded as ORC: {what}"),
            )
            .with_hint("write the file again, or move it out of the table's location"),
            Self::NotSupported(what) => {
                Error::new(ErrorCode::NotSupported, format!("ORC file {location:?}: {what}"))
            }
            Self::Mismatch(what) => {
                Error::new(ErrorCode::SchemaMismatch, format!("ORC file {location:?}: {what}"))
                    .with_hint("change the column's type in the table, or write the file again")
            }
            Self::TooLarge(what) => {
                Error::new(ErrorCode::MemoryLimitExceeded, format!("ORC file {location:?}: {what}"))
                    .with_hint("select fewer columns, or write the file with smaller stripes")
            }
        }
    }
}
