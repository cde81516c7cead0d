# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The processes this script starts: the Ollama that start launched, and a build. Each run of the
# script has a random mark, which they carry in their environment and every process below them
# inherits: the mark, not a number that may be reused, says which processes are ours. The pid file
# holds the pid of the launched Ollama on its first line and its mark on its second.

readonly MARK_NAME=TESSERA_ENGINE_RUN
readonly STOP_LIMIT_SECONDS=10

PidFile() { echo "$STATE_DIR/ollama.pid"; }
UrlFile() { echo "$STATE_DIR/ollama.url"; }
LogFile() { echo "$STATE_DIR/ollama.log"; }

RecordedMark() { sed -n 2p "$(PidFile)" 2>/dev/null; }
RecordedPid() { sed -n 1p "$(PidFile)" 2>/dev/null; }

RUN_MARK="$(head -c 13 /proc/sys/kernel/random/uuid 2>/dev/null)-$$"

# HasMark PID MARK
HasMark() { [ -n "$2" ] && grep -qsxz "$MARK_NAME=$2" "/proc/$1/environ"; }

# Prints the pids of the processes that carry mark $1. Processes that vanish meanwhile are no
# error, and those of other users, which cannot be read, are not ours.
MarkedProcesses() {
  [ -n "$1" ] || return 0
  { grep -lsxz "$MARK_NAME=$1" /proc/[0-9]*/environ || true; } 2>/dev/null | cut -d/ -f3
}

# EndMarked MARK SIGNAL. The shell's own kill: a minimal Debian has no program of that name.
EndMarked() {
  local pid
  while read -r pid; do kill "-$2" "$pid" 2>/dev/null; done < <(MarkedProcesses "$1")
}

# True when the launched Ollama itself still runs.
IsRunning() { HasMark "$(RecordedPid)" "$(RecordedMark)"; }

# Launch BINARY PORT: starts `ollama serve` on 127.0.0.1:PORT, 0 for any free port, and records it.
Launch() {
  local binary="$1" port="$2" log
  log="$(LogFile)"
  [ ! -s "$log" ] || mv "$log" "$log.1"
  mkdir -p "$STATE_DIR/home" "$(ModelsFolder)" || return 1
  printf '0\n%s\n' "$RUN_MARK" >"$(PidFile)"
  # setsid keeps a Ctrl-C on the terminal from ending the engine before the services above it.
  # Its own home keeps its key and settings out of the user's.
  env "$MARK_NAME=$RUN_MARK" HOME="$STATE_DIR/home" OLLAMA_HOST="127.0.0.1:$port" \
    OLLAMA_MODELS="$(ModelsFolder)" OLLAMA_NO_CLOUD=1 OLLAMA_NOPRUNE=1 \
    setsid "$binary" serve >"$log" 2>&1 </dev/null 9>&- &
  printf '%s\n%s\n' "$!" "$RUN_MARK" >"$(PidFile)"
  # The mark shows once the new process has become `env`, moments from now, unless it fails.
  while kill -0 "$!" 2>/dev/null && ! IsRunning; do sleep 0.02; done
}

# Prints the port the launched Ollama says it listens on.
ListeningPort() {
  grep -oE 'Listening on [^ ]+:[0-9]+' "$(LogFile)" 2>/dev/null | tail -n 1 | grep -oE '[0-9]+$'
}

# AwaitGone SECONDS MARK [PID]: true once no process carries the mark, or PID no longer does.
AwaitGone() {
  local deadline=$((SECONDS + $1))
  while if [ $# -gt 2 ]; then HasMark "$3" "$2"; else [ -n "$(MarkedProcesses "$2")" ]; fi; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.1
  done
}

# Ends the launched Ollama and all below it; false if something survives even SIGKILL. The server
# gets time to end its model processes; what it leaves behind gets a moment, then no choice.
EndLaunched() {
  local mark pid signal
  mark="$(RecordedMark)"
  pid="$(RecordedPid)"
  if IsRunning; then
    kill -TERM "$pid" 2>/dev/null
    AwaitGone "$STOP_LIMIT_SECONDS" "$mark" "$pid"
  fi
  for signal in TERM KILL; do
    EndMarked "$mark" "$signal"
    AwaitGone 3 "$mark" && break
  done
  AwaitGone 0 "$mark" && rm -f "$(PidFile)" "$(UrlFile)" "$STATE_DIR/engine.env"
}

# Guarded COMMAND...: runs it in a child; on a signal ends the child and all that this run started.
# The work is in a child because bash 5.2 may run a trap while it parses a command substitution
# and then fail to parse either; here nothing but `wait` is interrupted.
Guarded() {
  local code interrupted=""
  trap 'interrupted=1; kill "${!:-}" 2>/dev/null' INT TERM HUP
  "$@" &
  wait "$!"
  code=$?
  trap '' INT TERM HUP
  [ -n "$interrupted" ] || return "$code"
  wait "$!"
  if [ "$(RecordedMark)" = "$RUN_MARK" ]; then EndLaunched; else EndMarked "$RUN_MARK" TERM; fi
  Fail "$EXIT_INTERRUPTED" "interrupted; what this run started is ended"
}

RunStop() {
  if [ ! -e "$(PidFile)" ]; then
    rm -f "$(UrlFile)" "$STATE_DIR/engine.env"
    Say "nothing of ours runs from $STATE_DIR"
    return 0
  fi
  EndLaunched || Fail "$EXIT_FAILED" "a process of the engine survives:" \
    "$(MarkedProcesses "$(RecordedMark)" | tr '\n' ' ')"
  Say "stopped"
}
