//! A place in a store: the text of a table's LOCATION, checked and taken apart.

use std::fmt;

use protocol::{Error, ErrorCode, Result};
use serde::{Deserialize, Serialize};

/// The kind of store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scheme {
    S3,
    File,
}

/// `s3://bucket/prefix/` or `file:///folder/`: an object or the common prefix of many.
///
/// The key is kept byte for byte: S3 keys are not URLs, a `%3A` in a Hive partition folder is part
/// of the name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Location {
    pub scheme: Scheme,
    /// Empty for files.
    pub bucket: String,
    /// Without leading or trailing slash.
    pub key: String,
}

impl Location {
    /// Takes the text of a location apart. Accepts `s3a://` and `s3n://` as Hive clients write them.
    ///
    /// Errors: [`ErrorCode::LocationNotAllowed`] for any other scheme, for `.` and `..` segments,
    /// and for empty segments, which object stores tell apart and file systems do not.
    pub fn parse(text: &str) -> Result<Self> {
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err(refused(text, "it has no scheme"));
        };
        let (scheme, bucket, key) = match scheme.to_ascii_lowercase().as_str() {
            "s3" | "s3a" | "s3n" => {
                let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
                (Scheme::S3, bucket, key)
            }
            "file" => {
                let path = rest.strip_prefix("localhost").unwrap_or(rest);
                let Some(key) = path.strip_prefix('/') else {
                    return Err(refused(text, "a file location is written file:///folder/"));
                };
                (Scheme::File, "", key)
            }
            other => return Err(refused(text, &format!("scheme {other:?} is not served"))),
        };
        if scheme == Scheme::S3 && bucket.is_empty() {
            return Err(refused(text, "it names no bucket"));
        }
        let key = key.trim_end_matches('/');
        if key.split('/').any(|part| part == "." || part == "..") {
            return Err(refused(text, "it contains a '.' or '..' segment"));
        }
        if !key.is_empty() && key.split('/').any(str::is_empty) {
            return Err(refused(text, "it contains an empty path segment"));
        }
        if text.chars().any(|c| c.is_control()) {
            return Err(refused(text, "it contains a control character"));
        }
        Ok(Self { scheme, bucket: bucket.to_owned(), key: key.to_owned() })
    }

    /// The location one level or more below this one.
    #[must_use]
    pub fn join(&self, relative: &str) -> Self {
        let relative = relative.trim_matches('/');
        let key = match (self.key.is_empty(), relative.is_empty()) {
            (_, true) => self.key.clone(),
            (true, false) => relative.to_owned(),
            (false, false) => format!("{}/{relative}", self.key),
        };
        Self { key, ..self.clone() }
    }

    /// The part of `self` below `base`, if it is below it.
    pub fn relative_to<'a>(&'a self, base: &Location) -> Option<&'a str> {
        if (self.scheme, &self.bucket) != (base.scheme, &base.bucket) {
            return None;
        }
        if base.key.is_empty() {
            return Some(&self.key);
        }
        let rest = self.key.strip_prefix(&base.key)?;
        rest.strip_prefix('/').or_else(|| rest.is_empty().then_some(""))
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.scheme {
            Scheme::S3 => write!(f, "s3://{}/{}", self.bucket, self.key),
            Scheme::File => write!(f, "file:///{}", self.key),
        }
    }
}

/// As its text.
impl Serialize for Location {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Location {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Location::parse(&text).map_err(serde::de::Error::custom)
    }
}

fn refused(text: &str, why: &str) -> Error {
    Error::new(ErrorCode::LocationNotAllowed, format!("location {text:?} cannot be read: {why}"))
        .with_hint("use s3://bucket/prefix/, or file:///folder/ below the configured root")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn locations_are_taken_apart() {
        for (text, shown) in [
            ("s3://b/a/b/", "s3://b/a/b"),
            ("s3a://b", "s3://b/"),
            ("S3://b/k=1%3A2/x", "s3://b/k=1%3A2/x"),
            ("file:///tmp/x/", "file:///tmp/x"),
            ("file://localhost/tmp", "file:///tmp"),
        ] {
            assert_eq!(Location::parse(text).unwrap().to_string(), shown, "{text}");
        }
    }

    #[test]
    fn other_places_are_refused() {
        for text in [
            "/etc/passwd",
            "http://169.254.169.254/",
            "s3:///key",
            "file://host/x",
            "file:relative",
            "s3://b/a/../c",
            "file:///root/./x",
            "s3://b/a//c",
            "hdfs://n/x",
            "s3://b/a\nb",
            "",
        ] {
            let error = Location::parse(text).unwrap_err();
            assert_eq!(error.code, ErrorCode::LocationNotAllowed, "{text}");
        }
    }

    #[test]
    fn relative_paths_stop_at_segment_borders() {
        let base = Location::parse("s3://b/a").unwrap();
        let check = |text: &str| Location::parse(text).unwrap().relative_to(&base).map(str::to_owned);
        assert_eq!(check("s3://b/a/x=1/f").as_deref(), Some("x=1/f"));
        assert_eq!(check("s3://b/ab"), None);
        assert_eq!(check("s3://c/a/x"), None);
    }
}
