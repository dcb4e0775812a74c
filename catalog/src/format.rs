//! Which file format a table's definition names.
//!
//! Writers spread the answer over SerDe, input format and properties, and never one of them alone is
//! enough. Order of authority: open table formats by `table_type`, Spark's own provider, the SerDe,
//! the input format, and `classification` when neither class is given.

mod storage_format;
mod text;

pub use storage_format::{StorageFormat, serde_library};
pub use text::{Delimited, Json, JsonFlavor, OpenCsv, TextFormat, TextRows};

use protocol::{Error, ErrorCode, Result};

use crate::Table;

/// How the files of a table are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileFormat {
    Parquet(ColumnAccess),
    Orc(ColumnAccess),
    Avro,
    Text(TextFormat),
}

/// How a table's column finds its counterpart in a file that describes itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnAccess {
    /// By name: exact, else in any case.
    Name,
    /// By position; the file's names mean nothing.
    Index,
}

/// What the classes and properties say before any options are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Parquet,
    Orc,
    Avro,
    Delimited,
    OpenCsv,
    Json(JsonFlavor),
}

impl FileFormat {
    /// Reads the format from `table`'s definition; touches no file.
    ///
    /// Formats that exist but are not read (Iceberg, Delta, Hudi, sequence files, …) are
    /// `NotSupported`; classes nobody knows and contradictions are `InvalidTable`.
    pub fn of(table: &Table) -> Result<Self> {
        if table.is_view() {
            return Err(not_supported(table, "is a view, it has no files"));
        }
        refuse_open_table_format(table)?;
        let kind = kind_of(table)?;
        check_spark_provider(table, kind)?;
        Ok(match kind {
            Kind::Parquet => {
                Self::Parquet(column_access(table, "parquet.column.index.access", ColumnAccess::Name)?)
            }
            Kind::Orc => Self::Orc(column_access(table, "orc.column.index.access", ColumnAccess::Index)?),
            Kind::Avro => Self::Avro,
            Kind::Delimited => Self::Text(text::delimited(table)?),
            Kind::OpenCsv => Self::Text(text::open_csv(table)?),
            Kind::Json(flavor) => Self::Text(text::json(table, flavor)?),
        })
    }

    /// The short word users know: `parquet`, `orc`, `avro`, `csv` or `json`.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Parquet(_) => "parquet",
            Self::Orc(_) => "orc",
            Self::Avro => "avro",
            Self::Text(TextFormat { rows: TextRows::Json(_), .. }) => "json",
            Self::Text(_) => "csv",
        }
    }
}

fn refuse_open_table_format(table: &Table) -> Result<()> {
    let named = [
        table.parameters.get_ignore_case("table_type"),
        table.parameters.get_ignore_case("spark.sql.sources.provider"),
        table.parameters.get_ignore_case("classification"),
    ];
    for word in named.into_iter().flatten() {
        if ["iceberg", "delta", "hudi"].iter().any(|format| word.eq_ignore_ascii_case(format)) {
            return Err(not_supported(table, &format!("is a {} table", word.to_ascii_lowercase())));
        }
    }
    Ok(())
}

/// Spark fills the classes with placeholders when Hive could not read its table, so its word has to
/// agree with theirs.
fn check_spark_provider(table: &Table, kind: Kind) -> Result<()> {
    let Some(provider) = table.parameters.get_ignore_case("spark.sql.sources.provider") else {
        return Ok(());
    };
    let agrees = match kind {
        Kind::Parquet => provider.eq_ignore_ascii_case("parquet"),
        Kind::Orc => provider.eq_ignore_ascii_case("orc"),
        _ => false,
    };
    if agrees && !table.columns.is_empty() {
        return Ok(());
    }
    Err(not_supported(table, &format!("was written for Spark's provider \"{provider}\" only")))
}

fn kind_of(table: &Table) -> Result<Kind> {
    let by_serde = kind_of_serde(table)?;
    let by_input = kind_of_input(table)?;
    match (by_serde, by_input) {
        // Text input carries every text SerDe.
        (Some(serde), Some(Kind::Delimited)) if serde.is_text() => Ok(serde),
        (Some(serde), Some(input)) if serde != input => Err(invalid(
            table,
            &format!(
                "has SerDe \"{}\" that does not read input format \"{}\"",
                table.storage.serde_library, table.storage.input_format
            ),
        )),
        (Some(kind), _) | (None, Some(kind)) => Ok(kind),
        (None, None) => kind_of_classification(table),
    }
}

impl Kind {
    fn is_text(self) -> bool {
        matches!(self, Self::Delimited | Self::OpenCsv | Self::Json(_))
    }
}

fn kind_of_serde(table: &Table) -> Result<Option<Kind>> {
    use storage_format::serde_library as serde;
    let library = table.storage.serde_library.trim();
    Ok(Some(match library {
        "" => return Ok(None),
        serde::PARQUET | serde::PARQUET_OLD => Kind::Parquet,
        serde::ORC => Kind::Orc,
        serde::AVRO => Kind::Avro,
        serde::LAZY_SIMPLE => Kind::Delimited,
        serde::OPEN_CSV => Kind::OpenCsv,
        serde::HIVE_JSON | serde::HCATALOG_JSON => Kind::Json(JsonFlavor::Hive),
        serde::OPENX_JSON => Kind::Json(JsonFlavor::OpenX),
        _ if serde::KNOWN_BUT_NOT_READ.contains(&library) => {
            return Err(not_supported(table, &format!("uses the SerDe \"{library}\"")));
        }
        _ => {
            return Err(invalid(table, &format!("uses the unknown SerDe \"{library}\"")));
        }
    }))
}

fn kind_of_input(table: &Table) -> Result<Option<Kind>> {
    let class = table.storage.input_format.trim();
    // Iceberg and Spark leave these where there is no input format to speak of.
    const PLACEHOLDERS: [&str; 2] =
        ["org.apache.hadoop.mapred.FileInputFormat", "org.apache.hadoop.mapreduce.lib.input.FileInputFormat"];
    if class.is_empty() || PLACEHOLDERS.contains(&class) {
        return Ok(None);
    }
    let short = class.rsplit('.').next().unwrap_or(class);
    Ok(Some(match short {
        "MapredParquetInputFormat" | "DeprecatedParquetInputFormat" => Kind::Parquet,
        "OrcInputFormat" => Kind::Orc,
        "AvroContainerInputFormat" => Kind::Avro,
        "TextInputFormat" => Kind::Delimited,
        _ => {
            return Err(not_supported(table, &format!("uses the input format \"{class}\"")));
        }
    }))
}

fn kind_of_classification(table: &Table) -> Result<Kind> {
    let word = table.property("classification").unwrap_or_default();
    match word.to_ascii_lowercase().as_str() {
        "parquet" => Ok(Kind::Parquet),
        "orc" => Ok(Kind::Orc),
        "avro" => Ok(Kind::Avro),
        "csv" | "tsv" => Ok(Kind::Delimited),
        "json" => Ok(Kind::Json(JsonFlavor::OpenX)),
        "" => Err(invalid(table, "names neither SerDe, input format nor classification")),
        other => Err(not_supported(table, &format!("is classified as \"{other}\""))),
    }
}

fn column_access(table: &Table, key: &str, default: ColumnAccess) -> Result<ColumnAccess> {
    Ok(match text::flag(table, key)? {
        None => default,
        Some(true) => ColumnAccess::Index,
        Some(false) => ColumnAccess::Name,
    })
}

fn not_supported(table: &Table, what: &str) -> Error {
    Error::new(
        ErrorCode::NotSupported,
        format!("table \"{}\" {what}, which scops does not read", table.full_name()),
    )
    .with_hint("tables of Parquet, ORC, CSV and JSON files are read")
}

fn invalid(table: &Table, what: &str) -> Error {
    Error::new(ErrorCode::InvalidTable, format!("table \"{}\" {what}", table.full_name()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::{storage_format::serde_library as serde, *};
    use crate::{Column, StorageDescriptor};

    fn table(serde: &str, input: &str, parameters: &[(&str, &str)]) -> Table {
        Table {
            database: "d".into(),
            name: "t".into(),
            columns: vec![Column::new("a", "int")],
            storage: StorageDescriptor {
                serde_library: serde.into(),
                input_format: input.into(),
                ..Default::default()
            },
            parameters: parameters.iter().copied().collect(),
            ..Default::default()
        }
    }

    fn check(table: &Table, expected: std::result::Result<&str, ErrorCode>) {
        let found = FileFormat::of(table);
        match (&found, expected) {
            (Ok(format), Ok(label)) => assert_eq!(format.label(), label),
            (Err(error), Err(code)) => assert_eq!(error.code, code, "{error}"),
            _ => panic!("{table:?}: {found:?}, expected {expected:?}"),
        }
    }

    #[test]
    fn every_stored_as_form_is_recognised() {
        for (name, label) in [
            ("parquet", "parquet"),
            ("ORC", "orc"),
            ("textfile", "csv"),
            ("avro", "avro"),
            ("JsonFile", "json"),
        ] {
            let stored = StorageFormat::named(name).unwrap();
            check(&table(stored.serde_library, stored.input_format, &[]), Ok(label));
        }
    }

    #[test]
    fn serde_goes_before_input_format_before_classification() {
        let text = "org.apache.hadoop.mapred.TextInputFormat";
        let parquet = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat";
        check(&table(serde::OPENX_JSON, text, &[("classification", "csv")]), Ok("json"));
        check(&table(serde::PARQUET, "", &[]), Ok("parquet"));
        check(&table("", parquet, &[("classification", "csv")]), Ok("parquet"));
        check(&table("", "", &[("classification", "Parquet")]), Ok("parquet"));
        check(&table("", "", &[]), Err(ErrorCode::InvalidTable));
        check(&table("", "", &[("classification", "xml")]), Err(ErrorCode::NotSupported));
        check(&table(serde::LAZY_SIMPLE, parquet, &[]), Err(ErrorCode::InvalidTable));
        check(&table(serde::PARQUET, text, &[]), Err(ErrorCode::InvalidTable));
        check(&table("com.example.Mine", text, &[]), Err(ErrorCode::InvalidTable));
        check(&table("org.apache.hadoop.hive.serde2.RegexSerDe", text, &[]), Err(ErrorCode::NotSupported));
        check(
            &table(serde::LAZY_SIMPLE, "org.apache.hadoop.mapred.SequenceFileInputFormat", &[]),
            Err(ErrorCode::NotSupported),
        );
    }

    #[test]
    fn open_table_formats_are_refused_by_name() {
        for (key, value) in [
            ("table_type", "ICEBERG"),
            ("table_type", "delta"),
            ("spark.sql.sources.provider", "hudi"),
            ("classification", "delta"),
        ] {
            let error = FileFormat::of(&table(serde::PARQUET, "", &[(key, value)])).unwrap_err();
            assert_eq!(error.code, ErrorCode::NotSupported);
            assert!(error.message.contains(&value.to_lowercase()), "{error}");
        }
    }

    #[test]
    fn spark_tables_are_read_where_the_classes_agree() {
        let provider = |word| [("spark.sql.sources.provider", word)];
        check(&table(serde::PARQUET, "", &provider("parquet")), Ok("parquet"));
        check(&table(serde::LAZY_SIMPLE, "", &provider("csv")), Err(ErrorCode::NotSupported));
        let hollow = Table { columns: Vec::new(), ..table(serde::PARQUET, "", &provider("parquet")) };
        check(&hollow, Err(ErrorCode::NotSupported));
    }

    #[test]
    fn column_access_has_athenas_defaults() {
        let parquet = |parameters: &[_]| FileFormat::of(&table(serde::PARQUET, "", parameters)).unwrap();
        let orc = |parameters: &[_]| FileFormat::of(&table(serde::ORC, "", parameters)).unwrap();
        assert_eq!(parquet(&[]), FileFormat::Parquet(ColumnAccess::Name));
        assert_eq!(
            parquet(&[("parquet.column.index.access", "TRUE")]),
            FileFormat::Parquet(ColumnAccess::Index)
        );
        assert_eq!(orc(&[]), FileFormat::Orc(ColumnAccess::Index));
        assert_eq!(orc(&[("orc.column.index.access", "false")]), FileFormat::Orc(ColumnAccess::Name));
    }
}
