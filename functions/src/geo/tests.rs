//! Cases over several functions: a geometry in, text out.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BinaryViewArray};
use datafusion::logical_expr::ColumnarValue;

use super::{construct::text_of, wkb, wkt};
use crate::{Call, Kind, Type, registry, testing, types};

/// `wkt POINT (1 2)` or a value as in other tests.
fn value(text: &str) -> (Type, ArrayRef) {
    let carried = |shapes: Vec<&str>| -> ArrayRef {
        let bytes = shapes.into_iter().map(|text| {
            let mut bytes = Vec::new();
            wkb::write(&wkt::parse(text).unwrap_or_else(|fault| panic!("{text}: {fault}")), &mut bytes);
            bytes
        });
        Arc::new(BinaryViewArray::from_iter_values(bytes))
    };
    if let Some(text) = text.strip_prefix("wkt ") {
        return (Type::Geometry, carried(vec![text]));
    }
    if let Some(text) = text.strip_prefix("sphere ") {
        return (Type::SphericalGeography, carried(vec![text]));
    }
    testing::value(text)
}

/// The result as text: WKT of geometries, lists in brackets.
fn call(name: &str, arguments: &[&str], returns: &str) -> String {
    let function = registry::find(name).unwrap_or_else(|| panic!("{name} is not registered"));
    let Kind::Scalar(kernel) = &function.kind else { panic!("{name} is not scalar") };
    let (types, arrays): (Vec<Type>, Vec<ArrayRef>) = arguments.iter().map(|text| value(text)).unzip();
    let returns = types::parse(returns).unwrap_or_else(|fault| panic!("{fault}"));
    let arguments: Vec<ColumnarValue> = arrays.into_iter().map(ColumnarValue::Array).collect();
    match kernel(&Call::new(types, returns.clone()), &arguments, 1) {
        Ok(ColumnarValue::Array(array)) => {
            assert_eq!(*array.data_type(), returns.arrow(), "{name}");
            shown(&array, &returns)
        }
        Ok(other) => panic!("{other}"),
        Err(error) => format!(
            "error {}",
            protocol::Error::from_envelope(&error.to_string()).map_or(error.to_string(), |e| e.message)
        ),
    }
}

fn shown(array: &ArrayRef, of: &Type) -> String {
    if array.is_null(0) {
        return "NULL".into();
    }
    match of {
        Type::Geometry | Type::SphericalGeography => text_of(array).unwrap_or_default(),
        Type::Array(item) => {
            let items = array.as_list::<i32>().value(0);
            let all: Vec<String> = (0..items.len()).map(|at| shown(&items.slice(at, 1), item)).collect();
            format!("[{}]", all.join("; "))
        }
        _ => arrow::util::display::array_value_to_string(array, 0).unwrap_or_default(),
    }
}

fn check(name: &str, returns: &str, cases: &[(&[&str], &str)]) {
    for (arguments, expected) in cases {
        let found = call(name, arguments, returns);
        let fits = match expected.strip_prefix("error ") {
            Some(part) => found.starts_with("error ") && found.contains(part),
            None => found == *expected,
        };
        assert!(fits, "{name}({}): {found}, not {expected}", arguments.join(", "));
    }
}

#[test]
fn text_is_read_and_written() {
    check(
        "st_geometryfromtext",
        "Geometry",
        &[
            (&["varchar 'POINT (1 2)'"], "POINT (1 2)"),
            (&["varchar 'point(1.5 -2e-1)'"], "POINT (1.5 -0.2)"),
            (&["varchar 'POINT EMPTY'"], "POINT EMPTY"),
            (&["varchar 'LINESTRING (1 1, 2 2, 1 3)'"], "LINESTRING (1 1, 2 2, 1 3)"),
            (&["varchar 'LINESTRING EMPTY'"], "LINESTRING EMPTY"),
            (&["varchar 'POLYGON ((1 1, 1 4, 4 4, 4 1))'"], "POLYGON ((1 1, 4 1, 4 4, 1 4, 1 1))"),
            (&["varchar 'POLYGON ((1 1, 4 1, 4 4, 1 4, 1 1))'"], "POLYGON ((1 1, 4 1, 4 4, 1 4, 1 1))"),
            (
                &["varchar 'POLYGON ((0 0, 5 0, 5 5, 0 5, 0 0), (1 1, 2 1, 2 2, 1 2, 1 1))'"],
                "POLYGON ((0 0, 5 0, 5 5, 0 5, 0 0), (1 1, 1 2, 2 2, 2 1, 1 1))",
            ),
            (&["varchar 'POLYGON EMPTY'"], "POLYGON EMPTY"),
            (&["varchar 'MULTIPOINT (1 2, 3 4)'"], "MULTIPOINT ((1 2), (3 4))"),
            (&["varchar 'MULTIPOINT ((1 2), (3 4))'"], "MULTIPOINT ((1 2), (3 4))"),
            (
                &["varchar 'MULTILINESTRING ((1 1, 5 1), (2 4, 4 4))'"],
                "MULTILINESTRING ((1 1, 5 1), (2 4, 4 4))",
            ),
            (
                &["varchar 'MULTIPOLYGON (((1 1, 1 3, 3 3, 3 1)), ((2 4, 2 6, 6 6, 6 4)))'"],
                "MULTIPOLYGON (((1 1, 3 1, 3 3, 1 3, 1 1)), ((2 4, 6 4, 6 6, 2 6, 2 4)))",
            ),
            (
                &["varchar 'GEOMETRYCOLLECTION (POINT (1 2), LINESTRING EMPTY)'"],
                "GEOMETRYCOLLECTION (POINT (1 2), LINESTRING EMPTY)",
            ),
            (&["varchar 'GEOMETRYCOLLECTION EMPTY'"], "GEOMETRYCOLLECTION EMPTY"),
            (&["varchar 'POINT (1)'"], "error Invalid WKT: POINT (1)"),
            (&["varchar 'POINT (a b)'"], "error Invalid WKT: POINT (a b)"),
            (&["varchar 'CIRCLE (1 2)'"], "error Invalid WKT"),
            (&["varchar 'POINT (1 2) x'"], "error Invalid WKT"),
            (&["varchar ''"], "error Invalid WKT: "),
            (&["varchar 'POINT Z (1 2 3)'"], "error more than two dimensions"),
            (&["varchar NULL"], "NULL"),
        ],
    );
    check(
        "st_linefromtext",
        "Geometry",
        &[(
            &["varchar 'POINT (1 2)'"],
            "error ST_LineFromText only applies to LINE_STRING. Input type is: POINT",
        )],
    );
    check(
        "st_polygon",
        "Geometry",
        &[(
            &["varchar 'LINESTRING (1 2, 3 4)'"],
            "error ST_Polygon only applies to POLYGON. Input type is: LINE_STRING",
        )],
    );
    check(
        "st_point",
        "Geometry",
        &[(&["double 1.5", "double -2"], "POINT (1.5 -2)"), (&["double NULL", "double 1"], "NULL")],
    );
    check(
        "st_geomfrombinary",
        "Geometry",
        &[
            (&["varbinary '0101000000000000000000f03f0000000000000040'"], "POINT (1 2)"),
            (&["varbinary '00000000013ff00000000000004000000000000000'"], "POINT (1 2)"),
            (
                &[
                    "varbinary '010200000002000000000000000000f87f00000000000000000000000000000000000000000000f07f'",
                ],
                "error Invalid WKB",
            ),
            (&["varbinary '0101'"], "error Invalid WKB"),
            (&["varbinary '01020000000000ffff'"], "error Invalid WKB"),
        ],
    );
}

#[test]
fn parts() {
    check(
        "st_x",
        "double",
        &[
            (&["wkt POINT (1 2)"], "1.0"),
            (&["wkt POINT EMPTY"], "NULL"),
            (&["wkt LINESTRING (1 1, 2 2)"], "error ST_X only applies to POINT. Input type is: LINE_STRING"),
        ],
    );
    check("st_ymax", "double", &[(&["wkt LINESTRING (8 4, 5 7)"], "7.0"), (&["wkt POLYGON EMPTY"], "NULL")]);
    check(
        "st_numpoints",
        "bigint",
        &[
            (&["wkt POINT EMPTY"], "0"),
            (&["wkt LINESTRING (8 4, 5 7)"], "2"),
            (&["wkt POLYGON ((0 0, 8 0, 0 8, 0 0), (1 1, 1 5, 5 1, 1 1))"], "6"),
        ],
    );
    check(
        "st_numgeometries",
        "integer",
        &[
            (&["wkt POINT (1 2)"], "1"),
            (&["wkt MULTIPOINT (1 2, 2 4, 3 6, 4 8)"], "4"),
            (&["wkt POINT EMPTY"], "0"),
        ],
    );
    check(
        "st_numinteriorring",
        "bigint",
        &[
            (&["wkt POLYGON ((0 0, 8 0, 0 8, 0 0), (1 1, 1 5, 5 1, 1 1))"], "1"),
            (&["wkt POLYGON EMPTY"], "NULL"),
        ],
    );
    check(
        "st_geometrytype",
        "varchar",
        &[
            (&["wkt GEOMETRYCOLLECTION (POINT (1 2))"], "ST_GeomCollection"),
            (&["wkt MULTILINESTRING ((1 1, 2 2))"], "ST_MultiLineString"),
        ],
    );
    check(
        "st_dimension",
        "tinyint",
        &[(&["wkt POLYGON EMPTY"], "2"), (&["wkt LINESTRING (1 1, 2 2)"], "1"), (&["wkt POINT (1 4)"], "0")],
    );
    check(
        "st_isclosed",
        "boolean",
        &[(&["wkt LINESTRING (1 1, 2 2, 1 3, 1 1)"], "true"), (&["wkt LINESTRING (1 1, 2 2, 1 3)"], "false")],
    );
    check("st_isempty", "boolean", &[(&["wkt POINT EMPTY"], "true"), (&["wkt POINT (1 1)"], "false")]);
    check(
        "st_envelope",
        "Geometry",
        &[
            (&["wkt LINESTRING (1 1, 2 2, 1 3)"], "POLYGON ((1 1, 2 1, 2 3, 1 3, 1 1))"),
            (&["wkt LINESTRING EMPTY"], "POLYGON EMPTY"),
        ],
    );
    check(
        "st_envelopeaspts",
        "array(Geometry)",
        &[(&["wkt LINESTRING (1 3, 2 2)"], "[POINT (1 2); POINT (2 3)]")],
    );
    check(
        "st_boundary",
        "Geometry",
        &[
            (&["wkt POINT (1 2)"], "MULTIPOINT EMPTY"),
            (&["wkt LINESTRING (8 4, 5 7)"], "MULTIPOINT ((8 4), (5 7))"),
            (&["wkt LINESTRING (0 0, 1 1, 1 0, 0 0)"], "MULTIPOINT EMPTY"),
            (&["wkt MULTILINESTRING ((1 1, 5 1), (2 4, 4 4))"], "MULTIPOINT ((1 1), (5 1), (2 4), (4 4))"),
            (&["wkt MULTILINESTRING ((1 1, 5 1), (5 1, 4 4))"], "MULTIPOINT ((1 1), (4 4))"),
            (&["wkt POLYGON ((1 1, 4 1, 1 4))"], "MULTILINESTRING ((1 1, 4 1, 1 4, 1 1))"),
        ],
    );
    check(
        "st_exteriorring",
        "Geometry",
        &[
            (&["wkt POLYGON ((1 1, 1 4, 4 1))"], "LINESTRING (1 1, 4 1, 1 4, 1 1)"),
            (&["wkt POLYGON EMPTY"], "NULL"),
        ],
    );
    check(
        "st_interiorringn",
        "Geometry",
        &[
            (
                &["wkt POLYGON ((0 0, 0 5, 5 5, 5 0, 0 0), (1 1, 1 3, 3 3, 3 1, 1 1))", "integer 1"],
                "LINESTRING (1 1, 1 3, 3 3, 3 1, 1 1)",
            ),
            (&["wkt POLYGON ((0 0, 0 5, 5 5, 5 0, 0 0))", "integer 1"], "NULL"),
        ],
    );
    check(
        "st_startpoint",
        "Geometry",
        &[(&["wkt LINESTRING (8 4, 4 8, 5 6)"], "POINT (8 4)"), (&["wkt LINESTRING EMPTY"], "NULL")],
    );
    check("st_endpoint", "Geometry", &[(&["wkt LINESTRING (8 4, 4 8, 5 6)"], "POINT (5 6)")]);
    check(
        "st_pointn",
        "Geometry",
        &[
            (&["wkt LINESTRING (1 2, 3 4, 5 6)", "integer 1"], "POINT (1 2)"),
            (&["wkt LINESTRING (1 2, 3 4, 5 6)", "integer 4"], "NULL"),
            (&["wkt LINESTRING (1 2, 3 4, 5 6)", "integer 0"], "NULL"),
            (&["wkt LINESTRING (1 2, 3 4, 5 6)", "integer -1"], "NULL"),
        ],
    );
    check(
        "st_geometryn",
        "Geometry",
        &[
            (&["wkt MULTIPOINT (1 2, 3 4)", "integer 2"], "POINT (3 4)"),
            (&["wkt POINT (1 2)", "integer 1"], "POINT (1 2)"),
            (&["wkt POINT (1 2)", "integer 2"], "NULL"),
        ],
    );
    check(
        "st_geometries",
        "array(Geometry)",
        &[(&["wkt MULTIPOINT (1 2, 3 4)"], "[POINT (1 2); POINT (3 4)]"), (&["wkt POINT EMPTY"], "NULL")],
    );
    check(
        "st_points",
        "array(Geometry)",
        &[
            (&["wkt LINESTRING (0 0, 1 2)"], "[POINT (0 0); POINT (1 2)]"),
            (&["wkt POLYGON ((0 0, 0 1, 1 1, 0 0))"], "[POINT (0 0); POINT (0 1); POINT (1 1); POINT (0 0)]"),
        ],
    );
}

#[test]
fn measures() {
    check(
        "st_area",
        "double",
        &[
            (&["wkt POLYGON ((2 2, 2 6, 6 6, 6 2))"], "16.0"),
            (&["wkt POLYGON ((0 0, 5 0, 5 5, 0 5), (1 1, 1 2, 2 2, 2 1))"], "24.0"),
            (&["wkt LINESTRING (1 4, 2 5)"], "0.0"),
            (&["wkt POLYGON EMPTY"], "0.0"),
        ],
    );
    check(
        "st_length",
        "double",
        &[
            (&["wkt LINESTRING (0 0, 2 2)"], "2.8284271247461903"),
            (&["wkt MULTILINESTRING ((1 1, 5 1), (2 4, 4 4))"], "6.0"),
            (&["wkt LINESTRING EMPTY"], "0.0"),
            (
                &["wkt POLYGON EMPTY"],
                "error ST_Length only applies to LINE_STRING or MULTI_LINE_STRING. Input type is: POLYGON",
            ),
        ],
    );
    check(
        "st_distance",
        "double",
        &[
            (&["wkt POINT (50 100)", "wkt POINT (150 150)"], "111.80339887498948"),
            (&["wkt MULTIPOINT (50 100, 50 200)", "wkt POINT (50 100)"], "0.0"),
            (&["wkt LINESTRING (50 100, 50 200)", "wkt LINESTRING (10 10, 20 20)"], "85.44003745317531"),
            (
                &["wkt POLYGON ((1 1, 1 3, 3 3, 3 1))", "wkt POLYGON ((4 4, 4 5, 5 5, 5 4))"],
                "1.4142135623730951",
            ),
            (&["wkt POLYGON ((0 0, 0 9, 9 9, 9 0))", "wkt POINT (4 4)"], "0.0"),
            (&["wkt POINT EMPTY", "wkt POINT (150 150)"], "NULL"),
        ],
    );
    check(
        "st_centroid",
        "Geometry",
        &[
            (&["wkt POINT (3 5)"], "POINT (3 5)"),
            (&["wkt MULTIPOINT (1 2, 2 4, 3 6, 4 8)"], "POINT (2.5 5)"),
            (&["wkt LINESTRING (1 1, 2 2, 3 3)"], "POINT (2 2)"),
            (&["wkt POLYGON ((1 1, 1 4, 4 4, 4 1))"], "POINT (2.5 2.5)"),
            (&["wkt POLYGON ((1 1, 5 1, 3 4))"], "POINT (3 2)"),
            (
                &["wkt MULTIPOLYGON (((1 1, 1 3, 3 3, 3 1)), ((2 4, 2 6, 6 6, 6 4)))"],
                "POINT (3.3333333333333335 4)",
            ),
            (&["wkt LINESTRING EMPTY"], "POINT EMPTY"),
        ],
    );
    check(
        "great_circle_distance",
        "double",
        &[
            (&["double 36.12", "double -86.67", "double 33.94", "double -118.40"], "2886.4489734367016"),
            (
                &["double 100", "double 20", "double 30", "double 40"],
                "error Latitude must be between -90 and 90",
            ),
            (
                &["double 10", "double 200", "double 30", "double 40"],
                "error Longitude must be between -180 and 180",
            ),
        ],
    );
}

#[test]
fn relations() {
    let square = "wkt POLYGON ((0 0, 0 4, 4 4, 4 0))";
    for (name, left, right, expected) in [
        ("st_contains", square, "wkt POINT (2 2)", "true"),
        ("st_contains", square, "wkt POINT (0 2)", "false"),
        ("st_contains", square, "wkt POLYGON ((1 1, 1 2, 2 2, 2 1))", "true"),
        ("st_contains", square, square, "true"),
        ("st_contains", square, "wkt POINT EMPTY", "false"),
        ("st_within", "wkt POINT (2 2)", square, "true"),
        ("st_intersects", square, "wkt POINT (0 2)", "true"),
        ("st_intersects", square, "wkt LINESTRING (5 5, 6 6)", "false"),
        ("st_intersects", "wkt GEOMETRYCOLLECTION (POINT (9 9), POINT (1 1))", square, "true"),
        ("st_disjoint", square, "wkt POINT (5 5)", "true"),
        ("st_disjoint", square, "wkt POINT EMPTY", "true"),
        ("st_equals", "wkt LINESTRING (0 0, 2 2)", "wkt LINESTRING (2 2, 0 0)", "true"),
        ("st_equals", square, "wkt POLYGON ((4 4, 4 0, 0 0, 0 4))", "true"),
        ("st_touches", square, "wkt POLYGON ((4 0, 4 4, 8 4, 8 0))", "true"),
        ("st_touches", square, "wkt POINT (4 2)", "true"),
        ("st_touches", square, "wkt POINT (2 2)", "false"),
        ("st_overlaps", square, "wkt POLYGON ((2 2, 2 6, 6 6, 6 2))", "true"),
        ("st_overlaps", square, square, "false"),
        ("st_crosses", square, "wkt LINESTRING (-1 2, 5 2)", "true"),
        ("st_crosses", "wkt LINESTRING (0 0, 2 2)", "wkt LINESTRING (0 2, 2 0)", "true"),
    ] {
        check(name, "boolean", &[(&[left, right], expected)]);
    }
    check(
        "st_relate",
        "boolean",
        &[
            (&["wkt LINESTRING (0 0, 3 3)", "wkt LINESTRING (1 1, 4 1)", "varchar '****T****'"], "false"),
            (
                &["wkt POLYGON ((2 0, 2 1, 3 1))", "wkt POLYGON ((2 0, 2 1, 3 1))", "varchar 'T********'"],
                "true",
            ),
            (&["wkt POINT (1 1)", "wkt POINT (1 1)", "varchar 'T'"], "error relation"),
        ],
    );
}

#[test]
fn simplicity() {
    check(
        "st_issimple",
        "boolean",
        &[
            (&["wkt POINT (1 2)"], "true"),
            (&["wkt MULTIPOINT (1 2, 2 4, 3 6)"], "true"),
            (&["wkt MULTIPOINT (1 2, 2 4, 1 2)"], "false"),
            (&["wkt LINESTRING (8 4, 5 7)"], "true"),
            (&["wkt LINESTRING (0 0, 2 2, 2 0, 0 2)"], "false"),
            (&["wkt LINESTRING (0 0, 1 1, 1 0, 0 0)"], "true"),
            (&["wkt LINESTRING (0 0, 2 0, 1 0)"], "false"),
            (&["wkt MULTILINESTRING ((1 1, 5 1), (2 4, 4 4))"], "true"),
            (&["wkt MULTILINESTRING ((1 1, 5 1), (5 1, 4 4))"], "true"),
            (&["wkt MULTILINESTRING ((1 1, 5 1), (3 0, 3 4))"], "false"),
            (&["wkt POLYGON ((1 1, 4 1, 1 4))"], "true"),
        ],
    );
    check(
        "st_isvalid",
        "boolean",
        &[
            (&["wkt POLYGON ((0 0, 1 1, 0 1, 1 0, 0 0))"], "false"),
            (&["wkt POLYGON ((0 0, 0 4, 4 4, 4 0), (1 1, 1 2, 2 2, 2 1))"], "true"),
            (&["wkt POLYGON ((0 0, 0 4, 4 4, 4 0), (5 5, 5 6, 6 6, 6 5))"], "false"),
            (&["wkt POLYGON EMPTY"], "true"),
        ],
    );
    check("geometry_invalid_reason", "varchar", &[(&["wkt POINT (1 2)"], "NULL")]);
    check(
        "st_isring",
        "boolean",
        &[(&["wkt LINESTRING (8 4, 4 8)"], "false"), (&["wkt LINESTRING (0 0, 1 1, 0 2, 0 0)"], "true")],
    );
}

#[test]
fn hulls() {
    check(
        "st_convexhull",
        "Geometry",
        &[
            (&["wkt POINT (1 2)"], "POINT (1 2)"),
            (&["wkt MULTIPOINT (1 2, 1 2)"], "POINT (1 2)"),
            (&["wkt LINESTRING (20 20, 30 30)"], "LINESTRING (20 20, 30 30)"),
            (&["wkt MULTIPOINT (1 2, 2 4, 3 6)"], "LINESTRING (1 2, 3 6)"),
            (&["wkt LINESTRING (1 1, 1 9, 2 2, 1 1)"], "POLYGON ((1 1, 2 2, 1 9, 1 1))"),
            (&["wkt POLYGON ((0 0, 0 3, 2 4, 4 2, 7 3, 0 0))"], "POLYGON ((0 0, 7 3, 2 4, 0 3, 0 0))"),
            (&["wkt POLYGON ((1 1, 4 1, 4 4, 1 4))"], "POLYGON ((1 1, 4 1, 4 4, 1 4, 1 1))"),
            (&["wkt MULTIPOINT (0 0, 2 1, 4 0, 4 4, 0 4, 2 2)"], "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))"),
            (&["wkt MULTIPOINT (2 2, 0 0, 4 0, 4 4, 0 4)"], "POLYGON ((4 4, 0 4, 0 0, 4 0, 4 4))"),
        ],
    );
}

#[test]
fn lines() {
    check(
        "line_locate_point",
        "double",
        &[
            (&["wkt LINESTRING (0 0, 0 1)", "wkt POINT (0 0.2)"], "0.2"),
            (&["wkt LINESTRING (0 0, 0 1)", "wkt POINT (0 9)"], "1.0"),
            (&["wkt LINESTRING (0 0, 0 1, 2 1)", "wkt POINT (0 1)"], "0.3333333333333333"),
            (&["wkt LINESTRING EMPTY", "wkt POINT (0 1)"], "NULL"),
            (
                &["wkt POINT (0 0)", "wkt POINT (0 1)"],
                "error First argument to line_locate_point must be a LineString or a MultiLineString. Got: Point",
            ),
        ],
    );
    check(
        "line_interpolate_point",
        "Geometry",
        &[
            (&["wkt LINESTRING (0 0, 1 1)", "double 0.25"], "POINT (0.25 0.25)"),
            (&["wkt LINESTRING (0 0, 1 1)", "double 1"], "POINT (1 1)"),
            (&["wkt LINESTRING (0 0, 1 0, 1 9)", "double 0.05"], "POINT (0.5 0)"),
            (&["wkt LINESTRING (0 0, 1 1)", "double 2"], "error fraction must be between 0 and 1"),
        ],
    );
    check(
        "line_interpolate_points",
        "array(Geometry)",
        &[(
            &["wkt LINESTRING (0 0, 1 0, 8 0)", "double 0.25"],
            "[POINT (2 0); POINT (4 0); POINT (6 0); POINT (8 0)]",
        )],
    );
    check(
        "simplify_geometry",
        "Geometry",
        &[
            (&["wkt LINESTRING (0 0, 1 0.1, 2 0, 3 5)", "double 0.5"], "LINESTRING (0 0, 2 0, 3 5)"),
            (&["wkt LINESTRING (0 0, 1 0.1)", "double -0.5"], "error distanceTolerance is negative"),
            (&["wkt POLYGON ((1 0, 2 1, 3 1, 1 0))", "double 0"], "POLYGON ((1 0, 3 1, 2 1, 1 0))"),
        ],
    );
    check(
        "from_encoded_polyline",
        "Geometry",
        &[
            (
                &["varchar '_p~iF~ps|U_ulLnnqC_mqNvxq`@'"],
                "LINESTRING (-120.2 38.5, -120.95 40.7, -126.45300000000002 43.252)",
            ),
            (&["varchar ''"], "LINESTRING EMPTY"),
            (&["varchar '_p~iF'"], "error valid encoded polyline"),
        ],
    );
    check(
        "to_encoded_polyline",
        "varchar",
        &[
            (&["wkt LINESTRING (-120.2 38.5, -120.95 40.7, -126.453 43.252)"], "_p~iF~ps|U_ulLnnqC_mqNvxq`@"),
            (
                &["wkt POINT (1 2)"],
                "error encode_polyline only applies to MULTI_POINT or LINE_STRING. Input type is: POINT",
            ),
        ],
    );
}

#[test]
fn sphere_and_json() {
    check(
        "st_distance",
        "double",
        &[(&["sphere POINT (-86.67 36.12)", "sphere POINT (-118.40 33.94)"], "2886448.9734367016")],
    );
    check("st_area", "double", &[(&["sphere POLYGON ((0 0, 0 1, 1 1, 1 0))"], "12364036567.076416")]);
    check(
        "to_spherical_geography",
        "SphericalGeography",
        &[
            (&["wkt POINT (10 20)"], "POINT (10 20)"),
            (&["wkt POINT (10 100)"], "error Latitude must be between -90 and 90"),
        ],
    );
    let crs = "\"crs\":{\"type\":\"name\",\"properties\":{\"name\":\"EPSG:0\"}}}";
    check(
        "to_geojson_geometry",
        "varchar",
        &[
            (&["sphere POINT (0 1.5)"], &format!("{{\"type\":\"Point\",\"coordinates\":[0.0,1.5],{crs}")),
            (
                &["sphere LINESTRING (0 0, 1 2)"],
                &format!("{{\"type\":\"LineString\",\"coordinates\":[[0.0,0.0],[1,2]],{crs}"),
            ),
            (
                &["sphere POLYGON ((0 0, 0 1, 1 1, 1 0))"],
                &format!(
                    "{{\"type\":\"Polygon\",\"coordinates\":[[[0.0,0.0],[0.0,1],[1,1],[1,0.0],[0.0,0.0]]],{crs}"
                ),
            ),
            (&["sphere POINT EMPTY"], "{\"type\":\"Point\",\"coordinates\":[]}"),
        ],
    );
    check(
        "from_geojson_geometry",
        "SphericalGeography",
        &[
            (&["varchar '{\"type\":\"Point\",\"coordinates\":[0.1,-2]}'"], "POINT (0.1 -2)"),
            (
                &["varchar '{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[0,1],[1,1],[0,0]]]}'"],
                "POLYGON ((0 0, 1 1, 0 1, 0 0))",
            ),
            (&["varchar '{\"type\":\"Point\",\"coordinates\":[]}'"], "POINT EMPTY"),
            (
                &["varchar '{\"type\":\"MultiPoint\",\"coordinates\":[[1,2],[3,4]]}'"],
                "MULTIPOINT ((1 2), (3 4))",
            ),
            (
                &["varchar '{\"type\":\"LineString\",\"coordinates\":[[1,2]]}'"],
                "error Invalid GeoJSON: Invalid number of points in LineString (found 1 - must be 0 or >= 2)",
            ),
            (&["varchar 'x'"], "error Invalid GeoJSON"),
        ],
    );
}

#[test]
fn tiles() {
    let tile = |x: u32, y: u32, zoom: u32| format!("BingTile {}", super::tile::Tile { x, y, zoom }.encoded());
    let (world, small) = (tile(0, 0, 1), tile(21845, 13506, 15));
    check(
        "bing_tile_quadkey",
        "varchar",
        &[(&[&world], "0"), (&[&small], "123030123010121"), (&["BingTile NULL"], "NULL")],
    );
    check("bing_tile_coordinates", "row(x integer, y integer)", &[(&[&small], "{x: 21845, y: 13506}")]);
    check("bing_tile_zoom_level", "tinyint", &[(&[&small], "15")]);
    check(
        "bing_tile_polygon",
        "Geometry",
        &[(
            &[&small],
            "POLYGON ((59.996337890625 30.11662158281937, 60.00732421875 30.11662158281937, \
         60.00732421875 30.12612436422458, 59.996337890625 30.12612436422458, 59.996337890625 30.11662158281937))",
        )],
    );
    let packed = |x: u32, y: u32, zoom: u32| super::tile::Tile { x, y, zoom }.encoded().to_string();
    check(
        "bing_tile",
        "BingTile",
        &[
            (&["varchar '123030123010121'"], &packed(21845, 13506, 15)),
            (&["integer 21845", "integer 13506", "integer 15"], &packed(21845, 13506, 15)),
            (&["varchar ''"], "error QuadKey must not be empty string"),
            (&["varchar '12344'"], "error Invalid QuadKey digit sequence: 12344"),
            (&["varchar '123030123010121123030123010121'"], "error QuadKey must be 23 characters or less"),
            (
                &["integer 10", "integer 2", "integer 3"],
                "error XY coordinates for a Bing tile at zoom level 3 must be within [0, 8) range",
            ),
            (&["integer 2", "integer 7", "integer 0"], "error Zoom level must be > 0"),
            (&["integer 2", "integer 7", "integer 37"], "error Zoom level must be <= 23"),
        ],
    );
    check(
        "bing_tile_at",
        "BingTile",
        &[
            (&["double 30.12", "double 60", "integer 15"], &packed(21845, 13506, 15)),
            (&["double 0", "double 0", "integer 1"], &packed(1, 1, 1)),
            (
                &["double 300.12", "double 60", "integer 15"],
                "error Latitude must be between -85.05112878 and 85.05112878",
            ),
            (
                &["double 30.12", "double 600", "integer 15"],
                "error Longitude must be between -180.0 and 180.0",
            ),
        ],
    );
    let all = |tiles: &[(u32, u32, u32)]| {
        let tiles: Vec<String> = tiles.iter().map(|(x, y, zoom)| packed(*x, *y, *zoom)).collect();
        format!("[{}]", tiles.join("; "))
    };
    check(
        "bing_tiles_around",
        "array(BingTile)",
        &[
            (
                &["double 30.12", "double 60", "integer 1"],
                &all(&[(0, 0, 1), (0, 1, 1), (1, 0, 1), (1, 1, 1)]),
            ),
            (&["double 30.12", "double 60", "integer 15", "double 0.1"], &all(&[(21845, 13506, 15)])),
            (&["double 30.12", "double 60", "integer 15", "double -1"], "error Radius must be >= 0"),
            (&["double 30.12", "double 60", "integer 15", "double 2000"], "error Radius must be <= 1,000 km"),
        ],
    );
    check(
        "geometry_to_bing_tiles",
        "array(BingTile)",
        &[
            (&["wkt POINT (60 30.12)", "integer 10"], &all(&[(682, 422, 10)])),
            (&["wkt POINT (60 30.12)", "integer 15"], &all(&[(21845, 13506, 15)])),
            (
                &["wkt POLYGON ((0 0, 0 10, 10 10, 10 0))", "integer 6"],
                &all(&[(32, 30, 6), (32, 31, 6), (33, 30, 6), (33, 31, 6)]),
            ),
            (&["wkt POINT EMPTY", "integer 10"], "[]"),
            (
                &["wkt POINT (60 89)", "integer 10"],
                "error Latitude span for the geometry must be in [-85.05, 85.05] range",
            ),
        ],
    );
}

#[test]
fn strange_coordinates_do_no_harm() {
    let huge = "wkt POLYGON ((-1e308 -1e308, 1e308 -1e308, 1e308 1e308, -1e308 1e308))";
    let other = "wkt LINESTRING (-1e308 0, 1e308 1e-300)";
    for name in ["st_contains", "st_intersects", "st_touches", "st_crosses", "st_overlaps", "st_equals"] {
        for (left, right) in [(huge, other), (other, huge), (huge, huge), (other, other)] {
            call(name, &[left, right], "boolean");
        }
    }
    for shape in
        [huge, other, "wkt POLYGON ((0 0, 0 0, 0 0))", "wkt POLYGON ((0 0))", "wkt LINESTRING (1 1, 1 1)"]
    {
        for name in ["st_isvalid", "st_issimple"] {
            call(name, &[shape], "boolean");
        }
        for name in ["st_area", "st_xmax"] {
            call(name, &[shape], "double");
        }
        for name in ["st_convexhull", "st_centroid", "st_envelope", "st_boundary"] {
            call(name, &[shape], "Geometry");
        }
        call("st_union", &[shape, huge], "Geometry");
        call("st_distance", &[shape, huge], "double");
        call("st_intersects", &[shape, "wkt POLYGON ((0 0, 0 0, 0 0))"], "boolean");
    }
}

#[test]
fn what_cannot_be_exact_is_refused() {
    check(
        "st_buffer",
        "Geometry",
        &[
            (&["wkt POINT (1 2)", "double 0"], "POINT (1 2)"),
            (&["wkt POINT EMPTY", "double 1"], "NULL"),
            (&["wkt POINT (1 2)", "double 1"], "error not supported"),
            (&["wkt POINT (1 2)", "double -1"], "error distance is negative"),
            (&["wkt POINT (1 2)", "double NaN"], "error distance is NaN"),
        ],
    );
}

#[test]
fn overlays() {
    let (one, other) = ("wkt POLYGON ((1 1, 1 4, 4 4, 4 1))", "wkt POLYGON ((2 2, 2 5, 5 5, 5 2))");
    check(
        "st_intersection",
        "Geometry",
        &[
            (&[one, other], "POLYGON ((2 2, 4 2, 4 4, 2 4, 2 2))"),
            (&[one, "wkt POLYGON ((7 7, 7 8, 8 8, 8 7))"], "POLYGON EMPTY"),
            (&[one, "wkt POLYGON ((4 1, 4 4, 7 4, 7 1))"], "error also touch"),
            (&[one, "wkt POINT (1 1)"], "error an overlay of a POINT"),
            (
                &["wkt POLYGON ((0 0, 3 0, 0 1))", "wkt POLYGON ((0 0, 1 0, 0 3))"],
                "POLYGON ((0 0, 1 0, 0.75 0.75, 0 1, 0 0))",
            ),
            (
                &[
                    "wkt POLYGON ((0.1 0.1, 0.7 0.1, 0.7 0.7, 0.1 0.7))",
                    "wkt POLYGON ((0.3 0.3, 0.9 0.3, 0.9 0.9, 0.3 0.9))",
                ],
                "POLYGON ((0.3 0.3, 0.7 0.3, 0.7 0.7, 0.3 0.7, 0.3 0.3))",
            ),
        ],
    );
    check(
        "st_difference",
        "Geometry",
        &[
            (&[one, "wkt POLYGON ((2 2, 2 4, 4 4, 4 2))"], "POLYGON ((1 1, 4 1, 4 2, 2 2, 2 4, 1 4, 1 1))"),
            (
                &["wkt POLYGON ((0 0, 9 0, 9 9, 0 9))", one],
                "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (1 1, 1 4, 4 4, 4 1, 1 1))",
            ),
        ],
    );
    check(
        "st_symdifference",
        "Geometry",
        &[(
            &[one, other],
            "MULTIPOLYGON (((1 1, 4 1, 4 2, 2 2, 2 4, 1 4, 1 1)), ((4 2, 5 2, 5 5, 2 5, 2 4, 4 4, 4 2)))",
        )],
    );
    check(
        "st_union",
        "Geometry",
        &[
            (&[one, other], "POLYGON ((1 1, 4 1, 4 2, 5 2, 5 5, 2 5, 2 4, 1 4, 1 1))"),
            (
                &["wkt POLYGON ((0 0, 1 0, 1 1, 0 1))", "wkt POLYGON ((1 0, 2 0, 2 1, 1 1))"],
                "POLYGON ((0 0, 1 0, 2 0, 2 1, 1 1, 0 1, 0 0))",
            ),
        ],
    );
}
