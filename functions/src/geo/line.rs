//! Places along lines.

use arrow::{array::Array, datatypes::Float64Type};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};
use geo::{Coord, Geometry, LineString};

use super::{
    columns::{Geometries, height, make, make_lists, numbers},
    measure::{between, length},
    shape::{Kind, coordinates, is_empty, lines, point, require},
};
use crate::{Call, Fault, Function, columns::primitive_rows, operators::returned_ref};

/// Points that one call of `line_interpolate_points` may return.
const POINTS_MAX: f64 = 1_000_000.0;

pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::scalar(
            "line_locate_point",
            &["(Geometry, Geometry) -> double"],
            line_locate_point,
            "The fraction of a line where it is nearest to a point",
        ),
        Function::scalar(
            "line_interpolate_point",
            &["(Geometry, double) -> Geometry"],
            line_interpolate_point,
            "The point at a fraction of a line",
        ),
        Function::scalar(
            "line_interpolate_points",
            &["(Geometry, double) -> array(Geometry)"],
            line_interpolate_points,
            "The points at each multiple of a fraction of a line",
        ),
        Function::scalar(
            "simplify_geometry",
            &["(Geometry, double) -> Geometry"],
            simplify_geometry,
            "A geometry with fewer points",
        ),
    ]
}

fn line_locate_point(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let (on, at) = (Geometries::of(arguments, 0)?, Geometries::of(arguments, 1)?);
    let fractions =
        primitive_rows::<Float64Type>(height(arguments, rows), |row| match on.at(row)?.zip(at.at(row)?) {
            Some((line, at)) if !is_empty(&line) && !is_empty(&at) => locate(&line, &at).map(Some),
            _ => Ok(None),
        })?;
    returned_ref(arguments, fractions)
}

fn java_name(kind: Kind) -> &'static str {
    kind.standard_name().trim_start_matches("ST_")
}

fn locate(line: &Geometry, at: &Geometry) -> Result<f64, Fault> {
    if !matches!(Kind::of(line), Kind::LineString | Kind::MultiLineString) {
        return Err(Fault::invalid_argument(format!(
            "First argument to line_locate_point must be a LineString or a MultiLineString. Got: {}",
            java_name(Kind::of(line))
        )));
    }
    let place = coordinates(at).next().filter(|_| Kind::of(at) == Kind::Point);
    let place = place.ok_or_else(|| {
        Fault::invalid_argument(format!(
            "Second argument to line_locate_point must be a Point. Got: {}",
            java_name(Kind::of(at))
        ))
    })?;
    let (mut nearest, mut index, mut measured, mut total) = (f64::INFINITY, 0.0, 0.0, 0.0);
    for pair in lines(line).into_iter().flat_map(|line| line.0.windows(2)) {
        let [a, b] = pair else { continue };
        let segment = between(*a, *b);
        let factor = projection(place, *a, *b).clamp(0.0, 1.0);
        let distance = distance_to(place, *a, *b);
        if distance < nearest {
            nearest = distance;
            index = if factor >= 1.0 { measured + segment } else { measured + factor * segment };
        }
        measured += segment;
        total += segment;
    }
    Ok(index / total)
}

/// Where on the way from `a` to `b` the point is nearest: 0 at `a`, 1 at `b`.
fn projection(at: Coord, a: Coord, b: Coord) -> f64 {
    if at == a {
        return 0.0;
    }
    if at == b {
        return 1.0;
    }
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let square = dx * dx + dy * dy;
    match square > 0.0 {
        true => ((at.x - a.x) * dx + (at.y - a.y) * dy) / square,
        false => 0.0,
    }
}

/// The distance of a point from a segment, as Trino's library computes it.
fn distance_to(at: Coord, a: Coord, b: Coord) -> f64 {
    if a == b {
        return between(at, a);
    }
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let square = dx * dx + dy * dy;
    let r = ((at.x - a.x) * dx + (at.y - a.y) * dy) / square;
    if r <= 0.0 {
        between(at, a)
    } else if r >= 1.0 {
        between(at, b)
    } else {
        (((a.y - at.y) * dx - (a.x - at.x) * dy) / square).abs() * square.sqrt()
    }
}

fn line_interpolate_point(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let on = Geometries::of(arguments, 0)?;
    let fractions = numbers::<Float64Type>(arguments, 1, rows)?;
    make(arguments, rows, |row| match on.at(row)? {
        Some(line) if fractions.is_valid(row) && !is_empty(&line) => {
            Ok(interpolate(&line, fractions.value(row), false)?.first().copied().map(point))
        }
        _ => Ok(None),
    })
}

fn line_interpolate_points(
    _: &Call,
    arguments: &[ColumnarValue],
    rows: usize,
) -> EngineResult<ColumnarValue> {
    let on = Geometries::of(arguments, 0)?;
    let fractions = numbers::<Float64Type>(arguments, 1, rows)?;
    make_lists(arguments, rows, |row| match on.at(row)? {
        Some(line) if fractions.is_valid(row) && !is_empty(&line) => {
            let places = interpolate(&line, fractions.value(row), true)?;
            Ok(Some(places.into_iter().map(point).collect()))
        }
        _ => Ok(None),
    })
}

fn interpolate(shape: &Geometry, step: f64, repeated: bool) -> Result<Vec<Coord>, Fault> {
    require("line_interpolate_point", shape, &[Kind::LineString])?;
    if step < 0.0 || step > 1.0 || step.is_nan() {
        return Err(Fault::invalid_argument("fraction must be between 0 and 1"));
    }
    let all = lines(shape);
    let path: &[Coord] = all.first().map_or(&[], |line| line.0.as_slice());
    let (Some(first), Some(last)) = (path.first(), path.last()) else { return Ok(Vec::new()) };
    if step == 0.0 {
        return Ok(vec![*first]);
    }
    if step == 1.0 {
        return Ok(vec![*last]);
    }
    if repeated && 1.0 / step > POINTS_MAX {
        return Err(Fault::not_supported(format!("more than {POINTS_MAX} points on a line")));
    }
    let wanted = if repeated { (1.0 / step).floor() as usize } else { 1 };
    let total = length(shape);
    let (mut places, mut consumed, mut next) = (Vec::with_capacity(wanted), 0.0, step);
    for pair in path.windows(2) {
        let [from, to] = pair else { continue };
        let share = between(*from, *to) / total;
        while next < consumed + share && places.len() < wanted {
            let fraction = (next - consumed) / share;
            places.push(Coord {
                x: from.x + (to.x - from.x) * fraction,
                y: from.y + (to.y - from.y) * fraction,
            });
            next += step;
        }
        consumed += share;
    }
    if places.len() < wanted {
        places.push(*last);
    }
    Ok(places)
}

fn simplify_geometry(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let shapes = Geometries::of(arguments, 0)?;
    let tolerances = numbers::<Float64Type>(arguments, 1, rows)?;
    make(arguments, rows, |row| {
        let Some(shape) = shapes.at(row)?.filter(|_| tolerances.is_valid(row)) else { return Ok(None) };
        let tolerance = tolerances.value(row);
        if tolerance.is_nan() {
            return Err(Fault::invalid_argument("distanceTolerance is NaN"));
        }
        if tolerance < 0.0 {
            return Err(Fault::invalid_argument("distanceTolerance is negative"));
        }
        match shape.as_ref() {
            other if tolerance == 0.0 || is_empty(other) => Ok(Some(other.clone())),
            Geometry::Point(_) | Geometry::MultiPoint(_) => Ok(Some(shape.into_owned())),
            Geometry::LineString(line) if line.0.first() != line.0.last() => {
                Ok(Some(simplified(&line.0, tolerance).into()))
            }
            // Areas and several lines must not come to cross each other.
            other => Err(Fault::not_supported(format!("simplify_geometry of a {}", Kind::of(other).name()))),
        }
    })
}

/// Points are dropped as long as none is farther than the tolerance from the line that remains.
fn simplified(path: &[Coord], tolerance: f64) -> LineString {
    let mut keep = vec![false; path.len()];
    let mut open = vec![(0, path.len().saturating_sub(1))];
    while let Some((start, end)) = open.pop() {
        for index in [start, end] {
            if let Some(keep) = keep.get_mut(index) {
                *keep = true;
            }
        }
        let (Some(a), Some(b)) = (path.get(start), path.get(end)) else { continue };
        let mut farthest = (-1.0, start);
        for (index, at) in path.iter().enumerate().take(end).skip(start + 1) {
            let distance = distance_to(*at, *a, *b);
            if distance > farthest.0 {
                farthest = (distance, index);
            }
        }
        if farthest.0 > tolerance {
            open.push((start, farthest.1));
            open.push((farthest.1, end));
        }
    }
    path.iter().zip(keep).filter_map(|(at, keep)| keep.then_some(*at)).collect()
}
