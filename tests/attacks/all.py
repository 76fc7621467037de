"""Attacks the built program from outside: crashes, power cuts, tampering, forged packages, hostile files.

usage: TICKMARK=PROGRAM all.py [--seed NUMBER] [--kills NUMBER] [--cuts NUMBER] [FILE ...]

FILE is the name of a file beside this one, without `.py`; all by default.
"""
import argparse
import functools
import importlib
import secrets
import sys
import time

import harness

FILES = ["tamper", "packages", "inputs", "organizations", "full_disk", "power_cut", "kill"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=None, help="repeat an earlier run's random choices")
    parser.add_argument("--kills", type=int, default=200, help="how often a collection is killed")
    parser.add_argument("--cuts", type=int, default=200, help="how often the power fails")
    parser.add_argument("--flips", type=int, default=200, help="how many bits of the ledger's file are flipped")
    parser.add_argument("--keep-in", metavar="DIR", help="where the companies are made; a new one by default, in memory where there is room")
    parser.add_argument("files", nargs="*", metavar="FILE", choices=[*FILES, []], help=", ".join(FILES))
    options = parser.parse_args()
    seed = secrets.randbelow(2**32) if options.seed is None else options.seed
    show = functools.partial(print, flush=True)
    show(f"seed {seed}")
    chosen = options.files or FILES
    for name in chosen:
        importlib.import_module(name)
    began = time.monotonic()
    with harness.new_root(options.keep_in) as root:
        companies = harness.Companies(root, seed)
        companies.options = options
        wrong = harness.run(companies, chosen, show)
    show(f"{time.monotonic() - began:.0f} s; repeat with --seed {seed}")
    sys.exit(1 if wrong else 0)


main()
