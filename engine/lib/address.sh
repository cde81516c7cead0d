# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Where an engine answers, and asking it.

readonly DEFAULT_PORT=11434

# Ask URL PATH [CURL OPTIONS]: prints the body of the answer; false on a connection failure or a
# status of 400 and above. An engine on this machine is never asked through a proxy.
Ask() {
  local url="$1" path="$2"
  shift 2
  curl -sS --fail-with-body --noproxy 127.0.0.1,localhost,::1 --connect-timeout 3 "$@" \
    "$url$path" 2>/dev/null
}

# Prints the version of the engine at URL; false when none answers there.
EngineVersion() {
  Ask "$1" /api/version --max-time 5 | grep -oE '"version":"[0-9A-Za-z.+-]+"' | cut -d'"' -f4
}

# Prints the URL that OLLAMA_HOST stands for, by Ollama's own rules; false when it is no address.
# 0.0.0.0 is where a server listens, not where a client finds it.
HostUrl() {
  local host="${OLLAMA_HOST:-127.0.0.1}" scheme=http port="$DEFAULT_PORT"
  host="${host//[[:space:]]/}"
  case "$host" in
    http://*) host="${host#http://}" port=80 ;;
    https://*) host="${host#https://}" scheme=https port=443 ;;
  esac
  host="${host%%/*}"
  case "$host" in
    \[*\]:*) port="${host##*:}" host="${host%:*}" ;;
    \[*\]) ;;
    *:*:*) host="[$host]" ;;
    *:*) port="${host##*:}" host="${host%:*}" ;;
  esac
  case "$host" in "" | 0.0.0.0 | "[::]") host=127.0.0.1 ;; esac
  [[ "$host" =~ ^(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._-]+)$ && "$port" =~ ^[0-9]+$ ]] || return 1
  echo "$scheme://$host:$port"
}

# The engine that start chose last, else the one at OLLAMA_HOST; false when neither answers.
CurrentUrl() {
  local url
  for url in "$(cat "$(UrlFile)" 2>/dev/null)" "$(HostUrl)"; do
    [ -n "$url" ] && EngineVersion "$url" >/dev/null && { echo "$url"; return 0; }
  done
  return 1
}
