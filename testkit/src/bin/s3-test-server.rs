//! The test server in the foreground, for shell scripts and measurements that count requests and
//! bytes in its log.

use std::io;
use std::path::PathBuf;

use clap::Parser;
use testkit::{ACCESS_KEY, S3Options, S3Server, SECRET_KEY};

/// Serve a folder tree as S3, one bucket per folder, on 127.0.0.1.
#[derive(Parser)]
#[command(name = "s3-test-server")]
struct Args {
    /// Holds one folder per bucket; made if missing
    #[arg(long)]
    root: PathBuf,
    /// 0 picks a free port
    #[arg(long, default_value_t = 0)]
    port: u16,
    #[arg(long, default_value = ACCESS_KEY)]
    access_key: String,
    #[arg(long, default_value = SECRET_KEY)]
    secret_key: String,
    /// Gets one JSON line per finished request, appended
    #[arg(long)]
    log: Option<PathBuf>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let args = Args::parse();
    let server = S3Server::start(S3Options {
        root: Some(args.root),
        access_key: args.access_key,
        secret_key: args.secret_key,
        port: args.port,
        buckets: Vec::new(),
        log_file: args.log,
    })
    .await?;
    announce(&server.endpoint());
    tokio::signal::ctrl_c().await?;
    server.shutdown().await;
    Ok(())
}

#[expect(clippy::print_stdout, reason = "scripts wait for this line and read the port from it")]
fn announce(endpoint: &str) {
    println!("listening on {endpoint}");
}
