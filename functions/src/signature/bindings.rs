//! What the variables of one signature stand for in one call.

use crate::{
    RowField, Type,
    coerce::coerce_base,
    common_type,
    signature::pattern::{Base, Number, Pattern, Patterns},
    types::{DECIMAL_PRECISION_MAX, TIME_PRECISION_MAX},
};

/// The length of `varchar` without one, as Trino counts it.
const UNBOUNDED: i64 = i32::MAX as i64;

#[derive(Debug, Clone)]
pub(super) struct Bindings {
    types: Vec<Option<Type>>,
    numbers: Vec<Option<i64>>,
}

impl Bindings {
    pub(super) fn new(patterns: &Patterns) -> Self {
        Self { types: vec![None; patterns.types.len()], numbers: vec![None; patterns.numbers.len()] }
    }

    /// Widens the variables of `pattern` so that `given` fits; false if it cannot. A fit of what has no
    /// variables is not looked at.
    pub(super) fn unify(&mut self, pattern: &Pattern, given: &Type) -> bool {
        match pattern {
            Pattern::Is(_) | Pattern::Any => true,
            Pattern::Variable(index) => self.unify_variable(*index, given),
            Pattern::Sized(base, numbers) => self.unify_sized(*base, numbers, given).is_some(),
            Pattern::Array(item) => match given {
                Type::Array(given) => self.unify(item, given),
                _ => *given == Type::Unknown && self.unify(item, &Type::Unknown),
            },
            Pattern::Map(key, value) => match given {
                Type::Map(k, v) => self.unify(key, k) && self.unify(value, v),
                _ => {
                    *given == Type::Unknown
                        && self.unify(key, &Type::Unknown)
                        && self.unify(value, &Type::Unknown)
                }
            },
            Pattern::QDigest(value) => match given {
                Type::QDigest(given) => self.unify(value, given),
                _ => *given == Type::Unknown && self.unify(value, &Type::Unknown),
            },
            Pattern::Row(fields) => match given {
                Type::Row(given) if given.len() == fields.len() => {
                    fields.iter().zip(given).all(|((_, field), given)| self.unify(field, &given.field_type))
                }
                _ => {
                    *given == Type::Unknown
                        && fields.iter().all(|(_, field)| self.unify(field, &Type::Unknown))
                }
            },
            Pattern::Function(..) => false,
        }
    }

    fn unify_variable(&mut self, index: usize, given: &Type) -> bool {
        let Some(bound) = self.types.get_mut(index) else { return false };
        let common = match &*bound {
            Some(known) if known == given => return true,
            Some(known) => common_type(known, given),
            None => Some(given.clone()),
        };
        let fits = common.is_some();
        *bound = common.or_else(|| bound.take());
        fits
    }

    /// A number used twice takes what the common type of both has.
    fn unify_sized(&mut self, base: Base, numbers: &[Number], given: &Type) -> Option<()> {
        let sample = base.with(&[1, 0])?;
        let given = match numbers_of(base, given) {
            Some(_) => given.clone(),
            None => coerce_base(given, &sample)?,
        };
        let given_numbers = numbers_of(base, &given)?;
        let known: Vec<i64> = numbers
            .iter()
            .zip(given_numbers)
            .map(|(number, given)| self.number(number).unwrap_or(given))
            .collect();
        let common = common_type(&base.with(&known)?, &given)?;
        for (number, value) in numbers.iter().zip(numbers_of(base, &common)?) {
            if let Number::Variable(index) = number {
                *self.numbers.get_mut(*index)? = Some(value);
            }
        }
        Some(())
    }

    /// The pattern with everything bound; None while something is not.
    pub(super) fn resolve(&self, pattern: &Pattern) -> Option<Type> {
        Some(match pattern {
            Pattern::Is(known) => known.clone(),
            Pattern::Any => return None,
            Pattern::Variable(index) => self.types.get(*index)?.clone()?,
            Pattern::Sized(base, numbers) => {
                let values = numbers.iter().map(|number| self.number(number)).collect::<Option<Vec<_>>>()?;
                base.with(&values)?
            }
            Pattern::Array(item) => Type::array(self.resolve(item)?),
            Pattern::Map(key, value) => Type::map(self.resolve(key)?, self.resolve(value)?),
            Pattern::QDigest(value) => Type::QDigest(Box::new(self.resolve(value)?)),
            Pattern::Row(fields) => Type::Row(
                fields
                    .iter()
                    .map(|(name, field)| {
                        Some(RowField { name: name.clone(), field_type: self.resolve(field)? })
                    })
                    .collect::<Option<_>>()?,
            ),
            Pattern::Function(parameters, result) => Type::Function(
                parameters.iter().map(|parameter| self.resolve(parameter)).collect::<Option<_>>()?,
                Box::new(self.resolve(result)?),
            ),
        })
    }

    fn number(&self, number: &Number) -> Option<i64> {
        Some(match number {
            Number::Is(number) => *number,
            Number::Variable(index) => (*self.numbers.get(*index)?)?,
            Number::Sum(a, b) => self.number(a)?.saturating_add(self.number(b)?),
            Number::Difference(a, b) => self.number(a)?.saturating_sub(self.number(b)?),
            Number::Product(a, b) => self.number(a)?.saturating_mul(self.number(b)?),
            Number::Min(a, b) => self.number(a)?.min(self.number(b)?),
            Number::Max(a, b) => self.number(a)?.max(self.number(b)?),
        })
    }
}

impl Base {
    /// The type with these parameters, if they are in range.
    fn with(self, numbers: &[i64]) -> Option<Type> {
        let first = *numbers.first()?;
        let digits = || u8::try_from(first).ok().filter(|digits| *digits <= TIME_PRECISION_MAX);
        Some(match self {
            Base::Varchar if first >= UNBOUNDED => Type::VARCHAR,
            Base::Varchar => Type::Varchar(Some(u32::try_from(first).ok()?)),
            Base::Char => Type::Char(u32::try_from(first).ok()?),
            Base::Decimal => {
                let precision =
                    u8::try_from(first).ok().filter(|p| (1..=DECIMAL_PRECISION_MAX).contains(p))?;
                let scale =
                    u8::try_from(*numbers.get(1)?).ok().filter(|scale| *scale <= DECIMAL_PRECISION_MAX)?;
                Type::Decimal(precision, scale)
            }
            Base::Time => Type::Time(digits()?),
            Base::TimeTz => Type::TimeTz(digits()?),
            Base::Timestamp => Type::Timestamp(digits()?),
            Base::TimestampTz => Type::TimestampTz(digits()?),
        })
    }
}

/// The parameters of a type of this base; the second is 0 where there is only one.
fn numbers_of(base: Base, given: &Type) -> Option<[i64; 2]> {
    Some(match (base, given) {
        (Base::Varchar, Type::Varchar(length)) => [length.map_or(UNBOUNDED, i64::from), 0],
        (Base::Char, Type::Char(length)) => [i64::from(*length), 0],
        (Base::Decimal, Type::Decimal(precision, scale)) => [i64::from(*precision), i64::from(*scale)],
        (Base::Time, Type::Time(digits))
        | (Base::TimeTz, Type::TimeTz(digits))
        | (Base::Timestamp, Type::Timestamp(digits))
        | (Base::TimestampTz, Type::TimestampTz(digits)) => [i64::from(*digits), 0],
        _ => return None,
    })
}
