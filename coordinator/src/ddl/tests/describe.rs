//! `DESCRIBE` in Hive's layout: joined by tabs, a row is the line that Athena writes.

use super::*;

/// The lines of the answer, fields filled up with blanks as Hive does.
async fn lines(world: &World, sql: &str) -> Vec<String> {
    world.run(sql).await.into_iter().map(|line| line.replace(" | ", "\t")).collect()
}

fn row(first: &str, second: &str, third: &str) -> String {
    format!("{first:<20}\t{second:<20}\t{third:<20}")
}

fn property(name: &str, value: &str) -> String {
    format!("{name:<20}\t{value:<20}\t ")
}

const BLANK: &str = "\t \t ";

#[tokio::test]
async fn columns_come_before_the_partition_keys() {
    let world = World::with_sales().await;
    let plain = lines(&world, "DESCRIBE sales").await;
    assert_eq!(
        plain,
        [
            row("id", "bigint", "the id"),
            row("amount", "decimal(10,2)", ""),
            row("year", "int", ""),
            row("city", "string", ""),
            BLANK.to_owned(),
            "# Partition Information\t \t ".to_owned(),
            "# col_name            \tdata_type           \tcomment             ".to_owned(),
            BLANK.to_owned(),
            row("year", "int", ""),
            row("city", "string", ""),
        ]
    );
    let formatted = lines(&world, "DESCRIBE FORMATTED sales").await;
    assert_eq!(formatted[..plain.len()], plain);
    let storage = world.table("sales").await.storage;
    let expected = [
        BLANK.to_owned(),
        "# Detailed Table Information\t \t ".to_owned(),
        property("Database:", "default"),
        property("Owner:", ""),
        String::new(),
        property("LastAccessTime:", "UNKNOWN"),
        property("Protect Mode:", "None"),
        property("Retention:", "0"),
        property("Location:", &world.location("sales")),
        property("Table Type:", "EXTERNAL_TABLE"),
        "Table Parameters:\t \t ".to_owned(),
        row("", "EXTERNAL", "TRUE").trim_start_matches(' ').to_owned(),
        row("", "z", "1").trim_start_matches(' ').to_owned(),
        row("", "a", "2").trim_start_matches(' ').to_owned(),
        row("", "comment", "what was sold").trim_start_matches(' ').to_owned(),
        BLANK.to_owned(),
        "# Storage Information\t \t ".to_owned(),
        property("SerDe Library:", &storage.serde_library),
        property("InputFormat:", &storage.input_format),
        property("OutputFormat:", &storage.output_format),
        property("Compressed:", "No"),
        property("Num Buckets:", "-1"),
        property("Bucket Columns:", "[]"),
        property("Sort Columns:", "[]"),
        "Storage Desc Params:\t \t ".to_owned(),
    ];
    let details = &formatted[plain.len()..];
    assert_eq!(details.len(), expected.len(), "{details:#?}");
    for (found, expected) in details.iter().zip(&expected).filter(|(_, expected)| !expected.is_empty()) {
        assert_eq!(found, expected);
    }
    assert!(
        details[4].starts_with("CreateTime:         \t") && details[4].contains(" UTC 2"),
        "{}",
        details[4]
    );
}

#[tokio::test]
async fn extended_is_one_line() {
    let world = World::with_sales().await;
    let lines = lines(&world, "DESCRIBE EXTENDED sales").await;
    let last = lines.last().unwrap();
    assert_eq!(lines[lines.len() - 2], BLANK);
    assert!(
        last.starts_with("Detailed Table Information\tTable(tableName:sales, dbName:default, owner:null,")
    );
    assert!(last.ends_with("viewExpandedText:null, tableType:EXTERNAL_TABLE)\t"), "{last}");
    for part in [
        "cols:[FieldSchema(name:id, type:bigint, comment:the id), FieldSchema(name:amount,",
        "partitionKeys:[FieldSchema(name:year, type:int, comment:null), ",
        "parameters:{EXTERNAL=TRUE, z=1, a=2, comment=what was sold}",
        "skewedColValueLocationMaps:{}), storedAsSubDirectories:false)",
    ] {
        assert!(last.contains(part), "{part} in {last}");
    }
}

#[tokio::test]
async fn partitions_are_described() {
    let world = World::with_sales().await;
    let own = world.location("own");
    world
        .run(&format!(
            "ALTER TABLE sales ADD PARTITION (year = 2024, city = 'a:b')
             PARTITION (year = 2025, city = 'b') LOCATION '{own}'"
        ))
        .await;
    let plain = lines(&world, "DESCRIBE sales").await;
    let spec = "PARTITION (year = 2024, city = 'a:b')";
    assert_eq!(lines(&world, &format!("DESCRIBE sales {spec}")).await, plain);
    let formatted = lines(&world, &format!("DESCRIBE FORMATTED sales {spec}")).await;
    assert!(formatted.contains(&"# Detailed Partition Information\t \t ".to_owned()), "{formatted:#?}");
    assert!(formatted.contains(&property("Partition Value:", "[2024, a:b]")), "{formatted:#?}");
    let canonical = world.location("sales/year=2024/city=a%3Ab");
    assert!(formatted.contains(&property("Location:", &canonical)), "{formatted:#?}");
    let extended = lines(&world, "DESCRIBE EXTENDED sales PARTITION (year = 2025, city = 'b')").await;
    let last = extended.last().unwrap();
    assert!(last.starts_with("Detailed Partition Information\tPartition(values:[2025, b], dbName:default,"));
    assert!(last.contains(&format!("location:{own}, ")), "{last}");
    world
        .check_fails(
            "DESCRIBE sales PARTITION (year = 1, city = 'x')",
            ErrorCode::PartitionNotFound,
            "year=1/city=x",
        )
        .await;
    world
        .check_fails("DESCRIBE sales PARTITION (year = 1)", ErrorCode::InvalidQuery, "partition key city")
        .await;
}

#[tokio::test]
async fn what_is_inside_a_column_is_described() {
    let world = World::new();
    let place = world.location("t");
    world
        .run(&format!(
            "CREATE EXTERNAL TABLE t (a int COMMENT 'x', s struct<f:int,g:array<struct<h:string>>>,
             m map<string,array<bigint>>) LOCATION '{place}'"
        ))
        .await;
    let none = "from deserializer";
    for (path, expected) in [
        ("a", vec![row("a", "int", "x")]),
        ("S", vec![row("f", "int", none), row("g", "array<struct<h:string>>", none)]),
        ("s.f", vec![row("f", "int", none)]),
        ("s.g", vec![row("g", "array<struct<h:string>>", none)]),
        ("s.g.'$elem$'", vec![row("h", "string", none)]),
        ("s.g.'$elem$'.h", vec![row("h", "string", none)]),
        ("m.'$key$'", vec![row("$key$", "string", none)]),
        ("m.'$value$'.'$elem$'", vec![row("$elem$", "bigint", none)]),
    ] {
        assert_eq!(lines(&world, &format!("DESCRIBE t {path}")).await, expected, "{path}");
    }
    for (path, message) in [
        ("b", "no column \"b\" in table \"default.t\""),
        ("s.k", "no field \"k\" in struct"),
        ("s.g.x", "there is $elem$"),
        ("m.x", "there is $key$, $value$"),
        ("a.x", "nothing is inside int"),
    ] {
        world.check_fails(&format!("DESCRIBE t {path}"), ErrorCode::ColumnNotFound, message).await;
    }
}
