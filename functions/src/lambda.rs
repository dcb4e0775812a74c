//! Functions that take lambdas, and the special forms that evaluate an argument on some rows only
//! (<https://trino.io/docs/current/functions/lambda.html>).
//!
//! A lambda's body is evaluated on all elements of a batch at once, with the columns it captures repeated
//! to match. Types come from Arrow types alone, because a worker derives them again from the plan.

mod attempt;
mod branch;
mod call;
mod entries;
mod matching;
mod once;
mod reduce;
mod sort;
mod transform;

use crate::Function;

pub(crate) fn functions() -> Vec<Function> {
    let parts = [
        attempt::functions(),
        branch::functions(),
        entries::functions(),
        matching::functions(),
        once::functions(),
        reduce::functions(),
        sort::functions(),
        transform::functions(),
    ];
    parts.into_iter().flatten().collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod testing;
