//! How a failure looks to a gRPC client: the one place that maps error codes to gRPC codes.
//!
//! The code travels twice: as gRPC's coarse code, on which drivers choose their exception class, and
//! exactly, in headers. The message is the text for people; it is never a debug dump.

use arrow::error::ArrowError;
use protocol::{Error, ErrorCode, QueryId};
use tonic::{
    Code, Status,
    metadata::{MetadataMap, MetadataValue},
};

/// Header with the error's number, for example `1002`.
pub(crate) const ERROR_CODE_HEADER: &str = "x-scops-error-code";
/// Header with the error's label, for example `TABLE_NOT_FOUND`.
pub(crate) const ERROR_LABEL_HEADER: &str = "x-scops-error-label";
/// Header with the query that failed, when there was one.
pub(crate) const QUERY_ID_HEADER: &str = "x-scops-query-id";
/// Header that says `true` when the same request may succeed if sent again.
pub(crate) const RETRYABLE_HEADER: &str = "x-scops-retryable";

/// Longest message, in bytes as gRPC encodes it. Java clients drop a response whose headers exceed
/// 8 KiB altogether, and with it the error.
const MESSAGE_ENCODED_BYTES_MAX: usize = 4 * 1024;

/// `error` for a client.
pub(crate) fn to_status(error: &Error) -> Status {
    let message = shortened(error.to_user_text());
    Status::with_metadata(grpc_code(error.code), message, headers(error))
}

/// `error` for a client, naming the query it belongs to.
pub(crate) fn query_status(query_id: QueryId, error: Error) -> Status {
    let named = match error.query_id {
        Some(_) => error,
        None => error.with_query_id(query_id),
    };
    to_status(&named)
}

/// A library's failure on data of ours: a fault of scops.
pub(crate) fn arrow_status(error: ArrowError) -> Status {
    to_status(&Error::internal(error.to_string()))
}

fn grpc_code(code: ErrorCode) -> Code {
    match code {
        ErrorCode::SyntaxError
        | ErrorCode::ColumnNotFound
        | ErrorCode::FunctionNotFound
        | ErrorCode::InvalidQuery
        | ErrorCode::InvalidTable
        | ErrorCode::InvalidValue
        | ErrorCode::DivisionByZero
        | ErrorCode::NumericValueOutOfRange
        | ErrorCode::InvalidFunctionArgument
        | ErrorCode::InvalidCastArgument
        | ErrorCode::TypeMismatch
        | ErrorCode::SubqueryMultipleRows => Code::InvalidArgument,
        ErrorCode::TableNotFound
        | ErrorCode::DatabaseNotFound
        | ErrorCode::PartitionNotFound
        | ErrorCode::BucketNotFound => Code::NotFound,
        ErrorCode::AlreadyExists => Code::AlreadyExists,
        ErrorCode::NotSupported => Code::Unimplemented,
        ErrorCode::CorruptFile => Code::DataLoss,
        // Not `NotFound`: the statement is right, the files behind the table are not.
        ErrorCode::DatabaseNotEmpty | ErrorCode::ObjectMissing | ErrorCode::SchemaMismatch => {
            Code::FailedPrecondition
        }
        ErrorCode::ObjectChanged => Code::Aborted,
        ErrorCode::BytesLimitExceeded | ErrorCode::MemoryLimitExceeded => Code::ResourceExhausted,
        ErrorCode::DeadlineExceeded => Code::DeadlineExceeded,
        ErrorCode::Cancelled => Code::Cancelled,
        ErrorCode::LocationNotAllowed | ErrorCode::AccessDenied => Code::PermissionDenied,
        ErrorCode::StorageUnreachable
        | ErrorCode::StorageFailed
        | ErrorCode::CatalogFailed
        | ErrorCode::NoWorkers
        | ErrorCode::WorkerLost => Code::Unavailable,
        ErrorCode::Internal => Code::Internal,
    }
}

fn headers(error: &Error) -> MetadataMap {
    let mut headers = MetadataMap::new();
    headers.insert(ERROR_CODE_HEADER, error.code.number().into());
    headers.insert(ERROR_LABEL_HEADER, MetadataValue::from_static(error.code.label()));
    headers
        .insert(RETRYABLE_HEADER, MetadataValue::from_static(if error.retryable { "true" } else { "false" }));
    let query_id = error.query_id.map(|id| id.to_string().parse());
    if let Some(Ok(id)) = query_id {
        headers.insert(QUERY_ID_HEADER, id);
    }
    headers
}

fn shortened(message: String) -> String {
    const ELLIPSIS: &str = "…";
    let mut encoded_bytes = 0;
    let end = message.char_indices().find_map(|(at, c)| {
        encoded_bytes += encoded_len(c);
        (encoded_bytes > MESSAGE_ENCODED_BYTES_MAX).then_some(at)
    });
    match end.and_then(|end| message.get(..end)) {
        Some(start) => format!("{start}{ELLIPSIS}"),
        None => message,
    }
}

/// Bytes of one character in a gRPC message, which is percent-encoded outside printable ASCII.
fn encoded_len(c: char) -> usize {
    let plain = (' '..='~').contains(&c) && c != '%';
    if plain { 1 } else { 3 * c.len_utf8() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn header<'a>(status: &'a Status, name: &str) -> Option<&'a str> {
        status.metadata().get(name).map(|value| value.to_str().unwrap())
    }

    #[test]
    fn a_missing_table_is_not_found_with_its_exact_code_in_headers() {
        let query_id = QueryId::generate();
        let error = Error::new(ErrorCode::TableNotFound, "no table \"orderz\" in \"default\"")
            .with_hint("did you mean \"orders\"?")
            .at(1, 15);
        let status = query_status(query_id, error);
        assert_eq!(status.code(), Code::NotFound);
        assert_eq!(
            status.message(),
            "TABLE_NOT_FOUND (1002): line 1:15: no table \"orderz\" in \"default\"; did you mean \"orders\"?"
        );
        assert_eq!(header(&status, ERROR_CODE_HEADER), Some("1002"));
        assert_eq!(header(&status, ERROR_LABEL_HEADER), Some("TABLE_NOT_FOUND"));
        assert_eq!(header(&status, RETRYABLE_HEADER), Some("false"));
        assert_eq!(header(&status, QUERY_ID_HEADER), Some(query_id.to_string().as_str()));
    }

    #[test]
    fn a_query_id_given_at_the_origin_is_kept() {
        let origin = QueryId::generate();
        let error = Error::new(ErrorCode::WorkerLost, "worker 3 went away").with_query_id(origin).retryable();
        let status = query_status(QueryId::generate(), error);
        assert_eq!(header(&status, QUERY_ID_HEADER), Some(origin.to_string().as_str()));
        assert_eq!(header(&status, RETRYABLE_HEADER), Some("true"));
    }

    #[test]
    fn no_code_becomes_ok_or_unknown() {
        for code in ErrorCode::ALL {
            let mapped = to_status(&Error::new(*code, "x")).code();
            assert!(!matches!(mapped, Code::Ok | Code::Unknown), "{code:?}");
        }
    }

    #[test]
    fn only_faults_of_ours_are_internal() {
        for code in ErrorCode::ALL {
            let internal = grpc_code(*code) == Code::Internal;
            assert_eq!(internal, code.class() == protocol::ErrorClass::Internal, "{code:?}");
        }
    }

    #[test]
    fn long_messages_are_cut_at_a_character() {
        for unit in ["a", "é", "%", "漢"] {
            let text = shortened(unit.repeat(10_000));
            let encoded: usize = text.chars().map(encoded_len).sum();
            assert!(encoded <= MESSAGE_ENCODED_BYTES_MAX + encoded_len('…'), "{unit}");
            assert!(text.ends_with('…'), "{unit}");
        }
        assert_eq!(shortened("short".to_owned()), "short");
    }
}
