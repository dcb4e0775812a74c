//! Geospatial functions (<https://trino.io/docs/current/functions/geospatial.html>).
//!
//! A geometry is carried as well-known binary, little-endian and two-dimensional. Its rings are closed, the
//! outer ones counter-clockwise and the inner ones clockwise, as Trino writes them. Operations whose result
//! depends on the library that Trino uses (buffers, simplified areas) are refused.

mod access;
mod columns;
mod construct;
mod hull;
mod json;
mod line;
mod measure;
mod overlay;
mod polyline;
mod refused;
mod relation;
mod shape;
mod simple;
mod sphere;
mod tile;
mod tiling;
mod wkb;
mod wkt;

use crate::Function;
pub(crate) use construct::texts_of;

pub(crate) fn functions() -> Vec<Function> {
    let parts = [
        access::functions(),
        construct::functions(),
        hull::functions(),
        json::functions(),
        line::functions(),
        measure::functions(),
        overlay::functions(),
        polyline::functions(),
        refused::functions(),
        relation::functions(),
        simple::functions(),
        sphere::functions(),
        tile::functions(),
        tiling::functions(),
    ];
    parts.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests;
