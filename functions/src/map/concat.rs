//! `map_concat`.

use arrow::{
    array::{Array, AsArray},
    buffer::OffsetBuffer,
    compute::interleave,
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::construct::map_array;
use crate::{
    Call, Fault, Function, Type,
    array::{
        compare::keys::{Ids, Seen},
        lists::{Lists, to_offset, union_of_nulls},
    },
    columns::on_arrays,
};

pub(super) fn functions() -> Vec<Function> {
    vec![Function::scalar(
        "map_concat",
        &["(map(K, V), map(K, V)...) -> map(K, V)"],
        concat,
        "The entries of all maps; the last map with a key has its value",
    )]
}

/// The entries of the last map come first, as in Trino.
fn concat(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let Type::Map(key, _) = &call.returns else {
            return Err(Fault::internal("a map that is not one").into());
        };
        let nulls = union_of_nulls(arrays);
        let maps = arrays.iter().map(|array| Lists::of_map(array)?.with_nulls(nulls.as_ref()));
        let maps = maps.collect::<EngineResult<Vec<_>>>()?;
        let keys = maps.iter().map(|map| Ok(map.entries()?.0)).collect::<EngineResult<Vec<_>>>()?;
        let ids = Ids::new(&keys.iter().collect::<Vec<_>>(), key)?;
        let mut seen = Seen::new(&ids);
        let mut kept = Vec::with_capacity(keys.iter().map(|keys| keys.len()).sum());
        let mut offsets = vec![0];
        for row in 0..maps.first().map_or(0, Lists::len) {
            seen.next_list();
            for (index, (map, ids)) in maps.iter().zip(&ids.of).enumerate().rev() {
                let new = map.range(row).filter(|entry| seen.insert(ids[*entry]));
                kept.extend(new.map(|entry| (index, entry)));
            }
            offsets.push(to_offset(kept.len())?);
        }
        let entries: Vec<&dyn Array> = maps.iter().map(|map| map.items.as_ref()).collect();
        let entries = interleave(&entries, &kept)?;
        let [keys, values] = entries.as_struct().columns() else {
            return Err(Fault::internal("entries of a map without key and value").into());
        };
        let offsets = OffsetBuffer::new(offsets.into());
        map_array(&call.returns.arrow(), keys.clone(), values.clone(), offsets, nulls)
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn map_concat() {
        check(
            "map_concat",
            &[
                (
                    &[
                        "map(bigint, varchar) [[1,\"a\"],[2,\"b\"]]",
                        "map(bigint, varchar) [[2,\"c\"],[3,null]]",
                    ],
                    "map(bigint, varchar) [[2,\"c\"],[3,null],[1,\"a\"]]",
                ),
                (
                    &["map(bigint, varchar) [[1,\"a\"]]", "map(bigint, varchar) []"],
                    "map(bigint, varchar) [[1,\"a\"]]",
                ),
                (
                    &[
                        "map(bigint, bigint) [[1,1]]",
                        "map(bigint, bigint) [[1,2],[2,2]]",
                        "map(bigint, bigint) [[2,3],[3,3]]",
                    ],
                    "map(bigint, bigint) [[2,3],[3,3],[1,2]]",
                ),
                (
                    &["map(bigint, varchar) [[1,\"a\"]]", "map(bigint, varchar) NULL"],
                    "map(bigint, varchar) NULL",
                ),
            ],
        );
    }
}
