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
