//! Session options: the current catalog and schema of a connection.
//!
//! JDBC sets `catalog` when it connects and fails if that fails; ADBC sets both. The session lives in
//! the cookie itself, so it costs no memory here and works on every node; a client that keeps no
//! cookies simply has no session.
//!
//! arrow-flight 59 has no messages for the session actions, so they are written out here, field by
//! field as in Flight.proto.

use std::collections::HashMap;

use arrow_flight::Action;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use prost::Message;
use serde::{Deserialize, Serialize};
use tonic::{Response, Status, metadata::MetadataMap};

use super::{
    caller::Caller,
    metadata::{CATALOG, database_exists},
    service::{ActionStream, FlightSql, action_results},
};

pub(super) const SET_SESSION_OPTIONS: &str = "SetSessionOptions";
pub(super) const GET_SESSION_OPTIONS: &str = "GetSessionOptions";
pub(super) const CLOSE_SESSION: &str = "CloseSession";

const COOKIE_NAME: &str = "arrow_flight_session_id";
/// Option with the current catalog; there is only [`CATALOG`].
const CATALOG_OPTION: &str = "catalog";
/// Option with the current database.
const SCHEMA_OPTION: &str = "schema";

/// A connection's options, as the cookie carries them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Session {
    #[serde(default)]
    pub(super) schema: Option<String>,
}

/// The session of a call. A cookie that cannot be read is no session: it may be another server's.
pub(super) fn of(headers: &MetadataMap) -> Session {
    let cookies = headers.get_all("cookie");
    let texts = cookies.iter().filter_map(|value| value.to_str().ok());
    texts
        .flat_map(|text| text.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE_NAME)
        .and_then(|(_, value)| decoded(value))
        .unwrap_or_default()
}

/// Answers `SetSessionOptions`: what is accepted goes into the cookie, the rest into `errors`.
pub(super) async fn set_options(
    door: &FlightSql,
    headers: &MetadataMap,
    action: Action,
) -> Result<Response<ActionStream>, Status> {
    let request = SetSessionOptionsRequest::decode(action.body).map_err(super::malformed)?;
    let mut session = of(headers);
    let mut errors = HashMap::new();
    for (name, value) in request.session_options {
        if let Err(value) = set_option(door, &mut session, &name, value.option_value).await? {
            errors.insert(name, SetOptionError { value: value as i32 });
        }
    }
    let mut response = answer(&SetSessionOptionsResult { errors });
    set_cookie(&mut response, &encoded(&session)?)?;
    Ok(response)
}

/// Answers `GetSessionOptions` with what statements of this call would run in.
pub(super) fn get_options(headers: &MetadataMap) -> Result<Response<ActionStream>, Status> {
    let schema = Caller::of(headers)?.database;
    let session_options = HashMap::from([
        (CATALOG_OPTION.to_owned(), text_value(CATALOG)),
        (SCHEMA_OPTION.to_owned(), text_value(&schema)),
    ]);
    Ok(answer(&GetSessionOptionsResult { session_options }))
}

/// Answers `CloseSession`: the client forgets the cookie.
pub(super) fn close() -> Result<Response<ActionStream>, Status> {
    let mut response = answer(&CloseSessionResult { status: CloseStatus::Closed as i32 });
    set_cookie(&mut response, "; Max-Age=0")?;
    Ok(response)
}

/// Sets one option. The inner error is the client's to see per option, the outer one fails the call.
async fn set_option(
    door: &FlightSql,
    session: &mut Session,
    name: &str,
    value: Option<OptionValue>,
) -> Result<Result<(), SetOptionErrorValue>, Status> {
    match (name, value) {
        (CATALOG_OPTION, Some(OptionValue::Text(catalog))) if catalog.eq_ignore_ascii_case(CATALOG) => {}
        // No value takes the option back.
        (CATALOG_OPTION, None) => {}
        (SCHEMA_OPTION, None) => session.schema = None,
        (SCHEMA_OPTION, Some(OptionValue::Text(schema))) if database_exists(door, &schema).await? => {
            session.schema = Some(schema);
        }
        (CATALOG_OPTION | SCHEMA_OPTION, Some(_)) => {
            return Ok(Err(SetOptionErrorValue::InvalidValue));
        }
        _ => return Ok(Err(SetOptionErrorValue::InvalidName)),
    }
    Ok(Ok(()))
}

fn encoded(session: &Session) -> Result<String, Status> {
    let json = serde_json::to_vec(session).map_err(|error| Status::internal(error.to_string()))?;
    Ok(URL_SAFE_NO_PAD.encode(json))
}

fn decoded(value: &str) -> Option<Session> {
    let json = URL_SAFE_NO_PAD.decode(value.trim().trim_matches('"')).ok()?;
    serde_json::from_slice(&json).ok()
}

fn set_cookie(response: &mut Response<ActionStream>, value: &str) -> Result<(), Status> {
    let cookie = format!("{COOKIE_NAME}={value}")
        .parse()
        .map_err(|_| Status::internal("a session cookie is not plain text"))?;
    response.metadata_mut().insert("set-cookie", cookie);
    Ok(())
}

fn answer(message: &impl Message) -> Response<ActionStream> {
    action_results([message.encode_to_vec()])
}

fn text_value(text: &str) -> SessionOptionValue {
    SessionOptionValue { option_value: Some(OptionValue::Text(text.to_owned())) }
}

#[derive(Clone, PartialEq, Message)]
struct SetSessionOptionsRequest {
    #[prost(map = "string, message", tag = "1")]
    session_options: HashMap<String, SessionOptionValue>,
}

#[derive(Clone, PartialEq, Message)]
struct SetSessionOptionsResult {
    #[prost(map = "string, message", tag = "1")]
    errors: HashMap<String, SetOptionError>,
}

#[derive(Clone, PartialEq, Message)]
struct GetSessionOptionsResult {
    #[prost(map = "string, message", tag = "1")]
    session_options: HashMap<String, SessionOptionValue>,
}

#[derive(Clone, PartialEq, Message)]
struct CloseSessionResult {
    #[prost(enumeration = "CloseStatus", tag = "1")]
    status: i32,
}

#[derive(Clone, PartialEq, Message)]
struct SetOptionError {
    #[prost(enumeration = "SetOptionErrorValue", tag = "1")]
    value: i32,
}

#[derive(Clone, PartialEq, Message)]
struct SessionOptionValue {
    #[prost(oneof = "OptionValue", tags = "1, 2, 3, 4, 5")]
    option_value: Option<OptionValue>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum OptionValue {
    #[prost(string, tag = "1")]
    Text(String),
    #[prost(bool, tag = "2")]
    Truth(bool),
    #[prost(sfixed64, tag = "3")]
    Integer(i64),
    #[prost(double, tag = "4")]
    Real(f64),
    #[prost(message, tag = "5")]
    TextList(TextList),
}

#[derive(Clone, PartialEq, Message)]
struct TextList {
    #[prost(string, repeated, tag = "1")]
    values: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
enum SetOptionErrorValue {
    Unspecified = 0,
    InvalidName = 1,
    InvalidValue = 2,
    Error = 3,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
enum CloseStatus {
    Unspecified = 0,
    Closed = 1,
    Closing = 2,
    NotCloseable = 3,
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn session_of(cookie: &str) -> Session {
        let mut headers = MetadataMap::new();
        headers.insert("cookie", cookie.parse().unwrap());
        of(&headers)
    }

    #[test]
    fn a_session_survives_its_cookie() {
        let session = Session { schema: Some("größe; a=b".to_owned()) };
        let value = encoded(&session).unwrap();
        assert_eq!(session_of(&format!("{COOKIE_NAME}={value}")), session);
        assert_eq!(session_of(&format!("other=1; {COOKIE_NAME}={value}; x=y")), session);
        assert_eq!(session_of(&format!("{COOKIE_NAME}=\"{value}\"")), session);
    }

    #[test]
    fn foreign_cookies_are_no_session() {
        assert_eq!(of(&MetadataMap::new()), Session::default());
        for cookie in ["", "x", "other=1", "arrow_flight_session_id=", "arrow_flight_session_id=5f1c-aa"] {
            assert_eq!(session_of(cookie), Session::default(), "{cookie}");
        }
    }

    #[test]
    fn messages_have_the_protocols_field_numbers() {
        let request =
            SetSessionOptionsRequest { session_options: HashMap::from([("a".to_owned(), text_value("b"))]) };
        assert_eq!(request.encode_to_vec(), b"\x0a\x08\x0a\x01a\x12\x03\x0a\x01b");
        let closed = CloseSessionResult { status: CloseStatus::Closed as i32 };
        assert_eq!(closed.encode_to_vec(), b"\x08\x01");
    }
}
