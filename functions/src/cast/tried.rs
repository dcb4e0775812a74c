//! NULL for the rows on which a kernel fails.

use arrow::{
    array::{Array, ArrayRef, new_empty_array, new_null_array},
    compute::concat,
};
use datafusion::{common::Result as EngineResult, error::DataFusionError};
use protocol::{Enveloped, Error};

use crate::{Fault, Type};

/// Runs the kernel on all rows, and, where it fails on a value, on halves of them, down to single rows that
/// are then NULL. Other failures are passed on.
pub(super) fn rows(
    array: &ArrayRef,
    to: &Type,
    kernel: &dyn Fn(&ArrayRef) -> EngineResult<ArrayRef>,
) -> EngineResult<ArrayRef> {
    let mut parts = Vec::new();
    halve(array, to, kernel, &mut parts)?;
    let all: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
    match (all.as_slice(), parts.first()) {
        (_, None) => Ok(new_empty_array(&to.arrow())),
        ([_], Some(only)) => Ok(ArrayRef::clone(only)),
        _ => Ok(concat(&all)?),
    }
}

fn halve(
    array: &ArrayRef,
    to: &Type,
    kernel: &dyn Fn(&ArrayRef) -> EngineResult<ArrayRef>,
    parts: &mut Vec<ArrayRef>,
) -> EngineResult<()> {
    let failure = match kernel(array) {
        Ok(part) => {
            parts.push(part);
            return Ok(());
        }
        Err(failure) => failure,
    };
    if !lies_in_a_value(&failure) {
        return Err(failure);
    }
    if array.len() <= 1 {
        parts.push(new_null_array(&to.arrow(), array.len()));
        return Ok(());
    }
    // As deep as the rows have binary digits.
    let half = array.len() / 2;
    halve(&array.slice(0, half), to, kernel, parts)?;
    halve(&array.slice(half, array.len() - half), to, kernel, parts)
}

fn lies_in_a_value(failure: &DataFusionError) -> bool {
    let code = match failure {
        DataFusionError::External(inner) => inner.downcast_ref::<Enveloped>().map(|inner| inner.0.code),
        _ => None,
    };
    let code = code.or_else(|| Error::from_envelope(&failure.to_string()).map(|error| error.code));
    code.is_some_and(Fault::can_be_tried)
}
