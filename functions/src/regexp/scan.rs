//! Reading a regular expression character by character: escapes and numbers, which stand in and out of
//! classes alike.

use crate::Fault;

/// The characters of an expression, and how far it is read.
pub(super) struct Scanner {
    letters: Vec<char>,
    at: usize,
}

/// What a backslash and the letters after it stand for, apart from what only stands out of classes.
pub(super) enum Escape {
    Letter(char),
    /// The inside of a class in the engine's syntax, and whether it is negated.
    Class(String, bool),
    /// A property such as `\p{L}`: a class that ignores case folding.
    Property(String, bool),
}

impl Scanner {
    pub(super) fn new(pattern: &str) -> Self {
        Self { letters: pattern.chars().collect(), at: 0 }
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.at += 1;
        Some(letter)
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.letters.get(self.at).copied()
    }

    pub(super) fn rest(&self) -> &[char] {
        self.letters.get(self.at..).unwrap_or_default()
    }

    /// Steps over `text` if it comes next.
    pub(super) fn take(&mut self, text: &str) -> bool {
        let length = text.chars().count();
        let comes_next = self.rest().len() >= length && text.chars().zip(self.rest()).all(|(a, b)| a == *b);
        self.at += if comes_next { length } else { 0 };
        comes_next
    }

    /// Steps over everything up to `end`, and over it; None if it does not come.
    pub(super) fn take_until(&mut self, end: char) -> Option<String> {
        let length = self.rest().iter().position(|letter| *letter == end)?;
        let taken = self.rest().iter().take(length).collect();
        self.at += length + 1;
        Some(taken)
    }

    pub(super) fn position(&self) -> usize {
        self.at
    }

    pub(super) fn back_to(&mut self, position: usize) {
        self.at = position;
    }

    /// A decimal number of at most nine digits.
    pub(super) fn number(&mut self) -> Option<Result<u32, Fault>> {
        let digits: String = self.rest().iter().take_while(|letter| letter.is_ascii_digit()).collect();
        self.at += digits.len();
        (!digits.is_empty()).then(|| digits.parse().map_err(|_| syntax("too big number")))
    }

    /// Up to `length` digits of the radix as a number; 0 if there are none.
    fn digits(&mut self, radix: u32, length: usize) -> u32 {
        let mut value = 0;
        for _ in 0..length {
            let Some(digit) = self.peek().and_then(|letter| letter.to_digit(radix)) else { break };
            value = value * radix + digit;
            self.at += 1;
        }
        value
    }

    /// What follows a backslash.
    pub(super) fn escape(&mut self, letter: char) -> Result<Escape, Fault> {
        let class = |inside: &str, negated| Ok(Escape::Class(inside.to_owned(), negated));
        match letter {
            // These are ASCII only, as in Java.
            'd' | 'D' => class("0-9", letter == 'D'),
            'w' | 'W' => class("0-9A-Za-z_", letter == 'W'),
            's' | 'S' => class(r"\x09-\x0D\x20", letter == 'S'),
            'p' | 'P' => self.property(letter == 'P'),
            'x' if self.peek().is_some() => self.hexadecimal().map(Escape::Letter),
            'u' if self.peek().is_some() => {
                let code = self.digits(16, 4);
                code_point(code).map(Escape::Letter)
            }
            '0'..='7' => {
                let first = letter.to_digit(8).unwrap_or(0);
                let length = 2;
                let digits_from = self.at;
                let rest = self.digits(8, length);
                let count = u32::try_from(self.at - digits_from).unwrap_or(0);
                self.bytes(first * 8_u32.pow(count) + rest, '\0').map(Escape::Letter)
            }
            'n' => Ok(Escape::Letter('\n')),
            't' => Ok(Escape::Letter('\t')),
            'r' => Ok(Escape::Letter('\r')),
            'f' => Ok(Escape::Letter('\u{C}')),
            'a' => Ok(Escape::Letter('\u{7}')),
            'b' => Ok(Escape::Letter('\u{8}')),
            'e' => Ok(Escape::Letter('\u{1B}')),
            'v' => Ok(Escape::Letter('\u{B}')),
            'c' => {
                let letter = self.next().ok_or_else(|| syntax("end pattern at control"))?;
                let code = if letter == '?' { 0x7F } else { u32::from(letter) & 0x9F };
                code_point(code).map(Escape::Letter)
            }
            // Letters that mean nothing stand for themselves.
            _ => Ok(Escape::Letter(letter)),
        }
    }

    fn hexadecimal(&mut self) -> Result<char, Fault> {
        if self.peek() == Some('{') {
            let start = self.at;
            self.at += 1;
            let code = self.digits(16, 8);
            if self.at > start + 1 && self.take("}") {
                return code_point(code);
            }
            self.at = start;
            return Ok('x');
        }
        let code = self.digits(16, 2);
        self.bytes(code, 'x')
    }

    /// The character whose first byte is given; its other bytes follow in the same notation.
    fn bytes(&mut self, first: u32, notation: char) -> Result<char, Fault> {
        let mut bytes = vec![u8::try_from(first).map_err(|_| syntax("too big number"))?];
        let length = match first {
            0..0x80 => 1,
            0xC2..0xE0 => 2,
            0xE0..0xF0 => 3,
            0xF0..0xF5 => 4,
            _ => return Err(syntax("too short multibyte string")),
        };
        while bytes.len() < length {
            let byte = match notation {
                'x' if self.take("\\x") => self.digits(16, 2),
                '\0' if self.take("\\") => self.digits(8, 3),
                _ => return Err(syntax("too short multibyte string")),
            };
            bytes.push(u8::try_from(byte).map_err(|_| syntax("too big number"))?);
        }
        let text = String::from_utf8(bytes).map_err(|_| syntax("too short multibyte string"))?;
        text.chars().next().ok_or_else(|| syntax("too short multibyte string"))
    }

    fn property(&mut self, negated: bool) -> Result<Escape, Fault> {
        let name = match self.next() {
            Some('{') => self.take_until('}').ok_or_else(|| syntax("invalid character property name"))?,
            Some(letter) => letter.to_string(),
            None => return Err(syntax("invalid character property name")),
        };
        Ok(Escape::Property(super::property::class_of(&name)?, negated))
    }
}

fn code_point(code: u32) -> Result<char, Fault> {
    char::from_u32(code).ok_or_else(|| syntax("invalid code point value"))
}

/// A fault in the expression, in the words of Trino's regular expression library.
pub(super) fn syntax(message: &str) -> Fault {
    Fault::invalid_argument(message)
}

/// Appends a character that stands for itself, in and out of classes.
pub(super) fn push_literal(text: &mut String, letter: char) {
    if letter.is_ascii_alphanumeric() || !letter.is_ascii() {
        text.push(letter);
    } else {
        text.push_str(&format!("\\x{:02X}", u32::from(letter)));
    }
}
