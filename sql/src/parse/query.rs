//! Queries, and `EXPLAIN` in front of one: sqlparser does the reading, we bound it and put its complaints
//! into Athena's words.
//!
//! sqlparser recurses, and so does dropping what it made. It therefore works on a thread of its own with
//! a stack large enough for the worst text of `STATEMENT_BYTES_MAX` bytes; only a tree whose depth was
//! checked (`shape`) leaves that thread.

mod dialect;
mod errors;
mod refuse;
mod shape;

use std::thread;

use datafusion::sql::{
    parser::Statement as QueryStatement,
    sqlparser::{
        ast,
        keywords::Keyword,
        parser::{Parser, ParserError},
        tokenizer::{Location, Token, TokenWithSpan, Tokenizer, Word},
    },
};
use protocol::{Error, Position, Result};

use super::{cursor::Cursor, lex};
use crate::Statement;
use dialect::Athena;

pub(crate) use errors::parser_error;

/// Depth at which sqlparser gives up: each parenthesis, subquery, CASE or call costs one or two.
const PARSER_DEPTH_MAX: usize = 128;

/// Stack of the parsing thread. Address space, not memory: pages are used as far as the text is deep.
/// `deep_statements_are_refused_not_fatal` passes unoptimised with half of it.
const PARSER_STACK_BYTES: usize = 128 * 1024 * 1024;

/// Subqueries parsed again, at most, to find the one that holds an error.
const SUBQUERY_RETRIES_MAX: usize = 64;

/// True if a query comes next.
pub(super) fn starts_here(cursor: &Cursor<'_>) -> bool {
    cursor.at_symbol('(') || ["SELECT", "WITH", "VALUES", "TABLE"].iter().any(|head| cursor.at(head))
}

/// Reads the query that makes up the rest of the statement.
pub(super) fn query(cursor: &mut Cursor<'_>) -> Result<Statement> {
    body(cursor).map(Statement::Query)
}

/// At `EXPLAIN`.
pub(super) fn explain(cursor: &mut Cursor<'_>) -> Result<Statement> {
    cursor.expect("EXPLAIN")?;
    let analyze = cursor.accept("ANALYZE");
    let verbose = cursor.accept("VERBOSE");
    let has_options =
        cursor.at_symbol('(') && ["TYPE", "FORMAT"].contains(&cursor.word_at(1).unwrap_or_default().as_str());
    if has_options {
        cursor.list(explain_option)?;
    }
    if !starts_here(cursor) {
        let head = cursor.peek_word().unwrap_or_default();
        return Err(match head.as_str() {
            "CREATE" | "INSERT" | "UPDATE" | "DELETE" | "MERGE" | "DROP" | "ALTER" | "SHOW" | "DESCRIBE"
            | "UNLOAD" => cursor.not_supported(&format!("EXPLAIN of {head}")),
            _ => cursor.mismatch("a query"),
        });
    }
    Ok(Statement::Explain { analyze, verbose, query: body(cursor)? })
}

/// The options that name what is shown anyway; any other is refused.
fn explain_option(cursor: &mut Cursor<'_>) -> Result<()> {
    if cursor.accept("TYPE DISTRIBUTED") || cursor.accept("FORMAT TEXT") {
        return Ok(());
    }
    let option = cursor.peek_word().unwrap_or_default();
    let value = cursor.word_at(1).unwrap_or_default();
    match option.as_str() {
        "TYPE" | "FORMAT" => Err(cursor.not_supported(&format!("EXPLAIN ({option} {value})"))),
        _ => Err(cursor.mismatch("'TYPE' or 'FORMAT'")),
    }
}

/// Parses the rest of the statement on the parsing thread.
fn body(cursor: &mut Cursor<'_>) -> Result<Box<QueryStatement>> {
    shape::check_tokens(cursor)?;
    let start = lex::position(cursor.text(), cursor.peek().start);
    cursor.skip_to_end();
    let text = cursor.text().get(..cursor.peek().start).unwrap_or_default();
    let parsed = thread::scope(|scope| {
        let thread = thread::Builder::new()
            .name("sql-parse".to_owned())
            .stack_size(PARSER_STACK_BYTES)
            .spawn_scoped(scope, || parse_and_check(text, start));
        match thread {
            Ok(thread) => thread.join().unwrap_or_else(|_| Err(Error::internal("the query parser panicked"))),
            Err(error) => {
                Err(Error::internal(format!("no thread for the query parser: {error}")).retryable())
            }
        }
    })?;
    let statement = ast::Statement::Query(parsed);
    Ok(Box::new(QueryStatement::Statement(Box::new(statement))))
}

fn parse_and_check(text: &str, start: Position) -> Result<Box<ast::Query>> {
    let mut query = parse(text, start)?;
    shape::check(&mut query)?;
    Ok(query)
}

fn parse(text: &str, start: Position) -> Result<Box<ast::Query>> {
    let mut tokens = Tokenizer::new(&Athena::for_tokens(0), text)
        .tokenize_with_location()
        .map_err(|error| parser_error(&error.into(), text))?;
    tokens
        .retain(|token| !is_before(token.span.start, start) && !matches!(token.token, Token::Whitespace(_)));
    expand_table_statement(&mut tokens);
    let dialect = Athena::for_tokens(tokens.len());
    let mut parser = parser(&dialect, tokens.clone());
    let parsed = parser.parse_query().and_then(|query| match &parser.peek_token_ref().token {
        Token::EOF => Ok(query),
        _ => parser.expected_ref("end of statement", parser.peek_token_ref()),
    });
    parsed.map_err(|outer| {
        let error = innermost_error(&dialect, &tokens, outer);
        let error = if dialect.is_exhausted() { ParserError::RecursionLimitExceeded } else { error };
        parser_error(&error, text)
    })
}

fn parser(dialect: &Athena, tokens: Vec<TokenWithSpan>) -> Parser<'_> {
    Parser::new(dialect).with_recursion_limit(PARSER_DEPTH_MAX).with_tokens_with_locations(tokens)
}

fn is_before(location: Location, start: Position) -> bool {
    (location.line, location.column) < (start.line, start.column)
}

fn is_keyword(token: Option<&TokenWithSpan>, keywords: &[Keyword]) -> bool {
    token.is_some_and(
        |token| matches!(&token.token, Token::Word(word) if word.quote_style.is_none() && keywords.contains(&word.keyword)),
    )
}

/// `TABLE t` is short for `SELECT * FROM t`; the planner knows only the long form.
fn expand_table_statement(tokens: &mut Vec<TokenWithSpan>) {
    if !is_keyword(tokens.first(), &[Keyword::TABLE]) {
        return;
    }
    let Some(span) = tokens.first().map(|token| token.span) else {
        return;
    };
    let keyword =
        |text: &str, keyword| Token::Word(Word { value: text.to_owned(), quote_style: None, keyword });
    let long = [keyword("SELECT", Keyword::SELECT), Token::Mul, keyword("FROM", Keyword::FROM)];
    tokens.splice(..1, long.map(|token| TokenWithSpan { token, span }));
}

/// The error of the innermost subquery that cannot be parsed by itself, if there is one.
///
/// When `(SELECT …)` fails, sqlparser tries it again as a parenthesised join and reports how that failed,
/// which is of no help.
fn innermost_error(dialect: &Athena, tokens: &[TokenWithSpan], outer: ParserError) -> ParserError {
    if outer == ParserError::RecursionLimitExceeded || dialect.is_exhausted() {
        return outer;
    }
    let opens_subquery = |pair: &[TokenWithSpan]| {
        matches!(pair.first(), Some(token) if token.token == Token::LParen)
            && is_keyword(pair.get(1), &[Keyword::SELECT, Keyword::WITH])
    };
    let starts = (1..tokens.len()).rev().filter(|at| tokens.get(at - 1..=*at).is_some_and(opens_subquery));
    for start in starts.take(SUBQUERY_RETRIES_MAX) {
        let subquery = tokens.get(start..).unwrap_or_default().to_vec();
        match parser(dialect, subquery).parse_query() {
            Err(ParserError::RecursionLimitExceeded) | Ok(_) => {}
            Err(inner) => return inner,
        }
    }
    outer
}
