//! What analysis says of queries that need no tables: data comes from VALUES and WITH.

use protocol::{Position, Result};

use super::*;
use crate::query;

fn analyzed(text: &str) -> Result<Analyzed> {
    let start = Position { line: 1, column: 1 };
    let session = Session {
        database: "db".to_owned(),
        user: "me".to_owned(),
        now_micros: 1_700_000_000_000_000,
        parameters: Vec::new(),
    };
    query::on_deep_stack(|| {
        let query = query::parse(text, start)?;
        analyze(&query, text, start, &Sources::new(), &session)
    })
}

/// `_` stands for no name.
fn shown(column: &Column) -> String {
    let name = if column.name.is_empty() { "_" } else { &column.name };
    format!("{name} {}", column.data_type)
}

/// `expected`: names and types of the result's columns.
fn check_plan(text: &str, expected: &str) {
    match analyzed(text) {
        Ok(analyzed) => {
            let columns: Vec<String> = analyzed.columns.iter().map(shown).collect();
            assert_eq!(columns.join(", "), expected, "{text}");
            assert_eq!(analyzed.plan.schema().fields().len(), analyzed.columns.len(), "{text}");
            for (field, column) in analyzed.plan.schema().fields().iter().zip(&analyzed.columns) {
                assert_eq!(*field.data_type(), column.data_type.arrow(), "{text}: {}", column.name);
            }
        }
        Err(error) => panic!("{text}: {}", error.to_user_text()),
    }
}

/// The type of one expression.
fn check_type(expr: &str, expected: &str) {
    check_plan(&format!("SELECT {expr} x"), &format!("x {expected}"));
}

/// `expected`: `line:column` and the beginning of the message.
fn check_error(text: &str, expected: &str) {
    let error = match analyzed(text) {
        Err(error) => error,
        Ok(analyzed) => panic!("{text}: no error but {:?}", analyzed.columns),
    };
    let place = error.position.map_or_else(|| "-".to_owned(), |at| format!("{}:{}", at.line, at.column));
    let found = format!("{place} {}", error.message);
    assert!(found.starts_with(expected), "{text}:\n   found {found}\nexpected {expected}");
}

/// The same over a relation `t (a integer, b varchar(1), c double, d row)`.
const T: &str = "WITH t AS (SELECT 1 a, 'x' b, 1e0 c, CAST(ROW(1, 'y') AS ROW(p integer, q varchar)) d) ";

fn check_error_in_t(text: &str, expected: &str) {
    let error = analyzed(&format!("{T}{text}")).map(|analyzed| analyzed.columns);
    let error = match error {
        Err(error) => error,
        Ok(columns) => panic!("{text}: no error but {columns:?}"),
    };
    let column = error.position.map_or(0, |at| at.column) as usize;
    let found = format!("{} {}", (column + 1).saturating_sub(T.len() + 1), error.message);
    assert!(found.starts_with(expected), "{text}:\n   found {found}\nexpected {expected}");
}

fn check_in_t(text: &str, expected: &str) {
    check_plan(&format!("{T}{text}"), expected);
}

#[test]
fn names_and_types_of_results() {
    check_plan("SELECT 1, 'a' AS \"B\", 2 c, 3 C", "_ integer, B varchar(1), c integer, C integer");
    check_plan("VALUES (1, 'a'), (2.5, 'bcd')", "_ decimal(11,1), _ varchar(3)");
    check_plan("SELECT * FROM (VALUES (1, NULL), (NULL, 2e0)) AS v (X, y)", "X integer, y double");
    check_in_t("SELECT * FROM t", "a integer, b varchar(1), c double, d row(p integer, q varchar)");
    check_in_t(
        "SELECT t.a, x.d.q, t.d.p + 1, x.d.* FROM t, t x WHERE t.a = x.a",
        "a integer, q varchar, _ integer, p integer, q varchar",
    );
}

#[test]
fn types_of_expressions() {
    check_type("1 + 2", "integer");
    check_type("9999999999", "bigint");
    check_type("-9223372036854775808", "bigint");
    check_type("1.50", "decimal(3,2)");
    check_type("1 / 2.0", "decimal(12,1)");
    check_type("1e0 + 1", "double");
    check_type("'a' || 'bc'", "varchar");
    check_type("NULL", "unknown");
    check_type("1 = 2 AND NULL", "boolean");
    check_type("ARRAY[1, 2.5]", "array(decimal(11,1))");
    check_type("ROW(1, 'a')", "row(integer, varchar(1))");
    check_type("CASE WHEN true THEN 1 ELSE 2.5 END", "decimal(11,1)");
    check_type("COALESCE(NULL, 1, CAST(2 AS bigint))", "bigint");
    check_type("IF(true, 'a')", "varchar(1)");
    check_type("DATE '2024-01-01' + INTERVAL '1' DAY", "date");
    check_type("TIMESTAMP '2024-01-01 00:00:00.123456'", "timestamp(6)");
    check_type("TIMESTAMP '2024-01-01 00:00:00' AT TIME ZONE 'UTC'", "timestamp(0) with time zone");
    check_type("current_timestamp(6)", "timestamp(6) with time zone");
    check_type("CAST(NULL AS ROW(X bigint))", "row(x bigint)");
    check_type("(SELECT 1)", "integer");
    check_type("EXISTS (SELECT 1)", "boolean");
    check_type("1 IN (1, 2)", "boolean");
    check_type("transform(ARRAY[1], x -> x > 0)", "array(boolean)");
}

#[test]
fn sql_json_functions() {
    check_type("json_exists('{}', 'lax $.a')", "boolean");
    check_type("json_exists(JSON '{}', 'lax $.a' PASSING 1 AS x, 'a' AS \"y\" ERROR ON ERROR)", "boolean");
    check_type("json_value('{}', 'lax $.a')", "varchar");
    check_type("json_value('{}', 'lax $.a' RETURNING bigint DEFAULT 1 ON EMPTY)", "bigint");
    check_type("json_value('{}', 'lax $.a' RETURNING decimal(10, 2) DEFAULT 1.5 ON ERROR)", "decimal(10,2)");
    check_type("json_query('{}', 'lax $.a')", "varchar");
    check_type("json_query(X'7b7d', 'lax $.a' RETURNING varchar(5) WITH WRAPPER)", "varchar(5)");
    check_type("json_query('{}', 'lax $.a' RETURNING varbinary)", "varbinary");
    check_type(
        "json_object('a' : 1, 'b' : DATE '2024-01-01', 'c' : JSON_ARRAY(1, NULL) NULL ON NULL)",
        "varchar",
    );
    check_type("json_object()", "varchar");
    check_type(
        "json_array(1, 'a', X'5b5d' FORMAT JSON ENCODING UTF8 RETURNING varchar(100))",
        "varchar(100)",
    );
    check_error(
        "SELECT json_value('{}', 'lax $' RETURNING array(bigint))",
        "1:8 Invalid return type of function JSON_VALUE: array(bigint)",
    );
    check_error(
        "SELECT json_value('{}', 'lax $' RETURNING bigint DEFAULT 'a' ON EMPTY)",
        "1:58 Expected bigint, found varchar(1)",
    );
    check_error(
        "SELECT json_query('{}', 'lax $' RETURNING bigint)",
        "1:8 Cannot output JSON value as bigint using formatting JSON",
    );
    check_error(
        "SELECT json_exists(1, 'lax $')",
        "1:20 Cannot read input of type integer as JSON using formatting JSON",
    );
    check_error(
        "SELECT json_exists('{}' FORMAT JSON ENCODING UTF16, 'lax $')",
        "1:20 Cannot read input of type varchar(2) as JSON using formatting UTF16",
    );
    check_error(
        "SELECT json_exists('{}', 'lax $' PASSING 1 AS x, 2 AS X)",
        "1:55 X JSON path parameter is specified more than once",
    );
    check_error("SELECT json_object(1 : 2)", "1:20 Invalid type of JSON object key: integer");
    check_error(
        "SELECT json_array(ARRAY[1])",
        "1:19 Unsupported type of value passed to a JSON function: array(integer)",
    );
}

#[tokio::test]
async fn sql_json_functions_have_values() {
    async fn check(expr: &str, expected: &str) {
        let text = format!("SELECT {expr} FROM (VALUES ('{{\"a\": [1, \"x\"]}}', 1)) AS t (j, n)");
        let plan = analyzed(&text).unwrap_or_else(|error| panic!("{text}: {}", error.to_user_text())).plan;
        let frame = datafusion::prelude::SessionContext::new().execute_logical_plan(plan).await.unwrap();
        let batches = frame.collect().await.unwrap_or_else(|error| panic!("{text}: {error}"));
        let value = batches.iter().map(|batch| {
            datafusion::arrow::util::display::array_value_to_string(batch.column(0), 0).unwrap()
        });
        assert_eq!(value.collect::<Vec<_>>().join("|"), expected, "{text}");
    }
    check("json_exists(j, 'lax $.a[*] ? (@ == $N)' PASSING n AS n)", "true").await;
    check("json_exists(j, 'lax $.a[*] ? (@ == $n)' PASSING 2 AS \"n\")", "false").await;
    check("json_exists(json_parse(j), 'lax $.b')", "false").await;
    check("json_value(j, 'lax $.a[0]' RETURNING bigint)", "1").await;
    check("json_value(j, 'lax $.b' RETURNING bigint DEFAULT n + 1 ON EMPTY)", "2").await;
    check("json_value(j, 'lax $.a[1]')", "x").await;
    check("json_query(j, 'lax $.a')", "[1,\"x\"]").await;
    check("json_query(j, 'lax $.a[*]' RETURNING varchar(4) WITH ARRAY WRAPPER)", "[1,\"").await;
    check("json_query(to_utf8(j), 'lax $.a[1]' OMIT QUOTES)", "x").await;
    check("json_query(j, 'lax $.a[1]' RETURNING varbinary)", "227822").await;
    check(
        "json_object('k' : n, 'j' : j FORMAT JSON, 'd' : DATE '2024-01-31', 'x' : NULL ABSENT ON NULL)",
        "{\"d\":\"2024-01-31\",\"j\":{\"a\":[1,\"x\"]},\"k\":1}",
    )
    .await;
    check("json_object()", "{}").await;
    check("json_array(n, NULL, JSON_ARRAY(true, 'y'), 1.50)", "[1,[true,\"y\"],1.50]").await;
    check("json_array(n, CAST(NULL AS bigint) NULL ON NULL)", "[1,null]").await;
}

#[test]
fn names_that_mean_nothing_or_too_much() {
    check_error("SELECT x", "1:8 Column 'x' cannot be resolved");
    check_error("SELECT 1\nFROM (VALUES 1) v (n)\nWHERE v.m = 1", "3:7 Column 'v.m' cannot be resolved");
    check_error_in_t("SELECT d.z FROM t", "10 Column 'z' cannot be resolved");
    check_error_in_t("SELECT a.z FROM t", "8 Expression of type integer is not of type ROW");
    check_error_in_t("SELECT a FROM t, t x", "8 Column 'a' is ambiguous");
    check_error_in_t("SELECT x.* FROM t", "8 Unable to resolve reference x");
    check_error_in_t("SELECT 1 FROM t JOIN t x USING (z)", "33 Column 'z' is missing from left side of join");
    check_error_in_t("SELECT a x FROM t WHERE x = 1", "25 Column 'x' cannot be resolved");
    check_error_in_t("SELECT a x FROM t GROUP BY x", "28 Column 'x' cannot be resolved");
    check_error_in_t("SELECT a x, b x FROM t ORDER BY x", "33 Column 'x' is ambiguous");
    check_error_in_t(
        "SELECT * FROM t AS u (x, y)",
        "20 Column alias list has 2 entries but 'u' has 4 columns available",
    );
    check_error_in_t("SELECT t.a FROM t AS u", "8 Column 't.a' cannot be resolved");
    check_error("SELECT *", "1:8 SELECT * not allowed in queries without FROM clause");
    check_error("SELECT * FROM nowhere", "1:15 Table 'awsdatacatalog.db.nowhere' does not exist");
    check_error("SELECT * FROM c.d.t", "1:15 Catalog 'c' does not exist");
    check_error("SELECT * FROM a.b.c.d", "1:15 Too many dots in table name");
    check_error(
        "WITH a AS (SELECT 1), A AS (SELECT 2) SELECT 1",
        "1:23 WITH query name 'A' specified more than once",
    );
    check_error("SELECT nosuch(1)", "1:8 Function 'nosuch' not registered");
    check_error("SELECT ?", "1:8 Incorrect number of parameters: expected at least 1 but found 0");
}

#[test]
fn types_that_do_not_fit() {
    check_error("SELECT 1 + 'a'", "1:10 Cannot apply operator: integer + varchar(1)");
    check_error("SELECT 1 = 'a'", "1:8 Cannot apply operator: integer = varchar(1)");
    check_error("SELECT DATE '2024-01-01' + 1", "1:26 Cannot apply operator: date + integer");
    check_error("SELECT -'a'", "1:8 Cannot negate varchar(1)");
    check_error("SELECT 1 || 2", "1:10 Cannot apply operator: integer || integer");
    check_error("SELECT 1 WHERE 2", "1:16 Expected a boolean, found integer");
    check_error("SELECT NOT 1", "1:12 ");
    check_error("SELECT 1 AND true", "1:8 ");
    check_error("SELECT CASE WHEN true THEN 1 ELSE 'a' END", "1:8 All CASE results must be the same type");
    check_error("SELECT ARRAY[1, 'a']", "1:8 All ARRAY elements must be the same type");
    check_error("SELECT COALESCE(1, 'a')", "1:8 All COALESCE operands must be the same type");
    check_error("SELECT 1 IN ('a')", "1:10 IN value and list items must be the same type");
    check_error("SELECT 1 IN (SELECT 'a')", "1:10 ");
    check_error(
        "SELECT 1 LIKE 'a'",
        "1:10 Left side of LIKE expression must evaluate to a varchar (actual: integer)",
    );
    check_error("SELECT CAST(ARRAY[1] AS bigint)", "1:8 Cannot cast array(integer) to bigint");
    check_error("SELECT length(1)", "1:8 Unexpected parameters (integer) for function length");
    check_error("SELECT (SELECT 1, 2) + 1", "1:22 Cannot apply operator: row");
    check_error("SELECT x -> 1", "1:8 Lambda expression should always be used inside a function");
    check_error("SELECT * FROM UNNEST(1)", "1:22 Cannot unnest type: integer");
    check_error("SELECT 12345678901234567890", "1:8 Invalid numeric literal: 12345678901234567890");
    check_error("SELECT DATE '2024-02-30'", "1:8 ");
    check_error(
        "SELECT CAST(1 AS varchar) AT TIME ZONE 'UTC'",
        "1:8 Type of value must be a time or timestamp",
    );
    check_error("VALUES 1, 'a'", "1:11 Values rows have mismatched types: integer vs varchar(1)");
    check_error("VALUES (1, 2), 3", "1:16 Values rows have mismatched sizes: 2 vs 1");
}

#[test]
fn aggregates_in_the_wrong_place() {
    check_error_in_t(
        "SELECT b, count(*) FROM t",
        "8 'b' must be an aggregate expression or appear in GROUP BY clause",
    );
    check_error_in_t(
        "SELECT a + c, sum(c) FROM t GROUP BY a",
        "10 'c' must be an aggregate expression or appear in GROUP BY clause",
    );
    check_error_in_t(
        "SELECT * FROM t GROUP BY a",
        "8 'b' must be an aggregate expression or appear in GROUP BY clause",
    );
    check_error_in_t("SELECT 1 FROM t GROUP BY a HAVING b = 'x'", "");
    check_error_in_t("SELECT a FROM t GROUP BY a ORDER BY b", "");
    check_error_in_t("SELECT sum(max(a)) FROM t", "12 Cannot nest aggregations inside aggregation 'max'");
    check_error_in_t(
        "SELECT 1 FROM t WHERE sum(a) > 1",
        "23 WHERE clause cannot contain aggregations, window functions or grouping operations: [sum]",
    );
    check_error_in_t("SELECT 1 FROM t GROUP BY sum(a)", "26 GROUP BY clause cannot contain aggregations");
    check_error_in_t(
        "SELECT 1 FROM t JOIN t x ON sum(t.a) = 1",
        "29 JOIN clause cannot contain aggregations",
    );
    check_error_in_t("SELECT a FROM t GROUP BY 2", "26 GROUP BY position 2 is not in select list");
    check_error_in_t("SELECT a FROM t ORDER BY 0", "26 ORDER BY position 0 is not in select list");
    check_error_in_t("SELECT count(*), sum(a) FROM t GROUP BY 1", "");
    check_error_in_t("SELECT grouping(b) FROM t GROUP BY a", "");
    check_error_in_t("SELECT length(DISTINCT b) FROM t", "8 'length' is not an aggregate function");
    check_error_in_t("SELECT sum(*) FROM t", "8 '*' is not allowed as argument of sum");
    check_error_in_t("SELECT transform(ARRAY[1], x -> sum(a)) FROM t", "33 ");
    check_in_t(
        "SELECT a + 1, count(*), sum(c) / count(c) FROM t GROUP BY a HAVING max(b) > 'a' ORDER BY a + 1, sum(c)",
        "_ integer, _ bigint, _ double",
    );
    check_in_t("SELECT count(*), max(a) FROM t", "_ bigint, _ integer");
    check_in_t("SELECT d.p, count(DISTINCT b) FROM t GROUP BY d.p", "p integer, _ bigint");
    check_in_t("SELECT a, grouping(a, b) FROM t GROUP BY ROLLUP (a, b)", "a integer, _ integer");
}

#[test]
fn windows_in_the_wrong_place() {
    check_error_in_t(
        "SELECT 1 FROM t WHERE rank() OVER () = 1",
        "23 WHERE clause cannot contain aggregations, window functions or grouping operations: [rank]",
    );
    check_error_in_t("SELECT rank() FROM t", "8 Window function rank requires an OVER clause");
    check_error_in_t("SELECT length(b) OVER () FROM t", "8 'length' is not a window or aggregate function");
    check_error_in_t("SELECT sum(rank() OVER ()) OVER () FROM t", "12 ");
    check_error_in_t("SELECT sum(a) OVER w FROM t", "20 ");
    check_error_in_t(
        "SELECT sum(a) OVER (ORDER BY a ROWS BETWEEN CURRENT ROW AND 1 PRECEDING) FROM t",
        "20 ",
    );
    check_error_in_t("SELECT sum(a) OVER (ROWS -1 PRECEDING) FROM t", "20 ");
    check_error_in_t(
        "SELECT sum(a) OVER (GROUPS 1 PRECEDING) FROM t",
        "20 Window frame of type GROUPS PRECEDING or FOLLOWING requires ORDER BY",
    );
    check_in_t(
        "SELECT a, rank() OVER (PARTITION BY b ORDER BY c), sum(sum(a)) OVER (ORDER BY a) FROM t GROUP BY a, b, c",
        "a integer, _ bigint, _ bigint",
    );
}

#[test]
fn set_operations_that_do_not_match() {
    check_error("SELECT 1 UNION SELECT 1, 2", "1:10 UNION query has different number of fields: 1, 2");
    check_error(
        "SELECT 1 INTERSECT SELECT 'a'",
        "1:10 column 1 in INTERSECT query has incompatible types: integer, varchar(1)",
    );
    check_plan("SELECT 1 a UNION ALL SELECT 2.5 b UNION SELECT NULL", "a decimal(11,1)");
    check_plan("SELECT 1 a EXCEPT SELECT CAST(2 AS bigint)", "a bigint");
}

#[test]
fn subqueries() {
    check_error(
        "SELECT 1 WHERE 1 IN (SELECT 1, 2)",
        "1:18 Multiple columns returned by subquery are not yet supported. Found 2",
    );
    check_in_t(
        "SELECT (SELECT max(x.a) FROM t x WHERE x.b = t.b) m FROM t WHERE EXISTS (SELECT 1 FROM t y WHERE y.a = t.a)",
        "m integer",
    );
    check_in_t("SELECT a = ALL (SELECT 1), a IN (SELECT 2) FROM t", "_ boolean, _ boolean");
    check_plan(
        "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT n FROM r",
        "n integer",
    );
    check_in_t(
        "SELECT x, n FROM t CROSS JOIN UNNEST(ARRAY[1, 2]) WITH ORDINALITY AS u (x, n)",
        "x integer, n bigint",
    );
    check_in_t("SELECT l.s FROM t CROSS JOIN LATERAL (SELECT t.a + 1 AS s) l", "s integer");
}

/// Wide queries of generators are analysed in reasonable time, and on any shape there is an answer.
#[test]
fn large_queries_are_analysed() {
    fn check(name: &str, text: &str) {
        let started = std::time::Instant::now();
        let found = analyzed(text).map(|analyzed| analyzed.columns.len());
        let elapsed = started.elapsed();
        assert!(
            found.is_ok() || name.starts_with('!'),
            "{name}: {:?}",
            found.map_err(|error| error.to_user_text())
        );
        assert!(elapsed.as_secs() < 20, "{name} took {elapsed:?}");
    }
    let from = "FROM (VALUES (1, 'x')) AS t (a, b)";
    check("or", &format!("SELECT 1 {from} WHERE a = 1{}", " OR a = 2".repeat(20_000)));
    check("in", &format!("SELECT a IN (1{}) {from}", ",2".repeat(100_000)));
    check("in of doubles", &format!("SELECT a IN (1e0{}) {from}", ",2e0".repeat(20_000)));
    check("in of columns", &format!("SELECT a IN (a{}) {from}", ",a + 1e0".repeat(5_000)));
    check("values", &format!("VALUES (1, 'a'){}", ",(2,'b')".repeat(20_000)));
    check("union all", &format!("SELECT 1{}", " UNION ALL SELECT 1".repeat(1_000)));
    check("union", &format!("SELECT 1{}", " UNION SELECT 1".repeat(1_000)));
    check("case", &format!("SELECT CASE{} END {from}", " WHEN a = 1 THEN b".repeat(5_000)));
    check("additions", &format!("SELECT a{} {from}", "+a".repeat(240)));
    check("concat", &format!("SELECT b{} {from}", "||b".repeat(240)));
    check("items", &format!("SELECT a{} {from}", ",a".repeat(5_000)));
    check("lambdas", &format!("SELECT {}1{} {from}", "transform(ARRAY[a], x -> ".repeat(12), ")".repeat(12)));
    check("!between", &format!("SELECT {}a{} {from}", "(".repeat(60), " BETWEEN 1 AND 2)".repeat(60)));
    check("nullif", &format!("SELECT {}a{} {from}", "nullif(".repeat(16), ", 1)".repeat(16)));
    check("if", &format!("SELECT {}a{} {from}", "if(a = 1, ".repeat(60), ")".repeat(60)));
    check("!quantified", &format!("SELECT {}1{}", "1 < ALL (SELECT IF(".repeat(5), ", 1, 2))".repeat(5)));
}
