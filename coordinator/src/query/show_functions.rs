//! `SHOW FUNCTIONS`: the registry as rows.

use functions::{Function, Kind, registry};
use protocol::Result;
use sql::LikePattern;

use super::result::Work;
use crate::ddl;

/// One row for each signature.
pub(super) fn show(like: Option<&LikePattern>) -> Result<Work> {
    let batch = ddl::show_functions(registry::named().flat_map(rows), like)?;
    Ok(Work::Batch { schema: batch.schema(), batch })
}

fn rows(function: &'static Function) -> impl Iterator<Item = [String; 6]> {
    function.signatures.iter().map(|signature| {
        let (arguments, returns) = signature.rsplit_once("->").unwrap_or((signature, ""));
        let arguments = arguments.trim();
        let arguments =
            arguments.strip_prefix('(').and_then(|inside| inside.strip_suffix(')')).unwrap_or(arguments);
        let kind = match function.kind {
            Kind::Scalar(_) | Kind::HigherOrder(_) => "scalar",
            Kind::Aggregate(_) => "aggregate",
            Kind::Window(_) => "window",
        };
        [
            function.name.to_owned(),
            returns.trim().to_owned(),
            arguments.to_owned(),
            kind.to_owned(),
            function.deterministic.to_string(),
            function.description.to_owned(),
        ]
    })
}
