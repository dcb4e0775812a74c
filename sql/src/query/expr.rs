//! Expressions, by precedence: OR, AND, NOT, predicates, `||`, `+ -`, `* / %`, signs, AT TIME ZONE, postfix.

use super::{
    lex::Kind,
    parser::{Parsed, Parser},
};
use crate::ast::{Arithmetic, Comparison, Expr, ExprKind};

impl Parser<'_> {
    pub(super) fn expr(&mut self) -> Parsed<Expr> {
        self.nested(Self::or)
    }

    fn or(&mut self) -> Parsed<Expr> {
        self.chain("OR", Self::and, ExprKind::Or)
    }

    fn and(&mut self) -> Parsed<Expr> {
        self.chain("AND", Self::not, ExprKind::And)
    }

    fn chain(
        &mut self,
        word: &str,
        mut operand: impl FnMut(&mut Self) -> Parsed<Expr>,
        make: impl FnOnce(Vec<Expr>) -> ExprKind,
    ) -> Parsed<Expr> {
        let at = self.at();
        let first = operand(self)?;
        if !self.is_word(0, word) {
            return Ok(first);
        }
        let mut operands = vec![first];
        while self.accept(word) {
            operands.push(operand(self)?);
        }
        self.node(make(operands), at)
    }

    fn not(&mut self) -> Parsed<Expr> {
        let at = self.at();
        if !self.is_word(0, "NOT") {
            return self.predicated();
        }
        self.advance();
        let operand = self.nested(Self::not)?;
        self.node(ExprKind::Not(Box::new(operand)), at)
    }

    fn predicated(&mut self) -> Parsed<Expr> {
        let left = self.value()?;
        if let Some(op) = self.comparison() {
            return self.comparison_with(left, op);
        }
        let at = self.at();
        if self.accept("IS") {
            return self.is_test(left, at);
        }
        let negated =
            ["BETWEEN", "IN", "LIKE"].iter().any(|word| self.is_word(1, word)) && self.accept("NOT");
        let expr = Box::new(left);
        if self.accept("BETWEEN") {
            if self.sees("SYMMETRIC") {
                return Err(self.not_supported("BETWEEN SYMMETRIC"));
            }
            self.accept("ASYMMETRIC");
            let low = Box::new(self.value()?);
            self.expect("AND")?;
            let high = Box::new(self.value()?);
            return self.node(ExprKind::Between { expr, low, high, negated }, at);
        }
        if self.accept("IN") {
            return self.in_predicate(expr, negated, at);
        }
        if self.accept("LIKE") {
            let pattern = Box::new(self.value()?);
            let escape = if self.accept("ESCAPE") { Some(Box::new(self.value()?)) } else { None };
            return self.node(ExprKind::Like { expr, pattern, escape, negated }, at);
        }
        if self.sees("ILIKE") || self.sees("RLIKE") || self.sees("REGEXP") {
            return Err(self.mismatch("'LIKE' (see also regexp_like)"));
        }
        Ok(*expr)
    }

    /// Passes a comparison operator.
    fn comparison(&mut self) -> Option<Comparison> {
        let token = self.peek();
        if token.kind != Kind::Symbol {
            return None;
        }
        let op = match token.text {
            "=" => Comparison::Equal,
            "<>" | "!=" => Comparison::NotEqual,
            "<" => Comparison::Less,
            "<=" => Comparison::LessOrEqual,
            ">" => Comparison::Greater,
            ">=" => Comparison::GreaterOrEqual,
            _ => return None,
        };
        self.advance();
        Some(op)
    }

    fn comparison_with(&mut self, left: Expr, op: Comparison) -> Parsed<Expr> {
        let at = left.at;
        let left = Box::new(left);
        let quantified =
            ["ALL", "ANY", "SOME"].iter().any(|word| self.is_word(0, word)) && self.is_symbol(1, "(");
        if quantified && self.sees_query(2) {
            let all = self.is_word(0, "ALL");
            self.advance();
            self.advance();
            let query = Box::new(self.query()?);
            self.expect_symbol(")")?;
            return self.node(ExprKind::Quantified { op, all, left, query }, at);
        }
        let right = Box::new(self.value()?);
        self.node(ExprKind::Compare { op, left, right }, at)
    }

    /// Behind IS.
    fn is_test(&mut self, left: Expr, at: usize) -> Parsed<Expr> {
        let negated = self.accept("NOT");
        if self.accept("NULL") {
            return self.node(ExprKind::IsNull { expr: Box::new(left), negated }, at);
        }
        if self.accept("DISTINCT FROM") {
            let right = Box::new(self.value()?);
            return self.node(ExprKind::IsDistinct { left: Box::new(left), right, negated }, at);
        }
        Err(self.mismatch("'NULL' or 'DISTINCT FROM'"))
    }

    /// Behind IN.
    fn in_predicate(&mut self, expr: Box<Expr>, negated: bool, at: usize) -> Parsed<Expr> {
        self.expect_symbol("(")?;
        let kind = match self.sees_query(0) {
            // `((SELECT 1) + 1, 2)` is a list whose first item begins with a subquery.
            true => {
                let (mark, opens_twice) = (self.mark(), self.is_symbol(0, "("));
                let query = self.query();
                match query {
                    Ok(query) if self.is_symbol(0, ")") => {
                        ExprKind::InQuery { expr, query: Box::new(query), negated }
                    }
                    Ok(_) | Err(_) if opens_twice && self.retries > 0 => {
                        self.retries -= 1;
                        self.rewind(mark);
                        ExprKind::InList { expr, list: self.comma_separated(Self::expr)?, negated }
                    }
                    Ok(_) => return Err(self.mismatch("')'")),
                    Err(problem) => return Err(problem),
                }
            }
            false => ExprKind::InList { expr, list: self.comma_separated(Self::expr)?, negated },
        };
        self.expect_symbol(")")?;
        self.node(kind, at)
    }

    pub(super) fn value(&mut self) -> Parsed<Expr> {
        let mut left = self.additive()?;
        while self.is_symbol(0, "||") {
            let at = self.at();
            self.advance();
            let right = self.additive()?;
            left = self.node(ExprKind::Concat(Box::new(left), Box::new(right)), at)?;
        }
        Ok(left)
    }

    fn additive(&mut self) -> Parsed<Expr> {
        let mut left = self.multiplicative()?;
        loop {
            let op = match () {
                () if self.is_symbol(0, "+") => Arithmetic::Add,
                () if self.is_symbol(0, "-") => Arithmetic::Subtract,
                () => return Ok(left),
            };
            left = self.arithmetic(op, left, Self::multiplicative)?;
        }
    }

    fn multiplicative(&mut self) -> Parsed<Expr> {
        let mut left = self.signed()?;
        loop {
            let op = match () {
                () if self.is_symbol(0, "*") => Arithmetic::Multiply,
                () if self.is_symbol(0, "/") => Arithmetic::Divide,
                () if self.is_symbol(0, "%") => Arithmetic::Modulus,
                () => return Ok(left),
            };
            left = self.arithmetic(op, left, Self::signed)?;
        }
    }

    fn arithmetic(
        &mut self,
        op: Arithmetic,
        left: Expr,
        operand: impl FnOnce(&mut Self) -> Parsed<Expr>,
    ) -> Parsed<Expr> {
        let at = self.at();
        self.advance();
        let right = Box::new(operand(self)?);
        self.node(ExprKind::Arithmetic { op, left: Box::new(left), right }, at)
    }

    fn signed(&mut self) -> Parsed<Expr> {
        let at = self.at();
        if self.accept_symbol("-") {
            let operand = self.nested(Self::signed)?;
            return self.node(ExprKind::Negate(Box::new(operand)), at);
        }
        if self.accept_symbol("+") {
            return self.nested(Self::signed);
        }
        let mut expr = self.primary()?;
        while self.accept("AT TIME ZONE") {
            let zone = match self.is_word(0, "INTERVAL") {
                true => self.interval()?,
                false => self.primary()?,
            };
            expr = self.node(ExprKind::AtTimeZone { expr: Box::new(expr), zone: Box::new(zone) }, at)?;
        }
        Ok(expr)
    }

    /// An operand with its subscripts and fields.
    pub(super) fn primary(&mut self) -> Parsed<Expr> {
        let mut expr = self.operand()?;
        loop {
            let at = expr.at;
            if self.accept_symbol("[") {
                let index = Box::new(self.expr()?);
                self.expect_symbol("]")?;
                expr = self.node(ExprKind::Subscript { base: Box::new(expr), index }, at)?;
            } else if self.is_symbol(0, ".") && self.sees_name(1) {
                self.advance();
                let field = self.name()?;
                expr = self.node(ExprKind::Field { base: Box::new(expr), field }, at)?;
            } else {
                return Ok(expr);
            }
        }
    }

    pub(super) fn starts_expr(&self) -> bool {
        match &self.peek().kind {
            Kind::End | Kind::Bad(_) => false,
            Kind::Symbol => ["(", "-", "+", "?"].iter().any(|symbol| self.is_symbol(0, symbol)),
            Kind::Word => {
                self.sees_name(0)
                    || [
                        "CASE", "CAST", "NOT", "EXISTS", "NULL", "TRUE", "FALSE", "EXTRACT", "TRIM",
                        "LISTAGG",
                    ]
                    .iter()
                    .any(|word| self.is_word(0, word))
            }
            _ => true,
        }
    }
}
