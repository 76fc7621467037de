#!/bin/sh
# Three control tests over 20 million payslips in DuckDB and in Tickmark, on the same files, in turn.
#
#   benches/population.sh [ROWS] [ROUNDS]
#
# PROFILE=release takes the release build (over half an hour on two cores the first time); the default is the dev profile,
# in which the crates whose inner loops decide are optimized.
set -eu
cd "$(dirname "$0")/.."
profile=${PROFILE:-dev}
folder=$([ "$profile" = dev ] && echo debug || echo "$profile")
# Selected with the whole workspace, so that dependencies are built with the features that the program has.
cargo build --quiet --profile "$profile" --workspace --example population_bench
venv=${VENV:-target/bench-venv}
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -c 'import duckdb' 2>/dev/null || "$venv/bin/pip" install --quiet 'duckdb==2.0.0'
exec "$venv/bin/python" benches/population.py "${CARGO_TARGET_DIR:-target}/$folder/examples/population_bench" "$@"
