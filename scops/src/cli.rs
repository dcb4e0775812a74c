//! The command line.

use std::{io::IsTerminal, net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand, ValueEnum};
use tracing_subscriber::EnvFilter;
use url::Url;

use crate::{config, demo, exit, serve, sql_command};

/// Queries your bucket: SQL over Parquet, ORC, CSV and JSON in object storage.
#[derive(Debug, Parser)]
#[command(name = "scops", version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Settings file.
    #[arg(long, global = true, value_name = "FILE", env = "SCOPS_CONFIG")]
    config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Everything in one process.
    Serve(ServeArgs),
    /// Control plane and doors; workers join it.
    Coordinator(CoordinatorArgs),
    /// Runs tasks for a coordinator.
    Worker(WorkerArgs),
    /// Runs statements, on a server or in this process.
    Sql(SqlArgs),
    /// Serves a generated TPC-H data set and shows a first query with its bill.
    Demo(ServeArgs),
    /// Shows or checks the settings.
    Config {
        #[command(subcommand)]
        action: ConfigAction,
    },
}

#[derive(Debug, Subcommand)]
enum ConfigAction {
    /// Prints every setting in force.
    Show {
        /// Also says where each value comes from.
        #[arg(long)]
        origin: bool,
    },
    /// Exits with an error if the settings are not valid.
    Check,
}

/// Flags of everything that serves clients.
#[derive(Debug, Clone, Args)]
pub(crate) struct DoorArgs {
    /// Catalog, query log, spill files; also the default root of file:// locations.
    #[arg(long, value_name = "DIR", env = "SCOPS_DATA_DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// HTTP: health checks.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    /// Flight SQL.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8815")]
    pub(crate) flight_listen: SocketAddr,
    /// Listen beyond loopback although anybody who reaches the port can read all data.
    #[arg(long)]
    pub(crate) allow_unauthenticated_network: bool,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(crate) door: DoorArgs,
    /// Workers in this process, each with its own tasks and plan encoding; 0 runs queries directly,
    /// which is faster on one machine.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) workers: usize,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct CoordinatorArgs {
    #[command(flatten)]
    pub(crate) door: DoorArgs,
    /// Where workers announce themselves.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8816")]
    pub(crate) worker_listen: SocketAddr,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct WorkerArgs {
    /// The coordinator's --worker-listen address, as a URL.
    #[arg(long, value_name = "URL")]
    pub(crate) coordinator: Url,
    /// Where coordinator and other workers reach this one; port 0 takes any.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub(crate) listen: SocketAddr,
    /// Spill files; also the default root of file:// locations.
    #[arg(long, value_name = "DIR", env = "SCOPS_DATA_DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Listen beyond loopback although anybody who reaches the port can run tasks.
    #[arg(long)]
    pub(crate) allow_unauthenticated_network: bool,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct SqlArgs {
    /// Flight SQL server; without it statements run in this process, on --data-dir.
    #[arg(long, value_name = "URL")]
    pub(crate) server: Option<Url>,
    #[arg(long, value_name = "DIR", env = "SCOPS_DATA_DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// The statement; several are separated by semicolons.
    // A statement may begin with a comment.
    #[arg(short = 'c', value_name = "SQL", conflicts_with = "file", allow_hyphen_values = true)]
    pub(crate) command: Option<String>,
    /// A file of statements; without -c and -f they are read from standard input.
    #[arg(short = 'f', value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// What is printed; default: table on a terminal, else tsv.
    #[arg(long, value_enum)]
    pub(crate) format: Option<Format>,
    /// Billable bytes a statement may scan; more is an error.
    #[arg(long, value_name = "N")]
    pub(crate) max_bytes: Option<u64>,
    /// Tells what a query would scan instead of running it.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Table,
    Csv,
    Tsv,
    Json,
    Ndjson,
    Parquet,
}

/// Planning recurses over the query; the default of 2 MiB ends at a few hundred joins.
const THREAD_STACK_BYTES: usize = 16 << 20;

/// Threads beyond one for each core. Decoding and aggregation hold a thread for as long as a batch takes; with
/// all of them held, nobody would answer the keep-alives of other processes, who then take this one for lost.
const SPARE_THREADS: usize = 2;

/// Parses the arguments, runs the command, tells how it went.
pub(crate) fn run() -> ExitCode {
    let cli = Cli::parse();
    let level = if matches!(cli.command, Command::Sql(_)) { "error" } else { "info" };
    let filter = EnvFilter::try_from_env("SCOPS_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .worker_threads(std::thread::available_parallelism().map_or(1, usize::from) + SPARE_THREADS)
        .thread_stack_size(THREAD_STACK_BYTES)
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return exit::report(&anyhow::anyhow!(error)),
    };
    match runtime.block_on(Box::pin(dispatch(cli))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => exit::report(&error),
    }
}

async fn dispatch(cli: Cli) -> anyhow::Result<()> {
    let loaded = config::load(cli.config.as_deref())?;
    match cli.command {
        Command::Serve(args) => serve::serve(args, loaded.settings).await,
        Command::Coordinator(args) => serve::coordinator(args, loaded.settings).await,
        Command::Worker(args) => serve::worker(args, loaded.settings).await,
        Command::Sql(args) => sql_command::run(args, loaded.settings).await,
        Command::Demo(args) => demo::run(args, loaded.settings).await,
        Command::Config { action: ConfigAction::Show { origin } } => loaded.show(origin),
        Command::Config { action: ConfigAction::Check } => Ok(()),
    }
}
