-- The backup software's own database: a job a night.
CREATE TABLE job (id INTEGER PRIMARY KEY, host TEXT, night TEXT, begun TEXT, ended TEXT, state TEXT, bytes INTEGER);
WITH RECURSIVE night(n, day) AS (
    SELECT 1, '2024-12-15' UNION ALL SELECT n + 1, date(day, '+1 day') FROM night WHERE day < '2025-04-10'
)
INSERT INTO job
SELECT n, 'billing-db', day, day || 'T07:00:00Z', day || 'T07:42:00Z', 'succeeded', 81604378624 + n * 1048576 FROM night;
