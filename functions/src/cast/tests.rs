#![allow(clippy::unwrap_used)]

use arrow::{array::new_null_array, compute::concat};

use super::*;
use crate::{testing, types};

/// Casts each value between two NULLs to the type of what is expected; `TYPE: error MESSAGE` expects a fault.
/// `TRY_CAST` must give the same, or NULL.
fn check(cases: &[(&str, &str)]) {
    for (given, expected) in cases {
        let (from, array) = testing::value(given);
        let null = new_null_array(array.data_type(), 1);
        let array = concat(&[null.as_ref(), array.as_ref(), null.as_ref()]).unwrap();
        let (to, expected) = match expected.split_once(": error ") {
            Some((to, message)) => (types::parse(to).unwrap(), Err(message)),
            None => {
                let (to, value) = testing::value(expected);
                (to, Ok(value))
            }
        };
        let shown = format!("CAST({given} AS {to})");
        let tried = try_cast(&array, &from, &to);
        match (cast(&array, &from, &to), expected) {
            (Ok(result), Ok(value)) => {
                assert_eq!(result.data_type(), &to.arrow(), "{shown}");
                assert_eq!(&result.slice(1, 1), &value, "{shown}");
                assert!(result.is_null(0) && result.is_null(2), "{shown}");
                assert_eq!(&tried.unwrap(), &result, "TRY_{shown}");
            }
            (Err(fault), Err(message)) => {
                let fault = protocol::Error::from_envelope(&fault.to_string()).unwrap();
                assert!(fault.to_string().contains(message), "{shown}: {fault}");
                match Fault::can_be_tried(fault.code) {
                    true => assert_eq!(tried.unwrap().null_count(), 3, "TRY_{shown}"),
                    false => assert!(tried.is_err(), "TRY_{shown}"),
                }
            }
            (result, expected) => panic!("{shown}: {result:?}, not {expected:?}"),
        }
    }
}

#[test]
fn integers() {
    check(&[
        ("bigint 127", "tinyint 127"),
        ("bigint 128", "tinyint: error Out of range for tinyint: 128"),
        ("integer -32769", "smallint: error Out of range for smallint: -32769"),
        ("bigint 2147483648", "integer: error Out of range for integer: 2147483648"),
        ("tinyint -128", "bigint -128"),
        ("boolean true", "integer 1"),
        ("boolean false", "bigint 0"),
        ("double 2.5", "bigint 3"),
        ("double -2.5", "bigint -3"),
        ("double 0.49999999999999994", "integer 0"),
        ("double 2147483647.4", "integer 2147483647"),
        ("double 2147483647.5", "integer: error Out of range for integer: 2.1474836475E9"),
        ("double -9223372036854775808", "bigint -9223372036854775808"),
        ("double 9223372036854775808", "bigint: error Unable to cast 9.223372036854776E18 to bigint"),
        ("double NaN", "bigint: error Unable to cast NaN to bigint"),
        ("double NaN", "integer: error Cannot cast double NaN to integer"),
        ("double Infinity", "smallint: error Out of range for smallint: Infinity"),
        ("real 1.5", "tinyint 2"),
        ("real 1e20", "bigint 9223372036854775807"),
        ("real -Infinity", "bigint -9223372036854775808"),
        ("real NaN", "bigint: error Cannot cast real NaN to bigint"),
        ("real 1e10", "integer: error Out of range for integer: 1.0E10"),
        ("decimal(5,2) '1.50'", "integer 2"),
        ("decimal(5,2) '-1.50'", "integer -2"),
        ("decimal(5,2) '1.49'", "bigint 1"),
        ("decimal(5,2) '200.00'", "tinyint: error Cannot cast '200' to TINYINT"),
        ("decimal(38,1) '9223372036854775807.4'", "bigint 9223372036854775807"),
        (
            "decimal(38,1) '9223372036854775807.5'",
            "bigint: error Cannot cast '9223372036854775807.5' to BIGINT",
        ),
        ("varchar '42'", "bigint 42"),
        ("varchar '-42'", "tinyint -42"),
        ("varchar '+1'", "smallint 1"),
        ("varchar 'a'", "integer: error Cannot cast 'a' to INT"),
        ("varchar ' 1'", "bigint: error Cannot cast ' 1' to BIGINT"),
        ("varchar '1.5'", "bigint: error Cannot cast '1.5' to BIGINT"),
        ("varchar ''", "smallint: error Cannot cast '' to SMALLINT"),
        ("varchar '128'", "tinyint: error Cannot cast '128' to TINYINT"),
        ("char(4) '12'", "integer 12"),
        ("varbinary '31'", "integer: error Cannot cast varbinary to integer"),
        ("date '2020-01-01'", "bigint: error Cannot cast date to bigint"),
    ]);
}

#[test]
fn doubles_and_reals() {
    check(&[
        ("bigint 9007199254740993", "double 9007199254740992"),
        ("integer 16777217", "real 16777216"),
        ("real 0.5", "double 0.5"),
        ("double 1e300", "real Infinity"),
        ("boolean true", "double 1.0"),
        ("decimal(3,1) '0.1'", "double 0.1"),
        ("decimal(18,0) '999999999999999999'", "double 1e18"),
        ("decimal(38,20) '0.10000000000000000001'", "double 0.1"),
        (
            "decimal(38,0) '12345678901234567890123456789012345678'",
            "double 12345678901234567890123456789012345678",
        ),
        ("decimal(3,1) '0.1'", "real 0.1"),
        ("decimal(38,37) '0.1'", "real 0.1"),
        ("varchar ' 1.5 '", "double 1.5"),
        ("varchar 'NaN'", "double NaN"),
        ("varchar '-Infinity'", "real -Infinity"),
        ("varchar '1e3'", "real 1000"),
        ("varchar '1f'", "double 1"),
        ("varchar 'inf'", "double: error Cannot cast 'inf' to DOUBLE"),
        ("varchar ''", "real: error Cannot cast '' to REAL"),
    ]);
}

#[test]
fn booleans() {
    check(&[
        ("bigint 2", "boolean true"),
        ("tinyint 0", "boolean false"),
        ("double -0.0", "boolean false"),
        ("double NaN", "boolean true"),
        ("real 0.1", "boolean true"),
        ("decimal(3,1) '0.0'", "boolean false"),
        ("decimal(20,1) '0.1'", "boolean true"),
        ("varchar 'T'", "boolean true"),
        ("varchar 'false'", "boolean false"),
        ("varchar 'TrUe'", "boolean true"),
        ("varchar '0'", "boolean false"),
        ("varchar 'yes'", "boolean: error Cannot cast 'yes' to BOOLEAN"),
        ("varchar ' true'", "boolean: error Cannot cast ' true' to BOOLEAN"),
    ]);
}

#[test]
fn decimals() {
    check(&[
        ("bigint 12", "decimal(4,2) '12.00'"),
        ("bigint 100", "decimal(4,2): error Cannot cast BIGINT '100' to DECIMAL(4, 2)"),
        ("tinyint 1", "decimal(1,1): error Cannot cast TINYINT '1' to DECIMAL(1, 1)"),
        ("bigint 9223372036854775807", "decimal(38,19) '9223372036854775807.0'"),
        ("boolean true", "decimal(3,1) '1.0'"),
        ("boolean true", "decimal(1,1): error BOOLEAN"),
        ("boolean false", "decimal(1,1) '0.0'"),
        ("double 1.005", "decimal(5,2) '1.01'"),
        ("double -1.005", "decimal(5,2) '-1.01'"),
        ("double 0.0", "decimal(5,2) '0.00'"),
        ("double 1e-300", "decimal(5,2) '0.00'"),
        ("double 1e40", "decimal(10,2): error Cannot cast DOUBLE '1.0E40' to DECIMAL(10, 2)"),
        ("double NaN", "decimal(10,2): error Cannot cast DOUBLE 'NaN' to DECIMAL(10, 2)"),
        ("double 123456789.123", "decimal(38,20) '123456789.123'"),
        ("real 0.1", "decimal(38,20) '0.1'"),
        ("real 1e10", "decimal(3,0): error Cannot cast REAL '1.0E10' to DECIMAL(3, 0)"),
        ("decimal(5,2) '1.25'", "decimal(5,1) '1.3'"),
        ("decimal(5,2) '-1.25'", "decimal(5,1) '-1.3'"),
        ("decimal(5,2) '1.24'", "decimal(20,4) '1.2400'"),
        ("decimal(5,2) '999.99'", "decimal(3,0): error Cannot cast DECIMAL(5, 2) '999.99' to DECIMAL(3, 0)"),
        (
            "decimal(38,0) '99999999999999999999999999999999999999'",
            "decimal(38,1): error Cannot cast DECIMAL(38, 0) '99999999999999999999999999999999999999' to DECIMAL(38, 1)",
        ),
        ("decimal(38,38) '0.5'", "decimal(1,0) '1'"),
        ("decimal(38,38) '0.49999999999999999999999999999999999999'", "decimal(1,0) '0'"),
        ("varchar '1.005'", "decimal(5,2) '1.01'"),
        ("varchar '1e2'", "decimal(5,2) '100.00'"),
        (
            "varchar 'x'",
            "decimal(5,2): error Cannot cast VARCHAR 'x' to DECIMAL(5, 2). Value is not a number.",
        ),
        (
            "varchar '1000'",
            "decimal(5,2): error Cannot cast VARCHAR '1000' to DECIMAL(5, 2). Value too large.",
        ),
    ]);
}

#[test]
fn text() {
    check(&[
        ("bigint -9223372036854775808", "varchar '-9223372036854775808'"),
        ("integer 123", "varchar(3) '123'"),
        ("integer 123", "varchar(2): error Value 123 cannot be represented as varchar(2)"),
        ("double 1", "varchar '1.0E0'"),
        ("double 0.0", "varchar '0E0'"),
        ("double 123.456", "varchar '1.23456E2'"),
        ("double 12.5", "varchar(3): error Value 12.5 (1.25E1) cannot be represented as varchar(3)"),
        ("real 16777216", "varchar '1.677722E7'"),
        ("real 1.5", "varchar(2): error Value 1.5 (1.5E0) cannot be represented as varchar(2)"),
        ("decimal(5,2) '-0.50'", "varchar '-0.50'"),
        ("decimal(38,38) '0.1'", "varchar '0.10000000000000000000000000000000000000'"),
        ("decimal(5,2) '0.50'", "varchar(3): error Value 0.50 cannot be represented as varchar(3)"),
        ("boolean true", "varchar 'true'"),
        ("boolean false", "varchar(4): error Value false cannot be represented as varchar(4)"),
        ("varchar 'héllo'", "varchar(2) 'hé'"),
        ("varchar(5) 'hello'", "varchar(9) 'hello'"),
        ("varchar 'ab  '", "char(3) 'ab'"),
        ("varchar 'a  b'", "char(3) 'a'"),
        ("varchar ''", "char(3) ''"),
        ("char(4) 'ab'", "varchar 'ab  '"),
        ("char(4) 'ab'", "varchar(3) 'ab '"),
        ("char(4) 'abcd'", "varchar(2) 'ab'"),
        ("char(4) 'é'", "varchar(9) 'é   '"),
        ("char(4) 'a bc'", "char(2) 'a'"),
        ("char(2) 'ab'", "char(4) 'ab'"),
        ("bigint 1", "char(3): error Cannot cast bigint to char(3)"),
        ("varchar 'hi'", "varbinary '6869'"),
        ("char(3) 'hi'", "varbinary '686920'"),
        ("varbinary '6869'", "varchar: error Cannot cast varbinary to varchar"),
    ]);
}

#[test]
fn identifiers() {
    check(&[
        ("varchar '12151fd2-7586-11e9-8f9e-2a86e4085a59'", "uuid '12151fd2-7586-11e9-8f9e-2a86e4085a59'"),
        ("varchar '12151FD2-7586-11E9-8F9E-2A86E4085A59'", "uuid '12151fd2-7586-11e9-8f9e-2a86e4085a59'"),
        ("uuid '12151fd2-7586-11e9-8f9e-2a86e4085a59'", "varchar '12151fd2-7586-11e9-8f9e-2a86e4085a59'"),
        ("uuid '12151fd2-7586-11e9-8f9e-2a86e4085a59'", "varchar(3): error Cannot cast '12151fd2-"),
        ("uuid '12151fd2-7586-11e9-8f9e-2a86e4085a59'", "varbinary '12151fd2758611e98f9e2a86e4085a59'"),
        ("varbinary '12151fd2758611e98f9e2a86e4085a59'", "uuid '12151fd2-7586-11e9-8f9e-2a86e4085a59'"),
        ("varbinary '00'", "uuid: error Invalid UUID binary length: 1"),
        ("varchar '1-2-3-4-1'", "uuid: error Invalid UUID string length: 9"),
        ("varchar 'x'", "uuid: error Cannot cast value to UUID: x"),
        ("varchar '12151fd2x7586-11e9-8f9e-2a86e4085a59'", "uuid: error Cannot cast value to UUID"),
        ("varchar '10.0.0.1'", "ipaddress '00000000000000000000ffff0a000001'"),
        ("varchar '2001:DB8::1'", "ipaddress '20010db8000000000000000000000001'"),
        ("varchar '10.0.0'", "ipaddress: error Cannot cast value to IPADDRESS: 10.0.0"),
        ("varchar '010.0.0.1'", "ipaddress: error Cannot cast value to IPADDRESS: 010.0.0.1"),
        ("ipaddress '00000000000000000000ffff0a000001'", "varchar '10.0.0.1'"),
        ("ipaddress '20010db8000000000001000000000001'", "varchar '2001:db8::1:0:0:1'"),
        ("ipaddress '00000000000000000000000000000000'", "varchar '::'"),
        ("ipaddress '00000000000000000000ffff0a000001'", "varbinary '00000000000000000000ffff0a000001'"),
        ("varbinary '0a000001'", "ipaddress '00000000000000000000ffff0a000001'"),
        ("varbinary '00'", "ipaddress: error Invalid IP address binary length: 1"),
        (
            "ipaddress '00000000000000000000ffff0a000001'",
            "varchar(9): error Cannot cast ipaddress to varchar(9)",
        ),
    ]);
}

#[test]
fn nested() {
    check(&[
        ("array(varchar) [\"1\",null]", "array(bigint) [1,null]"),
        ("array(varchar) []", "array(bigint) []"),
        ("array(varchar) [\"1\",\"x\"]", "array(bigint): error Cannot cast 'x' to BIGINT"),
        ("array(array(integer)) [[1],null,[]]", "array(array(varchar)) [[\"1\"],null,[]]"),
        ("array(unknown) [null,null]", "array(bigint) [null,null]"),
        ("row(integer, varchar) [1,\"2\"]", "row(a varchar, b bigint) [\"1\",2]"),
        ("row(integer, varchar) [1,\"x\"]", "row(a varchar, b bigint): error Cannot cast 'x' to BIGINT"),
        (
            "row(integer) [1]",
            "row(a varchar, b bigint): error Cannot cast row(integer) to row(a varchar, b bigint)",
        ),
        ("row(a bigint) [null]", "row(b bigint) [null]"),
        ("row(unknown, array(varchar)) [null,[\"1\"]]", "row(bigint, array(bigint)) [null,[1]]"),
        ("array(row(varchar)) [[\"1\"],null]", "array(row(bigint)) [[1],null]"),
        ("map(varchar, array(varchar)) [[\"a\",[\"1\"]]]", "map(varchar, array(bigint)) [[\"a\",[1]]]"),
        ("varbinary '00'", "HyperLogLog '00'"),
        ("color 1", "varchar: error Cannot cast color to varchar"),
        ("map(varchar, integer) [[\"1\",1],[\"2\",null]]", "map(bigint, varchar) [[1,\"1\"],[2,null]]"),
        ("map(varchar, integer) [[\"1\",1],[\"01\",2]]", "map(bigint, varchar): error duplicate keys"),
        ("map(varchar, integer) [[\"ab\",1],[\"ac\",2]]", "map(varchar(1), integer): error duplicate keys"),
        ("array(bigint) [1]", "bigint: error Cannot cast array(bigint) to bigint"),
        ("bigint 1", "array(bigint): error Cannot cast bigint to array(bigint)"),
        ("unknown NULL", "array(bigint) NULL"),
    ]);
}

#[test]
fn values_under_null_do_not_fail() {
    let items: ArrayRef = std::sync::Arc::new(arrow::array::StringViewArray::from(vec!["1", "x", "2"]));
    let list = arrow::array::ListArray::new(
        types::item_field(DataType::Utf8View),
        arrow::buffer::OffsetBuffer::from_lengths([1, 1, 1]),
        std::sync::Arc::clone(&items),
        Some(vec![true, false, true].into()),
    );
    let (from, to) = (types::parse("array(varchar)").unwrap(), types::parse("array(bigint)").unwrap());
    let result = cast(&(std::sync::Arc::new(list) as ArrayRef), &from, &to).unwrap();
    assert_eq!(result.null_count(), 1);
    let row = arrow::array::StructArray::new(
        types::row_fields(match &types::parse("row(varchar)").unwrap() {
            Type::Row(fields) => fields,
            _ => unreachable!(),
        }),
        vec![items],
        Some(vec![true, false, true].into()),
    );
    let (from, to) = (types::parse("row(varchar)").unwrap(), types::parse("row(bigint)").unwrap());
    let result = cast(&(std::sync::Arc::new(row) as ArrayRef), &from, &to).unwrap();
    assert_eq!(result.null_count(), 1);
}

#[test]
fn sliced_lists_are_cast() {
    let (from, array) = testing::value("array(varchar) [\"1\",\"2\"]");
    let (_, other) = testing::value("array(varchar) [\"x\"]");
    let both = concat(&[other.as_ref(), array.as_ref()]).unwrap();
    let to = types::parse("array(bigint)").unwrap();
    assert_eq!(&cast(&both.slice(1, 1), &from, &to).unwrap(), &testing::value("array(bigint) [1,2]").1);
    assert_eq!(try_cast(&both, &from, &to).unwrap().null_count(), 1);
}

#[test]
fn the_functions_are_registered() {
    testing::check("$cast", &[(&["varchar '1'"], "bigint 1"), (&["varchar NULL"], "bigint NULL")]);
    testing::check(
        "$try_cast",
        &[(&["varchar 'x'"], "bigint NULL"), (&["array(varchar) [\"x\"]"], "array(bigint) NULL")],
    );
}

#[test]
fn a_failure_leaves_other_rows_alone() {
    let texts: Vec<String> =
        (0..100).map(|row| if row == 37 { "x".to_owned() } else { row.to_string() }).collect();
    let array: ArrayRef = std::sync::Arc::new(arrow::array::StringViewArray::from_iter_values(texts));
    for to in ["bigint", "uuid", "ipaddress"] {
        let to = types::parse(to).unwrap();
        let result = try_cast(&array, &Type::VARCHAR, &to).unwrap();
        assert_eq!(result.len(), 100);
        assert_eq!(result.null_count(), if to == Type::BigInt { 1 } else { 100 });
    }
}
