// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/output_size.h"

#include <algorithm>

namespace tessera::preprocess {

OutputSize FitWithin(uint32_t width_px, uint32_t height_px, uint32_t max_side_px) {
  const uint32_t long_side = std::max(width_px, height_px);
  if (long_side <= max_side_px) return {width_px, height_px};
  const auto scaled = [&](uint32_t side) {
    const uint64_t nearest = (uint64_t{side} * max_side_px * 2 + long_side) / (2ull * long_side);
    return static_cast<uint32_t>(std::max<uint64_t>(1, nearest));
  };
  return {scaled(width_px), scaled(height_px)};
}

int JpegShrink(uint32_t width_px, uint32_t height_px, OutputSize target) {
  for (int shrink : {8, 4, 2}) {
    const uint64_t headroom = 2ull * static_cast<uint64_t>(shrink);
    if (width_px >= headroom * target.width_px && height_px >= headroom * target.height_px) {
      return shrink;
    }
  }
  return 1;
}

}  // namespace tessera::preprocess
