#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# format.sh [--check]: clang-format on every C++ file and buf format on every proto; with --check
# nothing is changed and files that differ are named.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/lib/output.sh

mapfile -d '' files < <(git ls-files -z --cached --others --exclude-standard '*.cc' '*.h')
if [ "${1:-}" = --check ]; then
  clang-format --dry-run --Werror "${files[@]}" || Die "run 'make format'"
  build/tools/node_modules/.bin/buf format --diff --exit-code || Die "run 'make format'"
else
  clang-format -i "${files[@]}"
  build/tools/node_modules/.bin/buf format --write
fi
