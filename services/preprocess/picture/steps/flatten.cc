// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <utility>

#include "services/preprocess/picture/steps/steps.h"

namespace tessera::preprocess {
namespace {

// Exactly rounded value / 255 for value <= 255 * 255.
constexpr uint8_t DivideBy255(uint32_t value) {
  return static_cast<uint8_t>((value + 128 + ((value + 128) >> 8)) >> 8);
}

}  // namespace

absl::Status Flatten(Work& work) {
  const auto width = static_cast<uint32_t>(work.image.width());
  const auto height = static_cast<uint32_t>(work.image.height());
  const auto* from = static_cast<const uint8_t*>(work.image.data());
  PixelBuffer pixels = PixelBuffer::Make(width, height, 3);
  uint8_t* to = pixels.samples.data();
  if (work.image.bands() == 3) {
    std::memcpy(to, from, pixels.samples.size());
  } else {
    const Rgb& background = work.options.background;
    const uint8_t behind[3] = {background.red, background.green, background.blue};
    for (size_t i = 0; i < size_t{width} * height; ++i, from += 4, to += 3) {
      const uint32_t alpha = from[3];
      for (int c = 0; c < 3; ++c) to[c] = DivideBy255(from[c] * alpha + behind[c] * (255 - alpha));
    }
  }
  work.buffers.push_back(std::move(pixels));
  work.layout = SampleLayout::kRgbInterleaved;
  work.image = vips::VImage();
  return absl::OkStatus();
}

}  // namespace tessera::preprocess
