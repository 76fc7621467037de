"""Draw fresh seeds, print them, generate a small company for each, and check its truth.

Usage: seeds.py GENERATOR [--count N] [--scale PERCENT] [SEED ...]
GENERATOR is the built example: target/debug/examples/generate. Named seeds are run instead of fresh ones.
"""

import argparse
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("generator", type=Path)
    arguments.add_argument("seeds", nargs="*", type=int)
    arguments.add_argument("--count", type=int, default=20)
    arguments.add_argument("--scale", type=int, default=1)
    options = arguments.parse_args()
    seeds = options.seeds or [secrets.randbelow(2**48) for _ in range(options.count)]
    print("seeds:", *seeds, flush=True)
    wrong = []
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([options.generator, folder, str(options.scale), str(seed)], check=True, capture_output=True)
            check = subprocess.run([sys.executable, Path(__file__).parent / "check.py", folder], capture_output=True, text=True)
        lines = check.stdout.splitlines() + check.stderr.splitlines()
        agreed = sum(line.startswith("ok ") for line in lines)
        print(f"seed {seed}: {agreed} tests agree" + ("" if check.returncode == 0 else ", others do not"), flush=True)
        if check.returncode != 0:
            wrong.append(seed)
            print(*(line for line in lines if not line.startswith("ok ")), sep="\n", flush=True)
    if wrong:
        print("seeds whose truth is not true:", *wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
