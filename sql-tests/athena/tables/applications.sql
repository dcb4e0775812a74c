-- Tables of applications: events in JSON, orders in Parquet, readings in CSV.
CREATE EXTERNAL TABLE app_events (
  event_id STRING,
  event_type STRING,
  user_id STRING,
  session_id STRING,
  event_timestamp BIGINT,
  properties STRING,
  attributes MAP<STRING, STRING>,
  items ARRAY<STRUCT<sku: STRING, quantity: INT, price: DECIMAL(10,2)>>,
  device STRUCT<os: STRING, model: STRING, screen: STRUCT<width: INT, height: INT>>,
  tags ARRAY<STRING>
)
PARTITIONED BY (year INT, month INT, day INT)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
WITH SERDEPROPERTIES ('ignore.malformed.json' = 'true')
LOCATION '$DATA/app_events/';

CREATE EXTERNAL TABLE orders (
  order_id BIGINT, customer_id BIGINT, order_date DATE, order_ts TIMESTAMP, status STRING,
  amount DECIMAL(12,2), discount DOUBLE, currency CHAR(3), country VARCHAR(2), is_gift BOOLEAN
)
PARTITIONED BY (dt STRING)
STORED AS PARQUET
LOCATION '$DATA/orders/'
TBLPROPERTIES ('parquet.compress' = 'SNAPPY');

CREATE EXTERNAL TABLE customers (
  customer_id BIGINT, name STRING, email STRING, signup_date STRING, segment STRING, balance DOUBLE
)
ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'
WITH SERDEPROPERTIES ('separatorChar' = ',', 'quoteChar' = '"', 'escapeChar' = '\\')
LOCATION '$DATA/customers/'
TBLPROPERTIES ('skip.header.line.count' = '1');

CREATE EXTERNAL TABLE sensor_readings (
  device_id STRING, ts STRING, temperature DOUBLE, humidity DOUBLE, status INT
)
PARTITIONED BY (year STRING, month STRING, day STRING)
ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' ESCAPED BY '\\' LINES TERMINATED BY '\n'
STORED AS TEXTFILE
LOCATION '$DATA/sensors/';
