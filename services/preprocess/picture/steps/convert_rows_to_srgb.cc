// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "services/preprocess/picture/icc_conversion.h"
#include "services/preprocess/picture/steps/steps.h"

namespace tessera::preprocess {
namespace {

std::vector<uint8_t> Tripled(const std::vector<uint8_t>& gray) {
  std::vector<uint8_t> rgb;
  rgb.reserve(gray.size() * 3);
  for (const uint8_t sample : gray) rgb.insert(rgb.end(), 3, sample);
  return rgb;
}

// By libvips' idea of a press.
std::vector<uint8_t> ConvertInks(const PixelBuffer& inks) {
  const vips::VImage rgb =
      vips::VImage::new_from_memory(const_cast<uint8_t*>(inks.samples.data()), inks.samples.size(),
                                    static_cast<int>(inks.width_px),
                                    static_cast<int>(inks.height_px), 4, VIPS_FORMAT_UCHAR)
          .copy(vips::VImage::option()->set("interpretation", VIPS_INTERPRETATION_CMYK))
          .colourspace(VIPS_INTERPRETATION_sRGB)
          .cast(VIPS_FORMAT_UCHAR)
          .copy_memory();
  const auto* samples = static_cast<const uint8_t*>(rgb.data());
  return {samples, samples + inks.samples.size() / 4 * 3};
}

std::vector<uint8_t> WithoutProfile(PixelBuffer pixels) {
  switch (pixels.channels) {
    case 1:
      return Tripled(pixels.samples);
    case 4:
      return ConvertInks(pixels);
    default:
      return std::move(pixels.samples);
  }
}

}  // namespace

absl::Status ConvertRowsToSrgb(Work& work) {
  PixelBuffer& pixels = work.buffers[0];
  std::optional<std::vector<uint8_t>> rgb;
  if (work.has_foreign_profile) {
    rgb = ConvertByProfile(work.icc_profile, {.color_space = work.result.source.color_space,
                                              .samples = pixels.samples.data(),
                                              .count = pixels.samples.size() / pixels.channels});
  }
  if (!rgb) rgb = WithoutProfile(std::move(pixels));
  pixels = {work.target.width_px, work.target.height_px, 3, *std::move(rgb)};
  work.layout = SampleLayout::kRgbInterleaved;
  return absl::OkStatus();
}

}  // namespace tessera::preprocess
