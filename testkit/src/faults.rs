//! Failures a test orders for coming requests.

use std::time::Duration;

use parking_lot::Mutex;

use crate::Verb;
use crate::call::Call;

/// What happens to a request that a [`Fault`] matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// This HTTP status and an S3 error text; the request is not carried out.
    Status(u16),
    /// The answer begins normally; the connection closes after this many body bytes.
    ResetAfterBytes(u64),
    /// The answer begins this much later. Adds up with other delays and with one other fault.
    Delay(Duration),
    /// Half of the body, with a `Content-Length` that agrees with the half: what a broken proxy
    /// sends. Only a client that knows how much it asked for can notice.
    TruncateBody,
}

/// A failure, which requests it is for, and how many of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// `None`: every verb.
    pub verb: Option<Verb>,
    /// Looked for in the key, in a list's prefix; `None`: every request.
    pub match_key_contains: Option<String>,
    pub kind: FaultKind,
    /// How many matching requests are hit before the fault is used up.
    pub times: u32,
}

impl Fault {
    /// Hits the next request of any kind, once.
    pub fn new(kind: FaultKind) -> Self {
        Self { verb: None, match_key_contains: None, kind, times: 1 }
    }

    #[must_use]
    pub fn verb(mut self, verb: Verb) -> Self {
        self.verb = Some(verb);
        self
    }

    #[must_use]
    pub fn key_contains(mut self, text: impl Into<String>) -> Self {
        self.match_key_contains = Some(text.into());
        self
    }

    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    fn matches(&self, call: &Call) -> bool {
        self.times > 0
            && self.verb.is_none_or(|verb| verb == call.verb)
            && self.match_key_contains.as_ref().is_none_or(|text| call.subject().contains(text.as_str()))
    }
}

/// The faults still waiting for their requests.
#[derive(Default)]
pub(crate) struct Faults(Mutex<Vec<Fault>>);

/// What one request is to suffer.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Injected {
    pub(crate) delay: Duration,
    pub(crate) failure: Option<Failure>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    Status(u16),
    ResetAfterBytes(u64),
    TruncateBody,
}

impl Faults {
    pub(crate) fn inject(&self, fault: Fault) {
        self.0.lock().push(fault);
    }

    pub(crate) fn clear(&self) {
        self.0.lock().clear();
    }

    /// Takes every matching delay and the first other matching fault, in order of injection.
    pub(crate) fn take(&self, call: &Call) -> Injected {
        let mut injected = Injected::default();
        let mut faults = self.0.lock();
        for fault in faults.iter_mut().filter(|fault| fault.matches(call)) {
            let failure = match fault.kind {
                FaultKind::Delay(delay) => {
                    injected.delay += delay;
                    fault.times -= 1;
                    continue;
                }
                FaultKind::Status(status) => Failure::Status(status),
                FaultKind::ResetAfterBytes(bytes) => Failure::ResetAfterBytes(bytes),
                FaultKind::TruncateBody => Failure::TruncateBody,
            };
            if injected.failure.is_none() {
                injected.failure = Some(failure);
                fault.times -= 1;
            }
        }
        faults.retain(|fault| fault.times > 0);
        injected
    }
}
