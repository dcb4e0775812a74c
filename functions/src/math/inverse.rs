//! Where a function crosses zero, by Brent's method: the steps are those of Trino's library, since its
//! answer is wherever they end.

/// Relative accuracy of the place.
const RELATIVE: f64 = 1e-14;
/// A value so small counts as zero.
const ZERO: f64 = 1e-15;
/// Steps at most; bisection alone needs fewer than 100.
const STEPS_MAX: usize = 1000;

/// The zero of `f` between `low` and `high`, to `accuracy`; None if there is none or `f` has no value.
pub(super) fn zero_between(
    f: impl Fn(f64) -> Option<f64>,
    low: f64,
    high: f64,
    accuracy: f64,
) -> Option<f64> {
    let start = low + 0.5 * (high - low);
    let (at_start, at_low) = (f(start)?, f(low)?);
    if at_start.abs() <= ZERO {
        return Some(start);
    }
    if at_low.abs() <= ZERO {
        return Some(low);
    }
    if at_start * at_low < 0.0 {
        return brent(f, (low, at_low), (start, at_start), accuracy);
    }
    let at_high = f(high)?;
    if at_high.abs() <= ZERO {
        return Some(high);
    }
    match at_start * at_high < 0.0 {
        true => brent(f, (start, at_start), (high, at_high), accuracy),
        false => None,
    }
}

type Point = (f64, f64);

fn brent(f: impl Fn(f64) -> Option<f64>, low: Point, high: Point, accuracy: f64) -> Option<f64> {
    let (mut a, mut b, mut c) = (low, high, low);
    let (mut step, mut before) = (high.0 - low.0, high.0 - low.0);
    for _ in 0..STEPS_MAX {
        if c.1.abs() < b.1.abs() {
            (a, b, c) = (b, c, b);
        }
        let tolerance = 2.0 * RELATIVE * b.0.abs() + accuracy;
        let half = 0.5 * (c.0 - b.0);
        if half.abs() <= tolerance || b.1.abs() <= f64::from_bits(1) {
            return Some(b.0);
        }
        (step, before) = match before.abs() < tolerance || a.1.abs() <= b.1.abs() {
            true => (half, half),
            false => interpolated(a, b, c, half, tolerance, before).map_or((half, half), |next| (next, step)),
        };
        a = b;
        b.0 += match step.abs() > tolerance {
            true => step,
            false if half > 0.0 => tolerance,
            false => -tolerance,
        };
        b.1 = f(b.0)?;
        if (b.1 > 0.0 && c.1 > 0.0) || (b.1 <= 0.0 && c.1 <= 0.0) {
            c = a;
            step = b.0 - a.0;
            before = step;
        }
    }
    None
}

/// The step that a line or an inverse parabola suggests, if it is good enough.
fn interpolated(a: Point, b: Point, c: Point, half: f64, tolerance: f64, before: f64) -> Option<f64> {
    let s = b.1 / a.1;
    let (mut p, mut q) = if a.0 == c.0 {
        (2.0 * half * s, 1.0 - s)
    } else {
        let (q, r) = (a.1 / c.1, b.1 / c.1);
        (s * (2.0 * half * q * (q - r) - (b.0 - a.0) * (r - 1.0)), (q - 1.0) * (r - 1.0) * (s - 1.0))
    };
    if p > 0.0 {
        q = -q;
    } else {
        p = -p;
    }
    let too_far = p >= 1.5 * half * q - (tolerance * q).abs() || p >= (0.5 * before * q).abs();
    (!too_far).then(|| p / q)
}
