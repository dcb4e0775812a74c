//! Probability distributions and confidence intervals.

use arrow::{
    array::{Array, Float64Array},
    datatypes::{Float64Type, Int64Type},
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::{inverse, special};
use crate::{
    Call, Fault, Function,
    columns::{argument, on_arrays, primitive, primitive_rows},
    operators::canonical,
};

const THREE: &[&str] = &["(double, double, double) -> double"];
const TWO: &[&str] = &["(double, double) -> double"];
const WILSON: &[&str] = &["(bigint, bigint, double) -> double"];
/// Accuracy of the place where a distribution reaches a probability.
const INVERSE_ACCURACY: f64 = 1e-9;

pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::scalar("normal_cdf", THREE, normal_cdf, "P(N < v) of mean m and deviation s"),
        Function::scalar("inverse_normal_cdf", THREE, inverse_normal_cdf, "The v with P(N < v) = p"),
        Function::scalar("beta_cdf", THREE, beta_cdf, "P(X < v) of the beta distribution of a and b"),
        Function::scalar("inverse_beta_cdf", THREE, inverse_beta_cdf, "The v with P(X < v) = p"),
        Function::scalar("t_cdf", TWO, t_cdf, "P(T < x) of Student's distribution"),
        Function::scalar("t_pdf", TWO, t_pdf, "Density of Student's distribution"),
        Function::scalar("wilson_interval_lower", WILSON, wilson_lower, "Lower bound of the Wilson score"),
        Function::scalar("wilson_interval_upper", WILSON, wilson_upper, "Upper bound of the Wilson score"),
    ]
}

fn require(holds: bool, message: &str) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err(Fault::invalid_argument(message)) }
}

fn converged(value: Option<f64>) -> Result<f64, Fault> {
    value.map(canonical).ok_or_else(|| Fault::not_supported("the computation does not converge"))
}

/// `f` of the doubles in each row.
fn rows_of<const N: usize>(
    arguments: &[ColumnarValue],
    rows: usize,
    f: impl Fn([f64; N]) -> Result<f64, Fault>,
) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let columns: Vec<&Float64Array> =
            arrays.iter().map(primitive::<Float64Type>).collect::<EngineResult<_>>()?;
        let length = columns.first().map_or(0, |column| column.len());
        primitive_rows::<Float64Type>(length, |row| {
            if columns.len() != N || columns.iter().any(|column| column.is_null(row)) {
                return Ok(None);
            }
            let mut values = [0.0; N];
            values.iter_mut().zip(&columns).for_each(|(value, column)| *value = column.value(row));
            f(values).map(Some)
        })
    })
}

fn normal_cdf(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    rows_of(arguments, rows, |[mean, deviation, value]| {
        require(deviation > 0.0, "standardDeviation must be > 0")?;
        let erf = special::erf((value - mean) / (deviation * 2.0_f64.sqrt()));
        converged(erf.map(|erf| 0.5 * (1.0 + erf)))
    })
}

fn inverse_normal_cdf(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    rows_of(arguments, rows, |[mean, deviation, p]| {
        require(p > 0.0 && p < 1.0, "p must be 0 > p > 1")?;
        require(deviation > 0.0, "sd must be > 0")?;
        let quantile = special::erf_inverse(2.0 * p - 1.0);
        Ok(canonical(mean + deviation * std::f64::consts::SQRT_2 * quantile))
    })
}

fn cumulative_beta(a: f64, b: f64, value: f64) -> Option<f64> {
    if value <= 0.0 {
        return Some(0.0);
    }
    if value >= 1.0 {
        return Some(1.0);
    }
    special::regularized_beta(value, a, b)
}

fn beta_cdf(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    rows_of(arguments, rows, |[a, b, value]| {
        require((0.0..=1.0).contains(&value), "value must be 0 >= v >= 1")?;
        require(a > 0.0 && b > 0.0, "a, b must be > 0")?;
        converged(cumulative_beta(a, b, value))
    })
}

fn inverse_beta_cdf(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    rows_of(arguments, rows, |[a, b, p]| {
        require((0.0..=1.0).contains(&p), "p must be 0 >= p >= 1")?;
        require(a > 0.0 && b > 0.0, "a, b must be > 0")?;
        if p == 0.0 || p == 1.0 {
            return Ok(p);
        }
        let excess = |value| cumulative_beta(a, b, value).map(|reached| reached - p);
        converged(inverse::zero_between(excess, 0.0, 1.0, INVERSE_ACCURACY))
    })
}

fn t_cdf(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    rows_of(arguments, rows, |[x, freedom]| {
        require(freedom > 0.0, "df must be greater than 0")?;
        if x == 0.0 {
            return Ok(0.5);
        }
        let tails = special::regularized_beta(freedom / (freedom + x * x), 0.5 * freedom, 0.5);
        converged(tails.map(|tails| if x < 0.0 { 0.5 * tails } else { 1.0 - 0.5 * tails }))
    })
}

fn t_pdf(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    rows_of(arguments, rows, |[x, freedom]| {
        require(freedom > 0.0, "df must be greater than 0")?;
        let half = (freedom + 1.0) / 2.0;
        let factor = special::log_gamma(half)
            - 0.5 * (std::f64::consts::PI.ln() + freedom.ln())
            - special::log_gamma(freedom / 2.0);
        Ok(canonical((factor - half * (1.0 + x * x / freedom).ln()).exp()))
    })
}

fn wilson_lower(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    wilson(arguments, rows, -1.0)
}

fn wilson_upper(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    wilson(arguments, rows, 1.0)
}

fn wilson(arguments: &[ColumnarValue], rows: usize, bound: f64) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let successes = primitive::<Int64Type>(argument(arrays, 0)?)?;
        let trials = primitive::<Int64Type>(argument(arrays, 1)?)?;
        let scores = primitive::<Float64Type>(argument(arrays, 2)?)?;
        primitive_rows::<Float64Type>(successes.len(), |row| {
            if arrays.iter().any(|array| array.is_null(row)) {
                return Ok(None);
            }
            wilson_bound(successes.value(row), trials.value(row), scores.value(row), bound).map(Some)
        })
    })
}

fn wilson_bound(successes: i64, trials: i64, z: f64, bound: f64) -> Result<f64, Fault> {
    require(successes >= 0, "number of successes must not be negative")?;
    require(trials > 0, "number of trials must be positive")?;
    require(successes <= trials, "number of successes must not be larger than number of trials")?;
    require(z >= 0.0, "z-score must not be negative")?;
    let n = trials as f64;
    let p = successes as f64 / n;
    let spread = ((p * (1.0 - p)) / n + (z * z) / (4.0 * n * n)).sqrt();
    Ok(canonical((p + (z * z) / (2.0 * n) + bound * z * spread) / (1.0 + (z * z) / n)))
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn normal() {
        check(
            "normal_cdf",
            &[
                (&["double 0", "double 1", "double 1.96"], "double '0.9750021048517796'"),
                (&["double 10", "double 9", "double 10"], "double 0.5"),
                (&["double -1.5", "double 2.1", "double -7.8"], "double '0.0013498980316301035'"),
                (&["double 0", "double 1", "double Infinity"], "double 1"),
                (&["double 0", "double 1", "double NaN"], "double NaN"),
                (&["double 0", "double 0", "double 0.5"], "error standardDeviation must be > 0"),
                (&["double 0", "double NaN", "double 0.5"], "error standardDeviation must be > 0"),
                (&["double NULL", "double 1", "double 0.5"], "double NULL"),
            ],
        );
        check(
            "inverse_normal_cdf",
            &[
                (&["double 0", "double 1", "double 0.3"], "double '-0.52440051270804089'"),
                (&["double 10", "double 9", "double 0.9"], "double '21.533964089901406'"),
                (&["double 0.5", "double 0.25", "double 0.65"], "double '0.5963301166018919'"),
                (&["double 4", "double 48", "double 0"], "error p must be 0 > p > 1"),
                (&["double 4", "double 48", "double 1"], "error p must be 0 > p > 1"),
                (&["double 4", "double 0", "double 0.4"], "error sd must be > 0"),
            ],
        );
    }

    #[test]
    fn beta() {
        check(
            "beta_cdf",
            &[
                (&["double 3", "double 3.6", "double 0.0"], "double 0"),
                (&["double 3", "double 3.6", "double 1.0"], "double 1"),
                (&["double 0", "double 3", "double 0.5"], "error a, b must be > 0"),
                (&["double 3", "double 5", "double -0.1"], "error value must be 0 >= v >= 1"),
                (&["double 3", "double 5", "double 1.1"], "error value must be 0 >= v >= 1"),
            ],
        );
        check(
            "inverse_beta_cdf",
            &[
                (&["double 3", "double 3.6", "double 0.0"], "double 0"),
                (&["double 3", "double 3.6", "double 1.0"], "double 1"),
                (&["double 3", "double 3.6", "double 0.3"], "double '0.3469675485440618'"),
                (&["double 0", "double 3", "double 0.5"], "error a, b must be > 0"),
                (&["double 3", "double 5", "double -0.1"], "error p must be 0 >= p >= 1"),
            ],
        );
    }

    #[test]
    fn beta_values() {
        // The last digits depend on the order of sums of logarithms.
        for (a, b, value, expected) in [
            (3.0, 3.6, 0.3, 0.217_648_099_976_799_51),
            (3.0, 3.6, 0.9, 0.997_250_288_161_155_1),
            (2.0, 1.0, 0.5, 0.25),
            (0.5, 0.5, 0.5, 0.5),
            (5.0, 30.0, 0.1, 0.249_591_716_212_122_76),
            (50.0, 80.0, 0.4, 0.645_065_922_150_550_1),
        ] {
            let computed = super::cumulative_beta(a, b, value).unwrap_or(f64::NAN);
            assert!((computed / expected - 1.0).abs() < 4e-14, "{a} {b} {value}: {computed}");
        }
    }

    #[test]
    fn student() {
        check("t_cdf", &[(&["double 0", "double 5"], "double 0.5")]);
        check("t_pdf", &[(&["double NULL", "double 5"], "double NULL")]);
    }

    #[test]
    fn wilson() {
        check(
            "wilson_interval_lower",
            &[
                (&["bigint 1250", "bigint 1310", "double 1.96"], "double '0.9414883725395894'"),
                (&["bigint 0", "bigint 100", "double 1.96"], "double 0.0"),
                (&["bigint -1", "bigint 5", "double 2"], "error number of successes must not be negative"),
                (&["bigint 0", "bigint 0", "double 2"], "error number of trials must be positive"),
                (
                    &["bigint 10", "bigint 5", "double 2"],
                    "error number of successes must not be larger than number of trials",
                ),
                (&["bigint 0", "bigint 5", "double -1"], "error z-score must not be negative"),
            ],
        );
        check(
            "wilson_interval_upper",
            &[(&["bigint 1250", "bigint 1310", "double 1.96"], "double '0.9642524717143908'")],
        );
    }
}
