//! Parts of arrays as arrays of arrays: n-grams and combinations.

use arrow::{array::Array, datatypes::Int32Type};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::lists::{Gather, Lists, list_array, to_offset, union_of_nulls};
use crate::{
    Call, Fault, Function,
    columns::{argument, on_arrays, primitive},
};

/// Most elements of a combination: Trino's.
const COMBINATION_LENGTH_MAX: usize = 5;
/// Most elements in all combinations of an array: Trino's.
const COMBINATIONS_ELEMENTS_MAX: u128 = 100_000;

pub(crate) fn functions() -> Vec<Function> {
    vec![
        Function::scalar(
            "ngrams",
            &["(array(T), integer) -> array(array(T))"],
            ngrams,
            "All runs of n neighbouring elements",
        ),
        Function::scalar(
            "combinations",
            &["(array(T), integer) -> array(array(T))"],
            combinations,
            "All subsets of n elements",
        ),
    ]
}

fn ngrams(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    subsets(arguments, rows, |length, n, inner| {
        let size = usize::try_from(n).ok().filter(|size| *size > 0);
        let size = size.ok_or_else(|| Fault::invalid_argument("N must be positive"))?.min(length);
        for start in 0..=length - size {
            inner.extend(start..start + size)?;
        }
        Ok(())
    })
}

fn combinations(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    subsets(arguments, rows, |length, n, inner| {
        let Ok(size) = usize::try_from(n) else {
            return Err(Fault::invalid_argument(format!("combination size must not be negative: {n}")));
        };
        if size > COMBINATION_LENGTH_MAX {
            return Err(Fault::invalid_argument(format!(
                "combination size must not exceed {COMBINATION_LENGTH_MAX}: {n}"
            )));
        }
        if size > length {
            return Ok(());
        }
        let count = (1..=size).fold(1_u128, |count, i| count * (length - size + i) as u128 / i as u128);
        if count * size as u128 > COMBINATIONS_ELEMENTS_MAX {
            return Err(Fault::invalid_argument("combinations exceed max size"));
        }
        let mut combination: Vec<usize> = (0..size).collect();
        loop {
            inner.extend(combination.iter().copied())?;
            if !advance(&mut combination, length) {
                return Ok(());
            }
        }
    })
}

/// The next combination: the first element that can move moves, and those before it start again.
fn advance(combination: &mut [usize], length: usize) -> bool {
    for place in 0..combination.len() {
        let limit = combination.get(place + 1).copied().unwrap_or(length);
        if combination[place] + 1 < limit {
            combination[place] += 1;
            combination[..place].iter_mut().enumerate().for_each(|(index, element)| *element = index);
            return true;
        }
    }
    false
}

/// Collects the subsets of one array.
struct Inner {
    items: Gather,
    start: usize,
}

impl Inner {
    /// A subset of the elements at these positions.
    fn extend(&mut self, positions: impl Iterator<Item = usize>) -> Result<(), Fault> {
        let start = self.start;
        positions.for_each(|position| self.items.push(start + position));
        self.items.end_row()
    }
}

fn subsets(
    arguments: &[ColumnarValue],
    rows: usize,
    subsets_of: impl Fn(usize, i32, &mut Inner) -> Result<(), Fault>,
) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let lists = Lists::of(argument(arrays, 0)?)?.with_nulls(union_of_nulls(arrays).as_ref())?;
        let sizes = primitive::<Int32Type>(argument(arrays, 1)?)?;
        let mut inner = Inner { items: Gather::with_capacity(lists.len(), lists.items.len()), start: 0 };
        let mut offsets = vec![0];
        for (row, range) in lists.ranges().enumerate() {
            if !lists.is_null(row) {
                inner.start = range.start;
                subsets_of(range.len(), sizes.value(row), &mut inner)?;
            }
            offsets.push(to_offset(inner.items.offsets.len() - 1)?);
        }
        let inner = inner.items.finish(&lists.items, None)?;
        debug_assert_eq!(offsets.last().copied().map(i64::from), i64::try_from(inner.len()).ok());
        list_array(inner, arrow::buffer::OffsetBuffer::new(offsets.into()), lists.nulls.clone())
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn ngrams() {
        check(
            "ngrams",
            &[
                (
                    &["array(varchar) [\"a\",\"b\",\"c\"]", "integer 2"],
                    "array(array(varchar)) [[\"a\",\"b\"],[\"b\",\"c\"]]",
                ),
                (&["array(bigint) [1,null]", "integer 1"], "array(array(bigint)) [[1],[null]]"),
                (&["array(bigint) [1,2]", "integer 9"], "array(array(bigint)) [[1,2]]"),
                (&["array(bigint) []", "integer 2"], "array(array(bigint)) [[]]"),
                (&["array(bigint) [1]", "integer 0"], "error N must be positive"),
                (&["array(bigint) [1]", "integer -3"], "error N must be positive"),
                (&["array(bigint) NULL", "integer 2"], "array(array(bigint)) NULL"),
            ],
        );
    }

    #[test]
    fn combinations() {
        check(
            "combinations",
            &[
                (&["array(bigint) [1,2,3]", "integer 2"], "array(array(bigint)) [[1,2],[1,3],[2,3]]"),
                (
                    &["array(bigint) [1,2,3,4]", "integer 2"],
                    "array(array(bigint)) [[1,2],[1,3],[2,3],[1,4],[2,4],[3,4]]",
                ),
                (&["array(bigint) [1,2]", "integer 0"], "array(array(bigint)) [[]]"),
                (&["array(bigint) [1,2]", "integer 3"], "array(array(bigint)) []"),
                (&["array(bigint) [1,null]", "integer 1"], "array(array(bigint)) [[1],[null]]"),
                (&["array(bigint) []", "integer 0"], "array(array(bigint)) [[]]"),
                (&["array(bigint) [1]", "integer -1"], "error combination size must not be negative: -1"),
                (&["array(bigint) [1]", "integer 6"], "error combination size must not exceed 5: 6"),
                (&["array(bigint) NULL", "integer 1"], "array(array(bigint)) NULL"),
            ],
        );
        let long = format!("array(bigint) {:?}", (0..100).collect::<Vec<_>>());
        check("combinations", &[(&[&long, "integer 4"], "error combinations exceed max size")]);
    }
}
