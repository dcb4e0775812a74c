//! The test server as a client sees it, through `object_store` and, where that hides things,
//! through plain HTTP.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::{
    Error, GetOptions, GetRange, MultipartUpload, ObjectStore, ObjectStoreExt, PutMode, PutPayload,
    RetryConfig, UpdateVersion,
};
use testkit::{ACCESS_KEY, Fault, FaultKind, REGION, S3Options, S3Server, SECRET_KEY, Verb};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const BUCKET: &str = "data";

async fn server() -> S3Server {
    S3Server::start(S3Options::with_buckets([BUCKET])).await.unwrap()
}

fn builder(server: &S3Server) -> AmazonS3Builder {
    AmazonS3Builder::new()
        .with_endpoint(server.endpoint())
        .with_allow_http(true)
        .with_region(REGION)
        .with_bucket_name(BUCKET)
        .with_access_key_id(ACCESS_KEY)
        .with_secret_access_key(SECRET_KEY)
}

fn store(server: &S3Server) -> AmazonS3 {
    builder(server).build().unwrap()
}

fn store_without_retries(server: &S3Server) -> AmazonS3 {
    let retry = RetryConfig { max_retries: 0, ..Default::default() };
    builder(server).with_retry(retry).build().unwrap()
}

fn pattern(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|at| u8::try_from(at % 251).unwrap()).collect()
}

async fn read(store: &AmazonS3, key: &str) -> object_store::Result<Bytes> {
    store.get(&Path::from(key)).await?.bytes().await
}

async fn read_range(store: &AmazonS3, key: &str, range: GetRange) -> object_store::Result<Bytes> {
    let options = GetOptions { range: Some(range), ..Default::default() };
    store.get_opts(&Path::from(key), options).await?.bytes().await
}

/// Status and text of an unsigned request.
async fn plain_http(server: &S3Server, request_line: &str) -> String {
    let address = server.endpoint().replace("http://", "");
    let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
    let request = format!("{request_line} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn objects_are_written_read_and_deleted() {
    let server = server().await;
    let store = store(&server);
    let content = pattern(1_000_003);
    for key in ["plain", "dt=2024-01-01 00%3A00/a b+c&ü.parquet", "x/y/z"] {
        let path = Path::from(key);
        let put = store.put(&path, content.clone().into()).await.unwrap();
        let got = store.get(&path).await.unwrap();
        assert_eq!(got.meta.e_tag, put.e_tag);
        assert_eq!(got.meta.size, 1_000_003);
        assert_eq!(got.bytes().await.unwrap(), content);
        assert_eq!(store.head(&path).await.unwrap().e_tag, put.e_tag);
        store.delete(&path).await.unwrap();
        assert!(matches!(store.get(&path).await, Err(Error::NotFound { .. })));
    }
    // Folders left empty are gone, so no listing walks them.
    assert_eq!(fs::read_dir(server.bucket_dir(BUCKET)).unwrap().count(), 0);
}

#[tokio::test]
async fn dropped_files_are_objects() {
    let server = server().await;
    fs::create_dir(server.bucket_dir(BUCKET).join("t")).unwrap();
    fs::write(server.bucket_dir(BUCKET).join("t/part-0.csv"), "a,b\n").unwrap();
    let store = store(&server);
    assert_eq!(read(&store, "t/part-0.csv").await.unwrap(), "a,b\n");
    let listed: Vec<_> = store.list(None).try_collect().await.unwrap();
    let head = store.head(&Path::from("t/part-0.csv")).await.unwrap();
    assert_eq!(listed, [head]);
    assert!(read(&store, "t").await.is_err(), "a folder is not an object");
    assert!(read(&store, "t/part-0.csv/x").await.is_err());
}

#[tokio::test]
async fn ranges_are_served_and_counted_to_the_byte() {
    let server = server().await;
    let store = store(&server);
    let content = pattern(700_000);
    server.put_object(BUCKET, "o", &content).unwrap();
    server.put_object(BUCKET, "short", b"0123456789").unwrap();
    server.put_object(BUCKET, "empty", b"").unwrap();
    let cases = [
        (GetRange::Bounded(0..1), 0..1),
        (GetRange::Bounded(262_143..524_289), 262_143..524_289),
        (GetRange::Bounded(699_999..800_000), 699_999..700_000),
        (GetRange::Offset(600_000), 600_000..700_000),
        (GetRange::Suffix(7), 699_993..700_000),
    ];
    let mut expected_bytes = 0;
    for (range, expected) in cases {
        let got = read_range(&store, "o", range).await.unwrap();
        assert_eq!(got, content[expected.clone()]);
        expected_bytes += expected.len() as u64;
        assert_eq!(server.counters().get_bytes, expected_bytes);
        let entry = server.access_log().pop().unwrap();
        let range = (expected.start as u64, expected.end as u64);
        assert_eq!((entry.status, entry.range), (206, Some(range)));
        assert_eq!(entry.bytes_sent, expected.len() as u64);
    }
    let got = read_range(&store, "short", GetRange::Suffix(65_536)).await.unwrap();
    assert_eq!(got, "0123456789");
    assert_eq!(read(&store, "empty").await.unwrap(), "");
    assert!(read_range(&store, "short", GetRange::Offset(10)).await.is_err());
    assert!(read_range(&store, "empty", GetRange::Suffix(1)).await.is_err());

    let counters = server.counters();
    assert_eq!((counters.get, counters.failed), (9, 2));
    assert_eq!(counters.get_bytes, expected_bytes + 10);
    assert_eq!(counters.key(BUCKET, "o").get_bytes, expected_bytes);
    assert_eq!(counters.key(BUCKET, "short").get, 2);
    server.reset_counters();
    assert_eq!(server.counters().requests(), 0);
    assert!(server.access_log().is_empty());
}

#[tokio::test]
async fn if_match_holds_reads_to_one_version() {
    let server = server().await;
    let store = store(&server);
    server.put_object(BUCKET, "o", b"first").unwrap();
    let path = Path::from("o");
    let etag = store.head(&path).await.unwrap().e_tag;
    for head in [false, true] {
        let options = GetOptions { if_match: etag.clone(), head, ..Default::default() };
        assert!(store.get_opts(&path, options).await.is_ok());
    }
    server.replace_object(BUCKET, "o", b"other").unwrap();
    for head in [false, true] {
        let options = GetOptions { if_match: etag.clone(), head, ..Default::default() };
        let refused = store.get_opts(&path, options).await;
        assert!(matches!(refused, Err(Error::Precondition { .. })), "{refused:?}");
    }
    let options = GetOptions { if_none_match: store.head(&path).await.unwrap().e_tag, ..Default::default() };
    let unchanged = store.get_opts(&path, options).await;
    assert!(matches!(unchanged, Err(Error::NotModified { .. })), "{unchanged:?}");
    assert!(server.replace_object(BUCKET, "absent", b"").is_err());
}

#[tokio::test]
async fn answers_that_have_begun_keep_the_replaced_content() {
    let server = server().await;
    let store = store(&server);
    let content = pattern(20_000_000);
    server.put_object(BUCKET, "o", &content).unwrap();
    let mut chunks = store.get(&Path::from("o")).await.unwrap().into_stream();
    let mut got = chunks.next().await.unwrap().unwrap().to_vec();
    server.replace_object(BUCKET, "o", b"other").unwrap();
    while let Some(chunk) = chunks.next().await {
        got.extend(chunk.unwrap());
    }
    assert!(got == content);
    assert_eq!(server.counters().get, 1);
}

#[tokio::test]
async fn conditional_writes_have_one_winner() {
    let server = server().await;
    let store = store(&server);
    let path = Path::from("dir/o");
    let writes = (0..8).map(|n| store.put_opts(&path, PutPayload::from(vec![n; 10]), PutMode::Create.into()));
    let results = futures::future::join_all(writes).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    let lost = |result: &object_store::Result<_>| matches!(result, Err(Error::AlreadyExists { .. }));
    assert_eq!(results.iter().filter(|result| lost(result)).count(), 7);

    let held: UpdateVersion = results.into_iter().find_map(Result::ok).unwrap().into();
    let update = PutMode::Update(held.clone());
    store.put_opts(&path, "new".into(), update.clone().into()).await.unwrap();
    let stale = store.put_opts(&path, "newer".into(), update.into()).await;
    assert!(matches!(stale, Err(Error::Precondition { .. })), "{stale:?}");
    assert_eq!(read(&store, "dir/o").await.unwrap(), "new");
}

#[tokio::test]
async fn listings_page_in_byte_order() {
    let server = server().await;
    let dir = server.bucket_dir(BUCKET);
    fs::create_dir_all(dir.join("t/p=1")).unwrap();
    fs::create_dir_all(dir.join("t/p=2")).unwrap();
    let mut expected = Vec::new();
    for n in 0..2_100 {
        let key = format!("t/p={}/{n:05}", 1 + n % 2);
        fs::write(dir.join(&key), "x").unwrap();
        expected.push(key);
    }
    fs::write(dir.join("t/p=1.txt"), "x").unwrap();
    expected.push("t/p=1.txt".to_owned());
    expected.sort();
    server.put_object(BUCKET, "t/", b"").unwrap();
    server.put_object(BUCKET, "u", b"").unwrap();

    let store = store(&server);
    let prefix = Path::from("t");
    let keys = |listed: Vec<object_store::ObjectMeta>| -> Vec<String> {
        listed.into_iter().map(|meta| meta.location.to_string()).collect()
    };
    let listed = keys(store.list(Some(&prefix)).try_collect().await.unwrap());
    // `object_store` shows the folder marker `t/` as `t`.
    expected.insert(0, "t".to_owned());
    assert!(listed == expected, "{} keys", listed.len());
    assert_eq!(server.counters().list, 3);
    let log = server.access_log();
    assert!(log.iter().all(|entry| entry.prefix.as_deref() == Some("t/")));
    assert!(log.iter().all(|entry| entry.bucket == BUCKET && entry.key.is_empty()));

    let offset = Path::from("t/p=1/02098");
    let later = keys(store.list_with_offset(Some(&prefix), &offset).try_collect().await.unwrap());
    assert_eq!(later.len(), 1050);
    let folder = store.list_with_delimiter(Some(&prefix)).await.unwrap();
    assert_eq!(folder.common_prefixes, [Path::from("t/p=1"), Path::from("t/p=2")]);
    assert_eq!(keys(folder.objects), ["t", "t/p=1.txt"]);

    let doomed = store.list(Some(&prefix)).map_ok(|meta| meta.location).boxed();
    let gone: Vec<_> = store.delete_stream(doomed).try_collect().await.unwrap();
    assert_eq!(gone.len(), 2_102);
    let left: Vec<_> = store.list(None).try_collect().await.unwrap();
    assert_eq!(keys(left), ["t", "u"], "the marker `t/` and `u`");
}

#[tokio::test]
async fn multipart_uploads_complete_or_leave_nothing() {
    let server = server().await;
    let store = store(&server);
    let content = pattern(12 * 1024 * 1024);
    let path = Path::from("big");
    let mut upload = store.put_multipart(&path).await.unwrap();
    let parts: Vec<_> =
        content.chunks(5 * 1024 * 1024).map(|part| upload.put_part(part.to_vec().into())).collect();
    futures::future::try_join_all(parts).await.unwrap();
    let put = upload.complete().await.unwrap();
    assert_eq!(store.head(&path).await.unwrap().e_tag, put.e_tag);
    assert!(read(&store, "big").await.unwrap() == content);
    let counters = server.counters();
    assert_eq!((counters.post, counters.put, counters.get), (2, 3, 1));

    let mut aborted = store.put_multipart(&Path::from("aborted")).await.unwrap();
    aborted.put_part("x".into()).await.unwrap();
    aborted.abort().await.unwrap();
    assert!(store.head(&Path::from("aborted")).await.is_err());

    let mut small = store.put_multipart(&Path::from("small")).await.unwrap();
    small.put_part("too small".into()).await.unwrap();
    small.put_part("last".into()).await.unwrap();
    let refused = small.complete().await.unwrap_err().to_string();
    assert!(refused.contains("EntityTooSmall"), "{refused}");

    store.copy(&path, &Path::from("copy")).await.unwrap();
    assert!(read(&store, "copy").await.unwrap() == content);
    drop(small);
}

#[tokio::test]
async fn strangers_are_refused() {
    let server = server().await;
    server.put_object(BUCKET, "o", b"secret").unwrap();
    let wrong_secret = builder(&server).with_secret_access_key("guess").build().unwrap();
    let refused = format!("{:?}", read(&wrong_secret, "o").await.unwrap_err());
    assert!(refused.contains("403") && refused.contains("SignatureDoesNotMatch"), "{refused}");
    let wrong_key = builder(&server).with_access_key_id("nobody").build().unwrap();
    let refused = format!("{:?}", read(&wrong_key, "o").await.unwrap_err());
    assert!(refused.contains("403") && refused.contains("InvalidAccessKeyId"), "{refused}");
    let refused = plain_http(&server, "GET /data/o").await;
    assert!(refused.starts_with("HTTP/1.1 403") && refused.contains("AccessDenied"), "{refused}");
    let counters = server.counters();
    assert_eq!((counters.get, counters.failed, counters.get_bytes), (3, 3, 0));
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let server = server().await;
    let elsewhere = builder(&server).with_bucket_name("elsewhere").build().unwrap();
    for refused in [
        format!("{:?}", read(&elsewhere, "o").await.unwrap_err()),
        format!("{:?}", elsewhere.put(&Path::from("o"), "x".into()).await.unwrap_err()),
        format!("{:?}", elsewhere.list(None).try_collect::<Vec<_>>().await.unwrap_err()),
        format!("{:?}", elsewhere.delete(&Path::from("o")).await),
    ] {
        assert!(refused.contains("NoSuchBucket"), "{refused}");
    }
    assert!(!server.bucket_dir("elsewhere").exists());
    let refused = format!("{:?}", read(&store(&server), "o").await.unwrap_err());
    assert!(refused.contains("NoSuchKey"), "{refused}");
}

#[tokio::test]
async fn injected_statuses_hit_the_requests_they_are_for() {
    let server = server().await;
    server.put_object(BUCKET, "a/1", b"one").unwrap();
    server.put_object(BUCKET, "b/1", b"two").unwrap();
    let fault = Fault::new(FaultKind::Status(503)).verb(Verb::Get).key_contains("a/").times(2);
    server.inject(fault);
    let store = store(&server);
    assert_eq!(read(&store, "b/1").await.unwrap(), "two");
    assert_eq!(read(&store, "a/1").await.unwrap(), "one", "retried by the client");
    let counters = server.counters();
    assert_eq!((counters.get, counters.failed), (4, 2));
    assert_eq!(counters.get_bytes, 6, "error texts are not object bytes");

    server.inject(Fault::new(FaultKind::Status(500)).verb(Verb::List));
    let strict = store_without_retries(&server);
    assert!(strict.list(None).try_collect::<Vec<_>>().await.is_err());
    server.inject(Fault::new(FaultKind::Status(403)).times(u32::MAX));
    assert!(strict.head(&Path::from("a/1")).await.is_err());
    server.clear_faults();
    assert!(strict.head(&Path::from("a/1")).await.is_ok());
}

#[tokio::test]
async fn broken_bodies_are_counted_as_far_as_they_went() {
    let server = server().await;
    let content = pattern(1_000_000);
    server.put_object(BUCKET, "o", &content).unwrap();
    let strict = store_without_retries(&server);

    server.inject(Fault::new(FaultKind::ResetAfterBytes(300_000)));
    let mut chunks = strict.get(&Path::from("o")).await.unwrap().into_stream();
    let mut received = 0;
    let broken = loop {
        match chunks.next().await {
            Some(Ok(chunk)) => received += chunk.len(),
            other => break other,
        }
    };
    assert!(matches!(broken, Some(Err(_))), "{broken:?}");
    assert_eq!(received, 300_000);
    assert_eq!(server.counters().get_bytes, 300_000);
    assert_eq!(server.access_log().pop().unwrap().bytes_sent, 300_000);

    server.reset_counters();
    server.inject(Fault::new(FaultKind::ResetAfterBytes(300_000)));
    assert!(read(&store(&server), "o").await.unwrap() == content, "resumed by the client");
    assert_eq!(server.counters().get_bytes, 1_000_000);
    assert_eq!(server.counters().get, 2);

    server.inject(Fault::new(FaultKind::TruncateBody));
    let half = read_range(&strict, "o", GetRange::Bounded(0..1000)).await.unwrap();
    assert_eq!(half, content[..500], "only the length tells");
}

#[tokio::test]
async fn delays_add_up_with_other_faults() {
    let server = server().await;
    server.put_object(BUCKET, "o", b"x").unwrap();
    server.inject(Fault::new(FaultKind::Delay(Duration::from_millis(150))));
    server.inject(Fault::new(FaultKind::Status(503)));
    let begun = Instant::now();
    assert!(read(&store_without_retries(&server), "o").await.is_err());
    assert!(begun.elapsed() >= Duration::from_millis(150));
    assert_eq!(read(&store_without_retries(&server), "o").await.unwrap(), "x");
}

#[tokio::test]
async fn the_log_file_has_a_line_per_request() {
    let dir = tempfile::tempdir().unwrap();
    let log_file = dir.path().join("access.ndjson");
    let server = S3Server::start(S3Options {
        root: Some(dir.path().join("root")),
        log_file: Some(log_file.clone()),
        ..S3Options::with_buckets([BUCKET])
    })
    .await
    .unwrap();
    server.put_object(BUCKET, "o", b"0123456789").unwrap();
    let store = store(&server);
    read_range(&store, "o", GetRange::Bounded(2..5)).await.unwrap();
    store.list(None).try_collect::<Vec<_>>().await.unwrap();
    server.shutdown().await;
    let lines = fs::read_to_string(&log_file).unwrap();
    let (first, second) = lines.split_once('\n').unwrap();
    assert_eq!(
        first,
        r#"{"verb":"get","method":"GET","bucket":"data","key":"o","prefix":null,"range":[2,5],"status":206,"bytes_sent":3}"#
    );
    assert!(second.contains(r#""verb":"list""#) && second.ends_with("}\n"), "{second}");
}

#[test]
fn a_server_outlives_the_runtime_it_was_started_from() {
    let runtime = || tokio::runtime::Runtime::new().unwrap();
    let server = runtime().block_on(server());
    server.put_object(BUCKET, "o", b"x").unwrap();
    let address = server.endpoint().replace("http://", "");
    let content = runtime().block_on(read(&store(&server), "o")).unwrap();
    assert_eq!(content, "x");
    runtime().block_on(server.shutdown());
    assert!(std::net::TcpStream::connect(address).is_err());
}
