// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <utility>

#include "services/preprocess/picture/rows/row_flattener.h"
#include "services/preprocess/picture/steps/steps.h"

namespace tessera::preprocess {
absl::Status Flatten(Work& work) {
  const auto width = static_cast<uint32_t>(work.image.width());
  const auto height = static_cast<uint32_t>(work.image.height());
  const auto* from = static_cast<const uint8_t*>(work.image.data());
  PixelBuffer pixels = PixelBuffer::Make(width, height, 3);
  uint8_t* to = pixels.samples.data();
  if (work.image.bands() == 3) {
    std::memcpy(to, from, pixels.samples.size());
  } else {
    FlattenRow(from, 4, size_t{width} * height, work.options.background, to);
  }
  work.buffers.push_back(std::move(pixels));
  work.layout = SampleLayout::kRgbInterleaved;
  work.image = vips::VImage();
  return absl::OkStatus();
}

}  // namespace tessera::preprocess
