//! Well-known binary: what carries geometries.

use geo::{
    Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point,
    Polygon,
};

use super::shape::{empty_point, oriented};
use crate::Fault;

/// Geometries inside of geometries, at most.
const DEPTH_MAX: usize = 32;
const LITTLE_ENDIAN: u8 = 1;

/// Appends the geometry.
pub(super) fn write(shape: &Geometry, out: &mut Vec<u8>) {
    out.push(LITTLE_ENDIAN);
    match shape {
        Geometry::Point(point) => {
            push_count(1, out);
            push_coordinate(point.0, out);
        }
        Geometry::LineString(line) => {
            push_count(2, out);
            push_line(line, out);
        }
        Geometry::Polygon(polygon) => {
            push_count(3, out);
            let is_empty = polygon.exterior().0.is_empty();
            push_count(if is_empty { 0 } else { 1 + polygon.interiors().len() }, out);
            super::shape::rings(polygon).for_each(|ring| push_line(ring, out));
        }
        Geometry::MultiPoint(points) => {
            push_parts(4, points.iter().map(|point| Geometry::Point(*point)), out);
        }
        Geometry::MultiLineString(lines) => {
            push_parts(5, lines.iter().map(|line| Geometry::LineString(line.clone())), out);
        }
        Geometry::MultiPolygon(polygons) => {
            push_parts(6, polygons.iter().map(|polygon| Geometry::Polygon(polygon.clone())), out);
        }
        Geometry::GeometryCollection(parts) => push_parts(7, parts.iter().cloned(), out),
        // Never made here.
        Geometry::Line(line) => push_parts(5, [Geometry::LineString((*line).into())].into_iter(), out),
        Geometry::Rect(rect) => push_parts(6, [Geometry::Polygon(rect.to_polygon())].into_iter(), out),
        Geometry::Triangle(t) => push_parts(6, [Geometry::Polygon(t.to_polygon())].into_iter(), out),
    }
}

fn push_parts(code: usize, parts: impl Iterator<Item = Geometry>, out: &mut Vec<u8>) {
    push_count(code, out);
    let parts: Vec<Geometry> = parts.collect();
    push_count(parts.len(), out);
    parts.iter().for_each(|part| write(part, out));
}

fn push_count(count: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(&u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes());
}

fn push_coordinate(at: Coord, out: &mut Vec<u8>) {
    out.extend_from_slice(&at.x.to_le_bytes());
    out.extend_from_slice(&at.y.to_le_bytes());
}

fn push_line(line: &LineString, out: &mut Vec<u8>) {
    push_count(line.0.len(), out);
    line.0.iter().for_each(|at| push_coordinate(*at, out));
}

/// Reads binary data from anywhere.
pub(super) fn parse(bytes: &[u8]) -> Result<Geometry, Fault> {
    let mut reader = Reader { rest: bytes, is_little: true };
    reader.geometry(0)
}

/// One of many points, which has a place.
fn finite_point(part: Geometry) -> Option<Point> {
    Point::try_from(part).ok().filter(|point| point.x().is_finite() && point.y().is_finite())
}

struct Reader<'a> {
    rest: &'a [u8],
    is_little: bool,
}

fn invalid() -> Fault {
    Fault::invalid_argument("Invalid WKB")
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or_else(invalid)?;
        self.rest = rest;
        Ok(*taken)
    }

    fn number(&mut self) -> Result<u32, Fault> {
        let bytes = self.take::<4>()?;
        Ok(if self.is_little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    /// A count of things that take at least so many bytes each.
    fn count(&mut self, bytes_each: usize) -> Result<usize, Fault> {
        let count = usize::try_from(self.number()?).map_err(|_| invalid())?;
        match count.checked_mul(bytes_each).is_some_and(|bytes| bytes <= self.rest.len()) {
            true => Ok(count),
            false => Err(invalid()),
        }
    }

    fn double(&mut self) -> Result<f64, Fault> {
        let bytes = self.take::<8>()?;
        Ok(if self.is_little { f64::from_le_bytes(bytes) } else { f64::from_be_bytes(bytes) })
    }

    fn coordinate(&mut self) -> Result<Coord, Fault> {
        Ok(Coord { x: self.double()?, y: self.double()? })
    }

    fn line(&mut self) -> Result<LineString, Fault> {
        let count = self.count(16)?;
        let finite = |at: Coord| if at.x.is_finite() && at.y.is_finite() { Ok(at) } else { Err(invalid()) };
        (0..count).map(|_| self.coordinate().and_then(finite)).collect::<Result<_, _>>().map(LineString::new)
    }

    fn polygon(&mut self) -> Result<Polygon, Fault> {
        let count = self.count(4)?;
        let mut rings = (0..count).map(|_| self.line()).collect::<Result<Vec<_>, _>>()?.into_iter();
        let outer = rings.next().unwrap_or_else(|| LineString::new(Vec::new()));
        Ok(oriented(Polygon::new(outer, rings.collect())))
    }

    /// The parts of a geometry of many, each of them what `part` takes.
    fn parts<T>(&mut self, depth: usize, part: impl Fn(Geometry) -> Option<T>) -> Result<Vec<T>, Fault> {
        let count = self.count(5)?;
        let is_little = self.is_little;
        let mut parts = Vec::with_capacity(count);
        for _ in 0..count {
            parts.push(part(self.geometry(depth + 1)?).ok_or_else(invalid)?);
            self.is_little = is_little;
        }
        Ok(parts)
    }

    fn geometry(&mut self, depth: usize) -> Result<Geometry, Fault> {
        if depth > DEPTH_MAX {
            return Err(invalid());
        }
        let [order] = self.take::<1>()?;
        self.is_little = order == LITTLE_ENDIAN;
        Ok(match self.number()? {
            1 => match self.coordinate()? {
                at if at.x.is_nan() || at.y.is_nan() => empty_point(),
                at => Geometry::Point(Point(at)),
            },
            2 => Geometry::LineString(self.line()?),
            3 => Geometry::Polygon(self.polygon()?),
            4 => Geometry::MultiPoint(MultiPoint(self.parts(depth, finite_point)?)),
            5 => Geometry::MultiLineString(MultiLineString(self.parts(depth, |part| part.try_into().ok())?)),
            6 => Geometry::MultiPolygon(MultiPolygon(self.parts(depth, |part| part.try_into().ok())?)),
            7 => Geometry::GeometryCollection(GeometryCollection(self.parts(depth, Some)?)),
            1001..=3007 | 0x2000_0000.. => {
                return Err(Fault::not_supported(
                    "geometries with more than two dimensions or a reference system",
                ));
            }
            _ => return Err(invalid()),
        })
    }
}
