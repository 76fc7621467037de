"""Read the source systems of the sample company into DuckDB, as they are.

Dates become DATE, instants TIMESTAMP WITH TIME ZONE (the session's zone is the company's), money stays whole cents.
"""

import datetime
import sqlite3
import subprocess

import duckdb
import openpyxl
import pyarrow as pa

ZONE = "America/New_York"


def load(systems, period_start, period_end):
    connection = duckdb.connect()
    connection.execute(f"SET TimeZone = '{ZONE}'")
    payroll(connection, systems / "payroll" / "payroll.db")
    read = {
        "bank_line": ("bank/payments/*.csv", "csv", "file_id BIGINT, line_no INTEGER, run_id BIGINT, payslip_id BIGINT, account VARCHAR, amount DECIMAL(18, 2), currency VARCHAR, value_on DATE"),
        "bank_control": ("bank/control.csv", "csv", "file_name VARCHAR, value_on DATE, lines BIGINT, amount DECIMAL(18, 2)"),
        "grant_": ("idp/grants.jsonl", "json", "grant_id VARCHAR, account_id VARCHAR, system VARCHAR, role VARCHAR, privileged BOOLEAN, granted_by VARCHAR, granted_at VARCHAR, revoked_at VARCHAR, request_id VARCHAR"),
        "request": ("tickets/access-requests.json", "json", "request_id VARCHAR, account_id VARCHAR, system VARCHAR, role VARCHAR, requested_by VARCHAR, requested_at VARCHAR, approved_by VARCHAR, approved_at VARCHAR"),
        "change_ticket": ("tickets/changes.json", "json", "ticket_id VARCHAR, kind VARCHAR, requested_by VARCHAR, requested_at VARCHAR, approved_by VARCHAR, approved_at VARCHAR, tested_by VARCHAR, tested_at VARCHAR, closed_at VARCHAR"),
        "review": ("reviews/reviews.csv", "csv", "review_id VARCHAR, system VARCHAR, quarter VARCHAR, due_on DATE, completed_on DATE, reviewer VARCHAR"),
        "decision": ("reviews/decisions.csv", "csv", "review_id VARCHAR, grant_id VARCHAR, account_id VARCHAR, decision VARCHAR, decided_by VARCHAR, decided_at VARCHAR, removed_at VARCHAR"),
        "deployment": ("deploy/deployments.jsonl", "json", "deployment_id VARCHAR, repository VARCHAR, commit_id VARCHAR, deployed_at VARCHAR, deployed_on DATE, deployed_by VARCHAR, outcome VARCHAR"),
        "backup_job": ("backup/jobs.tsv", "tsv", "job_id VARCHAR, system VARCHAR, scheduled_on DATE, started_at VARCHAR, finished_at VARCHAR, status VARCHAR, bytes BIGINT"),
        "restore_test": ("backup/restore-tests.csv", "csv", "restore_test_id VARCHAR, system VARCHAR, quarter VARCHAR, performed_on DATE, result VARCHAR, performed_by VARCHAR"),
        "incident": ("incidents/incidents.json", "json", "incident_id VARCHAR, severity VARCHAR, kind VARCHAR, detected_at VARCHAR, acknowledged_at VARCHAR, resolved_at VARCHAR, affects_users BOOLEAN, users_told_at VARCHAR, cause_recorded_at VARCHAR"),
        "vendor": ("vendors/vendors.csv", "csv", "vendor_id VARCHAR, name VARCHAR, is_subservice BOOLEAN, service VARCHAR, onboarded_on DATE, ended_on DATE"),
        "vendor_review": ("vendors/reviews.csv", "csv", "vendor_review_id VARCHAR, vendor_id VARCHAR, reviewed_on DATE, reviewed_by VARCHAR, report_kind VARCHAR, report_period_end_on DATE"),
        "training": ("training/training.csv", "csv", "person_id VARCHAR, course VARCHAR, assigned_on DATE, completed_on DATE"),
        "system": ("systems.csv", "csv", "system VARCHAR, title VARCHAR, in_scope_soc1 BOOLEAN, in_scope_soc2 BOOLEAN, backed_up BOOLEAN, access_reviewed BOOLEAN, in_service_on DATE, retired_on DATE"),
    }
    for table, (path, kind, columns) in read.items():
        files(connection, table, systems / path, kind, columns)
    connection.execute(f"CREATE TABLE scheduled_job AS SELECT * FROM '{systems}/scheduler/runs.parquet'")
    accounts(connection, systems / "idp")
    roster(connection, systems / "hr" / "roster.xlsx")
    git(connection, systems / "git" / "payroll-app.git")
    for table in connection.execute("SELECT table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'").fetchall():
        instants(connection, table[0])
    calendar(connection)
    connection.execute(f"CREATE MACRO period_start() AS DATE '{period_start}'")
    connection.execute(f"CREATE MACRO period_end() AS DATE '{period_end}'")
    connection.execute("CREATE MACRO in_period(d) AS d BETWEEN period_start() AND period_end()")
    connection.execute("CREATE MACRO local_day(t) AS CAST(t AS DATE)")
    # Whole numbers: numerator over denominator, half up; both positive or zero.
    connection.execute("CREATE MACRO half_up(a, b) AS (2 * CAST(a AS HUGEINT) + b) // (2 * b)")
    return connection


def payroll(connection, path):
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    for (table,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
        declared = database.execute(f"SELECT name, type FROM pragma_table_info('{table}')").fetchall()
        cursor = database.execute(f"SELECT * FROM {table}")
        schema = pa.schema([(name, pa.int64() if kind == "INTEGER" else pa.string()) for name, kind in declared])
        created = False
        while rows := cursor.fetchmany(200_000):
            batch = pa.table([pa.array(column, type=field.type) for column, field in zip(zip(*rows), schema)], schema=schema)
            connection.register("batch", batch)
            connection.execute(f"INSERT INTO {table} SELECT * FROM batch" if created else f"CREATE TABLE {table} AS SELECT * FROM batch")
            created = True
        for name, kind in declared:
            if name.endswith("_on") and kind == "TEXT":
                connection.execute(f"ALTER TABLE {table} ALTER {name} TYPE DATE")


def files(connection, table, path, kind, columns):
    listed = ", ".join(f"'{name}': '{type_}'" for name, type_ in (column.strip().split(" ", 1) for column in split(columns)))
    if kind == "json":
        form = "newline_delimited" if path.suffix == ".jsonl" else "array"
        connection.execute(f"CREATE TABLE {table} AS SELECT * FROM read_json('{path}', format = '{form}', columns = {{{listed}}})")
    else:
        delimiter = "\\t" if kind == "tsv" else ","
        connection.execute(f"CREATE TABLE {table} AS SELECT * FROM read_csv('{path}', header = true, auto_detect = false, delim = E'{delimiter}', quote = '\"', columns = {{{listed}}})")


def split(columns):
    """Columns at commas that are not inside DECIMAL(18, 2)."""
    depth, part = 0, ""
    for letter in columns:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            yield part
            part = ""
        else:
            part += letter
    yield part


def accounts(connection, folder):
    columns = "account_id VARCHAR, person_id VARCHAR, email VARCHAR, kind VARCHAR, status VARCHAR, is_admin BOOLEAN, mfa BOOLEAN, created_at VARCHAR, disabled_at VARCHAR, last_login_at VARCHAR"
    first = True
    for path in sorted(folder.glob("accounts-*.jsonl")):
        files(connection, "one_export", path, "json", columns)
        day = path.stem.removeprefix("accounts-")
        select = f"SELECT DATE '{day}' AS seen_on, * FROM one_export"
        connection.execute(f"CREATE TABLE account_history AS {select}" if first else f"INSERT INTO account_history {select}")
        connection.execute("DROP TABLE one_export")
        first = False


def roster(connection, path):
    workbook = openpyxl.load_workbook(path, read_only=True)
    for table, sheet, day in [("person", "Roster", "started_on"), ("assignment", "Assignments", "effective_on")]:
        rows = list(workbook[sheet].iter_rows(values_only=True))
        columns = rows[0]
        data = pa.table([pa.array([text(value) for value in column], type=pa.string()) for column in zip(*rows[1:])], names=list(columns))
        connection.register("sheet", data)
        connection.execute(f"CREATE TABLE {table} AS SELECT * REPLACE (CAST({day} AS DATE) AS {day}) FROM sheet")


def text(value):
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    return value


def git(connection, path):
    def run(*arguments):
        return subprocess.run(["git", "--git-dir", str(path), *arguments], check=True, capture_output=True, text=True).stdout

    form = "%H%x1f%P%x1f%ae%x1f%cI%x1f%(trailers:key=Reviewed-by,valueonly,separator=%x2c)%x1f%(trailers:key=Change,valueonly,separator=%x2c)%x1e"
    main = set(run("rev-list", "--first-parent", "main").split())
    rows = []
    for record in run("log", "--all", f"--format={form}").split("\x1e"):
        if not record.strip():
            continue
        commit, _, author, at, reviewed, ticket = record.strip("\n").split("\x1f")
        address = reviewed.split("<")[1].split(">")[0] if "<" in reviewed else None
        rows.append((commit, author, at, commit in main, address, ticket.strip() or None))
    columns = ["commit_id", "author_email", "committed_at", "on_main", "reviewed_by", "change_ticket"]
    types = [pa.string(), pa.string(), pa.string(), pa.bool_(), pa.string(), pa.string()]
    table = pa.table([pa.array(column, type=type_) for column, type_ in zip(zip(*rows), types)], names=columns)
    connection.register("commits", table)
    connection.execute("CREATE TABLE git_commit AS SELECT * FROM commits")


def instants(connection, table):
    """Every column that ends in `_at` is an instant."""
    for name, kind in connection.execute(f"SELECT column_name, data_type FROM information_schema.columns WHERE table_name = '{table}'").fetchall():
        if name.endswith("_at") and kind == "VARCHAR":
            connection.execute(f"ALTER TABLE {table} ALTER {name} TYPE TIMESTAMP WITH TIME ZONE")


def calendar(connection):
    """`after_(d, n)`: the n-th business day after d."""
    connection.execute("CREATE TABLE business (d DATE, ordinal INTEGER, is_business BOOLEAN)")
    day, ordinal, rows = datetime.date(2025, 1, 1), 0, []
    holidays = {holiday for year in range(2025, 2028) for holiday in federal(year)}
    while day < datetime.date(2027, 12, 1):
        is_business = day.weekday() < 5 and day not in holidays
        ordinal += is_business
        rows.append((day, ordinal, is_business))
        day += datetime.timedelta(1)
    connection.executemany("INSERT INTO business VALUES (?, ?, ?)", rows)
    connection.execute(
        """CREATE TABLE deadline AS SELECT a.d, n.n, b.d AS due FROM business a, (VALUES (1), (3), (5)) n (n)
           JOIN business b ON b.is_business AND b.ordinal = a.ordinal + n.n"""
    )


def federal(year):
    """The eleven holidays of 5 U.S.C. 6103, observed."""
    for month, day in [(1, 1), (6, 19), (7, 4), (11, 11), (12, 25)]:
        holiday = datetime.date(year, month, day)
        yield holiday + datetime.timedelta({5: -1, 6: 1}.get(holiday.weekday(), 0))
    for month, nth in [(1, 3), (2, 3), (9, 1), (10, 2)]:
        yield weekday(year, month, 0, nth)
    yield weekday(year, 11, 3, 4)
    last = datetime.date(year, 5, 31)
    yield last - datetime.timedelta(last.weekday())


def weekday(year, month, day, nth):
    first = datetime.date(year, month, 1)
    return first + datetime.timedelta((day - first.weekday()) % 7 + 7 * (nth - 1))
