-- VPC flow logs, version 2, by day.
CREATE EXTERNAL TABLE vpc_flow_logs_v2 (
  version INT,
  account STRING,
  interfaceid STRING,
  sourceaddress STRING,
  destinationaddress STRING,
  sourceport INT,
  destinationport INT,
  protocol INT,
  numpackets INT,
  numbytes BIGINT,
  starttime INT,
  endtime INT,
  action STRING,
  logstatus STRING
)
PARTITIONED BY (`date` DATE)
ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '
LOCATION '$DATA/vpc_v2/'
TBLPROPERTIES ('skip.header.line.count' = '1');

-- VPC flow logs, all fields up to version 5, names as the documentation has them.
CREATE EXTERNAL TABLE vpc_flow_logs (
  version INT,
  account_id STRING,
  interface_id STRING,
  srcaddr STRING,
  dstaddr STRING,
  srcport INT,
  dstport INT,
  protocol BIGINT,
  packets BIGINT,
  bytes BIGINT,
  `start` BIGINT,
  `end` BIGINT,
  action STRING,
  log_status STRING,
  vpc_id STRING,
  subnet_id STRING,
  instance_id STRING,
  tcp_flags INT,
  type STRING,
  pkt_srcaddr STRING,
  pkt_dstaddr STRING,
  az_id STRING,
  sublocation_type STRING,
  sublocation_id STRING,
  pkt_src_aws_service STRING,
  pkt_dst_aws_service STRING,
  flow_direction STRING,
  traffic_path INT
)
PARTITIONED BY (accountid STRING, region STRING, day STRING)
ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '
LOCATION '$DATA/vpc_v5/'
TBLPROPERTIES (
  'skip.header.line.count' = '1',
  'projection.enabled' = 'true',
  'projection.accountid.type' = 'enum',
  'projection.accountid.values' = '111122223333',
  'projection.region.type' = 'enum',
  'projection.region.values' = 'us-east-1,eu-west-1',
  'projection.day.type' = 'date',
  'projection.day.range' = '2020/01/01,NOW',
  'projection.day.format' = 'yyyy/MM/dd',
  'storage.location.template' = '$DATA/vpc_v5/${accountid}/vpcflowlogs/${region}/${day}'
);

-- VPC flow logs in Parquet with Hive-style folders.
CREATE EXTERNAL TABLE vpc_flow_logs_parquet (
  version INT, account_id STRING, interface_id STRING, srcaddr STRING, dstaddr STRING, srcport INT, dstport INT,
  protocol BIGINT, packets BIGINT, bytes BIGINT, `start` BIGINT, `end` BIGINT, action STRING, log_status STRING
)
PARTITIONED BY (`aws-account-id` STRING, `aws-service` STRING, `aws-region` STRING, `year` STRING, `month` STRING, `day` STRING, `hour` STRING)
STORED AS PARQUET
LOCATION '$DATA/vpc_parquet/'
TBLPROPERTIES ('parquet.compression' = 'SNAPPY');
