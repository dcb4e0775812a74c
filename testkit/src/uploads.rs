//! Multipart uploads in progress. They live in memory and in staging files, and end with the
//! server.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io;
use std::sync::Arc;

use parking_lot::Mutex;
use s3s::dto::{CompletedPart, ETag};
use s3s::{S3Error, S3Result, s3_error};
use tempfile::TempPath;

use crate::object::ObjectState;
use crate::staging::Staging;

/// S3's rule for every part but the last. Enforced, so that a writer that breaks it fails here
/// and not in production.
const PART_BYTES_MIN: u64 = 5 * 1024 * 1024;

const PART_NUMBER_MAX: i32 = 10_000;

#[derive(Default)]
pub(crate) struct Uploads(Mutex<State>);

#[derive(Default)]
struct State {
    started: u64,
    open: HashMap<String, Upload>,
}

struct Upload {
    bucket: String,
    key: String,
    parts: BTreeMap<i32, Arc<Part>>,
}

/// One received part; its file goes when the last holder does.
pub(crate) struct Part {
    path: TempPath,
    state: ObjectState,
}

/// The object an upload is for, with the id its client was given.
pub(crate) struct UploadRef<'a> {
    pub(crate) id: &'a str,
    pub(crate) bucket: &'a str,
    pub(crate) key: &'a str,
}

impl Uploads {
    pub(crate) fn create(&self, bucket: &str, key: &str) -> String {
        let mut state = self.0.lock();
        state.started += 1;
        let id = format!("upload-{}", state.started);
        let upload = Upload { bucket: bucket.to_owned(), key: key.to_owned(), parts: BTreeMap::new() };
        state.open.insert(id.clone(), upload);
        id
    }

    /// Adds or replaces a part.
    pub(crate) fn add(&self, upload: &UploadRef<'_>, number: i32, path: TempPath) -> S3Result<ETag> {
        if !(1..=PART_NUMBER_MAX).contains(&number) {
            return Err(s3_error!(InvalidArgument, "part numbers go from 1 to {PART_NUMBER_MAX}"));
        }
        let metadata = fs::metadata(&path).map_err(S3Error::internal_error)?;
        let state = ObjectState::of(&metadata);
        let etag = state.etag.clone();
        let part = Arc::new(Part { path, state });
        self.with(upload, |upload| upload.parts.insert(number, part))?;
        Ok(etag)
    }

    /// The named parts in order, if they are complete and as the client saw them. The upload
    /// stays open until [`Uploads::remove`].
    pub(crate) fn select(
        &self,
        upload: &UploadRef<'_>,
        wanted: &[CompletedPart],
    ) -> S3Result<Vec<Arc<Part>>> {
        let held = self.with(upload, |upload| upload.parts.clone())?;
        let mut selected: Vec<Arc<Part>> = Vec::with_capacity(wanted.len());
        let mut last_number = 0;
        for part in wanted {
            let number = part.part_number.unwrap_or_default();
            if number <= last_number {
                return Err(s3_error!(InvalidPartOrder));
            }
            last_number = number;
            let found = held.get(&number).filter(|found| {
                let etag = part.e_tag.as_ref();
                etag.is_none_or(|etag| etag.value() == found.state.etag.value())
            });
            selected.push(Arc::clone(found.ok_or_else(|| s3_error!(InvalidPart))?));
        }
        check_sizes(&selected)?;
        Ok(selected)
    }

    /// Ends an upload, completed or aborted.
    pub(crate) fn remove(&self, upload: &UploadRef<'_>) -> S3Result<()> {
        self.with(upload, |_| ())?;
        self.0.lock().open.remove(upload.id);
        Ok(())
    }

    fn with<T>(&self, wanted: &UploadRef<'_>, use_it: impl FnOnce(&mut Upload) -> T) -> S3Result<T> {
        let mut state = self.0.lock();
        match state.open.get_mut(wanted.id) {
            Some(upload) if upload.bucket == wanted.bucket && upload.key == wanted.key => Ok(use_it(upload)),
            _ => Err(s3_error!(NoSuchUpload)),
        }
    }
}

fn check_sizes(parts: &[Arc<Part>]) -> S3Result<()> {
    match parts.split_last() {
        None => Err(s3_error!(MalformedXML, "an upload needs at least one part")),
        Some((_, before)) if before.iter().any(|part| part.state.size < PART_BYTES_MIN) => {
            Err(s3_error!(EntityTooSmall))
        }
        Some(_) => Ok(()),
    }
}

/// Concatenates parts into one staged file. Blocks.
pub(crate) fn join(staging: &Staging, parts: &[Arc<Part>]) -> io::Result<TempPath> {
    let (mut file, path) = staging.file()?;
    for part in parts {
        io::copy(&mut File::open(&part.path)?, &mut file)?;
    }
    Ok(path)
}
