// SPDX-License-Identifier: Apache-2.0
//
// Writes JSON the way Go's encoder does: <, > and & as escapes, control characters as escapes,
// everything else as it is. Appending to a string is all an answer needs, and it is fast.
#ifndef TESSERA_SIMULATOR_JSON_TEXT_H_
#define TESSERA_SIMULATOR_JSON_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::simulator {

// Appends `text` quoted and escaped.
void AppendQuoted(std::string& out, std::string_view text);
std::string Quoted(std::string_view text);

// Replaces every invalid byte by U+FFFD.
std::string ValidUtf8(std::string_view text);

// Writes one JSON object or array, with the commas in the right places:
//   JsonObject(out).Add("a", 1).Add("b", "x").Close();
class JsonObject {
 public:
  explicit JsonObject(std::string& out) : out_(out) { out_ += '{'; }
  JsonObject& Add(std::string_view key, std::string_view value);
  JsonObject& Add(std::string_view key, const char* value) {
    return Add(key, std::string_view(value));
  }
  JsonObject& Add(std::string_view key, int64_t value);
  JsonObject& Add(std::string_view key, uint64_t value) {
    return Add(key, static_cast<int64_t>(value));
  }
  JsonObject& Add(std::string_view key, int value) { return Add(key, static_cast<int64_t>(value)); }
  JsonObject& Add(std::string_view key, double value);
  JsonObject& Add(std::string_view key, bool value);
  JsonObject& Add(std::string_view key, const std::vector<std::string>& values);
  // `json` is JSON already.
  JsonObject& AddRaw(std::string_view key, std::string_view json);
  // Go's omitempty: zero and empty values leave no trace.
  JsonObject& AddNonZero(std::string_view key, int64_t value);
  JsonObject& AddNonEmpty(std::string_view key, std::string_view value);
  void Close() { out_ += '}'; }

 private:
  void Key(std::string_view key);

  std::string& out_;
  bool first_ = true;
};

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_JSON_TEXT_H_
