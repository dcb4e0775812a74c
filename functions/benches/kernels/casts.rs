//! Casts. Those that the engine does as Trino does are written as the engine's, and are not here.

use functions::Type;

use crate::{
    cases::{Case, case},
    ours::{cast, try_cast},
};

pub(crate) fn cases() -> Vec<Case> {
    let parts = [to_text(), from_text(), between_numbers(), tried()];
    parts.into_iter().flatten().collect()
}

fn to_text() -> Vec<Case> {
    let texts = Type::array(Type::VARCHAR);
    vec![
        case("cast bigint as varchar", cast("i", Type::VARCHAR), "CAST(i AS VARCHAR)"),
        case("cast double as varchar", cast("d", Type::VARCHAR), "CAST(d AS VARCHAR)"),
        case("cast decimal as varchar", cast("m", Type::VARCHAR), "CAST(m AS VARCHAR)"),
        case("cast boolean as varchar", cast("b", Type::VARCHAR), "CAST(b AS VARCHAR)"),
        case("cast date as varchar", cast("day", Type::VARCHAR), "CAST(day AS VARCHAR)"),
        case("cast timestamp as varchar", cast("ts", Type::VARCHAR), "CAST(ts AS VARCHAR)"),
        case("cast bigints as varchars", cast("a", texts), "CAST(a AS VARCHAR[])"),
    ]
}

fn from_text() -> Vec<Case> {
    let decimal = Type::Decimal(18, 2);
    let timestamp = "arrow_cast(time_text, 'Timestamp(Microsecond, None)')";
    vec![
        case("cast varchar as bigint", cast("int_text", Type::BigInt), "CAST(int_text AS BIGINT)"),
        case("cast varchar as double", cast("double_text", Type::Double), "CAST(double_text AS DOUBLE)"),
        case("cast varchar as decimal", cast("price_text", decimal), "CAST(price_text AS DECIMAL(18, 2))"),
        case("cast varchar as date", cast("date_text", Type::Date), "CAST(date_text AS DATE)"),
        case("cast varchar as timestamp", cast("time_text", Type::Timestamp(3)), timestamp),
    ]
}

fn between_numbers() -> Vec<Case> {
    let decimal = Type::Decimal(18, 2);
    vec![
        case("cast double as bigint", cast("d", Type::BigInt), "CAST(d AS BIGINT)"),
        case("cast double as integer", cast("d", Type::Integer), "CAST(d AS INTEGER)"),
        case("cast double as decimal", cast("d", decimal), "CAST(d AS DECIMAL(18, 2))"),
        case("cast decimal as double", cast("m", Type::Double), "CAST(m AS DOUBLE)"),
        case("cast decimal as bigint", cast("m", Type::BigInt), "CAST(m AS BIGINT)"),
        case("cast bigint as integer", cast("i", Type::Integer), "CAST(i AS INTEGER)"),
        case("cast timestamp as date", cast("ts", Type::Date), "CAST(ts AS DATE)"),
    ]
}

/// Half of the texts are no values.
fn tried() -> Vec<Case> {
    vec![
        case("try_cast dirty as bigint", try_cast("dirty", Type::BigInt), "TRY_CAST(dirty AS BIGINT)"),
        case("try_cast dirty as double", try_cast("dirty", Type::Double), "TRY_CAST(dirty AS DOUBLE)"),
        case("try_cast dirty as date", try_cast("dirty_date", Type::Date), "TRY_CAST(dirty_date AS DATE)"),
        case(
            "try_cast dirty as timestamp",
            try_cast("dirty_date", Type::Timestamp(3)),
            "arrow_try_cast(dirty_date, 'Timestamp(Microsecond, None)')",
        ),
    ]
}
