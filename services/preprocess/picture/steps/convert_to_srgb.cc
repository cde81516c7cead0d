// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <optional>
#include <vector>

#include "common/status/status_macros.h"
#include "services/preprocess/picture/icc_conversion.h"
#include "services/preprocess/picture/steps/steps.h"
#include "services/preprocess/picture/vips_evaluate.h"

namespace tessera::preprocess {
namespace {

vips::VImage ToVips(const std::vector<uint8_t>& rgb, int width, int height) {
  void* samples = g_malloc(rgb.size());
  std::memcpy(samples, rgb.data(), rgb.size());
  return vips::VImage::new_from_memory_steal(samples, rgb.size(), width, height, 3,
                                             VIPS_FORMAT_UCHAR)
      .copy(vips::VImage::option()->set("interpretation", VIPS_INTERPRETATION_sRGB));
}

// `color` lies in memory. Nothing when its profile is of no use.
std::optional<vips::VImage> ByProfile(vips::VImage color, const Work& work) {
  const bool deep = color.format() == VIPS_FORMAT_USHORT;
  if (!deep && color.format() != VIPS_FORMAT_UCHAR) return std::nullopt;
  const auto rgb = ConvertByProfile(
      work.icc_profile,
      {.color_space = work.result.source.color_space,
       .bits_per_channel = deep ? 16 : 8,
       .samples = color.data(),
       .count = static_cast<size_t>(color.width()) * static_cast<size_t>(color.height())});
  if (!rgb) return std::nullopt;
  return ToVips(*rgb, color.width(), color.height());
}

}  // namespace

absl::Status ConvertToSrgb(Work& work) {
  const SourceInfo& source = work.result.source;
  const bool eight_bit_rgb =
      source.color_space == ColorSpace::kRgb && work.image.format() == VIPS_FORMAT_UCHAR;
  if (eight_bit_rgb && !work.has_foreign_profile) return absl::OkStatus();

  vips::VImage color = work.image;
  std::optional<vips::VImage> alpha;
  if (source.has_alpha) {
    const int colors = color.bands() - 1;
    // Every unit of alpha at 8 bits is 257 of them at 16.
    const double to_eight_bits = color.format() == VIPS_FORMAT_USHORT ? 1.0 / 257 : 1;
    alpha = color.extract_band(colors).linear(to_eight_bits, 0).rint().cast(VIPS_FORMAT_UCHAR);
    color = color.extract_band(0, vips::VImage::option()->set("n", colors));
  }
  std::optional<vips::VImage> converted;
  if (work.has_foreign_profile) {
    TESSERA_ASSIGN_OR_RETURN(color, Evaluate(color, work.cancelled));
    converted = ByProfile(color, work);
  }
  if (!converted) converted = color.colourspace(VIPS_INTERPRETATION_sRGB);
  color = converted->cast(VIPS_FORMAT_UCHAR);
  if (alpha) color = color.bandjoin(*alpha);
  TESSERA_ASSIGN_OR_RETURN(work.image, Evaluate(color, work.cancelled));
  return absl::OkStatus();
}

}  // namespace tessera::preprocess
