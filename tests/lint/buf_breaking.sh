#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The API may grow but not break: compares the protos with those of the last commit on main, or,
# where nothing has changed since, with those of the commit before.
set -euo pipefail
cd "$(dirname "$0")/../.."

against=main
git rev-parse --quiet --verify main >/dev/null || against=HEAD
if git diff --quiet "$against" -- proto; then against=$against~1; fi
if ! git cat-file -e "$against:proto" 2>/dev/null; then
  echo "there are no earlier protos to compare with"
  exit 0
fi
rm -rf build/tools/protos-before
mkdir -p build/tools/protos-before
git archive "$against" proto buf.yaml | tar -x -C build/tools/protos-before
exec build/tools/node_modules/.bin/buf breaking --against build/tools/protos-before
