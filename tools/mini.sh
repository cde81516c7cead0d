#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# mini.sh evaluate: asks tessera-mini, in a private engine, about drawn pictures with known contents
#   and prints how many answers are right. PICTURES: how many of a kind and style [4]; THREADS: of
#   the engine, 1 on a machine with other work. With FORMS set,
#   the F16 and Q4_0 forms of the same weights answer as well, and the shares of equal answers follow.
# mini.sh train: trains the model anew into build/mini. Needs an NVIDIA GPU and PyTorch for it;
#   PYTHON names the interpreter that has it [python3], SECONDS_A and SECONDS_B the two parts [530, 490].
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/lib/output.sh
. engine/lib/packages.sh

BUILD=build/mini SHIPPED=engine/models/tessera-mini

Environment() {
  local -a fonts
  read -ra fonts <<<"$(sed -n '/^DEBIAN_PACKAGES/,/^)/s/.*"\(.*\)".*/\1/p' engine/mini/drawing/fonts.py | tr '\n' ' ')"
  InstallPackages python3-venv "${fonts[@]}"
  [ -x "$BUILD/venv/bin/python" ] || python3 -m venv "$BUILD/venv"
  "$BUILD/venv/bin/pip" install --quiet --disable-pip-version-check -r engine/mini/requirements.txt
}

Evaluate() {
  local -a against=()
  Environment
  trap 'engine/engine stop --dir "$BUILD/engine" >/dev/null' EXIT
  engine/engine start --dir "$BUILD/engine" --port 0 >"$BUILD/engine.env"
  # shellcheck source=/dev/null
  . "$BUILD/engine.env"
  if [ -n "${FORMS:-}" ]; then
    "$BUILD/venv/bin/python" engine/mini/export.py "$SHIPPED/tessera-mini-q8.gguf" "$BUILD/forms" --form f16 q4
    for form in f16 q4; do
      sed "s|^FROM .*|FROM $PWD/$BUILD/forms/tessera-mini-$form.gguf|" "$SHIPPED/Modelfile" \
        >"$BUILD/forms/Modelfile"
      OLLAMA_HOST=$OLLAMA_URL "$(engine/engine install | sed -n 's/^OLLAMA_BINARY=//p')" \
        create "tessera-mini-$form" -f "$BUILD/forms/Modelfile" >&2
      against+=("tessera-mini-$form")
    done
  fi
  "$BUILD/venv/bin/python" engine/mini/evaluate.py --url "$OLLAMA_URL" --pictures "${PICTURES:-4}" \
    ${THREADS:+--threads "$THREADS"} \
    --json "$BUILD/answers.json" ${against[@]:+--against "${against[@]}"}
}

Train() {
  local python=${PYTHON:-python3}
  "$python" -c 'import torch, sys; sys.exit(0 if torch.cuda.is_available() else 1)' 2>/dev/null ||
    Die "training needs a GPU with PyTorch: \`$python\` finds none. The weights in $SHIPPED are trained"
  mkdir -p "$BUILD"
  "$python" engine/mini/train.py --out "$BUILD/a" --state "$BUILD/state.pt" --from 0 --to 0.55 \
    --seconds "${SECONDS_A:-530}"
  "$python" engine/mini/train.py --out "$BUILD/b" --state "$BUILD/state.pt" --from 0.55 --to 1 \
    --seconds "${SECONDS_B:-490}" --seed 21 --weights "$BUILD/a/weights.npz"
  "$python" engine/mini/openings.py "$BUILD/b/weights.npz" "$BUILD/weights.npz"
  "$python" engine/mini/export.py "$BUILD/weights.npz" "$BUILD/forms" --form q8 f16 q4
}

case "${1:-}" in
  evaluate) Evaluate ;;
  train) Train ;;
  *) Die "mini.sh knows evaluate and train, not '${1:-}'" ;;
esac
