//! Statements around a query: `CREATE TABLE … AS`, `INSERT`, `UNLOAD`, `CREATE VIEW`, `EXPLAIN` with
//! options. The query inside is cut out as text and not read here.

use protocol::Result;

use super::{constants::with_properties, cursor::Cursor, lex::Kind, query};
use crate::{
    CreateTableAs, CreateView, Explain, ExplainFormat, ExplainKind, Insert, QueryText, Statement, TableName,
    Unload,
};

/// First words of a query that is not in parentheses.
const QUERY_HEADS: &[&str] = &["SELECT", "WITH", "VALUES", "TABLE"];

const A_QUERY: &str = "a query";

/// The query that makes up the rest of the statement.
fn query_text(cursor: &mut Cursor<'_>) -> Result<QueryText> {
    if !query::starts_here(cursor) {
        return Err(cursor.mismatch(A_QUERY));
    }
    cursor.rest_text(A_QUERY)
}

/// At `CREATE [OR REPLACE] VIEW`.
pub(super) fn create_view(cursor: &mut Cursor<'_>) -> Result<Statement> {
    cursor.expect("CREATE")?;
    let or_replace = cursor.accept("OR REPLACE");
    cursor.expect("VIEW")?;
    if cursor.at("IF NOT EXISTS") {
        let hint = "write CREATE OR REPLACE VIEW, or drop the view first";
        return Err(cursor.not_supported("CREATE VIEW IF NOT EXISTS").with_hint(hint));
    }
    let name = cursor.table_name()?;
    if cursor.at_symbol('(') {
        let hint = "name the columns in the query: SELECT … AS name";
        return Err(cursor.not_supported("CREATE VIEW with a list of columns").with_hint(hint));
    }
    let comment = plain_comment(cursor)?;
    let run_as_invoker = security(cursor)?;
    cursor.expect("AS")?;
    let query = query_text(cursor)?;
    Ok(Statement::CreateView(Box::new(CreateView { name, or_replace, comment, run_as_invoker, query })))
}

fn plain_comment(cursor: &mut Cursor<'_>) -> Result<Option<String>> {
    if cursor.accept("COMMENT") { cursor.plain_string("a string").map(Some) } else { Ok(None) }
}

/// `[SECURITY {DEFINER | INVOKER}]`: true for the invoker.
fn security(cursor: &mut Cursor<'_>) -> Result<bool> {
    if !cursor.accept("SECURITY") || cursor.accept("DEFINER") {
        return Ok(false);
    }
    if cursor.accept("INVOKER") { Ok(true) } else { Err(cursor.mismatch("'DEFINER' or 'INVOKER'")) }
}

/// True if the rest of a `CREATE TABLE` ends in a query.
pub(super) fn is_table_as(cursor: &Cursor<'_>) -> bool {
    find_as(cursor).is_some()
}

/// The `AS` in front of the query. Not that of `STORED AS` or `NULL DEFINED AS`.
fn find_as(cursor: &Cursor<'_>) -> Option<usize> {
    let tokens = cursor.rest();
    let is_word =
        |at: usize, word: &str| tokens.get(at).is_some_and(|token| token.text.eq_ignore_ascii_case(word));
    let opens_query = |at: usize| {
        tokens.get(at).is_some_and(|token| token.kind == Kind::Symbol('('))
            || QUERY_HEADS.iter().any(|head| is_word(at, head))
    };
    (0..tokens.len()).find(|at| is_word(*at, "AS") && opens_query(at + 1))
}

/// Behind the name of `CREATE TABLE name`, where [`is_table_as`].
pub(super) fn create_table_as(
    cursor: &mut Cursor<'_>,
    name: TableName,
    if_not_exists: bool,
) -> Result<Statement> {
    let columns = match cursor.at_symbol('(') {
        true => cursor.list(|cursor| cursor.name("a column name"))?,
        false => Vec::new(),
    };
    let comment = plain_comment(cursor)?;
    let properties = with_properties(cursor)?;
    cursor.expect("AS")?;
    if !query::starts_here(cursor) {
        return Err(cursor.mismatch(A_QUERY));
    }
    let (words, with_data) = match (cursor.ends_with("WITH NO DATA"), cursor.ends_with("WITH DATA")) {
        (true, _) => (3, false),
        (false, true) => (2, true),
        (false, false) => (0, true),
    };
    let query = cursor.text_to(cursor.length() - words, A_QUERY)?;
    cursor.skip_to_end();
    let table = CreateTableAs { name, if_not_exists, columns, comment, properties, query, with_data };
    Ok(Statement::CreateTableAs(Box::new(table)))
}

/// At `INSERT`.
pub(super) fn insert(cursor: &mut Cursor<'_>) -> Result<Statement> {
    if cursor.at("INSERT OVERWRITE") {
        return Err(cursor.not_supported("INSERT OVERWRITE").with_hint("write INSERT INTO"));
    }
    cursor.expect("INSERT INTO")?;
    let table = cursor.table_name()?;
    if cursor.at("PARTITION") {
        let hint = "give the partition keys as the last columns of the query";
        return Err(cursor.not_supported("INSERT INTO … PARTITION").with_hint(hint));
    }
    // `(a)` and `(a, b)` are columns, `(SELECT …` opens a query.
    let lists_columns =
        cursor.at_symbol('(') && matches!(cursor.peek_at(2).kind, Kind::Symbol(',' | ')') | Kind::End);
    let columns = match lists_columns {
        true => cursor.list(|cursor| cursor.name("a column name"))?,
        false => Vec::new(),
    };
    let query = query_text(cursor)?;
    Ok(Statement::Insert(Box::new(Insert { table, columns, query })))
}

/// At `UNLOAD`.
pub(super) fn unload(cursor: &mut Cursor<'_>) -> Result<Statement> {
    cursor.expect("UNLOAD")?;
    let query = cursor.parenthesised(A_QUERY)?;
    cursor.expect("TO")?;
    let location = cursor.plain_string("a location in quotes")?;
    let properties = with_properties(cursor)?;
    Ok(Statement::Unload(Box::new(Unload { query, location, properties })))
}

/// At `EXPLAIN`.
pub(super) fn explain(cursor: &mut Cursor<'_>) -> Result<Statement> {
    cursor.expect("EXPLAIN")?;
    let analyze = cursor.accept("ANALYZE");
    let verbose = cursor.accept("VERBOSE");
    let (mut kind, mut format) = (None, None);
    let has_options =
        cursor.at_symbol('(') && ["TYPE", "FORMAT"].contains(&cursor.word_at(1).unwrap_or_default().as_str());
    if has_options {
        cursor.list(|cursor| explain_option(cursor, analyze, &mut kind, &mut format))?;
    }
    let kind = kind.unwrap_or_default();
    // What a query would read is always told in JSON.
    let format = match (kind, format) {
        (ExplainKind::Io, None) => ExplainFormat::Json,
        (_, format) => format.unwrap_or_default(),
    };
    if !query::starts_here(cursor) {
        return Err(not_explained(cursor));
    }
    let query = query_text(cursor)?;
    Ok(Statement::Explain(Box::new(Explain { analyze, verbose, kind, format, query })))
}

fn explain_option(
    cursor: &mut Cursor<'_>,
    analyze: bool,
    kind: &mut Option<ExplainKind>,
    format: &mut Option<ExplainFormat>,
) -> Result<()> {
    let start = cursor.peek();
    let fresh = if cursor.at("TYPE") {
        if analyze {
            return Err(cursor.not_supported("EXPLAIN ANALYZE (TYPE …)"));
        }
        cursor.advance();
        kind.replace(explain_kind(cursor)?).is_none()
    } else if cursor.accept("FORMAT") {
        format.replace(explain_format(cursor, analyze)?).is_none()
    } else {
        return Err(cursor.mismatch("'TYPE' or 'FORMAT'"));
    };
    let complaint = || cursor.syntax_at(start, format!("{} is given twice", start.text.to_uppercase()));
    if fresh { Ok(()) } else { Err(complaint()) }
}

fn explain_kind(cursor: &mut Cursor<'_>) -> Result<ExplainKind> {
    let kind = match cursor.peek_word().unwrap_or_default().as_str() {
        "LOGICAL" => ExplainKind::Logical,
        "DISTRIBUTED" => ExplainKind::Distributed,
        "VALIDATE" => ExplainKind::Validate,
        "IO" => ExplainKind::Io,
        _ => return Err(cursor.mismatch("'LOGICAL', 'DISTRIBUTED', 'VALIDATE' or 'IO'")),
    };
    cursor.advance();
    Ok(kind)
}

fn explain_format(cursor: &mut Cursor<'_>, analyze: bool) -> Result<ExplainFormat> {
    let format = match cursor.peek_word().unwrap_or_default().as_str() {
        "TEXT" => ExplainFormat::Text,
        "JSON" => ExplainFormat::Json,
        "GRAPHVIZ" if analyze => return Err(cursor.not_supported("EXPLAIN ANALYZE (FORMAT GRAPHVIZ)")),
        "GRAPHVIZ" => ExplainFormat::Graphviz,
        _ => return Err(cursor.mismatch("'TEXT', 'JSON' or 'GRAPHVIZ'")),
    };
    cursor.advance();
    Ok(format)
}

fn not_explained(cursor: &Cursor<'_>) -> protocol::Error {
    let head = cursor.peek_word().unwrap_or_default();
    match head.as_str() {
        "CREATE" | "INSERT" | "UPDATE" | "DELETE" | "MERGE" | "DROP" | "ALTER" | "SHOW" | "DESCRIBE"
        | "UNLOAD" | "EXECUTE" => cursor.not_supported(&format!("EXPLAIN of {head}")),
        _ => cursor.mismatch(A_QUERY),
    }
}
