//! The Java class names behind `STORED AS` and `ROW FORMAT SERDE`.
//!
//! They are the only words that Hive, Glue, Spark and Trino agree on for a file format, so tables
//! carry them although no Java runs here.

/// SerDe classes by what they read.
pub mod serde_library {
    pub const PARQUET: &str = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe";
    /// The name before Parquet moved into Hive.
    pub const PARQUET_OLD: &str = "parquet.hive.serde.ParquetHiveSerDe";
    pub const ORC: &str = "org.apache.hadoop.hive.ql.io.orc.OrcSerde";
    pub const AVRO: &str = "org.apache.hadoop.hive.serde2.avro.AvroSerDe";
    pub const LAZY_SIMPLE: &str = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe";
    pub const OPEN_CSV: &str = "org.apache.hadoop.hive.serde2.OpenCSVSerde";
    pub const HIVE_JSON: &str = "org.apache.hadoop.hive.serde2.JsonSerDe";
    pub const HCATALOG_JSON: &str = "org.apache.hive.hcatalog.data.JsonSerDe";
    pub const OPENX_JSON: &str = "org.openx.data.jsonserde.JsonSerDe";

    /// Real SerDes for which there is no reader.
    pub(crate) const KNOWN_BUT_NOT_READ: [&str; 12] = [
        "org.apache.hadoop.hive.serde2.RegexSerDe",
        "org.apache.hadoop.hive.contrib.serde2.RegexSerDe",
        "org.apache.hadoop.hive.serde2.MultiDelimitSerDe",
        "org.apache.hadoop.hive.contrib.serde2.MultiDelimitSerDe",
        "org.apache.hadoop.hive.serde2.lazybinary.LazyBinarySerDe",
        "org.apache.hadoop.hive.serde2.columnar.ColumnarSerDe",
        "org.apache.hadoop.hive.serde2.columnar.LazyBinaryColumnarSerDe",
        "com.amazonaws.glue.serde.GrokSerDe",
        "com.amazon.ionhiveserde.IonHiveSerDe",
        "com.amazon.emr.hive.serde.CloudTrailSerde",
        "com.amazon.emr.hive.serde.S3LogSerde",
        "com.ibm.spss.hive.serde2.xml.XmlSerDe",
    ];
}

/// The three classes that `STORED AS` stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StorageFormat {
    pub input_format: &'static str,
    pub output_format: &'static str,
    pub serde_library: &'static str,
}

const TEXT_INPUT: &str = "org.apache.hadoop.mapred.TextInputFormat";
const TEXT_OUTPUT: &str = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat";

impl StorageFormat {
    /// `STORED AS PARQUET`.
    pub fn parquet() -> Self {
        Self {
            input_format: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
            output_format: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
            serde_library: serde_library::PARQUET,
        }
    }

    /// `STORED AS ORC`.
    pub fn orc() -> Self {
        Self {
            input_format: "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
            output_format: "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat",
            serde_library: serde_library::ORC,
        }
    }

    /// `STORED AS AVRO`.
    pub fn avro() -> Self {
        Self {
            input_format: "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat",
            output_format: "org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat",
            serde_library: serde_library::AVRO,
        }
    }

    /// `STORED AS TEXTFILE`, and what a statement without `STORED AS` means.
    pub fn textfile() -> Self {
        Self {
            input_format: TEXT_INPUT,
            output_format: TEXT_OUTPUT,
            serde_library: serde_library::LAZY_SIMPLE,
        }
    }

    /// `STORED AS JSONFILE`.
    pub fn jsonfile() -> Self {
        Self { serde_library: serde_library::HIVE_JSON, ..Self::textfile() }
    }

    /// What stands after `STORED AS`, in any case.
    pub fn named(word: &str) -> Option<Self> {
        match word.to_ascii_uppercase().as_str() {
            "PARQUET" | "PARQUETFILE" => Some(Self::parquet()),
            "ORC" | "ORCFILE" => Some(Self::orc()),
            "AVRO" | "AVROFILE" => Some(Self::avro()),
            "TEXTFILE" => Some(Self::textfile()),
            "JSONFILE" => Some(Self::jsonfile()),
            _ => None,
        }
    }
}
