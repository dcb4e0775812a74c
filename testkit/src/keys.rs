//! Object keys as file paths, and back.
//!
//! A key's parts between slashes are folder and file names unchanged, so a folder tree is a
//! bucket as it stands; Hive's own `%3A` in partition names stays what it is. Parts that no file
//! name can hold (an empty one, as in `folder/`) are stored as `%%` and their percent encoding.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use s3s::{S3Result, s3_error};

/// Opens the name of an encoded part. Two signs in a row never come out of percent encoding.
const ENCODED: &str = "%%";

/// What common file systems hold.
const FILE_NAME_BYTES_MAX: usize = 255;

/// Where the object lives below its bucket's folder; never outside of it.
pub(crate) fn object_path(bucket_dir: &Path, key: &str) -> S3Result<PathBuf> {
    let mut path = bucket_dir.to_path_buf();
    for part in key.split('/') {
        if part == "." || part == ".." {
            return Err(s3_error!(InvalidArgument, "relative path parts are not served: {key:?}"));
        }
        let name = file_name(part);
        if name.len() > FILE_NAME_BYTES_MAX {
            return Err(s3_error!(KeyTooLongError));
        }
        path.push(name.as_ref());
    }
    Ok(path)
}

/// The key part a file or folder name stands for; `None` for names no key leads to.
pub(crate) fn part_of(name: &str) -> Option<Cow<'_, str>> {
    let Some(encoded) = name.strip_prefix(ENCODED) else {
        return Some(Cow::Borrowed(name));
    };
    let part = percent_decode(encoded)?;
    (file_name(&part) == name).then_some(Cow::Owned(part))
}

fn file_name(part: &str) -> Cow<'_, str> {
    if part.is_empty() || part.contains('\0') || part.starts_with(ENCODED) {
        return Cow::Owned(format!("{ENCODED}{}", percent_encode(part)));
    }
    Cow::Borrowed(part)
}

/// As S3 encodes keys in listings: everything but unreserved characters and the slash.
pub(crate) fn percent_encode(text: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = String::with_capacity(text.len());
    for &byte in text.as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.extend([byte >> 4, byte & 15].map(|digit| char::from(HEX[usize::from(digit)])));
        }
    }
    out
}

/// `None` when the text is not UTF-8 after decoding. A lone `%` stands for itself.
pub(crate) fn percent_decode(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.first().copied().and_then(hex).zip(after.get(1).copied().and_then(hex));
        match digits {
            Some((high, low)) if first == b'%' => {
                out.push(high << 4 | low);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                out.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8(out).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn check(key: &str, path: &str) {
        let found = object_path(Path::new("b"), key).unwrap();
        assert_eq!(found, Path::new(path), "{key:?}");
        let parts: Vec<_> =
            found.iter().skip(1).map(|name| part_of(name.to_str().unwrap()).unwrap().into_owned()).collect();
        assert_eq!(parts.join("/"), key);
    }

    #[test]
    fn keys_and_paths_map_both_ways() {
        check("a/b.parquet", "b/a/b.parquet");
        check("dt=2024-01-01 00%3A00/x", "b/dt=2024-01-01 00%3A00/x");
        check("folder/", "b/folder/%%");
        check("/a", "b/%%/a");
        check("a//b", "b/a/%%/b");
        check("%%a", "b/%%%25%25a");
        check("nul\0", "b/%%nul%00");
        check("ünï/код", "b/ünï/код");
        check("...", "b/...");
    }

    #[test]
    fn escapes_are_refused() {
        for key in ["..", "a/../../b", "./a", "a/.."] {
            assert!(object_path(Path::new("b"), key).is_err(), "{key}");
        }
        assert!(object_path(Path::new("b"), &"x".repeat(256)).is_err());
    }

    #[test]
    fn names_no_key_leads_to_are_not_listed() {
        assert_eq!(part_of("%%plain"), None);
    }

    #[test]
    fn percent_encoding_round_trips() {
        assert_eq!(percent_encode("a b/ü%"), "a%20b/%C3%BC%25");
        assert_eq!(percent_decode("a%20b/%C3%BC%25").as_deref(), Some("a b/ü%"));
        assert_eq!(percent_decode("100%").as_deref(), Some("100%"));
        assert_eq!(percent_decode("%zz%4").as_deref(), Some("%zz%4"));
        assert_eq!(percent_decode("%ff"), None);
    }
}
