//! Functions on binary data (<https://trino.io/docs/current/functions/binary.html>). Those that text has as well
//! are in [`crate::string`].

mod digest;
mod encoding;
mod murmur;
mod number;
mod spooky;

use crate::Function;

pub(crate) fn functions() -> Vec<Function> {
    let parts = [digest::functions(), encoding::functions(), number::functions()];
    parts.into_iter().flatten().collect()
}
