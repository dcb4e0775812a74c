//! The one binary. Wires the parts together and decides nothing about queries.

mod cli;
mod config;
mod demo;
mod exit;
mod parts;
mod serve;
mod sql_command;

/// Allocation-heavy operators gain from an allocator with per-thread heaps; see bench/README.md.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    cli::run()
}
