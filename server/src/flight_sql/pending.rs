//! Results that wait to be fetched: what lies between GetFlightInfo and DoGet.
//!
//! A result is fetched once. One that nobody fetches is dropped, which cancels its query; so the map
//! is bounded in number and in time.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use protocol::{Error, ErrorCode, QueryId};
use tonic::Status;

use crate::status::to_status;

/// Most results that wait at one time.
pub(super) const PENDING_RESULTS_MAX: usize = 1_000;

/// How long a result waits.
pub(super) const PENDING_RESULT_AGE_MAX: Duration = Duration::from_secs(5 * 60);

/// How many fetched tickets are remembered, to tell a second use from a ticket never issued.
const FETCHED_TICKETS_MAX: usize = 4_096;

/// The results waiting in one process.
#[derive(Debug)]
pub(super) struct Pending<T> {
    state: Mutex<State<T>>,
}

#[derive(Debug)]
struct State<T> {
    waiting: HashMap<QueryId, (T, Instant)>,
    fetched: HashSet<QueryId>,
    /// `fetched` in order of time.
    fetched_order: VecDeque<QueryId>,
}

impl<T> Pending<T> {
    pub(super) fn new() -> Self {
        let state =
            State { waiting: HashMap::new(), fetched: HashSet::new(), fetched_order: VecDeque::new() };
        Self { state: Mutex::new(state) }
    }

    /// Fails when nothing more may wait. Asked before a query is submitted, so that a refused request
    /// costs no planning and leaves no row in the log.
    pub(super) fn check_room(&self) -> Result<(), Status> {
        if self.state.lock().waiting.len() < PENDING_RESULTS_MAX {
            return Ok(());
        }
        Err(to_status(&full()))
    }

    /// Lets `result` wait under `query_id`.
    pub(super) fn insert(&self, query_id: QueryId, result: T, now: Instant) -> Result<(), Status> {
        // Requests may have passed `check_room` together, so the bound is kept here.
        let mut state = self.state.lock();
        if state.waiting.len() >= PENDING_RESULTS_MAX {
            return Err(to_status(&full().with_query_id(query_id)));
        }
        state.waiting.insert(query_id, (result, now));
        Ok(())
    }

    /// Hands out the result of `query_id`, once.
    pub(super) fn take(&self, query_id: QueryId) -> Result<T, Status> {
        let mut state = self.state.lock();
        let Some((result, _)) = state.waiting.remove(&query_id) else {
            return Err(absent(query_id, state.fetched.contains(&query_id)));
        };
        state.remember_fetched(query_id);
        Ok(result)
    }

    /// Drops the result of `query_id`; says whether there was one.
    pub(super) fn discard(&self, query_id: QueryId) -> bool {
        // Dropped after the lock is released: ending a query may take time.
        let discarded = self.state.lock().waiting.remove(&query_id);
        discarded.is_some()
    }

    /// Drops what has waited too long.
    pub(super) fn expire(&self, now: Instant) {
        let expired: Vec<_> = {
            let mut state = self.state.lock();
            let is_old = |_: &QueryId, (_, since): &mut (T, Instant)| {
                now.saturating_duration_since(*since) >= PENDING_RESULT_AGE_MAX
            };
            state.waiting.extract_if(is_old).collect()
        };
        for (query_id, _) in expired {
            tracing::info!(%query_id, "result was not fetched in time and is dropped");
        }
    }

    /// Drops everything.
    pub(super) fn clear(&self) {
        let dropped = std::mem::take(&mut self.state.lock().waiting);
        drop(dropped);
    }
}

impl<T> State<T> {
    fn remember_fetched(&mut self, query_id: QueryId) {
        if self.fetched_order.len() >= FETCHED_TICKETS_MAX
            && let Some(oldest) = self.fetched_order.pop_front()
        {
            self.fetched.remove(&oldest);
        }
        self.fetched.insert(query_id);
        self.fetched_order.push_back(query_id);
    }
}

fn full() -> Error {
    Error::new(
        ErrorCode::MemoryLimitExceeded,
        format!("{PENDING_RESULTS_MAX} results wait to be fetched, which is the limit"),
    )
    .with_hint("fetch or cancel results that were asked for, or try again in a few minutes")
    .retryable()
}

fn absent(query_id: QueryId, fetched: bool) -> Status {
    let minutes = PENDING_RESULT_AGE_MAX.as_secs() / 60;
    Status::not_found(if fetched {
        format!(
            "the result of query {query_id} was fetched already: a ticket works once; run the query again"
        )
    } else {
        format!(
            "no result waits under the ticket of query {query_id}: it was cancelled, not fetched within \
             {minutes} minutes, or not issued by this server; run the query again"
        )
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::sync::Arc;

    use tonic::Code;

    use super::*;

    #[test]
    fn a_ticket_works_once() {
        let pending = Pending::new();
        let query_id = QueryId::generate();
        pending.insert(query_id, "rows", Instant::now()).unwrap();
        assert_eq!(pending.take(query_id).unwrap(), "rows");
        let again = pending.take(query_id).unwrap_err();
        assert_eq!(again.code(), Code::NotFound);
        assert!(again.message().contains("fetched already"), "{}", again.message());
        let unknown = pending.take(QueryId::generate()).unwrap_err();
        assert!(unknown.message().contains("not issued"), "{}", unknown.message());
    }

    #[test]
    fn an_unfetched_result_is_dropped_in_time() {
        let pending = Pending::new();
        let start = Instant::now();
        let old = Arc::new(());
        let young = Arc::new(());
        let (old_id, young_id) = (QueryId::generate(), QueryId::generate());
        pending.insert(old_id, Arc::clone(&old), start).unwrap();
        pending.insert(young_id, Arc::clone(&young), start + Duration::from_secs(1)).unwrap();
        pending.expire(start + PENDING_RESULT_AGE_MAX);
        assert_eq!((Arc::strong_count(&old), Arc::strong_count(&young)), (1, 2));
        assert_eq!(pending.take(old_id).unwrap_err().code(), Code::NotFound);
        assert!(pending.take(young_id).is_ok());
    }

    #[test]
    fn waiting_results_are_bounded() {
        let pending = Pending::new();
        let ids: Vec<_> = (0..PENDING_RESULTS_MAX).map(|_| QueryId::generate()).collect();
        for query_id in &ids {
            pending.check_room().unwrap();
            pending.insert(*query_id, (), Instant::now()).unwrap();
        }
        assert_eq!(pending.check_room().unwrap_err().code(), Code::ResourceExhausted);
        let refused = pending.insert(QueryId::generate(), (), Instant::now()).unwrap_err();
        assert_eq!(refused.code(), Code::ResourceExhausted);
        assert!(pending.discard(ids[0]));
        assert!(!pending.discard(ids[0]));
        pending.check_room().unwrap();
    }

    #[test]
    fn fetched_tickets_are_forgotten_in_order() {
        let pending = Pending::new();
        let ids: Vec<_> = (0..=FETCHED_TICKETS_MAX).map(|_| QueryId::generate()).collect();
        for query_id in &ids {
            pending.insert(*query_id, (), Instant::now()).unwrap();
            pending.take(*query_id).unwrap();
        }
        let state = pending.state.lock();
        assert_eq!(state.fetched.len(), FETCHED_TICKETS_MAX);
        assert!(!state.fetched.contains(&ids[0]));
        assert!(state.fetched.contains(&ids[FETCHED_TICKETS_MAX]));
    }
}
