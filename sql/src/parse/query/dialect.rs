//! What sqlparser is told about Athena's queries.
//!
//! sqlparser asks built-in dialects by type in many places, so this one passes for its generic one; of
//! that one's switches only those are on that Trino's grammar has. A switch that would let the planner
//! drop a clause in silence (table versions, hints, `SETTINGS`) stays off, so that the clause is a
//! syntax error.
//!
//! It also bounds the parser's work: where a text does not parse, sqlparser tries words again as plain
//! names, which doubles with each level of nesting. The dialect is asked at every operand, so it can
//! count them and put an end to it.

use std::{any::TypeId, cell::Cell};

use datafusion::sql::sqlparser::{
    ast::Expr,
    dialect::{Dialect, GenericDialect},
    keywords::Keyword,
    parser::{Parser, ParserError},
};

/// Operands read per token before a parse is given up, and as many for free. Ordinary queries need two.
const OPERANDS_PER_TOKEN_MAX: usize = 20;
const OPERANDS_FREE: usize = 50_000;

/// The language of queries. Lives for one statement.
#[derive(Debug)]
pub(super) struct Athena {
    operands_left: Cell<usize>,
}

impl Athena {
    /// For a text of this many tokens.
    pub(super) fn for_tokens(tokens: usize) -> Self {
        Self { operands_left: Cell::new(OPERANDS_FREE + tokens.saturating_mul(OPERANDS_PER_TOKEN_MAX)) }
    }

    /// The parser was stopped because it went round in circles; its error is of no interest.
    pub(super) fn is_exhausted(&self) -> bool {
        self.operands_left.get() == 0
    }
}

impl Dialect for Athena {
    fn dialect(&self) -> TypeId {
        TypeId::of::<GenericDialect>()
    }

    fn parse_prefix(&self, _: &mut Parser<'_>) -> Option<Result<Expr, ParserError>> {
        let left = self.operands_left.get();
        self.operands_left.set(left.saturating_sub(1));
        (left == 0).then_some(Err(ParserError::RecursionLimitExceeded))
    }

    fn is_delimited_identifier_start(&self, ch: char) -> bool {
        ch == '"' || ch == '`'
    }

    fn is_identifier_start(&self, ch: char) -> bool {
        ch.is_alphabetic() || ch == '_'
    }

    fn is_identifier_part(&self, ch: char) -> bool {
        ch.is_alphanumeric() || ch == '_' || ch == '$'
    }

    /// Words that Trino reserves and sqlparser would take for names where they do not parse.
    fn is_reserved_for_identifier(&self, keyword: Keyword) -> bool {
        matches!(
            keyword,
            Keyword::CASE
                | Keyword::CAST
                | Keyword::EXISTS
                | Keyword::EXTRACT
                | Keyword::INTERVAL
                | Keyword::NOT
                | Keyword::NULL
                | Keyword::TRIM
                | Keyword::TRY_CAST
        )
    }

    /// `U&'\00e9'`
    fn supports_unicode_string_literal(&self) -> bool {
        true
    }

    /// Off, `1_000` would read as `1 AS _000`.
    fn supports_numeric_literal_underscores(&self) -> bool {
        true
    }

    fn supports_filter_during_aggregation(&self) -> bool {
        true
    }

    fn supports_window_clause_named_window_reference(&self) -> bool {
        true
    }

    fn supports_group_by_expr(&self) -> bool {
        true
    }

    /// `x -> x + 1`
    fn supports_lambda_functions(&self) -> bool {
        true
    }

    /// Off, `a JOIN b JOIN c` would nest to the right, and a chain of joins would recurse.
    fn supports_left_associative_joins_without_parens(&self) -> bool {
        true
    }

    fn supports_parens_around_table_factor(&self) -> bool {
        true
    }

    fn supports_values_as_table_factor(&self) -> bool {
        true
    }

    fn supports_match_recognize(&self) -> bool {
        true
    }

    /// Types written `int[]`; DataFusion prints them so.
    fn supports_array_typedef_with_brackets(&self) -> bool {
        true
    }
}
