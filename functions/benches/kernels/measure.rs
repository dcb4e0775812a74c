//! Times of both sides of a case.

use std::{
    hint::black_box,
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

use arrow::array::Array;
use datafusion::logical_expr::Expr;

use crate::{
    cases::Case,
    table::Table,
    work::{Work, planned},
};

/// Rounds of a case. In each both sides are timed, so that what else the machine does hits both.
const ROUNDS: usize = 15;
/// The least a side works in a round.
const ROUND_MIN: Duration = Duration::from_millis(2);
const RUNS_MAX: u32 = 1 << 20;

/// Medians of the rounds, in nanoseconds per row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    pub(crate) ours: f64,
    pub(crate) native: f64,
}

impl Times {
    pub(crate) fn ratio(&self) -> f64 {
        self.ours / self.native
    }
}

/// Plans, tries and times a case. The message of an error says which side had it.
pub(crate) fn measured(case: &Case, table: &Table) -> Result<Times, String> {
    let measured = catch_unwind(AssertUnwindSafe(|| tried(case, table)));
    measured.unwrap_or_else(|_| Err("it panicked".to_owned()))
}

fn tried(case: &Case, table: &Table) -> Result<Times, String> {
    let ours = case.ours.expr(table).and_then(|expr| work(expr, case, table));
    let ours = ours.map_err(|error| format!("ours: {error}"))?;
    let native = table.context.parse_sql_expr(case.native, &table.schema);
    let native = native.map_err(|error| error.to_string()).and_then(|expr| work(expr, case, table));
    let native = native.map_err(|error| format!("native: {error}"))?;
    let ours = Side { name: "ours", work: ours };
    let native = Side { name: "native", work: native };
    let (rows, others) = (ours.result_rows(table)?, native.result_rows(table)?);
    if rows != others {
        return Err(format!("{rows} rows of ours, {others} of the native"));
    }
    timed(&ours, &native, table)
}

fn work(expr: Expr, case: &Case, table: &Table) -> Result<Work, String> {
    planned(expr, case.grouping, table).map_err(|error| plain(&error.to_string()))
}

fn timed(ours: &Side, native: &Side, table: &Table) -> Result<Times, String> {
    let (our_runs, native_runs) = (ours.warmed_up(table)?, native.warmed_up(table)?);
    let (mut our_times, mut native_times) = (Vec::with_capacity(ROUNDS), Vec::with_capacity(ROUNDS));
    for round in 0..ROUNDS {
        // Neither is always the one that finds the other's leavings in the caches.
        if round % 2 == 0 {
            our_times.push(ours.per_row(our_runs, table)?);
            native_times.push(native.per_row(native_runs, table)?);
        } else {
            native_times.push(native.per_row(native_runs, table)?);
            our_times.push(ours.per_row(our_runs, table)?);
        }
    }
    Ok(Times { ours: median(our_times), native: median(native_times) })
}

struct Side {
    name: &'static str,
    work: Work,
}

impl Side {
    fn result_rows(&self, table: &Table) -> Result<usize, String> {
        let result = self.work.run(table).map_err(|error| self.blamed(&error.to_string()))?;
        Ok(result.len())
    }

    /// Runs until a round is long enough; returns how many runs that is.
    fn warmed_up(&self, table: &Table) -> Result<u32, String> {
        let mut runs = 1;
        while runs < RUNS_MAX && self.time(runs, table)? < ROUND_MIN {
            runs *= 2;
        }
        Ok(runs)
    }

    fn time(&self, runs: u32, table: &Table) -> Result<Duration, String> {
        let start = Instant::now();
        for _ in 0..runs {
            black_box(self.work.run(black_box(table)).map_err(|error| self.blamed(&error.to_string()))?);
        }
        Ok(start.elapsed())
    }

    fn per_row(&self, runs: u32, table: &Table) -> Result<f64, String> {
        let nanoseconds = self.time(runs, table)?.as_nanos() as f64;
        Ok(nanoseconds / f64::from(runs) / self.work.rows() as f64)
    }

    fn blamed(&self, error: &str) -> String {
        format!("{}: {}", self.name, plain(error))
    }
}

/// The message inside the envelope that errors of ours travel in.
fn plain(error: &str) -> String {
    protocol::Error::from_envelope(error).map_or_else(|| error.to_owned(), |inner| inner.to_string())
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}
