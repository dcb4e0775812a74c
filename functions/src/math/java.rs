//! Numbers as Java computes them.

/// Beyond this, `sinh` and `cosh` are half the exponential function to the last bit.
const HYPERBOLIC_LARGE: f64 = 22.0;
/// The natural logarithm of the largest double.
const LOG_MAX: f64 = 709.782_712_893_384;
/// Below this, `sinh x` and `tanh x` are `x` to the last bit.
const TINY: f64 = 3.725_290_298_461_914e-9;

/// The nearest whole number; ties go towards infinity. Saturates, as Java's `Math.round` does; NaN becomes 0.
pub(crate) fn round(value: f64) -> i64 {
    let floor = value.floor();
    let up = value - floor >= 0.5;
    (if up { floor + 1.0 } else { floor }) as i64
}

/// `Math.pow`: NaN for 1 or -1 with an exponent that is infinite or NaN, unlike IEEE.
pub(super) fn pow(base: f64, exponent: f64) -> f64 {
    if exponent == 0.0 {
        return 1.0;
    }
    match exponent.is_nan() || (exponent.is_infinite() && base.abs() == 1.0) {
        true => f64::NAN,
        false => base.powf(exponent),
    }
}

/// An estimate of five bits, one rational step, one step of Newton's with a divisor of 20 bits.
pub(super) fn cbrt(value: f64) -> f64 {
    const THIRD_OF_BIAS: u64 = 715_094_163;
    const THIRD_OF_BIAS_OF_SUBNORMAL: u64 = 696_219_795;
    const TWO_TO_54: f64 = 18_014_398_509_481_984.0;
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let positive = value.abs();
    let high = |bits: u64| bits >> 32;
    let estimate = match positive.is_normal() {
        true => high(positive.to_bits()) / 3 + THIRD_OF_BIAS,
        false => high((positive * TWO_TO_54).to_bits()) / 3 + THIRD_OF_BIAS_OF_SUBNORMAL,
    };
    let mut root = f64::from_bits(estimate << 32);
    let r = root * root / positive;
    let s = 19.0 / 35.0 + r * root;
    root *= 5.0 / 14.0 + (45.0 / 28.0) / (s + 99.0 / 70.0 + (-864.0 / 1225.0) / s);
    // Cut to 20 bits, and made larger than the root.
    root = f64::from_bits((high(root.to_bits()) + 1) << 32);
    let square = root * root;
    let quotient = positive / square;
    let twice = root + root;
    root += root * ((quotient - root) / (twice + quotient));
    root.copysign(value)
}

pub(super) fn sinh(value: f64) -> f64 {
    if !value.is_finite() {
        return value;
    }
    let half = 0.5_f64.copysign(value);
    let x = value.abs();
    if x < HYPERBOLIC_LARGE {
        if x < TINY {
            return value;
        }
        let t = libm::expm1(x);
        return match x < 1.0 {
            true => half * (2.0 * t - t * t / (t + 1.0)),
            false => half * (t + t / (t + 1.0)),
        };
    }
    if x < LOG_MAX {
        return half * libm::exp(x);
    }
    let root = libm::exp(0.5 * x);
    (half * root) * root
}

pub(super) fn cosh(value: f64) -> f64 {
    if !value.is_finite() {
        return value.abs();
    }
    let x = value.abs();
    if x < 0.5 * std::f64::consts::LN_2 {
        let t = libm::expm1(x);
        let w = 1.0 + t;
        return if x < 2.8e-17 { w } else { 1.0 + (t * t) / (w + w) };
    }
    if x < HYPERBOLIC_LARGE {
        let t = libm::exp(x);
        return 0.5 * t + 0.5 / t;
    }
    if x < LOG_MAX {
        return 0.5 * libm::exp(x);
    }
    let root = libm::exp(0.5 * x);
    (0.5 * root) * root
}

pub(super) fn tanh(value: f64) -> f64 {
    if value.is_nan() || value == 0.0 {
        return value;
    }
    let x = value.abs();
    let tanh = if x >= HYPERBOLIC_LARGE {
        1.0
    } else if x < 2.8e-17 {
        x * (1.0 + x)
    } else if x >= 1.0 {
        let t = libm::expm1(2.0 * x);
        1.0 - 2.0 / (t + 2.0)
    } else {
        let t = libm::expm1(-2.0 * x);
        -t / (t + 2.0)
    };
    tanh.copysign(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_round_towards_infinity() {
        for (value, rounded) in [
            (0.5, 1),
            (-0.5, 0),
            (1.5, 2),
            (-1.5, -1),
            (0.499_999_999_999_999_94, 0),
            (2.4, 2),
            (-2.6, -3),
            (1e300, i64::MAX),
            (f64::NAN, 0),
            (9_007_199_254_740_993.0, 9_007_199_254_740_992),
        ] {
            assert_eq!(round(value), rounded, "{value}");
        }
    }

    #[test]
    fn roots_are_exact_for_cubes() {
        for root in 1..1000_u32 {
            let root = f64::from(root);
            assert_eq!(cbrt(root * root * root), root);
            assert_eq!(cbrt(-root * root * root), -root);
        }
        for value in [1e-310, 1e-100, 0.1, 2.0, 1e100] {
            assert!((cbrt(value) / value.cbrt() - 1.0).abs() < 3e-16, "{value}");
        }
    }

    #[test]
    fn hyperbolic_functions_are_near_the_systems() {
        for value in [-800.0, -30.0, -2.5, -1.0, -0.3, -1e-10, 1e-20, 0.1, 0.5, 1.0, 5.0, 21.9, 25.0, 709.9] {
            let near = |ours: f64, theirs: f64| ours == theirs || (ours / theirs - 1.0).abs() < 1e-15;
            assert!(near(sinh(value), f64::sinh(value)), "sinh {value}");
            assert!(near(cosh(value), f64::cosh(value)), "cosh {value}");
            assert!(near(tanh(value), f64::tanh(value)), "tanh {value}");
        }
    }
}
