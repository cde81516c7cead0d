#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# pull_models.sh: fetches PULLED_MODELS from Ollama's library into OLLAMA_MODELS and makes
# CREATED_MODELS from /opt/tessera/models/<name>/Modelfile, then ends. Runs in Ollama's image,
# before the server that answers requests, with a server of its own. What is there already is
# checked and not fetched again.
set -eu

ollama serve &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null || true' EXIT

tries=0
until ollama list >/dev/null 2>&1; do
  tries=$((tries + 1))
  [ "$tries" -lt 120 ] || { echo "pull_models: ollama does not answer" >&2; exit 1; }
  kill -0 "$server" 2>/dev/null || { echo "pull_models: ollama ended" >&2; exit 1; }
  sleep 0.5
done
for model in ${PULLED_MODELS:-}; do
  echo "pull_models: $model"
  ollama pull "$model"
done
for model in ${CREATED_MODELS:-}; do
  echo "pull_models: creating $model"
  ollama create "$model" -f "/opt/tessera/models/$model/Modelfile"
done
ollama list
