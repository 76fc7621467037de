#!/usr/bin/env bash
# An AWS account on moto: collected by Tickmark, and judged by Prowler (PyPI) where PROWLER names its program.
#
#   benches/aws.sh                                      Tickmark alone
#   PROWLER=/path/to/prowler benches/aws.sh             both
#
# TICKMARK names the program to measure; by itself that of the profile that both README commands build.
set -euo pipefail
cd "$(dirname "$0")/.."
tests/install
if [ -z "${TICKMARK:-}" ]; then
  cargo build --quiet --locked --workspace
  TICKMARK=${CARGO_TARGET_DIR:-target}/debug/tickmark
fi
python=${XDG_CACHE_HOME:-$HOME/.cache}/tickmark/python/bin/python
exec "$python" benches/aws.py "$TICKMARK" "$python" ${PROWLER:+"$PROWLER"}
