# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What the engine script tells its user, and the exit codes its callers act on.

readonly EXIT_FAILED=1
readonly EXIT_USAGE=2
readonly EXIT_NO_OLLAMA=3
readonly EXIT_NOT_STARTED=4
readonly EXIT_PORT_TAKEN=5
readonly EXIT_NO_MODEL=6
readonly EXIT_INTERRUPTED=130
export EXIT_FAILED EXIT_USAGE EXIT_NO_OLLAMA EXIT_NOT_STARTED EXIT_PORT_TAKEN EXIT_NO_MODEL
export EXIT_INTERRUPTED

Say() { printf 'engine: %s\n' "$*" >&2; }

# Fail CODE MESSAGE...: says every message on a line of its own and ends the script.
Fail() {
  local code="$1" message
  shift
  for message in "$@"; do Say "$message"; done
  exit "$code"
}

# SayLog FILE LINES: shows the end of a log, indented, and where the rest is.
SayLog() {
  Say "the last lines of $1:"
  tail -n "$2" "$1" 2>/dev/null | cut -c1-400 | sed 's/^/    /' >&2
}

# AwaitLock FD LIMIT_SECONDS WHAT: takes the lock, saying so if somebody else has it.
AwaitLock() {
  flock -n "$1" && return 0
  Say "waiting for $3"
  flock -w "$2" "$1" || Fail "$EXIT_FAILED" "gave up waiting for $3"
}

# Run as root, directly or through sudo; false where neither is possible.
AsRoot() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null && { [ -t 2 ] || sudo -n true 2>/dev/null; }; then
    sudo "$@"
  else
    Say "not root, and sudo is missing or would ask for a password: cannot run: $*"
    return 1
  fi
}
