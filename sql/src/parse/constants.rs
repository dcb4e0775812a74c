//! Constants in the statements of Trino: `WITH (name = constant, …)`.

use protocol::Result;

use super::cursor::Cursor;
use crate::PropertyValue;

/// Deepest nesting of arrays in a property.
const CONSTANT_DEPTH_MAX: usize = 8;

/// `[WITH (name = constant, …)]`; no name twice.
pub(super) fn with_properties(cursor: &mut Cursor<'_>) -> Result<Vec<(String, PropertyValue)>> {
    if !cursor.accept("WITH") {
        return Ok(Vec::new());
    }
    let mut names: Vec<String> = Vec::new();
    cursor.list(|cursor| {
        let token = cursor.peek();
        let name = cursor.name("a property name")?;
        if names.contains(&name) {
            return Err(cursor.syntax_at(token, format!("property '{name}' is given twice")));
        }
        names.push(name.clone());
        cursor.expect_symbol('=')?;
        Ok((name, constant(cursor, 1)?))
    })
}

fn constant(cursor: &mut Cursor<'_>, depth: usize) -> Result<PropertyValue> {
    const EXPECTING: &str = "a string, a number, TRUE, FALSE or ARRAY";
    if cursor.accept("TRUE") {
        return Ok(PropertyValue::Boolean(true));
    }
    if cursor.accept("FALSE") {
        return Ok(PropertyValue::Boolean(false));
    }
    if depth <= CONSTANT_DEPTH_MAX && cursor.accept("ARRAY") {
        return array(cursor, depth).map(PropertyValue::Array);
    }
    if let Some(number) = cursor.signed_number() {
        return Ok(PropertyValue::Number(number));
    }
    cursor.plain_string(EXPECTING).map(PropertyValue::Text)
}

/// `[ constant, … ]`, possibly empty.
fn array(cursor: &mut Cursor<'_>, depth: usize) -> Result<Vec<PropertyValue>> {
    cursor.expect_symbol('[')?;
    let mut items = Vec::new();
    if cursor.accept_symbol(']') {
        return Ok(items);
    }
    loop {
        items.push(constant(cursor, depth + 1)?);
        if cursor.accept_symbol(']') {
            return Ok(items);
        }
        if !cursor.accept_symbol(',') {
            return Err(cursor.mismatch("',' or ']'"));
        }
    }
}
