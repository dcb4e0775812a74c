SELECT COUNT(httprequest.clientip) AS count, httprequest.clientip, httprequest.uri FROM waf_logs WHERE action = 'BLOCK' GROUP BY httprequest.clientip, httprequest.uri ORDER BY count DESC LIMIT 100;

SELECT COUNT(*) AS count, terminatingruleid, httprequest.country FROM waf_logs WHERE date >= date_format(current_date - interval '7' day, '%Y/%m/%d') GROUP BY terminatingruleid, httprequest.country;

SELECT from_unixtime(timestamp / 1000) AS time_utc, action, httprequest.clientip, httprequest.uri FROM waf_logs WHERE date = '2024/03/01' LIMIT 50;

SELECT from_unixtime(timestamp/1000e0) AT TIME ZONE 'Asia/Seoul' AS local FROM waf_logs WHERE from_unixtime(timestamp/1000) BETWEEN timestamp '2024-03-01 00:00:00' AND timestamp '2024-03-02 23:59:59';

SELECT h.name, h.value FROM waf_logs, UNNEST(httprequest.headers) AS t(h) WHERE lower(h.name) = 'user-agent';

SELECT name, value, count(*) FROM waf_logs CROSS JOIN UNNEST(httprequest.headers) AS t(name, value) WHERE lower(name) = 'host' GROUP BY name, value;

WITH d AS (SELECT waf.timestamp, t.rulegrouplist FROM waf_logs waf CROSS JOIN UNNEST(waf.rulegrouplist) AS t(rulegrouplist))
SELECT COUNT(*) AS count, timestamp FROM d GROUP BY timestamp;

SELECT rg.rulegroupid, rg.terminatingrule.ruleid AS rule, rg.terminatingrule.action AS action, count(*) FROM waf_logs CROSS JOIN UNNEST(rulegrouplist) AS t(rg) WHERE rg.terminatingrule IS NOT NULL GROUP BY 1, 2, 3;

SELECT r.ruleid, count(*) AS counted FROM waf_logs CROSS JOIN UNNEST(nonterminatingmatchingrules) AS t(r) WHERE r.action = 'COUNT' GROUP BY r.ruleid;

SELECT n.ruleid, w.httprequest.uri FROM waf_logs w CROSS JOIN UNNEST(rulegrouplist) AS g(rg) CROSS JOIN UNNEST(rg.nonterminatingmatchingrules) AS m(n) WHERE n.overriddenaction = 'BLOCK';

SELECT label_items.name, count(*) FROM waf_logs CROSS JOIN UNNEST(labels) AS t(label_items) GROUP BY label_items.name ORDER BY 2 DESC;

SELECT date, SUM(CASE WHEN l.name LIKE '%:core-rule-set:%' THEN 1 ELSE 0 END) AS core, SUM(CASE WHEN l.name LIKE '%:bot-control:%' THEN 1 ELSE 0 END) AS bots FROM waf_logs CROSS JOIN UNNEST(CASE WHEN cardinality(labels) >= 1 THEN labels ELSE array[cast(row('NOLABEL') AS row(name varchar))] END) AS t(l) GROUP BY date;

SELECT httprequest.clientip, element_at(filter(httprequest.headers, x -> lower(x.name) = 'user-agent'), 1).value AS agent FROM waf_logs WHERE any_match(httprequest.headers, x -> lower(x.name) = 'x-forwarded-for');

SELECT httprequest.clientip, array_join(transform(labels, l -> l.name), ',') FROM waf_logs WHERE cardinality(labels) > 0;

SELECT transform(filter(httprequest.headers, h -> h.name = 'Host'), h -> h.value)[1] AS host, count(*) FROM waf_logs WHERE cardinality(filter(httprequest.headers, h -> h.name = 'Host')) > 0 GROUP BY 1;

SELECT terminatingrulematchdetails[1].conditiontype, terminatingrulematchdetails[1].location, terminatingrulematchdetails[1].matcheddata FROM waf_logs WHERE cardinality(terminatingrulematchdetails) > 0;

SELECT r.conditiontype, array_join(r.matcheddata, ' ') FROM waf_logs CROSS JOIN UNNEST(terminatingrulematchdetails) AS t(r) WHERE r.conditiontype IN ('SQL_INJECTION', 'XSS');

SELECT date_trunc('hour', from_unixtime(timestamp / 1000)) AS hour, httprequest.clientip, count(*) AS n FROM waf_logs GROUP BY 1, 2 HAVING count(*) > 1000;

WITH test_dataset AS (SELECT header FROM waf_logs CROSS JOIN UNNEST(httprequest.headers) AS t(header) WHERE "date" >= '2024/03/01' AND "date" < '2024/04/01') SELECT COUNT(*) count, header.name, header.value FROM test_dataset WHERE LOWER(header.name) = 'referer' GROUP BY header ORDER BY count DESC;

SELECT webaclid, httpsourceid, ja3fingerprint, captcharesponse.failurereason, count(*) FROM waf_logs GROUP BY webaclid, httpsourceid, ja3fingerprint, captcharesponse.failurereason;

SELECT b.limitkey, b.maxrateallowed FROM waf_logs LEFT JOIN UNNEST(ratebasedrulelist) AS t(b) ON true WHERE action = 'BLOCK';

SELECT to_iso8601(from_unixtime(timestamp / 1000)) AS time, httprequest.uri || '?' || httprequest.args AS url FROM waf_logs WHERE httprequest.args <> '' ORDER BY timestamp DESC;

SELECT clientip, requests FROM (SELECT httprequest.clientip AS clientip, count(*) AS requests, date_trunc('minute', from_unixtime(timestamp / 1000)) - interval '1' minute * (minute(from_unixtime(timestamp / 1000)) % 5) AS five_minutes FROM waf_logs GROUP BY 1, 3) WHERE requests > 2000;
