// SPDX-License-Identifier: Apache-2.0
#include "simulator/base64.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include "simulator/text.h"

namespace tessera::simulator {
namespace {

constexpr uint8_t kInvalid = 0xff;

constexpr std::array<uint8_t, 256> MakeValues() {
  std::array<uint8_t, 256> values{};
  for (auto& value : values) value = kInvalid;
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<uint8_t>(i);
  }
  return values;
}
constexpr std::array<uint8_t, 256> kValues = MakeValues();

uint8_t ValueOf(char c) { return kValues[static_cast<unsigned char>(c)]; }

bool IllegalAt(size_t at, std::string* error) {
  *error = Concat("illegal base64 data at input byte ", at);
  return false;
}

}  // namespace

bool DecodeBase64(std::string_view text, std::string* bytes, std::string* error) {
  bytes->resize(text.size() / 4 * 3 + 3);
  char* out = bytes->data();
  size_t at = 0;
  // Whole groups without padding or line breaks, which is nearly everything.
  while (at + 4 <= text.size()) {
    const uint8_t a = ValueOf(text[at]), b = ValueOf(text[at + 1]);
    const uint8_t c = ValueOf(text[at + 2]), d = ValueOf(text[at + 3]);
    if (((a | b | c | d) & 0x80) != 0) {
      break;
    }
    *out++ = static_cast<char>(a << 2 | b >> 4);
    *out++ = static_cast<char>(b << 4 | c >> 2);
    *out++ = static_cast<char>(c << 6 | d);
    at += 4;
  }
  uint32_t group = 0;
  int digits = 0;
  size_t group_start = at;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\n' || c == '\r') continue;
    if (c == '=') break;
    if (ValueOf(c) == kInvalid) return IllegalAt(at, error);
    if (digits == 0) group_start = at;
    group = group << 6 | ValueOf(c);
    if (++digits == 4) {
      *out++ = static_cast<char>(group >> 16);
      *out++ = static_cast<char>(group >> 8);
      *out++ = static_cast<char>(group);
      group = 0;
      digits = 0;
    }
  }
  if (at < text.size() || digits > 0) {
    if (digits < 2) return IllegalAt(at < text.size() ? at : group_start, error);
    const size_t padding = text.size() - at;
    if (padding != static_cast<size_t>(4 - digits) ||
        text.substr(at) != std::string_view("==").substr(0, padding)) {
      return IllegalAt(padding == 0 ? group_start : at, error);
    }
    group <<= 6 * (4 - digits);
    *out++ = static_cast<char>(group >> 16);
    if (digits == 3) *out++ = static_cast<char>(group >> 8);
  }
  bytes->resize(static_cast<size_t>(out - bytes->data()));
  return true;
}

}  // namespace tessera::simulator
