//! The memory pool all operators of a process share.

use std::fmt;

use datafusion::{
    error::Result,
    execution::memory_pool::{
        GreedyMemoryPool, MemoryConsumer, MemoryLimit, MemoryPool, MemoryReservation, TrackConsumersPool,
    },
};

/// Named in the error when memory runs out.
const LARGEST_CONSUMERS_SHOWN: usize = 5;

/// First come, first served, with one exception: a repartitioning operator is never refused.
///
/// Refused, it would spill, and its spill reader and writers can wait for each other for ever
/// (apache/datafusion#24883, fixed after 55.2). What it holds is bounded by its channels.
#[derive(Debug)]
pub(crate) struct QueryPool {
    inner: TrackConsumersPool<GreedyMemoryPool>,
}

impl QueryPool {
    pub(crate) fn new(bytes: usize) -> Self {
        let shown =
            std::num::NonZeroUsize::new(LARGEST_CONSUMERS_SHOWN).unwrap_or(std::num::NonZeroUsize::MIN);
        Self { inner: TrackConsumersPool::new(GreedyMemoryPool::new(bytes), shown) }
    }
}

impl fmt::Display for QueryPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl MemoryPool for QueryPool {
    fn name(&self) -> &str {
        "scops"
    }

    fn register(&self, consumer: &MemoryConsumer) {
        self.inner.register(consumer);
    }

    fn unregister(&self, consumer: &MemoryConsumer) {
        self.inner.unregister(consumer);
    }

    fn grow(&self, reservation: &MemoryReservation, additional: usize) {
        self.inner.grow(reservation, additional);
    }

    fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
        self.inner.shrink(reservation, shrink);
    }

    fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> Result<()> {
        if reservation.consumer().name().starts_with("RepartitionExec") {
            self.inner.grow(reservation, additional);
            return Ok(());
        }
        self.inner.try_grow(reservation, additional)
    }

    fn reserved(&self) -> usize {
        self.inner.reserved()
    }

    fn memory_limit(&self) -> MemoryLimit {
        self.inner.memory_limit()
    }
}
