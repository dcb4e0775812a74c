//! Character classes: `[a-z&&[^aeiou]\d]`.
//!
//! A `]` that comes first is a bracket, and a hyphen at an end of the class is a hyphen, as in Trino's
//! regular expression library. Elsewhere that library takes some hyphens for ranges, or for nothing, see
//! [`Members`].

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
                Some(class) => members.push_class(&class)?,
                None => members.push_nested(&read_class(scanner, depth + 1)?),
            },
            '\\' => match read_escape(scanner)? {
                Member::Letter(letter) => members.push_letter(letter)?,
                Member::Class(class) => members.push_class(&class)?,
            },
            '-' => read_hyphen(scanner, &mut members)?,
            _ => members.push_letter(letter)?,
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

fn read_hyphen(scanner: &Scanner, members: &mut Members) -> Result<(), Fault> {
    match members.state {
        State::Member if !ends_segment(scanner) => {
            members.state = State::Range;
            Ok(())
        }
        State::Complete if !ends_segment(scanner) => match scanner.rest() {
            ['\\', 'd' | 'D' | 'w' | 'W' | 's' | 'S' | 'p' | 'P', ..] => Err(no_letter()),
            // What follows counts in the hyphen's stead, and then once more.
            [next @ ('-' | '['), ..] => members.push_letter(*next),
            _ => Ok(()),
        },
        _ => members.push_letter('-'),
    }
}

fn no_letter() -> Fault {
    syntax("char-class value at end of range")
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

/// What came last in a class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Start,
    /// A character or a class such as `\w`.
    Member,
    /// A hyphen behind a member.
    Range,
    /// A range with its end.
    Complete,
}

/// What a class holds so far, and where Trino's library is when it reads one.
///
/// A hyphen behind a class begins a range, too: with the last character before it, or with U+0000. So
/// `[\w-.]` is `[\w\x00-.]`. Behind a range a hyphen is nothing: `[0-9-a]` is `[0-9a]`.
#[derive(Default)]
struct Members {
    /// Complete segments of an intersection.
    segments: Vec<String>,
    segment: String,
    state: State,
    /// The last character. A range may begin with it.
    last: char,
    /// It is not yet in the segment.
    is_pending: bool,
}

impl Members {
    fn flush(&mut self) {
        if self.state == State::Member && self.is_pending {
            push_literal(&mut self.segment, self.last);
        }
        self.is_pending = false;
    }

    fn push_letter(&mut self, letter: char) -> Result<(), Fault> {
        if self.state == State::Range {
            if self.last > letter {
                return Err(syntax("empty range in char class"));
            }
            push_literal(&mut self.segment, self.last);
            self.segment.push('-');
            push_literal(&mut self.segment, letter);
            (self.state, self.is_pending) = (State::Complete, false);
        } else {
            self.flush();
            (self.state, self.is_pending) = (State::Member, true);
        }
        self.last = letter;
        Ok(())
    }

    /// A class that a backslash or a name stands for.
    fn push_class(&mut self, class: &str) -> Result<(), Fault> {
        if self.state == State::Range {
            return Err(no_letter());
        }
        self.flush();
        self.state = State::Member;
        self.segment.push_str(class);
        Ok(())
    }

    /// A class in brackets, between whatever stands around it.
    fn push_nested(&mut self, class: &str) {
        self.segment.push_str(class);
    }

    fn end_segment(&mut self) {
        self.flush();
        if self.state == State::Member {
            self.last = '\0';
        }
        self.state = State::Start;
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
