-- The systems of a small office over one year, as they are at its end; the source asks how things stood on a day.
CREATE TABLE person (id TEXT PRIMARY KEY, name TEXT, kind TEXT, department TEXT, manager TEXT, started TEXT, ended TEXT, told TEXT);
INSERT INTO person VALUES
    ('P-01', 'Ada Quill',  'employee', 'management',  NULL,   '2015-02-02', NULL, NULL),
    ('P-02', 'Ben Ray',    'employee', 'engineering', 'P-01', '2015-02-02', NULL, NULL),
    ('P-03', 'Cora Lund',  'employee', 'operations',  'P-01', '2019-09-16', NULL, NULL),
    ('P-04', 'Dov Marsh',  'employee', 'operations',  'P-03', '2022-05-02', '2025-11-21T22:00:00Z', '2025-11-03T15:12:00Z'),
    ('P-05', 'Edda Voss',  'employee', 'engineering', 'P-02', '2024-01-15', '2026-02-13T22:00:00Z', '2026-02-02T14:40:00Z'),
    ('P-06', 'Finn Oakes', 'employee', 'operations',  'P-03', '2025-12-01', NULL, NULL);

CREATE TABLE account (id TEXT PRIMARY KEY, person TEXT, kind TEXT, admin INTEGER, mfa INTEGER, created TEXT, disabled TEXT);
INSERT INTO account VALUES
    ('A-01', 'P-01', 'human', 0, 1, '2015-02-02T14:00:00Z', NULL),
    ('A-02', 'P-02', 'human', 1, 1, '2015-02-02T14:00:00Z', NULL),
    ('A-03', 'P-03', 'human', 0, 1, '2019-09-16T13:00:00Z', NULL),
    -- November 21 was a Friday, so access ends on the Monday; February 13 was the eve of a long weekend (Presidents' Day).
    ('A-04', 'P-04', 'human', 0, 1, '2022-05-02T13:00:00Z', '2025-11-24T18:31:00Z'),
    ('A-05', 'P-05', 'human', 0, 1, '2024-01-15T13:00:00Z', '2026-02-17T15:02:00Z'),
    ('A-06', 'P-06', 'human', 0, 1, '2025-12-01T14:00:00Z', NULL);

CREATE TABLE system (id TEXT PRIMARY KEY, title TEXT, since TEXT);
INSERT INTO system VALUES ('billing-db', 'Billing database', '2019-05-06'), ('website', 'Public web site', '2019-05-06');

CREATE TABLE review (id TEXT PRIMARY KEY, system TEXT, quarter TEXT, due TEXT, done TEXT, reviewer TEXT);
INSERT INTO review VALUES
    ('R-01', 'billing-db', '2025-Q4', '2025-12-31', '2025-12-17', 'P-02'),
    ('R-02', 'billing-db', '2026-Q1', '2026-03-31', '2026-03-24', 'P-02'),
    ('R-03', 'billing-db', '2026-Q2', '2026-06-30', '2026-06-11', 'P-02'),
    ('R-04', 'billing-db', '2026-Q3', '2026-09-30', '2026-09-29', 'P-02');

CREATE TABLE job (id INTEGER PRIMARY KEY, system TEXT, night TEXT, begun TEXT, ended TEXT, state TEXT, bytes INTEGER);
WITH RECURSIVE night(n, day) AS (
    SELECT 1, '2025-09-01' UNION ALL SELECT n + 1, date(day, '+1 day') FROM night WHERE day < '2026-10-31'
)
INSERT INTO job
SELECT n, 'billing-db', day, day || 'T07:00:00Z', day || 'T07:42:00Z', 'succeeded', 81604378624 + n * 1048576 FROM night;

CREATE TABLE vendor (id TEXT PRIMARY KEY, name TEXT, service TEXT, subservice INTEGER, since TEXT, ended TEXT);
INSERT INTO vendor VALUES
    ('V-1', 'Hudson Hosting', 'hosting', 1, '2019-04-01', NULL),
    ('V-2', 'Troy Print', 'letterheads', 0, '2020-01-15', NULL);
CREATE TABLE vendor_review (id TEXT PRIMARY KEY, vendor TEXT, done TEXT, reviewer TEXT, kind TEXT, covers_to TEXT);
INSERT INTO vendor_review VALUES
    ('VR-1', 'V-1', '2025-03-10', 'P-03', 'SOC 2 Type 2', '2024-12-31'),
    ('VR-2', 'V-1', '2026-03-02', 'P-03', 'SOC 2 Type 2', '2025-12-31');

CREATE TABLE incident (id TEXT PRIMARY KEY, severity TEXT, kind TEXT, detected TEXT, acknowledged TEXT, resolved TEXT, affects_users INTEGER, users_told TEXT, cause_recorded TEXT);
