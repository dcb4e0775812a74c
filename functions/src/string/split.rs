//! `split`, `split_part`, `split_to_map` and `split_to_multimap`.

use std::{collections::HashMap, sync::Arc};

use arrow::{
    array::{ArrayBuilder, ArrayRef, ListArray, MapArray, NullBufferBuilder, StringViewBuilder, StructArray},
    datatypes::DataType,
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::{
    arguments::{Arguments, Offsets, given, part, text_lists, text_parts},
    search::Finder,
};
use crate::{
    Call, Fault, Function, Type,
    types::{entries_field, item_field},
};

pub(super) fn functions() -> Vec<Function> {
    let splits = &[
        "(varchar(x), varchar(y)) -> array(varchar(x))",
        "(varchar(x), varchar(y), bigint) -> array(varchar(x))",
    ];
    vec![
        Function::scalar(
            "split",
            splits,
            split,
            "Splits a string by a delimiter, into at most so many parts",
        ),
        Function::scalar(
            "split_part",
            &["(varchar(x), varchar(y), bigint) -> varchar(x)"],
            split_part,
            "Splits a string by a delimiter and returns the specified field (counting from one)",
        ),
        Function::scalar(
            "split_to_map",
            &["(varchar, varchar, varchar) -> map(varchar, varchar)"],
            split_to_map,
            "Creates a map using entryDelimiter and keyValueDelimiter",
        ),
        Function::scalar(
            "split_to_multimap",
            &["(varchar, varchar, varchar) -> map(varchar, array(varchar))"],
            split_to_multimap,
            "Creates a multimap by splitting a string into key/value pairs",
        ),
    ]
}

fn split(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, arguments, rows);
    let (texts, delimiters) = (arguments.texts(0)?, arguments.texts(1)?);
    let limits = if arguments.len() > 2 { Some(arguments.bigints(2)?) } else { None };
    let finder = Finder::new(&delimiters);
    let result = text_lists(arguments.rows, |row, parts| {
        let (text, delimiter) = (given!(texts.get(row)), given!(delimiters.get(row)));
        let mut cuts = match &limits {
            Some(limits) => cuts_of(given!(limits.get(row)))?,
            None => i64::MAX,
        };
        if delimiter.is_empty() {
            return Err(Fault::invalid_argument("The delimiter may not be the empty string"));
        }
        let mut start = 0;
        while cuts > 0
            && let Some(found) = finder.find(text, delimiter, start)
        {
            parts.append_value(part(text, start, found));
            start = found + delimiter.len();
            cuts -= 1;
        }
        parts.append_value(part(text, start, text.len()));
        Ok(Some(()))
    })?;
    arguments.finish(result)
}

/// How often a text may be cut so that it has at most `limit` parts.
fn cuts_of(limit: i64) -> Result<i64, Fault> {
    match limit {
        ..=0 => Err(Fault::invalid_argument("Limit must be positive")),
        _ if limit > i64::from(i32::MAX) => Err(Fault::invalid_argument("Limit is too large")),
        _ => Ok(limit - 1),
    }
}

fn split_part(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, arguments, rows);
    let (texts, delimiters) = (arguments.texts(0)?, arguments.texts(1)?);
    let indexes = arguments.bigints(2)?;
    let finder = Finder::new(&delimiters);
    let result = text_parts(arguments.rows, |row| {
        let (text, delimiter) = (given!(texts.get(row)), given!(delimiters.get(row)));
        let index = given!(indexes.get(row));
        if index <= 0 {
            return Err(Fault::invalid_argument("Index must be greater than zero"));
        }
        if delimiter.is_empty() {
            let Ok(index) = i32::try_from(index) else { return Err(Fault::out_of_range("integer overflow")) };
            let start = usize::try_from(index - 1).ok().and_then(|skipped| text.char_indices().nth(skipped));
            return Ok(start.map(|(at, letter)| part(text, at, at + letter.len_utf8())));
        }
        let mut start = 0;
        for _ in 1..index {
            start = given!(finder.find(text, delimiter, start)) + delimiter.len();
        }
        let end = finder.find(text, delimiter, start).unwrap_or(text.len());
        Ok(Some(part(text, start, end)))
    })?;
    arguments.finish(result)
}

/// The pairs of one text, in its order.
fn pairs<'a>(text: &'a str, entry: &str, key_value: &str) -> Result<Vec<(&'a str, &'a str)>, Fault> {
    for (delimiter, name) in [(entry, "entryDelimiter"), (key_value, "keyValueDelimiter")] {
        if delimiter.is_empty() {
            return Err(Fault::invalid_argument(format!("{name} is empty")));
        }
    }
    if entry == key_value {
        let message = "entryDelimiter and keyValueDelimiter must not be the same";
        return Err(Fault::invalid_argument(message));
    }
    let pair = |written: &'a str| {
        let pair = written.split_once(key_value).filter(|(_, value)| !value.contains(key_value));
        pair.ok_or_else(|| {
            Fault::invalid_argument(format!(
                "Key-value delimiter must appear exactly once in each entry. Bad input: '{written}'"
            ))
        })
    };
    let mut found = Vec::new();
    let mut rest = text;
    // A delimiter at the end has no pair behind it, and an empty text has none at all.
    while !rest.is_empty() {
        let (written, behind) = rest.split_once(entry).unwrap_or((rest, ""));
        found.push(pair(written)?);
        rest = behind;
    }
    Ok(found)
}

fn split_to_map(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, arguments, rows);
    let (texts, entries) = (arguments.texts(0)?, arguments.texts(1)?);
    let key_values = arguments.texts(2)?;
    let (mut keys, mut values) = (StringViewBuilder::new(), StringViewBuilder::new());
    let mut offsets = Offsets::new(arguments.rows);
    for row in 0..arguments.rows {
        let delimiters = entries.get(row).zip(key_values.get(row));
        let given = texts.get(row).zip(delimiters);
        if let Some((text, (entry, key_value))) = given {
            let pairs = pairs(text, entry, key_value)?;
            check_unique(&pairs)?;
            for (key, value) in pairs {
                keys.append_value(key);
                values.append_value(value);
            }
        }
        offsets.end_row(keys.len(), given.is_some())?;
    }
    arguments.finish(map(Arc::new(keys.finish()), Arc::new(values.finish()), &Type::VARCHAR, offsets)?)
}

fn check_unique(pairs: &[(&str, &str)]) -> Result<(), Fault> {
    let mut seen = HashMap::with_capacity(pairs.len());
    match pairs.iter().find(|(key, value)| seen.insert(key, value).is_some()) {
        Some((key, _)) => Err(Fault::invalid_argument(format!("Duplicate keys ({key}) are not allowed"))),
        None => Ok(()),
    }
}

fn split_to_multimap(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, arguments, rows);
    let (texts, entries) = (arguments.texts(0)?, arguments.texts(1)?);
    let key_values = arguments.texts(2)?;
    let (mut keys, mut items) = (StringViewBuilder::new(), StringViewBuilder::new());
    let mut offsets = Offsets::new(arguments.rows);
    let mut item_offsets = Offsets::new(arguments.rows);
    for row in 0..arguments.rows {
        let delimiters = entries.get(row).zip(key_values.get(row));
        let given = texts.get(row).zip(delimiters);
        if let Some((text, (entry, key_value))) = given {
            for (key, values) in grouped(pairs(text, entry, key_value)?) {
                keys.append_value(key);
                values.into_iter().for_each(|value| items.append_value(value));
                item_offsets.end_row(items.len(), true)?;
            }
        }
        offsets.end_row(keys.len(), given.is_some())?;
    }
    let (item_offsets, _) = item_offsets.finish();
    let items = Arc::new(items.finish());
    let lists = ListArray::try_new(item_field(DataType::Utf8View), item_offsets, items, None)?;
    let value_type = Type::array(Type::VARCHAR);
    arguments.finish(map(Arc::new(keys.finish()), Arc::new(lists), &value_type, offsets)?)
}

/// The values of each key, keys in the order of their first pair.
fn grouped<'a>(pairs: Vec<(&'a str, &'a str)>) -> Vec<(&'a str, Vec<&'a str>)> {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    let mut places = HashMap::new();
    for (key, value) in pairs {
        let place = *places.entry(key).or_insert(groups.len());
        match groups.get_mut(place) {
            Some((_, values)) => values.push(value),
            None => groups.push((key, vec![value])),
        }
    }
    groups
}

fn map(keys: ArrayRef, values: ArrayRef, value_type: &Type, offsets: Offsets) -> EngineResult<ArrayRef> {
    let field = entries_field(&Type::VARCHAR, value_type);
    let DataType::Struct(fields) = field.data_type() else {
        return Err(Fault::internal("the entries of a map are no struct").into());
    };
    let entries = StructArray::try_new(fields.clone(), vec![keys, values], None)?;
    let (offsets, mut nulls): (_, NullBufferBuilder) = offsets.finish();
    Ok(Arc::new(MapArray::try_new(field, offsets, entries, nulls.finish(), false)?))
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn split() {
        check(
            "split",
            &[
                (&["varchar(7) 'a.b.c.d'", "varchar '.'"], "array(varchar(7)) [\"a\",\"b\",\"c\",\"d\"]"),
                (&["varchar 'a.b.c'", "varchar '...'"], "array(varchar) [\"a.b.c\"]"),
                (&["varchar 'a...b...c'", "varchar '...'"], "array(varchar) [\"a\",\"b\",\"c\"]"),
                (&["varchar '.a.b.'", "varchar '.'"], "array(varchar) [\"\",\"a\",\"b\",\"\"]"),
                (&["varchar ''", "varchar '.'"], "array(varchar) [\"\"]"),
                (&["varchar '.'", "varchar '.'"], "array(varchar) [\"\",\"\"]"),
                (&["varchar '信念,爱'", "varchar ','"], "array(varchar) [\"信念\",\"爱\"]"),
                (&["varchar 'a.b.c'", "varchar '.'", "bigint 2"], "array(varchar) [\"a\",\"b.c\"]"),
                (&["varchar 'a.b.c'", "varchar '.'", "bigint 1"], "array(varchar) [\"a.b.c\"]"),
                (
                    &["varchar 'a.b.c'", "varchar '.'", "bigint 2147483647"],
                    "array(varchar) [\"a\",\"b\",\"c\"]",
                ),
                (&["varchar NULL", "varchar '.'"], "array(varchar) NULL"),
                (&["varchar 'a'", "varchar ''"], "error The delimiter may not be the empty string"),
                (&["varchar 'a'", "varchar '.'", "bigint 0"], "error Limit must be positive"),
                (&["varchar 'a'", "varchar '.'", "bigint 2147483648"], "error Limit is too large"),
            ],
        );
    }

    #[test]
    fn split_part() {
        check(
            "split_part",
            &[
                (&["varchar(9) 'abc-@-def'", "varchar '-@-'", "bigint 1"], "varchar(9) 'abc'"),
                (&["varchar 'abc-@-def'", "varchar '-@-'", "bigint 2"], "varchar 'def'"),
                (&["varchar 'abc-@-def'", "varchar '-@-'", "bigint 3"], "varchar NULL"),
                (&["varchar 'abc'", "varchar ','", "bigint 1"], "varchar 'abc'"),
                (&["varchar ',a,'", "varchar ','", "bigint 1"], "varchar ''"),
                (&["varchar ',a,'", "varchar ','", "bigint 3"], "varchar ''"),
                (&["varchar ',a,'", "varchar ','", "bigint 4"], "varchar NULL"),
                (&["varchar ''", "varchar ','", "bigint 1"], "varchar ''"),
                (&["varchar ''", "varchar ','", "bigint 2"], "varchar NULL"),
                (&["varchar 'héy'", "varchar ''", "bigint 2"], "varchar 'é'"),
                (&["varchar 'héy'", "varchar ''", "bigint 4"], "varchar NULL"),
                (&["varchar ''", "varchar ''", "bigint 1"], "varchar NULL"),
                (&["varchar 'a,b'", "varchar ','", "bigint 9223372036854775807"], "varchar NULL"),
                (&["varchar 'a'", "varchar NULL", "bigint 1"], "varchar NULL"),
                (&["varchar 'a'", "varchar ','", "bigint 0"], "error Index must be greater than zero"),
                (&["varchar 'a'", "varchar ''", "bigint -1"], "error Index must be greater than zero"),
            ],
        );
    }

    #[test]
    fn split_to_map() {
        let bad = "error Key-value delimiter must appear exactly once in each entry. Bad input: 'key'";
        check(
            "split_to_map",
            &[
                (&["varchar ''", "varchar ','", "varchar '='"], "map(varchar, varchar) []"),
                (
                    &["varchar 'a=123,b=.4,c='", "varchar ','", "varchar '='"],
                    "map(varchar, varchar) [[\"a\",\"123\"],[\"b\",\".4\"],[\"c\",\"\"]]",
                ),
                (&["varchar '=v'", "varchar ','", "varchar '='"], "map(varchar, varchar) [[\"\",\"v\"]]"),
                (
                    &["varchar 'key=>value,'", "varchar ','", "varchar '=>'"],
                    "map(varchar, varchar) [[\"key\",\"value\"]]",
                ),
                (&["varchar NULL", "varchar ','", "varchar '='"], "map(varchar, varchar) NULL"),
                (&["varchar 'key'", "varchar ','", "varchar '='"], bad),
                (&["varchar 'a=1,,b=2'", "varchar ','", "varchar '='"], "error Bad input: ''"),
                (&["varchar ','", "varchar ','", "varchar '='"], "error Bad input: ''"),
                (&["varchar 'a=1=2'", "varchar ','", "varchar '='"], "error Bad input: 'a=1=2'"),
                (
                    &["varchar 'a=1,a=2'", "varchar ','", "varchar '='"],
                    "error Duplicate keys (a) are not allowed",
                ),
                (&["varchar 'a'", "varchar ''", "varchar '='"], "error entryDelimiter is empty"),
                (&["varchar 'a'", "varchar ','", "varchar ''"], "error keyValueDelimiter is empty"),
                (
                    &["varchar 'a'", "varchar '='", "varchar '='"],
                    "error entryDelimiter and keyValueDelimiter must not be the same",
                ),
            ],
        );
    }

    #[test]
    fn split_to_multimap() {
        check(
            "split_to_multimap",
            &[
                (&["varchar ''", "varchar ','", "varchar '='"], "map(varchar, array(varchar)) []"),
                (
                    &["varchar 'a=1,b=4,a=1,a='", "varchar ','", "varchar '='"],
                    "map(varchar, array(varchar)) [[\"a\",[\"1\",\"1\",\"\"]],[\"b\",[\"4\"]]]",
                ),
                (&["varchar 'a'", "varchar ','", "varchar '='"], "error Bad input: 'a'"),
            ],
        );
    }
}
