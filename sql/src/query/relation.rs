//! Items of FROM.

use super::{
    lex::Kind,
    parser::{Parsed, Parser},
};
use crate::ast::{Ident, JoinCondition, JoinKind, Relation, RelationKind};

/// Tables, subqueries and functions in one item of FROM, at most. A plan of 490 joins overflows the stack
/// of a runtime's thread in an unoptimised build, one of 240 does not.
const RELATIONS_MAX: usize = 250;

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
            if joins > RELATIONS_MAX {
                return Err(self.not_supported(&format!("more than {RELATIONS_MAX} tables in one query")));
            }
            let right = match kind {
                JoinKind::Cross => self.sampled()?,
                _ if natural => self.sampled()?,
                // `a JOIN b JOIN c ON … ON …` nests to the right.
                _ => self.join_operand()?,
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

    /// The right side of a join with a condition: a relation, or joins whose conditions come first.
    fn join_operand(&mut self) -> Parsed<Relation> {
        let relation = self.sampled()?;
        let joins = ["JOIN", "INNER", "LEFT", "RIGHT", "FULL", "CROSS", "NATURAL"];
        match joins.iter().any(|word| self.is_word(0, word)) {
            true => self.nested(|parser| parser.joined_from(relation)),
            false => Ok(relation),
        }
    }

    fn joined_from(&mut self, left: Relation) -> Parsed<Relation> {
        let at = self.at();
        let kind = match () {
            () if self.accept("INNER JOIN") || self.accept("JOIN") => JoinKind::Inner,
            () if self.accept("LEFT OUTER JOIN") || self.accept("LEFT JOIN") => JoinKind::Left,
            () if self.accept("RIGHT OUTER JOIN") || self.accept("RIGHT JOIN") => JoinKind::Right,
            () if self.accept("FULL OUTER JOIN") || self.accept("FULL JOIN") => JoinKind::Full,
            () => return Err(self.mismatch("'ON' or 'USING'")),
        };
        let right = self.join_operand()?;
        let condition = self.join_condition()?;
        let kind = RelationKind::Join { left: Box::new(left), right: Box::new(right), kind, condition };
        Ok(Relation { kind, at })
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
        let explicit = self.accept("AS");
        if !explicit && !self.starts_alias() {
            return Ok(relation);
        }
        let alias = self.name()?;
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

    /// True if a name comes next that does not begin a clause.
    fn starts_alias(&self) -> bool {
        const CLAUSES: &[&str] = &["TABLESAMPLE", "LIMIT", "OFFSET", "FETCH", "WINDOW", "QUALIFY", "LATERAL"];
        self.sees_name(0) && !CLAUSES.iter().any(|word| self.is_word(0, word))
    }

    fn relation_primary(&mut self) -> Parsed<Relation> {
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

    /// `(query)`, or joins in parentheses; both may begin with several parentheses.
    fn parenthesised_relation(&mut self, at: usize) -> Parsed<Relation> {
        if !self.sees_query(0) {
            self.advance();
            let relation = self.nested(Self::relation)?;
            self.expect_symbol(")")?;
            return Ok(relation);
        }
        let nested = self.is_symbol(1, "(");
        let mark = self.mark();
        let as_query = self.subquery(false, at);
        if as_query.is_ok() || !nested || self.retries == 0 {
            return as_query;
        }
        // `((SELECT …) a JOIN b …)`
        self.retries -= 1;
        self.rewind(mark);
        self.advance();
        let relation = self.nested(Self::relation);
        match relation {
            Ok(relation) if self.accept_symbol(")") => Ok(relation),
            Ok(_) | Err(_) => as_query,
        }
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
