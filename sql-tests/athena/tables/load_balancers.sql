-- Application Load Balancer.
CREATE EXTERNAL TABLE alb_access_logs (
  type STRING,
  time STRING,
  elb STRING,
  client_ip STRING,
  client_port INT,
  target_ip STRING,
  target_port INT,
  request_processing_time DOUBLE,
  target_processing_time DOUBLE,
  response_processing_time DOUBLE,
  elb_status_code INT,
  target_status_code STRING,
  received_bytes BIGINT,
  sent_bytes BIGINT,
  request_verb STRING,
  request_url STRING,
  request_proto STRING,
  user_agent STRING,
  ssl_cipher STRING,
  ssl_protocol STRING,
  target_group_arn STRING,
  trace_id STRING,
  domain_name STRING,
  chosen_cert_arn STRING,
  matched_rule_priority STRING,
  request_creation_time STRING,
  actions_executed STRING,
  redirect_url STRING,
  lambda_error_reason STRING,
  target_port_list STRING,
  target_status_code_list STRING,
  classification STRING,
  classification_reason STRING,
  conn_trace_id STRING
)
PARTITIONED BY (day STRING)
ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe'
WITH SERDEPROPERTIES (
  'serialization.format' = '1',
  'input.regex' = '([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*):([0-9]*) ([^ ]*)[:-]([0-9]*) ([-.0-9]*) ([-.0-9]*) ([-.0-9]*) (|[-0-9]*) (-|[-0-9]*) ([-0-9]*) ([-0-9]*) \"([^ ]*) (.*) (- |[^ ]*)\" \"([^\"]*)\" ([A-Z0-9-_]+) ([A-Za-z0-9.-]*) ([^ ]*) \"([^\"]*)\" \"([^\"]*)\" \"([^\"]*)\" ([-.0-9]*) ([^ ]*) \"([^\"]*)\" \"([^\"]*)\" \"([^ ]*)\" \"([^\\s]+?)\" \"([^\\s]+)\" \"([^ ]*)\" \"([^ ]*)\" ?([^ ]*)?'
)
LOCATION '$DATA/alb/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.day.type' = 'date',
  'projection.day.range' = '2022/01/01,NOW',
  'projection.day.format' = 'yyyy/MM/dd',
  'projection.day.interval' = '1',
  'projection.day.interval.unit' = 'DAYS',
  'storage.location.template' = '$DATA/alb/${day}'
);

-- Network Load Balancer.
CREATE EXTERNAL TABLE nlb_tls_logs (
  type STRING, version STRING, time STRING, elb STRING, listener_id STRING, client_ip STRING, client_port INT,
  target_ip STRING, target_port INT, tcp_connection_time_ms DOUBLE, tls_handshake_time_ms DOUBLE,
  received_bytes BIGINT, sent_bytes BIGINT, incoming_tls_alert INT, cert_arn STRING, certificate_serial STRING,
  tls_cipher_suite STRING, tls_protocol_version STRING, tls_named_group STRING, domain_name STRING,
  alpn_fe_protocol STRING, alpn_be_protocol STRING, alpn_client_preference_list STRING, tls_connection_creation_time STRING
)
ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe'
WITH SERDEPROPERTIES ('serialization.format' = '1', 'input.regex' = '([^ ]*) ([^ ]*) ([^ ]*) (.*)')
LOCATION '$DATA/nlb/';

-- Classic Load Balancer.
CREATE EXTERNAL TABLE elb_logs (
  `timestamp` STRING, elb_name STRING, request_ip STRING, request_port INT, backend_ip STRING, backend_port INT,
  request_processing_time DOUBLE, backend_processing_time DOUBLE, client_response_time DOUBLE, elb_response_code STRING,
  backend_response_code STRING, received_bytes BIGINT, sent_bytes BIGINT, request_verb STRING, url STRING,
  protocol STRING, user_agent STRING, ssl_cipher STRING, ssl_protocol STRING
)
ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe'
WITH SERDEPROPERTIES ('serialization.format' = '1', 'input.regex' = '([^ ]*) ([^ ]*) ([^ ]*):([0-9]*) (.*)')
LOCATION '$DATA/elb/';
