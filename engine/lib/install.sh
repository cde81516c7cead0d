# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Finding an Ollama program, and building one from its Go module where there is none.
#
# The build is `go install` with three additions: -march, because Ollama's Go build compiles its
# CPU kernels for the oldest x86-64 otherwise and is several times slower; Debian's headers for
# JSON and stb, which the module leaves out; and our stand-in for its audio header.

readonly OLLAMA_VERSION=0.17.4
readonly OLLAMA_MODULE=github.com/ollama/ollama
readonly OLLAMA_GO=1.24.1 # what its go.mod asks for
readonly BUILD_LIMIT_SECONDS=3600
readonly BUILT_BINARY="$INSTALL_DIR/bin/ollama"
readonly BUILD_STAMP="$INSTALL_DIR/bin/ollama.built"

# The version an Ollama program says it has, such as 0.17.4.
BinaryVersion() {
  OLLAMA_HOST=127.0.0.1:9 timeout 20 "$1" --version 2>/dev/null |
    grep -oE '[0-9]+\.[0-9]+\.[0-9]+' | tail -n 1
}

# Compiler flags for this machine's CPU. x86-64-v3 is AVX2, FMA, F16C and BMI.
CpuFlags() {
  local flags name level=3
  if [ "$(uname -m)" != x86_64 ]; then echo "-O3"; return; fi
  flags=" $(grep -m1 '^flags' /proc/cpuinfo) "
  for name in avx2 fma f16c bmi1 bmi2 movbe abm; do
    case "$flags" in *" $name "*) ;; *) level=2 ;; esac
  done
  echo "-O3 -march=x86-64-v$level"
}

# What the built program was built from; another answer means it must be built again.
WantedStamp() { echo "ollama $OLLAMA_VERSION $(CpuFlags)"; }

HaveBuiltBinary() {
  [ -x "$BUILT_BINARY" ] && [ "$(cat "$BUILD_STAMP" 2>/dev/null)" = "$(WantedStamp)" ]
}

# FollowBuild PID LOG: waits for the build and says every half minute how far it is. The log names
# each Go package as it comes up, between the compiler's remarks.
FollowBuild() {
  local started="$SECONDS" said="$SECONDS" packages
  while kill -0 "$1" 2>/dev/null; do
    sleep 1
    if [ $((SECONDS - said)) -ge 30 ]; then
      said="$SECONDS"
      packages="$(grep -cE '^[a-z][A-Za-z0-9._/-]+$' "$2")"
      Say "still compiling: $((SECONDS - started)) s, $packages packages begun (C++ takes longest)"
    fi
  done
  wait "$1"
}

GoInstall() {
  local go="$1" log="$2" flags private_cache=()
  flags="$(CpuFlags)"
  # Go's own caches serve other projects too; they move here only where Go has no home for them.
  if [ ! -w "${HOME:-/nonexistent}" ]; then
    export HOME="$INSTALL_DIR/home" GOPATH="$INSTALL_DIR/go" GOCACHE="$INSTALL_DIR/go/cache"
    private_cache=(-modcacherw)
    mkdir -p "$HOME"
  fi
  # A Go that is older than Ollama asks for fetches that one; by itself it would take the newest.
  if [ -z "${GOTOOLCHAIN:-}" ] && [ "$(GoMinor "$go")" -lt "$(cut -d. -f2 <<<"$OLLAMA_GO")" ]; then
    export GOTOOLCHAIN="go$OLLAMA_GO"
  fi
  cd "$INSTALL_DIR" &&
    env "$MARK_NAME=$RUN_MARK" GOBIN="$INSTALL_DIR/bin.new" CGO_ENABLED=1 \
      CGO_CFLAGS="$flags ${CGO_CFLAGS:-}" \
      CGO_CXXFLAGS="$flags '-I$ENGINE_HOME/include' ${CGO_CXXFLAGS:-}" \
      timeout "$BUILD_LIMIT_SECONDS" "$go" install -v "${private_cache[@]}" \
      -ldflags "-s -w -X $OLLAMA_MODULE/version.Version=$OLLAMA_VERSION" \
      "$OLLAMA_MODULE@v$OLLAMA_VERSION" >"$log" 2>&1 </dev/null
}

# Builds Ollama into INSTALL_DIR/bin. Prints nothing; false, with a message, when it cannot.
BuildOllama() {
  local go log="$INSTALL_DIR/install.log" started="$SECONDS"
  Say "no usable Ollama here: building $OLLAMA_VERSION from its Go module; this takes minutes"
  go="$(RequireGo)" || return 1
  InstallPackages ca-certificates gcc g++ libc6-dev nlohmann-json3-dev libstb-dev ||
    Say "going on without them: the compiler may find what it needs elsewhere"
  Say "compiling with $("$go" env GOVERSION) and $(CpuFlags); log: $log"
  rm -rf "$INSTALL_DIR/bin.new"
  (GoInstall "$go" "$log") &
  if ! FollowBuild "$!" "$log"; then
    SayLog "$log" 15
    Say "the build of Ollama failed. If the lines above speak of the network, check that this"
    Say "machine reaches its Go module proxy (GOPROXY) and try again; what was fetched is kept."
    Say "Otherwise install Ollama from https://ollama.com/download and put it on PATH."
    return 1
  fi
  mkdir -p "$INSTALL_DIR/bin" && mv "$INSTALL_DIR/bin.new/ollama" "$BUILT_BINARY" &&
    rmdir "$INSTALL_DIR/bin.new" && WantedStamp >"$BUILD_STAMP" || return 1
  Say "built $BUILT_BINARY in $((SECONDS - started)) s"
}

# Sets OLLAMA_BINARY to an Ollama program that can be started, building one if allowed. $1 names
# the models folder it will serve, which decides whether a found program suits.
RequireOllama() {
  local found version
  if found="$(command -v ollama)"; then
    version="$(BinaryVersion "$found")"
    if RunsStandIn "$version" || FolderHasModel "$1" "$VISION_DEFAULT"; then
      OLLAMA_BINARY="$found"
      return 0
    fi
    Say "passing over $found ${version:-(unknown version)}: it cannot run $STAND_IN, and there" \
      "is no $VISION_DEFAULT in $1"
  fi
  if ! HaveBuiltBinary; then
    if [ -z "$MAY_INSTALL" ]; then
      Say "there is no usable Ollama here and --no-install forbids building one"
      return "$EXIT_NO_OLLAMA"
    fi
    mkdir -p "$INSTALL_DIR" || return 1
    exec 8>"$INSTALL_DIR/install.lock"
    AwaitLock 8 "$BUILD_LIMIT_SECONDS" "another install to end"
    HaveBuiltBinary || BuildOllama || return "$EXIT_NO_OLLAMA"
    exec 8>&-
  fi
  OLLAMA_BINARY="$BUILT_BINARY"
}

# What callers do on EXIT_NO_OLLAMA.
AdviseSimulator() {
  Say "no Ollama: use the simulator (its answers are labelled as simulated), or install Ollama"
  Say "from https://ollama.com/download and run this again"
}

Install() {
  RequireCurl || Fail "$EXIT_NO_OLLAMA" "curl is needed and could not be installed"
  RequireOllama "$(ModelsFolder)" || { AdviseSimulator; exit "$EXIT_NO_OLLAMA"; }
  Say "Ollama $(BinaryVersion "$OLLAMA_BINARY") at $OLLAMA_BINARY"
  printf 'OLLAMA_BINARY=%q\n' "$OLLAMA_BINARY"
}

RunInstall() { Guarded Install; }
