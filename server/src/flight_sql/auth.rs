//! Who asks: `authorization` headers and the Flight handshake.
//!
//! In this version every name and password is accepted, so the door must listen on loopback only;
//! the name is what the query log records. A token names its user and needs no memory of ours, so it
//! stays valid across restarts and on every node.

use std::{pin::Pin, time::Duration};

use arrow_flight::{BasicAuth, HandshakeRequest, HandshakeResponse};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use futures::{Stream, stream};
use prost::Message;
use tonic::{Request, Response, Status, Streaming, metadata::MetadataMap};

/// The user of calls that do not say.
pub(super) const ANONYMOUS: &str = "anonymous";

/// Longest user name, in bytes.
const USER_BYTES_MAX: usize = 256;

/// How long a handshake may take to send its first message.
const HANDSHAKE_WAIT_MAX: Duration = Duration::from_secs(10);

const AUTHORIZATION: &str = "authorization";
/// Opens our own tokens, so that foreign ones are recognised.
const TOKEN_PREFIX: &str = "scops.";

/// What the handshake answers with.
pub(super) type HandshakeStream = Pin<Box<dyn Stream<Item = Result<HandshakeResponse, Status>> + Send>>;

/// The user in whose name a call is made: from Basic or Bearer, or [`ANONYMOUS`] without either.
pub(super) fn user(headers: &MetadataMap) -> Result<String, Status> {
    Ok(user_of_header(headers)?.unwrap_or_else(|| ANONYMOUS.to_owned()))
}

/// Exchanges credentials for a token. JDBC reads it from the response's header, others from the
/// payload. Missing credentials fail here, not at a later call: DBeaver would show itself connected.
pub(super) async fn handshake(
    request: Request<Streaming<HandshakeRequest>>,
) -> Result<Response<HandshakeStream>, Status> {
    let user = match user_of_header(request.metadata())? {
        Some(user) => user,
        None => user_of_payload(request.into_inner()).await?,
    };
    let token = token_of(&user);
    let header = format!("Bearer {token}").parse().map_err(|_| malformed())?;
    let answer = HandshakeResponse { protocol_version: 0, payload: token.into() };
    let answers: HandshakeStream = Box::pin(stream::iter([Ok(answer)]));
    let mut response = Response::new(answers);
    response.metadata_mut().insert(AUTHORIZATION, header);
    Ok(response)
}

fn user_of_header(headers: &MetadataMap) -> Result<Option<String>, Status> {
    let Some(header) = headers.get(AUTHORIZATION) else {
        return Ok(None);
    };
    let text = header.to_str().map_err(|_| malformed())?;
    let (scheme, credentials) = text.trim().split_once(' ').ok_or_else(malformed)?;
    let credentials = credentials.trim();
    if scheme.eq_ignore_ascii_case("basic") {
        user_of_basic(credentials).map(Some)
    } else if scheme.eq_ignore_ascii_case("bearer") && !credentials.is_empty() {
        user_of_token(credentials).map(Some)
    } else {
        Err(malformed())
    }
}

fn user_of_basic(credentials: &str) -> Result<String, Status> {
    let unpadded = credentials.trim_end_matches('=');
    let decoded = STANDARD_NO_PAD.decode(unpadded).map_err(|_| malformed())?;
    let text = String::from_utf8(decoded).map_err(|_| malformed())?;
    let (user, _password) = text.split_once(':').ok_or_else(malformed)?;
    checked_user(user)
}

/// Tokens of other issuers are let in like passwords are, but name nobody.
fn user_of_token(token: &str) -> Result<String, Status> {
    let Some(encoded) = token.strip_prefix(TOKEN_PREFIX) else {
        return Ok(ANONYMOUS.to_owned());
    };
    let decoded = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| malformed())?;
    let user = String::from_utf8(decoded).map_err(|_| malformed())?;
    checked_user(&user)
}

/// The older form: credentials as the handshake's first message.
async fn user_of_payload(mut messages: Streaming<HandshakeRequest>) -> Result<String, Status> {
    let first = tokio::time::timeout(HANDSHAKE_WAIT_MAX, messages.message())
        .await
        .map_err(|_| Status::deadline_exceeded("the handshake sent no message"))??;
    let payload = first.map(|message| message.payload).unwrap_or_default();
    let basic = BasicAuth::decode(payload).map_err(|_| malformed())?;
    checked_user(&basic.username)
}

fn token_of(user: &str) -> String {
    format!("{TOKEN_PREFIX}{}", URL_SAFE_NO_PAD.encode(user))
}

fn checked_user(user: &str) -> Result<String, Status> {
    let fits = (1..=USER_BYTES_MAX).contains(&user.len());
    if fits && !user.chars().any(char::is_control) {
        return Ok(user.to_owned());
    }
    Err(Status::unauthenticated(format!(
        "a user name has 1 to {USER_BYTES_MAX} bytes and no control characters"
    )))
}

fn malformed() -> Status {
    Status::unauthenticated(
        "the authorization is missing or malformed; send \"Basic\" with user:password in base64, or \"Bearer\" with a token",
    )
}

/// The value of a Basic header.
#[cfg(test)]
pub(super) fn basic_header(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD_NO_PAD.encode(format!("{user}:{password}")))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use tonic::Code;

    use super::*;

    fn user_for(authorization: &str) -> Result<String, Code> {
        let mut headers = MetadataMap::new();
        headers.insert(AUTHORIZATION, authorization.parse().unwrap());
        user(&headers).map_err(|status| status.code())
    }

    #[test]
    fn credentials_name_the_user() {
        assert_eq!(user(&MetadataMap::new()).unwrap(), ANONYMOUS);
        assert_eq!(user_for(&basic_header("ada", "secret")).as_deref(), Ok("ada"));
        assert_eq!(user_for(&basic_header("ada", "")).as_deref(), Ok("ada"));
        assert_eq!(user_for(&basic_header("ada", "a:b")).as_deref(), Ok("ada"));
        assert_eq!(user_for("basic YWRhOng=").as_deref(), Ok("ada"));
        assert_eq!(user_for("Basic YWRhOng").as_deref(), Ok("ada"), "without padding");
        assert_eq!(user_for(&format!("Bearer {}", token_of("ada"))).as_deref(), Ok("ada"));
        assert_eq!(user_for("Bearer of-another-issuer").as_deref(), Ok(ANONYMOUS));
    }

    #[test]
    fn malformed_credentials_are_refused() {
        for bad in
            ["Basic", "Basic ", "Basic !!!", "Bearer ", "Digest abc", "x", "Bearer scops.!!", "Bearer scops."]
        {
            assert_eq!(user_for(bad), Err(Code::Unauthenticated), "{bad}");
        }
        assert_eq!(user_for(&basic_header("", "x")), Err(Code::Unauthenticated));
        assert_eq!(user_for(&basic_header("a\nb", "x")), Err(Code::Unauthenticated));
        assert_eq!(user_for(&basic_header(&"u".repeat(257), "x")), Err(Code::Unauthenticated));
    }
}
