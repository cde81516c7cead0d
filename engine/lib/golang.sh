# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Go, to build Ollama with. Any Go from 1.21 on fetches by itself the version that Ollama's go.mod
# asks for; Debian 12's own is older, so there it comes from bookworm-backports.

readonly GO_OLDEST_MINOR=21
readonly BACKPORTS_LIST=/etc/apt/sources.list.d/tessera-backports.list

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

AddBackports() {
  local codename mirror keyring=/usr/share/keyrings/debian-archive-keyring.gpg options=""
  # shellcheck source=/dev/null
  codename="$(. /etc/os-release 2>/dev/null && echo "${VERSION_CODENAME:-}")"
  if [ "$codename" != bookworm ]; then
    Say "no package source here has Go 1.$GO_OLDEST_MINOR or newer, and this is not Debian 12"
    return 1
  fi
  # shellcheck disable=SC2016  # the placeholders are apt's
  mirror="$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' |
    awk '$2 == "bookworm" { print $1; exit }')"
  [ ! -r "$keyring" ] || options="[signed-by=$keyring] "
  Say "Debian 12's Go is too old: adding the package source bookworm-backports ($BACKPORTS_LIST)"
  echo "deb ${options}${mirror:-http://deb.debian.org/debian} bookworm-backports main" |
    AsRoot tee "$BACKPORTS_LIST" >/dev/null || return 1
  AptGet update
}

# Prints the path of a recent Go, installing it from Debian when there is none.
RequireGo() {
  FindGo && return 0
  if command -v apt-get >/dev/null; then
    InstallOfferedGo || { AddBackports && InstallOfferedGo; }
    FindGo && return 0
  fi
  Say "Go 1.$GO_OLDEST_MINOR or newer is needed to build Ollama: install it from your distribution"
  Say "or from https://go.dev/dl, put it on PATH, and try again"
  return 1
}
