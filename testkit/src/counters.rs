//! The account a server keeps of its own traffic, as tests read it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::Verb;

/// Requests and bytes since the server started or was last reset.
///
/// A request counts when it arrives, whatever becomes of it: refused, failed by an injected fault
/// or abandoned by its client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counters {
    pub get: u64,
    pub head: u64,
    pub list: u64,
    pub put: u64,
    pub post: u64,
    pub delete: u64,
    /// Requests answered with a status of 400 or above, injected ones included.
    pub failed: u64,
    /// Body bytes of successful object reads, counted as each chunk is handed to the connection.
    /// A client that hangs up early may have received up to a few chunks less.
    pub get_bytes: u64,
    /// Object reads by `bucket/key`.
    pub by_key: BTreeMap<String, KeyCounters>,
}

/// The object reads of one key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KeyCounters {
    pub get: u64,
    pub get_bytes: u64,
}

impl Counters {
    /// All requests, of any verb and outcome.
    pub fn requests(&self) -> u64 {
        self.get + self.head + self.list + self.put + self.post + self.delete
    }

    /// The reads of one object; zero when there were none.
    pub fn key(&self, bucket: &str, key: &str) -> KeyCounters {
        self.by_key.get(&format!("{bucket}/{key}")).copied().unwrap_or_default()
    }

    pub(crate) fn verb_mut(&mut self, verb: Verb) -> &mut u64 {
        match verb {
            Verb::Get => &mut self.get,
            Verb::Head => &mut self.head,
            Verb::List => &mut self.list,
            Verb::Put => &mut self.put,
            Verb::Post => &mut self.post,
            Verb::Delete => &mut self.delete,
        }
    }
}

/// One request, in order of arrival.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccessLogEntry {
    pub verb: Verb,
    pub method: String,
    pub bucket: String,
    /// Empty for requests on a bucket.
    pub key: String,
    /// The listed prefix; only for lists.
    pub prefix: Option<String>,
    /// First byte and the byte after the last one, as the answer's `Content-Range` gave them.
    /// `None` when the answer was not partial.
    pub range: Option<(u64, u64)>,
    /// 0 while no answer has begun; stays 0 when the client gave up before that.
    pub status: u16,
    /// Body bytes of the answer, error texts included.
    pub bytes_sent: u64,
}
