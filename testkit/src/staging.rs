//! Writing objects: bytes arrive in a file beside the buckets and appear under their key at once.
//!
//! A reader never sees half an object, and conditional writes are decided under one lock, so two
//! writers with `If-None-Match: *` cannot both win.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use futures::StreamExt;
use parking_lot::Mutex;
use s3s::dto::StreamingBlob;
use s3s::{S3Error, S3ErrorCode, S3Result, s3_error};
use tempfile::TempPath;
use tokio::io::{AsyncWriteExt, BufWriter};

use crate::object::{CHUNK_BYTES, Conditions, ObjectState};

/// Below the root, beside the buckets: bucket names begin with a letter or digit.
pub(crate) const STAGING_DIR: &str = ".staging";

/// A concurrent delete may remove the folder between making it and moving the file into it.
const COMMIT_ATTEMPTS_MAX: usize = 5;

pub(crate) struct Staging {
    dir: PathBuf,
    commit: Mutex<()>,
}

impl Staging {
    pub(crate) fn new(root: &Path) -> io::Result<Self> {
        let dir = root.join(STAGING_DIR);
        fs::create_dir_all(&dir)?;
        Ok(Self { dir, commit: Mutex::default() })
    }

    /// An empty file that vanishes when its path is dropped uncommitted.
    pub(crate) fn file(&self) -> io::Result<(File, TempPath)> {
        Ok(tempfile::NamedTempFile::new_in(&self.dir)?.into_parts())
    }

    /// Stores a request's body; `IncompleteBody` when it is not as long as announced.
    pub(crate) async fn receive(
        &self,
        body: Option<StreamingBlob>,
        announced_bytes: Option<i64>,
    ) -> S3Result<TempPath> {
        let (file, path) = self.file().map_err(S3Error::internal_error)?;
        let capacity = usize::try_from(CHUNK_BYTES).map_err(S3Error::internal_error)?;
        let mut file = BufWriter::with_capacity(capacity, tokio::fs::File::from_std(file));
        let mut received = 0;
        if let Some(mut body) = body {
            while let Some(chunk) = body.next().await {
                let chunk =
                    chunk.map_err(|error| S3Error::with_source(S3ErrorCode::IncompleteBody, error))?;
                received += chunk.len() as u64;
                file.write_all(&chunk).await.map_err(S3Error::internal_error)?;
            }
        }
        file.flush().await.map_err(S3Error::internal_error)?;
        if announced_bytes.is_some_and(|bytes| u64::try_from(bytes) != Ok(received)) {
            return Err(s3_error!(IncompleteBody));
        }
        Ok(path)
    }

    /// Puts a finished file under its key if the conditions hold. Blocks.
    pub(crate) fn commit(
        &self,
        staged: TempPath,
        bucket_dir: &Path,
        path: &Path,
        conditions: &Conditions,
    ) -> S3Result<ObjectState> {
        touch(&staged).map_err(S3Error::internal_error)?;
        let _one_at_a_time = self.commit.lock();
        if !bucket_dir.is_dir() {
            return Err(s3_error!(NoSuchBucket));
        }
        let present = fs::metadata(path).ok().filter(Metadata::is_file);
        conditions.check_write(present.as_ref().map(ObjectState::of).as_ref())?;
        move_into_place(staged, path).map_err(write_error)?;
        ObjectState::load(bucket_dir, path)
    }
}

/// The kernel's own stamp moves in steps of milliseconds; two versions of one size written within
/// a step, the second into a recycled inode, would share an ETag.
fn touch(path: &Path) -> io::Result<()> {
    File::options().write(true).open(path)?.set_modified(SystemTime::now())
}

fn move_into_place(mut staged: TempPath, path: &Path) -> io::Result<()> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        match staged.persist(path) {
            Ok(()) => return Ok(()),
            Err(refused)
                if refused.error.kind() == io::ErrorKind::NotFound && attempts < COMMIT_ATTEMPTS_MAX =>
            {
                staged = refused.path;
            }
            Err(refused) => return Err(refused.error),
        }
    }
}

fn write_error(error: io::Error) -> S3Error {
    match error.kind() {
        // S3 can hold both `a` and `a/b`; a file system cannot.
        io::ErrorKind::AlreadyExists
        | io::ErrorKind::NotADirectory
        | io::ErrorKind::IsADirectory
        | io::ErrorKind::DirectoryNotEmpty => s3_error!(
            error,
            InvalidRequest,
            "this test server cannot hold an object whose key is a folder of another's"
        ),
        _ => S3Error::internal_error(error),
    }
}
