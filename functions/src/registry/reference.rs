//! The list of functions in `docs/sql.md`. It is generated; the test here fails where it is out of date, and writes
//! it with `SCOPS_BLESS=1` in the environment.

use std::{fmt::Write, path::Path};

use super::sections;
use crate::{Function, Kind};

/// Before and behind the generated part.
const BEGIN: &str = "<!-- functions: generated, see functions/src/registry/reference.rs -->\n";
const END: &str = "<!-- end of functions -->\n";

#[test]
fn the_reference_lists_every_function() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/sql.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (listed, after) = rest.split_once(END).unwrap();
    let expected = list();
    if std::env::var_os("SCOPS_BLESS").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{expected}{END}{after}")).unwrap();
        return;
    }
    let changed = listed.lines().zip(expected.lines()).find(|(listed, expected)| listed != expected);
    assert!(
        listed == expected,
        "docs/sql.md is out of date: run `SCOPS_BLESS=1 cargo test -p functions reference`; \
         the first other line: {changed:?}"
    );
}

fn list() -> String {
    let mut text = String::new();
    for (title, functions) in sections() {
        writeln!(text, "\n### {title}\n\n| function | |\n|---|---|").unwrap();
        for function in functions {
            writeln!(text, "| {} | {} |", calls(function), plain(&described(function))).unwrap();
        }
    }
    text.push('\n');
    text
}

/// `` `f(bigint) -> bigint` ``, a line for each signature.
fn calls(function: &Function) -> String {
    let call = |signature: &&str| format!("`{}{signature}`", function.name);
    function.signatures.iter().map(call).collect::<Vec<_>>().join("<br>")
}

fn described(function: &Function) -> String {
    let ignored = matches!(function.kind, Kind::Scalar(_)) && !function.deterministic;
    match ignored {
        true => format!("{}; another value for each row", function.description),
        false => function.description.to_owned(),
    }
}

/// Text in a cell.
fn plain(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "\\<")
}
