//! Functions on URLs (<https://trino.io/docs/current/functions/url.html>).

mod coding;
mod uri;

use std::borrow::Cow;

use arrow::datatypes::Int64Type;
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use crate::{
    Call, Function, Kernel,
    columns::{primitive_rows, text_rows},
    string::arguments::{Arguments, given},
};
use uri::Uri;

pub(crate) fn functions() -> Vec<Function> {
    let part = |name, kernel: Kernel, description| {
        Function::scalar(name, &["(varchar(x)) -> varchar(x)"], kernel, description)
    };
    let mut functions = vec![
        part("url_extract_protocol", protocol, "Extract protocol from url"),
        part("url_extract_host", host, "Extract host from url"),
        part("url_extract_path", path, "Extract path from url"),
        part("url_extract_query", query, "Extract query from url"),
        part("url_extract_fragment", fragment, "Extract fragment from url"),
        Function::scalar("url_extract_port", &["(varchar(x)) -> bigint"], port, "Extract port from url"),
        Function::scalar(
            "url_extract_parameter",
            &["(varchar(x), varchar(y)) -> varchar(x)"],
            parameter,
            "Extract query parameter from url",
        ),
    ];
    functions.extend(coding::functions());
    functions
}

/// A part of each URL: NULL if the URL is none, empty if it has no such part.
fn extracted(
    arguments: Arguments<'_>,
    part: for<'a> fn(&Uri<'a>) -> Option<Cow<'a, str>>,
) -> EngineResult<ColumnarValue> {
    let urls = arguments.texts(0)?;
    let result = text_rows(arguments.rows, |row, result| {
        let uri = given!(uri::parse(given!(urls.get(row))));
        result.push_str(&part(&uri).unwrap_or_default());
        Ok(Some(()))
    })?;
    arguments.finish(result)
}

fn protocol(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    extracted(Arguments::new(call, arguments, rows), |uri| uri.scheme.map(Cow::Borrowed))
}

fn host(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    extracted(Arguments::new(call, arguments, rows), |uri| uri.host.map(Cow::Borrowed))
}

fn path(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    extracted(Arguments::new(call, arguments, rows), |uri| uri.path.map(coding::percent_decoded))
}

fn query(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    extracted(Arguments::new(call, arguments, rows), |uri| uri.query.map(coding::percent_decoded))
}

fn fragment(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    extracted(Arguments::new(call, arguments, rows), |uri| uri.fragment.map(coding::percent_decoded))
}

fn port(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, arguments, rows);
    let urls = arguments.texts(0)?;
    let result = primitive_rows::<Int64Type>(arguments.rows, |row| {
        let uri = given!(uri::parse(given!(urls.get(row))));
        Ok(uri.port.map(i64::from))
    })?;
    arguments.finish(result)
}

/// The first parameter of that name counts; its name is compared as written, its value is decoded.
fn parameter(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, arguments, rows);
    let (urls, names) = (arguments.texts(0)?, arguments.texts(1)?);
    let result = text_rows(arguments.rows, |row, result| {
        let (url, wanted) = (given!(urls.get(row)), given!(names.get(row)));
        let query = given!(given!(uri::parse(url)).query);
        let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let (_, value) = given!(pairs.into_iter().find(|(name, _)| *name == wanted));
        coding::form_decode(value, result)?;
        Ok(Some(()))
    })?;
    arguments.finish(result)
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    /// Protocol, host, port, path, query and fragment; None: NULL.
    fn check_parts(url: &str, expected: Option<[&str; 6]>) {
        let argument = format!("varchar '{url}'");
        let [protocol, host, port, path, query, fragment] = expected.unwrap_or_default();
        for (name, part) in [
            ("url_extract_protocol", protocol),
            ("url_extract_host", host),
            ("url_extract_path", path),
            ("url_extract_query", query),
            ("url_extract_fragment", fragment),
        ] {
            let part = expected.map_or("varchar NULL".to_owned(), |_| format!("varchar '{part}'"));
            check(name, &[(&[&argument], &part)]);
        }
        let port = if port.is_empty() { "NULL" } else { port };
        check("url_extract_port", &[(&[&argument], &format!("bigint {port}"))]);
    }

    #[test]
    fn parts() {
        let whole = ["http", "example.com", "8080", "/path1/p.php", "k1=v1&k2=v2", "Ref1"];
        check_parts("http://example.com:8080/path1/p.php?k1=v1&k2=v2#Ref1", Some(whole));
        for (url, parts) in [
            ("http://example.com/path1/p.php?", ["http", "example.com", "", "/path1/p.php", "", ""]),
            ("https://username:password@example.com", ["https", "example.com", "", "", "", ""]),
            ("mailto:test@example.com", ["mailto", "", "", "", "", ""]),
            ("foo", ["", "", "", "foo", "", ""]),
            ("", ["", "", "", "", "", ""]),
            ("HTTP://Example.COM/A", ["HTTP", "Example.COM", "", "/A", "", ""]),
            ("http://h/a%20b%C3%A9?x=%41&y#f%2Fg", ["http", "h", "", "/a bé", "x=A&y", "f/g"]),
            ("http://h/%ff", ["http", "h", "", "/\u{FFFD}", "", ""]),
            ("http://my_host.com:80/x", ["http", "", "", "/x", "", ""]),
            ("http://h:/x", ["http", "h", "", "/x", "", ""]),
            ("http://h:99999999999/x", ["http", "", "", "/x", "", ""]),
            ("http://192.168.0.1:1/x", ["http", "192.168.0.1", "1", "/x", "", ""]),
            ("http://[::1]:8080/x", ["http", "[::1]", "8080", "/x", "", ""]),
            ("file:///etc/hosts", ["file", "", "", "/etc/hosts", "", ""]),
            ("//h/p", ["", "h", "", "/p", "", ""]),
            ("/p?q", ["", "", "", "/p", "q", ""]),
            ("http://h/é", ["http", "h", "", "/é", "", ""]),
            ("a.b:c", ["a.b", "", "", "", "", ""]),
            ("http://h.1a/", ["http", "", "", "/", "", ""]),
            ("http://a-/", ["http", "", "", "/", "", ""]),
        ] {
            check_parts(url, Some(parts));
        }
        for url in [
            "http://example.com/^",
            "http://h/a b",
            "http://h/%zz",
            "http://h/%4",
            "http:",
            "http://",
            ":x",
            "1a:b",
            "http://h/#a#b",
            "http://[::1/",
            "http://a b/",
            "http://h/\u{A0}",
            "http://h/{x}",
        ] {
            check_parts(url, None);
        }
    }

    #[test]
    fn parameter() {
        let url = "varchar 'http://example.com/p.php?k1=v1&k2=v2&k3&k4=&k1=x&e=a%26b+c%C3%A9&k=a=b=c#Ref1'";
        check(
            "url_extract_parameter",
            &[
                (&[url, "varchar 'k1'"], "varchar 'v1'"),
                (&[url, "varchar 'k3'"], "varchar ''"),
                (&[url, "varchar 'k4'"], "varchar ''"),
                (&[url, "varchar 'k5'"], "varchar NULL"),
                (&[url, "varchar 'e'"], "varchar 'a&b cé'"),
                (&[url, "varchar 'k'"], "varchar 'a=b=c'"),
                (&["varchar 'foo'", "varchar 'k1'"], "varchar NULL"),
                (&["varchar 'http://h/^?k=1'", "varchar 'k'"], "varchar NULL"),
                (&[url, "varchar NULL"], "varchar NULL"),
            ],
        );
    }
}
