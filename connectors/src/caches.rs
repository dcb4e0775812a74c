//! What a process remembers between queries: parsed footers, keyed by object version.
//!
//! A changed object has another ETag and so another key: nothing here is ever stale.

use std::sync::Arc;

use crate::{orc, parquet::FooterCache};

/// Memory for parsed Parquet footers and index bytes.
const PARQUET_FOOTERS_BYTES_MAX: u64 = 512 << 20;

/// Memory for parsed ORC tails.
const ORC_TAILS_BYTES_MAX: u64 = 128 << 20;

/// One per process, shared by all queries.
#[derive(Debug)]
pub struct Caches {
    pub(crate) parquet: FooterCache,
    pub(crate) orc: Arc<orc::FooterCache>,
}

impl Default for Caches {
    fn default() -> Self {
        Self {
            parquet: FooterCache::new(PARQUET_FOOTERS_BYTES_MAX),
            orc: Arc::new(orc::FooterCache::new(ORC_TAILS_BYTES_MAX)),
        }
    }
}
