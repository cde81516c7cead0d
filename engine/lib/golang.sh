# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Go, to build Ollama with. Any Go from 1.21 on fetches by itself the version that Ollama's go.mod
# asks for; Debian 12's own is older, so there it comes from bookworm-backports.

readonly GO_OLDEST_MINOR=21

# GoMinor GO: the 24 of go1.24.1; 0 for what is no Go 1.
GoMinor() {
  local version
  version="$(cd / && "$1" env GOVERSION 2>/dev/null)"
  case "$version" in
    go1.*) version="${version#go1.}"; echo "${version%%[!0-9]*}" ;;
    *) echo 0 ;;
  esac
}

GoIsRecent() { [ "$(GoMinor "$1")" -ge "$GO_OLDEST_MINOR" ]; }

# Prints the path of a Go that is recent enough; false when there is none yet.
FindGo() {
  local candidate
  for candidate in "$(command -v go)" /usr/local/go/bin/go /usr/lib/go-1.*/bin/go; do
    [ -x "$candidate" ] && GoIsRecent "$candidate" && { echo "$candidate"; return 0; }
  done
  return 1
}

# True when the Debian version $1 (such as 2:1.24~2~bpo12+1) is recent enough.
VersionIsRecent() {
  local version="${1#*:}" minor
  case "$version" in 1.*) ;; *) return 1 ;; esac
  minor="${version#1.}"
  minor="${minor%%[!0-9]*}"
  [ "${minor:-0}" -ge "$GO_OLDEST_MINOR" ]
}

# Installs golang-go from the suite the package sources prefer, else from bookworm-backports,
# which apt considers only when it is named. False when neither has a recent one.
InstallOfferedGo() {
  local candidate backport
  candidate="$(apt-cache policy golang-go 2>/dev/null | awk '/Candidate:/ { print $2 }')"
  backport="$(apt-cache madison golang-go 2>/dev/null |
    awk '/bookworm-backports/ { print $3; exit }')"
  if VersionIsRecent "$candidate"; then
    InstallPackages golang-go
  elif VersionIsRecent "$backport"; then
    InstallPackages --from bookworm-backports golang-go golang-src
  else
    return 1
  fi
}

# Prints the path of a recent Go, installing it from Debian when there is none.
RequireGo() {
  FindGo && return 0
  if command -v apt-get >/dev/null; then
    InstallOfferedGo || { AddBackports "Go 1.$GO_OLDEST_MINOR or newer" && InstallOfferedGo; }
    FindGo && return 0
  fi
  Say "Go 1.$GO_OLDEST_MINOR or newer is needed to build Ollama: install it from your distribution"
  Say "or from https://go.dev/dl, put it on PATH, and try again"
  return 1
}
