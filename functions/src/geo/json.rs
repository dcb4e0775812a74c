//! GeoJSON (<https://tools.ietf.org/html/rfc7946>), as Trino's library reads and writes it.

mod read;

use arrow::array::Array;
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};
use geo::{Coord, Geometry, LineString, Polygon};

use super::{
    columns::{make, texts, to_text},
    shape::{reversed, rings},
};
use crate::{Call, Fault, Function, format::java_double};

/// Decimal places that are written.
const SCALE: f64 = 1e8;

pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::scalar(
            "from_geojson_geometry",
            &["(varchar) -> SphericalGeography"],
            from_geojson_geometry,
            "The geography of a GeoJSON text",
        ),
        Function::scalar(
            "to_geojson_geometry",
            &["(SphericalGeography) -> varchar"],
            |_, a, r| to_text(a, r, to_geojson),
            "A geography as GeoJSON",
        ),
    ]
}

fn from_geojson_geometry(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let given = texts(arguments, 0, rows)?;
    make(arguments, rows, |row| match given.is_null(row) {
        true => Ok(None),
        false => read::geometry(given.value(row)).map(Some),
    })
}

fn to_geojson(shape: &Geometry, out: &mut String) -> Result<Option<()>, Fault> {
    match shape {
        Geometry::Point(point) if point.x().is_nan() => {
            out.push_str("{\"type\":\"Point\",\"coordinates\":[]}");
        }
        Geometry::LineString(line) if line.0.is_empty() => {
            out.push_str("{\"type\":\"LineString\",\"coordinates\":[]}");
        }
        _ => {
            push_members(shape, out)?;
            out.push_str(",\"crs\":{\"type\":\"name\",\"properties\":{\"name\":\"EPSG:0\"}}}");
        }
    }
    Ok(Some(()))
}

/// An object without its closing brace.
fn push_members(shape: &Geometry, out: &mut String) -> Result<(), Fault> {
    let mut begin = |name: &str, member: &str| {
        out.push_str("{\"type\":\"");
        out.push_str(name);
        out.push_str("\",\"");
        out.push_str(member);
        out.push_str("\":");
    };
    const COORDINATES: &str = "coordinates";
    match shape {
        Geometry::Point(point) => {
            begin("Point", COORDINATES);
            push_coordinate(&point.0, out);
        }
        Geometry::LineString(line) => {
            begin("LineString", COORDINATES);
            push_line(line, out);
        }
        Geometry::Polygon(polygon) => {
            begin("Polygon", COORDINATES);
            push_polygon(polygon, out);
        }
        Geometry::MultiPoint(points) => {
            begin("MultiPoint", COORDINATES);
            list(points.iter(), |point, out| push_coordinate(&point.0, out), out);
        }
        Geometry::MultiLineString(lines) => {
            begin("MultiLineString", COORDINATES);
            list(lines.iter(), push_line, out);
        }
        Geometry::MultiPolygon(polygons) => {
            begin("MultiPolygon", COORDINATES);
            list(polygons.iter(), push_polygon, out);
        }
        Geometry::GeometryCollection(parts) => {
            begin("GeometryCollection", "geometries");
            out.push('[');
            for (at, part) in parts.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                push_members(part, out)?;
                out.push('}');
            }
            out.push(']');
        }
        _ => return Err(Fault::internal("a geometry that is never carried")),
    }
    Ok(())
}

fn list<'a, T: 'a>(items: impl Iterator<Item = &'a T>, push: impl Fn(&'a T, &mut String), out: &mut String) {
    out.push('[');
    for (at, item) in items.enumerate() {
        if at > 0 {
            out.push(',');
        }
        push(item, out);
    }
    out.push(']');
}

fn push_line(line: &LineString, out: &mut String) {
    list(line.0.iter(), push_coordinate, out);
}

/// Rings in the direction in which Trino stores them, which is not the one of their text.
fn push_polygon(polygon: &Polygon, out: &mut String) {
    let stored: Vec<LineString> = rings(polygon).map(reversed).collect();
    list(stored.iter(), push_line, out);
}

fn push_coordinate(at: &Coord, out: &mut String) {
    out.push('[');
    push_ordinate(at.x, out);
    out.push(',');
    push_ordinate(at.y, out);
    out.push(']');
}

fn push_ordinate(value: f64, out: &mut String) {
    if value.abs() < 1e-3 || value >= 1e7 {
        return java_double(value, out);
    }
    let rounded = (value * SCALE + 0.5).floor() / SCALE;
    match rounded as i64 {
        whole if whole as f64 == rounded => out.push_str(&whole.to_string()),
        _ => java_double(rounded, out),
    }
}
