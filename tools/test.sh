#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# test.sh PRESET [LABEL [CONFIGURATION]]: runs the tests, or those with one label. A configuration
# adds the tests that only it has; all then run one at a time and once. Ends with ctest's summary
# line and its exit status.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/lib/output.sh

preset=$1 label=${2:-} configuration=${3:-}
if [ -z "$label" ] || [ "$label" = e2e ]; then
  # Built here and not inside a test, so that its minutes are seen and not a test's time limit.
  engine/engine install >/dev/null || Say "no engine: the end-to-end tests will say so and fail"
fi
if [ -n "$configuration" ]; then
  exec ctest --preset "$preset" --build-config "$configuration" --label-regex "^$label$"
fi
exec ctest --preset "$preset" --parallel "$(nproc)" ${label:+--label-regex "^$label$"}
