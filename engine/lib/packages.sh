# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Debian packages: installs what is missing and says so.

HavePackage() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

AptGet() {
  AsRoot env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 \
    -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 "$@" </dev/null >&2
}

# InstallPackages [--from SUITE] NAME...: false, with a message, when one cannot be installed.
# The package lists are refreshed only if the first attempt fails, as most machines have them.
InstallPackages() {
  local -a suite=() missing=()
  local name
  if [ "$1" = --from ]; then suite=(-t "$2"); shift 2; fi
  for name in "$@"; do HavePackage "$name" || missing+=("$name"); done
  [ ${#missing[@]} -gt 0 ] || return 0
  if ! command -v apt-get >/dev/null; then
    Say "no apt-get here; please install by hand what Debian calls: ${missing[*]}"
    return 1
  fi
  Say "installing Debian packages: ${missing[*]}"
  local -a install=(install -y --no-install-recommends "${suite[@]}" "${missing[@]}")
  AptGet "${install[@]}" 2>/dev/null && return 0
  Say "refreshing the package lists"
  { AptGet update && AptGet "${install[@]}"; } && return 0
  Say "could not install: ${missing[*]}"
  return 1
}

readonly BACKPORTS_LIST=/etc/apt/sources.list.d/tessera-backports.list

# AddBackports WHAT: makes Debian 12's newer packages known to apt, which takes one only when the
# suite is named. WHAT needs it, for the message. False on any other system.
AddBackports() {
  local codename mirror keyring=/usr/share/keyrings/debian-archive-keyring.gpg options=""
  # shellcheck source=/dev/null
  codename="$(. /etc/os-release 2>/dev/null && echo "${VERSION_CODENAME:-}")"
  if [ "$codename" != bookworm ]; then
    Say "no package source here has $1, and this is not Debian 12"
    return 1
  fi
  # shellcheck disable=SC2016  # the placeholders are apt's
  mirror="$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' |
    awk '$2 == "bookworm" { print $1; exit }')"
  [ ! -r "$keyring" ] || options="[signed-by=$keyring] "
  Say "for $1: adding the package source bookworm-backports ($BACKPORTS_LIST)"
  echo "deb ${options}${mirror:-http://deb.debian.org/debian} bookworm-backports main" |
    AsRoot tee "$BACKPORTS_LIST" >/dev/null || return 1
  AptGet update
}

# RequireCurl: every conversation with an engine needs it, and a minimal Debian has none.
RequireCurl() {
  command -v curl >/dev/null && return 0
  InstallPackages curl ca-certificates
}
