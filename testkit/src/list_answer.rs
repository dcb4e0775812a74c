//! Listings between the S3 vocabulary and [`crate::listing`]'s.

use std::fs;
use std::io;
use std::path::Path;
use std::time::SystemTime;

use s3s::dto::{Bucket, CommonPrefix, EncodingType, ListObjectsV2Input, ListObjectsV2Output, Object};
use s3s::{S3Result, s3_error};

use crate::keys;
use crate::listing::{ListQuery, Page, Position};
use crate::object::ObjectState;

/// S3's own page size; a client may ask for less, not for more.
const LIST_KEYS_MAX: i32 = 1000;

/// What the request asks for; a page is never longer than S3's own.
pub(crate) fn query(input: &ListObjectsV2Input) -> S3Result<ListQuery> {
    let after = match &input.continuation_token {
        Some(token) => Position::from_token(token)
            .ok_or_else(|| s3_error!(InvalidArgument, "the continuation token is not ours"))?,
        None => Position::Key(input.start_after.clone().unwrap_or_default()),
    };
    let asked = input.max_keys.unwrap_or(LIST_KEYS_MAX).min(LIST_KEYS_MAX);
    Ok(ListQuery {
        prefix: input.prefix.clone().unwrap_or_default(),
        delimiter: input.delimiter.clone().filter(|text| !text.is_empty()),
        after,
        items_max: usize::try_from(asked).map_err(|_| s3_error!(InvalidArgument, "max-keys is negative"))?,
    })
}

/// A page in the request's words, keys encoded if it asked for that.
pub(crate) fn output(input: ListObjectsV2Input, page: Page) -> ListObjectsV2Output {
    let url_encoded =
        input.encoding_type.as_ref().is_some_and(|encoding| encoding.as_str() == EncodingType::URL);
    let text = |text: String| Some(if url_encoded { keys::percent_encode(&text) } else { text });
    let key_count = page.objects.len() + page.common_prefixes.len();
    let object = |(key, state): (String, ObjectState)| Object {
        key: text(key),
        size: i64::try_from(state.size).ok(),
        e_tag: Some(state.etag),
        last_modified: Some(state.modified.into()),
        ..Default::default()
    };
    let common_prefix = |prefix| CommonPrefix { prefix: text(prefix) };
    ListObjectsV2Output {
        name: Some(input.bucket),
        key_count: i32::try_from(key_count).ok(),
        max_keys: Some(input.max_keys.unwrap_or(LIST_KEYS_MAX)),
        is_truncated: Some(page.next.is_some()),
        next_continuation_token: page.next.map(|next| next.to_token()),
        contents: Some(page.objects.into_iter().map(object).collect()),
        common_prefixes: Some(page.common_prefixes.into_iter().map(common_prefix).collect()),
        prefix: input.prefix.and_then(text),
        delimiter: input.delimiter.and_then(text),
        start_after: input.start_after.and_then(text),
        continuation_token: input.continuation_token,
        encoding_type: input.encoding_type,
        ..Default::default()
    }
}

/// Every folder below the root that a bucket may be called; in name order.
pub(crate) fn buckets(root: &Path) -> io::Result<Vec<Bucket>> {
    let mut buckets = Vec::new();
    for item in fs::read_dir(root)? {
        let item = item?;
        let Ok(name) = item.file_name().into_string() else {
            continue;
        };
        let metadata = fs::metadata(item.path())?;
        if metadata.is_dir() && s3s::path::check_bucket_name(&name) {
            let created = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            buckets.push(Bucket {
                name: Some(name),
                creation_date: Some(created.into()),
                ..Default::default()
            });
        }
    }
    buckets.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(buckets)
}
