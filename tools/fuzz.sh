#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# fuzz.sh SECONDS JOBS: libFuzzer over everything that reads a picture file. It begins with a
# picture of every format and the findings of earlier runs (tests/fuzz/corpus), and goes on from
# build/fuzz/corpus, where it keeps what it learns. Findings are left in build/fuzz/findings.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/lib/output.sh

seconds=$1 jobs=$2
tools/build.sh fuzz "$jobs" configure
Say "building the fuzzer with clang"
cmake --build build/fuzz --parallel "$jobs" --target picture_fuzzer fuzz-seeds
mkdir -p build/fuzz/corpus build/fuzz/findings tests/fuzz/corpus
ASAN_OPTIONS=detect_leaks=0 build/fuzz/tests/fuzz-seeds build/fuzz/seeds
# libvips keeps its caches until the end, which is no leak; a leak per run would show as memory.
ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 exec build/fuzz/tests/picture_fuzzer \
  -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=200000 -print_final_stats=1 \
  -dict=tests/fuzz/pictures.dict -artifact_prefix=build/fuzz/findings/ build/fuzz/corpus build/fuzz/seeds tests/fuzz/corpus
