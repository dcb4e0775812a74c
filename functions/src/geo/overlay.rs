//! Union, intersection and difference of areas.
//!
//! The overlay itself works on a grid. Its corners are put back to where they belong: on a corner of the
//! input, or where two of its edges cross. Rings begin at their lowest, then leftmost point, and areas are in
//! the order of these points, as Trino's library returns them. Lines and points are refused, and so is an
//! intersection that also has lines or points.

use arrow::array::{Array, AsArray};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};
use geo::{
    BooleanOps, Coord, CoordinatePosition, GeoNum, Geometry, LineString, MultiPolygon, Orientation, Polygon,
    coordinate_position::CoordPos, kernels::Kernel,
};

use super::{
    columns::{Geometries, array, make},
    shape::{Kind, coordinates, envelope, is_empty, oriented, polygons, rings},
    wkb,
};
use crate::{Call, Fault, Function, columns::lists};

/// Steps of the grid are finer than this part of the extent.
const GRID: f64 = 1e-8;
/// Largest coordinate: beyond, products of coordinates overflow.
const EXTENT_MAX: f64 = 1e100;
/// Corners of both areas, at most: each is compared with all edges.
const CORNERS_MAX: usize = 20_000;

const TWO: &[&str] = &["(Geometry, Geometry) -> Geometry"];

pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::scalar("st_union", TWO, |_, a, r| each(a, r, union), "Points of one or both"),
        Function::scalar("st_intersection", TWO, |_, a, r| each(a, r, intersection), "Points of both"),
        Function::scalar("st_difference", TWO, |_, a, r| each(a, r, difference), "Points of the first only"),
        Function::scalar(
            "st_symdifference",
            TWO,
            |_, a, r| each(a, r, symmetric_difference),
            "Points of one but not of both",
        ),
        Function::scalar(
            "geometry_union",
            &["(array(Geometry)) -> Geometry"],
            geometry_union,
            "Points of any of many geometries",
        ),
    ]
}

fn each(
    arguments: &[ColumnarValue],
    rows: usize,
    f: impl Fn(&Geometry, &Geometry) -> Result<Geometry, Fault>,
) -> EngineResult<ColumnarValue> {
    let (left, right) = (Geometries::of(arguments, 0)?, Geometries::of(arguments, 1)?);
    make(arguments, rows, |row| match left.at(row)?.zip(right.at(row)?) {
        Some((left, right)) => f(&left, &right).map(Some),
        None => Ok(None),
    })
}

fn geometry_union(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let given = array(arguments, 0, rows)?;
    let given = lists(&given)?;
    make(arguments, rows, |row| {
        if given.is_null(row) {
            return Ok(None);
        }
        let list = given.value(row);
        let list = list.as_binary_view_opt().ok_or_else(|| Fault::internal("geometries were promised"))?;
        let mut all: Option<Geometry> = None;
        for bytes in list.iter().flatten() {
            let next = wkb::parse(bytes)?;
            all = Some(match all {
                Some(all) => union(&all, &next)?,
                None => union(&next, &next)?,
            });
        }
        Ok(all)
    })
}

fn union(left: &Geometry, right: &Geometry) -> Result<Geometry, Fault> {
    overlay(left, right, |left, right| left.union(right))
}

fn difference(left: &Geometry, right: &Geometry) -> Result<Geometry, Fault> {
    overlay(left, right, |left, right| left.difference(right))
}

fn symmetric_difference(left: &Geometry, right: &Geometry) -> Result<Geometry, Fault> {
    overlay(left, right, |left, right| left.xor(right))
}

fn intersection(left: &Geometry, right: &Geometry) -> Result<Geometry, Fault> {
    let shared = overlay(left, right, |left, right| left.intersection(right))?;
    // Where boundaries touch, a corner of one lies on the other.
    for (one, other) in [(left, right), (right, left)] {
        let other = areas(other)?;
        for corner in coordinates(one) {
            let touches = other.coordinate_position(&corner) == CoordPos::OnBoundary;
            if touches && areas(&shared)?.coordinate_position(&corner) == CoordPos::Outside {
                return Err(Fault::not_supported("an intersection of areas that also touch"));
            }
        }
    }
    Ok(shared)
}

fn areas(shape: &Geometry) -> Result<MultiPolygon, Fault> {
    match Kind::of(shape) {
        Kind::Polygon | Kind::MultiPolygon => {
            Ok(polygons(shape).into_iter().filter(|area| !area.exterior().0.is_empty()).cloned().collect())
        }
        kind => Err(Fault::not_supported(format!("an overlay of a {}", kind.name()))),
    }
}

fn overlay(
    left: &Geometry,
    right: &Geometry,
    operation: impl Fn(&MultiPolygon, &MultiPolygon) -> MultiPolygon,
) -> Result<Geometry, Fault> {
    let input = Input::of(left, right)?;
    let (left, right) = (areas(left)?, areas(right)?);
    let raw = operation(&left, &right);
    let mut exact = Vec::with_capacity(raw.0.len());
    for polygon in raw {
        let (outer, inner) = oriented(polygon).into_inner();
        let mut inner = inner.iter().map(|ring| input.exact_ring(ring)).collect::<Result<Vec<_>, Fault>>()?;
        inner.sort_by(|a, b| order(a.0.first(), b.0.first()));
        exact.push(Polygon::new(input.exact_ring(&outer)?, inner));
    }
    exact.sort_by(|a: &Polygon, b| order(a.exterior().0.first(), b.exterior().0.first()));
    Ok(match exact.len() {
        0 => Polygon::new(LineString::new(Vec::new()), Vec::new()).into(),
        1 => exact.swap_remove(0).into(),
        _ => MultiPolygon(exact).into(),
    })
}

/// From below to above, then from left to right.
fn order(a: Option<&Coord>, b: Option<&Coord>) -> std::cmp::Ordering {
    match a.zip(b) {
        Some((a, b)) => a.y.total_cmp(&b.y).then(a.x.total_cmp(&b.x)),
        None => std::cmp::Ordering::Equal,
    }
}

/// The corners and edges of both sides.
struct Input {
    corners: Vec<Coord>,
    edges: Vec<(Coord, Coord)>,
    tolerance: f64,
}

impl Input {
    fn of(left: &Geometry, right: &Geometry) -> Result<Self, Fault> {
        let all: Vec<&Polygon> = [left, right].into_iter().flat_map(polygons).collect();
        let edges: Vec<(Coord, Coord)> = all
            .into_iter()
            .flat_map(rings)
            .flat_map(|ring| ring.0.windows(2))
            .filter_map(|pair| pair.first().copied().zip(pair.last().copied()))
            .collect();
        if edges.len() > CORNERS_MAX {
            return Err(Fault::not_supported(format!("an overlay of more than {CORNERS_MAX} corners")));
        }
        let extent = [left, right]
            .into_iter()
            .filter(|shape| !is_empty(shape))
            .filter_map(envelope)
            .flat_map(|rect| [rect.min(), rect.max()])
            .fold(0.0_f64, |extent, at| extent.max(at.x.abs()).max(at.y.abs()));
        if extent > EXTENT_MAX {
            return Err(Fault::not_supported("an overlay of so large areas"));
        }
        Ok(Self { corners: edges.iter().map(|(a, _)| *a).collect(), edges, tolerance: extent * GRID })
    }

    fn is_near(&self, a: Coord, b: Coord) -> bool {
        (a.x - b.x).abs() <= self.tolerance && (a.y - b.y).abs() <= self.tolerance
    }

    /// Where a corner of the grid belongs.
    fn exact(&self, at: Coord) -> Result<Coord, Fault> {
        if let Some(corner) = self.corners.iter().find(|corner| self.is_near(**corner, at)) {
            return Ok(*corner);
        }
        let near: Vec<(Coord, Coord)> = self
            .edges
            .iter()
            .copied()
            .filter(|(a, b)| {
                let margin = self.tolerance;
                at.x >= a.x.min(b.x) - margin
                    && at.x <= a.x.max(b.x) + margin
                    && at.y >= a.y.min(b.y) - margin
                    && at.y <= a.y.max(b.y) + margin
            })
            .collect();
        let crossings = near
            .iter()
            .enumerate()
            .flat_map(|(index, one)| near.iter().skip(index + 1).filter_map(|other| crossing(*one, *other)));
        let found = crossings.into_iter().find(|crossing| self.is_near(*crossing, at));
        found.ok_or_else(|| Fault::not_supported("an overlay with corners that are too near to each other"))
    }

    /// The ring with exact corners and with all corners of the input that lie on it, from its lowest point.
    fn exact_ring(&self, ring: &LineString) -> Result<LineString, Fault> {
        let mut corners: Vec<Coord> = Vec::with_capacity(ring.0.len());
        for at in ring.0.iter().skip(1) {
            let exact = self.exact(*at)?;
            if corners.last() != Some(&exact) {
                corners.push(exact);
            }
        }
        let mut full = Vec::with_capacity(corners.len());
        for (index, from) in corners.iter().enumerate() {
            let Some(to) = corners.get((index + 1) % corners.len()) else { continue };
            full.push(*from);
            full.extend(self.between(*from, *to));
        }
        let lowest = (0..full.len()).min_by(|a, b| order(full.get(*a), full.get(*b))).unwrap_or(0);
        full.rotate_left(lowest);
        full.extend(full.first().copied());
        Ok(LineString::new(full))
    }

    /// Corners of the input on the way between two places, in their order.
    fn between(&self, from: Coord, to: Coord) -> Vec<Coord> {
        let along = |at: &Coord| (at.x - from.x) * (to.x - from.x) + (at.y - from.y) * (to.y - from.y);
        let length = along(&to);
        let mut found: Vec<Coord> = self
            .corners
            .iter()
            .copied()
            .filter(|at| along(at) > 0.0 && along(at) < length && *at != from && *at != to)
            .filter(|at| <f64 as GeoNum>::Ker::orient2d(from, to, *at) == Orientation::Collinear)
            .collect();
        found.sort_by(|a, b| along(a).total_cmp(&along(b)));
        found.dedup();
        found
    }
}

/// Where two edges that are not parallel cross.
fn crossing(one: (Coord, Coord), other: (Coord, Coord)) -> Option<Coord> {
    let ((a, b), (c, d)) = (one, other);
    let (first, second) = (b - a, d - c);
    let cross = first.x * second.y - first.y * second.x;
    if cross == 0.0 {
        return None;
    }
    let fraction = ((c.x - a.x) * second.y - (c.y - a.y) * second.x) / cross;
    (-1e-9..=1.0 + 1e-9)
        .contains(&fraction)
        .then(|| Coord { x: a.x + first.x * fraction, y: a.y + first.y * fraction })
}
