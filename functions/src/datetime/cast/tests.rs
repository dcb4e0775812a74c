#![allow(clippy::unwrap_used)]

use crate::{Type, testing::value};

/// `from` is a value; `expected` is a value of the type to cast to, or `TYPE error MESSAGE PART`.
fn check(cases: &[(&str, &str)]) {
    for (from, expected) in cases {
        let (from_type, array) = value(from);
        if let Some((to, part)) = expected.split_once(" error ") {
            let to = crate::types::parse(to).unwrap();
            let fault = super::cast(&array, &from_type, &to).unwrap_err().to_string();
            assert!(fault.contains(part), "{from} to {to}: {fault}");
            continue;
        }
        let (to, wanted) = value(expected);
        assert!(super::can_cast(&from_type, &to), "{from} to {to}");
        assert_eq!(&super::cast(&array, &from_type, &to).unwrap(), &wanted, "{from} to {expected}");
    }
}

#[test]
fn text_becomes_dates_and_times() {
    check(&[
        ("varchar '2020-01-05'", "date '2020-01-05'"),
        ("char(12) ' 2020-1-5'", "date '2020-01-05'"),
        ("varchar 'abc'", "date error Value cannot be cast to date: abc"),
        ("varchar '2020-02-30'", "date error Value cannot be cast to date: 2020-02-30"),
        ("varchar NULL", "date NULL"),
        ("varchar '10:00:00.1235'", "time(3) '10:00:00.124'"),
        ("varchar '23:59:59.9995'", "time(3) '00:00:00'"),
        ("varchar '10:00 +01:00'", "time(3) error Value cannot be cast to time: 10:00 +01:00"),
        ("varchar '00:00:00+01:00'", "time(3) with time zone 1084"),
        ("varchar ' 00:00:00 '", "time(3) with time zone 1024"),
        ("varchar ' 2020-01-01 10:00 '", "timestamp(3) '2020-01-01 10:00:00'"),
        ("varchar '2020-01-01'", "timestamp(3) '2020-01-01 00:00:00'"),
        ("varchar '2020-12-31 23:59:59.9999995'", "timestamp(6) '2021-01-01 00:00:00'"),
        ("varchar '2020-01-01 10:00:00.123456789'", "timestamp(9) '2020-01-01 10:00:00.123456789'"),
        ("varchar '2020-01-01 10:00 America/New_York'", "timestamp(3) '2020-01-01 10:00:00'"),
        ("varchar '2020-01-01 10:00 Nowhere'", "timestamp(3) error Value cannot be cast to timestamp: "),
        ("varchar '2020-01-01T10:00'", "timestamp(3) error Value cannot be cast to timestamp: 2020-01-01T"),
        ("varchar '300000-01-01'", "timestamp(3) error out of range"),
        ("varchar '1970-01-01 05:30 +05:30'", "timestamp(3) with time zone 1170"),
        ("varchar '1970-01-01 00:00'", "timestamp(3) with time zone 0"),
        ("varchar '1970-01-01 00:00:00.000001'", "timestamp(6) with time zone 4096000"),
        (
            "varchar '1970-01-01 00:00 utc'",
            "timestamp(3) with time zone error Value cannot be cast to timestamp",
        ),
    ]);
}

#[test]
fn dates_and_times_become_text() {
    check(&[
        ("date '2020-01-05'", "varchar '2020-01-05'"),
        ("date '2020-01-05'", "varchar(10) '2020-01-05'"),
        ("date '2020-01-05'", "varchar(9) error Value 2020-01-05 cannot be represented as varchar(9)"),
        ("time(3) '10:00:00'", "varchar '10:00:00.000'"),
        ("time(0) '10:00:00'", "varchar '10:00:00'"),
        ("time(6) with time zone 1084", "varchar '00:00:00.000000+01:00'"),
        ("timestamp(3) '2020-01-01 10:00:00'", "varchar '2020-01-01 10:00:00.000'"),
        ("timestamp(0) '2020-01-01 10:00:00'", "varchar '2020-01-01 10:00:00'"),
        ("timestamp(9) '2020-01-01 10:00:00.1'", "varchar '2020-01-01 10:00:00.100000000'"),
        ("timestamp(3) with time zone 0", "varchar '1970-01-01 00:00:00.000 UTC'"),
        ("timestamp(3) with time zone 1170", "varchar '1970-01-01 05:30:00.000 +05:30'"),
        ("timestamp(6) with time zone 4096000", "varchar '1970-01-01 00:00:00.000001 UTC'"),
        ("interval year to month 14", "varchar '1-2'"),
        ("interval year to month -14", "varchar '-1-2'"),
        ("interval day to second 273906789", "varchar '3 04:05:06.789'"),
        ("interval day to second -1", "varchar '-0 00:00:00.001'"),
        ("interval day to second NULL", "varchar NULL"),
    ]);
}

#[test]
fn dates_and_times_become_each_other() {
    check(&[
        ("date '2020-01-05'", "timestamp(3) '2020-01-05 00:00:00'"),
        ("date '2020-01-05'", "timestamp(9) '2020-01-05 00:00:00'"),
        ("date '1970-01-01'", "timestamp(3) with time zone 0"),
        ("timestamp(3) '1969-12-31 23:59:59.999'", "date '1969-12-31'"),
        ("timestamp(3) '2020-01-01 00:00:00.500'", "timestamp(0) '2020-01-01 00:00:01'"),
        ("timestamp(3) '1969-12-31 23:59:59.499'", "timestamp(0) '1969-12-31 23:59:59'"),
        ("timestamp(6) '2020-01-01 00:00:00.4996'", "timestamp(0) '2020-01-01 00:00:00'"),
        ("timestamp(9) '2020-01-01 00:00:00.0000005'", "timestamp(6) '2020-01-01 00:00:00.000001'"),
        ("timestamp(3) '2020-01-01 00:00:00.5'", "timestamp(9) '2020-01-01 00:00:00.5'"),
        ("timestamp(3) '1970-01-01 00:00:00.001'", "timestamp(3) with time zone 4096"),
        ("timestamp(6) '1970-01-01 00:00:00.4996'", "timestamp(0) with time zone 4096000"),
        ("timestamp(3) with time zone 1170", "timestamp(3) '1970-01-01 05:30:00'"),
        ("timestamp(3) with time zone 1", "date '1969-12-31'"),
        ("timestamp(3) with time zone 1170", "timestamp(6) with time zone 1170"),
        ("timestamp(6) with time zone 2048001170", "timestamp(3) with time zone 5266"),
        ("timestamp(3) with time zone 1170", "time(3) '05:30:00'"),
        ("timestamp(3) with time zone 900", "time(3) with time zone 7372800000001084"),
        ("timestamp(3) '2020-01-01 10:11:12.5'", "time(0) '10:11:13'"),
        ("timestamp(3) '1970-01-01 00:00:00'", "time(0) with time zone 1024"),
        ("time(3) '10:00:00.5'", "time(0) '10:00:01'"),
        ("time(3) '00:00:00'", "time(3) with time zone 1024"),
        ("time(3) with time zone 1084", "time(3) '00:00:00'"),
        ("date '2020-01-01'", "time(3) error Cannot cast date to time(3)"),
        ("interval year to month 1", "interval day to second error Cannot cast"),
        ("varchar '1'", "interval day to second error Cannot cast varchar to interval day to second"),
    ]);
    let today = chrono::Utc::now().date_naive().to_string();
    let (from, array) = value("time(3) '10:00:00'");
    let cast = super::cast(&array, &from, &Type::Timestamp(3)).unwrap();
    let text = super::cast(&cast, &Type::Timestamp(3), &Type::VARCHAR).unwrap();
    assert_eq!(&text, &value(&format!("varchar '{today} 10:00:00.000'")).1);
}
