//! What databases, tables and partitions exist: the Hive/Glue model and its system of record.
//!
//! The vocabulary is Glue's, because that is what users' DDL, crawlers and other engines write.
//! Definitions live in a [`CatalogStore`]; partition values are also published as an immutable Arrow
//! [`PartitionImage`] on which planners evaluate predicates. This crate neither lists objects nor
//! knows the engine: whoever wants partitions discovered hands over the paths found.

mod ddl_text;
mod format;
mod hive_type;
mod image;
mod image_cache;
mod model;
mod name;
mod nearest;
mod parameters;
mod partition_path;
mod partition_value;
mod sqlite;
mod store;
mod table_check;
mod view;

pub use ddl_text::create_table_text;
pub use format::{
    ColumnAccess, Delimited, FileFormat, Json, JsonFlavor, OpenCsv, StorageFormat, TextFormat, TextRows,
    serde_library,
};
pub use hive_type::{HiveType, StructField, binary_type, hive_type_of, hive_type_of_field, string_type};
pub use image::PartitionImage;
pub use model::{
    Column, Database, EXTERNAL_TABLE, Partition, PartitionChange, PreparedStatement, SortColumn,
    StorageDescriptor, Table, VIRTUAL_VIEW,
};
pub use name::{DEFAULT_DATABASE, NAME_CHARS_MAX, lower_name};
pub use nearest::nearest_name;
pub use parameters::Parameters;
pub use partition_path::{
    HIVE_DEFAULT_PARTITION, PARTITION_VALUE_CHARS_MAX, escape, parse_partition_path, partition_path, unescape,
};
pub use sqlite::SqliteStore;
pub use store::CatalogStore;
pub use view::{ViewDefinition, hive_type_of_trino};
