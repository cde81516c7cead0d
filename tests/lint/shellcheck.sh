#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
cd "$(dirname "$0")/../.."
mapfile -d '' scripts < <(git ls-files -z --cached --others --exclude-standard '*.sh' .ci/run engine/engine)
# SC2317 takes functions that only a trap calls for dead code.
exec shellcheck --exclude=SC2317 --external-sources --source-path=SCRIPTDIR/.. "${scripts[@]}"
