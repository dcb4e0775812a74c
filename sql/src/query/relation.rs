//! Items of FROM.

use super::{
    Problem,
    lex::Kind,
    limits::PLAN_DEPTH_MAX,
    parser::{Parsed, Parser},
};
use crate::ast::{Ident, JoinCondition, JoinKind, Relation, RelationKind};

impl Parser<'_> {
    pub(super) fn relation(&mut self) -> Parsed<Relation> {
        let mut left = self.sampled()?;
        let mut joins = 0;
        loop {
            let at = self.at();
            let natural = self.accept("NATURAL");
            let kind = match () {
                () if self.accept("CROSS JOIN") => JoinKind::Cross,
                () if self.accept("INNER JOIN") || self.accept("JOIN") => JoinKind::Inner,
                () if self.accept("LEFT OUTER JOIN") || self.accept("LEFT JOIN") => JoinKind::Left,
                () if self.accept("RIGHT OUTER JOIN") || self.accept("RIGHT JOIN") => JoinKind::Right,
                () if self.accept("FULL OUTER JOIN") || self.accept("FULL JOIN") => JoinKind::Full,
                () if natural => return Err(self.mismatch("'JOIN'")),
                () => return Ok(left),
            };
            joins += 1;
            if joins > PLAN_DEPTH_MAX {
                return Err(self.not_supported(&format!("more than {PLAN_DEPTH_MAX} joins in one query")));
            }
            let right = match kind {
                JoinKind::Cross => self.sampled()?,
                _ if natural => self.sampled()?,
                // `a JOIN b JOIN c ON … ON …` nests to the right.
                _ => self.nested(Self::relation)?,
            };
            let condition = match kind {
                JoinKind::Cross => JoinCondition::None,
                _ if natural => JoinCondition::Natural,
                _ => self.join_condition()?,
            };
            let kind = RelationKind::Join { left: Box::new(left), right: Box::new(right), kind, condition };
            left = Relation { kind, at };
        }
    }

    fn join_condition(&mut self) -> Parsed<JoinCondition> {
        if self.accept("ON") {
            return self.expr().map(JoinCondition::On);
        }
        if self.accept("USING") {
            return self.parenthesised(Self::name).map(JoinCondition::Using);
        }
        Err(self.mismatch("'ON' or 'USING'"))
    }

    fn sampled(&mut self) -> Parsed<Relation> {
        let relation = self.aliased()?;
        let at = self.at();
        if !self.accept("TABLESAMPLE") {
            return Ok(relation);
        }
        let bernoulli = self.accept("BERNOULLI");
        if !bernoulli {
            self.expect("SYSTEM")?;
        }
        self.expect_symbol("(")?;
        let percentage = self.expr()?;
        self.expect_symbol(")")?;
        let kind = RelationKind::Sample { relation: Box::new(relation), bernoulli, percentage };
        Ok(Relation { kind, at })
    }

    fn aliased(&mut self) -> Parsed<Relation> {
        let relation = self.relation_primary()?;
        if self.sees("FOR TIMESTAMP")
            || self.sees("FOR SYSTEM_TIME")
            || self.sees("FOR VERSION")
            || self.sees("FOR SYSTEM_VERSION")
        {
            return Err(
                self.not_supported("FOR … AS OF (time travel) of a table that is not an Iceberg table")
            );
        }
        if self.sees("MATCH_RECOGNIZE") {
            return Err(self.not_supported("MATCH_RECOGNIZE"));
        }
        if self.sees("LATERAL VIEW") {
            let problem = self.not_supported("LATERAL VIEW");
            let error = problem.error.with_hint("write CROSS JOIN UNNEST(array) AS t (column)");
            return Err(Problem { error, ..problem });
        }
        let alias = match () {
            () if self.accept("AS") => self.name()?,
            () if self.sees_name(0) && !self.starts_clause() => self.bare_alias()?,
            () => return Ok(relation),
        };
        let columns = match self.is_symbol(0, "(") {
            true => self.parenthesised(Self::name)?,
            false => Vec::new(),
        };
        if self.sees("MATCH_RECOGNIZE") {
            return Err(self.not_supported("MATCH_RECOGNIZE"));
        }
        let at = relation.at;
        Ok(Relation { kind: RelationKind::Aliased { relation: Box::new(relation), alias, columns }, at })
    }

    fn relation_primary(&mut self) -> Parsed<Relation> {
        if let Some(pending) = self.pending_relation.take() {
            return Ok(pending);
        }
        let at = self.at();
        if self.is_word(0, "UNNEST") && self.is_symbol(1, "(") {
            self.advance();
            let arrays = self.parenthesised(Self::expr)?;
            let ordinality = self.accept("WITH ORDINALITY");
            return Ok(Relation { kind: RelationKind::Unnest { arrays, ordinality }, at });
        }
        if self.is_word(0, "LATERAL") && self.is_symbol(1, "(") {
            self.advance();
            return self.subquery(true, at);
        }
        if self.is_word(0, "JSON_TABLE") && self.is_symbol(1, "(") {
            return Err(self.not_supported("JSON_TABLE"));
        }
        if self.is_word(0, "TABLE") && self.is_symbol(1, "(") {
            return self.table_function(at);
        }
        if self.is_symbol(0, "(") {
            return self.parenthesised_relation(at);
        }
        if let Kind::Text(_) = self.peek().kind {
            return Err(self.not_supported("a file in place of a table"));
        }
        Ok(Relation { kind: RelationKind::Table(self.dotted_name()?), at })
    }

    fn subquery(&mut self, lateral: bool, at: usize) -> Parsed<Relation> {
        self.expect_symbol("(")?;
        let query = Box::new(self.query()?);
        self.expect_symbol(")")?;
        Ok(Relation { kind: RelationKind::Subquery { query, lateral }, at })
    }

    /// `TABLE(function(argument, name => argument))`
    fn table_function(&mut self, at: usize) -> Parsed<Relation> {
        self.advance();
        self.expect_symbol("(")?;
        let name = self.name()?;
        self.expect_symbol("(")?;
        let mut arguments: Vec<(Option<Ident>, _)> = Vec::new();
        if !self.is_symbol(0, ")") {
            arguments = self.comma_separated(|parser| {
                let named = parser.sees_name(0) && parser.is_symbol(1, "=>");
                let name = named.then(|| parser.name()).transpose()?;
                if named {
                    parser.advance();
                }
                Ok((name, parser.expr()?))
            })?;
        }
        self.expect_symbol(")")?;
        self.expect_symbol(")")?;
        Ok(Relation { kind: RelationKind::TableFunction { name, arguments }, at })
    }
}
