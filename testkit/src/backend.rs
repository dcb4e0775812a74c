//! The S3 operations, over a folder tree. Parsing, signatures and XML are `s3s`'s.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, CompleteMultipartUploadInput,
    CompleteMultipartUploadOutput, CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopySource,
    CreateBucketInput, CreateBucketOutput, CreateMultipartUploadInput, CreateMultipartUploadOutput,
    DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, DeletedObject,
    GetBucketLocationInput, GetBucketLocationOutput, GetObjectInput, GetObjectOutput, HeadBucketInput,
    HeadBucketOutput, HeadObjectInput, HeadObjectOutput, ListBucketsInput, ListBucketsOutput,
    ListObjectsV2Input, ListObjectsV2Output, PutObjectInput, PutObjectOutput, StreamingBlob, UploadPartInput,
    UploadPartOutput,
};
use s3s::{S3, S3Error, S3Request, S3Response, S3Result, s3_error};
use tempfile::TempPath;

use crate::keys;
use crate::list_answer;
use crate::listing;
use crate::object::{Conditions, ObjectState, OpenObject};
use crate::staging::Staging;
use crate::uploads::{self, UploadRef, Uploads};

const DELETE_KEYS_MAX: usize = 1000;

/// The folder tree of one server. Clones share it.
#[derive(Clone)]
pub(crate) struct Backend {
    root: PathBuf,
    staging: Arc<Staging>,
    uploads: Arc<Uploads>,
}

impl Backend {
    pub(crate) fn new(root: &Path) -> io::Result<Self> {
        Ok(Self { root: root.to_path_buf(), staging: Arc::new(Staging::new(root)?), uploads: Arc::default() })
    }

    pub(crate) fn bucket_dir(&self, bucket: &str) -> PathBuf {
        self.root.join(bucket)
    }

    /// Stores an object without a request. Blocks.
    pub(crate) fn store(&self, bucket: &str, key: &str, content: &[u8]) -> S3Result<()> {
        let target = self.target(bucket, key)?;
        let (mut file, staged) = self.staging.file().map_err(S3Error::internal_error)?;
        io::Write::write_all(&mut file, content).map_err(S3Error::internal_error)?;
        self.commit(staged, &target, &Conditions::default())?;
        Ok(())
    }

    fn target(&self, bucket: &str, key: &str) -> S3Result<Target> {
        let bucket_dir = self.bucket_dir(bucket);
        let path = keys::object_path(&bucket_dir, key)?;
        Ok(Target { bucket_dir, path })
    }

    fn commit(&self, staged: TempPath, target: &Target, conditions: &Conditions) -> S3Result<ObjectState> {
        self.staging.commit(staged, &target.bucket_dir, &target.path, conditions)
    }

    fn existing_bucket(&self, bucket: &str) -> S3Result<PathBuf> {
        let dir = self.bucket_dir(bucket);
        if dir.is_dir() {
            return Ok(dir);
        }
        Err(s3_error!(NoSuchBucket))
    }

    /// Removes an object if it is there, and the folders it leaves empty.
    fn remove(&self, bucket: &str, key: &str) -> S3Result<()> {
        let bucket_dir = self.existing_bucket(bucket)?;
        let path = keys::object_path(&bucket_dir, key)?;
        match fs::remove_file(&path) {
            Ok(()) => {}
            // Nothing there, or a folder: no object has this key.
            Err(_) if !path.is_file() => return Ok(()),
            Err(error) => return Err(S3Error::internal_error(error)),
        }
        let folders = path.ancestors().skip(1);
        for folder in folders.take_while(|folder| *folder != bucket_dir) {
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
        Ok(())
    }
}

/// Where an object is or will be.
struct Target {
    bucket_dir: PathBuf,
    path: PathBuf,
}

/// Runs file work where it may block.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> S3Result<T> + Send + 'static) -> S3Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(S3Error::internal_error)?
}

fn answer<T>(output: T) -> S3Result<S3Response<T>> {
    Ok(S3Response::new(output))
}

fn size_field(size: u64) -> Option<i64> {
    i64::try_from(size).ok()
}

#[async_trait::async_trait]
impl S3 for Backend {
    async fn get_object(&self, req: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let input = req.input;
        let target = self.target(&input.bucket, &input.key)?;
        let conditions = Conditions { if_match: input.if_match, if_none_match: input.if_none_match };
        let range = input.range;
        let object =
            blocking(move || OpenObject::open(&target.bucket_dir, &target.path, &conditions, range)).await?;
        let span = object.span.clone();
        let state = object.state.clone();
        let content_range = range.map(|_| {
            let last = span.end.saturating_sub(1);
            format!("bytes {}-{last}/{}", span.start, state.size)
        });
        answer(GetObjectOutput {
            accept_ranges: Some("bytes".to_owned()),
            body: Some(StreamingBlob::wrap(object.into_chunks())),
            content_length: size_field(span.end - span.start),
            content_range,
            e_tag: Some(state.etag),
            last_modified: Some(state.modified.into()),
            ..Default::default()
        })
    }

    async fn head_object(&self, req: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        let input = req.input;
        let target = self.target(&input.bucket, &input.key)?;
        let state = blocking(move || ObjectState::load(&target.bucket_dir, &target.path)).await?;
        let conditions = Conditions { if_match: input.if_match, if_none_match: input.if_none_match };
        conditions.check_read(&state)?;
        answer(HeadObjectOutput {
            accept_ranges: Some("bytes".to_owned()),
            content_length: size_field(state.size),
            e_tag: Some(state.etag),
            last_modified: Some(state.modified.into()),
            ..Default::default()
        })
    }

    async fn put_object(&self, req: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let input = req.input;
        let target = self.target(&input.bucket, &input.key)?;
        let conditions = Conditions { if_match: input.if_match, if_none_match: input.if_none_match };
        let staged = self.staging.receive(input.body, input.content_length).await?;
        let backend = self.clone();
        let state = blocking(move || backend.commit(staged, &target, &conditions)).await?;
        answer(PutObjectOutput { e_tag: Some(state.etag), ..Default::default() })
    }

    async fn copy_object(&self, req: S3Request<CopyObjectInput>) -> S3Result<S3Response<CopyObjectOutput>> {
        let input = req.input;
        let CopySource::Bucket { bucket, key, .. } = &input.copy_source else {
            return Err(s3_error!(NotImplemented, "copies from access points"));
        };
        let source = self.target(bucket, key)?;
        let target = self.target(&input.bucket, &input.key)?;
        let backend = self.clone();
        let state = blocking(move || {
            ObjectState::load(&source.bucket_dir, &source.path)?;
            let (_, staged) = backend.staging.file().map_err(S3Error::internal_error)?;
            fs::copy(&source.path, &staged).map_err(S3Error::internal_error)?;
            backend.commit(staged, &target, &Conditions::default())
        })
        .await?;
        answer(CopyObjectOutput {
            copy_object_result: Some(CopyObjectResult {
                e_tag: Some(state.etag),
                last_modified: Some(state.modified.into()),
                ..Default::default()
            }),
            ..Default::default()
        })
    }

    async fn create_multipart_upload(
        &self,
        req: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        let input = req.input;
        self.existing_bucket(&input.bucket)?;
        self.target(&input.bucket, &input.key)?;
        let upload_id = self.uploads.create(&input.bucket, &input.key);
        answer(CreateMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(upload_id),
            ..Default::default()
        })
    }

    async fn upload_part(&self, req: S3Request<UploadPartInput>) -> S3Result<S3Response<UploadPartOutput>> {
        let input = req.input;
        let staged = self.staging.receive(input.body, input.content_length).await?;
        let upload = UploadRef { id: &input.upload_id, bucket: &input.bucket, key: &input.key };
        let etag = self.uploads.add(&upload, input.part_number, staged)?;
        answer(UploadPartOutput { e_tag: Some(etag), ..Default::default() })
    }

    async fn complete_multipart_upload(
        &self,
        req: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let input = req.input;
        let target = self.target(&input.bucket, &input.key)?;
        let conditions = Conditions { if_match: input.if_match, if_none_match: input.if_none_match };
        let wanted = input.multipart_upload.and_then(|upload| upload.parts);
        let upload = UploadRef { id: &input.upload_id, bucket: &input.bucket, key: &input.key };
        let parts = self.uploads.select(&upload, &wanted.unwrap_or_default())?;
        let backend = self.clone();
        let state = blocking(move || {
            let staged = uploads::join(&backend.staging, &parts).map_err(S3Error::internal_error)?;
            backend.commit(staged, &target, &conditions)
        })
        .await?;
        self.uploads.remove(&upload)?;
        answer(CompleteMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            e_tag: Some(state.etag),
            ..Default::default()
        })
    }

    async fn abort_multipart_upload(
        &self,
        req: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        self.uploads.remove(&UploadRef {
            id: &req.input.upload_id,
            bucket: &req.input.bucket,
            key: &req.input.key,
        })?;
        answer(AbortMultipartUploadOutput::default())
    }

    async fn delete_object(
        &self,
        req: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        let backend = self.clone();
        blocking(move || backend.remove(&req.input.bucket, &req.input.key)).await?;
        answer(DeleteObjectOutput::default())
    }

    async fn delete_objects(
        &self,
        req: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        let DeleteObjectsInput { bucket, delete, .. } = req.input;
        if delete.objects.len() > DELETE_KEYS_MAX {
            return Err(s3_error!(MalformedXML, "at most {DELETE_KEYS_MAX} keys at a time"));
        }
        self.existing_bucket(&bucket)?;
        let quiet = delete.quiet.unwrap_or(false);
        let backend = self.clone();
        let output = blocking(move || {
            let (mut deleted, mut errors) = (Vec::new(), Vec::new());
            for object in delete.objects {
                match backend.remove(&bucket, &object.key) {
                    Ok(()) => deleted.push(DeletedObject { key: Some(object.key), ..Default::default() }),
                    Err(error) => errors.push(s3s::dto::Error {
                        code: Some(error.code().as_str().to_owned()),
                        key: Some(object.key),
                        message: error.message().map(str::to_owned),
                        ..Default::default()
                    }),
                }
            }
            Ok(DeleteObjectsOutput {
                deleted: (!quiet).then_some(deleted),
                errors: Some(errors),
                ..Default::default()
            })
        })
        .await?;
        answer(output)
    }

    async fn list_objects_v2(
        &self,
        req: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let input = req.input;
        let dir = self.existing_bucket(&input.bucket)?;
        let query = list_answer::query(&input)?;
        let page = blocking(move || listing::list(&dir, query).map_err(S3Error::internal_error));
        answer(list_answer::output(input, page.await?))
    }

    async fn list_buckets(
        &self,
        _req: S3Request<ListBucketsInput>,
    ) -> S3Result<S3Response<ListBucketsOutput>> {
        let root = self.root.clone();
        let buckets = blocking(move || list_answer::buckets(&root).map_err(S3Error::internal_error)).await?;
        answer(ListBucketsOutput { buckets: Some(buckets), ..Default::default() })
    }

    async fn head_bucket(&self, req: S3Request<HeadBucketInput>) -> S3Result<S3Response<HeadBucketOutput>> {
        self.existing_bucket(&req.input.bucket)?;
        answer(HeadBucketOutput::default())
    }

    async fn create_bucket(
        &self,
        req: S3Request<CreateBucketInput>,
    ) -> S3Result<S3Response<CreateBucketOutput>> {
        let bucket = req.input.bucket;
        match fs::create_dir(self.bucket_dir(&bucket)) {
            Ok(()) => answer(CreateBucketOutput { location: Some(format!("/{bucket}")) }),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(s3_error!(BucketAlreadyOwnedByYou))
            }
            Err(error) => Err(S3Error::internal_error(error)),
        }
    }

    /// No constraint, which is how S3 says `us-east-1`.
    async fn get_bucket_location(
        &self,
        req: S3Request<GetBucketLocationInput>,
    ) -> S3Result<S3Response<GetBucketLocationOutput>> {
        self.existing_bucket(&req.input.bucket)?;
        answer(GetBucketLocationOutput::default())
    }
}
