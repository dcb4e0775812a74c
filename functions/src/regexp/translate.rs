//! From Trino's regular expressions to the syntax of the engines.
//!
//! Trino's default library is Joni with the syntax of Java. What is different here and there:
//! - `$` and `\Z` also match before a line break at the end of the text; with `(?m)`, `^` does not match behind
//!   it. The engines say that with look-around only, which is slow, so there are two translations: one for
//!   texts that end with a line break, one for all others.
//! - `(?i)` in the middle of a group holds to its end, alternatives included: `a(?i)b|c` is `a(?i:b|c)`.
//! - `\d`, `\w` and `\s` are ASCII, properties are Unicode and ignore `(?i)`.
//! - A brace that begins no interval, and a letter that is no escape, stand for themselves.

use super::{
    class::{bracketed, read_class},
    scan::{Escape, Scanner, push_literal, syntax},
};
use crate::Fault;

/// Largest bound of an interval.
const REPEAT_MAX: u32 = 100_000;
/// Groups within groups.
const DEPTH_MAX: usize = 200;

/// What a translation is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Texts {
    /// That end with a line break.
    EndingWithNewline,
    Others,
}

/// An expression in the engines' syntax.
#[derive(Debug)]
pub(super) struct Translation {
    pub(super) text: String,
    /// Needs the engine that can backtrack.
    pub(super) backtracks: bool,
    /// The other [`Texts`] have another translation.
    pub(super) depends_on_end: bool,
    /// Capturing groups, without the whole match.
    pub(super) groups: usize,
    /// Names of groups, and their numbers.
    pub(super) names: Vec<(String, usize)>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Flags {
    ignore_case: bool,
    dot_is_any: bool,
    multi_line: bool,
    extended: bool,
}

/// A group that is open.
struct Open {
    /// As they were before it.
    flags: Flags,
    /// Groups of the translation to close with it.
    closes: usize,
}

struct Translator {
    scanner: Scanner,
    texts: Texts,
    flags: Flags,
    open: Vec<Open>,
    /// Groups to close at the end of the group that is open.
    closes: usize,
    /// What came last can be repeated.
    repeatable: bool,
    backreference_max: usize,
    result: Translation,
}

pub(super) fn translate(pattern: &str, texts: Texts) -> Result<Translation, Fault> {
    let result = Translation {
        text: String::with_capacity(pattern.len() + 16),
        backtracks: false,
        depends_on_end: false,
        groups: 0,
        names: Vec::new(),
    };
    let mut translator = Translator {
        scanner: Scanner::new(pattern),
        texts,
        flags: Flags::default(),
        open: Vec::new(),
        closes: 0,
        repeatable: false,
        backreference_max: 0,
        result,
    };
    while let Some(letter) = translator.scanner.next() {
        translator.read(letter)?;
    }
    if !translator.open.is_empty() {
        return Err(syntax("end pattern with unmatched parenthesis"));
    }
    if translator.backreference_max > translator.result.groups {
        return Err(syntax("invalid backref number/name"));
    }
    translator.close_flag_groups();
    Ok(translator.result)
}

impl Translator {
    fn read(&mut self, letter: char) -> Result<(), Fault> {
        match letter {
            '\\' => self.read_escape()?,
            '[' => {
                let class = read_class(&mut self.scanner, 0)?;
                self.atom(&class);
            }
            '(' => self.read_group()?,
            ')' => self.close_group()?,
            '|' => {
                self.result.text.push('|');
                self.repeatable = false;
            }
            '.' => self.atom(if self.flags.dot_is_any { "(?s:.)" } else { "." }),
            '^' => self.line_start(),
            '$' if self.flags.multi_line => self.atom("(?m:$)"),
            '$' => self.text_end(),
            '*' | '+' | '?' => self.repeat(&letter.to_string())?,
            '{' => match self.interval()? {
                Some(interval) => self.repeat(&interval)?,
                None => self.literal('{'),
            },
            ' ' | '\t' | '\n' | '\r' | '\u{C}' if self.flags.extended => {}
            '#' if self.flags.extended => {
                if self.scanner.take_until('\n').is_none() {
                    while self.scanner.next().is_some() {}
                }
            }
            _ => self.literal(letter),
        }
        Ok(())
    }

    fn atom(&mut self, text: &str) {
        self.result.text.push_str(text);
        self.repeatable = true;
    }

    /// Something only the engine that backtracks understands.
    fn backtracking_atom(&mut self, text: &str) {
        self.result.backtracks = true;
        self.atom(text);
    }

    fn literal(&mut self, letter: char) {
        push_literal(&mut self.result.text, letter);
        self.repeatable = true;
    }

    fn line_start(&mut self) {
        if !self.flags.multi_line {
            return self.atom(r"\A");
        }
        self.result.depends_on_end = true;
        match self.texts {
            Texts::Others => self.atom("(?m:^)"),
            Texts::EndingWithNewline => self.backtracking_atom(r"(?:\A|(?<=\n)(?!\z))"),
        }
    }

    fn text_end(&mut self) {
        self.result.depends_on_end = true;
        match self.texts {
            Texts::Others => self.atom(r"\z"),
            Texts::EndingWithNewline => self.backtracking_atom(r"(?=\n?\z)"),
        }
    }

    fn read_escape(&mut self) -> Result<(), Fault> {
        let letter = self.scanner.next().ok_or_else(|| syntax("end pattern at escape"))?;
        match letter {
            'A' => self.atom(r"\A"),
            'z' => self.atom(r"\z"),
            'Z' => self.text_end(),
            'b' => self.atom(r"\b"),
            'B' => self.atom(r"\B"),
            'G' => self.backtracking_atom(r"\G"),
            'Q' => self.quotation(),
            'k' => self.named_backreference()?,
            '1'..='9' => self.numbered_backreference(letter)?,
            _ => match self.scanner.escape(letter)? {
                Escape::Letter(letter) => self.literal(letter),
                Escape::Class(inside, negated) | Escape::Property(inside, negated) => {
                    self.caseless_class(&bracketed(&inside, negated));
                }
            },
        }
        Ok(())
    }

    fn caseless_class(&mut self, class: &str) {
        match self.flags.ignore_case {
            true => self.atom(&format!("(?-i:{class})")),
            false => self.atom(class),
        }
    }

    /// Everything is literal up to `\E` or the end.
    fn quotation(&mut self) {
        while !self.scanner.take(r"\E")
            && let Some(letter) = self.scanner.next()
        {
            self.literal(letter);
        }
    }

    fn numbered_backreference(&mut self, first: char) -> Result<(), Fault> {
        let before = self.scanner.position();
        let mut number = first.to_digit(10).unwrap_or(0);
        if let Some(more) = self.scanner.number() {
            let digits = u32::try_from(self.scanner.position() - before).unwrap_or(u32::MAX);
            let scale = 10_u32.checked_pow(digits).and_then(|scale| number.checked_mul(scale));
            number = scale.and_then(|scale| scale.checked_add(more.ok()?)).unwrap_or(u32::MAX);
        }
        let number = usize::try_from(number).unwrap_or(usize::MAX);
        if number > 9 && number > self.result.groups {
            // No group yet has that number: it is the octal number of a character.
            self.scanner.back_to(before);
            if let Escape::Letter(letter) = self.scanner.escape(first)? {
                self.literal(letter);
            }
            return Ok(());
        }
        self.backreference(number);
        Ok(())
    }

    fn backreference(&mut self, number: usize) {
        self.backreference_max = self.backreference_max.max(number);
        self.backtracking_atom(&format!("(?:\\{number})"));
    }

    fn named_backreference(&mut self) -> Result<(), Fault> {
        let end = match self.scanner.peek() {
            Some('<') => '>',
            Some('\'') => '\'',
            _ => {
                self.literal('k');
                return Ok(());
            }
        };
        self.scanner.next();
        let name = self.scanner.take_until(end).ok_or_else(|| syntax("invalid group name <>"))?;
        let named = self.result.names.iter().find(|(known, _)| *known == name).map(|(_, number)| *number);
        // A negative number counts back from the last group so far.
        let numbered = || match name.strip_prefix('-') {
            Some(back) => {
                let back: usize = back.parse().ok()?;
                (self.result.groups + 1).checked_sub(back.max(1))
            }
            None => name.parse().ok(),
        };
        let number = named.or_else(numbered).filter(|number| *number > 0);
        let number = number.ok_or_else(|| syntax(&format!("undefined name <{name}> reference")))?;
        self.backreference(number);
        Ok(())
    }

    fn read_group(&mut self) -> Result<(), Fault> {
        if self.open.len() >= DEPTH_MAX {
            return Err(syntax("too deep nest level of groups"));
        }
        if !self.scanner.take("?") {
            self.open_group("(");
            self.result.groups += 1;
            return Ok(());
        }
        for (written, backtracks) in
            [(":", false), ("=", true), ("!", true), (">", true), ("<=", true), ("<!", true)]
        {
            if self.scanner.take(written) {
                self.result.backtracks |= backtracks;
                self.open_group(&format!("(?{written}"));
                return Ok(());
            }
        }
        match self.scanner.next() {
            Some('#') => self.skip_comment(),
            Some('<') => self.named_group('>'),
            Some('\'') => self.named_group('\''),
            Some(letter) => self.flag_group(letter),
            None => Err(syntax("end pattern in group")),
        }
    }

    fn open_group(&mut self, text: &str) {
        self.result.text.push_str(text);
        self.open.push(Open { flags: self.flags, closes: std::mem::take(&mut self.closes) });
        self.repeatable = false;
    }

    fn close_group(&mut self) -> Result<(), Fault> {
        self.close_flag_groups();
        let open = self.open.pop().ok_or_else(|| syntax("unmatched close parenthesis"))?;
        (self.flags, self.closes) = (open.flags, open.closes);
        self.atom(")");
        Ok(())
    }

    fn close_flag_groups(&mut self) {
        self.result.text.extend(std::iter::repeat_n(')', self.closes));
        self.closes = 0;
    }

    fn skip_comment(&mut self) -> Result<(), Fault> {
        loop {
            match self.scanner.next() {
                Some(')') => return Ok(()),
                Some('\\') => {
                    self.scanner.next();
                }
                Some(_) => {}
                None => return Err(syntax("end pattern in group")),
            }
        }
    }

    fn named_group(&mut self, end: char) -> Result<(), Fault> {
        let name = self.scanner.take_until(end).ok_or_else(|| syntax("invalid group name <>"))?;
        let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
        if name.is_empty() {
            return Err(syntax("group name is empty"));
        }
        if name.starts_with(|letter: char| letter.is_numeric()) || !name.chars().all(is_word) {
            return Err(syntax(&format!("invalid group name <{name}>")));
        }
        if self.result.names.iter().any(|(known, _)| *known == name) {
            return Err(syntax(&format!("multiplex defined name <{name}>")));
        }
        self.open_group("(");
        self.result.groups += 1;
        self.result.names.push((name, self.result.groups));
        Ok(())
    }

    /// `(?i)` and `(?i:…)`
    fn flag_group(&mut self, first: char) -> Result<(), Fault> {
        let mut flags = self.flags;
        let (mut on, mut letter) = (true, first);
        loop {
            match letter {
                '-' => on = false,
                'i' => flags.ignore_case = on,
                's' => flags.dot_is_any = on,
                'm' => flags.multi_line = on,
                'x' => flags.extended = on,
                ':' | ')' => break,
                _ => return Err(syntax("undefined group option")),
            }
            letter = self.scanner.next().ok_or_else(|| syntax("end pattern in group"))?;
        }
        let group = if flags.ignore_case { "(?i:" } else { "(?-i:" };
        if letter == ':' {
            self.open_group(group);
        } else {
            self.result.text.push_str(group);
            self.closes += 1;
            self.repeatable = false;
        }
        self.flags = flags;
        Ok(())
    }

    /// Reads an interval behind its brace; None if the brace is a brace.
    fn interval(&mut self) -> Result<Option<String>, Fault> {
        let start = self.scanner.position();
        let interval = self.read_interval()?;
        if interval.is_none() {
            self.scanner.back_to(start);
        }
        Ok(interval)
    }

    fn read_interval(&mut self) -> Result<Option<String>, Fault> {
        let too_big = || syntax("too big number for repeat range");
        let Some(low) = self.scanner.number() else { return Ok(None) };
        let low = low.ok().filter(|low| *low <= REPEAT_MAX).ok_or_else(too_big)?;
        if self.scanner.take("}") {
            return Ok(Some(format!("{{{low}}}")));
        }
        if !self.scanner.take(",") {
            return Ok(None);
        }
        let high = self.scanner.number();
        if !self.scanner.take("}") {
            return Ok(None);
        }
        let Some(high) = high else { return Ok(Some(format!("{{{low},}}"))) };
        let high = high.ok().filter(|high| *high <= REPEAT_MAX).ok_or_else(too_big)?;
        if low > high {
            return Err(syntax("upper is smaller than lower in repeat range"));
        }
        Ok(Some(format!("{{{low},{high}}}")))
    }

    fn repeat(&mut self, operator: &str) -> Result<(), Fault> {
        if !self.repeatable {
            return Err(syntax("target of repeat operator is not specified"));
        }
        self.result.text.push_str(operator);
        if self.scanner.take("?") {
            self.result.text.push('?');
        } else if self.scanner.take("+") {
            self.result.text.push('+');
            self.result.backtracks = true;
        }
        Ok(())
    }
}
