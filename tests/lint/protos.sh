#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# protos.sh FOLDER [TREE]: lays out a buf workspace in FOLDER with the protos of TREE (a git tree;
# default: the working copy) and, beside them, the google/rpc ones, which no tree of ours holds.
set -euo pipefail
cd "$(dirname "$0")/../.."

folder=$1 tree=${2:-}
rm -rf "$folder"
mkdir -p "$folder/googleapis/google/rpc"
if [ -n "$tree" ]; then
  git archive "$tree" proto | tar -x -C "$folder"
else
  cp -r proto "$folder"
fi
cp .venv/lib/python3*/site-packages/google/rpc/{status,error_details}.proto "$folder/googleapis/google/rpc"
cat >"$folder/buf.yaml" <<'YAML'
version: v2
modules:
  - path: proto
  - path: googleapis
    lint: { ignore: [googleapis] }
    breaking: { ignore: [googleapis] }
lint: { use: [STANDARD, COMMENTS] }
# A type may move to another file of its package: nobody on the wire can tell.
breaking: { use: [PACKAGE] }
YAML
