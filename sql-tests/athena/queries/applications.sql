SELECT event_type, count(*) FROM app_events WHERE year = 2024 AND month = 3 AND day BETWEEN 1 AND 7 GROUP BY event_type;

SELECT json_extract_scalar(properties, '$.page.url') AS url, CAST(json_extract_scalar(properties, '$.duration') AS integer) AS duration FROM app_events WHERE event_type = 'page_view';

SELECT CAST(json_extract(properties, '$.steps') AS array(varchar)) AS steps, json_array_length(json_extract(properties, '$.steps')) AS n FROM app_events;

SELECT i.sku, sum(i.quantity * i.price) AS revenue FROM app_events CROSS JOIN UNNEST(items) AS t(i) WHERE event_type = 'purchase' GROUP BY i.sku;

SELECT event_id, sku, quantity FROM app_events CROSS JOIN UNNEST(items) AS t(sku, quantity, price);

SELECT event_id, item, position FROM app_events CROSS JOIN UNNEST(items) WITH ORDINALITY AS t(sku, quantity, item, position);

SELECT user_id, tag FROM app_events LEFT JOIN UNNEST(tags) AS t(tag) ON TRUE;

SELECT attributes['campaign'] AS campaign, count(DISTINCT user_id) AS users FROM app_events GROUP BY attributes['campaign'];

SELECT k, approx_distinct(v) FROM app_events CROSS JOIN UNNEST(attributes) AS t(k, v) GROUP BY k;

SELECT from_unixtime(event_timestamp / 1000) AS t, device.screen.width * device.screen.height AS pixels, "device"."os" FROM app_events;

SELECT user_id, event_timestamp, sum(CASE WHEN event_timestamp - previous > 1800000 OR previous IS NULL THEN 1 ELSE 0 END) OVER (PARTITION BY user_id ORDER BY event_timestamp) AS session_number FROM (SELECT user_id, event_timestamp, lag(event_timestamp) OVER (PARTITION BY user_id ORDER BY event_timestamp) AS previous FROM app_events);

SELECT user_id, min_by(event_type, event_timestamp) AS first_event, max_by(event_type, event_timestamp) AS last_event, array_agg(event_type ORDER BY event_timestamp) AS path FROM app_events GROUP BY user_id;

WITH first_day AS (SELECT user_id, min(date(from_unixtime(event_timestamp / 1000))) AS d FROM app_events GROUP BY user_id),
activity AS (SELECT DISTINCT user_id, date(from_unixtime(event_timestamp / 1000)) AS d FROM app_events)
SELECT f.d AS cohort, date_diff('day', f.d, a.d) AS age, count(DISTINCT a.user_id) AS users FROM first_day f JOIN activity a ON f.user_id = a.user_id GROUP BY 1, 2 ORDER BY 1, 2;

SELECT reduce(items, 0e0, (s, x) -> s + CAST(x.price * x.quantity AS double), s -> s) FROM app_events;

SELECT array_max(transform(items, x -> x.price)) AS dearest, array_distinct(flatten(ARRAY[tags, ARRAY['all']])) FROM app_events;

SELECT zip_with(tags, sequence(1, cardinality(tags)), (t, i) -> concat(t, '#', CAST(i AS varchar))) FROM app_events WHERE cardinality(tags) > 0;

SELECT any_value(device.model), arbitrary(session_id), checksum(event_id) FROM app_events GROUP BY year, month, day;

SELECT order_id, amount, discount, amount * (1 - discount) AS net, CAST(amount * (1 - discount) AS decimal(12, 2)) FROM orders WHERE dt = '2024-03-01';

SELECT customer_id, sum(amount) AS total, avg(amount), count(*), max(order_date) FROM orders WHERE order_date >= DATE '2024-01-01' AND status NOT IN ('cancelled', 'refunded') GROUP BY customer_id ORDER BY total DESC LIMIT 10;

SELECT c.name, o.amount FROM orders o INNER JOIN customers c ON c.customer_id = o.customer_id WHERE o.country = 'DE' AND c.segment = 'b2b';

SELECT c.name, coalesce(sum(o.amount), 0) AS total FROM customers c LEFT JOIN orders o USING (customer_id) GROUP BY c.name;

SELECT * FROM orders o WHERE amount > (SELECT avg(amount) FROM orders i WHERE i.customer_id = o.customer_id);

SELECT customer_id FROM customers WHERE customer_id IN (SELECT customer_id FROM orders WHERE amount > 1000) AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = customers.customer_id AND o.status = 'refunded');

SELECT currency, status, grouping(currency, status) AS g, sum(amount) FROM orders GROUP BY CUBE (currency, status);

SELECT date_trunc('quarter', order_date) AS q, extract(year FROM order_date) AS y, extract(dow FROM order_date) AS d, sum(amount) FROM orders GROUP BY 1, 2, 3;

SELECT order_date, sum(sum(amount)) OVER (ORDER BY order_date RANGE BETWEEN INTERVAL '6' DAY PRECEDING AND CURRENT ROW) AS week FROM orders GROUP BY order_date;

SELECT country, first_value(order_id) OVER w AS first_order, nth_value(order_id, 2) OVER w, last_value(amount) IGNORE NULLS OVER w FROM orders WINDOW w AS (PARTITION BY country ORDER BY order_ts ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING);

SELECT date_format(order_ts, '%W %H:%i') AS t, format_datetime(order_ts, 'EEEE HH:mm'), date_add('hour', 9, order_ts) FROM orders;

SELECT o.order_id, o.order_ts AT TIME ZONE 'Europe/Berlin' AS local, with_timezone(o.order_ts, 'UTC') FROM orders o WHERE o.order_ts >= TIMESTAMP '2024-03-01 00:00:00' AND o.order_ts < TIMESTAMP '2024-03-01 00:00:00' + INTERVAL '1' DAY;

SELECT CAST(signup_date AS date), date_parse(signup_date, '%d/%m/%Y'), TRY(date_parse(signup_date, '%Y-%m-%d')) FROM customers;

SELECT segment, stddev(balance), variance(balance), corr(balance, customer_id), max(balance) - min(balance) FROM customers GROUP BY segment;

SELECT upper(substr(name, 1, 1)) || lower(substr(name, 2)) AS nice, trim(email), replace(email, '@', ' at '), strpos(email, '@'), length(name), lpad(CAST(customer_id AS varchar), 10, '0'), reverse(name) FROM customers WHERE email LIKE '%@example.com' ESCAPE '\';

SELECT device_id, date_trunc('hour', CAST(ts AS timestamp)) AS h, avg(temperature), min(humidity) FROM sensor_readings WHERE year || month || day = '20240301' GROUP BY device_id, date_trunc('hour', CAST(ts AS timestamp));

SELECT device_id, temperature - avg(temperature) OVER (PARTITION BY device_id) AS off FROM sensor_readings WHERE is_nan(temperature) = false AND NOT is_infinite(temperature);

SELECT greatest(temperature, humidity), least(temperature, humidity), abs(temperature), round(temperature, 1), floor(humidity), mod(status, 2), power(temperature, 2), sqrt(humidity) FROM sensor_readings;

WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT i FROM n;

WITH ids(id, label) AS (VALUES (1, 'a'), (2, 'b')) SELECT o.order_id, label FROM orders o JOIN ids ON o.order_id = ids.id;

SELECT * FROM (VALUES (1, 'one'), (2, 'two')) AS t(n, name) WHERE n > 1;

SELECT count(*), count(*), max(dt) AS "max dt" FROM orders OFFSET 0 LIMIT 5;

SELECT o.* FROM orders AS o TABLESAMPLE BERNOULLI (10) LIMIT 5;

SELECT status, count(*) FROM orders GROUP BY status UNION SELECT 'total', count(*) FROM orders ORDER BY 2 DESC;

SELECT dt, "$path", "$file_size", "$file_modified_time" FROM orders WHERE dt = '2024-03-01';

SELECT DISTINCT "$path" AS data_source_file FROM sensor_readings ORDER BY data_source_file ASC;

SELECT * FROM "orders$partitions";

SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema = 'default';

SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'orders' ORDER BY ordinal_position;

SELECT CAST(ROW(1, 'x') AS ROW(n integer, s varchar)).s, CAST(MAP(ARRAY['a'], ARRAY[1]) AS JSON), ARRAY[1, 2] || 3;

SELECT typeof(amount), format('%s: %,.2f', status, amount), format_number(amount) FROM orders;

SELECT hour, n FROM UNNEST(sequence(0, 23)) AS t(hour) LEFT JOIN (SELECT hour(order_ts) AS h, count(*) AS n FROM orders GROUP BY 1) ON h = hour;

SELECT numeric_histogram(10, balance), approx_most_frequent(3, segment, 100) FROM customers;

SELECT word, count(*) FROM customers CROSS JOIN UNNEST(regexp_split(lower(name), '\s+')) AS t(word) WHERE word <> '' GROUP BY word ORDER BY 2 DESC;

SELECT customer_id, CAST(JSON_EXTRACT(properties, '$') AS map(varchar, json)) AS m FROM app_events JOIN customers ON CAST(customers.customer_id AS varchar) = app_events.user_id;

SELECT json_value(properties, 'lax $.page.url'), json_exists(properties, 'lax $.page'), json_query(properties, 'lax $.steps') FROM app_events;

SELECT o1.order_id FROM orders o1, orders o2 WHERE o1.order_id <> o2.order_id AND o1.customer_id = o2.customer_id AND abs(date_diff('second', o1.order_ts, o2.order_ts)) < 60;

SELECT t.status, l.n FROM (SELECT DISTINCT status FROM orders) t CROSS JOIN LATERAL (SELECT count(*) AS n FROM orders o WHERE o.status = t.status) l;

SELECT ST_Distance(ST_Point(-71.0882, 42.3607), ST_Point(-74.1197, 40.6976)), ST_Contains(ST_Polygon('POLYGON ((0 0, 0 2, 2 2, 2 0, 0 0))'), ST_Point(1, 1));

SELECT customer_id, x FROM customers CROSS JOIN UNNEST(ARRAY[1, 2], ARRAY['a', 'b']) AS t(x, y) WHERE y = 'a';
