//! Runs `sql-tests/cases` in every mode, on files and on S3.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use sqllogictest::{AsyncDB, DBOutput, DefaultColumnType, Runner};

use crate::{
    client::{Client, text_rows},
    cluster::{Cluster, Environment, MODES, Mode, copy_folder, on_files, on_s3, repository},
};

#[tokio::test(flavor = "multi_thread")]
async fn suites_agree_on_files() {
    let data = repository().join("sql-tests/data");
    let location = format!("file://{}", data.display());
    for mode in MODES {
        run_all(mode, &on_files(&data), &location).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn suites_agree_on_s3() {
    let options = testkit::S3Options::with_buckets(["data"]);
    let server = testkit::S3Server::start(options).await.unwrap();
    copy_folder(&repository().join("sql-tests/data"), &server.bucket_dir("data"));
    for mode in MODES {
        run_all(mode, &on_s3(&server), "s3://data").await;
    }
}

async fn run_all(mode: Mode, environment: &Environment, location: &str) {
    let cluster = Cluster::start(mode, environment);
    let suites = suites();
    let all = std::env::var_os("SCOPS_SLT").is_none();
    assert!(!all || suites.len() > 20, "the suites are not where they should be");
    let mut failures = Vec::new();
    for suite in suites {
        let name = suite.strip_prefix(repository()).unwrap().display().to_string();
        if let Err(failure) = run(&suite, &cluster.flight, location).await {
            failures.push(format!("{name}: {failure}"));
        }
    }
    assert!(failures.is_empty(), "{mode:?} on {location}:\n{}", failures.join("\n\n"));
}

async fn run(suite: &Path, address: &str, location: &str) -> Result<(), String> {
    let mut runner = Runner::new(async || {
        Ok(Database { client: Client::connect(address).await, location: location.to_owned() })
    });
    runner.run_file_async(suite).await.map_err(|error| error.display(false).to_string())
}

fn suites() -> Vec<PathBuf> {
    let cases = repository().join("sql-tests/cases");
    let only = std::env::var("SCOPS_SLT").unwrap_or_default();
    let mut suites: Vec<PathBuf> = std::fs::read_dir(cases)
        .unwrap()
        .flat_map(|topic| std::fs::read_dir(topic.unwrap().path()).unwrap())
        .map(|suite| suite.unwrap().path())
        .filter(|suite| suite.extension().is_some_and(|extension| extension == "slt"))
        .filter(|suite| suite.to_str().unwrap().contains(&only))
        .collect();
    suites.sort();
    suites
}

struct Database {
    client: Client,
    /// Takes the place of `$DATA`.
    location: String,
}

#[derive(Debug)]
struct Failure(String);

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

#[async_trait]
impl AsyncDB for Database {
    type Error = Failure;
    type ColumnType = DefaultColumnType;

    async fn run(&mut self, sql: &str) -> Result<DBOutput<DefaultColumnType>, Failure> {
        let sql = sql.replace("$DATA", &self.location);
        let batches = self.client.run(&sql).await.map_err(Failure)?;
        let columns = batches.first().map_or(0, |batch| batch.num_columns());
        let rows: Vec<Vec<String>> = batches.iter().flat_map(text_rows).collect();
        if columns == 0 {
            return Ok(DBOutput::StatementComplete(0));
        }
        Ok(DBOutput::Rows { types: vec![DefaultColumnType::Any; columns], rows })
    }

    async fn shutdown(&mut self) {}
}
