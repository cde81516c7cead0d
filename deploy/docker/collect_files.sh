#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# collect_files.sh FOLDER BINARY [PLUGIN...]: lays out in FOLDER what an image needs beside Debian's
# base: the stripped binary in usr/local/bin, the plug-ins, and every shared library that these
# load, unless its package is in /base-packages. The packages' records go to
# var/lib/dpkg/status.d, where vulnerability scanners look for them.
set -euo pipefail

folder=$1 binary=$2
shift 2

InBase() { grep -qx "Package: $1" /base-packages; }

# PackageOf FILE: dpkg knows a library by the path in its package, which may lack the /usr.
PackageOf() {
  { dpkg -S "$1" || dpkg -S "${1#/usr}"; } 2>/dev/null | head -1 | cut -d: -f1
}

Copy() {
  local file=$1 package
  package=$(PackageOf "$(readlink -f "$file")")
  if [ -n "$package" ]; then
    ! InBase "$package" || return 0
    mkdir -p "$folder/var/lib/dpkg/status.d"
    dpkg-query -s "$package" >"$folder/var/lib/dpkg/status.d/$package"
  fi
  # The library under the name that the loader asks for; what it links to is copied in its place.
  install -D -m 644 "$(readlink -f "$file")" "$folder/$(readlink -f "$(dirname "$file")")/$(basename "$file")"
}

mkdir -p "$folder/usr/local/bin"
strip -o "$folder/usr/local/bin/$(basename "$binary")" "$binary"
for plugin in "$@"; do Copy "$plugin"; done
ldd "$binary" "$@" | awk '$2 == "=>" && $3 ~ /^\// { print $3 }' | sort -u |
  while read -r library; do Copy "$library"; done
missing=$(ldd "$binary" "$@" | grep 'not found' || true)
[ -z "$missing" ] || { echo "collect_files: $missing" >&2; exit 1; }
du -sh "$folder"
