#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# go_tools.sh: builds kustomize, kubeconform and docker compose from their Go modules into
# build/tools/bin, and makes the JSON schemas of Kubernetes and of the operators' resources in
# build/tools/schemas from the modules that define them. About ten minutes once on two cores.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/lib/output.sh
. engine/lib/packages.sh
. engine/lib/golang.sh

KUSTOMIZE=sigs.k8s.io/kustomize/kustomize/v5@v5.8.2
KUBECONFORM=github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0
COMPOSE=github.com/docker/compose/v2@v2.40.3
KUBERNETES=k8s.io/kubernetes@v1.37.2
PROMETHEUS_OPERATOR=github.com/prometheus-operator/prometheus-operator@v0.85.0
KEDA=github.com/kedacore/keda/v2@v2.21.0

mkdir -p build/tools/bin build/tools/schemas
GO=$(RequireGo)
GOBIN=$PWD/build/tools/bin
export GOBIN

# Install BINARY MODULE
Install() {
  [ -x "$GOBIN/$1" ] && return 0
  Say "building $1 from the Go module $2"
  "$GO" install -buildvcs=false "$2"
}

# ModuleFolder MODULE: where its sources are, after fetching them.
ModuleFolder() {
  (cd build/tools && "$GO" mod download -json "$1") | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p'
}

# Its go.mod excludes versions, which `go install` takes for the main module only.
Compose() {
  local folder
  [ -x "$GOBIN/docker-compose" ] && return 0
  Say "building docker compose from the Go module $COMPOSE"
  folder=$(ModuleFolder "$COMPOSE")
  "$GO" build -C "$folder" -buildvcs=false -o "$GOBIN/docker-compose" ./cmd
}

Schemas() {
  [ -e build/tools/schemas/complete ] && return 0
  Say "making schemas of $KUBERNETES, $PROMETHEUS_OPERATOR and $KEDA"
  python3 tools/kubernetes_schemas.py build/tools/schemas \
    "$(ModuleFolder "$KUBERNETES")/api/openapi-spec/swagger.json" \
    "$(ModuleFolder "$PROMETHEUS_OPERATOR")"/example/prometheus-operator-crd/*.yaml \
    "$(ModuleFolder "$KEDA")"/config/crd/bases/*.yaml
  touch build/tools/schemas/complete
}

Install kustomize "$KUSTOMIZE"
Install kubeconform "$KUBECONFORM"
Compose
Schemas
