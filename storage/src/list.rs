//! What is below a location.

use futures::TryStreamExt;
use object_store::ObjectMeta;
use protocol::{Error, ErrorCode, Result};

use crate::{Location, Meter, ObjectRef, Storage, error, retry};

/// Keys per page of an S3 listing (`ListObjectsV2`, `MaxKeys`).
const KEYS_PER_PAGE: u64 = 1000;
/// Objects one listing may return; beyond it the table should be partitioned, or the memory of the
/// planner would be the limit.
const OBJECTS_MAX: usize = 5_000_000;

impl Storage {
    /// All data objects below `location`, sorted by key. As Athena does, objects and folders whose
    /// name begins with `_` or `.` are hidden, and empty objects (folder markers) are left out.
    ///
    /// Costs one list request per thousand keys. A location that does not exist has no objects.
    pub async fn list(&self, location: &Location, meter: &Meter) -> Result<Vec<ObjectRef>> {
        let metas = self.list_with_retries(location, meter).await?;
        let mut objects: Vec<_> = metas
            .into_iter()
            .filter(|meta| meta.size > 0)
            .map(|meta| object_ref(location, meta))
            .filter(|object| is_visible(&object.location, location))
            .collect();
        objects.sort_by(|a, b| a.location.key.cmp(&b.location.key));
        Ok(objects)
    }

    /// The object at exactly `location`.
    pub async fn head(&self, location: &Location, meter: &Meter) -> Result<ObjectRef> {
        let (store, path) = self.open(location)?;
        meter.add_list_requests(1);
        let got = object_store::ObjectStoreExt::head(store.as_ref(), &path).await;
        let meta = got.map_err(|failure| error::from_store(&failure, &location.to_string()))?;
        Ok(object_ref(location, meta))
    }

    /// A listing that fails half-way is begun again.
    async fn list_with_retries(&self, location: &Location, meter: &Meter) -> Result<Vec<ObjectMeta>> {
        let mut attempt = 1;
        loop {
            match self.list_raw(location, meter).await {
                Ok(metas) => return Ok(metas),
                Err(failure) => retry::pause(failure, &mut attempt, location).await?,
            }
        }
    }

    async fn list_raw(&self, location: &Location, meter: &Meter) -> Result<Vec<ObjectMeta>> {
        let (store, path) = self.open(location)?;
        let prefix = (!path.as_ref().is_empty()).then_some(&path);
        let mut listing = store.list(prefix);
        let mut metas = Vec::new();
        loop {
            match listing.try_next().await {
                Ok(Some(meta)) => metas.push(meta),
                Ok(None) => break,
                Err(object_store::Error::NotFound { .. }) if location.scheme == crate::Scheme::File => break,
                Err(failure) => return Err(error::from_store(&failure, &location.to_string())),
            }
            if metas.len() > OBJECTS_MAX {
                return Err(Error::new(
                    ErrorCode::InvalidTable,
                    format!("more than {OBJECTS_MAX} objects below {:?}", location.to_string()),
                ));
            }
        }
        meter.add_list_requests((metas.len() as u64).div_ceil(KEYS_PER_PAGE).max(1));
        Ok(metas)
    }
}

fn object_ref(base: &Location, meta: ObjectMeta) -> ObjectRef {
    ObjectRef {
        location: Location { key: meta.location.as_ref().to_owned(), ..base.clone() },
        size: meta.size,
        etag: meta.e_tag,
        modified_at_ms: meta.last_modified.timestamp_millis(),
    }
}

fn is_visible(object: &Location, base: &Location) -> bool {
    let relative = object.relative_to(base).unwrap_or(&object.key);
    !relative.split('/').any(|part| part.starts_with(['_', '.']))
}
