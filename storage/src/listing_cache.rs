//! Listings remembered for tables that allow it.
//!
//! Off unless asked for: a new object in a bucket is seen by the next query, as in Athena. A table
//! that says how old a listing may be saves the requests; what was replaced or removed since is
//! noticed when it is read, because every read carries the listed ETag.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use protocol::Result;

use crate::{Location, Meter, ObjectRef, Storage};

/// Objects in all remembered listings together, about 300 bytes each; beyond it all are forgotten.
const OBJECTS_REMEMBERED_MAX: usize = 1_000_000;

/// One per [`Storage`].
#[derive(Debug, Default)]
pub(crate) struct ListingCache {
    listings: Mutex<Listings>,
}

#[derive(Debug, Default)]
struct Listings {
    by_location: BTreeMap<Location, (Instant, Arc<[ObjectRef]>)>,
    objects: usize,
}

impl Listings {
    fn insert(&mut self, location: Location, objects: Arc<[ObjectRef]>) {
        if self.objects + objects.len() > OBJECTS_REMEMBERED_MAX {
            *self = Self::default();
        }
        self.objects += objects.len();
        if let Some((_, old)) = self.by_location.insert(location, (Instant::now(), objects)) {
            self.objects -= old.len();
        }
    }
}

impl Storage {
    /// As [`Storage::list`], but a listing made within `age_max` will do.
    pub async fn list_within(
        &self,
        location: &Location,
        age_max: Duration,
        meter: &Meter,
    ) -> Result<Vec<ObjectRef>> {
        let known = self.listings.listings.lock().by_location.get(location).cloned();
        if let Some((made, objects)) = known
            && made.elapsed() <= age_max
        {
            return Ok(objects.to_vec());
        }
        let objects = self.list(location, meter).await?;
        self.remember_listing(location.clone(), objects.clone());
        Ok(objects)
    }

    /// Takes over a listing that was made otherwise, for [`Storage::list_within`].
    pub fn remember_listing(&self, location: Location, objects: Vec<ObjectRef>) {
        self.listings.listings.lock().insert(location, objects.into());
    }

    /// Listings are made anew: one of them has turned out to be old.
    pub fn forget_listings(&self) {
        *self.listings.listings.lock() = Listings::default();
    }
}
