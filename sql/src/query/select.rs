//! Queries, set operations, SELECT.

use super::{
    lex::Kind,
    limits::PLAN_DEPTH_MAX,
    parser::{Parsed, Parser},
};
use crate::ast::{
    Body, Cte, Expr, ExprKind, GroupBy, GroupingElement, Ident, Limit, Query, Select, SelectItem,
    SetOperation, SortItem,
};

impl Parser<'_> {
    pub(super) fn query(&mut self) -> Parsed<Query> {
        self.nested(Self::query_here)
    }

    fn query_here(&mut self) -> Parsed<Query> {
        let at = self.at();
        let (mut with, mut recursive) = (Vec::new(), false);
        if self.pending_body.is_none() && self.accept("WITH") {
            recursive = self.accept("RECURSIVE");
            if self.is_word(0, "FUNCTION") && !self.is_word(1, "AS") && !self.is_symbol(1, "(") {
                return Err(self.not_supported("WITH FUNCTION"));
            }
            with = self.comma_separated(Self::cte)?;
        }
        let body = self.union()?;
        let order_by = match self.accept("ORDER BY") {
            true => self.comma_separated(Self::sort_item)?,
            false => Vec::new(),
        };
        let mut offset = None;
        if self.accept("OFFSET") {
            offset = Some(self.row_count()?);
            let _ = self.accept("ROWS") || self.accept("ROW");
        }
        let limit = self.limit()?;
        // Trino's grammar has OFFSET first; the other order is common in other dialects.
        if offset.is_none() && self.accept("OFFSET") {
            offset = Some(self.row_count()?);
            let _ = self.accept("ROWS") || self.accept("ROW");
        }
        if self.sees("FOR") {
            return Err(self.not_supported("FOR behind a query"));
        }
        Ok(Query { with, recursive, body, order_by, offset, limit, at })
    }

    fn cte(&mut self) -> Parsed<Cte> {
        let name = self.name()?;
        let columns = match self.is_symbol(0, "(") {
            true => self.parenthesised(Self::name)?,
            false => Vec::new(),
        };
        self.expect("AS")?;
        self.expect_symbol("(")?;
        let query = self.query()?;
        self.expect_symbol(")")?;
        Ok(Cte { name, columns, query })
    }

    fn limit(&mut self) -> Parsed<Option<Limit>> {
        if self.accept("LIMIT") {
            if self.accept("ALL") {
                return Ok(None);
            }
            return Ok(Some(Limit { rows: self.row_count()?, with_ties: false }));
        }
        if !self.accept("FETCH") {
            return Ok(None);
        }
        if !(self.accept("FIRST") || self.accept("NEXT")) {
            return Err(self.mismatch("'FIRST' or 'NEXT'"));
        }
        let at = self.at();
        let rows = match self.sees("ROW") || self.sees("ROWS") {
            true => self.node(ExprKind::Integer("1".to_owned()), at)?,
            false => self.row_count()?,
        };
        if matches!(&rows.kind, ExprKind::Integer(digits) if digits.bytes().all(|digit| digit == b'0')) {
            return Err(self.syntax("FETCH FIRST row count must be positive (actual value: 0)"));
        }
        if !(self.accept("ROWS") || self.accept("ROW")) {
            return Err(self.mismatch("'ROW' or 'ROWS'"));
        }
        let with_ties = self.accept("WITH TIES");
        if !with_ties {
            self.expect("ONLY")?;
        }
        Ok(Some(Limit { rows, with_ties }))
    }

    /// An integer or a parameter.
    fn row_count(&mut self) -> Parsed<Expr> {
        match self.peek().kind {
            Kind::Integer => self.primary(),
            Kind::Symbol if self.is_symbol(0, "?") => self.primary(),
            _ => Err(self.mismatch("an integer")),
        }
    }

    fn union(&mut self) -> Parsed<Body> {
        let mut body = self.intersect()?;
        let mut changes = 0;
        loop {
            let at = self.at();
            let operation = match () {
                () if self.accept("UNION") => SetOperation::Union,
                () if self.accept("EXCEPT") => SetOperation::Except,
                () => return Ok(body),
            };
            let all = self.set_quantifier()?;
            let right = self.intersect()?;
            self.count_change(&body, operation, all, &mut changes)?;
            body = joined(body, operation, all, right, at);
        }
    }

    fn intersect(&mut self) -> Parsed<Body> {
        let mut body = self.body_term()?;
        let mut changes = 0;
        loop {
            let at = self.at();
            if !self.accept("INTERSECT") {
                return Ok(body);
            }
            let all = self.set_quantifier()?;
            let right = self.body_term()?;
            self.count_change(&body, SetOperation::Intersect, all, &mut changes)?;
            body = joined(body, SetOperation::Intersect, all, right, at);
        }
    }

    /// Each other operation puts those before one level deeper.
    fn count_change(
        &self,
        body: &Body,
        operation: SetOperation,
        all: bool,
        changes: &mut usize,
    ) -> Parsed<()> {
        let same =
            matches!(body, Body::SetOperation { operation: o, all: a, .. } if *o == operation && *a == all);
        *changes += usize::from(!same);
        match *changes > PLAN_DEPTH_MAX {
            true => Err(self
                .not_supported(&format!("more than {PLAN_DEPTH_MAX} different set operations in a chain"))),
            false => Ok(()),
        }
    }

    fn set_quantifier(&mut self) -> Parsed<bool> {
        let all = self.accept("ALL");
        if !all {
            self.accept("DISTINCT");
        }
        match self.sees("CORRESPONDING") {
            true => Err(self.not_supported("CORRESPONDING")),
            false => Ok(all),
        }
    }

    fn body_term(&mut self) -> Parsed<Body> {
        if let Some(pending) = self.pending_body.take() {
            return Ok(pending);
        }
        let at = self.at();
        if self.accept_symbol("(") {
            let query = self.query()?;
            self.expect_symbol(")")?;
            return Ok(Body::Query(Box::new(query)));
        }
        if self.accept("VALUES") {
            return Ok(Body::Values { rows: self.comma_separated(Self::expr)?, at });
        }
        if self.accept("TABLE") {
            return Ok(Body::Table { name: self.dotted_name()?, at });
        }
        if self.accept("SELECT") {
            return self.select(at).map(|select| Body::Select(Box::new(select)));
        }
        Err(self.mismatch("a query"))
    }

    /// `DISTINCT`, or `ALL` where that is not a name itself.
    pub(super) fn quantifier(&mut self) -> bool {
        let distinct = self.accept("DISTINCT");
        if !distinct && self.is_word(0, "ALL") && (self.starts_expr(1) || self.is_symbol(1, "*")) {
            self.advance();
        }
        distinct
    }

    /// Behind SELECT.
    fn select(&mut self, at: usize) -> Parsed<Select> {
        let distinct = self.quantifier();
        let items = self.comma_separated(Self::select_item)?;
        let from = match self.accept("FROM") {
            true => self.comma_separated(Self::relation)?,
            false => Vec::new(),
        };
        let filter = self.clause("WHERE")?;
        let group_by = match self.accept("GROUP BY") {
            true => Some(self.group_by()?),
            false => None,
        };
        let having = self.clause("HAVING")?;
        let windows = match self.accept("WINDOW") {
            true => self.comma_separated(Self::named_window)?,
            false => Vec::new(),
        };
        if self.sees("QUALIFY") {
            return Err(self.not_supported("QUALIFY"));
        }
        Ok(Select { distinct, items, from, filter, group_by, having, windows, at })
    }

    fn clause(&mut self, word: &str) -> Parsed<Option<Expr>> {
        if self.accept(word) { self.expr().map(Some) } else { Ok(None) }
    }

    fn select_item(&mut self) -> Parsed<SelectItem> {
        let at = self.at();
        if self.accept_symbol("*") {
            return Ok(SelectItem::All { of: None, aliases: Vec::new(), at });
        }
        let expr = self.expr()?;
        if self.is_symbol(0, ".") && self.is_symbol(1, "*") {
            self.advance();
            self.advance();
            let aliases = match self.accept("AS") {
                true => self.parenthesised(Self::name)?,
                false => Vec::new(),
            };
            return Ok(SelectItem::All { of: Some(expr), aliases, at });
        }
        let alias = self.alias()?;
        Ok(SelectItem::Expr { expr, alias })
    }

    /// `[AS] name`
    fn alias(&mut self) -> Parsed<Option<Ident>> {
        if self.accept("AS") {
            // Hive and others allow strings here, Trino does not.
            return self.name().map(Some);
        }
        if self.sees_name(0) && !self.starts_clause() {
            return self.bare_alias().map(Some);
        }
        Ok(None)
    }

    pub(super) fn sort_item(&mut self) -> Parsed<SortItem> {
        let expr = self.expr()?;
        let descending = !self.accept("ASC") && self.accept("DESC");
        let mut nulls_first = false;
        if self.accept("NULLS") {
            nulls_first = self.accept("FIRST");
            if !nulls_first {
                self.expect("LAST")?;
            }
        }
        Ok(SortItem { expr, descending, nulls_first })
    }

    fn group_by(&mut self) -> Parsed<GroupBy> {
        let distinct = self.accept("DISTINCT");
        if !distinct && self.sees("ALL") {
            // `GROUP BY ALL a` is the default; `GROUP BY ALL` alone is newer than Athena's engine.
            self.advance();
            if !self.starts_expr(0) {
                return Err(self.not_supported("GROUP BY ALL without expressions"));
            }
        }
        Ok(GroupBy { distinct, elements: self.comma_separated(Self::grouping_element)? })
    }

    fn grouping_element(&mut self) -> Parsed<GroupingElement> {
        if self.accept("ROLLUP") {
            return Ok(GroupingElement::Rollup(self.parenthesised(Self::grouping_set)?));
        }
        if self.accept("CUBE") {
            return Ok(GroupingElement::Cube(self.parenthesised(Self::grouping_set)?));
        }
        if self.accept("GROUPING SETS") {
            return Ok(GroupingElement::Sets(self.parenthesised(Self::grouping_set)?));
        }
        if self.is_symbol(0, "(") {
            let mut set = self.grouping_set()?;
            return Ok(match (set.len(), set.pop()) {
                (1, Some(expr)) => GroupingElement::Expr(expr),
                (_, last) => {
                    set.extend(last);
                    GroupingElement::Sets(vec![set])
                }
            });
        }
        Ok(GroupingElement::Expr(self.expr()?))
    }

    /// `a`, `(a, b)` or `()`; `(a + b) * c` is an expression that begins with a parenthesis.
    fn grouping_set(&mut self) -> Parsed<Vec<Expr>> {
        if !self.is_symbol(0, "(") {
            return Ok(vec![self.expr()?]);
        }
        if self.is_symbol(1, ")") {
            self.advance();
            self.advance();
            return Ok(Vec::new());
        }
        let at = self.at();
        let first = self.in_parentheses()?;
        let behind = self.progress();
        self.pending = Some(first);
        let expr = self.expr()?;
        match expr.kind {
            ExprKind::Row(items) if self.progress() == behind && expr.at == at => Ok(items),
            _ => Ok(vec![expr]),
        }
    }
}

/// One flat list where the operations are the same and associate.
fn joined(left: Body, operation: SetOperation, all: bool, right: Body, at: usize) -> Body {
    match left {
        Body::SetOperation { operation: same, all: same_all, mut inputs, at }
            if same == operation && same_all == all =>
        {
            inputs.push(right);
            Body::SetOperation { operation, all, inputs, at }
        }
        left => Body::SetOperation { operation, all, inputs: vec![left, right], at },
    }
}
