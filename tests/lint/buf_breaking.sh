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
tests/lint/protos.sh build/lint/protos-now
tests/lint/protos.sh build/lint/protos-before "$against"
exec build/tools/node_modules/.bin/buf breaking build/lint/protos-now \
  --against build/lint/protos-before
