//! Well-known text, as Trino reads and writes it.

use geo::{
    Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point,
    Polygon,
};

use super::shape::{empty_point, oriented};
use crate::{Fault, format::general_17};

/// Geometries inside of geometries, at most.
const DEPTH_MAX: usize = 32;

/// Appends the text of the geometry.
pub(super) fn write(shape: &Geometry, out: &mut String) {
    match shape {
        Geometry::Point(point) if point.x().is_nan() => out.push_str("POINT EMPTY"),
        Geometry::Point(point) => tagged("POINT", &[point.0], push_coordinate, out),
        Geometry::LineString(line) => tagged("LINESTRING", &line.0, push_coordinate, out),
        Geometry::Polygon(polygon) => {
            let rings: Vec<&LineString> = super::shape::rings(polygon).collect();
            tagged("POLYGON", &rings, |ring, out| push_line(ring, out), out);
        }
        Geometry::MultiPoint(points) => {
            let push = |point: &Point, out: &mut String| list(&[point.0], push_coordinate, out);
            tagged("MULTIPOINT", &points.0, push, out);
        }
        Geometry::MultiLineString(lines) => tagged("MULTILINESTRING", &lines.0, push_line, out),
        Geometry::MultiPolygon(polygons) => {
            let push = |polygon: &Polygon, out: &mut String| {
                let rings: Vec<&LineString> = super::shape::rings(polygon).collect();
                list(&rings, |ring, out| push_line(ring, out), out);
            };
            tagged("MULTIPOLYGON", &polygons.0, push, out);
        }
        Geometry::GeometryCollection(parts) => tagged("GEOMETRYCOLLECTION", &parts.0, write, out),
        // Never made here.
        Geometry::Line(line) => write(&Geometry::LineString((*line).into()), out),
        Geometry::Rect(rect) => write(&Geometry::Polygon(rect.to_polygon()), out),
        Geometry::Triangle(triangle) => write(&Geometry::Polygon(triangle.to_polygon()), out),
    }
}

fn tagged<T>(tag: &str, items: &[T], push: impl Fn(&T, &mut String), out: &mut String) {
    out.push_str(tag);
    out.push(' ');
    match items.is_empty() {
        true => out.push_str("EMPTY"),
        false => list(items, push, out),
    }
}

fn list<T>(items: &[T], push: impl Fn(&T, &mut String), out: &mut String) {
    out.push('(');
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        push(item, out);
    }
    out.push(')');
}

fn push_coordinate(at: &Coord, out: &mut String) {
    general_17(at.x, out);
    out.push(' ');
    general_17(at.y, out);
}

fn push_line(line: &LineString, out: &mut String) {
    list(&line.0, push_coordinate, out);
}

/// Reads the text of a geometry, in any case; rings need not be closed.
pub(super) fn parse(text: &str) -> Result<Geometry, Fault> {
    let mut parser = Parser { rest: text };
    let parsed = parser.geometry(0).filter(|_| parser.rest.trim().is_empty());
    match parsed {
        Some(shape) => Ok(shape),
        None if parser.has_more_dimensions() => {
            Err(Fault::not_supported("geometries with more than two dimensions"))
        }
        None => Err(Fault::invalid_argument(format!("Invalid WKT: {text}"))),
    }
}

struct Parser<'a> {
    rest: &'a str,
}

impl<'a> Parser<'a> {
    fn has_more_dimensions(&mut self) -> bool {
        let word = self.word().to_uppercase();
        matches!(word.as_str(), "Z" | "M" | "ZM")
    }

    fn word(&mut self) -> &'a str {
        let text = self.rest.trim_start();
        let end = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        self.rest = rest;
        word
    }

    fn accept(&mut self, symbol: char) -> Option<()> {
        self.rest = self.rest.trim_start().strip_prefix(symbol)?;
        Some(())
    }

    fn accept_empty(&mut self) -> bool {
        let before = self.rest;
        if self.word().eq_ignore_ascii_case("empty") {
            return true;
        }
        self.rest = before;
        false
    }

    fn number(&mut self) -> Option<f64> {
        let text = self.rest.trim_start();
        let end = text.find(|c: char| c.is_whitespace() || ",()".contains(c)).unwrap_or(text.len());
        let (number, rest) = text.split_at(end);
        self.rest = rest;
        let is_number = number.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
        number.parse().ok().filter(|value: &f64| is_number && value.is_finite())
    }

    fn coordinate(&mut self) -> Option<Coord> {
        Some(Coord { x: self.number()?, y: self.number()? })
    }

    /// `(item, item)`, or `EMPTY`.
    fn list<T>(&mut self, item: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        if self.accept_empty() {
            return Some(Vec::new());
        }
        self.accept('(')?;
        let mut items = vec![item(self)?];
        while self.accept(',').is_some() {
            items.push(item(self)?);
        }
        self.accept(')')?;
        Some(items)
    }

    fn line(&mut self) -> Option<LineString> {
        self.list(Self::coordinate).map(LineString::new)
    }

    fn polygon(&mut self) -> Option<Polygon> {
        let mut rings = self.list(Self::line)?.into_iter();
        let outer = rings.next().unwrap_or_else(|| LineString::new(Vec::new()));
        Some(oriented(Polygon::new(outer, rings.collect())))
    }

    /// `(1 2)`, or `1 2` as others write the points of a multi-point.
    fn inner_point(&mut self) -> Option<Point> {
        if self.accept('(').is_none() {
            return self.coordinate().map(Point);
        }
        let at = self.coordinate()?;
        self.accept(')')?;
        Some(Point(at))
    }

    fn geometry(&mut self, depth: usize) -> Option<Geometry> {
        if depth > DEPTH_MAX {
            return None;
        }
        Some(match self.word().to_uppercase().as_str() {
            "POINT" if self.accept_empty() => empty_point(),
            "POINT" => {
                self.accept('(')?;
                let at = self.coordinate()?;
                self.accept(')')?;
                Geometry::Point(Point(at))
            }
            "LINESTRING" => Geometry::LineString(self.line().filter(is_line)?),
            "POLYGON" => Geometry::Polygon(self.polygon()?),
            "MULTIPOINT" => Geometry::MultiPoint(MultiPoint(self.list(Self::inner_point)?)),
            "MULTILINESTRING" => {
                Geometry::MultiLineString(MultiLineString(self.list(|parser| parser.line().filter(is_line))?))
            }
            "MULTIPOLYGON" => Geometry::MultiPolygon(MultiPolygon(self.list(Self::polygon)?)),
            "GEOMETRYCOLLECTION" => {
                Geometry::GeometryCollection(GeometryCollection(self.list(|p| p.geometry(depth + 1))?))
            }
            _ => return None,
        })
    }
}

/// One point is not a line.
fn is_line(line: &LineString) -> bool {
    line.0.len() != 1
}
