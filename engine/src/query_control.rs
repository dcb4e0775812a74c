//! What the connections of one query attempt have in common: the first thing that went wrong, and
//! who takes part.

use std::collections::BTreeSet;

use parking_lot::Mutex;
use protocol::Error;
use tokio::sync::watch;
use url::Url;

/// One per attempt, attached to its session's configuration as an extension.
///
/// A worker that cannot be reached shows up in a background task of the engine, while the result
/// stream waits for something that will never come. Who reads the stream watches this instead.
#[derive(Debug)]
pub struct QueryControl {
    first_error: watch::Sender<Option<Error>>,
    workers: Mutex<BTreeSet<Url>>,
}

impl Default for QueryControl {
    fn default() -> Self {
        Self { first_error: watch::Sender::new(None), workers: Mutex::default() }
    }
}

impl QueryControl {
    /// Keeps `error` if it is the first.
    pub fn fail(&self, error: &Error) {
        self.first_error.send_if_modified(|first| {
            let is_first = first.is_none();
            if is_first {
                *first = Some(error.clone());
            }
            is_first
        });
    }

    /// The first error, if there was one.
    pub fn failure(&self) -> Option<Error> {
        self.first_error.borrow().clone()
    }

    /// Waits for the first error; never returns without one.
    pub async fn failed(&self) -> Error {
        let mut watching = self.first_error.subscribe();
        loop {
            if let Some(error) = watching.borrow_and_update().clone() {
                return error;
            }
            if watching.changed().await.is_err() {
                return Error::internal("a query lost its control");
            }
        }
    }

    /// Workers that were sent a task.
    pub fn workers(&self) -> Vec<Url> {
        self.workers.lock().iter().cloned().collect()
    }

    pub(crate) fn add_worker(&self, url: &Url) {
        self.workers.lock().insert(url.clone());
    }
}
