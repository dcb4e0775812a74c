//! Lambdas on maps: `map_filter`, `transform_keys`, `transform_values` and `map_zip_with`.

use arrow::{
    array::{Array, ArrayRef, UInt32Array},
    buffer::OffsetBuffer,
    compute::{interleave, take},
    datatypes::DataType,
};
use datafusion::common::Result as EngineResult;

use super::{
    call::{Invocation, Rules, entry_of, function, map_of, type_at, type_of},
    transform::predicate,
};
use crate::{
    Fault, Function,
    array::{
        compare::keys::Ids,
        lists::{Gather, Lists, to_offset, to_u32, union_of_nulls},
    },
    map::construct::{check_keys, map_array},
};

pub(super) fn functions() -> Vec<Function> {
    let entry = |values: &[DataType]| -> EngineResult<Vec<Vec<DataType>>> {
        let (key, value) = entry_of(type_at(values, 0)?)?;
        Ok(vec![vec![key.clone(), value.clone()]])
    };
    vec![
        function(
            "map_filter",
            &["(map(K, V), function(K, V, boolean)) -> map(K, V)"],
            Rules { parameters: entry, returns: |values, _| type_at(values, 0).cloned(), invoke: filter },
            "The entries for which a lambda is true",
        ),
        function(
            "transform_keys",
            &["(map(K1, V), function(K1, V, K2)) -> map(K2, V)"],
            Rules {
                parameters: entry,
                returns: |values, bodies| Ok(map_of(type_at(bodies, 0)?, entry_of(type_at(values, 0)?)?.1)),
                invoke: transform_keys,
            },
            "The map with the results of a lambda as keys",
        ),
        function(
            "transform_values",
            &["(map(K, V1), function(K, V1, V2)) -> map(K, V2)"],
            Rules {
                parameters: entry,
                returns: |values, bodies| Ok(map_of(entry_of(type_at(values, 0)?)?.0, type_at(bodies, 0)?)),
                invoke: transform_values,
            },
            "The map with the results of a lambda as values",
        ),
        function(
            "map_zip_with",
            &["(map(K, V1), map(K, V2), function(K, V1, V2, V3)) -> map(K, V3)"],
            Rules {
                parameters: |values| {
                    let (key, first) = entry_of(type_at(values, 0)?)?;
                    let (_, second) = entry_of(type_at(values, 1)?)?;
                    Ok(vec![vec![key.clone(), first.clone(), second.clone()]])
                },
                returns: |values, bodies| Ok(map_of(entry_of(type_at(values, 0)?)?.0, type_at(bodies, 0)?)),
                invoke: zip_with,
            },
            "A map of the keys of two maps with the results of a lambda for the values of both",
        ),
    ]
}

fn filter(call: &Invocation) -> EngineResult<ArrayRef> {
    let maps = Lists::of_map(&call.array(0)?)?;
    let (keys, values) = maps.entries()?;
    let keep = call.lambda(0)?.evaluate_for(&[keys.clone(), values.clone()], &maps.rows_of_items())?;
    let keep = predicate(&keep)?;
    let mut kept = Gather::with_capacity(maps.len(), keys.len());
    for range in maps.ranges() {
        range.filter(|entry| keep.is_valid(*entry) && keep.value(*entry)).for_each(|entry| kept.push(entry));
        kept.end_row()?;
    }
    let indices = UInt32Array::from(kept.indices);
    let (keys, values) = (take(&keys, &indices, None)?, take(&values, &indices, None)?);
    map_array(&call.returns, keys, values, OffsetBuffer::new(kept.offsets.into()), maps.nulls)
}

fn transform_keys(call: &Invocation) -> EngineResult<ArrayRef> {
    let maps = Lists::of_map(&call.array(0)?)?;
    let (keys, values) = maps.entries()?;
    let keys = call.lambda(0)?.evaluate_for(&[keys, values.clone()], &maps.rows_of_items())?;
    check_keys(&keys, &maps.offsets, &type_of(keys.data_type())?, "Duplicate keys")?;
    map_array(&call.returns, keys, values, maps.offsets, maps.nulls)
}

fn transform_values(call: &Invocation) -> EngineResult<ArrayRef> {
    let maps = Lists::of_map(&call.array(0)?)?;
    let (keys, values) = maps.entries()?;
    let values = call.lambda(0)?.evaluate_for(&[keys.clone(), values], &maps.rows_of_items())?;
    map_array(&call.returns, keys, values, maps.offsets, maps.nulls)
}

/// The keys of the first map come first, then those which only the second has.
fn zip_with(call: &Invocation) -> EngineResult<ArrayRef> {
    let arrays = [call.array(0)?, call.array(1)?];
    let nulls = union_of_nulls(&arrays);
    let [first, second] = &arrays;
    let first = Lists::of_map(first)?.with_nulls(nulls.as_ref())?;
    let second = Lists::of_map(second)?.with_nulls(nulls.as_ref())?;
    let ((first_keys, first_values), (second_keys, second_values)) = (first.entries()?, second.entries()?);
    let pairs = Pairs::new(&first, &second, &first_keys, &second_keys)?;

    let keys = interleave(&[first_keys.as_ref(), second_keys.as_ref()], &pairs.keys)?;
    let lefts = take(&first_values, &UInt32Array::from(pairs.lefts), None)?;
    let rights = take(&second_values, &UInt32Array::from(pairs.rights), None)?;
    let rows = UInt32Array::from(pairs.rows);
    let values = call.lambda(0)?.evaluate_for(&[keys.clone(), lefts, rights], &rows)?;
    map_array(&call.returns, keys, values, OffsetBuffer::new(pairs.offsets.into()), nulls)
}

/// The entries of two maps by key.
struct Pairs {
    /// Which map has the key, and in which entry.
    keys: Vec<(usize, usize)>,
    lefts: Vec<Option<u32>>,
    rights: Vec<Option<u32>>,
    rows: Vec<u32>,
    offsets: Vec<i32>,
}

impl Pairs {
    fn new(
        first: &Lists,
        second: &Lists,
        first_keys: &ArrayRef,
        second_keys: &ArrayRef,
    ) -> EngineResult<Self> {
        let ids = Ids::new(&[first_keys, second_keys], &type_of(first_keys.data_type())?)?;
        let [first_ids, second_ids] = ids.of.as_slice() else {
            return Err(Fault::internal("ids of two arrays").into());
        };
        // For each id, the entries of the two maps that had it last.
        let mut entry = vec![(u32::MAX, u32::MAX); ids.bound];
        let mut pairs = Self {
            keys: Vec::new(),
            lefts: Vec::new(),
            rights: Vec::new(),
            rows: Vec::new(),
            offsets: vec![0],
        };
        for (row, (lefts, rights)) in first.ranges().zip(second.ranges()).enumerate() {
            lefts.clone().for_each(|left| entry[first_ids[left] as usize].0 = to_u32(left));
            rights.clone().for_each(|right| entry[second_ids[right] as usize].1 = to_u32(right));
            for left in lefts.clone() {
                let right = entry[first_ids[left] as usize].1;
                let right = Some(right).filter(|right| rights.contains(&(*right as usize)));
                pairs.keys.push((0, left));
                pairs.lefts.push(Some(to_u32(left)));
                pairs.rights.push(right);
            }
            for right in rights {
                let left = entry[second_ids[right] as usize].0;
                if !lefts.contains(&(left as usize)) {
                    pairs.keys.push((1, right));
                    pairs.lefts.push(None);
                    pairs.rights.push(Some(to_u32(right)));
                }
            }
            pairs.rows.resize(pairs.keys.len(), to_u32(row));
            pairs.offsets.push(to_offset(pairs.keys.len())?);
        }
        Ok(pairs)
    }
}

#[cfg(test)]
mod tests {
    use datafusion::logical_expr::{lambda, lambda_var, lit};

    use crate::lambda::testing::{Table, call, col};

    fn table() -> Table {
        Table::new(&[
            (
                "m",
                &[
                    "map(bigint, bigint) [[1,10],[2,null],[3,30]]",
                    "map(bigint, bigint) NULL",
                    "map(bigint, bigint) []",
                    "map(bigint, bigint) [[4,40]]",
                ],
            ),
            (
                "n",
                &[
                    "map(bigint, bigint) [[3,300],[9,900]]",
                    "map(bigint, bigint) []",
                    "map(bigint, bigint) [[5,500]]",
                    "map(bigint, bigint) [[3,null],[4,400]]",
                ],
            ),
            ("b", &["bigint 15", "bigint 20", "bigint 30", "bigint 1"]),
        ])
    }

    #[test]
    fn map_filter() {
        table().check(
            call(
                "map_filter",
                vec![col("m"), lambda(["k", "v"], (lambda_var("k") + lambda_var("v")).gt(col("b")))],
            ),
            &[
                "map(bigint, bigint) [[3,30]]",
                "map(bigint, bigint) NULL",
                "map(bigint, bigint) []",
                "map(bigint, bigint) [[4,40]]",
            ],
        );
    }

    #[test]
    fn transform_keys() {
        table().check(
            call("transform_keys", vec![col("m"), lambda(["k", "v"], lambda_var("k") + col("b"))]),
            &[
                "map(bigint, bigint) [[16,10],[17,null],[18,30]]",
                "map(bigint, bigint) NULL",
                "map(bigint, bigint) []",
                "map(bigint, bigint) [[5,40]]",
            ],
        );
        table().check_error(
            call("transform_keys", vec![col("m"), lambda(["k", "v"], lambda_var("v"))]),
            "map key cannot be null",
        );
        table().check_error(
            call("transform_keys", vec![col("m"), lambda(["k", "v"], lit(1_i64))]),
            "Duplicate keys",
        );
    }

    #[test]
    fn transform_values() {
        table().check(
            call(
                "transform_values",
                vec![col("m"), lambda(["k", "v"], lambda_var("k") * lambda_var("v") + col("b"))],
            ),
            &[
                "map(bigint, bigint) [[1,25],[2,null],[3,105]]",
                "map(bigint, bigint) NULL",
                "map(bigint, bigint) []",
                "map(bigint, bigint) [[4,161]]",
            ],
        );
        table().check(
            call("transform_values", vec![col("m"), lambda(["k", "v"], lambda_var("v").is_null())]),
            &[
                "map(bigint, boolean) [[1,false],[2,true],[3,false]]",
                "map(bigint, boolean) NULL",
                "map(bigint, boolean) []",
                "map(bigint, boolean) [[4,false]]",
            ],
        );
    }

    #[test]
    fn map_zip_with() {
        let body = lambda_var("k") + lambda_var("v") + lambda_var("w") + col("b");
        table().check(
            call("map_zip_with", vec![col("m"), col("n"), lambda(["k", "v", "w"], body)]),
            &[
                "map(bigint, bigint) [[1,null],[2,null],[3,348],[9,null]]",
                "map(bigint, bigint) NULL",
                "map(bigint, bigint) [[5,null]]",
                "map(bigint, bigint) [[4,445],[3,null]]",
            ],
        );
        table().check(
            call("map_zip_with", vec![col("m"), col("n"), lambda(["k", "v", "w"], lambda_var("w"))]),
            &[
                "map(bigint, bigint) [[1,null],[2,null],[3,300],[9,900]]",
                "map(bigint, bigint) NULL",
                "map(bigint, bigint) [[5,500]]",
                "map(bigint, bigint) [[4,400],[3,null]]",
            ],
        );
    }
}
