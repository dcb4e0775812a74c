//! `scops sql` as a script uses it.

use std::process::{Command, Output};

use crate::cluster::binary;

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

#[test]
fn exit_codes_tell_the_class_of_error() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, code, said) in [
        (vec!["-c", "SELEKT 1"], 2, "SYNTAX_ERROR (1001): line 1:1"),
        (vec!["-c", "SELECT * FROM nowhere"], 2, "TABLE_NOT_FOUND"),
        (vec!["-c", "SELECT 1/0"], 2, "INVALID_VALUE"),
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
