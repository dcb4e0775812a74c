//! Why a function has no result.

use std::fmt;

use datafusion::error::DataFusionError;
use protocol::{Error, ErrorCode};

/// A failure with Trino's name for its kind. [`Fault::can_be_tried`] tells which of them `TRY` turns into NULL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub code: ErrorCode,
    /// In Trino's words where it has any.
    pub message: String,
}

impl Fault {
    fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// `DIVISION_BY_ZERO`
    pub fn division_by_zero() -> Self {
        Self::new(ErrorCode::DivisionByZero, "Division by zero")
    }

    /// `NUMERIC_VALUE_OUT_OF_RANGE`: a number that its type cannot hold.
    pub fn out_of_range(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::NumericValueOutOfRange, message)
    }

    /// `INVALID_FUNCTION_ARGUMENT`: a value the function does not take.
    pub fn invalid_argument(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidFunctionArgument, message)
    }

    /// `INVALID_CAST_ARGUMENT`: a value that cannot become the other type.
    pub fn invalid_cast(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidCastArgument, message)
    }

    /// A subquery that stands for one value has several rows.
    pub fn subquery_multiple_rows() -> Self {
        Self::new(ErrorCode::SubqueryMultipleRows, "Scalar sub-query has returned multiple rows")
    }

    /// `TYPE_MISMATCH`: no meaning for these types; found while planning.
    pub fn type_mismatch(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::TypeMismatch, message)
    }

    /// `FUNCTION_NOT_FOUND`: no such function, or not with arguments of these types.
    pub fn function_not_found(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::FunctionNotFound, message)
    }

    /// `NOT_SUPPORTED`: has a meaning in Trino, and none here.
    pub fn not_supported(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::NotSupported, message)
    }

    /// The text of a type cannot be read.
    pub(crate) fn invalid_type(text: &str) -> Self {
        Self::type_mismatch(format!("'{text}' is not a type"))
    }

    pub(crate) fn unknown_type(name: &str) -> Self {
        Self::type_mismatch(format!("Unknown type: {name}"))
    }

    /// A fault of ours: an array is not what the types promise.
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Internal, message)
    }

    /// True for failures that lie in a value: `TRY` returns NULL for these and no others
    /// (<https://trino.io/docs/current/functions/conditional.html#try>).
    pub fn can_be_tried(code: ErrorCode) -> bool {
        matches!(
            code,
            ErrorCode::DivisionByZero
                | ErrorCode::NumericValueOutOfRange
                | ErrorCode::InvalidFunctionArgument
                | ErrorCode::InvalidCastArgument
        )
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.label(), self.message)
    }
}

impl std::error::Error for Fault {}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Error::new(fault.code, fault.message)
    }
}

impl From<Fault> for DataFusionError {
    /// Keeps its kind on the way through the engine and between processes.
    fn from(fault: Fault) -> Self {
        DataFusionError::External(Error::from(fault).enveloped())
    }
}
