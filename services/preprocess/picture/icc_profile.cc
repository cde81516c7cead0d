// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/icc_profile.h"

#include <cmath>

#include "services/preprocess/picture/byte_reader.h"

namespace tessera::preprocess {
namespace {

constexpr size_t kHeaderBytes = 128;
constexpr uint64_t kMaxTags = 200;

// The tag with this four-letter name; empty when there is none.
std::string_view FindTag(std::string_view profile, std::string_view name) {
  const auto count = ReadBigEndian(profile, kHeaderBytes, 4);
  if (!count || *count > kMaxTags) return {};
  for (uint64_t i = 0; i < *count; ++i) {
    const size_t entry = kHeaderBytes + 4 + i * 12;
    const auto offset = ReadBigEndian(profile, entry + 4, 4);
    const auto bytes = ReadBigEndian(profile, entry + 8, 4);
    if (!offset || !bytes) return {};
    if (profile.substr(entry, 4) != name) continue;
    if (*offset > profile.size() || *bytes > profile.size() - *offset) return {};
    return profile.substr(*offset, *bytes);
  }
  return {};
}

std::optional<double> Fixed(std::string_view tag, size_t at) {
  const auto raw = ReadBigEndian(tag, at, 4);
  if (!raw) return std::nullopt;
  return static_cast<int32_t>(static_cast<uint32_t>(*raw)) / 65536.0;
}

bool IsXyz(std::string_view profile, std::string_view name, const double (&expected)[3]) {
  const std::string_view tag = FindTag(profile, name);
  if (!tag.starts_with("XYZ ")) return false;
  for (size_t i = 0; i < 3; ++i) {
    const auto value = Fixed(tag, 8 + 4 * i);
    if (!value || std::abs(*value - expected[i]) > 0.002) return false;
  }
  return true;
}

double SrgbToLinear(double v) {
  return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
}

// The slope of the sRGB curve, for turning an error in light into one in code values.
double SrgbSlope(double v) {
  return v <= 0.04045 ? 1 / 12.92 : 2.4 / 1.055 * std::pow((v + 0.055) / 1.055, 1.4);
}

// What a curve tag makes of `v`; nothing when the tag is of a kind that is not understood.
std::optional<double> ApplyCurve(std::string_view tag, double v) {
  if (tag.starts_with("curv")) {
    const auto count = ReadBigEndian(tag, 8, 4);
    if (!count || *count == 0 || *count > 65536) return std::nullopt;
    if (*count == 1) {
      const auto gamma = ReadBigEndian(tag, 12, 2);
      if (!gamma) return std::nullopt;
      return std::pow(v, static_cast<double>(*gamma) / 256);
    }
    const double position = v * static_cast<double>(*count - 1);
    const auto index = std::min<uint64_t>(static_cast<uint64_t>(position), *count - 2);
    const auto low = ReadBigEndian(tag, 12 + 2 * index, 2);
    const auto high = ReadBigEndian(tag, 14 + 2 * index, 2);
    if (!low || !high) return std::nullopt;
    const double part = position - static_cast<double>(index);
    return ((1 - part) * static_cast<double>(*low) + part * static_cast<double>(*high)) / 65535;
  }
  if (tag.starts_with("para")) {
    const auto kind = ReadBigEndian(tag, 8, 2);
    const auto g = Fixed(tag, 12), a = Fixed(tag, 16), b = Fixed(tag, 20), c = Fixed(tag, 24),
               d = Fixed(tag, 28);
    if (!kind || *kind != 3 || !g || !a || !b || !c || !d) return std::nullopt;
    return v >= *d ? std::pow(*a * v + *b, *g) : *c * v;
  }
  return std::nullopt;
}

bool IsSrgbCurve(std::string_view profile, std::string_view name) {
  const std::string_view tag = FindTag(profile, name);
  for (int code = 0; code <= 255; ++code) {
    const double v = code / 255.0;
    const auto light = ApplyCurve(tag, v);
    if (!light || std::isnan(*light)) return false;
    if (std::abs(*light - SrgbToLinear(v)) > SrgbSlope(v) * 0.5 / 255) return false;
  }
  return true;
}

}  // namespace

std::optional<ColorSpace> IccColorSpace(std::string_view profile) {
  if (profile.size() < kHeaderBytes || profile.substr(36, 4) != "acsp") return std::nullopt;
  const std::string_view space = profile.substr(16, 4);
  if (space == "RGB ") return ColorSpace::kRgb;
  if (space == "GRAY") return ColorSpace::kGray;
  if (space == "CMYK") return ColorSpace::kCmyk;
  if (space == "Lab ") return ColorSpace::kLab;
  return std::nullopt;
}

bool IsSrgbProfile(std::string_view profile) {
  if (IccColorSpace(profile) != ColorSpace::kRgb) return false;
  if (!FindTag(profile, "A2B0").empty()) return false;
  // sRGB's primaries as seen under D50, the white of every profile.
  return IsXyz(profile, "rXYZ", {0.4361, 0.2225, 0.0139}) &&
         IsXyz(profile, "gXYZ", {0.3851, 0.7169, 0.0971}) &&
         IsXyz(profile, "bXYZ", {0.1431, 0.0606, 0.7141}) && IsSrgbCurve(profile, "rTRC") &&
         IsSrgbCurve(profile, "gTRC") && IsSrgbCurve(profile, "bTRC");
}

}  // namespace tessera::preprocess
