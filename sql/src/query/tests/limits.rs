//! Texts of any shape and length end in a tree or an error, soon.

use std::time::{Duration, Instant};

use super::{parsed, print};
use crate::parse::STATEMENT_BYTES_MAX;

/// For the longest statement, in an unoptimised build on a busy machine; an optimised one needs a hundredth.
const TIME_MAX: Duration = Duration::from_secs(10);

fn fill(start: &str, unit: &str, end: &str) -> String {
    let count = (STATEMENT_BYTES_MAX - start.len() - end.len()) / unit.len();
    format!("{start}{}{end}", unit.repeat(count))
}

fn nest(count: usize, open: &str, inside: &str, close: &str) -> String {
    format!("{}{inside}{}", open.repeat(count), close.repeat(count))
}

fn check(name: &str, text: &str, is_query: bool) {
    let started = Instant::now();
    let parsed = parsed(text);
    let elapsed = started.elapsed();
    let error = parsed.as_ref().err().map(|error| error.to_user_text());
    assert_eq!(parsed.is_ok(), is_query, "{name}: {error:?}");
    assert!(elapsed < TIME_MAX, "{name} took {elapsed:?}");
    // A tree can be dropped on a small stack.
    drop(parsed);
}

#[test]
fn wide_queries_are_read() {
    check("or", &fill("SELECT 1 FROM t WHERE a", " OR b", ""), true);
    check("100,000 terms", &format!("SELECT a{}", "or a".repeat(100_000).replace("or", " OR")), true);
    check("and", &fill("SELECT 1 FROM t WHERE a", " AND b = 'x'", ""), true);
    check("in", &format!("SELECT a IN (1{})", ",1".repeat(100_000)), true);
    check("in rows", &fill("SELECT (a, b) IN ((1,2)", ",(1,2)", ")"), true);
    check("in parentheses", &fill("SELECT a IN ((1)", ",((1))", ")"), true);
    check("values", &fill("VALUES (1, 'a')", ",(1,'a')", ""), true);
    check("items", &fill("SELECT a", ",a+1 AS b", ""), true);
    check("unions", &format!("SELECT 1{}", " UNION SELECT 1".repeat(1_000)), true);
    check("all unions", &format!("SELECT 1{}", " UNION ALL (SELECT 1)".repeat(10_000)), true);
    check("branches", &fill("SELECT CASE", " WHEN a THEN 1", " END"), true);
    check("arguments", &fill("SELECT concat(a", ",a", ")"), true);
    check("a long string", &fill("SELECT '", "it''s", "'"), true);
    check("comments", &fill("SELECT ", "/* a */", "1"), true);
    check("lines", &fill("SELECT ", "\n", "1"), true);
    check("groups", &fill("SELECT 1 GROUP BY a", ",(a)", ""), true);
    check("grouping sets", &fill("SELECT 1 GROUP BY GROUPING SETS (a", ",(a,b)", ")"), true);
    check("additions", &format!("SELECT 1{}", "+1".repeat(240)), true);
}

#[test]
fn deep_queries_are_refused() {
    for (name, text) in [
        ("2,000 additions", format!("SELECT 1{}", "+1".repeat(2_000))),
        ("plus", fill("SELECT 1", "+1", "")),
        ("plus, then an error", fill("SELECT 1", "+1", " FROM FROM")),
        ("or, then an error", fill("SELECT 1 FROM t WHERE a", " OR b", " GROUP")),
        ("concat", fill("SELECT a", "||a", "")),
        ("is null", fill("SELECT a", " IS NULL", "")),
        ("minus", fill("SELECT ", "- ", "1")),
        ("not", fill("SELECT ", "NOT ", "1")),
        ("parentheses", format!("SELECT {}", nest(10_000, "(", "1", ")"))),
        ("open parentheses", fill("SELECT ", "(", "")),
        ("parentheses before a query", format!("SELECT {}", nest(10_000, "(", "SELECT 1", ")"))),
        ("parentheses of a query", nest(100_000, "(", "SELECT 1", ")")),
        ("open tables", fill("SELECT * FROM ", "(", "")),
        ("in of parentheses", fill("SELECT a IN ", "(", "")),
        ("brackets", fill("SELECT a", "[1]", "")),
        ("fields", fill("SELECT a", ".b", "")),
        ("arrays", fill("SELECT ", "ARRAY[", "")),
        ("calls", format!("SELECT {}", nest(10_000, "f(", "1", ")"))),
        ("substrings", format!("SELECT {}", nest(10_000, "substring(", "a", ", 1)"))),
        ("case", fill("SELECT ", "CASE WHEN ", "")),
        ("types", fill("SELECT CAST(a AS ", "ARRAY<", "")),
        ("other unions", fill("SELECT 1", " UNION SELECT 1 UNION ALL SELECT 1", "")),
        ("excepts", fill("SELECT 1", " EXCEPT SELECT 1", "")),
        ("commas", fill("SELECT * FROM t", ",t", "")),
        ("cross joins", fill("SELECT * FROM t", " CROSS JOIN t", "")),
        ("joins", fill("SELECT * FROM t", " JOIN t ON a", "")),
        ("joins to the right", fill("SELECT * FROM t", " JOIN t", "")),
        (
            "joins of joins",
            format!("SELECT * FROM {}", nest(50, "(", "t", &(" CROSS JOIN t".repeat(10) + ")"))),
        ),
        ("subqueries", format!("SELECT {}", nest(5_000, "(SELECT ", "1", ")"))),
        ("tables", fill("SELECT * FROM ", "(SELECT * FROM ", "")),
        ("with", fill("", "WITH a AS (", "")),
        ("lambdas", fill("SELECT f(", "x -> ", "")),
        ("at time zone", fill("SELECT a", " AT TIME ZONE 'UTC'", "")),
        ("distinct", fill("SELECT a", " IS DISTINCT FROM b", "")),
        ("grouping", format!("SELECT 1 GROUP BY {}", nest(1_000, "(", "a", ")"))),
    ] {
        check(name, &text, false);
    }
}

#[test]
fn plans_that_grow_with_each_with_query_are_refused() {
    let chain = |count: usize, body: &str| {
        let ctes =
            (1..=count).map(|at| format!(", t{at} AS ({})", body.replace('@', &format!("t{}", at - 1))));
        format!("WITH t0 AS (SELECT 1 a){} SELECT * FROM t{count}", ctes.collect::<String>())
    };
    check("a chain", &chain(200, "SELECT a FROM @"), true);
    check("a long chain", &chain(300, "SELECT a FROM @"), false);
    check("a doubling chain", &chain(40, "SELECT x.a FROM @ x, @ y"), false);
    check("a doubling union", &chain(40, "SELECT a FROM @ UNION ALL SELECT a FROM @"), false);
    check("subqueries", &chain(40, "SELECT (SELECT max(a) FROM @) a FROM @"), false);
    check("a short doubling chain", &chain(5, "SELECT a FROM @ UNION ALL SELECT a FROM @"), true);
}

#[test]
fn subqueries_that_the_engine_would_look_at_too_often_are_refused() {
    for (name, open, close, most) in [
        ("scalar", "(SELECT ", ")", 14),
        ("exists", "EXISTS (SELECT ", ")", 7),
        ("in", "a IN (SELECT ", ")", 4),
        ("all", "a < ALL (SELECT ", ")", 3),
        ("exists in conditions", "EXISTS (SELECT 1 WHERE ", ")", 14),
        ("in in conditions", "a AND 1 IN (SELECT 1 WHERE ", ")", 14),
        ("in a negated condition", "NOT (1 IN (SELECT 1 WHERE ", "))", 4),
    ] {
        let start = if open.contains("WHERE") { "SELECT 1 WHERE" } else { "SELECT" };
        let text = |depth: usize| format!("{start} {}", nest(depth, open, "a", close));
        check(name, &text(most), true);
        check(name, &text(most + 1), false);
    }
    check("many", &format!("SELECT 1{}", ", (SELECT 1)".repeat(200)), true);
}

/// Each of these was, or could have been, read twice at every level.
#[test]
fn nothing_is_read_twice() {
    for depth in [10, 20, 40, 60, 90] {
        for text in [
            format!("SELECT {}", nest(depth, "(", "1 1", ")")),
            format!("SELECT {}", nest(depth, "(", "SELECT 1 1 1", ")")),
            format!("SELECT {}", nest(depth, "((SELECT 1) + ", "1 1", ")")),
            format!("SELECT {}", nest(depth, "(((SELECT 1)) UNION (SELECT ", "1 1", "))")),
            format!("SELECT {}", nest(depth, "substring(", "a b c", ")")),
            format!("SELECT {}", nest(depth, "substring(", "a", " FROM 1)")),
            format!("SELECT {}", nest(depth, "1 IN ((", "a", "))")),
            format!("SELECT {}", nest(depth, "1 IN ((SELECT ", "a", "), 2)")),
            format!("SELECT {}", nest(depth, "(x, y) -> (", "a b", ")")),
            format!("SELECT 1 GROUP BY {}", nest(depth, "(a + (SELECT 1 GROUP BY ", "(a)", ")) + 1")),
            format!("SELECT * FROM {}", nest(depth, "(", "t", ")")),
            format!("SELECT * FROM {}", nest(depth, "((SELECT * FROM ", "t", ") CROSS JOIN t)")),
            format!("SELECT * FROM {}", nest(depth, "((SELECT * FROM ", "t t t", ") CROSS JOIN t)")),
            format!("SELECT * FROM {}", nest(depth, "(", "SELECT 1 1 1", ")")),
            format!("SELECT {}", nest(depth, "EXISTS (SELECT ", "a b c", ")")),
            format!("SELECT {}", nest(depth, "CAST(", "a", "")),
            format!("SELECT CAST(a AS {})", nest(depth, "row(row ", "bigint", ")")),
        ] {
            let started = Instant::now();
            let _ = parsed(&text);
            assert!(started.elapsed() < Duration::from_secs(2), "{text}: {:?}", started.elapsed());
        }
    }
}

#[test]
fn long_chains_keep_the_order_of_their_operands() {
    let terms: Vec<String> = (0..5_000).map(|term| format!("a = {term}")).collect();
    let query = parsed(&format!("SELECT {}", terms.join(" OR "))).unwrap();
    let expected: Vec<String> = (0..5_000).map(|term| format!("(= a {term})")).collect();
    assert_eq!(print::query(&query), format!("(select (or {}))", expected.join(" ")));
}

#[test]
fn no_text_panics_the_parser() {
    let seeds = [
        "SELECT a, count(*) FROM d.t WHERE b = 'é' GROUP BY 1 HAVING x IN ((SELECT 1) + 1) ORDER BY 2",
        "WITH a AS (VALUES (1, U&'\\00e9' UESCAPE '!')) SELECT (x, y) -> x FROM ((TABLE a) b JOIN c USING (d))",
        "SELECT CAST(a AS ROW(\"é\" decimal(10, 2))), 0xfg, 1e5, X'6', /* é */ INTERVAL - '1' DAY -- é",
        "SELECT json_value(a, '$' PASSING 1 AS x RETURNING varchar DEFAULT 'é' ON EMPTY), listagg(é) WITHIN GROUP (ORDER BY a)",
    ];
    for seed in seeds {
        for (cut, c) in seed.char_indices() {
            let _ = parsed(&seed[..cut]);
            let _ = parsed(&seed[cut + c.len_utf8()..]);
            let _ = parsed(&format!("{}{}", &seed[..cut], &seed[cut + c.len_utf8()..]));
            let _ = parsed(&format!("{}'é{}", &seed[..cut], &seed[cut..]));
        }
    }
}
