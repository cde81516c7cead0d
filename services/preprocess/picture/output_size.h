// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_OUTPUT_SIZE_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_OUTPUT_SIZE_H_

#include <cstdint>

namespace tessera::preprocess {

struct OutputSize {
  uint32_t width_px = 0;
  uint32_t height_px = 0;

  friend bool operator==(const OutputSize&, const OutputSize&) = default;
};

// The sides of a picture scaled so that its long side is at most `max_side_px`, never enlarged.
// The short side is rounded to the nearest pixel and at least 1. Both sides must be >= 1.
OutputSize FitWithin(uint32_t width_px, uint32_t height_px, uint32_t max_side_px);

// How often a JPEG decoder may halve a picture of this size on its way to `target`: the largest of
// 1, 2, 4, 8 that leaves the resampler at least twice the target in both directions. Less
// headroom is faster and costs 7 dB: the decoder's own halving is a plain box.
int JpegShrink(uint32_t width_px, uint32_t height_px, OutputSize target);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_OUTPUT_SIZE_H_
