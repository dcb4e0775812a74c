-- The quotient of two decimals as Trino gives it: rounded half up to `scale` places (at most 4 here).
CREATE MACRO trino_quotient(a, b, scale) AS CAST(
  sign(a) * sign(b)
    * ((2 * abs(CAST(a * 10000 AS HUGEINT)) * CAST(pow(10, scale) AS HUGEINT) + abs(CAST(b * 10000 AS HUGEINT)))
      // (2 * abs(CAST(b * 10000 AS HUGEINT))))
    / pow(10, scale)
  AS DECIMAL(28, 4));
