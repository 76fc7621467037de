"""Runs the demo on fresh seeds and compares what control tests found with what was planted.

usage: end_to_end.py TICKMARK SEEDS
"""
import concurrent.futures
import json
import pathlib
import re
import secrets
import subprocess
import sys
import tempfile

import duckdb

TRUTH = pathlib.Path(__file__).parent / "truth" / "check.py"
SCALE = "2"
# Lines of the check with other tools that say what agrees.
OTHER_TOOLS = re.compile("files |ledger |rows |test |everything agrees")


def run(*arguments, ok=(0,)):
    done = subprocess.run([str(a) for a in arguments], capture_output=True, text=True)
    if done.returncode not in ok:
        sys.exit(f"{' '.join(map(str, arguments))}\nended with {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def found_by(tickmark, folder, columns, period):
    """Item keys of every control test's exceptions over the period, and of those over a part of it that ran again.

    Read from the vault through the command line.
    """
    found, found_again = {}, {}
    for line in json.loads(run(tickmark, "--format", "json", "exceptions", "--dir", folder)):
        test = line["exception"].rsplit(":", 1)[0]
        rows = json.loads(run(tickmark, "--format", "json", "exceptions", "--dir", folder, "--rows", line["exception"], "--limit", 1000000))
        keys = found if line["span"] == period else found_again
        keys[test] = {tuple(row[: columns[test]]) for row in rows["rows"]}
    return found, found_again


def check(tickmark, seed):
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary) / "demo"
        demo = json.loads(run(tickmark, "--format", "json", "demo", "--dir", folder, "--scale", SCALE, "--seed", seed))
        truth = json.loads((folder / "truth" / "truth.json").read_text())
        not_evaluable, truth = set(truth["not_evaluable"]), truth["tests"]
        run(sys.executable, TRUTH, folder)
        planted = {test: {tuple(fault["key"]) for fault in entry["exceptions"]} for test, entry in truth.items()}
        columns = {test: len(entry["item"]) for test, entry in truth.items()}
        found, found_again = found_by(tickmark, folder, columns, demo["run"]["span"])
        wrong = []
        for line in demo["run"]["results"]:
            test = line["test"]
            if (line["outcome"] == "not-evaluable") != (test in not_evaluable) or line["outcome"] == "error":
                wrong.append(f"{test}: {line['outcome']}: {line['reason']}")
        for test in sorted(planted):
            missed, more = planted[test] - found.get(test, set()), found.get(test, set()) - planted[test]
            if missed or more:
                wrong.append(f"{test}: missed {sorted(missed)[:3]}, more {sorted(more)[:3]} of {len(planted[test])}")
        for test, keys in found_again.items():
            if not keys <= planted[test]:
                wrong.append(f"{test}, over a part of the period: more {sorted(keys - planted[test])[:3]}")
        # One package of each company: over many companies every kind is verified.
        engagement = ("soc1", "soc2")[seed % 2]
        if seed % 4 < 2:
            run(tickmark, "verify", folder / "packages" / f"{engagement}-report.zip")
        else:
            package = folder / "packages" / f"{engagement}-examination.zip"
            run(tickmark, "verify", package, "--firm-key", folder / "firm" / "firm.key")
            wrong += checked_with_other_tools(tickmark, package, folder)
        return sum(map(len, planted.values())), wrong


def checked_with_other_tools(tickmark, package, folder):
    """What DuckDB and pymerkle find otherwise in an examination package; and whether they find what was changed."""
    out = folder / "laid-open"
    run(tickmark, "firm", "open", package, "--firm-key", folder / "firm" / "firm.key", "--out", out)
    check = [sys.executable, str(out / "check.py")]
    checked = subprocess.run(check, capture_output=True, text=True)
    wrong = [f"other tools: {line}" for line in (checked.stdout + checked.stderr).splitlines() if not OTHER_TOOLS.match(line)]
    if checked.returncode or "everything agrees" not in checked.stdout:
        wrong.append(f"other tools ended with {checked.returncode}")
    # A row that was taken out of an extract is found twice: the file has another digest, and a control test another answer.
    rows = out / "rows" / "pay_run" / "0005-0.parquet"
    duckdb.sql(f"COPY (SELECT * FROM read_parquet('{rows}') OFFSET 1) TO '{rows}.new' (FORMAT parquet)")
    rows.with_name(f"{rows.name}.new").replace(rows)
    changed = subprocess.run(check, capture_output=True, text=True)
    if changed.returncode != 1 or "0005-0.parquet is not what" not in changed.stdout or "items in DuckDB" not in changed.stdout:
        wrong.append("other tools do not find a row that was taken out")
    return wrong


def told(seed, faults, wrong):
    """Says how one company went; gives whether anything was wrong."""
    print(f"seed {seed}: {faults} planted items, {'all found, no other' if not wrong else 'WRONG'}", flush=True)
    for line in wrong:
        print(f"  {line}")
    return bool(wrong)


def main():
    tickmark, count = sys.argv[1], int(sys.argv[2])
    seeds = [secrets.randbelow(2**32) for _ in range(count)]
    print("seeds:", *seeds, flush=True)
    # Two at a time: much of a small company's time is one thread waiting for another program.
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        failed = sum(pool.map(lambda seed: told(seed, *check(tickmark, seed)), seeds))
    print(f"{count - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
