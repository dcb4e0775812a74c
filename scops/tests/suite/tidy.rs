//! House rules that a program can check.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Command,
};

use crate::cluster::repository;

/// Who may import whom (ARCHITECTURE.md, "Imports"). A new edge needs a reason in the commit.
const EDGES: [(&str, &[&str]); 11] = [
    ("protocol", &[]),
    ("storage", &["protocol"]),
    ("functions", &["protocol"]),
    ("sql", &["protocol", "functions"]),
    ("catalog", &["protocol"]),
    ("connectors", &["protocol", "storage", "catalog"]),
    ("engine", &["protocol", "functions", "connectors"]),
    ("worker", &["protocol", "storage", "connectors", "engine"]),
    ("coordinator", &["protocol", "storage", "functions", "sql", "catalog", "connectors", "engine"]),
    ("server", &["protocol", "catalog", "coordinator"]),
    ("scops", &["protocol", "storage", "sql", "catalog", "engine", "worker", "coordinator", "server"]),
];

const FILE_LINES_MAX: usize = 800;
const FUNCTION_LINES_MAX: usize = 70;

/// Functions longer than a screen, each with its reason. The list only gets shorter.
const LONG_FUNCTIONS: [(&str, &str); 0] = [];

#[test]
fn imports_follow_the_architecture() {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(repository())
        .output()
        .unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let own: BTreeSet<&str> = packages.iter().map(|p| p["name"].as_str().unwrap()).collect();
    for package in packages {
        let name = package["name"].as_str().unwrap();
        if name == "testkit" {
            continue;
        }
        let allowed = EDGES.iter().find(|(of, _)| *of == name);
        let (_, allowed) = allowed.unwrap_or_else(|| panic!("crate {name} is not in the table"));
        for dependency in package["dependencies"].as_array().unwrap() {
            let imported = dependency["name"].as_str().unwrap();
            let normal = dependency["kind"].is_null();
            assert!(
                !normal || !own.contains(imported) || allowed.contains(&imported),
                "{name} imports {imported}"
            );
        }
    }
}

#[test]
fn files_and_functions_stay_readable() {
    let mut complaints = Vec::new();
    for path in rust_files() {
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.strip_prefix(repository()).unwrap().display().to_string();
        let production = text.split("#[cfg(test)]").next().unwrap_or_default();
        let lines = production.lines().count();
        if lines > FILE_LINES_MAX {
            complaints.push(format!("{name} has {lines} lines"));
        }
        for (function, lines) in functions(production) {
            let known = LONG_FUNCTIONS.iter().any(|(long, _)| *long == format!("{name}:{function}"));
            if lines > FUNCTION_LINES_MAX && !known {
                complaints.push(format!("{name}: {function} has {lines} lines"));
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// Name and length of every function, going by indentation: the code is formatted.
fn functions(text: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let Some((before, after)) = line.trim_start().split_once("fn ") else { continue };
        let modifiers = ["pub", "pub(crate)", "pub(super)", "async", "const", "unsafe"];
        if !before.split_whitespace().all(|word| modifiers.contains(&word)) {
            continue;
        }
        let name: String = after.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let close = format!("{}}}", " ".repeat(indent));
        let end = lines[start..].iter().position(|line| *line == close);
        if let Some(length) = end.filter(|_| !line.trim_end().ends_with(';')) {
            found.push((name, length + 1));
        }
    }
    found
}

#[test]
fn every_error_code_has_its_page() {
    let folder = repository().join("docs/errors");
    for code in protocol::ErrorCode::ALL {
        let page = folder.join(format!("{}.md", code.number()));
        let text = std::fs::read_to_string(&page).unwrap_or_else(|_| panic!("{} is missing", page.display()));
        assert!(text.contains(code.label()), "{} does not name {}", page.display(), code.label());
    }
    let pages = folder.read_dir().unwrap().count();
    assert_eq!(pages, protocol::ErrorCode::ALL.len(), "a page without a code");
}

#[test]
fn crates_forbid_what_the_workspace_forbids() {
    for path in manifests() {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains("[lints]\nworkspace = true"), "{}", path.display());
    }
}

fn manifests() -> Vec<PathBuf> {
    let crates = repository().read_dir().unwrap().map(|entry| entry.unwrap().path());
    crates.map(|path| path.join("Cargo.toml")).filter(|path| path.exists()).collect()
}

fn rust_files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    for manifest in manifests() {
        collect(&manifest.parent().unwrap().join("src"), &mut files);
    }
    assert!(files.len() > 50);
    files
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in folder.read_dir().unwrap().map(Result::unwrap) {
        match entry.file_type().unwrap().is_dir() {
            true => collect(&entry.path(), files),
            false if entry.file_name() == "tests.rs" => {}
            false if entry.path().extension().is_some_and(|e| e == "rs") => files.push(entry.path()),
            false => {}
        }
    }
}
