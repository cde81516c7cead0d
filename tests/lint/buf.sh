#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# buf's standard rules, comments included, over every proto of ours.
set -euo pipefail
cd "$(dirname "$0")/../.."
tests/lint/protos.sh build/lint/protos
exec build/tools/node_modules/.bin/buf lint build/lint/protos
