//! What a request asks for, read from its first line: the vocabulary of counters, log and faults.

use hyper::{Method, Uri};
use serde::Serialize;

use crate::keys;

/// A request's kind, as an object store's price list has it.
///
/// `Get` is a read of an object; a GET on a bucket or on the root is `List`. Upload parts and
/// copies are `Put`; starting or completing an upload and deleting many objects is `Post`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verb {
    Get,
    Head,
    List,
    Put,
    Post,
    Delete,
}

/// One request's target. `key` is empty for requests on a bucket, `bucket` for those on the root.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) verb: Verb,
    pub(crate) method: String,
    pub(crate) bucket: String,
    pub(crate) key: String,
    /// The listed prefix; only for lists.
    pub(crate) prefix: Option<String>,
}

impl Call {
    pub(crate) fn of(method: &Method, uri: &Uri) -> Self {
        let path = keys::percent_decode(uri.path()).unwrap_or_else(|| uri.path().to_owned());
        let path = path.strip_prefix('/').unwrap_or(&path);
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        let verb = verb(method, key);
        let prefix = (verb == Verb::List).then(|| query_value(uri, "prefix").unwrap_or_default());
        Self { verb, method: method.to_string(), bucket: bucket.to_owned(), key: key.to_owned(), prefix }
    }

    /// The key, or for a list the prefix: what a fault's pattern is looked for in.
    pub(crate) fn subject(&self) -> &str {
        self.prefix.as_deref().unwrap_or(&self.key)
    }
}

fn verb(method: &Method, key: &str) -> Verb {
    match *method {
        Method::HEAD => Verb::Head,
        Method::PUT => Verb::Put,
        Method::POST => Verb::Post,
        Method::DELETE => Verb::Delete,
        _ if key.is_empty() => Verb::List,
        _ => Verb::Get,
    }
}

fn query_value(uri: &Uri, name: &str) -> Option<String> {
    url::form_urlencoded::parse(uri.query()?.as_bytes())
        .find(|(found, _)| found == name)
        .map(|(_, value)| value.into_owned())
}
