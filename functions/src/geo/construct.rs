//! Geometries from text, binary data, coordinates and other geometries; and back.

use arrow::{
    array::{Array, ArrayRef, AsArray},
    datatypes::Float64Type,
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};
use geo::{Coord, Geometry, LineString, MultiPoint, Point};

use super::{
    columns::{array, make, number_at, numbers, texts, to_geometry, to_text},
    shape::{Kind, require},
    wkb, wkt,
};
use crate::{Call, Fault, Function, columns::lists};

const FROM_TEXT: &[&str] = &["(varchar) -> Geometry"];

pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::scalar(
            "st_geometryfromtext",
            FROM_TEXT,
            |_, a, r| from_text(a, r, None),
            "A geometry of WKT",
        ),
        Function::scalar(
            "st_linefromtext",
            FROM_TEXT,
            |_, a, r| from_text(a, r, Some(("ST_LineFromText", Kind::LineString))),
            "A line of WKT",
        ),
        Function::scalar(
            "st_polygon",
            FROM_TEXT,
            |_, a, r| from_text(a, r, Some(("ST_Polygon", Kind::Polygon))),
            "A polygon of WKT",
        ),
        Function::scalar("st_geomfrombinary", &["(varbinary) -> Geometry"], from_binary, "A geometry of WKB"),
        Function::scalar("st_astext", &["(Geometry) -> varchar"], as_text, "WKT of a geometry"),
        Function::scalar("st_asbinary", &["(Geometry) -> varbinary"], as_binary, "WKB of a geometry"),
        Function::scalar("st_point", &["(double, double) -> Geometry"], st_point, "A point"),
        Function::scalar(
            "st_linestring",
            &["(array(Geometry)) -> Geometry"],
            st_linestring,
            "A line through points",
        ),
        Function::scalar("st_multipoint", &["(array(Geometry)) -> Geometry"], st_multipoint, "Many points"),
    ]
}

fn from_text(
    arguments: &[ColumnarValue],
    rows: usize,
    only: Option<(&str, Kind)>,
) -> EngineResult<ColumnarValue> {
    let texts = texts(arguments, 0, rows)?;
    make(arguments, rows, |row| {
        if texts.is_null(row) {
            return Ok(None);
        }
        let shape = wkt::parse(texts.value(row))?;
        if let Some((function, kind)) = only {
            require(function, &shape, &[kind])?;
        }
        Ok(Some(shape))
    })
}

fn from_binary(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    // Reading and writing again gives rings their direction.
    to_geometry(arguments, rows, |shape| Ok(Some(shape.clone())))
}

/// Well-known text of each geometry of a column.
pub(crate) fn texts_of(array: &ArrayRef) -> EngineResult<ArrayRef> {
    let texts = to_text(&[ColumnarValue::Array(ArrayRef::clone(array))], array.len(), |shape, out| {
        wkt::write(shape, out);
        Ok(Some(()))
    })?;
    texts.into_array(array.len())
}

fn as_text(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    to_text(arguments, rows, |shape, out| {
        wkt::write(shape, out);
        Ok(Some(()))
    })
}

fn as_binary(_: &Call, arguments: &[ColumnarValue], _: usize) -> EngineResult<ColumnarValue> {
    arguments.first().cloned().ok_or_else(|| Fault::internal("a geometry was promised").into())
}

fn st_point(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let x = numbers::<Float64Type>(arguments, 0, rows)?;
    let y = numbers::<Float64Type>(arguments, 1, rows)?;
    make(arguments, rows, |row| {
        let at = number_at(&x, row).zip(number_at(&y, row));
        Ok(at.map(|(x, y)| Geometry::Point(Point::new(x, y))))
    })
}

/// The points of an array; `complain` says what an element that is not a point means.
fn points_of(
    list: &arrow::array::ArrayRef,
    null: impl Fn(usize) -> Fault,
    empty: impl Fn(usize) -> Fault,
    other: impl Fn(&'static str, usize) -> Fault,
) -> Result<Vec<Coord>, Fault> {
    let list = list.as_binary_view_opt().ok_or_else(|| Fault::internal("geometries were promised"))?;
    let mut points = Vec::with_capacity(list.len());
    for index in 0..list.len() {
        if list.is_null(index) {
            return Err(null(index + 1));
        }
        match wkb::parse(list.value(index))? {
            Geometry::Point(point) if point.x().is_nan() => return Err(empty(index + 1)),
            Geometry::Point(point) => points.push(point.0),
            shape => return Err(other(java_name(Kind::of(&shape)), index + 1)),
        }
    }
    Ok(points)
}

fn java_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Point => "Point",
        Kind::MultiPoint => "MultiPoint",
        Kind::LineString => "LineString",
        Kind::MultiLineString => "MultiLineString",
        Kind::Polygon => "Polygon",
        Kind::MultiPolygon => "MultiPolygon",
        Kind::Collection => "GeometryCollection",
    }
}

fn st_linestring(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let given = array(arguments, 0, rows)?;
    let given = lists(&given)?;
    make(arguments, rows, |row| {
        if given.is_null(row) {
            return Ok(None);
        }
        let invalid = |what: &str, index: usize| {
            Fault::invalid_argument(format!("Invalid input to ST_LineString: {what} at index {index}"))
        };
        let points = points_of(
            &given.value(row),
            |index| invalid("null point", index),
            |index| invalid("empty point", index),
            |kind, _| {
                Fault::invalid_argument(format!(
                    "ST_LineString takes only an array of valid points, {kind} was passed"
                ))
            },
        )?;
        let duplicate = points.windows(2).position(|pair| pair.first() == pair.last());
        if let Some(index) = duplicate {
            return Err(invalid("consecutive duplicate points", index + 2));
        }
        // A line of one point is none.
        Ok(Some(LineString::new(if points.len() < 2 { Vec::new() } else { points }).into()))
    })
}

fn st_multipoint(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let given = array(arguments, 0, rows)?;
    let given = lists(&given)?;
    make(arguments, rows, |row| {
        if given.is_null(row) {
            return Ok(None);
        }
        let invalid = |what: String, index: usize| {
            Fault::invalid_argument(format!("Invalid input to ST_MultiPoint: {what} at index {index}"))
        };
        let points = points_of(
            &given.value(row),
            |index| invalid("null".into(), index),
            |index| invalid("empty point".into(), index),
            |kind, index| invalid(format!("geometry is not a point: {kind}"), index),
        )?;
        let points: Vec<Point> = points.into_iter().map(Point).collect();
        Ok((!points.is_empty()).then(|| MultiPoint(points).into()))
    })
}

/// Used by tests: the text of carried bytes.
#[cfg(test)]
pub(super) fn text_of(array: &arrow::array::ArrayRef) -> Option<String> {
    let array = crate::columns::bytes(array).ok()?;
    let mut out = String::new();
    array
        .is_valid(0)
        .then(|| wkt::write(&wkb::parse(array.value(0)).unwrap_or_else(|f| panic!("{f}")), &mut out))?;
    Some(out)
}
