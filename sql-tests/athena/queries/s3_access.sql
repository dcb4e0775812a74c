SELECT DISTINCT requester FROM s3_access_logs WHERE timestamp = '2024/03/01';

SELECT * FROM s3_access_logs WHERE key = 'prefix/images/picture.jpg' AND operation LIKE '%DELETE%';

SELECT requestdatetime, requester, operation, requestid, hostid FROM s3_access_logs WHERE bucket_name = 'example' AND key = 'a/b' AND operation = 'REST.DELETE.OBJECT';

SELECT * FROM s3_access_logs WHERE parse_datetime(requestdatetime, 'dd/MMM/yyyy:HH:mm:ss Z') BETWEEN parse_datetime('2024-03-01:00:42:42', 'yyyy-MM-dd:HH:mm:ss') AND parse_datetime('2024-03-02:00:42:42', 'yyyy-MM-dd:HH:mm:ss');

SELECT SUM(bytessent) AS uploadtotal, SUM(objectsize) AS objecttotal, SUM(bytessent + objectsize) AS total FROM s3_access_logs WHERE remoteip = '10.0.0.1' AND parse_datetime(requestdatetime, 'dd/MMM/yyyy:HH:mm:ss Z') >= parse_datetime('2024-03-01', 'yyyy-MM-dd');

SELECT httpstatus, errorcode, count(*) FROM s3_access_logs WHERE httpstatus NOT LIKE '2%' GROUP BY httpstatus, errorcode;

SELECT key, count(*) AS hits FROM s3_access_logs WHERE operation = 'REST.GET.OBJECT' AND timestamp BETWEEN '2024/03/01' AND '2024/03/31' GROUP BY key ORDER BY hits DESC LIMIT 100;

SELECT split_part(key, '/', 1) AS prefix, sum(bytessent) / 1e9 AS gigabytes FROM s3_access_logs GROUP BY 1;

SELECT date_trunc('day', date_parse(substr(requestdatetime, 1, 20), '%d/%b/%Y:%H:%i:%s')) AS d, count(*) FROM s3_access_logs GROUP BY 1 ORDER BY 1;

SELECT TRY_CAST(totaltime AS integer) AS ms, key FROM s3_access_logs WHERE TRY_CAST(totaltime AS integer) > 1000 ORDER BY 1 DESC;

SELECT tlsversion, sigv, authtype, count(*) FROM s3_access_logs WHERE tlsversion IN ('TLSv1', 'TLSv1.1') OR sigv = 'SigV2' GROUP BY tlsversion, sigv, authtype;

SELECT requester, array_agg(DISTINCT operation) FROM s3_access_logs WHERE aclrequired = 'Yes' GROUP BY requester;

SELECT remoteip, requester, bucket_name FROM s3_access_logs WHERE requester = '-' AND NOT regexp_like(remoteip, '^10\.');

SELECT bucket, storage_class, count(*) AS objects, sum(size) AS bytes, format('%.2f GiB', sum(size) / 1073741824e0) FROM s3_inventory WHERE dt = '2024-03-01-00-00' GROUP BY bucket, storage_class;

SELECT regexp_extract(key, '\.([^.]+)$', 1) AS extension, count(*), sum(size) FROM s3_inventory WHERE is_latest AND NOT is_delete_marker GROUP BY 1 ORDER BY 3 DESC;

SELECT key, size, last_modified_date FROM s3_inventory WHERE last_modified_date < current_timestamp - interval '90' day AND dt = (SELECT max(dt) FROM s3_inventory);

SELECT e_tag, count(*) AS copies, sum(size) - min(size) AS wasted FROM s3_inventory WHERE is_latest = true GROUP BY e_tag HAVING count(*) > 1 ORDER BY wasted DESC;

SELECT i.key FROM s3_inventory i LEFT JOIN s3_access_logs a ON i.key = url_decode(a.key) AND a.operation LIKE 'REST.GET%' WHERE a.key IS NULL AND i.dt = '2024-03-01-00-00';

SELECT CASE WHEN size < 131072 THEN 'small' WHEN size < 1048576 THEN 'middle' ELSE 'large' END AS class, count(*) FROM s3_inventory GROUP BY 1;
