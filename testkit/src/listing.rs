//! Listing a bucket's folder in the byte order of whole keys, a page at a time.
//!
//! A folder sorts as its name and a slash, so a walk in that order meets the keys in order and
//! can stop at a full page. Whole folders are passed over when the prefix, the position or a
//! common prefix already reported rules them out; only reported files are looked at.

use std::fs;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use crate::keys;
use crate::object::ObjectState;

pub(crate) struct ListQuery {
    pub(crate) prefix: String,
    pub(crate) delimiter: Option<String>,
    pub(crate) after: Position,
    pub(crate) items_max: usize,
}

/// Everything up to here has been reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Position {
    Key(String),
    /// All keys with this prefix are reported, being one common prefix.
    CommonPrefix(String),
}

#[derive(Default)]
pub(crate) struct Page {
    pub(crate) objects: Vec<(String, ObjectState)>,
    pub(crate) common_prefixes: Vec<String>,
    /// Where the next page begins; `None` at the end.
    pub(crate) next: Option<Position>,
}

/// One page. Blocks; costs a sorted read of each folder on the way.
pub(crate) fn list(bucket_dir: &Path, query: ListQuery) -> io::Result<Page> {
    let mut walk = Walk { position: query.after.clone(), query, page: Page::default() };
    if walk.query.items_max > 0 {
        let _stopped_or_done = walk.folder(bucket_dir, "")?;
    }
    Ok(walk.page)
}

impl Position {
    /// True for a key that was reported, and for a folder all of whose keys were.
    fn covers(&self, entry: &Entry) -> bool {
        let key = entry.key.as_str();
        let (Self::Key(last) | Self::CommonPrefix(last)) = self;
        let last = last.as_str();
        let holds_later_keys = entry.is_folder && last.starts_with(key);
        match self {
            Self::Key(_) => key <= last && !holds_later_keys,
            Self::CommonPrefix(_) => key.starts_with(last) || (key < last && !holds_later_keys),
        }
    }

    /// Opaque to clients; hex, so that any key survives a query string.
    pub(crate) fn to_token(&self) -> String {
        let (kind, text) = match self {
            Self::Key(key) => ('k', key),
            Self::CommonPrefix(prefix) => ('p', prefix),
        };
        let mut token = String::from(kind);
        token.extend(text.bytes().map(|byte| format!("{byte:02x}")));
        token
    }

    pub(crate) fn from_token(token: &str) -> Option<Self> {
        let (kind, hex) = token.split_at_checked(1)?;
        let bytes: Option<Vec<u8>> =
            (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()).collect();
        let text = String::from_utf8(bytes?).ok()?;
        match kind {
            "k" => Some(Self::Key(text)),
            "p" => Some(Self::CommonPrefix(text)),
            _ => None,
        }
    }
}

struct Walk {
    query: ListQuery,
    position: Position,
    page: Page,
}

impl Walk {
    fn folder(&mut self, dir: &Path, folder: &str) -> io::Result<ControlFlow<()>> {
        for entry in entries(dir, folder)? {
            if self.position.covers(&entry) {
                if matches!(&self.position, Position::CommonPrefix(done) if folder.starts_with(done.as_str()))
                {
                    break;
                }
                continue;
            }
            let flow = if entry.is_folder { self.enter(&entry)? } else { self.report(entry)? };
            if flow.is_break() {
                return Ok(flow);
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn enter(&mut self, entry: &Entry) -> io::Result<ControlFlow<()>> {
        let prefix = &self.query.prefix;
        if entry.key.starts_with(prefix.as_str()) || prefix.starts_with(&entry.key) {
            return self.folder(&entry.path, &entry.key);
        }
        Ok(ControlFlow::Continue(()))
    }

    fn report(&mut self, entry: Entry) -> io::Result<ControlFlow<()>> {
        let Some(rest) = entry.key.strip_prefix(self.query.prefix.as_str()) else {
            return Ok(ControlFlow::Continue(()));
        };
        let common_prefix = self
            .query
            .delimiter
            .as_deref()
            .and_then(|delimiter| Some(rest.find(delimiter)? + delimiter.len()))
            .and_then(|end| entry.key.get(..self.query.prefix.len() + end));
        // A file deleted since the folder was read is left out before it can end a page.
        let Some(state) = present(&entry.path)? else {
            return Ok(ControlFlow::Continue(()));
        };
        if self.page.objects.len() + self.page.common_prefixes.len() == self.query.items_max {
            self.page.next = Some(self.position.clone());
            return Ok(ControlFlow::Break(()));
        }
        if let Some(common_prefix) = common_prefix {
            self.position = Position::CommonPrefix(common_prefix.to_owned());
            self.page.common_prefixes.push(common_prefix.to_owned());
        } else {
            self.position = Position::Key(entry.key.clone());
            self.page.objects.push((entry.key, state));
        }
        Ok(ControlFlow::Continue(()))
    }
}

fn present(path: &Path) -> io::Result<Option<ObjectState>> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(metadata.is_file().then(|| ObjectState::of(&metadata))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

struct Entry {
    /// The whole key; for a folder with the closing slash.
    key: String,
    path: PathBuf,
    is_folder: bool,
}

/// A folder's entries in key order; none if it has just gone. Names that are not UTF-8 are no keys.
fn entries(dir: &Path, folder: &str) -> io::Result<Vec<Entry>> {
    let listed = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        listed => listed?,
    };
    let mut entries = Vec::new();
    for item in listed {
        let item = item?;
        let name = item.file_name();
        let Some(part) = name.to_str().and_then(keys::part_of) else {
            continue;
        };
        let path = item.path();
        let kind = item.file_type()?;
        let is_folder = kind.is_dir() || (kind.is_symlink() && path.is_dir());
        let slash = if is_folder { "/" } else { "" };
        entries.push(Entry { key: format!("{folder}{part}{slash}"), path, is_folder });
    }
    entries.sort_unstable_by(|a, b| a.key.cmp(&b.key));
    Ok(entries)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// All pages, joined; common prefixes in angle brackets.
    fn pages(dir: &Path, prefix: &str, delimiter: Option<&str>, after: &str, items_max: usize) -> String {
        let mut found = Vec::new();
        let mut after = Position::Key(after.to_owned());
        loop {
            let query = ListQuery {
                prefix: prefix.to_owned(),
                delimiter: delimiter.map(str::to_owned),
                after,
                items_max,
            };
            let page = list(dir, query).unwrap();
            let objects = page.objects.into_iter().map(|(key, _)| (key.clone(), key));
            let prefixes = page.common_prefixes.into_iter();
            let prefixes = prefixes.map(|prefix| (prefix.clone(), format!("<{prefix}>")));
            let mut items: Vec<_> = objects.chain(prefixes).collect();
            assert!(items.len() <= items_max);
            items.sort();
            found.extend(items.into_iter().map(|(_, item)| item));
            match page.next {
                None => return found.join(" "),
                Some(next) => after = Position::from_token(&next.to_token()).unwrap(),
            }
        }
    }

    #[test]
    fn every_page_size_gives_the_same_keys_in_byte_order() {
        let root = tempfile::tempdir().unwrap();
        let keys = ["a/x", "a/y/1", "a/y/2", "a.txt", "a0", "b/%%", "b/c", "Z", "é"];
        for key in keys {
            let path = root.path().join(key);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, key).unwrap();
        }
        fs::create_dir_all(root.path().join("empty/deeper")).unwrap();
        let check = |prefix: &str, delimiter: Option<&str>, after: &str, expected: &str| {
            for items_max in [1, 2, 3, 1000] {
                let found = pages(root.path(), prefix, delimiter, after, items_max);
                assert_eq!(found, expected, "{prefix} {delimiter:?} {after} {items_max}");
            }
        };
        check("", None, "", "Z a.txt a/x a/y/1 a/y/2 a0 b/ b/c é");
        check("", Some("/"), "", "Z a.txt <a/> a0 <b/> é");
        check("a", None, "", "a.txt a/x a/y/1 a/y/2 a0");
        check("a/", Some("/"), "", "a/x <a/y/>");
        check("a/y", Some("/"), "", "<a/y/>");
        check("b/", Some("/"), "", "b/ b/c");
        check("", None, "a/y/1", "a/y/2 a0 b/ b/c é");
        check("", Some("/"), "a/y/1", "<a/> a0 <b/> é");
        check("", Some("/"), "a/zzz", "a0 <b/> é");
        check("", Some("y"), "", "Z a.txt a/x <a/y> a0 b/ b/c é");
        check("none", None, "", "");
    }

    #[test]
    fn tokens_that_are_not_ours_are_refused() {
        for token in ["", "k1", "x00", "kzz", "kff", "é"] {
            assert_eq!(Position::from_token(token), None, "{token}");
        }
    }
}
