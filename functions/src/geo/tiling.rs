//! Which Bing tiles cover a place, a circle or a geometry.

use arrow::datatypes::{Float64Type, Int32Type, Int64Type};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};
use geo::{Coord, Geometry, Rect};

use super::{
    access::number_of_points,
    columns::{Geometries, number_at, number_lists, numbers},
    relation,
    shape::{Kind, coordinates, envelope, polygons, rectangle},
    sphere::{EARTH_RADIUS_KM, GreatCircle},
    tile::{LATITUDE_MAX, LONGITUDE_MAX, Tile, check_place, check_zoom},
};
use crate::{Call, Fault, Function};

/// Tiles of one result.
const TILES_MAX: u64 = 1_000_000;
/// Tiles times points of a geometry.
const WORK_MAX: u64 = 25_000_000;
const RADIUS_KM_MAX: f64 = 1000.0;
/// From this level on, large tiles are looked at first.
const COARSE_ZOOM: u32 = 10;

pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::scalar(
            "bing_tiles_around",
            &[
                "(double, double, integer) -> array(BingTile)",
                "(double, double, integer, double) -> array(BingTile)",
            ],
            bing_tiles_around,
            "The tiles around a place",
        ),
        Function::scalar(
            "geometry_to_bing_tiles",
            &["(Geometry, integer) -> array(BingTile)"],
            geometry_to_bing_tiles,
            "The tiles that cover a geometry",
        ),
    ]
}

fn bing_tiles_around(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let latitudes = numbers::<Float64Type>(arguments, 0, rows)?;
    let longitudes = numbers::<Float64Type>(arguments, 1, rows)?;
    let zooms = numbers::<Int32Type>(arguments, 2, rows)?;
    let radii = match call.arguments.len() {
        4 => Some(numbers::<Float64Type>(arguments, 3, rows)?),
        _ => None,
    };
    number_lists::<Int64Type>(arguments, rows, |row| {
        let place = number_at(&latitudes, row).zip(number_at(&longitudes, row));
        let Some(((latitude, longitude), zoom)) = place.zip(number_at(&zooms, row)) else {
            return Ok(None);
        };
        check_place(latitude, longitude)?;
        let zoom = check_zoom(zoom)?;
        let tiles = match &radii {
            None => neighbours(Tile::at(latitude, longitude, zoom)),
            Some(radii) => match number_at(radii, row) {
                None => return Ok(None),
                Some(radius) => circle(latitude, longitude, zoom, radius)?,
            },
        };
        Ok(Some(tiles.into_iter().map(Tile::encoded).collect()))
    })
}

/// The tile and those that touch it.
fn neighbours(tile: Tile) -> Vec<Tile> {
    let last = (1 << tile.zoom) - 1;
    let around = |at: u32| at.saturating_sub(1)..=(at + 1).min(last);
    around(tile.x).flat_map(|x| around(tile.y).map(move |y| Tile { x, y, ..tile })).collect()
}

/// The latitude so far to the north of a place, on the map.
fn latitude_towards(latitude: f64, ratio: f64, bearing: f64) -> f64 {
    let (latitude, bearing) = (latitude.to_radians(), bearing.to_radians());
    let sin = latitude.sin() * ratio.cos() + latitude.cos() * ratio.sin() * bearing.cos();
    libm::asin(sin).to_degrees().clamp(-LATITUDE_MAX, LATITUDE_MAX)
}

fn longitude_towards(latitude: f64, longitude: f64, ratio: f64, bearing: f64) -> f64 {
    let (latitude, bearing) = (latitude.to_radians(), bearing.to_radians());
    let turn = libm::atan2(
        bearing.sin() * ratio.sin() * latitude.cos(),
        ratio.cos() - latitude.sin() * latitude.sin(),
    );
    let moved = (longitude.to_radians() + turn).to_degrees();
    if moved > LONGITUDE_MAX {
        -LONGITUDE_MAX + (moved - LONGITUDE_MAX)
    } else if moved < -LONGITUDE_MAX {
        LONGITUDE_MAX + (moved + LONGITUDE_MAX)
    } else {
        moved
    }
}

/// The tiles that cover a circle: the cross through its centre first, then its quarters.
fn circle(latitude: f64, longitude: f64, zoom: u32, radius_km: f64) -> Result<Vec<Tile>, Fault> {
    if radius_km.is_nan() || radius_km < 0.0 {
        return Err(Fault::invalid_argument("Radius must be >= 0"));
    }
    if radius_km > RADIUS_KM_MAX {
        return Err(Fault::invalid_argument("Radius must be <= 1,000 km"));
    }
    let ratio = radius_km / EARTH_RADIUS_KM;
    let centre = Tile::at(latitude, longitude, zoom);
    let top = Tile::at(latitude_towards(latitude, ratio, 0.0), longitude, zoom).y;
    let bottom = Tile::at(latitude_towards(latitude, ratio, 180.0), longitude, zoom).y;
    let left = Tile::at(latitude, longitude_towards(latitude, longitude, ratio, 270.0), zoom).x;
    let right = Tile::at(latitude, longitude_towards(latitude, longitude, ratio, 90.0), zoom).x;
    let columns = 1_u32 << zoom;
    let width = if right < left { right + columns - left + 1 } else { right - left + 1 };
    let total = u64::from(width) * u64::from(bottom.saturating_sub(top) + 1);
    if total > TILES_MAX {
        return Err(Fault::invalid_argument(format!(
            "The number of tiles covering input rectangle exceeds the limit of 1M. Number of tiles: {total}. \
             Radius: {radius_km:.1} km. Zoom level: {zoom}."
        )));
    }
    let tile = |x: u32, y: u32| Tile { x, y, zoom };
    let mut tiles: Vec<Tile> = (0..width).map(|step| tile((left + step) % columns, centre.y)).collect();
    tiles.extend((top..=bottom).filter(|y| *y != centre.y).map(|y| tile(centre.x, y)));
    let from_centre = GreatCircle::new(latitude, longitude);
    let near = |corner: Coord| from_centre.kilometres(corner.y, corner.x) <= radius_km;
    // In each column, all tiles from the first one whose inner corner is inside.
    let mut quarter = |x: u32, ys: &mut dyn Iterator<Item = u32>, east: u32, south: u32| {
        let mut inside = false;
        for y in ys {
            inside = inside || near(tile(x, y).corner(east, south));
            if inside {
                tiles.push(tile(x, y));
            }
        }
    };
    let mut x = right;
    while x != centre.x {
        quarter(x, &mut (top..centre.y), 0, 1);
        quarter(x, &mut (centre.y + 1..=bottom).rev(), 0, 0);
        x = if x == 0 { columns - 1 } else { x - 1 };
    }
    x = left;
    while x != centre.x {
        quarter(x, &mut (top..centre.y), 1, 1);
        quarter(x, &mut (centre.y + 1..=bottom).rev(), 1, 0);
        x = (x + 1) % columns;
    }
    Ok(tiles)
}

fn geometry_to_bing_tiles(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let shapes = Geometries::of(arguments, 0)?;
    let zooms = numbers::<Int32Type>(arguments, 1, rows)?;
    number_lists::<Int64Type>(arguments, rows, |row| {
        let Some((shape, zoom)) = shapes.at(row)?.zip(number_at(&zooms, row)) else { return Ok(None) };
        let zoom = check_zoom(zoom)?;
        let Some(rect) = envelope(&shape) else { return Ok(Some(Vec::new())) };
        Ok(Some(cover(&shape, rect, zoom)?.into_iter().map(Tile::encoded).collect()))
    })
}

fn cover(shape: &Geometry, rect: Rect, zoom: u32) -> Result<Vec<Tile>, Fault> {
    let (low, high) = (rect.min(), rect.max());
    if low.y < -LATITUDE_MAX || high.y > LATITUDE_MAX {
        return Err(Fault::invalid_argument(
            "Latitude span for the geometry must be in [-85.05, 85.05] range",
        ));
    }
    if low.x < -LONGITUDE_MAX || high.x > LONGITUDE_MAX {
        return Err(Fault::invalid_argument(
            "Longitude span for the geometry must be in [-180.00, 180.00] range",
        ));
    }
    let first = Tile::at(high.y, low.x, zoom);
    let last = lower_right(low.y, high.x, zoom);
    let span = |from: u32, to: u32| u64::from((to + 1).saturating_sub(from));
    let count = span(first.x, last.x) * span(first.y, last.y);
    let is_simple = Kind::of(shape) == Kind::Point || is_rectangle(shape, rect);
    check_work(shape, rect, is_simple, count, zoom)?;
    let mut tiles = Vec::new();
    if is_simple || zoom <= COARSE_ZOOM {
        for x in first.x..=last.x {
            for y in first.y..=last.y {
                let tile = Tile { x, y, zoom };
                if is_simple || relation::intersects(&rectangle(tile.rect()), shape)? {
                    tiles.push(tile);
                }
            }
        }
        return Ok(tiles);
    }
    let shift = zoom - COARSE_ZOOM;
    for x in first.x >> shift..=last.x >> shift {
        for y in first.y >> shift..=last.y >> shift {
            push_parts(shape, zoom, Tile { x, y, zoom: COARSE_ZOOM }, &mut tiles)?;
        }
    }
    Ok(tiles)
}

/// The tile of the lower right corner, or the one before if only its border is touched.
fn lower_right(latitude: f64, longitude: f64, zoom: u32) -> Tile {
    let tile = Tile::at(latitude, longitude, zoom);
    let corner = tile.corner(0, 0);
    let back = |at: u32, touches: bool| at.saturating_sub(u32::from(touches));
    Tile { x: back(tile.x, corner.x == longitude), y: back(tile.y, corner.y == latitude), ..tile }
}

fn is_rectangle(shape: &Geometry, rect: Rect) -> bool {
    let is_one = Kind::of(shape) == Kind::Polygon
        && polygons(shape).iter().all(|polygon| polygon.interiors().is_empty());
    let (low, high) = (rect.min(), rect.max());
    let is_corner = |at: Coord| (at.x == low.x || at.x == high.x) && (at.y == low.y || at.y == high.y);
    is_one && number_of_points(shape) == 4 && coordinates(shape).all(is_corner)
}

fn check_work(shape: &Geometry, rect: Rect, is_simple: bool, count: u64, zoom: u32) -> Result<(), Fault> {
    if is_simple && count > TILES_MAX {
        let (low, high) = (rect.min(), rect.max());
        return Err(Fault::invalid_argument(format!(
            "The number of tiles covering input rectangle exceeds the limit of 1M. Number of tiles: {count}. \
             Rectangle: xMin={:.2}, yMin={:.2}, xMax={:.2}, yMax={:.2}. Zoom level: {zoom}.",
            low.x, low.y, high.x, high.y
        )));
    }
    let points = u64::try_from(number_of_points(shape)).unwrap_or(u64::MAX);
    if !is_simple && count.saturating_mul(points) > WORK_MAX {
        return Err(Fault::invalid_argument(
            "The zoom level is too high or the geometry is too complex to compute a set of covering Bing tiles. \
             Please use a lower zoom level or convert the geometry to its bounding box using the ST_Envelope \
             function.",
        ));
    }
    Ok(())
}

/// Appends the tiles inside of a larger one that meet the geometry.
fn push_parts(shape: &Geometry, zoom: u32, tile: Tile, out: &mut Vec<Tile>) -> Result<(), Fault> {
    let area = rectangle(tile.rect());
    if !relation::intersects(&area, shape)? {
        return Ok(());
    }
    if tile.zoom == zoom {
        out.push(tile);
        return Ok(());
    }
    if relation::any_part_contains(shape, &area)? {
        let side = 1 << (zoom - tile.zoom);
        for x in tile.x * side..(tile.x + 1) * side {
            out.extend((tile.y * side..(tile.y + 1) * side).map(|y| Tile { x, y, zoom }));
        }
        return Ok(());
    }
    for x in [2 * tile.x, 2 * tile.x + 1] {
        for y in [2 * tile.y, 2 * tile.y + 1] {
            push_parts(shape, zoom, Tile { x, y, zoom: tile.zoom + 1 }, out)?;
        }
    }
    Ok(())
}
