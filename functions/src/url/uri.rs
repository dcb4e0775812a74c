//! The parts of a URL, by the rules of `java.net.URI`: RFC 2396 with IPv6 addresses (RFC 2732), and other
//! characters than ASCII wherever an escape may be.
//!
//! An authority that is no host with a port is still valid as the name of a registry; it then has no host.

use std::net::Ipv6Addr;

/// The parts as written, not decoded.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Uri<'a> {
    pub(super) scheme: Option<&'a str>,
    pub(super) host: Option<&'a str>,
    pub(super) port: Option<i32>,
    pub(super) path: Option<&'a str>,
    pub(super) query: Option<&'a str>,
    pub(super) fragment: Option<&'a str>,
}

/// None: this is no URL.
pub(super) fn parse(text: &str) -> Option<Uri<'_>> {
    let mut uri = Uri::default();
    let (before, fragment) = split_at_first(text, "#");
    if let Some(fragment) = fragment {
        all(fragment, is_uric)?;
        uri.fragment = Some(fragment);
    }
    let mut hierarchical = before;
    if let Some(at) = before.find(['/', '?', ':'])
        && let Some((scheme, rest)) = before.split_at_checked(at)
        && let Some(rest) = rest.strip_prefix(':')
    {
        check_scheme(scheme)?;
        uri.scheme = Some(scheme);
        if !rest.starts_with('/') {
            // Opaque, such as a mail address: nothing in it has a name.
            return (!rest.is_empty() && all(rest, is_uric).is_some()).then_some(uri);
        }
        hierarchical = rest;
    }
    parse_hierarchical(hierarchical, fragment.is_some(), &mut uri)?;
    Some(uri)
}

fn parse_hierarchical<'a>(text: &'a str, has_fragment: bool, uri: &mut Uri<'a>) -> Option<()> {
    let (before, query) = split_at_first(text, "?");
    let mut path = before;
    if let Some(rest) = before.strip_prefix("//") {
        let (authority, behind) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if !authority.is_empty() {
            parse_authority(authority, uri)?;
        } else if behind.is_empty() && query.is_none() && !has_fragment {
            return None;
        }
        path = behind;
    }
    all(path, is_path)?;
    uri.path = Some(path);
    if let Some(query) = query {
        all(query, is_uric)?;
        uri.query = Some(query);
    }
    Some(())
}

fn parse_authority<'a>(authority: &'a str, uri: &mut Uri<'a>) -> Option<()> {
    // The host's characters are checked with the host itself; of those before it, `all` takes care.
    match parse_server(authority) {
        Some((host, port)) => {
            uri.host = Some(host);
            uri.port = port;
            Some(())
        }
        None => all(authority, |letter| is_unreserved(letter) || "$,;:@&=+".contains(letter)),
    }
}

/// `user@host:port`
fn parse_server(authority: &str) -> Option<(&str, Option<i32>)> {
    let mut rest = authority;
    if let Some((user, behind)) = authority.split_once('@') {
        all(user, is_userinfo)?;
        rest = behind;
    }
    let length = match rest.strip_prefix('[') {
        Some(address) => ipv6_length(address)? + 2,
        None => ipv4_length(rest).or_else(|| hostname_length(rest))?,
    };
    let (host, behind) = rest.split_at_checked(length)?;
    match behind.strip_prefix(':') {
        Some("") => Some((host, None)),
        Some(port) if port.bytes().all(|digit| digit.is_ascii_digit()) => {
            Some((host, Some(port.parse().ok()?)))
        }
        Some(_) => None,
        None => behind.is_empty().then_some((host, None)),
    }
}

/// The length of the address in brackets, with its zone.
fn ipv6_length(text: &str) -> Option<usize> {
    let length = text.find(']')?;
    let (address, zone) = split_at_first(text.get(..length)?, "%");
    let is_zone = |letter: char| letter.is_ascii_alphanumeric() || "_.".contains(letter);
    if zone.is_some_and(|zone| zone.is_empty() || !zone.chars().all(is_zone)) {
        return None;
    }
    address.parse::<Ipv6Addr>().ok().map(|_| length)
}

/// Four numbers, each up to 255, at the end or before a port.
fn ipv4_length(text: &str) -> Option<usize> {
    let length = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
    let (address, behind) = text.split_at_checked(length)?;
    let is_byte = |number: &str| number.parse::<u64>().is_ok_and(|number| number <= 255);
    let is_address = address.split('.').count() == 4 && address.split('.').all(is_byte);
    (is_address && (behind.is_empty() || behind.starts_with(':'))).then_some(length)
}

/// Labels with points between; a hyphen stands within a label, and the last one of several begins with a
/// letter. A point may follow.
fn hostname_length(text: &str) -> Option<usize> {
    let length = text.find(':').unwrap_or(text.len());
    let name = text.get(..length)?;
    let labels = name.strip_suffix('.').unwrap_or(name);
    let is_label = |label: &str| {
        let has_end = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_alphanumeric());
        has_end(label.chars().next())
            && has_end(label.chars().next_back())
            && label.bytes().all(|letter| letter.is_ascii_alphanumeric() || letter == b'-')
    };
    if !labels.split('.').all(is_label) {
        return None;
    }
    let last_is_name = match labels.rsplit_once('.') {
        Some((_, last)) => last.starts_with(|letter: char| letter.is_ascii_alphabetic()),
        None => true,
    };
    last_is_name.then_some(length)
}

fn check_scheme(scheme: &str) -> Option<()> {
    let mut letters = scheme.chars();
    let is_scheme = letters.next()?.is_ascii_alphabetic()
        && letters.all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter));
    is_scheme.then_some(())
}

fn split_at_first<'a>(text: &'a str, separator: &str) -> (&'a str, Option<&'a str>) {
    match text.split_once(separator) {
        Some((before, behind)) => (before, Some(behind)),
        None => (text, None),
    }
}

/// Checks each character, each escape, and that other characters than ASCII can be seen.
fn all(text: &str, allowed: impl Fn(char) -> bool) -> Option<()> {
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let length = match letter {
            '%' => escape_length(rest)?,
            _ if allowed(letter) || is_visible_other(letter) => letter.len_utf8(),
            _ => return None,
        };
        rest = rest.get(length..)?;
    }
    Some(())
}

fn escape_length(text: &str) -> Option<usize> {
    let digits = text.as_bytes().get(1..3)?;
    digits.iter().all(u8::is_ascii_hexdigit).then_some(3)
}

fn is_unreserved(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "-_.!~*'()".contains(letter)
}

fn is_uric(letter: char) -> bool {
    is_unreserved(letter) || ";/?:@&=+$,[]".contains(letter)
}

fn is_path(letter: char) -> bool {
    is_unreserved(letter) || ":@&=+$,;/".contains(letter)
}

fn is_userinfo(letter: char) -> bool {
    is_unreserved(letter) || ";:&=+$,".contains(letter)
}

/// Beyond ASCII, neither a control character nor a space.
fn is_visible_other(letter: char) -> bool {
    let is_space = matches!(
        letter,
        '\u{A0}' | '\u{1680}' | '\u{2000}'
            ..='\u{200A}' | '\u{2028}' | '\u{2029}' | '\u{202F}' | '\u{205F}' | '\u{3000}'
    );
    letter > '\u{80}' && !letter.is_control() && !is_space
}
