//! Settings: defaults, then the file, then `SCOPS_SECTION__KEY` from the environment.

use std::{collections::BTreeMap, io::Write, path::Path};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

/// Names that begin like settings but are flags of commands or of the client.
const NOT_SETTINGS: [&str; 4] = ["SCOPS_CONFIG", "SCOPS_DATA_DIR", "SCOPS_LOG", "SCOPS_BIN"];
const PREFIX: &str = "SCOPS_";

/// Everything that can be set.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    pub(crate) storage: storage::Settings,
    pub(crate) engine: engine::Settings,
    pub(crate) coordinator: coordinator::Settings,
}

/// Settings in force, and where those come from that are not defaults.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) settings: Settings,
    origins: BTreeMap<String, String>,
}

/// Reads file and environment. Errors name the key and where it stands.
pub(crate) fn load(file: Option<&Path>) -> Result<Loaded> {
    let mut values = Table::new();
    let mut origins = BTreeMap::new();
    if let Some(file) = file {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("settings file {} cannot be read", file.display()))?;
        values = text.parse().with_context(|| format!("settings file {} is not TOML", file.display()))?;
        note_origins(&values, "", &file.display().to_string(), &mut origins);
    }
    for (name, text) in std::env::vars() {
        let Some(path) = setting_path(&name) else { continue };
        let parts: Vec<&str> = path.split('.').collect();
        set(&mut values, &parts, parse_value(&text))
            .with_context(|| format!("environment variable {name}"))?;
        origins.insert(path, name);
    }
    let settings = Value::Table(values).try_into().context("the settings are not valid")?;
    Ok(Loaded { settings, origins })
}

/// `SCOPS_STORAGE__S3__ENDPOINT` is `storage.s3.endpoint`; names without `__` are not settings.
fn setting_path(name: &str) -> Option<String> {
    let rest = name.strip_prefix(PREFIX)?;
    if NOT_SETTINGS.contains(&name) || !rest.contains("__") {
        return None;
    }
    Some(rest.to_lowercase().replace("__", "."))
}

/// Numbers and booleans are taken as such, everything else as text.
fn parse_value(text: &str) -> Value {
    if let Ok(number) = text.parse::<i64>() {
        return Value::Integer(number);
    }
    match text {
        "true" => Value::Boolean(true),
        "false" => Value::Boolean(false),
        text => text.parse::<f64>().map_or_else(|_| Value::String(text.to_owned()), Value::Float),
    }
}

fn set(values: &mut Table, path: &[&str], value: Value) -> Result<()> {
    let Some((last, sections)) = path.split_last() else { bail!("an empty name") };
    let mut table = values;
    for section in sections {
        let entry = table.entry(*section).or_insert_with(|| Value::Table(Table::new()));
        let Value::Table(inner) = entry else { bail!("{section} is not a section") };
        table = inner;
    }
    table.insert((*last).to_owned(), value);
    Ok(())
}

fn note_origins(values: &Table, path: &str, origin: &str, origins: &mut BTreeMap<String, String>) {
    for (key, value) in values {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match value {
            Value::Table(inner) => note_origins(inner, &path, origin, origins),
            _ => drop(origins.insert(path, origin.to_owned())),
        }
    }
}

impl Loaded {
    /// Prints one `key = value` per line; secrets are no settings, so none is shown.
    pub(crate) fn show(&self, origin: bool) -> Result<()> {
        let values = Table::try_from(&self.settings).context("the settings cannot be shown")?;
        let mut lines = Vec::new();
        flatten(&values, "", &mut lines);
        let mut out = std::io::stdout().lock();
        for (key, value) in lines {
            match origin {
                false => writeln!(out, "{key} = {value}")?,
                true => {
                    let from = self.origins.get(&key).map_or("default", String::as_str);
                    writeln!(out, "{key} = {value}    # {from}")?;
                }
            }
        }
        Ok(())
    }
}

fn flatten(values: &Table, path: &str, lines: &mut Vec<(String, Value)>) {
    for (key, value) in values {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match value {
            Value::Table(inner) => flatten(inner, &path, lines),
            value => lines.push((path, value.clone())),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn environment_names_are_paths() {
        let check = |name: &str| setting_path(name);
        let path = check("SCOPS_STORAGE__S3__PATH_STYLE");
        assert_eq!(path.as_deref(), Some("storage.s3.path_style"));
        assert_eq!(check("SCOPS_DATA_DIR"), None);
        assert_eq!(check("SCOPS_BENCH_DIR"), None);
        assert_eq!(check("HOME"), None);
    }

    #[test]
    fn unknown_settings_are_errors() {
        let mut values = Table::new();
        set(&mut values, &["storage", "s3", "endpont"], Value::String("x".into())).unwrap();
        let settings: Result<Settings, _> = Value::Table(values).try_into();
        assert!(settings.unwrap_err().to_string().contains("endpont"));
    }
}
