//! Which types become which on their own: Trino's lattice (`TypeCoercion`).
//!
//! `varchar` becomes `char` and never the other way, so that a literal compares with a padded column; the
//! common type of the two is `char` with the larger length.

use std::mem::discriminant;

use crate::{RowField, Type, types::DECIMAL_PRECISION_MAX};

/// Longest `char`: Trino's limit.
const CHAR_LENGTH_MAX: u32 = 65_536;

/// True if a value of `from` may stand where `to` is expected.
pub fn can_coerce(from: &Type, to: &Type) -> bool {
    from == to || *from == Type::Unknown || compatible(from, to).is_some_and(|common| common.is_second)
}

/// The type that both become, if there is one.
pub fn common_type(left: &Type, right: &Type) -> Option<Type> {
    compatible(left, right).map(|common| common.of_both)
}

/// What two types have in common.
struct Common {
    of_both: Type,
    /// The first becomes the second as it is; names of row fields do not count.
    is_second: bool,
}

impl Common {
    fn new(of_both: Type, second: &Type) -> Option<Self> {
        let is_second = of_both == *second;
        Some(Self { of_both, is_second })
    }
}

fn compatible(from: &Type, to: &Type) -> Option<Common> {
    if from == to || *from == Type::Unknown {
        return Some(Common { of_both: to.clone(), is_second: true });
    }
    if *to == Type::Unknown {
        return Some(Common { of_both: from.clone(), is_second: false });
    }
    if discriminant(from) == discriminant(to) {
        return same_base(from, to);
    }
    if let Some(coerced) = coerce_base(from, to) {
        return compatible(&coerced, to);
    }
    let common = compatible(from, &coerce_base(to, from)?)?;
    Some(Common { is_second: false, ..common })
}

/// Types that differ in their parameters only.
fn same_base(from: &Type, to: &Type) -> Option<Common> {
    match (from, to) {
        (Type::Decimal(p1, s1), Type::Decimal(p2, s2)) => {
            let scale = *s1.max(s2);
            let precision = p1.saturating_sub(*s1).max(p2.saturating_sub(*s2)).saturating_add(scale);
            Common::new(Type::Decimal(precision.min(DECIMAL_PRECISION_MAX), scale), to)
        }
        (Type::Varchar(a), Type::Varchar(b)) => {
            Common::new(Type::Varchar(a.zip(*b).map(|(a, b)| a.max(b))), to)
        }
        (Type::Char(a), Type::Char(b)) => Common::new(Type::Char(*a.max(b)), to),
        (Type::Time(a), Type::Time(b)) => Common::new(Type::Time(*a.max(b)), to),
        (Type::TimeTz(a), Type::TimeTz(b)) => Common::new(Type::TimeTz(*a.max(b)), to),
        (Type::Timestamp(a), Type::Timestamp(b)) => Common::new(Type::Timestamp(*a.max(b)), to),
        (Type::TimestampTz(a), Type::TimestampTz(b)) => Common::new(Type::TimestampTz(*a.max(b)), to),
        (Type::Array(a), Type::Array(b)) => {
            let item = compatible(a, b)?;
            Some(Common { of_both: Type::array(item.of_both), is_second: item.is_second })
        }
        (Type::Map(k1, v1), Type::Map(k2, v2)) => {
            let (key, value) = (compatible(k1, k2)?, compatible(v1, v2)?);
            let is_second = key.is_second && value.is_second;
            Some(Common { of_both: Type::map(key.of_both, value.of_both), is_second })
        }
        (Type::Row(from), Type::Row(to)) => rows(from, to),
        _ => None,
    }
}

fn rows(from: &[RowField], to: &[RowField]) -> Option<Common> {
    if from.len() != to.len() {
        return None;
    }
    let mut fields = Vec::with_capacity(from.len());
    let mut is_second = true;
    for (a, b) in from.iter().zip(to) {
        let common = compatible(&a.field_type, &b.field_type)?;
        is_second &= common.is_second;
        let name = if same_name(a, b) { a.name.clone() } else { None };
        fields.push(RowField { name, field_type: common.of_both });
    }
    Some(Common { of_both: Type::Row(fields), is_second })
}

fn same_name(a: &RowField, b: &RowField) -> bool {
    match (&a.name, &b.name) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
        _ => false,
    }
}

/// What `from` is as the kind of type that `to` is, whatever the parameters of `to`.
pub(crate) fn coerce_base(from: &Type, to: &Type) -> Option<Type> {
    Some(match (from, to) {
        (Type::Unknown, _) => least(to),
        (Type::TinyInt, Type::SmallInt)
        | (Type::TinyInt | Type::SmallInt, Type::Integer)
        | (Type::TinyInt | Type::SmallInt | Type::Integer, Type::BigInt)
        | (
            Type::TinyInt | Type::SmallInt | Type::Integer | Type::BigInt | Type::Decimal(..),
            Type::Real | Type::Double,
        )
        | (Type::Real, Type::Double) => to.clone(),
        (Type::TinyInt, Type::Decimal(..)) => Type::Decimal(3, 0),
        (Type::SmallInt, Type::Decimal(..)) => Type::Decimal(5, 0),
        (Type::Integer, Type::Decimal(..)) => Type::Decimal(10, 0),
        (Type::BigInt, Type::Decimal(..)) => Type::Decimal(19, 0),
        (Type::Date, Type::Timestamp(_)) => Type::Timestamp(0),
        (Type::Date, Type::TimestampTz(_)) => Type::TimestampTz(0),
        (Type::Time(precision), Type::TimeTz(_)) => Type::TimeTz(*precision),
        (Type::Timestamp(precision), Type::TimestampTz(_)) => Type::TimestampTz(*precision),
        (Type::Varchar(length), Type::Char(_)) => {
            Type::Char(length.unwrap_or(CHAR_LENGTH_MAX).min(CHAR_LENGTH_MAX))
        }
        _ => return None,
    })
}

/// The type with the smallest parameters, which a bare NULL takes.
fn least(to: &Type) -> Type {
    match to {
        Type::Varchar(_) => Type::Varchar(Some(0)),
        Type::Char(_) => Type::Char(0),
        Type::Decimal(..) => Type::Decimal(1, 0),
        Type::Time(_) => Type::Time(0),
        Type::TimeTz(_) => Type::TimeTz(0),
        Type::Timestamp(_) => Type::Timestamp(0),
        Type::TimestampTz(_) => Type::TimestampTz(0),
        _ => to.clone(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::types::parse;

    #[test]
    fn common_types() {
        for (left, right, common) in [
            ("unknown", "bigint", "bigint"),
            ("unknown", "unknown", "unknown"),
            ("tinyint", "smallint", "smallint"),
            ("integer", "bigint", "bigint"),
            ("bigint", "real", "real"),
            ("real", "double", "double"),
            ("integer", "decimal(5,2)", "decimal(12,2)"),
            ("bigint", "decimal(38,37)", "decimal(38,37)"),
            ("tinyint", "decimal(10,1)", "decimal(10,1)"),
            ("decimal(5,2)", "decimal(4,3)", "decimal(6,3)"),
            ("decimal(38,0)", "decimal(38,10)", "decimal(38,10)"),
            ("decimal(10,2)", "real", "real"),
            ("decimal(10,2)", "double", "double"),
            ("varchar(3)", "varchar(5)", "varchar(5)"),
            ("varchar(3)", "varchar", "varchar"),
            ("char(3)", "varchar(5)", "char(5)"),
            ("char(3)", "varchar(2)", "char(3)"),
            ("char(3)", "varchar", "char(65536)"),
            ("char(3)", "char(7)", "char(7)"),
            ("date", "timestamp(3)", "timestamp(3)"),
            ("date", "timestamp(6) with time zone", "timestamp(6) with time zone"),
            ("timestamp(9)", "timestamp(3) with time zone", "timestamp(9) with time zone"),
            ("timestamp(3)", "timestamp(6)", "timestamp(6)"),
            ("time(3)", "time(0) with time zone", "time(3) with time zone"),
            ("array(unknown)", "array(bigint)", "array(bigint)"),
            ("array(integer)", "array(double)", "array(double)"),
            ("map(integer, varchar(1))", "map(bigint, varchar(2))", "map(bigint, varchar(2))"),
            ("row(a integer, b bigint)", "row(a bigint, c integer)", "row(a bigint, bigint)"),
            ("row(integer)", "row(bigint)", "row(bigint)"),
        ] {
            let (a, b) = (parse(left).unwrap(), parse(right).unwrap());
            let text = |common: Option<Type>| common.map_or("none".to_owned(), |common| common.to_string());
            assert_eq!(text(common_type(&a, &b)), common, "{left} {right}");
            assert_eq!(text(common_type(&b, &a)), common, "{right} {left}");
        }
    }

    #[test]
    fn no_common_type() {
        for (left, right) in [
            ("bigint", "varchar(1)"),
            ("boolean", "integer"),
            ("date", "varchar"),
            ("time(3)", "timestamp(3)"),
            ("date", "time(3)"),
            ("varbinary", "varchar"),
            ("json", "varchar"),
            ("array(bigint)", "bigint"),
            ("array(bigint)", "array(varchar)"),
            ("row(bigint)", "row(bigint, bigint)"),
            ("interval day to second", "interval year to month"),
            ("uuid", "varchar"),
            ("HyperLogLog", "varbinary"),
            ("qdigest(bigint)", "qdigest(double)"),
        ] {
            let (a, b) = (parse(left).unwrap(), parse(right).unwrap());
            assert_eq!(common_type(&a, &b), None, "{left} {right}");
            assert!(!can_coerce(&a, &b), "{left} {right}");
        }
    }

    #[test]
    fn coercions_have_a_direction() {
        for (from, to, expected) in [
            ("integer", "bigint", true),
            ("bigint", "integer", false),
            ("double", "real", false),
            ("double", "decimal(38,10)", false),
            ("integer", "decimal(10,0)", true),
            ("integer", "decimal(9,0)", false),
            ("integer", "decimal(12,2)", true),
            ("decimal(5,2)", "decimal(6,2)", true),
            ("decimal(5,2)", "decimal(5,3)", false),
            ("varchar(3)", "varchar", true),
            ("varchar", "varchar(3)", false),
            ("varchar(3)", "char(3)", true),
            ("varchar(4)", "char(3)", false),
            ("char(3)", "varchar", false),
            ("date", "timestamp(0)", true),
            ("timestamp(0)", "date", false),
            ("timestamp(6)", "timestamp(3)", false),
            ("row(a integer)", "row(b bigint)", true),
            ("array(unknown)", "array(json)", true),
            ("unknown", "map(bigint, json)", true),
        ] {
            assert_eq!(can_coerce(&parse(from).unwrap(), &parse(to).unwrap()), expected, "{from} {to}");
        }
    }
}
