#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# bench.sh [pair|gateways]: what the services add, side by side with a direct call, in one run.
# Prints tables. `gateways` compares with nginx and LiteLLM, too, which it installs.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/lib/output.sh
. engine/lib/packages.sh

LITELLM_VERSION=1.106.2

build=build/release
case "${1:-pair}" in
  pair)
    cmake --build "$build" --parallel "$(nproc)" --target cache_benchmark pair_benchmark sample-picture
    "$build/tests/pair_benchmark" "${ROUNDS:-7}"
    "$build/tests/cache_benchmark" "${ROUNDS:-7}"
    python3 tests/benchmarks/around_the_model.py
    python3 -B tests/benchmarks/hand_ahead.py 3 2
    ;;
  gateways)
    InstallPackages libnghttp2-dev nginx-light python3-venv
    if [ ! -x build/bench/litellm/bin/litellm ]; then
      Say "installing litellm $LITELLM_VERSION from PyPI into build/bench (a minute)"
      python3 -m venv build/bench/litellm
      build/bench/litellm/bin/pip install --quiet "litellm[proxy]==$LITELLM_VERSION"
    fi
    cmake --preset release >/dev/null
    cmake --build "$build" --parallel "$(nproc)" \
      --target gateway_benchmark empty_proxy ollama-simulator tessera-inference
    python3 tests/benchmarks/gateways.py "$build" --rounds "${ROUNDS:-5}"
    ;;
  *) Die "bench.sh knows pair and gateways, not '$1'" ;;
esac
