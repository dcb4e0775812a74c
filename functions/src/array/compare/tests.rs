//! Comparing single values, alone and as one batch.

use std::cmp::Ordering;

use arrow::{
    array::{Array, ArrayRef, new_null_array},
    compute::concat,
};

use super::{equal, keys::Ids, order};
use crate::{Type, testing::value};

fn pair(data_type: &str, left: &str, right: &str) -> (Type, ArrayRef, ArrayRef) {
    let (of, left) = value(&format!("{data_type} {left}"));
    let (_, right) = value(&format!("{data_type} {right}"));
    (of, left, right)
}

/// The value between NULLs, as a slice of a longer array.
fn between_nulls(array: &ArrayRef) -> ArrayRef {
    let null = new_null_array(array.data_type(), 1);
    let parts: [&dyn Array; 4] = [array.as_ref(), null.as_ref(), array.as_ref(), null.as_ref()];
    concat(&parts).unwrap().slice(1, 3)
}

#[test]
fn equality_is_three_valued() {
    for (data_type, left, right, expected) in [
        ("bigint", "1", "1", Some(true)),
        ("bigint", "1", "2", Some(false)),
        ("bigint", "NULL", "2", None),
        ("unknown", "NULL", "NULL", None),
        ("double", "NaN", "NaN", Some(false)),
        ("double", "0.0", "-0.0", Some(true)),
        ("real", "NaN", "1.0", Some(false)),
        ("varchar", "'a'", "'a'", Some(true)),
        ("varbinary", "'00'", "'01'", Some(false)),
        ("decimal(38,2)", "1.50", "1.50", Some(true)),
        ("interval year to month", "14", "14", Some(true)),
        ("interval day to second", "14", "15", Some(false)),
        ("timestamp(3) with time zone", "4097", "4098", Some(true)),
        ("timestamp(3) with time zone", "4095", "4096", Some(false)),
        ("timestamp(9) with time zone", "4097", "4098", Some(true)),
        // 01:00+01:00 and 00:00+00:00, then 23:00-01:00 and 00:00+00:00.
        ("time(3) with time zone", "7372800000001084", "1024", Some(true)),
        ("time(3) with time zone", "169574400000000964", "1024", Some(true)),
        ("time(3) with time zone", "7372800000001084", "1025", Some(false)),
        ("uuid", "'00112233445566778899aabbccddeeff'", "'00112233445566778899aabbccddeeff'", Some(true)),
        ("array(bigint)", "[]", "[]", Some(true)),
        ("array(bigint)", "[1,2]", "[1,2]", Some(true)),
        ("array(bigint)", "[1,2]", "[1,2,3]", Some(false)),
        ("array(bigint)", "[1,null]", "[1,null]", None),
        ("array(bigint)", "[1,null]", "[1,2]", None),
        ("array(bigint)", "[1,null]", "[2,null]", Some(false)),
        ("array(bigint)", "NULL", "[2,null]", None),
        ("array(array(double))", "[[1.0],[\"NaN\"]]", "[[1.0],[\"NaN\"]]", Some(false)),
        ("array(array(bigint))", "[[1],[2,null]]", "[[1],[2,3]]", None),
        ("array(array(bigint))", "[[1],[2,null]]", "[[1],[2]]", Some(false)),
        ("row(bigint, varchar)", "[1,\"a\"]", "[1,\"a\"]", Some(true)),
        ("row(bigint, varchar)", "[1,null]", "[1,\"a\"]", None),
        ("row(bigint, varchar)", "[1,null]", "[2,\"a\"]", Some(false)),
        ("row(bigint, varchar)", "[null,\"b\"]", "[1,\"a\"]", Some(false)),
        ("map(varchar, bigint)", "[[\"a\",1],[\"b\",2]]", "[[\"b\",2],[\"a\",1]]", Some(true)),
        ("map(varchar, bigint)", "[[\"a\",1],[\"b\",2]]", "[[\"b\",2],[\"c\",1]]", Some(false)),
        ("map(varchar, bigint)", "[[\"a\",1]]", "[[\"a\",1],[\"b\",2]]", Some(false)),
        ("map(varchar, bigint)", "[[\"a\",null]]", "[[\"a\",1]]", None),
        ("map(varchar, bigint)", "[[\"a\",null],[\"b\",1]]", "[[\"a\",1],[\"b\",2]]", Some(false)),
        ("map(varchar, bigint)", "[]", "[]", Some(true)),
    ] {
        let (of, left_array, right_array) = pair(data_type, left, right);
        let shown = format!("{data_type} {left} = {right}");
        let answer = equal(&left_array, &right_array, &of).unwrap();
        assert_eq!(answer.iter().next().flatten(), expected, "{shown}");
        let answer = equal(&between_nulls(&left_array), &between_nulls(&right_array), &of).unwrap();
        assert_eq!(answer.iter().collect::<Vec<_>>(), [None, expected, None], "{shown}");
    }
}

#[test]
fn order_is_trinos() {
    use Ordering::{Equal, Greater, Less};
    for (data_type, left, right, expected) in [
        ("boolean", "false", "true", Ok(Some(Less))),
        ("bigint", "-1", "1", Ok(Some(Less))),
        ("tinyint", "3", "-4", Ok(Some(Greater))),
        ("bigint", "NULL", "1", Ok(None)),
        ("double", "NaN", "Infinity", Ok(Some(Greater))),
        ("double", "-1.5", "-2.5", Ok(Some(Greater))),
        ("real", "NaN", "NaN", Ok(Some(Equal))),
        ("decimal(4,1)", "-1.5", "1.0", Ok(Some(Less))),
        ("varchar", "'a'", "'B'", Ok(Some(Greater))),
        ("varchar", "'a'", "'é'", Ok(Some(Less))),
        ("char(3)", "'a'", "'a\t'", Ok(Some(Greater))),
        ("timestamp(3) with time zone", "4097", "4098", Ok(Some(Equal))),
        ("date", "'2020-01-01'", "'2019-12-31'", Ok(Some(Greater))),
        ("array(bigint)", "[1,2]", "[1,3]", Ok(Some(Less))),
        ("array(bigint)", "[1,2]", "[1]", Ok(Some(Greater))),
        ("array(bigint)", "[]", "[]", Ok(Some(Equal))),
        ("array(bigint)", "[1,null]", "[2,1]", Ok(Some(Less))),
        ("array(bigint)", "[1,null]", "[1]", Ok(Some(Greater))),
        ("array(bigint)", "[1,null]", "[1,1]", Err("ARRAY comparison")),
        ("row(bigint, varchar)", "[1,\"a\"]", "[1,\"b\"]", Ok(Some(Less))),
        ("row(bigint, varchar)", "[1,null]", "[2,\"b\"]", Ok(Some(Less))),
        ("row(bigint, varchar)", "[1,null]", "[1,\"b\"]", Err("ROW comparison")),
        ("json", "'1'", "'2'", Err("not orderable")),
        ("map(bigint, bigint)", "[]", "[]", Err("not orderable")),
    ] {
        let (of, left_array, right_array) = pair(data_type, left, right);
        let shown = format!("{data_type} {left} <=> {right}");
        for (left, right) in [
            (left_array.clone(), right_array.clone()),
            (between_nulls(&left_array), between_nulls(&right_array)),
        ] {
            match (order(&left, &right, &of), expected) {
                (Ok(answer), Ok(expected)) => assert_eq!(answer[answer.len() / 2], expected, "{shown}"),
                (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{shown}: {error}"),
                (answer, _) => panic!("{shown}: {answer:?}"),
            }
        }
    }
}

#[test]
fn ids_tell_what_is_not_distinct() {
    for (data_type, left, right, expected) in [
        ("double", "NaN", "NaN", true),
        ("double", "0.0", "-0.0", true),
        ("bigint", "NULL", "NULL", true),
        ("bigint", "NULL", "0", false),
        ("varchar", "''", "NULL", false),
        ("array(double)", "[null,\"NaN\"]", "[null,\"NaN\"]", true),
        ("row(real, bigint)", "[0.0,null]", "[-0.0,null]", true),
        ("row(real, bigint)", "[0.0,null]", "[0.0,1]", false),
        ("map(bigint, double)", "[[1,1.0],[2,null]]", "[[2,null],[1,1.0]]", true),
        ("map(bigint, double)", "[[1,1.0],[2,null]]", "[[2,2.0],[1,1.0]]", false),
        ("array(timestamp(3) with time zone)", "[4097]", "[4098]", true),
        ("varbinary", "'0001'", "'0001'", true),
        ("uuid", "'00112233445566778899aabbccddeeff'", "'00112233445566778899aabbccddee00'", false),
    ] {
        let (of, left_array, right_array) = pair(data_type, left, right);
        let ids = Ids::new(&[&left_array, &right_array], &of).unwrap();
        assert_eq!(ids.of[0] == ids.of[1], expected, "{data_type} {left} {right}");
    }
}
