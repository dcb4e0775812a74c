//! What a run tells: a line per case as it goes, on stderr, and at the end a table on stdout.

use crate::measure::Times;

/// Largest ratio that is good.
const RATIO_MAX: f64 = 3.0;

pub(crate) struct Outcome {
    pub(crate) name: String,
    /// Or why there are none.
    pub(crate) result: Result<Times, String>,
}

impl Outcome {
    pub(crate) fn is_good(&self) -> bool {
        self.result.as_ref().is_ok_and(|times| times.ratio() <= RATIO_MAX)
    }
}

pub(crate) fn progress(outcome: &Outcome) {
    eprintln!("{}", line(outcome));
}

/// Errors first, then the slowest in comparison. The last line sums up.
pub(crate) fn print(outcomes: &[Outcome]) {
    println!("{:<44} {:>12} {:>14} {:>8}", "case", "ours ns/row", "native ns/row", "ratio");
    let failed = outcomes.iter().filter(|outcome| outcome.result.is_err());
    failed.for_each(|outcome| println!("{}", line(outcome)));
    let mut measured: Vec<(&Outcome, f64)> = outcomes
        .iter()
        .filter_map(|outcome| Some((outcome, outcome.result.as_ref().ok()?.ratio())))
        .collect();
    measured.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    measured.iter().for_each(|(outcome, _)| println!("{}", line(outcome)));
    let above = measured.iter().filter(|(_, ratio)| *ratio > RATIO_MAX).count();
    println!("{} cases, {above} above {RATIO_MAX:.1}", outcomes.len());
}

fn line(outcome: &Outcome) -> String {
    let name = &outcome.name;
    match &outcome.result {
        Ok(times) => {
            format!("{name:<44} {:>12.2} {:>14.2} {:>8.2}", times.ours, times.native, times.ratio())
        }
        // Errors of the engine may have several lines.
        Err(error) => format!("{name:<44} error: {}", error.lines().next().unwrap_or_default()),
    }
}
