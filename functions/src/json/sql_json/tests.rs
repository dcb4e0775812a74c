//! Cases for the functions with a path, and for those that make JSON.

use arrow::array::ArrayRef;
use datafusion::logical_expr::ColumnarValue;

use super::construct;
use crate::{
    Call, Type,
    columns::text,
    testing::{check, value},
};

/// `$json_query` with an unconditional wrapper: all that a path finds; the third column is `ON ERROR`'s answer.
fn found(cases: &[(&str, &str, &str)]) {
    for (json, path, expected) in cases {
        let json = format!("varchar '{json}'");
        let path = format!("varchar '{}'", path.replace('\'', "''"));
        let arguments: &[&str] = &[
            &json,
            &path,
            "unknown NULL",
            "varchar 'UNCONDITIONAL'",
            "boolean false",
            "varchar 'EMPTY ARRAY'",
            "varchar 'ERROR'",
        ];
        let expected = match expected.starts_with("error ") {
            true => (*expected).to_owned(),
            false => format!("varchar '{expected}'"),
        };
        check("$json_query", &[(arguments, &expected)]);
    }
}

#[test]
fn accessors() {
    found(&[
        (r#"{"a":{"b":[1,2,3]}}"#, "lax $.a.b[1]", "[2]"),
        (r#"{"a":{"b":[1,2,3]}}"#, "strict $.a.b[0 to 1, last]", "[1,2,3]"),
        (r#"{"a":[{"b":1},{"b":2},{"c":3}]}"#, "lax $.a.b", "[1,2]"),
        (
            r#"{"a":[{"b":1},{"b":2},{"c":3}]}"#,
            "strict $.a.b",
            "error invalid item type. Expected: OBJECT, actual: ARRAY",
        ),
        (
            r#"{"a":[{"b":1},{"c":3}]}"#,
            "strict $.a[*].b",
            "error structural error: missing member 'b' in JSON object",
        ),
        (r#"{"a":1}"#, "lax $.x.y", "[]"),
        (r#"{"a":1}"#, "lax $.a[0][*]", "[1]"),
        (r#"{"a":1}"#, "strict $.a[0]", "error Expected: ARRAY, actual: NUMBER"),
        ("[1,2]", "lax $[5]", "[]"),
        ("[1,2]", "strict $[5]", "error invalid array subscript: [5, 5] for array of size 2"),
        ("[1,2,3]", "lax $[1 to 9]", "[2,3]"),
        ("[1,2,3]", "lax $[2 to 1]", "[]"),
        ("[1,2,3]", "lax $[last - 1]", "[2]"),
        ("[1,2,3]", "lax $[1.5]", "[3]"),
        ("[1,2,3]", "lax $[-1]", "[]"),
        ("[]", "strict $[0]", "error invalid array subscript for empty array"),
        (r#"{"a b":1,"c":[2]}"#, "lax $.\"a b\"", "[1]"),
        (r#"{"a":1,"c":[2]}"#, "lax $.*", "[1,[2]]"),
        (r#"[{"a":1},{"a":2,"b":3}]"#, "lax $.*", "[1,2,3]"),
        (r#"{"a":1,"a":2}"#, "lax $.a", "[2]"),
        (r#"{"a":{"x":1,"b":{"x":2}},"c":[{"x":3}]}"#, "lax $..x", "[1,2,3]"),
        (r#"{"type":1,"abs":2}"#, "lax $.type", "[1]"),
        ("[1,[2,[3]]]", "lax $[*][*]", "[1,2,[3]]"),
        ("1 and more", "lax $", "[1]"),
        ("", "lax $", "error conversion to JSON failed"),
        ("[1,", "lax $", "error conversion to JSON failed"),
    ]);
}

#[test]
fn methods() {
    found(&[
        (
            r#"[1,"a",true,null,[],{}]"#,
            "lax $[*].type()",
            r#"["number","string","boolean","null","array","object"]"#,
        ),
        (r#"[1,"a"]"#, "lax $.type()", r#"["array"]"#),
        ("[[1,2],3]", "lax $[*].size()", "[2,1]"),
        ("[[1,2],3]", "strict $[*].size()", "error Expected: ARRAY, actual: NUMBER"),
        (r#"[1,"2.5",3.5]"#, "lax $.double()", "[1.0,2.5,3.5]"),
        (r#"["x"]"#, "lax $.double()", "error Cannot cast 'x' to DOUBLE"),
        ("[-1,2,-3.5]", "lax $.abs()", "[1,2,3.5]"),
        ("[1.2,-1.2,3]", "lax $.ceiling()", "[2.0,-1.0,3]"),
        ("[1.2,-1.2,3]", "lax $.floor()", "[1.0,-2.0,3]"),
        ("1", "lax (1.25).ceiling()", "[2]"),
        ("1", "lax -1.25.floor()", "[-2]"),
        ("1", "lax (-1.25).floor()", "[-2]"),
        ("\"x\"", "lax $.abs()", "error Expected: NUMBER, actual: STRING"),
        ("1", "lax \"x\".abs()", "error cannot perform JSON path method"),
        (
            r#"[{"a":1,"b":[2]},{"c":3}]"#,
            "lax $.keyvalue()",
            r#"[{"name":"a","value":1,"id":0},{"name":"b","value":[2],"id":0},{"name":"c","value":3,"id":1}]"#,
        ),
        ("12345678901234567890", "lax $.abs()", "error value too big"),
        ("12345678901234567890", "lax $", "[12345678901234567890]"),
        ("\"2020-01-01\"", "lax $.datetime()", "error datetime method in JSON path is not yet supported"),
    ]);
}

#[test]
fn arithmetic() {
    found(&[
        (r#"{"a":7,"b":2}"#, "lax $.a + $.b * 2", "[11]"),
        (r#"{"a":7,"b":2}"#, "lax ($.a + $.b) * 2", "[18]"),
        (r#"{"a":7,"b":2}"#, "lax $.a / $.b", "[3]"),
        (r#"{"a":7,"b":2}"#, "lax $.a % $.b - 10", "[-9]"),
        (r#"{"a":7,"b":2}"#, "lax -$.a", "[-7]"),
        (r#"{"a":7.5}"#, "lax $.a + 1", "[8.5]"),
        ("[1,2]", "lax -$", "[-1,-2]"),
        ("[1,2]", "lax $ + 1", "error arithmetic binary expression requires singleton operands"),
        ("1", "lax 1.5 + 2.25", "[3.75]"),
        ("1", "lax 1.5 * 2", "[3.0]"),
        ("1", "lax 1.0 / 3.00", "[0.33]"),
        ("1", "lax 2.00 / 3.0", "[0.67]"),
        ("1", "lax -7.5 % 2", "[-1.5]"),
        ("1", "lax 1e0 / 0", "[\"Infinity\"]"),
        ("1", "lax 1 / 0", "error Division by zero"),
        ("2147483647", "lax $ + 1", "error integer overflow"),
        ("2147483648", "lax $ + 1", "[2147483649]"),
        ("-5", "lax $.abs() + -3", "[2]"),
        ("true", "lax $ + 1", "error Expected: NUMBER, actual: BOOLEAN"),
    ]);
}

#[test]
fn filters() {
    found(&[
        ("[1,2,3]", "lax $ ? (@ > 1)", "[2,3]"),
        ("[1,2,3]", "strict $ ? (@ > 1)", "[]"),
        ("[1,2,3]", "strict $[*] ? (@ > 1 && @ <> 3)", "[2]"),
        ("[1,2,3]", "lax $ ? (@ < 2 || @ >= 3)", "[1,3]"),
        ("[1,\"2\",3]", "lax $ ? (!(@ == 1))", "[3]"),
        ("[1,\"2\",3]", "lax $ ? ((@ == 1) is unknown)", "[\"2\"]"),
        ("[1.5,2]", "lax $ ? (@ == 1.5)", "[1.5]"),
        ("[null,1]", "lax $ ? (@ == null)", "[null]"),
        ("[null,1]", "lax $ ? (@ != null)", "[1]"),
        ("[true,false]", "lax $ ? (@ == true)", "[true]"),
        (r#"[{"a":1},{"b":2}]"#, "lax $ ? (exists(@.a))", r#"[{"a":1}]"#),
        (r#"[{"a":1},{"b":2}]"#, "strict $[*] ? (exists(@.a))", r#"[{"a":1}]"#),
        (r#"[{"a":1},{"b":2}]"#, "strict $[*] ? ((exists(@.a)) is unknown)", r#"[{"b":2}]"#),
        (r#"["abc","b",1]"#, "lax $ ? (@ starts with \"a\")", r#"["abc"]"#),
        (r#"[{"a":[1,5]},{"a":[2]}]"#, "lax $ ? (@.a > 4)", r#"[{"a":[1,5]}]"#),
        (r#"[{"a":[1]}]"#, "strict $[*] ? (@.a == @.a)", "[]"),
        (r#"[{"a":3,"b":[1,2,3]}]"#, "lax $ ? (@.b[last] == @.a).a", "[3]"),
        (r#"[{"a":3}]"#, "lax $ ? ((@.a + 1) * 2 == 8)", r#"[{"a":3}]"#),
        (
            "[\"a\"]",
            "lax $ ? (@ like_regex \"a\")",
            "error like_regex predicate in JSON path is not yet supported",
        ),
        ("1", "lax @", "error accessing current filter item with no enclosing filter"),
        ("1", "lax last", "error accessing the last array index with no enclosing array"),
    ]);
}

#[test]
fn paths_that_are_none() {
    for path in [
        "",
        "$",
        "lax",
        "LAX $",
        "lax $.",
        "lax $[",
        "lax $[]",
        "lax $ ? @ > 1",
        "lax $ ? (@)",
        "lax $.a(",
        "lax $.a()",
        "lax 1 +",
        "lax $ $",
        "lax #",
        "lax $[*",
        "lax $ ? (! @ > 1)",
        "lax $.1",
        "lax $[1 to]",
    ] {
        found(&[("1", path, "error invalid JSON path")]);
    }
    let deep = format!("lax {}1{}", "(".repeat(40), ")".repeat(40));
    found(&[("1", &deep, "error nested deeper than 32")]);
    found(&[("1", &format!("lax 1{}", "+1".repeat(200)), "[201]")]);
    found(&[("1", &format!("lax 1{}", "+1".repeat(300)), "error more than 256 operators")]);
    found(&[("1", &format!("lax ${}", "[0]".repeat(5000)), "[1]")]);
    found(&[("1", &format!("lax ${}", "[0, 0]".repeat(50)), "error more than 1000000 values")]);
    let document = "[".repeat(600) + &"]".repeat(600);
    found(&[(&document, "lax $", "error more than 500 containers")]);
}

#[test]
fn json_query() {
    let query = |json: &str, path: &str, options: [&str; 4], expected: &str| {
        let [wrapper, omit, on_empty, on_error] = options;
        let arguments: Vec<String> = [json, path].iter().map(|text| format!("varchar '{text}'")).collect();
        let rest = [
            "unknown NULL".to_owned(),
            format!("varchar '{wrapper}'"),
            format!("boolean {omit}"),
            format!("varchar '{on_empty}'"),
            format!("varchar '{on_error}'"),
        ];
        let arguments: Vec<&str> = arguments.iter().chain(&rest).map(String::as_str).collect();
        check("$json_query", &[(&arguments, expected)]);
    };
    let plain = ["WITHOUT", "false", "NULL", "NULL"];
    query(r#"{"a": {"b" : 1.50}}"#, "lax $.a", plain, r#"varchar '{"b":1.5}'"#);
    query("\"x\"", "lax $", plain, "varchar '\"x\"'");
    query("\"x\"", "lax $", ["WITHOUT", "true", "NULL", "NULL"], "varchar 'x'");
    query("[1,2]", "lax $[*]", plain, "varchar NULL");
    query("[1,2]", "lax $[*]", ["WITHOUT", "false", "NULL", "ERROR"], "error JSON path found multiple items");
    query("[1,2]", "lax $[*]", ["CONDITIONAL", "false", "NULL", "NULL"], "varchar '[1,2]'");
    query("[1,2]", "lax $", ["CONDITIONAL", "false", "NULL", "NULL"], "varchar '[1,2]'");
    query("[1,2]", "lax $[0]", ["CONDITIONAL", "false", "NULL", "NULL"], "varchar '[1]'");
    query("[1,2]", "lax $", ["UNCONDITIONAL", "false", "NULL", "NULL"], "varchar '[[1,2]]'");
    query("[1,2]", "lax $[9]", plain, "varchar NULL");
    query("[1,2]", "lax $[9]", ["WITHOUT", "false", "EMPTY OBJECT", "NULL"], "varchar '{}'");
    query("[1,2]", "lax $[9]", ["WITHOUT", "false", "ERROR", "NULL"], "error JSON path found no items");
    query("[1,2]", "strict $[9]", ["WITHOUT", "false", "ERROR", "EMPTY ARRAY"], "varchar '[]'");
    query("[1,2", "lax $", plain, "varchar NULL");
}

#[test]
fn json_exists() {
    check(
        "$json_exists",
        &[
            (
                &["varchar '{\"a\":1}'", "varchar 'lax $.a'", "unknown NULL", "varchar 'FALSE'"],
                "boolean true",
            ),
            (&["json '{\"a\":1}'", "varchar 'lax $.b'", "unknown NULL", "varchar 'TRUE'"], "boolean false"),
            (&["varbinary '5b315d'", "varchar 'lax $[0]'", "unknown NULL", "varchar 'TRUE'"], "boolean true"),
            (&["varchar '{}'", "varchar 'strict $.b'", "unknown NULL", "varchar 'TRUE'"], "boolean true"),
            (&["varchar '{}'", "varchar 'strict $.b'", "unknown NULL", "varchar 'FALSE'"], "boolean false"),
            (&["varchar '{'", "varchar 'lax $.b'", "unknown NULL", "varchar 'UNKNOWN'"], "boolean NULL"),
            (
                &["varchar '{'", "varchar 'lax $.b'", "unknown NULL", "varchar 'ERROR'"],
                "error conversion to JSON failed",
            ),
            (&["varchar NULL", "varchar 'lax $'", "unknown NULL", "varchar 'ERROR'"], "boolean NULL"),
        ],
    );
}

#[test]
fn variables() {
    let exists = |passing: &str, path: &str, expected: &str| {
        let path = format!("varchar '{path}'");
        check("$json_exists", &[(&["varchar '[1,2,3]'", &path, passing, "varchar 'UNKNOWN'"], expected)]);
    };
    exists("row(x bigint) [2]", "lax $ ? (@ == $x)", "boolean true");
    exists("row(x double) [9]", "lax $ ? (@ == $x)", "boolean false");
    exists("row(x varchar) [\"a\"]", "lax $x ? (@ starts with $x)", "boolean true");
    exists("row(x bigint) [null]", "lax $x ? (@ == null)", "boolean true");
    exists("row(x json) [null]", "lax $x", "boolean false");
    exists("row(x json) [\"[5]\"]", "lax $x[0] ? (@ == 5)", "boolean true");
    exists("row(x json) [\"[5\"]", "lax $", "boolean NULL");
    exists("row(x bigint, y decimal(3,1)) [2,\"1.5\"]", "lax $x ? (@ > $y)", "boolean true");
    exists("row(x bigint) [1]", "lax $[$x] ? (@ == 2)", "boolean true");
    exists("row(\"X\" bigint) [1]", "lax $x", "error no value passed for parameter x. Try quoting");
    exists("row(y bigint) [1]", "lax $x", "error no value passed for parameter x");
    exists("row(x date) [\"2020-01-01\"]", "lax $x", "error values of type date passed to a JSON path");
}

#[test]
fn json_value() {
    let value = |json: &str, path: &str, [on_empty, empty, on_error, error]: [&str; 4], expected: &str| {
        let (json, path) = (format!("varchar '{json}'"), format!("varchar '{path}'"));
        let (on_empty, on_error) = (format!("varchar '{on_empty}'"), format!("varchar '{on_error}'"));
        check(
            "$json_value",
            &[(&[&json, &path, "unknown NULL", &on_empty, empty, &on_error, error], expected)],
        );
    };
    let text = ["NULL", "varchar NULL", "NULL", "varchar NULL"];
    value(r#"{"a":"x"}"#, "lax $.a", text, "varchar 'x'");
    value(r#"{"a":null}"#, "lax $.a", text, "varchar NULL");
    value(r#"{"a":[1]}"#, "lax $.a", text, "varchar NULL");
    value(r#"{"a":[1]}"#, "lax $.a", ["NULL", "varchar NULL", "DEFAULT", "varchar 'e'"], "varchar 'e'");
    value(r#"{"a":1}"#, "lax $.b", ["DEFAULT", "varchar 'none'", "NULL", "varchar NULL"], "varchar 'none'");
    value(
        "[\"a\",\"b\"]",
        "lax $[*]",
        ["NULL", "varchar NULL", "ERROR", "varchar NULL"],
        "error JSON path found multiple items",
    );
    value(
        "[]",
        "lax $[*]",
        ["ERROR", "varchar NULL", "NULL", "varchar NULL"],
        "error JSON path found no items",
    );
    value("{", "lax $", ["NULL", "varchar NULL", "DEFAULT", "varchar 'bad'"], "varchar 'bad'");
    value("12345678901234567890", "lax $", text, "varchar NULL");
    let integer = ["NULL", "integer NULL", "NULL", "integer NULL"];
    value("[5]", "lax $[0]", integer, "integer 5");
    value("[5]", "lax $.size()", integer, "integer 1");
    value("[true]", "lax $[0]", ["NULL", "boolean NULL", "NULL", "boolean NULL"], "boolean true");
    value("[1.5]", "lax $[0]", ["NULL", "double NULL", "NULL", "double NULL"], "double 1.5");
}

#[test]
fn json_array() {
    check(
        "$json_array",
        &[
            (&["boolean true"], "varchar '[]'"),
            (
                &["boolean true", "bigint 1", "varchar NULL", "varchar 'a\"'", "boolean false"],
                "varchar '[1,\"a\\\"\",false]'",
            ),
            (&["boolean false", "bigint 1", "varchar NULL", "unknown NULL"], "varchar '[1,null,null]'"),
            (
                &["boolean true", "json '{\"b\": 1, \"a\": 2}'", "json '[ ]'"],
                "varchar '[{\"b\":1,\"a\":2},[]]'",
            ),
            (&["boolean true", "double 1", "real 0.5", "decimal(3,1) 1.5"], "varchar '[1.0,0.5,1.5]'"),
            (&["boolean true", "json '{'"], "error conversion to JSON failed"),
            (&["boolean true", "date '2020-01-01'"], "error values of type date in JSON_ARRAY"),
        ],
    );
}

#[test]
fn json_object() {
    // Not by `check`: its batches have NULL keys, which are errors.
    let object = |arguments: &[&str]| {
        let (types, values): (Vec<Type>, Vec<ArrayRef>) = arguments.iter().map(|text| value(text)).unzip();
        let values: Vec<ColumnarValue> = values.into_iter().map(ColumnarValue::Array).collect();
        construct::json_object(&Call::new(types, Type::VARCHAR), &values, 1)
            .map(|result| text(&result.to_array(1).unwrap()).unwrap().value(0).to_owned())
            .map_err(|error| protocol::Error::from_envelope(&error.to_string()).unwrap().to_string())
    };
    let cases: &[(&[&str], &str)] = &[
        (&["boolean true", "boolean false"], "{}"),
        (
            &[
                "boolean true",
                "boolean false",
                "varchar 'key1'",
                "bigint 1",
                "varchar 'key2'",
                "boolean true",
            ],
            r#"{"key1":1,"key2":true}"#,
        ),
        (
            &["boolean true", "boolean false", "varchar 'b'", "varchar NULL", "varchar 'a'", "varchar 'x'"],
            r#"{"a":"x","b":null}"#,
        ),
        (
            &["boolean false", "boolean false", "varchar 'b'", "varchar NULL", "varchar 'a'", "varchar 'x'"],
            r#"{"a":"x"}"#,
        ),
        (&["boolean true", "boolean false", "varchar 'x'", "json '[1, {\"a\":2}]'"], r#"{"x":[1,{"a":2}]}"#),
        // The order of Java's hash table: "name" 3373707, "id" 3355, "value" 111972721.
        (
            &[
                "boolean true",
                "boolean false",
                "varchar 'name'",
                "bigint 1",
                "varchar 'id'",
                "bigint 2",
                "varchar 'value'",
                "bigint 3",
            ],
            r#"{"name":1,"id":2,"value":3}"#,
        ),
    ];
    for (arguments, expected) in cases {
        assert_eq!(object(arguments).as_deref(), Ok(*expected));
    }
    let cases: &[(&[&str], &str)] = &[
        (
            &["boolean true", "boolean true", "varchar NULL", "bigint 1"],
            "null value passed for JSON object key",
        ),
        (
            &["boolean true", "boolean true", "varchar 'a'", "bigint 1", "varchar 'a'", "bigint 2"],
            "duplicate key passed to JSON_OBJECT function",
        ),
        (
            &["boolean true", "boolean false", "varchar 'a'", "bigint 1", "varchar 'a'", "bigint 2"],
            "cannot construct a JSON object with duplicate key",
        ),
        (&["boolean true", "boolean false", "varchar 'a'", "json '{'"], "conversion to JSON failed"),
    ];
    for (arguments, expected) in cases {
        let error = object(arguments).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn json_text() {
    check(
        "$json_text",
        &[
            (&["varbinary '5bc3a95d'", "varchar 'UTF8'"], "varchar '[é]'"),
            (&["varbinary '5b00e9003dd800de5d00'", "varchar 'UTF16'"], "varchar '[é😀]'"),
            (&["varbinary '5b000000e90000005d000000'", "varchar 'UTF32'"], "varchar '[é]'"),
            (&["varbinary 'ff'", "varchar 'UTF8'"], "varchar '\u{fffd}'"),
            (&["varbinary NULL", "varchar 'UTF8'"], "varchar NULL"),
        ],
    );
}
