//! `$regexp_groups`: what `regexp_replace` with a lambda gives to it.

use std::sync::Arc;

use arrow::{
    array::{ArrayBuilder, ListArray, StringViewBuilder},
    datatypes::DataType,
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::pattern::{Patterns, next_start};
use crate::{
    Call, Function,
    string::arguments::{Arguments, Offsets, part},
    types::item_field,
};

pub(super) fn functions() -> Vec<Function> {
    vec![Function::scalar(
        "$regexp_groups",
        &["(varchar, varchar) -> array(array(varchar))"],
        regexp_groups,
        "The groups of each match; NULL for one that is not part of it",
    )]
}

fn regexp_groups(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, arguments, rows);
    let texts = arguments.texts(0)?;
    let mut patterns = Patterns::new(arguments.texts(1)?);
    let mut items = StringViewBuilder::new();
    let (mut matches, mut matched) = (Offsets::new(rows), 0);
    let mut offsets = Offsets::new(arguments.rows);
    for row in 0..arguments.rows {
        let (text, pattern) = (texts.get(row), patterns.at(row)?);
        let given = text.is_some() && pattern.is_some();
        if let (Some(text), Some((pattern, groups))) = (text, pattern) {
            let mut from = 0;
            while pattern.find_groups(text, from, groups)? {
                for group in 1..=pattern.groups {
                    items.append_option(groups.get(group).map(|(start, end)| part(text, start, end)));
                }
                matches.end_row(items.len(), true)?;
                matched += 1;
                from = next_start(text, groups.whole());
            }
        }
        offsets.end_row(matched, given)?;
    }
    let (ends, mut nulls) = matches.finish();
    let inner = item_field(DataType::Utf8View);
    let inner = ListArray::try_new(inner, ends, Arc::new(items.finish()), nulls.finish())?;
    let (ends, mut nulls) = offsets.finish();
    let outer = item_field(DataType::List(item_field(DataType::Utf8View)));
    arguments.finish(Arc::new(ListArray::try_new(outer, ends, Arc::new(inner), nulls.finish())?))
}
