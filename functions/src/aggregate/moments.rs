//! Statistics of one variable: variance, standard deviation, skewness, kurtosis.
//!
//! The recurrences are those of Welford and Pébay in the order of operations that Trino has, so that results
//! agree to the last digit where rows come in the same order.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, Float64Array, Int64Array},
    datatypes::{DataType, Float64Type, Int64Type},
};
use datafusion::common::Result as EngineResult;

use crate::aggregate::{
    fold::{Fold, Folded, doubles, each, each_row, primitive},
    states::States,
    udaf::Definition,
};

const NUMBERS: &[&str] = &["(bigint) -> double", "(double) -> double"];

fn double(_: &[DataType]) -> EngineResult<DataType> {
    Ok(DataType::Float64)
}

/// All aggregates of this module.
pub(crate) fn definitions() -> Vec<Definition> {
    vec![
        Definition::new("stddev", NUMBERS, "The sample standard deviation", double, |_| spread(stddev_samp)),
        Definition::new("stddev_samp", NUMBERS, "The sample standard deviation", double, |_| {
            spread(stddev_samp)
        }),
        Definition::new("stddev_pop", NUMBERS, "The population standard deviation", double, |_| {
            spread(stddev_pop)
        }),
        Definition::new("variance", NUMBERS, "The sample variance", double, |_| spread(var_samp)),
        Definition::new("var_samp", NUMBERS, "The sample variance", double, |_| spread(var_samp)),
        Definition::new("var_pop", NUMBERS, "The population variance", double, |_| spread(var_pop)),
        Definition::new("skewness", NUMBERS, "The skewness", double, |_| {
            Ok(Folded::boxed(Central { finish: skewness }))
        }),
        Definition::new("kurtosis", NUMBERS, "The excess kurtosis", double, |_| {
            Ok(Folded::boxed(Central { finish: kurtosis }))
        }),
    ]
}

fn spread(finish: fn(&Spread) -> Option<f64>) -> EngineResult<Box<dyn States>> {
    Ok(Folded::boxed(Variance { finish }))
}

/// Number, mean and sum of squared distances from the mean.
#[derive(Debug, Clone, Copy, Default)]
struct Spread {
    count: i64,
    mean: f64,
    m2: f64,
}

fn var_pop(state: &Spread) -> Option<f64> {
    (state.count > 0).then(|| state.m2 / state.count as f64)
}

fn var_samp(state: &Spread) -> Option<f64> {
    (state.count > 1).then(|| state.m2 / (state.count - 1) as f64)
}

fn stddev_pop(state: &Spread) -> Option<f64> {
    var_pop(state).map(f64::sqrt)
}

fn stddev_samp(state: &Spread) -> Option<f64> {
    var_samp(state).map(f64::sqrt)
}

#[derive(Debug)]
struct Variance {
    finish: fn(&Spread) -> Option<f64>,
}

impl Fold for Variance {
    type State = Spread;

    fn initial(&self) -> Spread {
        Spread::default()
    }

    fn state_types(&self) -> Vec<DataType> {
        vec![DataType::Int64, DataType::Float64, DataType::Float64]
    }

    fn update(&self, states: &mut [Spread], values: &[ArrayRef], groups: &[usize]) -> EngineResult<()> {
        each(&doubles(values, 0)?, groups, states, |state, value| {
            state.count += 1;
            let delta = value - state.mean;
            state.mean += delta / state.count as f64;
            state.m2 += delta * (value - state.mean);
            Ok(())
        })
    }

    fn merge(&self, states: &mut [Spread], others: &[ArrayRef], groups: &[usize]) -> EngineResult<()> {
        let counts = primitive::<Int64Type>(others, 0)?;
        let (means, m2s) = (primitive::<Float64Type>(others, 1)?, primitive::<Float64Type>(others, 2)?);
        each_row(groups, states, |state, row| {
            let other = Spread { count: counts.value(row), mean: means.value(row), m2: m2s.value(row) };
            if other.count == 0 {
                return Ok(());
            }
            if state.count == 0 {
                *state = other;
                return Ok(());
            }
            let (here, there) = (state.count as f64, other.count as f64);
            let delta = other.mean - state.mean;
            state.m2 += other.m2 + delta * delta * there * here / (here + there);
            state.mean = (there * other.mean + here * state.mean) / (here + there);
            state.count += other.count;
            Ok(())
        })
    }

    fn results(&self, states: &[Spread]) -> EngineResult<ArrayRef> {
        Ok(Arc::new(states.iter().map(self.finish).collect::<Float64Array>()))
    }

    fn export(&self, states: &[Spread]) -> EngineResult<Vec<ArrayRef>> {
        let counts: Int64Array = states.iter().map(|state| Some(state.count)).collect();
        Ok(vec![
            Arc::new(counts),
            floats(states.iter().map(|state| state.mean)),
            floats(states.iter().map(|state| state.m2)),
        ])
    }
}

/// A column of doubles.
pub(crate) fn floats(values: impl Iterator<Item = f64>) -> ArrayRef {
    Arc::new(Float64Array::from_iter_values(values))
}

/// Number, mean, and sums of the second to fourth powers of distances from the mean.
#[derive(Debug, Clone, Copy, Default)]
struct Powers {
    count: i64,
    m1: f64,
    m2: f64,
    m3: f64,
    m4: f64,
}

fn skewness(state: &Powers) -> Option<f64> {
    let count = state.count as f64;
    (state.count >= 3).then(|| count.sqrt() * state.m3 / state.m2.powf(1.5))
}

fn kurtosis(state: &Powers) -> Option<f64> {
    let n = state.count as f64;
    let Powers { m2, m4, .. } = state;
    (state.count >= 4).then(|| {
        ((n - 1.0) * n * (n + 1.0)) / ((n - 2.0) * (n - 3.0)) * m4 / (m2 * m2)
            - 3.0 * ((n - 1.0) * (n - 1.0)) / ((n - 2.0) * (n - 3.0))
    })
}

impl Powers {
    fn add(&mut self, value: f64) {
        let before = self.count as f64;
        self.count += 1;
        let n = self.count as f64;
        let (m1, m2, m3) = (self.m1, self.m2, self.m3);
        let delta = value - m1;
        let delta_n = delta / n;
        let delta_n2 = delta_n * delta_n;
        let dm2 = delta * delta_n * before;
        self.m1 = m1 + delta_n;
        self.m2 = m2 + dm2;
        self.m3 = m3 + dm2 * delta_n * (n - 2.0) - 3.0 * delta_n * m2;
        self.m4 =
            self.m4 + dm2 * delta_n2 * (n * n - 3.0 * n + 3.0) + 6.0 * delta_n2 * m2 - 4.0 * delta_n * m3;
    }

    fn combine(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = *other;
            return;
        }
        let (na, nb) = (self.count as f64, other.count as f64);
        let n = na + nb;
        let delta = other.m1 - self.m1;
        let delta2 = delta * delta;
        let m4 = self.m4
            + other.m4
            + delta2 * delta2 * na * nb * (na * na - na * nb + nb * nb) / (n * n * n)
            + 6.0 * delta2 * (na * na * other.m2 + nb * nb * self.m2) / (n * n)
            + 4.0 * delta * (na * other.m3 - nb * self.m3) / n;
        let m3 = self.m3
            + other.m3
            + delta * delta2 * na * nb * (na - nb) / (n * n)
            + 3.0 * delta * (na * other.m2 - nb * self.m2) / n;
        *self = Self {
            count: self.count + other.count,
            m1: (na * self.m1 + nb * other.m1) / n,
            m2: self.m2 + other.m2 + delta2 * na * nb / n,
            m3,
            m4,
        };
    }
}

#[derive(Debug)]
struct Central {
    finish: fn(&Powers) -> Option<f64>,
}

impl Fold for Central {
    type State = Powers;

    fn initial(&self) -> Powers {
        Powers::default()
    }

    fn state_types(&self) -> Vec<DataType> {
        std::iter::once(DataType::Int64).chain(std::iter::repeat_n(DataType::Float64, 4)).collect()
    }

    fn update(&self, states: &mut [Powers], values: &[ArrayRef], groups: &[usize]) -> EngineResult<()> {
        each(&doubles(values, 0)?, groups, states, |state, value| {
            state.add(value);
            Ok(())
        })
    }

    fn merge(&self, states: &mut [Powers], others: &[ArrayRef], groups: &[usize]) -> EngineResult<()> {
        let counts = primitive::<Int64Type>(others, 0)?;
        let (m1, m2) = (primitive::<Float64Type>(others, 1)?, primitive::<Float64Type>(others, 2)?);
        let (m3, m4) = (primitive::<Float64Type>(others, 3)?, primitive::<Float64Type>(others, 4)?);
        each_row(groups, states, |state, row| {
            state.combine(&Powers {
                count: counts.value(row),
                m1: m1.value(row),
                m2: m2.value(row),
                m3: m3.value(row),
                m4: m4.value(row),
            });
            Ok(())
        })
    }

    fn results(&self, states: &[Powers]) -> EngineResult<ArrayRef> {
        Ok(Arc::new(states.iter().map(self.finish).collect::<Float64Array>()))
    }

    fn export(&self, states: &[Powers]) -> EngineResult<Vec<ArrayRef>> {
        let counts: Int64Array = states.iter().map(|state| Some(state.count)).collect();
        Ok(vec![
            Arc::new(counts),
            floats(states.iter().map(|state| state.m1)),
            floats(states.iter().map(|state| state.m2)),
            floats(states.iter().map(|state| state.m3)),
            floats(states.iter().map(|state| state.m4)),
        ])
    }
}
