//! How two geometries lie to each other.

use arrow::array::Array;
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};
use geo::{
    CoordinatePosition, Geometry, Rect, Relate, coordinate_position::CoordPos, relate::IntersectionMatrix,
};

use super::{
    columns::{Geometries, height, texts},
    shape::{envelope, is_empty, parts},
};
use crate::{Call, Fault, Function, columns::boolean_rows, operators::returned_ref};

const TWO: &[&str] = &["(Geometry, Geometry) -> boolean"];

pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::scalar("st_contains", TWO, |_, a, r| each(a, r, contains), "Holds the other"),
        Function::scalar("st_within", TWO, |_, a, r| each(a, r, |l, g| contains(g, l)), "Lies in the other"),
        Function::scalar("st_intersects", TWO, |_, a, r| each(a, r, intersects), "Shares a point"),
        Function::scalar(
            "st_disjoint",
            TWO,
            |_, a, r| each(a, r, |l, g| intersects(l, g).map(|shared| !shared)),
            "Shares no point",
        ),
        Function::scalar("st_equals", TWO, |_, a, r| each(a, r, equals), "Has the same points"),
        Function::scalar(
            "st_touches",
            TWO,
            |_, a, r| each(a, r, |l, g| near(l, g, IntersectionMatrix::is_touches)),
            "Shares points of boundaries only",
        ),
        Function::scalar(
            "st_overlaps",
            TWO,
            |_, a, r| each(a, r, |l, g| near(l, g, IntersectionMatrix::is_overlaps)),
            "Shares a part of both, of their dimension",
        ),
        Function::scalar(
            "st_crosses",
            TWO,
            |_, a, r| each(a, r, |l, g| near(l, g, IntersectionMatrix::is_crosses)),
            "Shares a part of the interiors",
        ),
        Function::scalar(
            "st_relate",
            &["(Geometry, Geometry, varchar) -> boolean"],
            st_relate,
            "Whether interiors, boundaries and exteriors meet as told",
        ),
    ]
}

fn each(
    arguments: &[ColumnarValue],
    rows: usize,
    f: impl Fn(&Geometry, &Geometry) -> Result<bool, Fault>,
) -> EngineResult<ColumnarValue> {
    let (left, right) = (Geometries::of(arguments, 0)?, Geometries::of(arguments, 1)?);
    let booleans = boolean_rows(height(arguments, rows), |row| match left.at(row)?.zip(right.at(row)?) {
        Some((left, right)) => f(&left, &right).map(Some),
        None => Ok(None),
    })?;
    returned_ref(arguments, booleans)
}

fn meet(left: &Rect, right: &Rect) -> bool {
    left.min().x <= right.max().x
        && right.min().x <= left.max().x
        && left.min().y <= right.max().y
        && right.min().y <= left.max().y
}

fn holds(left: &Rect, right: &Rect) -> bool {
    left.min().x <= right.min().x
        && left.min().y <= right.min().y
        && right.max().x <= left.max().x
        && right.max().y <= left.max().y
}

/// The relation of geometries that are not collections: of those, Trino's library makes something else.
fn matrix(left: &Geometry, right: &Geometry) -> Result<IntersectionMatrix, Fault> {
    let is_collection = |shape: &Geometry| matches!(shape, Geometry::GeometryCollection(_));
    match is_collection(left) || is_collection(right) {
        true => Err(Fault::not_supported("this relation of a geometry collection")),
        false => Ok(left.relate(right)),
    }
}

/// Where a point lies, if the other geometry is an area.
fn position(area: &Geometry, other: &Geometry) -> Option<CoordPos> {
    let Geometry::Point(point) = other else { return None };
    match area {
        Geometry::Polygon(polygon) => Some(polygon.coordinate_position(&point.0)),
        Geometry::MultiPolygon(polygons) => Some(polygons.coordinate_position(&point.0)),
        _ => None,
    }
}

fn contains(left: &Geometry, right: &Geometry) -> Result<bool, Fault> {
    match envelope(left).zip(envelope(right)) {
        Some((outer, inner)) if holds(&outer, &inner) => {}
        _ => return Ok(false),
    }
    match position(left, right) {
        Some(position) => Ok(position == CoordPos::Inside),
        None => Ok(matrix(left, right)?.is_contains()),
    }
}

/// True if a geometry, or one part of a collection, contains the other.
pub(super) fn any_part_contains(left: &Geometry, right: &Geometry) -> Result<bool, Fault> {
    match left {
        Geometry::GeometryCollection(all) => {
            all.iter().try_fold(false, |any, part| Ok(any || any_part_contains(part, right)?))
        }
        _ => contains(left, right),
    }
}

pub(super) fn intersects(left: &Geometry, right: &Geometry) -> Result<bool, Fault> {
    match envelope(left).zip(envelope(right)) {
        Some((left, right)) if meet(&left, &right) => {}
        _ => return Ok(false),
    }
    if let Some(position) = position(left, right).or_else(|| position(right, left)) {
        return Ok(position != CoordPos::Outside);
    }
    for (one, other) in [(left, right), (right, left)] {
        if matches!(one, Geometry::GeometryCollection(_)) {
            for part in parts(one) {
                if intersects(&part, other)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
    }
    Ok(matrix(left, right)?.is_intersects())
}

fn equals(left: &Geometry, right: &Geometry) -> Result<bool, Fault> {
    match (is_empty(left), is_empty(right)) {
        (false, false) => Ok(matrix(left, right)?.is_equal_topo()),
        (left, right) => Ok(left && right),
    }
}

fn near(left: &Geometry, right: &Geometry, relation: fn(&IntersectionMatrix) -> bool) -> Result<bool, Fault> {
    match envelope(left).zip(envelope(right)) {
        Some((left_envelope, right_envelope)) if meet(&left_envelope, &right_envelope) => {
            Ok(relation(&matrix(left, right)?))
        }
        _ => Ok(false),
    }
}

fn st_relate(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let (left, right) = (Geometries::of(arguments, 0)?, Geometries::of(arguments, 1)?);
    let relations = texts(arguments, 2, rows)?;
    let booleans = boolean_rows(height(arguments, rows), |row| {
        let Some((left, right)) = left.at(row)?.zip(right.at(row)?) else { return Ok(None) };
        if relations.is_null(row) {
            return Ok(None);
        }
        if is_empty(&left) || is_empty(&right) {
            return Err(Fault::not_supported("ST_Relate of an empty geometry"));
        }
        let relation = relations.value(row);
        let invalid = || Fault::invalid_argument(format!("relation is not valid: {relation}"));
        if relation.len() != 9 {
            return Err(invalid());
        }
        matrix(&left, &right)?.matches(relation).map(Some).map_err(|_| invalid())
    })?;
    returned_ref(arguments, booleans)
}
