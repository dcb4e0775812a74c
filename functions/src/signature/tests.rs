#![allow(clippy::unwrap_used)]

use super::*;
use crate::types;

fn function(signatures: &'static [&'static str]) -> Function {
    Function::scalar("f", signatures, |_, _, _| Err(Fault::internal("not called").into()), "")
}

fn bound(function: &Function, given: &[&str]) -> String {
    let mut arguments: Vec<Argument<'_>> =
        given.iter().map(|text| Argument::Value(types::parse(text).unwrap())).collect();
    match bind(function, &mut arguments) {
        Ok(call) => {
            let types: Vec<String> = call.arguments.iter().map(ToString::to_string).collect();
            format!("({}) -> {}", types.join(", "), call.returns)
        }
        Err(fault) => fault.message,
    }
}

fn check(signatures: &'static [&'static str], cases: &[(&[&str], &str)]) {
    let function = function(signatures);
    for (given, expected) in cases {
        assert_eq!(bound(&function, given), *expected, "{given:?}");
    }
}

const ABS: &[&str] = &[
    "(tinyint) -> tinyint",
    "(smallint) -> smallint",
    "(integer) -> integer",
    "(bigint) -> bigint",
    "(real) -> real",
    "(double) -> double",
    "(decimal(p,s)) -> decimal(p,s)",
];

#[test]
fn the_exact_signature_comes_first() {
    check(
        ABS,
        &[
            (&["integer"], "(integer) -> integer"),
            (&["double"], "(double) -> double"),
            (&["decimal(5,2)"], "(decimal(5,2)) -> decimal(5,2)"),
            (&["unknown"], "(tinyint) -> tinyint"),
        ],
    );
    check(&["(T) -> T", "(bigint) -> bigint"], &[(&["bigint"], "(bigint) -> bigint")]);
}

#[test]
fn the_most_specific_signature_is_chosen() {
    let round = &[
        "(bigint, bigint) -> bigint",
        "(double, bigint) -> double",
        "(decimal(p,s), bigint) -> decimal(p,s)",
    ];
    check(
        round,
        &[
            (&["integer", "integer"], "(bigint, bigint) -> bigint"),
            (&["real", "integer"], "(double, bigint) -> double"),
            (&["decimal(3,1)", "integer"], "(decimal(3,1), bigint) -> decimal(3,1)"),
        ],
    );
    check(
        &["(double) -> double", "(real) -> real", "(decimal(p,s)) -> decimal(p,0)"],
        &[
            (&["bigint"], "(decimal(19,0)) -> decimal(19,0)"),
            (&["integer"], "(decimal(10,0)) -> decimal(10,0)"),
        ],
    );
    check(
        &["(varchar(x)) -> bigint", "(char(x)) -> bigint", "(varbinary) -> bigint"],
        &[
            (&["varchar(3)"], "(varchar(3)) -> bigint"),
            (&["char(3)"], "(char(3)) -> bigint"),
            (&["varchar"], "(varchar) -> bigint"),
            (&["unknown"], "(varchar(0)) -> bigint"),
        ],
    );
}

#[test]
fn what_does_not_fit_is_told_in_trinos_words() {
    check(
        &["(bigint) -> bigint", "(decimal(p,s)) -> decimal(p,s)", "(array(T), T) -> T"],
        &[
            (
                &["varchar(1)", "integer"],
                "Unexpected parameters (varchar(1), integer) for function f. Expected: f(bigint), f(decimal(p,s)), f(array(T), T) T",
            ),
            (
                &[],
                "Unexpected parameters () for function f. Expected: f(bigint), f(decimal(p,s)), f(array(T), T) T",
            ),
        ],
    );
    check(
        &["(date) -> date", "(json) -> json"],
        &[(
            &["unknown"],
            "Could not choose a best candidate operator. Explicit type casts must be added.\nCandidates are:\n\t * f(date)\n\t * f(json)\n",
        )],
    );
}

#[test]
fn type_variables_take_the_common_type() {
    check(
        &["(array(T), T) -> T"],
        &[
            (&["array(integer)", "bigint"], "(array(bigint), bigint) -> bigint"),
            (&["array(bigint)", "integer"], "(array(bigint), bigint) -> bigint"),
            (&["array(unknown)", "varchar(3)"], "(array(varchar(3)), varchar(3)) -> varchar(3)"),
            (&["array(varchar(1))", "varchar(3)"], "(array(varchar(3)), varchar(3)) -> varchar(3)"),
            (&["unknown", "bigint"], "(array(bigint), bigint) -> bigint"),
            (&["unknown", "unknown"], "(array(unknown), unknown) -> unknown"),
            (&["array(decimal(3,1))", "integer"], "(array(decimal(11,1)), decimal(11,1)) -> decimal(11,1)"),
        ],
    );
    check(
        &["(array(T), varchar) -> varchar"],
        &[(&["array(boolean)", "varchar(1)"], "(array(boolean), varchar) -> varchar")],
    );
    check(
        &["(array(row(K,V))) -> map(K,V)"],
        &[(&["array(row(a bigint, b json))"], "(array(row(bigint, json))) -> map(bigint, json)")],
    );
    check(
        &["(map(K,V), K) -> V", "(array(E), bigint) -> E"],
        &[
            (&["map(bigint, json)", "integer"], "(map(bigint, json), bigint) -> json"),
            (&["array(json)", "integer"], "(array(json), bigint) -> json"),
        ],
    );
}

#[test]
fn number_variables() {
    check(
        &["(varchar(x), varchar(x)) -> varchar(x)"],
        &[
            (&["varchar(3)", "varchar(5)"], "(varchar(5), varchar(5)) -> varchar(5)"),
            (&["varchar(3)", "varchar"], "(varchar, varchar) -> varchar"),
            (&["unknown", "varchar(2)"], "(varchar(2), varchar(2)) -> varchar(2)"),
        ],
    );
    check(
        &["(varchar(x), varchar(y)) -> varchar(x + y * 2)"],
        &[
            (&["varchar(3)", "varchar(5)"], "(varchar(3), varchar(5)) -> varchar(16)"),
            (&["varchar(3)", "varchar"], "(varchar(3), varchar) -> varchar"),
        ],
    );
    check(
        &["(decimal(p,s), decimal(p,s)) -> decimal(min(38, p + 1), s)"],
        &[
            (&["decimal(5,2)", "integer"], "(decimal(12,2), decimal(12,2)) -> decimal(13,2)"),
            (&["decimal(38,2)", "decimal(1,0)"], "(decimal(38,2), decimal(38,2)) -> decimal(38,2)"),
        ],
    );
    check(
        &[
            "(timestamp(p) with time zone, bigint) -> timestamp(p) with time zone",
            "(timestamp(p), bigint) -> timestamp(p)",
            "(date, bigint) -> date",
        ],
        &[
            (&["timestamp(6)", "integer"], "(timestamp(6), bigint) -> timestamp(6)"),
            (&["date", "integer"], "(date, bigint) -> date"),
            (
                &["timestamp(0) with time zone", "bigint"],
                "(timestamp(0) with time zone, bigint) -> timestamp(0) with time zone",
            ),
        ],
    );
    check(
        &["(array(varchar(x))) -> varchar(x)"],
        &[(&["array(varchar(4))"], "(array(varchar(4))) -> varchar(4)")],
    );
}

#[test]
fn varargs_repeat_the_last_parameter() {
    check(
        &["(T...) -> T"],
        &[
            (&["integer"], "(integer) -> integer"),
            (&["integer", "bigint", "double"], "(double, double, double) -> double"),
            (&["integer", "unknown"], "(integer, integer) -> integer"),
            (
                &["integer", "varchar"],
                "Unexpected parameters (integer, varchar) for function f. Expected: f(T...) T",
            ),
            (&[], "Unexpected parameters () for function f. Expected: f(T...) T"),
        ],
    );
    check(
        &["(varchar, any...) -> varchar"],
        &[(&["varchar(1)", "bigint", "unknown"], "(varchar, bigint, unknown) -> varchar")],
    );
}

/// Lambdas are given as the type that their body has for the types of their parameters.
fn bound_with(
    signatures: &'static [&'static str],
    values: &[&str],
    lambdas: &[(usize, fn(&[Type]) -> Type)],
) -> String {
    let mut bodies: Vec<_> = lambdas
        .iter()
        .map(|(parameters, body)| (*parameters, move |types: &[Type]| Ok::<Type, Fault>(body(types))))
        .collect();
    let mut arguments: Vec<Argument<'_>> =
        values.iter().map(|text| Argument::Value(types::parse(text).unwrap())).collect();
    for (parameters, body) in &mut bodies {
        arguments.push(Argument::Lambda { parameters: *parameters, body });
    }
    match bind(&function(signatures), &mut arguments) {
        Ok(call) => call.to_string(),
        Err(fault) => fault.message,
    }
}

#[test]
fn lambdas_are_bound_after_values() {
    let transform = &["(array(T), function(T,U)) -> array(U)"];
    assert_eq!(
        bound_with(transform, &["array(bigint)"], &[(1, |types| Type::array(types[0].clone()))]),
        "array(array(bigint));array(bigint);function(bigint,array(bigint))"
    );
    let filter = &["(array(T), function(T,boolean)) -> array(T)"];
    assert_eq!(
        bound_with(filter, &["array(bigint)"], &[(1, |_| Type::Unknown)]),
        "array(bigint);array(bigint);function(bigint,boolean)"
    );
    assert!(
        bound_with(filter, &["array(bigint)"], &[(1, |_| Type::BigInt)]).contains("its result is bigint")
    );
    assert!(
        bound_with(filter, &["array(bigint)"], &[(2, |_| Type::Boolean)])
            .starts_with("Unexpected parameters")
    );
    let sort = &["(array(T)) -> array(T)", "(array(T), function(T,T,bigint)) -> array(T)"];
    assert_eq!(
        bound_with(sort, &["array(json)"], &[(2, |_| Type::Integer)]),
        "array(json);array(json);function(json,json,bigint)"
    );
}

#[test]
fn reduce_widens_its_state() {
    let reduce = &["(array(T), S, function(S,T,S), function(S,R)) -> R"];
    let sum = |types: &[Type]| crate::common_type(&types[0], &types[1]).unwrap();
    assert_eq!(
        bound_with(reduce, &["array(bigint)", "integer"], &[(2, sum), (1, |types| types[0].clone())]),
        "bigint;array(bigint);bigint;function(bigint,bigint,bigint);function(bigint,bigint)"
    );
    let grow = |types: &[Type]| match types[0] {
        Type::Decimal(precision, scale) => Type::Decimal(precision + 1, scale),
        _ => Type::Unknown,
    };
    assert!(
        bound_with(reduce, &["array(bigint)", "decimal(1,0)"], &[(2, grow), (1, |types| types[0].clone())])
            .contains("does not settle")
    );
}

#[test]
fn texts_that_are_no_signatures_are_refused() {
    for text in [
        "",
        "bigint",
        "(bigint",
        "(foo) -> bigint",
        "(...) -> T",
        "(array(T)",
        "(map(T)) -> T",
        "(varchar(x,y)) -> T",
    ] {
        assert!(parse(text).is_err(), "{text}");
    }
}

#[test]
fn signatures_are_read() {
    for text in [
        "() -> bigint",
        "(timestamp(p) with time zone, varchar(x)) -> timestamp(p) with time zone",
        "(map(K1,V), function(K1,V,K2)) -> map(K2,V)",
        "(bingtile) -> row(x integer, y integer)",
        "(qdigest(V), double) -> V",
        "() -> map(unknown,unknown)",
        "(interval day to second) -> double",
        "(array(T1), array(T2)) -> array(row(T1,T2))",
        "(json, varchar) -> row(a T, b array(T))",
    ] {
        parse(text).unwrap();
    }
}
