//! Operands: literals, parentheses, and what looks like a call and has a grammar of its own.

use protocol::{Error, ErrorCode};

use super::{
    Problem,
    lex::Kind,
    parser::{Parsed, Parser},
};
use crate::ast::{Expr, ExprKind, Ident};

impl Parser<'_> {
    pub(super) fn operand(&mut self) -> Parsed<Expr> {
        if let Some(pending) = self.pending.take() {
            return Ok(pending);
        }
        let at = self.at();
        let kind = match &self.peek().kind {
            Kind::Text(text) => ExprKind::String(text.clone()),
            Kind::Binary(bytes) => ExprKind::Binary(bytes.clone()),
            Kind::Integer => ExprKind::Integer(self.integer_digits()?),
            Kind::Decimal => ExprKind::Decimal(self.peek().text.replace('_', "")),
            Kind::Double => ExprKind::Double(self.peek().text.replace('_', "")),
            Kind::Symbol if self.is_symbol(0, "(") => return self.in_parentheses(),
            Kind::Symbol if self.is_symbol(0, "?") => {
                self.parameters += 1;
                ExprKind::Parameter(self.parameters - 1)
            }
            Kind::Word => return self.word_operand(),
            Kind::Quoted(_) => return self.named_operand(),
            _ => return Err(self.mismatch("an expression")),
        };
        self.advance();
        self.node(kind, at)
    }

    /// The digits of an integer literal in decimal.
    fn integer_digits(&self) -> Parsed<String> {
        let text = self.peek().text.replace('_', "");
        let radix = match text.as_bytes() {
            [b'0', b'x' | b'X', ..] => 16,
            [b'0', b'o' | b'O', ..] => 8,
            [b'0', b'b' | b'B', ..] => 2,
            _ => return Ok(text),
        };
        let digits = text.get(2..).unwrap_or_default();
        match u64::from_str_radix(digits, radix) {
            Ok(number) => Ok(number.to_string()),
            Err(_) => Err(self.syntax(format!("Invalid numeric literal: {text}"))),
        }
    }

    pub(super) fn lambda(&mut self, parameters: Vec<Ident>, at: usize) -> Parsed<Expr> {
        let body = Box::new(self.expr()?);
        self.node(ExprKind::Lambda { parameters, body }, at)
    }

    fn word_operand(&mut self) -> Parsed<Expr> {
        let at = self.at();
        let word = self.peek().text.to_ascii_uppercase();
        let calls = self.is_symbol(1, "(");
        match word.as_str() {
            "NULL" => self.literal(ExprKind::Null),
            "TRUE" => self.literal(ExprKind::Boolean(true)),
            "FALSE" => self.literal(ExprKind::Boolean(false)),
            "CASE" => self.case(),
            "CAST" | "TRY_CAST" if calls => self.cast(word == "TRY_CAST"),
            "EXISTS" if calls => {
                self.advance();
                self.advance();
                let query = Box::new(self.query()?);
                self.expect_symbol(")")?;
                self.node(ExprKind::Exists(query), at)
            }
            "ARRAY" if self.is_symbol(1, "[") => self.array(),
            "ROW" if calls => {
                self.advance();
                let items = self.parenthesised(Self::expr)?;
                self.node(ExprKind::Row(items), at)
            }
            "INTERVAL" if matches!(self.peek_at(1).kind, Kind::Text(_)) || self.signs_interval() => {
                self.interval()
            }
            "EXTRACT" if calls => self.extract(),
            "CURRENT_DATE" | "CURRENT_TIME" | "CURRENT_TIMESTAMP" | "LOCALTIME" | "LOCALTIMESTAMP"
            | "CURRENT_USER" | "CURRENT_CATALOG" | "CURRENT_SCHEMA" | "CURRENT_PATH" => {
                self.current(word.to_lowercase())
            }
            "POSITION" | "SUBSTRING" | "TRIM" | "NORMALIZE" | "OVERLAY" if calls => self.sql_function(&word),
            "JSON_EXISTS" | "JSON_VALUE" | "JSON_QUERY" | "JSON_OBJECT" | "JSON_ARRAY" if calls => {
                self.json(&word)
            }
            "LISTAGG" | "GROUPING" if calls => self.call_of_reserved(),
            _ => self.named_operand(),
        }
    }

    fn literal(&mut self, kind: ExprKind) -> Parsed<Expr> {
        let at = self.at();
        self.advance();
        self.node(kind, at)
    }

    fn signs_interval(&self) -> bool {
        (self.is_symbol(1, "-") || self.is_symbol(1, "+")) && matches!(self.peek_at(2).kind, Kind::Text(_))
    }

    pub(super) fn interval(&mut self) -> Parsed<Expr> {
        let at = self.at();
        self.expect("INTERVAL")?;
        let negative = self.accept_symbol("-");
        if !negative {
            self.accept_symbol("+");
        }
        let text = self.string()?;
        let from = self.interval_unit()?;
        let to = if self.accept("TO") { Some(self.interval_unit()?) } else { None };
        self.node(ExprKind::Interval { negative, text, from, to }, at)
    }

    fn interval_unit(&mut self) -> Parsed<String> {
        const UNITS: &[&str] = &["YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"];
        // `INTERVAL '1' WEEK` and plurals are common and not Trino's.
        match UNITS.iter().find(|unit| self.is_word(0, unit)) {
            Some(unit) => {
                self.advance();
                Ok((*unit).to_lowercase())
            }
            None => Err(self.mismatch("'DAY', 'HOUR', 'MINUTE', 'MONTH', 'SECOND' or 'YEAR'")),
        }
    }

    fn case(&mut self) -> Parsed<Expr> {
        let at = self.at();
        self.advance();
        let operand = match self.sees("WHEN") {
            true => None,
            false => Some(Box::new(self.expr()?)),
        };
        let mut branches = Vec::new();
        while self.accept("WHEN") {
            let when = self.expr()?;
            self.expect("THEN")?;
            branches.push((when, self.expr()?));
        }
        if branches.is_empty() {
            return Err(self.mismatch("'WHEN'"));
        }
        let otherwise = if self.accept("ELSE") { Some(Box::new(self.expr()?)) } else { None };
        self.expect("END")?;
        self.node(ExprKind::Case { operand, branches, otherwise }, at)
    }

    fn cast(&mut self, try_cast: bool) -> Parsed<Expr> {
        let at = self.at();
        self.advance();
        self.advance();
        let expr = Box::new(self.expr()?);
        self.expect("AS")?;
        let to = self.data_type()?;
        self.expect_symbol(")")?;
        self.node(ExprKind::Cast { expr, to, try_cast }, at)
    }

    fn array(&mut self) -> Parsed<Expr> {
        let at = self.at();
        self.advance();
        self.advance();
        let items = match self.is_symbol(0, "]") {
            true => Vec::new(),
            false => self.comma_separated(Self::expr)?,
        };
        self.expect_symbol("]")?;
        self.node(ExprKind::Array(items), at)
    }

    fn extract(&mut self) -> Parsed<Expr> {
        let at = self.at();
        self.advance();
        self.advance();
        let field = self.name()?;
        self.expect("FROM")?;
        let from = Box::new(self.expr()?);
        self.expect_symbol(")")?;
        self.node(ExprKind::Extract { field, from }, at)
    }

    fn current(&mut self, what: String) -> Parsed<Expr> {
        let at = self.at();
        self.advance();
        let mut precision = None;
        if what.contains("time") && self.accept_symbol("(") {
            precision = Some(self.integer()?);
            self.expect_symbol(")")?;
        }
        self.node(ExprKind::Current { what, precision }, at)
    }

    /// A name, a call, a typed literal or a lambda.
    fn named_operand(&mut self) -> Parsed<Expr> {
        let at = self.at();
        let is_word = self.peek().kind == Kind::Word;
        if is_word
            && self.sees_name(0)
            && let Kind::Text(text) = &self.peek_at(1).kind
        {
            let (type_text, text) = (self.peek().text.to_owned(), text.clone());
            self.advance();
            self.advance();
            return self.node(ExprKind::Typed { type_text, text }, at);
        }
        if is_word && self.is_word(0, "DOUBLE") && self.is_word(1, "PRECISION") {
            self.advance();
            self.advance();
            let text = self.string()?;
            return self.node(ExprKind::Typed { type_text: "double".to_owned(), text }, at);
        }
        if self.sees_name(0) && self.is_symbol(1, "->") {
            let parameter = self.name()?;
            self.advance();
            return self.lambda(vec![parameter], at);
        }
        if self.is_symbol(1, "(") && self.sees_name(0) {
            let name = self.name()?;
            return self.call(name);
        }
        let name = self.name().map_err(|_| self.mismatch("an expression"))?;
        if name.text.starts_with('@') {
            return Err(Problem::new(Error::new(ErrorCode::SyntaxError, "names cannot begin with '@'"), at));
        }
        self.node(ExprKind::Name(name), at)
    }
}
