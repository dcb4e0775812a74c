//! Functions on arrays (<https://trino.io/docs/current/functions/array.html>), and rows.

pub(crate) mod compare;
pub(crate) mod lists;

mod combine;
mod element;
mod join;
mod part;
mod row;
mod search;
mod sequence;
mod set;
mod sort;
mod subsets;
mod vector;

use crate::Function;

pub(crate) use combine::{aligned, concat};
pub(crate) use part::reverse;

pub(crate) fn functions() -> Vec<Function> {
    let parts = [
        combine::functions(),
        element::functions(),
        join::functions(),
        part::functions(),
        row::functions(),
        search::functions(),
        sequence::functions(),
        set::functions(),
        sort::functions(),
        subsets::functions(),
        vector::functions(),
    ];
    parts.into_iter().flatten().collect()
}
