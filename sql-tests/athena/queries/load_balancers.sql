SELECT COUNT(request_verb) AS count, request_verb, client_ip FROM alb_access_logs WHERE day = '2024/03/01' GROUP BY request_verb, client_ip LIMIT 100;

SELECT request_url FROM alb_access_logs WHERE user_agent LIKE '%Safari%' LIMIT 10;

SELECT * FROM alb_access_logs WHERE elb_status_code >= 500;

SELECT * FROM alb_access_logs WHERE parse_datetime(time, 'yyyy-MM-dd''T''HH:mm:ss.SSSSSS''Z') BETWEEN parse_datetime('2024-03-01-12:00:00', 'yyyy-MM-dd-HH:mm:ss') AND parse_datetime('2024-03-01-13:00:00', 'yyyy-MM-dd-HH:mm:ss');

SELECT client_ip, sum(received_bytes + sent_bytes) AS total FROM alb_access_logs GROUP BY client_ip ORDER BY total DESC LIMIT 20;

SELECT from_iso8601_timestamp(time) AS t, target_processing_time, request_url FROM alb_access_logs WHERE target_processing_time > 5.0 ORDER BY target_processing_time DESC;

SELECT date_trunc('minute', from_iso8601_timestamp(time)) AS minute, approx_percentile(target_processing_time, 0.99) AS p99, avg(target_processing_time) AS mean, max(target_processing_time) AS slowest FROM alb_access_logs WHERE day BETWEEN '2024/03/01' AND '2024/03/02' GROUP BY 1 ORDER BY 1;

SELECT url_extract_path(request_url) AS path, url_extract_host(request_url) AS host, url_extract_parameter(request_url, 'utm_source') AS source, count(*) AS n FROM alb_access_logs GROUP BY 1, 2, 3 ORDER BY n DESC;

SELECT elb_status_code / 100 AS class, count(*) FROM alb_access_logs GROUP BY elb_status_code / 100;

SELECT CONCAT(CAST(elb_status_code / 100 AS varchar), 'xx') AS class, target_status_code, COUNT(*) FROM alb_access_logs GROUP BY 1, 2;

SELECT count(*) FILTER (WHERE elb_status_code BETWEEN 200 AND 299) AS ok, count(*) FILTER (WHERE elb_status_code >= 500) AS broken, target_group_arn FROM alb_access_logs GROUP BY target_group_arn;

SELECT date_format(from_iso8601_timestamp(time), '%H') AS hour, sum(CASE WHEN elb_status_code = 502 THEN 1 ELSE 0 END) AS bad_gateway FROM alb_access_logs GROUP BY date_format(from_iso8601_timestamp(time), '%H');

SELECT regexp_replace(url_extract_path(request_url), '[0-9a-f]{8}-[0-9a-f-]{27}', ':id') AS route, count(*), avg(request_processing_time + target_processing_time + response_processing_time) FROM alb_access_logs WHERE request_processing_time >= 0 GROUP BY 1;

SELECT day, request_verb, n, rank() OVER (PARTITION BY day ORDER BY n DESC) AS place FROM (SELECT day, request_verb, count(*) AS n FROM alb_access_logs GROUP BY day, request_verb) WHERE n > 5;

SELECT user_agent, count(*) c FROM alb_access_logs WHERE regexp_like(lower(user_agent), 'bot|crawl|spider') GROUP BY user_agent ORDER BY c DESC;

SELECT ssl_protocol, ssl_cipher, count(*) FROM alb_access_logs WHERE ssl_protocol != '-' GROUP BY ssl_protocol, ssl_cipher;

SELECT t.ip, count(*) FROM alb_access_logs CROSS JOIN UNNEST(split(target_port_list, ' ')) AS t(ip) GROUP BY t.ip;

SELECT element_at(split(trace_id, '='), 2) AS root, time FROM alb_access_logs WHERE cardinality(split(trace_id, '=')) > 1;

SELECT client_ip, min(time), max(time), date_diff('second', min(from_iso8601_timestamp(time)), max(from_iso8601_timestamp(time))) AS span FROM alb_access_logs GROUP BY client_ip;

SELECT substr(time, 1, 10) AS d, COUNT(DISTINCT client_ip) AS visitors FROM alb_access_logs GROUP BY substr(time, 1, 10) ORDER BY d;

SELECT url_decode(url_extract_query(request_url)) FROM alb_access_logs WHERE request_url LIKE '%?%' AND lower(url_decode(request_url)) LIKE '%union%select%';

SELECT domain_name, count(*) FROM nlb_tls_logs WHERE tls_protocol_version NOT IN ('tlsv12', 'tlsv13') GROUP BY domain_name;

SELECT client_ip, tls_handshake_time_ms FROM nlb_tls_logs WHERE incoming_tls_alert IS NOT NULL;

SELECT timestamp, elb_name, backend_ip, request_processing_time FROM elb_logs WHERE elb_response_code LIKE '4%' OR elb_response_code LIKE '5%' ORDER BY timestamp DESC LIMIT 10;

SELECT backend_ip, approx_percentile(backend_processing_time, 0.9) FROM elb_logs WHERE backend_ip <> '' GROUP BY backend_ip;

SELECT elb_name, COUNT(*) AS requests, SUM(CASE WHEN CAST(elb_response_code AS integer) >= 500 THEN 1 ELSE 0 END) AS errors FROM elb_logs GROUP BY elb_name ORDER BY errors DESC NULLS LAST;

SELECT date_parse(substr("timestamp", 1, 19), '%Y-%m-%dT%H:%i:%s') AS t, url FROM elb_logs WHERE url LIKE 'https://%' ORDER BY t;
