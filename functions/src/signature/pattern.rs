//! The text of a signature → patterns of types.

use crate::{Fault, RowField, Type, types};

/// Patterns inside patterns, at most.
const DEPTH_MAX: usize = 16;
/// Type variables, and number variables, of one signature at most.
const VARIABLES_MAX: usize = 32;

/// A type with variables in it.
#[derive(Debug, Clone)]
pub(super) enum Pattern {
    /// No variables.
    Is(Type),
    /// Any type, and each time another one: `any`.
    Any,
    /// A type variable.
    Variable(usize),
    Sized(Base, Vec<Number>),
    Array(Box<Pattern>),
    Map(Box<Pattern>, Box<Pattern>),
    QDigest(Box<Pattern>),
    Row(Vec<(Option<String>, Pattern)>),
    Function(Vec<Pattern>, Box<Pattern>),
}

/// Types with numbers for parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Base {
    Varchar,
    Char,
    Decimal,
    Time,
    TimeTz,
    Timestamp,
    TimestampTz,
}

/// A number in a pattern. All but the first two stand in result types only.
#[derive(Debug, Clone)]
pub(super) enum Number {
    Is(i64),
    Variable(usize),
    Sum(Box<Number>, Box<Number>),
    Difference(Box<Number>, Box<Number>),
    Product(Box<Number>, Box<Number>),
    Min(Box<Number>, Box<Number>),
    Max(Box<Number>, Box<Number>),
}

/// A signature in patterns.
#[derive(Debug, Clone)]
pub(super) struct Patterns {
    pub(super) parameters: Vec<Pattern>,
    /// The last parameter stands for one or more.
    pub(super) varargs: bool,
    pub(super) returns: Pattern,
    /// Names of the type variables, in the order of their first use.
    pub(super) types: Vec<String>,
    pub(super) numbers: Vec<String>,
    /// The text between the outer parentheses.
    pub(super) parameters_text: String,
}

/// Reads `(array(T), bigint) -> T`.
pub(super) fn parse(text: &str) -> Result<Patterns, Fault> {
    let invalid = || Fault::invalid_type(text);
    let (parameters_text, returns) = text.rsplit_once("->").ok_or_else(invalid)?;
    let inside = parameters_text.trim().strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    let inside = inside.ok_or_else(invalid)?.trim();
    let (listed, varargs) = match inside.strip_suffix("...") {
        Some(listed) => (listed, true),
        None => (inside, false),
    };
    let mut names = Names::default();
    let parts = if listed.is_empty() { Vec::new() } else { split(listed) };
    let parameters = parts.into_iter().map(|part| names.pattern(part, 0)).collect::<Result<Vec<_>, _>>()?;
    let returns = names.pattern(returns, 0)?;
    if (varargs && parameters.is_empty()) || names.types.len().max(names.numbers.len()) > VARIABLES_MAX {
        return Err(invalid());
    }
    let Names { types, numbers } = names;
    Ok(Patterns { parameters, varargs, returns, types, numbers, parameters_text: inside.to_owned() })
}

/// The parts between commas outside parentheses.
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0_usize, 0);
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(text.get(start..at).unwrap_or_default().trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default().trim());
    parts
}

/// The word before the parentheses, the parts between them, and what follows.
fn applied(text: &str) -> Option<(&str, Vec<&str>, &str)> {
    let open = text.find('(')?;
    let close = text.rfind(')').filter(|close| *close > open)?;
    Some((text.get(..open)?.trim(), split(text.get(open + 1..close)?), text.get(close + 1..)?.trim()))
}

/// `T`, `K1`.
fn is_type_variable(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(|first| first.is_ascii_uppercase())
        && letters.next().is_none_or(|second| second.is_ascii_digit())
        && letters.next().is_none()
}

/// The variables seen so far.
#[derive(Default)]
struct Names {
    types: Vec<String>,
    numbers: Vec<String>,
}

impl Names {
    fn pattern(&mut self, text: &str, depth: usize) -> Result<Pattern, Fault> {
        let text = text.trim();
        if depth > DEPTH_MAX {
            return Err(Fault::invalid_type(text));
        }
        if is_type_variable(text) {
            return Ok(Pattern::Variable(index_of(&mut self.types, text)));
        }
        if text == "any" {
            return Ok(Pattern::Any);
        }
        let Some((word, parts, rest)) = applied(text) else {
            return types::parse(text).map(Pattern::Is);
        };
        if let Some(base) = base(word, rest) {
            return self.sized(base, text, &parts);
        }
        if word == "row" {
            return self.row(&parts, depth);
        }
        let mut inside =
            parts.into_iter().map(|part| self.pattern(part, depth + 1)).collect::<Result<Vec<_>, _>>()?;
        let last = inside.pop().map(Box::new).filter(|_| rest.is_empty());
        Ok(match (word, last, inside.pop()) {
            ("array", Some(item), None) => match *item {
                Pattern::Is(item) => Pattern::Is(Type::array(item)),
                _ => Pattern::Array(item),
            },
            ("map", Some(value), Some(key)) if inside.is_empty() => match (key, *value) {
                (Pattern::Is(key), Pattern::Is(value)) => Pattern::Is(Type::map(key, value)),
                (key, value) => Pattern::Map(Box::new(key), Box::new(value)),
            },
            ("qdigest", Some(value), None) => match *value {
                Pattern::Is(value) => Pattern::Is(Type::QDigest(Box::new(value))),
                _ => Pattern::QDigest(value),
            },
            ("function", Some(result), last_parameter) => {
                inside.extend(last_parameter);
                Pattern::Function(inside, result)
            }
            _ => return Err(Fault::invalid_type(text)),
        })
    }

    fn sized(&mut self, base: Base, text: &str, parts: &[&str]) -> Result<Pattern, Fault> {
        if let Ok(known) = types::parse(text) {
            return Ok(Pattern::Is(known));
        }
        if parts.len() != if base == Base::Decimal { 2 } else { 1 } {
            return Err(Fault::invalid_type(text));
        }
        let numbers = parts.iter().map(|part| self.number(part, 0)).collect::<Result<Vec<_>, _>>()?;
        Ok(Pattern::Sized(base, numbers))
    }

    fn row(&mut self, parts: &[&str], depth: usize) -> Result<Pattern, Fault> {
        let mut fields = Vec::with_capacity(parts.len());
        for part in parts {
            let named = part.split_once(' ').filter(|(name, _)| !name.contains('('));
            let named = named.and_then(|(name, field)| Some((name, self.pattern(field, depth + 1).ok()?)));
            fields.push(match named {
                Some((name, field)) => (Some(name.to_owned()), field),
                None => (None, self.pattern(part, depth + 1)?),
            });
        }
        let known: Option<Vec<RowField>> = fields
            .iter()
            .map(|(name, field)| match field {
                Pattern::Is(field_type) => {
                    Some(RowField { name: name.clone(), field_type: field_type.clone() })
                }
                _ => None,
            })
            .collect();
        Ok(known.map_or(Pattern::Row(fields), |fields| Pattern::Is(Type::Row(fields))))
    }

    /// `x`, `3`, `min(38, p + 1)`: `*` binds no tighter than the others, all group to the left.
    fn number(&mut self, text: &str, depth: usize) -> Result<Number, Fault> {
        let text = text.trim();
        if depth > DEPTH_MAX {
            return Err(Fault::invalid_type(text));
        }
        if let Ok(number) = text.parse() {
            return Ok(Number::Is(number));
        }
        if let Some(at) = last_operator(text) {
            let left = Box::new(self.number(text.get(..at).unwrap_or_default(), depth + 1)?);
            let right = Box::new(self.number(text.get(at + 1..).unwrap_or_default(), depth + 1)?);
            return Ok(match text.as_bytes().get(at) {
                Some(b'+') => Number::Sum(left, right),
                Some(b'-') => Number::Difference(left, right),
                _ => Number::Product(left, right),
            });
        }
        if let Some((word, parts, "")) = applied(text)
            && let [left, right] = parts.as_slice()
        {
            let left = Box::new(self.number(left, depth + 1)?);
            let right = Box::new(self.number(right, depth + 1)?);
            return match word {
                "min" => Ok(Number::Min(left, right)),
                "max" => Ok(Number::Max(left, right)),
                _ => Err(Fault::invalid_type(text)),
            };
        }
        let is_name = text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
        match is_name && !text.is_empty() {
            true => Ok(Number::Variable(index_of(&mut self.numbers, text))),
            false => Err(Fault::invalid_type(text)),
        }
    }
}

fn last_operator(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut last = None;
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            '+' | '-' | '*' if depth == 0 => last = Some(at),
            _ => {}
        }
    }
    last
}

fn index_of(names: &mut Vec<String>, name: &str) -> usize {
    names.iter().position(|known| known == name).unwrap_or_else(|| {
        names.push(name.to_owned());
        names.len() - 1
    })
}

fn base(word: &str, rest: &str) -> Option<Base> {
    Some(match (word, rest) {
        ("varchar", "") => Base::Varchar,
        ("char", "") => Base::Char,
        ("decimal", "") => Base::Decimal,
        ("time", "") => Base::Time,
        ("time", "with time zone") => Base::TimeTz,
        ("timestamp", "") => Base::Timestamp,
        ("timestamp", "with time zone") => Base::TimestampTz,
        _ => return None,
    })
}
