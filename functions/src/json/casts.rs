//! Casts from and to `json`.

use arrow::array::ArrayRef;
use datafusion::common::Result as EngineResult;

use super::{from_json, to_json};
use crate::{Fault, Type};

/// True if one of the types is `json` and Trino casts between them. `cast::can_cast` says the same of all types.
#[cfg(test)]
fn can_cast(from: &Type, to: &Type) -> bool {
    match (from, to) {
        (from, Type::Json) => to_json::can_cast(from),
        (Type::Json, to) => from_json::can_cast(to),
        _ => false,
    }
}

/// Casts all values from or to `json`.
pub(crate) fn cast(array: &ArrayRef, from: &Type, to: &Type) -> EngineResult<ArrayRef> {
    match (from, to) {
        (Type::Json, Type::Json) => Ok(ArrayRef::clone(array)),
        (from, Type::Json) if to_json::can_cast(from) => to_json::cast(array, from),
        (Type::Json, to) => from_json::cast(array, to),
        _ => Err(Fault::type_mismatch(format!("Cannot cast {from} to {to}")).into()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::{testing::value, types};

    fn check(cases: &[(&str, &str)]) {
        for (given, expected) in cases {
            let (from, array) = value(given);
            let shown = format!("CAST({given})");
            match expected.strip_prefix("error ") {
                None => {
                    let (to, wanted) = value(expected);
                    assert!(can_cast(&from, &to), "{shown}");
                    let result = cast(&array, &from, &to).unwrap_or_else(|error| panic!("{shown}: {error}"));
                    assert_eq!(result.data_type(), wanted.data_type(), "{shown}");
                    assert_eq!(&result, &wanted, "{shown}");
                }
                Some(error) => {
                    let (to, message) = error.split_once(": ").unwrap();
                    let to = types::parse(to).unwrap();
                    let error = cast(&array, &from, &to).unwrap_err().to_string();
                    let error = protocol::Error::from_envelope(&error).unwrap().to_string();
                    assert!(error.contains(message), "{shown}: {error}");
                }
            }
        }
    }

    #[test]
    fn scalars_become_json() {
        check(&[
            ("boolean true", "json 'true'"),
            ("tinyint -1", "json '-1'"),
            ("smallint 2", "json '2'"),
            ("integer 3", "json '3'"),
            ("bigint -9223372036854775808", "json '-9223372036854775808'"),
            ("double 3.14", "json '3.14'"),
            ("double 1e10", "json '1.0E10'"),
            ("double NaN", "json '\"NaN\"'"),
            ("double -Infinity", "json '\"-Infinity\"'"),
            ("real 3.14", "json '3.14'"),
            ("real 100", "json '100.0'"),
            ("decimal(5,2) 3.10", "json '3.10'"),
            ("decimal(10,8) '0.00000001'", "json '1E-8'"),
            (
                "decimal(38,18) '12345678901234567890.123456789012345678'",
                "json '12345678901234567890.123456789012345678'",
            ),
            ("varchar 'a\"b\\c\u{1}é'", "json '\"a\\\"b\\\\c\\u0001é\"'"),
            ("varchar ''", "json '\"\"'"),
            ("date '2020-02-29'", "json '\"2020-02-29\"'"),
            ("date '1969-12-31'", "json '\"1969-12-31\"'"),
            ("timestamp(3) '1970-01-01 00:00:01'", "json '\"1970-01-01 00:00:01.000\"'"),
            ("timestamp(0) '1969-12-31 23:59:59'", "json '\"1969-12-31 23:59:59\"'"),
            ("timestamp(6) '2020-05-10 12:34:56.123456'", "json '\"2020-05-10 12:34:56.123456\"'"),
            ("timestamp(9) '2020-05-10 12:34:56.123456789'", "json '\"2020-05-10 12:34:56.123456789\"'"),
            ("varchar NULL", "json NULL"),
            ("unknown NULL", "json NULL"),
            ("json '{\"b\":1}'", "json '{\"b\":1}'"),
        ]);
        for from in ["char(3)", "varbinary", "time", "timestamp with time zone", "map(date, bigint)", "uuid"]
        {
            assert!(!can_cast(&types::parse(from).unwrap(), &Type::Json), "{from}");
        }
    }

    #[test]
    fn containers_become_json() {
        check(&[
            ("array(bigint) [1,null,3]", "json '[1,null,3]'"),
            ("array(varchar) []", "json '[]'"),
            ("array(array(json)) [[\"{\\\"a\\\":1}\"],null]", "json '[[{\"a\":1}],null]'"),
            ("map(varchar, bigint) [[\"b\",1],[\"a\",null]]", "json '{\"a\":null,\"b\":1}'"),
            ("map(bigint, boolean) [[10,true],[9,false]]", "json '{\"10\":true,\"9\":false}'"),
            ("map(double, bigint) [[1.5,1],[100,2]]", "json '{\"1.5\":1,\"100.0\":2}'"),
            ("map(decimal(10,8), bigint) [[\"0.00000001\",1]]", "json '{\"0.00000001\":1}'"),
            ("row(bigint, varchar) [1,\"x\"]", "json '{\"\":1,\"\":\"x\"}'"),
            ("row(b bigint, a array(double)) [1,[2.5]]", "json '{\"b\":1,\"a\":[2.5]}'"),
            ("row(x varchar) [null]", "json '{\"x\":null}'"),
            ("array(row(x varchar)) NULL", "json NULL"),
            ("array(row(x varchar)) [null]", "json '[null]'"),
        ]);
    }

    #[test]
    fn json_becomes_numbers() {
        check(&[
            ("json '128'", "bigint 128"),
            ("json '128.5'", "bigint 129"),
            ("json '-128.5'", "bigint -129"),
            ("json 'true'", "bigint 1"),
            ("json '\"128\"'", "bigint 128"),
            ("json 'null'", "bigint NULL"),
            ("json NULL", "bigint NULL"),
            ("json '1e3'", "bigint 1000"),
            ("json '9223372036854775807'", "bigint 9223372036854775807"),
            ("json '12345678901234567890'", "error bigint: Cannot cast '12345678901234567890' to bigint"),
            ("json '1e19'", "error bigint: Unable to cast 1.0E19 to bigint"),
            ("json '\"1.5\"'", "error bigint: Cannot cast '1.5' to BIGINT"),
            ("json '{\"x\":1}'", "error bigint: Cannot cast '{\"x\":1}' to bigint"),
            ("json '1 2'", "error bigint: Cannot cast input json to BIGINT"),
            ("json 'a'", "error bigint: Cannot cast 'a' to bigint"),
            ("json '12.9'", "tinyint 13"),
            ("json '128'", "error tinyint: Cannot cast '128' to tinyint"),
            ("json '1234.0'", "error tinyint: Cannot cast '1234.0' to tinyint"),
            ("json '\"300\"'", "error tinyint: Cannot cast '300' to TINYINT"),
            ("json 'false'", "smallint 0"),
            ("json '\"abc\"'", "error integer: Cannot cast 'abc' to INT"),
            ("json '2147483648'", "error integer: Cannot cast '2147483648' to integer"),
            ("json '128.9'", "double 128.9"),
            ("json '12345678901234567890'", "double 12345678901234567000"),
            ("json '\" 1.5 \"'", "double 1.5"),
            ("json '\"x\"'", "error double: Cannot cast 'x' to DOUBLE"),
            ("json 'true'", "real 1"),
            ("json '128.9'", "real 128.9"),
            ("json '128'", "decimal(10,3) 128.000"),
            ("json '\"-1.2345\"'", "decimal(10,3) -1.235"),
            ("json '1234567890123456'", "error decimal(10,3): Cannot cast input json to DECIMAL(10,3)"),
            ("json '\"abc\"'", "error decimal(10,3): Cannot cast '\"abc\"' to DECIMAL(10,3)"),
            ("json '[1]'", "error decimal(10,3): Cannot cast '[1]' to DECIMAL(10,3)"),
        ]);
    }

    #[test]
    fn json_becomes_text_and_booleans() {
        check(&[
            ("json '\"a\\u00e9\"'", "varchar 'aé'"),
            ("json '12345678901234567890'", "varchar '12345678901234567890'"),
            ("json '128.9'", "varchar '1.289E2'"),
            ("json '0.0'", "varchar '0E0'"),
            ("json 'true'", "varchar 'true'"),
            ("json 'null'", "varchar NULL"),
            ("json '\"\"'", "varchar ''"),
            ("json '\"abc\"'", "varchar(3) 'abc'"),
            ("json '\"abc\"'", "error varchar(2): Cannot cast '\"abc\"' to varchar(2)"),
            ("json '[1]'", "error varchar: Cannot cast '[1]' to varchar"),
            ("json 'true'", "boolean true"),
            ("json '0'", "boolean false"),
            ("json '0.5'", "boolean true"),
            ("json '1e-400'", "boolean false"),
            ("json '\"T\"'", "boolean true"),
            ("json '\"false\"'", "boolean false"),
            ("json '\"\"'", "error boolean: Cannot cast '' to BOOLEAN"),
            ("json '12345678901234567890'", "error boolean: Cannot cast '12345678901234567890' to boolean"),
        ]);
    }

    #[test]
    fn json_becomes_containers() {
        check(&[
            ("json '[1,null,\"3\",4.6,true]'", "array(bigint) [1,null,3,5,1]"),
            ("json '[]'", "array(varchar) []"),
            ("json 'null'", "array(varchar) NULL"),
            ("json '[[1],null,[]]'", "array(array(integer)) [[1],null,[]]"),
            (
                "json '[null,{\"b\":1.50,\"a\":2,\"b\":3},\"x\"]'",
                "array(json) [\"null\",\"{\\\"b\\\":3,\\\"a\\\":2}\",\"\\\"x\\\"\"]",
            ),
            ("json '{\"a\":1,\"b\":null}'", "map(varchar, bigint) [[\"a\",1],[\"b\",null]]"),
            ("json '{\"1\":\"x\",\"2\":\"y\"}'", "map(bigint, varchar) [[1,\"x\"],[2,\"y\"]]"),
            ("json '[1,\"x\"]'", "row(bigint, varchar) [1,\"x\"]"),
            ("json '{\"B\":\"x\",\"a\":1,\"c\":[2]}'", "row(a bigint, b varchar, d bigint) [1,\"x\",null]"),
            ("json '{}'", "row(a bigint) [null]"),
            ("json '[{\"a\":[1,2]},null]'", "array(row(a array(bigint))) [[[1,2]],null]"),
            ("json '1.1234567890123456789'", "decimal(20,19) '1.1234567890123456789'"),
            (
                "json '{\"a\":1}'",
                "error array(bigint): Cannot cast to array(bigint). Expected a json array, but got {\n{\"a\":1}",
            ),
            (
                "json '[1,\"abc\"]'",
                "error array(integer): Cannot cast to array(integer). Cannot cast 'abc' to INT\n[1,\"abc\"]",
            ),
            ("json '[1,'", "error array(bigint): Cannot cast to array(bigint).\n[1,"),
            ("json '[1] 2'", "error array(bigint): Unexpected trailing token: 2"),
            ("json '[[1]]'", "error array(bigint): Unexpected token when cast to bigint: ["),
            ("json '[]'", "error map(varchar, bigint): Expected a json object, but got ["),
            ("json '{\"1\":1,\"01\":2}'", "error map(bigint, bigint): Duplicate keys are not allowed"),
            ("json '{\"a\":1}'", "error row(bigint): Cannot cast a JSON object to anonymous row type"),
            ("json '{\"a\":1,\"A\":2}'", "error row(a bigint): Duplicate field: a"),
            ("json '[1]'", "error row(bigint, bigint): Unexpected token when cast to bigint: ]"),
            ("json '[1,2]'", "error row(bigint): Expected json array ending, but got 2"),
            ("json '5'", "error row(bigint): Expected a json array or object, but got 5"),
            ("json '1'", "error date: Cannot cast json to date"),
        ]);
        for to in ["date", "char(3)", "map(date, bigint)", "array(timestamp)", "varbinary"] {
            assert!(!can_cast(&Type::Json, &types::parse(to).unwrap()), "{to}");
        }
    }
}
