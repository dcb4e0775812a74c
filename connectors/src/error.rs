//! Our errors inside the engine's.

use datafusion::error::DataFusionError;
use protocol::Error;

/// Wraps a typed error so that it can be found again whatever the engine puts around it.
pub fn to_datafusion(error: Error) -> DataFusionError {
    DataFusionError::External(error.enveloped())
}
