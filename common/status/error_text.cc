// SPDX-License-Identifier: Apache-2.0
#include "common/status/error_text.h"

#include <cstdint>

namespace tessera {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

bool IsContinuation(char c) { return (static_cast<uint8_t>(c) & 0xC0) == 0x80; }

// Length of the character that `text` begins with; 0 when it begins with none. Overlong forms,
// surrogates and what is beyond U+10FFFF are none.
size_t CharacterLength(std::string_view text) {
  const auto first = static_cast<uint8_t>(text.front());
  if (first < 0x80) return 1;
  const size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if (!IsContinuation(text[i])) return 0;
  }
  const auto second = static_cast<uint8_t>(text[1]);
  const bool outside = (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
                       (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
  return outside ? 0 : length;
}

}  // namespace

std::string ErrorText(std::string_view text, size_t max_bytes) {
  std::string result;
  while (!text.empty()) {
    const size_t length = CharacterLength(text);
    const std::string_view piece = length > 0 ? text.substr(0, length) : kReplacement;
    if (result.size() + piece.size() > max_bytes) return result + "...";
    result += piece;
    text.remove_prefix(length > 0 ? length : 1);
  }
  return result;
}

}  // namespace tessera
