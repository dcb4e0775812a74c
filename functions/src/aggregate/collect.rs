//! `array_agg`, `listagg`.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, StringViewArray, StringViewBuilder},
    compute::filter,
    datatypes::DataType,
};
use datafusion::common::Result as EngineResult;

use crate::{
    Fault,
    aggregate::{
        fold::column,
        log::{Log, items_of_lists, list_type, lists},
        states::{Groups, States},
        udaf::{Definition, type_at},
    },
};

/// Longest result of `listagg`, in bytes: Trino's limit.
const LISTAGG_BYTES_MAX: usize = 1 << 20;
/// Longest filler of `listagg`, in bytes: Trino's limit.
const FILLER_BYTES_MAX: usize = 65_536;

pub(crate) const ARRAY_AGG: Definition = Definition::new(
    "array_agg",
    &["(T) -> array(T)"],
    "The values, NULLs among them, as an array",
    |types| type_at(types, 0).map(list_type),
    |types| Ok(Box::new(Listed { log: Log::new(vec![type_at(types, 0)?.clone()]) })),
)
.ordered();

pub(crate) const LISTAGG: Definition = Definition::new(
    "listagg",
    &["(varchar, varchar, boolean, varchar, boolean) -> varchar"],
    "The values with separators between them: value, separator, whether overflow is an error, filler, whether \
     the number of values left out is shown",
    |_| Ok(DataType::Utf8View),
    |_| Ok(Box::new(Joined { log: Log::new(vec![DataType::Utf8View]), settings: Vec::new() })),
)
.ordered();

#[derive(Debug)]
struct Listed {
    log: Log,
}

impl States for Listed {
    fn state_types(&self) -> Vec<DataType> {
        self.log.types().iter().map(list_type).collect()
    }

    fn update(&mut self, values: &[ArrayRef], groups: &Groups<'_>) -> EngineResult<()> {
        self.log.append(values, groups.of_rows)
    }

    fn merge(&mut self, states: &[ArrayRef], groups: &Groups<'_>) -> EngineResult<()> {
        let (columns, item_groups) = items_of_lists(states, groups)?;
        self.log.append(&columns, &item_groups)
    }

    fn results(&mut self, count: usize) -> EngineResult<ArrayRef> {
        let by_group = self.log.by_group(count)?;
        let has_rows = |group: usize| by_group.lengths.get(group).is_some_and(|length| *length > 0);
        lists(Arc::clone(column(&by_group.columns, 0)?), &by_group.lengths, has_rows)
    }

    fn export(&mut self, count: usize) -> EngineResult<Vec<ArrayRef>> {
        Ok(vec![self.results(count)?])
    }

    fn forget(&mut self, count: usize) -> EngineResult<()> {
        self.log.forget(count)
    }

    fn size(&self) -> usize {
        self.log.size()
    }
}

/// What `listagg` does with its values; taken from the first row.
#[derive(Debug, Clone)]
struct Settings {
    separator: String,
    overflow_is_error: bool,
    filler: String,
    shows_count: bool,
}

#[derive(Debug)]
struct Joined {
    log: Log,
    settings: Vec<Option<Settings>>,
}

fn text(values: &[ArrayRef], index: usize) -> EngineResult<&StringViewArray> {
    let array = column(values, index)?;
    array.as_string_view_opt().ok_or_else(|| Fault::internal("listagg without text").into())
}

fn flag(values: &[ArrayRef], index: usize) -> EngineResult<&BooleanArray> {
    let array = column(values, index)?;
    array.as_boolean_opt().ok_or_else(|| Fault::internal("listagg without a flag").into())
}

impl Joined {
    /// Settings are columns: separator, overflow is an error, filler, count is shown.
    fn learn(
        &mut self,
        columns: &[ArrayRef],
        groups: &Groups<'_>,
        mask: Option<&BooleanArray>,
    ) -> EngineResult<()> {
        if self.settings.len() < groups.count {
            self.settings.resize(groups.count, None);
        }
        let (separators, errors) = (text(columns, 0)?, flag(columns, 1)?);
        let (fillers, counts) = (text(columns, 2)?, flag(columns, 3)?);
        for (row, group) in groups.of_rows.iter().enumerate() {
            let counts_for = mask.is_none_or(|mask| mask.value(row)) && separators.is_valid(row);
            let Some(slot) = self.settings.get_mut(*group).filter(|slot| counts_for && slot.is_none()) else {
                continue;
            };
            let filler = fillers.value(row);
            if filler.len() > FILLER_BYTES_MAX {
                let bytes = filler.len();
                return Err(Fault::invalid_argument(format!(
                    "Overflow filler length {bytes} exceeds maximum length {FILLER_BYTES_MAX}"
                ))
                .into());
            }
            *slot = Some(Settings {
                separator: separators.value(row).to_owned(),
                overflow_is_error: errors.value(row),
                filler: filler.to_owned(),
                shows_count: counts.value(row),
            });
        }
        Ok(())
    }
}

/// The values of one group as one text.
fn join(
    values: &StringViewArray,
    first: usize,
    length: usize,
    settings: &Settings,
    joined: &mut String,
) -> Result<(), Fault> {
    joined.clear();
    for index in 0..length {
        let value = values.value(first + index);
        let separator = if index > 0 { settings.separator.as_str() } else { "" };
        if joined.len() + separator.len() + value.len() > LISTAGG_BYTES_MAX {
            if settings.overflow_is_error {
                return Err(Fault::not_supported(format!(
                    "Concatenated string has the length in bytes larger than the maximum output length {LISTAGG_BYTES_MAX}"
                )));
            }
            joined.push_str(separator);
            joined.push_str(&settings.filler);
            if settings.shows_count {
                joined.push_str(&format!("({})", length - index));
            }
            return Ok(());
        }
        joined.push_str(separator);
        joined.push_str(value);
    }
    Ok(())
}

impl States for Joined {
    fn state_types(&self) -> Vec<DataType> {
        let text = DataType::Utf8View;
        vec![list_type(&text), text.clone(), DataType::Boolean, text, DataType::Boolean]
    }

    fn update(&mut self, values: &[ArrayRef], groups: &Groups<'_>) -> EngineResult<()> {
        let value = column(values, 0)?;
        // A row counts if no argument is NULL.
        let is_used = (0..value.len()).map(|row| Some(values.iter().all(|array| array.is_valid(row))));
        let mask: BooleanArray = is_used.collect();
        self.learn(values.get(1..).unwrap_or_default(), groups, Some(&mask))?;
        let kept =
            groups.of_rows.iter().zip(mask.values()).filter_map(|(group, used)| used.then_some(*group));
        self.log.append(&[filter(value, &mask)?], &kept.collect::<Vec<_>>())
    }

    fn merge(&mut self, states: &[ArrayRef], groups: &Groups<'_>) -> EngineResult<()> {
        self.learn(states.get(1..).unwrap_or_default(), groups, None)?;
        let (columns, item_groups) = items_of_lists(states.get(..1).unwrap_or_default(), groups)?;
        self.log.append(&columns, &item_groups)
    }

    fn results(&mut self, count: usize) -> EngineResult<ArrayRef> {
        let by_group = self.log.by_group(count)?;
        let values = text(&by_group.columns, 0)?;
        let mut builder = StringViewBuilder::with_capacity(count);
        let mut joined = String::new();
        let mut first = 0;
        for (group, length) in by_group.lengths.iter().enumerate() {
            match self.settings.get(group).and_then(Option::as_ref).filter(|_| *length > 0) {
                Some(settings) => {
                    join(values, first, *length, settings, &mut joined)?;
                    builder.append_value(&joined);
                }
                None => builder.append_null(),
            }
            first += length;
        }
        Ok(Arc::new(builder.finish()))
    }

    fn export(&mut self, count: usize) -> EngineResult<Vec<ArrayRef>> {
        let by_group = self.log.by_group(count)?;
        let of_group = |group: usize| self.settings.get(group).and_then(Option::as_ref);
        let texts = |text: fn(&Settings) -> &str| -> ArrayRef {
            Arc::new((0..count).map(|group| of_group(group).map(text)).collect::<StringViewArray>())
        };
        let flags = |flag: fn(&Settings) -> bool| -> ArrayRef {
            Arc::new((0..count).map(|group| of_group(group).map(flag)).collect::<BooleanArray>())
        };
        Ok(vec![
            lists(Arc::clone(column(&by_group.columns, 0)?), &by_group.lengths, |_| true)?,
            texts(|settings| &settings.separator),
            flags(|settings| settings.overflow_is_error),
            texts(|settings| &settings.filler),
            flags(|settings| settings.shows_count),
        ])
    }

    fn forget(&mut self, count: usize) -> EngineResult<()> {
        self.settings.drain(..count.min(self.settings.len()));
        self.log.forget(count)
    }

    fn size(&self) -> usize {
        self.log.size() + self.settings.capacity() * size_of::<Option<Settings>>()
    }
}
