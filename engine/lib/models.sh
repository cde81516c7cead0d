# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Which models an engine has, which of them the services will use, and creating what is missing.

readonly VISION_DEFAULT=qwen3-vl:4b
readonly TEXT_DEFAULT=llama3.2-custom
readonly STAND_IN=tessera-mini
readonly CREATE_LIMIT_SECONDS=300
readonly PULL_LIMIT_SECONDS=14400

ModelsFolder() { echo "${OLLAMA_MODELS:-$STATE_DIR/models}"; }

# The stand-in has its vision tower in the same file as its text model, which Ollama's own engine
# runs (0.12.7 to 0.24). 0.0.0 is a source build that does not know its version.
RunsStandIn() {
  local major minor patch
  IFS=. read -r major minor patch <<<"${1%%[-+]*}"
  [ "$major.$minor.$patch" != 0.0.0 ] || return 0
  [ "${major:-}" = 0 ] || return 1
  if [ "${minor:-0}" -eq 12 ]; then [ "${patch:-0}" -ge 7 ]
  else [ "${minor:-0}" -gt 12 ] && [ "${minor:-0}" -le 24 ]; fi
}

# FolderHasModel FOLDER NAME:TAG: a library model is in this models folder.
FolderHasModel() { [ -e "$1/manifests/registry.ollama.ai/library/${2%%:*}/${2#*:}" ]; }

# Prints the names of the engine's models, one per line, with their tags.
ModelNames() {
  Ask "$1" /api/tags --max-time 20 | grep -oE '"name":"[^"]+"' | cut -d'"' -f4
}

# HasModel NAMES NAME: NAME, with :latest when it has no tag, is in the list.
HasModel() {
  case "$2" in
    *:*) grep -qixF -- "$2" <<<"$1" ;;
    *) grep -qixF -- "$2:latest" <<<"$1" ;;
  esac
}

# True when the engine's model already is what MODELFILE (with weights DIGEST) describes.
IsCurrent() {
  local url="$1" name="$2" file="$3" digest="$4" shown keyword rest
  shown="$(Ask "$url" /api/show --max-time 60 --data "{\"model\":$(JsonString "$name")}")" ||
    return 1
  shown="$(sed -E 's/\\n/\n/g; s/[ \t]+/ /g' <<<"$shown")"
  [ -z "$digest" ] || grep -q "$digest" <<<"$shown" || return 1
  while IFS=$'\t' read -r keyword rest; do
    [ "$keyword" = FROM ] || grep -qF -- "$keyword $(sed -E 's/[ \t]+/ /g; s/"/\\"/g' <<<"$rest")" \
      <<<"$shown" || return 1
  done < <(ModelfileLines "$file")
}

# CreateModel URL NAME: creates it from engine/models/NAME unless the engine has it as described.
CreateModel() {
  local url="$1" name="$2" folder="$ENGINE_HOME/models/$2" from digest="" body answer
  from="$(ModelfileFrom "$folder/Modelfile")"
  case "$from" in
    ./*)
      [ -r "$folder/$from" ] || { Say "missing: $folder/$from"; return 1; }
      digest="$(sha256sum "$folder/$from" | cut -d' ' -f1)" ;;
  esac
  IsCurrent "$url" "$name" "$folder/Modelfile" "$digest" && return 0
  body="$(CreateBody "$name" "$folder/Modelfile" "$digest")" || return 1
  Say "creating the model $name from engine/models/$name/Modelfile"
  if [ -n "$digest" ]; then
    Ask "$url" "/api/blobs/sha256:$digest" --head --max-time 20 >/dev/null ||
      Ask "$url" "/api/blobs/sha256:$digest" --max-time "$CREATE_LIMIT_SECONDS" -X POST \
        -T "$folder/$from" >/dev/null || { Say "$url did not take the weights of $name"; return 1; }
  fi
  answer="$(Ask "$url" /api/create --max-time "$CREATE_LIMIT_SECONDS" --data "$body")" &&
    grep -q '"success"' <<<"$answer" && return 0
  Say "$url did not create $name: ${answer:-no answer}"
  return 1
}

# PullModel URL NAME: fetches a model of Ollama's library. The answer is a line per step and many
# per second while bytes arrive; failures come as a line too, and the last line decides.
PullModel() {
  local line last="no answer" said=-10 done_bytes total
  Say "pulling $2 from Ollama's library"
  while IFS= read -r line || [ -n "$line" ]; do
    last="$line"
    [[ $((SECONDS - said)) -ge 10 && "$line" =~ \"total\":([0-9]+) ]] || continue
    total="${BASH_REMATCH[1]}" said="$SECONDS" done_bytes=0
    [[ "$line" =~ \"completed\":([0-9]+) ]] && done_bytes="${BASH_REMATCH[1]}"
    Say "pulling $2: $((done_bytes / 1000000)) of $((total / 1000000)) MB"
  done < <(Ask "$1" /api/pull --max-time "$PULL_LIMIT_SECONDS" --no-buffer \
    --data "{\"model\":$(JsonString "$2")}")
  grep -q '"success"' <<<"$last" && return 0
  Say "could not pull $2: $last"
  return 1
}

# Creates what the engine lacks. $2 says whether the engine is ours: on another's, the stand-in is
# created only if a deployment's model is missing.
EnsureModels() {
  local url="$1" ours="$2" names from
  names="$(ModelNames "$url")"
  from="$(ModelfileFrom "$ENGINE_HOME/models/$TEXT_DEFAULT/Modelfile")"
  if ! HasModel "$names" "$TEXT_DEFAULT" && HasModel "$names" "$from"; then
    CreateModel "$url" "$TEXT_DEFAULT" || return 1
  fi
  [ -z "$ours" ] && HasModel "$names" "$VISION_DEFAULT" && return 0
  CreateModel "$url" "$STAND_IN"
}

# ChooseModels URL: prints VISION_MODEL= and TEXT_MODEL= lines, and for each whether a smaller one
# stands in; says the same in words. False when the engine has no model to offer.
ChooseModels() {
  local names vision="" text="" vision_stands_in=0 text_stands_in=0
  names="$(ModelNames "$1")"
  if HasModel "$names" "$VISION_DEFAULT"; then vision="$VISION_DEFAULT"
  elif HasModel "$names" "$STAND_IN"; then vision="$STAND_IN" vision_stands_in=1; fi
  if HasModel "$names" "$TEXT_DEFAULT"; then text="$TEXT_DEFAULT"
  elif [ -n "$vision" ]; then text="$vision" text_stands_in=1; fi
  SayChoice pictures "$VISION_DEFAULT" "$vision"
  SayChoice text "$TEXT_DEFAULT" "$text"
  printf 'VISION_MODEL=%s\nVISION_MODEL_STANDS_IN=%s\nTEXT_MODEL=%s\nTEXT_MODEL_STANDS_IN=%s\n' \
    "$vision" "$vision_stands_in" "$text" "$text_stands_in"
  [ -n "$vision" ] && [ -n "$text" ]
}

SayChoice() {
  if [ "$2" = "$3" ]; then Say "model for $1: $3"
  elif [ -n "$3" ]; then Say "model for $1: $3 stands in for $2, which this engine does not have"
  else Say "model for $1: none; this engine has neither $2 nor $STAND_IN"; fi
}

RunModels() {
  local url base name
  RequireCurl || exit "$EXIT_FAILED"
  url="$(CurrentUrl)" || Fail "$EXIT_FAILED" "no engine answers; start one with: engine start"
  if [ -n "$PULL" ]; then
    base="$(ModelfileFrom "$ENGINE_HOME/models/$TEXT_DEFAULT/Modelfile")"
    for name in "$VISION_DEFAULT" "$base"; do
      PullModel "$url" "$name" || exit "$EXIT_NO_MODEL"
    done
    CreateModel "$url" "$TEXT_DEFAULT" || exit "$EXIT_NO_MODEL"
  fi
  ModelNames "$url" | sed 's/^/engine: has /' >&2
  ChooseModels "$url" || exit "$EXIT_NO_MODEL"
}

RunCreate() {
  local url from
  [ -r "$ENGINE_HOME/models/${OPERAND:-none}/Modelfile" ] ||
    Fail "$EXIT_USAGE" "create needs one of: $(cd "$ENGINE_HOME/models" && echo *)"
  RequireCurl || exit "$EXIT_FAILED"
  url="$(CurrentUrl)" || Fail "$EXIT_FAILED" "no engine answers; start one with: engine start"
  # Ollama would fetch a missing base by itself, gigabytes without a word.
  from="$(ModelfileFrom "$ENGINE_HOME/models/$OPERAND/Modelfile")"
  case "$from" in
    ./*) ;;
    *) HasModel "$(ModelNames "$url")" "$from" ||
         Fail "$EXIT_NO_MODEL" "$OPERAND is made from $from, which this engine does not have" \
           "fetch it with: engine models --pull" ;;
  esac
  CreateModel "$url" "$OPERAND" || exit "$EXIT_NO_MODEL"
  Say "$OPERAND is ready at $url"
}
