#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# setup.sh PART...: installs what the named parts of the work need, if it is missing.
#   build   compiler, libraries (Debian), google/rpc protos (PyPI, into .venv)
#   lint    clang-format, clang-tidy, shellcheck (Debian); buf, dclint and dockerfilelint (npm, into
#           build/tools)
#   test    what the tests drive: prometheus with promtool, fonts, Redis (Debian); what draws the
#           judge's pictures and reads tensors: Pillow, pillow-heif, NumPy, protobuf (PyPI, into .venv)
#   tracing OpenTelemetry (Debian 12's backports); where they cannot be reached, the services are
#           built without it
#   operations  what `make test-operations` drives beside: amtool and a browser (Debian), kustomize,
#           kubeconform, docker compose and the schemas of Kubernetes (Go modules)
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/lib/output.sh
. engine/lib/packages.sh

BUF_VERSION=1.75.0
GOOGLEAPIS_VERSION=1.66.0
DCLINT_VERSION=3.1.0
DOCKERFILELINT_VERSION=1.8.0

BuildPackages() {
  InstallPackages ca-certificates ccache cmake g++ git grpc-proto libabsl-dev libboost-dev \
    libcli11-dev libcurl4-openssl-dev libfmt-dev libgmock-dev libgrpc++-dev libgtest-dev libhiredis-dev \
    libisal-dev libjemalloc-dev libjpeg62-turbo-dev liblcms2-dev libprotobuf-dev libre2-dev libsimdjson-dev libspdlog-dev libssl-dev libvips-dev libwebp-dev \
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

# What writes pictures of every format, AVIF and HEIC included; Debian 12's Pillow does not.
PictureDrawing() {
  .venv/bin/python -c 'import google.protobuf.message, numpy, pillow_heif, PIL.features as f
assert f.check("avif")' \
    2>/dev/null && return 0
  Say "installing Pillow, pillow-heif, NumPy and protobuf from PyPI into .venv"
  [ -x .venv/bin/python ] || python3 -m venv .venv
  .venv/bin/python -m pip install --quiet --disable-pip-version-check \
    'pillow>=11.3' pillow-heif numpy 'protobuf>=5,<6'
}

# NpmTool PACKAGE VERSION BINARY FOLDER
NpmTool() {
  [ -x "$4/node_modules/.bin/$3" ] && return 0
  command -v npm >/dev/null || InstallPackages nodejs npm
  Say "installing $1 $2 from npm into $4"
  mkdir -p "$4"
  npm install --silent --no-save --no-package-lock --no-audit --no-fund --prefix "$4" "$1@$2"
}

Tracing() {
  HavePackage opentelemetry-cpp-dev && return 0
  command -v apt-get >/dev/null || return 0
  [ -n "$(apt-cache madison opentelemetry-cpp-dev 2>/dev/null)" ] || AddBackports OpenTelemetry || true
  InstallPackages --from bookworm-backports opentelemetry-cpp-dev ||
    Say "no OpenTelemetry here: building without tracing"
}

for part in "$@"; do
  case "$part" in
    build) BuildPackages; Protos ;;
    lint)
      InstallPackages clang-format clang-tidy shellcheck git
      NpmTool @bufbuild/buf "$BUF_VERSION" buf build/tools
      NpmTool dclint "$DCLINT_VERSION" dclint build/tools/dclint
      NpmTool dockerfilelint "$DOCKERFILELINT_VERSION" dockerfilelint build/tools/dockerfilelint ;;
    test) InstallPackages prometheus fonts-dejavu-core python3-yaml redis-server; PictureDrawing ;;
    tracing) Tracing ;;
    fuzz) InstallPackages clang-14 libclang-rt-14-dev ;;
    operations)
      InstallPackages prometheus-alertmanager chromium
      tools/go_tools.sh ;;
    *) Die "setup.sh knows build, lint, test, tracing, fuzz and operations, not '$part'" ;;
  esac
done
