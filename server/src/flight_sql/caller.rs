//! What a call says besides its command: user, database, workgroup, scan limit and the form of the answer.
//!
//! JDBC sends unknown connection properties as headers and ADBC has an option per header, so these
//! names can be set in a connection string. A session (`session.rs`) supplies the database when no
//! header does.

use coordinator::{Output, QueryRequest};
use tonic::{Status, metadata::MetadataMap};

use super::{auth, session};

/// Headers with the database that unqualified names belong to, first match wins.
const DATABASE_HEADERS: [&str; 3] = ["x-scops-database", "database", "schema"];
/// Headers with the workgroup.
const WORKGROUP_HEADERS: [&str; 2] = ["x-scops-workgroup", "workgroup"];
/// Header with the most bytes the statement may read.
const SCAN_LIMIT_HEADER: &str = "x-scops-scan-limit-bytes";

/// Header that asks what the statement would read, instead of running it.
const DRY_RUN_HEADER: &str = "x-scops-dry-run";
/// Header with the types of the answer: `arrow` (the default), `text` or `json`. See [`Output`].
const OUTPUT_HEADER: &str = "x-scops-output";

/// The database of calls that name none.
pub(super) const DEFAULT_DATABASE: &str = "default";
/// The workgroup of calls that name none. As in Athena.
const DEFAULT_WORKGROUP: &str = "primary";

/// Who makes a call, and in which surroundings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Caller {
    pub(super) user: String,
    pub(super) workgroup: String,
    pub(super) database: String,
    pub(super) scan_limit_bytes: Option<u64>,
    pub(super) dry_run: bool,
    pub(super) output: Output,
}

impl Caller {
    /// Reads the call's headers; a malformed one is refused rather than ignored.
    pub(super) fn of(headers: &MetadataMap) -> Result<Self, Status> {
        let database = match first(headers, &DATABASE_HEADERS)? {
            Some(database) => Some(database.to_owned()),
            None => session::of(headers).schema,
        };
        let workgroup = first(headers, &WORKGROUP_HEADERS)?.unwrap_or(DEFAULT_WORKGROUP);
        Ok(Self {
            user: auth::user(headers)?,
            workgroup: workgroup.to_owned(),
            database: database.unwrap_or_else(|| DEFAULT_DATABASE.to_owned()),
            scan_limit_bytes: scan_limit(headers)?,
            dry_run: first(headers, &[DRY_RUN_HEADER])?.is_some_and(|value| value == "true"),
            output: output(headers)?,
        })
    }

    /// The request to run `sql` for this caller.
    pub(super) fn request(self, sql: String) -> QueryRequest {
        QueryRequest {
            sql,
            user: self.user,
            workgroup: self.workgroup,
            database: self.database,
            scan_limit_bytes: self.scan_limit_bytes,
            dry_run: self.dry_run,
            output: self.output,
        }
    }
}

fn scan_limit(headers: &MetadataMap) -> Result<Option<u64>, Status> {
    let Some(text) = first(headers, &[SCAN_LIMIT_HEADER])? else {
        return Ok(None);
    };
    let bytes = text.parse().map_err(|_| {
        Status::invalid_argument(format!("{SCAN_LIMIT_HEADER} is not a number of bytes: \"{text}\""))
    })?;
    Ok(Some(bytes))
}

fn output(headers: &MetadataMap) -> Result<Output, Status> {
    match first(headers, &[OUTPUT_HEADER])? {
        None | Some("arrow") => Ok(Output::Arrow),
        Some("text") => Ok(Output::Text),
        Some("json") => Ok(Output::Json),
        Some(other) => Err(Status::invalid_argument(format!(
            "{OUTPUT_HEADER} is not \"arrow\", \"text\" or \"json\": \"{other}\""
        ))),
    }
}

/// The first of `names` that has a value.
fn first<'a>(headers: &'a MetadataMap, names: &[&str]) -> Result<Option<&'a str>, Status> {
    for name in names {
        let Some(value) = headers.get(*name) else {
            continue;
        };
        let text = value
            .to_str()
            .map_err(|_| Status::invalid_argument(format!("header {name} is not plain text")))?;
        if !text.trim().is_empty() {
            return Ok(Some(text.trim()));
        }
    }
    Ok(None)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use tonic::{Code, metadata::MetadataKey};

    use super::*;

    fn caller(headers: &[(&str, &str)]) -> Result<Caller, Status> {
        let mut map = MetadataMap::new();
        for (name, value) in headers {
            let key = MetadataKey::from_bytes(name.as_bytes()).unwrap();
            map.insert(key, value.parse().unwrap());
        }
        Caller::of(&map)
    }

    #[test]
    fn without_headers_the_defaults_hold() {
        let expected = Caller {
            user: "anonymous".to_owned(),
            workgroup: "primary".to_owned(),
            database: "default".to_owned(),
            scan_limit_bytes: None,
            dry_run: false,
            output: Output::Arrow,
        };
        assert_eq!(caller(&[]).unwrap(), expected);
        assert_eq!(caller(&[("schema", " ")]).unwrap(), expected, "a blank header says nothing");
    }

    #[test]
    fn headers_choose_the_surroundings() {
        let basic = auth::basic_header("ada", "x");
        let found = caller(&[
            ("authorization", basic.as_str()),
            ("schema", "sales"),
            ("workgroup", "finance"),
            ("x-scops-scan-limit-bytes", "1000000"),
            ("x-scops-output", "text"),
        ]);
        let expected = Caller {
            user: "ada".to_owned(),
            workgroup: "finance".to_owned(),
            database: "sales".to_owned(),
            scan_limit_bytes: Some(1_000_000),
            dry_run: false,
            output: Output::Text,
        };
        assert_eq!(found.unwrap(), expected);
        let both = caller(&[("schema", "b"), ("x-scops-database", "a")]);
        assert_eq!(both.unwrap().database, "a");
    }

    #[test]
    fn values_that_cannot_be_meant_are_refused() {
        for header in [("x-scops-scan-limit-bytes", "1GB"), ("x-scops-output", "yaml")] {
            assert_eq!(caller(&[header]).unwrap_err().code(), Code::InvalidArgument, "{header:?}");
        }
    }
}
