// SPDX-License-Identifier: Apache-2.0
#include "cli/quantities.h"

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <charconv>
#include <cmath>

#include "common/status/error.h"

namespace tessera::cli {
namespace {

constexpr absl::Duration kLongestTimeout = absl::Hours(24);

std::optional<absl::Duration> Parse(const std::string& text) {
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error == std::errc() && end == text.data() + text.size()) return absl::Seconds(seconds);
  absl::Duration duration;
  if (absl::ParseDuration(text, &duration)) return duration;
  return std::nullopt;
}

}  // namespace

absl::StatusOr<absl::Duration> ParseTimeout(std::string_view text) {
  const std::optional<absl::Duration> parsed = Parse(std::string(text));
  if (!parsed) {
    return InvalidField("--timeout", fmt::format("{} is not a duration such as 90s or 2m", text));
  }
  // Written so that it also refuses what is not a number.
  if (!(*parsed > absl::ZeroDuration() && *parsed <= kLongestTimeout)) {
    return InvalidField("--timeout", "must be more than 0 and at most 24h");
  }
  return *parsed;
}

absl::StatusOr<uint64_t> ParseSize(std::string_view option, std::string_view text) {
  struct Unit {
    std::string_view name;
    double bytes;
  };
  constexpr double kKibi = 1024;
  constexpr auto kUnits = std::to_array<Unit>({{"", 1},
                                               {"b", 1},
                                               {"k", kKibi},
                                               {"kib", kKibi},
                                               {"kb", 1e3},
                                               {"m", kKibi * kKibi},
                                               {"mib", kKibi * kKibi},
                                               {"mb", 1e6},
                                               {"g", kKibi * kKibi * kKibi},
                                               {"gib", kKibi * kKibi * kKibi},
                                               {"gb", 1e9},
                                               {"t", kKibi * kKibi * kKibi * kKibi},
                                               {"tib", kKibi * kKibi * kKibi * kKibi},
                                               {"tb", 1e12}});
  const absl::Status refused =
      InvalidField(option, fmt::format("{} is not a size such as 8GiB or 8192MiB", text));
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return refused;
  std::string unit;
  for (const char* at = end; at != text.data() + text.size(); ++at) {
    if (*at != ' ') unit += static_cast<char>(std::tolower(static_cast<unsigned char>(*at)));
  }
  for (const Unit& known : kUnits) {
    if (known.name != unit) continue;
    const double bytes = number * known.bytes;
    if (!(bytes >= 1 && bytes <= 1125899906842624.0)) return refused;
    return static_cast<uint64_t>(bytes);
  }
  return refused;
}

std::string DurationText(absl::Duration duration) {
  const double seconds = absl::ToDoubleSeconds(duration);
  if (seconds < 0.99995) return fmt::format("{:.1f} ms", seconds * 1e3);
  if (seconds < 99.995) return fmt::format("{:.2f} s", seconds);
  const int64_t whole = std::llround(seconds);
  return fmt::format("{} min {:02} s", whole / 60, whole % 60);
}

std::string SizeText(uint64_t bytes) {
  constexpr std::array<std::string_view, 4> kUnits = {"KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024) return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes) / 1024;
  size_t unit = 0;
  while (value >= 1023.95 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string NumberText(uint64_t number) {
  std::string text = fmt::to_string(number);
  for (int at = static_cast<int>(text.size()) - 3; at > 0; at -= 3) text.insert(at, ",");
  return text;
}

std::string CountText(uint64_t count, std::string_view singular) {
  return fmt::format("{} {}{}", count, singular, count == 1 ? "" : "s");
}

std::string ConfidenceText(std::optional<double> confidence) {
  return confidence ? fmt::format("{:.1f} %", *confidence * 100) : "-";
}

std::string HexText(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

}  // namespace tessera::cli
