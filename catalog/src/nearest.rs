//! "Did you mean …": the known name closest to one that does not exist.

/// Names longer than this are not compared; the work grows with the square of the length.
const COMPARED_CHARS_MAX: usize = 64;

/// The candidate nearest to `wanted`, if one is near enough to be a slip of the hand: at most one
/// edit per three characters.
pub fn nearest_name<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = wanted.to_ascii_lowercase().chars().collect();
    if wanted.len() > COMPARED_CHARS_MAX {
        return None;
    }
    let allowed = (wanted.len() / 3).max(1);
    candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= COMPARED_CHARS_MAX * 4)
        .map(|candidate| (edits(&wanted, &candidate.to_ascii_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The Levenshtein distance, one row of the table at a time.
fn edits(from: &[char], to: &str) -> usize {
    let mut row: Vec<usize> = (0..=from.len()).collect();
    for (line, wanted) in to.chars().enumerate() {
        let mut diagonal = line;
        let mut left = line + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, present) in row.iter_mut().skip(1).zip(from) {
            let changed = diagonal + usize::from(*present != wanted);
            diagonal = *cell;
            left = changed.min(diagonal + 1).min(left + 1);
            *cell = left;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_single_edits() {
        for (a, b, expected) in
            [("", "", 0), ("abc", "abc", 0), ("abc", "", 3), ("", "ab", 2), ("kitten", "sitting", 3)]
        {
            assert_eq!(edits(&a.chars().collect::<Vec<_>>(), b), expected, "{a} {b}");
        }
    }

    #[test]
    fn only_near_names_are_proposed() {
        let names = ["customer", "orders", "lineitem"];
        assert_eq!(nearest_name("custmer", names), Some("customer"));
        assert_eq!(nearest_name("ORDER", names), Some("orders"));
        assert_eq!(nearest_name("zebra", names), None);
        assert_eq!(nearest_name("", names), None);
    }
}
