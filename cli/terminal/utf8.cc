// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal/utf8.h"

namespace tessera::cli {
namespace {

constexpr Utf8Step kInvalid{.kind = Utf8Step::Kind::kInvalid};

}  // namespace

Utf8Step FirstUtf8(std::string_view text) {
  const auto byte = [&](int i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {.kind = Utf8Step::Kind::kCharacter, .character = first, .size = 1};
  const int size = first >= 0xC2 && first < 0xE0   ? 2
                   : first >= 0xE0 && first < 0xF0 ? 3
                   : first >= 0xF0 && first < 0xF5 ? 4
                                                   : 0;
  if (size == 0) return kInvalid;
  // The second byte alone rules out overlong forms, surrogates and values that are too large.
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (first == 0xE0) low = 0xA0;
  if (first == 0xED) high = 0x9F;
  if (first == 0xF0) low = 0x90;
  if (first == 0xF4) high = 0x8F;
  char32_t character = first & (0xFF >> (size + 1));
  for (int i = 1; i < size; ++i) {
    if (i >= static_cast<int>(text.size())) {
      return {.kind = Utf8Step::Kind::kIncomplete, .size = static_cast<int>(text.size())};
    }
    if (byte(i) < low || byte(i) > high) return kInvalid;
    low = 0x80;
    high = 0xBF;
    character = (character << 6) | (byte(i) & 0x3F);
  }
  return {.kind = Utf8Step::Kind::kCharacter, .character = character, .size = size};
}

bool IsValidUtf8(std::string_view text) {
  while (!text.empty()) {
    const Utf8Step step = FirstUtf8(text);
    if (step.kind != Utf8Step::Kind::kCharacter) return false;
    text.remove_prefix(step.size);
  }
  return true;
}

}  // namespace tessera::cli
