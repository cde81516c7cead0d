#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# bench_preprocess.sh [FOLDER]: preparing pictures beside sharp, Pillow and libvips, in one
# interleaved run; their newest releases are installed into build/tools/bench. Prints tables. FOLDER
# adds pictures of your own; ROUNDS and SECTIONS as tests/benchmarks/preprocess/run.py says.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/lib/output.sh
. engine/lib/packages.sh

TOOLS=build/tools/bench
NODE_VERSION=22 # For machines whose own node is older than sharp wants.

# NodeIsNew NODE: whether that node exists and is new enough.
NodeIsNew() {
  command -v "$1" >/dev/null && "$1" -e 'const [a, b] = process.versions.node.split(".");
    process.exit(a > 20 || (a == 20 && b >= 9) ? 0 : 1)'
}

Install() {
  command -v npm >/dev/null || InstallPackages nodejs npm
  mkdir -p "$TOOLS"
  local -a packages=(sharp@latest)
  NodeIsNew node || packages+=("node@$NODE_VERSION")
  Say "installing ${packages[*]} from npm, Pillow from PyPI into $TOOLS"
  npm install --silent --no-save --no-package-lock --no-audit --no-fund --prefix "$TOOLS" \
    "${packages[@]}"
  [ -x "$TOOLS/venv/bin/python" ] || python3 -m venv "$TOOLS/venv"
  "$TOOLS/venv/bin/pip" install --quiet --disable-pip-version-check --upgrade pillow numpy
}

Install
cmake --build build/release --parallel "$(nproc)" --target preprocess-inputs tessera-picture-worker \
  tessera-preprocess-load tessera-preprocess
build/release/tests/preprocess-inputs build/bench/preprocess
exec "$TOOLS/venv/bin/python" tests/benchmarks/preprocess/run.py "$@"
