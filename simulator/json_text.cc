// SPDX-License-Identifier: Apache-2.0
#include "simulator/json_text.h"

#include <array>

#include "simulator/text.h"

namespace tessera::simulator {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

constexpr std::array<bool, 256> MakeNeedsEscape() {
  std::array<bool, 256> table{};
  for (int i = 0; i < 0x20; ++i) table[i] = true;
  for (const char c : {'"', '\\', '<', '>', '&'}) table[static_cast<unsigned char>(c)] = true;
  table[0xe2] = true;  // may begin U+2028 or U+2029
  return table;
}
constexpr std::array<bool, 256> kNeedsEscape = MakeNeedsEscape();

// The length of the valid UTF-8 character at the start of `text`; 0 when it is invalid.
size_t Utf8Length(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto follows = [&](size_t i) { return i < text.size() && (byte(i) & 0xc0) == 0x80; };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    if (!follows(1) || !follows(2)) return 0;
    if (first == 0xe0 && byte(1) < 0xa0) return 0;
    if (first == 0xed && byte(1) >= 0xa0) return 0;
    return 3;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    if (!follows(1) || !follows(2) || !follows(3)) return 0;
    if (first == 0xf0 && byte(1) < 0x90) return 0;
    if (first == 0xf4 && byte(1) >= 0x90) return 0;
    return 4;
  }
  return 0;
}

void AppendEscape(std::string& out, unsigned char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    default:
      out += "\\u00";
      out += kHex[c >> 4];
      out += kHex[c & 15];
  }
}

}  // namespace

void AppendQuoted(std::string& out, std::string_view text) {
  out += '"';
  size_t plain_from = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (!kNeedsEscape[c]) {
      continue;
    }
    if (c == 0xe2) {
      const std::string_view character = text.substr(i, 3);
      if (character == "\xe2\x80\xa8" || character == "\xe2\x80\xa9") {
        out.append(text, plain_from, i - plain_from);
        out += character.back() == '\xa8' ? "\\u2028" : "\\u2029";
        i += 2;
        plain_from = i + 1;
      }
      continue;
    }
    out.append(text, plain_from, i - plain_from);
    AppendEscape(out, c);
    plain_from = i + 1;
  }
  out.append(text, plain_from, text.size() - plain_from);
  out += '"';
}

std::string Quoted(std::string_view text) {
  std::string out;
  AppendQuoted(out, text);
  return out;
}

std::string ValidUtf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const size_t length = Utf8Length(text);
    if (length == 0) {
      out += "\xef\xbf\xbd";
      text.remove_prefix(1);
    } else {
      out.append(text.substr(0, length));
      text.remove_prefix(length);
    }
  }
  return out;
}

void JsonObject::Key(std::string_view key) {
  if (!first_) {
    out_ += ',';
  }
  first_ = false;
  AppendQuoted(out_, key);
  out_ += ':';
}

JsonObject& JsonObject::Add(std::string_view key, std::string_view value) {
  Key(key);
  AppendQuoted(out_, value);
  return *this;
}

JsonObject& JsonObject::Add(std::string_view key, int64_t value) {
  Key(key);
  Append(out_, value);
  return *this;
}

JsonObject& JsonObject::Add(std::string_view key, double value) {
  Key(key);
  Append(out_, value);
  return *this;
}

JsonObject& JsonObject::Add(std::string_view key, bool value) {
  return AddRaw(key, value ? "true" : "false");
}

JsonObject& JsonObject::Add(std::string_view key, const std::vector<std::string>& values) {
  Key(key);
  out_ += '[';
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0) {
      out_ += ',';
    }
    AppendQuoted(out_, values[i]);
  }
  out_ += ']';
  return *this;
}

JsonObject& JsonObject::AddRaw(std::string_view key, std::string_view json) {
  Key(key);
  out_ += json;
  return *this;
}

JsonObject& JsonObject::AddNonZero(std::string_view key, int64_t value) {
  return value == 0 ? *this : Add(key, value);
}

JsonObject& JsonObject::AddNonEmpty(std::string_view key, std::string_view value) {
  return value.empty() ? *this : Add(key, value);
}

}  // namespace tessera::simulator
