//! Where requests are counted and logged while they happen.
//!
//! ```text
//! begin ── answered ── sent* ── drop
//!   │         │          │        └ one JSON line to the log file, if there is one
//!   │         │          └ bytes added before the connection gets the chunk
//!   │         └ status and range known
//!   └ request counted, log entry made
//! ```
//! A client that has read the last byte therefore finds counters and access log complete. The
//! log file's line may follow a moment later.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::call::Call;
use crate::{AccessLogEntry, Counters, Verb};

/// Older entries are forgotten; the counters are not affected.
const ACCESS_LOG_ENTRIES_MAX: usize = 200_000;

/// One server's counters and access log.
pub(crate) struct Recorder {
    state: Mutex<State>,
    log_file: Option<Mutex<File>>,
}

#[derive(Default)]
struct State {
    counters: Counters,
    log: VecDeque<AccessLogEntry>,
    /// Number of the entry at the log's front; grows when entries are forgotten.
    first: u64,
}

impl Recorder {
    pub(crate) fn new(log_file: Option<&Path>) -> io::Result<Self> {
        let log_file = log_file
            .map(|path| OpenOptions::new().create(true).append(true).open(path))
            .transpose()?
            .map(Mutex::new);
        Ok(Self { state: Mutex::default(), log_file })
    }

    pub(crate) fn counters(&self) -> Counters {
        self.state.lock().counters.clone()
    }

    pub(crate) fn access_log(&self) -> Vec<AccessLogEntry> {
        self.state.lock().log.iter().cloned().collect()
    }

    /// Forgets counters and access log. Requests still running go on counting their bytes.
    pub(crate) fn reset(&self) {
        let mut state = self.state.lock();
        state.counters = Counters::default();
        state.first += state.log.len() as u64;
        state.log.clear();
    }

    fn write_line(&self, entry: &AccessLogEntry) {
        let Some(file) = &self.log_file else { return };
        let line = match serde_json::to_vec(entry) {
            Ok(line) => [line, b"\n".to_vec()].concat(),
            Err(error) => return tracing::warn!(%error, "access log entry not written"),
        };
        // One write per line: readers of the file never see half an entry.
        if let Err(error) = file.lock().write_all(&line) {
            tracing::warn!(%error, "access log entry not written");
        }
    }
}

/// One request and its answer. Dropping it ends the request.
pub(crate) struct Exchange {
    recorder: Arc<Recorder>,
    number: u64,
    entry: AccessLogEntry,
    /// `bucket/key` when the body's bytes count as an object read.
    read_key: Option<String>,
}

impl Exchange {
    pub(crate) fn begin(recorder: Arc<Recorder>, call: Call) -> Self {
        let entry = AccessLogEntry {
            verb: call.verb,
            method: call.method,
            bucket: call.bucket,
            key: call.key,
            prefix: call.prefix,
            range: None,
            status: 0,
            bytes_sent: 0,
        };
        let mut state = recorder.state.lock();
        *state.counters.verb_mut(entry.verb) += 1;
        if entry.verb == Verb::Get {
            let key = format!("{}/{}", entry.bucket, entry.key);
            state.counters.by_key.entry(key).or_default().get += 1;
        }
        if state.log.len() == ACCESS_LOG_ENTRIES_MAX {
            state.log.pop_front();
            state.first += 1;
        }
        let number = state.first + state.log.len() as u64;
        state.log.push_back(entry.clone());
        drop(state);
        Self { recorder, number, entry, read_key: None }
    }

    pub(crate) fn answered(&mut self, status: u16, range: Option<(u64, u64)>) {
        self.entry.status = status;
        self.entry.range = range;
        if self.entry.verb == Verb::Get && status < 300 {
            self.read_key = Some(format!("{}/{}", self.entry.bucket, self.entry.key));
        }
        let mut state = self.recorder.state.lock();
        if status >= 400 {
            state.counters.failed += 1;
        }
        state.update(self.number, &self.entry);
    }

    pub(crate) fn sent(&mut self, bytes: u64) {
        self.entry.bytes_sent += bytes;
        let mut state = self.recorder.state.lock();
        if let Some(key) = &self.read_key {
            state.counters.get_bytes += bytes;
            // After a reset the key may be unknown again.
            let by_key = &mut state.counters.by_key;
            by_key.entry(key.clone()).or_default().get_bytes += bytes;
        }
        state.update(self.number, &self.entry);
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.recorder.write_line(&self.entry);
    }
}

impl State {
    fn update(&mut self, number: u64, entry: &AccessLogEntry) {
        let index = number.checked_sub(self.first).and_then(|index| usize::try_from(index).ok());
        if let Some(slot) = index.and_then(|index| self.log.get_mut(index)) {
            slot.range = entry.range;
            slot.status = entry.status;
            slot.bytes_sent = entry.bytes_sent;
        }
    }
}
