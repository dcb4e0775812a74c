#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::Instant;

use super::*;
use crate::{Column, EXTERNAL_TABLE, HIVE_DEFAULT_PARTITION, StorageFormat};

fn sales(keys: &[(&str, &str)]) -> Table {
    let format = StorageFormat::parquet();
    let mut table = Table {
        database: "Default".into(),
        name: "Sales".into(),
        table_type: EXTERNAL_TABLE.into(),
        columns: vec![Column::new("Id", "bigint"), Column::new("note", "varchar(10)")],
        partition_keys: keys.iter().map(|(name, hive_type)| Column::new(*name, *hive_type)).collect(),
        parameters: [("EXTERNAL", "TRUE"), ("odd \u{1} key", "välue\n")].into_iter().collect(),
        ..Table::default()
    };
    table.storage.location = "s3://b/sales/".into();
    table.storage.serde_library = format.serde_library.into();
    table.storage.input_format = format.input_format.into();
    table
}

async fn store_with_sales() -> SqliteStore {
    let store = SqliteStore::in_memory().unwrap();
    store.create_table(sales(&[("year", "int"), ("city", "string")])).await.unwrap();
    store
}

#[track_caller]
fn code<T: std::fmt::Debug>(result: Result<T>) -> ErrorCode {
    result.unwrap_err().code
}

#[tokio::test]
async fn databases_come_and_go() {
    let store = SqliteStore::in_memory().unwrap();
    let web = Database { name: "Web".into(), description: Some("clicks".into()), ..Database::default() };
    assert!(store.create_database(web.clone(), false).await.unwrap());
    assert!(!store.create_database(web.clone(), true).await.unwrap());
    assert_eq!(code(store.create_database(web, false).await), ErrorCode::AlreadyExists);
    let odd = Database { name: "a-b".into(), ..Database::default() };
    assert_eq!(code(store.create_database(odd, false).await), ErrorCode::InvalidTable);

    let names: Vec<String> =
        store.databases().await.unwrap().into_iter().map(|database| database.name).collect();
    assert_eq!(names, ["default", "web"]);
    assert_eq!(store.database("WEB").await.unwrap().description.as_deref(), Some("clicks"));

    let error = store.database("wep").await.unwrap_err();
    assert_eq!(error.code, ErrorCode::DatabaseNotFound);
    assert_eq!(error.hint.as_deref(), Some("did you mean \"web\"?"));

    store.drop_database("web", false).await.unwrap();
    assert_eq!(code(store.drop_database("web", false).await), ErrorCode::DatabaseNotFound);
    assert_eq!(code(store.drop_database("default", true).await), ErrorCode::InvalidQuery);
}

#[tokio::test]
async fn full_database_is_dropped_only_by_cascade() {
    let store = SqliteStore::in_memory().unwrap();
    store.create_database(Database { name: "d".into(), ..Database::default() }, false).await.unwrap();
    let table = Table { database: "d".into(), ..sales(&[("year", "int")]) };
    store.create_table(table).await.unwrap();
    store.add_partitions("d", "sales", vec![Partition::new(["1"])], false).await.unwrap();
    assert_eq!(code(store.drop_database("d", false).await), ErrorCode::DatabaseNotEmpty);
    store.drop_database("d", true).await.unwrap();
    let left: i64 = store
        .read("count", |tx| Ok(tx.query_row("SELECT count(*) FROM partitions", [], |row| row.get(0))?))
        .await
        .unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn table_is_kept_as_written_with_lowered_names() {
    let store = store_with_sales().await;
    let kept = store.table("DEFAULT", "SALES").await.unwrap();
    let written = sales(&[("year", "int"), ("city", "string")]);
    assert_eq!(
        (kept.database.as_str(), kept.name.as_str(), kept.columns[0].name.as_str()),
        ("default", "sales", "id")
    );
    assert_eq!((&kept.parameters, &kept.storage), (&written.parameters, &written.storage));
    assert!(kept.version > 0 && kept.created_at_ms > 0);
    assert_eq!(store.table_names("default").await.unwrap(), ["sales"]);
    assert_eq!(store.tables("default").await.unwrap(), [kept]);

    assert_eq!(code(store.create_table(written).await), ErrorCode::AlreadyExists);
    let error = store.table("default", "sale").await.unwrap_err();
    assert_eq!(error.code, ErrorCode::TableNotFound);
    assert_eq!(error.hint.as_deref(), Some("did you mean \"sales\"?"));
    assert_eq!(code(store.table("nowhere", "sales").await), ErrorCode::DatabaseNotFound);
    assert_eq!(code(store.tables("nowhere").await), ErrorCode::DatabaseNotFound);
}

#[tokio::test]
async fn faulty_tables_are_refused_with_the_reason() {
    let store = SqliteStore::in_memory().unwrap();
    let base = || sales(&[]);
    let mut no_location = base();
    no_location.storage.location.clear();
    let cases = [
        (Table { name: "a.b".into(), ..base() }, "'.'"),
        (Table { columns: Vec::new(), ..base() }, "no columns"),
        (no_location, "no location"),
        (
            Table { columns: vec![Column::new("a", "int"), Column::new("A", "int")], ..base() },
            "two columns named \"a\"",
        ),
        (Table { columns: vec![Column::new("a", "strin")], ..base() }, "column \"a\""),
        (Table { partition_keys: vec![Column::new("k", "array<int>")], ..base() }, "cannot be partitioned"),
        (Table { partition_keys: vec![Column::new("ID", "int")], ..base() }, "two columns named \"id\""),
    ];
    for (table, expected) in cases {
        let error = store.create_table(table).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidTable);
        assert!(error.message.contains(expected), "{error}");
    }
}

#[tokio::test]
async fn versions_are_never_used_twice() {
    let store = store_with_sales().await;
    let first = store.table("default", "sales").await.unwrap();
    store.drop_table("default", "sales").await.unwrap();
    assert_eq!(code(store.drop_table("default", "sales").await), ErrorCode::TableNotFound);
    let second = store.create_table(sales(&[("year", "int")])).await.unwrap();
    assert!(second.version > first.version);
}

#[tokio::test]
async fn update_needs_the_present_version() {
    let store = store_with_sales().await;
    let mut mine = store.table("default", "sales").await.unwrap();
    let stale = mine.clone();
    mine.parameters.set("a", "b");
    let updated = store.update_table(mine).await.unwrap();
    assert!(updated.version > stale.version && updated.created_at_ms == stale.created_at_ms);
    assert_eq!(store.table("default", "sales").await.unwrap(), updated);
    let error = store.update_table(stale).await.unwrap_err();
    assert!(error.retryable, "{error}");

    store.add_partitions("default", "sales", vec![Partition::new(["1", "x"])], false).await.unwrap();
    let mut fewer = store.table("default", "sales").await.unwrap();
    fewer.partition_keys.pop();
    assert_eq!(code(store.update_table(fewer).await), ErrorCode::InvalidTable);
}

#[tokio::test]
async fn partitions_are_added_as_a_whole_or_not_at_all() {
    let store = store_with_sales().await;
    let add = |values: &[[&str; 2]], if_not_exists| {
        let partitions = values.iter().map(|values| Partition::new(*values)).collect();
        let store = store.clone();
        async move { store.add_partitions("default", "SALES", partitions, if_not_exists).await }
    };
    let version = || async { store.table("default", "sales").await.unwrap().version };

    assert_eq!(add(&[["2024", "a"], ["2023", ""]], false).await.unwrap(), 2);
    let before = version().await;
    let error = add(&[["2025", "b"], ["2024", "a"]], false).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::AlreadyExists);
    assert!(error.message.contains("\"year=2024/city=a\""), "{error}");
    assert_eq!(code(add(&[["1", "b"], ["1", "b"]], false).await), ErrorCode::AlreadyExists);
    assert_eq!(version().await, before);
    let values: Vec<_> =
        store.partitions("default", "sales").await.unwrap().into_iter().map(|p| p.values).collect();
    assert_eq!(values, [["2023", HIVE_DEFAULT_PARTITION], ["2024", "a"]]);

    assert_eq!(add(&[["2025", "b"], ["2024", "a"], ["2025", "b"]], true).await.unwrap(), 1);
    assert!(version().await > before);

    let one = vec![Partition::new(["1"])];
    assert_eq!(
        code(store.add_partitions("default", "sales", one.clone(), true).await),
        ErrorCode::InvalidQuery
    );
    store.create_table(Table { name: "flat".into(), ..sales(&[]) }).await.unwrap();
    assert_eq!(code(store.add_partitions("default", "flat", one, true).await), ErrorCode::InvalidQuery);
}

#[tokio::test]
async fn partitions_are_dropped_as_a_whole_or_not_at_all() {
    let store = store_with_sales().await;
    let partitions = vec![Partition::new(["1", "a"]), Partition::new(["2", "b"])];
    store.add_partitions("default", "sales", partitions, false).await.unwrap();
    let values =
        |rows: &[[&str; 2]]| rows.iter().map(|row| row.map(str::to_owned).to_vec()).collect::<Vec<_>>();
    let error = store
        .drop_partitions("default", "sales", values(&[["1", "a"], ["9", "z"]]), false)
        .await
        .unwrap_err();
    assert_eq!(error.code, ErrorCode::PartitionNotFound);
    assert!(error.message.contains("\"year=9/city=z\""), "{error}");
    assert_eq!(store.partitions("default", "sales").await.unwrap().len(), 2);
    let dropped =
        store.drop_partitions("default", "sales", values(&[["1", "a"], ["9", "z"]]), true).await.unwrap();
    assert_eq!((dropped, store.partitions("default", "sales").await.unwrap().len()), (1, 1));
}

#[tokio::test]
async fn one_partition_changes_at_the_version_that_was_read() {
    let store = store_with_sales().await;
    let partitions = vec![Partition::new(["1", "a"]), Partition::new(["2", "b"])];
    store.add_partitions("default", "sales", partitions, false).await.unwrap();
    let table = store.table("default", "sales").await.unwrap();
    let values = |values: [&str; 2]| values.map(str::to_owned).to_vec();
    let rename = |to: [&str; 2]| PartitionChange::Values(values(to));

    assert_eq!(
        code(store.alter_partition(&table, values(["1", "a"]), rename(["2", "b"])).await),
        ErrorCode::AlreadyExists
    );
    assert_eq!(
        code(store.alter_partition(&table, values(["1", "a"]), rename(["1", "a"])).await),
        ErrorCode::AlreadyExists
    );
    let gone = PartitionChange::Location(None);
    assert_eq!(
        code(store.alter_partition(&table, values(["9", "a"]), gone).await),
        ErrorCode::PartitionNotFound
    );
    store.alter_partition(&table, values(["1", "a"]), rename(["3", ""])).await.unwrap();
    let error = store.alter_partition(&table, values(["2", "b"]), rename(["4", "d"])).await.unwrap_err();
    assert!(error.retryable, "{error}");

    let table = store.table("default", "sales").await.unwrap();
    let place = PartitionChange::Location(Some("s3://x/y".to_owned()));
    store.alter_partition(&table, values(["2", "b"]), place).await.unwrap();
    let kept = store.partitions("default", "sales").await.unwrap();
    let kept: Vec<_> = kept.into_iter().map(|kept| (kept.values, kept.location)).collect();
    assert_eq!(
        kept,
        [
            (values(["2", "b"]), Some("s3://x/y".to_owned())),
            (values(["3", HIVE_DEFAULT_PARTITION]), Some("s3://b/sales/year=1/city=a".to_owned())),
        ]
    );
}

#[tokio::test]
async fn partitions_stay_when_their_table_moves() {
    let store = store_with_sales().await;
    let own = Partition::new(["2", "b"]).at("s3://x/y/");
    store.add_partitions("default", "sales", vec![Partition::new(["1", "a"]), own], false).await.unwrap();
    let mut table = store.table("default", "sales").await.unwrap();
    table.storage.location = "s3://c/".into();
    store.update_table(table).await.unwrap();
    let image = store.partition_image("default", "sales").await.unwrap();
    assert_eq!([image.location(0), image.location(1)], ["s3://b/sales/year=1/city=a/", "s3://x/y/"]);
}

#[tokio::test]
async fn views_and_tables_are_dropped_as_what_they_are() {
    let store = store_with_sales().await;
    let view = Table {
        database: "default".into(),
        name: "v".into(),
        table_type: crate::VIRTUAL_VIEW.into(),
        columns: vec![Column::new("a", "int")],
        view_original_text: Some("text".into()),
        ..Table::default()
    };
    store.create_table(view).await.unwrap();
    assert_eq!(store.table("default", "v").await.unwrap().view_original_text.as_deref(), Some("text"));
    assert_eq!(code(store.drop_table("default", "v").await), ErrorCode::InvalidQuery);
    assert_eq!(code(store.drop_view("default", "sales").await), ErrorCode::InvalidQuery);
    store.drop_view("default", "V").await.unwrap();
    assert_eq!(code(store.drop_view("default", "v").await), ErrorCode::TableNotFound);
}

#[tokio::test]
async fn database_properties_are_merged() {
    let store = SqliteStore::in_memory().unwrap();
    let set = |pairs: &[(&str, &str)]| {
        let (store, properties) = (store.clone(), pairs.iter().copied().collect());
        async move { store.set_database_properties("Default", properties).await.unwrap() }
    };
    set(&[("a", "1"), ("b", "2")]).await;
    set(&[("c", "3"), ("a", "4")]).await;
    let kept = store.database("default").await.unwrap();
    assert_eq!(kept.parameters.iter().collect::<Vec<_>>(), [("a", "4"), ("b", "2"), ("c", "3")]);
    let nothing = Parameters::new();
    assert_eq!(code(store.set_database_properties("no", nothing).await), ErrorCode::DatabaseNotFound);
}

#[tokio::test]
async fn prepared_statements_belong_to_a_workgroup() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    let store = SqliteStore::open(&path).unwrap();
    let statement = |workgroup: &str, name: &str, statement: &str| PreparedStatement {
        workgroup: workgroup.to_owned(),
        name: name.to_owned(),
        statement: statement.to_owned(),
        ..PreparedStatement::default()
    };
    store.put_prepared_statement(statement("w", "b", "SELECT 1")).await.unwrap();
    store.put_prepared_statement(statement("w", "a", "SELECT 2")).await.unwrap();
    store.put_prepared_statement(statement("x", "a", "SELECT 3")).await.unwrap();
    store.put_prepared_statement(statement("w", "b", "SELECT ?")).await.unwrap();
    let again = SqliteStore::open(&path).unwrap();
    let found = again.prepared_statement("w", "b").await.unwrap().unwrap();
    assert_eq!((found.statement.as_str(), found.description.as_deref()), ("SELECT ?", None));
    assert!(found.updated_at_ms > 0);
    assert_eq!(again.prepared_statement("w", "B").await.unwrap(), None);
    let all = again.prepared_statements("w").await.unwrap();
    assert_eq!(all.into_iter().map(|found| found.name).collect::<Vec<_>>(), ["a", "b"]);
    assert!(store.delete_prepared_statement("w", "a").await.unwrap());
    assert!(!store.delete_prepared_statement("w", "a").await.unwrap());
    assert_eq!(again.prepared_statements("x").await.unwrap().len(), 1);

    let bad = [
        statement("w", "", "x"),
        statement("w", &"n".repeat(256), "x"),
        statement("w", "n", &"x".repeat(300_000)),
    ];
    for bad in bad {
        assert_eq!(code(store.put_prepared_statement(bad).await), ErrorCode::InvalidQuery);
    }
    // A thousand commits to a file would take seconds.
    let store = SqliteStore::in_memory().unwrap();
    for number in 0..1_000 {
        store.put_prepared_statement(statement("full", &format!("s{number}"), "x")).await.unwrap();
    }
    store.put_prepared_statement(statement("full", "s1", "y")).await.unwrap();
    let error = store.put_prepared_statement(statement("full", "other", "x")).await.unwrap_err();
    assert!(error.hint.unwrap().contains("DEALLOCATE"));
}

#[tokio::test]
async fn files_of_the_first_schema_are_brought_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    SqliteStore::open(&path).unwrap().create_table(sales(&[])).await.unwrap();
    let old = Connection::open(&path).unwrap();
    old.execute_batch("DROP TABLE prepared_statements; PRAGMA user_version = 1").unwrap();
    drop(old);
    let store = SqliteStore::open(&path).unwrap();
    assert_eq!(store.table_names("default").await.unwrap(), ["sales"]);
    assert_eq!(store.prepared_statements("w").await.unwrap(), []);
}

#[tokio::test]
async fn image_is_shared_until_the_table_changes() {
    let store = store_with_sales().await;
    let elsewhere = Partition {
        parameters: [("n", "1")].into_iter().collect(),
        ..Partition::new(["2024", "a:b"]).at("s3://x/y")
    };
    store.add_partitions("default", "sales", vec![elsewhere.clone()], false).await.unwrap();
    let kept = store.partitions("default", "sales").await.unwrap().remove(0);
    assert_eq!((kept.parameters, kept.location), (elsewhere.parameters, elsewhere.location));

    let first = store.partition_image("default", "sales").await.unwrap();
    assert_eq!((first.len(), first.location(0).as_str()), (1, "s3://x/y/"));
    assert!(Arc::ptr_eq(&first, &store.partition_image("default", "sales").await.unwrap()));
    store.add_partitions("default", "sales", vec![Partition::new(["2025", "c"])], false).await.unwrap();
    let second = store.partition_image("default", "sales").await.unwrap();
    assert_eq!((second.len(), second.location(1).as_str()), (2, "s3://b/sales/year=2025/city=c/"));
    assert!(second.version() > first.version());
}

#[tokio::test]
async fn ten_thousand_partitions_in_a_second() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("catalog.db")).unwrap();
    store.create_table(sales(&[("year", "int"), ("city", "string")])).await.unwrap();
    let partitions: Vec<Partition> =
        (0..10_000).map(|n| Partition::new([format!("{}", n % 100), format!("city-{n}")])).collect();
    let started = Instant::now();
    assert_eq!(store.add_partitions("default", "sales", partitions, false).await.unwrap(), 10_000);
    let insert = started.elapsed();
    let started = Instant::now();
    assert_eq!(store.partition_image("default", "sales").await.unwrap().len(), 10_000);
    let image = started.elapsed();
    assert!(insert < Duration::from_secs(1), "insert took {insert:?}");
    assert!(image < Duration::from_millis(200), "image took {image:?}");
}

#[tokio::test]
async fn file_is_read_back_and_shared_between_stores() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    let one = SqliteStore::open(&path).unwrap();
    let written = one.create_table(sales(&[("year", "int")])).await.unwrap();
    let two = SqliteStore::open(&path).unwrap();
    assert_eq!(two.table("default", "sales").await.unwrap(), written);
    two.add_partitions("default", "sales", vec![Partition::new(["1"])], false).await.unwrap();
    assert_eq!(one.partition_image("default", "sales").await.unwrap().len(), 1);
}

#[tokio::test]
async fn settings_hold_what_durability_needs() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("catalog.db")).unwrap();
    let connection = store.connection.lock();
    let pragma = |name: &str| -> String {
        connection
            .query_row(&format!("PRAGMA {name}"), [], |row| {
                Ok(match row.get_ref(0)? {
                    rusqlite::types::ValueRef::Integer(number) => number.to_string(),
                    other => other.as_str().unwrap().to_owned(),
                })
            })
            .unwrap()
    };
    assert_eq!(
        (pragma("journal_mode"), pragma("synchronous"), pragma("foreign_keys")),
        ("wal".into(), "2".into(), "1".into())
    );
}

#[test]
fn foreign_newer_and_broken_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let check = |name: &str, expected: &str| {
        let error = SqliteStore::open(folder.path().join(name)).unwrap_err();
        assert_eq!(error.code, ErrorCode::CatalogFailed);
        assert!(error.message.contains(expected), "{error}");
    };

    drop(SqliteStore::open(folder.path().join("newer.db")).unwrap());
    let newer = Connection::open(folder.path().join("newer.db")).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    drop(newer);
    check("newer.db", "schema version 99");

    let foreign = Connection::open(folder.path().join("foreign.db")).unwrap();
    foreign.execute_batch("CREATE TABLE mine (a)").unwrap();
    drop(foreign);
    check("foreign.db", "not a catalog");

    std::fs::write(folder.path().join("text.db"), "not a database at all, just some text").unwrap();
    check("text.db", "cannot open the catalog");
    check("no/such/folder.db", "cannot open the catalog");
}

#[tokio::test]
async fn waiting_writers_get_a_retryable_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    let store = SqliteStore::open(&path).unwrap();
    store.connection.lock().busy_timeout(Duration::from_millis(1)).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = store.create_table(sales(&[])).await.unwrap_err();
    assert_eq!((error.code, error.retryable), (ErrorCode::CatalogFailed, true));
    // Readers are not held up by a writer.
    store.databases().await.unwrap();
}

#[tokio::test]
async fn concurrent_changes_all_count() {
    let store = store_with_sales().await;
    let tasks: Vec<_> = (0..16)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move {
                store
                    .add_partitions(
                        "default",
                        "sales",
                        vec![Partition::new([n.to_string(), "x".into()])],
                        false,
                    )
                    .await
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(store.partition_image("default", "sales").await.unwrap().len(), 16);
}
