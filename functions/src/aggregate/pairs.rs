//! Statistics of two variables: covariance, correlation, regression. Rows with a NULL on either side are left
//! out. The first argument is the dependent variable.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, Float32Array, Float64Array, Int64Array},
    datatypes::{DataType, Float64Type, Int64Type},
};
use datafusion::common::Result as EngineResult;

use crate::aggregate::{
    fold::{Fold, Folded, doubles, each_row, primitive},
    moments::floats,
    states::States,
    udaf::{Definition, type_at},
};

const PAIRS: &[&str] = &["(double, double) -> double", "(real, real) -> real"];

fn returns(types: &[DataType]) -> EngineResult<DataType> {
    type_at(types, 0).cloned()
}

/// All aggregates of this module.
pub(crate) fn definitions() -> Vec<Definition> {
    vec![
        Definition::new("covar_pop", PAIRS, "The population covariance", returns, |types| {
            pairs(types, covar_pop)
        }),
        Definition::new("covar_samp", PAIRS, "The sample covariance", returns, |types| {
            pairs(types, covar_samp)
        }),
        Definition::new("corr", PAIRS, "The correlation", returns, |types| pairs(types, corr)),
        Definition::new("regr_slope", PAIRS, "The slope of the regression line", returns, |types| {
            pairs(types, regr_slope)
        }),
        Definition::new("regr_intercept", PAIRS, "The intercept of the regression line", returns, |types| {
            pairs(types, regr_intercept)
        }),
    ]
}

fn pairs(types: &[DataType], finish: fn(&Joint) -> Option<f64>) -> EngineResult<Box<dyn States>> {
    let real = types.first() == Some(&DataType::Float32);
    Ok(Folded::boxed(Pairs { finish, real }))
}

/// Number, means, and sums of squared and multiplied distances from them. `x` is the second argument.
#[derive(Debug, Clone, Copy, Default)]
struct Joint {
    count: i64,
    mean_x: f64,
    mean_y: f64,
    c2: f64,
    m2_x: f64,
    m2_y: f64,
}

fn covar_pop(state: &Joint) -> Option<f64> {
    (state.count > 0).then(|| state.c2 / state.count as f64)
}

fn covar_samp(state: &Joint) -> Option<f64> {
    (state.count > 1).then(|| state.c2 / (state.count - 1) as f64)
}

fn finite(value: f64) -> Option<f64> {
    Some(value).filter(|value| value.is_finite())
}

fn corr(state: &Joint) -> Option<f64> {
    finite(state.c2 / state.m2_x.sqrt() / state.m2_y.sqrt())
}

fn regr_slope(state: &Joint) -> Option<f64> {
    finite(state.c2 / state.m2_x)
}

fn regr_intercept(state: &Joint) -> Option<f64> {
    finite(state.mean_y - state.c2 / state.m2_x * state.mean_x)
}

impl Joint {
    fn add(&mut self, y: f64, x: f64) {
        self.count += 1;
        let n = self.count as f64;
        let (old_x, old_y) = (self.mean_x, self.mean_y);
        self.mean_x += (x - old_x) / n;
        self.mean_y += (y - old_y) / n;
        self.c2 += (x - old_x) * (y - self.mean_y);
        self.m2_x += (x - old_x) * (x - self.mean_x);
        self.m2_y += (y - old_y) * (y - self.mean_y);
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
        let (dx, dy) = (other.mean_x - self.mean_x, other.mean_y - self.mean_y);
        self.c2 += other.c2 + dx * dy * na * nb / n;
        self.m2_x += other.m2_x + dx * dx * na * nb / n;
        self.m2_y += other.m2_y + dy * dy * na * nb / n;
        self.mean_x += dx * nb / n;
        self.mean_y += dy * nb / n;
        self.count += other.count;
    }
}

#[derive(Debug)]
struct Pairs {
    finish: fn(&Joint) -> Option<f64>,
    real: bool,
}

impl Fold for Pairs {
    type State = Joint;

    fn initial(&self) -> Joint {
        Joint::default()
    }

    fn state_types(&self) -> Vec<DataType> {
        std::iter::once(DataType::Int64).chain(std::iter::repeat_n(DataType::Float64, 5)).collect()
    }

    fn update(&self, states: &mut [Joint], values: &[ArrayRef], groups: &[usize]) -> EngineResult<()> {
        let (y, x) = (doubles(values, 0)?, doubles(values, 1)?);
        each_row(groups, states, |state, row| {
            if y.is_valid(row) && x.is_valid(row) {
                state.add(y.value(row), x.value(row));
            }
            Ok(())
        })
    }

    fn merge(&self, states: &mut [Joint], others: &[ArrayRef], groups: &[usize]) -> EngineResult<()> {
        let counts = primitive::<Int64Type>(others, 0)?;
        let (mean_x, mean_y) = (primitive::<Float64Type>(others, 1)?, primitive::<Float64Type>(others, 2)?);
        let c2 = primitive::<Float64Type>(others, 3)?;
        let (m2_x, m2_y) = (primitive::<Float64Type>(others, 4)?, primitive::<Float64Type>(others, 5)?);
        each_row(groups, states, |state, row| {
            state.combine(&Joint {
                count: counts.value(row),
                mean_x: mean_x.value(row),
                mean_y: mean_y.value(row),
                c2: c2.value(row),
                m2_x: m2_x.value(row),
                m2_y: m2_y.value(row),
            });
            Ok(())
        })
    }

    fn results(&self, states: &[Joint]) -> EngineResult<ArrayRef> {
        let results = states.iter().map(self.finish);
        Ok(match self.real {
            true => Arc::new(results.map(|value| value.map(|value| value as f32)).collect::<Float32Array>()),
            false => Arc::new(results.collect::<Float64Array>()),
        })
    }

    fn export(&self, states: &[Joint]) -> EngineResult<Vec<ArrayRef>> {
        let counts: Int64Array = states.iter().map(|state| Some(state.count)).collect();
        Ok(vec![
            Arc::new(counts),
            floats(states.iter().map(|state| state.mean_x)),
            floats(states.iter().map(|state| state.mean_y)),
            floats(states.iter().map(|state| state.c2)),
            floats(states.iter().map(|state| state.m2_x)),
            floats(states.iter().map(|state| state.m2_y)),
        ])
    }
}
