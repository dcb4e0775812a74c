//! The patterns of `SHOW … LIKE`: `*`, `.*` and `[a-z0-9]*` stand for any text, `|` separates
//! alternatives, case is ignored. Every other character is itself.
//!
//! The longer forms are Athena's spellings of the same; names have only characters that they cover, but
//! for the underscore, which Athena's users expect to be covered too.

/// Whether `name` fits one of the alternatives; a missing pattern fits everything.
pub(super) fn fits(pattern: Option<&str>, name: &str) -> bool {
    let Some(pattern) = pattern else { return true };
    let name = name.to_lowercase();
    let pattern = pattern.to_lowercase().replace("[a-z0-9]*", "*").replace(".*", "*");
    pattern.split('|').any(|alternative| fits_one(alternative.trim(), &name))
}

/// The parts between stars occur in order: the first at the start, the last at the end. Taking each
/// inner part as early as possible leaves the most for the others, so nothing has to be tried twice.
fn fits_one(pattern: &str, name: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == name };
    let (inner, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    let Some(mut left) = name.strip_prefix(first) else { return false };
    for part in inner.split('*') {
        match left.split_once(part) {
            _ if part.is_empty() => {}
            Some((_, after)) => left = after,
            None => return false,
        }
    }
    left.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_alternatives_fit() {
        for (pattern, name, expected) in [
            ("*", "", true),
            ("*", "sales", true),
            ("sales", "sales", true),
            ("sales", "sales2", false),
            ("SALES*", "sales_2024", true),
            ("*_2024", "sales_2024", true),
            ("*les*20*", "sales_2024", true),
            ("s*s", "s", false),
            ("s*s", "ss", true),
            ("a*b*b", "ab", false),
            ("a*ab*b", "aabxb", true),
            ("**a**", "bab", true),
            ("x|sal*", "sales", true),
            ("x | sal*", "sales", true),
            ("x|y", "sales", false),
            ("", "sales", false),
            (".*les.*", "sales", true),
            ("[a-z0-9]*analytics", "web_analytics", true),
            ("s.les", "sales", false),
            ("sale%", "sales", false),
        ] {
            assert_eq!(fits(Some(pattern), name), expected, "{pattern} {name}");
        }
        assert!(fits(None, "sales"));
    }
}
