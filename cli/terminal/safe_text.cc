// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal/safe_text.h"

#include <fmt/format.h>

#include "cli/terminal/utf8.h"

namespace tessera::cli {
namespace {

bool ReordersText(char32_t c) {
  return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x2028 && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069);
}

bool IsControl(char32_t c) { return c < 0x20 || (c >= 0x7F && c < 0xA0); }

std::string EscapeOf(char32_t c) {
  switch (c) {
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      break;
  }
  return c < 0x80 ? fmt::format("\\x{:02x}", static_cast<unsigned>(c))
                  : fmt::format("\\u{:04x}", static_cast<unsigned>(c));
}

}  // namespace

std::string SafeText::Escape(std::string_view piece) {
  held_ += piece;
  std::string_view rest = held_;
  std::string safe;
  while (!rest.empty()) {
    const Utf8Step step = FirstUtf8(rest);
    if (step.kind == Utf8Step::Kind::kIncomplete) break;
    if (step.kind == Utf8Step::Kind::kInvalid) {
      safe += fmt::format("\\x{:02x}", static_cast<unsigned char>(rest[0]));
    } else if (step.character == '\r') {
      if (rest.size() == 1) break;  // Whether it belongs to a new line is not known yet.
      if (rest[1] != '\n') safe += EscapeOf('\r');
    } else if (step.character != '\n' && step.character != '\t' &&
               (IsControl(step.character) || ReordersText(step.character))) {
      safe += EscapeOf(step.character);
    } else {
      safe += rest.substr(0, step.size);
    }
    rest.remove_prefix(step.size);
  }
  held_ = std::string(rest);
  return safe;
}

std::string SafeText::Finish() {
  std::string safe;
  if (held_ == "\r") {
    safe = EscapeOf('\r');
  } else {
    for (const char byte : held_)
      safe += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
  }
  held_.clear();
  return safe;
}

std::string SafeParagraph(std::string_view text) {
  SafeText safe;
  std::string escaped = safe.Escape(text);
  return escaped + safe.Finish();
}

std::string SafeWord(std::string_view text) {
  std::string word;
  for (const char c : SafeParagraph(text)) {
    if (c == '\n' || c == '\t') {
      word += EscapeOf(c);
    } else {
      word += c;
    }
  }
  return word;
}

}  // namespace tessera::cli
