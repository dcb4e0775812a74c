//! Runs one aggregate over columns that are written as arrays, in every way the engine has.

use std::sync::{Arc, LazyLock};

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, UInt32Array, new_empty_array},
    compute::{SortOptions, concat, concat_batches, take_record_batch},
    datatypes::{DataType, Field, Schema},
    util::display::{ArrayFormatter, FormatOptions},
};
use datafusion::{
    common::ScalarValue,
    datasource::MemTable,
    logical_expr::{
        AggregateUDF, EmitTo, Expr, ExprFunctionExt, SortExpr, WindowFrame, WindowFrameBound,
        WindowFrameUnits, col, expr::WindowFunction, lit,
    },
    physical_expr::{PhysicalExpr, PhysicalSortExpr, aggregate::AggregateExprBuilder, expressions::Column},
    prelude::{SessionConfig, SessionContext},
};

use crate::{Kind, registry, testing::value};

/// `DISTINCT` and `ORDER BY` of the call.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Clauses {
    pub(crate) distinct: bool,
    /// Number of the column, and whether it ascends; NULLs last.
    pub(crate) order_by: Option<(usize, bool)>,
    /// The result depends on the order of the rows: they stay in one partition.
    pub(crate) in_order: bool,
}

static RUNTIME: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
});

pub(crate) fn udaf(name: &str) -> Arc<AggregateUDF> {
    match &registry::find(name).unwrap_or_else(|| panic!("{name} is not registered")).kind {
        Kind::Aggregate(udaf) => Arc::clone(udaf),
        other => panic!("{name} is {other:?}"),
    }
}

/// Columns `c0`, `c1`, … and the group `g`.
fn rows(columns: &[&str], group: i64) -> RecordBatch {
    batch_of(columns.iter().map(|text| value(text).1.as_list::<i32>().value(0)).collect(), group)
}

fn batch_of(mut columns: Vec<ArrayRef>, group: i64) -> RecordBatch {
    let field = |(index, column): (usize, &ArrayRef)| {
        Field::new(format!("c{index}"), column.data_type().clone(), true)
    };
    let mut fields: Vec<Field> = columns.iter().enumerate().map(field).collect();
    fields.insert(0, Field::new("g", DataType::Int64, false));
    columns.insert(0, Arc::new(Int64Array::from(vec![group; columns[0].len()])));
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
}

fn error_text(error: datafusion::error::DataFusionError) -> String {
    protocol::Error::from_envelope(&error.to_string()).map_or(error.to_string(), |e| e.to_string())
}

fn call(name: &str, clauses: Clauses, columns: usize) -> Expr {
    // Where rows are ordered by a column that is no argument, it is the last.
    let arguments = match (name, columns) {
        ("array_agg", 2) => 1,
        _ => columns,
    };
    let arguments = (0..arguments).map(|index| col(format!("c{index}"))).collect();
    let call = udaf(name).call(arguments);
    match clauses.order_by {
        Some((column, ascending)) => {
            let sort = SortExpr::new(col(format!("c{column}")), ascending, false);
            let builder = call.order_by(vec![sort]);
            if clauses.distinct { builder.distinct().build().unwrap() } else { builder.build().unwrap() }
        }
        None if clauses.distinct => call.distinct().build().unwrap(),
        None => call,
    }
}

fn context(partitions: Vec<Vec<RecordBatch>>) -> SessionContext {
    // The engine spreads one partition over several too, and the order of rows is lost.
    let config = SessionConfig::new().with_target_partitions(partitions.len()).with_batch_size(2);
    let context = SessionContext::new_with_config(config);
    let schema = partitions[0][0].schema();
    context.register_table("t", Arc::new(MemTable::try_new(schema, partitions).unwrap())).unwrap();
    context
}

/// The result for each group, in order of groups; one result if there is no grouping.
fn aggregate(partitions: Vec<Vec<RecordBatch>>, call: Expr, grouped: bool) -> Result<ArrayRef, String> {
    RUNTIME.block_on(async {
        let frame = context(partitions).table("t").await.unwrap();
        let groups = if grouped { vec![col("g")] } else { vec![] };
        let frame = frame.aggregate(groups, vec![call.alias("result")]).map_err(error_text)?;
        let frame = if grouped { frame.sort(vec![col("g").sort(true, true)]).unwrap() } else { frame };
        let schema = frame.schema().as_arrow().clone();
        let batches = frame.collect().await.map_err(error_text)?;
        let mut arrays: Vec<ArrayRef> =
            batches.iter().map(|batch| Arc::clone(batch.column_by_name("result").unwrap())).collect();
        arrays.push(new_empty_array(schema.field_with_name("result").unwrap().data_type()));
        Ok(concat(&arrays.iter().map(AsRef::as_ref).collect::<Vec<&dyn Array>>()).unwrap())
    })
}

/// The result of each row, in a window of so many rows before it; None: all rows.
fn window(batch: &RecordBatch, name: &str, columns: usize, before: Option<u64>) -> Result<ArrayRef, String> {
    let mut batch = batch.clone();
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..batch.num_rows() as i64));
    let mut fields = batch.schema().fields().to_vec();
    fields.push(Arc::new(Field::new("n", DataType::Int64, false)));
    let mut arrays = batch.columns().to_vec();
    arrays.push(numbers);
    batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap();
    let arguments: Vec<Expr> = (0..columns).map(|index| col(format!("c{index}"))).collect();
    let frame = match before {
        Some(before) => WindowFrame::new_bounds(
            WindowFrameUnits::Rows,
            WindowFrameBound::Preceding(ScalarValue::UInt64(Some(before))),
            WindowFrameBound::CurrentRow,
        ),
        None => WindowFrame::new_bounds(
            WindowFrameUnits::Rows,
            WindowFrameBound::Preceding(ScalarValue::UInt64(None)),
            WindowFrameBound::Following(ScalarValue::UInt64(None)),
        ),
    };
    let call = Expr::from(WindowFunction::new(udaf(name), arguments))
        .order_by(vec![col("n").sort(true, false)])
        .partition_by(vec![lit(1)])
        .window_frame(frame)
        .build()
        .unwrap();
    RUNTIME.block_on(async {
        let frame = context(vec![vec![batch]]).table("t").await.unwrap();
        let frame = frame.window(vec![call.alias("result")]).map_err(error_text)?;
        let frame = frame.sort(vec![col("n").sort(true, true)]).unwrap();
        let batches = frame.collect().await.map_err(error_text)?;
        let schema = batches[0].schema();
        let whole = concat_batches(&schema, &batches).unwrap();
        Ok(Arc::clone(whole.column_by_name("result").unwrap()))
    })
}

/// The result over all rows.
pub(crate) fn result_of(name: &str, clauses: Clauses, columns: &[&str]) -> Result<ArrayRef, String> {
    aggregate(vec![vec![rows(columns, 1)]], call(name, clauses, columns.len()), false)
}

/// The result over columns.
pub(crate) fn result_of_arrays(
    name: &str,
    clauses: Clauses,
    columns: Vec<ArrayRef>,
) -> Result<ArrayRef, String> {
    let width = columns.len();
    aggregate(vec![vec![batch_of(columns, 1)]], call(name, clauses, width), false)
}

/// An aggregate of a plan under construction.
pub(crate) struct Planned {
    call: Expr,
    distinct: bool,
    order: Option<SortExpr>,
    filter: Option<Expr>,
}

impl Planned {
    pub(crate) fn distinct(mut self) -> Self {
        self.distinct = true;
        self
    }

    pub(crate) fn order_by(mut self, column: &str, ascending: bool) -> Self {
        self.order = Some(col(column).sort(ascending, false));
        self
    }

    pub(crate) fn filter_above(mut self, column: &str, limit: i64) -> Self {
        self.filter = Some(col(column).gt(lit(limit)));
        self
    }

    pub(crate) fn end(self) -> Expr {
        let Expr::AggregateFunction(mut function) = self.call else { panic!("not an aggregate") };
        function.params.distinct = self.distinct;
        function.params.order_by = self.order.into_iter().collect();
        function.params.filter = self.filter.map(Box::new);
        Expr::AggregateFunction(function)
    }
}

fn planned(name: &str, columns: &[&str]) -> Planned {
    let call = udaf(name).call(columns.iter().map(|column| col(*column)).collect());
    Planned { call, distinct: false, order: None, filter: None }
}

/// The results of all aggregates in one plan, as text; the same without groups and in each of two groups.
pub(crate) fn rows_of(
    columns: &[&str],
    expressions: &dyn Fn(&dyn Fn(&str, &[&str]) -> Planned) -> Vec<Expr>,
) -> Vec<String> {
    let (one, two) = (rows(columns, 1), rows(columns, 2));
    let calls = || -> Vec<Expr> {
        let calls = expressions(&planned).into_iter().enumerate();
        calls.map(|(index, call)| call.alias(format!("r{index}"))).collect()
    };
    let run = |partitions: Vec<Vec<RecordBatch>>, groups: Vec<Expr>| -> Vec<Vec<String>> {
        RUNTIME.block_on(async {
            let frame = context(partitions).table("t").await.unwrap();
            let batches = frame.aggregate(groups, calls()).unwrap().collect().await.unwrap();
            let options = FormatOptions::new().with_null("NULL");
            let row = |batch: &RecordBatch, row: usize| {
                let results =
                    (0..calls().len()).map(|index| batch.column_by_name(&format!("r{index}")).unwrap());
                let cell = |column: &ArrayRef| {
                    ArrayFormatter::try_new(column.as_ref(), &options).unwrap().value(row).to_string()
                };
                results.map(cell).collect()
            };
            batches
                .iter()
                .flat_map(|batch| (0..batch.num_rows()).map(move |index| row(batch, index)))
                .collect()
        })
    };
    let results = run(vec![vec![one.clone()]], vec![]);
    assert_eq!(results.len(), 1);
    for other in [run(spread(&[one.clone()]), vec![]), run(spread(&[one, two]), vec![col("g")])] {
        other.iter().for_each(|other| assert_eq!(other, &results[0]));
    }
    results[0].clone()
}

/// The results in a frame of rows, as text. `count_if` counts values above 2.
pub(crate) fn sql_like(name: &str, values: &str, before: Option<u64>, after: Option<u64>) -> String {
    let batch = rows(&[values], 1);
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..batch.num_rows() as i64));
    let batch = batch_of(vec![Arc::clone(batch.column(1)), numbers], 1);
    let bound = |rows: Option<u64>| ScalarValue::UInt64(rows);
    let current = |rows: Option<u64>, other: WindowFrameBound| {
        if rows == Some(0) { WindowFrameBound::CurrentRow } else { other }
    };
    let frame = WindowFrame::new_bounds(
        WindowFrameUnits::Rows,
        current(before, WindowFrameBound::Preceding(bound(before))),
        current(after, WindowFrameBound::Following(bound(after))),
    );
    let argument = if name == "count_if" { col("c0").gt(lit(2)) } else { col("c0") };
    let call = Expr::from(WindowFunction::new(udaf(name), vec![argument]))
        .order_by(vec![col("c1").sort(true, false)])
        .window_frame(frame)
        .build()
        .unwrap();
    RUNTIME.block_on(async {
        let frame = context(vec![vec![batch]]).table("t").await.unwrap();
        let frame =
            frame.window(vec![call.alias("result")]).unwrap().sort(vec![col("c1").sort(true, true)]).unwrap();
        let batches = frame.collect().await.unwrap();
        let whole = concat_batches(&batches[0].schema(), &batches).unwrap();
        let results = whole.column_by_name("result").unwrap();
        let options = FormatOptions::new();
        let formatter = ArrayFormatter::try_new(results.as_ref(), &options).unwrap();
        let cells: Vec<String> = (0..results.len()).map(|row| formatter.value(row).to_string()).collect();
        format!("[{}]", cells.join(", "))
    })
}

fn spread(batches: &[RecordBatch]) -> Vec<Vec<RecordBatch>> {
    let whole = concat_batches(&batches[0].schema(), batches).unwrap();
    (0..3)
        .map(|part| {
            let rows = (0..whole.num_rows() as u32).filter(|row| row % 3 == part);
            vec![take_record_batch(&whole, &UInt32Array::from_iter_values(rows)).unwrap()]
        })
        .collect()
}

pub(crate) fn check(name: &str, columns: &[&str], expected: &str) {
    check_with(name, Clauses::default(), columns, expected);
}

/// Checks the result over everything and per group, in one partition and in three, and as a window function.
pub(crate) fn check_with(name: &str, clauses: Clauses, columns: &[&str], expected: &str) {
    let wanted = value(expected).1;
    let shown: String = format!("{name} of {columns:?} {clauses:?}").chars().take(300).collect();
    let (one, two) = (rows(columns, 1), rows(columns, 2));
    let expression = || call(name, clauses, columns.len());
    let mut ways = vec![
        ("whole", aggregate(vec![vec![one.clone()]], expression(), false), 1),
        ("groups", aggregate(vec![vec![one.clone(), two.clone()]], expression(), true), 2),
    ];
    if !clauses.in_order {
        let spread = spread(&[one.clone(), two]);
        ways.push(("whole in partitions", aggregate(self::spread(&[one.clone()]), expression(), false), 1));
        ways.push(("groups in partitions", aggregate(spread, expression(), true), 2));
    }
    for (way, result, groups) in ways {
        let result = result.unwrap_or_else(|message| panic!("{shown}, {way}: {message}"));
        assert_eq!(result.data_type(), wanted.data_type(), "{shown}, {way}");
        let groups = if one.num_rows() == 0 && groups == 2 { 0 } else { groups };
        assert_eq!(result.len(), groups, "{shown}, {way}");
        for group in 0..groups {
            assert_eq!(&result.slice(group, 1), &wanted, "{shown}, {way}");
        }
    }
    check_parts(name, clauses, &one, columns.len(), &wanted, &shown);
    if clauses.order_by.is_none() && !clauses.distinct && one.num_rows() > 0 {
        check_windows(name, &one, columns.len(), &wanted, &shown);
    }
}

/// Checks groups that are emitted one by one, by their states, and by states of single rows.
fn check_parts(
    name: &str,
    clauses: Clauses,
    batch: &RecordBatch,
    width: usize,
    wanted: &ArrayRef,
    shown: &str,
) {
    let Expr::AggregateFunction(call) = call(name, clauses, width) else { panic!("not an aggregate") };
    let physical =
        |index: usize| -> Arc<dyn PhysicalExpr> { Arc::new(Column::new(&format!("c{index}"), index + 1)) };
    let sorts: Vec<PhysicalSortExpr> = clauses
        .order_by
        .map(|(index, ascending)| {
            let options = SortOptions { descending: !ascending, nulls_first: false };
            PhysicalSortExpr::new(physical(index), options)
        })
        .into_iter()
        .collect();
    let expression =
        AggregateExprBuilder::new(udaf(name), (0..call.params.args.len()).map(physical).collect())
            .schema(batch.schema())
            .alias("result")
            .order_by(sorts)
            .with_distinct(clauses.distinct)
            .build()
            .unwrap();
    // The engine's own count on it that every group has had a row.
    let is_engines = matches!(name, "count" | "min" | "max");
    if !expression.groups_accumulator_supported() || is_engines && batch.num_rows() == 0 {
        return;
    }
    let ordered = expression
        .order_bys()
        .iter()
        .map(|sort| sort.expr.as_ref().downcast_ref::<Column>().unwrap().index());
    let indices: Vec<usize> = (1..=call.params.args.len()).chain(ordered).collect();
    let columns = |start: usize, rows: usize| -> Vec<ArrayRef> {
        indices.iter().map(|index| batch.column(*index).slice(start, rows)).collect()
    };
    let make = || expression.create_groups_accumulator().unwrap();
    let rows = batch.num_rows();
    let half = rows / 2;

    let mut whole = make();
    whole.update_batch(&columns(0, rows), &vec![0; rows], None, 1).unwrap();
    whole.update_batch(&columns(0, half), &vec![1; half], None, 2).unwrap();
    assert_eq!(&whole.evaluate(EmitTo::First(1)).unwrap(), wanted, "{shown}, first group");
    whole.update_batch(&columns(half, rows - half), &vec![0; rows - half], None, 1).unwrap();
    whole.update_batch(&columns(0, rows), &vec![1; rows], None, 2).unwrap();
    let mut merged = make();
    let nothing = BooleanArray::from(vec![false; rows]);
    merged.update_batch(&columns(0, rows), &vec![0; rows], Some(&nothing), 1).unwrap();
    let states = whole.state(EmitTo::First(1)).unwrap();
    merged.merge_batch(&states, &[1], 2).unwrap();
    let states = whole.state(EmitTo::All).unwrap();
    merged.merge_batch(&states, &[2], 3).unwrap();
    let one_each = make().convert_to_state(&columns(0, rows), None).unwrap();
    merged.merge_batch(&one_each, &vec![3; rows], 4).unwrap();
    let results = merged.evaluate(EmitTo::All).unwrap();
    assert!(merged.size() < 1 << 20);
    for group in 1..4 {
        assert_eq!(&results.slice(group, 1), wanted, "{shown}, merged group {group}");
    }
    let empty = aggregate(vec![vec![batch.slice(0, 0)]], self::call(name, clauses, width), false).unwrap();
    assert_eq!(&results.slice(0, 1), &empty, "{shown}, group without rows");
}

fn check_windows(name: &str, batch: &RecordBatch, columns: usize, wanted: &ArrayRef, shown: &str) {
    let result =
        window(batch, name, columns, None).unwrap_or_else(|message| panic!("{shown}, window: {message}"));
    for row in 0..batch.num_rows() {
        assert_eq!(&result.slice(row, 1), wanted, "{shown}, window");
    }
    let sliding =
        window(batch, name, columns, Some(1)).unwrap_or_else(|message| panic!("{shown}, sliding: {message}"));
    for row in 0..batch.num_rows() {
        let first = row.saturating_sub(1);
        let frame = batch.slice(first, row + 1 - first);
        let direct = aggregate(vec![vec![frame]], call(name, Clauses::default(), columns), false).unwrap();
        assert_eq!(&sliding.slice(row, 1), &direct, "{shown}, sliding, row {row}");
    }
}

/// Checks that the aggregate fails, over everything and per group.
pub(crate) fn check_error(name: &str, columns: &[&str], part: &str) {
    let one = rows(columns, 1);
    for grouped in [false, true] {
        let result =
            aggregate(vec![vec![one.clone()]], call(name, Clauses::default(), columns.len()), grouped);
        let message = result.map(|array| format!("{array:?}")).unwrap_or_else(|message| message);
        assert!(message.contains(part), "{name} of {columns:?}: {message}");
    }
}
