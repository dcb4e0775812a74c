//! TPC-H at scale factor 0.1: answers of another engine, and a bill that equals the S3 server's own log.

use std::path::Path;

use crate::{
    client::Client,
    cluster::{Cluster, MODES, Mode, Process, copy_folder, on_files, on_s3, repository},
};

/// The data of `scops demo`, made once for all tests of this module.
fn demo_data(folder: &Path) {
    let folder = folder.to_str().unwrap();
    let arguments =
        ["demo", "--data-dir", folder, "--listen", "127.0.0.1:0", "--flight-listen", "127.0.0.1:0"];
    let demo = Process::start(&arguments, &Vec::new());
    demo.wait_for("flight_sql=");
}

/// The statements with which the demo registers its tables, taken from the demo itself.
async fn register(client: &Client, from: &Path, location: &str) {
    let arguments = [
        "demo",
        "--data-dir",
        from.to_str().unwrap(),
        "--listen",
        "127.0.0.1:0",
        "--flight-listen",
        "127.0.0.1:0",
    ];
    let demo = Process::start(&arguments, &Vec::new());
    let original = Client::connect(&demo.wait_for("flight_sql=")).await;
    client.run("CREATE DATABASE tpch").await.unwrap();
    for table in original.rows("SHOW TABLES IN tpch").await {
        let text = original.rows(&format!("SHOW CREATE TABLE tpch.{}", table[0])).await;
        let lines: Vec<_> = text.into_iter().map(|row| row[0].clone()).collect();
        let own = format!("file://{}/tpch", from.display());
        client.run(&lines.join("\n").replace(&own, location)).await.unwrap();
    }
    client.run("MSCK REPAIR TABLE tpch.lineitem").await.unwrap();
}

fn queries() -> Vec<(String, String, Vec<Vec<String>>)> {
    let folder = repository().join("sql-tests/tpch");
    (1..=22)
        .map(|number| {
            let name = format!("q{number:02}");
            let sql = std::fs::read_to_string(folder.join(format!("queries/{name}.sql"))).unwrap();
            let answer = folder.join(format!("answers/sf0.1/{name}.csv"));
            (name, sql.trim().trim_end_matches(';').to_owned(), read_csv(&answer))
        })
        .collect()
}

pub(crate) fn read_csv(path: &Path) -> Vec<Vec<String>> {
    use arrow::{
        csv::ReaderBuilder,
        datatypes::{DataType, Field, Schema},
    };
    let text = std::fs::read_to_string(path).unwrap();
    let columns = text.lines().next().unwrap().split(',').count();
    let fields: Vec<_> = (0..columns).map(|at| Field::new(format!("c{at}"), DataType::Utf8, true)).collect();
    let reader = ReaderBuilder::new(Schema::new(fields).into()).with_header(true);
    let batches = reader.build(text.as_bytes()).unwrap();
    batches.flat_map(|batch| crate::client::text_rows(&batch.unwrap())).collect()
}

/// The rule of `sql-tests/tpch/README.md`.
fn same_value(ours: &str, theirs: &str) -> bool {
    if ours == theirs {
        return true;
    }
    let (Ok(a), Ok(b)) = (ours.parse::<f64>(), theirs.parse::<f64>()) else { return false };
    let places = |text: &str| text.split_once('.').map_or(0, |(_, digits)| digits.len());
    let coarser = places(ours).min(places(theirs));
    let unit = 10_f64.powi(-i32::try_from(coarser).unwrap());
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()) || (coarser > 0 && (a - b).abs() <= unit * 1.000_001)
}

pub(crate) fn assert_same(name: &str, ours: &[Vec<String>], theirs: &[Vec<String>]) {
    assert!(!theirs.is_empty(), "{name}: an empty answer proves nothing");
    assert_eq!(ours.len(), theirs.len(), "{name}: rows");
    for (row, (a, b)) in ours.iter().zip(theirs).enumerate() {
        assert_eq!(a.len(), b.len(), "{name}: columns");
        for (column, (a, b)) in a.iter().zip(b).enumerate() {
            assert!(same_value(a, b), "{name} row {row} column {column}: {a} is not {b}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_and_bills_are_right() {
    let folder = tempfile::tempdir().unwrap();
    let folder = std::fs::canonicalize(folder.path()).unwrap();
    demo_data(&folder);

    let location = format!("file://{}/tpch", folder.display());
    for mode in MODES {
        let cluster = Cluster::start(mode, &on_files(&folder));
        let client = Client::connect(&cluster.flight).await;
        register(&client, &folder, &location).await;
        let mut distributed_queries = 0;
        for (name, sql, answer) in queries() {
            let client = client.in_database("tpch");
            let plan = client.rows(&format!("EXPLAIN {sql}")).await;
            let distributed = plan.iter().any(|line| line[0].contains("DistributedExec"));
            distributed_queries += usize::from(distributed);
            assert_same(&format!("{name} {mode:?} on files"), &client.rows(&sql).await, &answer);
        }
        // Scans of a single row group or file are left to one task.
        let expected = if mode == Mode::Embedded { 0..1 } else { 10..23 };
        assert!(expected.contains(&distributed_queries), "{mode:?}: {distributed_queries} distributed");
    }

    let options = testkit::S3Options::with_buckets(["tpch"]);
    let server = testkit::S3Server::start(options).await.unwrap();
    copy_folder(&folder.join("tpch"), &server.bucket_dir("tpch"));
    for mode in MODES {
        let cluster = Cluster::start(mode, &on_s3(&server));
        let client = Client::connect(&cluster.flight).await;
        register(&client, &folder, "s3://tpch").await;
        for (name, sql, answer) in queries() {
            server.reset_counters();
            let rows = client.in_database("tpch").rows(&sql).await;
            let counted = server.counters();
            let name = format!("{name} {mode:?} on S3");
            assert_same(&name, &rows, &answer);
            assert_bill(&name, &client.bill(&sql, BILL).await, &counted);
        }
    }
}

const BILL: &str = "scanned_bytes, transferred_bytes, gap_bytes, retried_bytes, requests";

/// What the meter says is what the server sent; what is billed is that, less gaps and retries.
fn assert_bill(name: &str, bill: &[u64], counted: &testkit::Counters) {
    let [scanned, transferred, gap, retried, requests] = *bill else { panic!("{bill:?}") };
    assert_eq!(transferred, counted.get_bytes, "{name}: transferred bytes");
    assert_eq!(requests, counted.get, "{name}: GET requests");
    assert_eq!(scanned, transferred - gap - retried, "{name}: scanned bytes");
}
