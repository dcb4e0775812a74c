//! Our kernels beside the engine's own: `cargo bench -p functions --bench kernels [-- FILTER]`.
//!
//! The bar: none of our functions takes more than three times the time per row of the engine's nearest
//! relative. Each case is a call of ours and the engine's expression that comes closest, both planned as the
//! engine plans them and evaluated on the same columns; see `bench/README.md`. Where the analyzer writes the
//! engine's own operator there is nothing to compare, and functions without a relative are left out.

// Nothing here serves a query: what cannot fail here stops the run if it does, and the table goes to stdout.
#![allow(clippy::expect_used, clippy::print_stdout)]

#[path = "kernels/table.rs"]
mod table;

#[path = "kernels/ours.rs"]
mod ours;

#[path = "kernels/work.rs"]
mod work;

#[path = "kernels/measure.rs"]
mod measure;

#[path = "kernels/report.rs"]
mod report;

#[path = "kernels/cases.rs"]
mod cases;

#[path = "kernels/text.rs"]
mod text;

#[path = "kernels/numbers.rs"]
mod numbers;

#[path = "kernels/times.rs"]
mod times;

#[path = "kernels/casts.rs"]
mod casts;

#[path = "kernels/arrays.rs"]
mod arrays;

#[path = "kernels/aggregates.rs"]
mod aggregates;

#[path = "kernels/windows.rs"]
mod windows;

use std::process::ExitCode;

use cases::Case;
use report::Outcome;
use table::{Nulls, Table};

/// What the command line asks for.
struct Options {
    nulls: Nulls,
    /// A case is run if its name contains one of them, or if there is none.
    filters: Vec<String>,
}

fn main() -> ExitCode {
    let options = options(std::env::args().skip(1));
    let table = Table::new(options.nulls);
    let wanted = cases::all().into_iter().filter(|case| options.wants(case));
    let outcomes: Vec<Outcome> = wanted.map(|case| outcome(&case, &table)).collect();
    report::print(&outcomes);
    match outcomes.iter().all(Outcome::is_good) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// Cargo adds `--bench` to what it is given.
fn options(arguments: impl Iterator<Item = String>) -> Options {
    let mut options = Options { nulls: Nulls::None, filters: Vec::new() };
    for argument in arguments {
        match argument.as_str() {
            "--nulls" => options.nulls = Nulls::EveryTenth,
            flag if flag.starts_with("--") => {}
            _ => options.filters.push(argument),
        }
    }
    options
}

impl Options {
    fn wants(&self, case: &Case) -> bool {
        self.filters.is_empty() || self.filters.iter().any(|filter| case.name.contains(filter.as_str()))
    }
}

fn outcome(case: &Case, table: &Table) -> Outcome {
    let outcome = Outcome { name: case.name.clone(), result: measure::measured(case, table) };
    report::progress(&outcome);
    outcome
}
