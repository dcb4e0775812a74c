//! Whether a geometry crosses or touches itself.

use geo::{Coord, Geometry, Intersects, Line, LineString, Validation};

use super::{
    columns::{to_boolean, to_text},
    shape::{Kind, coordinates, is_empty, lines, require},
};
use crate::{Fault, Function};

const BOOLEAN: &[&str] = &["(Geometry) -> boolean"];
/// Segments of a geometry, at most: each is compared with all others.
const SEGMENTS_MAX: usize = 20_000;

pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::scalar(
            "st_issimple",
            BOOLEAN,
            |_, a, r| to_boolean(a, r, |s| is_simple(s).map(Some)),
            "Neither crosses nor touches itself",
        ),
        Function::scalar(
            "st_isvalid",
            BOOLEAN,
            |_, a, r| to_boolean(a, r, |s| is_simple(s).map(Some)),
            "Is well formed",
        ),
        Function::scalar("st_isring", BOOLEAN, |_, a, r| to_boolean(a, r, is_ring), "Closed and simple"),
        Function::scalar(
            "geometry_invalid_reason",
            &["(Geometry) -> varchar"],
            |_, a, r| {
                to_text(a, r, |shape, _| match is_simple(shape)? {
                    true => Ok(None),
                    false => Err(Fault::not_supported("the reason why a geometry is not valid")),
                })
            },
            "Why a geometry is not valid",
        ),
    ]
}

fn is_ring(shape: &Geometry) -> Result<Option<bool>, Fault> {
    require("ST_IsRing", shape, &[Kind::LineString])?;
    let is_closed = lines(shape).iter().all(|line| line.0.first() == line.0.last());
    Ok(Some(is_closed && is_simple(shape)?))
}

fn is_simple(shape: &Geometry) -> Result<bool, Fault> {
    if is_empty(shape) {
        return Ok(true);
    }
    match shape {
        Geometry::Point(_) => Ok(true),
        Geometry::MultiPoint(_) => {
            let mut points: Vec<(f64, f64)> = coordinates(shape).map(Into::into).collect();
            points.sort_by(|(a, b), (c, d)| a.total_cmp(c).then(b.total_cmp(d)));
            Ok(points.windows(2).all(|pair| pair.first() != pair.last()))
        }
        Geometry::LineString(_) | Geometry::MultiLineString(_) => are_simple(&lines(shape)),
        Geometry::GeometryCollection(parts) => {
            parts.iter().try_fold(true, |all, part| Ok(all && is_simple(part)?))
        }
        // Repeated points are not allowed, other than to the library used here.
        Geometry::Polygon(_) | Geometry::MultiPolygon(_) => {
            let repeated = super::shape::polygons(shape)
                .into_iter()
                .flat_map(super::shape::rings)
                .any(|ring| ring.0.windows(2).any(|pair| pair.first() == pair.last()));
            Ok(!repeated && shape.is_valid())
        }
        other => Err(Fault::internal(format!("unexpected {}", Kind::of(other).name()))),
    }
}

/// Lines meet themselves nowhere but where they are closed, and each other nowhere but at ends of both.
fn are_simple(lines: &[&LineString]) -> Result<bool, Fault> {
    let segments: Vec<(usize, usize, Line)> = lines
        .iter()
        .enumerate()
        .flat_map(|(line, path)| path.lines().enumerate().map(move |(index, segment)| (line, index, segment)))
        .collect();
    if segments.len() > SEGMENTS_MAX {
        return Err(Fault::not_supported("a check of so many segments"));
    }
    let is_end = |line: usize, at: Coord| {
        lines.get(line).is_some_and(|path| {
            path.0.first() != path.0.last() && (path.0.first() == Some(&at) || path.0.last() == Some(&at))
        })
    };
    for (at, (line, index, segment)) in segments.iter().enumerate() {
        if segment.start == segment.end {
            return Ok(false);
        }
        for (other_line, other_index, other) in segments.iter().skip(at + 1) {
            if !segment.intersects(other) {
                continue;
            }
            let shared: Vec<Coord> = [segment.start, segment.end]
                .into_iter()
                .filter(|end| *end == other.start || *end == other.end)
                .collect();
            let allowed = match (shared.as_slice(), line == other_line) {
                ([end], true) => {
                    let follows = *other_index == index + 1 && *end == segment.end;
                    let closes = *index == 0
                        && *end == segment.start
                        && *end == other.end
                        && lines.get(*line).is_some_and(|path| *other_index + 2 == path.0.len());
                    (follows || closes) && meet_once(segment, other, *end)
                }
                ([end], false) => {
                    is_end(*line, *end) && is_end(*other_line, *end) && meet_once(segment, other, *end)
                }
                _ => false,
            };
            if !allowed {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// True if segments that share an end share nothing else.
fn meet_once(one: &Line, other: &Line, shared: Coord) -> bool {
    let far = |line: &Line| if line.start == shared { line.end } else { line.start };
    let (a, b) = (far(one) - shared, far(other) - shared);
    let cross = a.x * b.y - a.y * b.x;
    cross != 0.0 || a.x * b.x + a.y * b.y < 0.0
}
