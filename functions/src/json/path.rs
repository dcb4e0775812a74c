//! The path language of `json_extract`: `$`, `.name`, `[0]`, `["any name"]`
//! (<https://trino.io/docs/current/functions/json.html#json-functions>).
//!
//! It has no wildcards and no `..`; those, single quotes and negative numbers are invalid paths, as in Trino.
//! A step that is a number is an item of an array and a member of an object, however it is written.

use super::scan::{Malformed, Scanner};
use crate::Fault;

/// Steps from the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Step {
    name: String,
    /// The step as the index of an item.
    index: Option<usize>,
}

/// Paths of a column, of which mostly all are equal.
#[derive(Debug, Default)]
pub(super) struct Paths {
    last: Option<(String, Path)>,
}

impl Paths {
    /// Reads the path unless it is the one before.
    pub(super) fn get(&mut self, text: &str) -> Result<&Path, Fault> {
        if self.last.as_ref().is_none_or(|(last, _)| last != text) {
            self.last = Some((text.to_owned(), Path::parse(text)?));
        }
        self.last.as_ref().map(|(_, path)| path).ok_or_else(|| Fault::internal("no path"))
    }
}

impl Path {
    pub(super) fn parse(text: &str) -> Result<Self, Fault> {
        steps(text)
            .map(|steps| Self { steps })
            .ok_or_else(|| Fault::invalid_argument(format!("Invalid JSON path: '{text}'")))
    }

    /// The position of the value the path leads to, None if there is none. Reads no further than to there,
    /// so what follows may be malformed.
    pub(super) fn find<'a>(&self, json: &'a str) -> Result<Option<Found<'a>>, Malformed> {
        let mut scanner = Scanner::new(json);
        for step in &self.steps {
            let found = match scanner.peek() {
                Some(b'{') => enter_member(&mut scanner, &step.name)?,
                Some(b'[') => match step.index {
                    Some(index) => enter_item(&mut scanner, index)?,
                    None => false,
                },
                _ => false,
            };
            if !found {
                return Ok(None);
            }
        }
        let first = scanner.peek();
        Ok(Some(Found { scanner, first, is_root: self.steps.is_empty() }))
    }
}

/// The beginning of a value.
#[derive(Debug)]
pub(super) struct Found<'a> {
    pub(super) scanner: Scanner<'a>,
    pub(super) first: Option<u8>,
    /// The value is the document.
    pub(super) is_root: bool,
}

fn enter_member(scanner: &mut Scanner<'_>, name: &str) -> Result<bool, Malformed> {
    scanner.step();
    if scanner.peek() == Some(b'}') {
        return Ok(false);
    }
    loop {
        if scanner.key()?.is(name) {
            return Ok(true);
        }
        scanner.skip_value(false)?;
        match scanner.peek() {
            Some(b',') => scanner.step(),
            Some(b'}') => return Ok(false),
            _ => return Err(Malformed),
        }
    }
}

fn enter_item(scanner: &mut Scanner<'_>, index: usize) -> Result<bool, Malformed> {
    scanner.step();
    if scanner.peek() == Some(b']') {
        return Ok(false);
    }
    for _ in 0..index {
        scanner.skip_value(false)?;
        match scanner.peek() {
            Some(b',') => scanner.step(),
            Some(b']') => return Ok(false),
            _ => return Err(Malformed),
        }
    }
    Ok(true)
}

fn steps(text: &str) -> Option<Vec<Step>> {
    let mut rest = text.strip_prefix('$')?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let (name, after) = match rest.strip_prefix('.') {
            Some(segment) => bare(segment, |letter| letter == ':' || is_bare(letter))?,
            None => {
                let subscript = rest.strip_prefix('[')?;
                let (name, after) = match subscript.strip_prefix('"') {
                    Some(quoted) => self::quoted(quoted)?,
                    None => bare(subscript, is_bare)?,
                };
                (name, after.strip_prefix(']')?)
            }
        };
        let index = name.parse::<i32>().ok().and_then(|index| usize::try_from(index).ok());
        steps.push(Step { name, index });
        rest = after;
    }
    Some(steps)
}

/// Java looks at UTF-16 units, so characters beyond the basic plane are no letters.
fn is_bare(letter: char) -> bool {
    letter == '_' || (letter.is_alphanumeric() && letter.len_utf16() == 1)
}

fn bare(text: &str, is_part: impl Fn(char) -> bool) -> Option<(String, &str)> {
    let end = text.find(|letter| !is_part(letter)).unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end)?;
    (!name.is_empty()).then(|| (name.to_owned(), rest))
}

/// A name up to its closing quote; only quotes and backslashes are escaped.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut letters = text.chars();
    loop {
        match letters.next()? {
            '"' => return Some((name, letters.as_str())),
            '\\' => name.push(letters.next().filter(|letter| matches!(letter, '"' | '\\'))?),
            letter => name.push(letter),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_as_names() {
        for (path, expected) in [
            ("$", vec![]),
            ("$.foo", vec!["foo"]),
            ("$.a.b_1.:c:d", vec!["a", "b_1", ":c:d"]),
            ("$[\"a.b\"]['x']", vec![]),
            ("$[0].5[\"7\"]", vec!["0", "5", "7"]),
            ("$[foo][30day]", vec!["foo", "30day"]),
            ("$[\"a\\\"\\\\]\"]", vec!["a\"\\]"]),
            ("$.größe", vec!["größe"]),
            ("$[\"\"]", vec![""]),
        ] {
            let names: Option<Vec<String>> =
                steps(path).map(|steps| steps.into_iter().map(|step| step.name).collect());
            match path.contains('\'') {
                true => assert_eq!(names, None),
                false => assert_eq!(names.unwrap(), expected, "{path}"),
            }
        }
        for path in [
            "",
            "a",
            "$.",
            "$..a",
            "$.*",
            "$[*]",
            "$[]",
            "$[0",
            "$[-1]",
            "$.a-b",
            "$.a b",
            " $",
            "$ ",
            "$[ 0]",
            "$[a:b]",
            "$[\"a\\n\"]",
            "$[\"a",
            "$[\"a\\",
            "$a",
            "$.😀",
            "@.a",
            "$['a']",
        ] {
            assert!(steps(path).is_none(), "{path}");
        }
    }
}
