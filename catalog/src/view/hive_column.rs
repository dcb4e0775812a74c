//! The Hive type that a column of a view is given in the catalog.
//!
//! It is for readers that know Hive's types only; the view's definition has the true type. What Hive
//! does not have is text to it.

use crate::HiveType;

/// Hive's longest varchar and char, in characters.
const VARCHAR_LENGTH_MAX: u32 = 65_535;
const CHAR_LENGTH_MAX: u32 = 255;

/// How deep types are followed; what is inside deeper ones is text.
const DEPTH_MAX: usize = 32;

/// Hive's text for the type that `trino_type` spells; `string` for what it has no type for.
pub fn hive_type_of_trino(trino_type: &str) -> String {
    let hive = hive_type(trino_type.trim(), 1);
    // Names of fields may be such as no Hive type can hold.
    if HiveType::parse(&hive).is_ok() { hive } else { "string".to_owned() }
}

fn hive_type(text: &str, depth: usize) -> String {
    let (name, arguments) = split_arguments(text);
    let lower = name.to_ascii_lowercase();
    let text = || "string".to_owned();
    match (lower.as_str(), arguments) {
        ("boolean" | "tinyint" | "smallint" | "bigint" | "double" | "date", None) => lower,
        ("integer" | "int", None) => "int".to_owned(),
        ("real", None) => "float".to_owned(),
        ("varbinary", None) => "binary".to_owned(),
        ("timestamp", _) => "timestamp".to_owned(),
        ("decimal", Some(arguments)) => format!("decimal({})", arguments.replace(' ', "")),
        ("varchar", Some(length)) => sized("varchar", length, VARCHAR_LENGTH_MAX),
        ("char", Some(length)) => sized("char", length, CHAR_LENGTH_MAX),
        ("char", None) => "char(1)".to_owned(),
        _ if depth > DEPTH_MAX => text(),
        ("array", Some(item)) => format!("array<{}>", hive_type(item.trim(), depth + 1)),
        ("map", Some(arguments)) => match split_list(arguments).as_slice() {
            [key, value] => format!("map<{},{}>", hive_type(key, depth + 1), hive_type(value, depth + 1)),
            _ => text(),
        },
        ("row", Some(fields)) => row(fields, depth),
        _ => text(),
    }
}

/// `varchar(3)` is `varchar` with `3`. What follows the closing parenthesis, as in `timestamp(3) with time
/// zone`, belongs to the name.
fn split_arguments(text: &str) -> (String, Option<&str>) {
    match (text.find('('), text.rfind(')')) {
        (Some(open), Some(close)) if open < close => {
            let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
            let behind = text.get(close + 1..).unwrap_or_default();
            (format!("{}{behind}", part(0, open).trim_end()), Some(part(open + 1, close)))
        }
        _ => (text.to_owned(), None),
    }
}

fn sized(name: &str, length: &str, max: u32) -> String {
    match length.trim().parse::<u32>() {
        Ok(length) if (1..=max).contains(&length) => format!("{name}({length})"),
        _ => "string".to_owned(),
    }
}

/// `name type, "other name" type, …`; a field without a name is `field0`, `field1`, … by its place.
fn row(fields: &str, depth: usize) -> String {
    let members: Vec<String> = split_list(fields)
        .into_iter()
        .enumerate()
        .map(|(at, field)| {
            let (name, field_type) = split_field(field);
            let name = name.unwrap_or_else(|| format!("field{at}"));
            let plain = name.chars().all(|c| c.is_alphanumeric() || c == '_');
            let name = if plain { name } else { format!("`{}`", name.replace('`', "``")) };
            format!("{name}:{}", hive_type(field_type, depth + 1))
        })
        .collect();
    format!("struct<{}>", members.join(","))
}

/// The name of a row's field, if it has one, and its type.
fn split_field(field: &str) -> (Option<String>, &str) {
    if let Some(quoted) = field.strip_prefix('"') {
        let mut name = String::new();
        let mut rest = quoted.char_indices().peekable();
        while let Some((at, c)) = rest.next() {
            if c != '"' {
                name.push(c);
            } else if rest.next_if(|(_, next)| *next == '"').is_some() {
                name.push('"');
            } else {
                return (Some(name), quoted.get(at + 1..).unwrap_or_default().trim());
            }
        }
        return (None, field);
    }
    // Types of several words, which are no name and a type.
    const WORDS: [&str; 4] = ["timestamp", "time", "interval", "double"];
    match field.split_once(' ') {
        Some((name, field_type))
            if !(name.contains('(') || WORDS.contains(&name) && is_continued(field_type)) =>
        {
            (Some(name.to_owned()), field_type.trim())
        }
        _ => (None, field),
    }
}

/// Whether these words go on with a type that began before them.
fn is_continued(words: &str) -> bool {
    const CONTINUATIONS: [&str; 5] =
        ["with time zone", "without time zone", "year to month", "day to second", "precision"];
    CONTINUATIONS.contains(&words.trim())
}

/// Cuts at the commas that are neither in parentheses nor in quotes.
fn split_list(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut quoted, mut start) = (0_usize, false, 0);
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.saturating_sub(1),
            ',' if !quoted && depth == 0 => {
                parts.push(text.get(start..at).unwrap_or_default().trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default().trim());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trino_types_have_hive_types() {
        for (trino, hive) in [
            ("boolean", "boolean"),
            ("integer", "int"),
            ("bigint", "bigint"),
            ("real", "float"),
            ("double", "double"),
            ("decimal(10,2)", "decimal(10,2)"),
            ("decimal(38, 0)", "decimal(38,0)"),
            ("varchar", "string"),
            ("varchar(20)", "varchar(20)"),
            ("varchar(70000)", "string"),
            ("char(3)", "char(3)"),
            ("varbinary", "binary"),
            ("date", "date"),
            ("timestamp(3)", "timestamp"),
            ("timestamp", "timestamp"),
            ("timestamp(3) with time zone", "string"),
            ("time(3)", "string"),
            ("interval day to second", "string"),
            ("json", "string"),
            ("ipaddress", "string"),
            ("unknown", "string"),
            ("array(integer)", "array<int>"),
            ("map(varchar, array(bigint))", "map<string,array<bigint>>"),
            ("map(varchar(3), row(a integer))", "map<varchar(3),struct<a:int>>"),
            (
                "row(a integer, \"b c\" varchar, \"d\"\"e,\" bigint)",
                "struct<a:int,`b c`:string,`d\"e,`:bigint>",
            ),
            ("row(integer, varchar(2))", "struct<field0:int,field1:varchar(2)>"),
            (
                "row(timestamp with time zone, t timestamp(3) with time zone)",
                "struct<field0:string,t:string>",
            ),
            ("row(a row(b array(row(c double))))", "struct<a:struct<b:array<struct<c:double>>>>"),
            ("decimal(99,2)", "string"),
            ("map(varchar)", "string"),
            ("array(", "string"),
            ("", "string"),
        ] {
            assert_eq!(hive_type_of_trino(trino), hive, "{trino}");
        }
        let deep = format!("{}bigint{}", "array(".repeat(10_000), ")".repeat(10_000));
        assert!(hive_type_of_trino(&deep).starts_with("array<array<"));
    }
}
