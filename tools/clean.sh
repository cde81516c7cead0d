#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# clean.sh [1]: removes what was built. The engine takes minutes to build and is kept unless 1.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/lib/output.sh

[ -d build ] || exit 0
if [ "${1:-}" = 1 ]; then
  engine/engine stop || true
  rm -rf build
else
  find build -mindepth 1 -maxdepth 1 ! -name engine -exec rm -rf {} +
fi
Say "cleaned"
