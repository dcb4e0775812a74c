//! `STORED AS` and `ROW FORMAT` as Java classes and SerDe parameters, as Hive would choose them.

use catalog::{Parameters, StorageDescriptor, StorageFormat, serde_library};
use sql::{Delimited, FileFormat, RowFormat, StoredAs};

/// The classes and parameters; every other part is empty.
///
/// A SerDe that is named wins over the format's. `ROW FORMAT DELIMITED` names none: its delimiters
/// become parameters of whatever SerDe the format has, also of one that ignores them.
pub(super) fn classes(stored_as: Option<StoredAs>, row_format: Option<RowFormat>) -> StorageDescriptor {
    let mut storage = match stored_as {
        None => named(FileFormat::TextFile),
        Some(StoredAs::Format(format)) => named(format),
        Some(StoredAs::Classes { input, output }) => StorageDescriptor {
            serde_library: serde_of_input(&input).to_owned(),
            input_format: input,
            output_format: output,
            ..StorageDescriptor::default()
        },
    };
    match row_format {
        None => {}
        Some(RowFormat::Serde { library, properties }) => {
            storage.serde_library = library;
            storage.serde_parameters = Parameters::from_iter(properties);
        }
        Some(RowFormat::Delimited(delimited)) => storage.serde_parameters = delimiters(delimited),
    }
    storage
}

fn named(format: FileFormat) -> StorageDescriptor {
    let format = match format {
        FileFormat::Parquet => StorageFormat::parquet(),
        FileFormat::Orc => StorageFormat::orc(),
        FileFormat::TextFile => StorageFormat::textfile(),
        FileFormat::Json => StorageFormat::jsonfile(),
        FileFormat::Avro => StorageFormat::avro(),
        FileFormat::SequenceFile => StorageFormat {
            input_format: "org.apache.hadoop.mapred.SequenceFileInputFormat",
            output_format: "org.apache.hadoop.hive.ql.io.HiveSequenceFileOutputFormat",
            serde_library: serde_library::LAZY_SIMPLE,
        },
        FileFormat::RcFile => StorageFormat {
            input_format: "org.apache.hadoop.hive.ql.io.RCFileInputFormat",
            output_format: "org.apache.hadoop.hive.ql.io.RCFileOutputFormat",
            serde_library: "org.apache.hadoop.hive.serde2.columnar.LazyBinaryColumnarSerDe",
        },
        FileFormat::Ion => StorageFormat {
            input_format: "com.amazon.ionhiveserde.formats.IonInputFormat",
            output_format: "com.amazon.ionhiveserde.formats.IonOutputFormat",
            serde_library: "com.amazon.ionhiveserde.IonHiveSerDe",
        },
    };
    StorageDescriptor {
        input_format: format.input_format.to_owned(),
        output_format: format.output_format.to_owned(),
        serde_library: format.serde_library.to_owned(),
        ..StorageDescriptor::default()
    }
}

/// The SerDe that belongs to an input format. Hive would take LazySimpleSerDe for all of them and then
/// fail to read the binary ones.
fn serde_of_input(class: &str) -> &'static str {
    [StorageFormat::parquet(), StorageFormat::orc(), StorageFormat::avro()]
        .into_iter()
        .find(|format| format.input_format == class)
        .unwrap_or_else(StorageFormat::textfile)
        .serde_library
}

fn delimiters(delimited: Delimited) -> Parameters {
    let named = [
        ("field.delim", delimited.field.clone()),
        // Hive writes the field delimiter twice, and some readers look only here.
        ("serialization.format", delimited.field),
        ("escape.delim", delimited.escape),
        // Hive's own misspelling, which all its readers know.
        ("colelction.delim", delimited.collection),
        ("mapkey.delim", delimited.map_key),
        ("line.delim", delimited.line),
        ("serialization.null.format", delimited.null),
    ];
    named
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?)))
        .chain(delimited.properties)
        .collect()
}
