//! What statements mean, what is refused, and where.

use protocol::Position;

use super::*;
use crate::{
    Buckets, Column, Comparison, CreateTable, Delimited, Detail, FileFormat, PartitionCondition,
    PartitionFilter, PartitionLiteral, PartitionSpec, RowFormat, SortColumn, StoredAs, TableName,
};

mod alter;
mod wrapper;

fn table(name: &str) -> TableName {
    match name.split_once('.') {
        Some((database, table)) => TableName { database: Some(database.to_owned()), table: table.to_owned() },
        None => TableName { database: None, table: name.to_owned() },
    }
}

fn column(name: &str, hive_type: &str, comment: Option<&str>) -> Column {
    Column { name: name.to_owned(), hive_type: hive_type.to_owned(), comment: comment.map(str::to_owned) }
}

fn properties(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect()
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn partition(values: &[(&str, &str)], location: Option<&str>) -> PartitionSpec {
    let literal = |value: &str| match value.strip_prefix('#') {
        Some(number) => PartitionLiteral::Number(number.to_owned()),
        None => PartitionLiteral::Text(value.to_owned()),
    };
    PartitionSpec {
        values: values.iter().map(|(key, value)| (key.to_string(), literal(value))).collect(),
        location: location.map(str::to_owned),
    }
}

#[test]
fn statements_mean_what_they_say() {
    fn check(text: &str, expect: Statement) {
        match statement(text) {
            Ok(found) => assert_eq!(found, expect, "{text}"),
            Err(error) => panic!("{text}: {}", error.to_user_text()),
        }
    }
    let database =
        |name: &str, if_not_exists, comment, location, pairs: &[(&str, &str)]| Statement::CreateDatabase {
            name: name.to_owned(),
            if_not_exists,
            comment,
            location,
            properties: properties(pairs),
        };
    check("CREATE DATABASE Sales", database("sales", false, None, None, &[]));
    check("create schema if not exists `sales` ;", database("sales", true, None, None, &[]));
    check(
        "CREATE DATABASE d COMMENT 'it''s' LOCATION 's3://b/p/' WITH DBPROPERTIES ('a'='b', \"c\" = 'd')",
        database("d", false, some("it's"), some("s3://b/p/"), &[("a", "b"), ("c", "d")]),
    );
    let drop_database = |name: &str, if_exists, cascade| Statement::DropDatabase {
        name: name.to_owned(),
        if_exists,
        cascade,
    };
    check("DROP DATABASE d", drop_database("d", false, false));
    check("DROP SCHEMA IF EXISTS AwsDataCatalog.d RESTRICT", drop_database("d", true, false));
    check("DROP DATABASE d CASCADE;", drop_database("d", false, true));
    let drop_table = |name, if_exists| Statement::DropTable { name: table(name), if_exists };
    check("DROP TABLE t", drop_table("t", false));
    check("-- away\nDROP TABLE IF EXISTS \"Db\".`T` -- it\n;", drop_table("db.t", true));
    check("drop table awsdatacatalog.d.t /* x */", drop_table("d.t", false));

    check("MSCK REPAIR TABLE d.t", Statement::RepairTable { table: table("d.t") });
    check("SHOW DATABASES", Statement::ShowDatabases { like: None });
    check("SHOW SCHEMAS LIKE 'a*|b'", Statement::ShowDatabases { like: some("a*|b") });
    check("SHOW SCHEMAS FROM \"AwsDataCatalog\" LIKE 'a'", Statement::ShowDatabases { like: some("a") });
    check("SHOW DATABASES IN awsdatacatalog", Statement::ShowDatabases { like: None });
    let show_tables = |database: Option<&str>, like: Option<&str>| Statement::ShowTables {
        database: database.map(str::to_owned),
        like: like.map(str::to_owned),
    };
    check("SHOW TABLES", show_tables(None, None));
    check("SHOW TABLES IN D", show_tables(Some("d"), None));
    check("SHOW TABLES FROM d 'x.*'", show_tables(Some("d"), Some("x.*")));
    check("SHOW TABLES LIKE 'x*'", show_tables(None, Some("x*")));
    let show_partitions = |name, partition| Statement::ShowPartitions { table: table(name), partition };
    check("SHOW PARTITIONS t", show_partitions("t", None));
    check(
        "SHOW PARTITIONS t PARTITION (y=2024)",
        show_partitions("t", Some(partition(&[("y", "#2024")], None))),
    );
    check("SHOW COLUMNS IN d.t", Statement::ShowColumns { table: table("d.t") });
    check("SHOW COLUMNS FROM t IN d", Statement::ShowColumns { table: table("d.t") });
    check("SHOW CREATE TABLE t", Statement::ShowCreateTable { table: table("t") });
    let show_properties =
        |key: Option<&str>| Statement::ShowTableProperties { table: table("t"), key: key.map(str::to_owned) };
    check("SHOW TBLPROPERTIES t", show_properties(None));
    check("SHOW TBLPROPERTIES t ('k')", show_properties(Some("k")));
}

#[test]
fn tables_and_views_are_described() {
    fn check(text: &str, name: &str, detail: Detail, spec: &[(&str, &str)], path: &[&str]) {
        let expect = Statement::Describe {
            table: table(name),
            detail,
            partition: (!spec.is_empty()).then(|| partition(spec, None)),
            path: path.iter().map(|step| step.to_string()).collect(),
        };
        assert_eq!(statement(text).unwrap(), expect, "{text}");
    }
    check("DESCRIBE t", "t", Detail::Columns, &[], &[]);
    check("DESC FORMATTED d.t", "d.t", Detail::Formatted, &[], &[]);
    check("DESCRIBE EXTENDED t", "t", Detail::Extended, &[], &[]);
    check("DESCRIBE extended", "extended", Detail::Columns, &[], &[]);
    check("DESCRIBE view.t", "view.t", Detail::Columns, &[], &[]);
    check("DESCRIBE t PARTITION (y=2024, m='x')", "t", Detail::Columns, &[("y", "#2024"), ("m", "x")], &[]);
    check("DESCRIBE FORMATTED t PARTITION (y=1) Col", "t", Detail::Formatted, &[("y", "#1")], &["col"]);
    check("DESCRIBE t a", "t", Detail::Columns, &[], &["a"]);
    check(
        "DESCRIBE d.t `a`.B.'$elem$'.'$VALUE$'",
        "d.t",
        Detail::Columns,
        &[],
        &["a", "b", "$elem$", "$value$"],
    );
    assert_eq!(statement("DESCRIBE VIEW d.v").unwrap(), Statement::DescribeView { view: table("d.v") });
    assert_eq!(statement("desc view v;").unwrap(), Statement::DescribeView { view: table("v") });
}

#[test]
fn partitions_are_added_and_dropped() {
    fn check(text: &str, expect: Statement) {
        assert_eq!(statement(text).unwrap(), expect, "{text}");
    }
    let add = |if_not_exists, partitions: &[PartitionSpec]| Statement::AddPartitions {
        table: table("d.t"),
        if_not_exists,
        partitions: partitions.to_vec(),
    };
    let equal = |values: &[(&str, &str)]| {
        let values = partition(values, None).values.into_iter();
        let condition = |(key, value)| PartitionCondition { key, comparison: Comparison::Equal, value };
        PartitionFilter { conditions: values.map(condition).collect() }
    };
    let drop = |if_exists, partitions: &[PartitionFilter]| Statement::DropPartitions {
        table: table("d.t"),
        if_exists,
        partitions: partitions.to_vec(),
    };
    check(
        "ALTER TABLE d.t ADD PARTITION (DT='2024-01-01')",
        add(false, &[partition(&[("dt", "2024-01-01")], None)]),
    );
    check("ALTER TABLE d.t ADD PARTITION (flag=TRUE)", add(false, &[partition(&[("flag", "true")], None)]));
    check(
        "ALTER TABLE d.t ADD IF NOT EXISTS PARTITION (y=2024, m='01') LOCATION 's3://b/x' \
         PARTITION (y=-1, m=DATE '2024-01-01')",
        add(
            true,
            &[
                partition(&[("y", "#2024"), ("m", "01")], Some("s3://b/x")),
                partition(&[("y", "#-1"), ("m", "2024-01-01")], None),
            ],
        ),
    );
    check(
        "ALTER TABLE d.t DROP PARTITION (y=2023), PARTITION (y=2024)",
        drop(false, &[equal(&[("y", "#2023")]), equal(&[("y", "#2024")])]),
    );
    check("ALTER TABLE d.t DROP IF EXISTS PARTITION (`y`='x')", drop(true, &[equal(&[("y", "x")])]));
    for (written, comparison) in [
        ("=", Comparison::Equal),
        ("==", Comparison::Equal),
        ("<>", Comparison::NotEqual),
        ("!=", Comparison::NotEqual),
        ("<", Comparison::Less),
        ("<=", Comparison::LessOrEqual),
        (">", Comparison::Greater),
        (">=", Comparison::GreaterOrEqual),
    ] {
        let value = PartitionLiteral::Number("-1".to_owned());
        let condition = PartitionCondition { key: "y".to_owned(), comparison, value };
        let conditions = vec![condition.clone(), condition];
        check(
            &format!("ALTER TABLE d.t DROP PARTITION (y {written} -1, y{written}-1)"),
            drop(false, &[PartitionFilter { conditions }]),
        );
    }
}

fn created(text: &str) -> CreateTable {
    match statement(text) {
        Ok(Statement::CreateExternalTable(table)) => *table,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn create_external_table_keeps_every_clause() {
    let found = created(
        r#"CREATE EXTERNAL TABLE IF NOT EXISTS `Sales`.orders (
            id BIGINT COMMENT 'the key',
            `Line Items` array<struct<sku:string, qty:int COMMENT 'how many'>>,
            price decimal(10, 2) -- euro
        )
        COMMENT "orders; all of them"
        PARTITIONED BY (year int, `month` string COMMENT 'two digits')
        CLUSTERED BY (id) SORTED BY (id DESC, price ASC, id) INTO 16 BUCKETS
        ROW FORMAT DELIMITED
            FIELDS TERMINATED BY '\001' ESCAPED BY '\\'
            COLLECTION ITEMS TERMINATED BY '\u0002'
            MAP KEYS TERMINATED BY ':'
            LINES TERMINATED BY '\n'
            NULL DEFINED AS '\\N'
        STORED AS TEXTFILE
        LOCATION 's3://bucket/orders/'
        TBLPROPERTIES ('skip.header.line.count'='1', 'projection.enabled' = 'true');"#,
    );
    let expect = CreateTable {
        name: table("sales.orders"),
        if_not_exists: true,
        columns: vec![
            column("id", "bigint", Some("the key")),
            column("line items", "array<struct<sku:string,qty:int>>", None),
            column("price", "decimal(10,2)", None),
        ],
        partitioned_by: vec![column("year", "int", None), column("month", "string", Some("two digits"))],
        comment: some("orders; all of them"),
        row_format: Some(RowFormat::Delimited(Delimited {
            field: some("\u{1}"),
            escape: some("\\"),
            collection: some("\u{2}"),
            map_key: some(":"),
            line: some("\n"),
            null: some("\\N"),
            properties: Vec::new(),
        })),
        clustered_by: Some(Buckets {
            columns: vec!["id".to_owned()],
            sorted_by: [("id", false), ("price", true), ("id", true)]
                .map(|(column, ascending)| SortColumn { column: column.to_owned(), ascending })
                .to_vec(),
            count: 16,
        }),
        stored_as: Some(StoredAs::Format(FileFormat::TextFile)),
        location: "s3://bucket/orders/".to_owned(),
        tbl_properties: properties(&[("skip.header.line.count", "1"), ("projection.enabled", "true")]),
    };
    assert_eq!(found, expect);
}

#[test]
fn create_external_table_reads_serde_and_formats() {
    let found = created(
        "CREATE EXTERNAL TABLE t (a string) \
         ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde' \
         WITH SERDEPROPERTIES ('separatorChar'='\\t', 'escapeChar' = '\\\\') \
         STORED AS INPUTFORMAT 'in.Class' OUTPUTFORMAT 'out.Class' LOCATION 'file:///x'",
    );
    assert_eq!(
        found.row_format,
        Some(RowFormat::Serde {
            library: "org.apache.hadoop.hive.serde2.OpenCSVSerde".to_owned(),
            properties: properties(&[("separatorChar", "\t"), ("escapeChar", "\\")]),
        })
    );
    assert_eq!(
        found.stored_as,
        Some(StoredAs::Classes { input: "in.Class".to_owned(), output: "out.Class".to_owned() })
    );

    fn check(name: &str, expect: FileFormat) {
        let found = created(&format!("create external table t (a int) stored as {name} location 'x'"));
        assert_eq!(found.stored_as, Some(StoredAs::Format(expect)), "{name}");
    }
    check("PARQUET", FileFormat::Parquet);
    check("orc", FileFormat::Orc);
    check("TextFile", FileFormat::TextFile);
    check("JSONFILE", FileFormat::Json);
    check("json", FileFormat::Json);
    check("avro", FileFormat::Avro);
    check("SEQUENCEFILE", FileFormat::SequenceFile);
    check("rcfile", FileFormat::RcFile);
    check("ION", FileFormat::Ion);

    let bare = created("CREATE EXTERNAL TABLE t LOCATION 'x'");
    assert_eq!((bare.columns.len(), bare.stored_as, bare.row_format), (0, None, None));
}

/// `expect` is `code line:column message`.
fn check_error(text: &str, expect: &str) {
    let error = match statement(text) {
        Err(error) => error,
        Ok(found) => panic!("{text}: no error but {found:?}"),
    };
    let place =
        error.position.map_or_else(|| "-".to_owned(), |Position { line, column }| format!("{line}:{column}"));
    let found = format!("{} {place} {}", error.code.number(), error.message);
    assert_eq!(found, expect, "{text}");
}

#[test]
fn syntax_errors_have_athenas_words_and_a_place() {
    check_error("", "1001 1:1 mismatched input '<EOF>'; expecting a statement");
    check_error("  -- nothing\n ;", "1001 2:2 mismatched input '<EOF>'; expecting a statement");
    check_error("42", "1001 1:1 mismatched input '42'; expecting a statement");
    check_error("SELCT 1", "1001 1:1 mismatched input 'SELCT'; expecting 'SELECT'");
    check_error("xyzzy", "1001 1:1 mismatched input 'xyzzy'; expecting a statement");
    check_error("SELECT 1; SELECT 2", "1001 1:11 only one statement is allowed");
    check_error("DROP TABLE t;\nDROP TABLE u;", "1001 2:1 only one statement is allowed");

    check_error("EXPLAIN", "1001 1:8 mismatched input '<EOF>'; expecting a query");

    check_error("DROP t", "1001 1:6 mismatched input 't'; expecting 'TABLE', 'VIEW', 'DATABASE' or 'SCHEMA'");
    check_error("DROP TABLE", "1001 1:11 mismatched input '<EOF>'; expecting a table name");
    check_error("DROP TABLE a.b.c", "1001 1:12 Catalog 'a' does not exist");
    check_error("DROP TABLE a.b.c.d", "1001 1:12 too many parts in name");
    check_error(
        "DROP TABLE ``",
        "1001 1:12 a table name must have 1 to 255 characters and no control characters",
    );
    check_error("DROP TABLE t u", "1001 1:14 mismatched input 'u'; expecting <EOF>");
    check_error("DROP TABLE 't'", "1001 1:12 mismatched input ''t''; expecting a table name");
    check_error("CREATE DATABASE d COMMENT x", "1001 1:27 mismatched input 'x'; expecting a string");
    check_error("CREATE DATABASE d LOCATION 'x", "1001 1:28 unterminated string");
    check_error("CREATE DATABASE d WITH DBPROPERTIES ('a')", "1001 1:41 mismatched input ')'; expecting '='");
    check_error("MSCK TABLE t", "1001 1:6 mismatched input 'TABLE'; expecting 'REPAIR'");
    check_error(
        "ALTER TABLE t ADD PARTITION (a=)",
        "1001 1:32 mismatched input ')'; expecting a string or a number",
    );
    check_error("ALTER TABLE t ADD PARTITION (a=1,A=2)", "1001 1:34 partition key 'a' is given twice");
    check_error(
        "ALTER TABLE t",
        "1001 1:14 mismatched input '<EOF>'; expecting 'ADD', 'DROP', 'CHANGE', 'REPLACE', 'SET', 'UNSET' or 'PARTITION'",
    );
    check_error("SHOW COLUMNS t", "1001 1:14 mismatched input 't'; expecting 'IN' or 'FROM'");
    check_error("SHOW COLUMNS IN d.t IN e", "1001 1:21 the database is given twice");
    check_error("SHOW TABLES LIKE x", "1001 1:18 mismatched input 'x'; expecting a pattern in quotes");
    check_error("DESCRIBE", "1001 1:9 mismatched input '<EOF>'; expecting a table name");
}

#[test]
fn create_table_errors_have_a_place() {
    let external = |rest: &str| format!("CREATE EXTERNAL TABLE t {rest}");
    let check = |rest: &str, expect: &str| check_error(&external(rest), expect);
    check("(a int", "1001 1:31 mismatched input '<EOF>'; expecting ',' or ')'");
    check("(a)", "1001 1:27 mismatched input ')'; expecting a type");
    check("(a int,)", "1001 1:32 mismatched input ')'; expecting a column name");
    check("(a strng) LOCATION 'x'", "1010 1:28 unknown type 'strng'");
    check("(a int, A string) LOCATION 'x'", "1010 1:55 duplicate column name 'a'");
    check("(a int) PARTITIONED BY (a int) LOCATION 'x'", "1010 1:68 duplicate column name 'a'");
    check("(a int) LOCATON 'x'", "1001 1:33 mismatched input 'LOCATON'; expecting 'LOCATION'");
    check("(a int) LOCATION ''", "1010 1:42 LOCATION is empty");
    check("(a int)", "1010 1:32 an external table needs a LOCATION");
    check("(a int) LOCATION 'x' LOCATION 'y'", "1001 1:46 duplicate LOCATION clause");
    check("(a int) PARTITIONED (b int)", "1001 1:45 mismatched input '('; expecting 'BY'");
    check(
        "(a int) STORED AS PARKET LOCATION 'x'",
        "1001 1:43 mismatched input 'PARKET'; expecting 'PARQUET', 'ORC', 'TEXTFILE', 'JSONFILE', 'AVRO', 'SEQUENCEFILE', 'RCFILE', 'ION' or 'INPUTFORMAT'",
    );
    check(
        "(a int) WITH SERDEPROPERTIES ('a'='b') LOCATION 'x'",
        "1001 1:76 WITH SERDEPROPERTIES needs a ROW FORMAT",
    );
    check(
        "(a int) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' FIELDS TERMINATED BY ';' LOCATION 'x'",
        "1001 1:79 duplicate FIELDS TERMINATED BY",
    );
    check(
        "(a int) CLUSTERED BY (b) INTO 4 BUCKETS LOCATION 'x'",
        "1010 1:77 CLUSTERED BY column 'b' is not a column of the table",
    );
    check(
        "(a int) CLUSTERED BY (a) INTO 0 BUCKETS LOCATION 'x'",
        "1010 1:55 the number of buckets must be at least 1",
    );
    check(
        "(a int) PARTITIONED BY (b array<int>) LOCATION 'x'",
        "1010 1:75 partition key 'b' has type array<int>, which is not primitive",
    );
    check(
        "(a int) xyzzy LOCATION 'x'",
        "1001 1:33 mismatched input 'xyzzy'; expecting a clause of CREATE EXTERNAL TABLE",
    );
}

#[test]
fn what_is_not_offered_is_refused_by_name() {
    fn check(text: &str, place: &str, construct: &str) {
        check_error(text, &format!("1007 {place} {construct} is not supported"));
    }
    check("UPDATE t SET a = 1", "1:1", "UPDATE");
    check("delete from t", "1:1", "DELETE FROM");
    check("MERGE INTO t USING u ON a", "1:1", "MERGE INTO");
    check("COPY t TO 'x'", "1:1", "COPY");
    check("USE d", "1:1", "USE");
    check("SET SESSION a = 1", "1:1", "SET SESSION");
    check("RESET SESSION a", "1:1", "RESET SESSION");
    check("SHOW SESSION", "1:1", "SHOW SESSION");
    check("OPTIMIZE t REWRITE DATA USING BIN_PACK", "1:1", "OPTIMIZE");
    check("TRUNCATE TABLE t", "1:1", "TRUNCATE TABLE");
    check("LOCK DATABASE d", "1:1", "LOCK DATABASE");
    check("START TRANSACTION", "1:1", "START TRANSACTION");
    check("DESCRIBE INPUT p", "1:10", "DESCRIBE INPUT");
    check("DESCRIBE OUTPUT p", "1:10", "DESCRIBE OUTPUT");
    check("DESCRIBE DATABASE d", "1:10", "DESCRIBE DATABASE");
    check("CREATE PROTECTED MULTI DIALECT VIEW v", "1:1", "CREATE PROTECTED");
    check("CREATE MATERIALIZED VIEW v AS SELECT 1", "1:1", "CREATE MATERIALIZED VIEW");
    check("CREATE TABLE t LIKE u", "1:16", "CREATE TABLE … LIKE");
    check(
        "CREATE TABLE t (a int) LOCATION 's3://b' TBLPROPERTIES ('table_type'='ICEBERG')",
        "1:16",
        "CREATE TABLE of an Iceberg table",
    );
    check("SHOW PARTITIONS t WHERE a = 1", "1:19", "SHOW PARTITIONS … WHERE");
    check("SHOW COLUMNS IN t LIKE 'a*'", "1:19", "SHOW COLUMNS … LIKE");
    check("SHOW ROLE GRANTS", "1:1", "SHOW ROLE GRANTS");
    check("SHOW CREATE SCHEMA d", "1:1", "SHOW CREATE SCHEMA");
    check("SET a = 1", "1:1", "SET");
    check("VACUUM t", "1:1", "VACUUM");
    check("CREATE EXTERNAL TABLE t LIKE u", "1:25", "CREATE EXTERNAL TABLE … LIKE");
    check("CREATE EXTERNAL TABLE t (a int) STORED BY 'x'", "1:33", "CREATE EXTERNAL TABLE … STORED BY");
    check("DROP TABLE t PURGE", "1:14", "DROP TABLE … PURGE");
    check("ALTER TABLE t RENAME TO u", "1:15", "ALTER TABLE … RENAME TO");
    check("MSCK REPAIR TABLE t SYNC PARTITIONS", "1:21", "MSCK REPAIR TABLE … SYNC PARTITIONS");
    check("EXPLAIN CREATE TABLE t AS SELECT 1", "1:9", "EXPLAIN of CREATE");
    check_error("CREATE TABLE t (a int)", "1007 1:8 CREATE TABLE is supported for external tables only");
    let error = statement("CREATE TABLE t (a int)").unwrap_err();
    assert!(error.hint.unwrap().contains("CREATE EXTERNAL TABLE"));
}

#[test]
fn queries_are_kept_as_written() {
    fn check(text: &str, expect: &str) {
        match statement(text) {
            Ok(Statement::Query(query)) => assert_eq!(query.text, expect, "{text}"),
            Ok(other) => panic!("{text}: {other:?}"),
            Err(error) => panic!("{text}: {}", error.to_user_text()),
        }
    }
    check("/* a */ SELECT 1;", "SELECT 1");
    check("(SELECT 1) UNION ALL (SELECT 2)", "(SELECT 1) UNION ALL (SELECT 2)");
    check("SELECT 'a\\' AS x;", "SELECT 'a\\' AS x");
    check("SELECT ';' AS \";\"", "SELECT ';' AS \";\"");
    check("TABLE t", "TABLE t");
}

#[test]
fn explain_takes_a_query() {
    fn check(text: &str, analyze: bool, verbose: bool, expect: &str) {
        match statement(text) {
            Ok(Statement::Explain(explain)) => {
                assert_eq!((explain.analyze, explain.verbose), (analyze, verbose), "{text}");
                assert_eq!(explain.query.text, expect, "{text}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }
    check("EXPLAIN SELECT 1", false, false, "SELECT 1");
    check("explain analyze verbose TABLE t;", true, true, "TABLE t");
    check("EXPLAIN (SELECT 1)", false, false, "(SELECT 1)");
    check("EXPLAIN (TYPE DISTRIBUTED, FORMAT TEXT) SELECT 1", false, false, "SELECT 1");
}

#[test]
fn long_statements_are_refused() {
    let text = format!("SELECT '{}'", "a".repeat(STATEMENT_BYTES_MAX));
    check_error(&text, "1007 - statement of 262153 bytes is longer than 262144 bytes");
}

#[test]
fn no_text_panics_the_parser() {
    let seeds = [
        "SELECT a, count(*) FROM d.t WHERE b = 'x' GROUP BY 1 ORDER BY 2",
        "CREATE EXTERNAL TABLE t (a array<struct<b:int>>) ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\t' LOCATION 'x'",
        "ALTER TABLE t ADD PARTITION (a='1') LOCATION 'é'",
        "SHOW COLUMNS IN `t`; -- é",
        "EXPLAIN (FORMAT TEXT) TABLE \"t\"",
        "CREATE TABLE t WITH (a = ARRAY['x', 'é'], b = -1) AS (SELECT 1) WITH NO DATA",
        "UNLOAD (SELECT f(1)) TO 's3://é/' WITH (format = 'ORC')",
        "PREPARE p FROM INSERT INTO t (a, b) SELECT '(' FROM u",
        "EXECUTE p USING f(1, 'é'), ARRAY[2]",
        "CREATE OR REPLACE VIEW v COMMENT 'é' SECURITY INVOKER AS SELECT '\\'",
        "SHOW STATS FOR (SELECT 1)",
        "DESCRIBE FORMATTED t PARTITION (a <= 1) b.'$elem$'",
    ];
    for seed in seeds {
        for (cut, c) in seed.char_indices() {
            let _ = statement(&seed[..cut]);
            let _ = statement(&seed[cut + c.len_utf8()..]);
            let _ = statement(&format!("{}{}", &seed[..cut], &seed[cut + c.len_utf8()..]));
            let _ = statement(&format!("{}'é{}", &seed[..cut], &seed[cut..]));
        }
    }
}
