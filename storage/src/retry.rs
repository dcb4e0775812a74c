//! How often and how long a failed read is tried again.
//!
//! The store client's own retries are switched off, because bytes received in a failed attempt must
//! be counted where the attempt is made.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
    time::Duration,
};

use protocol::{Error, ErrorCode, Result};

use crate::Location;

/// Attempts per read, the first included.
const ATTEMPTS_MAX: u32 = 5;

const DELAY_FIRST: Duration = Duration::from_millis(100);
const DELAY_MAX: Duration = Duration::from_secs(2);

/// Sleeps, or gives the failure back when trying again is of no use: the store answered for good, or
/// has failed too often.
pub(crate) async fn pause(failure: Error, attempt: &mut u32, location: &Location) -> Result<()> {
    let transient = matches!(failure.code, ErrorCode::StorageFailed | ErrorCode::StorageUnreachable);
    if !transient || !failure.retryable || *attempt >= ATTEMPTS_MAX {
        return Err(failure);
    }
    tracing::debug!(%location, attempt = *attempt, "a request is tried again");
    tokio::time::sleep(delay(*attempt)).await;
    *attempt += 1;
    Ok(())
}

/// The pause before attempt `attempt + 1`: doubling, with half of it random, so that many readers
/// hit by one failure do not come back together.
fn delay(attempt: u32) -> Duration {
    let full = DELAY_FIRST.saturating_mul(1 << attempt.min(8)).min(DELAY_MAX);
    let random = RandomState::new().build_hasher().finish() % 1000;
    full / 2 + (full / 2).mul_f64(random as f64 / 1000.0)
}
