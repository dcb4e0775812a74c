//! What can go wrong outside of scops: each is a typed error, and the process lives on.

use std::time::{Duration, Instant};

use testkit::{Fault, FaultKind, S3Options, S3Server, Verb};

use crate::{
    client::Client,
    cluster::{Cluster, Mode, on_files, on_s3},
};

const TABLE: &str = "(id bigint, grp int) STORED AS PARQUET";

/// Any Parquet file with these columns, as bytes.
fn parquet_file(rows: i64, group_rows: usize) -> Vec<u8> {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int32Array, Int64Array, RecordBatch};
    use parquet::{arrow::ArrowWriter, file::properties::WriterProperties};
    let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(0..rows));
    let groups: ArrayRef = Arc::new(Int32Array::from_iter_values((0..rows).map(|id| (id % 7) as i32)));
    let batch = RecordBatch::try_from_iter([("id", ids), ("grp", groups)]).unwrap();
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(group_rows))
        .set_compression(parquet::basic::Compression::SNAPPY)
        .build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

async fn bucket() -> S3Server {
    let server = S3Server::start(S3Options::with_buckets(["data"])).await.unwrap();
    server.put_object("data", "t/a.parquet", &parquet_file(10_000, 1_000)).unwrap();
    server
}

async fn error_of(client: &Client, sql: &str) -> String {
    match client.run(sql).await {
        Ok(_) => panic!("{sql} should fail"),
        Err(error) => error,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn storage_faults_are_typed_errors() {
    let server = bucket().await;
    let good = parquet_file(10_000, 1_000);
    let mut flipped = good.clone();
    flipped[good.len() / 4..good.len() / 2].fill(0xff);
    server.put_object("data", "truncated/a.parquet", &good[..good.len() / 2]).unwrap();
    server.put_object("data", "garbage/a.parquet", b"this is not a Parquet file").unwrap();
    server.put_object("data", "flipped/a.parquet", &flipped).unwrap();
    let cluster = Cluster::start(Mode::Embedded, &on_s3(&server));
    let client = Client::connect(&cluster.flight).await;
    for folder in ["truncated", "garbage", "flipped"] {
        let create = format!("CREATE EXTERNAL TABLE {folder} {TABLE} LOCATION 's3://data/{folder}/'");
        client.run(&create).await.unwrap();
        let error = error_of(&client, &format!("SELECT sum(id), sum(grp) FROM {folder}")).await;
        assert!(error.contains("CORRUPT_FILE"), "{folder}: {error}");
    }
    let create = format!("CREATE EXTERNAL TABLE nowhere {TABLE} LOCATION 's3://absent/t/'");
    client.run(&create).await.unwrap();
    let error = error_of(&client, "SELECT * FROM nowhere").await;
    assert!(error.contains("BUCKET_NOT_FOUND"), "{error}");

    client.run(&format!("CREATE EXTERNAL TABLE t {TABLE} LOCATION 's3://data/t/'")).await.unwrap();
    server.inject(Fault::new(FaultKind::Status(503)).verb(Verb::Get).times(2));
    assert_eq!(client.number("SELECT count(id) FROM t WHERE grp >= 0").await, 10_000);
    server.inject(Fault::new(FaultKind::Status(500)).verb(Verb::List).times(1_000));
    let error = error_of(&client, "SELECT sum(id) FROM t").await;
    assert!(error.contains("STORAGE_FAILED"), "{error}");
    server.clear_faults();
    assert_eq!(client.number("SELECT sum(id) FROM t").await, 49_995_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_body_is_continued_and_counted() {
    let server = bucket().await;
    let cluster = Cluster::start(Mode::Embedded, &on_s3(&server));
    let client = Client::connect(&cluster.flight).await;
    client.run(&format!("CREATE EXTERNAL TABLE t {TABLE} LOCATION 's3://data/t/'")).await.unwrap();
    server.inject(Fault::new(FaultKind::ResetAfterBytes(1_000)).verb(Verb::Get).times(3));
    let sql = "SELECT sum(id), sum(grp) FROM t";
    assert_eq!(client.rows(sql).await[0][0], "49995000");
    let bill = client.bill(sql, "scanned_bytes, transferred_bytes, gap_bytes, retried_bytes").await;
    assert_eq!(bill[0] + bill[2] + bill[3], bill[1], "{bill:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_object_is_an_error_and_never_a_mix() {
    let server = bucket().await;
    let cluster = Cluster::start(Mode::Embedded, &on_s3(&server));
    let client = Client::connect(&cluster.flight).await;
    client.run(&format!("CREATE EXTERNAL TABLE t {TABLE} LOCATION 's3://data/t/'")).await.unwrap();
    // The footer is read when the query is planned; the reads after it wait until the object changed.
    let slow = FaultKind::Delay(Duration::from_millis(700));
    server.inject(Fault::new(slow).verb(Verb::Get).times(100));
    let question = client.in_database("default");
    let query = tokio::spawn(async move { question.run("SELECT sum(id), sum(grp) FROM t").await });
    tokio::time::sleep(Duration::from_millis(1_000)).await;
    server.replace_object("data", "t/a.parquet", &parquet_file(20_000, 500)).unwrap();
    let outcome = query.await.unwrap();
    server.clear_faults();
    match outcome {
        Err(error) => assert!(error.contains("OBJECT_CHANGED"), "{error}"),
        Ok(rows) => assert_eq!(
            crate::client::text_rows(&rows[0])[0][0],
            "49995000",
            "the old version, whole, is fine as well"
        ),
    }
    assert_eq!(client.number("SELECT sum(id) FROM t").await, 199_990_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_credentials_and_dead_endpoints_are_typed_errors() {
    let server = bucket().await;
    let mut wrong = on_s3(&server);
    wrong.retain(|(name, _)| name != "AWS_SECRET_ACCESS_KEY");
    wrong.push(("AWS_SECRET_ACCESS_KEY".into(), "canary-secret".into()));
    let mut dead = on_s3(&server);
    dead.retain(|(name, _)| name != "SCOPS_STORAGE__S3__ENDPOINT");
    dead.push(("SCOPS_STORAGE__S3__ENDPOINT".into(), "http://127.0.0.1:1".into()));
    for (environment, label) in [(wrong, "ACCESS_DENIED"), (dead, "STORAGE_UNREACHABLE")] {
        let cluster = Cluster::start(Mode::Embedded, &environment);
        let client = Client::connect(&cluster.flight).await;
        let create = format!("CREATE EXTERNAL TABLE t {TABLE} LOCATION 's3://data/t/'");
        client.run(&create).await.unwrap();
        let start = Instant::now();
        let error = error_of(&client, "SELECT sum(id) FROM t").await;
        assert!(error.contains(label), "{error}");
        assert!(!error.contains("canary"), "{error}");
        assert!(start.elapsed() < Duration::from_secs(15));
        assert_eq!(client.number("SELECT 1").await, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn locations_outside_the_root_are_refused() {
    let root = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/etc", root.path().join("escape")).unwrap();
    let cluster = Cluster::start(Mode::Embedded, &on_files(root.path()));
    let client = Client::connect(&cluster.flight).await;
    let inside = root.path().display();
    for location in [
        "file:///etc/".to_owned(),
        "/etc/".to_owned(),
        format!("file://{inside}/../x/"),
        format!("file://{inside}/escape/"),
        "http://127.0.0.1/".to_owned(),
        "hdfs://name/x".to_owned(),
    ] {
        let create = format!("CREATE EXTERNAL TABLE t (a string) STORED AS TEXTFILE LOCATION '{location}'");
        let error = error_of(&client, &create).await;
        assert!(error.contains("LOCATION_NOT_ALLOWED"), "{location}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_worker_is_an_error_and_the_rest_goes_on() {
    let server = bucket().await;
    for at in 0..12 {
        server.put_object("data", &format!("t/b{at}.parquet"), &parquet_file(10_000, 1_000)).unwrap();
    }
    let mut cluster = Cluster::start(Mode::WorkerProcesses, &on_s3(&server));
    let client = Client::connect(&cluster.flight).await;
    client.run(&format!("CREATE EXTERNAL TABLE t {TABLE} LOCATION 's3://data/t/'")).await.unwrap();
    let sql = "SELECT grp, sum(id) AS total FROM t GROUP BY grp ORDER BY grp";
    let answer = client.rows(sql).await;
    assert_eq!(answer.len(), 7);

    let slow = FaultKind::Delay(Duration::from_millis(1_500));
    server.inject(Fault::new(slow).verb(Verb::Get).times(1_000));
    let question = client.in_database("default");
    let query = tokio::spawn(async move { question.run(sql).await });
    tokio::time::sleep(Duration::from_millis(500)).await;
    cluster.workers[0].kill();
    let start = Instant::now();
    let error = query.await.unwrap().expect_err("a task is gone");
    assert!(error.contains("WORKER_LOST"), "{error}");
    assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
    server.clear_faults();

    let forgotten = Instant::now();
    while client.number("SELECT count(*) FROM system.workers WHERE ready").await != 2 {
        assert!(forgotten.elapsed() < Duration::from_secs(15), "the dead worker is remembered");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(client.rows(sql).await, answer);

    cluster.workers.clear();
    let gone = Instant::now();
    while client.number("SELECT count(*) FROM system.workers WHERE ready").await != 0 {
        assert!(gone.elapsed() < Duration::from_secs(15), "dead workers are remembered");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let error = error_of(&client, sql).await;
    assert!(error.contains("NO_WORKERS"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_ten_thousand_partitions_is_listed_and_opened() {
    let server = bucket().await;
    server.put_object("data", "p/k=7777/a.parquet", &parquet_file(100, 100)).unwrap();
    let cluster = Cluster::start(Mode::Embedded, &on_s3(&server));
    let client = Client::connect(&cluster.flight).await;
    let create = "CREATE EXTERNAL TABLE p (id bigint, grp int) PARTITIONED BY (k int) \
                  STORED AS PARQUET LOCATION 's3://data/p/'";
    client.run(create).await.unwrap();
    for thousand in 0..10 {
        let partitions: Vec<_> =
            (0..1000).map(|at| format!("PARTITION (k = {})", thousand * 1000 + at)).collect();
        let add = format!("ALTER TABLE p ADD {}", partitions.join(" "));
        client.run(&add).await.unwrap();
    }
    server.reset_counters();
    let sql = "SELECT count(*) FROM p WHERE k % 10000 = 7777 AND grp >= 0";
    assert_eq!(client.number(sql).await, 100);
    let counters = server.counters();
    assert_eq!(counters.list, 1, "only the selected partition is listed");
    assert_eq!(counters.by_key.len(), 1, "{:?}", counters.by_key);
    let bill = client.bill(sql, "partitions, partitions_total, files, files_total").await;
    assert_eq!(bill, [1, 10_000, 1, 1]);
    let plan = client.rows(&format!("EXPLAIN {sql}")).await;
    assert!(plan.iter().any(|line| line[0].contains("partitions=1/10000, files=1/1")), "{plan:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_allows_old_listings_is_not_listed() {
    let server = bucket().await;
    for k in 0..20 {
        server.put_object("data", &format!("p/k={k}/a.parquet"), &parquet_file(100, 100)).unwrap();
    }
    let cluster = Cluster::start(Mode::Embedded, &on_s3(&server));
    let client = Client::connect(&cluster.flight).await;
    let create = "CREATE EXTERNAL TABLE p (id bigint, grp int) PARTITIONED BY (k int) STORED AS PARQUET \
                  LOCATION 's3://data/p/' TBLPROPERTIES ('scops.listing.ttl.seconds' = '600')";
    client.run(create).await.unwrap();
    client.run("MSCK REPAIR TABLE p").await.unwrap();
    server.reset_counters();
    let sql = "SELECT sum(id) FROM p WHERE k = 7";
    assert_eq!(client.number(sql).await, 4950);
    let counters = server.counters();
    assert_eq!((counters.list, counters.by_key.len()), (0, 1), "{:?}", counters.by_key);

    server.replace_object("data", "p/k=7/a.parquet", &parquet_file(200, 100)).unwrap();
    let error = error_of(&client, "SELECT sum(grp) FROM p WHERE k = 7").await;
    assert!(error.contains("OBJECT_CHANGED"), "{error}");
    assert_eq!(client.number(sql).await, 19_900, "the next query lists again");

    std::fs::remove_file(server.bucket_dir("data").join("p/k=7/a.parquet")).unwrap();
    let error = error_of(&client, "SELECT sum(grp) + 1 FROM p WHERE k = 7").await;
    assert!(error.contains("OBJECT_MISSING"), "{error}");
    assert_eq!(client.number("SELECT count(*) FROM p WHERE k = 7").await, 0, "it is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_see_new_and_replaced_objects_at_once() {
    let server = bucket().await;
    let cluster = Cluster::start(Mode::WorkerProcesses, &on_s3(&server));
    let client = Client::connect(&cluster.flight).await;
    client.run(&format!("CREATE EXTERNAL TABLE t {TABLE} LOCATION 's3://data/t/'")).await.unwrap();
    let sql = "SELECT sum(id), count(grp) FROM t";
    assert_eq!(client.rows(sql).await, [["49995000", "10000"]]);
    server.put_object("data", "t/b.parquet", &parquet_file(10, 10)).unwrap();
    assert_eq!(client.rows(sql).await, [["49995045", "10010"]], "a new object");
    server.replace_object("data", "t/b.parquet", &parquet_file(20, 10)).unwrap();
    assert_eq!(client.rows(sql).await, [["49995190", "10020"]], "a replaced object");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bill_stops_where_the_query_stops() {
    let server = S3Server::start(S3Options::with_buckets(["data"])).await.unwrap();
    for at in 0..40 {
        let text = format!("{at},x\n").repeat(100_000);
        server.put_object("data", &format!("c/f{at:02}.csv"), text.as_bytes()).unwrap();
    }
    let cluster = Cluster::start(Mode::Embedded, &on_s3(&server));
    let client = Client::connect(&cluster.flight).await;
    let create = "CREATE EXTERNAL TABLE c (a int, b string) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' \
                  STORED AS TEXTFILE LOCATION 's3://data/c/'";
    client.run(create).await.unwrap();
    let all = "SELECT count(a) FROM c";
    assert_eq!(client.number(all).await, 4_000_000);
    let few = "SELECT a FROM c LIMIT 10";
    assert_eq!(client.rows(few).await.len(), 10);
    let whole = client.bill(all, "scanned_bytes").await[0];
    let part = client.bill(few, "scanned_bytes").await[0];
    assert!(part > 0 && part < whole / 2, "{part} of {whole}");
}
