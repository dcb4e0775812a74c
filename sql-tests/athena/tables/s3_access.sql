-- S3 server access logs.
CREATE EXTERNAL TABLE s3_access_logs (
  `bucketowner` STRING,
  `bucket_name` STRING,
  `requestdatetime` STRING,
  `remoteip` STRING,
  `requester` STRING,
  `requestid` STRING,
  `operation` STRING,
  `key` STRING,
  `request_uri` STRING,
  `httpstatus` STRING,
  `errorcode` STRING,
  `bytessent` BIGINT,
  `objectsize` BIGINT,
  `totaltime` STRING,
  `turnaroundtime` STRING,
  `referrer` STRING,
  `useragent` STRING,
  `versionid` STRING,
  `hostid` STRING,
  `sigv` STRING,
  `ciphersuite` STRING,
  `authtype` STRING,
  `endpoint` STRING,
  `tlsversion` STRING,
  `accesspointarn` STRING,
  `aclrequired` STRING
)
PARTITIONED BY (`timestamp` STRING)
ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe'
WITH SERDEPROPERTIES ('input.regex' = '([^ ]*) ([^ ]*) \\[(.*?)\\] ([^ ]*) (.*)')
STORED AS INPUTFORMAT 'org.apache.hadoop.mapred.TextInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION '$DATA/s3_access/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.timestamp.format' = 'yyyy/MM/dd',
  'projection.timestamp.interval' = '1',
  'projection.timestamp.interval.unit' = 'DAYS',
  'projection.timestamp.range' = '2024/01/01,NOW',
  'projection.timestamp.type' = 'date',
  'storage.location.template' = '$DATA/s3_access/${timestamp}'
);

-- S3 inventory.
CREATE EXTERNAL TABLE s3_inventory (
  bucket STRING, key STRING, version_id STRING, is_latest BOOLEAN, is_delete_marker BOOLEAN, size BIGINT,
  last_modified_date TIMESTAMP, e_tag STRING, storage_class STRING, is_multipart_uploaded BOOLEAN,
  replication_status STRING, encryption_status STRING, intelligent_tiering_access_tier STRING
)
PARTITIONED BY (dt STRING)
STORED AS ORC
LOCATION '$DATA/s3_inventory/';
