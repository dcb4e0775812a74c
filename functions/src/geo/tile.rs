//! Bing tiles (<https://learn.microsoft.com/bingmaps/articles/bing-maps-tile-system>): the world as a
//! square map, cut into 2^zoom by 2^zoom tiles.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, Int32Array, StructArray},
    datatypes::{Float64Type, Int8Type, Int32Type, Int64Type},
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};
use geo::{Coord, Rect};

use super::{
    columns::{height, make, number_at, numbers, texts},
    shape::rectangle,
};
use crate::{
    Call, Fault, Function, Type,
    columns::{primitive_rows, text_rows},
    operators::returned_ref,
    types,
};

pub(super) const ZOOM_MAX: u32 = 23;
const TILE_PIXELS: i64 = 256;
pub(super) const LATITUDE_MAX: f64 = 85.051_128_78;
pub(super) const LONGITUDE_MAX: f64 = 180.0;

pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::scalar(
            "bing_tile",
            &["(integer, integer, integer) -> BingTile", "(varchar) -> BingTile"],
            bing_tile,
            "The tile of X, Y and zoom level, or of a quadkey",
        ),
        Function::scalar(
            "bing_tile_at",
            &["(double, double, integer) -> BingTile"],
            bing_tile_at,
            "The tile that holds a place of latitude and longitude",
        ),
        Function::scalar(
            "bing_tile_quadkey",
            &["(BingTile) -> varchar"],
            bing_tile_quadkey,
            "The quadkey of a tile",
        ),
        Function::scalar(
            "bing_tile_coordinates",
            &["(BingTile) -> row(x integer, y integer)"],
            bing_tile_coordinates,
            "X and Y of a tile",
        ),
        Function::scalar(
            "bing_tile_zoom_level",
            &["(BingTile) -> tinyint"],
            bing_tile_zoom_level,
            "The zoom level of a tile",
        ),
        Function::scalar(
            "bing_tile_polygon",
            &["(BingTile) -> Geometry"],
            bing_tile_polygon,
            "The area of a tile",
        ),
    ]
}

/// A tile; X counts from west, Y from north.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tile {
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) zoom: u32,
}

impl Tile {
    /// 23 bits each of X and Y, 5 bits of the zoom level: what Trino's casts to bigint return.
    pub(super) fn encoded(self) -> i64 {
        (i64::from(self.x) << 28) + (i64::from(self.y) << 5) + i64::from(self.zoom)
    }

    pub(super) fn decoded(packed: i64) -> Result<Self, Fault> {
        let part = |shift: u32, bits: u32| u32::try_from((packed >> shift) & ((1 << bits) - 1)).unwrap_or(0);
        let tile = Self { x: part(28, 23), y: part(5, 23), zoom: part(0, 5) };
        match tile.zoom <= ZOOM_MAX && packed >= 0 {
            true => Ok(tile),
            false => Err(Fault::invalid_argument(format!("Invalid Bing tile: {packed}"))),
        }
    }

    /// The tile of a place, which is on the map.
    pub(super) fn at(latitude: f64, longitude: f64, zoom: u32) -> Self {
        let sin = (latitude * std::f64::consts::PI / 180.0).sin();
        let y = 0.5 - ((1.0 + sin) / (1.0 - sin)).ln() / (4.0 * std::f64::consts::PI);
        let pixels = map_pixels(zoom);
        let index = |axis: f64| {
            let pixel = (axis * pixels as f64).max(0.0).min((pixels - 1) as f64) as i64;
            u32::try_from(pixel / TILE_PIXELS).unwrap_or(0)
        };
        Self { x: index((longitude + 180.0) / 360.0), y: index(y), zoom }
    }

    /// The longitude and latitude of the north-west corner of the tile so many tiles to the east and south.
    pub(super) fn corner(self, east: u32, south: u32) -> Coord {
        let pixels = map_pixels(self.zoom);
        let fraction = |tile: u32| (i64::from(tile) * TILE_PIXELS).min(pixels) as f64 / pixels as f64;
        let x = fraction(self.x + east) - 0.5;
        let y = 0.5 - fraction(self.y + south);
        let pi = std::f64::consts::PI;
        let latitude = 90.0 - 360.0 * libm::atan((-y * 2.0 * pi).exp()) / pi;
        Coord { x: 360.0 * x, y: latitude }
    }

    pub(super) fn rect(self) -> Rect {
        Rect::new(self.corner(0, 0), self.corner(1, 1))
    }

    fn push_quadkey(self, out: &mut String) {
        for bit in (0..self.zoom).rev() {
            let digit = (self.x >> bit & 1) + 2 * (self.y >> bit & 1);
            out.push(char::from_digit(digit, 4).unwrap_or('0'));
        }
    }
}

/// The width of the map at a zoom level.
fn map_pixels(zoom: u32) -> i64 {
    TILE_PIXELS << zoom
}

pub(super) fn check_zoom(zoom: i32) -> Result<u32, Fault> {
    match u32::try_from(zoom) {
        Ok(zoom @ 1..=ZOOM_MAX) => Ok(zoom),
        Ok(zoom) if zoom > 0 => Err(Fault::invalid_argument(format!("Zoom level must be <= {ZOOM_MAX}"))),
        _ => Err(Fault::invalid_argument("Zoom level must be > 0")),
    }
}

pub(super) fn check_place(latitude: f64, longitude: f64) -> Result<(), Fault> {
    if !(-LATITUDE_MAX..=LATITUDE_MAX).contains(&latitude) {
        return Err(Fault::invalid_argument(format!(
            "Latitude must be between -{LATITUDE_MAX} and {LATITUDE_MAX}"
        )));
    }
    if !(-LONGITUDE_MAX..=LONGITUDE_MAX).contains(&longitude) {
        return Err(Fault::invalid_argument("Longitude must be between -180.0 and 180.0"));
    }
    Ok(())
}

fn tiles(
    arguments: &[ColumnarValue],
    rows: usize,
    tile: impl Fn(usize) -> Result<Option<Tile>, Fault>,
) -> EngineResult<ColumnarValue> {
    let tiles =
        primitive_rows::<Int64Type>(height(arguments, rows), |row| Ok(tile(row)?.map(Tile::encoded)))?;
    returned_ref(arguments, tiles)
}

fn bing_tile(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    if call.arguments.len() == 1 {
        let keys = texts(arguments, 0, rows)?;
        return tiles(arguments, rows, |row| match keys.is_null(row) {
            true => Ok(None),
            false => of_quadkey(keys.value(row)).map(Some),
        });
    }
    let x = numbers::<Int32Type>(arguments, 0, rows)?;
    let y = numbers::<Int32Type>(arguments, 1, rows)?;
    let zoom = numbers::<Int32Type>(arguments, 2, rows)?;
    tiles(arguments, rows, |row| {
        let Some(((x, y), zoom)) = number_at(&x, row).zip(number_at(&y, row)).zip(number_at(&zoom, row))
        else {
            return Ok(None);
        };
        let zoom = check_zoom(zoom)?;
        let check = |at: i32| {
            u32::try_from(at).ok().filter(|at| *at < 1 << zoom).ok_or_else(|| {
                Fault::invalid_argument(format!(
                    "XY coordinates for a Bing tile at zoom level {zoom} must be within [0, {}) range",
                    1 << zoom
                ))
            })
        };
        Ok(Some(Tile { x: check(x)?, y: check(y)?, zoom }))
    })
}

fn of_quadkey(key: &str) -> Result<Tile, Fault> {
    if key.is_empty() {
        return Err(Fault::invalid_argument("QuadKey must not be empty string"));
    }
    if key.len() > ZOOM_MAX as usize {
        return Err(Fault::invalid_argument(format!("QuadKey must be {ZOOM_MAX} characters or less")));
    }
    let mut tile = Tile { x: 0, y: 0, zoom: 0 };
    for letter in key.chars() {
        let digit = letter
            .to_digit(4)
            .ok_or_else(|| Fault::invalid_argument(format!("Invalid QuadKey digit sequence: {key}")))?;
        tile.x = tile.x << 1 | digit & 1;
        tile.y = tile.y << 1 | digit >> 1;
        tile.zoom += 1;
    }
    Ok(tile)
}

fn bing_tile_at(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let latitudes = numbers::<Float64Type>(arguments, 0, rows)?;
    let longitudes = numbers::<Float64Type>(arguments, 1, rows)?;
    let zooms = numbers::<Int32Type>(arguments, 2, rows)?;
    tiles(arguments, rows, |row| {
        let place = number_at(&latitudes, row).zip(number_at(&longitudes, row));
        let Some(((latitude, longitude), zoom)) = place.zip(number_at(&zooms, row)) else {
            return Ok(None);
        };
        check_place(latitude, longitude)?;
        Ok(Some(Tile::at(latitude, longitude, check_zoom(zoom)?)))
    })
}

fn bing_tile_quadkey(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let packed = numbers::<Int64Type>(arguments, 0, rows)?;
    let keys = text_rows(packed.len(), |row, out| match number_at(&packed, row) {
        Some(packed) => {
            Tile::decoded(packed)?.push_quadkey(out);
            Ok(Some(()))
        }
        None => Ok(None),
    })?;
    returned_ref(arguments, keys)
}

fn bing_tile_coordinates(
    call: &Call,
    arguments: &[ColumnarValue],
    rows: usize,
) -> EngineResult<ColumnarValue> {
    let packed = numbers::<Int64Type>(arguments, 0, rows)?;
    let Type::Row(fields) = &call.returns else {
        return Err(Fault::internal("coordinates are a row").into());
    };
    let axis = |of: fn(Tile) -> u32| -> Result<ArrayRef, Fault> {
        let values = packed.iter().map(|packed| {
            let tile = packed.map(Tile::decoded).transpose()?;
            Ok(tile.map(|tile| i32::try_from(of(tile)).unwrap_or(0)))
        });
        Ok(Arc::new(values.collect::<Result<Int32Array, Fault>>()?))
    };
    let columns = vec![axis(|tile| tile.x)?, axis(|tile| tile.y)?];
    let rows = StructArray::try_new(types::row_fields(fields), columns, packed.nulls().cloned())?;
    returned_ref(arguments, Arc::new(rows))
}

fn bing_tile_zoom_level(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let packed = numbers::<Int64Type>(arguments, 0, rows)?;
    let levels = primitive_rows::<Int8Type>(packed.len(), |row| {
        let tile = number_at(&packed, row).map(Tile::decoded).transpose()?;
        Ok(tile.map(|tile| i8::try_from(tile.zoom).unwrap_or(0)))
    })?;
    returned_ref(arguments, levels)
}

fn bing_tile_polygon(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let packed = numbers::<Int64Type>(arguments, 0, rows)?;
    make(arguments, rows, |row| {
        let tile = number_at(&packed, row).map(Tile::decoded).transpose()?;
        Ok(tile.map(|tile| rectangle(tile.rect())))
    })
}
