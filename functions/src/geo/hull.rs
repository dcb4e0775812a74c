//! Convex hulls: the incremental algorithm of Trino's library (D. E. Knuth, Axioms and Hulls), so that they
//! begin at the same point.

use std::cmp::Ordering;

use geo::{Coord, GeoNum, Geometry, LineString, Orientation, Polygon, kernels::Kernel};

use super::{
    columns::to_geometry,
    shape::{Kind, coordinates, is_empty, lines, oriented, point, polygons, reversed, rings},
};
use crate::{Fault, Function};

/// Points of a hull, at most: each new point may have to look at all of them.
const HULL_MAX: usize = 100_000;

pub(super) fn functions() -> Vec<Function> {
    vec![Function::scalar(
        "st_convexhull",
        &["(Geometry) -> Geometry"],
        |_, a, r| to_geometry(a, r, convex_hull),
        "The smallest convex geometry around it",
    )]
}

fn convex_hull(shape: &Geometry) -> Result<Option<Geometry>, Fault> {
    if is_empty(shape) || Kind::of(shape) == Kind::Point {
        return Ok(Some(shape.clone()));
    }
    if Kind::of(shape) == Kind::Collection {
        return Err(Fault::not_supported("ST_ConvexHull of a geometry collection"));
    }
    let points = stored_points(shape);
    if Kind::of(shape) == Kind::Polygon
        && polygons(shape).iter().all(|p| p.interiors().is_empty())
        && is_convex(&points)
    {
        return Ok(Some(shape.clone()));
    }
    let hull = hull(&points)?;
    Ok(Some(match hull.as_slice() {
        [] => return Err(Fault::internal("a hull without points")),
        [one] => point(*one),
        [_, _] => LineString::new(hull).into(),
        // Clockwise in memory; text goes the other way from the same point.
        _ => {
            let ring = reversed(Polygon::new(LineString::new(hull), Vec::new()).exterior());
            oriented(Polygon::new(ring, Vec::new())).into()
        }
    }))
}

/// The points in the order in which Trino stores them: rings open and clockwise.
fn stored_points(shape: &Geometry) -> Vec<Coord> {
    match Kind::of(shape) {
        Kind::Polygon | Kind::MultiPolygon => {
            let stored = polygons(shape).into_iter().flat_map(rings).map(reversed);
            stored
                .flat_map(|mut ring| {
                    ring.0.pop();
                    ring.0
                })
                .collect()
        }
        Kind::LineString | Kind::MultiLineString => {
            lines(shape).into_iter().flat_map(|line| line.0.clone()).collect()
        }
        _ => coordinates(shape).collect(),
    }
}

/// The turn from `a` through `b` to `c`: greater to the left, less to the right.
fn turn(a: Coord, b: Coord, c: Coord) -> Ordering {
    match <f64 as GeoNum>::Ker::orient2d(a, b, c) {
        Orientation::CounterClockwise => Ordering::Greater,
        Orientation::Clockwise => Ordering::Less,
        Orientation::Collinear => Ordering::Equal,
    }
}

/// True if each point turns to the right from those before it, and to the first ones.
fn is_convex(path: &[Coord]) -> bool {
    let (Some(first), Some(second)) = (path.first(), path.get(1)) else { return true };
    let rest = path.windows(3).enumerate();
    path.len() < 3
        || rest.into_iter().all(|(index, corner)| match corner {
            [before, last, next] => {
                turn(*last, *next, *first).is_lt()
                    && (index == 0
                        || (turn(*second, *next, *first).is_lt() && turn(*last, *next, *before).is_lt()))
            }
            _ => true,
        })
}

/// The hull, clockwise.
fn hull(points: &[Coord]) -> Result<Vec<Coord>, Fault> {
    let mut hull: Vec<Coord> = Vec::new();
    for at in points {
        match hull.len() {
            0 => hull.push(*at),
            1 => {
                if hull.first() != Some(at) {
                    hull.push(*at);
                }
            }
            HULL_MAX.. => return Err(Fault::not_supported("a convex hull of so many points")),
            _ => insert(&mut hull, *at),
        }
    }
    Ok(hull)
}

fn insert(hull: &mut Vec<Coord>, at: Coord) {
    let (Some(first), Some(last)) = (hull.first().copied(), hull.last().copied()) else { return };
    match turn(last, at, first) {
        // Outside, between the last and the first point.
        Ordering::Less => {
            drop_behind(hull, at, 0);
            drop_ahead(hull, at, 0);
            hull.push(at);
        }
        Ordering::Greater => insert_between(hull, at, first),
        Ordering::Equal => match beyond(at, last, first) {
            Ordering::Less => {
                hull.pop();
                drop_behind(hull, at, 0);
                hull.push(at);
            }
            Ordering::Greater => {
                hull.remove(0);
                drop_ahead(hull, at, 0);
                hull.insert(0, at);
            }
            Ordering::Equal => {}
        },
    }
}

/// The point lies on the other side of the line from the last to the first one: inside, or outside behind
/// one of the other edges.
fn insert_between(hull: &mut Vec<Coord>, at: Coord, first: Coord) {
    let is_beyond = |index: &usize| hull.get(*index).is_some_and(|k| turn(*k, at, first).is_gt());
    // The points behind the direction from the first one to the new one.
    let mut low = 0;
    let mut high = hull.len() - 1;
    while low + 1 < high {
        let middle = low.midpoint(high);
        if is_beyond(&middle) { high = middle } else { low = middle }
    }
    if low != 0 {
        let edge = hull.get(low).copied().zip(hull.get(high).copied());
        if edge.is_some_and(|(before, after)| !turn(before, at, after).is_lt()) {
            return;
        }
    }
    let mut tail = hull.split_off(high);
    drop_ahead(&mut tail, at, hull.len());
    drop_behind(hull, at, tail.len());
    hull.push(at);
    hull.append(&mut tail);
}

/// Drops points from the end that the new point hides; `others` stand elsewhere in the hull.
fn drop_behind(hull: &mut Vec<Coord>, at: Coord, others: usize) {
    while let [.., before, last] = hull.as_slice() {
        if hull.len() + others <= 2 || turn(*last, at, *before).is_lt() {
            break;
        }
        hull.pop();
    }
}

/// Drops points from the beginning that the new point hides.
fn drop_ahead(hull: &mut Vec<Coord>, at: Coord, others: usize) {
    let mut hidden = 0;
    while let [first, next, ..] = hull.get(hidden..).unwrap_or_default() {
        if hull.len() - hidden + others <= 2 || turn(*next, at, *first).is_lt() {
            break;
        }
        hidden += 1;
    }
    hull.drain(..hidden);
}

/// Of a point on the line through `last` and `first`: less if it lies before `last`, greater if after
/// `first`.
fn beyond(at: Coord, last: Coord, first: Coord) -> Ordering {
    let wide = (last.x - first.x).abs() >= (last.y - first.y).abs();
    let along = |point: Coord| if wide { point.x } else { point.y };
    let (at, last, first) = (along(at), along(last), along(first));
    let (low, high) = (last.min(first), last.max(first));
    if at < low {
        if last < first { Ordering::Less } else { Ordering::Greater }
    } else if at > high {
        if last < first { Ordering::Greater } else { Ordering::Less }
    } else {
        Ordering::Equal
    }
}
