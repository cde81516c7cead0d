#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# setup.sh PART...: installs what the named parts of the work need, if it is missing.
#   build   compiler, libraries (Debian), google/rpc protos (PyPI, into .venv)
#   lint    clang-format, clang-tidy, shellcheck (Debian), buf (npm, into build/tools)
#   test    what the tests drive: promtool, fonts and Redis (Debian)
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/lib/output.sh
. engine/lib/packages.sh

BUF_VERSION=1.75.0
GOOGLEAPIS_VERSION=1.66.0

BuildPackages() {
  InstallPackages ca-certificates ccache cmake g++ git grpc-proto libabsl-dev libboost-dev \
    libcli11-dev libcurl4-openssl-dev libfmt-dev libgmock-dev libgrpc++-dev libgtest-dev libhiredis-dev \
    libisal-dev libjpeg62-turbo-dev libprotobuf-dev libre2-dev libsimdjson-dev libspdlog-dev libssl-dev libvips-dev libwebp-dev \
    make ninja-build nlohmann-json3-dev pkg-config prometheus-cpp-dev protobuf-compiler \
    protobuf-compiler-grpc python3 python3-venv libbenchmark-dev curl libheif1
}

Protos() {
  local -a found
  found=(.venv/lib/python3*/site-packages/google/rpc/error_details.proto)
  [ -e "${found[0]}" ] && return 0
  Say "installing googleapis-common-protos $GOOGLEAPIS_VERSION from PyPI into .venv"
  [ -x .venv/bin/python ] || python3 -m venv .venv
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
    "googleapis-common-protos==$GOOGLEAPIS_VERSION"
}

Buf() {
  [ -x build/tools/node_modules/.bin/buf ] && return 0
  command -v npm >/dev/null || InstallPackages nodejs npm
  Say "installing @bufbuild/buf $BUF_VERSION from npm into build/tools"
  mkdir -p build/tools
  npm install --silent --no-save --no-package-lock --no-audit --no-fund --prefix build/tools \
    "@bufbuild/buf@$BUF_VERSION"
}

for part in "$@"; do
  case "$part" in
    build) BuildPackages; Protos ;;
    lint) InstallPackages clang-format clang-tidy shellcheck git; Buf ;;
    test) InstallPackages prometheus fonts-dejavu-core redis-server ;;
    *) Die "setup.sh knows build, lint and test, not '$part'" ;;
  esac
done
