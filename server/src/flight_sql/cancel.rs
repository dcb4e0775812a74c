//! Ending a query while its rows are on the way.
//!
//! Most clients cancel by dropping the gRPC stream, which drops the [`Delivery`] and with it the
//! query. `CancelFlightInfo` comes on another call: it finds the delivery by query id here.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use arrow::array::RecordBatch;
use futures::{Stream, StreamExt, stream::BoxStream};
use parking_lot::Mutex;
use protocol::{Error, ErrorCode, QueryId, Result};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// The rows of a query.
pub(super) type Rows = BoxStream<'static, Result<RecordBatch>>;

/// The results that are being sent by one process.
#[derive(Debug, Default)]
pub(super) struct Deliveries {
    running: Mutex<HashMap<QueryId, Arc<Running>>>,
}

/// One result being sent. The rows lie in a slot that a cancellation empties from outside: a client
/// that does not read stops the polling, and the query must end all the same.
struct Running {
    rows: Mutex<Option<Rows>>,
    cancelled: CancellationToken,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").field("cancelled", &self.cancelled).finish_non_exhaustive()
    }
}

impl Deliveries {
    /// Sends `rows` on behalf of `query_id`.
    pub(super) fn start(self: &Arc<Self>, query_id: QueryId, rows: Rows) -> Delivery {
        let cancelled = CancellationToken::new();
        let running = Arc::new(Running { rows: Mutex::new(Some(rows)), cancelled: cancelled.clone() });
        self.running.lock().insert(query_id, Arc::clone(&running));
        Delivery {
            query_id,
            running,
            cancelled: Box::pin(cancelled.cancelled_owned()),
            deliveries: Arc::clone(self),
            finished: false,
        }
    }

    /// Ends the delivery of `query_id`; says whether there was one.
    pub(super) fn cancel(&self, query_id: QueryId) -> bool {
        let found = self.running.lock().get(&query_id).cloned();
        let Some(running) = found else {
            return false;
        };
        running.cancel();
        true
    }

    /// Ends every delivery.
    pub(super) fn cancel_all(&self) {
        let all: Vec<_> = self.running.lock().values().cloned().collect();
        for running in all {
            running.cancel();
        }
    }
}

impl Running {
    fn cancel(&self) {
        self.cancelled.cancel();
        let rows = self.rows.lock().take();
        drop(rows);
    }
}

/// The rows of one query on their way to one client. Dropping it cancels the query; a cancellation
/// from outside ends it with an error, never as if the result were complete.
pub(super) struct Delivery {
    query_id: QueryId,
    running: Arc<Running>,
    cancelled: Pin<Box<WaitForCancellationFutureOwned>>,
    deliveries: Arc<Deliveries>,
    finished: bool,
}

impl Stream for Delivery {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.finished {
            return Poll::Ready(None);
        }
        if self.cancelled.as_mut().poll(cx).is_ready() {
            let error = cancelled(self.query_id);
            return self.finish(Some(Err(error)));
        }
        let polled = match self.running.rows.lock().as_mut() {
            Some(rows) => rows.poll_next_unpin(cx),
            None => Poll::Ready(Some(Err(cancelled(self.query_id)))),
        };
        match polled {
            Poll::Ready(Some(Ok(batch))) => Poll::Ready(Some(Ok(batch))),
            Poll::Ready(last) => self.finish(last),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl Delivery {
    /// Ends the query at once rather than when the client has taken the last message.
    fn finish(
        mut self: Pin<&mut Self>,
        last: Option<Result<RecordBatch>>,
    ) -> Poll<Option<Result<RecordBatch>>> {
        self.finished = true;
        self.leave();
        Poll::Ready(last)
    }

    fn leave(&self) {
        self.deliveries.running.lock().remove(&self.query_id);
        let rows = self.running.rows.lock().take();
        drop(rows);
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        self.leave();
    }
}

fn cancelled(query_id: QueryId) -> Error {
    Error::new(ErrorCode::Cancelled, "the query was cancelled").with_query_id(query_id)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use arrow::datatypes::Schema;
    use futures::{FutureExt, stream};

    use super::*;

    fn batch() -> Result<RecordBatch> {
        Ok(RecordBatch::new_empty(Arc::new(Schema::empty())))
    }

    /// One batch, then nothing for ever. The second value tells whether the rows still exist.
    fn stuck_rows() -> (Rows, Arc<()>) {
        let alive = Arc::new(());
        let held = Arc::clone(&alive);
        let rows = stream::iter([batch()]).chain(stream::pending()).map(move |item| {
            let _ = &held;
            item
        });
        (rows.boxed(), alive)
    }

    #[test]
    fn a_delivery_passes_rows_and_leaves() {
        let deliveries = Arc::new(Deliveries::default());
        let query_id = QueryId::generate();
        let mut delivery = deliveries.start(query_id, stream::iter([batch(), batch()]).boxed());
        assert!(delivery.next().now_or_never().unwrap().unwrap().is_ok());
        assert!(delivery.next().now_or_never().unwrap().unwrap().is_ok());
        assert!(delivery.next().now_or_never().unwrap().is_none());
        assert!(!deliveries.cancel(query_id), "a finished delivery cannot be cancelled");
    }

    #[test]
    fn cancelling_drops_rows_that_nobody_polls_and_ends_with_an_error() {
        let deliveries = Arc::new(Deliveries::default());
        let query_id = QueryId::generate();
        let (rows, alive) = stuck_rows();
        let mut delivery = deliveries.start(query_id, rows);
        assert!(delivery.next().now_or_never().unwrap().unwrap().is_ok());
        assert!(delivery.next().now_or_never().is_none(), "waits");
        assert!(deliveries.cancel(query_id));
        assert_eq!(Arc::strong_count(&alive), 1, "rows are dropped without a poll");
        let error = delivery.next().now_or_never().unwrap().unwrap().unwrap_err();
        assert_eq!(error.code, ErrorCode::Cancelled);
        assert!(delivery.next().now_or_never().unwrap().is_none());
    }

    #[tokio::test]
    async fn cancelling_wakes_a_client_that_waits() {
        let deliveries = Arc::new(Deliveries::default());
        let query_id = QueryId::generate();
        let mut delivery = deliveries.start(query_id, stream::pending().boxed());
        let cancelling = Arc::clone(&deliveries);
        let (item, ()) = tokio::join!(delivery.next(), async move {
            tokio::task::yield_now().await;
            assert!(cancelling.cancel(query_id));
        });
        assert_eq!(item.unwrap().unwrap_err().code, ErrorCode::Cancelled);
    }

    #[test]
    fn a_dropped_client_drops_the_rows() {
        let deliveries = Arc::new(Deliveries::default());
        let (rows, alive) = stuck_rows();
        drop(deliveries.start(QueryId::generate(), rows));
        assert_eq!(Arc::strong_count(&alive), 1);
        assert!(deliveries.running.lock().is_empty());
    }

    #[test]
    fn a_failed_query_ends_its_delivery() {
        let deliveries = Arc::new(Deliveries::default());
        let failed = Err(Error::new(ErrorCode::CorruptFile, "x"));
        let mut delivery = deliveries.start(QueryId::generate(), stream::iter([failed, batch()]).boxed());
        assert!(delivery.next().now_or_never().unwrap().unwrap().is_err());
        assert!(delivery.next().now_or_never().unwrap().is_none(), "nothing after an error");
    }
}
