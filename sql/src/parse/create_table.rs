//! `CREATE EXTERNAL TABLE`: Hive's clauses, in any order, each at most once.

mod storage;

use protocol::{Error, ErrorCode, Result};

use super::{
    cursor::Cursor,
    lex::{Kind, Token},
    types, wrapper,
};
use crate::{Buckets, Column, CreateTable, Property, RowFormat, SortColumn, Statement, StoredAs, TableName};

/// Most columns of a table, partition keys included.
const COLUMNS_MAX: usize = 10_000;

/// The clauses read so far.
#[derive(Debug, Default)]
struct Clauses {
    comment: Option<String>,
    partitioned_by: Option<Vec<Column>>,
    clustered_by: Option<Buckets>,
    row_format: Option<RowFormat>,
    serde_properties: Option<Vec<Property>>,
    stored_as: Option<StoredAs>,
    location: Option<String>,
    tbl_properties: Option<Vec<Property>>,
}

/// At `CREATE TABLE` or `CREATE EXTERNAL`.
pub(super) fn create_table(cursor: &mut Cursor<'_>) -> Result<Statement> {
    cursor.expect("CREATE")?;
    let head = cursor.peek();
    let external = cursor.accept("EXTERNAL");
    cursor.expect("TABLE")?;
    let if_not_exists = cursor.accept("IF NOT EXISTS");
    let name = cursor.table_name()?;
    if !external {
        return match wrapper::is_table_as(cursor) {
            true => wrapper::create_table_as(cursor, name, if_not_exists),
            false => Err(not_external(cursor, head)),
        };
    }
    if cursor.at("LIKE") {
        return Err(cursor.not_supported("CREATE EXTERNAL TABLE … LIKE"));
    }
    let columns = match cursor.at_symbol('(') {
        true => columns(cursor)?,
        false => Vec::new(),
    };
    let mut clauses = Clauses::default();
    while !cursor.at_end() {
        clause(cursor, &mut clauses)?;
    }
    let table = assemble(cursor, name, if_not_exists, columns, clauses)?;
    Ok(Statement::CreateExternalTable(Box::new(table)))
}

/// `CREATE TABLE` without `EXTERNAL` and without a query, with the cursor behind the name.
fn not_external(cursor: &Cursor<'_>, head: Token<'_>) -> Error {
    if cursor.at("LIKE") {
        return cursor.not_supported("CREATE TABLE … LIKE");
    }
    let names_iceberg = |token: &Token<'_>| {
        matches!(token.kind, Kind::Quoted('\'' | '"'))
            && token.text.trim_matches(['\'', '"']).eq_ignore_ascii_case("iceberg")
    };
    if cursor.rest().iter().any(names_iceberg) {
        return cursor.not_supported("CREATE TABLE of an Iceberg table");
    }
    let error = cursor.syntax_at(head, "CREATE TABLE is supported for external tables only".to_owned());
    Error {
        code: ErrorCode::NotSupported, ..error.with_hint("write CREATE EXTERNAL TABLE … LOCATION '…'")
    }
}

/// `(name type [COMMENT '…'], …)`
pub(super) fn columns(cursor: &mut Cursor<'_>) -> Result<Vec<Column>> {
    cursor.list(column)
}

/// `name type [COMMENT '…']`
pub(super) fn column(cursor: &mut Cursor<'_>) -> Result<Column> {
    let name = cursor.name("a column name")?;
    let hive_type = types::hive_type(cursor)?;
    let comment = cursor.comment()?;
    Ok(Column { name, hive_type, comment })
}

/// Reads one clause.
fn clause(cursor: &mut Cursor<'_>, clauses: &mut Clauses) -> Result<()> {
    let start = cursor.peek();
    let fresh = if cursor.accept("COMMENT") {
        set(&mut clauses.comment, cursor.string("a string")?)
    } else if cursor.accept("PARTITIONED BY") {
        set(&mut clauses.partitioned_by, columns(cursor)?)
    } else if cursor.accept("CLUSTERED BY") {
        set(&mut clauses.clustered_by, buckets(cursor)?)
    } else if cursor.accept("ROW FORMAT") {
        set(&mut clauses.row_format, storage::row_format(cursor)?)
    } else if cursor.accept("WITH SERDEPROPERTIES") {
        set(&mut clauses.serde_properties, cursor.properties()?)
    } else if cursor.accept("STORED AS") {
        set(&mut clauses.stored_as, storage::stored_as(cursor)?)
    } else if cursor.accept("LOCATION") {
        set(&mut clauses.location, location(cursor)?)
    } else if cursor.accept("TBLPROPERTIES") {
        set(&mut clauses.tbl_properties, cursor.properties()?)
    } else {
        return Err(unknown_clause(cursor));
    };
    if fresh {
        Ok(())
    } else {
        Err(cursor.syntax_at(start, format!("duplicate {} clause", start.text.to_uppercase())))
    }
}

/// False if the clause had been given before.
fn set<T>(clause: &mut Option<T>, value: T) -> bool {
    clause.replace(value).is_none()
}

fn unknown_clause(cursor: &Cursor<'_>) -> Error {
    for construct in ["SKEWED BY", "STORED BY", "AS", "LIKE", "CACHED IN"] {
        if cursor.at(construct) {
            return cursor.not_supported(&format!("CREATE EXTERNAL TABLE … {construct}"));
        }
    }
    const CLAUSES: &[&str] =
        &["COMMENT", "PARTITIONED", "CLUSTERED", "ROW", "WITH", "STORED", "LOCATION", "TBLPROPERTIES"];
    let word = cursor.peek_word().unwrap_or_default();
    let near = crate::nearest(&word, CLAUSES.iter().copied()).filter(|near| *near != word);
    match near {
        Some(near) => cursor.mismatch(&format!("'{near}'")),
        None if cursor.at("PARTITIONED") || cursor.at("CLUSTERED") => second_word(cursor, "'BY'"),
        None if cursor.at("ROW") => second_word(cursor, "'FORMAT'"),
        None if cursor.at("WITH") => second_word(cursor, "'SERDEPROPERTIES'"),
        None if cursor.at("STORED") => second_word(cursor, "'AS'"),
        None => cursor.mismatch("a clause of CREATE EXTERNAL TABLE"),
    }
}

fn second_word(cursor: &Cursor<'_>, expecting: &str) -> Error {
    let second = cursor.peek_at(1);
    let found = if second.kind == Kind::End { "<EOF>" } else { second.text };
    cursor.syntax_at(second, format!("mismatched input '{found}'; expecting {expecting}"))
}

/// `(columns) [SORTED BY (column [ASC | DESC], …)] INTO count BUCKETS`
fn buckets(cursor: &mut Cursor<'_>) -> Result<Buckets> {
    let columns = cursor.list(|cursor| cursor.name("a column name"))?;
    let sorted_by = match cursor.accept("SORTED BY") {
        true => cursor.list(sort_column)?,
        false => Vec::new(),
    };
    cursor.expect("INTO")?;
    let at = cursor.peek();
    let count = cursor.integer()?;
    if count == 0 {
        return Err(cursor.invalid_table(at, "the number of buckets must be at least 1".to_owned()));
    }
    cursor.expect("BUCKETS")?;
    Ok(Buckets { columns, sorted_by, count })
}

fn sort_column(cursor: &mut Cursor<'_>) -> Result<SortColumn> {
    let column = cursor.name("a column name")?;
    let descending = cursor.accept("DESC");
    if !descending {
        cursor.accept("ASC");
    }
    Ok(SortColumn { column, ascending: !descending })
}

/// A location in quotes that is not empty.
pub(super) fn location(cursor: &mut Cursor<'_>) -> Result<String> {
    let token = cursor.peek();
    let location = cursor.string("a string")?;
    if location.is_empty() {
        return Err(cursor.invalid_table(token, "LOCATION is empty".to_owned()));
    }
    Ok(location)
}

/// Puts the clauses together, where they fit together; the cursor is at the end.
fn assemble(
    cursor: &Cursor<'_>,
    name: TableName,
    if_not_exists: bool,
    columns: Vec<Column>,
    clauses: Clauses,
) -> Result<CreateTable> {
    let end = cursor.peek();
    let Some(location) = clauses.location else {
        return Err(cursor
            .invalid_table(end, "an external table needs a LOCATION".to_owned())
            .with_hint("add LOCATION 's3://bucket/path/'"));
    };
    let partitioned_by = clauses.partitioned_by.unwrap_or_default();
    check_columns(cursor, &columns, &partitioned_by)?;
    if let Some(buckets) = &clauses.clustered_by {
        check_buckets(cursor, buckets, &columns)?;
    }
    Ok(CreateTable {
        name,
        if_not_exists,
        columns,
        partitioned_by,
        comment: clauses.comment,
        row_format: with_properties(cursor, clauses.row_format, clauses.serde_properties)?,
        clustered_by: clauses.clustered_by,
        stored_as: clauses.stored_as,
        location,
        tbl_properties: clauses.tbl_properties.unwrap_or_default(),
    })
}

fn check_buckets(cursor: &Cursor<'_>, buckets: &Buckets, columns: &[Column]) -> Result<()> {
    let sorted = buckets.sorted_by.iter().map(|sort| (&sort.column, "SORTED BY"));
    let mut named = buckets.columns.iter().map(|name| (name, "CLUSTERED BY")).chain(sorted);
    match named.find(|(name, _)| columns.iter().all(|column| column.name != **name)) {
        None => Ok(()),
        Some((stray, clause)) => Err(cursor
            .invalid_table(cursor.peek(), format!("{clause} column '{stray}' is not a column of the table"))),
    }
}

fn check_columns(cursor: &Cursor<'_>, columns: &[Column], partitioned_by: &[Column]) -> Result<()> {
    let end = cursor.peek();
    if columns.len() + partitioned_by.len() > COLUMNS_MAX {
        return Err(cursor.invalid_table(end, format!("more than {COLUMNS_MAX} columns")));
    }
    let mut seen = std::collections::HashSet::new();
    for column in columns.iter().chain(partitioned_by) {
        if !seen.insert(column.name.as_str()) {
            return Err(cursor.invalid_table(end, format!("duplicate column name '{}'", column.name)));
        }
    }
    let nested = |column: &&Column| column.hive_type.contains('<');
    if let Some(key) = partitioned_by.iter().find(nested) {
        let message =
            format!("partition key '{}' has type {}, which is not primitive", key.name, key.hive_type);
        return Err(cursor.invalid_table(end, message));
    }
    Ok(())
}

/// SerDe properties belong to the row format, wherever they were written.
fn with_properties(
    cursor: &Cursor<'_>,
    row_format: Option<RowFormat>,
    serde_properties: Option<Vec<Property>>,
) -> Result<Option<RowFormat>> {
    let Some(given) = serde_properties else {
        return Ok(row_format);
    };
    match row_format {
        Some(RowFormat::Serde { library, .. }) => Ok(Some(RowFormat::Serde { library, properties: given })),
        Some(RowFormat::Delimited(delimited)) => {
            Ok(Some(RowFormat::Delimited(crate::Delimited { properties: given, ..delimited })))
        }
        None => Err(cursor
            .syntax("WITH SERDEPROPERTIES needs a ROW FORMAT".to_owned())
            .with_hint("add ROW FORMAT SERDE '…'")),
    }
}
