//! Arithmetic, comparison and mathematics.

use crate::{
    cases::{Case, case},
    ours::{Ours, call, col, double, integer},
};

pub(crate) fn cases() -> Vec<Case> {
    let parts = [integers(), doubles(), decimals(), rounded(), elementary(), bits(), compared()];
    parts.into_iter().flatten().collect()
}

fn integers() -> Vec<Case> {
    vec![
        case("bigint + bigint", call("$add", [col("i"), col("j")]), "i + j"),
        case("bigint - bigint", call("$subtract", [col("i"), col("j")]), "i - j"),
        case("bigint * bigint", call("$multiply", [col("i"), col("j")]), "i * j"),
        case("bigint / bigint", call("$divide", [col("i"), col("j")]), "i / j"),
        case("bigint % bigint", call("$modulus", [col("i"), col("j")]), "i % j"),
        case("mod bigint", call("mod", [col("i"), col("j")]), "i % j"),
        case("- bigint", call("$negate", [col("i")]), "- i"),
        case("abs bigint", call("abs", [col("i")]), "abs(i)"),
        case("greatest bigint", call("greatest", [col("i"), col("j")]), "greatest(i, j)"),
        case("least bigint", call("least", [col("i"), col("j")]), "least(i, j)"),
    ]
}

fn doubles() -> Vec<Case> {
    vec![
        case("double + double", call("$add", [col("d"), col("e")]), "d + e"),
        case("double - double", call("$subtract", [col("d"), col("e")]), "d - e"),
        case("double * double", call("$multiply", [col("d"), col("e")]), "d * e"),
        case("double / double", call("$divide", [col("d"), col("e")]), "d / e"),
        case("double % double", call("$modulus", [col("d"), col("e")]), "d % e"),
        case("- double", call("$negate", [col("d")]), "- d"),
        case("abs double", call("abs", [col("d")]), "abs(d)"),
        case("sign double", call("sign", [col("d")]), "signum(d)"),
        case("is_nan", call("is_nan", [col("d")]), "isnan(d)"),
        case("greatest double", call("greatest", [col("d"), col("e")]), "greatest(d, e)"),
        case("least double", call("least", [col("d"), col("e")]), "least(d, e)"),
    ]
}

fn decimals() -> Vec<Case> {
    vec![
        case("decimal + decimal", call("$add", [col("m"), col("q")]), "m + q"),
        case("decimal - decimal", call("$subtract", [col("m"), col("q")]), "m - q"),
        case("decimal * decimal", call("$multiply", [col("m"), col("q")]), "m * q"),
        case("decimal / decimal", call("$divide", [col("m"), col("q")]), "m / q"),
        case("decimal % decimal", call("$modulus", [col("m"), col("q")]), "m % q"),
        case("- decimal", call("$negate", [col("m")]), "- m"),
        case("abs decimal", call("abs", [col("m")]), "abs(m)"),
        case("greatest decimal", call("greatest", [col("m"), col("q")]), "greatest(m, q)"),
        case("least decimal", call("least", [col("m"), col("q")]), "least(m, q)"),
    ]
}

fn rounded() -> Vec<Case> {
    vec![
        case("round double", call("round", [col("d")]), "round(d)"),
        case("round double to places", call("round", [col("d"), integer(2)]), "round(d, 2)"),
        case("round decimal to places", call("round", [col("m"), integer(1)]), "round(m, 1)"),
        case("floor double", call("floor", [col("d")]), "floor(d)"),
        case("floor decimal", call("floor", [col("m")]), "floor(m)"),
        case("ceil double", call("ceil", [col("d")]), "ceil(d)"),
        case("ceil decimal", call("ceil", [col("m")]), "ceil(m)"),
        case("truncate double", call("truncate", [col("d")]), "trunc(d)"),
    ]
}

fn elementary() -> Vec<Case> {
    vec![
        case("sqrt", call("sqrt", [col("p")]), "sqrt(p)"),
        case("cbrt", call("cbrt", [col("d")]), "cbrt(d)"),
        case("exp", call("exp", [col("u")]), "exp(u)"),
        case("ln", call("ln", [col("p")]), "ln(p)"),
        case("log2", call("log2", [col("p")]), "log2(p)"),
        case("log10", call("log10", [col("p")]), "log10(p)"),
        case("log of a base", call("log", [double(3.0), col("p")]), "log(3.0, p)"),
        case("power", call("power", [col("p"), col("u")]), "power(p, u)"),
        case("sin", call("sin", [col("d")]), "sin(d)"),
        case("cos", call("cos", [col("d")]), "cos(d)"),
        case("tan", call("tan", [col("d")]), "tan(d)"),
        case("asin", call("asin", [col("u")]), "asin(u)"),
        case("acos", call("acos", [col("u")]), "acos(u)"),
        case("atan", call("atan", [col("d")]), "atan(d)"),
        case("atan2", call("atan2", [col("d"), col("e")]), "atan2(d, e)"),
        case("sinh", call("sinh", [col("u")]), "sinh(u)"),
        case("cosh", call("cosh", [col("u")]), "cosh(u)"),
        case("tanh", call("tanh", [col("u")]), "tanh(u)"),
        case("degrees", call("degrees", [col("d")]), "degrees(d)"),
        case("radians", call("radians", [col("d")]), "radians(d)"),
    ]
}

fn bits() -> Vec<Case> {
    vec![
        case("bitwise_and", call("bitwise_and", [col("i"), col("j")]), "i & j"),
        case("bitwise_or", call("bitwise_or", [col("i"), col("j")]), "i | j"),
        case("bitwise_left_shift", call("bitwise_left_shift", [col("i"), integer(3)]), "i << 3"),
        case(
            "bitwise_right_shift_arithmetic",
            call("bitwise_right_shift_arithmetic", [col("i"), integer(3)]),
            "i >> 3",
        ),
    ]
}

/// On text the analyzer writes the engine's operators; these are the kernels it has for rows and arrays.
fn compared() -> Vec<Case> {
    let listed = "d = 1.5 OR d = 2.5 OR d = 3.5 OR d = 4.5 OR d = 5.5";
    let words = "s IN ('alpha', 'beta', 'gamma', 'delta', 'omega')";
    vec![
        case("double = double", call("$eq", [col("d"), col("e")]), "d = e"),
        case("double < double", call("$lt", [col("d"), col("e")]), "d < e"),
        case(
            "double is distinct from double",
            call("$is_distinct_from", [col("d"), col("e")]),
            "d IS DISTINCT FROM e",
        ),
        case("double in list", Ours::Engine(listed), "d IN (1.5, 2.5, 3.5, 4.5, 5.5)"),
        case("varchar = varchar", call("$eq", [col("s"), col("t")]), "s = t"),
        case("varchar < varchar", call("$lt", [col("s"), col("t")]), "s < t"),
        case(
            "varchar is distinct from varchar",
            call("$is_distinct_from", [col("s"), col("t")]),
            "s IS DISTINCT FROM t",
        ),
        // The same on both sides: what its ratio differs from 1 by is noise.
        case("varchar in list", Ours::Engine(words), words),
        case("greatest varchar", call("greatest", [col("s"), col("t")]), "greatest(s, t)"),
        case("array = array", call("$eq", [col("a"), col("a2")]), "a = a2"),
        case("array < array", call("$lt", [col("a"), col("a2")]), "a < a2"),
    ]
}
