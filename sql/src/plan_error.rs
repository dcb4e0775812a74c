//! What the engine says, when it plans or runs a query, as a typed error in Athena's words.
//!
//! The engine has few kinds of errors and much prose. Kinds decide; prose is matched only where the
//! engine has nothing else: an unknown table or function. An error of ours that the engine carried along
//! as text wins over anything the engine adds.

use std::{error::Error as StdError, sync::Arc};

use datafusion::{
    arrow::error::ArrowError,
    common::{Column, Diagnostic, SchemaError},
    error::DataFusionError,
    object_store,
    parquet::errors::ParquetError,
};
use protocol::{Enveloped, Error, ErrorCode};

use crate::nearest;

/// Longest chain of causes that is followed.
const CAUSES_MAX: usize = 64;

/// The typed error behind `err`.
pub fn plan_error(err: DataFusionError) -> Error {
    if let Some(error) = Error::from_envelope(&err.to_string()) {
        return error;
    }
    let causes = causes(&err);
    if let Some(error) = causes.iter().find_map(|cause| ours(*cause)) {
        return error;
    }
    let diagnostic = causes.iter().find_map(|cause| match cause.downcast_ref() {
        Some(DataFusionError::Diagnostic(diagnostic, _)) => Some(diagnostic.as_ref()),
        _ => None,
    });
    // The innermost cause that has a kind knows most.
    let error = causes.iter().rev().find_map(|cause| typed(*cause, diagnostic));
    let error = error.unwrap_or_else(|| Error::internal(plain(&err.to_string())));
    with_place(error, diagnostic)
}

/// `err` and what it wraps, outermost first.
fn causes(err: &DataFusionError) -> Vec<&(dyn StdError + 'static)> {
    let mut causes: Vec<&(dyn StdError + 'static)> = vec![err];
    while causes.len() < CAUSES_MAX
        && let Some(last) = causes.last()
        && let Some(next) = next_cause(*last)
    {
        causes.push(next);
    }
    causes
}

fn next_cause<'a>(cause: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    if let Some(shared) = cause.downcast_ref::<Arc<DataFusionError>>() {
        return Some(shared.as_ref());
    }
    match cause.downcast_ref::<DataFusionError>() {
        Some(DataFusionError::Shared(inner)) => Some(inner.as_ref()),
        Some(DataFusionError::Context(_, inner) | DataFusionError::Diagnostic(_, inner)) => {
            Some(inner.as_ref())
        }
        Some(DataFusionError::External(inner)) => Some(inner.as_ref()),
        Some(DataFusionError::Collection(errors)) => {
            errors.first().map(|first| first as &(dyn StdError + 'static))
        }
        Some(DataFusionError::ArrowError(inner, _)) => Some(inner.as_ref()),
        Some(DataFusionError::ParquetError(inner)) => Some(inner.as_ref()),
        Some(DataFusionError::ObjectStore(inner)) => Some(inner.as_ref()),
        _ => match (cause.downcast_ref::<ArrowError>(), cause.downcast_ref::<ParquetError>()) {
            (Some(ArrowError::ExternalError(inner)), _) => Some(inner.as_ref()),
            (_, Some(ParquetError::External(inner))) => Some(inner.as_ref()),
            _ => cause.source(),
        },
    }
}

fn ours(cause: &(dyn StdError + 'static)) -> Option<Error> {
    let enveloped = cause.downcast_ref::<Enveloped>().map(|enveloped| enveloped.0.clone());
    enveloped.or_else(|| cause.downcast_ref::<Error>().cloned())
}

/// This cause as a typed error, if its kind says anything.
fn typed(cause: &(dyn StdError + 'static), diagnostic: Option<&Diagnostic>) -> Option<Error> {
    if let Some(error) = cause.downcast_ref::<DataFusionError>() {
        return engine_error(error, diagnostic);
    }
    if let Some(error) = cause.downcast_ref::<ArrowError>() {
        return arrow_error(error);
    }
    if let Some(error) = cause.downcast_ref::<object_store::Error>() {
        return Some(store_error(error));
    }
    if let Some(error) = cause.downcast_ref::<ParquetError>() {
        return match error {
            ParquetError::External(_) => None,
            error => Some(Error::new(ErrorCode::CorruptFile, plain(&error.to_string()))),
        };
    }
    None
}

fn engine_error(error: &DataFusionError, diagnostic: Option<&Diagnostic>) -> Option<Error> {
    let code = match error {
        DataFusionError::SchemaError(error, _) => return Some(schema_error(error)),
        DataFusionError::Plan(message) => return Some(planning_error(&plain(message), diagnostic)),
        DataFusionError::NotImplemented(message) => {
            return Some(Error::new(ErrorCode::NotSupported, format!("not supported: {}", plain(message))));
        }
        DataFusionError::Execution(message) => {
            return Some(Error::new(ErrorCode::InvalidValue, plain(message)));
        }
        DataFusionError::ResourcesExhausted(message) => {
            return Some(
                Error::new(ErrorCode::MemoryLimitExceeded, plain(message))
                    .with_hint("select fewer rows or columns, or raise the memory limit"),
            );
        }
        DataFusionError::IoError(_) => ErrorCode::StorageFailed,
        DataFusionError::Internal(_)
        | DataFusionError::Configuration(_)
        | DataFusionError::SQL(..)
        | DataFusionError::ExecutionJoin(_)
        | DataFusionError::Substrait(_)
        | DataFusionError::Ffi(_) => ErrorCode::Internal,
        // Wrappers: what they wrap has been asked already and had no kind.
        _ => return None,
    };
    Some(Error::new(code, plain(&error.to_string())))
}

/// The engine's planner has one kind of error; unknown tables and functions are told by their words.
fn planning_error(message: &str, diagnostic: Option<&Diagnostic>) -> Error {
    if let Some(name) = between(message, "table '", "' not found") {
        return Error::new(ErrorCode::TableNotFound, format!("Table '{}' does not exist", short_name(name)));
    }
    if let Some(name) = between(message, "table function '", "' not found") {
        return Error::new(ErrorCode::FunctionNotFound, format!("Table function '{name}' not registered"));
    }
    if let Some(name) = between(message, "Invalid function '", "'") {
        let error = Error::new(ErrorCode::FunctionNotFound, format!("Function '{name}' not registered"));
        let suggested = between(message, "Did you mean '", "'");
        // The engine always suggests something; only what is near helps.
        return match suggested.and_then(|suggested| nearest(name, [suggested])) {
            Some(suggested) => error.with_hint(format!("did you mean '{suggested}'?")),
            None => error,
        };
    }
    let Some(diagnostic) = diagnostic else {
        return Error::new(ErrorCode::InvalidQuery, message);
    };
    let error = Error::new(ErrorCode::InvalidQuery, plain(&diagnostic.message));
    match diagnostic.helps.first() {
        Some(help) => error.with_hint(plain(&help.message)),
        None => error,
    }
}

/// The text after `open` and before the next `close`, if `message` has both.
fn between<'a>(message: &'a str, open: &str, close: &str) -> Option<&'a str> {
    let (_, rest) = message.split_once(open)?;
    let (inside, _) = rest.split_once(close)?;
    Some(inside)
}

/// The engine writes `catalog.database.table`; users know one catalog only.
fn short_name(name: &str) -> &str {
    match name.match_indices('.').collect::<Vec<_>>().as_slice() {
        [(first, _), _] => name.get(first + 1..).unwrap_or(name),
        _ => name,
    }
}

fn schema_error(error: &SchemaError) -> Error {
    match error {
        SchemaError::FieldNotFound { field, valid_fields } => {
            let message = format!("Column '{}' cannot be resolved", field.flat_name());
            let error = Error::new(ErrorCode::ColumnNotFound, message);
            match meant_column(field, valid_fields) {
                Some(meant) => error.with_hint(format!("did you mean '{meant}'?")),
                None => error,
            }
        }
        SchemaError::AmbiguousReference { field } => {
            Error::new(ErrorCode::InvalidQuery, format!("Column '{}' is ambiguous", field.flat_name()))
                .with_hint("write the table's name or alias in front of it")
        }
        SchemaError::DuplicateQualifiedField { name, .. }
        | SchemaError::DuplicateUnqualifiedField { name } => {
            Error::new(ErrorCode::InvalidQuery, format!("Column name '{name}' is specified more than once"))
                .with_hint("give one of them another name with AS")
        }
    }
}

/// The valid column most like `field`: by its own name first, then by its name in full.
fn meant_column(field: &Column, valid_fields: &[Column]) -> Option<String> {
    if let Some(name) = nearest(&field.name, valid_fields.iter().map(|valid| valid.name.as_str())) {
        return Some(name);
    }
    let full: Vec<String> = valid_fields.iter().map(Column::flat_name).collect();
    nearest(&field.flat_name(), full.iter().map(String::as_str))
}

fn arrow_error(error: &ArrowError) -> Option<Error> {
    let (code, message) = match error {
        ArrowError::ExternalError(_) => return None,
        ArrowError::DivideByZero => (ErrorCode::DivisionByZero, "Division by zero".to_owned()),
        ArrowError::CastError(message)
        | ArrowError::ComputeError(message)
        | ArrowError::ArithmeticOverflow(message)
        | ArrowError::ParseError(message)
        | ArrowError::InvalidArgumentError(message) => (ErrorCode::InvalidValue, message.clone()),
        ArrowError::OffsetOverflowError(_)
        | ArrowError::DictionaryKeyOverflowError
        | ArrowError::RunEndIndexOverflowError
        | ArrowError::MemoryError(_) => (ErrorCode::MemoryLimitExceeded, error.to_string()),
        ArrowError::SchemaError(message) => (ErrorCode::SchemaMismatch, message.clone()),
        ArrowError::CsvError(message)
        | ArrowError::JsonError(message)
        | ArrowError::AvroError(message)
        | ArrowError::ParquetError(message)
        | ArrowError::IpcError(message) => (ErrorCode::CorruptFile, message.clone()),
        ArrowError::NotYetImplemented(message) => (ErrorCode::NotSupported, message.clone()),
        ArrowError::IoError(message, _) => (ErrorCode::StorageFailed, message.clone()),
        ArrowError::CDataInterface(message) => (ErrorCode::Internal, message.clone()),
    };
    Some(Error::new(code, plain(&message)))
}

fn store_error(error: &object_store::Error) -> Error {
    use object_store::Error as Store;
    match error {
        Store::NotFound { path, .. } => {
            Error::new(ErrorCode::ObjectMissing, format!("object '{path}' does not exist"))
        }
        Store::Precondition { path, .. } => {
            Error::new(ErrorCode::ObjectChanged, format!("object '{path}' changed during the query"))
                .retryable()
        }
        Store::PermissionDenied { path, .. } | Store::Unauthenticated { path, .. } => {
            Error::new(ErrorCode::AccessDenied, format!("access to object '{path}' was denied"))
        }
        error => Error::new(ErrorCode::StorageFailed, plain(&error.to_string())).retryable(),
    }
}

/// The engine's text without a stack trace, on one line.
fn plain(message: &str) -> String {
    let message = message.split(DataFusionError::BACK_TRACE_SEP).next().unwrap_or_default();
    let lines: Vec<&str> = message.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join(" ").trim_end_matches('.').to_owned()
}

/// The diagnostic's place in the statement, unless the error has one.
fn with_place(error: Error, diagnostic: Option<&Diagnostic>) -> Error {
    match diagnostic.and_then(|diagnostic| diagnostic.span) {
        Some(span) if error.position.is_none() && span.start.line > 0 => {
            error.at(span.start.line, span.start.column)
        }
        _ => error,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;
