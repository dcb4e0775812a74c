//! Cases for the functions and for the syntax of expressions.

use crate::testing::check;

fn check_like(pattern: &str, cases: &[(&str, bool)]) {
    let pattern = format!("varchar '{pattern}'");
    for (text, expected) in cases {
        let text = format!("varchar '{text}'");
        check("regexp_like", &[(&[&text, &pattern], &format!("boolean {expected}"))]);
    }
}

fn check_fault(pattern: &str, message: &str) {
    let pattern = format!("varchar '{pattern}'");
    check("regexp_like", &[(&["varchar 'a'", &pattern], &format!("error {message}"))]);
}

/// All matches in the text, separated by bars.
fn check_matches(pattern: &str, text: &str, expected: &str) {
    let items: Vec<String> = match expected {
        "" => Vec::new(),
        _ => expected.split('|').map(|item| serde_json::Value::from(item).to_string()).collect(),
    };
    let (text, pattern) = (format!("varchar '{text}'"), format!("varchar '{pattern}'"));
    let expected = format!("array(varchar) [{}]", items.join(","));
    check("regexp_extract_all", &[(&[&text, &pattern], &expected)]);
}

#[test]
fn like() {
    check_like("Ste(v|ph)en", &[("Stephen", true), ("Stevens", true), ("Steen", false)]);
    check_like("^Ste(v|ph)en$", &[("Stephen", true), ("Stevens", false)]);
    check_like("^(?i)[a-z]+$", &[("Hello", true), ("H1", false)]);
    check_like("test\\b", &[("test", true), ("tests", false)]);
    check_like("", &[("", true), ("a", true)]);
    check(
        "regexp_like",
        &[
            (&["varchar NULL", "varchar 'a'"], "boolean NULL"),
            (&["varchar 'a'", "varchar NULL"], "boolean NULL"),
        ],
    );
}

#[test]
fn ends_of_lines_and_text() {
    check_like("a$", &[("a", true), ("a\n", true), ("a\n\n", false), ("a\nb", false), ("a\r", false)]);
    check_like("a\\Z", &[("a\n", true), ("a\n\n", false)]);
    check_like("a\\z", &[("a", true), ("a\n", false)]);
    check_like("^b", &[("b", true), ("a\nb", false)]);
    check_like("\\Ab", &[("b", true), ("a\nb", false)]);
    check_like("(?m)^b$", &[("a\nb\nc", true), ("a\nb", true), ("b\n", true), ("a\rb", false)]);
    check_like("(?m)\\Ab", &[("a\nb", false)]);
    check_like("a.b", &[("a\nb", false), ("a\rb", true), ("a\u{2028}b", true)]);
    check_like("(?s)a.b", &[("a\nb", true)]);
    check_like("a(?s:.)b.c", &[("a\nb\nc", false), ("a\nbxc", true)]);
    // Nothing is behind a line break that ends the text.
    check("regexp_count", &[(&["varchar 'a\nb\n'", "varchar '(?m)^'"], "bigint 2")]);
    check("regexp_count", &[(&["varchar 'a\nb'", "varchar '(?m)^'"], "bigint 2")]);
    check("regexp_count", &[(&["varchar 'a\nb\n'", "varchar '(?m)$'"], "bigint 3")]);
    check("regexp_count", &[(&["varchar 'a\n'", "varchar '$'"], "bigint 2")]);
    check("regexp_replace", &[(&["varchar 'a\n'", "varchar '\\s+$'", "varchar ''"], "varchar 'a'")]);
}

#[test]
fn classes() {
    check_matches("[a-c&&[^b]]", "abcd", "a|c");
    check_matches("[a-z&&[aeiou]]", "hello", "e|o");
    check_matches("[^a-c&&[b]]", "abc", "a|c");
    check_matches("[]a]", "]ab", "]|a");
    check_matches("[^]a]", "]ab", "b");
    check_matches("[a-]", "a-b", "a|-");
    check_matches("[-a]", "a-b", "a|-");
    check_matches("[0-9-a]", "5-a", "5|a");
    check_matches("[a-zA-Z0-9-_.]+", "a-Z_9.", "a|Z_9.");
    check_matches("[a-c-]", "b-", "b|-");
    check_matches("[a-c-e-g]", "b-df", "b|f");
    check_matches("[\\w-.]+", "a-b(c):d", "a-b(c)|d");
    check_matches("[x\\d-z]", "wy1-", "y|1");
    check_matches("[.\\w-z]", "-.;", ".|;");
    check_matches("[a[x]-c]", "b-x", "b|x");
    check_matches("[a-[x]]", "a-x", "x");
    check_matches("[[:digit:]-b]", "-a1z", "-|a|1");
    check_matches("[\\w-]+", "ab-c d", "ab-c|d");
    check_matches("[\\w.-]+@[\\w-]+", "me x.y@z-1 ", "x.y@z-1");
    check_matches("[[:alpha:]]+", "abé1", "abé");
    check_matches("[[:^alpha:]]+", "abé1", "1");
    check_matches("[[:digit:]_]+", "a1_2", "1_2");
    check_matches("[\\[\\]]", "[a]", "[|]");
    check_matches("[a[bc]]", "abcd", "a|b|c");
    check_matches("[$.^|*+?(){}]", "a$.^*+?(){}", "$|.|^|*|+|?|(|)|{|}");
    check_matches("[a~~b]", "a~b-", "a|~|b");
    check_matches("[\\n\\t\\\\ ]", "a\n\\", "\n|\\");
    check_matches("[é-ü😀]", "eéöü😀", "é|ö|ü|😀");
    check_matches("[\\x{1F600}\\u00e9]", "é😀", "é|😀");
    check_matches("[^\\d\\s]+", "ab 12c", "ab|c");
    check_matches("[\\W]+", "a é-b", " é-");
    check_matches("[&a]", "a&b", "a|&");
    for (pattern, message) in [
        ("[a", "premature end of char-class"),
        ("[]", "empty char-class"),
        ("[^]", "empty char-class"),
        ("[a--]", "empty range in char class"),
        ("[z-a]", "empty range in char class"),
        ("[a-\\d]", "char-class value at end of range"),
        ("[\\d-\\s]", "char-class value at end of range"),
        ("[a-c-\\d]", "char-class value at end of range"),
        ("[z\\w-a]", "empty range in char class"),
        ("[[:foo:]]", "invalid POSIX bracket type"),
    ] {
        check_fault(pattern, message);
    }
    check_fault(&"[".repeat(1000), "char-class");
}

#[test]
fn escapes_and_properties() {
    check_matches("\\d+", "a12٣", "12");
    check_matches("\\w+", "abé_1 c", "ab|_1|c");
    check_matches("\\s", "a\u{A0} b\u{B}", " |\u{B}");
    check_matches("\\D\\W\\S", "a b1-c", "a b");
    check_matches("\\p{L}+", "abé1ж", "abé|ж");
    check_matches("\\pL+", "ab1", "ab");
    check_matches("\\P{L}+", "ab12c", "12");
    check_matches("\\p{Lu}", "aÉB", "É|B");
    check_matches("(?i)\\p{Lu}", "aÉB", "É|B");
    check_matches("\\p{Hiragana}+", "aひらカ", "ひら");
    check_matches("\\p{InCyrillic}+", "aжb", "ж");
    check_matches("\\p{Alpha}+\\p{Digit}", "ab1", "ab1");
    check_matches("\\p{Punct}", "a,b!", ",|!");
    check_matches("\\x41\\u0042\\x{43}\\103", "ABCC", "ABCC");
    check_matches("\\xC3\\xA9", "é", "é");
    check_matches("\\Qa.b\\E+", "a.bb axb", "a.bb");
    check_matches("\\Qa.b", "a.b", "a.b");
    check_matches("\\.\\-\\/\\@\\#\\ \\_\\<", ".-/@# _<", ".-/@# _<");
    check_matches("a{,2}", "a{,2}", "a{,2}");
    check_matches("a{x}|{}|\\{1}", "a{x}{}{1}", "a{x}|{}|{1}");
    check_matches("x}]", "x}]", "x}]");
    for (pattern, message) in [
        ("\\p{IsAlphabetic}", "invalid character property name {IsAlphabetic}"),
        ("\\p{javaLowerCase}", "invalid character property name {javaLowerCase}"),
        ("\\p{Nonsense}", "invalid character property name {Nonsense}"),
        ("\\p{L", "invalid character property name"),
        ("a\\", "end pattern at escape"),
        ("\\xE9", "too short multibyte string"),
        ("\\uD800", "invalid code point value"),
    ] {
        check_fault(pattern, message);
    }
}

#[test]
fn flags_and_groups() {
    check_matches("a(?i)b|c", "aB aC c ab", "aB|aC|ab");
    check_matches("(?:(?i)a)b", "Ab aB", "Ab");
    check_matches("(?i:é)x", "Éx éX", "Éx");
    check_matches("(?i)a(?-i)b", "Ab AB", "Ab");
    check_matches("(?x) a b # comment\n c", "abc a b c", "abc");
    check_matches("(?x)a[ ]b", "a b", "a b");
    check_matches("a(?#comment)b", "ab", "ab");
    check_matches("(?i)k", "kK\u{212A}", "k|K|\u{212A}");
    check_matches("a|", "ab", "a||");
    check_matches("x*?y", "xxy", "xxy");
    check_matches("a{2}", "aaaaa", "aa|aa");
    check_matches("a{2,}?", "aaaa", "aa|aa");
    for (pattern, message) in [
        ("(", "end pattern with unmatched parenthesis"),
        ("a)", "unmatched close parenthesis"),
        ("*a", "target of repeat operator is not specified"),
        ("a|*", "target of repeat operator is not specified"),
        ("(?", "end pattern in group"),
        ("(?u)a", "undefined group option"),
        ("(?<>a)", "group name is empty"),
        ("(?<a>a)(?<a>b)", "multiplex defined name <a>"),
        ("a{3,1}", "upper is smaller than lower in repeat range"),
        ("a{100001}", "too big number for repeat range"),
        ("a{99999999999}", "too big number for repeat range"),
        ("\\1", "invalid backref number/name"),
        ("(a)\\2", "invalid backref number/name"),
        ("\\k<x>", "undefined name <x> reference"),
        ("(\\w{1000}){1000}", "too large"),
    ] {
        check_fault(pattern, message);
    }
    check_fault(&"(".repeat(100_000), "too deep nest level");
    check_fault(&format!("{}{}", "(a|".repeat(150), ")".repeat(150)), "Invalid regular expression");
}

#[test]
fn backtracking() {
    check_matches("a(?=b)", "ab ac", "a");
    check_matches("a(?!b)\\w", "ab ac", "ac");
    check_matches("(?<=\\$)\\d+", "$12 13", "12");
    check_matches("(?<!a)b", "ab bb", "b|b");
    check_matches("(\\w)\\1", "hello book", "ll|oo");
    check_matches("(?i)(a)\\1", "aA", "aA");
    check_matches("(?<q>[xy]).\\k<q>", "xay xbx", "xbx");
    check_matches("(a)\\10", "aa0", "");
    check_matches("a++a", "aaa", "");
    check_matches("a*+b", "aab", "aab");
    check_matches("(?>a|ab)c", "abc", "");
    check_matches("x{2,3}+x", "xxxx xxx", "xxxx");
    check_matches("[^\"]*+\"", "ab\"", "ab\"");
    check_like("(?<=a)$", &[("ba\n", true), ("ab\n", false)]);
    check(
        "regexp_extract",
        &[(&["varchar 'k=v;'", "varchar '(?<=k=)([^;]+)(?=;)'", "bigint 1"], "varchar 'v'")],
    );
    let many = format!("varchar '{}'", "a".repeat(40));
    check("regexp_like", &[(&[&many, "varchar '(?=a)(a+)+\\1b'"], "error too many steps")]);
    check("regexp_like", &[(&[&many, "varchar '(a+)+b'"], "boolean false")]);
}

#[test]
fn extract() {
    let text = "varchar(15) 'Hello world bye'";
    let pattern = "varchar '\\b[a-z]([a-z]*)'";
    check(
        "regexp_extract",
        &[
            (&[text, pattern], "varchar(15) 'world'"),
            (&[text, pattern, "bigint 1"], "varchar(15) 'orld'"),
            (&["varchar 'rat cat\nbat dog'", "varchar 'ra(.)|blah(.)(.)'", "bigint 2"], "varchar NULL"),
            (&["varchar '12345'", "varchar 'x'"], "varchar NULL"),
            (&["varchar 'Baby X'", "varchar 'by ([A-Z].*)\\b[a-z]'"], "varchar NULL"),
            (&["varchar 'abc'", "varchar ''"], "varchar ''"),
            (&[text, pattern, "bigint NULL"], "varchar(15) NULL"),
            (&[text, pattern, "bigint -1"], "error Group cannot be negative"),
            (&[text, pattern, "bigint 2"], "error Pattern has 1 groups. Cannot access group 2"),
            (&["varchar ''", "varchar 'x'", "bigint 9223372036854775807"], "error Pattern has 0 groups"),
        ],
    );
}

#[test]
fn extract_all() {
    check(
        "regexp_extract_all",
        &[
            (&["varchar(5) 'a有💰'", "varchar ''"], "array(varchar(5)) [\"\",\"\",\"\",\"\"]"),
            (&["varchar 'a有💰'", "varchar '.'"], "array(varchar) [\"a\",\"有\",\"💰\"]"),
            (&["varchar ''", "varchar ''"], "array(varchar) [\"\"]"),
            (&["varchar ''", "varchar 'x'"], "array(varchar) []"),
            (
                &["varchar 'rat cat\nbat dog'", "varchar '(.)at'", "bigint 1"],
                "array(varchar) [\"r\",\"c\",\"b\"]",
            ),
            (&["varchar 'rat cat'", "varchar 'ra(.)|blah(.)(.)'", "bigint 2"], "array(varchar) [null]"),
            (&["varchar NULL", "varchar 'x'"], "array(varchar) NULL"),
            (
                &["varchar 'hello'", "varchar '(.)'", "bigint 2"],
                "error Pattern has 1 groups. Cannot access group 2",
            ),
            (&["varchar '12345'", "varchar '('"], "error end pattern with unmatched parenthesis"),
        ],
    );
}

#[test]
fn split() {
    check(
        "regexp_split",
        &[
            (&["varchar(3) 'a有💰'", "varchar ''"], "array(varchar(3)) [\"\",\"a\",\"有\",\"💰\",\"\"]"),
            (&["varchar 'a有'", "varchar '.'"], "array(varchar) [\"\",\"\",\"\"]"),
            (&["varchar ''", "varchar ''"], "array(varchar) [\"\",\"\"]"),
            (&["varchar 'abc'", "varchar 'a'"], "array(varchar) [\"\",\"bc\"]"),
            (&["varchar 'a.b:c;d'", "varchar '[\\.:;]'"], "array(varchar) [\"a\",\"b\",\"c\",\"d\"]"),
            (&["varchar 'a1b2346c3d'", "varchar '\\d+'"], "array(varchar) [\"a\",\"b\",\"c\",\"d\"]"),
            (&["varchar ',,a,,b,'", "varchar ','"], "array(varchar) [\"\",\"\",\"a\",\"\",\"b\",\"\"]"),
            (&["varchar 'abcd'", "varchar 'x'"], "array(varchar) [\"abcd\"]"),
            (&["varchar ''", "varchar 'x'"], "array(varchar) [\"\"]"),
            (&["varchar 'a'", "varchar NULL"], "array(varchar) NULL"),
        ],
    );
}

#[test]
fn count_and_position() {
    check(
        "regexp_count",
        &[
            (&["varchar 'a.b:c;d'", "varchar '[\\.:;]'"], "bigint 3"),
            (&["varchar 'rat cat bat'", "varchar '.at'"], "bigint 3"),
            (&["varchar 'aé'", "varchar ''"], "bigint 3"),
            (&["varchar ''", "varchar 'x'"], "bigint 0"),
            (&["varchar NULL", "varchar 'x'"], "bigint NULL"),
        ],
    );
    check(
        "regexp_position",
        &[
            (&["varchar 'a.b:c;d'", "varchar '[\\.:;]'"], "integer 2"),
            (&["varchar 'a,b,c'", "varchar ','", "integer 3"], "integer 4"),
            (&["varchar 'a1b2c3d'", "varchar '\\d'", "integer 1", "integer 3"], "integer 6"),
            (&["varchar 'a1b2c3d'", "varchar '\\d'", "integer 1", "integer 4"], "integer -1"),
            (&["varchar '行成于思str而毁123于随'", "varchar '于'", "integer 3", "integer 2"], "integer 13"),
            (&["varchar '行成于思'", "varchar ''", "integer 3"], "integer 3"),
            (&["varchar 'abc'", "varchar 'c'", "integer 4"], "integer -1"),
            (&["varchar ''", "varchar ''"], "integer -1"),
            (&["varchar 'a'", "varchar 'a'", "integer 2147483647"], "integer -1"),
            (&["varchar 'abc'", "varchar ''", "integer 1", "integer 5"], "integer -1"),
            (&["varchar 'a'", "varchar 'a'", "integer 0"], "error start position cannot be smaller than 1"),
            (
                &["varchar 'a'", "varchar 'a'", "integer 1", "integer 0"],
                "error occurrence cannot be smaller than 1",
            ),
            (&["varchar 'a'", "varchar 'a'", "integer NULL"], "integer NULL"),
        ],
    );
}
