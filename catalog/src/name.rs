//! Names of databases, tables and columns.
//!
//! Hive and Glue names are case-insensitive and kept in lower case; a name is lowered once, where it
//! enters the catalog.

use protocol::{Error, ErrorCode, Result};

/// The database that always exists.
pub const DEFAULT_DATABASE: &str = "default";

/// Longest name, in characters. Glue's limit.
pub const NAME_CHARS_MAX: usize = 255;

/// `name` as the catalog keeps it.
pub fn lower_name(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// The name of a new database or table, lowered. `kind` is the word for messages.
pub(crate) fn object_name(kind: &str, name: &str) -> Result<String> {
    check_length(kind, name)?;
    let lowered = lower_name(name);
    match lowered.chars().find(|c| !is_plain(*c)) {
        None => Ok(lowered),
        Some(bad) => Err(invalid(format!("{kind} name \"{name}\" contains {}", describe(bad)))
            .with_hint("use letters, digits and underscores")),
    }
}

/// The name of a new column, lowered.
///
/// Wider than Athena's rule for tables: files bring columns such as `user-agent`, which quoting makes
/// usable. A backtick would break every quoted rendering, a control character every log line.
pub(crate) fn column_name(name: &str) -> Result<String> {
    check_length("column", name)?;
    match name.chars().find(|c| c.is_control() || *c == '`') {
        None => Ok(lower_name(name)),
        Some(bad) => Err(invalid(format!("column name {name:?} contains {}", describe(bad)))),
    }
}

fn is_plain(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'
}

fn check_length(kind: &str, name: &str) -> Result<()> {
    if name.is_empty() {
        return Err(invalid(format!("{kind} name is empty")));
    }
    let length = name.chars().count();
    if length > NAME_CHARS_MAX {
        return Err(invalid(format!("{kind} name has {length} characters, the limit is {NAME_CHARS_MAX}")));
    }
    Ok(())
}

fn describe(c: char) -> String {
    format!("the character {c:?}")
}

fn invalid(message: String) -> Error {
    Error::new(ErrorCode::InvalidTable, message)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn object_names_are_lowered_and_limited_to_plain_characters() {
        assert_eq!(object_name("table", "Sales_2024").unwrap(), "sales_2024");
        for (bad, named) in [("a-b", "'-'"), ("a.b", "'.'"), ("é", "'é'"), ("a b", "' '"), ("a\nb", "'\\n'")]
        {
            let error = object_name("table", bad).unwrap_err();
            assert_eq!(error.code, ErrorCode::InvalidTable);
            assert!(error.message.contains(named), "{}", error.message);
        }
        assert!(object_name("table", "").is_err());
        assert!(object_name("table", &"x".repeat(256)).is_err());
    }

    #[test]
    fn column_names_may_hold_what_files_bring() {
        assert_eq!(column_name("User-Agent").unwrap(), "user-agent");
        assert_eq!(column_name("größe").unwrap(), "größe");
        assert!(column_name("a`b").is_err());
        assert!(column_name("a\u{1}b").is_err());
    }
}
