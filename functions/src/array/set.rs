//! Arrays as sets: elements are the same where they are not distinct, so NULL is NULL and NaN is NaN.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, BooleanArray, Int64Array, MapArray, StructArray, UInt32Array},
    buffer::OffsetBuffer,
    compute::{interleave, take},
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::{
    compare::keys::{Ids, Seen},
    lists::{Gather, Lists, item_type, list_array, to_offset, union_of_nulls},
};
use crate::{
    Call, Fault, Function, Type,
    columns::{argument, on_arrays},
    types,
};

pub(crate) fn functions() -> Vec<Function> {
    vec![
        Function::scalar(
            "array_distinct",
            &["(array(T)) -> array(T)"],
            distinct,
            "The array without duplicate elements",
        ),
        Function::scalar(
            "array_union",
            &["(array(T), array(T)) -> array(T)"],
            union,
            "The elements of both arrays, without duplicates",
        ),
        Function::scalar(
            "array_intersect",
            &["(array(T), array(T)) -> array(T)"],
            intersect,
            "The elements that are in both arrays, without duplicates",
        ),
        Function::scalar(
            "array_except",
            &["(array(T), array(T)) -> array(T)"],
            except,
            "The elements of the first array that are not in the second, without duplicates",
        ),
        Function::scalar(
            "arrays_overlap",
            &["(array(T), array(T)) -> boolean"],
            overlap,
            "True if the arrays have a common element that is not NULL",
        ),
        Function::scalar(
            "array_histogram",
            &["(array(T)) -> map(T, bigint)"],
            histogram,
            "How often each element occurs",
        ),
    ]
}

fn distinct(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let lists = Lists::of(argument(arrays, 0)?)?;
        let ids = Ids::new(&[&lists.items], item_type(call, 0)?)?;
        let mut seen = Seen::new(&ids);
        let mut kept = Gather::with_capacity(lists.len(), lists.items.len());
        for range in lists.ranges() {
            seen.next_list();
            for item in range {
                if ids.of.first().is_some_and(|of| seen.insert(of[item])) {
                    kept.push(item);
                }
            }
            kept.end_row()?;
        }
        kept.finish(&lists.items, lists.nulls.clone())
    })
}

/// Two arrays per row, and which of their elements are the same.
struct Sides {
    left: Lists,
    right: Lists,
    ids: Ids,
}

impl Sides {
    /// Lists of both sides; all are NULL where one is.
    fn new(call: &Call, arrays: &[ArrayRef]) -> EngineResult<Self> {
        let nulls = union_of_nulls(arrays);
        let left = Lists::of(argument(arrays, 0)?)?.with_nulls(nulls.as_ref())?;
        let right = Lists::of(argument(arrays, 1)?)?.with_nulls(nulls.as_ref())?;
        let ids = Ids::new(&[&left.items, &right.items], item_type(call, 0)?)?;
        Ok(Self { left, right, ids })
    }

    fn ids(&self) -> Result<(&[u32], &[u32]), Fault> {
        match self.ids.of.as_slice() {
            [left, right] => Ok((left, right)),
            _ => Err(Fault::internal("ids of two arrays")),
        }
    }
}

fn union(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let sides = Sides::new(call, arrays)?;
        let (left, right) = sides.ids()?;
        let mut seen = Seen::new(&sides.ids);
        let mut kept = Vec::with_capacity(left.len() + right.len());
        let mut offsets = vec![0];
        for (in_left, in_right) in sides.left.ranges().zip(sides.right.ranges()) {
            seen.next_list();
            kept.extend(in_left.filter(|item| seen.insert(left[*item])).map(|item| (0, item)));
            kept.extend(in_right.filter(|item| seen.insert(right[*item])).map(|item| (1, item)));
            offsets.push(to_offset(kept.len())?);
        }
        let items = interleave(&[sides.left.items.as_ref(), sides.right.items.as_ref()], &kept)?;
        list_array(items, OffsetBuffer::new(offsets.into()), sides.left.nulls)
    })
}

/// The elements stand in the order of the longer array, which is Trino's doing.
fn intersect(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let sides = Sides::new(call, arrays)?;
        let (left, right) = sides.ids()?;
        let (mut other, mut seen) = (Seen::new(&sides.ids), Seen::new(&sides.ids));
        let mut kept = Vec::new();
        let mut offsets = vec![0];
        for (in_left, in_right) in sides.left.ranges().zip(sides.right.ranges()) {
            other.next_list();
            seen.next_list();
            let (long, short, of_long, of_short, side) = match in_left.len() < in_right.len() {
                true => (in_right, in_left, right, left, 1),
                false => (in_left, in_right, left, right, 0),
            };
            for item in short {
                other.insert(of_short[item]);
            }
            let both = long.filter(|item| other.contains(of_long[*item]) && seen.insert(of_long[*item]));
            kept.extend(both.map(|item| (side, item)));
            offsets.push(to_offset(kept.len())?);
        }
        let items = interleave(&[sides.left.items.as_ref(), sides.right.items.as_ref()], &kept)?;
        list_array(items, OffsetBuffer::new(offsets.into()), sides.left.nulls)
    })
}

fn except(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let sides = Sides::new(call, arrays)?;
        let (left, right) = sides.ids()?;
        let mut seen = Seen::new(&sides.ids);
        let mut kept = Gather::with_capacity(sides.left.len(), left.len());
        for (in_left, in_right) in sides.left.ranges().zip(sides.right.ranges()) {
            seen.next_list();
            for item in in_right {
                seen.insert(right[item]);
            }
            for item in in_left {
                if seen.insert(left[item]) {
                    kept.push(item);
                }
            }
            kept.end_row()?;
        }
        kept.finish(&sides.left.items, sides.left.nulls)
    })
}

fn overlap(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let sides = Sides::new(call, arrays)?;
        let (left, right) = sides.ids()?;
        let mut seen = Seen::new(&sides.ids);
        let found = sides.left.ranges().zip(sides.right.ranges()).enumerate().map(|(row, (mut a, b))| {
            if sides.left.is_null(row) {
                return None;
            }
            if a.is_empty() || b.is_empty() {
                return Some(false);
            }
            seen.next_list();
            let mut has_null = false;
            for item in b {
                has_null |= right[item] == Ids::NULL;
                seen.insert(right[item]);
            }
            let is_common = a.any(|item| {
                has_null |= left[item] == Ids::NULL;
                left[item] != Ids::NULL && seen.contains(left[item])
            });
            if is_common { Some(true) } else { (!has_null).then_some(false) }
        });
        Ok(Arc::new(found.collect::<BooleanArray>()))
    })
}

/// In the order in which elements occur first.
fn histogram(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let lists = Lists::of(argument(arrays, 0)?)?;
        let item = item_type(call, 0)?;
        let ids = Ids::new(&[&lists.items], item)?;
        let of = ids.of.first().map(Vec::as_slice).unwrap_or_default();
        let mut seen = Seen::new(&ids);
        let mut slots = vec![0_usize; ids.bound];
        let mut keys = Gather::with_capacity(lists.len(), lists.items.len());
        let mut counts: Vec<i64> = Vec::new();
        for range in lists.ranges() {
            seen.next_list();
            for item in range.filter(|item| of[*item] != Ids::NULL) {
                let id = of[item];
                if seen.insert(id) {
                    slots[id as usize] = counts.len();
                    counts.push(0);
                    keys.push(item);
                }
                counts[slots[id as usize]] += 1;
            }
            keys.end_row()?;
        }
        let field = types::entries_field(item, &Type::BigInt);
        let arrow::datatypes::DataType::Struct(fields) = field.data_type().clone() else {
            return Err(Fault::internal("entries that are not rows").into());
        };
        let keys_taken = take(&lists.items, &UInt32Array::from(keys.indices), None)?;
        let entries =
            StructArray::try_new(fields, vec![keys_taken, Arc::new(Int64Array::from(counts))], None)?;
        let offsets = OffsetBuffer::new(keys.offsets.into());
        Ok(Arc::new(MapArray::try_new(field, offsets, entries, lists.nulls.clone(), false)?))
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn array_distinct() {
        check(
            "array_distinct",
            &[
                (&["array(bigint) [2,1,2,null,1,null]"], "array(bigint) [2,1,null]"),
                (&["array(bigint) []"], "array(bigint) []"),
                (&["array(bigint) NULL"], "array(bigint) NULL"),
                (&["array(unknown) [null,null]"], "array(unknown) [null]"),
                (&["array(varchar) [\"b\",\"a\",\"b\",\"\"]"], "array(varchar) [\"b\",\"a\",\"\"]"),
                (&["array(double) [\"NaN\",1.0,\"NaN\"]"], "array(double) [\"NaN\",1.0]"),
                (&["array(array(bigint)) [[1,null],[1],[1,null]]"], "array(array(bigint)) [[1,null],[1]]"),
            ],
        );
    }

    #[test]
    fn array_union() {
        check(
            "array_union",
            &[
                (&["array(bigint) [3,1,3]", "array(bigint) [2,1,null]"], "array(bigint) [3,1,2,null]"),
                (&["array(bigint) [null]", "array(bigint) [null]"], "array(bigint) [null]"),
                (&["array(bigint) []", "array(bigint) []"], "array(bigint) []"),
                (&["array(bigint) NULL", "array(bigint) [1]"], "array(bigint) NULL"),
            ],
        );
    }

    #[test]
    fn array_intersect() {
        check(
            "array_intersect",
            &[
                (&["array(bigint) [5,1,5,2]", "array(bigint) [2,5]"], "array(bigint) [5,2]"),
                (&["array(bigint) [2,5]", "array(bigint) [9,5,1,2]"], "array(bigint) [5,2]"),
                (&["array(bigint) [1,null]", "array(bigint) [null,null]"], "array(bigint) [null]"),
                (&["array(bigint) []", "array(bigint) [null]"], "array(bigint) []"),
                (&["array(bigint) [1]", "array(bigint) NULL"], "array(bigint) NULL"),
                (
                    &[
                        "array(row(bigint, varchar)) [[1,null],[2,\"a\"]]",
                        "array(row(bigint, varchar)) [[1,null]]",
                    ],
                    "array(row(bigint, varchar)) [[1,null]]",
                ),
            ],
        );
    }

    #[test]
    fn array_except() {
        check(
            "array_except",
            &[
                (&["array(bigint) [5,1,5,2,null]", "array(bigint) [2]"], "array(bigint) [5,1,null]"),
                (&["array(bigint) [1,1]", "array(bigint) []"], "array(bigint) [1]"),
                (&["array(bigint) [1,null]", "array(bigint) [null,1]"], "array(bigint) []"),
                (&["array(bigint) NULL", "array(bigint) [1]"], "array(bigint) NULL"),
            ],
        );
    }

    #[test]
    fn arrays_overlap() {
        check(
            "arrays_overlap",
            &[
                (&["array(bigint) [1,2]", "array(bigint) [2,3]"], "boolean true"),
                (&["array(bigint) [1,2]", "array(bigint) [3]"], "boolean false"),
                (&["array(bigint) [1,null]", "array(bigint) [3]"], "boolean NULL"),
                (&["array(bigint) [1]", "array(bigint) [3,null]"], "boolean NULL"),
                (&["array(bigint) [1,null]", "array(bigint) [null,1]"], "boolean true"),
                (&["array(bigint) [null]", "array(bigint) [null]"], "boolean NULL"),
                (&["array(bigint) []", "array(bigint) [null]"], "boolean false"),
                (&["array(bigint) NULL", "array(bigint) []"], "boolean NULL"),
            ],
        );
    }

    #[test]
    fn array_histogram() {
        check(
            "array_histogram",
            &[
                (&["array(bigint) [7,5,7,null]"], "map(bigint, bigint) [[7,2],[5,1]]"),
                (&["array(bigint) []"], "map(bigint, bigint) []"),
                (&["array(bigint) NULL"], "map(bigint, bigint) NULL"),
            ],
        );
    }
}
