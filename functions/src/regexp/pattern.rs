//! Compiled regular expressions, and where they match.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, OnceLock},
};

use parking_lot::Mutex;

use super::translate::{Texts, Translation, translate};
use crate::{Fault, string::arguments};

/// Memory of one compiled expression.
const COMPILED_BYTES_MAX: usize = 16 << 20;
/// Memory of the states that one search may build.
const STATES_BYTES_MAX: usize = 4 << 20;
/// Steps back in one search, where an expression needs them: a second or so.
const BACKTRACKS_MAX: usize = 10_000_000;
/// Expressions kept compiled in this process.
const CACHED_MAX: usize = 64;
/// Longest expression that is kept, in bytes.
const CACHED_PATTERN_BYTES_MAX: usize = 4096;

/// Start and end of a match or a group, in bytes.
pub(crate) type Span = (usize, usize);

/// A compiled regular expression.
#[derive(Debug)]
pub(crate) struct Pattern {
    engine: Engine,
    /// Set if texts that end with a line break need another engine; compiled when the first one comes.
    for_newlines: Option<ForNewlines>,
    /// Capturing groups, without the whole match.
    pub(crate) groups: usize,
    names: Vec<(String, usize)>,
}

#[derive(Debug)]
struct ForNewlines {
    written: String,
    engine: OnceLock<Result<Engine, Fault>>,
}

#[derive(Debug)]
enum Engine {
    /// Linear in the length of the text.
    Automaton(regex::Regex),
    /// Look-around, references to groups, and groups that give nothing back.
    Backtracking(Box<fancy_regex::Regex>),
}

/// Where the groups of a match are, for one pattern.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    locations: Option<regex::CaptureLocations>,
    spans: Vec<Option<Span>>,
}

impl Groups {
    /// None: the group is not part of the match.
    pub(crate) fn get(&self, group: usize) -> Option<Span> {
        self.spans.get(group).copied().flatten()
    }

    pub(crate) fn whole(&self) -> Span {
        self.get(0).unwrap_or_default()
    }
}

impl Pattern {
    fn new(written: &str) -> Result<Self, Fault> {
        let translation = translate(written, Texts::Others)?;
        let engine = compile(&translation)?;
        let for_newlines = translation
            .depends_on_end
            .then(|| ForNewlines { written: written.to_owned(), engine: OnceLock::new() });
        Ok(Self { engine, for_newlines, groups: translation.groups, names: translation.names })
    }

    /// The compiled pattern; most likely it is known.
    pub(crate) fn of(written: &str) -> Result<Arc<Self>, Fault> {
        static KNOWN: LazyLock<Mutex<HashMap<String, Arc<Pattern>>>> = LazyLock::new(Default::default);
        if let Some(pattern) = KNOWN.lock().get(written) {
            return Ok(Arc::clone(pattern));
        }
        let pattern = Arc::new(Self::new(written)?);
        if written.len() <= CACHED_PATTERN_BYTES_MAX {
            let mut known = KNOWN.lock();
            if known.len() >= CACHED_MAX {
                known.clear();
            }
            known.insert(written.to_owned(), Arc::clone(&pattern));
        }
        Ok(pattern)
    }

    pub(crate) fn group_named(&self, name: &str) -> Option<usize> {
        self.names.iter().find(|(known, _)| known == name).map(|(_, group)| *group)
    }

    fn engine(&self, text: &str) -> Result<&Engine, Fault> {
        match &self.for_newlines {
            Some(ForNewlines { written, engine }) if text.ends_with('\n') => {
                let compiled = engine
                    .get_or_init(|| translate(written, Texts::EndingWithNewline).and_then(|it| compile(&it)));
                compiled.as_ref().map_err(Clone::clone)
            }
            _ => Ok(&self.engine),
        }
    }

    pub(crate) fn is_match(&self, text: &str) -> Result<bool, Fault> {
        match self.engine(text)? {
            Engine::Automaton(regex) => Ok(regex.is_match(text)),
            Engine::Backtracking(regex) => regex.is_match(text).map_err(gave_up),
        }
    }

    /// The first match at `from` or later.
    pub(crate) fn find(&self, text: &str, from: usize) -> Result<Option<Span>, Fault> {
        if from > text.len() {
            return Ok(None);
        }
        match self.engine(text)? {
            Engine::Automaton(regex) => {
                Ok(regex.find_at(text, from).map(|found| (found.start(), found.end())))
            }
            Engine::Backtracking(regex) => {
                let found = regex.find_from_pos(text, from).map_err(gave_up)?;
                Ok(found.map(|found| (found.start(), found.end())))
            }
        }
    }

    /// The first match at `from` or later, with its groups; false if there is none.
    pub(crate) fn find_groups(&self, text: &str, from: usize, groups: &mut Groups) -> Result<bool, Fault> {
        groups.spans.clear();
        if from > text.len() {
            return Ok(false);
        }
        match self.engine(text)? {
            Engine::Automaton(regex) => {
                let locations = groups.locations.get_or_insert_with(|| regex.capture_locations());
                if regex.captures_read_at(locations, text, from).is_none() {
                    return Ok(false);
                }
                groups.spans.extend((0..=self.groups).map(|group| locations.get(group)));
            }
            Engine::Backtracking(regex) => {
                let Some(found) = regex.captures_from_pos(text, from).map_err(gave_up)? else {
                    return Ok(false);
                };
                let span = |group| found.get(group).map(|found| (found.start(), found.end()));
                groups.spans.extend((0..=self.groups).map(span));
            }
        }
        Ok(true)
    }
}

/// Where to search after a match: behind it, and a character further if it is empty.
pub(crate) fn next_start(text: &str, (start, end): Span) -> usize {
    match start == end {
        true => end + text.get(end..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8),
        false => end,
    }
}

fn compile(translation: &Translation) -> Result<Engine, Fault> {
    if translation.backtracks {
        let compiled = fancy_regex::RegexBuilder::new(&translation.text)
            .backtrack_limit(BACKTRACKS_MAX)
            .delegate_size_limit(COMPILED_BYTES_MAX)
            .delegate_dfa_size_limit(STATES_BYTES_MAX)
            .build();
        return compiled.map(Box::new).map(Engine::Backtracking).map_err(|_| cannot_compile());
    }
    let compiled = regex::RegexBuilder::new(&translation.text)
        .size_limit(COMPILED_BYTES_MAX)
        .dfa_size_limit(STATES_BYTES_MAX)
        .build();
    compiled.map(Engine::Automaton).map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => Fault::not_supported("The regular expression is too large"),
        _ => cannot_compile(),
    })
}

fn cannot_compile() -> Fault {
    Fault::invalid_argument("Invalid regular expression")
}

fn gave_up(_: fancy_regex::Error) -> Fault {
    Fault::not_supported("The regular expression takes too many steps on a value")
}

/// The patterns of a batch: one for all rows, or one per row.
pub(super) struct Patterns {
    written: arguments::Texts,
    /// The last one used, with its text.
    last: Option<(String, Arc<Pattern>, Groups)>,
}

impl Patterns {
    pub(super) fn new(written: arguments::Texts) -> Self {
        Self { written, last: None }
    }

    /// The pattern of a row, and room for its groups; None if it is NULL.
    pub(super) fn at(&mut self, row: usize) -> Result<Option<(&Pattern, &mut Groups)>, Fault> {
        let Some(written) = self.written.get(row) else { return Ok(None) };
        if self.last.as_ref().is_none_or(|(last, ..)| last != written) {
            self.last = Some((written.to_owned(), Pattern::of(written)?, Groups::default()));
        }
        Ok(self.last.as_mut().map(|(_, pattern, groups)| (&**pattern, groups)))
    }
}
