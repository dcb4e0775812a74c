//! TPC-DS at scale factor 0.01, in Athena's spelling: answers of another engine, however a query is executed.

use std::{fs::File, path::Path};

use arrow::{
    datatypes::DataType,
    record_batch::{RecordBatch, RecordBatchReader},
};
use parquet::{arrow::ArrowWriter, basic::Compression, file::properties::WriterProperties};
use tpcdsgen::config::SessionBuilder;
use tpcdsgen_arrow as tables;

use crate::{
    client::Client,
    cluster::{Cluster, MODES, Mode, on_files, repository},
    tpch::{assert_same, read_csv},
};

const SCALE_FACTOR: f64 = 0.01;
/// The 99 queries, four of which have two forms.
const QUERIES: usize = 103;

/// Writes all tables below `folder`; returns the statements that define them.
fn generate(folder: &Path) -> Vec<String> {
    let session = || SessionBuilder::new().with_scale_factor(SCALE_FACTOR).build().unwrap();
    vec![
        write(folder, "call_center", tables::CallCenterArrow::new(session())),
        write(folder, "catalog_page", tables::CatalogPageArrow::new(session())),
        write(folder, "catalog_returns", tables::CatalogReturnsArrow::new(session())),
        write(folder, "catalog_sales", tables::CatalogSalesArrow::new(session())),
        write(folder, "customer", tables::CustomerArrow::new(session())),
        write(folder, "customer_address", tables::CustomerAddressArrow::new(session())),
        write(folder, "customer_demographics", tables::CustomerDemographicsArrow::new(session())),
        write(folder, "date_dim", tables::DateDimArrow::new(session())),
        write(folder, "household_demographics", tables::HouseholdDemographicsArrow::new(session())),
        write(folder, "income_band", tables::IncomeBandArrow::new(session())),
        write(folder, "inventory", tables::InventoryArrow::new(session())),
        write(folder, "item", tables::ItemArrow::new(session())),
        write(folder, "promotion", tables::PromotionArrow::new(session())),
        write(folder, "reason", tables::ReasonArrow::new(session())),
        write(folder, "ship_mode", tables::ShipModeArrow::new(session())),
        write(folder, "store", tables::StoreArrow::new(session())),
        write(folder, "store_returns", tables::StoreReturnsArrow::new(session())),
        write(folder, "store_sales", tables::StoreSalesArrow::new(session())),
        write(folder, "time_dim", tables::TimeDimArrow::new(session())),
        write(folder, "warehouse", tables::WarehouseArrow::new(session())),
        write(folder, "web_page", tables::WebPageArrow::new(session())),
        write(folder, "web_returns", tables::WebReturnsArrow::new(session())),
        write(folder, "web_sales", tables::WebSalesArrow::new(session())),
        write(folder, "web_site", tables::WebSiteArrow::new(session())),
    ]
}

fn write(folder: &Path, table: &str, rows: impl RecordBatchReader) -> String {
    let folder = folder.join(table);
    std::fs::create_dir_all(&folder).unwrap();
    let schema = rows.schema();
    let columns = schema.fields().iter().map(|field| format!("{} {}", field.name(), hive(field.data_type())));
    let columns: Vec<_> = columns.collect();

    let file = File::create(folder.join("part-0.parquet")).unwrap();
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = ArrowWriter::try_new(file, schema.clone(), Some(properties)).unwrap();
    for batch in rows {
        let batch: RecordBatch = batch.unwrap();
        writer.write(&batch).unwrap();
    }
    writer.close().unwrap();

    let columns = columns.join(", ");
    let folder = folder.display();
    format!("CREATE EXTERNAL TABLE tpcds.{table} ({columns}) STORED AS PARQUET LOCATION 'file://{folder}'")
}

fn hive(arrow: &DataType) -> String {
    match arrow {
        DataType::Int32 => "int".to_owned(),
        DataType::Int64 => "bigint".to_owned(),
        DataType::Date32 => "date".to_owned(),
        DataType::Utf8View => "string".to_owned(),
        DataType::Decimal128(precision, scale) => format!("decimal({precision},{scale})"),
        other => panic!("no table has a column of {other}"),
    }
}

/// Name, statement, answer.
fn queries() -> Vec<(String, String, Vec<Vec<String>>)> {
    let folder = repository().join("sql-tests/tpcds");
    let files = std::fs::read_dir(folder.join("queries")).unwrap();
    let mut names: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let query = |file: &String| {
        let sql = std::fs::read_to_string(folder.join("queries").join(file)).unwrap();
        let name = file.trim_end_matches(".sql");
        let answer = folder.join(format!("answers/sf{SCALE_FACTOR}/{name}.csv"));
        (name.to_owned(), sql, read_csv(&answer))
    };
    names.iter().map(query).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_right() {
    let folder = tempfile::tempdir().unwrap();
    let folder = std::fs::canonicalize(folder.path()).unwrap();
    let definitions = generate(&folder);
    let queries = queries();
    assert_eq!(queries.len(), QUERIES);

    for mode in MODES {
        let cluster = Cluster::start(mode, &on_files(&folder));
        let client = Client::connect(&cluster.flight).await;
        client.run("CREATE DATABASE tpcds").await.unwrap();
        for definition in &definitions {
            client.run(definition).await.unwrap();
        }
        let client = client.in_database("tpcds");
        let mut distributed = 0;
        for (name, sql, answer) in &queries {
            let plan = client.rows(&format!("EXPLAIN {sql}")).await;
            distributed += usize::from(plan.iter().any(|line| line[0].contains("DistributedExec")));
            assert_same(&format!("{name} {mode:?}"), &client.rows(sql).await, answer);
        }
        // Most tables are one file of one split at this size, and their plans stay in one process.
        assert_eq!(distributed > 0, mode != Mode::Embedded, "{mode:?}: {distributed} distributed");
    }
}
