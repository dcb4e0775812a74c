//! Expressions, by precedence: OR, AND, NOT, predicates, `||`, `+ -`, `* / %`, signs, AT TIME ZONE, postfix.

use protocol::{Error, ErrorCode};

use super::{
    Problem,
    lex::Kind,
    parenthesis::Inside,
    parser::{Parsed, Parser},
};
use crate::ast::{Arithmetic, Comparison, Expr, ExprKind, Ident};

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
        if self.pending.is_some() || !self.is_word(0, "NOT") {
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
        let list_at = self.at();
        let kind = match self.query_or_items()? {
            // As in Trino's grammar `x IN ((SELECT 1))` is a list, and compares with one value.
            Inside::Bracketed(query) => {
                let item = self.node(ExprKind::Subquery(Box::new(query)), list_at)?;
                ExprKind::InList { expr, list: vec![item], negated }
            }
            Inside::Query(query) => ExprKind::InQuery { expr, query: Box::new(query), negated },
            Inside::Items(list) => ExprKind::InList { expr, list, negated },
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
        let is_sign = self.pending.is_none();
        if is_sign && self.accept_symbol("-") {
            let operand = self.nested(Self::signed)?;
            return self.node(ExprKind::Negate(Box::new(operand)), at);
        }
        if is_sign && self.accept_symbol("+") {
            let operand = self.nested(Self::signed)?;
            return self.node(ExprKind::Plus(Box::new(operand)), at);
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
                if self.is_symbol(0, "(") && is_dotted_name(&expr) {
                    return Err(self.qualified_function(&expr, &field));
                }
                expr = self.node(ExprKind::Field { base: Box::new(expr), field }, at)?;
            } else {
                return Ok(expr);
            }
        }
    }

    /// `catalog.schema.function(…)`: there are none but Trino's own.
    fn qualified_function(&self, base: &Expr, name: &Ident) -> Problem {
        let mut parts = vec![name.text.as_str()];
        let mut expr = base;
        while let ExprKind::Field { base, field } = &expr.kind {
            parts.push(&field.text);
            expr = base;
        }
        if let ExprKind::Name(first) = &expr.kind {
            parts.push(&first.text);
        }
        parts.reverse();
        let message = format!("Function '{}' not registered", parts.join("."));
        Problem::new(Error::new(ErrorCode::FunctionNotFound, message), base.at)
    }

    /// True if an expression begins `ahead` tokens on.
    pub(super) fn starts_expr(&self, ahead: usize) -> bool {
        const WORDS: &[&str] = &[
            "CASE",
            "CAST",
            "NOT",
            "EXISTS",
            "NULL",
            "TRUE",
            "FALSE",
            "EXTRACT",
            "TRIM",
            "NORMALIZE",
            "LISTAGG",
            "GROUPING",
            "CURRENT_DATE",
            "CURRENT_TIME",
            "CURRENT_TIMESTAMP",
            "CURRENT_USER",
            "CURRENT_CATALOG",
            "CURRENT_SCHEMA",
            "LOCALTIME",
            "LOCALTIMESTAMP",
            "JSON_VALUE",
            "JSON_QUERY",
            "JSON_EXISTS",
            "JSON_OBJECT",
            "JSON_ARRAY",
        ];
        match &self.peek_at(ahead).kind {
            Kind::End | Kind::Bad(_) => false,
            Kind::Symbol => ["(", "-", "+", "?"].iter().any(|symbol| self.is_symbol(ahead, symbol)),
            Kind::Word => self.sees_name(ahead) || WORDS.iter().any(|word| self.is_word(ahead, word)),
            _ => true,
        }
    }
}

fn is_dotted_name(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Name(_) => true,
        ExprKind::Field { base, .. } => is_dotted_name(base),
        _ => false,
    }
}
