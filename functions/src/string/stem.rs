//! `word_stem`.

use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};
use rust_stemmers::{Algorithm, Stemmer};

use super::arguments::{Arguments, given};
use crate::{Call, Fault, Function, columns::text_rows};

pub(super) fn functions() -> Vec<Function> {
    vec![Function::scalar(
        "word_stem",
        &["(varchar(x)) -> varchar(x)", "(varchar(x), varchar(2)) -> varchar(x)"],
        word_stem,
        "Returns the stem of a word in the given language",
    )]
}

fn word_stem(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, arguments, rows);
    let words = arguments.texts(0)?;
    let languages = if arguments.len() > 1 { Some(arguments.texts(1)?) } else { None };
    let mut prepared: Option<(&str, Stemmer)> = None;
    let result = text_rows(arguments.rows, |row, stem| {
        let word = given!(words.get(row));
        let language = match &languages {
            Some(languages) => given!(languages.get(row)),
            None => "en",
        };
        let stemmer = match prepared.take().filter(|(prepared, _)| *prepared == language) {
            Some((_, stemmer)) => stemmer,
            None => Stemmer::create(algorithm(language)?),
        };
        stem.push_str(&stemmer.stem(word));
        prepared = Some((language, stemmer));
        Ok(Some(()))
    })?;
    arguments.finish(result)
}

fn algorithm(language: &str) -> Result<Algorithm, Fault> {
    Ok(match language {
        "da" => Algorithm::Danish,
        "en" => Algorithm::English,
        "es" => Algorithm::Spanish,
        "fi" => Algorithm::Finnish,
        "fr" => Algorithm::French,
        "hu" => Algorithm::Hungarian,
        "it" => Algorithm::Italian,
        "nl" => Algorithm::Dutch,
        "no" => Algorithm::Norwegian,
        "pt" => Algorithm::Portuguese,
        "ro" => Algorithm::Romanian,
        "ru" => Algorithm::Russian,
        "sv" => Algorithm::Swedish,
        "tr" => Algorithm::Turkish,
        // German is Snowball's variant "german2" in Trino, which gives other stems.
        "ca" | "de" | "eu" | "hy" | "ir" | "lt" => {
            return Err(Fault::not_supported(format!("word_stem for language: {language}")));
        }
        _ => return Err(Fault::invalid_argument(format!("Unknown stemmer language: {language}"))),
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn word_stem() {
        check(
            "word_stem",
            &[
                (&["varchar ''"], "varchar ''"),
                (&["varchar 'x'"], "varchar 'x'"),
                (&["varchar 'generally'"], "varchar 'general'"),
                (&["varchar 'useful'"], "varchar 'use'"),
                (&["varchar 'authorization'"], "varchar 'author'"),
                (&["varchar 'bancos'", "varchar(2) 'es'"], "varchar 'banc'"),
                (&["varchar 'ustedes'", "varchar(2) 'es'"], "varchar 'usted'"),
                (&["varchar 'généralement'", "varchar(2) 'fr'"], "varchar 'général'"),
                (&["varchar NULL", "varchar(2) 'fr'"], "varchar NULL"),
                (&["varchar 'test'", "varchar(2) 'xx'"], "error Unknown stemmer language: xx"),
                (&["varchar 'test'", "varchar(2) 'ca'"], "error word_stem for language: ca"),
            ],
        );
    }
}
