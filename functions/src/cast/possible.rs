//! Which casts there are.

use crate::{Type, can_coerce};

/// True if Trino has a cast between the two types, though it may fail on a value.
pub fn can_cast(from: &Type, to: &Type) -> bool {
    if from == to || *from == Type::Unknown {
        return true;
    }
    match (from, to) {
        (Type::Json, _) => json_becomes(to),
        (_, Type::Json) => becomes_json(from),
        (Type::Array(from), Type::Array(to)) => can_cast(from, to),
        (Type::Map(from_key, from_value), Type::Map(key, value)) => {
            can_cast(from_key, key) && can_cast(from_value, value)
        }
        (Type::Row(from), Type::Row(to)) => {
            from.len() == to.len()
                && from.iter().zip(to).all(|(from, to)| can_cast(&from.field_type, &to.field_type))
        }
        _ => plain(from, to),
    }
}

/// True if a cast between the two types leaves the Arrow array as it is, whatever the values: plans need not
/// have it.
pub fn keeps_arrays(from: &Type, to: &Type) -> bool {
    match (from, to) {
        _ if from == to => true,
        (Type::Array(from), Type::Array(to)) => keeps_arrays(from, to),
        (Type::Map(from_key, from_value), Type::Map(key, value)) => {
            keeps_arrays(from_key, key) && keeps_arrays(from_value, value)
        }
        (Type::Row(from), Type::Row(to)) => {
            from.len() == to.len()
                && from
                    .iter()
                    .zip(to)
                    .all(|(from, to)| from.name == to.name && keeps_arrays(&from.field_type, &to.field_type))
        }
        (Type::Varchar(_), Type::Varchar(_))
        | (Type::Char(_), Type::Char(_))
        | (Type::Time(_), Type::Time(_))
        | (Type::TimeTz(_), Type::TimeTz(_))
        | (Type::Timestamp(_), Type::Timestamp(_))
        | (Type::TimestampTz(_), Type::TimestampTz(_)) => can_coerce(from, to) && from.arrow() == to.arrow(),
        _ => false,
    }
}

fn is_number_or_boolean(data_type: &Type) -> bool {
    data_type.is_numeric() || *data_type == Type::Boolean
}

fn is_sketch(data_type: &Type) -> bool {
    matches!(data_type, Type::HyperLogLog | Type::QDigest(_) | Type::TDigest | Type::SetDigest)
}

fn plain(from: &Type, to: &Type) -> bool {
    match (from, to) {
        _ if is_number_or_boolean(from) => is_number_or_boolean(to) || matches!(to, Type::Varchar(_)),
        (Type::Varchar(_), Type::IpAddress | Type::Uuid) => true,
        // Earlier versions of Trino have of `char` only the casts to text.
        (Type::Varchar(_) | Type::Char(_), _) => {
            is_number_or_boolean(to)
                || to.is_text()
                || matches!(
                    to,
                    Type::Varbinary
                        | Type::Date
                        | Type::Time(_)
                        | Type::TimeTz(_)
                        | Type::Timestamp(_)
                        | Type::TimestampTz(_)
                )
        }
        (Type::Varbinary, _) => is_sketch(to) || matches!(to, Type::IpAddress | Type::Uuid),
        // The text of an address has no length in its cast, so it fits no `varchar(n)`.
        (Type::IpAddress, _) => matches!(to, Type::Varbinary | Type::Varchar(None)),
        (Type::Uuid, _) => matches!(to, Type::Varbinary | Type::Varchar(_)),
        (Type::Date, _) => matches!(to, Type::Varchar(_) | Type::Timestamp(_) | Type::TimestampTz(_)),
        (Type::Time(_) | Type::TimeTz(_), _) => {
            matches!(
                to,
                Type::Varchar(_)
                    | Type::Time(_)
                    | Type::TimeTz(_)
                    | Type::Timestamp(_)
                    | Type::TimestampTz(_)
            )
        }
        (Type::Timestamp(_) | Type::TimestampTz(_), _) => matches!(
            to,
            Type::Varchar(_)
                | Type::Date
                | Type::Time(_)
                | Type::TimeTz(_)
                | Type::Timestamp(_)
                | Type::TimestampTz(_)
        ),
        (Type::IntervalYearToMonth | Type::IntervalDayToSecond, _) => matches!(to, Type::Varchar(_)),
        _ => is_sketch(from) && *to == Type::Varbinary,
    }
}

/// Keys of objects.
fn is_json_key(key: &Type) -> bool {
    is_number_or_boolean(key) || matches!(key, Type::Varchar(_))
}

fn becomes_json(from: &Type) -> bool {
    match from {
        Type::Unknown | Type::Json | Type::Varchar(_) | Type::Timestamp(_) | Type::Date => true,
        Type::Array(item) => becomes_json(item),
        Type::Map(key, value) => (**key == Type::Unknown || is_json_key(key)) && becomes_json(value),
        Type::Row(fields) => fields.iter().all(|field| becomes_json(&field.field_type)),
        _ => is_number_or_boolean(from),
    }
}

fn json_becomes(to: &Type) -> bool {
    match to {
        Type::Json | Type::Varchar(_) => true,
        Type::Array(item) => json_becomes(item),
        Type::Map(key, value) => is_json_key(key) && json_becomes(value),
        Type::Row(fields) => fields.iter().all(|field| json_becomes(&field.field_type)),
        _ => is_number_or_boolean(to),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::types::parse;

    #[test]
    fn casts_that_do_nothing_are_known() {
        for (from, to, expected) in [
            ("varchar(3)", "varchar", true),
            ("varchar", "varchar(3)", false),
            ("varchar(3)", "char(3)", false),
            ("char(3)", "char(4)", true),
            ("char(3)", "varchar", false),
            ("timestamp(3)", "timestamp(6)", true),
            ("timestamp(6)", "timestamp(9)", false),
            ("timestamp(6)", "timestamp(3)", false),
            ("integer", "bigint", false),
            ("decimal(3,1)", "decimal(4,1)", false),
            ("array(varchar(1))", "array(varchar(2))", true),
            ("row(a varchar(1))", "row(a varchar)", true),
            ("row(a varchar)", "row(b varchar)", false),
            ("map(varchar(1), bigint)", "map(varchar, bigint)", true),
        ] {
            assert_eq!(keeps_arrays(&parse(from).unwrap(), &parse(to).unwrap()), expected, "{from} {to}");
        }
    }

    #[test]
    fn casts_exist_as_in_trino() {
        for (from, to, expected) in [
            ("bigint", "varchar(3)", true),
            ("bigint", "char(3)", false),
            ("bigint", "date", false),
            ("bigint", "timestamp(3)", false),
            ("boolean", "decimal(3,1)", true),
            ("boolean", "date", false),
            ("varchar", "date", true),
            ("varchar", "interval day to second", false),
            ("interval day to second", "varchar", true),
            ("interval day to second", "bigint", false),
            ("date", "time(3)", false),
            ("date", "timestamp(3) with time zone", true),
            ("time(3)", "date", false),
            ("time(3)", "timestamp(3)", true),
            ("timestamp(3)", "date", true),
            ("varbinary", "varchar", false),
            ("varchar", "varbinary", true),
            ("HyperLogLog", "varbinary", true),
            ("varbinary", "qdigest(bigint)", true),
            ("Geometry", "varchar", false),
            ("json", "map(varchar, array(bigint))", true),
            ("json", "date", false),
            ("json", "map(array(bigint), bigint)", false),
            ("date", "json", true),
            ("array(timestamp(3))", "json", true),
            ("time(3)", "json", false),
            ("uuid", "json", false),
            ("varbinary", "json", false),
            ("unknown", "Geometry", true),
            ("array(bigint)", "varchar", false),
        ] {
            assert_eq!(can_cast(&parse(from).unwrap(), &parse(to).unwrap()), expected, "{from} {to}");
        }
    }
}
