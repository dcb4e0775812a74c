//! The types a column can have, in ODBC's and JDBC's terms.

use arrow::array::RecordBatch;
use arrow_flight::sql::{
    CommandGetXdbcTypeInfo, Nullable, Searchable, XdbcDataType, XdbcDatetimeSubcode,
    metadata::{XdbcTypeInfo, XdbcTypeInfoData, XdbcTypeInfoDataBuilder},
};
use tonic::Status;

use super::metadata::flight_status;

/// The table, built once per process.
pub(super) fn all() -> Result<XdbcTypeInfoData, Status> {
    let mut rows = XdbcTypeInfoDataBuilder::new();
    let numbers = [
        integer("tinyint", XdbcDataType::XdbcTinyint, 3),
        integer("smallint", XdbcDataType::XdbcSmallint, 5),
        integer("integer", XdbcDataType::XdbcInteger, 10),
        integer("bigint", XdbcDataType::XdbcBigint, 19),
        float("real", XdbcDataType::XdbcReal, 24),
        float("double", XdbcDataType::XdbcDouble, 53),
        decimal(),
    ];
    let others = [
        plain("boolean", XdbcDataType::XdbcBit, 1),
        text("varchar", XdbcDataType::XdbcVarchar),
        text("char", XdbcDataType::XdbcChar),
        binary(),
        date(),
        timestamp("timestamp", XdbcDatetimeSubcode::XdbcSubcodeTimestamp),
        timestamp("timestamp with time zone", XdbcDatetimeSubcode::XdbcSubcodeTimestampWithTimezone),
    ];
    numbers.into_iter().chain(others).for_each(|row| rows.append(row));
    rows.build().map_err(flight_status)
}

/// The rows that `command` selects.
pub(super) fn selected(
    all: &XdbcTypeInfoData,
    command: CommandGetXdbcTypeInfo,
) -> Result<RecordBatch, Status> {
    command.into_builder(all).build().map_err(flight_status)
}

fn plain(name: &str, data_type: XdbcDataType, size: i32) -> XdbcTypeInfo {
    XdbcTypeInfo {
        type_name: name.to_owned(),
        local_type_name: Some(name.to_owned()),
        data_type,
        sql_data_type: data_type,
        column_size: Some(size),
        nullable: Nullable::NullabilityNullable,
        searchable: Searchable::Full,
        ..XdbcTypeInfo::default()
    }
}

fn integer(name: &str, data_type: XdbcDataType, digits: i32) -> XdbcTypeInfo {
    XdbcTypeInfo {
        unsigned_attribute: Some(false),
        auto_increment: Some(false),
        minimum_scale: Some(0),
        maximum_scale: Some(0),
        num_prec_radix: Some(10),
        ..plain(name, data_type, digits)
    }
}

fn float(name: &str, data_type: XdbcDataType, bits: i32) -> XdbcTypeInfo {
    XdbcTypeInfo {
        unsigned_attribute: Some(false),
        auto_increment: Some(false),
        num_prec_radix: Some(2),
        ..plain(name, data_type, bits)
    }
}

fn decimal() -> XdbcTypeInfo {
    XdbcTypeInfo {
        create_params: Some(vec!["precision".to_owned(), "scale".to_owned()]),
        maximum_scale: Some(38),
        ..integer("decimal", XdbcDataType::XdbcDecimal, 38)
    }
}

fn text(name: &str, data_type: XdbcDataType) -> XdbcTypeInfo {
    XdbcTypeInfo {
        literal_prefix: Some("'".to_owned()),
        literal_suffix: Some("'".to_owned()),
        create_params: Some(vec!["length".to_owned()]),
        case_sensitive: true,
        ..plain(name, data_type, i32::MAX)
    }
}

fn binary() -> XdbcTypeInfo {
    XdbcTypeInfo {
        literal_prefix: Some("X'".to_owned()),
        literal_suffix: Some("'".to_owned()),
        ..plain("varbinary", XdbcDataType::XdbcVarbinary, i32::MAX)
    }
}

/// The general type of dates and timestamps is `DATETIME`; the subcode tells which.
fn date() -> XdbcTypeInfo {
    XdbcTypeInfo {
        literal_prefix: Some("DATE '".to_owned()),
        literal_suffix: Some("'".to_owned()),
        sql_data_type: XdbcDataType::XdbcDatetime,
        // ODBC's code 1 is "date", which the protocol's enumeration calls "year".
        datetime_subcode: Some(XdbcDatetimeSubcode::XdbcSubcodeYear),
        ..plain("date", XdbcDataType::XdbcDate, 10)
    }
}

fn timestamp(name: &str, subcode: XdbcDatetimeSubcode) -> XdbcTypeInfo {
    XdbcTypeInfo {
        literal_prefix: Some("TIMESTAMP '".to_owned()),
        literal_suffix: Some("'".to_owned()),
        create_params: Some(vec!["precision".to_owned()]),
        sql_data_type: XdbcDataType::XdbcDatetime,
        datetime_subcode: Some(subcode),
        minimum_scale: Some(0),
        maximum_scale: Some(9),
        ..plain(name, XdbcDataType::XdbcTimestamp, 29)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn one_type_can_be_selected() {
        let all = all().unwrap();
        let rows = |data_type| selected(&all, CommandGetXdbcTypeInfo { data_type }).unwrap().num_rows();
        assert_eq!(rows(None), 14);
        assert_eq!(rows(Some(XdbcDataType::XdbcBigint as i32)), 1);
        assert_eq!(rows(Some(XdbcDataType::XdbcTimestamp as i32)), 2);
    }
}
