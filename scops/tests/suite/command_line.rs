//! `scops sql` as a script uses it.

use std::process::{Command, Output};

use crate::cluster::{Cluster, Mode, binary, on_files};

fn sql(data_dir: &std::path::Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(binary());
    command.arg("sql").arg("--data-dir").arg(data_dir).args(arguments);
    command.output().unwrap()
}

#[test]
fn rows_go_to_stdout_and_the_closing_line_to_stderr() {
    let folder = tempfile::tempdir().unwrap();
    for (format, expected) in [
        ("csv", "one,two\n1,a\n"),
        ("tsv", "one\ttwo\n1\ta\n"),
        ("json", "[{\"one\":1,\"two\":\"a\"}]\n"),
        ("ndjson", "{\"one\":1,\"two\":\"a\"}\n"),
    ] {
        let output = sql(folder.path(), &["-c", "SELECT 1 AS one, 'a' AS two", "--format", format]);
        assert!(output.status.success(), "{output:?}");
        assert_eq!(String::from_utf8(output.stdout).unwrap(), expected, "{format}");
        let closing = String::from_utf8(output.stderr).unwrap();
        assert!(closing.starts_with("1 row · 0 B scanned"), "{closing}");
    }
}

/// A value of each kind that a format could show in a way of its own.
const VALUES: &str = "SELECT 1.50 AS x, 1e10 AS x, '' AS empty, CAST(NULL AS varchar) AS none, 'a,\"b\"' AS quoted, NULL, \
     ARRAY[1, NULL], MAP(ARRAY[1], ARRAY[DATE '2020-01-31']), CAST(ROW(1, X'00ff') AS row(a bigint, b varbinary)), \
     TIMESTAMP '2020-01-01 00:00:00.000 America/New_York', true, nan()";

const FORMS: [(&str, &str); 3] = [
    (
        "csv",
        "x,x,empty,none,quoted,_col5,_col6,_col7,_col8,_col9,_col10,_col11\n\
         1.50,1.0E10,\"\",,\"a,\"\"b\"\"\",,\"[1, null]\",{1=2020-01-31},\"{a=1, b=00 ff}\",\
         2020-01-01 00:00:00.000 America/New_York,true,NaN\n",
    ),
    (
        "tsv",
        "x\tx\tempty\tnone\tquoted\t_col5\t_col6\t_col7\t_col8\t_col9\t_col10\t_col11\n\
         1.50\t1.0E10\t\"\"\t\t\"a,\"\"b\"\"\"\t\t[1, null]\t{1=2020-01-31}\t{a=1, b=00 ff}\t\
         2020-01-01 00:00:00.000 America/New_York\ttrue\tNaN\n",
    ),
    (
        "ndjson",
        "{\"x\":1.50,\"x\":10000000000.0,\"empty\":\"\",\"none\":null,\"quoted\":\"a,\\\"b\\\"\",\"_col5\":null,\
         \"_col6\":[1,null],\"_col7\":{\"1\":\"2020-01-31\"},\"_col8\":{\"a\":1,\"b\":\"00 ff\"},\
         \"_col9\":\"2020-01-01 00:00:00.000 America/New_York\",\"_col10\":true,\"_col11\":\"NaN\"}\n",
    ),
];

#[test]
fn values_are_as_athena_writes_them_here_and_from_a_server() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = Cluster::start(Mode::Embedded, &on_files(folder.path()));
    let server = format!("grpc://{}", cluster.flight);
    for (format, expected) in FORMS {
        for place in [&[][..], &["--server", &server]] {
            let arguments = [&["-c", VALUES, "--format", format], place].concat();
            let output = sql(folder.path(), &arguments);
            assert!(output.status.success(), "{output:?}");
            assert_eq!(String::from_utf8(output.stdout).unwrap(), expected, "{arguments:?}");
        }
    }
}

#[test]
fn numbers_of_a_table_stand_to_the_right() {
    let folder = tempfile::tempdir().unwrap();
    let text = "SELECT * FROM (VALUES (1, 'a'), (1000, NULL)) t(number, text) ORDER BY 1";
    let output = sql(folder.path(), &["-c", text, "--format", "table"]);
    let expected = "\
+--------+------+
| number | text |
+--------+------+
|      1 | a    |
|   1000 | NULL |
+--------+------+
";
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
}

#[test]
fn exit_codes_tell_the_class_of_error() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, code, said) in [
        (vec!["-c", "SELEKT 1"], 2, "SYNTAX_ERROR (1001): line 1:1"),
        (vec!["-c", "SELECT * FROM nowhere"], 2, "TABLE_NOT_FOUND"),
        (vec!["-c", "SELECT 1/0"], 2, "DIVISION_BY_ZERO"),
        (vec!["--server", "grpc://127.0.0.1:1", "-c", "SELECT 1"], 1, "no server answers"),
    ] {
        let output = sql(folder.path(), &arguments);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stderr}");
        assert!(stderr.contains(said), "{arguments:?}: {stderr}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn every_statement_of_a_text_runs() {
    let folder = tempfile::tempdir().unwrap();
    let text = "CREATE DATABASE d; -- a comment; with a semicolon\nSHOW DATABASES;";
    let output = sql(folder.path(), &["-c", text, "--format", "csv"]);
    assert!(output.status.success(), "{output:?}");
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(stdout.ends_with("d\ndefault\n"), "{stdout}");
}
