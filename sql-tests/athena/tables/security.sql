-- GuardDuty findings.
CREATE EXTERNAL TABLE gd_logs (
  `schemaversion` string,
  `accountid` string,
  `region` string,
  `partition` string,
  `id` string,
  `arn` string,
  `type` string,
  `resource` string,
  `service` string,
  `severity` string,
  `createdat` string,
  `updatedat` string,
  `title` string,
  `description` string
)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION '$DATA/guardduty/'
TBLPROPERTIES ('has_encrypted_data' = 'true');

-- Config snapshots and history.
CREATE EXTERNAL TABLE aws_config_configuration_snapshot (
  fileversion STRING,
  configsnapshotid STRING,
  configurationitems ARRAY<STRUCT<
    configurationitemversion: STRING,
    configurationitemcapturetime: STRING,
    configurationstateid: BIGINT,
    awsaccountid: STRING,
    configurationitemstatus: STRING,
    resourcetype: STRING,
    resourceid: STRING,
    resourcename: STRING,
    arn: STRING,
    awsregion: STRING,
    availabilityzone: STRING,
    configurationstatemd5hash: STRING,
    resourcecreationtime: STRING,
    configuration: STRING,
    supplementaryconfiguration: MAP<STRING, STRING>,
    tags: MAP<STRING, STRING>,
    relationships: ARRAY<STRUCT<resourceid: STRING, resourcetype: STRING, name: STRING>>>>
)
PARTITIONED BY (accountid STRING, dt STRING, region STRING)
ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'
WITH SERDEPROPERTIES ('case.insensitive' = 'false')
LOCATION '$DATA/config/';

-- Security Hub findings, as an export writes them.
CREATE EXTERNAL TABLE security_hub_findings (
  id STRING, productarn STRING, awsaccountid STRING, types ARRAY<STRING>, firstobservedat STRING, updatedat STRING,
  severity STRUCT<label: STRING, normalized: INT>, title STRING, description STRING,
  remediation STRUCT<recommendation: STRUCT<text: STRING, url: STRING>>,
  resources ARRAY<STRUCT<type: STRING, id: STRING, region: STRING, tags: MAP<STRING, STRING>>>,
  compliance STRUCT<status: STRING>, workflow STRUCT<status: STRING>, recordstate STRING
)
PARTITIONED BY (dt STRING)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION '$DATA/security_hub/';

-- Security Lake's CloudTrail source, in the open schema (OCSF).
CREATE EXTERNAL TABLE security_lake_cloud_trail (
  metadata STRUCT<product: STRUCT<version: STRING, name: STRING, vendor_name: STRING, feature: STRUCT<name: STRING>>, event_code: STRING, uid: STRING, profiles: ARRAY<STRING>, version: STRING>,
  time BIGINT,
  time_dt TIMESTAMP,
  cloud STRUCT<region: STRING, provider: STRING>,
  api STRUCT<response: STRUCT<error: STRING, message: STRING, data: STRING>, operation: STRING, version: STRING, service: STRUCT<name: STRING>, request: STRUCT<data: STRING, uid: STRING>>,
  actor STRUCT<`user`: STRUCT<type: STRING, name: STRING, uid_alt: STRING, uid: STRING, account: STRUCT<uid: STRING>, credential_uid: STRING>, session: STRUCT<created_dt: TIMESTAMP, is_mfa: BOOLEAN, issuer: STRING>, invoked_by: STRING>,
  http_request STRUCT<user_agent: STRING>,
  src_endpoint STRUCT<uid: STRING, ip: STRING, domain: STRING>,
  resources ARRAY<STRUCT<uid: STRING, owner: STRUCT<account: STRUCT<uid: STRING>>, type: STRING>>,
  class_name STRING, class_uid INT, category_name STRING, severity_id INT, severity STRING, status STRING,
  unmapped MAP<STRING, STRING>
)
PARTITIONED BY (region STRING, accountid STRING, eventday STRING)
STORED AS PARQUET
LOCATION '$DATA/security_lake/';
