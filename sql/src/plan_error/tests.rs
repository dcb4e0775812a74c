//! Errors of the analysis and of the engine, end to end: text in, typed error out.

use std::sync::Arc;

use datafusion::{
    arrow::{
        array::{ArrayRef, Int32Array, RecordBatch, StringViewArray},
        datatypes::Schema,
    },
    datasource::{MemTable, provider_as_source},
    execution::context::SessionContext,
};
use functions::Type;
use protocol::Position;

use super::*;
use crate::{
    analyze::{Analyzed, Session, Source, Sources, Table, analyze},
    query,
};

/// One table, `d.orders`.
fn sources() -> Sources {
    let column =
        |name: &str, data_type| crate::analyze::Column { name: name.to_owned(), data_type, hidden: false };
    let columns =
        vec![column("id", Type::Integer), column("customer", Type::VARCHAR), column("zero", Type::Integer)];
    let fields: Vec<_> = columns.iter().map(|column| column.data_type.field(&column.name)).collect();
    let schema = Arc::new(Schema::new(fields));
    let arrays: Vec<ArrayRef> = vec![
        Arc::new(Int32Array::from(vec![1, 2])),
        Arc::new(StringViewArray::from(vec!["a", "b"])),
        Arc::new(Int32Array::from(vec![0, 2])),
    ];
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays).unwrap();
    let table = MemTable::try_new(schema, vec![vec![batch]]).unwrap();
    let table = Table { source: provider_as_source(Arc::new(table)), columns };
    Sources::from([(("d".to_owned(), "orders".to_owned()), Source::Table(table))])
}

fn planned(text: &str) -> Result<Analyzed, Error> {
    let start = Position { line: 1, column: 1 };
    let session =
        Session { database: "d".to_owned(), user: "u".to_owned(), now_micros: 0, parameters: Vec::new() };
    query::on_deep_stack(|| {
        let query = query::parse(text, start)?;
        analyze(&query, text, start, &sources(), &session)
    })
}

async fn run(text: &str) -> Result<usize, Error> {
    let analyzed = planned(text)?;
    let frame = SessionContext::new().execute_logical_plan(analyzed.plan).await.map_err(plan_error)?;
    let batches = frame.collect().await.map_err(plan_error)?;
    Ok(batches.iter().map(|batch| batch.num_rows()).sum())
}

#[tokio::test]
async fn queries_fail_in_athenas_words() {
    let check = async |text: &str, expect: &str| {
        let error = match run(text).await {
            Err(error) => error,
            Ok(rows) => panic!("{text}: {rows} rows"),
        };
        assert_eq!(error.to_user_text(), expect, "{text}");
    };
    check(
        "SELECT custmer FROM orders",
        "COLUMN_NOT_FOUND (1003): line 1:8: Column 'custmer' cannot be resolved; did you mean 'customer'?",
    )
    .await;
    check(
        "SELECT 1\nFROM orders o WHERE o.xyzzyx = 1",
        "COLUMN_NOT_FOUND (1003): line 2:21: Column 'o.xyzzyx' cannot be resolved",
    )
    .await;
    check(
        "SELECT *\nFROM ordrs",
        "TABLE_NOT_FOUND (1002): line 2:6: Table 'awsdatacatalog.d.ordrs' does not exist",
    )
    .await;
    check(
        "SELECT lenght(customer) FROM orders",
        "FUNCTION_NOT_FOUND (1008): line 1:8: Function 'lenght' not registered; did you mean 'length'?",
    )
    .await;
    check("SELECT id FROM orders a, orders b", "INVALID_QUERY (1006): line 1:8: Column 'id' is ambiguous")
        .await;
    check("SELECT 10 / zero FROM orders", "DIVISION_BY_ZERO (1013): Division by zero").await;
    check("SELECT CAST(customer AS int) FROM orders", "INVALID_CAST_ARGUMENT (1016): Cannot cast 'a' to INT")
        .await;
}

#[test]
fn an_error_of_ours_wins_over_its_wrapping() {
    let error = Error::new(ErrorCode::ObjectChanged, "object 'a' changed").at(3, 7).retryable();
    let check = |wrapped: DataFusionError| assert_eq!(plan_error(wrapped), error);
    let external = || DataFusionError::External(error.clone().enveloped());
    check(external());
    check(external().context("stage 2").context("task 7"));
    check(DataFusionError::Shared(Arc::new(external())));
    check(DataFusionError::Execution(format!("worker 3: {}", error.to_envelope())));
    check(DataFusionError::External(Box::new(error.clone())));
    check(DataFusionError::ArrowError(Box::new(ArrowError::ExternalError(error.clone().enveloped())), None));
    check(DataFusionError::Internal(format!("tonic status: {}", error.to_envelope())));
}

#[test]
fn storage_and_files_have_their_codes() {
    fn check(err: DataFusionError, code: ErrorCode, retryable: bool) {
        let text = err.to_string();
        let error = plan_error(err);
        assert_eq!((error.code, error.retryable), (code, retryable), "{text}");
        assert!(!error.message.contains('\n'), "{}", error.message);
    }
    let missing = || object_store::Error::NotFound { path: "a/b".to_owned(), source: "404".into() };
    check(DataFusionError::ObjectStore(Box::new(missing())), ErrorCode::ObjectMissing, false);
    let through_parquet = ParquetError::External(Box::new(missing()));
    check(DataFusionError::ParquetError(Box::new(through_parquet)), ErrorCode::ObjectMissing, false);
    let denied = object_store::Error::PermissionDenied { path: "a".to_owned(), source: "403".into() };
    check(DataFusionError::External(Box::new(denied)), ErrorCode::AccessDenied, false);
    let changed = object_store::Error::Precondition { path: "a".to_owned(), source: "412".into() };
    check(DataFusionError::ObjectStore(Box::new(changed)), ErrorCode::ObjectChanged, true);
    let failed = object_store::Error::Generic { store: "S3", source: "503".into() };
    check(DataFusionError::ObjectStore(Box::new(failed)), ErrorCode::StorageFailed, true);
    let corrupt = ParquetError::General("bad magic".to_owned());
    check(DataFusionError::ParquetError(Box::new(corrupt)), ErrorCode::CorruptFile, false);
    let csv = ArrowError::CsvError("line 3".to_owned());
    check(DataFusionError::ArrowError(Box::new(csv), None), ErrorCode::CorruptFile, false);
    let memory = DataFusionError::ResourcesExhausted("pool".to_owned());
    check(memory.context("sort"), ErrorCode::MemoryLimitExceeded, false);
    check(DataFusionError::Internal("bug\n\nbacktrace".to_owned()), ErrorCode::Internal, false);
    check(DataFusionError::NotImplemented("x".to_owned()), ErrorCode::NotSupported, false);
}

/// Plans and runs on a thread with the stack of an asynchronous runtime's worker: what `parse` lets
/// through must not take the process down later.
#[test]
fn the_deepest_statements_accepted_can_be_planned_and_run() {
    const JOINS: usize = 240;
    const CHAIN: usize = 120;
    let chain = |start: &str, unit: &str, count: usize| format!("{start}{}", unit.repeat(count));
    let numbered = |start: &str, unit: &str, count: usize| {
        let units = (1..=count).map(|number| unit.replace('#', &number.to_string()));
        format!("{start}{}", units.collect::<String>())
    };
    let with = numbered("WITH t0 AS (SELECT id FROM orders)", ", t# AS (SELECT id FROM @ LIMIT 5)", CHAIN);
    let with = with.split('@').enumerate().map(|(at, part)| match at {
        0 => part.to_owned(),
        at => format!("t{}{part}", at - 1),
    });
    let statements = [
        chain("SELECT 1 ", "+ 1 ", 240) + "FROM orders",
        chain("SELECT customer ", "|| 'x' ", 240) + "FROM orders",
        chain("SELECT id FROM orders WHERE id = 1 ", "OR id = 2 ", 20_000),
        chain("SELECT id FROM orders ", "UNION ALL SELECT id FROM orders ", JOINS),
        chain("SELECT id FROM orders ", "EXCEPT SELECT 7 ", JOINS),
        format!("SELECT {}id{} FROM orders", "(".repeat(50), ")".repeat(50)),
        numbered("SELECT id FROM orders ", "CROSS JOIN (SELECT # AS x#) AS o# ", JOINS),
        numbered("SELECT orders.id FROM orders ", "LEFT JOIN orders AS o# ON orders.id = o#.id ", JOINS),
        format!("{} SELECT * FROM t{CHAIN}", with.collect::<String>()),
    ];
    for text in statements {
        let name: String = text.chars().take(70).collect();
        let started = std::time::Instant::now();
        let thread = std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async { run(&text).await.map_err(|error| error.to_user_text()).unwrap() })
        });
        let rows = thread.unwrap().join().unwrap();
        assert!(rows >= 2, "{name}: {rows} rows");
        assert!(started.elapsed().as_secs() < 180, "{name}: {:?}", started.elapsed());
    }
}
