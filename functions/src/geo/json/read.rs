//! GeoJSON text → geometry. JSON is read here, since numbers must keep their last digit.

use geo::{
    Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point,
    Polygon,
};

use crate::{
    Fault,
    geo::shape::{empty_point, oriented},
};

/// Values inside of values, at most.
const DEPTH_MAX: usize = 64;

#[derive(Debug, Clone, PartialEq)]
enum Json {
    Object(Vec<(String, Json)>),
    Array(Vec<Json>),
    Number(f64),
    Text(String),
    Other,
}

/// Reads a geometry; features are not geometries.
pub(super) fn geometry(text: &str) -> Result<Geometry, Fault> {
    let mut parser = Parser { rest: text };
    let json = parser.value(0).filter(|_| parser.rest.trim_start().is_empty());
    let json = json.ok_or_else(|| invalid("the text is not JSON"))?;
    shape(&json, 0)
}

fn invalid(reason: &str) -> Fault {
    Fault::invalid_argument(format!("Invalid GeoJSON: {reason}"))
}

fn shape(json: &Json, depth: usize) -> Result<Geometry, Fault> {
    let Some(Json::Text(kind)) = member(json, "type") else {
        return Err(invalid("Could not parse Geometry from Json string.  No 'type' property found."));
    };
    if depth > DEPTH_MAX {
        return Err(invalid("too many collections inside of each other"));
    }
    if kind == "GeometryCollection" {
        let parts = items(member(json, "geometries"))?;
        let parts = parts.iter().map(|part| shape(part, depth + 1)).collect::<Result<_, _>>()?;
        return Ok(Geometry::GeometryCollection(GeometryCollection(parts)));
    }
    let coordinates = member(json, "coordinates");
    Ok(match kind.as_str() {
        "Point" if items(coordinates)?.is_empty() => empty_point(),
        "Point" => Geometry::Point(Point(coordinate(coordinates)?)),
        "LineString" => line(coordinates)?.into(),
        "Polygon" => polygon(coordinates)?.into(),
        "MultiPoint" => MultiPoint(each(coordinates, |at| coordinate(at).map(Point))?).into(),
        "MultiLineString" => MultiLineString(each(coordinates, line)?).into(),
        "MultiPolygon" => MultiPolygon(each(coordinates, polygon)?).into(),
        other => {
            return Err(invalid(&format!(
                "Could not parse Geometry from GeoJson string.  Unsupported 'type':{other}"
            )));
        }
    })
}

fn member<'a>(json: &'a Json, name: &str) -> Option<&'a Json> {
    let Json::Object(members) = json else { return None };
    members.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value)
}

fn items(json: Option<&Json>) -> Result<&[Json], Fault> {
    match json {
        Some(Json::Array(items)) => Ok(items),
        _ => Err(invalid("Could not parse Geometry from GeoJson string.")),
    }
}

fn each<T>(json: Option<&Json>, f: impl Fn(Option<&Json>) -> Result<T, Fault>) -> Result<Vec<T>, Fault> {
    items(json)?.iter().map(|item| f(Some(item))).collect()
}

fn coordinate(json: Option<&Json>) -> Result<Coord, Fault> {
    match items(json)? {
        [Json::Number(x), Json::Number(y)] => Ok(Coord { x: *x, y: *y }),
        [Json::Number(_), Json::Number(_), Json::Number(_), ..] => {
            Err(Fault::not_supported("geometries with more than two dimensions"))
        }
        _ => Err(invalid("Could not parse Geometry from GeoJson string.")),
    }
}

fn line(json: Option<&Json>) -> Result<LineString, Fault> {
    let points = each(json, coordinate)?;
    match points.len() {
        1 => Err(invalid("Invalid number of points in LineString (found 1 - must be 0 or >= 2)")),
        _ => Ok(LineString::new(points)),
    }
}

fn polygon(json: Option<&Json>) -> Result<Polygon, Fault> {
    let mut rings = Vec::new();
    for ring in items(json)? {
        let points = each(Some(ring), coordinate)?;
        if points.first() != points.last() {
            return Err(invalid("Points of LinearRing do not form a closed linestring"));
        }
        if (1..4).contains(&points.len()) {
            return Err(invalid(&format!(
                "Invalid number of points in LinearRing (found {} - must be 0 or >= 4)",
                points.len()
            )));
        }
        rings.push(LineString::new(points));
    }
    let mut rings = rings.into_iter();
    let outer = rings.next().unwrap_or_else(|| LineString::new(Vec::new()));
    Ok(oriented(Polygon::new(outer, rings.collect())))
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn accept(&mut self, symbol: char) -> Option<()> {
        self.rest = self.rest.trim_start().strip_prefix(symbol)?;
        Some(())
    }

    fn value(&mut self, depth: usize) -> Option<Json> {
        let next = self.rest.trim_start().chars().next().filter(|_| depth <= DEPTH_MAX)?;
        match next {
            '{' => self.object(depth),
            '[' => self.array(depth),
            '"' => self.text().map(Json::Text),
            _ => self.word(),
        }
    }

    fn object(&mut self, depth: usize) -> Option<Json> {
        self.accept('{')?;
        let mut members = Vec::new();
        if self.accept('}').is_some() {
            return Some(Json::Object(members));
        }
        loop {
            let key = self.text()?;
            self.accept(':')?;
            members.push((key, self.value(depth + 1)?));
            if self.accept(',').is_none() {
                self.accept('}')?;
                return Some(Json::Object(members));
            }
        }
    }

    fn array(&mut self, depth: usize) -> Option<Json> {
        self.accept('[')?;
        let mut items = Vec::new();
        if self.accept(']').is_some() {
            return Some(Json::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.accept(',').is_none() {
                self.accept(']')?;
                return Some(Json::Array(items));
            }
        }
    }

    /// Text; what is escaped in it is left as it is, since no name that matters has any.
    fn text(&mut self) -> Option<String> {
        self.accept('"')?;
        let mut escaped = false;
        let end = self.rest.find(|letter: char| {
            let ends = letter == '"' && !escaped;
            escaped = letter == '\\' && !escaped;
            ends
        })?;
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        self.accept('"')?;
        Some(text.to_owned())
    }

    fn word(&mut self) -> Option<Json> {
        let text = self.rest.trim_start();
        let end = text.find(|c: char| c.is_whitespace() || ",:[]{}\"".contains(c)).unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        self.rest = rest;
        match word {
            "true" | "false" | "null" => Some(Json::Other),
            _ if word.starts_with(|c: char| c.is_ascii_digit() || c == '-') => {
                word.parse().ok().filter(|number: &f64| number.is_finite()).map(Json::Number)
            }
            _ => None,
        }
    }
}
