//! The worker's server.

use std::{future::Future, sync::Arc, time::Duration};

use arrow_flight::flight_service_server::FlightServiceServer;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion_distributed::Worker;
use engine::{ActionService, WorkerChannels};
use protocol::{BUILD_ID, Error, Result};
use storage::Storage;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::Server;
use url::Url;

use crate::{
    announce::{announce, announce_forever},
    open_queries::OpenQueries,
    settle::Settling,
    task_session::TaskSessions,
};

const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(10);
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(20);
/// Requests that one connection may have in flight: every task of every query has some.
const STREAMS_PER_CONNECTION_MAX: u32 = 16_384;
const STREAM_WINDOW_BYTES: u32 = 4 << 20;
const CONNECTION_WINDOW_BYTES: u32 = 16 << 20;

/// What a worker is made of.
#[derive(Debug, Clone)]
pub struct Components {
    pub storage: Arc<Storage>,
    pub runtime: Arc<RuntimeEnv>,
}

/// Serves tasks on `listener` until `shutdown`, announcing itself as `own` to `coordinator`.
///
/// `own` must be how coordinator and other workers reach it. On shutdown the coordinator is told,
/// and tasks under way are finished.
pub async fn serve(
    components: Components,
    listener: TcpListener,
    own: Url,
    coordinator: Url,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<()> {
    let queries = Arc::new(OpenQueries::new(components.storage, own.to_string()));
    let channels = WorkerChannels::default();
    let sessions = TaskSessions { queries: Arc::clone(&queries), channels: channels.clone() };
    let worker =
        Worker::from_session_builder(sessions).with_runtime_env(components.runtime).with_version(BUILD_ID);
    let settling = ActionService::new(Arc::new(Settling { queries: Arc::clone(&queries) }));
    let announcing = tokio::spawn(announce_forever(own.clone(), coordinator.clone(), Arc::clone(&queries)));
    let drain = async {
        shutdown.await;
        announcing.abort();
        // A coordinator that does not answer finds out by itself.
        let _ = announce(&channels, &own, &coordinator, &queries, false).await;
    };
    let incoming = TcpListenerStream::new(listener);
    Server::builder()
        .http2_keepalive_interval(Some(KEEP_ALIVE_INTERVAL))
        .http2_keepalive_timeout(Some(KEEP_ALIVE_TIMEOUT))
        .max_concurrent_streams(STREAMS_PER_CONNECTION_MAX)
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .tcp_nodelay(true)
        .add_service(FlightServiceServer::new(settling))
        .add_service(worker.into_worker_server())
        .serve_with_incoming_shutdown(incoming, drain)
        .await
        .map_err(|error| Error::internal(format!("the worker's server failed: {error}")))
}
