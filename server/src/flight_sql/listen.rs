//! The listener: gRPC limits, upkeep and the way down.
//!
//! tonic sets no limit by itself; every one it offers is set here.

use std::{
    future::Future,
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};

use arrow_flight::flight_service_server::FlightServiceServer;
use coordinator::Coordinator;
use protocol::{Error, Result};
use tokio::{net::TcpListener, sync::oneshot};
use tonic::transport::{Server, server::TcpIncoming};

use super::{door::Door, service::FlightSql};

/// Calls that one connection may have open. ADBC and JDBC open a few; a pool shares one connection.
const CONCURRENT_STREAMS_MAX: u32 = 256;
/// Calls of one connection that may be waiting for their answer to begin.
const CONCURRENT_CALLS_MAX: usize = 256;
/// How long a call may take until its answer begins: DDL and `CREATE TABLE AS` run before. Above the
/// engine's own deadline, which gives the better message.
const CALL_TIME_MAX: Duration = Duration::from_secs(2 * 60 * 60);

/// How often a silent connection is asked for a sign of life; keeps proxies from closing it, too.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);
/// How long a sign of life may take. After it the connection's queries are cancelled.
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(10);
/// The same one layer below, for connections that have not spoken HTTP/2 yet.
const TCP_KEEPALIVE: Duration = Duration::from_secs(30);
/// Age at which clients are asked to reconnect, so that load balancers can spread them anew. Calls in
/// progress are finished first.
const CONNECTION_AGE_MAX: Duration = Duration::from_secs(60 * 60);
/// How long calls may go on after that.
const CONNECTION_AGE_GRACE: Duration = Duration::from_secs(2 * 60 * 60);

/// Largest message taken from a client: statements, and parameters once they are supported.
const RECEIVED_MESSAGE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Largest message sent. Messages aim at 2 MiB; only a single wide row grows beyond.
const SENT_MESSAGE_BYTES_MAX: usize = 512 * 1024 * 1024;
/// Bytes a client may send ahead, per call and per connection.
const STREAM_WINDOW_BYTES: u32 = 1024 * 1024;
const CONNECTION_WINDOW_BYTES: u32 = 4 * 1024 * 1024;
/// Largest HTTP/2 frame taken.
const FRAME_BYTES_MAX: u32 = 64 * 1024;
/// Largest set of headers taken.
const HEADER_BYTES_MAX: u32 = 32 * 1024;
/// Streams reset by a client before they were served; the defence against rapid reset.
const RESET_STREAMS_MAX: usize = 64;

/// How often results and statements are looked through for expired ones.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(30);
/// How long running queries may go on after the shutdown began.
const DRAIN_TIME_MAX: Duration = Duration::from_secs(30);

/// Serves Flight SQL on `listener` until `shutdown` resolves, then lets running queries finish for
/// half a minute and cancels the rest.
///
/// Every user and password is accepted: `listener` must be bound to loopback.
pub async fn serve_flight(
    coordinator: Arc<Coordinator>,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<()> {
    let door = FlightSql::new(coordinator).map_err(|status| Error::internal(status.message()))?;
    let door = Arc::new(door);
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true)).with_keepalive(Some(TCP_KEEPALIVE));
    let (draining, drain) = oneshot::channel();
    let began = async {
        shutdown.await;
        // The receiver lives as long as the upkeep below.
        let _ = draining.send(());
    };
    let service = FlightServiceServer::new(Door(Arc::clone(&door)))
        .max_decoding_message_size(RECEIVED_MESSAGE_BYTES_MAX)
        .max_encoding_message_size(SENT_MESSAGE_BYTES_MAX);
    let serving = limited_server().add_service(service).serve_with_incoming_shutdown(incoming, began);
    tokio::select! {
        served = serving => served.map_err(|error| Error::internal(format!("the Flight listener failed: {error}"))),
        () = upkeep(&door, drain) => Ok(()),
    }
}

fn limited_server() -> Server {
    Server::builder()
        .timeout(CALL_TIME_MAX)
        .concurrency_limit_per_connection(CONCURRENT_CALLS_MAX)
        .max_concurrent_streams(CONCURRENT_STREAMS_MAX)
        .http2_keepalive_interval(Some(KEEPALIVE_INTERVAL))
        .http2_keepalive_timeout(Some(KEEPALIVE_TIMEOUT))
        .max_connection_age(CONNECTION_AGE_MAX)
        .max_connection_age_grace(CONNECTION_AGE_GRACE)
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .http2_adaptive_window(Some(false))
        .max_frame_size(FRAME_BYTES_MAX)
        .http2_max_header_list_size(HEADER_BYTES_MAX)
        .http2_max_pending_accept_reset_streams(Some(RESET_STREAMS_MAX))
        .http2_max_local_error_reset_streams(Some(RESET_STREAMS_MAX))
        .accept_http1(false)
}

/// Drops what has expired until `drain`; then drops what nobody can fetch any more, and after
/// [`DRAIN_TIME_MAX`] cancels what still runs. Resolves only if that does not end the serving either.
async fn upkeep(door: &FlightSql, drain: oneshot::Receiver<()>) {
    let mut drain = pin!(drain);
    let mut ticks = tokio::time::interval(UPKEEP_INTERVAL);
    loop {
        tokio::select! {
            _ = &mut drain => break,
            _ = ticks.tick() => {
                let now = Instant::now();
                door.pending.expire(now);
                door.prepared.expire(now);
            }
        }
    }
    door.pending.clear();
    door.prepared.clear();
    tokio::time::sleep(DRAIN_TIME_MAX).await;
    door.deliveries.cancel_all();
    // A client that reads nothing keeps its connection open even now.
    tokio::time::sleep(KEEPALIVE_TIMEOUT).await;
}
