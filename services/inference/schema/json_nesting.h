// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_INFERENCE_SCHEMA_JSON_NESTING_H_
#define TESSERA_SERVICES_INFERENCE_SCHEMA_JSON_NESTING_H_

#include <algorithm>
#include <string_view>

namespace tessera::inference {

// How deep arrays and objects lie within each other in `json`, which need not be JSON: known before
// anything recursive touches it.
inline int NestingOf(std::string_view json) {
  int depth = 0;
  int deepest = 0;
  bool in_text = false;
  for (size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_text) {
      if (c == '\\') ++i;
      if (c == '"') in_text = false;
    } else if (c == '"') {
      in_text = true;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return deepest;
}

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_SCHEMA_JSON_NESTING_H_
