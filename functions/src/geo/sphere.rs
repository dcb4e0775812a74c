//! Distances and areas on a sphere as large as the Earth.

use std::f64::consts::PI;

use arrow::datatypes::Float64Type;
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};
use geo::{Coord, Geometry, LineString};

use super::{
    columns::{height, number_at, numbers, to_geometry},
    shape::{Kind, any_of, coordinates, envelope, is_empty, lines, polygons, reversed, rings},
};
use crate::{Call, Fault, Function, columns::primitive_rows, operators::returned_ref};

pub(super) const EARTH_RADIUS_KM: f64 = 6371.01;
const EARTH_RADIUS_M: f64 = EARTH_RADIUS_KM * 1000.0;

pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::scalar(
            "great_circle_distance",
            &["(double, double, double, double) -> double"],
            great_circle_distance,
            "Kilometres between two places of latitude and longitude",
        ),
        Function::scalar(
            "to_spherical_geography",
            &["(Geometry) -> SphericalGeography"],
            |_, a, r| to_geometry(a, r, to_spherical),
            "The geometry on the sphere",
        ),
        Function::scalar(
            "to_geometry",
            &["(SphericalGeography) -> Geometry"],
            |_, arguments, _| {
                arguments.first().cloned().ok_or_else(|| Fault::internal("a geography was promised").into())
            },
            "The geography in the plane",
        ),
    ]
}

fn check(latitude: f64, longitude: f64) -> Result<(), Fault> {
    if !(-90.0..=90.0).contains(&latitude) {
        return Err(Fault::invalid_argument("Latitude must be between -90 and 90"));
    }
    if !(-180.0..=180.0).contains(&longitude) {
        return Err(Fault::invalid_argument("Longitude must be between -180 and 180"));
    }
    Ok(())
}

fn great_circle_distance(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let columns = [0, 1, 2, 3].map(|index| numbers::<Float64Type>(arguments, index, rows));
    let [latitude1, longitude1, latitude2, longitude2] = columns;
    let (first, second) = ((latitude1?, longitude1?), (latitude2?, longitude2?));
    let distances = primitive_rows::<Float64Type>(height(arguments, rows), |row| {
        let from = number_at(&first.1, row).zip(number_at(&first.0, row));
        let to = number_at(&second.1, row).zip(number_at(&second.0, row));
        match from.zip(to) {
            Some((from, to)) => kilometres(from.into(), to.into()).map(Some),
            None => Ok(None),
        }
    })?;
    returned_ref(arguments, distances)
}

/// The distance of two places, whose X is the longitude.
fn kilometres(from: Coord, to: Coord) -> Result<f64, Fault> {
    check(from.y, from.x)?;
    check(to.y, to.x)?;
    Ok(GreatCircle::new(from.y, from.x).kilometres(to.y, to.x))
}

/// Distances from one place.
pub(super) struct GreatCircle {
    sin: f64,
    cos: f64,
    longitude: f64,
}

impl GreatCircle {
    pub(super) fn new(latitude: f64, longitude: f64) -> Self {
        let latitude = latitude.to_radians();
        Self { sin: latitude.sin(), cos: latitude.cos(), longitude: longitude.to_radians() }
    }

    pub(super) fn kilometres(&self, latitude: f64, longitude: f64) -> f64 {
        let latitude = latitude.to_radians();
        let (sin, cos) = (latitude.sin(), latitude.cos());
        let delta = self.longitude - longitude.to_radians();
        let t1 = cos * delta.sin();
        let t2 = self.cos * sin - self.sin * cos * delta.cos();
        let t3 = self.sin * sin + self.cos * cos * delta.cos();
        libm::atan2((t1 * t1 + t2 * t2).sqrt(), t3) * EARTH_RADIUS_KM
    }
}

fn to_spherical(shape: &Geometry) -> Result<Option<Geometry>, Fault> {
    if let Some(rect) = envelope(shape) {
        check(rect.min().y, rect.min().x)?;
        check(rect.max().y, rect.max().x)?;
    }
    Ok(Some(shape.clone()))
}

fn require(function: &str, shape: &Geometry, kinds: &[Kind]) -> Result<(), Fault> {
    let kind = Kind::of(shape);
    match kinds.contains(&kind) {
        true => Ok(()),
        false => Err(Fault::invalid_argument(format!(
            "When applied to SphericalGeography inputs, {function} only supports {}. Input type is: {}",
            any_of(kinds),
            kind.name()
        ))),
    }
}

/// In metres.
pub(super) fn distance(left: &Geometry, right: &Geometry) -> Result<f64, Fault> {
    require("ST_Distance", left, &[Kind::Point])?;
    require("ST_Distance", right, &[Kind::Point])?;
    match coordinates(left).next().zip(coordinates(right).next()) {
        Some((left, right)) => Ok(kilometres(left, right)? * 1000.0),
        None => Err(Fault::internal("points have places")),
    }
}

/// In metres.
pub(super) fn length(shape: &Geometry) -> Result<Option<f64>, Fault> {
    if is_empty(shape) {
        return Ok(None);
    }
    require("ST_Length", shape, &[Kind::LineString, Kind::MultiLineString])?;
    let mut sum = 0.0;
    for pair in lines(shape).into_iter().flat_map(|line| line.0.windows(2)) {
        if let [from, to] = pair {
            sum += kilometres(*from, *to)?;
        }
    }
    Ok(Some(sum * 1000.0))
}

/// In square metres.
pub(super) fn area(shape: &Geometry) -> Result<Option<f64>, Fault> {
    if is_empty(shape) {
        return Ok(None);
    }
    require("ST_Area", shape, &[Kind::Polygon, Kind::MultiPolygon])?;
    let mut excess = 0.0;
    for polygon in polygons(shape) {
        for (index, ring) in rings(polygon).enumerate() {
            let sign = if index == 0 { 1.0 } else { -1.0 };
            excess += sign * spherical_excess(&reversed(ring))?.abs();
        }
    }
    Ok(Some((excess * EARTH_RADIUS_M * EARTH_RADIUS_M).abs()))
}

/// A corner of a ring, in radians.
#[derive(Clone, Copy)]
struct Corner {
    latitude: f64,
    longitude: f64,
    sin: f64,
    cos: f64,
    half_tan: f64,
}

impl Corner {
    fn of(at: Coord) -> Self {
        let latitude = at.y.to_radians();
        Self {
            latitude,
            longitude: at.x.to_radians(),
            sin: latitude.sin(),
            cos: latitude.cos(),
            half_tan: (latitude / 2.0).tan(),
        }
    }

    fn bearing(self, to: Self, delta: f64, turn: f64) -> f64 {
        let y = delta.sin() * to.cos;
        let x = self.cos * to.sin - self.sin * to.cos * delta.cos();
        (libm::atan2(y, x) + turn) % (2.0 * PI)
    }
}

/// A difference of directions, between half a turn to the left and to the right.
fn turn(to: f64, from: f64) -> f64 {
    (to - from + 3.0 * PI) % (2.0 * PI) - PI
}

/// The area of a ring on the unit sphere; a pole inside is found by the direction on the way around it.
fn spherical_excess(ring: &LineString) -> Result<f64, Fault> {
    let invalid = Fault::invalid_argument;
    let corners: Vec<Corner> =
        ring.0.iter().take(ring.0.len().saturating_sub(1)).map(|at| Corner::of(*at)).collect();
    let Some(last) = corners.last().filter(|_| corners.len() >= 3) else {
        return Err(invalid("Polygon is not valid: a loop contains less then 3 vertices."));
    };
    let (mut excess, mut course) = (0.0, 0.0);
    let (mut first_bearing, mut final_bearing) = (None, 0.0);
    let mut previous = *last;
    for corner in corners {
        if corner.longitude == previous.longitude && corner.latitude == previous.latitude {
            return Err(invalid("Polygon is not valid: it has two identical consecutive vertices"));
        }
        let delta = corner.longitude - previous.longitude;
        let tans = previous.half_tan + corner.half_tan;
        excess += 2.0 * libm::atan2((delta / 2.0).tan() * tans, 1.0 + previous.half_tan * corner.half_tan);
        let initial = previous.bearing(corner, delta, 2.0 * PI);
        match first_bearing {
            None => first_bearing = Some(initial),
            Some(_) => course += turn(initial, final_bearing),
        }
        // Opposite to the way back.
        final_bearing = corner.bearing(previous, -delta, PI);
        course += turn(final_bearing, initial);
        previous = corner;
    }
    course += turn(first_bearing.unwrap_or(0.0), final_bearing);
    Ok(if course.abs() < PI / 4.0 { excess.abs() - 2.0 * PI } else { excess })
}
