//! Roots, powers, logarithms, angles and constants: all on doubles.

use arrow::datatypes::Float64Type;
use datafusion::{
    common::{Result as EngineResult, ScalarValue},
    logical_expr::ColumnarValue,
};

use super::java;
use crate::{
    Fault, Function,
    operators::{canonical, map, returned, zip_flagged},
};

const ONE: &[&str] = &["(double) -> double"];
const TWO: &[&str] = &["(double, double) -> double"];
const NONE: &[&str] = &["() -> double"];

pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::scalar("sqrt", ONE, |_, a, _| one(a, f64::sqrt), "Square root"),
        Function::scalar("cbrt", ONE, |_, a, _| one(a, java::cbrt), "Cube root"),
        Function::scalar("exp", ONE, |_, a, _| one(a, f64::exp), "e raised to a power"),
        Function::scalar("ln", ONE, |_, a, _| one(a, f64::ln), "Natural logarithm"),
        Function::scalar("log2", ONE, |_, a, _| one(a, log2), "Logarithm to base 2"),
        Function::scalar("log10", ONE, |_, a, _| one(a, f64::log10), "Logarithm to base 10"),
        Function::scalar("log", TWO, |_, a, _| two(a, |b, x| x.ln() / b.ln()), "Logarithm of y to base x"),
        Function::scalar("power", TWO, |_, a, _| two(a, java::pow), "A number raised to a power"),
        Function::scalar("pow", TWO, |_, a, _| two(a, java::pow), "A number raised to a power"),
        Function::scalar("sin", ONE, |_, a, _| one(a, f64::sin), "Sine"),
        Function::scalar("cos", ONE, |_, a, _| one(a, f64::cos), "Cosine"),
        Function::scalar("tan", ONE, |_, a, _| one(a, f64::tan), "Tangent"),
        Function::scalar("asin", ONE, |_, a, _| one(a, libm::asin), "Arc sine"),
        Function::scalar("acos", ONE, |_, a, _| one(a, libm::acos), "Arc cosine"),
        Function::scalar("atan", ONE, |_, a, _| one(a, libm::atan), "Arc tangent"),
        Function::scalar("atan2", TWO, |_, a, _| two(a, libm::atan2), "Arc tangent of a fraction"),
        Function::scalar("sinh", ONE, |_, a, _| one(a, java::sinh), "Hyperbolic sine"),
        Function::scalar("cosh", ONE, |_, a, _| one(a, java::cosh), "Hyperbolic cosine"),
        Function::scalar("tanh", ONE, |_, a, _| one(a, java::tanh), "Hyperbolic tangent"),
        Function::scalar("degrees", ONE, |_, a, _| one(a, f64::to_degrees), "Degrees of radians"),
        Function::scalar("radians", ONE, |_, a, _| one(a, f64::to_radians), "Radians of degrees"),
        Function::scalar("pi", NONE, |_, _, _| constant(std::f64::consts::PI), "The constant pi"),
        Function::scalar("e", NONE, |_, _, _| constant(std::f64::consts::E), "The constant e"),
        Function::scalar("nan", NONE, |_, _, _| constant(f64::NAN), "Not a number"),
        Function::scalar("infinity", NONE, |_, _, _| constant(f64::INFINITY), "Infinity"),
    ]
}

/// As Trino: a quotient, which is not always what a function of its own would give.
fn log2(value: f64) -> f64 {
    value.ln() / std::f64::consts::LN_2
}

fn constant(value: f64) -> EngineResult<ColumnarValue> {
    Ok(ColumnarValue::Scalar(ScalarValue::Float64(Some(value))))
}

fn one(arguments: &[ColumnarValue], f: impl Fn(f64) -> f64) -> EngineResult<ColumnarValue> {
    returned(arguments, map::<Float64Type, Float64Type>(arguments, |value| canonical(f(value)))?)
}

fn two(arguments: &[ColumnarValue], f: impl Fn(f64, f64) -> f64) -> EngineResult<ColumnarValue> {
    let never = |_, _| Fault::internal("floating point does not fail");
    let zipped = zip_flagged::<Float64Type, Float64Type, Float64Type>(
        arguments,
        |left, right| (canonical(f(left, right)), false),
        never,
    )?;
    returned(arguments, zipped)
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn powers_and_logarithms() {
        check("sqrt", &[(&["double 2"], "double '1.4142135623730951'"), (&["double -1"], "double NaN")]);
        check(
            "cbrt",
            &[(&["double 27"], "double 3"), (&["double -8"], "double -2"), (&["double NULL"], "double NULL")],
        );
        check("exp", &[(&["double 1"], "double '2.718281828459045'"), (&["double 1000"], "double Infinity")]);
        check(
            "ln",
            &[
                (&["double 0"], "double -Infinity"),
                (&["double -1"], "double NaN"),
                (&["double 1"], "double 0"),
            ],
        );
        check("log2", &[(&["double 8"], "double 3"), (&["double 0.5"], "double -1")]);
        check(
            "log10",
            &[
                (&["double 1000"], "double 3"),
                (&["double 2"], "double '0.3010299956639812'"),
                (&["double 5"], "double '0.6989700043360189'"),
                (&["double 0.001"], "double -3"),
            ],
        );
        check(
            "log",
            &[(&["double 5", "double 625"], "double 4"), (&["double 0", "double 1"], "double -0.0")],
        );
        check(
            "power",
            &[
                (&["double 2", "double 10"], "double 1024"),
                (&["double 1", "double NaN"], "double NaN"),
                (&["double NaN", "double 0"], "double 1"),
                (&["double -1", "double Infinity"], "double NaN"),
                (&["double -8", "double 0.5"], "double NaN"),
                (&["double NULL", "double 0"], "double NULL"),
            ],
        );
        check("pow", &[(&["double 5", "double -1"], "double 0.2")]);
    }

    #[test]
    fn angles() {
        check("sin", &[(&["double 1"], "double '0.8414709848078965'")]);
        check("cos", &[(&["double 1"], "double '0.5403023058681398'")]);
        check("tan", &[(&["double 1"], "double '1.5574077246549023'")]);
        check("asin", &[(&["double 1"], "double '1.5707963267948966'"), (&["double 2"], "double NaN")]);
        check("acos", &[(&["double -1"], "double '3.141592653589793'")]);
        check("atan", &[(&["double Infinity"], "double '1.5707963267948966'")]);
        check("atan2", &[(&["double 1", "double -1"], "double '2.356194490192345'")]);
        check("sinh", &[(&["double 1"], "double '1.1752011936438014'")]);
        check("cosh", &[(&["double 1"], "double '1.543080634815244'"), (&["double 0"], "double 1")]);
        check("tanh", &[(&["double 1"], "double '0.7615941559557649'")]);
        check("degrees", &[(&["double '3.141592653589793'"], "double 180")]);
        check("radians", &[(&["double 180"], "double '3.141592653589793'")]);
    }

    #[test]
    fn constants() {
        check("pi", &[(&[], "double '3.141592653589793'")]);
        check("e", &[(&[], "double '2.718281828459045'")]);
        check("nan", &[(&[], "double NaN")]);
        check("infinity", &[(&[], "double Infinity")]);
    }
}
