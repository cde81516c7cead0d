// SPDX-License-Identifier: Apache-2.0
#include "simulator/go_duration.h"

#include <utility>

#include "simulator/json_text.h"
#include "simulator/text.h"

namespace tessera::simulator {
namespace {

constexpr std::pair<std::string_view, absl::Duration (*)(double)> kUnits[] = {
    {"ns", [](double n) { return absl::Nanoseconds(n); }},
    {"us", [](double n) { return absl::Microseconds(n); }},
    {"\xc2\xb5s", [](double n) { return absl::Microseconds(n); }},
    {"ms", [](double n) { return absl::Milliseconds(n); }},
    {"s", [](double n) { return absl::Seconds(n); }},
    {"m", [](double n) { return absl::Minutes(n); }},
    {"h", [](double n) { return absl::Hours(n); }},
};

}  // namespace

bool ParseGoDuration(std::string_view text, absl::Duration* duration, std::string* error) {
  const auto fail = [&](std::string_view what) {
    *error = Concat("time: ", what, " ", Quoted(text));
    return false;
  };
  std::string_view rest = text;
  const bool negative = ConsumePrefix(rest, "-");
  if (!negative) {
    ConsumePrefix(rest, "+");
  }
  *duration = absl::ZeroDuration();
  if (rest == "0") {
    return true;
  }
  if (rest.empty()) {
    return fail("invalid duration");
  }
  while (!rest.empty()) {
    size_t digits = 0;
    while (digits < rest.size() && (IsDigit(rest[digits]) || rest[digits] == '.')) {
      ++digits;
    }
    double number;
    if (digits == 0 || !ParseNumber(rest.substr(0, digits), &number)) {
      return fail("invalid duration");
    }
    rest.remove_prefix(digits);
    size_t unit_length = 0;
    while (unit_length < rest.size() && rest[unit_length] != '.' && !IsDigit(rest[unit_length])) {
      ++unit_length;
    }
    if (unit_length == 0) {
      return fail("missing unit in duration");
    }
    const std::string_view unit = rest.substr(0, unit_length);
    rest.remove_prefix(unit_length);
    bool known = false;
    for (const auto& [name, make] : kUnits) {
      if (name == unit) {
        *duration += make(number);
        known = true;
      }
    }
    if (!known) {
      return fail(Concat("unknown unit ", Quoted(unit), " in duration"));
    }
  }
  if (negative) {
    *duration = -*duration;
  }
  return true;
}

absl::Duration KeepAliveFromSeconds(double seconds) {
  return seconds < 0 ? absl::InfiniteDuration() : absl::Seconds(seconds);
}

}  // namespace tessera::simulator
