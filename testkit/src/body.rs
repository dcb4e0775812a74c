//! An answer's body on its way to the connection: counted, and cut short where a fault says so.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use s3s::StdError;
use tokio::time::Sleep;

use crate::recorder::Exchange;

/// A connection that is dropped at once takes buffered bytes with it, bytes that were counted as
/// sent. This long is enough for loopback.
const RESET_DELAY: Duration = Duration::from_millis(10);

/// Where a body ends early.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cut {
    /// The connection breaks after so many bytes.
    Reset(u64),
    /// A regular end after so many bytes.
    End(u64),
}

pub(crate) struct MeteredBody {
    inner: s3s::Body,
    exchange: Exchange,
    cut: Option<Cut>,
    reset: Option<Pin<Box<Sleep>>>,
}

impl MeteredBody {
    pub(crate) fn new(inner: s3s::Body, exchange: Exchange, cut: Option<Cut>) -> Self {
        Self { inner, exchange, cut, reset: None }
    }
}

impl Body for MeteredBody {
    type Data = Bytes;
    type Error = StdError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, StdError>>> {
        let this = &mut *self;
        match this.cut {
            Some(Cut::Reset(0)) => {
                let wait = || Box::pin(tokio::time::sleep(RESET_DELAY));
                ready!(this.reset.get_or_insert_with(wait).as_mut().poll(cx));
                let broken = io::Error::new(io::ErrorKind::ConnectionReset, "injected fault");
                return Poll::Ready(Some(Err(broken.into())));
            }
            Some(Cut::End(0)) => return Poll::Ready(None),
            _ => {}
        }
        let Some(frame) = ready!(Pin::new(&mut this.inner).poll_frame(cx)?) else {
            return Poll::Ready(None);
        };
        let mut data = match frame.into_data() {
            Ok(data) => data,
            Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
        };
        if let Some(Cut::Reset(left) | Cut::End(left)) = &mut this.cut {
            data.truncate(usize::try_from(*left).unwrap_or(usize::MAX));
            *left -= data.len() as u64;
        }
        this.exchange.sent(data.len() as u64);
        Poll::Ready(Some(Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        match self.cut {
            Some(Cut::Reset(_)) => false,
            Some(Cut::End(0)) => true,
            _ => self.inner.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        let inner = self.inner.size_hint();
        match (self.cut, inner.exact()) {
            (Some(Cut::End(left)), Some(size)) => SizeHint::with_exact(left.min(size)),
            (Some(Cut::End(_)), None) => SizeHint::new(),
            _ => inner,
        }
    }
}
