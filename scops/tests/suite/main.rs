//! All tests that need whole processes, in one binary: each links the engine.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod client;
mod cluster;
mod command_line;
mod faults;
mod slt;
mod tidy;
mod tpcds;
mod tpch;
