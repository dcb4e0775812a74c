//! `scops demo`: a small real data set, a first query and its bill, then a server to try things on.

mod tables;
mod write;

use std::path::Path;

use anyhow::{Context, Result};
use arrow::util::pretty::pretty_format_batches;
use coordinator::{Coordinator, QueryRequest};
use futures::TryStreamExt;

use crate::{cli::ServeArgs, config::Settings, parts, serve, sql_command::closing_line};

/// The part of TPC-H that is generated: scale factor 0.1 is 600,000 order lines, 40 MB of Parquet.
pub(crate) const SCALE_FACTOR: f64 = 0.1;

const FIRST_QUERY: &str = "SELECT l_returnflag, l_linestatus, count(*) AS lines, sum(l_quantity) AS quantity, \
     sum(l_extendedprice * (1 - l_discount)) AS revenue \
     FROM tpch.lineitem WHERE ship_year = 1995 AND ship_month <= 3 \
     GROUP BY l_returnflag, l_linestatus ORDER BY l_returnflag, l_linestatus";

/// Makes the data unless it is there, registers it, runs one query, serves.
pub(crate) async fn run(mut args: ServeArgs, settings: Settings) -> Result<()> {
    let data_dir = match args.door.data_dir.take() {
        Some(folder) => parts::data_dir(Some(folder))?,
        None => parts::data_dir(Some(parts::data_dir(None)?.join("demo")))?,
    };
    let data = data_dir.join("tpch");
    if !data.join(write::DONE_FILE).exists() {
        eprintln!("generating TPC-H at scale factor {SCALE_FACTOR} in {}", data.display());
        let folder = data.clone();
        tokio::task::spawn_blocking(move || write::write_all(&folder, SCALE_FACTOR))
            .await
            .context("the generator did not finish")??;
    }
    args.door.data_dir = Some(data_dir);
    let server = serve::start(&args, &settings).await?;
    register(&server.coordinator, &data).await?;
    first_query(&server.coordinator).await?;
    eprintln!(
        "\nserving Flight SQL on {address}; try:\n  scops sql --server grpc://{address} -c 'SELECT count(*) FROM tpch.orders'\n\
         stop with Ctrl-C",
        address = server.flight_address
    );
    server.run().await
}

async fn register(coordinator: &std::sync::Arc<Coordinator>, data: &Path) -> Result<()> {
    for statement in tables::statements(&format!("file://{}", data.display())) {
        execute(coordinator, &statement).await.with_context(|| statement.clone())?;
    }
    Ok(())
}

async fn execute(coordinator: &std::sync::Arc<Coordinator>, statement: &str) -> Result<()> {
    let query = coordinator.submit(QueryRequest::new(statement)).await?;
    let mut rows = query.into_stream();
    while rows.try_next().await?.is_some() {}
    Ok(())
}

async fn first_query(coordinator: &std::sync::Arc<Coordinator>) -> Result<()> {
    eprintln!("\n{FIRST_QUERY}\n");
    let query = coordinator.submit(QueryRequest::new(FIRST_QUERY)).await?;
    let id = query.id();
    let batches: Vec<_> = query.into_stream().try_collect().await?;
    let shown = pretty_format_batches(&batches)?.to_string();
    std::io::Write::write_all(&mut std::io::stdout(), format!("{shown}\n").as_bytes())?;
    let record = coordinator.log().get(id)?.context("the query is not in the log")?;
    eprintln!("{}", closing_line::closing_line(&record, coordinator.price_per_tib()));
    Ok(())
}
