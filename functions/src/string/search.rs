//! `strpos`, `starts_with` and `ends_with`; and [`Finder`], which other functions search with.

use arrow::datatypes::Int64Type;
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};
use memchr::memmem;

use super::arguments::{Arguments, Texts, count_characters, given};
use crate::{
    Call, Fault, Function,
    columns::{boolean_rows, primitive_rows},
};

pub(super) fn functions() -> Vec<Function> {
    let positions = &["(varchar(x), varchar(y)) -> bigint", "(varchar(x), varchar(y), bigint) -> bigint"];
    let tests = &["(varchar(x), varchar(y)) -> boolean"];
    vec![
        Function::scalar("strpos", positions, strpos, "Returns index of n-th occurrence of a substring"),
        Function::scalar(
            "index",
            &["(varchar, varchar) -> bigint"],
            strpos,
            "Returns index of first occurrence of a substring",
        ),
        Function::scalar("starts_with", tests, starts_with, "Whether a string begins with another"),
        Function::scalar("ends_with", tests, ends_with, "Whether a string ends with another"),
    ]
}

/// Searches for an argument; prepared once if the argument is the same in all rows.
pub(super) struct Finder<'a> {
    constant: Option<memmem::Finder<'a>>,
}

impl<'a> Finder<'a> {
    pub(super) fn new(needles: &'a Texts) -> Self {
        Self { constant: needles.constant().map(memmem::Finder::new) }
    }

    /// Where the first `needle` begins at `from` or later.
    #[inline]
    pub(super) fn find(&self, text: &str, needle: &str, from: usize) -> Option<usize> {
        let rest = text.as_bytes().get(from..)?;
        let found = match &self.constant {
            Some(finder) => finder.find(rest),
            None => memmem::find(rest, needle.as_bytes()),
        };
        found.map(|at| from + at)
    }
}

fn strpos(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, arguments, rows);
    let (texts, needles) = (arguments.texts(0)?, arguments.texts(1)?);
    let instances = if arguments.len() > 2 { Some(arguments.bigints(2)?) } else { None };
    let finder = Finder::new(&needles);
    let result = primitive_rows::<Int64Type>(arguments.rows, |row| {
        let (text, needle) = (given!(texts.get(row)), given!(needles.get(row)));
        let instance = match &instances {
            Some(instances) => given!(instances.get(row)),
            None => 1,
        };
        if instance == 0 || instance == i64::MIN {
            return Err(Fault::invalid_argument("'instance' must be a positive or negative number."));
        }
        if needle.is_empty() {
            return Ok(Some(1));
        }
        let found = match instance {
            1.. => nth(&finder, text, needle, instance.unsigned_abs()),
            _ => nth_from_end(text, needle, instance.unsigned_abs()),
        };
        let characters = |at: usize| text.get(..at).map_or(0, |before| count_characters(before) + 1);
        Ok(i64::try_from(found.map_or(0, characters)).ok())
    })?;
    arguments.finish(result)
}

/// Occurrences may overlap.
fn nth(finder: &Finder<'_>, text: &str, needle: &str, instance: u64) -> Option<usize> {
    let mut found = finder.find(text, needle, 0)?;
    for _ in 1..instance {
        found = finder.find(text, needle, found + 1)?;
    }
    Some(found)
}

fn nth_from_end(text: &str, needle: &str, instance: u64) -> Option<usize> {
    let finder = memmem::FinderRev::new(needle);
    let mut found = finder.rfind(text)?;
    for _ in 1..instance {
        // The next one must begin before this one.
        let end = found.checked_sub(1)? + needle.len();
        found = finder.rfind(text.as_bytes().get(..end)?)?;
    }
    Some(found)
}

fn starts_with(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    compared(Arguments::new(call, arguments, rows), |text, prefix| text.starts_with(prefix))
}

fn ends_with(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    compared(Arguments::new(call, arguments, rows), |text, suffix| text.ends_with(suffix))
}

fn compared(arguments: Arguments<'_>, test: fn(&str, &str) -> bool) -> EngineResult<ColumnarValue> {
    let (texts, others) = (arguments.texts(0)?, arguments.texts(1)?);
    let result =
        boolean_rows(arguments.rows, |row| Ok(Some(test(given!(texts.get(row)), given!(others.get(row))))))?;
    arguments.finish(result)
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn strpos() {
        check(
            "strpos",
            &[
                (&["varchar 'high'", "varchar 'ig'"], "bigint 2"),
                (&["varchar 'high'", "varchar 'igx'"], "bigint 0"),
                (&["varchar 'high'", "varchar ''"], "bigint 1"),
                (&["varchar ''", "varchar ''"], "bigint 1"),
                (&["varchar ''", "varchar 'a'"], "bigint 0"),
                (&["varchar '信念,爱,希望'", "varchar '爱'"], "bigint 4"),
                (&["varchar '信念,爱,希望'", "varchar '希望'"], "bigint 6"),
                (&["varchar NULL", "varchar 'a'"], "bigint NULL"),
                (&["varchar 'a'", "varchar NULL"], "bigint NULL"),
            ],
        );
        check("index", &[(&["varchar 'high'", "varchar 'ig'"], "bigint 2")]);
    }

    #[test]
    fn strpos_of_an_instance() {
        let invalid = "error 'instance' must be a positive or negative number.";
        check(
            "strpos",
            &[
                (&["varchar 'abc/xyz/foo/bar'", "varchar '/'", "bigint 2"], "bigint 8"),
                (&["varchar 'abc/xyz/foo/bar'", "varchar '/'", "bigint 4"], "bigint 0"),
                (&["varchar 'abc/xyz/foo/bar'", "varchar '/'", "bigint -1"], "bigint 12"),
                (&["varchar 'abc/xyz/foo/bar'", "varchar '/'", "bigint -3"], "bigint 4"),
                (&["varchar 'abc/xyz/foo/bar'", "varchar '/'", "bigint -4"], "bigint 0"),
                (&["varchar 'highhigh'", "varchar 'ig'", "bigint -2"], "bigint 2"),
                (&["varchar 'aaaa'", "varchar 'aa'", "bigint 3"], "bigint 3"),
                (&["varchar 'aaaa'", "varchar 'aa'", "bigint -3"], "bigint 1"),
                (&["varchar 'aaaa'", "varchar 'aa'", "bigint -4"], "bigint 0"),
                (&["varchar 'ééé'", "varchar 'é'", "bigint -1"], "bigint 3"),
                (&["varchar 'ééé'", "varchar 'é'", "bigint 9223372036854775807"], "bigint 0"),
                (&["varchar 'a'", "varchar ''", "bigint -7"], "bigint 1"),
                (&["varchar 'a'", "varchar 'a'", "bigint 0"], invalid),
                (&["varchar 'a'", "varchar ''", "bigint 0"], invalid),
                (&["varchar 'a'", "varchar 'a'", "bigint -9223372036854775808"], invalid),
            ],
        );
    }

    #[test]
    fn starts_and_ends() {
        check(
            "starts_with",
            &[
                (&["varchar 'foo'", "varchar 'fo'"], "boolean true"),
                (&["varchar 'foo'", "varchar ''"], "boolean true"),
                (&["varchar 'foo'", "varchar 'bar'"], "boolean false"),
                (&["varchar 'foo'", "varchar 'fooo'"], "boolean false"),
                (&["varchar '信念 爱'", "varchar '信念'"], "boolean true"),
                (&["varchar NULL", "varchar ''"], "boolean NULL"),
            ],
        );
        check(
            "ends_with",
            &[
                (&["varchar 'foo'", "varchar 'oo'"], "boolean true"),
                (&["varchar 'foo'", "varchar 'fo'"], "boolean false"),
            ],
        );
    }
}
