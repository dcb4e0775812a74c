//! `ALTER TABLE`: definitions and single partitions.

use super::*;

fn columns(table: &Table) -> Vec<String> {
    let text = |column: &catalog::Column| {
        let comment = column.comment.as_deref().unwrap_or("-");
        format!("{} {} {comment}", column.name, column.hive_type)
    };
    table.columns.iter().map(text).collect()
}

#[tokio::test]
async fn columns_are_added_changed_and_replaced() {
    let world = World::with_sales().await;
    let step = |sql: &'static str, expected: &'static [&'static str]| {
        let world = &world;
        async move {
            let before = world.table("sales").await;
            world.run(&format!("ALTER TABLE sales {sql}")).await;
            let after = world.table("sales").await;
            assert_eq!(columns(&after), expected, "{sql}");
            assert!(after.version > before.version, "{sql}");
            assert_eq!(after.key_names(), ["year", "city"], "{sql}");
        }
    };
    step(
        "ADD COLUMNS (note string COMMENT 'n', tags array<string>)",
        &["id bigint the id", "amount decimal(10,2) -", "note string n", "tags array<string> -"],
    )
    .await;
    step(
        "CHANGE ID key string",
        &["key string the id", "amount decimal(10,2) -", "note string n", "tags array<string> -"],
    )
    .await;
    step(
        "CHANGE COLUMN note note varchar(3) COMMENT 'm' FIRST",
        &["note varchar(3) m", "key string the id", "amount decimal(10,2) -", "tags array<string> -"],
    )
    .await;
    step(
        "CHANGE COLUMN note note varchar(3) AFTER amount",
        &["key string the id", "amount decimal(10,2) -", "note varchar(3) m", "tags array<string> -"],
    )
    .await;
    step("REPLACE COLUMNS (id int, city_code string)", &["id int -", "city_code string -"]).await;

    for (sql, code, message) in [
        ("ADD COLUMNS (id int)", ErrorCode::InvalidTable, "two columns named \"id\""),
        ("ADD COLUMNS (city int)", ErrorCode::InvalidTable, "two columns named \"city\""),
        ("CHANGE idd x int", ErrorCode::ColumnNotFound, "did you mean \"id\""),
        ("CHANGE id city_code int", ErrorCode::InvalidTable, "two columns named \"city_code\""),
        ("CHANGE id x int AFTER nothing", ErrorCode::ColumnNotFound, "\"nothing\""),
        ("CHANGE city town string", ErrorCode::InvalidQuery, "is a partition key"),
        ("DROP COLUMN id", ErrorCode::NotSupported, "REPLACE COLUMNS"),
    ] {
        world.check_fails(&format!("ALTER TABLE sales {sql}"), code, message).await;
    }
    assert_eq!(columns(&world.table("sales").await), ["id int -", "city_code string -"]);
    world.check_fails("ALTER TABLE sale ADD COLUMNS (a int)", ErrorCode::TableNotFound, "\"sales\"").await;
}

#[tokio::test]
async fn buckets_follow_their_columns() {
    let world = World::new();
    let place = world.location("b");
    world
        .run(&format!(
            "CREATE EXTERNAL TABLE b (a int, c int) CLUSTERED BY (a) SORTED BY (c) INTO 2 BUCKETS
             STORED AS PARQUET LOCATION '{place}'"
        ))
        .await;
    world.run("ALTER TABLE b CHANGE a x int").await;
    world.run("ALTER TABLE b CHANGE c y int").await;
    let storage = world.table("b").await.storage;
    assert_eq!((storage.bucket_columns, storage.sort_columns[0].column.as_str()), (vec!["x".into()], "y"));
    world.check_fails("ALTER TABLE b REPLACE COLUMNS (x int)", ErrorCode::InvalidTable, "\"y\"").await;
}

#[tokio::test]
async fn properties_are_set_and_unset() {
    let world = World::with_sales().await;
    world
        .run("ALTER TABLE sales SET TBLPROPERTIES ('z' = '9', 'comment' = 'other', 'projection.enabled'='false')")
        .await;
    assert_eq!(
        world.run("SHOW TBLPROPERTIES sales").await,
        ["EXTERNAL | TRUE", "z | 9", "a | 2", "projection.enabled | false", "comment | other"]
    );
    assert_eq!(world.table("sales").await.description.as_deref(), Some("other"));
    world.run("ALTER TABLE sales UNSET TBLPROPERTIES ('z', 'comment')").await;
    assert_eq!(
        world.run("SHOW TBLPROPERTIES sales").await,
        ["EXTERNAL | TRUE", "a | 2", "projection.enabled | false"]
    );
    let missing = "ALTER TABLE sales UNSET TBLPROPERTIES ('a', 'nothing')";
    world.check_fails(missing, ErrorCode::InvalidQuery, "does not have property: nothing").await;
    world.run("ALTER TABLE sales UNSET TBLPROPERTIES IF EXISTS ('nothing', 'a')").await;
    assert_eq!(world.table("sales").await.parameters.len(), 2);

    let place = world.location("csv");
    world.run(&format!("CREATE EXTERNAL TABLE csv (a int) LOCATION '{place}'")).await;
    let faulty = "ALTER TABLE csv SET TBLPROPERTIES ('skip.header.line.count' = 'x')";
    world.check_fails(faulty, ErrorCode::InvalidTable, "skip.header.line.count").await;
}

#[tokio::test]
async fn locations_change_and_partitions_stay() {
    let world = World::with_sales().await;
    let own = world.location("own/");
    world
        .run(&format!(
            "ALTER TABLE sales ADD PARTITION (year = 1, city = 'a:b')
             PARTITION (year = 2, city = 'c') LOCATION '{own}'"
        ))
        .await;
    let moved = world.location("moved/");
    world.run(&format!("ALTER TABLE sales SET LOCATION '{moved}'")).await;
    world.run("ALTER TABLE sales ADD PARTITION (year = 3, city = 'd')").await;
    assert_eq!(world.table("sales").await.storage.location, moved);
    let image = world.catalog.partition_image("default", "sales").await.unwrap();
    let places: Vec<String> = (0..image.len()).map(|row| image.location(row)).collect();
    assert_eq!(
        places,
        [format!("{}/", world.location("sales/year=1/city=a%3Ab")), own, format!("{moved}year=3/city=d/"),]
    );
    world
        .check_fails(
            "ALTER TABLE sales SET LOCATION 'file:///etc'",
            ErrorCode::LocationNotAllowed,
            "not below",
        )
        .await;
}

#[tokio::test]
async fn one_partition_gets_another_place_or_name() {
    let world = World::with_sales().await;
    world
        .run("ALTER TABLE sales ADD PARTITION (year = '01', city = 'a') PARTITION (year = 2, city = 'b')")
        .await;
    let place = world.location("place");
    let set = |spec: &str, location: &str| {
        format!("ALTER TABLE sales PARTITION ({spec}) SET LOCATION '{location}'")
    };
    world.run(&set("city = 'a', year = 1", &place)).await;
    let kept = |world: &World| {
        let catalog = Arc::clone(&world.catalog);
        async move {
            let kept = catalog.partitions("default", "sales").await.unwrap();
            kept.into_iter().map(|p| (p.values.join(","), p.location)).collect::<Vec<_>>()
        }
    };
    assert_eq!(kept(&world).await, [("01,a".to_owned(), Some(place.clone())), ("2,b".to_owned(), None)]);
    world.run(&set("city = 'a', year = 1", &world.location("sales/year=01/city=a/"))).await;
    assert_eq!(kept(&world).await, [("01,a".to_owned(), None), ("2,b".to_owned(), None)]);

    let rename =
        |from: &str, to: &str| format!("ALTER TABLE sales PARTITION ({from}) RENAME TO PARTITION ({to})");
    world.run(&rename("year = 1, city = 'a'", "year = 1, city = 'z'")).await;
    let first = Some(world.location("sales/year=01/city=a"));
    assert_eq!(kept(&world).await, [("1,z".to_owned(), first), ("2,b".to_owned(), None)]);

    for (sql, code, message) in [
        (set("year = 7, city = 'a'", &place), ErrorCode::PartitionNotFound, "year=7/city=a"),
        (set("year = 1", &place), ErrorCode::InvalidQuery, "partition key city"),
        (set("year = 1, city = 'z'", "file:///etc"), ErrorCode::LocationNotAllowed, "not below"),
        (rename("year = 1, city = 'z'", "year = 2, city = 'b'"), ErrorCode::AlreadyExists, "year=2/city=b"),
        (
            rename("year = 1, city = 'z'", "year = 'x', city = 'b'"),
            ErrorCode::InvalidQuery,
            "not of type int",
        ),
        (rename("year = 1, city = 'z'", "year = 2"), ErrorCode::InvalidQuery, "partition key city"),
    ] {
        world.check_fails(&sql, code, message).await;
    }
    assert_eq!(kept(&world).await.len(), 2);
}

#[tokio::test]
async fn concurrent_changes_of_one_table_all_count() {
    let world = Arc::new(World::with_sales().await);
    let tasks: Vec<_> = (0..8)
        .map(|n| {
            let world = Arc::clone(&world);
            tokio::spawn(async move {
                world.run(&format!("ALTER TABLE sales ADD COLUMNS (c{n} int)")).await;
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(world.table("sales").await.columns.len(), 10);
}

#[tokio::test]
async fn writing_is_refused_after_parsing() {
    let world = World::with_sales().await;
    for (sql, name) in [
        ("CREATE TABLE t AS SELECT 1 AS a", "CREATE TABLE AS SELECT"),
        ("INSERT INTO sales SELECT 1", "INSERT INTO"),
        ("UNLOAD (SELECT 1) TO 's3://b/x/' WITH (format = 'ORC')", "UNLOAD"),
    ] {
        world.check_fails(sql, ErrorCode::NotSupported, &format!("{name} is not supported yet")).await;
    }
}
