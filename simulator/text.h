// SPDX-License-Identifier: Apache-2.0
//
// Putting text together and taking it apart, for std::string_view.
#ifndef TESSERA_SIMULATOR_TEXT_H_
#define TESSERA_SIMULATOR_TEXT_H_

#include <charconv>
#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace tessera::simulator {

inline void AppendOne(std::string& out, std::string_view text) { out.append(text); }

template <typename Number>
requires std::is_arithmetic_v<Number>
void AppendOne(std::string& out, Number number) {
  char digits[32];
  out.append(digits, std::to_chars(digits, digits + sizeof(digits), number).ptr);
}

// Appends texts and numbers one after the other; a char is a number.
template <typename... Parts>
void Append(std::string& out, const Parts&... parts) {
  (AppendOne(out, parts), ...);
}

template <typename... Parts>
std::string Concat(const Parts&... parts) {
  std::string out;
  Append(out, parts...);
  return out;
}

// Reads the whole of `text` as a number of `base` (for integers only).
template <std::integral Number>
bool ParseNumber(std::string_view text, Number* number, int base = 10) {
  const auto result = std::from_chars(text.data(), text.data() + text.size(), *number, base);
  return result.ec == std::errc() && result.ptr == text.data() + text.size();
}
template <std::floating_point Number>
bool ParseNumber(std::string_view text, Number* number) {
  const auto result = std::from_chars(text.data(), text.data() + text.size(), *number);
  return result.ec == std::errc() && result.ptr == text.data() + text.size();
}

// Takes `prefix` off the front of `text` if it is there.
inline bool ConsumePrefix(std::string_view& text, std::string_view prefix) {
  const bool there = text.starts_with(prefix);
  if (there) text.remove_prefix(prefix.size());
  return there;
}

// ASCII only, whatever the locale.
bool IsBlank(char c);
bool IsDigit(char c);
std::string Lower(std::string_view text);
std::string Upper(std::string_view text);
bool EqualsIgnoreCase(std::string_view a, std::string_view b);
std::string_view StripBlanks(std::string_view text);

// Cuts at every character that is in `separators`, at most `most` times (-1: no limit).
std::vector<std::string_view> Split(std::string_view text, std::string_view separators,
                                    int most = -1);

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_TEXT_H_
