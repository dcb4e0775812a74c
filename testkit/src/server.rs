//! The server: a socket, a runtime of its own, and one handler that every request passes.
//!
//! The runtime is the server's own because tests have one each: a server shared between tests
//! must outlive the runtime it was started from, and must answer while a test blocks its thread.

use std::io;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{CONTENT_LENGTH, CONTENT_RANGE, HeaderMap, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{HttpError, HttpResponse, S3Error, S3ErrorCode};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};

use crate::auth::KeyPair;
use crate::backend::Backend;
use crate::body::{Cut, MeteredBody};
use crate::call::Call;
use crate::faults::{Failure, Fault, Faults};
use crate::recorder::{Exchange, Recorder};
use crate::{AccessLogEntry, Counters};

/// What [`S3Options::default`] accepts.
pub const ACCESS_KEY: &str = "testkit-access-key";
pub const SECRET_KEY: &str = "testkit-secret-key";
/// Any region is accepted in a signature; clients need one to sign.
pub const REGION: &str = "us-east-1";

/// Threads that talk to clients; file reads have others.
const WORKER_THREADS: usize = 2;

/// Without it, a shortage of file handles would make the accepting task spin.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(10);

/// How a server is started.
#[derive(Debug, Clone)]
pub struct S3Options {
    /// Holds one folder per bucket; made if it is missing. `None`: a temporary folder that goes
    /// with the server.
    pub root: Option<PathBuf>,
    pub access_key: String,
    pub secret_key: String,
    /// On 127.0.0.1; 0 picks a free one.
    pub port: u16,
    /// Buckets to make, if they are not there.
    pub buckets: Vec<String>,
    /// Gets one JSON line per finished request, appended.
    pub log_file: Option<PathBuf>,
}

impl Default for S3Options {
    fn default() -> Self {
        Self {
            root: None,
            access_key: ACCESS_KEY.to_owned(),
            secret_key: SECRET_KEY.to_owned(),
            port: 0,
            buckets: Vec::new(),
            log_file: None,
        }
    }
}

impl S3Options {
    /// The default with these buckets.
    pub fn with_buckets<const N: usize>(buckets: [&str; N]) -> Self {
        Self { buckets: buckets.map(str::to_owned).to_vec(), ..Self::default() }
    }
}

/// A running S3 server. Dropping it closes the socket and every connection.
pub struct S3Server {
    shared: Arc<Shared>,
    backend: Backend,
    root: PathBuf,
    port: u16,
    /// `None` only while shutting down.
    runtime: Option<Runtime>,
    accepting: JoinHandle<()>,
    /// Dropping it ends the accepting task.
    running: Option<oneshot::Sender<()>>,
    _own_root: Option<TempDir>,
}

/// What every request needs.
struct Shared {
    service: S3Service,
    recorder: Arc<Recorder>,
    faults: Faults,
}

impl std::fmt::Debug for S3Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3Server")
            .field("endpoint", &self.endpoint())
            .field("root", &self.root)
            .finish_non_exhaustive()
    }
}

impl S3Server {
    /// Binds 127.0.0.1 and serves until shut down or dropped. It can be called from any runtime
    /// and answers independently of it.
    pub async fn start(options: S3Options) -> io::Result<Self> {
        let (root, own_root) = match options.root {
            Some(root) => (root, None),
            None => {
                let dir = TempDir::new()?;
                (dir.path().to_path_buf(), Some(dir))
            }
        };
        std::fs::create_dir_all(&root)?;
        for bucket in &options.buckets {
            std::fs::create_dir_all(root.join(bucket))?;
        }
        let backend = Backend::new(&root)?;
        let mut builder = S3ServiceBuilder::new(backend.clone());
        builder.set_auth(KeyPair { access_key: options.access_key, secret_key: options.secret_key });
        let shared = Arc::new(Shared {
            service: builder.build(),
            recorder: Arc::new(Recorder::new(options.log_file.as_deref())?),
            faults: Faults::default(),
        });
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(WORKER_THREADS)
            .thread_name("testkit-s3")
            .enable_all()
            .build()?;
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let (running, stop) = oneshot::channel();
        let accepting = runtime.spawn(accept(listener, Arc::clone(&shared), stop));
        Ok(Self {
            shared,
            backend,
            root,
            port,
            runtime: Some(runtime),
            accepting,
            running: Some(running),
            _own_root: own_root,
        })
    }

    /// `http://127.0.0.1:PORT`; buckets are the first part of the path.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The folder that holds the buckets.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder served as this bucket. Files put there are objects at once.
    pub fn bucket_dir(&self, bucket: &str) -> PathBuf {
        self.backend.bucket_dir(bucket)
    }

    /// The account up to now; complete for every answer a client has read to its end.
    pub fn counters(&self) -> Counters {
        self.shared.recorder.counters()
    }

    /// Empties counters and access log. Bytes of answers still under way go to the new account.
    pub fn reset_counters(&self) {
        self.shared.recorder.reset();
    }

    /// Requests in order of arrival; only the latest 200,000.
    pub fn access_log(&self) -> Vec<AccessLogEntry> {
        self.shared.recorder.access_log()
    }

    /// Orders a failure for coming requests, after those ordered before.
    pub fn inject(&self, fault: Fault) {
        self.shared.faults.inject(fault);
    }

    /// Calls off all failures not yet used up.
    pub fn clear_faults(&self) {
        self.shared.faults.clear();
    }

    /// Stores an object without a request, whether or not the key is in use. Blocks briefly.
    pub fn put_object(&self, bucket: &str, key: &str, content: &[u8]) -> io::Result<()> {
        self.backend.store(bucket, key, content).map_err(io::Error::other)
    }

    /// Changes an object under its readers: new content, new ETag. Answers that have begun keep
    /// the old content. `NotFound` if there is no such object.
    pub fn replace_object(&self, bucket: &str, key: &str, content: &[u8]) -> io::Result<()> {
        let path = crate::keys::object_path(&self.bucket_dir(bucket), key);
        std::fs::metadata(path.map_err(io::Error::other)?)?;
        self.put_object(bucket, key, content)
    }

    /// Stops at once: when it returns, the port refuses connections, open ones are cut and the
    /// log file is complete.
    pub async fn shutdown(mut self) {
        drop(self.running.take());
        if let Err(error) = (&mut self.accepting).await {
            tracing::warn!(%error, "the test server did not stop in order");
        }
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        // The ordinary drop of a runtime would wait, and panic inside another runtime.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Owns all connections, and ends them when the server is no longer running.
async fn accept(listener: std::net::TcpListener, shared: Arc<Shared>, mut stop: oneshot::Receiver<()>) {
    let listener = match TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => return tracing::error!(%error, "the test server cannot listen"),
    };
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _dropped = &mut stop => break,
        };
        match accepted {
            Ok((stream, _)) => {
                connections.spawn(serve(stream, Arc::clone(&shared)));
            }
            // The peer has gone or file handles are short; neither ends the server.
            Err(error) => {
                tracing::warn!(%error, "connection not accepted");
                tokio::time::sleep(ACCEPT_RETRY_DELAY).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    connections.shutdown().await;
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    // Without it the delayed acknowledgement of the client adds 40 ms to every small answer.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "connection lost");
        return;
    }
    let handler = service_fn(move |request| handle(Arc::clone(&shared), request));
    let connection =
        http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), handler);
    if let Err(error) = connection.await {
        tracing::debug!(%error, "connection ended early");
    }
}

/// One request: count it, let it suffer its faults, have it answered, count the answer.
async fn handle(shared: Arc<Shared>, request: Request<Incoming>) -> Result<Response<MeteredBody>, HttpError> {
    let call = Call::of(request.method(), request.uri());
    let injected = shared.faults.take(&call);
    let mut exchange = Exchange::begin(Arc::clone(&shared.recorder), call);
    if !injected.delay.is_zero() {
        tokio::time::sleep(injected.delay).await;
    }
    let response = match injected.failure {
        Some(Failure::Status(status)) => refusal(status)?,
        _ => shared.service.call(request.map(s3s::Body::from)).await?,
    };
    let (mut head, body) = response.into_parts();
    exchange.answered(head.status.as_u16(), content_range(&head.headers));
    let cut = match injected.failure {
        Some(Failure::ResetAfterBytes(bytes)) => Some(Cut::Reset(bytes)),
        Some(Failure::TruncateBody) => halve(&mut head.headers).map(Cut::End),
        Some(Failure::Status(_)) | None => None,
    };
    let body = MeteredBody::new(body, exchange, cut);
    Ok(Response::from_parts(head, body))
}

/// An S3 error text with the injected status.
fn refusal(status: u16) -> Result<HttpResponse, HttpError> {
    let code = match status {
        403 => S3ErrorCode::AccessDenied,
        404 => S3ErrorCode::NoSuchKey,
        503 => S3ErrorCode::SlowDown,
        _ => S3ErrorCode::InternalError,
    };
    let mut error = S3Error::with_message(code, "injected fault");
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    error.set_status_code(status);
    error.to_http_response().map_err(|error| HttpError::new(error.into()))
}

/// `bytes 5-9/20` as the half-open range 5, 10.
fn content_range(headers: &HeaderMap) -> Option<(u64, u64)> {
    let text = headers.get(CONTENT_RANGE)?.to_str().ok()?;
    let (range, _) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    Some((first.parse().ok()?, last.parse::<u64>().ok()? + 1))
}

/// Announces half of the announced length; `None`, and no change, when none was announced.
fn halve(headers: &mut HeaderMap) -> Option<u64> {
    let length = headers.get_mut(CONTENT_LENGTH)?;
    let half = length.to_str().ok()?.parse::<u64>().ok()? / 2;
    *length = HeaderValue::from(half);
    Some(half)
}
