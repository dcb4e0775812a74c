//! The parts and properties of a geometry.

use arrow::{
    array::Array,
    datatypes::{Float64Type, Int8Type, Int32Type, Int64Type},
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};
use geo::{Coord, Geometry, LineString, MultiLineString, MultiPoint, Point, Polygon};

use super::{
    columns::{Geometries, make, numbers, to_boolean, to_geometries, to_geometry, to_number, to_text},
    shape::{
        Kind, coordinates, empty_point, envelope, is_empty, lines, parts, point, polygons, rectangle,
        require, reversed, rings,
    },
};
use crate::{Fault, Function};

const DOUBLE: &[&str] = &["(Geometry) -> double"];
const GEOMETRY: &[&str] = &["(Geometry) -> Geometry"];
const GEOMETRIES: &[&str] = &["(Geometry) -> array(Geometry)"];
const BOOLEAN: &[&str] = &["(Geometry) -> boolean"];
const TINYINT: &[&str] = &["(Geometry) -> tinyint"];
const NTH: &[&str] = &["(Geometry, integer) -> Geometry"];

pub(super) fn functions() -> Vec<Function> {
    let mut functions = numbers_and_names();
    functions.extend(geometries());
    functions
}

fn numbers_and_names() -> Vec<Function> {
    vec![
        Function::scalar("st_x", DOUBLE, |_, a, r| ordinate("ST_X", a, r, |at| at.x), "X of a point"),
        Function::scalar("st_y", DOUBLE, |_, a, r| ordinate("ST_Y", a, r, |at| at.y), "Y of a point"),
        Function::scalar("st_xmin", DOUBLE, |_, a, r| bound(a, r, |low, _| low.x), "Smallest X"),
        Function::scalar("st_ymin", DOUBLE, |_, a, r| bound(a, r, |low, _| low.y), "Smallest Y"),
        Function::scalar("st_xmax", DOUBLE, |_, a, r| bound(a, r, |_, high| high.x), "Largest X"),
        Function::scalar("st_ymax", DOUBLE, |_, a, r| bound(a, r, |_, high| high.y), "Largest Y"),
        Function::scalar(
            "st_isempty",
            BOOLEAN,
            |_, a, r| to_boolean(a, r, |s| Ok(Some(is_empty(s)))),
            "No points",
        ),
        Function::scalar(
            "st_isclosed",
            BOOLEAN,
            |_, a, r| to_boolean(a, r, is_closed),
            "Ends where it begins",
        ),
        Function::scalar(
            "st_coorddim",
            TINYINT,
            |_, a, r| to_number::<Int8Type>(a, r, |_| Ok(Some(2))),
            "Number of coordinates",
        ),
        Function::scalar(
            "st_dimension",
            TINYINT,
            |_, a, r| to_number::<Int8Type>(a, r, |s| Ok(Some(dimension(s)))),
            "0 for points, 1 for lines, 2 for areas",
        ),
        Function::scalar(
            "st_numpoints",
            &["(Geometry) -> bigint"],
            |_, a, r| to_number::<Int64Type>(a, r, |s| Ok(Some(count(number_of_points(s))))),
            "Number of points, without those that close rings",
        ),
        Function::scalar(
            "st_numgeometries",
            &["(Geometry) -> integer"],
            |_, a, r| to_number::<Int32Type>(a, r, |s| Ok(Some(number_of_parts(s)))),
            "Number of parts",
        ),
        Function::scalar(
            "st_numinteriorring",
            &["(Geometry) -> bigint"],
            |_, a, r| {
                to_number::<Int64Type>(a, r, |s| {
                    Ok(holes("ST_NumInteriorRing", s)?.map(|holes| count(holes.len())))
                })
            },
            "Number of inner rings",
        ),
        Function::scalar(
            "st_geometrytype",
            &["(Geometry) -> varchar"],
            |_, a, r| {
                to_text(a, r, |s, out| {
                    out.push_str(Kind::of(s).standard_name());
                    Ok(Some(()))
                })
            },
            "The kind of a geometry",
        ),
    ]
}

fn geometries() -> Vec<Function> {
    vec![
        Function::scalar(
            "st_envelope",
            GEOMETRY,
            |_, a, r| to_geometry(a, r, st_envelope),
            "Rectangle around it",
        ),
        Function::scalar(
            "st_envelopeaspts",
            GEOMETRIES,
            |_, a, r| to_geometries(a, r, corners),
            "Its corners",
        ),
        Function::scalar("st_boundary", GEOMETRY, |_, a, r| to_geometry(a, r, boundary), "Its boundary"),
        Function::scalar(
            "st_exteriorring",
            GEOMETRY,
            |_, a, r| to_geometry(a, r, exterior),
            "Its outer ring",
        ),
        Function::scalar(
            "st_startpoint",
            GEOMETRY,
            |_, a, r| to_geometry(a, r, |s| end_of("ST_StartPoint", s, |line| line.0.first().copied())),
            "First point of a line",
        ),
        Function::scalar(
            "st_endpoint",
            GEOMETRY,
            |_, a, r| to_geometry(a, r, |s| end_of("ST_EndPoint", s, |line| line.0.last().copied())),
            "Last point of a line",
        ),
        Function::scalar(
            "st_interiorrings",
            GEOMETRIES,
            |_, a, r| to_geometries(a, r, |s| holes("ST_InteriorRings", s)),
            "Its inner rings",
        ),
        Function::scalar(
            "st_geometries",
            GEOMETRIES,
            |_, a, r| to_geometries(a, r, |s| Ok((!is_empty(s)).then(|| parts(s)))),
            "Its parts",
        ),
        Function::scalar("st_points", GEOMETRIES, |_, a, r| to_geometries(a, r, points), "Its points"),
        Function::scalar("st_geometryn", NTH, |_, a, r| nth(a, r, part_at), "Its nth part"),
        Function::scalar("st_pointn", NTH, |_, a, r| nth(a, r, point_at), "Nth point of a line"),
        Function::scalar("st_interiorringn", NTH, |_, a, r| nth(a, r, hole_at), "Its nth inner ring"),
    ]
}

fn ordinate(
    function: &str,
    arguments: &[ColumnarValue],
    rows: usize,
    of: fn(Coord) -> f64,
) -> EngineResult<ColumnarValue> {
    to_number::<Float64Type>(arguments, rows, |shape| {
        require(function, shape, &[Kind::Point])?;
        Ok(coordinates(shape).next().map(of))
    })
}

fn bound(
    arguments: &[ColumnarValue],
    rows: usize,
    of: fn(Coord, Coord) -> f64,
) -> EngineResult<ColumnarValue> {
    to_number::<Float64Type>(arguments, rows, |shape| {
        Ok(envelope(shape).map(|rect| of(rect.min(), rect.max())))
    })
}

fn is_closed(shape: &Geometry) -> Result<Option<bool>, Fault> {
    require("ST_IsClosed", shape, &[Kind::LineString, Kind::MultiLineString])?;
    Ok(Some(lines(shape).iter().all(|line| line.0.first() == line.0.last())))
}

fn dimension(shape: &Geometry) -> i8 {
    match shape {
        Geometry::Point(_) | Geometry::MultiPoint(_) => 0,
        Geometry::Line(_) | Geometry::LineString(_) | Geometry::MultiLineString(_) => 1,
        Geometry::GeometryCollection(parts) => parts.iter().map(dimension).max().unwrap_or(0),
        _ => 2,
    }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn number_of_points(shape: &Geometry) -> usize {
    let closing: usize = polygons(shape).into_iter().map(|polygon| rings(polygon).count()).sum();
    coordinates(shape).count().saturating_sub(closing)
}

fn number_of_parts(shape: &Geometry) -> i32 {
    match (is_empty(shape), Kind::of(shape).is_multiple()) {
        (true, _) => 0,
        (false, false) => 1,
        (false, true) => i32::try_from(parts(shape).len()).unwrap_or(i32::MAX),
    }
}

fn st_envelope(shape: &Geometry) -> Result<Option<Geometry>, Fault> {
    let nothing = || Polygon::new(LineString::new(Vec::new()), Vec::new()).into();
    Ok(Some(envelope(shape).map_or_else(nothing, rectangle)))
}

fn corners(shape: &Geometry) -> Result<Option<Vec<Geometry>>, Fault> {
    Ok(envelope(shape).map(|rect| vec![point(rect.min()), point(rect.max())]))
}

fn boundary(shape: &Geometry) -> Result<Option<Geometry>, Fault> {
    Ok(Some(match shape {
        Geometry::Point(_) | Geometry::MultiPoint(_) => MultiPoint(Vec::new()).into(),
        Geometry::LineString(_) | Geometry::MultiLineString(_) => {
            MultiPoint(ends_of(&lines(shape)).into_iter().map(Point).collect()).into()
        }
        Geometry::Polygon(_) | Geometry::MultiPolygon(_) => {
            let all = polygons(shape).into_iter().flat_map(rings).cloned();
            MultiLineString(all.collect()).into()
        }
        _ => return Err(Fault::not_supported("ST_Boundary of a geometry collection")),
    }))
}

/// The ends of lines that are not closed, as far as an odd number of lines ends there.
fn ends_of(lines: &[&LineString]) -> Vec<Coord> {
    let open = lines.iter().filter(|line| line.0.first() != line.0.last());
    let ends: Vec<Coord> =
        open.flat_map(|line| line.0.first().into_iter().chain(line.0.last())).copied().collect();
    let mut seen = Vec::new();
    for end in &ends {
        if !seen.contains(end) && ends.iter().filter(|other| *other == end).count() % 2 == 1 {
            seen.push(*end);
        }
    }
    seen
}

fn exterior(shape: &Geometry) -> Result<Option<Geometry>, Fault> {
    require("ST_ExteriorRing", shape, &[Kind::Polygon])?;
    let ring = polygons(shape).first().map(|polygon| polygon.exterior().clone());
    Ok(ring.filter(|ring| !ring.0.is_empty()).map(Into::into))
}

fn holes(function: &str, shape: &Geometry) -> Result<Option<Vec<Geometry>>, Fault> {
    require(function, shape, &[Kind::Polygon])?;
    if is_empty(shape) {
        return Ok(None);
    }
    let holes = polygons(shape).into_iter().flat_map(|polygon| polygon.interiors());
    Ok(Some(holes.map(|ring| ring.clone().into()).collect()))
}

fn end_of(
    function: &str,
    shape: &Geometry,
    end: fn(&LineString) -> Option<Coord>,
) -> Result<Option<Geometry>, Fault> {
    require(function, shape, &[Kind::LineString])?;
    Ok(lines(shape).first().and_then(|line| end(line)).map(point))
}

/// Rings in the direction in which Trino stores them, which is not the one of their text.
fn points(shape: &Geometry) -> Result<Option<Vec<Geometry>>, Fault> {
    if is_empty(shape) {
        return Ok(None);
    }
    let mut all = Vec::new();
    push_points(shape, &mut all);
    Ok(Some(all))
}

fn push_points(shape: &Geometry, out: &mut Vec<Geometry>) {
    match shape {
        Geometry::GeometryCollection(parts) => parts.iter().for_each(|part| push_points(part, out)),
        Geometry::Polygon(_) | Geometry::MultiPolygon(_) => {
            let stored = polygons(shape).into_iter().flat_map(rings).map(reversed);
            out.extend(stored.flat_map(|ring| ring.0).map(point));
        }
        Geometry::Point(at) if at.x().is_nan() => out.push(empty_point()),
        _ => out.extend(coordinates(shape).map(point)),
    }
}

fn nth(
    arguments: &[ColumnarValue],
    rows: usize,
    of: fn(&Geometry, usize) -> Result<Option<Geometry>, Fault>,
) -> EngineResult<ColumnarValue> {
    let shapes = Geometries::of(arguments, 0)?;
    let indices = numbers::<Int32Type>(arguments, 1, rows)?;
    make(arguments, rows, |row| match shapes.at(row)? {
        // From 1; what is below is beyond.
        Some(shape) if indices.is_valid(row) => {
            of(&shape, usize::try_from(i64::from(indices.value(row)) - 1).unwrap_or(usize::MAX))
        }
        _ => Ok(None),
    })
}

fn part_at(shape: &Geometry, index: usize) -> Result<Option<Geometry>, Fault> {
    Ok(if is_empty(shape) { None } else { parts(shape).into_iter().nth(index) })
}

fn point_at(shape: &Geometry, index: usize) -> Result<Option<Geometry>, Fault> {
    require("ST_PointN", shape, &[Kind::LineString])?;
    Ok(lines(shape).first().and_then(|line| line.0.get(index)).copied().map(point))
}

fn hole_at(shape: &Geometry, index: usize) -> Result<Option<Geometry>, Fault> {
    Ok(holes("ST_InteriorRingN", shape)?.and_then(|holes| holes.into_iter().nth(index)))
}
