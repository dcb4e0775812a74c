//! The stores this process may read, opened once each.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use object_store::{
    ClientOptions, ObjectStore, RetryConfig, aws::AmazonS3Builder, local::LocalFileSystem, path::Path,
};
use parking_lot::Mutex;
use protocol::{Error, ErrorCode, Result};

use crate::{
    Location, Meter, ObjectReader, S3Settings, Scheme, Settings, error, listing_cache::ListingCache,
};

/// Time to establish a connection to an object store.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Time for one request including its body; a body is continued by the next attempt.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
const IDLE_CONNECTIONS_MAX: usize = 64;

/// A version of an object: what a listing saw and what a split carries to a worker.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ObjectRef {
    pub location: Location,
    /// Bytes.
    pub size: u64,
    /// As the store gave it; reads are conditional on it.
    pub etag: Option<String>,
    /// Milliseconds since the Unix epoch.
    pub modified_at_ms: i64,
}

/// Opens objects by location. One per process; clones of its stores share connections.
#[derive(Debug)]
pub struct Storage {
    settings: Settings,
    /// With symbolic links resolved.
    file_root: Option<PathBuf>,
    stores: Mutex<BTreeMap<(Scheme, String), Arc<dyn ObjectStore>>>,
    pub(crate) listings: ListingCache,
}

impl Storage {
    /// Checks the settings; opens nothing yet.
    pub fn new(settings: Settings) -> Result<Self> {
        let file_root = match &settings.file.root {
            None => None,
            Some(root) => Some(std::fs::canonicalize(root).map_err(|failure| {
                Error::new(
                    ErrorCode::LocationNotAllowed,
                    format!("storage.file.root {} cannot be used: {failure}", root.display()),
                )
            })?),
        };
        Ok(Self { settings, file_root, stores: Mutex::default(), listings: ListingCache::default() })
    }

    /// Reads `text` as a location this process may use.
    ///
    /// Errors: [`ErrorCode::LocationNotAllowed`].
    pub fn location(&self, text: &str) -> Result<Location> {
        let location = Location::parse(text)?;
        self.check(&location)?;
        Ok(location)
    }

    /// A reader of one version of an object, counting on `meter`. Costs nothing until it reads.
    pub fn reader(&self, object: &ObjectRef, meter: &Arc<Meter>) -> Result<ObjectReader> {
        let (store, path) = self.open(&object.location)?;
        Ok(ObjectReader::new(store, path, object.clone(), Arc::clone(meter)))
    }

    pub(crate) fn open(&self, location: &Location) -> Result<(Arc<dyn ObjectStore>, Path)> {
        self.check(location)?;
        let path = Path::parse(&location.key).map_err(|_| {
            Error::new(
                ErrorCode::LocationNotAllowed,
                format!("{:?} is not a valid object name", location.to_string()),
            )
        })?;
        let key = (location.scheme, location.bucket.clone());
        let mut stores = self.stores.lock();
        if let Some(store) = stores.get(&key) {
            return Ok((Arc::clone(store), path));
        }
        let store: Arc<dyn ObjectStore> = match location.scheme {
            Scheme::File => Arc::new(LocalFileSystem::new()),
            Scheme::S3 => Arc::new(open_bucket(&self.settings.s3, &location.bucket)?),
        };
        stores.insert(key, Arc::clone(&store));
        Ok((store, path))
    }

    fn check(&self, location: &Location) -> Result<()> {
        if location.scheme == Scheme::S3 {
            return Ok(());
        }
        let outside = |why: &str| {
            Error::new(
                ErrorCode::LocationNotAllowed,
                format!("{:?} cannot be read: {why}", location.to_string()),
            )
            .with_hint("set storage.file.root to a folder above it, or move the files")
        };
        let Some(root) = &self.file_root else {
            return Err(outside("this server reads no local files"));
        };
        // A link inside the root must not lead out of it, so the resolved path is compared.
        let path = PathBuf::from(format!("/{}", location.key));
        let existing = path.ancestors().find_map(|part| std::fs::canonicalize(part).ok());
        if existing.is_some_and(|existing| existing.starts_with(root)) {
            return Ok(());
        }
        Err(outside(&format!("it is not below {}", root.display())))
    }
}

fn open_bucket(settings: &S3Settings, bucket: &str) -> Result<object_store::aws::AmazonS3> {
    let loopback = settings.endpoint.as_deref().is_some_and(is_loopback);
    let client = ClientOptions::new()
        .with_connect_timeout(CONNECT_TIMEOUT)
        .with_timeout(REQUEST_TIMEOUT)
        .with_pool_max_idle_per_host(IDLE_CONNECTIONS_MAX)
        .with_allow_http(settings.allow_http.unwrap_or(loopback));
    let retry = RetryConfig { max_retries: 0, ..RetryConfig::default() };
    let path_style = settings.path_style.unwrap_or(settings.endpoint.is_some());
    let mut builder = AmazonS3Builder::from_env()
        .with_bucket_name(bucket)
        .with_client_options(client)
        .with_retry(retry)
        .with_virtual_hosted_style_request(!path_style);
    if let Some(endpoint) = &settings.endpoint {
        builder = builder.with_endpoint(endpoint.trim_end_matches('/'));
    }
    if let Some(region) = &settings.region {
        builder = builder.with_region(region);
    }
    builder.build().map_err(|failure| error::from_store(&failure, &format!("s3://{bucket}/")))
}

fn is_loopback(endpoint: &str) -> bool {
    let Ok(url) = url::Url::parse(endpoint) else { return false };
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
