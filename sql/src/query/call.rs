//! Calls of functions, and windows.

use super::{
    lex::Kind,
    parser::{Parsed, Parser},
};
use crate::ast::{
    Call, Expr, ExprKind, Frame, FrameBound, FrameUnit, Ident, NullTreatment, SortItem, Truncation, Window,
    WindowSpec,
};

impl Parser<'_> {
    /// `LISTAGG(…)`, `GROUPING(…)`: reserved words that are functions.
    pub(super) fn call_of_reserved(&mut self) -> Parsed<Expr> {
        let name = Ident { text: self.peek().text.to_owned(), quoted: false, at: self.at() };
        self.advance();
        self.call(name)
    }

    /// At the parenthesis behind a function's name.
    pub(super) fn call(&mut self, name: Ident) -> Parsed<Expr> {
        self.expect_symbol("(")?;
        let mut call = Call::plain(name, Vec::new());
        if self.accept_symbol("*") {
            call.star = true;
        } else if !self.is_symbol(0, ")") && !self.sees("ORDER BY") {
            call.distinct = self.quantifier();
            call.arguments = self.comma_separated(Self::expr)?;
        }
        self.call_behind_arguments(call)
    }

    /// Behind the arguments of a call.
    fn call_behind_arguments(&mut self, mut call: Call) -> Parsed<Expr> {
        let at = call.name.at;
        let is_listagg = call.name.is("LISTAGG") && !call.name.quoted;
        let is_string = |expr: &Expr| matches!(expr.kind, ExprKind::String(_));
        if is_listagg && !call.arguments.iter().skip(1).all(is_string) {
            return Err(self.syntax("the separator of LISTAGG must be a string"));
        }
        if is_listagg && self.accept("ON OVERFLOW") {
            call.on_overflow = self.on_overflow()?;
        }
        if !call.star {
            // Inside the parentheses it is older, and dbt's macros still write it.
            call.null_treatment = self.null_treatment();
            if !is_listagg && self.accept("ORDER BY") {
                call.order_by = self.comma_separated(Self::sort_item)?;
            }
        }
        let inside = call.null_treatment.is_some();
        self.expect_symbol(")")?;
        if is_listagg {
            self.expect("WITHIN GROUP")?;
            self.expect_symbol("(")?;
            self.expect("ORDER BY")?;
            call.order_by = self.comma_separated(Self::sort_item)?;
            self.expect_symbol(")")?;
        } else if self.sees("WITHIN GROUP") {
            return Err(self.not_supported(&format!("WITHIN GROUP for {}", call.name.text)));
        }
        self.call_clauses(&mut call, inside)?;
        self.node(ExprKind::Call(Box::new(call)), at)
    }

    fn call_clauses(&mut self, call: &mut Call, has_treatment: bool) -> Parsed<()> {
        if self.is_word(0, "FILTER") && self.is_symbol(1, "(") {
            self.advance();
            self.advance();
            self.expect("WHERE")?;
            call.filter = Some(self.expr()?);
            self.expect_symbol(")")?;
        }
        if !has_treatment && let Some(treatment) = self.null_treatment() {
            call.null_treatment = Some(treatment);
            if !self.is_word(0, "OVER") {
                return Err(self.mismatch("'OVER'"));
            }
        }
        if self.is_word(0, "OVER") && (self.is_symbol(1, "(") || self.sees_name(1)) {
            self.advance();
            call.over = Some(match self.is_symbol(0, "(") {
                true => Window::Spec(self.window_spec()?),
                false => Window::Named(self.name()?),
            });
        }
        Ok(())
    }

    fn null_treatment(&mut self) -> Option<NullTreatment> {
        match () {
            () if self.accept("IGNORE NULLS") => Some(NullTreatment::Ignore),
            () if self.accept("RESPECT NULLS") => Some(NullTreatment::Respect),
            () => None,
        }
    }

    fn on_overflow(&mut self) -> Parsed<Option<Truncation>> {
        if self.accept("ERROR") {
            return Ok(None);
        }
        self.expect("TRUNCATE")?;
        let filler = match self.peek().kind {
            Kind::Text(_) => self.string()?,
            _ => "...".to_owned(),
        };
        let without = self.accept("WITHOUT");
        if !without {
            self.expect("WITH")?;
        }
        self.expect("COUNT")?;
        Ok(Some(Truncation { filler, with_count: !without }))
    }

    pub(super) fn named_window(&mut self) -> Parsed<(Ident, WindowSpec)> {
        let name = self.name()?;
        self.expect("AS")?;
        Ok((name, self.window_spec()?))
    }

    fn window_spec(&mut self) -> Parsed<WindowSpec> {
        let at = self.at();
        self.expect_symbol("(")?;
        let begins_clause = |ahead: usize| {
            ["PARTITION", "ORDER", "ROWS", "RANGE", "GROUPS"].iter().any(|word| self.is_word(ahead, word))
        };
        let is_name = !begins_clause(0) || begins_clause(1) || self.is_symbol(1, ")");
        let existing = match self.sees_name(0) && is_name {
            true => Some(self.name()?),
            false => None,
        };
        let partition_by = match self.accept("PARTITION BY") {
            true => self.comma_separated(Self::expr)?,
            false => Vec::new(),
        };
        let order_by: Vec<SortItem> = match self.accept("ORDER BY") {
            true => self.comma_separated(Self::sort_item)?,
            false => Vec::new(),
        };
        if self.sees("MEASURES") {
            return Err(self.not_supported("a pattern in a window"));
        }
        let frame = self.frame()?;
        self.expect_symbol(")")?;
        Ok(WindowSpec { existing, partition_by, order_by, frame, at })
    }

    fn frame(&mut self) -> Parsed<Option<Frame>> {
        let unit = match () {
            () if self.accept("ROWS") => FrameUnit::Rows,
            () if self.accept("RANGE") => FrameUnit::Range,
            () if self.accept("GROUPS") => FrameUnit::Groups,
            () => return Ok(None),
        };
        if !self.accept("BETWEEN") {
            return Ok(Some(Frame { unit, start: self.frame_bound()?, end: None }));
        }
        let start = self.frame_bound()?;
        self.expect("AND")?;
        let end = Some(self.frame_bound()?);
        if self.sees("EXCLUDE") {
            return Err(self.not_supported("EXCLUDE in a window's frame"));
        }
        Ok(Some(Frame { unit, start, end }))
    }

    fn frame_bound(&mut self) -> Parsed<FrameBound> {
        if self.accept("UNBOUNDED PRECEDING") {
            return Ok(FrameBound::UnboundedPreceding);
        }
        if self.accept("UNBOUNDED FOLLOWING") {
            return Ok(FrameBound::UnboundedFollowing);
        }
        if self.accept("CURRENT ROW") {
            return Ok(FrameBound::CurrentRow);
        }
        let distance = self.expr()?;
        if self.accept("PRECEDING") {
            return Ok(FrameBound::Preceding(distance));
        }
        self.expect("FOLLOWING")?;
        Ok(FrameBound::Following(distance))
    }

    /// `POSITION(a IN b)`, `SUBSTRING(s FROM a FOR b)`, `TRIM(BOTH c FROM s)`, `NORMALIZE(s, form)`: the
    /// functions of the same meaning.
    pub(super) fn sql_function(&mut self, word: &str) -> Parsed<Expr> {
        let at = self.at();
        let ident = |name: &str| Ident { text: name.to_owned(), quoted: false, at };
        let written = Ident { text: self.peek().text.to_owned(), quoted: false, at };
        self.advance();
        self.advance();
        let (name, arguments) = match word {
            "POSITION" => {
                let part = self.value()?;
                self.expect("IN")?;
                ("strpos", vec![self.value()?, part])
            }
            "SUBSTRING" => {
                let mut arguments = match self.is_symbol(0, ")") {
                    true => Vec::new(),
                    false => self.comma_separated(Self::expr)?,
                };
                if arguments.len() != 1 || !self.accept("FROM") {
                    return self.call_behind_arguments(Call::plain(written, arguments));
                }
                arguments.push(self.expr()?);
                if self.accept("FOR") {
                    arguments.push(self.expr()?);
                }
                ("substr", arguments)
            }
            "TRIM" => self.trim()?,
            "NORMALIZE" => ("normalize", self.normalize()?),
            _ => return Err(self.not_supported(word)),
        };
        self.expect_symbol(")")?;
        self.node(ExprKind::Call(Box::new(Call::plain(ident(name), arguments))), at)
    }

    fn trim(&mut self) -> Parsed<(&'static str, Vec<Expr>)> {
        let side = [("LEADING", "ltrim"), ("TRAILING", "rtrim"), ("BOTH", "trim")]
            .into_iter()
            .find(|(word, _)| self.is_word(0, word) && (self.starts_expr(1) || self.is_word(1, "FROM")));
        if side.is_some() {
            self.advance();
        }
        let name = side.map_or("trim", |(_, name)| name);
        if self.accept("FROM") {
            return Ok((name, vec![self.expr()?]));
        }
        let first = self.expr()?;
        if side.is_some() && !self.is_word(0, "FROM") {
            return Err(self.mismatch("'FROM'"));
        }
        if self.accept("FROM") {
            return Ok((name, vec![self.expr()?, first]));
        }
        if self.accept_symbol(",") {
            return Ok((name, vec![first, self.expr()?]));
        }
        Ok((name, vec![first]))
    }

    fn normalize(&mut self) -> Parsed<Vec<Expr>> {
        let mut arguments = vec![self.expr()?];
        if self.accept_symbol(",") {
            let at = self.at();
            let form = ["NFD", "NFC", "NFKD", "NFKC"].iter().find(|form| self.is_word(0, form));
            let Some(form) = form else {
                return Err(self.mismatch("'NFC', 'NFD', 'NFKC' or 'NFKD'"));
            };
            self.advance();
            arguments.push(self.node(ExprKind::String((*form).to_owned()), at)?);
        }
        Ok(arguments)
    }
}
