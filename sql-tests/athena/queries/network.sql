SELECT SUM(sc_bytes) AS total_bytes FROM cloudfront_standard_logs WHERE "date" BETWEEN DATE '2024-03-01' AND DATE '2024-03-31' LIMIT 100;

SELECT DISTINCT * FROM cloudfront_standard_logs LIMIT 10;

SELECT cs_uri_stem, sc_status, count(*) FROM cloudfront_standard_logs WHERE sc_status >= 400 GROUP BY cs_uri_stem, sc_status ORDER BY 3 DESC;

SELECT x_edge_result_type, count(*) * 1.0 / sum(count(*)) OVER () AS ratio FROM cloudfront_standard_logs GROUP BY x_edge_result_type;

SELECT date, hour(CAST(time AS time)) AS h, sum(sc_bytes) FROM cloudfront_standard_logs GROUP BY date, hour(CAST(time AS time));

SELECT CAST(concat(CAST(date AS varchar), ' ', time) AS timestamp) AS ts, c_ip FROM cloudfront_standard_logs WHERE cs_method = 'POST';

SELECT url_decode(url_decode(cs_user_agent)) AS agent, count(*) FROM cloudfront_standard_logs GROUP BY 1 ORDER BY 2 DESC LIMIT 20;

SELECT x_edge_location, approx_percentile(time_taken, 0.95) AS p95, avg(time_to_first_byte) FROM cloudfront_standard_logs WHERE sc_status = 200 GROUP BY x_edge_location;

SELECT split_part(cs_uri_stem, '/', 2) AS site, date_format(date, '%Y-%m') AS month, count(DISTINCT c_ip) FROM cloudfront_standard_logs GROUP BY 1, 2;

SELECT coalesce(nullif(cs_referrer, '-'), 'direct') AS referrer, count(*) FROM cloudfront_standard_logs GROUP BY 1;

SELECT split_to_map(cs_uri_query, '&', '=')['id'] FROM cloudfront_standard_logs WHERE cs_uri_query <> '-';

SELECT query_name, count(*) FROM r53_rlogs WHERE date = '2024/03/01' AND vpc = 'vpc-0123456789abcdef0' GROUP BY query_name;

SELECT query_timestamp, srcids.instance, srcaddr, srcport, query_name, rcode FROM r53_rlogs WHERE cardinality(answers) = 0;

SELECT srcids.instance, srcids.resolver_endpoint, d.rdata FROM r53_rlogs CROSS JOIN UNNEST(answers) AS st(d) WHERE d.rdata = '203.0.113.1';

SELECT COUNT(*), a.type FROM r53_rlogs, UNNEST(answers) AS t(a) GROUP BY a.type;

SELECT query_timestamp, query_name FROM r53_rlogs WHERE (parse_datetime(query_timestamp, 'yyyy-MM-dd''T''HH:mm:ss''Z') BETWEEN parse_datetime('2024-03-01-00:00:00', 'yyyy-MM-dd-HH:mm:ss') AND parse_datetime('2024-03-01-00:10:00', 'yyyy-MM-dd-HH:mm:ss')) AND firewall_rule_action = 'BLOCK';

SELECT reverse(split_part(reverse(query_name), '.', 2)) AS tld, length(query_name) AS l FROM r53_rlogs WHERE length(query_name) > 60;

SELECT event.src_ip, event.dest_ip, event.dest_port, event.alert.signature, count(*) FROM network_firewall_alert_logs WHERE year = '2024' AND month = '03' GROUP BY 1, 2, 3, 4;

SELECT event.tls.sni, event.http.hostname, event.alert.action FROM network_firewall_alert_logs WHERE event.alert.severity <= 2 AND event.alert.action = 'blocked';

SELECT firewall_name, from_unixtime(CAST(event_timestamp AS bigint)) AS t, event.netflow."end" FROM network_firewall_alert_logs WHERE event.event_type = 'netflow';

SELECT clientip, endpointregion, sum(numbytes) FROM aga_flow_logs WHERE dt = '2024-03-01' GROUP BY GROUPING SETS ((clientip, endpointregion), (endpointregion), ());
