//! stub
use crate::{Fault, Function, Type};
use datafusion::common::ScalarValue;
pub(crate) fn functions() -> Vec<Function> {
    Vec::new()
}
pub fn interval_literal(_: &str, _: &str, _: Option<&str>, _: bool) -> Result<(Type, ScalarValue), Fault> {
    Err(Fault::not_supported("x"))
}
pub fn date_literal(_: &str) -> Result<ScalarValue, Fault> {
    Err(Fault::not_supported("x"))
}
pub fn time_literal(_: &str) -> Result<(Type, ScalarValue), Fault> {
    Err(Fault::not_supported("x"))
}
pub fn timestamp_literal(_: &str) -> Result<(Type, ScalarValue), Fault> {
    Err(Fault::not_supported("x"))
}

use crate::Call;
use arrow::array::ArrayRef;
use datafusion::common::Result as EngineResult;
use datafusion::logical_expr::ColumnarValue;
pub(crate) fn sequence(_: &Call, _: &[ColumnarValue], _: usize) -> EngineResult<ColumnarValue> {
    Err(Fault::not_supported("x").into())
}
pub fn cast(_: &ArrayRef, _: &Type, _: &Type) -> EngineResult<ArrayRef> {
    Err(Fault::not_supported("x").into())
}
pub fn can_cast(_: &Type, _: &Type) -> bool {
    false
}
