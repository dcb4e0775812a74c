//! A JSON document as a tree, together with the SQL values that paths compute with.

use std::{borrow::Cow, collections::HashMap, rc::Rc};

use super::Failure;
use crate::{
    Fault, Type,
    json::{
        number::{write_decimal, write_json_double, write_json_real},
        scan::Malformed,
        tokens::{Token, Tokens},
        write::write_string,
    },
};

/// Containers inside containers, at most: trees are walked by recursion.
const DEPTH_MAX: usize = 500;
/// Objects with more members look for equal names in a table.
const SMALL_OBJECT_MEMBERS: usize = 16;

/// A value: from a document, a literal of a path, a parameter or a method. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) enum Node<'a> {
    Null,
    Boolean(bool),
    Number(Number),
    Text(Cow<'a, str>),
    Array(Rc<[Node<'a>]>),
    /// Each name once, where it came first, with its last value.
    Object(Rc<[(Cow<'a, str>, Node<'a>)]>),
}

/// A number with its SQL type.
#[derive(Debug, Clone)]
pub(super) enum Number {
    TinyInt(i8),
    SmallInt(i16),
    Integer(i32),
    BigInt(i64),
    /// A whole number of a document that no SQL integer holds.
    Huge(Rc<str>),
    Decimal {
        unscaled: i128,
        precision: u8,
        scale: u8,
    },
    Real(f32),
    Double(f64),
}

impl<'a> Node<'a> {
    /// Reads the first value of the text; what follows it is not looked at.
    pub(super) fn parse(json: &'a str) -> Result<Self, Failure> {
        let mut tokens = Tokens::new(json);
        let first = tokens.need()?;
        read(first, &mut tokens, 0)
    }

    /// As Jackson calls the kind of the value.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Node::Null => "NULL",
            Node::Boolean(_) => "BOOLEAN",
            Node::Number(_) => "NUMBER",
            Node::Text(_) => "STRING",
            Node::Array(_) => "ARRAY",
            Node::Object(_) => "OBJECT",
        }
    }

    /// The value of a member.
    pub(super) fn member(&self, name: &str) -> Option<&Node<'a>> {
        match self {
            Node::Object(members) => members.iter().find(|(key, _)| key == name).map(|(_, value)| value),
            _ => None,
        }
    }

    pub(super) fn write(&self, out: &mut String) {
        match self {
            Node::Null => out.push_str("null"),
            Node::Boolean(value) => out.push_str(if *value { "true" } else { "false" }),
            Node::Number(number) => number.write(out),
            Node::Text(text) => write_string(text, out),
            Node::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Node::Object(members) => {
                out.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    write_string(name, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

impl Number {
    /// None for a number that has no SQL type.
    pub(super) fn sql_type(&self) -> Option<Type> {
        Some(match self {
            Number::TinyInt(_) => Type::TinyInt,
            Number::SmallInt(_) => Type::SmallInt,
            Number::Integer(_) => Type::Integer,
            Number::BigInt(_) => Type::BigInt,
            Number::Huge(_) => return None,
            Number::Decimal { precision, scale, .. } => Type::Decimal(*precision, *scale),
            Number::Real(_) => Type::Real,
            Number::Double(_) => Type::Double,
        })
    }

    fn write(&self, out: &mut String) {
        match self {
            Number::TinyInt(value) => out.push_str(&value.to_string()),
            Number::SmallInt(value) => out.push_str(&value.to_string()),
            Number::Integer(value) => out.push_str(&value.to_string()),
            Number::BigInt(value) => out.push_str(&value.to_string()),
            Number::Huge(digits) => out.push_str(digits),
            Number::Decimal { unscaled, scale, .. } => write_decimal(*unscaled, *scale, out),
            Number::Real(value) => write_json_real(*value, out),
            Number::Double(value) => write_json_double(*value, out),
        }
    }

    /// A whole number as its narrowest type.
    pub(super) fn whole(digits: &str) -> Self {
        match digits.parse::<i64>() {
            Ok(value) => i32::try_from(value).map_or(Number::BigInt(value), Number::Integer),
            Err(_) => Number::Huge(digits.into()),
        }
    }
}

fn read<'a>(token: Token<'a>, tokens: &mut Tokens<'a>, depth: usize) -> Result<Node<'a>, Failure> {
    if depth > DEPTH_MAX {
        let message = format!("JSON with more than {DEPTH_MAX} containers inside each other");
        return Err(Failure::Fault(Fault::not_supported(message)));
    }
    Ok(match token {
        Token::Null => Node::Null,
        Token::Boolean(value) => Node::Boolean(value),
        Token::Number(number) if number.float => {
            Node::Number(Number::Double(number.text.parse().map_err(|_| Malformed)?))
        }
        Token::Number(number) => Node::Number(Number::whole(number.text)),
        Token::Text(text) => Node::Text(text.decode()),
        Token::ArrayStart => {
            let mut items = Vec::new();
            loop {
                match tokens.need()? {
                    Token::ArrayEnd => break Node::Array(items.into()),
                    item => items.push(read(item, tokens, depth + 1)?),
                }
            }
        }
        Token::ObjectStart => read_object(tokens, depth)?,
        _ => return Err(Malformed.into()),
    })
}

fn read_object<'a>(tokens: &mut Tokens<'a>, depth: usize) -> Result<Node<'a>, Failure> {
    let mut members: Vec<(Cow<'a, str>, Node<'a>)> = Vec::new();
    let mut table: HashMap<Cow<'a, str>, usize> = HashMap::new();
    loop {
        let name = match tokens.need()? {
            Token::ObjectEnd => return Ok(Node::Object(members.into())),
            Token::Key(name) => name.decode(),
            _ => return Err(Malformed.into()),
        };
        let first = tokens.need()?;
        let value = read(first, tokens, depth + 1)?;
        if members.len() == SMALL_OBJECT_MEMBERS && table.is_empty() {
            table = members.iter().enumerate().map(|(index, (name, _))| (name.clone(), index)).collect();
        }
        let known = match table.is_empty() {
            true => members.iter().position(|(known, _)| *known == name),
            false => table.get(&name).copied(),
        };
        match known.and_then(|index| members.get_mut(index)) {
            Some((_, known)) => *known = value,
            None => {
                if !table.is_empty() {
                    table.insert(name.clone(), members.len());
                }
                members.push((name, value));
            }
        }
    }
}
