//! Character classes: `[a-z&&[^aeiou]\d]`.
//!
//! A hyphen that cannot mean a range is a hyphen, and a `]` that comes first is a bracket, as in Trino's
//! regular expression library.

use super::{
    property::posix_class,
    scan::{Escape, Scanner, push_literal, syntax},
};
use crate::Fault;

/// Classes within classes.
const DEPTH_MAX: usize = 50;
/// The engine has no empty class, but it has one without members.
const NOTHING: &str = r"[^\x{0}-\x{10FFFF}]";

/// Reads a class behind its bracket and returns it in the engine's syntax.
pub(super) fn read_class(scanner: &mut Scanner, depth: usize) -> Result<String, Fault> {
    if depth > DEPTH_MAX {
        return Err(syntax("too deep nest level in char-class"));
    }
    let negated = scanner.take("^");
    let mut members = Members::default();
    let mut is_first = true;
    loop {
        let letter = scanner.next().ok_or_else(|| syntax("premature end of char-class"))?;
        match letter {
            ']' if is_first && !scanner.rest().contains(&']') => return Err(syntax("empty char-class")),
            ']' if !is_first => break,
            '&' if scanner.take("&") => members.end_segment(),
            '[' => match read_posix_class(scanner)? {
                Some(class) => members.push_class(&class),
                None => members.push_class(&read_class(scanner, depth + 1)?),
            },
            '\\' => match read_escape(scanner)? {
                Member::Letter(letter) => members.push_letter(letter),
                Member::Class(class) => members.push_class(&class),
            },
            '-' if members.last.is_some() && !ends_segment(scanner) => {
                let last = range_end(scanner)?;
                members.push_range(last)?;
            }
            _ => members.push_letter(letter),
        }
        is_first = false;
    }
    Ok(members.finish(negated))
}

enum Member {
    Letter(char),
    Class(String),
}

fn read_escape(scanner: &mut Scanner) -> Result<Member, Fault> {
    let letter = scanner.next().ok_or_else(|| syntax("end pattern at escape"))?;
    Ok(match scanner.escape(letter)? {
        Escape::Letter(letter) => Member::Letter(letter),
        Escape::Class(inside, negated) | Escape::Property(inside, negated) => {
            Member::Class(bracketed(&inside, negated))
        }
    })
}

pub(super) fn bracketed(inside: &str, negated: bool) -> String {
    format!("[{}{inside}]", if negated { "^" } else { "" })
}

/// True if the class or the segment ends here, so that a hyphen before it is a hyphen.
fn ends_segment(scanner: &Scanner) -> bool {
    matches!(scanner.rest(), [] | [']', ..] | ['&', '&', ..])
}

fn range_end(scanner: &mut Scanner) -> Result<char, Fault> {
    let no_letter = || syntax("char-class value at end of range");
    match scanner.next() {
        Some('[') => Err(no_letter()),
        Some('\\') => match read_escape(scanner)? {
            Member::Letter(letter) => Ok(letter),
            Member::Class(_) => Err(no_letter()),
        },
        Some(letter) => Ok(letter),
        None => Err(syntax("premature end of char-class")),
    }
}

/// Reads `:alpha:]` if that is what follows the bracket.
fn read_posix_class(scanner: &mut Scanner) -> Result<Option<String>, Fault> {
    let start = scanner.position();
    if scanner.take(":") {
        let negated = scanner.take("^");
        if let Some(name) = scanner.take_until(':')
            && scanner.take("]")
        {
            let class = posix_class(&name).ok_or_else(|| syntax("invalid POSIX bracket type"))?;
            return Ok(Some(bracketed(class, negated)));
        }
        scanner.back_to(start);
    }
    Ok(None)
}

/// What a class holds so far.
#[derive(Default)]
struct Members {
    /// Complete segments of an intersection.
    segments: Vec<String>,
    segment: String,
    /// The last character, not yet in the segment: a range may begin with it.
    last: Option<char>,
}

impl Members {
    fn flush(&mut self) {
        if let Some(letter) = self.last.take() {
            push_literal(&mut self.segment, letter);
        }
    }

    fn push_letter(&mut self, letter: char) {
        self.flush();
        self.last = Some(letter);
    }

    fn push_class(&mut self, class: &str) {
        self.flush();
        self.segment.push_str(class);
    }

    fn push_range(&mut self, to: char) -> Result<(), Fault> {
        let Some(from) = self.last.take() else {
            return Err(syntax("unmatched range specifier in char-class"));
        };
        if from > to {
            return Err(syntax("empty range in char class"));
        }
        push_literal(&mut self.segment, from);
        self.segment.push('-');
        push_literal(&mut self.segment, to);
        Ok(())
    }

    fn end_segment(&mut self) {
        self.flush();
        self.segments.push(std::mem::take(&mut self.segment));
    }

    fn finish(mut self, negated: bool) -> String {
        self.end_segment();
        let whole = |segment: &String| match segment.is_empty() {
            true => NOTHING.to_owned(),
            false => bracketed(segment, false),
        };
        match self.segments.as_slice() {
            [only] if !only.is_empty() => bracketed(only, negated),
            several => {
                let several: Vec<String> = several.iter().map(whole).collect();
                bracketed(&several.join("&&"), negated)
            }
        }
    }
}
