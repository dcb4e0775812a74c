//! Statements from their text to their rows, on a catalog in memory and files in a folder.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{fs, path::PathBuf};

use arrow::array::AsArray;
use catalog::SqliteStore;
use storage::{FileSettings, Settings};
use tempfile::TempDir;

use super::*;

mod alter;
mod describe;
mod views;

struct World {
    folder: TempDir,
    catalog: Arc<dyn CatalogStore>,
    storage: Storage,
    meter: Meter,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = Some(folder.path().to_owned());
        let settings = Settings { file: FileSettings { root }, ..Settings::default() };
        Self {
            catalog: Arc::new(SqliteStore::in_memory().unwrap()),
            storage: Storage::new(settings).unwrap(),
            meter: Meter::default(),
            folder,
        }
    }

    /// With `sales` of columns `id`, `amount`, partitioned by `year int` and `city string`.
    async fn with_sales() -> Self {
        let world = Self::new();
        world
            .run(&format!(
                "CREATE EXTERNAL TABLE sales (id bigint COMMENT 'the id', amount decimal(10,2))
                 COMMENT 'what was sold' PARTITIONED BY (year int, city string)
                 STORED AS PARQUET LOCATION '{}' TBLPROPERTIES ('z' = '1', 'a' = '2')",
                world.location("sales")
            ))
            .await;
        world
    }

    fn path(&self, relative: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(relative)
    }

    fn location(&self, relative: &str) -> String {
        format!("file://{}", self.path(relative).display())
    }

    fn write(&self, relative: &str) {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "x").unwrap();
    }

    async fn try_run(&self, sql: &str) -> Result<Vec<String>> {
        let statement = sql::parse::statement(sql).unwrap();
        let cx = DdlContext {
            catalog: &self.catalog,
            storage: &self.storage,
            meter: &self.meter,
            database: "default",
        };
        let promised = schema(&statement);
        let batch = execute(statement, &cx).await?;
        assert_eq!(batch.schema(), promised, "{sql}");
        let rows = (0..batch.num_rows()).map(|row| {
            let texts = batch.columns().iter().map(|column| column.as_string::<i32>().value(row));
            texts.collect::<Vec<_>>().join(" | ")
        });
        Ok(rows.collect())
    }

    async fn run(&self, sql: &str) -> Vec<String> {
        self.try_run(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    async fn fails(&self, sql: &str) -> Error {
        self.try_run(sql).await.expect_err(sql)
    }

    async fn check_fails(&self, sql: &str, code: ErrorCode, message: &str) {
        let error = self.fails(sql).await;
        assert_eq!(error.code, code, "{sql}: {error}");
        assert!(error.to_user_text().contains(message), "{sql}: {}", error.to_user_text());
    }

    async fn table(&self, name: &str) -> Table {
        self.catalog.table("default", name).await.unwrap()
    }
}

#[tokio::test]
async fn databases_come_and_go() {
    let world = World::new();
    let place = world.location("web");
    world
        .run(&format!("CREATE DATABASE web COMMENT 'w' LOCATION '{place}' WITH DBPROPERTIES ('k' = 'v')"))
        .await;
    let kept = world.catalog.database("web").await.unwrap();
    assert_eq!(
        (kept.description.as_deref(), kept.location_uri.as_deref(), kept.parameters.get("k")),
        (Some("w"), Some(place.as_str()), Some("v"))
    );
    world.run("CREATE SCHEMA IF NOT EXISTS WEB").await;
    world.run("ALTER DATABASE Web SET DBPROPERTIES ('k' = 'w', 'l' = 'm')").await;
    let kept = world.catalog.database("web").await.unwrap();
    assert_eq!(kept.parameters.iter().collect::<Vec<_>>(), [("k", "w"), ("l", "m")]);
    let missing = "ALTER SCHEMA wep SET DBPROPERTIES ('k' = 'w')";
    world.check_fails(missing, ErrorCode::DatabaseNotFound, "did you mean \"web\"").await;
    world.check_fails("CREATE DATABASE web", ErrorCode::AlreadyExists, "web").await;
    world.check_fails("CREATE DATABASE x LOCATION 'http://h/'", ErrorCode::LocationNotAllowed, "http").await;
    assert_eq!(world.run("SHOW DATABASES").await, ["default", "web"]);
    assert_eq!(world.run("SHOW SCHEMAS LIKE 'W*|x'").await, ["web"]);

    let table = format!("CREATE EXTERNAL TABLE web.t (a int) LOCATION '{place}'");
    world.run(&table).await;
    world.check_fails("DROP DATABASE web", ErrorCode::DatabaseNotEmpty, "CASCADE").await;
    world.run("DROP DATABASE web CASCADE").await;
    world.run("DROP DATABASE IF EXISTS web").await;
    world.check_fails("DROP DATABASE web", ErrorCode::DatabaseNotFound, "web").await;
}

#[tokio::test]
async fn table_is_kept_in_glues_words() {
    let world = World::with_sales().await;
    let kept = world.table("sales").await;
    assert_eq!(kept.table_type, "EXTERNAL_TABLE");
    assert_eq!(kept.parameters.iter().collect::<Vec<_>>(), [("EXTERNAL", "TRUE"), ("z", "1"), ("a", "2")]);
    assert_eq!(kept.storage.location, world.location("sales"));
    assert_eq!(kept.storage.num_buckets, -1);
    assert!(kept.storage.input_format.ends_with("MapredParquetInputFormat"));
    assert!(kept.storage.output_format.ends_with("MapredParquetOutputFormat"));
    assert!(kept.storage.serde_library.ends_with("ParquetHiveSerDe"));
    assert_eq!(kept.key_names(), ["year", "city"]);

    world
        .run(&format!(
            r"CREATE EXTERNAL TABLE csv (a int, b map<string,string>)
              CLUSTERED BY (a) SORTED BY (a DESC) INTO 4 BUCKETS
              ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' ESCAPED BY '\\'
              COLLECTION ITEMS TERMINATED BY ';' MAP KEYS TERMINATED BY ':'
              LINES TERMINATED BY '\n' NULL DEFINED AS '' LOCATION '{}'",
            world.location("csv")
        ))
        .await;
    let kept = world.table("csv").await;
    assert_eq!(
        kept.storage.serde_parameters.iter().collect::<Vec<_>>(),
        [
            ("field.delim", ","),
            ("serialization.format", ","),
            ("escape.delim", "\\"),
            ("colelction.delim", ";"),
            ("mapkey.delim", ":"),
            ("line.delim", "\n"),
            ("serialization.null.format", ""),
        ]
    );
    assert!(kept.storage.serde_library.ends_with("LazySimpleSerDe"));
    assert_eq!((kept.storage.bucket_columns, kept.storage.num_buckets), (vec!["a".into()], 4));
    assert_eq!(kept.storage.sort_columns, [catalog::SortColumn { column: "a".into(), ascending: false }]);
}

#[tokio::test]
async fn serde_and_format_find_each_other() {
    let world = World::new();
    let classes = |clauses: &'static str| {
        let world = &world;
        async move {
            world.run("DROP TABLE IF EXISTS t").await;
            let place = world.location("t");
            let sql = format!("CREATE EXTERNAL TABLE t (a int) {clauses} LOCATION '{place}'");
            world.run(&sql).await;
            let storage = world.table("t").await.storage;
            let short = |class: &str| class.rsplit('.').next().unwrap().to_owned();
            (short(&storage.input_format), short(&storage.serde_library))
        }
    };
    for (clauses, input, serde) in [
        ("", "TextInputFormat", "LazySimpleSerDe"),
        ("STORED AS ORC", "OrcInputFormat", "OrcSerde"),
        ("STORED AS JSONFILE", "TextInputFormat", "JsonSerDe"),
        ("STORED AS AVRO", "AvroContainerInputFormat", "AvroSerDe"),
        ("STORED AS SEQUENCEFILE", "SequenceFileInputFormat", "LazySimpleSerDe"),
        ("STORED AS RCFILE", "RCFileInputFormat", "LazyBinaryColumnarSerDe"),
        ("STORED AS ION", "IonInputFormat", "IonHiveSerDe"),
        ("ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'", "TextInputFormat", "JsonSerDe"),
        (
            "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'
             WITH SERDEPROPERTIES ('separatorChar' = ';') STORED AS TEXTFILE",
            "TextInputFormat",
            "OpenCSVSerde",
        ),
        (
            "ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' STORED AS PARQUET",
            "MapredParquetInputFormat",
            "ParquetHiveSerDe",
        ),
        (
            "STORED AS INPUTFORMAT 'org.apache.hadoop.hive.ql.io.orc.OrcInputFormat'
             OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat'",
            "OrcInputFormat",
            "OrcSerde",
        ),
        ("ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe'", "TextInputFormat", "RegexSerDe"),
    ] {
        let expected = (input.to_owned(), serde.to_owned());
        assert_eq!(classes(clauses).await, expected, "{clauses}");
    }
}

#[tokio::test]
async fn faulty_tables_are_not_created() {
    let world = World::new();
    let place = world.location("t");
    for (sql, code, message) in [
        (
            "CREATE EXTERNAL TABLE t (a int) LOCATION 'file:///etc'".to_owned(),
            ErrorCode::LocationNotAllowed,
            "not below",
        ),
        (
            format!("CREATE EXTERNAL TABLE defalt.t (a int) LOCATION '{place}'"),
            ErrorCode::DatabaseNotFound,
            "did you mean \"default\"",
        ),
        (
            format!("CREATE EXTERNAL TABLE t (a int) ROW FORMAT SERDE 'my.Own' LOCATION '{place}'"),
            ErrorCode::InvalidTable,
            "my.Own",
        ),
        (
            format!(
                "CREATE EXTERNAL TABLE t (a int) ROW FORMAT DELIMITED LINES TERMINATED BY '|'
                 LOCATION '{place}'"
            ),
            ErrorCode::InvalidTable,
            "line.delim",
        ),
    ] {
        world.check_fails(&sql, code, message).await;
    }
    let table = |exists: &str| format!("CREATE EXTERNAL TABLE {exists} t (a int) LOCATION '{place}'");
    world.run(&table("")).await;
    world.run(&table("IF NOT EXISTS")).await;
    world.check_fails(&table(""), ErrorCode::AlreadyExists, "default.t").await;
    world.run("DROP TABLE t").await;
    world.run("DROP TABLE IF EXISTS t").await;
    world.run("DROP TABLE IF EXISTS nowhere.t").await;
    world.check_fails("DROP TABLE t", ErrorCode::TableNotFound, "SHOW TABLES").await;
}

#[tokio::test]
async fn partitions_are_added_in_their_places() {
    let world = World::with_sales().await;
    let elsewhere = world.location("other/");
    let canonical = world.location("sales/year=2022/city=b/");
    world
        .run(&format!(
            "ALTER TABLE Sales ADD PARTITION (CITY = 'a/b', year = 2020)
             PARTITION (year = '2021', city = '') LOCATION '{elsewhere}'
             PARTITION (year = 2022, city = 'b') LOCATION '{canonical}'"
        ))
        .await;
    let kept: Vec<_> = world.catalog.partitions("default", "sales").await.unwrap();
    let kept: Vec<_> = kept.into_iter().map(|p| (p.values.join(","), p.location)).collect();
    assert_eq!(
        kept,
        [
            ("2020,a/b".to_owned(), None),
            ("2021,__HIVE_DEFAULT_PARTITION__".to_owned(), Some(elsewhere)),
            ("2022,b".to_owned(), None),
        ]
    );

    let add = |clauses: &str| format!("ALTER TABLE sales ADD {clauses}");
    world.run(&add("IF NOT EXISTS PARTITION (year = 2020, city = 'a/b')")).await;
    for (clauses, code, message) in [
        ("PARTITION (year = 2022, city = 'b')", ErrorCode::AlreadyExists, "year=2022/city=b"),
        ("PARTITION (year = 2020)", ErrorCode::InvalidQuery, "partition key city"),
        ("PARTITION (yaer = 2020, city = 'a')", ErrorCode::ColumnNotFound, "did you mean \"year\""),
        (
            "PARTITION (year = 'abc', city = 'a')",
            ErrorCode::InvalidQuery,
            "\"abc\" of partition key \"year\"",
        ),
        (
            "PARTITION (year = 1, city = 'a') LOCATION 'file:///etc'",
            ErrorCode::LocationNotAllowed,
            "not below",
        ),
    ] {
        world.check_fails(&add(clauses), code, message).await;
    }
    let place = world.location("flat");
    world.run(&format!("CREATE EXTERNAL TABLE flat (a int) LOCATION '{place}'")).await;
    for sql in [
        "ALTER TABLE flat ADD PARTITION (a = 1)",
        "ALTER TABLE flat DROP PARTITION (a = 1)",
        "SHOW PARTITIONS flat",
        "MSCK REPAIR TABLE flat",
    ] {
        world.check_fails(sql, ErrorCode::InvalidQuery, "\"default.flat\" is not partitioned").await;
    }
}

#[tokio::test]
async fn partitions_are_shown_and_dropped_by_part_of_their_keys() {
    let world = World::with_sales().await;
    world
        .run(
            "ALTER TABLE sales ADD PARTITION (year = '2021', city = 'b') PARTITION (year = '2021', city = 'a:c')
             PARTITION (year = '02022', city = 'b') PARTITION (year = '', city = 'b') PARTITION (year = 5, city = 'b')",
        )
        .await;
    let all = [
        "year=02022/city=b",
        "year=2021/city=a%3Ac",
        "year=2021/city=b",
        "year=5/city=b",
        "year=__HIVE_DEFAULT_PARTITION__/city=b",
    ];
    assert_eq!(world.run("SHOW PARTITIONS sales").await, all);
    for (spec, expected) in [
        ("year = 2021", &all[1..3]),
        ("city = 'a:c'", &all[1..2]),
        ("city = 'b', year = '5'", &all[3..4]),
        ("year = 2022", &all[..1]),
        ("year = 2022, city = 'b'", &all[..1]),
        ("year = '__HIVE_DEFAULT_PARTITION__'", &all[4..]),
        ("year = 'abc'", &[]),
        ("year = 1999", &[]),
    ] {
        let sql = format!("SHOW PARTITIONS sales PARTITION ({spec})");
        assert_eq!(world.run(&sql).await, expected, "{spec}");
    }

    let missing = "ALTER TABLE sales DROP PARTITION (year = 2021), PARTITION (year = 1999)";
    world.check_fails(missing, ErrorCode::PartitionNotFound, "\"year=1999\"").await;
    assert_eq!(world.run("SHOW PARTITIONS sales").await, all);
    world.run("ALTER TABLE sales DROP IF EXISTS PARTITION (year = 2021), PARTITION (year = 1999)").await;
    world.run("ALTER TABLE sales DROP PARTITION (year = 2022, city = 'b')").await;
    assert_eq!(world.run("SHOW PARTITIONS sales").await, all[3..]);
}

#[tokio::test]
async fn partitions_are_dropped_by_comparison() {
    let all = [
        "year=02022/city=b",
        "year=2021/city=a",
        "year=2021/city=c",
        "year=9/city=b",
        "year=__HIVE_DEFAULT_PARTITION__/city=b",
    ];
    for (spec, left) in [
        ("year < 2021", &[0, 1, 2, 4][..]),
        ("year <= 2021", &[0, 4]),
        ("year > '2021'", &[1, 2, 3, 4]),
        ("year >= 2021, year < 2022", &[0, 3, 4]),
        ("year <> 2021", &[1, 2, 4]),
        ("year = 2021, city >= 'b'", &[0, 1, 3, 4]),
        ("city != 'b'", &[0, 3, 4]),
        ("city > 'b', city < 'b'", &[0, 1, 2, 3, 4]),
        ("year = 2022, year = 9", &[0, 1, 2, 3, 4]),
        ("year != ''", &[4]),
        ("year = 9), PARTITION (year < 100", &[0, 1, 2, 4]),
    ] {
        let world = World::with_sales().await;
        world
            .run(
                "ALTER TABLE sales ADD PARTITION (year = '02022', city = 'b') PARTITION (year = 2021, city = 'a')
                 PARTITION (year = 2021, city = 'c') PARTITION (year = 9, city = 'b')
                 PARTITION (year = '', city = 'b')",
            )
            .await;
        world.run(&format!("ALTER TABLE sales DROP IF EXISTS PARTITION ({spec})")).await;
        let expected: Vec<&str> = left.iter().map(|at| all[*at]).collect();
        assert_eq!(world.run("SHOW PARTITIONS sales").await, expected, "{spec}");
    }
    let world = World::with_sales().await;
    for (spec, code, message) in [
        ("year < 2021, city = 'b'", ErrorCode::PartitionNotFound, "\"year < 2021, city = b\""),
        ("yaer < 2021", ErrorCode::ColumnNotFound, "did you mean \"year\""),
        ("year < 'abc'", ErrorCode::InvalidQuery, "\"abc\" of partition key \"year\""),
    ] {
        world.check_fails(&format!("ALTER TABLE sales DROP PARTITION ({spec})"), code, message).await;
    }
}

#[tokio::test]
async fn repair_adds_what_the_directories_name() {
    let world = World::with_sales().await;
    world.run("ALTER TABLE sales ADD PARTITION (year = 2019, city = 'here')").await;
    world.write("sales/year=2019/city=here/f");
    world.write("sales/year=2020/city=a%3Ab/f1");
    world.write("sales/year=2020/city=a%3Ab/deep/f2");
    world.write("sales/year=2020/city=__HIVE_DEFAULT_PARTITION__/f");
    world.write("sales/Year=2021/CITY=b/f");
    world.write("sales/Year=2022/city=c/f");
    world.write("sales/year=2022/city=c/f");
    // These name no partition.
    world.write("sales/year=2023/f");
    world.write("sales/year=2023/month=1/f");
    world.write("sales/_tmp/year=2024/city=c/f");
    world.write("sales/year=2024/city=c");
    // This one is no number.
    world.write("sales/year=abc/city=c/f");
    // This directory is known by other values.
    world.write("sales/year=07/city=c/f");
    let known = world.location("sales/year=07/city=c");
    world.run(&format!("ALTER TABLE sales ADD PARTITION (year = 7, city = 'c') LOCATION '{known}'")).await;

    let lines = world.run("MSCK REPAIR TABLE sales").await;
    assert_eq!(
        lines,
        [
            "Repair: Added partition to metastore sales:year=2020/city=__HIVE_DEFAULT_PARTITION__",
            "Repair: Added partition to metastore sales:year=2020/city=a%3Ab",
            "Repair: Added partition to metastore sales:year=2021/city=b",
            "Repair: Added partition to metastore sales:year=2022/city=c",
            "Repair: Cannot add partition sales:year=abc/city=c: a value is not of its key's type",
        ]
    );
    assert_eq!(world.meter.snapshot().list_requests, 1);
    let own: Vec<_> = world
        .catalog
        .partitions("default", "sales")
        .await
        .unwrap()
        .into_iter()
        .filter_map(|partition| partition.location)
        .collect();
    assert_eq!(own, [world.location("sales/Year=2021/CITY=b"), known]);
    let again = world.run("MSCK REPAIR TABLE sales").await;
    assert_eq!(again, lines[4..]);
}

#[tokio::test]
async fn repair_of_an_empty_place_adds_nothing() {
    let world = World::with_sales().await;
    assert!(world.run("MSCK REPAIR TABLE sales").await.is_empty());
    world.check_fails("MSCK REPAIR TABLE sale", ErrorCode::TableNotFound, "\"sales\"").await;
}

#[tokio::test]
async fn tables_are_shown() {
    let world = World::with_sales().await;
    assert_eq!(world.run("SHOW TABLES").await, ["sales"]);
    assert_eq!(world.run("SHOW TABLES IN default 'S*s|x'").await, ["sales"]);
    assert!(world.run("SHOW TABLES '*x'").await.is_empty());
    world.check_fails("SHOW TABLES IN nowhere", ErrorCode::DatabaseNotFound, "SHOW DATABASES").await;
    let columns = ["id", "amount", "year", "city"].map(|name| format!("{name:<20}"));
    assert_eq!(world.run("SHOW COLUMNS IN sales").await, columns);
    assert_eq!(
        world.run("SHOW TBLPROPERTIES sales").await,
        ["EXTERNAL | TRUE", "z | 1", "a | 2", "comment | what was sold"]
    );
    assert_eq!(world.run("SHOW TBLPROPERTIES sales('comment')").await, ["comment | what was sold"]);
    assert_eq!(world.run("SHOW TBLPROPERTIES sales ('Z')").await, ["z | 1"]);
    assert!(world.run("SHOW TBLPROPERTIES sales ('none')").await.is_empty());
    world.check_fails("DESCRIBE saless", ErrorCode::TableNotFound, "\"sales\"").await;
}

#[tokio::test]
async fn shown_definition_makes_the_same_table() {
    let world = World::with_sales().await;
    let before = world.table("sales").await;
    let lines = world.run("SHOW CREATE TABLE sales").await;
    assert_eq!(lines[0], "CREATE EXTERNAL TABLE `default.sales`(");
    world.run("DROP TABLE sales").await;
    world.run(&lines.join("\n")).await;
    let after = world.table("sales").await;
    assert_eq!((after.columns, after.storage), (before.columns, before.storage));
    assert_eq!((after.parameters, after.description), (before.parameters, before.description));
}
