//! What texts mean as trees. Errors and limits are in the modules below.

mod errors;
mod limits;
mod print;

use protocol::Position;

use super::*;

fn parsed(text: &str) -> Result<Query> {
    on_deep_stack(|| parse(text, Position { line: 1, column: 1 }))
}

fn check(text: &str, expected: &str) {
    match parsed(text) {
        Ok(query) => assert_eq!(print::query(&query), expected, "{text}"),
        Err(error) => panic!("{text}: {}", error.to_user_text()),
    }
}

/// An expression, as the only item of a SELECT.
fn check_expr(text: &str, expected: &str) {
    check(&format!("SELECT {text}"), &format!("(select {expected})"));
}

#[test]
fn literals() {
    check_expr(
        "1, 1.50, .5, 5., 1e3, 1.5E-2, 'it''s', X'6a 6B', NULL, true, FALSE",
        "1 1.50 .5 5. 1e3d 1.5E-2d 'it's' x[106, 107] null true false",
    );
    check_expr("1_000, 0xff, 0b101, 0o17", "1000 255 5 15");
    check_expr("U&'snowman \\2603', U&'!2603' UESCAPE '!'", "'snowman \u{2603}' '\u{2603}'");
    check_expr(
        "DATE '2024-01-31', time '01:02', TIMESTAMP '2024-01-01 00:00:00.123 UTC'",
        "<DATE>'2024-01-31' <time>'01:02' <TIMESTAMP>'2024-01-01 00:00:00.123 UTC'",
    );
    check_expr(
        "DECIMAL '1.5', CHAR 'x', IPADDRESS '::1', JSON '{}', uuid 'a', DOUBLE '1', DOUBLE PRECISION '1', BIGINT '1'",
        "<DECIMAL>'1.5' <CHAR>'x' <IPADDRESS>'::1' <JSON>'{}' <uuid>'a' <DOUBLE>'1' <double>'1' <BIGINT>'1'",
    );
    check_expr(
        "INTERVAL '1' DAY, INTERVAL -'1' MONTH, INTERVAL + '2 3' DAY TO HOUR, interval '1-2' year to month",
        "(interval '1' day) (interval -'1' month) (interval '2 3' day-hour) (interval '1-2' year-month)",
    );
    check_expr("-1, - -1, +1, -(1), -a", "(neg 1) (neg (neg 1)) (plus 1) (neg 1) (neg a)");
    check_expr("-9223372036854775808", "(neg 9223372036854775808)");
    check_expr(
        "?, ? + 1, substring(?, ?), trim(?), ((SELECT ?) + ?)",
        "?0 (+ ?1 1) (substring ?2 ?3) (trim ?4) (+ [(select ?5)] ?6)",
    );
    check("SELECT 1 WHERE a IN ((SELECT ?) + ?, ?)", "(select 1 (where (in a (+ [(select ?0)] ?1) ?2)))");
}

#[test]
fn operators_by_precedence() {
    check_expr("1 + 2 * 3 - 4 / 5 % 6", "(- (+ 1 (* 2 3)) (% (/ 4 5) 6))");
    check_expr("1 - 2 - 3", "(- (- 1 2) 3)");
    check_expr("a || b + c || d", "(|| (|| a (+ b c)) d)");
    check_expr("-a * b", "(* (neg a) b)");
    check_expr("a OR b AND NOT c = d OR e", "(or a (and b (not (= c d))) e)");
    check_expr("(a OR b) AND c AND d", "(and (or a b) c d)");
    check_expr("NOT NOT a", "(not (not a))");
    check_expr(
        "a <> b, a != b, a <= b, a >= b, a < b, a > b",
        "(<> a b) (<> a b) (<= a b) (>= a b) (< a b) (> a b)",
    );
    check_expr("a = b || c", "(= a (|| b c))");
    check_expr(
        "a BETWEEN 1 AND 2 AND b NOT BETWEEN c + 1 AND d",
        "(and (between a 1 2) (not-between b (+ c 1) d))",
    );
    check_expr(
        "a IN (1), a NOT IN (1, 2), (a, b) IN ((1, 2), (3, 4))",
        "(in a 1) (not-in a 1 2) (in (row a b) (row 1 2) (row 3 4))",
    );
    check_expr(
        "a LIKE 'x%', a NOT LIKE b || '%' ESCAPE '!'",
        "(like a 'x%') (not-like a (|| b '%') escape '!')",
    );
    check_expr(
        "a IS NULL, a + 1 IS NOT NULL, a IS DISTINCT FROM b, a IS NOT DISTINCT FROM NULL",
        "(null a) (not-null (+ a 1)) (distinct a b) (not-distinct a null)",
    );
    check_expr(
        "a AT TIME ZONE 'UTC' + INTERVAL '1' DAY, -x AT TIME ZONE INTERVAL '-2' HOUR",
        "(+ (at-zone a 'UTC') (interval '1' day)) (neg (at-zone x (interval '-2' hour)))",
    );
    check_expr("a AT TIME ZONE 'UTC' AT TIME ZONE 'x'", "(at-zone (at-zone a 'UTC') 'x')");
    check_expr(
        "a > ALL (SELECT 1), a = ANY (VALUES 1, 2), a <> SOME (TABLE t)",
        "(> a all [(select 1)]) (= a any [(values 1 2)]) (<> a any [(table t)])",
    );
    check_expr(
        "a[1][b + 1].c, f(x).y[1], (a).b, ROW(1, 2)[1]",
        "a[1][(+ b 1)].c (f x).y[1] a.b (row 1 2)[1]",
    );
}

#[test]
fn parentheses() {
    check_expr("((1)), (1, 2), ((1, 2)), (((a)) + 1)", "1 (row 1 2) (row 1 2) (+ a 1)");
    check_expr(
        "(SELECT 1), ((SELECT 1)), ((SELECT 1) + 1), ((SELECT 1), 2)",
        "[(select 1)] [(select 1)] (+ [(select 1)] 1) (row [(select 1)] 2)",
    );
    check_expr(
        "((SELECT 1) UNION (SELECT 2)), (((SELECT 1)) ORDER BY 1 LIMIT 2)",
        "[(union [(select 1)] [(select 2)])] [[(select 1)] (order 1) (limit 2)]",
    );
    check_expr(
        "((SELECT 1) NOT IN (2)), (((SELECT 1)) - 1), ((SELECT a) IS NULL OR b)",
        "(not-in [(select 1)] 2) (- [(select 1)] 1) (or (null [(select a)]) b)",
    );
    check_expr("((SELECT 1)[1] || ((SELECT 2)))", "(|| [(select 1)][1] [(select 2)])");
    check_expr(
        "a IN (SELECT 1), a IN ((SELECT 1)), a IN (((SELECT 1))), a IN ((SELECT 1), 2), a IN ((SELECT 1) UNION SELECT 2)",
        "(in-query a [(select 1)]) (in a [(select 1)]) (in a [(select 1)]) (in a [(select 1)] 2) (in-query a [(union [(select 1)] (select 2))])",
    );
    check_expr("a IN (((SELECT 1) + 1) * 2)", "(in a (* (+ [(select 1)] 1) 2))");
    check_expr(
        "EXISTS (SELECT 1), NOT EXISTS ((SELECT 1))",
        "(exists [(select 1)]) (not (exists [[(select 1)]]))",
    );
}

#[test]
fn special_forms() {
    check_expr(
        "CASE WHEN a THEN 1 WHEN b THEN 2 ELSE 3 END, CASE a + 1 WHEN 1 THEN 'x' END",
        "(case a:1 b:2 else 3) (case (+ a 1) 1:'x')",
    );
    check_expr(
        "CAST(a AS bigint), TRY_CAST(a + 1 AS varchar(3)), CAST(NULL AS DECIMAL(10, 2))",
        "(cast a bigint) (try-cast (+ a 1) varchar(3)) (cast null decimal(10,2))",
    );
    check_expr(
        "CAST(a AS double precision), CAST(a AS timestamp(6) with time zone), CAST(a AS time without time zone)",
        "(cast a double) (cast a timestamp(6) with time zone) (cast a time(3))",
    );
    check_expr(
        "CAST(a AS ROW(X bigint, \"Y z\" ARRAY(varchar), row(date))), CAST(a AS ARRAY<MAP<varchar,int>>), CAST(a AS bigint array)",
        "(cast a row(x bigint, \"Y z\" array(varchar), row(date))) (cast a array(map(varchar, integer))) (cast a array(bigint))",
    );
    check_expr(
        "CAST(a /* to */ AS decimal(10, -- digits\n 2)), CAST(a AS ROW(\"a \"\"b\" char(3)))",
        "(cast a decimal(10,2)) (cast a row(\"a \"\"b\" char(3)))",
    );
    check_expr(
        "CAST(a AS interval day to second), CAST(a AS char), CAST(a AS ipaddress)",
        "(cast a interval day to second) (cast a char(1)) (cast a ipaddress)",
    );
    check_expr(
        "ARRAY[], ARRAY[1, ARRAY['a']], ROW(1), ROW(a, 'b')",
        "(array ) (array 1 (array 'a')) (row 1) (row a 'b')",
    );
    check_expr(
        "EXTRACT(YEAR FROM d), extract(timezone_hour FROM a + b)",
        "(extract YEAR d) (extract timezone_hour (+ a b))",
    );
    check_expr(
        "POSITION('a' IN b || c), SUBSTRING(s FROM 2), SUBSTRING(s FROM 2 FOR 3), SUBSTRING(s, 2, 3)",
        "(strpos (|| b c) 'a') (substr s 2) (substr s 2 3) (SUBSTRING s 2 3)",
    );
    check_expr(
        "TRIM(s), TRIM(BOTH FROM s), TRIM(LEADING 'x' FROM s), TRIM('x' FROM s), TRIM(TRAILING FROM s), TRIM(s, 'x'), TRIM(leading), trim(both, 'x')",
        "(trim s) (trim s) (ltrim s 'x') (trim s 'x') (rtrim s) (trim s 'x') (trim leading) (trim both 'x')",
    );
    check_expr("NORMALIZE(s), NORMALIZE(s, NFKC)", "(normalize s) (normalize s 'NFKC')");
    check_expr(
        "current_date, CURRENT_TIMESTAMP(6), localtime, current_time(0), localtimestamp, current_user",
        "current_date current_timestamp(6) localtime current_time(0) localtimestamp current_user",
    );
    check_expr("current_timestamp AT TIME ZONE 'UTC'", "(at-zone current_timestamp 'UTC')");
}

#[test]
fn calls() {
    check_expr(
        "f(), F(1, a), count(*), count(DISTINCT a), count(ALL a), \"F\"(x)",
        "(f) (F 1 a) (count *) (count distinct a) (count a) (\"F\" x)",
    );
    check_expr(
        "array_agg(a ORDER BY b DESC, c NULLS FIRST) FILTER (WHERE d > 0)",
        "(array_agg a (order b desc c nulls-first) (filter (> d 0)))",
    );
    check_expr(
        "count(*) FILTER (WHERE a) OVER w, count(*) over, sum(a) filter",
        "(count * (filter a) over w) (count *):over (sum a):filter",
    );
    check_expr(
        "listagg(a, ',') WITHIN GROUP (ORDER BY b), LISTAGG(DISTINCT a) WITHIN GROUP (ORDER BY a DESC) FILTER (WHERE c)",
        "(listagg a ',' (order b)) (LISTAGG distinct a (order a desc) (filter c))",
    );
    check_expr(
        "listagg(a, ',' ON OVERFLOW TRUNCATE '~' WITHOUT COUNT) WITHIN GROUP (ORDER BY b), listagg(a ON OVERFLOW ERROR) WITHIN GROUP (ORDER BY b)",
        "(listagg a ',' truncate-Truncation { filler: \"~\", with_count: false } (order b)) (listagg a (order b))",
    );
    check_expr(
        "lag(a, 1) IGNORE NULLS OVER (ORDER BY b), first_value(a IGNORE NULLS) OVER (), max(a) RESPECT NULLS OVER w",
        "(lag a 1 ignore-nulls (over (order b))) (first_value a ignore-nulls (over)) (max a respect-nulls over w)",
    );
    check_expr(
        "transform(a, x -> x + 1), reduce(a, 0, (s, x) -> s + x, s -> s), f(() -> 1), f((x) -> (y) -> x)",
        "(transform a (lambda (x) (+ x 1))) (reduce a 0 (lambda (s x) (+ s x)) (lambda (s) s)) (f (lambda () 1)) (f (lambda (x) (lambda (y) x)))",
    );
    check_expr(
        "grouping(a, t.b), if(a, 1), replace(a, 'b'), date(a), year(a), map(), nullif(1, 2), format('%s', a)",
        "(grouping a t.b) (if a 1) (replace a 'b') (date a) (year a) (map) (nullif 1 2) (format '%s' a)",
    );
    check_expr(
        "try(1 / 0), coalesce(a, b), position, substring, interval, row, array, date '2024-01-01', date",
        "(try (/ 1 0)) (coalesce a b) position substring interval row array <date>'2024-01-01' date",
    );
}

#[test]
fn windows() {
    check_expr(
        "rank() OVER (PARTITION BY a, b ORDER BY c DESC), sum(x) OVER w, sum(x) OVER (w)",
        "(rank (over (by a b) (order c desc))) (sum x over w) (sum x (over w))",
    );
    check_expr(
        "sum(x) OVER (ORDER BY a ROWS BETWEEN 2 PRECEDING AND CURRENT ROW), sum(x) OVER (ORDER BY a RANGE UNBOUNDED PRECEDING)",
        "(sum x (over (order a) (rows -2 here))) (sum x (over (order a) (range -inf)))",
    );
    check_expr(
        "sum(x) OVER (w ORDER BY a GROUPS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)",
        "(sum x (over w (order a) (groups +1 +inf)))",
    );
    check_expr(
        "sum(x) OVER (ORDER BY d RANGE BETWEEN INTERVAL '1' DAY PRECEDING AND n + 1 FOLLOWING)",
        "(sum x (over (order d) (range -(interval '1' day) +(+ n 1))))",
    );
    check_expr(
        "sum(x) OVER (range), sum(x) OVER (rows ROWS 1 PRECEDING), sum(x) OVER (partition)",
        "(sum x (over range)) (sum x (over rows (rows -1))) (sum x (over partition))",
    );
    check(
        "SELECT 1 FROM t WINDOW w AS (PARTITION BY a), v AS (w ORDER BY b)",
        "(select 1 (from t) (window w  (by a)) (window v  w (order b)))",
    );
}

#[test]
fn json_functions() {
    check_expr(
        "json_exists(a, 'lax $.x'), JSON_EXISTS(a FORMAT JSON, 'strict $' PASSING 1 AS x, b FORMAT JSON AS \"Y\" UNKNOWN ON ERROR)",
        "(json-exists a 'lax $.x' FALSE) (json-exists a/json 'strict $' 1:x  b/json:\"Y\" UNKNOWN)",
    );
    check_expr(
        "JSON_VALUE(a, '$' RETURNING bigint NULL ON EMPTY DEFAULT 1 + 1 ON ERROR), JSON_VALUE(a, '$' ERROR ON ERROR)",
        "(json-value a '$' -> bigint null default:(+ 1 1)) (json-value a '$' null error)",
    );
    check_expr(
        "JSON_QUERY(a, '$' RETURNING varchar(10) WITH CONDITIONAL ARRAY WRAPPER EMPTY ARRAY ON EMPTY ERROR ON ERROR)",
        "(json-query a '$' -> varchar(10) CONDITIONAL EMPTY ARRAY, ERROR)",
    );
    check_expr(
        "JSON_QUERY(a, '$' RETURNING varchar FORMAT JSON OMIT QUOTES ON SCALAR STRING EMPTY OBJECT ON ERROR), JSON_QUERY(a, '$' WITH WRAPPER)",
        "(json-query a '$' -> varchar WITHOUT omit NULL, EMPTY OBJECT) (json-query a '$' UNCONDITIONAL NULL, NULL)",
    );
    check_expr(
        "JSON_OBJECT(), JSON_OBJECT('a' : 1, KEY 'b' VALUE x FORMAT JSON, c VALUE JSON_ARRAY(1) ABSENT ON NULL WITH UNIQUE KEYS)",
        "(json-object ) (json-object 'a':1 'b':x/json c:(json-array 1)/json absent unique)",
    );
    check_expr(
        "JSON_OBJECT(key VALUE value, key : 1, KEY key VALUE 2), JSON_OBJECT(RETURNING varchar)",
        "(json-object key:value key:1 key:2) (json-object  -> varchar)",
    );
    check_expr(
        "JSON_ARRAY(), JSON_ARRAY(1, NULL, 'a' NULL ON NULL RETURNING varbinary FORMAT JSON ENCODING UTF16), JSON_ARRAY(a ABSENT ON NULL)",
        "(json-array ) (json-array 1 null 'a' null -> varbinary-utf16) (json-array a)",
    );
}

#[test]
fn selects() {
    check("SELECT * FROM t", "(select * (from t))");
    check("SELECT t.*, a.b.*, (r).* AS (x, y), r[1].*", "(select t.* a.b.* r.*(x y) r[1].*)");
    check("SELECT a b, a AS b, a AS \"B\", a \"c d\", a `e`", "(select a:b a:b a:\"B\" a:\"c d\" a:\"e\")");
    check("SELECT DISTINCT a, ALL b", "(select-distinct a ALL:b)");
    check("SELECT ALL a, all FROM all", "(select a all (from all))");
    check("SELECT ALL *", "(select *)");
    check("SELECT all, all + 1 FROM t", "(select all (+ all 1) (from t))");
    check(
        "SELECT a FROM t WHERE b GROUP BY c HAVING d ORDER BY e, 2 DESC NULLS FIRST OFFSET 1 ROW LIMIT 5",
        "(select a (from t) (where b) (group c) (having d)) (order e 2 desc nulls-first) (offset 1) (limit 5)",
    );
    check("SELECT a FROM t OFFSET 2 ROWS FETCH FIRST ROW ONLY", "(select a (from t)) (offset 2) (limit 1)");
    check("SELECT a FROM t FETCH NEXT 3 ROWS WITH TIES", "(select a (from t)) (limit 3 ties)");
    check("SELECT a FROM t LIMIT ALL", "(select a (from t))");
    check("SELECT a FROM t OFFSET ? LIMIT ?", "(select a (from t)) (offset ?0) (limit ?1)");
    check(
        "WITH a AS (SELECT 1), b (x, y) AS (TABLE c) SELECT * FROM a",
        "(with a (select 1)) (with b(x y) (table c)) (select * (from a))",
    );
    check(
        "WITH RECURSIVE r (n) AS (VALUES 1 UNION ALL SELECT n + 1 FROM r) TABLE r",
        "(with-recursive r(n) (union-all (values 1) (select (+ n 1) (from r)))) (table r)",
    );
    check("VALUES 1, (2), (3, 'a'), ROW(4, 5)", "(values 1 2 (row 3 'a') (row 4 5))");
    check("TABLE a.b.c ORDER BY 1", "(table a.b.c) (order 1)");
    check("-- first\nSELECT /* second ; */ 1 -- third", "(select 1)");
    check(
        "SELECT \"$path\", \"a\"\"b\", `2024`, \"1x\" FROM \"t$partitions\"",
        "(select \"$path\" \"a\"b\" \"2024\" \"1x\" (from \"t$partitions\"))",
    );
}

#[test]
fn set_operations() {
    check("SELECT 1 UNION SELECT 2 UNION SELECT 3", "(union (select 1) (select 2) (select 3))");
    check(
        "SELECT 1 UNION SELECT 2 UNION ALL SELECT 3",
        "(union-all (union (select 1) (select 2)) (select 3))",
    );
    check(
        "SELECT 1 UNION SELECT 2 INTERSECT SELECT 3",
        "(union (select 1) (intersect (select 2) (select 3)))",
    );
    check(
        "SELECT 1 EXCEPT DISTINCT SELECT 2 EXCEPT ALL VALUES 3",
        "(except-all (except (select 1) (select 2)) (values 3))",
    );
    check(
        "(SELECT 1 LIMIT 1) UNION ALL (SELECT 2) ORDER BY 1",
        "(union-all [(select 1) (limit 1)] [(select 2)]) (order 1)",
    );
    check("((SELECT 1)) UNION TABLE t LIMIT 3", "(union [[(select 1)]] (table t)) (limit 3)");
}

#[test]
fn groups() {
    check("SELECT 1 GROUP BY a, (b), (c, d), ()", "(select 1 (group a b (sets {c d}) (sets {})))");
    check(
        "SELECT 1 GROUP BY DISTINCT ROLLUP (a, (b, c)), CUBE (d)",
        "(select 1 (group-distinct (rollup {a} {b c}) (cube {d})))",
    );
    check(
        "SELECT 1 GROUP BY ALL GROUPING SETS ((a, b), (a), (), c), 1",
        "(select 1 (group (sets {a b} {a} {} {c}) 1))",
    );
    check(
        "SELECT 1 GROUP BY (a + b) * c, (a).b, ((a, b)), (SELECT 1)",
        "(select 1 (group (* (+ a b) c) a.b (row a b) [(select 1)]))",
    );
    check(
        "SELECT 1 GROUP BY ((SELECT 1) + 1), ROLLUP ((a) + 1, ((b)))",
        "(select 1 (group (+ [(select 1)] 1) (rollup {(+ a 1)} {b})))",
    );
    check(
        "SELECT 1 GROUP BY (a, b) HAVING c UNION SELECT 1 GROUP BY (a) LIMIT 1",
        "(union (select 1 (group (sets {a b})) (having c)) (select 1 (group a))) (limit 1)",
    );
}

#[test]
fn relations() {
    check("SELECT 1 FROM a, b.c x, d AS y (p, q)", "(select 1 (from a b.c:x d:y(p q)))");
    check(
        "SELECT 1 FROM a JOIN b ON x LEFT JOIN c USING (d, e) CROSS JOIN f",
        "(select 1 (from (cross (left (inner a b on x) c using(d e)) f)))",
    );
    check(
        "SELECT 1 FROM a INNER JOIN b ON x RIGHT OUTER JOIN c ON y FULL JOIN d ON z",
        "(select 1 (from (full (right (inner a b on x) c on y) d on z)))",
    );
    check(
        "SELECT 1 FROM a NATURAL JOIN b NATURAL LEFT JOIN c",
        "(select 1 (from (left (inner a b natural) c natural)))",
    );
    check("SELECT 1 FROM a JOIN b JOIN c ON x ON y", "(select 1 (from (inner a (inner b c on x) on y)))");
    check(
        "SELECT 1 FROM a LEFT JOIN b JOIN c JOIN d ON x ON y ON z",
        "(select 1 (from (left a (inner b (inner c d on x) on y) on z)))",
    );
    check("SELECT 1 FROM a JOIN b CROSS JOIN c ON x", "(select 1 (from (inner a (cross b c) on x)))");
    check("SELECT 1 FROM a JOIN (b JOIN c ON x) ON y", "(select 1 (from (inner a (inner b c on x) on y)))");
    check(
        "SELECT 1 FROM (SELECT 2) x, ((SELECT 3)) y, (VALUES 1) AS z (n), (TABLE t)",
        "(select 1 (from [(select 2)]:x [[(select 3)]]:y [(values 1)]:z(n) [(table t)]))",
    );
    check(
        "SELECT 1 FROM ((SELECT 2) x JOIN (t) ON a), (((SELECT 3) UNION SELECT 4))",
        "(select 1 (from (inner [(select 2)]:x t on a) [[(union [(select 3)] (select 4))]]))",
    );
    check(
        "SELECT 1 FROM (((a CROSS JOIN b)) JOIN c USING (d))",
        "(select 1 (from (inner (cross a b) c using(d))))",
    );
    check(
        "SELECT 1 FROM t, UNNEST(a, b) WITH ORDINALITY AS u (x, y, n) CROSS JOIN UNNEST(c)",
        "(select 1 (from t (cross (unnest-ordinality a b):u(x y n) (unnest c))))",
    );
    check(
        "SELECT 1 FROM t LEFT JOIN UNNEST(a) u (x) ON TRUE, LATERAL (SELECT t.a) l",
        "(select 1 (from (left t (unnest a):u(x) on true) lateral[(select t.a)]:l))",
    );
    check(
        "SELECT 1 FROM t x TABLESAMPLE BERNOULLI (10), u TABLESAMPLE SYSTEM (1.5)",
        "(select 1 (from (bernoulli t:x 10) (system u 1.5)))",
    );
    check(
        "SELECT 1 FROM TABLE(sequence(start => 1, stop => 3)) s, TABLE(f(1, 'a'))",
        "(select 1 (from (table-function sequence start=>1 stop=>3):s (table-function f 1 'a')))",
    );
}

#[test]
fn words_that_are_not_reserved_are_names() {
    check(
        "SELECT date, day, count, user, type, timestamp, value, schema, time, year, month, hour, zone, data, comment, first, last, filter, over, position, text, json, key, status FROM t",
        "(select date day count user type timestamp value schema time year month hour zone data comment first last filter over position text json key status (from t))",
    );
    check(
        "SELECT t.date, t.order_, t.\"order\", row.map, array FROM show.partition",
        "(select t.date t.order_ t.\"order\" row.map array (from show.partition))",
    );
    check(
        "SELECT a limit, b offset FROM limit, t offset WHERE x",
        "(select a:limit b:offset (from limit t:offset) (where x))",
    );
    check(
        "SELECT a window FROM t window WINDOW window AS ()",
        "(select a:window (from t:window) (window window ))",
    );
    check(
        "SELECT 1 FROM t tablesample TABLESAMPLE SYSTEM (1) LIMIT 1",
        "(select 1 (from (system t:tablesample 1))) (limit 1)",
    );
    check("SELECT größe, _a, a1 FROM tabelle", "(select größe _a a1 (from tabelle))");
    check(
        "SELECT if, replace, call, set, ignore, no FROM path",
        "(select if replace call set ignore no (from path))",
    );
    check(
        "WITH limit AS (SELECT 1 all) SELECT any FROM limit AS set",
        "(with limit (select 1:all)) (select any (from limit:set))",
    );
}
