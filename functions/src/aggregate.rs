//! Aggregate functions (<https://trino.io/docs/current/functions/aggregate.html>).
//!
//! One aggregate is a `Definition` in the engine's clothes (`udaf`) around states of groups (`states`). `DISTINCT`
//! and `ORDER BY` inside an aggregate are the same for all of them (`arranged`).

mod arena;
mod arranged;
mod average;
mod collect;
mod count;
mod distinct;
mod extreme;
mod fold;
mod frequent;
mod hashed;
mod keyed;
mod log;
mod maps;
mod moments;
mod numeric_histogram;
mod order;
mod pairs;
mod quantiles;
mod reduce;
mod sketched;
mod states;
mod sum;
mod top;
mod udaf;

use crate::{Function, aggregate::udaf::Definition};

pub(crate) fn functions() -> Vec<Function> {
    let single = vec![
        sum::SUM,
        average::AVG,
        average::GEOMETRIC_MEAN,
        collect::ARRAY_AGG,
        collect::LISTAGG,
        hashed::CHECKSUM,
        frequent::APPROX_MOST_FREQUENT,
        numeric_histogram::NUMERIC_HISTOGRAM,
        reduce::REDUCE_AGG,
    ];
    let parts = [
        single,
        count::definitions(),
        extreme::definitions(),
        maps::definitions(),
        moments::definitions(),
        pairs::definitions(),
        distinct::definitions(),
        quantiles::definitions(),
    ];
    parts.into_iter().flatten().map(Definition::into_function).collect()
}

#[cfg(test)]
mod tests;
