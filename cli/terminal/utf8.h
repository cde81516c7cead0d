// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_TERMINAL_UTF8_H_
#define TESSERA_CLI_TERMINAL_UTF8_H_

#include <string_view>

namespace tessera::cli {

// What a text begins with.
struct Utf8Step {
  enum class Kind { kCharacter, kIncomplete, kInvalid };
  Kind kind = Kind::kInvalid;
  char32_t character = 0;  // kCharacter only.
  int size = 1;            // Bytes that make it up; 1 for kInvalid.
};

// Looks at the first character of `text`, which must not be empty. Overlong forms, surrogates and
// values above U+10FFFF are invalid. kIncomplete: the text ends inside a character.
Utf8Step FirstUtf8(std::string_view text);

bool IsValidUtf8(std::string_view text);

}  // namespace tessera::cli

#endif  // TESSERA_CLI_TERMINAL_UTF8_H_
