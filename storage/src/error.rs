//! Turns the object store library's errors into ours.
//!
//! A store's error body may quote the access key, so no body text is passed on: only the S3 error
//! code (`<Code>…</Code>`, S3 API reference, "Error responses") is taken out of it.

use object_store::client::{HttpError, HttpErrorKind};
use protocol::{Error, ErrorCode};

/// What was being done, for the message: an object's or a prefix's location.
pub(crate) fn from_store(error: &object_store::Error, location: &str) -> Error {
    let text = error.to_string();
    let s3_code = s3_error_code(&text).unwrap_or_default();
    if let Some(error) = from_s3_code(s3_code, location) {
        return error;
    }
    match error {
        object_store::Error::NotFound { .. } => {
            Error::new(ErrorCode::ObjectMissing, format!("object {location:?} does not exist"))
                .with_hint(
                    "it was there when the query was planned; run the query again, or repair the table",
                )
                .retryable()
        }
        object_store::Error::Precondition { .. } | object_store::Error::NotModified { .. } => {
            changed(location)
        }
        object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. } => {
            denied(s3_code, location)
        }
        object_store::Error::InvalidPath { .. } => Error::new(
            ErrorCode::LocationNotAllowed,
            format!("location {location:?} is not a valid object name"),
        ),
        other => from_transport(other, location),
    }
}

/// The object is not the version that was planned.
pub(crate) fn changed(location: &str) -> Error {
    Error::new(
        ErrorCode::ObjectChanged,
        format!("object {location:?} was replaced after the query was planned"),
    )
    .with_hint("run the query again")
    .retryable()
}

fn denied(s3_code: &str, location: &str) -> Error {
    let said = if s3_code.is_empty() { "" } else { " with " };
    Error::new(
        ErrorCode::AccessDenied,
        format!("the object store refused access to {location:?}{said}{s3_code}"),
    )
    .with_hint("check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and the bucket's policy")
}

fn from_s3_code(code: &str, location: &str) -> Option<Error> {
    match code {
        "NoSuchBucket" => Some(
            Error::new(ErrorCode::BucketNotFound, format!("the bucket of {location:?} does not exist"))
                .with_hint("check the LOCATION of the table and storage.s3.endpoint"),
        ),
        "AccessDenied"
        | "SignatureDoesNotMatch"
        | "InvalidAccessKeyId"
        | "ExpiredToken"
        | "InvalidToken"
        | "AuthorizationHeaderMalformed" => Some(denied(code, location)),
        "PreconditionFailed" => Some(changed(location)),
        _ => None,
    }
}

fn from_transport(error: &object_store::Error, location: &str) -> Error {
    let endpoint_hint = "check storage.s3.endpoint, and that the server is up";
    match http_error_kind(error) {
        Some(HttpErrorKind::Connect) => Error::new(
            ErrorCode::StorageUnreachable,
            format!("no connection to the object store for {location:?}"),
        )
        .with_hint(endpoint_hint)
        .retryable(),
        Some(HttpErrorKind::Timeout) => Error::new(
            ErrorCode::StorageUnreachable,
            format!("the object store did not answer in time for {location:?}"),
        )
        .with_hint(endpoint_hint)
        .retryable(),
        Some(_) => Error::new(
            ErrorCode::StorageFailed,
            format!("the connection to the object store broke while reading {location:?}"),
        )
        .retryable(),
        None => other(error, location),
    }
}

fn other(error: &object_store::Error, location: &str) -> Error {
    let text = error.to_string();
    if text.contains("InstanceCredentials") || text.contains("credential") {
        return Error::new(
            ErrorCode::AccessDenied,
            format!("no credentials were found to read {location:?}"),
        )
        .with_hint("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a web identity");
    }
    let status = text
        .split_once("status code: ")
        .map(|(_, rest)| rest.chars().take_while(char::is_ascii_digit).collect::<String>());
    let code = s3_error_code(&text).unwrap_or("no error code");
    match status {
        Some(status) => {
            let failed = Error::new(
                ErrorCode::StorageFailed,
                format!("the object store answered {status} ({code}) for {location:?}"),
            );
            if status.starts_with('5') || status == "429" { failed.retryable() } else { failed }
        }
        None => Error::new(
            ErrorCode::StorageFailed,
            format!("reading {location:?} failed: {}", first_line(&text)),
        ),
    }
}

fn first_line(text: &str) -> &str {
    const MESSAGE_CHARS_MAX: usize = 300;
    let line = text.lines().next().unwrap_or_default();
    line.char_indices().nth(MESSAGE_CHARS_MAX).map_or(line, |(end, _)| &line[..end])
}

fn http_error_kind(error: &object_store::Error) -> Option<HttpErrorKind> {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(current) = next {
        if let Some(http) = current.downcast_ref::<HttpError>() {
            return Some(http.kind());
        }
        next = current.source();
    }
    None
}

fn s3_error_code(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("<Code>")?;
    rest.split_once("</Code>").map(|(code, _)| code)
}
