# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# start and status: choosing an engine, waiting until it answers, giving it its models.

LAUNCHED_URL=""
readonly START_LIMIT_SECONDS="${TESSERA_ENGINE_START_LIMIT_SECONDS:-90}"

# True when the engine at URL can answer about pictures, now or with the stand-in.
Suits() {
  local version
  version="$(EngineVersion "$1")" || return 1
  RunsStandIn "$version" || HasModel "$(ModelNames "$1")" "$VISION_DEFAULT" && return 0
  Say "passing over the Ollama $version at $1: it has no $VISION_DEFAULT and cannot run $STAND_IN"
  return 1
}

# Finish URL OURS: creates missing models, records the choice, prints it for the caller. An Ollama
# launched by this very run (then LAUNCHED_URL is set) is ended again when that fails.
Finish() {
  local url="$1" ours="$2" choice launched=0
  [ -z "$LAUNCHED_URL" ] || launched=1
  if ! { EnsureModels "$url" "$ours" && choice="$(ChooseModels "$url")"; }; then
    [ "$launched" -eq 0 ] || EndLaunched
    Fail "$EXIT_NO_MODEL" "the engine at $url has no model to answer with"
  fi
  echo "$url" >"$(UrlFile)"
  printf 'OLLAMA_URL=%s\nOLLAMA_VERSION=%s\nOLLAMA_STARTED_HERE=%s\n%s\n' "$url" \
    "$(EngineVersion "$url")" "$launched" "$choice" | tee "$STATE_DIR/engine.env"
}

# Waits until the launched Ollama answers and sets LAUNCHED_URL. Returns EXIT_PORT_TAKEN when its
# port was in use, EXIT_NOT_STARTED when it ended or stayed silent.
AwaitAnswer() {
  local port deadline=$((SECONDS + START_LIMIT_SECONDS))
  while [ "$SECONDS" -lt "$deadline" ]; do
    if ! IsRunning; then
      ! grep -q 'address already in use' "$(LogFile)" || return "$EXIT_PORT_TAKEN"
      SayLog "$(LogFile)" 10
      Say "Ollama ended as soon as it was started"
      return "$EXIT_NOT_STARTED"
    fi
    if port="$(ListeningPort)"; then
      LAUNCHED_URL="http://127.0.0.1:$port"
      ! EngineVersion "$LAUNCHED_URL" >/dev/null || return 0
    fi
    sleep 0.1
  done
  SayLog "$(LogFile)" 10
  Say "Ollama did not answer within $START_LIMIT_SECONDS s"
  return "$EXIT_NOT_STARTED"
}

# LaunchAndAwait BINARY PORT: sets LAUNCHED_URL, or leaves nothing running and returns why not.
LaunchAndAwait() {
  local code
  Launch "$1" "$2" || return "$EXIT_NOT_STARTED"
  AwaitAnswer
  code=$?
  [ "$code" -eq 0 ] || EndLaunched
  return "$code"
}

StartOwn() {
  local code
  RequireOllama "$(ModelsFolder)" || { AdviseSimulator; exit "$EXIT_NO_OLLAMA"; }
  LaunchAndAwait "$OLLAMA_BINARY" "${PORT:-$DEFAULT_PORT}"
  code=$?
  if [ "$code" -eq "$EXIT_PORT_TAKEN" ] && [ -z "$PORT" ]; then
    Say "port $DEFAULT_PORT is taken: taking a free one"
    LaunchAndAwait "$OLLAMA_BINARY" 0
    code=$?
  fi
  [ "$code" -ne "$EXIT_PORT_TAKEN" ] || Fail "$code" "port ${PORT:-} of 127.0.0.1 is taken"
  [ "$code" -eq 0 ] || Fail "$code" "Ollama ($OLLAMA_BINARY) did not start; its log: $(LogFile)"
  Say "started $OLLAMA_BINARY at $LAUNCHED_URL; models in $(ModelsFolder)"
  Finish "$LAUNCHED_URL" 1
}

RunStart() { Guarded Start; }

Start() {
  local url
  [ -r /proc/self/environ ] || Fail "$EXIT_FAILED" "Linux with /proc mounted is needed"
  RequireCurl || { AdviseSimulator; exit "$EXIT_NO_OLLAMA"; }
  exec 9>"$STATE_DIR/lock"
  AwaitLock 9 "$BUILD_LIMIT_SECONDS" "another start in $STATE_DIR"
  if [ -e "$(PidFile)" ]; then
    url="$(cat "$(UrlFile)" 2>/dev/null)"
    if IsRunning && [ -n "$url" ] && EngineVersion "$url" >/dev/null; then
      [ "${PORT:-0}" -eq 0 ] || [ "$PORT" = "${url##*:}" ] ||
        Fail "$EXIT_FAILED" "already running at $url; to move it to port $PORT, stop it first"
      Say "already running at $url"
      Finish "$url" 1
      return
    fi
    EndLaunched
  fi
  if [ -z "$PRIVATE" ]; then
    if url="$(HostUrl)" && Suits "$url"; then
      Say "using the Ollama $(EngineVersion "$url") that answers at $url"
      Finish "$url" ""
      return
    fi
    [ -z "${OLLAMA_HOST:-}" ] || Say "going on without OLLAMA_HOST=$OLLAMA_HOST"
  fi
  StartOwn
}

RunStatus() {
  local url
  RequireCurl || exit "$EXIT_FAILED"
  url="$(CurrentUrl)" || Fail "$EXIT_FAILED" "no engine answers"
  if IsRunning; then
    Say "Ollama $(EngineVersion "$url") answers at $url, started here, pid $(RecordedPid)"
  else
    Say "Ollama $(EngineVersion "$url") answers at $url, not started here"
  fi
  printf 'OLLAMA_URL=%s\nOLLAMA_VERSION=%s\n' "$url" "$(EngineVersion "$url")"
}
