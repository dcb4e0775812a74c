//! `scops sql`: statements in, rows on stdout, one closing line on stderr.

pub(crate) mod closing_line;
mod print;
mod remote;
mod target;

use std::io::{IsTerminal, Read};

use anyhow::{Context, Result};

use crate::{
    cli::{Format, SqlArgs},
    config::Settings,
};
use target::Target;

/// Runs all statements; stops at the first that fails.
pub(crate) async fn run(args: SqlArgs, settings: Settings) -> Result<()> {
    let text = statements_text(&args)?;
    let target = Target::open(&args, &settings).await?;
    let format = args.format.unwrap_or_else(default_format);
    for (statement, _) in sql::parse::split_statements(&text) {
        let mut answer = target.run(statement, &args, print::output_for(format)).await?;
        print::print(&mut answer.rows, &answer.schema, format).await?;
        if let Some(record) = target.record(&answer.id).await? {
            eprintln!("{}", closing_line::closing_line(&record, target.price_per_tib()));
        }
    }
    Ok(())
}

fn statements_text(args: &SqlArgs) -> Result<String> {
    match (&args.command, &args.file) {
        (Some(text), _) => Ok(text.clone()),
        (None, Some(file)) => {
            std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))
        }
        (None, None) => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).context("standard input cannot be read")?;
            Ok(text)
        }
    }
}

fn default_format() -> Format {
    if std::io::stdout().is_terminal() { Format::Table } else { Format::Tsv }
}
