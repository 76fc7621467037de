"""Recompute every rule over the sample company's systems and compare with its truth.

Usage: check.py DIR [--test ID]
"""

import argparse
import json
import sys
import time
from pathlib import Path

from load import load

RULES = Path(__file__).parent / "rules"


def found(connection, test, item):
    """The keys a rule returns, each a tuple of text."""
    query = (RULES / f"{test}.sql").read_text(encoding="utf-8")
    columns = ", ".join(f"CAST({column} AS VARCHAR)" for column in item)
    return {tuple(row) for row in connection.execute(f"SELECT DISTINCT {columns} FROM ({query})").fetchall()}


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("dir", type=Path)
    arguments.add_argument("--test", help="only this one")
    options = arguments.parse_args()
    truth = json.loads((options.dir / "truth" / "truth.json").read_text(encoding="utf-8"))
    begun = time.monotonic()
    connection = load(options.dir / "systems", truth["period_start"], truth["period_end"])
    print(f"loaded in {time.monotonic() - begun:.1f} s, seed {truth['seed']}, scale {truth['scale_percent']} %")
    wrong = 0
    missing_rules = {path.stem for path in RULES.glob("*.sql")} ^ set(truth["tests"])
    if missing_rules:
        print(f"rules and truth name different tests: {sorted(missing_rules)}")
        wrong += 1
    for test, entry in truth["tests"].items():
        if options.test not in (None, test):
            continue
        keys = found(connection, test, entry["item"])
        planted = {tuple(row["key"]): row["kinds"] for row in entry["exceptions"]}
        near = {tuple(row["key"]): row["kinds"] for row in entry["near_misses"]}
        missed, more = sorted(set(planted) - keys), sorted(keys - set(planted))
        good = not missed and not more
        wrong += not good
        print(f"{'ok ' if good else 'BAD'} {test}: {len(planted)} planted, {len(keys)} found, {len(near)} near misses")
        for key in missed[:20]:
            print(f"      missed {key}: {planted[key]}")
        for key in more[:20]:
            print(f"      not planted {key}: {near.get(key, 'ordinary row')}")
        both = set(near) & set(planted)
        if both:
            wrong += 1
            print(f"      near miss and fault at once: {sorted(both)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
