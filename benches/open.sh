#!/usr/bin/env bash
# How long an installation with many facts takes to open, with its snapshot and without, and how much memory that takes.
#
#   benches/open.sh [FACTS]      (default: a million)
set -euo pipefail
cd "$(dirname "$0")/.."
facts=${1:-1000000}
profile=${PROFILE:-dev}
folder="${CARGO_TARGET_DIR:-target}/$([ "$profile" = dev ] && echo debug || echo "$profile")"
# Selected with the whole workspace, so that dependencies are built with the features that the program has.
cargo build --quiet --locked --profile "$profile" --workspace --example fill_ledger
cargo build --quiet --locked --profile "$profile" -p tickmark
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo "filling: $("$folder/examples/fill_ledger" "$work/house" "$facts") for $facts facts"
measure() {
  python3 - "$folder/tickmark" "$work/house" "$1" <<'PYTHON'
import resource, subprocess, sys, time
binary, house, label = sys.argv[1:]
began = time.monotonic()
subprocess.run([binary, "ledger", "head", "--dir", house], check=True, stdout=subprocess.DEVNULL)
seconds = time.monotonic() - began
print(f"{label:<18} {seconds:6.2f} s  {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:6.0f} MiB")
PYTHON
}
measure "with a snapshot"
python3 - "$work/house/ledger.db" <<'PYTHON'
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as database:
    database.execute("DELETE FROM ledger_snapshot")
PYTHON
measure "without"
