-- CloudFront standard logs.
CREATE EXTERNAL TABLE IF NOT EXISTS cloudfront_standard_logs (
  `date` DATE,
  time STRING,
  x_edge_location STRING,
  sc_bytes BIGINT,
  c_ip STRING,
  cs_method STRING,
  cs_host STRING,
  cs_uri_stem STRING,
  sc_status INT,
  cs_referrer STRING,
  cs_user_agent STRING,
  cs_uri_query STRING,
  cs_cookie STRING,
  x_edge_result_type STRING,
  x_edge_request_id STRING,
  x_host_header STRING,
  cs_protocol STRING,
  cs_bytes BIGINT,
  time_taken FLOAT,
  x_forwarded_for STRING,
  ssl_protocol STRING,
  ssl_cipher STRING,
  x_edge_response_result_type STRING,
  cs_protocol_version STRING,
  fle_status STRING,
  fle_encrypted_fields INT,
  c_port INT,
  time_to_first_byte FLOAT,
  x_edge_detailed_result_type STRING,
  sc_content_type STRING,
  sc_content_len BIGINT,
  sc_range_start BIGINT,
  sc_range_end BIGINT
)
ROW FORMAT DELIMITED FIELDS TERMINATED BY '\t'
LOCATION '$DATA/cloudfront/'
TBLPROPERTIES ('skip.header.line.count' = '2');

-- Route 53 resolver query logs.
CREATE EXTERNAL TABLE r53_rlogs (
  version STRING,
  account_id STRING,
  region STRING,
  vpc_id STRING,
  query_timestamp STRING,
  query_name STRING,
  query_type STRING,
  query_class STRING,
  rcode STRING,
  answers ARRAY<STRUCT<Rdata: STRING, Type: STRING, Class: STRING>>,
  srcaddr STRING,
  srcport INT,
  transport STRING,
  srcids STRUCT<instance: STRING, resolver_endpoint: STRING>,
  firewall_rule_action STRING,
  firewall_rule_group_id STRING,
  firewall_domain_list_id STRING
)
PARTITIONED BY (`date` STRING, `vpc` STRING)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION '$DATA/r53/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.vpc.type' = 'enum',
  'projection.vpc.values' = 'vpc-0123456789abcdef0',
  'projection.date.type' = 'date',
  'projection.date.range' = '2023/06/26,NOW',
  'projection.date.format' = 'yyyy/MM/dd',
  'storage.location.template' = '$DATA/r53/${vpc}/${date}/'
);

-- Network Firewall, alert logs.
CREATE EXTERNAL TABLE network_firewall_alert_logs (
  firewall_name STRING,
  availability_zone STRING,
  event_timestamp STRING,
  event STRUCT<
    timestamp: STRING, flow_id: BIGINT, event_type: STRING, src_ip: STRING, src_port: INT, dest_ip: STRING, dest_port: INT,
    proto: STRING, app_proto: STRING, tls_inspected: BOOLEAN,
    alert: STRUCT<action: STRING, signature_id: INT, rev: INT, signature: STRING, category: STRING, severity: INT,
      alert_metadata: STRING>,
    tls: STRUCT<subject: STRING, issuer: STRING, sni: STRING, version: STRING>,
    http: STRUCT<hostname: STRING, url: STRING, http_method: STRING, http_user_agent: STRING, status: INT>,
    netflow: STRUCT<pkts: INT, bytes: BIGINT, start: STRING, `end`: STRING, age: INT, min_ttl: INT, max_ttl: INT>>
)
PARTITIONED BY (year STRING, month STRING, day STRING, hour STRING)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION '$DATA/network_firewall/';

-- Global Accelerator flow logs.
CREATE EXTERNAL TABLE aga_flow_logs (
  version STRING, account STRING, acceleratorid STRING, clientip STRING, clientport INT, gip STRING, gipport INT,
  endpointip STRING, endpointport INT, protocol STRING, ipaddresstype STRING, numpackets BIGINT, numbytes INT,
  starttime INT, endtime INT, action STRING, logstatus STRING, agasourceip STRING, agasourceport INT,
  endpointregion STRING, agaregion STRING, direction STRING
)
PARTITIONED BY (dt STRING)
ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '
LOCATION '$DATA/aga/'
TBLPROPERTIES ('skip.header.line.count' = '1');
