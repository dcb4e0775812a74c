//! Areas, lengths, distances and centroids.

use arrow::datatypes::Float64Type;
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};
use geo::{Coord, Geometry, LineString, Polygon};

use super::{
    columns::{Geometries, height, to_geometry, to_number},
    relation,
    shape::{Kind, coordinates, empty_point, is_empty, lines, point, polygons, require, reversed, rings},
    sphere,
};
use crate::{Call, Fault, Function, Type, columns::primitive_rows, operators::returned_ref};

const EITHER: &[&str] = &["(Geometry) -> double", "(SphericalGeography) -> double"];

pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::scalar("st_area", EITHER, st_area, "Area"),
        Function::scalar("st_length", EITHER, st_length, "Length of lines"),
        Function::scalar(
            "st_distance",
            &["(Geometry, Geometry) -> double", "(SphericalGeography, SphericalGeography) -> double"],
            st_distance,
            "Smallest distance",
        ),
        Function::scalar(
            "st_centroid",
            &["(Geometry) -> Geometry"],
            |_, a, r| to_geometry(a, r, centroid),
            "Centre of gravity",
        ),
    ]
}

fn is_spherical(call: &Call) -> bool {
    call.arguments.first() == Some(&Type::SphericalGeography)
}

/// A sum that carries what each addition loses.
#[derive(Default)]
struct Sum {
    total: f64,
    lost: f64,
}

impl Sum {
    fn add(&mut self, value: f64) {
        let corrected = value - self.lost;
        let total = self.total + corrected;
        self.lost = (total - self.total) - corrected;
        self.total = total;
    }
}

fn st_area(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    if is_spherical(call) {
        return to_number::<Float64Type>(arguments, rows, sphere::area);
    }
    to_number::<Float64Type>(arguments, rows, |shape| {
        let mut area = Sum::default();
        for ring in polygons(shape).into_iter().flat_map(rings) {
            area.add(ring_area(&reversed(ring)));
        }
        Ok(Some(area.total))
    })
}

/// The area of a ring, positive if it is clockwise: as Trino's library stores outer rings.
fn ring_area(ring: &LineString) -> f64 {
    let Some(origin) = ring.0.first() else { return 0.0 };
    let mut area = Sum::default();
    for pair in ring.0.windows(2) {
        if let [a, b] = pair {
            area.add(((b.x - origin.x) - (a.x - origin.x)) * ((b.y - origin.y) + (a.y - origin.y)) * 0.5);
        }
    }
    area.total
}

fn st_length(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    if is_spherical(call) {
        return to_number::<Float64Type>(arguments, rows, sphere::length);
    }
    to_number::<Float64Type>(arguments, rows, |shape| {
        require("ST_Length", shape, &[Kind::LineString, Kind::MultiLineString])?;
        Ok(Some(length(shape)))
    })
}

/// The length of all lines.
pub(super) fn length(shape: &Geometry) -> f64 {
    let mut length = Sum::default();
    for pair in lines(shape).into_iter().flat_map(|line| line.0.windows(2)) {
        if let [a, b] = pair {
            length.add(between(*a, *b));
        }
    }
    length.total
}

/// The distance of two points.
pub(super) fn between(a: Coord, b: Coord) -> f64 {
    squared(a, b).sqrt()
}

fn squared(a: Coord, b: Coord) -> f64 {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    dx * dx + dy * dy
}

fn st_distance(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let (left, right) = (Geometries::of(arguments, 0)?, Geometries::of(arguments, 1)?);
    let measure = if is_spherical(call) { sphere::distance } else { distance };
    let distances = primitive_rows::<Float64Type>(height(arguments, rows), |row| {
        match left.at(row)?.zip(right.at(row)?) {
            Some((left, right)) if !is_empty(&left) && !is_empty(&right) => measure(&left, &right).map(Some),
            _ => Ok(None),
        }
    })?;
    returned_ref(arguments, distances)
}

fn distance(left: &Geometry, right: &Geometry) -> Result<f64, Fault> {
    if let (Geometry::Point(left), Geometry::Point(right)) = (left, right) {
        return Ok(between(left.0, right.0));
    }
    if relation::intersects(left, right)? {
        return Ok(0.0);
    }
    let (left_segments, right_segments) = (segments(left), segments(right));
    let mut smallest = f64::INFINITY;
    // The nearest places of segments that do not cross are an end of one and a place on the other.
    for at in coordinates(left) {
        for (a, b) in &right_segments {
            smallest = smallest.min(squared(at, nearest(at, *a, *b)));
        }
    }
    for at in coordinates(right) {
        for (a, b) in &left_segments {
            smallest = smallest.min(squared(at, nearest(at, *a, *b)));
        }
    }
    Ok(smallest.sqrt())
}

/// All segments of lines and rings, and each single point as one without a length.
fn segments(shape: &Geometry) -> Vec<(Coord, Coord)> {
    match shape {
        Geometry::GeometryCollection(parts) => parts.iter().flat_map(segments).collect(),
        Geometry::Point(_) | Geometry::MultiPoint(_) => coordinates(shape).map(|at| (at, at)).collect(),
        _ => {
            let rings = polygons(shape).into_iter().flat_map(rings);
            let pairs = lines(shape).into_iter().chain(rings).flat_map(|line| line.0.windows(2));
            pairs.filter_map(|pair| pair.first().copied().zip(pair.last().copied())).collect()
        }
    }
}

/// The place on a segment that is nearest to a point.
fn nearest(at: Coord, a: Coord, b: Coord) -> Coord {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let square = dx * dx + dy * dy;
    if square == 0.0 {
        return a;
    }
    let fraction = ((at.x - a.x) * dx + (at.y - a.y) * dy) / square;
    if fraction <= 0.0 {
        a
    } else if fraction >= 1.0 {
        b
    } else {
        Coord { x: a.x + dx * fraction, y: a.y + dy * fraction }
    }
}

fn centroid(shape: &Geometry) -> Result<Option<Geometry>, Fault> {
    require(
        "ST_Centroid",
        shape,
        &[
            Kind::Point,
            Kind::MultiPoint,
            Kind::LineString,
            Kind::MultiLineString,
            Kind::Polygon,
            Kind::MultiPolygon,
        ],
    )?;
    if is_empty(shape) {
        return Ok(Some(empty_point()));
    }
    let at = match Kind::of(shape) {
        Kind::Point | Kind::MultiPoint => weighted(coordinates(shape).map(|at| (at, 1.0))),
        Kind::LineString | Kind::MultiLineString => centroid_of_lines(&lines(shape)),
        _ => centroid_of_areas(&polygons(shape)),
    };
    Ok(Some(point(at)))
}

fn weighted(places: impl Iterator<Item = (Coord, f64)>) -> Coord {
    let (x, y, weight) = places.fold((0.0, 0.0, 0.0), |(x, y, sum), (at, weight)| {
        (x + at.x * weight, y + at.y * weight, sum + weight)
    });
    Coord { x: x / weight, y: y / weight }
}

/// As Trino's library: from the first and the last point of each line.
fn centroid_of_lines(lines: &[&LineString]) -> Coord {
    let (mut x, mut y, mut weight) = (0.0, 0.0, 0.0);
    for line in lines {
        if let (Some(first), Some(last)) = (line.0.first(), line.0.last()) {
            let length = between(*first, *last);
            weight += length;
            x += (first.x + last.x) * length / 2.0;
            y += (first.y + last.y) * length / 2.0;
        }
    }
    Coord { x: x / weight, y: y / weight }
}

fn centroid_of_areas(polygons: &[&Polygon]) -> Coord {
    let rings: Vec<LineString> = polygons.iter().flat_map(|polygon| rings(polygon)).map(reversed).collect();
    match rings.as_slice() {
        [ring] => centroid_of_ring(ring),
        _ => weighted(rings.iter().map(|ring| (centroid_of_ring(ring), ring_area(ring)))),
    }
}

fn centroid_of_ring(ring: &LineString) -> Coord {
    let (mut x, mut y, mut area) = (0.0, 0.0, 0.0);
    for pair in ring.0.windows(2) {
        if let [a, b] = pair {
            let cross = a.x * b.y - b.x * a.y;
            x += (a.x + b.x) * cross;
            y += (a.y + b.y) * cross;
            area += cross / 2.0;
        }
    }
    Coord { x: x / (area * 6.0), y: y / (area * 6.0) }
}
