//! Connections to workers: established quickly or not at all, checked while they are quiet, and
//! honest about what broke.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use arrow_flight::error::FlightError;
use async_trait::async_trait;
use datafusion::{
    arrow::array::RecordBatch,
    error::{DataFusionError, Result},
    execution::TaskContext,
    physical_plan::metrics::ExecutionPlanMetricsSet,
};
use datafusion_distributed::{
    ChannelResolver, CoordinatorToWorkerMsg, ExecuteTaskRequest, GetWorkerInfoRequest, GetWorkerInfoResponse,
    SetPlanRequest, WorkerChannel, WorkerToCoordinatorMsg, grpc,
};
use futures::{StreamExt, stream::BoxStream};
use http::HeaderMap;
use parking_lot::Mutex;
use protocol::{Error, ErrorCode};
use tonic::transport::{Channel, Endpoint};
use url::Url;

use crate::QueryControl;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// A silent peer is noticed after interval and timeout together. One that died is noticed at once, so this is
/// only for machines that vanish; a busy one must not be taken for that.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(5);
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(20);
/// HTTP/2 flow control windows; the default of 64 KiB stalls a shuffle.
const STREAM_WINDOW_BYTES: u32 = 4 << 20;
const CONNECTION_WINDOW_BYTES: u32 = 16 << 20;

/// One connection per worker, shared by all queries of a process.
#[derive(Debug, Default, Clone)]
pub struct WorkerChannels {
    channels: Arc<Mutex<BTreeMap<Url, Channel>>>,
}

impl WorkerChannels {
    /// The connection to `url`. Made at the first request on it; made again after it broke.
    ///
    /// Errors: `url` is not one.
    pub fn channel(&self, url: &Url) -> Result<Channel, Error> {
        let mut channels = self.channels.lock();
        if let Some(channel) = channels.get(url) {
            return Ok(channel.clone());
        }
        let endpoint = Endpoint::from_shared(url.to_string())
            .map_err(|error| Error::internal(format!("{url} is not a worker's URL: {error}")))?
            .connect_timeout(CONNECT_TIMEOUT)
            .http2_keep_alive_interval(KEEP_ALIVE_INTERVAL)
            .keep_alive_timeout(KEEP_ALIVE_TIMEOUT)
            .keep_alive_while_idle(true)
            .initial_stream_window_size(STREAM_WINDOW_BYTES)
            .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
            .tcp_nodelay(true);
        let channel = endpoint.connect_lazy();
        channels.insert(url.clone(), channel.clone());
        Ok(channel)
    }

    /// Drops connections to workers that are gone.
    pub fn retain(&self, keep: impl Fn(&Url) -> bool) {
        self.channels.lock().retain(|url, _| keep(url));
    }
}

#[async_trait]
impl ChannelResolver for WorkerChannels {
    async fn get_worker_client_for_url(&self, url: &Url) -> Result<Box<dyn WorkerChannel>> {
        let channel = self.channel(url).map_err(connectors::to_datafusion)?;
        let inner = grpc::create_worker_client(grpc::BoxCloneSyncChannel::new(channel));
        Ok(Box::new(WatchedChannel { url: url.clone(), inner }))
    }
}

/// A worker's channel that reports failures to the query's [`QueryControl`] and names the worker.
struct WatchedChannel {
    url: Url,
    inner: Box<dyn WorkerChannel>,
}

#[async_trait]
impl WorkerChannel for WatchedChannel {
    async fn coordinator_channel(
        &mut self,
        headers: HeaderMap,
        request: SetPlanRequest,
        messages: BoxStream<'static, CoordinatorToWorkerMsg>,
        metrics: ExecutionPlanMetricsSet,
        task: &Arc<TaskContext>,
    ) -> Result<BoxStream<'static, Result<WorkerToCoordinatorMsg>>> {
        let control = task.session_config().get_extension::<QueryControl>();
        if let Some(control) = &control {
            control.add_worker(&self.url);
        }
        let url = self.url.clone();
        let opened = self.inner.coordinator_channel(headers, request, messages, metrics, task).await;
        let name = move |error| {
            let error = name_worker(error, &url);
            if let (Some(control), Some(error)) = (&control, enveloped(&error)) {
                control.fail(&error);
            }
            error
        };
        match opened {
            Ok(answers) => Ok(answers.map(move |answer| answer.map_err(&name)).boxed()),
            Err(error) => Err(name(error)),
        }
    }

    async fn execute_task(
        &mut self,
        headers: HeaderMap,
        request: ExecuteTaskRequest,
        metrics: ExecutionPlanMetricsSet,
        task: &Arc<TaskContext>,
    ) -> Result<Vec<BoxStream<'static, Result<RecordBatch>>>> {
        let streams = self.inner.execute_task(headers, request, metrics, task).await;
        let streams = streams.map_err(|error| name_worker(error, &self.url))?;
        let name = |stream: BoxStream<'static, Result<RecordBatch>>| {
            let url = self.url.clone();
            stream.map(move |batch| batch.map_err(|error| name_worker(error, &url))).boxed()
        };
        Ok(streams.into_iter().map(name).collect())
    }

    async fn get_worker_info(&mut self, request: GetWorkerInfoRequest) -> Result<GetWorkerInfoResponse> {
        self.inner.get_worker_info(request).await
    }
}

fn enveloped(error: &DataFusionError) -> Option<Error> {
    Error::from_envelope(&error.to_string())
}

/// An error that came from the worker's engine stays as it is; one of the connection itself means
/// that the worker is lost.
fn name_worker(error: DataFusionError, url: &Url) -> DataFusionError {
    if enveloped(&error).is_some() || !is_transport(&error) {
        return error;
    }
    tracing::warn!(worker = %url, %error, "a worker is lost");
    connectors::to_datafusion(
        Error::new(ErrorCode::WorkerLost, format!("worker {url} went away while it ran a task"))
            .with_hint("run the query again; workers that do not answer are left out")
            .retryable(),
    )
}

fn is_transport(error: &DataFusionError) -> bool {
    match error.find_root() {
        DataFusionError::External(source) => {
            source.is::<tonic::Status>()
                || source.is::<tonic::transport::Error>()
                || source.is::<FlightError>()
        }
        _ => false,
    }
}
