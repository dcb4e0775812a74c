//! The text of a path → [`SqlPath`]. Grammar: <https://trino.io/docs/current/functions/json.html#json-path-language>.

use super::{
    lex::{Lexeme, lex},
    node::{Node, Number},
    syntax::{Comparison, Expression, Method, Operator, Predicate, Primary, SqlPath, Step, Subscript},
};
use crate::{Fault, json::number::parse_decimal, types::DECIMAL_PRECISION_MAX};

/// Parentheses and filters inside each other, at most.
const DEPTH_MAX: usize = 32;
/// Operators in one path, at most; each may be one more level of the tree.
const OPERATORS_MAX: usize = 256;

/// Reads a path whose variables are these names, in their order.
pub(super) fn parse(path: &str, variables: &[&str]) -> Result<SqlPath, Fault> {
    let lexemes = lex(path)?;
    let mut parser = Parser { path, lexemes: &lexemes, at: 0, variables, depth: 0, operators: 0 };
    let lax = match parser.next() {
        Some(Lexeme::Word("lax")) => true,
        Some(Lexeme::Word("strict")) => false,
        _ => return Err(parser.invalid()),
    };
    let root = parser.expression()?;
    match parser.next() {
        None => Ok(SqlPath { lax, root }),
        Some(_) => Err(parser.invalid()),
    }
}

struct Parser<'a> {
    path: &'a str,
    lexemes: &'a [Lexeme<'a>],
    at: usize,
    variables: &'a [&'a str],
    depth: usize,
    operators: usize,
}

impl<'a> Parser<'a> {
    fn invalid(&self) -> Fault {
        super::invalid_path(self.path)
    }

    fn peek(&self) -> Option<&'a Lexeme<'a>> {
        self.lexemes.get(self.at)
    }

    fn next(&mut self) -> Option<&'a Lexeme<'a>> {
        let lexeme = self.peek();
        self.at += 1;
        lexeme
    }

    fn take(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Some(Lexeme::Symbol(found)) if *found == symbol);
        self.at += usize::from(found);
        found
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Lexeme::Word(found)) if *found == word);
        self.at += usize::from(found);
        found
    }

    fn need(&mut self, symbol: &str) -> Result<(), Fault> {
        if self.take(symbol) { Ok(()) } else { Err(self.invalid()) }
    }

    fn operator(&mut self) -> Result<(), Fault> {
        self.operators += 1;
        match self.operators > OPERATORS_MAX {
            true => Err(Fault::not_supported(format!("JSON path with more than {OPERATORS_MAX} operators"))),
            false => Ok(()),
        }
    }

    /// Reads what stands inside parentheses.
    fn inside<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(Fault::not_supported(format!("JSON path nested deeper than {DEPTH_MAX} levels")));
        }
        let inner = read(self);
        self.depth -= 1;
        inner
    }

    fn expression(&mut self) -> Result<Expression, Fault> {
        let mut left = self.product()?;
        loop {
            let operator = match self.peek() {
                Some(Lexeme::Symbol("+")) => Operator::Add,
                Some(Lexeme::Symbol("-")) => Operator::Subtract,
                _ => return Ok(left),
            };
            self.at += 1;
            self.operator()?;
            left = Expression::Binary(operator, Box::new(left), Box::new(self.product()?));
        }
    }

    fn product(&mut self) -> Result<Expression, Fault> {
        let mut left = self.signed()?;
        loop {
            let operator = match self.peek() {
                Some(Lexeme::Symbol("*")) => Operator::Multiply,
                Some(Lexeme::Symbol("/")) => Operator::Divide,
                Some(Lexeme::Symbol("%")) => Operator::Modulus,
                _ => return Ok(left),
            };
            self.at += 1;
            self.operator()?;
            left = Expression::Binary(operator, Box::new(left), Box::new(self.signed()?));
        }
    }

    /// A minus directly before a number belongs to the number, before its methods.
    fn signed(&mut self) -> Result<Expression, Fault> {
        let before_number = matches!(
            self.lexemes.get(self.at + 1),
            Some(Lexeme::Whole(_) | Lexeme::Decimal(_) | Lexeme::Double(_))
        );
        if self.take("+") {
            self.operator()?;
            return Ok(Expression::Positive(Box::new(self.signed()?)));
        }
        if !before_number && self.take("-") {
            self.operator()?;
            return Ok(Expression::Negated(Box::new(self.signed()?)));
        }
        self.accessors()
    }

    fn accessors(&mut self) -> Result<Expression, Fault> {
        let primary = self.primary()?;
        let mut steps = Vec::new();
        loop {
            if self.take(".") {
                let step = if self.take(".") { self.descendants()? } else { self.member()? };
                steps.push(step);
            } else if self.take("[") {
                steps.push(self.items()?);
            } else if self.take("?") {
                self.need("(")?;
                steps.push(Step::Filter(self.inside(Self::predicate)?));
                self.need(")")?;
            } else {
                return Ok(Expression::Path(primary, steps));
            }
        }
    }

    fn descendants(&mut self) -> Result<Step, Fault> {
        match self.next() {
            Some(Lexeme::Word(name)) => Ok(Step::Descendants((*name).to_owned())),
            Some(Lexeme::Text(name)) => Ok(Step::Descendants(name.clone())),
            _ => Err(self.invalid()),
        }
    }

    fn member(&mut self) -> Result<Step, Fault> {
        if self.take("*") {
            return Ok(Step::AnyMember);
        }
        let name = match self.next() {
            Some(Lexeme::Text(name)) => return Ok(Step::Member(name.clone())),
            Some(Lexeme::Word(name)) => *name,
            _ => return Err(self.invalid()),
        };
        if !self.take("(") {
            return Ok(Step::Member(name.to_owned()));
        }
        let method = match name {
            "type" => Method::Type,
            "size" => Method::Size,
            "double" => Method::Double,
            "ceiling" => Method::Ceiling,
            "floor" => Method::Floor,
            "abs" => Method::Abs,
            "keyvalue" => Method::KeyValue,
            "datetime" => {
                return Err(Fault::not_supported("datetime method in JSON path is not yet supported"));
            }
            _ => return Err(self.invalid()),
        };
        self.need(")")?;
        Ok(Step::Method(method))
    }

    fn items(&mut self) -> Result<Step, Fault> {
        if self.take("*") {
            self.need("]")?;
            return Ok(Step::AnyItem);
        }
        let mut subscripts = Vec::new();
        loop {
            let from = self.inside(Self::expression)?;
            let to = if self.take_word("to") { Some(self.inside(Self::expression)?) } else { None };
            subscripts.push(Subscript { from, to });
            if !self.take(",") {
                self.need("]")?;
                return Ok(Step::Items(subscripts));
            }
        }
    }

    fn primary(&mut self) -> Result<Primary, Fault> {
        Ok(match self.next() {
            Some(Lexeme::Symbol("$")) => Primary::Context,
            Some(Lexeme::Symbol("@")) => Primary::Current,
            Some(Lexeme::Variable(name)) => self.variable(name)?,
            Some(Lexeme::Symbol("(")) => {
                let inner = self.inside(Self::expression)?;
                self.need(")")?;
                Primary::Parenthesized(Box::new(inner))
            }
            Some(Lexeme::Symbol("-")) => {
                let number = self.next().ok_or_else(|| self.invalid())?;
                Primary::Literal(self.number(number, "-")?)
            }
            Some(Lexeme::Text(text)) => Primary::Literal(Node::Text(text.clone().into())),
            Some(Lexeme::Word("last")) => Primary::Last,
            Some(Lexeme::Word("null")) => Primary::Literal(Node::Null),
            Some(Lexeme::Word("true")) => Primary::Literal(Node::Boolean(true)),
            Some(Lexeme::Word("false")) => Primary::Literal(Node::Boolean(false)),
            Some(number) => Primary::Literal(self.number(number, "")?),
            None => return Err(self.invalid()),
        })
    }

    fn variable(&self, name: &str) -> Result<Primary, Fault> {
        if let Some(index) = self.variables.iter().position(|variable| *variable == name) {
            return Ok(Primary::Variable(index));
        }
        let hint = match self.variables.iter().any(|variable| variable.eq_ignore_ascii_case(name)) {
            true => format!(". Try quoting \"{name}\" in the PASSING clause to match case"),
            false => String::new(),
        };
        Err(super::invalid(format!("no value passed for parameter {name}{hint}")))
    }

    fn number(&self, lexeme: &Lexeme<'_>, sign: &str) -> Result<Node<'static>, Fault> {
        let number = match lexeme {
            Lexeme::Whole(digits) => match Number::whole(&format!("{sign}{digits}")) {
                Number::Huge(digits) => {
                    return Err(super::invalid(format!("Invalid numeric literal: {digits}")));
                }
                number => number,
            },
            Lexeme::Double(text) => {
                Number::Double(format!("{sign}{text}").parse().map_err(|_| self.invalid())?)
            }
            Lexeme::Decimal(text) => decimal(text, sign).ok_or_else(|| self.invalid())?,
            _ => return Err(self.invalid()),
        };
        Ok(Node::Number(number))
    }

    fn predicate(&mut self) -> Result<Predicate, Fault> {
        let mut left = self.conjunction()?;
        while self.take("||") {
            self.operator()?;
            left = Predicate::Or(Box::new(left), Box::new(self.conjunction()?));
        }
        Ok(left)
    }

    fn conjunction(&mut self) -> Result<Predicate, Fault> {
        let mut left = self.predicate_primary()?;
        while self.take("&&") {
            self.operator()?;
            left = Predicate::And(Box::new(left), Box::new(self.predicate_primary()?));
        }
        Ok(left)
    }

    fn predicate_primary(&mut self) -> Result<Predicate, Fault> {
        if self.take("!") {
            return match self.is_delimited() {
                true => Ok(Predicate::Not(Box::new(self.delimited()?))),
                false => Err(self.invalid()),
            };
        }
        if self.is_delimited() {
            let predicate = self.delimited()?;
            if self.take_word("is") {
                return match self.take_word("unknown") {
                    true => Ok(Predicate::IsUnknown(Box::new(predicate))),
                    false => Err(self.invalid()),
                };
            }
            return Ok(predicate);
        }
        let left = self.expression()?;
        if self.take_word("like_regex") {
            return Err(Fault::not_supported("like_regex predicate in JSON path is not yet supported"));
        }
        if self.take_word("starts") {
            return self.starts_with(left);
        }
        let comparison = match self.next() {
            Some(Lexeme::Symbol("==")) => Comparison::Equal,
            Some(Lexeme::Symbol("<>" | "!=")) => Comparison::NotEqual,
            Some(Lexeme::Symbol("<")) => Comparison::Less,
            Some(Lexeme::Symbol(">")) => Comparison::Greater,
            Some(Lexeme::Symbol("<=")) => Comparison::LessOrEqual,
            Some(Lexeme::Symbol(">=")) => Comparison::GreaterOrEqual,
            _ => return Err(self.invalid()),
        };
        Ok(Predicate::Compare(comparison, left, self.expression()?))
    }

    fn starts_with(&mut self, whole: Expression) -> Result<Predicate, Fault> {
        let with = self.take_word("with");
        let start = match self.next() {
            Some(Lexeme::Text(text)) if with => Primary::Literal(Node::Text(text.clone().into())),
            Some(Lexeme::Variable(name)) if with => self.variable(name)?,
            _ => return Err(self.invalid()),
        };
        Ok(Predicate::StartsWith(whole, Expression::Path(start, Vec::new())))
    }

    /// True for `exists (…)` and for a predicate in parentheses. Parentheses around a path are followed by
    /// something that a path is needed for.
    fn is_delimited(&self) -> bool {
        let after_exists = |lexeme: Option<&Lexeme<'_>>| matches!(lexeme, Some(Lexeme::Symbol("(")));
        if matches!(self.peek(), Some(Lexeme::Word("exists"))) {
            return after_exists(self.lexemes.get(self.at + 1));
        }
        if !after_exists(self.peek()) {
            return false;
        }
        let mut depth = 0_usize;
        let rest = self.lexemes.get(self.at..).unwrap_or_default();
        let end = rest.iter().position(|lexeme| {
            match lexeme {
                Lexeme::Symbol("(") => depth += 1,
                Lexeme::Symbol(")") => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0
        });
        let after = end.and_then(|end| rest.get(end + 1));
        matches!(after, None | Some(Lexeme::Symbol(")" | "&&" | "||") | Lexeme::Word("is")))
    }

    fn delimited(&mut self) -> Result<Predicate, Fault> {
        let exists = self.take_word("exists");
        self.need("(")?;
        let predicate = match exists {
            true => Predicate::Exists(self.inside(Self::expression)?),
            false => self.inside(Self::predicate)?,
        };
        self.need(")")?;
        Ok(predicate)
    }
}

/// As a decimal literal of SQL: its type has the digits that are written, without leading zeros.
fn decimal(text: &str, sign: &str) -> Option<Number> {
    let (whole, fraction) = text.split_once('.')?;
    let scale = u8::try_from(fraction.len()).ok()?;
    let digits = whole.trim_start_matches('0').len() + fraction.len();
    let precision = u8::try_from(digits.max(1)).ok().filter(|digits| *digits <= DECIMAL_PRECISION_MAX)?;
    let unscaled = parse_decimal(&format!("{sign}{text}"), precision, scale).ok()?;
    Some(Number::Decimal { unscaled, precision, scale })
}
