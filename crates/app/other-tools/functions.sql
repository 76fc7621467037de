-- The functions that the SQL of control tests calls, in the SQL of DuckDB. What each does: docs/control-tests.md.

SET TimeZone = 'UTC';

-- Amounts are decimals; DuckDB rounds a decimal half away from zero.
CREATE OR REPLACE MACRO round_half_up(x, digits) AS round(x, digits);

-- An instant is a TIMESTAMPTZ, a day a DATE, a zone its IANA name.
CREATE OR REPLACE MACRO local_date(instant, zone) AS CAST(timezone(zone, instant) AS DATE);
CREATE OR REPLACE MACRO end_of_day(day, zone) AS
  timezone(zone, CAST(day + 1 AS TIMESTAMP)) - INTERVAL 1 MICROSECOND;

-- Business days by their number. A day between two of them counts from the one before it.
CREATE OR REPLACE TABLE business_day (calendar VARCHAR, day DATE, number BIGINT);
CREATE OR REPLACE MACRO business_days_until(asked, name) AS
  (SELECT count(*) FROM business_day AS _known WHERE _known.calendar = name AND _known.day <= asked);
CREATE OR REPLACE MACRO business_days(first, last, name) AS
  business_days_until(last, name) - business_days_until(first, name);
CREATE OR REPLACE MACRO add_business_days(asked, n, name) AS
  (SELECT max(_reached.day) FROM business_day AS _reached
   WHERE _reached.calendar = name AND _reached.number = business_days_until(asked, name) + n);
