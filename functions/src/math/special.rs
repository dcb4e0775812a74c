//! The error function and the incomplete beta function, by the series and fractions that Trino's library
//! uses: their last digits are part of its answers.

/// Terms of a series or fraction, at most.
const TERMS_MAX: u32 = 10_000;
/// Stands for a denominator that vanishes.
const SMALL: f64 = 1e-50;
/// Beyond this the error function is 1.
const ERF_LARGE: f64 = 40.0;
/// The logarithm of the gamma function at one half.
const LOG_GAMMA_HALF: f64 = 0.572_364_942_924_700_1;

/// `a(0) + b(1) / (a(1) + b(2) / (a(2) + …))`, by the method of Lentz. None if it does not converge.
fn continued_fraction(a: impl Fn(f64) -> f64, b: impl Fn(f64) -> f64, epsilon: f64) -> Option<f64> {
    let nonzero = |value: f64| if value.abs() < SMALL { SMALL } else { value };
    let mut fraction = nonzero(a(0.0));
    let (mut c, mut d) = (fraction, 0.0);
    for n in 1..TERMS_MAX {
        let n = f64::from(n);
        let (a, b) = (a(n), b(n));
        d = 1.0 / nonzero(a + b * d);
        c = nonzero(a + b / c);
        let step = c * d;
        fraction *= step;
        if !fraction.is_finite() {
            return None;
        }
        if (step - 1.0).abs() < epsilon {
            return Some(fraction);
        }
    }
    None
}

/// The error function.
pub(super) fn erf(x: f64) -> Option<f64> {
    if x.is_nan() {
        return Some(f64::NAN);
    }
    if x.abs() > ERF_LARGE {
        return Some(1.0_f64.copysign(x));
    }
    let p = gamma_p_of_half(x * x)?;
    Some(if x < 0.0 { -p } else { p })
}

/// The regularised lower incomplete gamma function of one half and `x`.
fn gamma_p_of_half(x: f64) -> Option<f64> {
    const A: f64 = 0.5;
    const EPSILON: f64 = 1e-15;
    if x == 0.0 {
        return Some(0.0);
    }
    let scale = (-x + A * x.ln() - LOG_GAMMA_HALF).exp();
    if x >= A + 1.0 {
        let fraction = continued_fraction(|n| 2.0 * n + 1.0 - A + x, |n| n * (A - n), EPSILON)?;
        return Some(1.0 - scale * (1.0 / fraction));
    }
    let mut term = 1.0 / A;
    let mut sum = term;
    for n in 1..TERMS_MAX {
        if (term / sum).abs() <= EPSILON {
            return Some(scale * sum);
        }
        term *= x / (A + f64::from(n));
        sum += term;
    }
    None
}

/// The inverse of the error function: polynomials in `ln(1 - x²)` (M. Giles, Approximating the erfinv
/// function, 2012).
pub(super) fn erf_inverse(x: f64) -> f64 {
    let mut w = -((1.0 - x) * (1.0 + x)).ln();
    let coefficients: &[f64] = if w < 6.25 {
        w -= 3.125;
        &CENTRAL
    } else if w < 16.0 {
        w = w.sqrt() - 3.25;
        &MIDDLE
    } else if w.is_infinite() {
        return f64::INFINITY.copysign(x);
    } else {
        w = w.sqrt() - 5.0;
        &TAIL
    };
    coefficients.iter().fold(0.0, |p, coefficient| coefficient + p * w) * x
}

const CENTRAL: [f64; 23] = [
    -3.64441206401782e-21,
    -1.6850591381820166e-19,
    1.28584807152564e-18,
    1.1157877678025181e-17,
    -1.333171662854621e-16,
    2.0972767875968562e-17,
    6.637638134358324e-15,
    -4.054566272975207e-14,
    -8.151934197605472e-14,
    2.6335093153082323e-12,
    -1.2975133253453532e-11,
    -5.415412054294628e-11,
    1.0512122733215323e-09,
    -4.112633980346984e-09,
    -2.9070369957882005e-08,
    4.2347877827932404e-07,
    -1.3654692000834679e-06,
    -1.3882523362786469e-05,
    0.00018673420803405714,
    -0.000740702534166267,
    -0.006033670871430149,
    0.24015818242558962,
    1.6536545626831027,
];

const MIDDLE: [f64; 19] = [
    2.2137376921775787e-09,
    9.075656193888539e-08,
    -2.7517406297064545e-07,
    1.8239629214389228e-08,
    1.5027403968909828e-06,
    -4.013867526981546e-06,
    2.9234449089955446e-06,
    1.2475304481671779e-05,
    -4.7318229009055734e-05,
    6.828485145957318e-05,
    2.4031110387097894e-05,
    -0.0003550375203628475,
    0.0009532893797373805,
    -0.0016882755560235047,
    0.002491442096107851,
    -0.003751208507569241,
    0.005370914553590064,
    1.0052589676941592,
    3.0838856104922208,
];

const TAIL: [f64; 17] = [
    -2.7109920616438573e-11,
    -2.555641816996525e-10,
    1.5076572693500548e-09,
    -3.789465440126737e-09,
    7.61570120807834e-09,
    -1.496002662714924e-08,
    2.914795345090108e-08,
    -6.771199775845234e-08,
    2.2900482228026655e-07,
    -9.9298272942317e-07,
    4.526062597223154e-06,
    -1.968177810553167e-05,
    7.599527703001776e-05,
    -0.00021503011930044477,
    -0.00013871931833623122,
    1.0103004648645344,
    4.849906401408584,
];

/// The logarithm of the gamma function, for positive numbers.
pub(super) fn log_gamma(x: f64) -> f64 {
    libm::lgamma(x)
}

/// The logarithm of the beta function.
fn log_beta(p: f64, q: f64) -> f64 {
    let (small, large) = (p.min(q), p.max(q));
    // The product of moderate numbers keeps more digits than the sum of their logarithms.
    if large < 10.0 {
        return (libm::tgamma(small) * (libm::tgamma(large) / libm::tgamma(small + large))).ln();
    }
    let correction = stirling_rest(large) - stirling_rest(small + large);
    if small < 10.0 {
        let steps = (small + large - 0.5) * libm::log1p(small / large);
        return log_gamma(small) + (correction - steps - small * (large.ln() - 1.0));
    }
    let ratio = small / large;
    let u = -(small - 0.5) * (ratio / (1.0 + ratio)).ln();
    let v = large * libm::log1p(ratio);
    let half_log_two_pi = 0.5 * (2.0 * std::f64::consts::PI).ln();
    -0.5 * large.ln() + half_log_two_pi + (correction + stirling_rest(small)) - u.min(v) - u.max(v)
}

/// What the logarithm of the gamma function exceeds Stirling's formula by, from 10 on.
fn stirling_rest(x: f64) -> f64 {
    const SERIES: [f64; 7] = [
        1.0 / 156.0,
        -691.0 / 360_360.0,
        1.0 / 1188.0,
        -1.0 / 1680.0,
        1.0 / 1260.0,
        -1.0 / 360.0,
        1.0 / 12.0,
    ];
    let inverse_square = 1.0 / (x * x);
    SERIES.iter().fold(0.0, |sum, term| term + sum * inverse_square) / x
}

/// The regularised incomplete beta function.
pub(super) fn regularized_beta(x: f64, a: f64, b: f64) -> Option<f64> {
    const EPSILON: f64 = 1e-14;
    if x.is_nan() || a.is_nan() || b.is_nan() {
        return Some(f64::NAN);
    }
    if x > (a + 1.0) / (2.0 + b + a) && 1.0 - x <= (b + 1.0) / (2.0 + b + a) {
        return Some(1.0 - regularized_beta(1.0 - x, b, a)?);
    }
    let numerator = |n: f64| {
        if n % 2.0 == 0.0 {
            let m = n / 2.0;
            return (m * (b - m) * x) / ((a + (2.0 * m) - 1.0) * (a + (2.0 * m)));
        }
        let m = (n - 1.0) / 2.0;
        -((a + m) * (a + b + m) * x) / ((a + (2.0 * m)) * (a + (2.0 * m) + 1.0))
    };
    let fraction = continued_fraction(|_| 1.0, numerator, EPSILON)?;
    let scale = (a * x.ln() + b * libm::log1p(-x) - a.ln() - log_beta(a, b)).exp();
    Some(scale / fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_function_and_its_inverse_agree() {
        for x in [-0.999_999, -0.9, -0.5, -0.1, 0.001, 0.3, 0.7, 0.99, 0.999_999_9] {
            let there_and_back = erf(erf_inverse(x)).unwrap_or(f64::NAN);
            assert!((there_and_back - x).abs() < 4e-16, "{x}: {there_and_back}");
        }
        for x in [0.1, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0] {
            assert!((erf(x).unwrap_or(f64::NAN) - libm::erf(x)).abs() < 4e-16, "{x}");
        }
    }

    #[test]
    fn incomplete_beta_function_has_its_symmetry() {
        for (x, a, b) in [(0.3, 3.0, 3.6), (0.5, 0.5, 0.5), (0.9, 20.0, 1.5), (0.01, 100.0, 2000.0)] {
            let sum = regularized_beta(x, a, b).zip(regularized_beta(1.0 - x, b, a));
            let (left, right) = sum.unwrap_or_default();
            assert!((left + right - 1.0).abs() < 1e-12, "{x} {a} {b}: {left} {right}");
        }
    }
}
