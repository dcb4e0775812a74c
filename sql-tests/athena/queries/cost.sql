SELECT line_item_product_code, sum(line_item_unblended_cost) AS cost FROM cur WHERE year = '2024' AND month = '3' GROUP BY line_item_product_code ORDER BY cost DESC;

SELECT line_item_usage_account_id, round(sum(line_item_blended_cost), 2) AS cost FROM cur WHERE year = '2024' AND month IN ('3', '03') GROUP BY line_item_usage_account_id HAVING sum(line_item_blended_cost) > 0 ORDER BY 2 DESC;

SELECT bill_payer_account_id, line_item_usage_account_id, DATE_FORMAT((line_item_usage_start_date), '%Y-%m-01') AS month,
  SUM(CASE
    WHEN (line_item_line_item_type = 'SavingsPlanCoveredUsage') THEN savings_plan_savings_plan_effective_cost
    WHEN (line_item_line_item_type = 'SavingsPlanRecurringFee') THEN (savings_plan_total_commitment_to_date - savings_plan_used_commitment)
    WHEN (line_item_line_item_type = 'SavingsPlanNegation') THEN 0
    WHEN (line_item_line_item_type = 'SavingsPlanUpfrontFee') THEN 0
    WHEN (line_item_line_item_type = 'DiscountedUsage') THEN reservation_effective_cost
    WHEN (line_item_line_item_type = 'RIFee') THEN (reservation_unused_amortized_upfront_fee_for_billing_period + reservation_unused_recurring_fee)
    WHEN ((line_item_line_item_type = 'Fee') AND (reservation_reservation_a_r_n <> '')) THEN 0
    ELSE line_item_unblended_cost END) AS amortized_cost
FROM cur
WHERE year = '2024' AND (month BETWEEN '7' AND '9' OR month BETWEEN '07' AND '09')
  AND line_item_line_item_type NOT IN ('Tax', 'Credit', 'Refund', 'EdpDiscount', 'Fee', 'RIFee')
GROUP BY bill_payer_account_id, line_item_usage_account_id, 3
ORDER BY amortized_cost DESC;

SELECT DATE_FORMAT((line_item_usage_start_date),'%Y-%m-%d') AS day, SPLIT_PART(line_item_usage_type, ':', 2) AS type, SUM(CAST(line_item_unblended_cost AS decimal(16,8))) AS cost, SUM(TRY_CAST(pricing_public_on_demand_rate AS decimal(16, 8))) AS rate FROM cur WHERE line_item_product_code = 'AmazonEC2' AND line_item_usage_type LIKE '%BoxUsage%' GROUP BY DATE_FORMAT((line_item_usage_start_date),'%Y-%m-%d'), line_item_usage_type;

SELECT product_region, product_instance_type, CASE WHEN pricing_term = 'Reserved' THEN 'RI' WHEN savings_plan_savings_plan_a_r_n <> '' THEN 'SP' WHEN line_item_usage_type LIKE '%SpotUsage%' THEN 'Spot' ELSE 'OnDemand' END AS option, sum(line_item_usage_amount) AS hours FROM cur WHERE product_servicecode = 'AmazonEC2' GROUP BY 1, 2, 3;

SELECT date_trunc('month', line_item_usage_start_date) AS month, sum(line_item_unblended_cost) AS cost, lag(sum(line_item_unblended_cost)) OVER (ORDER BY date_trunc('month', line_item_usage_start_date)) AS before FROM cur GROUP BY 1 ORDER BY 1;

WITH monthly AS (
  SELECT line_item_product_code AS service, date_trunc('month', line_item_usage_start_date) AS m, sum(line_item_unblended_cost) AS cost
  FROM cur WHERE line_item_usage_start_date >= date_add('month', -6, date_trunc('month', current_date)) GROUP BY 1, 2)
SELECT service, m, cost, cost - lag(cost) OVER (PARTITION BY service ORDER BY m) AS change,
  100 * (cost / nullif(lag(cost) OVER (PARTITION BY service ORDER BY m), 0) - 1) AS percent
FROM monthly ORDER BY service, m;

SELECT resource_tags_user_environment, coalesce(nullif(resource_tags_user_owner, ''), 'untagged') AS owner, sum(line_item_unblended_cost) FROM cur WHERE bill_billing_period_start_date = TIMESTAMP '2024-03-01 00:00:00' GROUP BY 1, 2;

SELECT sum(CASE WHEN resource_tags_user_name IS NULL OR resource_tags_user_name = '' THEN line_item_unblended_cost ELSE 0 END) / sum(line_item_unblended_cost) AS untagged FROM cur WHERE line_item_line_item_type = 'Usage';

SELECT line_item_resource_id, line_item_usage_amount, line_item_unblended_cost FROM cur WHERE line_item_operation = 'NatGateway' AND line_item_usage_type LIKE '%NatGateway-Bytes' AND line_item_usage_start_date >= now() - INTERVAL '1' MONTH;

SELECT split_part(savings_plan_savings_plan_a_r_n, '/', 2) AS plan_id, savings_plan_offering_type, sum(savings_plan_used_commitment) / nullif(sum(savings_plan_total_commitment_to_date), 0) AS utilization, savings_plan_end_time FROM cur WHERE savings_plan_savings_plan_a_r_n <> '' GROUP BY savings_plan_savings_plan_a_r_n, savings_plan_offering_type, savings_plan_end_time;

SELECT date_diff('day', current_date, CAST(from_iso8601_timestamp(savings_plan_end_time) AS date)) AS days_left, savings_plan_savings_plan_a_r_n FROM cur WHERE savings_plan_end_time <> '';

SELECT element_at(split(line_item_resource_id, ':'), -1) AS resource, sum(line_item_unblended_cost) FROM cur WHERE line_item_product_code = 'AWSLambda' GROUP BY 1;

SELECT regexp_extract(product_instance_type, '([a-z][0-9].{0,2})\.', 1) AS family, sum(CAST(NULLIF(TRIM(product_vcpu), '') AS decimal) * line_item_usage_amount) AS vcpu_hours FROM cur WHERE line_item_line_item_type LIKE '%Usage' GROUP BY 1;

SELECT COALESCE(CAST(NULLIF(regexp_extract(product_memory, '([\.|0-9]{1,6}) GiB', 1), '') AS decimal), 0) AS gib FROM cur;

SELECT product_product_name, CASE WHEN line_item_usage_type LIKE '%DataTransfer-Out%' THEN 'internet' WHEN line_item_usage_type LIKE '%DataTransfer-Regional%' THEN 'regional' ELSE 'other' END AS kind, sum(line_item_usage_amount) AS gb FROM cur WHERE product_product_family = 'Data Transfer' GROUP BY 1, 2;

SELECT line_item_usage_account_id, sum(line_item_unblended_cost) AS cost, ntile(4) OVER (ORDER BY sum(line_item_unblended_cost)) AS quartile, percent_rank() OVER (ORDER BY sum(line_item_unblended_cost)) FROM cur GROUP BY 1;

SELECT * FROM (SELECT line_item_usage_account_id, line_item_resource_id, sum(line_item_unblended_cost) c, row_number() OVER (PARTITION BY line_item_usage_account_id ORDER BY sum(line_item_unblended_cost) DESC) rn FROM cur GROUP BY 1, 2) WHERE rn <= 10;

SELECT year, month, sum("line_item_unblended_cost") AS "Total Cost" FROM "cur" WHERE CAST(year AS integer) = 2024 AND CAST(month AS integer) BETWEEN 1 AND 6 GROUP BY year, month ORDER BY CAST(year AS integer), CAST(month AS integer);

SELECT sum(line_item_unblended_cost) FROM cur WHERE date(line_item_usage_start_date) BETWEEN date_trunc('month', current_date - interval '1' month) AND last_day_of_month(current_date - interval '1' month);

SELECT sum(line_item_unblended_cost) FROM cur WHERE ((year = '2024' AND month = '1') OR (concat(year, lpad(month, 2, '0')) >= '202402')) AND line_item_usage_start_date < TIMESTAMP '2024-04-01';

SELECT day, cost, avg(cost) OVER (ORDER BY day ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) AS week_mean, stddev(cost) OVER (ORDER BY day ROWS BETWEEN 29 PRECEDING AND CURRENT ROW) AS deviation FROM (SELECT date(line_item_usage_start_date) AS day, sum(line_item_unblended_cost) AS cost FROM cur GROUP BY 1);

SELECT d.day, coalesce(sum(c.line_item_unblended_cost), 0) FROM (SELECT day FROM UNNEST(sequence(DATE '2024-03-01', DATE '2024-03-31', INTERVAL '1' DAY)) AS t(day)) d LEFT JOIN cur c ON date(c.line_item_usage_start_date) = d.day GROUP BY d.day ORDER BY d.day;

SELECT line_item_product_code, map_agg(month, cost) AS by_month FROM (SELECT line_item_product_code, month, sum(line_item_unblended_cost) cost FROM cur GROUP BY 1, 2) GROUP BY 1;

SELECT listagg(DISTINCT line_item_product_code, ', ') WITHIN GROUP (ORDER BY line_item_product_code) FROM cur WHERE year = '2024';

SELECT array_join(array_agg(DISTINCT line_item_product_code), ', ') AS services, cost_category_team FROM cur GROUP BY cost_category_team;

SELECT sum(split_line_item_split_cost + split_line_item_unused_cost) AS k8s, split_line_item_parent_resource_id FROM cur WHERE split_line_item_parent_resource_id IS NOT NULL GROUP BY 2;

SELECT month, sum(IF(line_item_line_item_type = 'Tax', line_item_unblended_cost, 0)) AS tax, sum(IF(line_item_line_item_type = 'Credit', line_item_unblended_cost)) AS credit FROM cur GROUP BY month;

SELECT approx_percentile(line_item_unblended_cost, 0.95) FROM cur WHERE line_item_unblended_cost > 1e-6;

CREATE OR REPLACE VIEW cost_by_day AS
SELECT date(line_item_usage_start_date) AS usage_date, line_item_usage_account_id AS account_id, product_product_name AS product, sum(line_item_unblended_cost) AS cost
FROM cur GROUP BY 1, 2, 3;

SELECT usage_date, account_id, sum(cost) AS cost FROM cost_by_day WHERE usage_date >= current_date - interval '14' day GROUP BY usage_date, account_id;

SELECT line_item_product_code, resource_tags['user_name'] AS name, element_at(resource_tags, 'user_environment') AS environment, sum(line_item_unblended_cost) FROM cur2 WHERE billing_period = '2024-03' GROUP BY 1, 2, 3;

SELECT product['region'] AS region, product['product_name'] AS product, cost_category['Team'], sum(line_item_net_unblended_cost) FROM cur2 GROUP BY product['region'], product['product_name'], cost_category['Team'];

SELECT key, value, sum(line_item_unblended_cost) FROM cur2 CROSS JOIN UNNEST(resource_tags) AS t(key, value) WHERE billing_period BETWEEN '2024-01' AND '2024-03' GROUP BY key, value;

SELECT billing_period, reduce(map_values(discount), 0e0, (s, x) -> s + x, s -> s) AS discounts FROM cur2 WHERE cardinality(discount) > 0;

SELECT map_filter(resource_tags, (k, v) -> k LIKE 'user_%') AS tags, line_item_resource_id FROM cur2 WHERE NOT contains(map_keys(resource_tags), 'user_owner');

SELECT line_item_usage_account_name, sum(line_item_unblended_cost) - sum(pricing_public_on_demand_cost) AS saved FROM cur2 GROUP BY line_item_usage_account_name ORDER BY saved FETCH FIRST 10 ROWS ONLY;

-- As dashboards write their views: everything quoted, names beside expressions.
CREATE OR REPLACE VIEW summary_view AS
SELECT
  "year"
, "month"
, "bill_billing_period_start_date" "billing_period"
, (CASE WHEN ("date_trunc"('month', "line_item_usage_start_date") >= ("date_trunc"('month', current_timestamp) - INTERVAL '1' MONTH)) THEN "date_trunc"('day', "line_item_usage_start_date") ELSE "date_trunc"('month', "line_item_usage_start_date") END) "usage_date"
, "bill_payer_account_id" "payer_account_id"
, (CASE WHEN ("savings_plan_savings_plan_a_r_n" <> '') THEN 'SavingsPlan' WHEN ("reservation_reservation_a_r_n" <> '') THEN 'Reserved' WHEN ("line_item_usage_type" LIKE '%Spot%') THEN 'Spot' ELSE 'OnDemand' END) "purchase_option"
, "sum"((CASE WHEN ("line_item_line_item_type" = 'Usage') THEN "line_item_usage_amount" ELSE 0 END)) "usage_quantity"
, "sum"("line_item_unblended_cost") "unblended_cost"
, "max"("split_part"("line_item_resource_id", ':', 6)) "a resource"
FROM "default"."cur"
WHERE (("bill_billing_period_start_date" >= ("date_trunc"('month', current_timestamp) - INTERVAL '7' MONTH))
  AND (CAST("concat"("year", '-', "month", '-01') AS date) >= ("date_trunc"('month', current_date) - INTERVAL '7' MONTH)))
GROUP BY 1, 2, 3, 4, 5, 6;

SELECT "billing_period", "purchase_option", sum("unblended_cost") "cost" FROM "summary_view" WHERE "usage_date" >= (current_date - INTERVAL '30' DAY) GROUP BY 1, 2;

SELECT * FROM (cur a INNER JOIN (SELECT line_item_resource_id rid, max(line_item_unblended_cost) m FROM cur GROUP BY 1) b ON ((a.line_item_resource_id = b.rid) AND (a.line_item_unblended_cost = b.m)));

SELECT * FROM (SELECT line_item_resource_id, sum(CASE WHEN line_item_usage_start_date = current_date - INTERVAL '2' DAY THEN line_item_unblended_cost ELSE 0 END) AS two_days_ago, sum(CASE WHEN line_item_usage_start_date = current_date - INTERVAL '3' DAY THEN line_item_unblended_cost ELSE 0 END) AS three_days_ago FROM cur GROUP BY 1) WHERE two_days_ago - three_days_ago > 5 ORDER BY abs(two_days_ago - three_days_ago) DESC LIMIT 50;

SELECT DISTINCT bill_payer_account_id, concat('https://', line_item_resource_id) AS link, date_format(line_item_usage_start_date, '%Y-%m-%dT%H:%i:%sZ') AS t, TRY_CAST(product_vcpu AS integer) AS vcpu, CAST(product_memory AS varchar) m FROM cur WHERE line_item_usage_start_date >= DATE_TRUNC('month', CURRENT_DATE - INTERVAL '3' MONTH) AND line_item_resource_id IS NOT NULL AND REGEXP_LIKE(line_item_usage_type, '(?i)BoxUsage|SpotUsage');

SELECT line_item_usage_account_id, CASE SUBSTR(line_item_usage_type, 1, 3) WHEN 'USE' THEN 'us-east' WHEN 'EUW' THEN 'eu-west' ELSE 'other' END AS region, COUNT(DISTINCT line_item_resource_id) FROM cur WHERE month = CAST(month(current_date) AS varchar) AND year = format('%d', year(current_date)) GROUP BY 1, 2;

WITH base AS (SELECT line_item_resource_id, sum(line_item_usage_amount) OVER (PARTITION BY line_item_resource_id) AS total, line_item_unblended_cost FROM cur WHERE line_item_product_code = 'AmazonS3'), filtered AS (SELECT * FROM base WHERE total > 0) SELECT line_item_resource_id, sum(line_item_unblended_cost) FROM filtered WHERE line_item_resource_id NOT LIKE '%log%' GROUP BY line_item_resource_id HAVING sum(line_item_unblended_cost) > 1 ORDER BY 2 DESC NULLS LAST;
