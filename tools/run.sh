#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# run.sh: starts the engine and both services on loopback, sends a picture through the front door,
# shows answers, times and where to look, then serves until Ctrl-C. ONCE=1 ends after the answers;
# the exit status then says whether they came. PICTURE=path sends your own picture. Everything
# that was started here is gone afterwards, also after a failure.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/lib/output.sh

BIN=build/bin
STATE=build/run
FRONT=${TESSERA_ADDRESS:-127.0.0.1:7000}
INFERENCE=${TESSERA_RUN_INFERENCE:-127.0.0.1:7001}
FRONT_METRICS=127.0.0.1:9100
INFERENCE_METRICS=127.0.0.1:9101
declare -a PIDS=()
ENGINE_STARTED_HERE=""
SIMULATED=""

# Ends what was started, in the order in which a request meets it, each once.
StopAll() {
  trap - EXIT INT TERM
  local pid
  for pid in "${PIDS[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
  for pid in "${PIDS[@]}"; do wait "$pid" 2>/dev/null || true; done
  [ -z "$ENGINE_STARTED_HERE" ] || engine/engine stop >/dev/null 2>&1 || true
}
trap StopAll EXIT
trap 'exit 130' INT TERM

# Await WHAT SECONDS PID COMMAND...: runs the command until it succeeds or the process has ended.
Await() {
  local what=$1 limit=$2 pid=$3
  shift 3
  local deadline=$((SECONDS + limit))
  until "$@" >/dev/null 2>&1; do
    kill -0 "$pid" 2>/dev/null || { tail -5 "$STATE/$what.log" >&2; Die "$what ended at once; see $STATE/$what.log"; }
    [ $SECONDS -lt $deadline ] || Die "$what is not ready after $limit s; see $STATE/$what.log"
    sleep 0.1
  done
}

StartEngine() {
  local settings code=0
  settings=$(engine/engine start) || code=$?
  if [ $code -eq 3 ]; then
    Say "going on with ollama-simulator: every answer below is SIMULATED, no model is asked"
    "$BIN/ollama-simulator" --port 0 --port-file "$STATE/simulator.port" >"$STATE/simulator.log" 2>&1 &
    PIDS+=($!)
    Await simulator 10 $! test -s "$STATE/simulator.port"
    OLLAMA_URL=http://127.0.0.1:$(cat "$STATE/simulator.port")
    VISION_MODEL=qwen3-vl:4b TEXT_MODEL=llama3.2-custom SIMULATED=1
    return
  fi
  [ $code -eq 0 ] || exit $code
  eval "$settings"
  # 0 when it ran before: then it is not ours to stop.
  if [ "${OLLAMA_STARTED_HERE:-0}" = 1 ]; then ENGINE_STARTED_HERE=1; fi
}

StartServices() {
  "$BIN/tessera-inference" --model-admin allow --listen "$INFERENCE" --metrics-listen "$INFERENCE_METRICS" \
    --ollama-url "$OLLAMA_URL" --vision-model "$VISION_MODEL" --text-model "$TEXT_MODEL" \
    --log-format text >"$STATE/inference.log" 2>&1 &
  local inference=$!
  PIDS=("$inference" "${PIDS[@]}")
  "$BIN/tessera-preprocess" --listen "$FRONT" --metrics-listen "$FRONT_METRICS" \
    --inference-address "$INFERENCE" --log-format text >"$STATE/preprocess.log" 2>&1 &
  local preprocess=$!
  PIDS=("$preprocess" "${PIDS[@]}")
  Await inference 20 "$inference" "$BIN/tessera-inference" --healthcheck --listen "$INFERENCE"
  Await preprocess 20 "$preprocess" "$BIN/tessera-preprocess" --healthcheck --listen "$FRONT"
  Await preprocess 20 "$preprocess" "$BIN/tessera" --address "$FRONT" health
}

Show() {
  printf '\n\033[1m$ %s\033[0m\n' "$(basename "$1") ${*:2}" | if [ -t 1 ]; then cat; else sed 's/\x1b\[[0-9;]*m//g'; fi
  "$@"
}

Ask() {
  local picture=${PICTURE:-$STATE/sample-photo.jpg}
  [ -n "${PICTURE:-}" ] || "$BIN/sample-picture" photo "$picture"
  local tessera="$BIN/tessera"
  export TESSERA_ADDRESS=$FRONT
  [ -z "${SIMULATED}" ] || Say "SIMULATED answers follow"
  Show "$tessera" classify "$picture" --labels document,photo,chart,shape --timings || return 1
  Show "$tessera" generate "Describe the picture." --picture "$picture" --stream --timings || return 1
}

mkdir -p "$STATE"
StartEngine
[ "$VISION_MODEL" != tessera-mini ] || [ -n "$SIMULATED" ] ||
  Say "the engine has neither qwen3-vl:4b nor llama3.2-custom: tessera-mini, our own small model, answers in their place"
StartServices
answered=0
Ask || answered=1
cat >&2 <<TEXT

tessera: front door  $FRONT (gRPC, reflection and health on)
         GPU door    $INFERENCE
         metrics     http://$FRONT_METRICS/metrics  http://$INFERENCE_METRICS/metrics
         engine      $OLLAMA_URL
         logs        $STATE/*.log
TEXT
[ "${ONCE:-}" = 1 ] && exit $answered
[ $answered = 0 ] || Say "the answers did not come; the services stay up so that you can look"
Say "serving until Ctrl-C"
wait -n "${PIDS[@]}" || true
Die "a service ended; see $STATE/*.log"
