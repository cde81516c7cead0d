# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Reads the Modelfiles of engine/models and turns them into bodies for Ollama's create call, so
# that a model can be created on any engine that has an address, with or without its program.
# Understood: FROM, PARAMETER, RENDERER, PARSER, SYSTEM (one line each) and comments.

# JsonString TEXT: a JSON string literal.
JsonString() {
  local text="${1//\\/\\\\}"
  text="${text//\"/\\\"}"
  printf '"%s"' "${text//$'\t'/\\t}"
}

# JsonValue TEXT: numbers and booleans as they are, all else as a string.
JsonValue() {
  if [[ "$1" =~ ^(-?[0-9]+(\.[0-9]+)?|true|false)$ ]]; then
    printf '%s' "$1"
  else
    JsonString "$1"
  fi
}

Unquoted() {
  local text="$1"
  case "$text" in \"*\") text="${text#\"}" text="${text%\"}" ;; esac
  printf '%s' "$text"
}

# ModelfileLines FILE: its instructions as KEYWORD<TAB>rest, comments and blank lines left out.
ModelfileLines() {
  awk '/^[ \t]*(#|$)/ { next }
       { sub(/^[ \t]+/, ""); sub(/[ \t\r]+$/, "")
         word = toupper($1); sub(/^[^ \t]+[ \t]*/, ""); print word "\t" $0 }' "$1"
}

# ModelfileFrom FILE: what its FROM names.
ModelfileFrom() { ModelfileLines "$1" | awk -F'\t' '$1 == "FROM" { print $2; exit }'; }

# CreateBody NAME MODELFILE [DIGEST]: the JSON body of POST /api/create. DIGEST is the SHA-256 of
# the weights when FROM names a file, which the engine must already hold as a blob.
CreateBody() {
  local name="$1" file="$2" digest="${3:-}" keyword rest key value stops="" parameters="" body
  body="{\"model\":$(JsonString "$name"),\"stream\":false"
  while IFS=$'\t' read -r keyword rest; do
    case "$keyword" in
      FROM)
        if [ -n "$digest" ]; then
          body+=",\"files\":{$(JsonString "${rest##*/}"):\"sha256:$digest\"}"
        else
          body+=",\"from\":$(JsonString "$rest")"
        fi ;;
      RENDERER | PARSER) body+=",\"${keyword,,}\":$(JsonString "$rest")" ;;
      SYSTEM) body+=",\"system\":$(JsonString "$(Unquoted "$rest")")" ;;
      PARAMETER)
        read -r key value <<<"$rest"
        value="$(Unquoted "$value")"
        if [ "$key" = stop ]; then
          stops+="${stops:+,}$(JsonString "$value")"
        else
          parameters+="${parameters:+,}$(JsonString "$key"):$(JsonValue "$value")"
        fi ;;
      *) Say "$file: the instruction $keyword is not one that this script can create"; return 1 ;;
    esac
  done < <(ModelfileLines "$file")
  [ -z "$stops" ] || parameters+="${parameters:+,}\"stop\":[$stops]"
  [ -z "$parameters" ] || body+=",\"parameters\":{$parameters}"
  printf '%s}' "$body"
}
