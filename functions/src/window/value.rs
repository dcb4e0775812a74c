//! `lag`, `lead`, `first_value`, `last_value`, `nth_value`.

use std::ops::Range;

use arrow::{
    array::{Array, ArrayRef, new_null_array},
    compute::interleave,
    datatypes::Int64Type,
};
use datafusion::{
    common::{Result as EngineResult, ScalarValue},
    logical_expr::{LimitEffect, PartitionEvaluator},
};

use super::Definition;
use crate::{
    Fault,
    columns::{argument, primitive},
};

pub(super) fn definitions() -> Vec<Definition> {
    const OFFSETS: &[&str] = &["(T) -> T", "(T, bigint) -> T", "(T, bigint, T) -> T"];
    const ONE: &[&str] = &["(T) -> T"];
    let definition = |name, signatures, description, make| Definition {
        name,
        signatures,
        description,
        returns: None,
        make,
        limit_effect: || LimitEffect::Unknown,
    };
    vec![
        definition("lag", OFFSETS, "The value so many rows before", |ignore_nulls| {
            Ok(Box::new(Shifted { direction: Direction::Back, ignore_nulls }))
        }),
        definition("lead", OFFSETS, "The value so many rows after", |ignore_nulls| {
            Ok(Box::new(Shifted { direction: Direction::Ahead, ignore_nulls }))
        }),
        definition("first_value", ONE, "The first value of the frame", |ignore_nulls| {
            Ok(Box::new(Framed { wanted: Wanted::First, ignore_nulls, row: 0 }))
        }),
        definition("last_value", ONE, "The last value of the frame", |ignore_nulls| {
            Ok(Box::new(Framed { wanted: Wanted::Last, ignore_nulls, row: 0 }))
        }),
        definition(
            "nth_value",
            &["(T, bigint) -> T"],
            "The nth value of the frame, from 1",
            |ignore_nulls| Ok(Box::new(Framed { wanted: Wanted::Nth, ignore_nulls, row: 0 })),
        ),
    ]
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Back,
    Ahead,
}

/// `lag` and `lead`. Arguments: value, perhaps offset, perhaps default.
#[derive(Debug)]
struct Shifted {
    direction: Direction,
    ignore_nulls: bool,
}

/// Places of results: arrays to take them from.
const VALUES: usize = 0;
const DEFAULTS: usize = 1;
const NULLS: usize = 2;

impl Shifted {
    /// The row with the value for `row`, `valid` being the rows that are not NULL.
    fn target(&self, row: usize, offset: usize, rows: usize, valid: Option<&[usize]>) -> Option<usize> {
        match (valid.filter(|_| offset > 0), self.direction) {
            (None, Direction::Back) => row.checked_sub(offset),
            (None, Direction::Ahead) => row.checked_add(offset).filter(|target| *target < rows),
            (Some(valid), Direction::Back) => {
                let before = valid.partition_point(|other| *other < row);
                before.checked_sub(offset).and_then(|at| valid.get(at)).copied()
            }
            (Some(valid), Direction::Ahead) => {
                let after = valid.partition_point(|other| *other <= row);
                after.checked_add(offset - 1).and_then(|at| valid.get(at)).copied()
            }
        }
    }
}

fn valid_rows(values: &ArrayRef) -> Vec<usize> {
    let nulls = values.logical_nulls();
    (0..values.len()).filter(|row| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(*row))).collect()
}

impl PartitionEvaluator for Shifted {
    fn evaluate_all(&mut self, values: &[ArrayRef], rows: usize) -> EngineResult<ArrayRef> {
        let value = argument(values, 0)?;
        let offsets = values.get(1).map(|array| primitive::<Int64Type>(array)).transpose()?;
        let valid = self.ignore_nulls.then(|| valid_rows(value));
        let fallback = if values.len() > 2 { DEFAULTS } else { NULLS };
        let place = |row: usize| {
            if offsets.is_some_and(|offsets| offsets.is_null(row)) {
                return Ok((NULLS, 0));
            }
            let offset = offsets.map_or(1, |offsets| offsets.value(row));
            if offset < 0 {
                return Err(Fault::invalid_argument("Offset must be at least 0"));
            }
            let offset = usize::try_from(offset).unwrap_or(usize::MAX);
            Ok(match self.target(row, offset, rows, valid.as_deref()) {
                Some(target) => (VALUES, target),
                None => (fallback, if fallback == DEFAULTS { row } else { 0 }),
            })
        };
        let places = (0..rows).map(place).collect::<Result<Vec<_>, _>>()?;
        let nulls = new_null_array(value.data_type(), 1);
        let defaults = values.get(2).unwrap_or(&nulls);
        Ok(interleave(&[value.as_ref(), defaults.as_ref(), nulls.as_ref()], &places)?)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    First,
    Last,
    Nth,
}

/// A value of the frame. Arguments: value and, for `nth_value`, its number.
#[derive(Debug)]
struct Framed {
    wanted: Wanted,
    ignore_nulls: bool,
    /// The row at hand: the engine asks for all rows of the partition in order, and tells the frame only.
    row: usize,
}

impl Framed {
    /// The row of the nth value of the frame, from 0.
    fn nth(&self, value: &ArrayRef, range: &Range<usize>, n: usize) -> Option<usize> {
        match self.ignore_nulls {
            true => range.clone().filter(|row| is_valid(value, *row)).nth(n),
            false => range.start.checked_add(n).filter(|row| *row < range.end),
        }
    }

    fn number(&self, values: &[ArrayRef], row: usize) -> EngineResult<Option<usize>> {
        let numbers = primitive::<Int64Type>(argument(values, 1)?)?;
        if numbers.is_null(row) {
            return Ok(None);
        }
        match numbers.value(row) {
            ..=0 => Err(Fault::invalid_argument("Offset must be at least 1").into()),
            n => Ok(Some(usize::try_from(n - 1).unwrap_or(usize::MAX))),
        }
    }
}

fn is_valid(array: &ArrayRef, row: usize) -> bool {
    // An array of the type of NULL has no bits that say so.
    array.is_valid(row) && !array.data_type().is_null()
}

impl PartitionEvaluator for Framed {
    fn evaluate(&mut self, values: &[ArrayRef], range: &Range<usize>) -> EngineResult<ScalarValue> {
        let value = argument(values, 0)?;
        let row = self.row;
        self.row += 1;
        let target = match self.wanted {
            _ if range.is_empty() => None,
            Wanted::First => self.nth(value, range, 0),
            Wanted::Last if self.ignore_nulls => range.clone().rev().find(|row| is_valid(value, *row)),
            Wanted::Last => range.end.checked_sub(1),
            Wanted::Nth => self.number(values, row)?.and_then(|n| self.nth(value, range, n)),
        };
        match target {
            Some(target) => ScalarValue::try_from_array(value, target),
            None => ScalarValue::try_from(value.data_type()),
        }
    }

    fn uses_window_frame(&self) -> bool {
        true
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;

    use arrow::array::Int64Array;

    use super::*;

    #[test]
    fn offsets_count_values_that_are_not_null_if_nulls_are_ignored() {
        let values: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), None, Some(3), None, None, Some(6)]));
        for (direction, offset, expected) in [
            (Direction::Back, 1, vec![None, Some(1), Some(1), Some(3), Some(3), Some(3)]),
            (Direction::Back, 2, vec![None, None, None, Some(1), Some(1), Some(1)]),
            (Direction::Back, 0, vec![Some(1), None, Some(3), None, None, Some(6)]),
            (Direction::Ahead, 1, vec![Some(3), Some(3), Some(6), Some(6), Some(6), None]),
        ] {
            let offsets: ArrayRef = Arc::new(Int64Array::from(vec![offset; 6]));
            let mut shifted = Shifted { direction, ignore_nulls: true };
            let found = shifted.evaluate_all(&[Arc::clone(&values), offsets], 6).unwrap();
            assert_eq!(found.as_ref(), &Int64Array::from(expected), "{direction:?} {offset}");
        }
    }

    #[test]
    fn an_offset_below_0_fails() {
        let values: ArrayRef = Arc::new(Int64Array::from(vec![1]));
        let offsets: ArrayRef = Arc::new(Int64Array::from(vec![-1]));
        let mut shifted = Shifted { direction: Direction::Back, ignore_nulls: false };
        let fault = shifted.evaluate_all(&[values, offsets], 1).unwrap_err();
        assert!(fault.to_string().contains("Offset must be at least 0"));
    }
}
