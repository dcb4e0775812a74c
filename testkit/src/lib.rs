//! A real S3 API server that runs inside a test, counts what it sends and fails on demand.
//!
//! [`S3Server`] checks signatures, serves a folder tree (one folder per bucket, so test data is
//! made by dropping files into it) and keeps an account of its own: requests per verb and body
//! bytes of object reads. Bills are checked against that account, never against our own meters.
//! Faults are injected per request ([`Fault`]); objects are swapped under a reader
//! ([`S3Server::replace_object`]).
//!
//! Not here: object metadata, versions, access policies, virtual-hosted addressing. This crate
//! imports no other crate of the workspace, so every one of them may use it in its tests.
//! It reads files by position and identifies them by inode, so it runs on Unix only.

mod auth;
mod backend;
mod body;
mod call;
mod counters;
mod faults;
mod keys;
mod list_answer;
mod listing;
mod object;
mod recorder;
mod server;
mod staging;
mod uploads;

pub use call::Verb;
pub use counters::{AccessLogEntry, Counters, KeyCounters};
pub use faults::{Fault, FaultKind};
pub use server::{ACCESS_KEY, REGION, S3Options, S3Server, SECRET_KEY};
