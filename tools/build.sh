#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# build.sh PRESET JOBS [all|configure]: configures and builds. Without a third word only what
# people run is built; `all` adds the tests, `configure` builds nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/lib/output.sh

preset=$1 jobs=$2 what=${3:-binaries}
log=build/$preset/configure.log
mkdir -p "build/$preset"
cmake --preset "$preset" >"$log" 2>&1 || { tail -30 "$log" >&2; Die "cmake failed, see $log"; }
[ "$what" = configure ] && exit 0
targets=(--target tessera tessera-preprocess tessera-inference ollama-simulator sample-picture)
[ "$what" = all ] && targets=()
Say "building ($preset, $jobs jobs; about six minutes on two cores when nothing is cached)"
cmake --build "build/$preset" --parallel "$jobs" "${targets[@]}"
