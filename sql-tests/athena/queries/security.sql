SELECT accountid, type, severity, title, description FROM gd_logs WHERE CAST(severity AS double) >= 7.0;

SELECT title, severity, type, id AS findingid, accountid, region, createdat, updatedat,
  json_extract_scalar(service, '$.count') AS count,
  json_extract_scalar(resource, '$.instanceDetails.instanceId') AS instanceid,
  json_extract_scalar(resource, '$.accessKeyDetails.accessKeyId') AS access_key_id,
  json_extract_scalar(service, '$.action.actionType') AS actiontype,
  json_extract_scalar(service, '$.action.awsApiCallAction.remoteIpDetails.country.countryName') AS country
FROM gd_logs WHERE json_extract_scalar(service, '$.action.actionType') = 'AWS_API_CALL' ORDER BY severity DESC;

SELECT region, "partition", count(*) FROM gd_logs WHERE from_iso8601_timestamp(createdat) >= date_add('day', -30, current_timestamp) GROUP BY region, "partition";

SELECT json_array_length(json_extract(resource, '$.instanceDetails.networkInterfaces')) AS n, json_format(json_extract(service, '$.evidence')) FROM gd_logs;

SELECT configurationitem.resourcetype, configurationitem.resourceid, configurationitem.awsregion FROM aws_config_configuration_snapshot CROSS JOIN UNNEST(configurationitems) AS t(configurationitem) WHERE dt = 'latest' AND region = 'us-east-1';

SELECT configurationitem.resourcetype, COUNT(configurationitem.resourceid) AS n FROM aws_config_configuration_snapshot CROSS JOIN UNNEST(configurationitems) AS t(configurationitem) WHERE dt = 'latest' GROUP BY configurationitem.resourcetype ORDER BY n DESC;

SELECT ci.resourceid, json_extract_scalar(ci.configuration, '$.instanceType') AS instance_type, ci.tags['Name'] AS name, element_at(ci.tags, 'Owner') AS owner FROM aws_config_configuration_snapshot CROSS JOIN UNNEST(configurationitems) AS t(ci) WHERE ci.resourcetype = 'AWS::EC2::Instance';

SELECT ci.resourceid, rel.resourceid AS related, rel.name FROM aws_config_configuration_snapshot CROSS JOIN UNNEST(configurationitems) AS t(ci) CROSS JOIN UNNEST(ci.relationships) AS r(rel);

SELECT k, v, count(*) FROM aws_config_configuration_snapshot CROSS JOIN UNNEST(configurationitems) AS t(ci) CROSS JOIN UNNEST(ci.tags) AS m(k, v) GROUP BY k, v;

SELECT c.resourceid, json_extract_scalar(permission, '$.ipRange') FROM (SELECT ci.resourceid AS resourceid, CAST(json_extract(ci.configuration, '$.ipPermissions') AS array(json)) AS permissions FROM aws_config_configuration_snapshot CROSS JOIN UNNEST(configurationitems) AS t(ci)) c CROSS JOIN UNNEST(c.permissions) AS p(permission);

SELECT severity.label, count(*) FROM security_hub_findings WHERE recordstate = 'ACTIVE' AND workflow.status <> 'SUPPRESSED' GROUP BY severity.label;

SELECT res.id, res.type, f.title, f.remediation.recommendation.url FROM security_hub_findings f CROSS JOIN UNNEST(f.resources) AS t(res) WHERE f.compliance.status = 'FAILED' AND f.severity.normalized > 40;

SELECT ty, count(*) FROM security_hub_findings CROSS JOIN UNNEST(types) WITH ORDINALITY AS t(ty, n) WHERE n = 1 GROUP BY ty;

SELECT id FROM security_hub_findings WHERE contains(types, 'Software and Configuration Checks') OR cardinality(resources) > 3;

SELECT time_dt, api.operation, api.service.name, actor.user.uid, src_endpoint.ip FROM security_lake_cloud_trail WHERE eventday BETWEEN '20240301' AND '20240307' AND api.response.error IS NOT NULL ORDER BY time_dt DESC;

SELECT actor.user.name AS name, array_agg(DISTINCT api.operation ORDER BY api.operation) AS operations FROM security_lake_cloud_trail WHERE eventday = date_format(current_date - interval '1' day, '%Y%m%d') GROUP BY actor.user.name;

SELECT time_dt, element_at(unmapped, 'userIdentity.type') FROM security_lake_cloud_trail WHERE time_dt BETWEEN CURRENT_TIMESTAMP - INTERVAL '7' DAY AND CURRENT_TIMESTAMP;

SELECT cloud.region, resources[1].uid, severity FROM security_lake_cloud_trail WHERE cardinality(resources) >= 1 AND metadata.product.feature.name = 'Data';

SELECT to_hex(sha256(to_utf8(id))) AS digest, to_base64(to_utf8(title)) FROM gd_logs;

SELECT api.service.name, count(*) FROM security_lake_cloud_trail WHERE eventday BETWEEN cast(date_format(current_timestamp - INTERVAL '7' day, '%Y%m%d') as varchar) and cast(date_format(current_timestamp - INTERVAL '0' day, '%Y%m%d') as varchar) GROUP BY api.service.name LIMIT 25;

SELECT * FROM security_lake_cloud_trail WHERE api.response.error in ('Client.UnauthorizedOperation', 'AccessDenied') ORDER BY time desc LIMIT 25;

SELECT usr."user".name FROM (security_lake_cloud_trail CROSS JOIN UNNEST(ARRAY[actor]) t ("user", session, invoked_by)) CROSS JOIN (SELECT 1) x(one), LATERAL (SELECT CAST(ROW(ROW('n')) AS ROW("user" ROW(name varchar))) AS usr) u;

SELECT res.id FROM (security_hub_findings CROSS JOIN UNNEST("resources") t (res)) WHERE res.tags IS NOT NULL;

SELECT f.title, IF(f.severity.normalized >= 70, 'high', 'low') AS level, json_format(CAST(f.resources AS json)) FROM security_hub_findings f;
