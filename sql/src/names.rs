//! Names: quoting them, and finding the one the user meant.

/// Longest name compared by [`nearest`], in characters; edit distance is quadratic in it.
const NEAREST_NAME_CHARS_MAX: usize = 128;

/// `name` as it can stand in a query: bare where that is safe, else in double quotes.
pub fn quote_identifier(name: &str) -> String {
    let bare = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if bare { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// The candidate most like `name`, if one is near enough to be a slip of the finger: at most one edit in
/// three characters, a swap of neighbours counting as one, case ignored. Of equals the first wins.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let name = name.to_lowercase();
    let length = name.chars().count();
    if length == 0 || length > NEAREST_NAME_CHARS_MAX {
        return None;
    }
    let edits_max = length.div_ceil(3).min(4);
    candidates
        .into_iter()
        .filter(|candidate| candidate.chars().count().abs_diff(length) <= edits_max)
        .map(|candidate| {
            let edits = strsim::osa_distance(&name, &candidate.to_lowercase());
            (edits, candidate)
        })
        .filter(|(edits, _)| *edits <= edits_max && *edits < length)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_finds_slips_and_nothing_else() {
        fn check(name: &str, candidates: &[&str], expect: Option<&str>) {
            let found = nearest(name, candidates.iter().copied());
            assert_eq!(found.as_deref(), expect, "{name} among {candidates:?}");
        }
        check("custmer", &["order", "customer"], Some("customer"));
        check("CUSTOMER", &["customer"], Some("customer"));
        check("frmo", &["from", "for"], Some("from"));
        check("prise", &["price", "prize"], Some("price"));
        check("x", &["y"], None);
        check("", &["y"], None);
        check("totally_different", &["customer"], None);
        check("id", &["it", "ident"], Some("it"));
        check(&"a".repeat(1_000), &["a"], None);
    }

    #[test]
    fn identifiers_are_quoted_only_where_needed() {
        fn check(name: &str, expect: &str) {
            assert_eq!(quote_identifier(name), expect);
        }
        check("lower_1", "lower_1");
        check("1st", "\"1st\"");
        check("Upper", "\"Upper\"");
        check("a\"b", "\"a\"\"b\"");
        check("", "\"\"");
    }
}
