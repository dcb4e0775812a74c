-- Who did what.
SELECT useridentity.arn, eventname, sourceipaddress, eventtime FROM cloudtrail_logs WHERE timestamp = '2024/03/01' LIMIT 100;

SELECT * FROM cloudtrail_logs WHERE eventname = 'ConsoleLogin' AND timestamp BETWEEN '2024/03/01' AND '2024/03/31' ORDER BY eventtime DESC LIMIT 50;

SELECT eventsource, eventname, count(*) AS calls FROM cloudtrail_logs WHERE account = '111122223333' AND region = 'us-east-1' GROUP BY eventsource, eventname ORDER BY calls DESC;

SELECT useridentity.type, useridentity.username, count(1) c FROM cloudtrail_logs WHERE errorcode IN ('AccessDenied', 'UnauthorizedOperation', 'Client.UnauthorizedOperation') GROUP BY 1, 2 HAVING count(1) > 10 ORDER BY c DESC;

SELECT DISTINCT sourceipaddress FROM cloudtrail_logs WHERE useridentity.accesskeyid = 'AKIAIOSFODNN7EXAMPLE' AND sourceipaddress NOT LIKE '%.amazonaws.com';

-- Logins without a second factor.
SELECT eventtime, useridentity.username, sourceipaddress,
  json_extract_scalar(additionaleventdata, '$.MFAUsed') AS mfa_used,
  json_extract_scalar(responseelements, '$.ConsoleLogin') AS outcome
FROM cloudtrail_logs
WHERE eventname = 'ConsoleLogin'
  AND json_extract_scalar(additionaleventdata, '$.MFAUsed') = 'No'
  AND eventtime >= '2024-03-01T00:00:00Z';

SELECT date_trunc('hour', from_iso8601_timestamp(eventtime)) AS hour, count(*) AS failures
FROM cloudtrail_logs
WHERE errorcode IS NOT NULL AND errorcode <> ''
GROUP BY date_trunc('hour', from_iso8601_timestamp(eventtime))
ORDER BY 1;

SELECT useridentity.principalid, eventname, eventtime
FROM cloudtrail_logs
WHERE from_iso8601_timestamp(eventtime) > current_timestamp - interval '7' day
  AND useridentity.type = 'Root' AND useridentity.invokedby IS NULL AND eventtype <> 'AwsServiceEvent';

SELECT from_iso8601_timestamp(eventtime) AT TIME ZONE 'America/New_York' AS local_time, eventname FROM cloudtrail_logs WHERE date_diff('day', from_iso8601_timestamp(eventtime), now()) < 30;

-- Security groups opened to the world.
SELECT eventtime, useridentity.arn,
  json_extract_scalar(requestparameters, '$.groupId') AS group_id,
  json_extract(requestparameters, '$.ipPermissions.items') AS permissions
FROM cloudtrail_logs
WHERE eventname IN ('AuthorizeSecurityGroupIngress', 'AuthorizeSecurityGroupEgress')
  AND requestparameters LIKE '%0.0.0.0/0%';

SELECT json_extract_scalar(i, '$.instanceId') AS instance_id, eventtime, useridentity.sessioncontext.sessionissuer.username
FROM cloudtrail_logs
CROSS JOIN UNNEST(CAST(json_extract(responseelements, '$.instancesSet.items') AS array(json))) AS t(i)
WHERE eventname = 'RunInstances' AND errorcode IS NULL;

SELECT r.arn, r.type, eventname, count(*) n
FROM cloudtrail_logs CROSS JOIN UNNEST(resources) AS t(r)
WHERE eventsource = 's3.amazonaws.com'
GROUP BY r.arn, r.type, eventname;

SELECT arn, type FROM cloudtrail_logs, UNNEST(resources) AS t(arn, accountid, type) WHERE type = 'AWS::S3::Bucket';

SELECT useridentity.sessioncontext.attributes.mfaauthenticated AS mfa, count(*) FROM cloudtrail_logs WHERE readonly = 'false' GROUP BY useridentity.sessioncontext.attributes.mfaauthenticated;

-- Users and the calls they make.
WITH calls AS (
  SELECT useridentity.arn AS arn, eventname, count(*) AS n
  FROM cloudtrail_logs
  WHERE timestamp >= date_format(current_date - interval '30' day, '%Y/%m/%d')
  GROUP BY useridentity.arn, eventname
), ranked AS (
  SELECT arn, eventname, n, row_number() OVER (PARTITION BY arn ORDER BY n DESC) AS place FROM calls
)
SELECT arn, array_join(array_agg(eventname ORDER BY place), ', ') AS top_calls, sum(n) AS total
FROM ranked WHERE place <= 5 GROUP BY arn ORDER BY total DESC;

SELECT useridentity.arn, array_agg(DISTINCT eventname) AS names, min(eventtime) AS first_seen, max(eventtime) AS last_seen
FROM cloudtrail_logs GROUP BY useridentity.arn;

SELECT split_part(useridentity.arn, '/', 2) AS role_name, split(useridentity.arn, ':')[5] AS account_id, count(*) FROM cloudtrail_logs WHERE useridentity.type = 'AssumedRole' GROUP BY 1, 2;

SELECT regexp_extract(useridentity.arn, 'assumed-role/([^/]+)/(.+)', 1) AS role, regexp_extract(useridentity.arn, 'assumed-role/([^/]+)/(.+)', 2) AS session, count(*) AS n FROM cloudtrail_logs GROUP BY 1, 2;

SELECT recipientaccountid, awsregion, approx_distinct(sourceipaddress) AS addresses FROM cloudtrail_logs GROUP BY ROLLUP (recipientaccountid, awsregion);

SELECT eventname, eventsource FROM cloudtrail_logs WHERE regexp_like(eventname, '^(Create|Delete|Put|Update|Attach|Detach)') AND eventsource = 'iam.amazonaws.com';

SELECT a.eventtime, a.eventname, b.eventname AS next_event
FROM cloudtrail_logs a JOIN cloudtrail_logs b ON a.sharedeventid = b.sharedeventid AND a.eventid <> b.eventid
WHERE a.timestamp = '2024/03/01' AND b.timestamp = '2024/03/01';

SELECT arn, eventtime, lag(eventtime) OVER (PARTITION BY arn ORDER BY eventtime) AS before
FROM (SELECT useridentity.arn AS arn, eventtime FROM cloudtrail_logs WHERE eventname = 'AssumeRole');

SELECT useridentity.username, eventtime FROM cloudtrail_logs WHERE useridentity.username NOT IN (SELECT DISTINCT useridentity.username FROM cloudtrail_logs WHERE timestamp < '2024/01/01' AND useridentity.username IS NOT NULL);

SELECT tlsdetails.tlsversion, useragent, count(*) FROM cloudtrail_logs WHERE tlsdetails.tlsversion IN ('TLSv1', 'TLSv1.1') GROUP BY tlsdetails.tlsversion, useragent;

SELECT "useridentity"."sessioncontext"."webidfederationdata"."federatedprovider" AS provider, count(*) AS "number of calls" FROM "cloudtrail_logs" GROUP BY 1;

SELECT COALESCE(useridentity.username, useridentity.sessioncontext.sessionissuer.username, useridentity.invokedby, 'unknown') AS who, eventname, CASE WHEN errorcode IS NULL THEN 'ok' ELSE errorcode END AS outcome, COUNT(*) FROM cloudtrail_logs GROUP BY 1, 2, 3 ORDER BY 4 DESC LIMIT 20;

SELECT json_extract_scalar(requestparameters, '$.bucketName') AS bucket, sum(CAST(json_extract_scalar(additionaleventdata, '$.bytesTransferredOut') AS double)) / 1024 / 1024 AS mib FROM cloudtrail_logs WHERE eventname = 'GetObject' GROUP BY 1;

SELECT count(*) * 100.0 / (SELECT count(*) FROM cloudtrail_logs) AS error_percentage FROM cloudtrail_logs WHERE errorcode IS NOT NULL;

CREATE OR REPLACE VIEW v_logins AS
SELECT CAST(from_iso8601_timestamp(eventtime) AS date) AS day, useridentity.username AS username, sourceipaddress AS ip
FROM cloudtrail_logs WHERE eventname = 'ConsoleLogin';

SELECT day, count(DISTINCT username) FROM v_logins GROUP BY day ORDER BY day;

SELECT eventname FROM cloudtrail_logs WHERE timestamp = '2024/03/01' AND EXISTS (SELECT 1 FROM gd_logs WHERE gd_logs.accountid = cloudtrail_logs.recipientaccountid);

SELECT useridentity.arn, count_if(errorcode IS NOT NULL) AS errors, count(*) AS total, round(100.0 * count_if(errorcode IS NOT NULL) / count(*), 2) AS pct FROM cloudtrail_logs GROUP BY useridentity.arn;

SELECT date(from_iso8601_timestamp(eventtime)) AS d, histogram(eventname) FROM cloudtrail_logs GROUP BY date(from_iso8601_timestamp(eventtime));

SELECT "$path", eventid FROM cloudtrail_logs WHERE timestamp = '2024/03/01' AND "$path" LIKE '%.json.gz' LIMIT 10;

SELECT element_at(useridentity.sessioncontext.webidfederationdata.attributes, 'aud') FROM cloudtrail_logs WHERE eventname = 'AssumeRoleWithWebIdentity';

SELECT from_iso8601_timestamp(eventtime) AS event_ts, json_parse(requestparameters) AS parameters FROM cloudtrail_logs WHERE eventname = 'CreateUser' AND try(json_parse(requestparameters)) IS NOT NULL;

SELECT addendum.reason, count(*) FROM cloudtrail_logs WHERE addendum IS NOT NULL GROUP BY addendum.reason;
