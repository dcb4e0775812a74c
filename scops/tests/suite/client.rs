//! A Flight SQL client that gives rows as text.

use arrow::{
    array::{Array, ArrayRef, RecordBatch},
    datatypes::{DataType, TimeUnit},
    util::display::{ArrayFormatter, FormatOptions},
};
use arrow_flight::sql::client::FlightSqlServiceClient;
use futures::TryStreamExt;
use tonic::transport::{Channel, Endpoint};

pub(crate) struct Client {
    channel: Channel,
    database: String,
}

impl Client {
    pub(crate) async fn connect(address: &str) -> Self {
        let endpoint = Endpoint::from_shared(format!("http://{address}")).unwrap();
        let channel = endpoint.tcp_nodelay(true).connect().await.unwrap();
        Self { channel, database: "default".into() }
    }

    /// The same connection in another database.
    pub(crate) fn in_database(&self, database: &str) -> Self {
        Self { channel: self.channel.clone(), database: database.into() }
    }

    /// Runs a statement to its end.
    pub(crate) async fn run(&self, sql: &str) -> Result<Vec<RecordBatch>, String> {
        let mut client = FlightSqlServiceClient::new(self.channel.clone());
        client.set_header("x-scops-database", &self.database);
        let info = client.execute(sql.to_owned(), None).await.map_err(|e| e.to_string())?;
        let ticket = info.endpoint[0].ticket.clone().unwrap();
        let rows = client.do_get(ticket).await.map_err(|e| e.to_string())?;
        rows.try_collect().await.map_err(|e| e.to_string())
    }

    /// Runs a statement that must succeed; rows as text.
    pub(crate) async fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        let batches = self.run(sql).await.unwrap_or_else(|error| panic!("{sql}\n{error}"));
        batches.iter().flat_map(text_rows).collect()
    }

    /// Runs a statement that must succeed with one number.
    pub(crate) async fn number(&self, sql: &str) -> u64 {
        self.rows(sql).await[0][0].parse().unwrap()
    }

    /// Columns of the newest row of `system.queries` for this text.
    pub(crate) async fn bill(&self, sql: &str, columns: &str) -> Vec<u64> {
        let sql = sql.replace('\'', "''");
        let rows = self
            .rows(&format!(
                "SELECT {columns} FROM system.queries WHERE \"sql\" = '{sql}' \
                 ORDER BY submitted_at DESC, query_id DESC LIMIT 1"
            ))
            .await;
        rows[0].iter().map(|number| number.parse().unwrap()).collect()
    }
}

pub(crate) fn text_rows(batch: &RecordBatch) -> Vec<Vec<String>> {
    let columns: Vec<Vec<String>> = batch.columns().iter().map(text_column).collect();
    (0..batch.num_rows()).map(|row| columns.iter().map(|c| c[row].clone()).collect()).collect()
}

/// As `sql-tests/README.md` says: NULL, (empty), six digits of a second unless they are zero.
fn text_column(column: &ArrayRef) -> Vec<String> {
    let options = FormatOptions::default().with_timestamp_format(Some("%Y-%m-%d %H:%M:%S%.6f"));
    let formatter = ArrayFormatter::try_new(column, &options).unwrap();
    let is_time = matches!(
        column.data_type(),
        DataType::Timestamp(
            TimeUnit::Microsecond | TimeUnit::Millisecond | TimeUnit::Second | TimeUnit::Nanosecond,
            _
        )
    );
    let text = |row| match column.is_null(row) {
        true => "NULL".to_owned(),
        false => match formatter.value(row).to_string() {
            empty if empty.is_empty() => "(empty)".to_owned(),
            time if is_time => time.strip_suffix(".000000").unwrap_or(&time).to_owned(),
            text => text,
        },
    };
    (0..column.len()).map(text).collect()
}
