//! The cases: a call of ours, and the engine's expression that comes closest.

use crate::{
    aggregates, arrays, casts, numbers,
    ours::{Ours, Term},
    text, times, windows,
    work::{GROUPS, Grouping},
};

pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) ours: Ours,
    /// In the engine's SQL, over the columns of the table.
    pub(crate) native: &'static str,
    pub(crate) grouping: Grouping,
}

pub(crate) fn all() -> Vec<Case> {
    let parts = [
        text::cases(),
        numbers::cases(),
        times::cases(),
        casts::cases(),
        arrays::cases(),
        aggregates::cases(),
        windows::cases(),
    ];
    parts.into_iter().flatten().collect()
}

pub(crate) fn case(name: &str, ours: Ours, native: &'static str) -> Case {
    Case { name: name.to_owned(), ours, native, grouping: Grouping::None }
}

/// An aggregate, with one group and with many.
pub(crate) fn aggregate<const N: usize>(
    name: &str,
    function: &'static str,
    arguments: [Term; N],
    native: &'static str,
) -> [Case; 2] {
    grouped(name, Ours::Aggregate { function, arguments: Vec::from(arguments), distinct: false }, native)
}

/// The same of distinct values.
pub(crate) fn distinct_aggregate(
    name: &str,
    function: &'static str,
    argument: Term,
    native: &'static str,
) -> [Case; 2] {
    grouped(name, Ours::Aggregate { function, arguments: vec![argument], distinct: true }, native)
}

fn grouped(name: &str, ours: Ours, native: &'static str) -> [Case; 2] {
    let whole =
        Case { name: format!("{name}, 1 group"), ours: ours.clone(), native, grouping: Grouping::None };
    [whole, Case { name: format!("{name}, {GROUPS} groups"), ours, native, grouping: Grouping::Groups }]
}
