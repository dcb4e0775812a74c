//! Geometries in memory, and what Trino calls their kinds.

use geo::{
    BoundingRect, Coord, CoordsIter, Geometry, GeometryCollection, LineString, MultiPoint, Point, Polygon,
    Rect,
};

use crate::Fault;

/// What a geometry is; in the order in which Trino lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Point,
    MultiPoint,
    LineString,
    MultiLineString,
    Polygon,
    MultiPolygon,
    Collection,
}

impl Kind {
    pub(super) fn of(shape: &Geometry) -> Self {
        match shape {
            Geometry::Point(_) => Kind::Point,
            Geometry::MultiPoint(_) => Kind::MultiPoint,
            Geometry::LineString(_) | Geometry::Line(_) => Kind::LineString,
            Geometry::MultiLineString(_) => Kind::MultiLineString,
            Geometry::Polygon(_) | Geometry::Rect(_) | Geometry::Triangle(_) => Kind::Polygon,
            Geometry::MultiPolygon(_) => Kind::MultiPolygon,
            Geometry::GeometryCollection(_) => Kind::Collection,
        }
    }

    /// The name in messages.
    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Point => "POINT",
            Kind::MultiPoint => "MULTI_POINT",
            Kind::LineString => "LINE_STRING",
            Kind::MultiLineString => "MULTI_LINE_STRING",
            Kind::Polygon => "POLYGON",
            Kind::MultiPolygon => "MULTI_POLYGON",
            Kind::Collection => "GEOMETRY_COLLECTION",
        }
    }

    /// What `ST_GeometryType` returns.
    pub(super) fn standard_name(self) -> &'static str {
        match self {
            Kind::Point => "ST_Point",
            Kind::MultiPoint => "ST_MultiPoint",
            Kind::LineString => "ST_LineString",
            Kind::MultiLineString => "ST_MultiLineString",
            Kind::Polygon => "ST_Polygon",
            Kind::MultiPolygon => "ST_MultiPolygon",
            Kind::Collection => "ST_GeomCollection",
        }
    }

    pub(super) fn is_multiple(self) -> bool {
        matches!(self, Kind::MultiPoint | Kind::MultiLineString | Kind::MultiPolygon | Kind::Collection)
    }
}

/// Fails unless the geometry is one of the kinds, which stand in their order.
pub(super) fn require(function: &str, shape: &Geometry, kinds: &[Kind]) -> Result<(), Fault> {
    let kind = Kind::of(shape);
    if kinds.contains(&kind) {
        return Ok(());
    }
    Err(Fault::invalid_argument(format!(
        "{function} only applies to {}. Input type is: {}",
        any_of(kinds),
        kind.name()
    )))
}

pub(super) fn any_of(kinds: &[Kind]) -> String {
    kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(" or ")
}

/// A point without a place: its coordinates are NaN.
pub(super) fn empty_point() -> Geometry {
    Geometry::Point(Point::new(f64::NAN, f64::NAN))
}

pub(super) fn point(at: Coord) -> Geometry {
    Geometry::Point(Point(at))
}

pub(super) fn is_empty(shape: &Geometry) -> bool {
    envelope(shape).is_none()
}

/// All points, those of rings in the order of the text and with the closing one.
pub(super) fn coordinates(shape: &Geometry) -> impl Iterator<Item = Coord> + '_ {
    shape.coords_iter().filter(|at| !at.x.is_nan())
}

/// The smallest rectangle around the geometry; None if it is empty.
pub(super) fn envelope(shape: &Geometry) -> Option<Rect> {
    match shape {
        Geometry::Point(point) => (!point.x().is_nan()).then(|| Rect::new(point.0, point.0)),
        Geometry::GeometryCollection(parts) => parts.iter().filter_map(envelope).reduce(|left, right| {
            let (low, high) = (left.min(), left.max());
            let (other_low, other_high) = (right.min(), right.max());
            Rect::new(
                Coord { x: low.x.min(other_low.x), y: low.y.min(other_low.y) },
                Coord { x: high.x.max(other_high.x), y: high.y.max(other_high.y) },
            )
        }),
        _ => shape.bounding_rect(),
    }
}

/// Twice the signed area of a ring: positive if it is counter-clockwise.
pub(super) fn doubled_area(ring: &LineString) -> f64 {
    let Some(origin) = ring.0.first() else { return 0.0 };
    let cross = |pair: &[Coord]| match pair {
        [a, b] => (a.x - origin.x) * (b.y - origin.y) - (b.x - origin.x) * (a.y - origin.y),
        _ => 0.0,
    };
    ring.0.windows(2).map(cross).sum()
}

/// The ring from the same point in the other direction.
pub(super) fn reversed(ring: &LineString) -> LineString {
    LineString::new(ring.0.iter().rev().copied().collect())
}

/// The polygon with its rings closed, the outer one counter-clockwise, the inner ones clockwise.
pub(super) fn oriented(polygon: Polygon) -> Polygon {
    let (outer, inner) = polygon.into_inner();
    let turned = |ring: LineString, positive: bool| match doubled_area(&ring) {
        area if area != 0.0 && (area > 0.0) != positive => reversed(&ring),
        _ => ring,
    };
    let inner = inner.into_iter().map(|ring| turned(ring, false)).collect();
    Polygon::new(turned(outer, true), inner)
}

/// The rings of a polygon.
pub(super) fn rings(polygon: &Polygon) -> impl Iterator<Item = &LineString> {
    std::iter::once(polygon.exterior()).chain(polygon.interiors()).filter(|ring| !ring.0.is_empty())
}

/// The polygons of a geometry that has some.
pub(super) fn polygons(shape: &Geometry) -> Vec<&Polygon> {
    match shape {
        Geometry::Polygon(polygon) => vec![polygon],
        Geometry::MultiPolygon(polygons) => polygons.iter().collect(),
        Geometry::GeometryCollection(parts) => parts.iter().flat_map(polygons).collect(),
        _ => Vec::new(),
    }
}

/// The lines of a geometry that has some; not the rings of polygons.
pub(super) fn lines(shape: &Geometry) -> Vec<&LineString> {
    match shape {
        Geometry::LineString(line) => vec![line],
        Geometry::MultiLineString(lines) => lines.iter().collect(),
        Geometry::GeometryCollection(parts) => parts.iter().flat_map(lines).collect(),
        _ => Vec::new(),
    }
}

/// The parts of a geometry of many, or the geometry itself.
pub(super) fn parts(shape: &Geometry) -> Vec<Geometry> {
    match shape {
        Geometry::MultiPoint(MultiPoint(points)) => points.iter().map(|point| (*point).into()).collect(),
        Geometry::MultiLineString(lines) => lines.iter().map(|line| line.clone().into()).collect(),
        Geometry::MultiPolygon(polygons) => polygons.iter().map(|polygon| polygon.clone().into()).collect(),
        Geometry::GeometryCollection(GeometryCollection(parts)) => parts.clone(),
        other => vec![other.clone()],
    }
}

/// A rectangle as Trino writes it, from its lower left corner.
pub(super) fn rectangle(rect: Rect) -> Geometry {
    let (low, high) = (rect.min(), rect.max());
    let ring =
        LineString::new(vec![low, Coord { x: high.x, y: low.y }, high, Coord { x: low.x, y: high.y }, low]);
    Polygon::new(ring, Vec::new()).into()
}
