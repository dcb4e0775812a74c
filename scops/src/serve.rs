//! The commands that serve until they are told to stop.

use std::{future::Future, net::SocketAddr, path::Path, sync::Arc};

use anyhow::{Context, Result};
use arrow_flight::flight_service_server::FlightServiceServer;
use coordinator::{Coordinator, WorkerList, WorkerService};
use engine::ActionService;
use tokio::{net::TcpListener, signal::unix::SignalKind, sync::watch};
use tokio_stream::wrappers::TcpListenerStream;
use url::Url;

use crate::{
    cli::{CoordinatorArgs, DoorArgs, ServeArgs, WorkerArgs},
    config::Settings,
    parts,
};

/// `scops serve`.
pub(crate) async fn serve(args: ServeArgs, settings: Settings) -> Result<()> {
    let server = start(&args, &settings).await?;
    server.run().await
}

/// `scops coordinator`.
pub(crate) async fn coordinator(args: CoordinatorArgs, settings: Settings) -> Result<()> {
    let allowed = args.door.allow_unauthenticated_network;
    parts::check_address(args.worker_listen, allowed)?;
    let data_dir = parts::data_dir(args.door.data_dir.clone())?;
    let (coordinator, workers) = parts::coordinator(&settings, &data_dir, true)?;
    let mut server = Server::new(coordinator, &args.door).await?;
    let listener = bind(args.worker_listen).await?;
    server.take_workers(workers, listener)?;
    server.run().await
}

/// `scops worker`.
pub(crate) async fn worker(args: WorkerArgs, settings: Settings) -> Result<()> {
    parts::check_address(args.listen, args.allow_unauthenticated_network)?;
    let data_dir = parts::data_dir(args.data_dir)?;
    let components = parts::worker(&settings, &data_dir)?;
    let listener = bind(args.listen).await?;
    let own = url_of(listener.local_addr()?)?;
    tracing::info!(worker = %own, "serving tasks");
    worker::serve(components, listener, own, args.coordinator, stop_signal()).await?;
    Ok(())
}

/// A server that is bound and not yet waiting.
pub(crate) struct Server {
    pub(crate) coordinator: Arc<Coordinator>,
    pub(crate) flight_address: SocketAddr,
    flight: TcpListener,
    health: TcpListener,
    stop: watch::Sender<bool>,
    /// Worker side, running already.
    background: Vec<tokio::task::JoinHandle<Result<()>>>,
}

/// Binds everything `scops serve` needs and starts its workers.
pub(crate) async fn start(args: &ServeArgs, settings: &Settings) -> Result<Server> {
    let data_dir = parts::data_dir(args.door.data_dir.clone())?;
    let (coordinator, workers) = parts::coordinator(settings, &data_dir, false)?;
    let mut server = Server::new(coordinator, &args.door).await?;
    if args.workers > 0 {
        server.start_workers(args.workers, workers, settings, &data_dir).await?;
    }
    Ok(server)
}

impl Server {
    async fn new(coordinator: Arc<Coordinator>, door: &DoorArgs) -> Result<Self> {
        parts::check_address(door.flight_listen, door.allow_unauthenticated_network)?;
        parts::check_address(door.listen, door.allow_unauthenticated_network)?;
        let flight = bind(door.flight_listen).await?;
        let health = bind(door.listen).await?;
        let flight_address = flight.local_addr()?;
        let stop = watch::Sender::new(false);
        Ok(Self { coordinator, flight_address, flight, health, stop, background: Vec::new() })
    }

    /// Serves announcements of workers.
    fn take_workers(&mut self, workers: Arc<WorkerList>, listener: TcpListener) -> Result<()> {
        let address = listener.local_addr()?;
        tracing::info!(%address, "workers join here");
        let service = ActionService::new(Arc::new(WorkerService::new(workers)));
        let stopped = stopped(&self.stop);
        self.background.push(tokio::spawn(async move {
            tonic::transport::Server::builder()
                .tcp_nodelay(true)
                .add_service(FlightServiceServer::new(service))
                .serve_with_incoming_shutdown(TcpListenerStream::new(listener), stopped)
                .await
                .context("the worker door failed")
        }));
        Ok(())
    }

    /// Workers in this process, which join like any other: over the network, with encoded plans.
    async fn start_workers(
        &mut self,
        count: usize,
        workers: Arc<WorkerList>,
        settings: &Settings,
        data_dir: &Path,
    ) -> Result<()> {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let joining = bind(any).await?;
        let coordinator = url_of(joining.local_addr()?)?;
        self.take_workers(Arc::clone(&workers), joining)?;
        for _ in 0..count {
            let components = parts::worker(settings, data_dir)?;
            let listener = bind(any).await?;
            let own = url_of(listener.local_addr()?)?;
            let (coordinator, stopped) = (coordinator.clone(), stopped(&self.stop));
            self.background.push(tokio::spawn(async move {
                Ok(worker::serve(components, listener, own, coordinator, stopped).await?)
            }));
        }
        workers.wait_for(count).await;
        Ok(())
    }

    /// Serves until a signal comes, then finishes what is under way.
    pub(crate) async fn run(self) -> Result<()> {
        let (flight, health) = (self.flight.local_addr()?, self.health.local_addr()?);
        tracing::info!(flight_sql = %flight, http = %health, "ready");
        let stop = self.stop.clone();
        tokio::spawn(async move {
            stop_signal().await;
            stop.send_replace(true);
        });
        let health = server::serve_health(self.health, stopped(&self.stop));
        let flight = server::serve_flight(self.coordinator, self.flight, stopped(&self.stop));
        tokio::try_join!(flight, health)?;
        for task in self.background {
            task.await.context("a worker ended abnormally")??;
        }
        Ok(())
    }
}

/// Resolves when the server is told to stop.
fn stopped(stop: &watch::Sender<bool>) -> impl Future<Output = ()> + Send + 'static {
    let mut watching = stop.subscribe();
    async move {
        // An error means that the server is gone, which is a reason to stop as well.
        let _ = watching.wait_for(|stop| *stop).await;
    }
}

/// SIGINT or SIGTERM.
async fn stop_signal() {
    let mut terminate = match tokio::signal::unix::signal(SignalKind::terminate()) {
        Ok(terminate) => terminate,
        Err(error) => return tracing::error!(%error, "signals cannot be received"),
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
    tracing::info!("stopping");
}

async fn bind(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("{address} cannot be listened on"))
}

fn url_of(address: SocketAddr) -> Result<Url> {
    Ok(Url::parse(&format!("http://{address}"))?)
}
