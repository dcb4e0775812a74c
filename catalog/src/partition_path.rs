//! Hive's directory names for partitions: `key=value/key=value`, with Hive's escapes.

use protocol::{Error, ErrorCode, Result};

/// The directory value that stands for NULL (and for the empty string, which Hive cannot tell apart).
pub const HIVE_DEFAULT_PARTITION: &str = "__HIVE_DEFAULT_PARTITION__";

/// Longest value of one partition key, in characters. Glue's limit.
pub const PARTITION_VALUE_CHARS_MAX: usize = 1024;

/// `value` as part of a path, escaped like Hive does: ASCII control characters and
/// `" # % ' * / : = ? \ { [ ] ^` become `%XX`, everything else stays.
/// The empty string becomes [`HIVE_DEFAULT_PARTITION`].
pub fn escape(value: &str) -> String {
    if value.is_empty() {
        return HIVE_DEFAULT_PARTITION.to_owned();
    }
    let mut escaped = String::with_capacity(value.len());
    for c in value.chars() {
        if is_escaped(c) {
            escaped.push_str(&format!("%{:02X}", u32::from(c)));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

fn is_escaped(c: char) -> bool {
    c.is_ascii_control()
        || matches!(c, '"' | '#' | '%' | '\'' | '*' | '/' | ':' | '=' | '?' | '\\' | '{' | '[' | ']' | '^')
}

/// The text that `escaped` stands for. A `%` without two hexadecimal digits is itself.
///
/// Hive escapes ASCII only; writers that escape the bytes of UTF-8 are understood too. Where such
/// bytes are not UTF-8, each stands for the character of that number, as in Hive.
pub fn unescape(escaped: &str) -> String {
    if !escaped.contains('%') {
        return escaped.to_owned();
    }
    let mut bytes = Vec::with_capacity(escaped.len());
    let mut per_character = String::with_capacity(escaped.len());
    let mut rest = escaped;
    while let Some(c) = rest.chars().next() {
        let code = (c == '%').then(|| rest.get(1..3)).flatten().and_then(hex_byte);
        if let Some(byte) = code {
            bytes.push(byte);
            per_character.push(char::from(byte));
            rest = rest.get(3..).unwrap_or_default();
        } else {
            let (one, after) = rest.split_at(c.len_utf8());
            bytes.extend_from_slice(one.as_bytes());
            per_character.push(c);
            rest = after;
        }
    }
    String::from_utf8(bytes).unwrap_or(per_character)
}

/// Not `from_str_radix` alone: that takes a sign.
fn hex_byte(digits: &str) -> Option<u8> {
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    u8::from_str_radix(digits, 16).ok()
}

/// `key=value/key=value`, without slashes around it. Surplus keys or values are left out.
pub fn partition_path<K: AsRef<str>, V: AsRef<str>>(keys: &[K], values: &[V]) -> String {
    let mut path = String::new();
    for (key, value) in keys.iter().zip(values) {
        if !path.is_empty() {
            path.push('/');
        }
        path.push_str(&escape(key.as_ref()));
        path.push('=');
        path.push_str(&escape(value.as_ref()));
    }
    path
}

/// The values in a directory path below the table's location, such as `year=2024/month=01/`.
///
/// `None` when the path is not one level per key, each named like its key in any ASCII case.
/// When [`partition_path`] of the result differs from the path given (other case, other escapes), the
/// partition needs the path as its own location. Fails when a value is longer than
/// [`PARTITION_VALUE_CHARS_MAX`].
pub fn parse_partition_path<K: AsRef<str>>(keys: &[K], relative_path: &str) -> Result<Option<Vec<String>>> {
    let mut levels = relative_path.trim_matches('/').split('/');
    let mut values = Vec::with_capacity(keys.len());
    for key in keys {
        let Some((name, value)) = levels.next().and_then(|level| level.split_once('=')) else {
            return Ok(None);
        };
        if !unescape(name).eq_ignore_ascii_case(key.as_ref()) {
            return Ok(None);
        }
        values.push(checked_value(key.as_ref(), unescape(value))?);
    }
    let complete = levels.next().is_none() && !values.is_empty();
    Ok(complete.then_some(values))
}

/// `value` as a store keeps it: NULL for the empty string, refused when too long.
pub(crate) fn checked_value(key: &str, value: String) -> Result<String> {
    if value.is_empty() {
        return Ok(HIVE_DEFAULT_PARTITION.to_owned());
    }
    // Bytes bound characters from above, so the usual case does not count.
    if value.len() > PARTITION_VALUE_CHARS_MAX && value.chars().count() > PARTITION_VALUE_CHARS_MAX {
        return Err(Error::new(
            ErrorCode::InvalidTable,
            format!(
                "a value of partition key \"{key}\" is longer than {PARTITION_VALUE_CHARS_MAX} characters"
            ),
        ));
    }
    Ok(value)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_those_of_hive() {
        for (value, expected) in [
            ("2024-01-01 10:00:00", "2024-01-01 10%3A00%3A00"),
            ("a/b=c", "a%2Fb%3Dc"),
            ("100%", "100%25"),
            ("a b+c&d,e;f|g<h>i}j~k@l!m$n(o)", "a b+c&d,e;f|g<h>i}j~k@l!m$n(o)"),
            ("\u{1}\u{7f}\n", "%01%7F%0A"),
            ("größe 日本", "größe 日本"),
            ("", HIVE_DEFAULT_PARTITION),
            (HIVE_DEFAULT_PARTITION, HIVE_DEFAULT_PARTITION),
        ] {
            assert_eq!(escape(value), expected);
        }
    }

    #[test]
    fn every_value_survives_the_round_trip() {
        let specials = "% / : = # ? * \" \\ { } [ ] ^ ' ~ + & %41 %% %2 é 日本 🦀";
        let mut values: Vec<String> = specials.split(' ').map(str::to_owned).collect();
        values.push(specials.to_owned());
        values.extend((1_u8..128).map(|byte| format!("a{}b", char::from(byte))));
        let keys = ["k", "odd=key/1"];
        for value in values {
            let path = partition_path(&keys, &[value.as_str(), "x"]);
            let back = parse_partition_path(&keys, &path).unwrap().unwrap();
            assert_eq!(back, [value.as_str(), "x"], "{path}");
        }
    }

    #[test]
    fn unescape_takes_what_other_writers_escape() {
        for (escaped, expected) in [
            ("%C3%A9", "é"),
            ("%E9", "é"),
            ("caf%E9é", "caféé"),
            ("%3a%3A", "::"),
            ("%", "%"),
            ("%4", "%4"),
            ("%+1", "%+1"),
            ("%zz%é1", "%zz%é1"),
        ] {
            assert_eq!(unescape(escaped), expected, "{escaped}");
        }
    }

    #[test]
    fn paths_are_matched_level_by_level() {
        let check = |path: &str, expected: Option<[&str; 2]>| {
            let values = parse_partition_path(&["year", "month"], path).unwrap();
            assert_eq!(values, expected.map(|v| v.map(str::to_owned).to_vec()), "{path}");
        };
        check("year=2024/month=01", Some(["2024", "01"]));
        check("/Year=2024/MONTH=01/", Some(["2024", "01"]));
        check("year=2024/month=a=b", Some(["2024", "a=b"]));
        check("year=/month=1", Some([HIVE_DEFAULT_PARTITION, "1"]));
        check("month=01/year=2024", None);
        check("year=2024", None);
        check("year=2024/month=01/day=1", None);
        check("year=2024/_temporary", None);
        check("2024/01", None);
        check("", None);
        assert_eq!(parse_partition_path::<&str>(&[], "").unwrap(), None);
    }

    #[test]
    fn overlong_values_are_refused() {
        let path = format!("k={}", "é".repeat(PARTITION_VALUE_CHARS_MAX));
        assert!(parse_partition_path(&["k"], &path).unwrap().is_some());
        assert_eq!(
            parse_partition_path(&["k"], &format!("{path}x")).unwrap_err().code,
            ErrorCode::InvalidTable
        );
    }
}
