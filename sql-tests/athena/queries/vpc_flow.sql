SELECT * FROM vpc_flow_logs_v2 WHERE date = DATE '2024-03-01' LIMIT 100;

SELECT sourceaddress, destinationaddress, sum(numbytes) AS total_bytes FROM vpc_flow_logs_v2 WHERE date BETWEEN DATE '2024-03-01' AND DATE '2024-03-07' GROUP BY sourceaddress, destinationaddress ORDER BY total_bytes DESC LIMIT 10;

SELECT day_of_week(date) AS day, date, interfaceid, sourceaddress, action, protocol FROM vpc_flow_logs_v2 WHERE action = 'REJECT' AND protocol = 6 LIMIT 100;

SELECT SUM(numpackets) AS packetcount, destinationaddress FROM vpc_flow_logs_v2 WHERE destinationport = 443 AND date > current_date - interval '7' day GROUP BY destinationaddress ORDER BY packetcount DESC LIMIT 10;

SELECT from_unixtime(starttime) AS start_time, from_unixtime(endtime) AS end_time, numbytes FROM vpc_flow_logs_v2 WHERE date = date('2024-03-01');

SELECT date_format(from_unixtime(starttime), '%Y-%m-%d %H:00') AS hour, sum(numbytes) / 1073741824.0 AS gib FROM vpc_flow_logs_v2 GROUP BY 1 ORDER BY 1;

SELECT MIN(date) AS first_day, MAX(date), COUNT(*) FROM vpc_flow_logs_v2;

SELECT srcaddr, dstaddr, dstport, sum(bytes) bytes FROM vpc_flow_logs WHERE day = '2024/03/01' AND action = 'REJECT' GROUP BY srcaddr, dstaddr, dstport ORDER BY bytes DESC;

SELECT srcaddr, count(DISTINCT dstport) AS ports FROM vpc_flow_logs WHERE day >= '2024/03/01' AND action = 'REJECT' GROUP BY srcaddr HAVING count(DISTINCT dstport) > 100;

SELECT "start", "end", "end" - "start" AS seconds, flow_direction FROM vpc_flow_logs WHERE region = 'us-east-1';

SELECT protocol, CASE protocol WHEN 6 THEN 'TCP' WHEN 17 THEN 'UDP' WHEN 1 THEN 'ICMP' ELSE CAST(protocol AS varchar) END AS name, count(*) FROM vpc_flow_logs GROUP BY protocol;

SELECT srcaddr FROM vpc_flow_logs WHERE contains('10.0.0.0/8', TRY(CAST(srcaddr AS IPADDRESS)));

SELECT srcaddr, dstaddr FROM vpc_flow_logs WHERE TRY_CAST(srcaddr AS ipaddress) BETWEEN IPADDRESS '10.0.0.0' AND IPADDRESS '10.255.255.255';

SELECT pkt_dst_aws_service, traffic_path, sum(bytes) / pow(1024, 3) AS gib FROM vpc_flow_logs WHERE flow_direction = 'egress' GROUP BY pkt_dst_aws_service, traffic_path;

SELECT bitwise_and(tcp_flags, 2) = 2 AS syn, bitwise_and(tcp_flags, 16) > 0 AS ack, count(*) FROM vpc_flow_logs GROUP BY 1, 2;

SELECT interface_id, approx_percentile(bytes, 0.5) AS p50, approx_percentile(bytes, 0.95) AS p95, approx_percentile(bytes, ARRAY[0.9, 0.99]) AS ps FROM vpc_flow_logs WHERE log_status = 'OK' GROUP BY interface_id;

SELECT to_iso8601(from_unixtime("start")) AS t, srcaddr || ':' || CAST(srcport AS varchar) AS source FROM vpc_flow_logs WHERE "day" = date_format(current_date, '%Y/%m/%d');

WITH t AS (SELECT srcaddr, sum(bytes) b FROM vpc_flow_logs WHERE day LIKE '2024/03/%' GROUP BY 1)
SELECT srcaddr, b, b * 100.0 / sum(b) OVER () AS share, sum(b) OVER (ORDER BY b DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS running FROM t ORDER BY b DESC;

SELECT f.srcaddr, f.bytes, i.title FROM vpc_flow_logs f LEFT JOIN gd_logs i ON json_extract_scalar(i.service, '$.action.networkConnectionAction.remoteIpDetails.ipAddressV4') = f.srcaddr WHERE f.day = '2024/03/01';

SELECT year, month, day, sum(bytes) FROM vpc_flow_logs_parquet WHERE "aws-region" = 'us-east-1' AND year = '2024' AND month = '03' GROUP BY year, month, day;

SELECT sum(bytes) FROM vpc_flow_logs_parquet WHERE concat(year, '-', month, '-', day) >= date_format(date_add('day', -7, current_date), '%Y-%m-%d');

SELECT date_parse(concat(year, '-', month, '-', day, ' ', hour), '%Y-%m-%d %H') AS t, count(*) FROM vpc_flow_logs_parquet WHERE year = CAST(year(current_date) AS varchar) GROUP BY 1;

SELECT host, count(*) FROM (SELECT srcaddr AS host FROM vpc_flow_logs UNION ALL SELECT dstaddr FROM vpc_flow_logs) GROUP BY host ORDER BY 2 DESC LIMIT 10;

SELECT srcaddr FROM vpc_flow_logs WHERE action = 'ACCEPT' EXCEPT SELECT srcaddr FROM vpc_flow_logs WHERE action = 'REJECT';

SELECT DISTINCT dstport FROM vpc_flow_logs WHERE dstport NOT BETWEEN 1024 AND 65535 AND regexp_like(srcaddr, '^(10\.|192\.168\.|172\.(1[6-9]|2[0-9]|3[01])\.)');

SELECT width_bucket(bytes, 0, 1000000, 10) AS bucket, count(*) FROM vpc_flow_logs GROUP BY 1 ORDER BY 1;
