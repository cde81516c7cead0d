#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# tidy.sh [FOLDER...]: clang-tidy on what the services are made of, or on the folders given. Takes
# many minutes: every file is parsed with gRPC's headers. Compiler settings come from a build
# folder of its own, because clang cannot read the precompiled headers that gcc made.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/lib/output.sh

folders=("$@")
[ ${#folders[@]} -gt 0 ] || folders=(common services cli simulator)
cmake -S . -B build/tidy -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON \
  -DTESSERA_TESTS=OFF >build/tidy.log 2>&1 || { tail -20 build/tidy.log >&2; Die "cmake failed"; }
cmake --build build/tidy --parallel "$(nproc)" --target tessera_api tessera_google_rpc tessera_grpc_health
mapfile -d '' files < <(git ls-files -z --cached --others --exclude-standard "${folders[@]/%//*.cc}")
Say "clang-tidy on ${#files[@]} files"
printf '%s\0' "${files[@]}" | xargs -0 -P "$(nproc)" -n 1 clang-tidy --quiet -p build/tidy
