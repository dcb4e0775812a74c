//! Functions with regular expressions (<https://trino.io/docs/current/functions/regexp.html>).
//!
//! Expressions are read in Trino's syntax, see [`translate`], and run by an engine that is linear in the text;
//! only what needs backtracking backtracks, with a limit.

pub(crate) mod pattern;

mod class;
mod groups;
mod property;
mod replace;
mod scan;
mod translate;

use arrow::datatypes::{Int32Type, Int64Type};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use crate::{
    Call, Fault, Function,
    columns::{boolean_rows, primitive_rows},
    string::arguments::{Arguments, given, part, text_lists, text_parts},
};
use pattern::{Pattern, Patterns, next_start};

pub(crate) fn functions() -> Vec<Function> {
    let mut functions = vec![
        Function::scalar(
            "regexp_like",
            &["(varchar(x), varchar(y)) -> boolean"],
            regexp_like,
            "Returns whether the pattern is contained within the string",
        ),
        Function::scalar(
            "regexp_extract",
            &["(varchar(x), varchar(y)) -> varchar(x)", "(varchar(x), varchar(y), bigint) -> varchar(x)"],
            regexp_extract,
            "Returns regex group of extracted string with a pattern",
        ),
        Function::scalar(
            "regexp_extract_all",
            &[
                "(varchar(x), varchar(y)) -> array(varchar(x))",
                "(varchar(x), varchar(y), bigint) -> array(varchar(x))",
            ],
            regexp_extract_all,
            "Group(s) extracted using the given pattern",
        ),
        Function::scalar(
            "regexp_split",
            &["(varchar(x), varchar(y)) -> array(varchar(x))"],
            regexp_split,
            "Returns array of strings split by pattern",
        ),
        Function::scalar(
            "regexp_count",
            &["(varchar(x), varchar(y)) -> bigint"],
            regexp_count,
            "Returns the number of times that a pattern occurs in a string",
        ),
        Function::scalar(
            "regexp_position",
            &[
                "(varchar(x), varchar(y)) -> integer",
                "(varchar(x), varchar(y), integer) -> integer",
                "(varchar(x), varchar(y), integer, integer) -> integer",
            ],
            regexp_position,
            "Returns the index of the n-th matched substring starting from the specified position",
        ),
    ];
    functions.extend(replace::functions());
    functions.extend(groups::functions());
    functions
}

fn regexp_like(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, arguments, rows);
    let texts = arguments.texts(0)?;
    let mut patterns = Patterns::new(arguments.texts(1)?);
    let result = boolean_rows(arguments.rows, |row| {
        let (text, (pattern, _)) = (given!(texts.get(row)), given!(patterns.at(row)?));
        pattern.is_match(text).map(Some)
    })?;
    arguments.finish(result)
}

/// The group that is asked for, if the pattern has it.
fn checked_group(group: i64, pattern: &Pattern) -> Result<usize, Fault> {
    let known = usize::try_from(group).map_err(|_| Fault::invalid_argument("Group cannot be negative"))?;
    if known > pattern.groups {
        let message = format!("Pattern has {} groups. Cannot access group {group}", pattern.groups);
        return Err(Fault::invalid_argument(message));
    }
    Ok(known)
}

fn regexp_extract(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, arguments, rows);
    let texts = arguments.texts(0)?;
    let mut patterns = Patterns::new(arguments.texts(1)?);
    let numbers = if arguments.len() > 2 { Some(arguments.bigints(2)?) } else { None };
    let result = text_parts(arguments.rows, |row| {
        let (text, (pattern, groups)) = (given!(texts.get(row)), given!(patterns.at(row)?));
        let group = match &numbers {
            Some(numbers) => checked_group(given!(numbers.get(row)), pattern)?,
            None => 0,
        };
        let found = match group {
            0 => pattern.find(text, 0)?,
            _ => pattern.find_groups(text, 0, groups)?.then(|| groups.get(group)).flatten(),
        };
        Ok(found.map(|(start, end)| part(text, start, end)))
    })?;
    arguments.finish(result)
}

fn regexp_extract_all(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, arguments, rows);
    let texts = arguments.texts(0)?;
    let mut patterns = Patterns::new(arguments.texts(1)?);
    let numbers = if arguments.len() > 2 { Some(arguments.bigints(2)?) } else { None };
    let result = text_lists(arguments.rows, |row, items| {
        let (text, (pattern, groups)) = (given!(texts.get(row)), given!(patterns.at(row)?));
        let group = match &numbers {
            Some(numbers) => checked_group(given!(numbers.get(row)), pattern)?,
            None => 0,
        };
        let mut from = 0;
        if group == 0 {
            while let Some(found) = pattern.find(text, from)? {
                items.append_value(part(text, found.0, found.1));
                from = next_start(text, found);
            }
        } else {
            while pattern.find_groups(text, from, groups)? {
                items.append_option(groups.get(group).map(|(start, end)| part(text, start, end)));
                from = next_start(text, groups.whole());
            }
        }
        Ok(Some(()))
    })?;
    arguments.finish(result)
}

fn regexp_split(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, arguments, rows);
    let texts = arguments.texts(0)?;
    let mut patterns = Patterns::new(arguments.texts(1)?);
    let result = text_lists(arguments.rows, |row, items| {
        let (text, (pattern, _)) = (given!(texts.get(row)), given!(patterns.at(row)?));
        let (mut copied, mut from) = (0, 0);
        while let Some(found) = pattern.find(text, from)? {
            items.append_value(part(text, copied, found.0));
            copied = found.1;
            from = next_start(text, found);
        }
        items.append_value(part(text, copied, text.len()));
        Ok(Some(()))
    })?;
    arguments.finish(result)
}

fn regexp_count(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, arguments, rows);
    let texts = arguments.texts(0)?;
    let mut patterns = Patterns::new(arguments.texts(1)?);
    let result = primitive_rows::<Int64Type>(arguments.rows, |row| {
        let (text, (pattern, _)) = (given!(texts.get(row)), given!(patterns.at(row)?));
        let (mut count, mut from) = (0, 0);
        while let Some(found) = pattern.find(text, from)? {
            count += 1;
            from = next_start(text, found);
        }
        Ok(Some(count))
    })?;
    arguments.finish(result)
}

fn regexp_position(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, arguments, rows);
    let texts = arguments.texts(0)?;
    let mut patterns = Patterns::new(arguments.texts(1)?);
    let starts = if arguments.len() > 2 { Some(arguments.integers(2)?) } else { None };
    let occurrences = if arguments.len() > 3 { Some(arguments.integers(3)?) } else { None };
    let result = primitive_rows::<Int32Type>(arguments.rows, |row| {
        let (text, (pattern, _)) = (given!(texts.get(row)), given!(patterns.at(row)?));
        let start = match &starts {
            Some(starts) => given!(starts.get(row)),
            None => 1,
        };
        let occurrence = match &occurrences {
            Some(occurrences) => given!(occurrences.get(row)),
            None => 1,
        };
        position(text, pattern, start, occurrence).map(Some)
    })?;
    arguments.finish(result)
}

/// Where the match begins, in characters from 1; -1 if there is none.
fn position(text: &str, pattern: &Pattern, start: i32, occurrence: i32) -> Result<i32, Fault> {
    if start < 1 {
        return Err(Fault::invalid_argument("start position cannot be smaller than 1"));
    }
    if occurrence < 1 {
        return Err(Fault::invalid_argument("occurrence cannot be smaller than 1"));
    }
    let first = usize::try_from(start - 1).ok().and_then(|skipped| text.char_indices().nth(skipped));
    let Some((mut from, _)) = first else { return Ok(-1) };
    for _ in 1..occurrence {
        match pattern.find(text, from)? {
            Some(found) => from = next_start(text, found),
            None => return Ok(-1),
        }
    }
    let Some((found, _)) = pattern.find(text, from)? else { return Ok(-1) };
    let characters = part(text, 0, found).chars().count();
    i32::try_from(characters + 1).map_err(|_| Fault::out_of_range("integer overflow"))
}

#[cfg(test)]
mod tests;
