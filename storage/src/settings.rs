//! What an operator can set under `[storage]`.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// `[storage]`. Credentials are not settings: they come from the standard `AWS_*` environment,
/// web identity, container or instance metadata.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    pub s3: S3Settings,
    pub file: FileSettings,
}

/// `[storage.s3]`: how `s3://` buckets are reached.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct S3Settings {
    /// Base URL of an S3-compatible server; absent means AWS.
    pub endpoint: Option<String>,
    /// Signing region; absent means `AWS_REGION`, or `us-east-1`.
    pub region: Option<String>,
    /// `http://host/bucket/key` instead of `http://bucket.host/key`. Default: true with an
    /// `endpoint`, false without.
    pub path_style: Option<bool>,
    /// Permit an `http://` endpoint. Default: only for loopback addresses.
    pub allow_http: Option<bool>,
}

/// `[storage.file]`: which local files may be read.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FileSettings {
    /// Only files below this folder can be read by `file://`; absent means no local file at all.
    /// The commands set it to the data directory when it is not given.
    pub root: Option<PathBuf>,
}
