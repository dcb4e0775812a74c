//! What is refused, where, and in which words.

use super::parsed;

/// `expected` is `code line:column message`.
fn check_error(text: &str, expected: &str) {
    let error = match parsed(text) {
        Err(error) => error,
        Ok(query) => panic!("{text}: no error but {query:?}"),
    };
    let place = error.position.map_or_else(|| "-".to_owned(), |at| format!("{}:{}", at.line, at.column));
    assert_eq!(format!("{} {place} {}", error.code.number(), error.message), expected, "{text}");
}

fn check_mismatch(text: &str, expected: &str) {
    let (place, rest) = expected.split_once(' ').unwrap();
    check_error(text, &format!("1001 {place} mismatched input {rest}"));
}

#[test]
fn words_out_of_place() {
    check_mismatch("SELECT * FORM t", "1:10 'FORM'; expecting 'FROM'");
    check_mismatch("SELECT a FRMO t", "1:10 'FRMO'; expecting 'FROM'");
    check_mismatch("SELECT a FROM t\nWEHRE a = 1", "2:1 'WEHRE'; expecting 'WHERE'");
    check_mismatch("SELECT a FROM t GRUOP BY a", "1:17 'GRUOP'; expecting 'GROUP'");
    check_mismatch("SELECT a FROM (SELECT b FROM c ODRER BY 1)", "1:32 'ODRER'; expecting 'ORDER'");
    check_mismatch("SELECT 1 2", "1:10 '2'; expecting <EOF>");
    check_mismatch("SELECT (1", "1:10 '<EOF>'; expecting ')'");
    check_mismatch("SELECT a FROM", "1:14 '<EOF>'; expecting an identifier");
    check_mismatch("SELECT a,\n FROM t", "2:2 'FROM'; expecting an expression");
    check_mismatch("SELECT a, FROM t", "1:11 'FROM'; expecting an expression");
    check_mismatch("SELECT", "1:7 '<EOF>'; expecting an expression");
    check_mismatch("SELECT a FROM (SELECT b FROM c WHERE) x", "1:37 ')'; expecting an expression");
    check_mismatch("SELECT a AS 'b'", "1:13 ''b''; expecting an identifier");
    check_mismatch("SELECT a 'b' 'c'", "1:14 ''c''; expecting <EOF>");
    check_mismatch("SELECT 1 AS order", "1:13 'order'; expecting an identifier");
    check_mismatch("SELECT order FROM t", "1:8 'order'; expecting an expression");
    check_mismatch("SELECT left(a, 1)", "1:8 'left'; expecting an expression");
    check_mismatch("SELECT a FROM t WHERE a = b = c", "1:29 '='; expecting <EOF>");
    check_mismatch("SELECT a FROM t WHERE a IS TRUE", "1:28 'TRUE'; expecting 'NULL' or 'DISTINCT FROM'");
    check_mismatch("SELECT a == b", "1:11 '='; expecting an expression");
    check_mismatch("SELECT a && b", "1:10 '&'; expecting <EOF>");
    check_mismatch("SELECT a::int", "1:9 ':'; expecting <EOF>");
    check_mismatch("SELECT a ILIKE 'b'", "1:10 'ILIKE'; expecting 'LIKE' (see also regexp_like)");
    check_mismatch("SELECT 1 FROM t LIMIT x", "1:23 'x'; expecting an integer");
    check_mismatch("SELECT 1 FROM t LIMIT -1", "1:23 '-'; expecting an integer");
    check_mismatch("SELECT 1 FROM t LIMIT 1 OFFSET x", "1:32 'x'; expecting an integer");
    check_mismatch("SELECT 1 LIMIT 1, 2", "1:17 ','; expecting <EOF>");
    check_mismatch("SELECT 1 FROM a JOIN b", "1:23 '<EOF>'; expecting 'ON' or 'USING'");
    check_mismatch("SELECT 1 FROM a JOIN b WHERE c", "1:24 'WHERE'; expecting 'ON' or 'USING'");
    check_mismatch("SELECT CASE END", "1:13 'END'; expecting an expression");
    check_mismatch("SELECT CASE a ELSE 1 END", "1:15 'ELSE'; expecting 'WHEN'");
    check_mismatch("SELECT CAST(a bigint)", "1:15 'bigint'; expecting 'AS'");
    check_mismatch("SELECT CAST(a AS )", "1:18 ')'; expecting a type");
    check_mismatch("SELECT CAST(a AS decimal(1", "1:27 '<EOF>'; expecting ',' or ')'");
    check_mismatch("SELECT CAST(a AS bigint b)", "1:25 'b'; expecting ')'");
    check_mismatch(
        "SELECT INTERVAL '1' WEEK",
        "1:21 'WEEK'; expecting 'DAY', 'HOUR', 'MINUTE', 'MONTH', 'SECOND' or 'YEAR'",
    );
    check_mismatch("SELECT EXTRACT(YEAR d)", "1:21 'd'; expecting 'FROM'");
    check_mismatch("SELECT trim(LEADING 'x')", "1:24 ')'; expecting 'FROM'");
    check_mismatch("SELECT normalize(a, NFX)", "1:21 'NFX'; expecting 'NFC', 'NFD', 'NFKC' or 'NFKD'");
    check_mismatch("SELECT count(* ORDER BY a)", "1:16 'ORDER'; expecting ')'");
    check_mismatch("SELECT count(DISTINCT)", "1:22 ')'; expecting an expression");
    check_mismatch("SELECT listagg(a, ',')", "1:23 '<EOF>'; expecting 'WITHIN'");
    check_mismatch("SELECT max(a) IGNORE NULLS FROM t", "1:28 'FROM'; expecting 'OVER'");
    check_mismatch("SELECT sum(a) OVER (ROWS 1)", "1:27 ')'; expecting 'FOLLOWING'");
    check_mismatch("SELECT transform(a, (x, 1) -> x)", "1:28 '->'; expecting ')'");
    check_mismatch("SELECT (a, b) AS (c)", "1:18 '('; expecting an identifier");
    check_mismatch("SELECT json_value(a, b)", "1:22 'b'; expecting a string");
    check_mismatch("SELECT json_value(a, '$' NULL ON ERROR NULL ON EMPTY)", "1:40 'NULL'; expecting ')'");
    check_mismatch("WITH a AS SELECT 1 SELECT 2", "1:11 'SELECT'; expecting '('");
    check_mismatch("SELECT a INTO b FROM t", "1:10 'INTO'; expecting <EOF>");
    check_mismatch("SELECT 1 UNION", "1:15 '<EOF>'; expecting a query");
    check_mismatch("SELECT * FROM t VERSION AS OF 1", "1:25 'AS'; expecting <EOF>");
    check_mismatch("SELECT x y z", "1:12 'z'; expecting <EOF>");
    check_mismatch("FROM t SELECT a", "1:1 'FROM'; expecting a query");
}

#[test]
fn words_of_no_kind() {
    check_error("SELECT 'abc", "1001 1:8 unterminated string");
    check_error("SELECT \"abc", "1001 1:8 unterminated quoted name");
    check_error("SELECT 1 /* abc", "1001 1:10 unterminated comment");
    check_error("SELECT X'1'", "1001 1:8 Binary literal must contain an even number of digits");
    check_error("SELECT X'1g'", "1001 1:8 Binary literal can only contain hexadecimal digits");
    check_error("SELECT \"\"", "1001 1:8 Zero-length delimited identifier not allowed");
    let digits = "identifiers must not start with a digit; surround the identifier with double quotes";
    check_error("SELECT 1a", &format!("1001 1:8 {digits}"));
    check_error("SELECT *\nFROM 2024_sales", &format!("1001 2:6 {digits}"));
    check_error("SELECT 0x", "1001 1:8 Invalid numeric literal: 0x");
    check_error("SELECT é, 'x", "1001 1:11 unterminated string");
}

#[test]
fn types_and_functions_that_do_not_exist() {
    check_error("SELECT CAST(a AS bigit)", "1017 1:18 Unknown type: bigit");
    check_error("SELECT system.f(1)", "1008 1:8 Function 'system.f' not registered");
    check_error(
        "SELECT json_query(a, '$' WITH WRAPPER KEEP QUOTES)",
        "1015 1:39 KEEP QUOTES behavior specified with WITH UNCONDITIONAL ARRAY WRAPPER behavior",
    );
}

#[test]
fn what_is_not_offered_is_refused_by_name() {
    fn check(text: &str, place: &str, construct: &str) {
        check_error(text, &format!("1007 {place} {construct} is not supported"));
    }
    check("SELECT * FROM t MATCH_RECOGNIZE (PATTERN (a))", "1:17", "MATCH_RECOGNIZE");
    check("SELECT * FROM JSON_TABLE(a, '$' COLUMNS (x bigint))", "1:15", "JSON_TABLE");
    check("SELECT a FROM t FOR UPDATE", "1:17", "FOR behind a query");
    check("SELECT 1 UNION CORRESPONDING SELECT 1", "1:16", "CORRESPONDING");
    check("SELECT a BETWEEN SYMMETRIC 1 AND 2", "1:18", "BETWEEN SYMMETRIC");
    check("SELECT a FROM t QUALIFY rank() OVER () = 1", "1:17", "QUALIFY");
    check("SELECT a FROM t GROUP BY ALL", "1:29", "GROUP BY ALL without expressions");
    check("SELECT a FROM t LATERAL VIEW explode(b) x AS y", "1:17", "LATERAL VIEW");
    check("SELECT a FROM 's3://b/x.csv'", "1:15", "a file in place of a table");
    check("SELECT max(a) WITHIN GROUP (ORDER BY b)", "1:15", "WITHIN GROUP for max");
    check("SELECT CAST(a AS bigint array[3])", "1:30", "an array type with a length");
    check(
        "SELECT * FROM t FOR VERSION AS OF 1",
        "1:17",
        "FOR … AS OF (time travel) of a table that is not an Iceberg table",
    );
    check(
        "SELECT sum(a) OVER (ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES)",
        "1:62",
        "EXCLUDE in a window's frame",
    );
}
