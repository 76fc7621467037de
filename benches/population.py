#!/usr/bin/env python3
"""Three control tests over a whole population of payslips: DuckDB and Tickmark on the same Parquet files, in turn.

Usage: population.py BENCH_BINARY [ROWS] [ROUNDS]   (see population.sh)

Both count the population, look for items that stand twice, and return the exceptions; the answers have to agree.
Tickmark also checks the digest of every chunk it reads, runs its canaries and digests the population; DuckDB does not.
Prints the median of each test in milliseconds, and the ratio Tickmark / DuckDB (1.0 or less is the aim).
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

import duckdb

PERIOD = "pay_on BETWEEN DATE '2026-01-01' AND DATE '2026-12-31'"
# DuckDB rounds a decimal half away from zero, as round_half_up does.
QUERIES = {
    "recomputed": f"""SELECT payslip_id, gross, CAST(round(hours * rate, 2) AS DECIMAL(18, 2)) AS expected FROM payslip
        WHERE {PERIOD} AND gross <> CAST(round(hours * rate, 2) AS DECIMAL(18, 2)) ORDER BY ALL""",
    "duplicates": f"""SELECT max(payslip_id) AS payslip_id, employee_id, period_end_on, gross, count(*) AS payslips FROM payslip
        WHERE {PERIOD} GROUP BY employee_id, period_end_on, gross HAVING count(*) > 1 ORDER BY ALL""",
    "terminated": f"""SELECT p.payslip_id, p.employee_id, p.pay_on, e.terminated_on FROM payslip p
        JOIN employee e ON e.employee_id = p.employee_id
        WHERE p.{PERIOD} AND p.period_end_on > e.terminated_on ORDER BY ALL""",
}
POPULATION = f"SELECT count(*), count(DISTINCT payslip_id) FROM payslip WHERE {PERIOD}"


def main():
    binary = sys.argv[1]
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 20_000_000
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
        extracts = subprocess.run([binary, "write", folder, str(rows)], check=True, capture_output=True, text=True).stdout
        files = {}
        for line in extracts.split("\n"):
            if line:
                dataset, _, paths = line.split(" ")
                files.setdefault(dataset, []).extend(paths.split(","))
        size = sum(os.path.getsize(path) for paths in files.values() for path in paths)
        print(f"{rows} payslips, {size / 1e6:.0f} MB of Parquet, DuckDB {duckdb.__version__}, {rounds} rounds, 2 threads")
        duck = duckdb.connect(config={"threads": 2})
        for dataset, paths in files.items():
            listed = ", ".join(f"'{path}'" for path in paths)
            duck.execute(f"CREATE VIEW {dataset} AS SELECT * FROM read_parquet([{listed}])")
        server = subprocess.Popen([binary, "serve", folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        compare(duck, server, rounds)
        server.stdin.close()
        server.wait()


def ask(server, names):
    """Runs tests in one job; gives wall milliseconds and (population, exceptions) of each."""
    server.stdin.write(" ".join(names) + "\n")
    server.stdin.flush()
    words = server.stdout.readline().split(" ")
    found = {}
    for word in words[1:]:
        fields = word.strip().split(":")
        found[fields[0]] = tuple(int(field) for field in fields[1:3])
    return float(words[0]), found


def timed(duck, sql):
    began = time.perf_counter()
    rows = duck.execute(sql).fetchall()
    return (time.perf_counter() - began) * 1000, rows


def compare(duck, server, rounds):
    times = {name: ([], []) for name in [*QUERIES, "all three"]}
    alone = {name: [] for name in [*QUERIES, "all three"]}
    for turn in range(rounds + 1):
        # In every round each goes first with half of the tests; the first round only warms both.
        answers, total, total_alone = {}, 0.0, 0.0
        population_ms, population = timed(duck, POPULATION)
        count, distinct = population[0]
        assert count == distinct, population
        for name, sql in QUERIES.items():
            ms, found = timed(duck, sql)
            answers[name] = (count, len(found))
            total += ms
            if turn:
                times[name][0].append(ms + population_ms)
                alone[name].append(ms)
        for name in QUERIES:
            ms, found = ask(server, [name])
            assert found == {name: answers[name]}, (found, answers)
            if turn:
                times[name][1].append(ms)
        ms, found = ask(server, list(QUERIES))
        assert found == answers, (found, answers)
        if turn:
            # The population is one and the same: each engine counts it once.
            times["all three"][0].append(total + population_ms)
            alone["all three"].append(total)
            times["all three"][1].append(ms)
    print(f"{'test':<12} {'DuckDB':>8} {'Tickmark':>9} {'ratio':>6}   {'DuckDB without the population':>30} {'ratio':>6}")
    for name, (theirs, ours) in times.items():
        a, b, c = statistics.median(theirs), statistics.median(ours), statistics.median(alone[name])
        print(f"{name:<12} {a:>8.0f} {b:>9.0f} {b / a:>6.2f}   {c:>30.0f} {b / c:>6.2f}")


if __name__ == "__main__":
    main()
