//! SQL/JSON functions.

use super::{Analyzer, Done, expr::Context, not_supported, typed::Typed};
use crate::ast::{At, JsonCall};

impl Analyzer<'_> {
    pub(super) fn json_call(&mut self, call: &JsonCall, at: At, _: &mut Context<'_>) -> Done<Typed> {
        let name = match call {
            JsonCall::Exists { .. } => "JSON_EXISTS",
            JsonCall::Value { .. } => "JSON_VALUE",
            JsonCall::Query { .. } => "JSON_QUERY",
            JsonCall::Object { .. } => "JSON_OBJECT",
            JsonCall::Array { .. } => "JSON_ARRAY",
        };
        Err(not_supported(name, at))
    }
}
