#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# bench.sh: what the services add, side by side with a direct call, in one run. Prints tables.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/lib/output.sh

cmake --build build/release --parallel "$(nproc)" --target pair_benchmark sample-picture
build/release/tests/pair_benchmark "${ROUNDS:-7}"
python3 tests/benchmarks/around_the_model.py
