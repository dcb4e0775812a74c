//! Reads one version of one object, and counts it.

use std::{fs::File, ops::Range, os::unix::fs::FileExt, sync::Arc};

use bytes::{Bytes, BytesMut};
use futures::{StreamExt, TryStreamExt, stream::BoxStream};
use object_store::{GetOptions, GetRange, GetResultPayload, ObjectStore, path::Path};
use protocol::{ByteClass, Error, ErrorCode, Result};

use crate::{Meter, ObjectRef, Scheme, error, ranges, retry, tail::Tail};

/// Chunks of an object, in order.
pub type ByteStream = BoxStream<'static, Result<Bytes>>;

/// Requests of one call that are in flight together.
const REQUESTS_IN_FLIGHT_MAX: usize = 8;
/// Size of the chunks a local file is streamed in.
const FILE_CHUNK_BYTES: u64 = 1 << 20;

/// How wanted ranges become requests, by kind of store: a gap is cheaper than a round trip to a
/// remote store, and dearer than a `pread`.
const S3_GAP_BYTES_MAX: u64 = 256 << 10;
const S3_REQUEST_BYTES_MAX: u64 = 8 << 20;
const FILE_GAP_BYTES_MAX: u64 = 0;
const FILE_REQUEST_BYTES_MAX: u64 = u64::MAX;

/// One opened object. Every read carries the planned ETag, so all bytes are of one version; a
/// replaced object is [`ErrorCode::ObjectChanged`].
#[derive(Debug)]
pub struct ObjectReader {
    source: Arc<Source>,
    tail: parking_lot::Mutex<Option<Arc<Tail>>>,
}

/// What a request needs; shared with streams that outlive the reader.
#[derive(Debug)]
struct Source {
    store: Arc<dyn ObjectStore>,
    path: Path,
    object: ObjectRef,
    meter: Arc<Meter>,
}

impl ObjectReader {
    pub(crate) fn new(store: Arc<dyn ObjectStore>, path: Path, object: ObjectRef, meter: Arc<Meter>) -> Self {
        let source = Arc::new(Source { store, path, object, meter });
        Self { source, tail: parking_lot::Mutex::default() }
    }

    pub fn object(&self) -> &ObjectRef {
        &self.source.object
    }

    pub fn meter(&self) -> &Arc<Meter> {
        &self.source.meter
    }

    /// Fetches the last `bytes` bytes (or the whole object, if it is smaller) in one request and
    /// keeps them: later [`ranges`](Self::ranges) are served from them. Bills nothing by itself.
    pub async fn prefetch_tail(&self, bytes: u64) -> Result<()> {
        let size = self.source.object.size;
        let start = size.saturating_sub(bytes);
        let fetched = self.source.fetch_all(vec![start..size]).await?;
        let bytes = fetched.into_iter().next().unwrap_or_default();
        let tail = Tail::new(start, bytes, Arc::clone(&self.source.meter));
        *self.tail.lock() = Some(Arc::new(tail));
        Ok(())
    }

    /// The bytes of each wanted range, in the order asked for, billed to `class`.
    ///
    /// Costs one request per group of neighbouring ranges. Errors: [`ErrorCode::CorruptFile`] when a
    /// range ends behind the object's end (a file that points outside itself).
    pub async fn ranges(&self, class: ByteClass, wanted: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.check_bounds(wanted)?;
        self.source.meter.check_limit(wanted.iter().map(|range| range.end - range.start).sum())?;
        let tail = self.tail.lock().clone();
        let tail_start = tail.as_ref().map_or(u64::MAX, |tail| tail.start());
        // The part of each range before the tail is fetched; the part inside is at hand.
        let remote: Vec<_> = wanted.iter().map(|r| r.start..r.end.min(tail_start)).collect();
        let mut heads = self.source.read(class, &remote).await?.into_iter();
        let mut results = Vec::with_capacity(wanted.len());
        for range in wanted {
            let head = heads.next().unwrap_or_default();
            let rest = range.start.max(tail_start)..range.end.max(tail_start);
            let rest = match &tail {
                Some(tail) if !rest.is_empty() => tail.claim(class, &rest).unwrap_or_default(),
                _ => Bytes::new(),
            };
            results.push(join(head, rest));
        }
        Ok(results)
    }

    /// The bytes of one range, billed to `class`.
    pub async fn range(&self, class: ByteClass, wanted: Range<u64>) -> Result<Bytes> {
        let mut bytes = self.ranges(class, std::slice::from_ref(&wanted)).await?;
        Ok(bytes.pop().unwrap_or_default())
    }

    /// The bytes of `range` as they arrive, each chunk billed to `class` when it is handed out.
    /// Dropping the stream stops the transfer.
    pub fn stream(&self, class: ByteClass, range: Range<u64>) -> ByteStream {
        let range = range.start..range.end.min(self.source.object.size);
        match self.source.object.location.scheme {
            Scheme::File => Arc::clone(&self.source).stream_file(class, range),
            Scheme::S3 => Arc::clone(&self.source).stream_remote(class, range),
        }
    }

    fn check_bounds(&self, wanted: &[Range<u64>]) -> Result<()> {
        let size = self.source.object.size;
        match wanted.iter().find(|range| range.end > size || range.start > range.end) {
            None => Ok(()),
            Some(range) => Err(Error::new(
                ErrorCode::CorruptFile,
                format!(
                    "file {:?} points to bytes {}..{} but has {size}",
                    self.source.object.location.to_string(),
                    range.start,
                    range.end
                ),
            )),
        }
    }
}

fn join(head: Bytes, rest: Bytes) -> Bytes {
    match (head.is_empty(), rest.is_empty()) {
        (_, true) => head,
        (true, false) => rest,
        (false, false) => {
            let mut joined = BytesMut::with_capacity(head.len() + rest.len());
            joined.extend_from_slice(&head);
            joined.extend_from_slice(&rest);
            joined.freeze()
        }
    }
}

impl Source {
    /// Fetches `wanted` and bills it; gaps between merged ranges are counted as gaps.
    async fn read(&self, class: ByteClass, wanted: &[Range<u64>]) -> Result<Vec<Bytes>> {
        let (gap_max, request_max) = match self.object.location.scheme {
            Scheme::S3 => (S3_GAP_BYTES_MAX, S3_REQUEST_BYTES_MAX),
            Scheme::File => (FILE_GAP_BYTES_MAX, FILE_REQUEST_BYTES_MAX),
        };
        let plan = ranges::plan(wanted, gap_max, request_max);
        let wanted_bytes: u64 = plan.iter().map(|fetch| fetch.wanted_bytes).sum();
        self.meter.check_limit(wanted_bytes)?;
        let fetches: Vec<_> = plan.iter().map(|fetch| fetch.fetch.clone()).collect();
        let fetched = self.fetch_all(fetches).await?;
        for fetch in &plan {
            self.meter.add_gap(fetch.fetch.end - fetch.fetch.start - fetch.wanted_bytes);
        }
        self.meter.add_scanned(class, wanted_bytes);
        wanted.iter().map(|range| slice(range, &plan, &fetched)).collect()
    }

    /// All of them or none: what arrived for a call that fails is nobody's.
    async fn fetch_all(&self, fetches: Vec<Range<u64>>) -> Result<Vec<Bytes>> {
        if self.object.location.scheme == Scheme::File {
            return self.fetch_file(fetches).await;
        }
        let fetched: Vec<Fetched> =
            futures::stream::iter(fetches.into_iter().map(|range| self.fetch_remote(range)))
                .buffered(REQUESTS_IN_FLIGHT_MAX)
                .try_collect()
                .await?;
        Ok(fetched.into_iter().map(Fetched::into_bytes).collect())
    }

    /// One range, in as many attempts as it takes; a broken body is continued where it broke.
    async fn fetch_remote(&self, range: Range<u64>) -> Result<Fetched<'_>> {
        let mut chunks: Vec<Bytes> = Vec::new();
        let mut received = 0;
        let mut unused = Unused { meter: &self.meter, bytes: 0 };
        let mut attempt = 1;
        while range.start + received < range.end {
            let failure = match self.open_remote(range.start + received..range.end).await {
                Ok(mut body) => loop {
                    match body.next().await {
                        Some(Ok(chunk)) => {
                            received += chunk.len() as u64;
                            unused.bytes = received;
                            // Attempts count only while nothing arrives.
                            attempt = 1;
                            self.meter.add_transferred(chunk.len() as u64);
                            chunks.push(chunk);
                        }
                        Some(Err(failure)) => break Some(self.error(&failure)),
                        None => break None,
                    }
                },
                Err(failure) => Some(failure),
            };
            let short = || self.short_body(&range, received);
            if range.start + received < range.end {
                retry::pause(failure.unwrap_or_else(short), &mut attempt, &self.object.location).await?;
            }
        }
        Ok(Fetched { bytes: concat(chunks, received), unused })
    }

    async fn open_remote(
        &self,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, object_store::Result<Bytes>>> {
        self.meter.add_request();
        let options = self.options(Some(range));
        let got = self.store.get_opts(&self.path, options).await;
        Ok(got.map_err(|failure| self.error(&failure))?.into_stream())
    }

    /// All ranges with one open file, so that they are of one version.
    async fn fetch_file(&self, fetches: Vec<Range<u64>>) -> Result<Vec<Bytes>> {
        if fetches.is_empty() {
            return Ok(Vec::new());
        }
        let file = self.open_file().await?;
        let location = self.object.location.to_string();
        let read = tokio::task::spawn_blocking(move || {
            fetches.into_iter().map(|range| read_file(&file, &range)).collect::<Result<Vec<_>, _>>()
        });
        let chunks = read
            .await
            .map_err(|panic| Error::internal(format!("a file read did not finish: {panic}")))?
            .map_err(|failure| file_error(&failure, &location))?;
        for chunk in &chunks {
            self.meter.add_request();
            self.meter.add_transferred(chunk.len() as u64);
        }
        Ok(chunks)
    }

    async fn open_file(&self) -> Result<File> {
        let got = self.store.get_opts(&self.path, self.options(None)).await;
        match got.map_err(|failure| self.error(&failure))?.payload {
            GetResultPayload::File(file, _) => Ok(file),
            GetResultPayload::Stream(_) => Err(Error::internal("a local file came as a stream")),
        }
    }

    fn stream_file(self: Arc<Self>, class: ByteClass, range: Range<u64>) -> ByteStream {
        let start = (self, None::<Arc<File>>, range);
        futures::stream::try_unfold(start, move |(source, file, range)| async move {
            if range.is_empty() {
                return Ok(None);
            }
            source.meter.check_limit(0)?;
            let file = match file {
                Some(file) => file,
                None => {
                    source.meter.add_request();
                    Arc::new(source.open_file().await?)
                }
            };
            let chunk = range.start..range.end.min(range.start + FILE_CHUNK_BYTES);
            let (next, from) = (chunk.end..range.end, Arc::clone(&file));
            let bytes = tokio::task::spawn_blocking(move || read_file(&from, &chunk))
                .await
                .map_err(|panic| Error::internal(format!("a file read did not finish: {panic}")))?
                .map_err(|failure| file_error(&failure, &source.object.location.to_string()))?;
            source.meter.add_transferred(bytes.len() as u64);
            source.meter.add_scanned(class, bytes.len() as u64);
            Ok(Some((bytes, (source, Some(file), next))))
        })
        .boxed()
    }

    fn stream_remote(self: Arc<Self>, class: ByteClass, range: Range<u64>) -> ByteStream {
        let start = (self, None, range, 1);
        futures::stream::try_unfold(start, move |(source, mut body, mut range, mut attempt)| async move {
            while !range.is_empty() {
                source.meter.check_limit(0)?;
                let mut open = match body.take() {
                    Some(open) => open,
                    None => match source.open_remote(range.clone()).await {
                        Ok(open) => open,
                        Err(failure) => {
                            retry::pause(failure, &mut attempt, &source.object.location).await?;
                            continue;
                        }
                    },
                };
                match open.next().await {
                    Some(Ok(chunk)) => {
                        let bytes = chunk.len() as u64;
                        range.start += bytes;
                        source.meter.add_transferred(bytes);
                        source.meter.add_scanned(class, bytes);
                        return Ok(Some((chunk, (source, Some(open), range, attempt))));
                    }
                    Some(Err(failure)) => {
                        let failure = source.error(&failure);
                        retry::pause(failure, &mut attempt, &source.object.location).await?;
                    }
                    None => {
                        let failure = source.short_body(&range, 0);
                        retry::pause(failure, &mut attempt, &source.object.location).await?;
                    }
                }
            }
            Ok(None)
        })
        .boxed()
    }

    fn options(&self, range: Option<Range<u64>>) -> GetOptions {
        GetOptions {
            if_match: self.object.etag.clone(),
            range: range.map(GetRange::Bounded),
            ..GetOptions::default()
        }
    }

    fn error(&self, failure: &object_store::Error) -> Error {
        error::from_store(failure, &self.object.location.to_string())
    }

    fn short_body(&self, range: &Range<u64>, received: u64) -> Error {
        Error::new(
            ErrorCode::StorageFailed,
            format!(
                "the object store sent {received} of {} bytes of {:?}",
                range.end - range.start,
                self.object.location.to_string()
            ),
        )
        .retryable()
    }
}

/// One request's bytes, not handed out yet.
struct Fetched<'a> {
    bytes: Bytes,
    unused: Unused<'a>,
}

impl Fetched<'_> {
    fn into_bytes(mut self) -> Bytes {
        self.unused.bytes = 0;
        self.bytes
    }
}

/// Bytes received for a read that nobody has got yet. If it fails for good or is given up, they were
/// transferred and are not billed.
struct Unused<'a> {
    meter: &'a Meter,
    bytes: u64,
}

impl Drop for Unused<'_> {
    fn drop(&mut self) {
        self.meter.add_retried(self.bytes);
    }
}

fn concat(mut chunks: Vec<Bytes>, bytes: u64) -> Bytes {
    if chunks.len() == 1 {
        return chunks.swap_remove(0);
    }
    let mut joined = BytesMut::with_capacity(usize::try_from(bytes).unwrap_or_default());
    chunks.iter().for_each(|chunk| joined.extend_from_slice(chunk));
    joined.freeze()
}

/// The part of the fetched requests that `range` asked for.
fn slice(range: &Range<u64>, plan: &[ranges::Fetch], fetched: &[Bytes]) -> Result<Bytes> {
    if range.is_empty() {
        return Ok(Bytes::new());
    }
    let at = plan.partition_point(|fetch| fetch.fetch.end <= range.start);
    let (Some(request), Some(bytes)) = (plan.get(at), fetched.get(at)) else {
        return Err(Error::internal("a wanted range is in no request"));
    };
    let from = usize::try_from(range.start - request.fetch.start).unwrap_or(usize::MAX);
    let to = usize::try_from(range.end - request.fetch.start).unwrap_or(usize::MAX);
    if from > to || to > bytes.len() {
        return Err(Error::internal("a request returned fewer bytes than it was planned for"));
    }
    Ok(bytes.slice(from..to))
}

fn read_file(file: &File, range: &Range<u64>) -> std::io::Result<Bytes> {
    let length = usize::try_from(range.end - range.start).map_err(std::io::Error::other)?;
    let mut buffer = vec![0; length];
    file.read_exact_at(&mut buffer, range.start)?;
    Ok(buffer.into())
}

fn file_error(failure: &std::io::Error, location: &str) -> Error {
    match failure.kind() {
        // The size was checked when the file was planned: it shrank since.
        std::io::ErrorKind::UnexpectedEof => error::changed(location),
        _ => Error::new(ErrorCode::StorageFailed, format!("reading {location:?}: {failure}")),
    }
}
