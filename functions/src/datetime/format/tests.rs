use crate::testing::check;

const NOON: &str = "timestamp(3) '2001-01-09 13:04:05.321'";

fn formats(function: &str, given: &str, cases: &[(&str, &str)]) {
    for (format, expected) in cases {
        let format = format!("varchar '{format}'");
        let expected = match expected.starts_with("error ") {
            true => (*expected).to_owned(),
            false => format!("varchar '{expected}'"),
        };
        check(function, &[(&[given, &format], &expected)]);
    }
}

#[test]
fn date_format() {
    formats(
        "date_format",
        NOON,
        &[
            ("%a", "Tue"),
            ("%b", "Jan"),
            ("%c", "1"),
            ("%d", "09"),
            ("%e", "9"),
            ("%f", "321000"),
            ("%H", "13"),
            ("%h", "01"),
            ("%I", "01"),
            ("%i", "04"),
            ("%j", "009"),
            ("%k", "13"),
            ("%l", "1"),
            ("%M", "January"),
            ("%m", "01"),
            ("%p", "PM"),
            ("%r", "01:04:05 PM"),
            ("%S", "05"),
            ("%s", "05"),
            ("%T", "13:04:05"),
            ("%v", "02"),
            ("%W", "Tuesday"),
            ("%x", "2001"),
            ("%Y", "2001"),
            ("%y", "01"),
            ("%%", "%"),
            ("foo", "foo"),
            ("%g", "g"),
            ("%4", "4"),
            ("%x %v", "2001 02"),
            ("%Y年%m月%d日", "2001年01月09日"),
            ("%D", "error %D not supported in date format string"),
            ("%U", "error %U not supported"),
            ("%u", "error %u not supported"),
            ("%V", "error %V not supported"),
            ("%w", "error %w not supported"),
            ("%X", "error %X not supported"),
            ("", "error Both printing"),
        ],
    );
    formats("date_format", "timestamp(6) '2001-01-09 13:04:05.999600'", &[("%s.%f", "06.000000")]);
    formats(
        "date_format",
        "timestamp(3) '2001-01-09 00:04:05.005'",
        &[("%h %I %l %k %f", "12 12 12 0 005000")],
    );
    formats("date_format", "timestamp(3) with time zone 1170", &[("%Y-%m-%d %H:%i", "1970-01-01 05:30")]);
    check("date_format", &[(&["timestamp(3) NULL", "varchar '%D'"], "varchar NULL")]);
}

#[test]
fn date_parse() {
    let cases = [
        ("2013", "%Y", "2013-01-01 00:00:00"),
        ("2013-05", "%Y-%m", "2013-05-01 00:00:00"),
        ("2013-05-17", "%Y-%m-%d", "2013-05-17 00:00:00"),
        ("2013-5-7", "%Y-%m-%d", "2013-05-07 00:00:00"),
        ("2013-05-17 12:35:10", "%Y-%m-%d %h:%i:%s", "2013-05-17 00:35:10"),
        ("2013-05-17 12:35:10 PM", "%Y-%m-%d %h:%i:%s %p", "2013-05-17 12:35:10"),
        ("2013-05-17 12:35:10 am", "%Y-%m-%d %h:%i:%s %p", "2013-05-17 00:35:10"),
        ("2013-05-17 23:35:10", "%Y-%m-%d %H:%i:%s", "2013-05-17 23:35:10"),
        ("abc 2013-05-17 fff 23:35:10 xyz", "abc %Y-%m-%d fff %H:%i:%s xyz", "2013-05-17 23:35:10"),
        ("2013 14", "%Y %y", "2014-01-01 00:00:00"),
        ("1998 53", "%x %v", "1998-12-28 00:00:00"),
        ("1.1", "%s.%f", "1970-01-01 00:00:01.100"),
        ("1.0123456", "%s.%f", "1970-01-01 00:00:01.012"),
        ("28-JAN-16 11.45.46.421000 PM", "%d-%b-%y %l.%i.%s.%f %p", "2016-01-28 23:45:46.421"),
        ("11-DEC-70 11.12.13.456000 AM", "%d-%b-%y %l.%i.%s.%f %p", "1970-12-11 11:12:13.456"),
        ("31-MAY-69 04.59.59.999000 AM", "%d-%b-%y %l.%i.%s.%f %p", "2069-05-31 04:59:59.999"),
        ("05-10", "%m-%d", "2000-05-10 00:00:00"),
        ("29", "%d", "2000-01-29 00:00:00"),
        ("10:20", "%H:%i", "1970-01-01 10:20:00"),
        ("2020 060", "%Y %j", "2020-02-29 00:00:00"),
        ("May 5, 2020", "%M %e, %Y", "2020-05-05 00:00:00"),
        ("Wed 2020-01-01", "%a %Y-%m-%d", "2020-01-01 00:00:00"),
    ];
    for (text, format, expected) in cases {
        let arguments = [format!("varchar '{text}'"), format!("varchar '{format}'")];
        let expected = format!("timestamp(3) '{expected}'");
        check("date_parse", &[(&[&arguments[0], &arguments[1]], &expected)]);
    }
    for (text, format, part) in [
        ("2013-05-17x", "%Y-%m-%d", "malformed at \"x\""),
        ("2013-05", "%Y-%m-%d", "too short"),
        ("2013-02-30", "%Y-%m-%d", "Cannot parse"),
        ("10:60", "%H:%i", "Cannot parse"),
        ("13", "%h", "Cannot parse"),
        ("jAN", "%b", "Invalid format"),
        ("", "%Y", "too short"),
        ("3", "%w", "%w not supported"),
    ] {
        let arguments = [format!("varchar '{text}'"), format!("varchar '{format}'")];
        check("date_parse", &[(&[&arguments[0], &arguments[1]], &format!("error {part}"))]);
    }
}

#[test]
fn format_datetime() {
    formats(
        "format_datetime",
        NOON,
        &[
            ("yyyy-MM-dd HH:mm:ss.SSS", "2001-01-09 13:04:05.321"),
            ("YYYY/MM/dd/HH", "2001/01/09/13"),
            ("y M d H m s S", "2001 1 9 13 4 5 3"),
            ("yy", "01"),
            ("EEE EEEE E", "Tue Tuesday Tue"),
            ("MMM MMMM", "Jan January"),
            ("h K k a", "1 1 13 PM"),
            ("G C x w e D", "AD 20 2001 2 2 9"),
            ("SSSSSS", "321000"),
            ("''yyyy''", "yyyy"),
            ("Z", "error cannot use"),
            ("b", "error Illegal pattern component: b"),
            ("", "error Invalid pattern"),
        ],
    );
    check("format_datetime", &[(&[NOON, "varchar '''at'' yyyy ''Z'''"], "varchar 'at 2001 Z'")]);
    formats(
        "format_datetime",
        "timestamp(3) with time zone 1170",
        &[("Z ZZ ZZZ z", "+0530 +05:30 +05:30 +05:30"), ("HH:mm", "05:30")],
    );
    formats(
        "format_datetime",
        "timestamp(3) with time zone 0",
        &[("Z ZZ ZZZ z zzzz", "+0000 +00:00 UTC UTC Coordinated Universal Time"), ("k K h", "24 0 12")],
    );
    formats("format_datetime", "timestamp(6) with time zone 2048000000", &[("SSS", "001")]);
}

#[test]
fn parse_datetime() {
    let cases = [
        ("1960/01/22 03:04", "yyyy/MM/dd HH:mm", -313_793_760_000_i64, 0),
        ("1960/01/22 03:04 +08:00", "yyyy/MM/dd HH:mm Z", -313_822_560_000, 840 + 480),
        ("1960/01/22 03:04 +0800", "yyyy/MM/dd HH:mm ZZ", -313_822_560_000, 840 + 480),
        ("1960/01/22 03:04 Z", "yyyy/MM/dd HH:mm Z", -313_793_760_000, 0),
        ("1960/01/22 03:04 UTC", "yyyy/MM/dd HH:mm ZZZ", -313_793_760_000, 0),
        ("20000101", "yyyyMMdd", 946_684_800_000, 0),
        ("70-01-01", "yy-MM-dd", 0, 0),
        ("1970 1", "yyyy D", 0, 0),
        ("1970-W01-4", "xxxx-''W''ww-e", 0, 0),
        ("0001 AD", "yyyy G", -62_135_596_800_000, 0),
        ("1970 PM", "yyyy a", 43_200_000, 0),
    ];
    for (text, format, millis, key) in cases {
        let arguments = [format!("varchar '{text}'"), format!("varchar '{format}'")];
        let expected = format!("timestamp(3) with time zone {}", (millis << 12) | key);
        check("parse_datetime", &[(&[&arguments[0], &arguments[1]], &expected)]);
    }
    for (text, format, part) in [
        ("1960/01/22", "yyyy/MM/dd HH:mm", "too short"),
        ("1960/01/22 +15:00", "yyyy/MM/dd Z", "not supported"),
        ("1960/01/22 x", "yyyy/MM/dd zzzz", "Parsing not supported"),
        ("2020-03-08 02:30 America/New_York", "yyyy-MM-dd HH:mm ZZZ", "Cannot parse"),
        ("99999999999", "y", "Invalid format"),
        ("2020", "q", "Illegal pattern component: q"),
    ] {
        let arguments = [format!("varchar '{text}'"), format!("varchar '{format}'")];
        check("parse_datetime", &[(&[&arguments[0], &arguments[1]], &format!("error {part}"))]);
    }
}

#[test]
fn teradata() {
    formats(
        "to_char",
        "timestamp(3) with time zone 1170",
        &[("yyyy/mm/dd hh24:mi:ss", "1970/01/01 05:30:00")],
    );
    formats(
        "to_char",
        "timestamp(3) with time zone 0",
        &[("yy", "70"), ("YYYY", "error Failed to tokenize")],
    );
    check(
        "to_date",
        &[
            (&["varchar '1988/04/08'", "varchar 'yyyy/mm/dd'"], "date '1988-04-08'"),
            (&["varchar ';198804:08'", "varchar ';yyyymm:dd'"], "date '1988-04-08'"),
            (&["varchar '88/04/08'", "varchar 'yy/mm/dd'"], "date '2088-04-08'"),
            (&["varchar 'x'", "varchar 'yy'"], "error Invalid format"),
        ],
    );
    check(
        "to_timestamp",
        &[(
            &["varchar '1988/04/08 2:3:4'", "varchar 'yyyy/mm/dd hh24:mi:ss'"],
            "timestamp(3) '1988-04-08 02:03:04'",
        )],
    );
}
