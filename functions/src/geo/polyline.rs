//! Encoded polylines (<https://developers.google.com/maps/documentation/utilities/polylinealgorithm>).

use arrow::array::Array;
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};
use geo::{Coord, Geometry, LineString};

use super::{
    columns::{make, texts, to_text},
    shape::{Kind, coordinates, require},
};
use crate::{Call, Fault, Function};

/// Steps in a degree.
const STEPS: f64 = 1e5;

pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::scalar(
            "from_encoded_polyline",
            &["(varchar) -> Geometry"],
            from_encoded_polyline,
            "The line that a polyline encodes",
        ),
        Function::scalar(
            "to_encoded_polyline",
            &["(Geometry) -> varchar"],
            |_, a, r| to_text(a, r, encode),
            "A line as a polyline",
        ),
    ]
}

fn from_encoded_polyline(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let polylines = texts(arguments, 0, rows)?;
    make(arguments, rows, |row| match polylines.is_null(row) {
        true => Ok(None),
        false => decode(polylines.value(row)).map(Some),
    })
}

fn decode(polyline: &str) -> Result<Geometry, Fault> {
    let invalid = || Fault::invalid_argument("Input is not a valid encoded polyline");
    let mut units = polyline.encode_utf16().peekable();
    let (mut latitude, mut longitude) = (0_i32, 0_i32);
    let mut points = Vec::new();
    while units.peek().is_some() {
        latitude = latitude.wrapping_add(step(&mut units).ok_or_else(invalid)?);
        longitude = longitude.wrapping_add(step(&mut units).ok_or_else(invalid)?);
        points.push(Coord { x: f64::from(longitude) * 1e-5, y: f64::from(latitude) * 1e-5 });
    }
    match points.len() {
        1 => Err(Fault::not_supported("a line of one point")),
        _ => Ok(LineString::new(points).into()),
    }
}

/// One number: five bits in each character, the lowest first.
fn step(units: &mut impl Iterator<Item = u16>) -> Option<i32> {
    let (mut number, mut shift) = (1_i32, 0_u32);
    loop {
        let bits = i32::from(units.next()?) - 64;
        number = number.wrapping_add(bits.wrapping_shl(shift));
        shift += 5;
        if bits < 0x1f {
            return Some(if number & 1 != 0 { !(number >> 1) } else { number >> 1 });
        }
    }
}

fn encode(shape: &Geometry, out: &mut String) -> Result<Option<()>, Fault> {
    require("encode_polyline", shape, &[Kind::MultiPoint, Kind::LineString])?;
    let (mut latitude, mut longitude) = (0, 0);
    for at in coordinates(shape) {
        let (y, x) = (nearest(at.y), nearest(at.x));
        push(y.wrapping_sub(latitude), out);
        push(x.wrapping_sub(longitude), out);
        (latitude, longitude) = (y, x);
    }
    Ok(Some(()))
}

fn nearest(degrees: f64) -> i64 {
    (degrees * STEPS + 0.5).floor() as i64
}

fn push(step: i64, out: &mut String) {
    let mut rest = if step < 0 { !(step << 1) } else { step << 1 };
    let letter = |bits: i64| char::from(u8::try_from(bits + 63).unwrap_or(b'?'));
    while rest >= 0x20 {
        out.push(letter(0x20 | (rest & 0x1f)));
        rest >>= 5;
    }
    out.push(letter(rest));
}
