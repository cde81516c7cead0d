#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# load.sh: the load tests at full size, five minutes or so. Prints what they measure.
set -euo pipefail
cd "$(dirname "$0")/.."

build=build/release
cmake --build "$build" --parallel "$(nproc)" --target load_test fault_matrix_test integration_test killed_engines_test
"$build/tests/fault_matrix_test"
TESSERA_LOAD=full "$build/tests/integration_test" --gtest_filter=CancelTest.CancelInMidStream*
TESSERA_LOAD=full "$build/tests/load_test"
TESSERA_LOAD=full "$build/tests/killed_engines_test"
