# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# How the scripts of this folder speak.

Say() { printf 'tessera: %s\n' "$*" >&2; }
Die() { Say "$*"; exit 1; }

AsRoot() {
  if [ "$(id -u)" -eq 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else Die "this needs root or sudo: $*"
  fi
}
