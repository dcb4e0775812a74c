//! `SHOW FUNCTIONS`: Trino's layout of a list that somebody else makes.

use arrow::array::RecordBatch;
use protocol::Result;
use sql::LikePattern;

use super::output;

/// Trino's names of the columns.
const COLUMNS: [&str; 6] =
    ["Function", "Return Type", "Argument Types", "Function Type", "Deterministic", "Description"];

/// The functions whose names fit, by name and then by signature. Each row has name, type of the result,
/// types of the arguments, kind, `true` or `false`, and a description.
pub(crate) fn show_functions(
    functions: impl IntoIterator<Item = [String; 6]>,
    like: Option<&LikePattern>,
) -> Result<RecordBatch> {
    let fits = |name: &str| like.is_none_or(|like| fits(like, name));
    let mut rows: Vec<[String; 6]> = functions.into_iter().filter(|[name, ..]| fits(name)).collect();
    rows.sort_unstable();
    output::batch(output::schema(&COLUMNS), output::columns(rows)?)
}

/// One step of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Any,
    AnyOne,
    One(char),
}

/// Whether `name` is LIKE the pattern. Remembers the last `%` only: taking each part as early as possible
/// leaves the most for the others.
fn fits(like: &LikePattern, name: &str) -> bool {
    let (steps, name) = (steps(like), name.chars().collect::<Vec<char>>());
    let (mut step, mut at) = (0, 0);
    let mut last_any: Option<(usize, usize)> = None;
    while at < name.len() {
        match (steps.get(step), name.get(at), last_any) {
            (Some(Step::Any), _, _) => {
                last_any = Some((step, at));
                step += 1;
            }
            (Some(Step::AnyOne), Some(_), _) => (step, at) = (step + 1, at + 1),
            (Some(Step::One(wanted)), Some(found), _) if wanted == found => (step, at) = (step + 1, at + 1),
            (_, _, Some((any, taken))) => {
                last_any = Some((any, taken + 1));
                (step, at) = (any + 1, taken + 1);
            }
            (_, _, None) => return false,
        }
    }
    steps.iter().skip(step).all(|step| *step == Step::Any)
}

fn steps(like: &LikePattern) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut characters = like.pattern.chars();
    while let Some(c) = characters.next() {
        steps.push(match c {
            c if Some(c) == like.escape => Step::One(characters.next().unwrap_or(c)),
            '%' => Step::Any,
            '_' => Step::AnyOne,
            c => Step::One(c),
        });
    }
    steps
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use arrow::array::AsArray;

    use super::*;

    #[test]
    fn functions_are_found_by_pattern() {
        for (pattern, escape, name, expected) in [
            ("array%", None, "array_agg", true),
            ("array%", None, "my_array", false),
            ("%agg", None, "array_agg", true),
            ("%a%g", None, "array_agg", true),
            ("a_s", None, "abs", true),
            ("a_s", None, "as", false),
            ("a\\_s", Some('\\'), "abs", false),
            ("a\\_s", Some('\\'), "a_s", true),
            ("%", None, "", true),
            ("", None, "x", false),
            ("x%%", None, "x", true),
            ("%ab%ab", None, "abab", true),
            ("%ab%ab", None, "abb", false),
        ] {
            let like = LikePattern { pattern: pattern.to_owned(), escape };
            assert_eq!(fits(&like, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn functions_are_listed_in_order() {
        let row = |name: &str, result: &str| [name, result, "", "scalar", "true", ""].map(str::to_owned);
        let rows = [row("b", "bigint"), row("a", "varchar"), row("a", "bigint"), row("c", "date")];
        let like = LikePattern { pattern: "_".to_owned(), escape: None };
        let batch = show_functions(rows, Some(&like)).unwrap();
        let column = |at: usize| -> Vec<String> {
            let texts = batch.column(at).as_string::<i32>();
            texts.iter().flatten().map(str::to_owned).collect()
        };
        assert_eq!(column(0), ["a", "a", "b", "c"]);
        assert_eq!(column(1), ["bigint", "varchar", "bigint", "date"]);
        assert_eq!(batch.schema().field(0).name(), "Function");
    }
}
