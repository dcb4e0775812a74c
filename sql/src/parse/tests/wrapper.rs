//! Statements around a query or another statement: what is inside is cut out exactly, with its place.

use protocol::Position;

use super::*;
use crate::{
    CreateTableAs, CreateView, Explain, ExplainFormat, ExplainKind, Insert, LikePattern, PropertyValue,
    QueryText, StatsSubject, Unload,
};

/// `place` is `line:column`.
fn inner(place: &str, text: &str) -> QueryText {
    let (line, column) = place.split_once(':').unwrap();
    let position = Position { line: line.parse().unwrap(), column: column.parse().unwrap() };
    QueryText { text: text.to_owned(), position }
}

fn check(text: &str, expect: Statement) {
    match statement(text) {
        Ok(found) => assert_eq!(found, expect, "{text}"),
        Err(error) => panic!("{text}: {}", error.to_user_text()),
    }
}

fn text(value: &str) -> PropertyValue {
    PropertyValue::Text(value.to_owned())
}

#[test]
fn views_keep_their_query() {
    let view = |name: &str, or_replace, comment, run_as_invoker, query| {
        let name = table(name);
        Statement::CreateView(Box::new(CreateView { name, or_replace, comment, run_as_invoker, query }))
    };
    check(
        "CREATE VIEW D.v AS\n  SELECT '\\' AS x, ';' -- y\n;",
        view("d.v", false, None, false, inner("2:3", "SELECT '\\' AS x, ';'")),
    );
    check(
        "create or replace view \"V\" comment 'it''s \\' security invoker as (select 1)",
        view("v", true, some("it's \\"), true, inner("1:66", "(select 1)")),
    );
    check(
        "CREATE VIEW v SECURITY DEFINER AS WITH a AS (SELECT 1) TABLE a",
        view("v", false, None, false, inner("1:35", "WITH a AS (SELECT 1) TABLE a")),
    );
    // What is wrong inside is the query parser's business.
    check("CREATE VIEW v AS SELECT FROM 'x", view("v", false, None, false, inner("1:18", "SELECT FROM 'x")));
    check_error("CREATE VIEW v AS", "1001 1:17 mismatched input '<EOF>'; expecting a query");
    check_error("CREATE VIEW v AS INSERT", "1001 1:18 mismatched input 'INSERT'; expecting a query");
    check_error("CREATE VIEW v SELECT 1", "1001 1:15 mismatched input 'SELECT'; expecting 'AS'");
    check_error("CREATE OR VIEW v", "1001 1:8 mismatched input 'OR'; expecting 'VIEW'");
    check_error("CREATE VIEW IF NOT EXISTS v", "1007 1:13 CREATE VIEW IF NOT EXISTS is not supported");
    check_error(
        "CREATE VIEW v (a) AS SELECT 1",
        "1007 1:15 CREATE VIEW with a list of columns is not supported",
    );
    check("DROP VIEW IF EXISTS d.v", Statement::DropView { name: table("d.v"), if_exists: true });
    check("DROP VIEW \"V\"", Statement::DropView { name: table("v"), if_exists: false });
    check("SHOW CREATE VIEW d.v", Statement::ShowCreateView { view: table("d.v") });
    let views = |database: Option<&str>, like: Option<&str>| Statement::ShowViews {
        database: database.map(str::to_owned),
        like: like.map(str::to_owned),
    };
    check("SHOW VIEWS", views(None, None));
    check("SHOW VIEWS IN d LIKE 'a*'", views(Some("d"), Some("a*")));
}

#[test]
fn tables_are_made_from_queries() {
    let base = |query| CreateTableAs {
        name: table("t"),
        if_not_exists: false,
        columns: Vec::new(),
        comment: None,
        properties: Vec::new(),
        query,
        with_data: true,
    };
    let made = |table| Statement::CreateTableAs(Box::new(table));
    check("CREATE TABLE t AS SELECT 1", made(base(inner("1:19", "SELECT 1"))));
    check(
        "CREATE TABLE t AS (SELECT 1) WITH NO DATA;",
        made(CreateTableAs { with_data: false, ..base(inner("1:19", "(SELECT 1)")) }),
    );
    check("CREATE TABLE t AS SELECT 1 WITH DATA", made(base(inner("1:19", "SELECT 1"))));
    check(
        "CREATE TABLE IF NOT EXISTS d.t (a, \"B\") COMMENT 'c'
WITH (format = 'PARQUET', partitioned_by = ARRAY['x', 'y'], bucket_count = 10, is_external = false,
      z = -1.5, empty = ARRAY[], field_delimiter = '\\')
AS
SELECT a, b FROM u",
        made(CreateTableAs {
            name: table("d.t"),
            if_not_exists: true,
            columns: vec!["a".to_owned(), "b".to_owned()],
            comment: some("c"),
            properties: vec![
                ("format".to_owned(), text("PARQUET")),
                ("partitioned_by".to_owned(), PropertyValue::Array(vec![text("x"), text("y")])),
                ("bucket_count".to_owned(), PropertyValue::Number("10".to_owned())),
                ("is_external".to_owned(), PropertyValue::Boolean(false)),
                ("z".to_owned(), PropertyValue::Number("-1.5".to_owned())),
                ("empty".to_owned(), PropertyValue::Array(Vec::new())),
                ("field_delimiter".to_owned(), text("\\")),
            ],
            ..base(inner("5:1", "SELECT a, b FROM u"))
        }),
    );
    check_error(
        "CREATE TABLE t WITH (a = 'x', A = 'y') AS SELECT 1",
        "1001 1:31 property 'a' is given twice",
    );
    check_error(
        "CREATE TABLE t WITH (a = x) AS SELECT 1",
        "1001 1:26 mismatched input 'x'; expecting a string, a number, TRUE, FALSE or ARRAY",
    );
    check_error("CREATE TABLE t AS WITH NO DATA", "1001 1:19 mismatched input 'WITH'; expecting a query");
    let deep = format!("CREATE TABLE t WITH (a = {}1) AS SELECT 1", "ARRAY[".repeat(10_000));
    assert!(statement(&deep).is_err());
}

#[test]
fn rows_are_written() {
    let insert = |name: &str, columns: &[&str], query| {
        let columns = columns.iter().map(|column| column.to_string()).collect();
        Statement::Insert(Box::new(Insert { table: table(name), columns, query }))
    };
    check("INSERT INTO d.t SELECT 1", insert("d.t", &[], inner("1:17", "SELECT 1")));
    check("insert into t (a, B) values (1, 2)", insert("t", &["a", "b"], inner("1:22", "values (1, 2)")));
    check("INSERT INTO t (a) (SELECT 1)", insert("t", &["a"], inner("1:19", "(SELECT 1)")));
    check("INSERT INTO t (SELECT 1)", insert("t", &[], inner("1:15", "(SELECT 1)")));
    check_error("INSERT INTO t", "1001 1:14 mismatched input '<EOF>'; expecting a query");
    check_error("INSERT t SELECT 1", "1001 1:8 mismatched input 't'; expecting 'INTO'");
    check_error("INSERT OVERWRITE t SELECT 1", "1007 1:1 INSERT OVERWRITE is not supported");
    check_error(
        "INSERT INTO t PARTITION (a=1) SELECT 1",
        "1007 1:15 INSERT INTO … PARTITION is not supported",
    );

    let unload = |query, location: &str, properties| {
        Statement::Unload(Box::new(Unload { query, location: location.to_owned(), properties }))
    };
    check(
        "UNLOAD (SELECT f(')') FROM t WHERE a IN (1, 2)) TO 's3://b/x/' WITH (format = 'JSON')",
        unload(
            inner("1:9", "SELECT f(')') FROM t WHERE a IN (1, 2)"),
            "s3://b/x/",
            vec![("format".to_owned(), text("JSON"))],
        ),
    );
    check("UNLOAD ( SELECT 1 ) TO 's3://b'", unload(inner("1:10", "SELECT 1"), "s3://b", Vec::new()));
    check_error("UNLOAD () TO 's3://b'", "1001 1:9 mismatched input ')'; expecting a query");
    check_error("UNLOAD (SELECT 1 TO 's3://b'", "1001 1:29 mismatched input '<EOF>'; expecting ')'");
    check_error("UNLOAD (SELECT 'x) TO s3://b", "1001 1:16 unterminated string");
    check_error("UNLOAD SELECT 1", "1001 1:8 mismatched input 'SELECT'; expecting '('");
}

#[test]
fn statements_are_prepared_and_executed() {
    let prepare = |name: &str, statement| Statement::Prepare { name: name.to_owned(), statement };
    check(
        "PREPARE P FROM\nSELECT * FROM t WHERE a = ?;",
        prepare("p", inner("2:1", "SELECT * FROM t WHERE a = ?")),
    );
    for inside in [
        "INSERT INTO t (a, b) SELECT a, b FROM u WHERE c = ?",
        "UNLOAD (SELECT ?) TO 's3://b/' WITH (format='PARQUET')",
        "CREATE TABLE t AS SELECT 1",
        "(SELECT 1)",
    ] {
        check(&format!("PREPARE p FROM {inside}"), prepare("p", inner("1:16", inside)));
    }
    check_error("PREPARE p FROM DROP TABLE t", "1007 1:16 PREPARE of DROP is not supported");
    check_error("PREPARE p FROM EXECUTE q", "1007 1:16 PREPARE of EXECUTE is not supported");
    check_error("PREPARE p FROM INSERT INTO t", "1001 1:29 mismatched input '<EOF>'; expecting a query");
    check_error("PREPARE p FROM", "1001 1:15 mismatched input '<EOF>'; expecting a statement");
    check_error("PREPARE p SELECT 1", "1001 1:11 mismatched input 'SELECT'; expecting 'FROM'");

    let execute = |name: &str, parameters| Statement::Execute { name: name.to_owned(), parameters };
    check("EXECUTE p", execute("p", Vec::new()));
    check(
        "EXECUTE p USING 1, f(2, 'a,b'), ARRAY[3, 4], -5",
        execute(
            "p",
            vec![
                inner("1:17", "1"),
                inner("1:20", "f(2, 'a,b')"),
                inner("1:33", "ARRAY[3, 4]"),
                inner("1:46", "-5"),
            ],
        ),
    );
    check(
        "EXECUTE p USING 1,\n  2, '\n', 3",
        execute("p", vec![inner("1:17", "1"), inner("2:3", "2"), inner("2:6", "'\n'"), inner("3:4", "3")]),
    );
    check_error("EXECUTE p USING", "1001 1:16 mismatched input '<EOF>'; expecting an expression");
    check_error("EXECUTE p USING 1,", "1001 1:19 mismatched input '<EOF>'; expecting an expression");
    check_error("EXECUTE p USING ,1", "1001 1:17 mismatched input ','; expecting an expression");
    check_error("EXECUTE p 1", "1001 1:11 mismatched input '1'; expecting <EOF>");
    check(
        "EXECUTE IMMEDIATE 'SELECT ''a'', ?' USING 1",
        Statement::ExecuteImmediate {
            statement: inner("1:20", "SELECT 'a', ?"),
            parameters: vec![inner("1:43", "1")],
        },
    );
    check("EXECUTE immediate", execute("immediate", Vec::new()));
    check("DEALLOCATE PREPARE p", Statement::Deallocate { name: "p".to_owned() });
    check_error("DEALLOCATE p", "1001 1:12 mismatched input 'p'; expecting 'PREPARE'");
}

#[test]
fn plans_are_explained_in_other_ways() {
    let explain = |analyze, verbose, kind, format, query| {
        Statement::Explain(Box::new(Explain { analyze, verbose, kind, format, query }))
    };
    use ExplainFormat::{Graphviz, Json, Text};
    use ExplainKind::{Distributed, Io, Logical, Validate};
    let query = |column: usize| inner(&format!("1:{column}"), "SELECT 1");
    check("EXPLAIN (TYPE LOGICAL) SELECT 1", explain(false, false, Logical, Text, query(24)));
    check("EXPLAIN (FORMAT JSON) SELECT 1", explain(false, false, Distributed, Json, query(23)));
    check("EXPLAIN (TYPE VALIDATE, FORMAT TEXT) SELECT 1", explain(false, false, Validate, Text, query(38)));
    check("EXPLAIN (TYPE IO) SELECT 1", explain(false, false, Io, Json, query(19)));
    check(
        "EXPLAIN (FORMAT GRAPHVIZ, TYPE LOGICAL) SELECT 1",
        explain(false, false, Logical, Graphviz, query(41)),
    );
    check(
        "EXPLAIN ANALYZE VERBOSE (FORMAT JSON) SELECT 1",
        explain(true, true, Distributed, Json, query(39)),
    );
    check_error(
        "EXPLAIN (TYPE x) SELECT 1",
        "1001 1:15 mismatched input 'x'; expecting 'LOGICAL', 'DISTRIBUTED', 'VALIDATE' or 'IO'",
    );
    check_error("EXPLAIN (TYPE IO, TYPE IO) SELECT 1", "1001 1:19 TYPE is given twice");
    check_error("EXPLAIN ANALYZE (TYPE IO) SELECT 1", "1007 1:18 EXPLAIN ANALYZE (TYPE …) is not supported");
    check_error(
        "EXPLAIN ANALYZE (FORMAT GRAPHVIZ) SELECT 1",
        "1007 1:25 EXPLAIN ANALYZE (FORMAT GRAPHVIZ) is not supported",
    );
    check_error("EXPLAIN INSERT INTO t SELECT 1", "1007 1:9 EXPLAIN of INSERT is not supported");
}

#[test]
fn functions_and_statistics_are_shown() {
    let functions = |like: Option<(&str, Option<char>)>| Statement::ShowFunctions {
        like: like.map(|(pattern, escape)| LikePattern { pattern: pattern.to_owned(), escape }),
    };
    check("SHOW FUNCTIONS", functions(None));
    check("SHOW FUNCTIONS LIKE 'array%'", functions(Some(("array%", None))));
    check("SHOW FUNCTIONS LIKE 'a\\_%' ESCAPE '\\'", functions(Some(("a\\_%", Some('\\')))));
    check_error("SHOW FUNCTIONS LIKE 'a' ESCAPE 'bc'", "1001 1:32 Escape string must be a single character");
    check("SHOW STATS FOR d.t", Statement::ShowStats(StatsSubject::Table(table("d.t"))));
    check(
        "SHOW STATS FOR (SELECT '\\' FROM t)",
        Statement::ShowStats(StatsSubject::Query(inner("1:17", "SELECT '\\' FROM t"))),
    );
    check_error("SHOW STATS t", "1001 1:12 mismatched input 't'; expecting 'FOR'");
    check_error("SHOW STATS FOR (t)", "1001 1:17 mismatched input 't'; expecting a query");
}
